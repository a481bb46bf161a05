"""Moments: when the state of each group wants to be woken."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from bot.core.due import Wanted
from bot.core.event import GroupId
from bot.store.tables import MomentRow


class MomentTable:
    """Reads and writes of moments."""

    def __init__(self, session: Session) -> None:
        """Work in this session."""
        self._session = session

    def find(self, group_id: GroupId, meeting: int, kind: str, who: str) -> datetime | None:
        """When this moment is due, if it still stands."""
        row = self._session.get(MomentRow, (group_id, meeting, kind, who))
        return None if row is None else row.due_at

    def set(self, group_id: GroupId, wanted: Iterable[Wanted]) -> None:
        """Let exactly these moments of the group stand."""
        new = {(moment.meeting, moment.kind, moment.who): moment.due_at for moment in wanted}
        rows = self._session.exec(select(MomentRow).where(MomentRow.group_id == group_id)).all()
        for row in rows:
            due_at = new.pop((row.meeting, row.kind, row.who), None)
            if due_at is None:
                self._session.delete(row)
            elif row.due_at != due_at:
                row.due_at = due_at
        for (meeting, kind, who), due_at in new.items():
            self._session.add(
                MomentRow(group_id=group_id, meeting=meeting, kind=kind, who=who, due_at=due_at)
            )

    def due(self, now: datetime) -> Sequence[MomentRow]:
        """All moments that have come, in the order in which they were due."""
        return self._session.exec(
            select(MomentRow)
            .where(MomentRow.due_at <= now)
            .order_by(
                col(MomentRow.due_at),
                col(MomentRow.group_id),
                col(MomentRow.meeting),
                col(MomentRow.kind),
                col(MomentRow.who),
            )
        ).all()

    def next(self) -> datetime | None:
        """When the earliest moment is due."""
        return self._session.exec(
            select(MomentRow.due_at).order_by(col(MomentRow.due_at)).limit(1)
        ).first()
