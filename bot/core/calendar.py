"""Calendars: when the meetings are, for each person's own, and nothing of what they are about."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.core.action import GetCalendar, NameCalendar
from bot.core.addresses import granted
from bot.core.answers import Answers, text
from bot.core.card import About, Form, Line, Link, T
from bot.core.cards import line, quiet
from bot.core.decision import UNAVAILABLE, Decision, FieldErrors, Notice, OpenForm, notice
from bot.core.facts import Facts
from bot.core.model import Group
from bot.core.rights import leads, takes_part
from bot.core.text import NAME_LIMIT, fault
from schedules.rule import instant


@dataclass(frozen=True, slots=True)
class Entry:
    """One meeting as a calendar tells it; the later `revision` is the one that counts."""

    number: int
    starts: datetime
    ends: datetime
    called_off: bool
    revision: int
    revised_at: datetime


def entries(group: Group) -> Iterator[Entry]:
    """All meetings, also those that were called off; when a group closes, the rest are.

    A reunion comes last and has the number 0.
    """
    for meeting in group.meetings:
        revision, revised_at = meeting.revision, meeting.revised_at or group.opened_at
        called_off = meeting.ended_at is not None and not meeting.held
        if group.closed_at is not None and meeting.ended_at is None:
            called_off, revision, revised_at = True, revision + 1, group.closed_at
        starts, ends = group.starts(meeting), group.ends(meeting)
        yield Entry(meeting.number, starts, ends, called_off, revision, revised_at)
    if group.reunion_at is not None:
        starts = instant(group.reunion_at, group.zone)
        ends = starts + timedelta(minutes=group.method.minutes)
        yield Entry(0, starts, ends, False, 0, group.meetings[-1].ended_at or group.opened_at)


def place(group: Group) -> str:
    """The room, if it is one: whoever has the address of a meeting may come in.

    Others see a calendar too: colleagues, a manager, an assistant.
    """
    return "" if any(sign in group.place for sign in ("://", "www.", "@")) else group.place


# --- the address --------------------------------------------------------------------------------


def form(group: Group, action: GetCalendar, facts: Facts) -> Decision:
    """What a calendar is told, before there is an address for it."""
    if not takes_part(group, facts.me) or group.status != "running":
        return UNAVAILABLE
    if not facts.reached:
        return notice("address.none")
    fields = (line("calendar.text"), line("calendar.yours"), quiet("calendar.new"))
    return Decision(
        reply=OpenForm(Form(T("calendar.title"), action, fields, submit=T("calendar.submit")))
    )


def get(group: Group, action: GetCalendar, facts: Facts) -> Decision:
    """A new address; the one before leads nowhere from now on."""
    if not takes_part(group, facts.me) or group.status != "running":
        return UNAVAILABLE
    if not facts.reached:
        return notice("address.none")
    grant, address = granted(group, "calendar", 0, facts)
    fields = (
        Link(T("calendar.link"), address),
        line("calendar.how"),
        quiet("address.once"),
        quiet("calendar.left"),
    )
    return Decision(effects=(grant,), reply=OpenForm(Form(T("calendar.title"), action, fields)))


# --- what the meetings are called ---------------------------------------------------------------


def name_form(group: Group, action: NameCalendar, facts: Facts) -> Decision:
    """What the meetings are called in calendars now."""
    if not leads(group, facts.me) or group.status != "running":
        return UNAVAILABLE
    field = Line(
        "title",
        T("calendar.name"),
        NAME_LIMIT,
        optional=True,
        hint=T("calendar.name.hint"),
        value=About(group.id, "title"),
    )
    form = Form(T("calendar.name.title"), action, (line("calendar.text"), field), T("save"))
    return Decision(reply=OpenForm(form))


def name(group: Group, _action: NameCalendar, answers: Answers, facts: Facts) -> Decision:
    """Those who lead choose a word that tells nothing; calendars take it over."""
    if not leads(group, facts.me) or group.status != "running":
        return UNAVAILABLE
    title = text(answers, "title")
    if wrong := fault(title, NAME_LIMIT, optional=True):
        return Decision(reply=FieldErrors({"title": wrong}))
    if title == group.title:
        return notice("calendar.named")
    revised = tuple(
        one.revised(facts.now) if one.ended_at is None else one for one in group.meetings
    )
    new = replace(group, title=title, meetings=revised)
    return Decision(new, reply=Notice(T("calendar.named")))
