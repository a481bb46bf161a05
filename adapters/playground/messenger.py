"""The playground as a messenger: messages are rows, and open pages hear that they changed."""

from collections.abc import Callable
from datetime import datetime

from adapters.playground.live import AROUND, Live
from adapters.playground.rooms import (
    Room,
    conversation_of,
    find_room,
    identity,
    let_in,
    let_out,
    open_room,
    slug_of_group,
)
from adapters.playground.sample import BY_NATIVE
from bot.core.card import CARDS, Card
from bot.core.event import GroupId, Identity, Place
from bot.messenger import Address, Look, Profile, Refused, Unreachable
from bot.store import Store
from bot.words import View


class PlaygroundMessenger:
    """Keeps cards as they are; they are rendered when somebody looks, so what ended is blank."""

    makes_rooms = True

    def __init__(self, store: Store, live: Live, now: Callable[[], datetime]) -> None:
        """Keep messages in this store, dated by this clock of programme time."""
        self._store = store
        self._live = live
        self._now = now

    async def post(self, to: Address, card: Card, view: View) -> str:
        """A new message; its ref."""
        if isinstance(to, Identity) and to.native not in BY_NATIVE:
            raise Unreachable("user_not_found")
        conversation, now = conversation_of(to), self._now()
        group_id = next(iter(view.groups), "")
        stored = _dump(card)
        ref = await self._store.run(
            lambda unit: unit.playground.post(conversation, group_id, stored, now)
        )
        self._live.tell(conversation)
        return str(ref)

    async def edit(self, to: Address, ref: str, card: Card, view: View) -> None:
        """Let a message show this card from now on."""
        stored = _dump(card)
        if not await self._store.run(lambda unit: unit.playground.edit(int(ref), stored)):
            raise Refused("message_not_found")
        self._live.tell(conversation_of(to))

    async def remove(self, to: Address, ref: str) -> None:
        """Take a message away; once more does no harm."""
        await self._store.run(lambda unit: unit.playground.remove(int(ref)))
        self._live.tell(conversation_of(to))

    async def open_room(self, group_id: GroupId, name: str, people: tuple[Identity, ...]) -> Place:
        """A room for these people; the same one when asked again for the same group."""
        slug = slug_of_group(group_id)
        natives = tuple(one.native for one in people)
        await self._store.run(lambda unit: open_room(unit, slug, name, natives))
        self._live.tell(AROUND)
        return Room(slug, name, natives).place

    async def let_in(self, place: Place, person: Identity) -> None:
        """Bring a person into a room; once more does no harm."""
        await self._store.run(lambda unit: let_in(unit, place.native, person.native))
        self._live.tell(AROUND)

    async def let_out(self, place: Place, person: Identity) -> None:
        """Take a person out of a room; once more does no harm."""
        await self._store.run(lambda unit: let_out(unit, place.native, person.native))
        self._live.tell(AROUND)

    async def profile(self, identity: Identity) -> Profile:
        """A persona's name, language and zone."""
        persona = BY_NATIVE.get(identity.native)
        if persona is None:
            raise Refused("user_not_found")
        return Profile(persona.name, persona.language, persona.zone)

    async def roster(self, place: Place) -> tuple[Identity, ...]:
        """Who is in a room."""
        if place.private:
            return place.people
        room = await self._store.run(lambda unit: find_room(unit, place.native))
        if room is None:
            raise Refused("channel_not_found")
        return tuple(identity(native) for native in room.people)

    async def look(self, place: Place) -> Look:
        """A room stays as it should be."""
        return Look(await self.roster(place), "ok")


def _dump(card: Card) -> str:
    return CARDS.dump_json(card).decode()
