"""What the contract asks of a platform's stage: to see, press and submit as its people do.

A stage runs the real adapter; only the rules behind it are a recording that answers as told.
"""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Protocol

from bot.app import Answer
from bot.core.decision import FieldErrors, Nothing, OpenForm, Reply
from bot.core.event import ButtonPressed, Deed, Identity, Place
from bot.messenger import Messenger, Profile
from bot.words import View


@dataclass
class Recording:
    """Stands where the bot stands: keeps what happened and answers as it was told.

    What is wrong with a form is no answer to the button that opens it: that opens it once more.
    """

    view: View
    reply: Reply = field(default_factory=Nothing)
    events: list[Deed] = field(default_factory=list)
    told: dict[Identity, Profile] = field(default_factory=dict)
    _opened: OpenForm | None = None

    async def handle(self, event: Deed) -> Answer:
        """Keep the event, give the answer."""
        self.events.append(event)
        if isinstance(self.reply, OpenForm):
            self._opened = self.reply
        elif isinstance(self.reply, FieldErrors) and isinstance(event, ButtonPressed):
            return Answer(self._opened or Nothing(), self.view)
        return Answer(self.reply, self.view)

    async def knows(self, _: Identity) -> bool:
        """Everybody has been introduced."""
        return True

    async def introduce(self, identity: Identity, profile: Profile) -> None:
        """Take up what may have changed."""
        self.told[identity] = profile


@dataclass
class Seen:
    """What somebody sees: text, and buttons as label and packed action."""

    text: str
    buttons: list[tuple[str, str]]
    #: form | notice | errors | home | nothing; empty for messages.
    kind: str = ""
    #: By field, for a form that stays open.
    errors: Mapping[str, str] = field(default_factory=dict)
    #: The packed action of an open form.
    action: str = ""


class Stage(Protocol):
    """One platform with two people, `anna` and `bo`, and a room with both in it."""

    name: str
    #: Whether Krets can let people into rooms and out of them.
    moves_people: bool
    #: What our own words tell people to write before a command.
    typed: str
    #: Whether a profile tells language and zone, or only each thing that somebody does.
    tells_zones: bool
    bot: Recording
    messenger: Messenger
    anna: Identity
    bo: Identity
    room: Place

    async def sees(self, who: Identity, where: Place | Identity) -> Seen:
        """All messages that somebody sees in a conversation, newest last."""

    async def presses(self, who: Identity, where: Place | Identity, packed: str) -> Seen:
        """Press a button of a message; what comes back at once."""

    async def submits(
        self, who: Identity, where: Place | Identity, packed: str, answers: Mapping[str, object]
    ) -> Seen:
        """Send a form; what comes back at once."""

    async def writes(self, who: Identity, where: Place | Identity, text: str) -> Seen:
        """Write into the message box."""

    async def opens_home(self, who: Identity) -> Seen:
        """Open the place where Krets shows what waits."""


Started = AbstractAsyncContextManager[Stage]
