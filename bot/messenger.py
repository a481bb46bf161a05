"""The port to a platform: what the board asks of it, and how it may fail."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol, TypeAlias

from bot.core.card import Card
from bot.core.event import GroupId, Identity, Place, RoomState
from bot.words import View

#: A person's own chat with Krets, or a room.
Address: TypeAlias = Identity | Place


class TryLater(Exception):
    """Surely not done; the platform asks to wait so long."""

    def __init__(self, after: timedelta) -> None:
        """Say how long."""
        super().__init__()
        self.after = after


class Unreachable(Exception):
    """Surely not done: Krets cannot write there. `why` is a code without private text."""

    def __init__(self, why: str) -> None:
        """Say why."""
        super().__init__(why)
        self.why = why


class Refused(Exception):
    """Surely not done: the platform does not take this. `why` is a code without private text."""

    def __init__(self, why: str) -> None:
        """Say why."""
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class Profile:
    """What a platform tells of a person."""

    name: str
    language: str
    zone: str


@dataclass(frozen=True, slots=True)
class Look:
    """A room as the platform tells of it."""

    people: tuple[Identity, ...]
    how: RoomState


class Messenger(Protocol):
    """One platform, outwards. Any exception but the three above means: the outcome is unknown.

    All but `post` and `open_room` may be asked for again when the outcome was unknown, so what is
    already so counts as done: a message that is gone is removed, a person who is in is let in.
    """

    @property
    def makes_rooms(self) -> bool:
        """Whether Krets makes rooms, and lets people in and out; else people do by hand."""

    async def post(self, to: Address, card: Card, view: View) -> str:
        """Post a new message; its ref."""

    async def edit(self, to: Address, ref: str, card: Card, view: View) -> None:
        """Let a message show this card."""

    async def remove(self, to: Address, ref: str) -> None:
        """Remove a message."""

    async def open_room(self, group_id: GroupId, name: str, people: tuple[Identity, ...]) -> Place:
        """Open a private room with these people."""

    async def let_in(self, place: Place, person: Identity) -> None:
        """Bring a person into a room."""

    async def let_out(self, place: Place, person: Identity) -> None:
        """Take a person out of a room."""

    async def profile(self, identity: Identity) -> Profile:
        """What the platform tells of a person."""

    async def roster(self, place: Place) -> tuple[Identity, ...]:
        """The people of a room."""

    async def look(self, place: Place) -> Look:
        """How a room is, and who is in it; of one that is lost nobody is known."""
