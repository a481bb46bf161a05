"""The session guide: where the meeting is, until when, and what may be said. It never locks.

All who lead see the same, and what one presses the others see. In the meeting Krets writes to them
only, apart from the vote, what it brings to the owner, and what a step brings.
"""

from bot.core import aloud, owner, pace, titles
from bot.core.action import (
    AddCase,
    AddMinutes,
    AgreeRules,
    AskReunion,
    ChangeRules,
    ChooseInRoom,
    CloseReunion,
    CloseVote,
    EndMeeting,
    MoveGuide,
    NotePartner,
    OpenVote,
    PauseGuide,
    ReadRules,
    SetGuide,
    SkipMeeting,
    Today,
)
from bot.core.card import Button, Buttons, Card, Element, Heading, Items, T, Text, When, Who
from bot.core.cards import asked, button, danger, line, name, primary, quiet, step_text
from bot.core.checkins import last_owner
from bot.core.effect import Person, Put
from bot.core.event import PersonId
from bot.core.meetings import overview, room_card
from bot.core.model import Group, Guide, Meeting
from bot.core.rights import leads_today


def guide(group: Group, meeting: Meeting) -> tuple[Put, ...]:
    """The guides of all who lead are to look like this; before the start there is none."""
    if meeting.guide is None:
        return ()
    # One card for all of them, but for who has asked for a pause: the others are told who did.
    cards = {one: guide_card(group, meeting, one) for one in {"", meeting.guide.braked_by}}
    return tuple(
        Put(Person(one), f"guide/{meeting.number}", cards.get(one, cards[""]))
        for one in group.led_by
    )


def beside(group: Group) -> tuple[Put, ...]:
    """The next meeting as far as it has been shown: its card, the overview, the guide; the owner's
    card.
    """
    meeting = group.next_meeting
    if meeting is None:
        return ()
    announced = meeting.number == 1 or "announce" in meeting.came
    card = (room_card(group, meeting),) if announced else ()
    seen = overview(group, meeting)
    return (*card, *seen, *owner.shown(group, meeting), *guide(group, meeting))


# --- cards --------------------------------------------------------------------------------------


def guide_card(group: Group, meeting: Meeting, me: PersonId) -> Card:
    """The step, *until hh:mm*, what may be said, and what can be done from here."""
    at = meeting.guide
    assert at is not None
    title = Heading(T("guide.title", {"n": meeting.number, "count": len(group.meetings)}))
    if meeting.ended_at is not None:
        return Card((title, line("guide.ended")))
    agenda = group.agenda(meeting)
    step = agenda[at.step]
    rows = tuple(pace.row(group, meeting, index) for index in range(len(agenda)))
    elements: list[Element] = [
        title,
        Items(rows, current=at.step),
        Heading(T("guide.step", {"step": step_text(group, meeting, at.step, "title")})),
        line("guide.paused")
        if at.paused_at is not None
        else line("guide.until", time=When(pace.until(group, meeting, at), "time")),
    ]
    if step.say is not None:
        elements.append(line("guide.say", text=step_text(group, meeting, at.step, "say")))
    elements += aloud.beside_step(group, meeting)
    if step.who == "last_owner" and last_owner(group, meeting):
        elements.append(line("guide.last_owner", who=Who((last_owner(group, meeting),))))
    if meeting.owner and step.does != "vote":
        elements.append(quiet("guide.owner_is", who=Who((meeting.owner,))))
    if pace.joins(group, meeting):
        turn = When(pace.turn_at(group, meeting, at), "time")
        elements.append(quiet("guide.owner_joins", time=turn))
    if step.does == "brake" and at.braked == at.step and at.braked_by not in ("", me):
        elements.append(quiet("brake.other", who=Who((at.braked_by,))))
    if step.does == "vote":
        elements += _vote_rows(group, meeting)
    if meeting.owner and (step.who == "partners" or (step.does == "vote" and meeting.partner)):
        elements += _partner_rows(group, meeting)
    if step.does == "closing":
        elements += _reunion_rows(group, meeting)
    if step.does == "rules":
        row = [button("rules.read", ReadRules(group.id))]
        if group.rules.agreed_at is None:
            agree = AgreeRules(group.id, meeting.number, group.rules.version)
            row += [button("rules.change", ChangeRules(group.id)), button("rules.agree", agree)]
        elements.append(Buttons(tuple(row)))
    if len(group.led_by) > 1:
        elements.append(quiet("guide.lead", who=Who((leads_today(group, meeting),))))
    elements.append(Buttons(_navigation(group, meeting, at, len(agenda))))
    return Card(tuple(elements))


def _partner_rows(group: Group, meeting: Meeting) -> list[Element]:
    """Who the conversation partner is, or that somebody is being asked; never who said no."""
    note = button("partner.note", NotePartner(group.id, meeting.number))
    if meeting.partner:
        return [line("partner.is", who=Who((meeting.partner,))), Buttons((note,))]
    return [line("partner.look" if meeting.partner_asked else "partner.none"), Buttons((note,))]


def _reunion_rows(group: Group, meeting: Meeting) -> list[Element]:
    """Whether the group has been asked if it meets again, and how many have answered."""
    number, asked = meeting.number, meeting.reunion
    if asked is None:
        return [Buttons((button("reunion.ask", AskReunion(group.id, number)),))]
    if asked.closed:
        return []
    voted = len(group.items(f"{number}/reunion", "answer/"))
    rows: list[Element] = [line("vote.progress", n=voted, m=len(asked.roll))]
    if 2 * voted >= len(asked.roll):
        rows.append(Buttons((primary("vote.close", CloseReunion(group.id, number)),)))
    return rows


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
    row.append(button("guide.set", SetGuide(group.id, meeting.number)))
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
    return Card((Heading(name(group)), Text(asked(group, "closing", "carry_out"))))
