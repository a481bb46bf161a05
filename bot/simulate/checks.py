"""What has to hold over a whole programme: once, at the right time, in hours, not too much."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, time

from bot.core.due import Wanted, awake
from bot.core.effect import Person
from bot.core.hours import LIMITS
from bot.core.model import Group
from bot.simulate.world import Shown, World
from schedules.rule import wall

#: What comes in the meeting itself, where people are; and the vote.
_IN_MEETING = {"begin", "finish", "close"}
_CARDS_IN_MEETING = {"today", "owner", "partner"}


def violations(
    world: World, started_at: datetime, rested: tuple[datetime, date] | None
) -> tuple[str, ...]:
    """All that should not have been, each in one line."""
    return (
        *_once(world),
        *_at_wall_clock(world),
        *_in_hours(world),
        *_within_limits(world, started_at),
        *(_at_rest(world, *rested) if rested else ()),
    )


def _once(world: World) -> Iterator[str]:
    """Every moment comes once, and nothing is posted twice."""
    came = Counter((one.meeting, one.kind, one.who) for one in world.came)
    yield from (f"{one} came {count} times" for one, count in came.items() if count > 1)
    # Whoever was asked to lead is written to again under that name once they lead no longer.
    posted = Counter(
        (_who(one), one.name) for one in world.history if one.anew and one.name != "lead"
    )
    yield from (f"{one} was posted {count} times" for one, count in posted.items() if count > 1)


def _at_wall_clock(world: World) -> Iterator[str]:
    """What comes to all comes at the times of the method; a meeting begins when it is to begin."""
    group, moments = world.group, world.group.method.moments
    said: dict[str, set[time]] = {
        "announce": {moments.announce.at},
        "question": {moments.question.at, moments.announce.at},
        "remind": {moments.remind.at},
        "overview": {moments.overview.at},
        "checkin": {moments.checkin, moments.checkin_before.at},
    }
    wakes = awake(group, datetime.min.replace(tzinfo=UTC))  # then all comes that had to wait
    for one in world.came:
        common = one.kind in said and not one.who and one.due_at != wakes
        if common and wall(one.due_at, group.zone).time() not in said[one.kind]:
            yield f"{one.kind} of meeting {one.meeting} came at {_local(group, one.due_at)}"
        meeting = group.meeting(one.meeting)
        if one.kind == "begin" and meeting and wall(one.due_at, group.zone) != meeting.at:
            yield f"meeting {one.meeting} began at {_local(group, one.due_at)}"


def _in_hours(world: World) -> Iterator[str]:
    """No moment tells somebody something outside the hours of their own."""
    for one in world.history:
        cause, to = one.cause, one.to
        if not one.anew or not isinstance(to, Person) or not isinstance(cause, Wanted):
            continue
        hours = world.group.hours.get(to.id)
        if hours and cause.kind not in _IN_MEETING and not hours.include(one.at):
            yield f"{to.id} was told {one.name} at {_local(world.group, one.at)}"


def _at_rest(world: World, since: datetime, until: date) -> Iterator[str]:
    """While the group rests, nobody is told anything that they have not caused."""
    for one in world.history:
        rests = since < one.at and wall(one.at, world.group.zone).date() < until
        if rests and one.anew and isinstance(one.cause, Wanted):
            yield f"{_who(one)} was told {one.name} at rest, {_local(world.group, one.at)}"


def _within_limits(world: World, started_at: datetime) -> Iterator[str]:
    """Between two meetings nobody gets more unasked private messages than `LIMITS` says."""
    group = world.group
    starts = sorted(group.starts(one) for one in group.meetings)
    owners = {group.starts(one): one.owner for one in group.meetings if one.owner}
    counted: Counter[tuple[str, int]] = Counter()
    for one in world.history:
        if one.at >= started_at and _unasked(one) and isinstance(one.to, Person):
            counted[one.to.id, bisect_right(starts, one.at)] += 1
    for (person, after), count in counted.items():
        owned = after > 0 and owners.get(starts[after - 1]) == person
        led = any(one.person == person for one in group.leaders)  # also whoever has handed over
        role = "leader" if led else "owner" if owned else "member"
        if count > LIMITS[role]:
            yield f"{person} got {count} messages after meeting {after}, {role}"


def _unasked(one: Shown) -> bool:
    """Whether somebody was written to in private without having done anything just then."""
    private = isinstance(one.to, Person) and one.cause != one.to.id
    return private and one.anew and one.name.partition("/")[0] not in _CARDS_IN_MEETING


def _who(one: Shown) -> str:
    return one.to.id if isinstance(one.to, Person) else "the room"


def _local(group: Group, at: datetime) -> str:
    return f"{wall(at, group.zone):%Y-%m-%d %H:%M}"
