"""The places of the playground: each persona's private chat, one room for all, groups' rooms."""

import json
from dataclasses import dataclass

from adapters.playground.parse import PLATFORM
from bot.core.event import GroupId, Identity, Place
from bot.store import Unit

#: The one organisation there is.
TENANT = "local"
#: The private chat with Krets, as it stands in an address.
CHAT = "krets"
#: The room with everybody in it.
GENERAL = "general"
_OF_GROUP = "room-"


@dataclass(frozen=True, slots=True)
class Room:
    """A room with its people, who are native ids; a private chat has one."""

    slug: str
    name: str
    people: tuple[str, ...]

    @property
    def conversation(self) -> str:
        """Under which name its messages are kept."""
        return f"@{self.people[0]}" if self.slug == CHAT else self.slug

    @property
    def place(self) -> Place:
        """The room as the rules know it."""
        people = tuple(identity(native) for native in self.people)
        return Place(PLATFORM, TENANT, self.conversation, self.slug == CHAT, people)


def identity(native: str) -> Identity:
    """A persona as the rules know them."""
    return Identity(PLATFORM, TENANT, native)


def conversation_of(to: Identity | Place) -> str:
    """Under which name the messages to somebody, or in a room, are kept.

    >>> conversation_of(identity("karin-lund"))
    '@karin-lund'
    """
    return f"@{to.native}" if isinstance(to, Identity) else to.native


def slug_of_group(group_id: GroupId) -> str:
    """The room opened for a group: always the same, so that it is opened once.

    >>> slug_of_group("g1")
    'room-g1'
    """
    return _OF_GROUP + group_id


def open_room(unit: Unit, slug: str, name: str, people: tuple[str, ...]) -> None:
    """Open a room, unless it is open."""
    if unit.playground.room(slug) is None:
        unit.playground.add_room(slug, TENANT, name, json.dumps(people))


def let_in(unit: Unit, slug: str, native: str) -> None:
    """Bring somebody into a room, unless they are in it."""
    row = unit.playground.room(slug)
    if row is not None:
        row.people = json.dumps(list(dict.fromkeys([*json.loads(row.people), native])))


def let_out(unit: Unit, slug: str, native: str) -> None:
    """Take somebody out of a room, if they are in it."""
    row = unit.playground.room(slug)
    if row is not None:
        row.people = json.dumps([one for one in json.loads(row.people) if one != native])


def find_room(unit: Unit, slug: str) -> Room | None:
    """The room with this name in the address, if there is one."""
    row = unit.playground.room(slug)
    return None if row is None else Room(row.id, row.name, tuple(json.loads(row.people)))


def rooms_of(unit: Unit, native: str) -> tuple[Room, ...]:
    """The rooms somebody is in: their own chat, the one for all, then the groups' by name."""
    rows = unit.playground.rooms(TENANT)
    rooms = [Room(row.id, row.name, tuple(json.loads(row.people))) for row in rows]
    rooms.sort(key=lambda room: room.slug != GENERAL)
    mine = (room for room in rooms if native in room.people)
    return (Room(CHAT, "", (native,)), *mine)
