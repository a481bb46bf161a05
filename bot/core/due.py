"""The moments that a group's state wants. The shell stores the difference, so nobody cancels."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from bot.core.event import PersonId
from bot.core.method import Moment
from bot.core.model import Group, Meeting
from schedules.rule import instant

#: How long an invitation stands; silence is no.
LAPSE = timedelta(days=7)
#: How long after a meeting its texts live.
MEETING_LIVES = timedelta(hours=24)
#: How long a reflection lives that its author asked to keep.
MINE_LIVES = timedelta(days=7)
#: The longest that an owner's own sentence is carried.
CARRIED_LIVES = timedelta(weeks=6)
#: How long Krets waits for leaders who forgot to end the guide.
GRACE = timedelta(minutes=15)
#: The same while they have paused it.
PAUSE_GRACE = timedelta(hours=1)


#: The kinds of moments that end something people wrote; before the others, and before any word.
ENDING = frozenset({"finish", "close", "shred", "forget", "release"})


@dataclass(frozen=True, slots=True)
class Wanted:
    """One moment; `who` is empty when it concerns all, `meeting` 0 when it concerns the group."""

    meeting: int
    kind: str
    who: PersonId
    due_at: datetime


def due(group: Group) -> frozenset[Wanted]:
    """All moments this state wants; only the next meeting is planned for."""
    wanted = list(_of_drawers(group))
    if group.status != "closed":
        wanted += _of_invitations(group)
    if group.status == "running":
        wanted += _of_ended(group)
        if group.next_meeting is not None:
            wanted += _of_next(group, group.next_meeting)
    return frozenset(wanted)


def at(group: Group, day: date, moment: Moment, side: Literal["before", "after"]) -> datetime:
    """The instant some working days before or after a day, at a time of day."""
    calendar = group.calendar
    count = calendar.working_day_before if side == "before" else calendar.working_day_after
    return instant(datetime.combine(count(day, moment.days), moment.at), group.zone)


def checkin_at(group: Group, meeting: Meeting) -> datetime:
    """The meeting's own morning, or the working day before if that is under an hour before."""
    moments = group.method.moments
    morning = instant(datetime.combine(meeting.at.date(), moments.checkin), group.zone)
    if morning <= group.starts(meeting) - timedelta(hours=1):
        return morning
    return at(group, meeting.at.date(), moments.checkin_before, "before")


def finish_at(group: Group, meeting: Meeting) -> datetime:
    """When a meeting ends by itself: by plan or guide, whichever is later, and some grace."""
    guide = meeting.guide
    if guide is None:
        return group.ends(meeting)
    rest = group.agenda(meeting)[guide.step :]
    minutes = guide.extra + sum(step.minutes for step in rest)
    grace = GRACE if guide.paused_at is None else PAUSE_GRACE
    return max(group.ends(meeting), guide.since + timedelta(minutes=minutes)) + grace


def destroyed_at(group: Group, meeting: Meeting, drawer: str) -> datetime:
    """When a meeting's texts of this deadline are destroyed; before it has ended, by plan."""
    if drawer == "carried":
        return _release_at(group, meeting)
    ended = meeting.ended_at or finish_at(group, meeting)
    return ended + (MINE_LIVES if drawer == "mine" else MEETING_LIVES)


def _of_invitations(group: Group) -> Iterator[Wanted]:
    for leader in group.leaders:
        if leader.answer == "asked":
            yield Wanted(0, "lapse", leader.person, leader.asked_at + LAPSE)
    for member in group.members:
        if member.status == "asked" and member.asked_at is not None:
            yield Wanted(0, "lapse", member.person, member.asked_at + LAPSE)


def _of_next(group: Group, meeting: Meeting) -> Iterator[Wanted]:
    moments, day = group.method.moments, meeting.at.date()
    before = group.meeting(meeting.number - 1)
    times = {
        "remind": at(group, day, moments.remind, "before"),
        "overview": at(group, day, moments.overview, "before"),
        "checkin": checkin_at(group, meeting),
        "begin": group.starts(meeting),
        "finish": finish_at(group, meeting),
    }
    if before is not None:
        times["announce"] = at(group, before.at.date(), moments.announce, "after")
    if any(step.does == "vote" for step in group.agenda(meeting)):
        asked = at(group, day, moments.question, "before")
        times["question"] = max(asked, times.get("announce", asked))
    if meeting.ballot is not None and meeting.ballot.closed_at is None:
        times["close"] = meeting.ballot.closes_at
    for kind, due_at in times.items():
        if kind not in meeting.came:
            yield Wanted(meeting.number, kind, "", due_at)


def _of_ended(group: Group) -> Iterator[Wanted]:
    for meeting in group.meetings:
        if meeting.ended_at is None:
            break
        if "shred" not in meeting.came:
            yield Wanted(meeting.number, "shred", "", destroyed_at(group, meeting, "meeting"))
        if meeting.owner and group.following(meeting) and "next_day" not in meeting.came:
            after = at(group, meeting.at.date(), group.method.moments.next_day, "after")
            yield Wanted(meeting.number, "next_day", "", after)


def _of_drawers(group: Group) -> Iterator[Wanted]:
    """A drawer that outlives its meeting wants its own end, also in a group that has closed.

    Also one that is empty by now: its key still opens what an older backup holds.
    """
    for meeting in group.meetings:
        if meeting.ended_at is None:
            break
        if f"{meeting.number}/mine" in group.drawers:
            yield Wanted(meeting.number, "forget", "", destroyed_at(group, meeting, "mine"))
        if f"{meeting.number}/carried" in group.drawers:
            yield Wanted(meeting.number, "release", "", destroyed_at(group, meeting, "carried"))


def _release_at(group: Group, meeting: Meeting) -> datetime:
    """To the next meeting and a day, at most six weeks."""
    assert meeting.ended_at is not None
    following = group.following(meeting)
    if following is None:
        return meeting.ended_at + MEETING_LIVES
    latest = meeting.ended_at + CARRIED_LIVES
    return min(latest, (following.ended_at or group.ends(following)) + MEETING_LIVES)
