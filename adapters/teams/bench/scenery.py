"""The stage in Teams: an organisation for each group, and a chat in which it meets."""

from datetime import datetime

from adapters.bench.stage import Stage
from adapters.bench.story import Scenery, Troupe
from adapters.teams import render
from adapters.teams.bench.organisations import BOT, SERVICE, people, room, tenant
from adapters.teams.parse import PLATFORM
from adapters.teams.references import Reference, References
from bot.core.event import Identity, Place
from bot.store import Store


def _troupe(group: str) -> Troupe:
    organisation = tenant(int(group[1:]))

    def who(native: str) -> Identity:
        return Identity(PLATFORM, organisation, native)

    sponsor, (first, second), members = people(group)
    place = Place(PLATFORM, organisation, room(group), private=False)
    return Troupe(who(sponsor), (who(first), who(second)), tuple(map(who, members)), place)


def _ref(conversation: str, number: int) -> str:
    return f"{conversation}|{number}"


TEAMS = Scenery(_troupe, render.form, _ref)


async def introduce_rooms(made: Stage) -> None:
    """Let Krets know the ways to the chats of the groups, as if it had been brought into them."""
    store = Store(made.database)

    def real() -> datetime:
        return made.at

    try:
        await References(store, real).keep(
            [
                Reference(one.room.tenant, one.room.native, SERVICE, BOT, one.room.native)
                for one in made.votes
            ]
        )
    finally:
        await store.close()
