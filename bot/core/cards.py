"""Pieces that several cards share."""

from datetime import datetime
from typing import Literal

from bot.core.action import Action
from bot.core.card import (
    About,
    Button,
    Buttons,
    Card,
    Details,
    Heading,
    OfMethod,
    T,
    Text,
    Value,
    When,
    Who,
)
from bot.core.figures import GroupFacts
from bot.core.model import LANGUAGES, Group, Meeting


def words(value: Value) -> T:
    """A value that stands alone."""
    return T("value", {"value": value})


def name(group: Group) -> T:
    """The group's name, alone."""
    return words(About(group.id, "name"))


def starts(
    group: Group, meeting: Meeting, style: Literal["date", "time", "both", "day"] = "both"
) -> When:
    """When a meeting starts."""
    return When(group.starts(meeting), style)


def leaders(group: Group) -> Who | T:
    """Those who lead; somebody who is only asked to is not named."""
    return Who(group.led_by) if group.led_by else T("nobody.yet")


def leading(group: Group) -> T:
    """Those who lead, and what their method calls them."""
    title = "leader_many" if len(group.led_by) > 1 else "leader"
    if not group.led_by or not getattr(group.method, title):
        return words(leaders(group))
    return T("leaders.as", {"who": leaders(group), "title": OfMethod(group.id, title)})


def rhythm(group: Group) -> T:
    """*tisdagar kl. 13.00*, *varannan tisdag kl. 13.00*, *var tredje ...*, in one phrase."""
    usual = _usual(group)
    return rhythm_of(group.every, usual.at.isoweekday(), group.starts(usual))


def _usual(group: Group) -> Meeting:
    """The first meeting to come that is at the most common time: some may have been moved."""
    met = group.coming or group.meetings
    times = [(one.at.weekday(), one.at.time()) for one in met]
    return met[times.index(max(times, key=times.count))]


def rhythm_of(every: int, weekday: int, first: datetime) -> T:
    """The same of every so many weeks, the day of the week and the first meeting's start."""
    day = T(f"weekdays.{weekday}") if every == 1 else words(When(first, "day"))
    return T(f"rhythm.{every}", {"day": day, "time": When(first, "time")})


def asked(group: Group, name: str, otherwise: str) -> T:
    """A question of the method or an answer to one, or Krets's own words for it."""
    path = f"questions/{name}"
    own = group.method.text(path, LANGUAGES[0])
    return words(OfMethod(group.id, path)) if own else T(otherwise)


def step_text(group: Group, meeting: Meeting, step: int, part: str) -> OfMethod:
    """A text of one step of a meeting, read from the method when shown."""
    agenda = group.agenda_name(meeting)
    return OfMethod(group.id, f"{agenda}/{group.agenda(meeting)[step].id}/{part}")


def four_facts(of: GroupFacts) -> Details:
    """The dates of a group, how many meetings were held, and whether that is as planned."""
    return Details(
        (
            (T("facts.first"), words(When(of.first))),
            (T("facts.last"), words(When(of.last))),
            (T("facts.held"), T("facts.of", {"n": of.held, "m": of.planned})),
            (T("facts.plan"), T("facts.yes" if of.as_planned else "facts.no")),
        )
    )


def line(key: str, **values: Value) -> Text:
    """A paragraph."""
    return Text(T(key, dict(values)))


def quiet(key: str, **values: Value) -> Text:
    """A quiet paragraph."""
    return Text(T(key, dict(values)), quiet=True)


def button(key: str, action: Action) -> Button:
    """A plain button."""
    return Button(T(key), action)


def primary(key: str, action: Action) -> Button:
    """The button that most people want here."""
    return Button(T(key), action, "primary")


def danger(key: str, action: Action) -> Button:
    """A button that ends something."""
    return Button(T(key), action, "danger")


def plain(group: Group, key: str, *buttons: Button, **values: Value) -> Card:
    """The group's name, one sentence, and what can be done."""
    row = (Buttons(buttons),) if buttons else ()
    return Card((Heading(name(group)), line(key, **values), *row))
