"""Private addresses, by the hashes of their tokens."""

from collections.abc import Collection

from sqlmodel import Session, col, delete, select

from bot.core.effect import Grant
from bot.core.event import GroupId, PersonId
from bot.store.tables import AddressRow


class AddressTable:
    """Reads and writes of private addresses."""

    def __init__(self, session: Session) -> None:
        """Work in this session."""
        self._session = session

    def find(self, hash: str, opens: str) -> AddressRow | None:
        """The address whose token has this hash, and that opens this."""
        row = self._session.exec(select(AddressRow).where(AddressRow.hash == hash)).first()
        return row if row is not None and row.opens == opens else None

    def grant(self, grant: Grant) -> None:
        """A new address, in the place of the one before, which is found no more."""
        at = (grant.group, grant.person, grant.opens)
        row = self._session.get(AddressRow, at)
        if row is None:
            row = AddressRow(
                group_id=grant.group,
                person_id=grant.person,
                opens=grant.opens,
                meeting=grant.meeting,
                hash=grant.hash,
                seed=grant.seed,
            )
            self._session.add(row)
        else:
            row.hash, row.meeting = grant.hash, grant.meeting

    def keep(self, group_id: GroupId, people: Collection[PersonId]) -> None:
        """End the group's addresses of everybody but these."""
        self._session.exec(
            delete(AddressRow).where(
                col(AddressRow.group_id) == group_id, col(AddressRow.person_id).not_in(people)
            )
        )
