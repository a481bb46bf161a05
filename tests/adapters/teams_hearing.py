"""A bot that hears what people do in Teams, and what it may answer."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from adapters.teams.render import MESSAGE
from bot.app import Answer
from bot.core.action import Attend, BringCase
from bot.core.card import Button, Buttons, Card, Form, Heading, Line, T, Text
from bot.core.decision import FieldErrors, Greeting, Home, Nothing, Notice, OpenForm, Reply
from bot.core.event import (
    Deed,
    Happening,
    Identity,
)
from bot.messenger import Profile
from bot.words import View
from tests.adapters.teams.adaptive_card import card_of, faults
from tests.adapters.teams_people import Got

Json = dict[str, Any]
CANARY = "CANARY-something-hard-has-happened"
BRING, ATTEND = BringCase("g1", 4), Attend("g1", 4, "late")
FIELDS = (Line("case", T("case.label"), 100, several=True),)
FORM = OpenForm(Form(T("case.title"), BRING, FIELDS, submit=T("case.submit")))
READING = OpenForm(Form(T("case.title"), BRING, (Text(T("case.free")),)))
SURE = OpenForm(Form(T("case.title"), ATTEND, (Text(T("case.free")),), submit=T("case.submit")))
HOME = Home((Card((Heading(T("text", {"text": "one"})), Buttons((Button(T("save"), BRING),)))),))
HELLO = Greeting(Card((Heading(T("hello")),)))
WRONG = FieldErrors({"case": T("error.empty")})
IN, IN_WORDS = Notice(T("vote.in")), "Your vote is in"
UNAVAILABLE = "This is not available."


@dataclass
class Hearing:
    """A bot that keeps what it hears, answers as told, and is introduced to people."""

    view: View
    reply: Reply = field(default_factory=Nothing)
    events: list[Deed] = field(default_factory=list)
    happenings: list[Happening] = field(default_factory=list)
    known: dict[Identity, Profile] = field(default_factory=dict)
    lost: list[Identity] = field(default_factory=list)
    doing: Callable[[], None] = lambda: None
    #: What the button of a form opens that was sent with faults.
    form: Reply = FORM

    async def handle(self, event: Deed) -> Answer:
        self.doing()
        self.events.append(event)
        again = event.id.endswith(":form")
        return Answer(self.form if again else self.reply, self.view)

    async def knows(self, identity: Identity) -> bool:
        return identity in self.known

    async def introduce(self, identity: Identity, profile: Profile) -> None:
        before = self.known.get(identity, profile)
        self.known[identity] = replace(profile, name=profile.name or before.name)

    async def happened(self, event: Happening) -> None:
        self.doing()
        self.happenings.append(event)

    async def gone(self, identity: Identity) -> None:
        self.lost.append(identity)


def written(shown: object) -> str:
    """All text in a message, a dialog or an answer."""
    return json.dumps(shown, ensure_ascii=False)


def executed(got: Got) -> str:
    """What is shown beside the card in which a button was pressed."""
    assert (got.status, got.body["statusCode"], got.body["type"]) == (200, 200, MESSAGE)
    return str(got.body["value"])


def dialog(got: Got) -> Json:
    """The dialog that an answer opens, which is as Teams takes it."""
    assert got.status == 200
    assert faults(got.body) == []
    return card_of(got.body)
