"""`krets bench clock`: what a million moments to come cost a tick, and a process in memory.

    python -m bot.bench_clock <address of the database>

tells how much memory a process holds once it has looked at that database.
"""

import asyncio
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from json import dumps
from pathlib import Path
from statistics import median

from bot.bench import sample_group
from bot.board import Board
from bot.core.due import Wanted
from bot.groups import Groups
from bot.keyring import Keyring, new_master
from bot.store import Store, Unit, migrate
from bot.words import Words
from schedules.inline import InlineEngine

#: The time of all ticks.
_NOW = datetime(2026, 3, 3, 8, tzinfo=UTC)
#: Moments that have come at each tick, and those to come of one group.
DUE, OF_GROUP = 500, 100
_TICKS = 15


@dataclass(frozen=True, slots=True)
class Figures:
    """Medians of a tick in milliseconds, and MiB of a process, without and with moments to come."""

    future: int
    due: int
    tick_ms: float
    tick_with_future_ms: float
    memory: float
    memory_with_future: float

    @property
    def ratio(self) -> float:
        """By how much a tick takes longer."""
        return self.tick_with_future_ms / self.tick_ms

    @property
    def more_memory(self) -> float:
        """By how much a process is larger, in MiB."""
        return self.memory_with_future - self.memory

    def as_json(self) -> str:
        """For programs."""
        return dumps(asdict(self) | {"ratio": self.ratio, "more_memory": self.more_memory})

    def as_lines(self) -> str:
        """For people.

        >>> print(Figures(10, 5, 2.0, 2.2, 100.0, 101.0).as_lines())
        a tick with 5 moments that have come, medians of 15:
          2.0 ms  with none to come
          2.2 ms  with 10 to come: 1.10 times (at most 1.50: met)
        a process that has looked at them: 101 MiB, 1.0 more than without (under 20: met)
        """
        slow = "met" if self.ratio <= 1.5 else "MISSED"
        large = "met" if self.more_memory < 20 else "MISSED"
        return (
            f"a tick with {self.due} moments that have come, medians of {_TICKS}:\n"
            f"{self.tick_ms:5.1f} ms  with none to come\n"
            f"{self.tick_with_future_ms:5.1f} ms  with {self.future} to come:"
            f" {self.ratio:.2f} times (at most 1.50: {slow})\n"
            f"a process that has looked at them: {self.memory_with_future:.0f} MiB,"
            f" {self.more_memory:.1f} more than without (under 20: {large})"
        )


def bench_clock(
    directory: Path, future: int, timer: Callable[[], float], say: Callable[[int, int], None]
) -> Figures:
    """Measure in this directory, which is empty; `timer` counts seconds."""
    ticks, memory = [], []
    for number, moments in enumerate((0, future)):
        url = f"sqlite:///{directory / f'{number}.db'}"
        migrate(url)
        asyncio.run(_fill(url, directory / f"keys{number}", moments, say))
        ticks.append(asyncio.run(_ticks(url, directory / f"keys{number}", timer)))
        memory.append(_memory_of_another(url))
    return Figures(future, DUE, *ticks, *memory)


async def _fill(url: str, keys: Path, future: int, say: Callable[[int, int], None]) -> None:
    """So many moments that have come, and so many to come, a hundred of each group."""
    store, groups = Store(url), Groups(Keyring(keys, [new_master().line]))
    sample, text = sample_group()
    group = replace(sample, drawers={})

    def add(start: int, count: int, due_at: datetime, unit: Unit) -> None:
        one = replace(group, id=f"{start:032}")
        unit.keep_method(one.method_hash, one.method_id, text)
        groups.save(unit, one, None, set())
        soon = (timedelta(minutes=number) for number in range(count))
        unit.moments.set(
            one.id, [Wanted(1, "remind", f"p{n}", due_at + at) for n, at in enumerate(soon)]
        )

    try:
        await store.run(partial(add, 0, DUE, _NOW - timedelta(days=1)))
        for start in range(0, future, OF_GROUP):
            if start % 10_000 == 0:
                say(start, future)
            await store.run(partial(add, start + 1, OF_GROUP, _NOW + timedelta(days=1)))
    finally:
        await store.close()


def _board(store: Store, keys: Path) -> Board:
    async def nothing() -> tuple[()]:
        return ()

    return Board(
        store=store,
        keyring=Keyring(keys, [new_master().line]),
        engine=InlineEngine(nothing),
        words=Words(),
        messengers={},
        now=lambda: _NOW,
        real=lambda: _NOW,
    )


async def _ticks(url: str, keys: Path, timer: Callable[[], float]) -> float:
    """What a look and a claim take."""
    store, times = Store(url), []
    board = _board(store, keys.with_name(f"{keys.name}-of-ticks"))
    try:
        for _ in range(_TICKS):
            began = timer()
            await board.next_due()
            await board.claim()
            times.append((timer() - began) * 1000)
    finally:
        await store.close()
    return median(times)


def _memory_of_another(url: str) -> float:
    command = [sys.executable, "-m", "bot.bench_clock", url]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603
    return float(done.stdout)


async def _look(url: str) -> None:
    store = Store(url)
    try:
        for _ in range(3):
            await store.run(lambda unit: (unit.moments.next(), len(unit.moments.due(_NOW))))
    finally:
        await store.close()


if __name__ == "__main__":
    asyncio.run(_look(sys.argv[1]))
    status = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    (kib,) = (line.split()[1] for line in status if line.startswith("VmRSS"))
    sys.stdout.write(f"{int(kib) / 1024:.2f}\n")
