"""Units that share a commit: each is whole, and what was answered outlives the process."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from threading import Barrier, get_ident
from typing import Any

from bot.store import LostRace, Store, Unit
from tests.store.test_store import NOW, batched, count, group_row

#: Sees one event after the other and says how many once they are answered, until it is killed.
TALKER = """
import asyncio, sys
from datetime import UTC, datetime
from bot.store import Store

async def see(store, number):
    await store.run(lambda unit: unit.see(str(number), datetime.now(UTC)))

async def main():
    store, seen = Store(sys.argv[1]), 0
    while True:
        await asyncio.gather(*(see(store, seen + n) for n in range(20)))
        seen += 20
        print(seen, flush=True)

asyncio.run(main())
"""


async def test_a_lost_race_in_a_batch_loses_nothing_of_the_others(store: Store) -> None:
    def change(unit: Unit, key: str) -> None:
        unit.see(key, NOW)
        unit.groups.change("g1", 1, "running", "v2")

    await store.run(lambda unit: unit.groups.add(group_row(1)))
    outcomes = await batched(
        store,
        lambda unit: change(unit, "1"),
        lambda unit: change(unit, "2"),
        lambda unit: unit.see("3", NOW),
    )
    assert {type(one) for one in outcomes[:2]} == {LostRace, type(None)}
    assert outcomes[2] is None
    seen = await store.run(lambda unit: [unit.seen(key) for key in "123"])
    assert seen == [outcomes[0] is None, outcomes[1] is None, True]


async def test_what_the_orm_and_plain_statements_did_is_rolled_back_together(store: Store) -> None:
    def both(unit: Unit) -> None:
        count(unit)  # by the ORM
        unit.groups.change("g1", 1, "running", "v2")
        raise ValueError

    await store.run(lambda unit: unit.groups.add(group_row(1)))
    outcomes = await batched(store, both, count, both)
    assert [type(one) for one in outcomes] == [ValueError, type(None), ValueError]
    assert await store.run(lambda unit: unit.meta("count")) == "1"
    stored = await store.run(lambda unit: unit.groups.find("g1"))
    assert stored is not None
    assert (stored.version, stored.document) == (1, "v1")


async def test_a_later_unit_of_a_batch_sees_what_an_earlier_one_wrote(
    sqlite_store: Store,
) -> None:
    def version(unit: Unit) -> int:
        stored = unit.groups.find("g1")
        return stored.version if stored else 0

    add: Callable[[Unit], Any] = lambda unit: unit.groups.add(group_row(1))  # noqa: E731
    change: Callable[[Unit], Any] = lambda unit: unit.groups.change("g1", 1, "r", "v2")  # noqa: E731
    outcomes = await batched(sqlite_store, version, add, version, change, version)
    assert outcomes == [0, None, 1, None, 2]


async def test_on_sqlite_every_unit_runs_in_one_thread(sqlite_store: Store) -> None:
    threads = await asyncio.gather(*(sqlite_store.run(lambda _: get_ident()) for _ in range(40)))
    assert len(set(threads)) == 1
    assert threads[0] != get_ident()


async def test_on_postgresql_a_few_units_run_side_by_side(postgres_store: Store) -> None:
    meeting = Barrier(4)
    await asyncio.gather(*(postgres_store.run(lambda _: meeting.wait(10)) for _ in range(4)))


async def test_what_was_answered_is_there_after_the_process_was_killed(url: str) -> None:
    command = [sys.executable, "-c", TALKER, url]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        answered = [int(process.stdout.readline()) for _ in range(5)]
        os.kill(process.pid, signal.SIGKILL)
        answered += map(int, process.stdout.read().split())
    store = Store(url)
    lost = await store.run(lambda unit: [n for n in range(answered[-1]) if not unit.seen(str(n))])
    await store.close()
    assert lost == []
