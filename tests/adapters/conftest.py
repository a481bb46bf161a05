"""The playground on a real store, and a bot that answers what the test wants."""

import itertools
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient, TestServer

from adapters.playground.live import Live
from adapters.playground.messenger import PlaygroundMessenger
from adapters.playground.routes import Playground
from adapters.playground.sight import Sight
from adapters.web import application
from bot.core.model import Group
from bot.groups import Groups
from bot.keyring import Keyring
from bot.store import Store
from bot.words import View, Words
from tests.adapters.scene import NOW, FakeBot, FakeTravel, Scene, a_group
from tests.databases import lay_out


@pytest.fixture(scope="session")
def words() -> Words:
    return Words()


@pytest.fixture
def group() -> Group:
    return a_group()


@pytest.fixture
def view(words: Words, group: Group) -> View:
    names = {"p1": "Åsa Nyström", "p2": "Bjørn <b>Haugen</b>"}
    return View("en", "Europe/Stockholm", names, {group.id: group}, "Ring 010", words)


@pytest.fixture
async def scene(tmp_path: Path, words: Words) -> AsyncIterator[Scene]:
    lay_out(f"sqlite:///{tmp_path / 'krets.db'}")
    store = Store(f"sqlite:///{tmp_path / 'krets.db'}")
    groups = Groups(Keyring(tmp_path / "keys"))
    live, travel = Live(), FakeTravel()
    sight = Sight(groups, words, "Ring 010")
    bot = FakeBot(store, sight)
    tokens = itertools.count()
    playground = Playground(
        bot=bot,
        store=store,
        sight=sight,
        live=live,
        fresh=lambda: f"person{next(tokens)}",
        travel=travel,
    )
    ready = [True]

    async def is_ready() -> bool:
        return ready[0]

    async with TestClient(TestServer(application(is_ready, playground.mount))) as client:
        messenger = PlaygroundMessenger(store, live, lambda: NOW)
        yield Scene(client, store, bot, live, travel, messenger, ready, tmp_path)
    await store.close()
