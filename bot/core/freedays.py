"""Days on which a group does not work besides weekends and holidays: school breaks, and others.

Which week a school has its break differs by municipality, so it is marked here and not known.
"""

from dataclasses import replace
from datetime import date, timedelta

from bot.core.action import MarkFree
from bot.core.answers import Answers, chosen, text
from bot.core.card import Choice, DateField, Form, Input, Option, Shown, T, Value
from bot.core.cards import line, quiet, words
from bot.core.decision import UNAVAILABLE, Decision, FieldErrors, Notice, OpenForm
from bot.core.facts import Facts
from bot.core.guide import beside
from bot.core.model import Group
from bot.core.plan import AHEAD, on
from bot.core.rights import leads
from schedules.rule import wall

#: The weeks in which schools usually have a break, by country: ISO weeks of a year.
BREAKS = {"SE": (7, 8, 9, 10, 44), "NO": (8, 9, 40, 41)}
#: The longest row of free days that is marked at once.
LONGEST = timedelta(days=70)
_DAY = timedelta(days=1)


def may_mark(group: Group, facts: Facts) -> bool:
    """Whether I may say when this group does not work: I lead it, or coordinate."""
    return group.status != "closed" and (leads(group, facts.me) or facts.coordinates)


def form(group: Group, action: MarkFree, facts: Facts) -> Decision:
    """What is marked, the usual weeks, and any other days."""
    if not may_mark(group, facts):
        return UNAVAILABLE
    today = wall(facts.now, group.zone).date()
    fields: list[Input | Shown] = [line("free.text")]
    marked = _marked(group, today)
    if marked:
        options = tuple(Option(f"{one[0]:%Y-%m-%d}", _label(group, *one)) for one in marked)
        fields.append(Choice("gone", T("free.gone"), options, many=True, optional=True))
    weeks = tuple(
        Option(f"{monday:%Y-%m-%d}", _label(group, monday, monday + 4 * _DAY))
        for monday in _usual(group, today)
    )
    if weeks:
        fields.append(Choice("weeks", T("free.weeks"), weeks, many=True, optional=True))
    fields += [
        DateField("from", T("free.from"), optional=True, hint=T("free.from.hint")),
        DateField("to", T("free.to"), optional=True),
        quiet("free.note"),
    ]
    return Decision(reply=OpenForm(Form(T("free.title"), action, tuple(fields), submit=T("save"))))


def mark(group: Group, action: MarkFree, answers: Answers, facts: Facts) -> Decision:
    """The days are free from now on, or no longer; a meeting on one is proposed to be moved."""
    if not may_mark(group, facts):
        return UNAVAILABLE
    today = wall(facts.now, group.zone).date()
    first, last, errors = _typed(answers, today)
    if errors:
        return Decision(reply=FieldErrors(errors))
    marked = {f"{one[0]:%Y-%m-%d}": one for one in _marked(group, today)}
    gone = [marked[one] for one in chosen(answers, "gone", tuple(marked))]
    usual = tuple(f"{monday:%Y-%m-%d}" for monday in _usual(group, today))
    weeks = [date.fromisoformat(one) for one in chosen(answers, "weeks", usual)]
    spans = [(monday, monday + 4 * _DAY) for monday in weeks]
    if first is not None and last is not None:
        spans.append((first, last))
    new = replace(group, free_days=group.free_days - _days(gone) | _days(spans))
    shown = beside(new) if group.status == "running" else ()
    return Decision(new, shown, Notice(T("free.done")))


def _days(spans: list[tuple[date, date]]) -> frozenset[date]:
    """All days of some rows."""
    every = (begin + i * _DAY for begin, end in spans for i in range((end - begin).days + 1))
    return frozenset(every)


def _typed(answers: Answers, today: date) -> tuple[date | None, date | None, dict[str, T]]:
    """From when to when, both or neither; without an end one day."""
    days: dict[str, date] = {}
    errors: dict[str, T] = {}
    for field in ("from", "to"):
        said = text(answers, field)
        try:
            days |= {field: date.fromisoformat(said)} if said else {}
        except ValueError:
            errors[field] = T("error.date")
    first, last = days.get("from"), days.get("to", days.get("from"))
    if not errors and last is not None:
        if first is None:
            errors["from"] = T("error.date")
        elif first < today:
            errors["from"] = T("plan.past")
        elif not first <= last <= first + LONGEST or last > today + AHEAD:
            errors["to"] = T("error.date")
    return first, last, errors


def _marked(group: Group, today: date) -> list[tuple[date, date]]:
    """The free days from today on, in rows: first and last of each."""
    rows: list[tuple[date, date]] = []
    for day in sorted(one for one in group.free_days if one >= today):
        if rows and rows[-1][1] + _DAY == day:
            rows[-1] = (rows[-1][0], day)
        else:
            rows.append((day, day))
    return rows


def _usual(group: Group, today: date) -> list[date]:
    """The Mondays of the usual weeks of the coming year that are not marked yet."""
    mondays = (
        date.fromisocalendar(year, week, 1)
        for year in (today.year, today.year + 1)
        for week in BREAKS.get(group.country, ())
    )
    return [
        monday
        for monday in mondays
        if today <= monday <= today + AHEAD
        and not all(monday + i * _DAY in group.free_days for i in range(5))
    ]


def _label(group: Group, first: date, last: date) -> T:
    """*Week 8, Monday 22 February to Friday 26 February*; a single day by its date."""

    if first == last:
        return words(on(group, first))
    said: dict[str, Value] = {"from": on(group, first), "to": on(group, last)}
    if first.isoweekday() == 1 and (last - first).days in (4, 6):
        return T("free.week", {"week": first.isocalendar().week, **said})
    return T("free.span", said)
