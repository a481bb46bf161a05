"""The check of Adaptive Cards finds what Teams would refuse, hide or show wrongly."""

from copy import deepcopy
from typing import Any

import pytest

from adapters.teams import render
from bot.core.card import Buttons, Card, Choice, Line, Option, Text
from bot.words import View
from tests.adapters.scene import value
from tests.adapters.teams.adaptive_card import faults
from tests.adapters.teams.pieces import COMING, Json, a_form

IN_CARD = ("task", "value", "card", "content")


@pytest.fixture
def dialog(view: View) -> Json:
    fields = (
        Line("a", value("A"), 9, value="x"),
        Choice("b", value("B"), (Option("1", value("1")),), chosen=("1",)),
        Text(value("Read")),
    )
    return render.form(a_form(*fields), view)


def changed(payload: Json, path: tuple[Any, ...], wrong: Any) -> Json:
    broken = deepcopy(payload)
    inside: Any = broken
    for key in path[:-1]:
        inside = inside[key]
    inside[path[-1]] = wrong
    return broken


@pytest.mark.parametrize(
    ("path", "wrong"),
    [
        (("task", "type"), "message"),
        (("task", "value", "title"), ""),
        (("task", "value", "height"), "huge"),
        ((*IN_CARD, "version"), "1.6"),
        ((*IN_CARD, "fallbackText"), ""),
        ((*IN_CARD, "msteams"), {"entities": []}),
        ((*IN_CARD, "body"), []),
        ((*IN_CARD, "body"), [{"type": "Image", "url": "https://e.vil/x.png"}]),
        ((*IN_CARD, "body", 0, "label"), ""),
        ((*IN_CARD, "body", 0, "id"), "b"),
        ((*IN_CARD, "body", 0, "id"), "krets"),
        ((*IN_CARD, "body", 0, "maxLength"), 0),
        ((*IN_CARD, "body", 0, "isRequired"), False),
        ((*IN_CARD, "body", 1, "choices"), []),
        ((*IN_CARD, "body", 1, "choices", 0, "value"), "1,2"),
        ((*IN_CARD, "body", 1, "value"), "2"),
        ((*IN_CARD, "body", 2, "inlines", 0, "text"), " "),
        ((*IN_CARD, "body", 2, "inlines", 0, "text"), "x" * 28_000),
        ((*IN_CARD, "body", 2, "inlines", 0, "color"), "#ff0000"),
        ((*IN_CARD, "body", 2, "unheard_of"), 1),
        ((*IN_CARD, "actions", 0, "type"), "Action.ShowCard"),
        ((*IN_CARD, "actions", 0, "data"), {}),
    ],
)
def test_what_is_wrong_with_a_dialog_is_found(
    path: tuple[Any, ...], wrong: Any, dialog: Json
) -> None:
    assert faults(dialog) == []
    assert faults(changed(dialog, path, wrong))


@pytest.mark.parametrize(
    ("path", "wrong"),
    [
        (("summary",), ""),
        (("text",), "Something"),
        (("body", 0, "actions"), []),
        (("body", 0, "actions", 0, "fallback", "data"), {"krets": "other"}),
        (("actions",), []),
    ],
)
def test_what_is_wrong_with_a_message_is_found(
    path: tuple[Any, ...], wrong: Any, view: View
) -> None:
    message = render.message(Card((Buttons((COMING,)),)), view)
    assert faults(message) == []
    at = path if path[0] in ("summary", "text") else ("attachments", 0, "content", *path)
    assert faults(changed(message, at, wrong))


def test_a_message_asks_for_no_private_text(dialog: Json, view: View) -> None:
    message = render.message(Card((Text(value("Hello")),)), view)
    body = dialog["task"]["value"]["card"]["content"]["body"]
    assert faults(changed(message, ("attachments", 0, "content", "body"), body))
