"""The engines there are, each in a world of its own, so that one law can be held against all."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from threading import Thread
from typing import Any, Protocol

import psycopg

from schedules.distributed import ProcrastinateEngine
from schedules.engine import Engine, Work
from schedules.inline import InlineEngine
from schedules.tables import plain

Handle = Callable[[Work], Awaitable[None]]


class Written:
    """A transaction that commits when told to, in a thread as the store does."""

    def __init__(self, url: str = "") -> None:
        self.connection: Any = psycopg.connect(plain(url)) if url else None
        self.calls: list[Callable[[], None]] = []

    def after_commit(self, call: Callable[[], None]) -> None:
        self.calls.append(call)

    def commit(self) -> None:
        def call_all() -> None:
            if self.connection is not None:
                self.connection.commit()
                self.connection.close()
            for call in self.calls:
                call()

        thread = Thread(target=call_all)
        thread.start()
        thread.join()


class World(Protocol):
    """Where engines of one kind work."""

    def engine(self, workers: int = 3, undone: Iterable[Work] = ()) -> Engine:
        """An engine; these works are found undone when it recovers."""

    def transaction(self) -> Written:
        """A transaction that an engine of this world takes."""


class Inline:
    """Engines of one process, over a store that would find these works undone."""

    def engine(self, workers: int = 3, undone: Iterable[Work] = ()) -> InlineEngine:
        async def find() -> Iterable[Work]:
            return undone

        return InlineEngine(find, workers)

    def transaction(self) -> Written:
        return Written()


class Distributed:
    """Engines on one database; what is undone lies in its jobs."""

    def __init__(self, url: str) -> None:
        self.url = url

    def engine(self, workers: int = 3, undone: Iterable[Work] = ()) -> ProcrastinateEngine:
        engine = ProcrastinateEngine(self.url, workers)
        commit(self, engine, *undone)
        return engine

    def transaction(self) -> Written:
        return Written(self.url)


class Hands:
    """A handler that notes what it begins and ends, and holds what it is told to hold."""

    def __init__(self) -> None:
        self.begun: list[Work] = []
        self.ended: list[Work] = []
        self.at_once: list[Work] = []  # begun while their group was being worked for
        self.may_end = asyncio.Event()
        self.may_end.set()
        self._busy: set[str] = set()

    async def __call__(self, work: Work) -> None:
        if work.group in self._busy:
            self.at_once.append(work)
        self._busy.add(work.group)
        self.begun.append(work)
        try:
            await asyncio.sleep(0)
            await self.may_end.wait()
            self.ended.append(work)
        finally:
            self._busy.discard(work.group)


def commit(world: World, engine: Engine, *works: Work) -> None:
    """Ask for works in one transaction, and commit it."""
    transaction = world.transaction()
    for work in works:
        engine.enqueue(transaction, work)
    transaction.commit()


@asynccontextmanager
async def running(engine: Engine, handle: Handle) -> AsyncIterator[asyncio.Event]:
    """Run the engine meanwhile, and stop it in order afterwards."""
    stop = asyncio.Event()
    task = asyncio.create_task(engine.run(handle, stop))
    try:
        yield stop
    finally:
        stop.set()
        await task


async def until(condition: Callable[[], bool]) -> None:
    """Return when it is so."""
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.002)


async def settle() -> None:
    """Let the loop go round until everything that can happen has happened in this process."""
    for _ in range(20):
        await asyncio.sleep(0)
