"""Whether the group meets again: one vote at the last meeting, private and sealed like the others.

A yes becomes a date in the group's room, for an informal evening without agenda or check-in, of
which no sponsor is told. A no leaves nothing behind.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from bot.core.action import AskReunion, CloseReunion, VoteReunion
from bot.core.card import Buttons, Card, Heading, T, When
from bot.core.cards import button, line, plain, quiet
from bot.core.cases import present
from bot.core.decision import UNAVAILABLE, Decision, Notice, notice
from bot.core.effect import Effect, Put, Remove, Room, Shred
from bot.core.facts import Facts
from bot.core.guide import guide
from bot.core.model import Group, Meeting, Reunion
from bot.core.rights import going_on, is_next, leads
from schedules.rule import free_times, instant

#: Weeks to the same weekday, about so many months later.
WEEKS = {3: 13, 6: 26}
#: The cards in the room: the vote or what came of it, and the line shortly before.
CARDS = ("reunion", "soon")


def decide(answers: Iterable[str]) -> int:
    """In how many months the group meets again; 0 for not. More yes than no is a yes.

    With as many for each time it is the nearer one.

    >>> [decide(all) for all in (["3", "6", "0"], ["6", "6", "3"], ["3", "0"], [])]
    [3, 6, 0, 0]
    """
    counted = Counter(answers)
    if counted["3"] + counted["6"] <= counted["0"]:
        return 0
    return 3 if counted["3"] >= counted["6"] else 6


def _drawer(meeting: Meeting) -> str:
    return f"{meeting.number}/reunion"


def _answers(group: Group, meeting: Meeting) -> dict[str, str]:
    return group.items(_drawer(meeting), "answer/")


def is_open(meeting: Meeting) -> bool:
    """Whether the group is being asked."""
    return going_on(meeting) and meeting.reunion is not None and not meeting.reunion.closed


# --- asking -------------------------------------------------------------------------------------


def ask(group: Group, meeting: Meeting, _action: AskReunion, facts: Facts) -> Decision:
    """A facilitator asks the group once, at the closing of the last meeting."""
    step = group.step(meeting)
    if not leads(group, facts.me) or not is_next(group, meeting) or step is None:
        return UNAVAILABLE
    roll = present(group, meeting)
    if step.does != "closing" or meeting.reunion is not None or not roll:
        return UNAVAILABLE
    asked = replace(meeting, reunion=Reunion(roll))
    new = group.with_meeting(asked)
    return Decision(new, shown(new, asked), Notice(T("titles.offered")))


def shown(group: Group, meeting: Meeting) -> tuple[Effect, ...]:
    """The vote as the room sees it, and the guides beside it."""
    put = Put(Room(group.id), "reunion", vote_card(group, meeting))
    return (put, *guide(group, meeting))


def vote_card(group: Group, meeting: Meeting) -> Card:
    """The question with its three answers, and how many have answered."""
    assert meeting.reunion is not None
    months = (
        button("reunion.3", VoteReunion(group.id, meeting.number, 3)),
        button("reunion.6", VoteReunion(group.id, meeting.number, 6)),
        button("reunion.0", VoteReunion(group.id, meeting.number, 0)),
    )
    voted = len(_answers(group, meeting))
    return Card(
        (
            Heading(T("reunion.title")),
            line("reunion"),
            Buttons(months),
            line("vote.progress", n=voted, m=len(meeting.reunion.roll)),
            quiet("reunion.text"),
            quiet("reunion.count"),
        ),
        T("reunion.title"),
    )


def vote(group: Group, meeting: Meeting, action: VoteReunion, facts: Facts) -> Decision:
    """Somebody on the roll answers, or thinks again; the last one closes it."""
    if not is_open(meeting) or meeting.reunion is None or facts.me not in meeting.reunion.roll:
        return UNAVAILABLE
    new = group.with_item(_drawer(meeting), f"answer/{facts.me}", str(action.months))
    new, effects = goes_on(new, meeting)
    last = len(_answers(new, meeting)) == len(meeting.reunion.roll)
    return Decision(new, effects, Notice(T("vote.in.last" if last else "vote.in")))


def goes_on(group: Group, meeting: Meeting) -> tuple[Group, tuple[Effect, ...]]:
    """An open vote is shown as it is; one in which all have answered closes."""
    if meeting.reunion is None or not is_open(meeting):
        return group, ()
    if len(_answers(group, meeting)) < len(meeting.reunion.roll):
        return group, shown(group, meeting)
    new, closed, effects = settle(group, meeting)
    return new, (*effects, *guide(new, closed))


# --- closing ------------------------------------------------------------------------------------


def close(group: Group, meeting: Meeting, _action: CloseReunion, facts: Facts) -> Decision:
    """A facilitator closes the vote once half of the roll have answered."""
    if not leads(group, facts.me) or not is_open(meeting):
        return UNAVAILABLE
    if not _half(group, meeting):
        return notice("vote.half")
    new, closed, effects = settle(group, meeting)
    return Decision(new, (*effects, *guide(new, closed)), Notice(T("vote.closed")))


def _half(group: Group, meeting: Meeting) -> bool:
    assert meeting.reunion is not None
    return 2 * len(_answers(group, meeting)) >= len(meeting.reunion.roll)


def settle(group: Group, meeting: Meeting) -> tuple[Group, Meeting, tuple[Effect, ...]]:
    """What came of it is told in the room; the answers are destroyed. Under half it is a no."""
    assert meeting.reunion is not None
    months = decide(_answers(group, meeting).values()) if _half(group, meeting) else 0
    closed = replace(meeting, reunion=replace(meeting.reunion, closed=True))
    new = group.with_meeting(closed)
    if months:
        wish = meeting.at + timedelta(weeks=WEEKS[months])
        free = free_times(wish, group.calendar, wish - timedelta(days=1))
        # With as many free days as that the day itself is as good as any.
        new = replace(new, reunion_at=free[0] if free else wish)
    put = Put(Room(group.id), "reunion", result_card(new))
    return new, closed, (Shred(_drawer(meeting)), put)


def result_card(group: Group) -> Card:
    """When the group meets again, or that it does not."""
    if group.reunion_at is None:
        return plain(group, "reunion.none")
    return plain(group, "reunion.set", date=_when(group))


def _when(group: Group) -> When:
    assert group.reunion_at is not None
    return When(instant(group.reunion_at, group.zone))


# --- afterwards ---------------------------------------------------------------------------------


def forgotten(group: Group) -> tuple[Group, tuple[Effect, ...]]:
    """A day after the last meeting nothing is left of the vote but a date, if there is one."""
    meetings = tuple(replace(one, reunion=None) for one in group.meetings)
    gone = () if group.reunion_at else (Remove(Room(group.id), "reunion"),)
    return replace(group, meetings=meetings), gone


def soon(group: Group, facts: Facts) -> Decision:
    """One line in the room some days before."""
    new = replace(group, reunion_told=True)
    assert group.reunion_at is not None
    if facts.now >= instant(group.reunion_at, group.zone):
        return Decision(new)
    card = plain(group, "reunion.soon", date=_when(group))
    return Decision(new, (Put(Room(group.id), "soon", card),))


def been(group: Group) -> Decision:
    """A day after the reunion nothing is left of it."""
    new = replace(group, reunion_at=None, reunion_told=False)
    return Decision(new, tuple(Remove(Room(group.id), name) for name in CARDS))
