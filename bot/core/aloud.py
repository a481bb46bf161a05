"""Texts of the method that a leader can read aloud: exercises, and the lecture on a theme."""

from bot.core.action import ReadAloud
from bot.core.card import Button, Buttons, Element, Form, OfMethod, T, Text
from bot.core.cards import line, words
from bot.core.decision import UNAVAILABLE, Decision, OpenForm
from bot.core.facts import Facts
from bot.core.model import Group, Meeting
from bot.core.rights import leads


def beside_step(group: Group, meeting: Meeting) -> tuple[Element, ...]:
    """What the step of the meeting lays ready to be read aloud."""
    step = group.step(meeting)
    if step is not None and step.does == "exercise":
        paths = [f"exercises/{one.id}" for one in group.method.exercises]
        return (line("aloud.exercises"), Buttons(tuple(_button(group, path) for path in paths)))
    theme = theme_path(group, meeting)
    if step is None or step.does != "theme" or not theme:
        return ()
    return (line("aloud.theme"), Buttons((_button(group, theme),)))


def theme_button(group: Group, meeting: Meeting) -> tuple[Button, ...]:
    """The way to the lecture on the meeting's theme, for those who prepare it."""
    theme = theme_path(group, meeting)
    return (_button(group, theme),) if theme else ()


def theme_row(group: Group, meeting: Meeting) -> tuple[tuple[T, T], ...]:
    """The meeting's theme among its details."""
    theme = theme_path(group, meeting)
    return ((T("card.theme"), _title(group, theme)),) if theme else ()


def theme_path(group: Group, meeting: Meeting) -> str:
    """Where the meeting's theme stands in the method; empty if it has none."""
    theme = group.theme(meeting)
    return f"themes/{theme.id}" if theme else ""


def read(group: Group, action: ReadAloud, facts: Facts) -> Decision:
    """The text, for those who lead."""
    if not leads(group, facts.me) or group.method.passage(action.what) is None:
        return UNAVAILABLE
    said = Text(words(OfMethod(group.id, f"{action.what}/say")))
    return Decision(reply=OpenForm(Form(_title(group, action.what), action, (said,))))


def _button(group: Group, path: str) -> Button:
    return Button(_title(group, path), ReadAloud(group.id, path))


def _title(group: Group, path: str) -> T:
    return words(OfMethod(group.id, f"{path}/title"))
