"""The meeting on one page, for those who lead, so that it goes on without Krets.

It tells the method and the clock; nothing that anybody wrote, and nobody's name.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.core.action import GetSheet
from bot.core.addresses import granted
from bot.core.card import Form, Link, T
from bot.core.cards import line, quiet
from bot.core.decision import UNAVAILABLE, Decision, OpenForm, notice
from bot.core.facts import Facts
from bot.core.method import Method, Passage, Step
from bot.core.model import Group, Meeting
from bot.core.rights import leads


@dataclass(frozen=True, slots=True)
class Row:
    """One step: its number (0 for a break), its minutes from when to when, and what may be said.

    `read` is what may be read aloud: an exercise, or the lecture on the meeting's theme.
    """

    number: int
    title: str
    minutes: int
    starts: datetime
    ends: datetime
    say: str
    read: str


def rows(
    method: Method, meeting: int, count: int, starts: datetime, language: str
) -> tuple[Row, ...]:
    """All steps of this meeting of so many, one after the other from its start."""
    found: list[Row] = []
    number, at = 0, starts
    for step in method.agenda(meeting, count):
        number += step.numbered
        ends = at + timedelta(minutes=step.minutes)
        say = (step.say or {}).get(language, "")
        shown = number if step.numbered else 0
        passage = _passage(method, step, meeting, count)
        read = f"{passage.title[language]}. {passage.say[language]}" if passage else ""
        found.append(Row(shown, step.title[language], step.minutes, at, ends, say, read))
        at = ends
    return tuple(found)


def _passage(method: Method, step: Step, meeting: int, count: int) -> Passage | None:
    """What is laid ready to read aloud; of the exercises another one each time."""
    if step.does == "exercise" and method.exercises:
        return method.exercises[(meeting - 1) % len(method.exercises)]
    return method.theme(meeting, count) if step.does == "theme" else None


def get(group: Group, meeting: Meeting, action: GetSheet, facts: Facts) -> Decision:
    """The address of the sheet, for those who lead, until a day after the meeting."""
    if not leads(group, facts.me) or group.status != "running" or meeting.ended_at is not None:
        return UNAVAILABLE
    if not facts.reached:
        return notice("address.none")
    grant, address = granted(group, "sheet", meeting.number, facts)
    fields = (
        line("sheet.text"),
        Link(T("sheet.link"), address),
        quiet("sheet.until"),
        quiet("address.once"),
    )
    return Decision(effects=(grant,), reply=OpenForm(Form(T("sheet.title"), action, fields)))
