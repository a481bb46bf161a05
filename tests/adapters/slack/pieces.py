"""Small things that the tests of blocks and views share."""

from typing import Any

from bot.core.action import Attend, OpenGroup
from bot.core.card import (
    Button,
    Form,
    Said,
)
from tests.adapters.scene import value

COMING = Button(value("Coming"), Attend("g1", 4, "yes"), "primary")
SAID = Said("g1", "1/meeting", "case/1")
TOKEN = "<!date^1772524800^{time}|09:00>"


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text, "emoji": False}


def mrkdwn(text: str) -> dict[str, Any]:
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def a_form(*fields: Any, **more: Any) -> Form:
    return Form(value("Title"), OpenGroup("g1"), fields, **{"submit": value("Send"), **more})
