"""Units that share a commit: each is whole, and what was answered outlives the process."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from threading import get_ident
from typing import Any

from bot.store import LostRace, Store, Unit
from tests.store.test_store import batched, count, group_row

#: Counts in units of its own and says each number once it is answered, until it is killed.
TALKER = """
import asyncio, sys
from bot.store import Store

def count(unit):
    number = int(unit.meta("count") or "0") + 1
    unit.set_meta("count", str(number))
    return number

async def main():
    store = Store(sys.argv[1])
    while True:
        numbers = await asyncio.gather(*(store.run(count) for _ in range(20)))
        print(max(numbers), flush=True)

asyncio.run(main())
"""


async def test_a_lost_race_in_a_batch_loses_nothing_of_the_others(store: Store) -> None:
    def change(unit: Unit) -> None:
        count(unit)
        unit.groups.change("g1", 1, "running", "v2")

    await store.run(lambda unit: unit.groups.add(group_row(1)))
    first, second, third = await batched(store, change, change, count)
    assert (first, third) == (None, None)
    assert isinstance(second, LostRace)
    assert await store.run(lambda unit: unit.meta("count")) == "2"


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


async def test_a_later_unit_of_a_batch_sees_what_an_earlier_one_wrote(store: Store) -> None:
    def version(unit: Unit) -> int:
        stored = unit.groups.find("g1")
        return stored.version if stored else 0

    add: Callable[[Unit], Any] = lambda unit: unit.groups.add(group_row(1))  # noqa: E731
    change: Callable[[Unit], Any] = lambda unit: unit.groups.change("g1", 1, "r", "v2")  # noqa: E731
    outcomes = await batched(store, version, add, version, change, version)
    assert outcomes == [0, None, 1, None, 2]


async def test_every_unit_runs_in_the_one_thread_of_the_store(store: Store) -> None:
    threads = await asyncio.gather(*(store.run(lambda _: get_ident()) for _ in range(40)))
    assert len(set(threads)) == 1
    assert threads[0] != get_ident()


async def test_what_was_answered_is_there_after_the_process_was_killed(url: str) -> None:
    command = [sys.executable, "-c", TALKER, url]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        answered = [int(process.stdout.readline()) for _ in range(5)]
        os.kill(process.pid, signal.SIGKILL)
        answered += map(int, process.stdout.read().split())
    store = Store(url)
    kept = await store.run(lambda unit: unit.meta("count"))
    await store.close()
    assert kept is not None
    assert int(kept) >= answered[-1]
