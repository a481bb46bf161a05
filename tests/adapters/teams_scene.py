"""Teams with Krets' way out into it: two people, a group chat, and a team with channels."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

from adapters.teams.budget import Budget
from adapters.teams.connector import Connector, Conversation, outwards
from adapters.teams.credentials import Ask, Credentials, by_secret
from adapters.teams.gate import is_service_url
from adapters.teams.messenger import TeamsMessenger
from adapters.teams.references import Reference, References
from bot.core.event import Identity, Place
from bot.store import Store
from tests.adapters.teams.microsoft import APP, SERVICE, TENANT, Clock
from tests.adapters.teams_api import BOT, SECRET, TeamsApi, teams_api
from tests.databases import lay_out

ANNA, BO = "aaaaaaaa-1111-4111-8111-111111111111", "bbbbbbbb-2222-4222-8222-222222222222"
CHAT = "19:chat@thread.v2"
TEAM, CHANNEL = "19:general@thread.tacv2", "19:channel@thread.tacv2"


def person(id: str, tenant: str = TENANT) -> Identity:
    return Identity("teams", tenant, id)


def room(id: str = CHAT) -> Place:
    return Place("teams", TENANT, id, private=False)


@dataclass
class Outwards:
    """Krets' way out, part by part, and Microsoft at the end of it."""

    api: TeamsApi
    clock: Clock
    store: Store
    session: aiohttp.ClientSession
    credentials: Credentials
    connector: Connector
    references: References
    messenger: TeamsMessenger
    #: For how long calls were held back.
    slept: list[float] = field(default_factory=list)

    async def tell(self, *ways: Reference) -> None:
        """Let Teams have told of these ways."""
        await self.references.keep(list(ways))

    def there(self, id: str = CHAT) -> Conversation:
        return Conversation(TENANT, SERVICE, id)


def way(native: str, **more: str) -> Reference:
    return Reference(TENANT, native, **({"service_url": SERVICE, "bot": BOT} | more))


@asynccontextmanager
async def teams_outwards(
    directory: Path, asks: Sequence[Ask] | None = None
) -> AsyncIterator[Outwards]:
    """All of it; Krets has been told of the chat and of the channels, and of nobody's own chat."""
    lay_out(f"sqlite:///{directory / 'krets.db'}")
    store = Store(f"sqlite:///{directory / 'krets.db'}")
    clock = Clock()
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        clock.pass_by(seconds=seconds)

    async with teams_api() as api, outwards(connector=api.connector()) as session:
        api.add_person(ANNA, "Anna Ek")
        api.add_person(BO, "Bo Dahl")
        api.add_chat(CHAT, ANNA, BO)
        api.add_team(TEAM, ANNA, BO)
        api.add_channel(CHANNEL, TEAM)
        if asks is None:
            asks = [by_secret(APP, TENANT, SECRET)]
        credentials = Credentials(asks, session, clock.now)
        connector = Connector(
            session=session,
            tokens=credentials,
            budget=Budget(clock.now),
            allowed=is_service_url,
            spread=lambda: 0.5,
            sleep=sleep,
        )
        references = References(store, clock.now)
        scene = Outwards(
            api=api,
            clock=clock,
            store=store,
            session=session,
            credentials=credentials,
            connector=connector,
            references=references,
            messenger=TeamsMessenger(connector, references),
            slept=slept,
        )
        await scene.tell(
            way(CHAT, conversation=CHAT),
            way(TEAM, conversation=TEAM, team=TEAM),
            way(CHANNEL, conversation=CHANNEL, team=TEAM),
        )
        yield scene
        await credentials.close()
    await store.close()
