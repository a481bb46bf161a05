"""`krets board`: what waits to be shown or to come, and why; no names, and nothing of any text."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from bot.programme import ProgrammeTime
from bot.store import Store, Unit
from bot.store.tables import PostRow


@dataclass(frozen=True, slots=True)
class Waiting:
    """A post that does not show what it should, or a moment that is overdue."""

    group: str
    platform: str
    #: `room`, `person`, or `clock` for a moment.
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


async def waiting(url: str, real: datetime) -> list[Waiting]:
    """All that waits in this database, posts first, each in the order of asking."""
    store, time = Store(url), ProgrammeTime(lambda: real)
    try:
        await time.load(store)
        return await store.run(lambda unit: _found(unit, real, time.now()))
    finally:
        await store.close()


def _found(unit: Unit, real: datetime, now: datetime) -> list[Waiting]:
    rows, due = unit.posts.behind(), unit.moments.due(now)
    ids = {row.group_id for row in rows} | {one.group_id for one in due}
    platforms: Mapping[str, str] = {
        id: stored.platform for id in ids if (stored := unit.groups.find(id)) is not None
    }
    rooms = {id for id in ids if unit.groups.room(id) is not None}
    posts = [_post(row, platforms[row.group_id], row.group_id in rooms, real) for row in rows]
    return posts + [
        Waiting(
            group=one.group_id,
            platform=platforms[one.group_id],
            where="clock",
            what=f"{one.kind}/{one.meeting}" if one.meeting else one.kind,
            state="due",
            why="nobody has come to it yet",
            tries=0,
            at=_time(one.due_at),
        )
        for one in due
    ]


def _post(row: PostRow, platform: str, has_room: bool, real: datetime) -> Waiting:
    why = row.reason or _WHY.get(row.state, "")
    later = row.next_try_at is not None and row.next_try_at > real
    if row.state == "pending":
        no_room = not row.person_id and row.kind != "room" and not has_room
        why = "there is no room yet" if no_room else "put off" if later else "it is its turn"
    return Waiting(
        group=row.group_id,
        platform=platform,
        where="person" if row.person_id else "room",
        what=row.name.partition("/")[0],
        state=row.state,
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
    return "\n".join([*lines, f"{len(found)} wait{'s' if len(found) == 1 else ''}."])


def as_json(found: Sequence[Waiting]) -> str:
    """The same for a program."""
    return json.dumps([asdict(one) for one in found])


def show(url: str, real: datetime, as_program: bool) -> str:
    """What `krets board` prints."""
    found = asyncio.run(waiting(url, real))
    return as_json(found) if as_program else as_lines(found)
