"""`krets board`: what waits to be shown or to come, and why; no names, and nothing of any text.

What is parked has failed too often by a fault of ours. `krets board --again` lets it go again.
"""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import partial

from adapters.metrics import Backlog
from bot.parking import TRIES
from bot.programme import ProgrammeTime
from bot.store import Store, Unit
from bot.store.posts import FAULT
from bot.store.tables import MomentRow, PostRow
from schedules.engine import Engine


@dataclass(frozen=True, slots=True)
class Waiting:
    """A post that does not show what it should, or a moment that is overdue."""

    group: str
    platform: str
    #: `room`, `person`, `clock` for a moment, or `engine` for work that has not begun.
    where: str
    #: The card's or the moment's kind, without whom it concerns.
    what: str
    state: str
    why: str
    tries: int
    #: When it is tried next, or was due; real time for posts, programme time for moments.
    at: str

    @property
    def row(self) -> tuple[str, ...]:
        """The fields as a table shows them."""
        tries = str(self.tries or "")
        found = asdict(self) | {"tries": tries}
        return tuple(found[head] for head in _HEADS)


#: What `Waiting.row` holds.
_HEADS = ("group", "platform", "where", "what", "state", "why", "tries", "at")
#: Why a state is what it is, where the post itself does not say.
_WHY = {
    "sending": "a call is on its way",
    "uncertain": "perhaps shown; never sent again by itself",
}


#: How long a moment may be with an engine before that is worth a line.
_SOON = timedelta(seconds=60)
#: What is said beside parked work.
_HINT = "What is parked is tried once more by: krets board --again"


async def backlog(url: str, store: Store, engine: Engine, now: datetime) -> Backlog:
    """How much of it there is, as metrics tell it; `now` is programme time."""

    def found(unit: Unit) -> tuple[list[datetime | None], Mapping[str, int], dict[str, int]]:
        parked = {"moment": len(unit.moments.parked(TRIES)), "post": len(unit.posts.parked())}
        first = [unit.moments.next(), unit.moments.first_taken(TRIES)]
        return first, unit.posts.states(), parked

    first, posts, parked = await store.run(found)
    late = max(((now - due_at).total_seconds() for due_at in first if due_at), default=0.0)
    parked["job"] = len(await asyncio.to_thread(_jobs, url))
    return Backlog(max(0.0, late), posts, engine.depth(), parked)


async def waiting(url: str, real: datetime, *, again: bool = False) -> list[Waiting]:
    """All that waits in this database, posts first, each in the order of asking.

    `again`: first let go what is parked, to be tried once more by whatever runs.
    """
    store, time = Store(url), ProgrammeTime(lambda: real)
    try:
        await time.load(store)
        if again:
            await store.run(partial(_let_go, real))
            _let_jobs_go(url)
        return await store.run(lambda unit: _found(unit, real, time.now())) + _jobs(url)
    finally:
        await store.close()


def _let_go(real: datetime, unit: Unit) -> None:
    unit.moments.let_go(TRIES)
    unit.posts.let_go(TRIES, real)


def _found(unit: Unit, real: datetime, now: datetime) -> list[Waiting]:
    rows, due, parked = unit.posts.behind(), unit.moments.due(now), unit.moments.parked(TRIES)
    taken = unit.moments.taken(TRIES, now - _SOON)
    ids = {row.group_id for row in rows} | {one.group_id for one in (*due, *taken, *parked)}
    platforms: Mapping[str, str] = {
        id: stored.platform for id in ids if (stored := unit.groups.find(id)) is not None
    }
    rooms = {id for id in ids if unit.groups.room(id) is not None}
    posts = [_post(row, platforms[row.group_id], row.group_id in rooms, real) for row in rows]
    moments = [_moment(row, platforms[row.group_id], now) for row in (*due, *taken, *parked)]
    return posts + moments


def _moment(row: MomentRow, platform: str, now: datetime) -> Waiting:
    state, why = "due", "nobody has come to it yet"
    if row.queued:
        state = "queued" if row.tries < TRIES else "parked"
        why = f"no worker has done it for {(now - row.due_at).total_seconds():.0f} s"
    return Waiting(
        group=row.group_id,
        platform=platform,
        where="clock",
        what=f"{row.kind}/{row.meeting}" if row.meeting else row.kind,
        state=state,
        why=row.fault or why,
        tries=row.tries,
        at=_time(row.due_at),
    )


def _jobs(url: str) -> list[Waiting]:
    """Work that an engine of several processes has given up."""
    if not url.startswith("postgresql"):
        return []
    from schedules.parked import parked  # noqa: PLC0415  # an extra

    why = "nobody could begin it"
    return [
        Waiting(one.group, "", "engine", one.name, "parked", why, one.tries, "")
        for one in parked(url)
    ]


def _let_jobs_go(url: str) -> None:
    if url.startswith("postgresql"):
        from schedules.parked import let_go  # noqa: PLC0415  # an extra

        let_go(url)


def _post(row: PostRow, platform: str, has_room: bool, real: datetime) -> Waiting:
    fault = row.reason.removeprefix(FAULT) if row.reason.startswith(FAULT) else ""
    why = _WHY.get(row.state) or fault or row.reason
    later = row.next_try_at is not None and row.next_try_at > real
    if row.state == "pending" and not fault:
        no_room = not row.person_id and row.kind != "room" and not has_room
        why = "there is no room yet" if no_room else "put off" if later else "it is its turn"
    return Waiting(
        group=row.group_id,
        platform=platform,
        where="person" if row.person_id else "room",
        what=row.name.partition("/")[0],
        state="parked" if fault and row.state == "failed" else row.state,
        why=why,
        tries=row.tries,
        at=_time(row.next_try_at) if later else "",
    )


def _time(at: datetime | None) -> str:
    return "" if at is None else f"{at:%Y-%m-%dT%H:%M:%SZ}"


def as_lines(found: Sequence[Waiting]) -> str:
    """A table.

    >>> print(as_lines([]))
    Nothing waits.
    >>> print(as_lines([Waiting("g1", "slack", "room", "vote", "pending", "put off", 2, "")]))
    group platform where what state   why     tries at
    g1    slack    room  vote pending put off 2
    1 waits.
    """
    if not found:
        return "Nothing waits."
    rows = [_HEADS, *(one.row for one in found)]
    wide = [max(len(row[column]) for row in rows) for column in range(len(_HEADS))]
    lines = [" ".join(map(str.ljust, row, wide)).rstrip() for row in rows]
    waits = f"{len(found)} wait{'s' if len(found) == 1 else ''}."
    hint = any(one.state == "parked" for one in found)
    return "\n".join([*lines, f"{waits} {_HINT}" if hint else waits])


def as_json(found: Sequence[Waiting]) -> str:
    """The same for a program."""
    return json.dumps([asdict(one) for one in found])


def show(url: str, real: datetime, *, as_program: bool, again: bool) -> str:
    """What `krets board` prints."""
    found = asyncio.run(waiting(url, real, again=again))
    return as_json(found) if as_program else as_lines(found)
