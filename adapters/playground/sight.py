"""What one persona sees, read in one transaction, with the words and names to show it."""

from dataclasses import dataclass
from datetime import UTC, datetime

from adapters.playground.fields import Pick
from adapters.playground.parse import PLATFORM
from adapters.playground.rooms import CHAT, GENERAL, TENANT, Room, find_room, rooms_of
from adapters.playground.sample import PERSONAS, Persona
from bot.core.card import CARDS, Card
from bot.core.event import GroupId
from bot.core.model import Group
from bot.groups import Groups
from bot.store import Unit
from bot.store.tables import PersonRow
from bot.words import View, Words


@dataclass(frozen=True, slots=True)
class Message:
    """A message, and how its reader sees it."""

    ref: int
    at: datetime
    card: Card
    view: View


@dataclass(frozen=True, slots=True)
class Scene:
    """A persona, the rooms they are in, and one of these with its messages."""

    me: Persona
    view: View
    rooms: tuple[Room, ...]
    room: Room
    messages: tuple[Message, ...]
    #: The last message of each conversation, 0 for none.
    latest: dict[str, int]


class Sight:
    """Reads what there is to see."""

    def __init__(self, groups: Groups, words: Words, help_text: str) -> None:
        """Open groups with these keys, and speak with these words."""
        self._groups = groups
        self._words = words
        self._help_text = help_text

    def stranger(self, language: str) -> View:
        """How somebody sees who is nobody here yet."""
        return View(language, "UTC", {}, {}, self._help_text, self._words)

    def personas(self, unit: Unit) -> tuple[Persona, ...]:
        """Everybody there is; nobody before the sample has been filled in."""
        everybody = find_room(unit, GENERAL)
        if everybody is None:
            return ()
        return tuple(one for one in PERSONAS if one.native in everybody.people)

    def picks(self, unit: Unit) -> tuple[Pick, ...]:
        """Everybody, as they can be picked in a form."""
        met = self._met(unit)
        return tuple(Pick(one, met[one.native].id) for one in self.personas(unit))

    def view(self, unit: Unit, me: Persona) -> View:
        """How this persona sees what belongs to no group."""
        return self._view(self._met(unit), me, {})

    def scene(self, unit: Unit, native: str, slug: str) -> Scene | None:
        """What this persona sees in this room; None if either is not there for them."""
        personas = self.personas(unit)
        me = next((one for one in personas if one.native == native), None)
        rooms = rooms_of(unit, native)
        room = next((one for one in rooms if one.slug == slug), None)
        if me is None or room is None:
            return None
        met, loaded = self._met(unit), dict[GroupId, Group]()
        rows = unit.playground.messages(room.conversation)
        for group_id in {row.group_id for row in rows} - {""}:
            if found := self._groups.load(unit, group_id):
                loaded[group_id] = found.group
        mine = self._view(met, me, loaded)
        messages = tuple(
            Message(
                row.ref or 0,
                row.at.replace(tzinfo=UTC),
                CARDS.validate_json(row.card),
                _of_group(mine, loaded.get(row.group_id)) if slug != CHAT else mine,
            )
            for row in rows
        )
        conversations = {f"@{one.native}" for one in personas} | {one.slug for one in rooms[1:]}
        latest = {
            one: max((row.ref or 0 for row in unit.playground.messages(one)), default=0)
            for one in conversations
        }
        return Scene(me, mine, rooms, room, messages, latest)

    def _met(self, unit: Unit) -> dict[str, PersonRow]:
        """Those whom Krets has met, by native id."""
        known = unit.people.of_tenant(PLATFORM, TENANT)
        return {identity.native: person for identity, person in known}

    def _view(self, met: dict[str, PersonRow], me: Persona, groups: dict[GroupId, Group]) -> View:
        names = {person.id: person.name for person in met.values()}
        mine = met[me.native]
        language, zone = mine.language or me.language, mine.zone or me.zone
        return View(language, zone, names, groups, self._help_text, self._words)


def _of_group(view: View, group: Group | None) -> View:
    """A room speaks its group's language and keeps its group's time."""
    if group is None:
        return view
    return View(group.language, group.zone, view.names, view.groups, view.help_text, view.words)
