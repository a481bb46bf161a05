"""Where a meeting is and until when, by plan: nothing happens when that time comes."""

from datetime import datetime, timedelta

from bot.core.card import T, Text, When
from bot.core.cards import line, step_text
from bot.core.model import Group, Guide, Meeting
from bot.core.rights import going_on


def until(group: Group, meeting: Meeting, at: Guide) -> datetime:
    """Until when the step lasts."""
    minutes = group.agenda(meeting)[at.step].minutes + at.extra
    return at.since + timedelta(minutes=minutes)


def listening(group: Group, meeting: Meeting) -> bool:
    """Whether the others talk and the owner of the question may just listen."""
    step = group.step(meeting)
    return step is not None and step.who == "others" and bool(meeting.owner)


def joins(group: Group, meeting: Meeting) -> bool:
    """Whether the others talk first in this step, and the owner of the question joins them."""
    step = group.step(meeting)
    return step is not None and step.without_owner > 0 and bool(meeting.owner)


def turn_at(group: Group, meeting: Meeting, at: Guide) -> datetime:
    """When the owner's turn comes: as soon as no more is without them, in this step or later.

    More time for a step that they join is more time without them.
    """
    now, *later = group.agenda(meeting)[at.step :]
    turn = until(group, meeting, at)
    if now.without_owner:
        return turn - timedelta(minutes=now.minutes - now.without_owner)
    for step in later:
        if step.who != "others":
            return turn + timedelta(minutes=step.without_owner)
        turn += timedelta(minutes=step.minutes)
    return turn


def in_room(group: Group, meeting: Meeting) -> tuple[Text, ...]:
    """The step in the room's card: edited in silence, only for the group, and if it is wanted."""
    at = meeting.guide
    ours = group.room == "ok" and not group.visitors
    if at is None or not going_on(meeting) or not group.step_shown or not ours:
        return ()
    if at.paused_at is not None:
        return (line("guide.paused"),)
    step = step_text(group, meeting, at.step, "title")
    return (line("card.step", step=step, time=When(until(group, meeting, at), "time")),)


def row(group: Group, meeting: Meeting, index: int) -> T:
    """One step in the list of all; a break has no number."""
    agenda = group.agenda(meeting)
    title, minutes = step_text(group, meeting, index, "title"), agenda[index].minutes
    if not agenda[index].numbered:
        return T("guide.row.break", {"title": title, "minutes": minutes})
    number = sum(one.numbered for one in agenda[: index + 1])
    return T("guide.row", {"n": number, "title": title, "minutes": minutes})
