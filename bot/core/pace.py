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


def turn_at(group: Group, meeting: Meeting, at: Guide) -> datetime:
    """When the owner's turn comes: after this step, and those after it in which others talk."""
    turn = until(group, meeting, at)
    for step in group.agenda(meeting)[at.step + 1 :]:
        if step.who != "others":
            break
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
