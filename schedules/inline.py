"""The engine of one process: the queue is in memory, the truth stays in the store."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from threading import Lock
from typing import ClassVar

from schedules.engine import Transaction, Work

log = logging.getLogger(__name__)


class InlineEngine:
    """An `Engine` on one asyncio loop, at most `workers` groups at a time.

    A transaction commits in a thread of the store, so the queue itself is what threads share:
    work stands in it before the commit returns to its caller, and `idle` cannot miss it.
    The loop is only told to look again. `find` reads from the store what is undone.
    """

    keeps: ClassVar[bool] = False

    def __init__(self, find: Callable[[], Awaitable[Iterable[Work]]], workers: int = 8) -> None:
        """Begin with an empty queue."""
        self._find = find
        self._workers = workers
        self._lock = Lock()  # guards the queue and the loop
        self._queue: OrderedDict[Work, None] = OrderedDict()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._busy: set[str] = set()  # the groups being worked for; touched on the loop only
        self._changed = asyncio.Event()

    def enqueue(self, transaction: Transaction, *works: Work) -> None:
        """Queue works when the transaction has committed."""
        for work in works:
            transaction.after_commit(partial(self._put, work))

    async def run(self, handle: Callable[[Work], Awaitable[None]], stop: asyncio.Event) -> None:
        """Do what is queued until `stop` is set, then finish what is begun and return."""
        with self._lock:
            self._loop = asyncio.get_running_loop()
        try:
            async with asyncio.TaskGroup() as tasks:
                stopped = tasks.create_task(stop.wait())
                stopped.add_done_callback(lambda _: self._changed.set())
                while not stop.is_set():
                    self._changed.clear()
                    for work in self._take():
                        tasks.create_task(self._do(work, handle))
                    await self._changed.wait()
        finally:
            with self._lock:
                self._loop = None

    async def recover(self) -> None:
        """Queue what `find` finds undone."""
        for work in await self._find():
            self._put(work)

    async def idle(self) -> None:
        """Return when nothing is queued or being done; without a `run` that may be never."""
        while self._queue or self._busy:
            self._changed.clear()
            await self._changed.wait()

    def depth(self) -> int:
        """How many works are queued or being done."""
        return len(self._queue) + len(self._busy)

    def _put(self, work: Work) -> None:
        """Queue the work, unless it waits there already, and tell the loop; from any thread."""
        with self._lock:
            self._queue.setdefault(work)
            if self._loop is not None:
                self._loop.call_soon_threadsafe(self._changed.set)

    def _take(self) -> list[Work]:
        """Take what may begin now: the oldest work of each group at rest, while workers last."""
        taken = []
        with self._lock:
            for work in self._queue:
                if len(self._busy) == self._workers:
                    break
                if work.group not in self._busy:
                    self._busy.add(work.group)
                    taken.append(work)
            for work in taken:
                del self._queue[work]
        return taken

    async def _do(self, work: Work, handle: Callable[[Work], Awaitable[None]]) -> None:
        """Do one work; whatever becomes of it, its group is free again afterwards."""
        try:
            await handle(work)
        except Exception as error:
            which = {"what": type(work).__name__, "error": type(error).__name__}
            log.error("%(what)s failed: %(error)s", which)
        finally:
            self._busy.discard(work.group)
            self._changed.set()
