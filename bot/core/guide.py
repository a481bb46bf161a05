"""The session guide: where the meeting is, until when, and what may be said. It never locks.

In the meeting Krets writes to those who lead only, apart from the vote and what a step brings.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from bot.core import titles
from bot.core.action import (
    AddCase,
    AddMinutes,
    AgreeRules,
    ChooseInRoom,
    CloseVote,
    EndMeeting,
    MoveGuide,
    OpenVote,
    PauseGuide,
    ReadRules,
    SkipMeeting,
    Today,
)
from bot.core.card import Button, Buttons, Card, Element, Form, Heading, Items, T, When, Who
from bot.core.cards import button, danger, line, name, plain, primary, quiet, step_text
from bot.core.checkins import last_owner
from bot.core.decision import UNAVAILABLE, Decision, Nothing, Notice, OpenForm
from bot.core.effect import Effect, Person, Put, Remove, Room, Shred
from bot.core.facts import Facts
from bot.core.meetings import overview, room_card
from bot.core.model import Group, Guide, Meeting
from bot.core.reflections import ask as ask_reflections
from bot.core.rights import going_on, is_next, leads, takes_cases

#: Minutes that *2 more minutes* adds.
MORE = 2


def guide(group: Group, meeting: Meeting) -> tuple[Put, ...]:
    """The guides of all who lead are to look like this; before the start there is none."""
    if meeting.guide is None:
        return ()
    card = guide_card(group, meeting)
    return tuple(Put(Person(one), f"guide/{meeting.number}", card) for one in group.led_by)


def beside(group: Group) -> tuple[Put, ...]:
    """The next meeting as far as it has been shown: its card, the overview, the guide."""
    meeting = group.next_meeting
    if meeting is None:
        return ()
    announced = meeting.number == 1 or "announce" in meeting.came
    card = (room_card(group, meeting),) if announced else ()
    seen = overview(group, meeting) if "overview" in meeting.came else ()
    return (*card, *seen, *guide(group, meeting))


def begin(group: Group, meeting: Meeting) -> Decision:
    """The meeting starts: the guide opens at its first step."""
    begun = replace(meeting, guide=Guide(0, group.starts(meeting)))
    new = group.with_meeting(begun)
    return Decision(new, guide(new, begun))


# --- moving -------------------------------------------------------------------------------------


def move(group: Group, meeting: Meeting, action: MoveGuide, facts: Facts) -> Decision:
    """Next or back. Two leaders pressing together take one step; the brake asks once."""
    at = meeting.guide
    if not leads(group, facts.me) or not is_next(group, meeting) or at is None:
        return UNAVAILABLE
    agenda = group.agenda(meeting)
    to = at.step + action.by
    if action.from_step != at.step or not 0 <= to < len(agenda):
        return Decision(reply=Nothing())
    early = facts.now < until(group, meeting, at)
    braking = agenda[at.step].does == "brake" and action.by == 1 and early
    if braking and not action.sure and at.braked != at.step:
        braked = group.with_meeting(replace(meeting, guide=replace(at, braked=at.step)))
        sure = replace(action, sure=True)
        form = Form(T("brake.title"), sure, (line("brake"),), submit=T("brake.go"))
        return Decision(braked, reply=OpenForm(form))
    moved = replace(meeting, guide=Guide(to, facts.now, braked=at.braked))
    new = group.with_meeting(moved)
    return _brings(new, moved) if action.by == 1 else Decision(new, guide(new, moved))


def _brings(group: Group, meeting: Meeting) -> Decision:
    """What a step brings when it begins."""
    step = group.step(meeting)
    assert step is not None
    effects: tuple[Effect, ...] = ()
    if step.does == "vote" and takes_cases(group, meeting):
        effects = tuple(
            Put(Person(case.by), f"today/{meeting.number}", today_card(group, meeting))
            for case in meeting.cases
            if not case.in_room and not group.item(f"{meeting.number}/vote", f"today/{case.by}")
        )
    if step.does == "reflection":
        meeting, effects = ask_reflections(group, meeting)
        group = group.with_meeting(meeting)
    if step.does == "closing":
        effects = (Put(Room(group.id), "closing", closing_card(group)),)
    return Decision(group, (*effects, *guide(group, meeting)))


def add_minutes(group: Group, meeting: Meeting, action: AddMinutes, facts: Facts) -> Decision:
    """Two more minutes for this step."""
    at = meeting.guide
    if not leads(group, facts.me) or not is_next(group, meeting) or at is None:
        return UNAVAILABLE
    if action.from_step != at.step:
        return Decision(reply=Nothing())
    longer = replace(meeting, guide=replace(at, extra=at.extra + MORE))
    new = group.with_meeting(longer)
    return Decision(new, guide(new, longer))


def pause(group: Group, meeting: Meeting, action: PauseGuide, facts: Facts) -> Decision:
    """Pause, or go on where the meeting was; the time in between does not count."""
    at = meeting.guide
    if not leads(group, facts.me) or not is_next(group, meeting) or at is None:
        return UNAVAILABLE
    if action.pause == (at.paused_at is not None):
        return Decision(reply=Nothing())
    if at.paused_at is None:
        at = replace(at, paused_at=facts.now)
    else:
        at = replace(at, since=at.since + (facts.now - at.paused_at), paused_at=None)
    paused = replace(meeting, guide=at)
    new = group.with_meeting(paused)
    return Decision(new, guide(new, paused))


# --- the end ------------------------------------------------------------------------------------


def end(group: Group, meeting: Meeting, facts: Facts) -> Decision:
    """A facilitator ends the meeting."""
    if not leads(group, facts.me) or not is_next(group, meeting) or not going_on(meeting):
        return UNAVAILABLE
    return replace(finish(group, meeting, facts.now, True), reply=Notice(T("end.done")))


def skip(group: Group, meeting: Meeting, facts: Facts) -> Decision:
    """A facilitator marks that the meeting does not take place."""
    if not leads(group, facts.me) or not is_next(group, meeting):
        return UNAVAILABLE
    return replace(finish(group, meeting, facts.now, False), reply=Notice(T("skip.done")))


def finish(group: Group, meeting: Meeting, now: datetime, held: bool) -> Decision:
    """The meeting is over: an open vote ends uncounted, and everybody may reflect."""
    ballot = meeting.ballot
    if ballot is not None and ballot.closed_at is None:
        ballot = replace(ballot, closed_at=now)
    told = meeting if held else meeting.revised(now)
    ended = replace(told, ended_at=now, held=held, ballot=ballot)
    effects: tuple[Effect, ...] = ()
    if held:
        ended, effects = ask_reflections(group, ended)
    new = group.with_meeting(ended)
    asked = Remove(Room(group.id), f"question/{meeting.number}")
    gone: list[Effect] = [asked, titles.gone(group, meeting)]
    if not ended.owner:
        gone.append(Remove(Room(group.id), f"vote/{meeting.number}"))
    for kind in ("remind", "checkin", "today"):
        gone += [Remove(Person(one), f"{kind}/{meeting.number}") for one in group.people]
    if not held:
        gone += [Remove(Person(one), f"overview/{meeting.number}") for one in group.led_by]
    effects = (Shred(f"{meeting.number}/vote"), *effects, room_card(new, ended), *gone)
    return Decision(new, (*effects, *guide(new, ended)))


# --- cards --------------------------------------------------------------------------------------


def until(group: Group, meeting: Meeting, at: Guide) -> datetime:
    """Until when the step lasts by plan; nothing happens then."""
    minutes = group.agenda(meeting)[at.step].minutes + at.extra
    return at.since + timedelta(minutes=minutes)


def guide_card(group: Group, meeting: Meeting) -> Card:
    """The step, *until hh:mm*, what may be said, and what can be done from here."""
    at = meeting.guide
    assert at is not None
    title = Heading(T("guide.title", {"n": meeting.number, "count": len(group.meetings)}))
    if meeting.ended_at is not None:
        return Card((title, line("guide.ended")))
    agenda = group.agenda(meeting)
    step = agenda[at.step]
    rows = tuple(_row(group, meeting, index) for index in range(len(agenda)))
    elements: list[Element] = [
        title,
        Items(rows, current=at.step),
        line("guide.step", step=step_text(group, meeting, at.step, "title")),
        line("guide.paused")
        if at.paused_at is not None
        else line("guide.until", time=When(until(group, meeting, at), "time")),
    ]
    if step.say is not None:
        elements.append(quiet("guide.say", text=step_text(group, meeting, at.step, "say")))
    if step.who == "last_owner" and last_owner(group, meeting):
        elements.append(line("guide.last_owner", who=Who((last_owner(group, meeting),))))
    if meeting.owner and step.does != "vote":
        elements.append(quiet("guide.owner_is", who=Who((meeting.owner,))))
    if step.does == "vote":
        elements += _vote_rows(group, meeting)
    if step.does == "rules":
        row = [button("rules.read", ReadRules(group.id))]
        if not meeting.agreed:
            row.append(button("rules.agree", AgreeRules(group.id, meeting.number)))
        elements.append(Buttons(tuple(row)))
    elements.append(Buttons(_navigation(group, meeting, at, len(agenda))))
    return Card(tuple(elements))


def _row(group: Group, meeting: Meeting, index: int) -> T:
    """One step in the list of all; a break has no number."""
    agenda = group.agenda(meeting)
    title, minutes = step_text(group, meeting, index, "title"), agenda[index].minutes
    if not agenda[index].numbered:
        return T("guide.row.break", {"title": title, "minutes": minutes})
    number = sum(one.numbered for one in agenda[: index + 1])
    return T("guide.row", {"n": number, "title": title, "minutes": minutes})


def _navigation(group: Group, meeting: Meeting, at: Guide, steps: int) -> tuple[Button, ...]:
    row: list[Button] = []
    if at.step + 1 < steps:
        row.append(primary("guide.next", MoveGuide(group.id, meeting.number, at.step, 1)))
    else:
        row.append(primary("end.b", EndMeeting(group.id, meeting.number)))
    if at.step > 0:
        row.append(button("guide.back", MoveGuide(group.id, meeting.number, at.step, -1)))
    row.append(button("guide.more", AddMinutes(group.id, meeting.number, at.step)))
    paused = at.paused_at is not None
    row.append(
        button(
            "guide.go" if paused else "guide.pause",
            PauseGuide(group.id, meeting.number, not paused),
        )
    )
    if at.step == 0:
        row.append(danger("skip.b", SkipMeeting(group.id, meeting.number)))
    elif at.step + 1 < steps:
        row.append(danger("end.b", EndMeeting(group.id, meeting.number)))
    return tuple(row)


def _vote_rows(group: Group, meeting: Meeting) -> list[Element]:
    """How many questions there are, and every way on: vote, add one, choose in the room."""
    ballot, number = meeting.ballot, meeting.number
    by_hand = button("vote.room", ChooseInRoom(group.id, number))
    if meeting.owner:
        return [line("vote.result", name=Who((meeting.owner,))), Buttons((by_hand,))]
    if ballot is not None and ballot.closed_at is None:
        half = 2 * group.voted(number) >= len(ballot.roll)
        close = (primary("vote.close", CloseVote(group.id, number)),) if half else ()
        return [
            line("vote.until", time=When(ballot.closes_at, "time")),
            line("vote.progress", n=group.voted(number), m=len(ballot.roll)),
            Buttons((*close, by_hand)),
        ]
    if ballot is not None:
        return [line("vote.none"), Buttons((by_hand,))]
    add = button("add.b", AddCase(group.id, number))
    if not meeting.cases:
        return [line("vote.no_cases"), Buttons((add, by_hand))]
    label = "vote.open" if len(meeting.cases) > 1 else "vote.one"
    offer = titles.offer_buttons(group, meeting)
    row = (primary(label, OpenVote(group.id, number)), add, by_hand, *offer)
    return [line("vote.cases", n=len(meeting.cases)), Buttons(row)]


def today_card(group: Group, meeting: Meeting) -> Card:
    """*Today / not today*, to each who has a question, all at once."""
    return Card(
        (
            Heading(name(group)),
            line("case.today"),
            Buttons(
                (
                    primary("case.today.yes", Today(group.id, meeting.number, True)),
                    button("case.today.no", Today(group.id, meeting.number, False)),
                )
            ),
        )
    )


def closing_card(group: Group) -> Card:
    """At the last meeting: is there anything to take further, and in which words?"""
    return plain(group, "carry_out")
