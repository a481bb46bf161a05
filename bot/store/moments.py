"""Moments: when the state of each group wants to be woken."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import bindparam, false, literal, true
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from bot.core.due import ENDING, Wanted
from bot.core.event import GroupId
from bot.store.rows import read, table, write
from bot.store.tables import MomentRow

_MOMENTS = table(MomentRow).c
_STANDING = sa.select(_MOMENTS.meeting, _MOMENTS.kind, _MOMENTS.who, _MOMENTS.due_at).where(
    _MOMENTS.group_id == bindparam("group")
)
_GONE = sa.delete(table(MomentRow)).where(
    _MOMENTS.group_id == bindparam("group"),
    _MOMENTS.meeting == bindparam("of"),
    _MOMENTS.kind == bindparam("what"),
    _MOMENTS.who == bindparam("whose"),
)
_ENDED = (
    sa.select(_MOMENTS.kind)
    .where(_MOMENTS.group_id == bindparam("group"), _MOMENTS.due_at <= bindparam("now"))
    .where(_MOMENTS.kind.in_([literal(kind) for kind in sorted(ENDING)]))
)
_EARLIER = (
    sa.select(_MOMENTS.meeting, _MOMENTS.kind, _MOMENTS.who)
    .where(_MOMENTS.group_id == bindparam("group"), _MOMENTS.due_at < bindparam("then"))
    .order_by(_MOMENTS.due_at, _MOMENTS.meeting, _MOMENTS.kind, _MOMENTS.who)
)
_NEW = sa.insert(table(MomentRow))
_KEY = ("group_id", "meeting", "kind", "who")
#: A moment that nobody has come to.
_FRESH = {"queued": False, "tries": 0, "fault": ""}
#: How many moments are taken in one transaction.
MANY = 500


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
        for meeting, kind, who, due_at in read(self._session, _STANDING, group=group_id):
            if new.get((meeting, kind, who)) == due_at:
                del new[meeting, kind, who]
            else:
                write(self._session, _GONE, group=group_id, of=meeting, what=kind, whose=who)
        for (meeting, kind, who), due_at in new.items():
            moment = {"meeting": meeting, "kind": kind, "who": who, "due_at": due_at}
            write(self._session, _NEW, group_id=group_id, **_FRESH, **moment)

    def ending(self, group_id: GroupId, now: datetime) -> bool:
        """Whether something has ended in this group that is still there."""
        return bool(read(self._session, _ENDED, group=group_id, now=now))

    def take(self, now: datetime, kinds: Collection[str] = ()) -> list[tuple[str, int, str, str]]:
        """Take some moments that have come, in the order in which they were due, for an engine.

        Who takes at the same time takes others. On PostgreSQL alone.
        """
        come = (
            sa.select(*(_MOMENTS[name] for name in _KEY))
            .where(_MOMENTS.due_at <= now, _MOMENTS.queued == false())
            .where(_MOMENTS.kind.in_(kinds) if kinds else true())
            .order_by(_MOMENTS.due_at)  # and by nothing that is in no index: many come at once
            .limit(MANY)
            .with_for_update(skip_locked=True)
            .cte("come")
        )
        taken = self._session.execute(
            sa.update(table(MomentRow))
            .where(*(_MOMENTS[name] == come.c[name] for name in _KEY))
            .values(queued=True)
            .returning(_MOMENTS.due_at, *(_MOMENTS[name] for name in _KEY))
        )
        return [(group, meeting, kind, who) for _, group, meeting, kind, who in sorted(taken)]

    def before(self, group_id: GroupId, due_at: datetime) -> list[tuple[str, int, str, str]]:
        """The moments of a group that were due before this one, in their order."""
        earlier = read(self._session, _EARLIER, group=group_id, then=due_at)
        return [(group_id, meeting, kind, who) for meeting, kind, who in earlier]

    def give_back(self, group_id: GroupId, meeting: int, kind: str, who: str) -> None:
        """Let this moment be taken once more: it came too early."""
        key = (group_id, meeting, kind, who)
        row = self._session.get(MomentRow, key, with_for_update=True)
        if row is not None:
            row.queued = False

    def fail(
        self, group_id: GroupId, meeting: int, kind: str, who: str, fault: str, tries: int
    ) -> bool:
        """Take down that this moment failed; whether it is parked, now that it did so often."""
        row = self._session.get(MomentRow, (group_id, meeting, kind, who), with_for_update=True)
        if row is None:
            return False  # wanted no more
        row.tries, row.fault = row.tries + 1, fault
        parked = row.tries >= tries
        row.queued = row.queued or parked
        return parked

    def parked(self, tries: int) -> Sequence[MomentRow]:
        """What failed so often that it was parked, in the order of its time."""
        return self._session.exec(
            select(MomentRow)
            .where(MomentRow.queued == true(), MomentRow.tries >= tries)
            .order_by(col(MomentRow.due_at), col(MomentRow.group_id))
        ).all()

    def taken(self, tries: int, due: datetime) -> Sequence[MomentRow]:
        """What was due by then and is an engine's to do, but for what is parked."""
        return self._session.exec(
            _taken(tries).where(MomentRow.due_at <= due).order_by(col(MomentRow.group_id))
        ).all()

    def first_taken(self, tries: int) -> datetime | None:
        """When the first was due that is an engine's to do, but for what is parked."""
        row = self._session.exec(_taken(tries).limit(1)).first()
        return None if row is None else row.due_at

    def let_go(self, tries: int) -> int:
        """Let what is parked be tried once more; how many."""
        parked = self.parked(tries)
        for row in parked:
            row.queued, row.tries = False, tries - 1
        return len(parked)

    def due(self, now: datetime, kinds: Collection[str] = ()) -> Sequence[MomentRow]:
        """What has come and nobody has taken, of these kinds or any, in the order of its time."""
        return self._session.exec(
            select(MomentRow)
            .where(MomentRow.due_at <= now, col(MomentRow.queued) == false())
            .where(col(MomentRow.kind).in_(kinds) if kinds else true())
            .order_by(
                col(MomentRow.due_at),
                col(MomentRow.group_id),
                col(MomentRow.meeting),
                col(MomentRow.kind),
                col(MomentRow.who),
            )
        ).all()

    def next(self, after: datetime | None = None) -> datetime | None:
        """When the earliest moment is due that nobody has taken, of all or of those after this."""
        return self._session.exec(
            select(MomentRow.due_at)
            .where(col(MomentRow.queued) == false())
            .where(true() if after is None else col(MomentRow.due_at) > after)
            .order_by(col(MomentRow.due_at))
            .limit(1)
        ).first()


def _taken(tries: int) -> SelectOfScalar[MomentRow]:
    return (
        select(MomentRow)
        .where(MomentRow.queued == true(), MomentRow.tries < tries)
        .order_by(col(MomentRow.due_at))
    )
