"""What the tests of the playground stand on."""

import itertools
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient

from adapters.playground.live import Live
from adapters.playground.messenger import PlaygroundMessenger
from adapters.playground.sample import BY_NATIVE
from adapters.playground.sight import Sight
from bot.app import Answer
from bot.core.card import Card, Heading, T
from bot.core.decision import Nothing, Reply
from bot.core.event import Deed
from bot.core.method import Method
from bot.core.model import Group
from bot.programme import Ran
from bot.store import Store

NOW = datetime(2026, 3, 3, 8, tzinfo=UTC)
_METHOD = Method(
    "small", {"en": "Small"}, {"en": "leader"}, 3, 60, (3, 8), 1, True, False, (), (), ()
)
_ids = itertools.count(1)


def fresh_id() -> str:
    """An id as the page makes them."""
    return str(UUID(int=next(_ids)))


def value(text: str) -> T:
    """Words that are only this."""
    return T("value", {"value": text})


def a_card(text: str) -> Card:
    return Card((Heading(value(text)),))


def a_group(**drawers: str) -> Group:
    return Group(
        id="g1",
        platform="playground",
        tenant="local",
        name="Eken & <i>Asken</i>",
        status="running",
        language="nb",
        country="NO",
        zone="Europe/Oslo",
        place="Room 1",
        link="",
        every=1,
        working_time=True,
        informed=True,
        sponsors=("p1",),
        leaders=(),
        members=(),
        opened_at=NOW,
        method_id="small",
        method_hash="h",
        method=_METHOD,
        drawers={"1/meeting": drawers},
    )


class FakeBot:
    """Remembers what it was told, and answers what it is told to answer."""

    def __init__(self, store: Store, sight: Sight) -> None:
        self._store = store
        self._sight = sight
        self.heard: list[Deed] = []
        self.reply: Reply = Nothing()
        self.error: Exception | None = None

    async def handle(self, event: Deed) -> Answer:
        self.heard.append(event)
        if self.error is not None:
            raise self.error
        me = BY_NATIVE[event.actor.native]
        view = await self._store.run(lambda unit: self._sight.view(unit, me))
        return Answer(self.reply, view)


@dataclass
class FakeTravel:
    """Programme time with one moment each hour."""

    time: datetime = NOW
    gone: list[datetime] = field(default_factory=list)

    async def now(self) -> datetime:
        return self.time

    async def next_due(self) -> Ran | None:
        return Ran("begin", "g1", 2, self.time + timedelta(hours=1))

    async def go(self, to: datetime) -> list[Ran]:
        self.time = to
        self.gone.append(to)
        return []

    async def go_next(self) -> list[Ran]:
        self.time += timedelta(hours=1)
        return [Ran("begin", "g1", 2, self.time), Ran("of_tomorrow", "g1", 0, self.time)]


@dataclass
class Scene:
    """A playground that is served."""

    client: TestClient[Any, Any]
    store: Store
    bot: FakeBot
    live: Live
    travel: FakeTravel
    messenger: PlaygroundMessenger
    ready: list[bool]
    directory: Path

    async def get(self, path: str, **headers: str) -> ClientResponse:
        return await self.client.get(path, headers=headers, allow_redirects=False)

    async def text(self, path: str) -> str:
        response = await self.get(path)
        assert response.status == 200, path
        return await response.text()

    async def post(self, path: str, body: object, **headers: str) -> ClientResponse:
        """What a page of ours would send."""
        given = {"Origin": str(self.client.make_url("")).rstrip("/")} | headers
        return await self.client.post(path, json=body, headers=given)

    async def fill(self) -> None:
        assert (await self.post("/dev/sample", {})).status == 200

    async def act(self, what: str, **body: object) -> ClientResponse:
        """Something done by Åsa in her own chat."""
        given = {"room": "krets", "id": fresh_id()} | body
        return await self.post(f"/p/asa-nystrom/{what}", given)
