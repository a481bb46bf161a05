"""What the page sends, as events: pure, and the only judge of its shape."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Annotated, TypeAlias, TypeVar

from pydantic import BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError, with_config

from bot.core.action import Action, CannotUnpack, unpack
from bot.core.event import (
    Answer,
    ButtonPressed,
    CommandGiven,
    FormSubmitted,
    HomeOpened,
    Identity,
    Place,
    TextWritten,
)

PLATFORM = "playground"
COMMAND = "/krets"
#: Characters of one text; a longer one goes to the rule cut just above this, and is refused there.
LONGEST = 20_000
#: The furthest that one step goes through time.
FURTHEST = timedelta(days=1000)

_STRICT = ConfigDict(extra="forbid", strict=True)
_Id: TypeAlias = Annotated[
    str, Field(pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$")
]
_Room: TypeAlias = Annotated[str, Field(min_length=1, max_length=100)]
_Name: TypeAlias = Annotated[str, Field(min_length=1, max_length=60)]
_Values: TypeAlias = Annotated[list[str], Field(max_length=200)]
_R = TypeVar("_R")


class BadRequest(ValueError):
    """Not what the page sends. Says nothing of what was sent."""


class Absent(LookupError):
    """There is no such room, or not for this person."""


@with_config(_STRICT)
@dataclass(frozen=True, slots=True)
class _People:
    people: _Values


@with_config(_STRICT)
@dataclass(frozen=True, slots=True)
class _Say:
    room: _Room
    id: _Id
    text: Annotated[str, Field(min_length=1)]


@with_config(_STRICT)
@dataclass(frozen=True, slots=True)
class _Press:
    room: _Room
    id: _Id
    action: str


@with_config(_STRICT)
@dataclass(frozen=True, slots=True)
class _Submit:
    room: _Room
    id: _Id
    action: str
    answers: Annotated[dict[_Name, bool | str | _Values | _People], Field(max_length=50)] = field(
        default_factory=dict
    )


@with_config(_STRICT)
@dataclass(frozen=True, slots=True)
class _Open:
    room: _Room
    id: _Id


def _written(given: object) -> str:
    if not isinstance(given, str):
        raise ValueError("not written as ISO 8601")
    return given


#: Pydantic would take a number for seconds.
_WRITTEN = BeforeValidator(_written)


@with_config(_STRICT)
@dataclass(frozen=True, slots=True)
class Travel:
    """Where to in time: exactly one of the three."""

    to: Annotated[datetime, Field(strict=False), _WRITTEN] | None = None
    by: Annotated[timedelta, Field(strict=False), _WRITTEN] | None = None
    next: bool = False


_SAY = TypeAdapter(_Say)
_PRESS = TypeAdapter(_Press)
_SUBMIT = TypeAdapter(_Submit)
_OPEN = TypeAdapter(_Open)
_TRAVEL = TypeAdapter(Travel)


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sends, and the places they are in, by the name of each in the address."""

    identity: Identity
    places: Mapping[str, Place]
    #: The native ids of everybody who can be picked.
    everybody: Collection[str]

    def place(self, room: str) -> Place:
        """The place with this name; raises `Absent`."""
        try:
            return self.places[room]
        except KeyError:
            raise Absent from None

    def event_id(self, id: str) -> str:
        """The id of what the page calls by this id."""
        return f"{PLATFORM}:{self.identity.tenant}:{id}"


def written(body: bytes, sender: Sender) -> CommandGiven | TextWritten:
    """What was typed into the message box: a command, or words that are not kept."""
    said = _read(_SAY, body)
    id, place = sender.event_id(said.id), sender.place(said.room)
    command, *rest = said.text[: LONGEST + 1].split(maxsplit=1) or [""]
    if command.casefold() != COMMAND:
        return TextWritten(id, sender.identity, place)
    return CommandGiven(id, sender.identity, place, "".join(rest).rstrip())


def pressed(body: bytes, sender: Sender) -> ButtonPressed | None:
    """A button was pressed; None if no version of Krets has packed what it carries."""
    press = _read(_PRESS, body)
    place, action = sender.place(press.room), _action(press.action)
    if action is None:
        return None
    return ButtonPressed(sender.event_id(press.id), sender.identity, place, action)


def submitted(body: bytes, sender: Sender) -> FormSubmitted | None:
    """A form was sent; None if no version of Krets has packed what it carries."""
    form = _read(_SUBMIT, body)
    place, action = sender.place(form.room), _action(form.action)
    answers = {name: _answer(given, sender) for name, given in form.answers.items()}
    if action is None:
        return None
    return FormSubmitted(sender.event_id(form.id), sender.identity, place, action, answers)


def opened(body: bytes, sender: Sender) -> HomeOpened:
    """Somebody asked what they can do now."""
    asked = _read(_OPEN, body)
    return HomeOpened(sender.event_id(asked.id), sender.identity, sender.place(asked.room))


def travelled(body: bytes, now: datetime) -> datetime | None:
    """The instant to go to; None for the next moment. Raises `BadRequest` with a sentence."""
    travel = _read(_TRAVEL, body)
    if (travel.to is not None) + (travel.by is not None) + travel.next != 1:
        raise BadRequest('Send one of {"to": time}, {"by": duration} and {"next": true}.')
    if travel.next:
        return None
    if travel.to is not None:
        if travel.to.tzinfo is None:
            raise BadRequest("The time needs an offset, such as Z or +01:00.")
        by = travel.to - now
    else:
        assert travel.by is not None
        by = travel.by
    if by < timedelta(0):
        raise BadRequest("Time goes forward only.")
    if by > FURTHEST:
        raise BadRequest(f"At most {FURTHEST.days} days at once.")
    return now + by


def _read(shape: TypeAdapter[_R], body: bytes) -> _R:
    try:
        return shape.validate_json(body)
    except ValidationError:
        raise BadRequest("The request has not the shape that the page sends.") from None


def _action(packed: str) -> Action | None:
    try:
        return unpack(packed)
    except CannotUnpack:
        return None


def _answer(given: bool | str | list[str] | _People, sender: Sender) -> Answer:
    match given:
        case bool():
            return given
        case str():
            return given[: LONGEST + 1]
        case _People(people):
            if not set(people) <= set(sender.everybody):
                raise BadRequest("Somebody is not known here.")
            who = sender.identity
            return tuple(Identity(who.platform, who.tenant, native) for native in people)
        case list():
            return tuple(value[: LONGEST + 1] for value in given)
