"""What happened, in the past tense: the only way into the rules."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

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


@dataclass(frozen=True, slots=True)
class FormSubmitted:
    """Somebody sent a form; `answers` by field name, unchecked."""

    id: str
    actor: Identity
    place: Place
    action: Action
    answers: Mapping[str, Answer] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MomentCame:
    """A moment that `due` wanted has come; `who` is empty when it concerns all."""

    group: GroupId
    meeting: int
    kind: str
    who: PersonId
    due_at: datetime


#: What a person did on a platform.
Deed: TypeAlias = CommandGiven | TextWritten | HomeOpened | ButtonPressed | FormSubmitted
Event: TypeAlias = Deed | MomentCame
