"""Small things that the tests of cards and dialogs share."""

from dataclasses import replace
from typing import Any

from bot.core.action import Attend, OpenGroup
from bot.core.card import Button, Form, Said
from bot.words import View
from tests.adapters.scene import a_group, value

Json = dict[str, Any]

COMING = Button(value("Coming"), Attend("g1", 4, "yes"), "primary")
SAID = Said("g1", "1/meeting", "case/1")


def a_form(*fields: Any, **more: Any) -> Form:
    return Form(value("Title"), OpenGroup("g1"), fields, **{"submit": value("Send"), **more})


def telling(view: View, text: str = "My *own* words") -> View:
    """A view in which something was said."""
    return replace(view, groups={"g1": a_group(**{"case/1": text})})


def run(text: str, **looks: Any) -> Json:
    """A paragraph that is shown as it is."""
    inside = {"type": "TextRun", "text": text, **looks}
    return {"type": "RichTextBlock", "inlines": [inside]}
