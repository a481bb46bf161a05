"""A budget that several processes spend: never too fast together, and one word is heard by all."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from adapters.ledger import Ledger, StoredLedger
from adapters.slack.budget import METHODS
from adapters.slack.budget import Budget as SlackBudget
from adapters.teams.budget import Budget as TeamsBudget
from adapters.teams.budget import Way
from bot.messenger import TryLater
from bot.store import Store
from bot.store.databases import PostgreSQL
from tests.postgres import connect
from tests.wire import wire

START = datetime(2027, 1, 5, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
WAY = Way("smba.example", "T1", "C1")


class Process:
    """One of several that speak to the same workspace."""

    def __init__(self, ledger: Ledger) -> None:
        self.at = START
        self.ledger = ledger
        self.slack = SlackBudget(lambda: self.at)
        self.teams = TeamsBudget(lambda: self.at)

    async def update(self) -> None:
        await self.ledger.on(
            SlackBudget.keys("chat.update"),
            lambda kept: self.slack.beside(kept, "chat.update").spend("chat.update"),
        )

    async def call(self) -> timedelta:
        return await self.ledger.on(
            TeamsBudget.keys(WAY), lambda kept: self.teams.beside(kept, WAY).take(WAY)
        )


@pytest.fixture
async def store(postgres_url: str) -> AsyncIterator[Store]:
    store = Store(postgres_url)
    yield store
    await store.close()


@pytest.fixture
def several(store: Store) -> list[Process]:
    return [Process(StoredLedger(store, "slack T1")) for _ in range(4)]


async def test_processes_spend_one_burst_together(several: list[Process]) -> None:
    burst = METHODS["chat.update"].burst
    outcomes = await asyncio.gather(
        *(several[n % 4].update() for n in range(burst + 6)), return_exceptions=True
    )
    later = [one.after for one in outcomes if isinstance(one, TryLater)]
    assert len(later) == 6
    assert len(set(later)) == 6, "those who are turned away do not all come at once"
    for one in several:
        one.at += METHODS["chat.update"].every
    outcomes = await asyncio.gather(*(one.update() for one in several), return_exceptions=True)
    assert sum(one is None for one in outcomes) == 1


async def test_where_a_platform_has_asked_one_to_wait_all_wait(several: list[Process]) -> None:
    first, second, *_ = several
    first.slack.rest("chat.update", 30 * SECOND)
    with pytest.raises(TryLater) as later:
        await first.update()
    assert later.value.after == 30 * SECOND
    with pytest.raises(TryLater) as later:
        await second.update()
    assert later.value.after == 30 * SECOND
    first.teams.rest(WAY.organisation, 20 * SECOND)
    for one in (first, second):
        with pytest.raises(TryLater):
            await one.call()


async def test_a_conversation_in_teams_keeps_its_pace_whoever_writes(
    several: list[Process],
) -> None:
    waits = [await several[n % 4].call() for n in range(5)]
    assert waits[:4] == [timedelta(0)] * 4
    assert waits[4] > timedelta(0)


async def test_workspaces_do_not_share(store: Store, several: list[Process]) -> None:
    other = Process(StoredLedger(store, "slack T2"))
    several[0].slack.rest("*", 30 * SECOND)
    with pytest.raises(TryLater):
        await several[0].update()
    await other.update()


async def test_what_was_spent_is_forgotten(
    store: Store, several: list[Process], postgres_url: str
) -> None:
    await several[0].update()
    await several[0].call()
    for before, left in ((START - SECOND, True), (START + 10 * SECOND, False)):
        await store.run(lambda unit, before=before: unit.budgets.forget(before))
        with connect(postgres_url) as connection:
            assert bool(connection.execute("SELECT * FROM budgets").fetchall()) is left


async def test_without_the_ledger_nothing_is_asked(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PostgreSQL, "pauses", ())
    async with wire(postgres_url) as cord:
        store = await asyncio.to_thread(Store, cord.url)
        cord.cut()
        with pytest.raises(TryLater):
            await Process(StoredLedger(store, "slack T1")).update()
        await store.close()
