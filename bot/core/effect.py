"""What must come true after a decision: durable, repeated without harm until it is so."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from bot.core.card import Card
from bot.core.event import GroupId, PersonId, Place


@dataclass(frozen=True, slots=True)
class Person:
    """A person's own private chat with Krets."""

    id: PersonId


@dataclass(frozen=True, slots=True)
class Room:
    """A group's own room, once it has one."""

    group: GroupId


To: TypeAlias = Person | Room


@dataclass(frozen=True, slots=True)
class Put:
    """This card is to be seen there under this name: posted first, edited afterwards.

    Nothing is sent here. `bot.app` stores the wish in `posts`; `bot.board` brings it about.
    """

    to: To
    name: str
    card: Card


@dataclass(frozen=True, slots=True)
class Remove:
    """Nothing is to be seen there under this name."""

    to: To
    name: str


@dataclass(frozen=True, slots=True)
class OpenRoom:
    """A new private room for these people; what is put to the group's room waits for it."""

    group: GroupId
    people: tuple[PersonId, ...]


@dataclass(frozen=True, slots=True)
class UseRoom:
    """This existing room is the group's from now on."""

    group: GroupId
    place: Place


@dataclass(frozen=True, slots=True)
class LetIn:
    """This person is in the group's room from now on."""

    group: GroupId
    person: PersonId


@dataclass(frozen=True, slots=True)
class LetOut:
    """This person is no longer in the group's room."""

    group: GroupId
    person: PersonId


@dataclass(frozen=True, slots=True)
class Shred:
    """This drawer is destroyed: ciphertext, then key, before anything is said."""

    drawer: str


@dataclass(frozen=True, slots=True)
class Prefer:
    """Krets speaks to this person in this language from now on."""

    person: PersonId
    language: str


@dataclass(frozen=True, slots=True)
class KeepHours:
    """This person's own hours, empty for none, and their zone, from now on."""

    person: PersonId
    hours: str
    zone: str


@dataclass(frozen=True, slots=True)
class Grant:
    """From now on this person opens this of the group at another private address.

    `meeting` is 0 for the calendar; `seed` is kept for as long as the person has an address.
    """

    group: GroupId
    person: PersonId
    opens: Literal["calendar", "sheet"]
    meeting: int
    hash: str
    seed: str


@dataclass(frozen=True, slots=True)
class ShowAgain:
    """What could not be shown there, or perhaps was not, is posted once more."""

    to: To


Effect: TypeAlias = (
    Put
    | Remove
    | ShowAgain
    | OpenRoom
    | UseRoom
    | LetIn
    | LetOut
    | Shred
    | Prefer
    | KeepHours
    | Grant
)
