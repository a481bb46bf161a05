"""What has been committed, as whoever looks on knows it: rebuilt from decisions, not from rows."""

import re
from collections import Counter
from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass, field, fields

from bot.core.card import Card
from bot.core.event import GroupId, PersonId
from bot.core.model import Group

#: What simulated people write into private fields; each text holds one of its own.
CANARY = re.compile(r"kanin[0-9]{6}x")


@dataclass(frozen=True, slots=True, order=True)
class Post:
    """What is to be seen in one conversation under one name; without a person it is the room."""

    group: GroupId
    person: PersonId
    name: str

    @property
    def kind(self) -> str:
        """The first part of its name."""
        return self.name.partition("/")[0]


@dataclass
class Mark:
    """What is known of a message on a platform."""

    post: Post
    card: Card
    #: How often the conversation had been asked for again when it came.
    again: int
    #: Whether the database that knew of it is gone, or knew another one for it, now removed.
    forgotten: bool = False


@dataclass(frozen=True, slots=True)
class Drawer:
    """One drawer of one group."""

    group: GroupId
    name: str


@dataclass
class Votes:
    """One vote, by what people have sent."""

    roll: frozenset[PersonId]
    ballots: dict[PersonId, frozenset[str]] = field(default_factory=dict)


@dataclass
class Record:
    """All that would be lost with the database: restored with it when an old backup comes back."""

    groups: dict[GroupId, Group] = field(default_factory=dict)
    #: Who has ever been asked to lead.
    led: dict[GroupId, frozenset[PersonId]] = field(default_factory=dict)
    #: The ids of events that have changed something.
    done: frozenset[tuple[str, str]] = frozenset()
    #: The moments that have come.
    moments: frozenset[tuple[object, ...]] = frozenset()
    wanted: dict[Post, Card | None] = field(default_factory=dict)
    #: When each was asked for first; what waits for its first message; and what is there.
    order: dict[Post, int] = field(default_factory=dict)
    waiting: frozenset[Post] = frozenset()
    #: Those whose message was removed, until one comes anew.
    removed: frozenset[Post] = frozenset()
    shown: frozenset[Post] = frozenset()
    #: What perhaps came; and what the platform refused.
    unsure: frozenset[Post] = frozenset()
    failed: frozenset[Post] = frozenset()
    #: How often it was asked for once more in a conversation.
    again: Counter[tuple[GroupId, PersonId]] = field(default_factory=Counter)
    keys: dict[Drawer, str] = field(default_factory=dict)
    items: dict[Drawer, Mapping[str, str]] = field(default_factory=dict)
    votes: dict[tuple[GroupId, int], Votes] = field(default_factory=dict)
    today: dict[tuple[GroupId, int], frozenset[PersonId]] = field(default_factory=dict)
    #: What a moment, and nobody's deed, has asked for.
    unasked: frozenset[Post] = frozenset()

    def copied(self) -> "Record":
        """The same, which does not change with this one."""
        made = Record(**{one.name: copy(getattr(self, one.name)) for one in fields(self)})
        made.votes = {key: Votes(one.roll, dict(one.ballots)) for key, one in self.votes.items()}
        return made


def canaries(items: Mapping[str, str]) -> frozenset[str]:
    """The canaries in the items of a drawer."""
    return frozenset(found for text in items.values() for found in CANARY.findall(text))


def place_of(ref: str) -> tuple[str, str]:
    """The conversation and the message that a ref of either platform names."""
    mark = "|" if "|" in ref else ":"
    room, _, message = ref.rpartition(mark)
    return room, message
