"""Votes by what people have sent: the roll, each ballot, and who must have won."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from bot.core import action as a
from bot.core.decision import Decision
from bot.core.event import ButtonPressed, Event, FormSubmitted, GroupId, MomentCame, PersonId
from bot.core.facts import Facts
from bot.core.model import Group
from bot.simulate.chaos.record import Record, Votes
from bot.simulate.chaos.trace import Trace

#: What ends a vote without a count: the room has chosen, or the meeting is over.
_WITHOUT_COUNT = frozenset({"choose", "end", "finish", "cancel", "close_group"})


@dataclass
class Made:
    """A decision in a unit of work that may still fail."""

    before: Group | None
    event: Event
    facts: Facts
    decision: Decision


def follow(record: Record, trace: Trace, made: Made, before: Group | None, group: Group) -> None:
    """Hold a decision against what people have sent, and take down what they sent with it."""
    event = made.event
    for meeting in group.meetings:
        at = (group.id, meeting.number)
        old = before.meeting(meeting.number) if before else None
        was = old.ballot if old else None
        if meeting.ballot is None or (was and was.closed_at):
            continue
        if at not in record.votes:
            record.votes[at] = Votes(frozenset(meeting.ballot.roll))
            trace.reach("states", "vote_open")
        votes = record.votes[at]
        _roll(trace, votes, group, meeting.ballot.roll)
        if _casts(event) == at:
            _cast(trace, votes, made, was.closes_at if was else None)
        here = {*group.people, *group.led_by}
        votes.ballots = {who: one for who, one in votes.ballots.items() if who in here}
        if meeting.ballot.closed_at is not None and len(meeting.ballot.cases) > 1:
            _closed(record, trace, votes, made, group, meeting.number)
    if (cast := _casts(event)) is not None:
        old = before.meeting(cast[1]) if before else None
        if old is not None and old.ballot is not None and old.ballot.closed_at is not None:
            trace.broke("vote_after_close", "changed")
    if isinstance(event, ButtonPressed) and isinstance(event.action, a.Today):
        at = (group.id, event.action.meeting)
        later = record.today.get(at, frozenset()) - {made.facts.me}
        record.today[at] = later if event.action.yes else later | {made.facts.me}


def _roll(trace: Trace, votes: Votes, group: Group, roll: tuple[PersonId, ...]) -> None:
    left = votes.roll - set(roll)
    if set(roll) - votes.roll or left & {*group.people, *group.led_by}:
        trace.broke("roll_changed", len(left))


def _cast(trace: Trace, votes: Votes, made: Made, closes_at: datetime | None) -> None:
    assert isinstance(made.event, FormSubmitted)
    if closes_at is None or made.facts.now >= closes_at:
        trace.broke("vote_after_close", "late")
    if made.facts.me not in votes.roll:
        trace.broke("vote_off_the_roll", "cast")
    given = made.event.answers.get("cases")
    chosen = frozenset(str(one) for one in given) if isinstance(given, tuple) else frozenset()
    if made.facts.me in votes.ballots:
        trace.reach("states", "vote_changed")
    votes.ballots[made.facts.me] = chosen


def _closed(
    record: Record, trace: Trace, votes: Votes, made: Made, group: Group, number: int
) -> None:
    meeting, event = group.meeting(number), made.event
    assert meeting is not None
    assert meeting.ballot is not None
    if (how := _name(event)) in _WITHOUT_COUNT:
        trace.reach("states", f"vote_ended_by_{how}")
        return
    later = record.today.get((group.id, number), frozenset())
    standing = {
        case.id
        for case in meeting.cases
        if case.id in meeting.ballot.cases and case.by not in later and case.by in group.people
    }
    counted = Counter(
        case for ballot in votes.ballots.values() for case in ballot if case in standing
    )
    best = {case for case, n in counted.items() if n == max(counted.values())}
    trace.reach("states", "tie" if len(best) > 1 else "winner" if best else "no_winner")
    if meeting.chosen not in (best or {""}):
        trace.broke("vote_result", len(best), bool(meeting.chosen), _name(event))


def _name(event: Event) -> str:
    """What it was, as a code."""
    if isinstance(event, ButtonPressed | FormSubmitted):
        return event.action.kind
    return event.kind if isinstance(event, MomentCame) else type(event).__name__


def _casts(event: Event) -> tuple[GroupId, int] | None:
    """In which vote somebody votes."""
    if isinstance(event, FormSubmitted) and isinstance(event.action, a.CastVote):
        return event.action.group, event.action.meeting
    return None
