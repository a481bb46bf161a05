"""The store: one writer thread, in which whole transactions run as plain functions."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from threading import Condition, Thread
from typing import Any, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlmodel import Session

from bot.store.engine import BUSY_TIMEOUT, open_engine
from bot.store.rows import tell
from bot.store.unit import Unit

log = logging.getLogger(__name__)

R = TypeVar("R")

#: How many waiting units share one commit.
BATCH = 16


class Closed(Exception):
    """The store takes no more work."""


@dataclass(eq=False, slots=True)
class _Waiting:
    """A unit that waits for its turn, and who waits for it."""

    work: Callable[[Unit], Any]
    future: asyncio.Future[Any]
    loop: asyncio.AbstractEventLoop
    result: Any = None
    error: BaseException | None = None

    def answer(self) -> None:
        """Give the outcome to whoever waits, in their own loop."""
        try:
            self.loop.call_soon_threadsafe(self._settle)
        except RuntimeError:  # the loop is closed: nobody waits
            log.warning("A unit has ended for which nobody waits any more")

    def _settle(self) -> None:
        if self.future.done():  # the one who waited was cancelled
            return
        if self.error is None:
            self.future.set_result(self.result)
        else:
            self.future.set_exception(self.error)


def _session(connection: Connection) -> Session:
    """A session that takes part, in a savepoint of its own, once the ORM is used."""
    return Session(connection, join_transaction_mode="create_savepoint", expire_on_commit=False)


class Store:
    """Runs units of work one after the other; those that wait at the same time share a commit."""

    def __init__(self, url: str) -> None:
        """Open the database, which must have our schema, and start the thread."""
        self._engine = open_engine(url)
        self._changed = Condition()  # guards the two below
        self._queue: deque[_Waiting] = deque()
        self._log_left = False
        self._closing = False
        self._thread = Thread(target=self._loop, name="krets-store", daemon=True)
        self._thread.start()

    async def run(self, work: Callable[[Unit], R]) -> R:
        """Run this function as one transaction and return what it returns, once committed.

        What it raises is raised here, and nothing of it is stored. A fault of the database
        itself fails all units that share its commit.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[R] = loop.create_future()
        with self._changed:
            if self._closing:
                raise Closed
            self._queue.append(_Waiting(work, future, loop))
            self._changed.notify()
        return await future

    async def close(self) -> None:
        """Finish what waits, then close the database; twice is once."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        await asyncio.to_thread(self._thread.join)

    def _loop(self) -> None:
        while batch := self._take():
            calls = self._commit(batch)
            if self._log_left:
                calls.append(self._empty_log)
            for call in calls:
                try:
                    call()
                except Exception as error:
                    log.error("A call after a commit failed: %s", type(error).__name__)
            for waiting in batch:
                waiting.answer()
        self._engine.dispose()

    def _empty_log(self) -> None:
        """Write all that is committed into the database's own pages, and cut its log to nothing.

        As long as somebody else reads, as for a backup, that has to wait for a later commit.
        """
        self._log_left = True
        connection = self._engine.raw_connection()
        try:
            cursor = connection.cursor()
            cursor.execute("PRAGMA busy_timeout=0")
            (busy, *_) = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT}")
            self._log_left = bool(busy)
        finally:
            connection.close()

    def _take(self) -> list[_Waiting]:
        """The units whose turn it is; none once the store closes and nothing waits."""
        with self._changed:
            self._changed.wait_for(lambda: self._queue or self._closing)
            return [self._queue.popleft() for _ in range(min(BATCH, len(self._queue)))]

    def _commit(self, batch: list[_Waiting]) -> list[Callable[[], None]]:
        """Run a batch in one transaction, each unit in its savepoint; what to call afterwards."""
        calls: list[Callable[[], None]] = []
        try:
            with self._engine.begin() as connection:
                for waiting in batch:
                    try:
                        tell(connection, "SAVEPOINT unit")
                        with _session(connection) as session:
                            unit = Unit(session, self._empty_log)
                            waiting.result = waiting.work(unit)
                            session.commit()
                    except Exception as error:
                        # SQLite may have rolled back everything by itself, so go no further.
                        if isinstance(error, DBAPIError) and not isinstance(error, IntegrityError):
                            raise
                        tell(connection, "ROLLBACK TO unit")
                        waiting.error = error
                    else:
                        calls += unit.calls
                    tell(connection, "RELEASE unit")
        except Exception as error:
            for waiting in batch:
                waiting.error = waiting.error or error
            return []
        return calls
