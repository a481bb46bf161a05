"""Where people and rooms are reached in Teams."""

from collections.abc import Iterable, Sequence

from sqlmodel import Session, col, select

from bot.store.tables import TeamsReferenceRow


class ReferenceTable:
    """Reads and writes of references."""

    def __init__(self, session: Session) -> None:
        """Work in this session."""
        self._session = session

    def find(self, tenant: str, native: str) -> TeamsReferenceRow | None:
        """How this person or room is reached."""
        return self._session.get(TeamsReferenceRow, (tenant, native))

    def put(self, row: TeamsReferenceRow) -> None:
        """Take up what was told; what was not, and is empty in the row, stays as it was."""
        before = self.find(row.tenant, row.native)
        if before is not None:
            row.conversation = row.conversation or before.conversation
            row.account = row.account or before.account
            row.team = row.team or before.team
        self._session.merge(row)

    def newest(self, tenant: str) -> TeamsReferenceRow | None:
        """What was told last in this organisation."""
        return self._session.exec(
            select(TeamsReferenceRow)
            .where(TeamsReferenceRow.tenant == tenant)
            .order_by(col(TeamsReferenceRow.updated_at).desc(), TeamsReferenceRow.native)
        ).first()

    def natives(self, tenant: str, accounts: Iterable[str]) -> dict[str, str]:
        """Whom these accounts mean, of those that are known."""
        rows = self._session.exec(
            select(TeamsReferenceRow.account, TeamsReferenceRow.native).where(
                TeamsReferenceRow.tenant == tenant,
                col(TeamsReferenceRow.account).in_(set(accounts)),
                TeamsReferenceRow.account != TeamsReferenceRow.native,
            )
        )
        return dict(rows.all())

    def rooms(self, tenant: str, team: str) -> Sequence[str]:
        """The channels of a team, of those that are known."""
        return self._session.exec(
            select(TeamsReferenceRow.native)
            .where(TeamsReferenceRow.tenant == tenant, TeamsReferenceRow.team == team)
            .order_by(TeamsReferenceRow.native)
        ).all()
