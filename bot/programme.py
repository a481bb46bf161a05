"""Programme time: what moments, deadlines and cards go by. It can travel; real time never does."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.core.event import GroupId
from bot.store import Store, Unit

#: Where the offset is kept, in seconds.
_OFFSET = "programme_offset"


class StuckInTime(Exception):
    """A moment that has come does not pass: its rule fails, or nobody does the work."""


@dataclass(frozen=True, slots=True)
class Ran:
    """A moment that is due, or has come; `meeting` 0 concerns the group as a whole."""

    kind: str
    group: GroupId
    meeting: int
    at: datetime


class ProgrammeTime:
    """Real time and an offset that is kept in the store; without time travel the offset is none."""

    def __init__(self, real: Callable[[], datetime]) -> None:
        """Go by this clock until `load` or `set` says otherwise."""
        self._real = real
        self._offset = timedelta()

    def now(self) -> datetime:
        """Programme time, aware, in UTC."""
        return self._real() + self._offset

    async def load(self, store: Store) -> None:
        """Take up the offset that an earlier process has left."""
        kept = await store.run(lambda unit: unit.meta(_OFFSET))
        self._offset = timedelta(seconds=float(kept or 0))

    async def set(self, store: Store, now: datetime) -> None:
        """Let it be this time now; kept before it holds."""
        offset = now - self._real()
        await store.run(lambda unit: unit.set_meta(_OFFSET, str(offset.total_seconds())))
        self._offset = offset


class Travel:
    """Moves programme time forward, through every due moment in its order, as living would.

    `settle` queues what is due and returns when all of it has been decided and shown; `moved`
    tells the clock that its wake job is planned for the wrong time.
    """

    def __init__(
        self,
        *,
        store: Store,
        time: ProgrammeTime,
        settle: Callable[[], Awaitable[None]],
        moved: Callable[[], None],
    ) -> None:
        """Travel in this store's moments."""
        self._store = store
        self._time = time
        self._settle = settle
        self._moved = moved

    async def now(self) -> datetime:
        """The programme time."""
        return self._time.now()

    async def next_due(self) -> Ran | None:
        """The moment that comes next."""
        found = await self._store.run(_earliest)
        return found[0] if found else None

    async def go(self, to: datetime) -> list[Ran]:
        """Go there; what came on the way, all of it done. A time that has passed is now."""
        ran: list[Ran] = []
        while (due := await self.next_due()) is not None and due.at <= to:
            ran += await self._live(due.at)
        await self._time.set(self._store, max(to, self._time.now()))
        self._moved()
        await self._settle()
        return ran

    async def go_next(self) -> list[Ran]:
        """Go to the next moment; what came then."""
        due = await self.next_due()
        return [] if due is None else await self.go(due.at)

    async def _live(self, at: datetime) -> list[Ran]:
        """Let come what is due at one instant."""
        came = await self._store.run(_earliest)
        await self._time.set(self._store, max(at, self._time.now()))
        await self._settle()
        left = await self._store.run(_earliest)
        if left == came:
            raise StuckInTime(came[0].kind)
        return came


def _earliest(unit: Unit) -> list[Ran]:
    """The moments that share the earliest time at which any is due."""
    first = unit.moments.next()
    if first is None:
        return []
    return [Ran(row.kind, row.group_id, row.meeting, row.due_at) for row in unit.moments.due(first)]
