"""The contract's stage in the browser."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import aiohttp
from aiohttp.test_utils import TestServer

from adapters.playground.live import Live
from adapters.playground.messenger import PlaygroundMessenger
from adapters.playground.rooms import identity
from adapters.playground.routes import Playground
from adapters.playground.sight import Sight
from adapters.web import application
from bot.core.event import Identity, Place
from bot.groups import Groups
from bot.keyring import Keyring
from bot.messenger import Messenger
from bot.store import Store
from bot.words import View, Words
from tests.contract.platform import Recording, Seen
from tests.databases import lay_out
from tests.end_to_end.site import Site, read

NOW = datetime(2027, 1, 5, 12, tzinfo=UTC)


class PlaygroundStage:
    """A server, and two personas of the sample organisation at their pages."""

    name = "playground"
    typed = "/krets"
    moves_people = True
    tells_zones = True

    def __init__(self, site: Site, bot: Recording, messenger: Messenger, room: Place) -> None:
        self._site = site
        self.bot = bot
        self.messenger = messenger
        self.anna = identity("asa-nystrom")
        self.bo = identity("johan-wikstrom")
        self.room = room

    async def sees(self, who: Identity, where: Place | Identity) -> Seen:
        seen = await self._site.persona(who.native).see(_slug(where))
        return Seen(seen.text, seen.buttons)

    async def presses(self, who: Identity, where: Place | Identity, packed: str) -> Seen:
        return await self._post(who, "press", {"room": _slug(where), "action": packed})

    async def submits(
        self, who: Identity, where: Place | Identity, packed: str, answers: Mapping[str, object]
    ) -> Seen:
        body = {"room": _slug(where), "action": packed, "answers": dict(answers)}
        return await self._post(who, "submit", body)

    async def writes(self, who: Identity, where: Place | Identity, text: str) -> Seen:
        return await self._post(who, "say", {"room": _slug(where), "text": text})

    async def opens_home(self, who: Identity) -> Seen:
        return await self._post(who, "home", {"room": "krets"})

    async def _post(self, who: Identity, what: str, body: dict[str, object]) -> Seen:
        body |= {"id": str(uuid4())}
        status, answer = await self._site.post(f"/p/{who.native}/{what}", body)
        assert status == 200, answer
        seen = read(answer.get("html", ""))
        errors = answer.get("errors", {})
        return Seen(seen.text, seen.buttons, answer["kind"], errors, seen.action)


def _slug(where: Place | Identity) -> str:
    return "krets" if isinstance(where, Identity) else where.native


@asynccontextmanager
async def playground(data: Path) -> AsyncIterator[PlaygroundStage]:
    """The stage, on this data directory."""
    url = f"sqlite:///{data / 'krets.db'}"
    lay_out(url)
    store, live, words = Store(url), Live(), Words()
    sight = Sight(Groups(Keyring(data / "keys")), words, "")
    bot = Recording(View("en", "Europe/Stockholm", {}, {}, "", words))

    async def ready() -> bool:
        return True

    page = Playground(bot=bot, store=store, sight=sight, live=live, fresh=lambda: uuid4().hex)
    server = TestServer(application(ready, page.mount))
    await server.start_server()
    messenger = PlaygroundMessenger(store, live, lambda: NOW)
    async with aiohttp.ClientSession() as session:
        site = Site(session, f"http://127.0.0.1:{server.port}")
        await site.fill()
        people = (identity("asa-nystrom"), identity("johan-wikstrom"))
        room = await messenger.open_room("g1", "Tuesday group", people)
        yield PlaygroundStage(site, bot, messenger, room)
    await server.close()
    await store.close()
