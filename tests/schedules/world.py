"""A world for the clock, whose time leaps to the next thing that happens."""

import asyncio
import selectors
from collections.abc import Awaitable, Callable, Coroutine
from datetime import UTC, datetime, timedelta, tzinfo
from threading import Thread
from typing import Any

import pytest

from schedules.clock import Clock

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


class Leaping(selectors.DefaultSelector):
    """A selector that does not wait: where it would sleep, time leaps instead."""

    leapt = 0  # microseconds

    def select(self, timeout: float | None = None) -> list[Any]:
        ready: list[Any] = super().select(0)
        if not ready and timeout != 0:
            assert timeout is not None, "nothing will ever happen again"
            self.leapt += max(1, round(timeout * 1e6))
        return ready


class LeapingLoop(asyncio.SelectorEventLoop):
    """A loop on leaping time."""

    def __init__(self, selector: Leaping) -> None:
        super().__init__(selector)
        self._leaping = selector

    def time(self) -> float:
        return self._leaping.leapt / 1e6


class World:
    """Real time, programme time, a store of moments, and what was done when."""

    def __init__(self, start: datetime = START) -> None:
        self.leaping = Leaping()
        self.start = start
        self.jumped = timedelta()  # of the machine's clock
        self.shifted = timedelta()  # of what is real time to the clock, from the machine's
        self.offset = timedelta()  # of programme time
        self.moments: list[datetime] = []
        self.claims: list[datetime] = []  # programme time of each claim
        self.recovered: list[datetime] = []
        self.pruned: list[datetime] = []
        self.clock = self.make(self.claim)

    def make(self, claim: Callable[[], Awaitable[None]]) -> Clock:
        return Clock(
            now=self.now,
            real=self.real,
            next_due=self.next_due,
            claim=claim,
            recover=self.recover,
            prune=self.prune,
        )

    def real(self) -> datetime:
        passed = timedelta(microseconds=self.leaping.leapt)
        return self.start + self.jumped + self.shifted + passed

    def now(self) -> datetime:
        return self.real() + self.offset

    async def next_due(self, after: datetime | None) -> datetime | None:
        await asyncio.sleep(0)
        return min((one for one in self.moments if after is None or one > after), default=None)

    async def claim(self) -> None:
        self.claims.append(self.now())
        self.moments = [moment for moment in self.moments if moment > self.now()]

    async def recover(self) -> None:
        self.recovered.append(self.real())

    async def prune(self) -> None:
        self.pruned.append(self.real())

    def commit(self, moment: datetime) -> None:
        """Store a moment and say so, in a thread."""
        self.moments.append(moment)
        thread = Thread(target=self.clock.expect, args=(moment,))
        thread.start()
        thread.join()

    async def passes(self, time: timedelta) -> None:
        """Return when so much time has passed."""
        passed = asyncio.Event()
        asyncio.get_running_loop().call_later(time.total_seconds(), passed.set)
        await passed.wait()

    def run(self, scenario: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Play the scenario while the clock goes."""

        async def play() -> None:
            await self.clock.start()
            await self.passes(SECOND)
            await scenario()
            await self.clock.stop()
            assert not self.clock._scheduler.running
            assert asyncio.all_tasks() == {asyncio.current_task()}

        with asyncio.Runner(loop_factory=lambda: LeapingLoop(self.leaping)) as runner:
            runner.run(play())


def world_from(start: datetime, monkeypatch: pytest.MonkeyPatch) -> World:
    """A world in which APScheduler, too, lives on leaping time."""
    world = World(start)

    class Told(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return (world.real() - world.shifted).astimezone(tz)

    for module in ("schedulers.base", "executors.base", "triggers.interval"):
        monkeypatch.setattr(f"apscheduler.{module}.datetime", Told)
    return world
