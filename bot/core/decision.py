"""What a rule answers: the next state, durable effects, and an immediate reply."""

from dataclasses import dataclass
from typing import TypeAlias

from bot.core.card import Card, Form, T
from bot.core.effect import Effect
from bot.core.model import Group


@dataclass(frozen=True, slots=True)
class Nothing:
    """A valid empty answer."""


@dataclass(frozen=True, slots=True)
class Notice:
    """A sentence only for the one who acted; may be lost."""

    text: T


@dataclass(frozen=True, slots=True)
class OpenForm:
    """Open this form for the one who acted. After a command Teams shows one button instead."""

    form: Form


@dataclass(frozen=True, slots=True)
class FieldErrors:
    """What is wrong, by field; the form stays open and keeps what was typed."""

    errors: dict[str, T]


@dataclass(frozen=True, slots=True)
class Home:
    """What I can do now, here, and what waits for me."""

    cards: tuple[Card, ...]


@dataclass(frozen=True, slots=True)
class Greeting:
    """A card for all in the room into which Krets was brought."""

    card: Card


Reply: TypeAlias = Nothing | Notice | OpenForm | FieldErrors | Home | Greeting


@dataclass(frozen=True, slots=True)
class Decision:
    """The group as it is from now on (None: as it was), what must come true, what to answer."""

    group: Group | None = None
    effects: tuple[Effect, ...] = ()
    reply: Reply = Nothing()
    #: Whether the event is to be answered once only, even if nothing else follows from it.
    once: bool = False
    #: What follows in each group, where something concerns several; the answer is here.
    parts: "tuple[Decision, ...]" = ()

    @property
    def changes(self) -> bool:
        """Whether anything is to be saved."""
        return self.group is not None or bool(self.effects or self.parts) or self.once


#: The same for whatever is absent, forbidden, finished or foreign.
UNAVAILABLE = Decision(reply=Notice(T("unavailable")))


def notice(key: str, **values: int) -> Decision:
    """A decision that changes nothing and says this.

    >>> notice("vote.in").reply.text.key
    'vote.in'
    """
    return Decision(reply=Notice(T(key, dict(values))))
