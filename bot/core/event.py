"""What happened, in the past tense: the only way into the rules."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, TypeAlias

from bot.core.action import Action

PersonId: TypeAlias = str
GroupId: TypeAlias = str


@dataclass(frozen=True, slots=True)
class Identity:
    """A person as one platform knows them; names change, these do not."""

    platform: str
    tenant: str
    native: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where it happened: a room with its people, or (private) one person's chat with Krets."""

    platform: str
    tenant: str
    native: str
    private: bool
    people: tuple[Identity, ...] = ()


#: How a room is: as it should be; not to be used any more (archived, deleted, Krets taken out);
#: open to people from outside the organisation or to all of it.
RoomState: TypeAlias = Literal["ok", "lost", "shared"]


@dataclass(frozen=True, slots=True)
class Picked:
    """People whom somebody picked, known to us: only the shell makes it, from identities."""

    people: tuple[PersonId, ...]


#: What one field of a form holds: text, a tick, chosen values, or people (as a platform knows
#: them when it comes in, and `Picked` when the rules see it).
Answer: TypeAlias = str | bool | tuple[str, ...] | tuple[Identity, ...] | Picked


@dataclass(frozen=True, slots=True)
class CommandGiven:
    """Somebody wrote `/krets ...`; `text` is only the words after it."""

    id: str
    actor: Identity
    place: Place
    text: str


@dataclass(frozen=True, slots=True)
class TextWritten:
    """Somebody wrote to Krets as if to a person. The text itself stays outside on purpose."""

    id: str
    actor: Identity
    place: Place


@dataclass(frozen=True, slots=True)
class HomeOpened:
    """Somebody opened the place where Krets shows what waits for them."""

    id: str
    actor: Identity
    place: Place


@dataclass(frozen=True, slots=True)
class ButtonPressed:
    """Somebody pressed a button, perhaps in an old message: a claim, not a permission."""

    id: str
    actor: Identity
    place: Place
    action: Action
    #: The message it stands in, as the platform names it for edits; empty if in none.
    message: str = ""


@dataclass(frozen=True, slots=True)
class FormSubmitted:
    """Somebody sent a form; `answers` by field name, unchecked."""

    id: str
    actor: Identity
    place: Place
    action: Action
    answers: Mapping[str, Answer] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Installed:
    """Somebody brought Krets into this place."""

    id: str
    actor: Identity
    place: Place


@dataclass(frozen=True, slots=True)
class MemberChanged:
    """Somebody came into a room, or went out of it."""

    id: str
    who: Identity
    place: Place
    came: bool


@dataclass(frozen=True, slots=True)
class RoomChanged:
    """A room is now like this."""

    id: str
    place: Place
    how: RoomState


@dataclass(frozen=True, slots=True)
class RoomSeen:
    """A look at a room, without anything having been told: how it is and (in `place`) who is in."""

    id: str
    place: Place
    how: RoomState


@dataclass(frozen=True, slots=True)
class CouldNotReach:
    """Krets cannot write to this person of the group; or, if empty, has no room to write in."""

    group: GroupId
    person: PersonId


@dataclass(frozen=True, slots=True)
class NotSure:
    """Nobody knows whether a message to this person arrived; or, if empty, one to the room."""

    group: GroupId
    person: PersonId


@dataclass(frozen=True, slots=True)
class DrawersLost:
    """These drawers of the group open no more: damaged, swapped, or without their keys."""

    group: GroupId
    drawers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MomentCame:
    """A moment that `due` wanted has come; `who` is empty when it concerns all."""

    group: GroupId
    meeting: int
    kind: str
    who: PersonId
    due_at: datetime


#: What a person did on a platform.
Deed: TypeAlias = (
    CommandGiven | TextWritten | HomeOpened | ButtonPressed | FormSubmitted | Installed
)
#: What came to pass in a room.
Happening: TypeAlias = MemberChanged | RoomChanged | RoomSeen
#: What became of a message.
Fate: TypeAlias = CouldNotReach | NotSure
Event: TypeAlias = Deed | Happening | Fate | DrawersLost | MomentCame
