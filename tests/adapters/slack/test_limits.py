"""The check of Slack's limits finds what Slack would refuse."""

from copy import deepcopy
from typing import Any

import pytest

from adapters.slack import render
from bot.core.action import OpenGroup
from bot.core.card import Button, Buttons, Card, Choice, Form, Line, Option, Text
from bot.words import View
from tests.adapters.scene import value
from tests.adapters.slack.limits import faults


@pytest.fixture
def modal(view: View) -> dict[str, Any]:
    fields = (
        Line("a", value("A"), 9, value="x"),
        Choice("b", value("B"), (Option("1", value("1")),), chosen=("1",)),
        Text(value("Read")),
    )
    button = Button(value("Press"), OpenGroup("g1"))
    form = Form(value("Title"), OpenGroup("g1"), fields, submit=value("Send"), extra=(button,))
    return render.form(form, view)


@pytest.mark.parametrize(
    ("path", "wrong"),
    [
        (("blocks",), []),
        (("blocks",), [{"type": "divider"}] * 101),
        (("title", "text"), "x" * 25),
        (("title", "type"), "mrkdwn"),
        (("submit",), None),
        (("private_metadata",), "x" * 3001),
        (("blocks", 0, "block_id"), "b"),
        (("blocks", 0, "label", "text"), ""),
        (("blocks", 0, "element", "max_length"), 0),
        (("blocks", 1, "element", "options"), []),
        (("blocks", 1, "element", "options", 0, "text", "text"), "x" * 76),
        (("blocks", 1, "element", "initial_option", "value"), "2"),
        (("blocks", 2, "text", "text"), "x" * 3001),
        (("blocks", 2), {"type": "video"}),
        (("blocks", 3, "elements", 0, "text", "text"), "x" * 76),
        (("blocks", 3, "elements", 0, "value"), "x" * 2001),
        (("blocks", 3, "elements", 0, "unheard_of"), 1),
        (("blocks", 3, "elements"), []),
    ],
)
def test_what_slack_would_refuse_is_found(
    path: tuple[Any, ...], wrong: Any, modal: dict[str, Any]
) -> None:
    assert faults(modal) == []
    broken = deepcopy(modal)
    inside: Any = broken
    for key in path[:-1]:
        inside = inside[key]
    inside[path[-1]] = wrong
    assert found(broken)


def found(broken: dict[str, Any]) -> bool:
    try:
        return bool(faults(broken))
    except Exception:
        return True  # Slack's models refuse it


def test_buttons_and_messages_are_looked_at_too(view: View) -> None:
    message = render.message(Card((Buttons((Button(value("Press"), OpenGroup("g1")),)),)), view)
    assert faults(message) == []
    assert faults(message | {"text": ""})
    assert faults(message | {"blocks": message["blocks"] * 2})
