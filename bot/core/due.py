"""The moments that a group's state wants. The shell stores the difference, so nobody cancels."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Literal

from bot.core.event import MomentCame, PersonId
from bot.core.method import Moment
from bot.core.model import Group, Meeting
from bot.core.proposals import is_off
from bot.core.rights import undisturbed
from schedules.rule import instant

#: How long an invitation stands; silence is no.
LAPSE = timedelta(days=7)
#: How long whoever may join late has for an answer, if the members' last yes came at the last.
NEWCOMER_DECIDES = timedelta(days=3)
#: What the members say of somebody who may join late.
JOIN_DRAWER = "0/join"
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
ENDING = frozenset({"joining", "finish", "close", "shred", "forget", "release"})


#: What is said to each in private around meetings, in its order.
_PROMPTS = ("next_day", "remind", "checkin")


@dataclass(frozen=True, slots=True)
class Wanted:
    """One moment; `who` is empty when it concerns all, `meeting` 0 when it concerns the group."""

    meeting: int
    kind: str
    who: PersonId
    due_at: datetime


def due(group: Group) -> frozenset[Wanted]:
    """All moments this state wants; only the next meeting is planned for."""
    wanted = [*_of_drawers(group), *_of_reunion(group)]
    if group.status != "closed":
        wanted += _of_invitations(group)
    if group.status == "running":
        wanted += _of_ended(group)
        if group.next_meeting is not None:
            wanted += _of_next(group, group.next_meeting)
    return frozenset(wanted)


def hours_before(group: Group, person: PersonId, due_at: datetime) -> datetime:
    """When something before a meeting comes to them: then, or at an hour of theirs before."""
    hours = group.hours.get(person)
    return due_at if hours is None else hours.earlier(due_at)


def concerned(
    group: Group, meeting: Meeting, moment: MomentCame, people: Iterable[PersonId]
) -> tuple[PersonId, ...]:
    """Who of these people is told now: the one whose moment it is, or all without one apart."""
    if moment.who:
        return (moment.who,)
    kind, due_at = moment.kind, moment.due_at
    return tuple(
        one for one in people if f"{kind}/{one}" not in meeting.came and _shared(group, one, due_at)
    )


def made_up(group: Group, moment: MomentCame, person: PersonId, now: datetime) -> bool:
    """Whether something later comes to them by now too: one message makes up for what was missed.

    `group` is as it is once the moment has come.
    """
    later = set(_PROMPTS[_PROMPTS.index(moment.kind) + 1 :])
    later -= set() if undisturbed(group) else {"checkin"}
    return any(
        one.kind in later
        and moment.due_at < one.due_at <= now
        and (one.who == person or (not one.who and _shared(group, person, one.due_at)))
        for one in due(group)
    )


def _shared(group: Group, person: PersonId, due_at: datetime) -> bool:
    """Whether this person is told when all are."""
    return hours_before(group, person, due_at) == due_at


def hours_after(group: Group, person: PersonId, due_at: datetime) -> datetime:
    """When something after a meeting comes to this person: then, or at their next hour."""
    hours = group.hours.get(person)
    return due_at if hours is None else hours.later(due_at)


def awake(group: Group, due_at: datetime) -> datetime:
    """The time itself, or when a rest of the group ends that it falls in."""
    if group.rests_until is None:
        return due_at
    first = group.calendar.working_day_after(group.rests_until - timedelta(days=1), 1)
    return max(
        due_at, instant(datetime.combine(first, group.method.moments.announce.at), group.zone)
    )


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
    """For each person one lapse, the first: they may be asked both to lead and to join."""
    asked = [(one.asked_at, one.person) for one in group.leaders if one.answer == "asked"]
    if group.joining is not None:
        answered_by = group.joining.asked_at + LAPSE
        if not group.joining.closed:
            yield Wanted(0, "joining", "", answered_by)
        yield Wanted(0, "newcomer", "", answered_by + NEWCOMER_DECIDES)
    else:
        asked += [
            (one.asked_at, one.person)
            for one in group.members
            if one.status == "asked" and one.asked_at is not None
        ]
    first = {person: at for at, person in sorted(asked, reverse=True)}
    for person, at in first.items():
        yield Wanted(0, "lapse", person, at + LAPSE)


def _of_next(group: Group, meeting: Meeting) -> Iterator[Wanted]:
    moments, day = group.method.moments, meeting.at.date()
    before = group.meeting(meeting.number - 1)
    private = {
        "remind": awake(group, at(group, day, moments.remind, "before")),
        "overview": awake(group, at(group, day, moments.overview, "before")),
        "checkin": awake(group, checkin_at(group, meeting)),
    }
    yield from _at_own_hours(group, meeting, private)
    times = private | {"begin": group.starts(meeting), "finish": finish_at(group, meeting)}
    if before is not None:
        announced = at(group, before.at.date(), moments.announce, "after")
        times["announce"] = awake(group, announced)
    if any(step.does == "vote" for step in group.agenda(meeting)):
        asked = at(group, day, moments.question, "before")
        times["question"] = max(awake(group, asked), times.get("announce", asked))
    if meeting.ballot is not None and meeting.ballot.closed_at is None:
        times["close"] = meeting.ballot.closes_at
    for kind, due_at in times.items():
        if kind not in meeting.came:
            yield Wanted(meeting.number, kind, "", due_at)
    if is_off(group, meeting):
        yield from _proposals(group, meeting, before)


def _at_own_hours(
    group: Group, meeting: Meeting, times: Mapping[str, datetime]
) -> Iterator[Wanted]:
    """What those are told apart whose hours do not include the common time.

    Nothing before the last meeting has ended, nor while the group rests: whoever has no hour in
    between finds it all in the room and with `/krets`.
    """
    before = [group.ends(one) for one in group.standing if one.number < meeting.number][-1:]
    for kind, due_at in times.items():
        for person in group.led_by if kind == "overview" else group.people:
            own = hours_before(group, person, due_at)
            apart = own != due_at and not meeting.told(kind, person)
            if apart and all(own >= end for end in before) and own == awake(group, own):
                yield Wanted(meeting.number, kind, person, own)


def _proposals(group: Group, meeting: Meeting, before: Meeting | None) -> Iterator[Wanted]:
    """Each who leads is asked whether the meeting is to be moved, at an hour of their own.

    The group's own days off count as working days here: a long break is not to hide itself.
    """
    moments, always = group.method.moments, replace(group, free_days=frozenset())
    if before is None:
        due_at = at(always, meeting.at.date(), moments.question, "before")
    else:
        due_at = at(always, before.at.date(), moments.announce, "after")
    due_at = awake(group, due_at)
    for leader in group.led_by:
        own = hours_after(group, leader, due_at)
        if own < group.starts(meeting) and not meeting.told("propose", leader):
            yield Wanted(meeting.number, "propose", leader, own)


def _of_ended(group: Group) -> Iterator[Wanted]:
    for meeting in group.meetings:
        if meeting.ended_at is None:
            break
        if "shred" not in meeting.came:
            yield Wanted(meeting.number, "shred", "", destroyed_at(group, meeting, "meeting"))
        if meeting.owner and group.following(meeting) and "next_day" not in meeting.came:
            after = at(group, meeting.at.date(), group.method.moments.next_day, "after")
            own = hours_after(group, meeting.owner, awake(group, after))
            yield Wanted(meeting.number, "next_day", "", own)


def _of_drawers(group: Group) -> Iterator[Wanted]:
    """A drawer that outlives its meeting wants its own end, also in a group that has closed.

    Also one that is empty by now: its key still opens what an older backup holds.
    """
    for meeting in group.meetings:
        if meeting.ended_at is None:
            break
        for leader in group.led_by if meeting.pulse else ():
            if not meeting.told("pulse", leader):
                gone = destroyed_at(group, meeting, "meeting")
                later = hours_after(group, leader, awake(group, gone))
                yield Wanted(meeting.number, "pulse", leader, later)
        if f"{meeting.number}/mine" in group.drawers:
            yield Wanted(meeting.number, "forget", "", destroyed_at(group, meeting, "mine"))
        if f"{meeting.number}/carried" in group.drawers:
            yield Wanted(meeting.number, "release", "", destroyed_at(group, meeting, "carried"))


def _of_reunion(group: Group) -> Iterator[Wanted]:
    """A reunion is near, and has been: also in a group that has closed, as it has by then."""
    if group.reunion_at is None:
        return
    if not group.reunion_told:
        near = at(group, group.reunion_at.date(), group.method.moments.question, "before")
        yield Wanted(0, "reunion", "", near)
    yield Wanted(0, "reunited", "", instant(group.reunion_at, group.zone) + MEETING_LIVES)


def _release_at(group: Group, meeting: Meeting) -> datetime:
    """To the next meeting and a day, at most six weeks."""
    assert meeting.ended_at is not None
    following = group.following(meeting)
    if following is None:
        return meeting.ended_at + MEETING_LIVES
    latest = meeting.ended_at + CARRIED_LIVES
    return min(latest, (following.ended_at or group.ends(following)) + MEETING_LIVES)
