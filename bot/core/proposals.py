"""Proposals to those who lead: another time, because a day is free or few are coming.

Nothing is moved without a person: one tap accepts, another keeps.
"""

from datetime import datetime, timedelta
from typing import Literal

from bot.core.action import AcceptMove, KeepMeeting, MoveMeeting, Postpone, SkipMeeting
from bot.core.card import Button, Buttons, Card, Element, Heading, T, When
from bot.core.cards import button, danger, line, name, primary
from bot.core.effect import Person, Put, Remove
from bot.core.event import PersonId
from bot.core.model import Group, Meeting
from bot.core.plan import day_off
from schedules.rule import free_times, instant, wall

#: Under how many coming another day is proposed.
FEW = 4
#: How many weeks all that remain may be put off at once, so that the next is on a working day.
WEEKS = range(1, 9)


def is_off(group: Group, meeting: Meeting) -> bool:
    """Whether the meeting stands on a day off, and nobody has said that it is to stay there."""
    day = meeting.at.date()
    off = day in group.free_days or group.calendar.holiday(day, "en") is not None
    return off and "day" not in meeting.kept


def propose(group: Group, meeting: Meeting, leader: PersonId, now: datetime) -> tuple[Put, ...]:
    """One who leads is asked whether a meeting on a day off is to be moved."""
    return (Put(Person(leader), f"move/{meeting.number}", off_card(group, meeting, now)),)


def answered(group: Group, meeting: Meeting) -> tuple[Remove, ...]:
    """It is asked no more."""
    return tuple(Remove(Person(one), f"move/{meeting.number}") for one in group.led_by)


def off_card(group: Group, meeting: Meeting, now: datetime) -> Card:
    """The day is free: another time, all a week later, keep it, or call it off."""
    why = day_off(group, meeting.at.date())
    assert why is not None
    ways, buttons = _ways(group, meeting, wall(now, group.zone), "day")
    number = T("move.title", {"n": meeting.number, "count": len(group.meetings)})
    other = button("move.other", MoveMeeting(group.id, meeting.number))
    skip = danger("move.skip", SkipMeeting(group.id, meeting.number))
    rows: tuple[Element, ...] = (Heading(name(group)), line("move", title=number, why=why))
    return Card((*rows, *ways, Buttons((*buttons, other, skip))))


def few_rows(group: Group, meeting: Meeting, coming: int) -> tuple[Element, ...]:
    """Few are coming: the same ways, but for the one that those who plan have anyway."""
    if coming >= FEW:
        return ()
    rows = (line("few.coming", n=coming),)
    if "few" in meeting.kept or not _seen(group, meeting) or meeting.guide is not None:
        return rows
    ways, buttons = _ways(group, meeting, meeting.at, "few")
    return (*rows, *ways, Buttons(buttons))


def _seen(group: Group, meeting: Meeting) -> bool:
    """Whether the overview has been shown to anybody."""
    return any(meeting.told("overview", one) for one in group.led_by)


def _ways(
    group: Group, meeting: Meeting, after: datetime, why: Literal["day", "few"]
) -> tuple[tuple[Element, ...], tuple[Button, ...]]:
    """What can be done about it: sentences with the times, and a button for each."""
    number, revision = meeting.number, meeting.revision
    later = [one for one in group.standing if one.number > number]
    free = free_times(meeting.at, group.calendar, after, later[0].at if later else None)
    weeks = next((n for n in WEEKS if _works(group, meeting, n)), 0)
    rows: list[Element] = []
    buttons: list[Button] = []
    if free:
        rows.append(line("move.to", when=When(instant(free[0], group.zone))))
        to = f"{free[0]:%Y-%m-%dT%H:%M}"
        buttons.append(primary("move.yes", AcceptMove(group.id, number, revision, to)))
    if weeks and later:
        put_off = instant(meeting.at + timedelta(weeks=weeks), group.zone)
        rows.append(line("move.later", n=weeks, when=When(put_off)))
        buttons.append(button("move.later.b", Postpone(group.id, number, revision, weeks)))
    buttons.append(button("move.keep", KeepMeeting(group.id, number, revision, why)))
    return tuple(rows), tuple(buttons)


def _works(group: Group, meeting: Meeting, weeks: int) -> bool:
    return group.calendar.is_working_day(meeting.at.date() + timedelta(weeks=weeks))
