"""The weekly cadence around one meeting: its card, who comes, the one reminder, the overview."""

from collections.abc import Iterable
from dataclasses import replace

from bot.core import pace, titles
from bot.core.action import (
    Attend,
    BringCase,
    CheckIn,
    GetSheet,
    MarkHeld,
    MoveMeeting,
    ReadCheckIns,
    Reflect,
    SetGuide,
    SkipMeeting,
)
from bot.core.aloud import theme_button, theme_row
from bot.core.card import (
    About,
    Button,
    Buttons,
    Card,
    Details,
    Element,
    Heading,
    T,
    Who,
)
from bot.core.cards import (
    button,
    danger,
    leaders,
    leading,
    line,
    name,
    primary,
    quiet,
    starts,
    words,
)
from bot.core.decision import UNAVAILABLE, Decision, Notice
from bot.core.effect import Effect, Person, Put, Remove, Room
from bot.core.event import PersonId
from bot.core.facts import Facts
from bot.core.model import Group, Meeting
from bot.core.proposals import few_rows
from bot.core.rights import (
    belongs,
    checks_in,
    is_next,
    leads_today,
    reads_reflections,
    takes_cases,
)

# --- the room -----------------------------------------------------------------------------------


def meeting_card(group: Group, meeting: Meeting) -> Card:
    """The meeting in the group's room: when, where, who leads; and what each can do about it."""
    elements: list[Element] = [
        Heading(
            T("card.title", {"n": meeting.number, "count": len(group.meetings)}),
        ),
        Details(
            (
                (T("card.when"), words(starts(group, meeting))),
                (
                    T("card.where"),
                    words(About(group.id, "place")) if group.place else T("card.unset"),
                ),
                (T("card.leaders"), leading(group)),
                *theme_row(group, meeting),
            )
        ),
    ]
    elements += pace.in_room(group, meeting)
    elements += titles.rows(group, meeting)
    if group.link:
        elements += [line("card.link", link=About(group.id, "link")), quiet("card.recording")]
    if meeting.ended_at is not None:
        elements.append(line("card.held" if meeting.held else "card.skipped"))
        if meeting.held and reads_reflections(meeting):
            row = (button("reflect.open", Reflect(group.id, meeting.number)),)
            elements.append(Buttons(row))
        return Card(tuple(elements), T("card.summary"))
    if meeting.guide is None:
        elements.append(_coming(group, meeting))
    own: list[Button] = []
    if takes_cases(group, meeting):
        own.append(button("case.open", BringCase(group.id, meeting.number)))
    if checks_in(group, meeting):
        own.append(button("checkin.open", CheckIn(group.id, meeting.number)))
    if own:
        elements.append(Buttons(tuple(own)))
    return Card(tuple(elements), T("card.summary"))


def _coming(group: Group, meeting: Meeting) -> Buttons:
    """Whether one comes, as long as the meeting has not begun."""
    number = meeting.number
    return Buttons(
        (
            primary("card.yes", Attend(group.id, number, "yes")),
            button("card.no", Attend(group.id, number, "no")),
            button("card.late", Attend(group.id, number, "late")),
        )
    )


def room_card(group: Group, meeting: Meeting) -> Put:
    """The meeting's card is to look like this."""
    return Put(Room(group.id), f"meeting/{meeting.number}", meeting_card(group, meeting))


def question_card(group: Group, meeting: Meeting) -> Card:
    """*Bring a question* in the room. No number is shown before the vote."""
    return Card(
        (
            Heading(T("case.room.title", {"n": meeting.number})),
            line("case.room", date=starts(group, meeting, "date")),
            quiet("case.free"),
            Buttons((primary("case.open", BringCase(group.id, meeting.number)),)),
        ),
        T("case.open"),
    )


# --- who comes ----------------------------------------------------------------------------------


def attend(group: Group, meeting: Meeting, action: Attend, facts: Facts) -> Decision:
    """A member says whether they come; seen by those who lead."""
    if not belongs(group, facts.me) or not is_next(group, meeting):
        return UNAVAILABLE
    said = replace(meeting, attendance={**meeting.attendance, facts.me: action.answer})
    new = group.with_meeting(said)
    answered = Remove(Person(facts.me), f"remind/{meeting.number}")
    return Decision(new, (answered, *overview(new, said)), Notice(T(f"attend.{action.answer}")))


def remind_card(group: Group, meeting: Meeting) -> Card:
    """The only reminder: attendance, nothing else."""
    return Card(
        (
            Heading(name(group)),
            line("remind", day=starts(group, meeting, "day"), leaders=leaders(group)),
            Buttons(
                (
                    primary("card.yes", Attend(group.id, meeting.number, "yes")),
                    button("card.no", Attend(group.id, meeting.number, "no")),
                    button("card.late", Attend(group.id, meeting.number, "late")),
                )
            ),
        )
    )


def overview(group: Group, meeting: Meeting) -> tuple[Put, ...]:
    """The overview of those who have been shown it is to look like this."""
    shown = (one for one in group.led_by if meeting.told("overview", one))
    return overview_for(group, meeting, *shown)


def overview_for(group: Group, meeting: Meeting, *people: PersonId) -> tuple[Put, ...]:
    """The overview of these people is to look like this."""
    card = overview_card(group, meeting)
    return tuple(Put(Person(one), f"overview/{meeting.number}", card) for one in people)


def overview_card(group: Group, meeting: Meeting) -> Card:
    """Who comes, for those who plan the meeting; once it has passed, whether it took place."""
    if meeting.ended_at is not None:
        return held_card(group, meeting)

    def those(*answers: str) -> tuple[PersonId, ...]:
        return tuple(one for one in group.people if meeting.attendance.get(one, "") in answers)

    rows = [
        (T(f"overview.{key}"), words(Who(found)))
        for key, found in (
            ("yes", those("yes")),
            ("late", those("late")),
            ("no", those("no")),
            ("silent", those("")),
        )
        if found
    ]
    if len(group.led_by) > 1:
        rows.insert(0, (T("overview.lead"), words(Who((leads_today(group, meeting),)))))
    few = few_rows(group, meeting, coming=len(those("yes", "late")))
    return Card(
        (
            Heading(T("overview.title", {"n": meeting.number, "count": len(group.meetings)})),
            line("overview", when=starts(group, meeting)),
            *((Details(tuple(rows)),) if rows else ()),
            *few,
            Buttons(
                (
                    button("checkin.read", ReadCheckIns(group.id, meeting.number)),
                    button("sheet.title", GetSheet(group.id, meeting.number)),
                    *theme_button(group, meeting),
                    *titles.offer_buttons(group, meeting),
                    button("move.other", MoveMeeting(group.id, meeting.number)),
                    button("guide.set", SetGuide(group.id, meeting.number)),
                    danger("skip.b", SkipMeeting(group.id, meeting.number)),
                )
            ),
        )
    )


def held_card(group: Group, meeting: Meeting) -> Card:
    """What Krets has noted of a meeting in which its guide was not used, and how to correct it."""
    other = MarkHeld(group.id, meeting.number, not meeting.held)
    return Card(
        (
            Heading(T("card.title", {"n": meeting.number, "count": len(group.meetings)})),
            line("held.noted.yes" if meeting.held else "held.noted.no"),
            Buttons((button("held.b.no" if meeting.held else "held.b.yes", other),)),
        )
    )


# --- the moments before -------------------------------------------------------------------------


def announce(group: Group, meeting: Meeting) -> tuple[Effect, ...]:
    """The next meeting's card appears in the room."""
    return (room_card(group, meeting),)


def question(group: Group, meeting: Meeting) -> tuple[Effect, ...]:
    """*Bring a question* appears in the room."""
    put = Put(Room(group.id), f"question/{meeting.number}", question_card(group, meeting))
    return (put,) if takes_cases(group, meeting) else ()


def remind(group: Group, meeting: Meeting, people: Iterable[PersonId]) -> tuple[Effect, ...]:
    """Those of these people who have not said whether they come are asked, once."""
    silent = [one for one in people if one not in meeting.attendance]
    card = remind_card(group, meeting)
    return tuple(Put(Person(one), f"remind/{meeting.number}", card) for one in silent)
