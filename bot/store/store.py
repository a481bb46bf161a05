"""The store: a few threads, in which whole transactions run as plain functions."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from threading import Condition, Event, Thread
from typing import Any, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlmodel import Session

from bot.store.databases import Away, database
from bot.store.rows import tell
from bot.store.unit import Unit

log = logging.getLogger(__name__)

R = TypeVar("R")

#: How often a unit is run again because somebody else was faster.
RACES = 5


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

    def settle(self) -> None:
        """Give the outcome to whoever waits; in their own loop."""
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
    """Runs units of work: one after the other on SQLite, a few side by side on PostgreSQL.

    A unit may be run more than once until it commits, so it does nothing but read and write.
    """

    def __init__(self, url: str) -> None:
        """Open the database, which must have our schema, and start the threads."""
        self._database = database(url)
        self._engine = self._database.open()
        self._changed = Condition()  # guards the two below
        self._queue: deque[_Waiting] = deque()
        self._closing = False
        self._stop = Event()
        self._wipe_left = False
        self._commit = self._together if self._database.batch > 1 else self._alone
        self._threads = [
            Thread(target=self._loop, name=f"krets-store-{n}", daemon=True)
            for n in range(self._database.threads)
        ]
        for thread in self._threads:
            thread.start()

    async def run(self, work: Callable[[Unit], R]) -> R:
        """Run this function as one transaction and return what it returns, once committed.

        What it raises is raised here, and nothing of it is stored. A fault of the database
        itself fails all units that share its commit. `Away` if there is no database to be reached;
        if it went in the middle of a commit, that may have come true or not.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[R] = loop.create_future()
        with self._changed:
            if self._closing:
                raise Closed
            self._queue.append(_Waiting(work, future, loop))
            self._changed.notify()
        return await future

    async def close(self, patience: float | None = None) -> None:
        """Finish what waits, then close the database; twice is once.

        A unit that has not ended after so many seconds is left, as a crash would; None waits.
        """
        with self._changed:
            self._closing = True
            self._stop.set()
            self._changed.notify_all()
        joins = (asyncio.to_thread(thread.join, patience) for thread in self._threads)
        await asyncio.gather(*joins)
        if any(thread.is_alive() for thread in self._threads):
            log.warning("the store was left in the middle of a unit")
            return
        self._engine.dispose()

    def _loop(self) -> None:
        while batch := self._take():
            calls = self._commit(batch)
            if self._wipe_left:
                calls.append(self._wipe)
            for call in calls:
                try:
                    call()
                except Exception as error:
                    log.error("A call after a commit failed: %s", type(error).__name__)
            _answer(batch)

    def _wipe(self) -> None:
        """Leave nothing of what is deleted in the database's files, at the latest after a while."""
        self._wipe_left = True
        self._wipe_left = not self._database.wipe(self._engine)

    def _take(self) -> list[_Waiting]:
        """The units whose turn it is; none once the store closes and nothing waits."""
        with self._changed:
            self._changed.wait_for(lambda: self._queue or self._closing)
            return [
                self._queue.popleft() for _ in range(min(self._database.batch, len(self._queue)))
            ]

    # --- one commit for several units ---------------------------------------------------------

    def _together(self, batch: list[_Waiting]) -> list[Callable[[], None]]:
        """Run a batch in one transaction, each unit in its savepoint; what to call afterwards."""
        calls: list[Callable[[], None]] = []
        try:
            with self._engine.begin() as connection, _session(connection) as session:
                for waiting in batch:
                    try:
                        tell(connection, "SAVEPOINT unit")
                        unit = Unit(session, self._wipe)
                        waiting.result = waiting.work(unit)
                        if session.in_transaction():  # else the ORM was not asked
                            session.commit()
                            session.expunge_all()
                    except Exception as error:
                        # SQLite may have rolled back everything by itself, so go no further.
                        if isinstance(error, DBAPIError) and not isinstance(error, IntegrityError):
                            raise
                        session.close()  # what the ORM has begun, and all that it knows
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

    # --- a commit for each --------------------------------------------------------------------

    def _alone(self, batch: list[_Waiting]) -> list[Callable[[], None]]:
        """Run a unit in a transaction of its own, again where that heals; what to call then."""
        (waiting,) = batch
        races, pauses = RACES, iter(self._database.pauses)
        while True:
            try:
                return self._once(waiting, patient=races < RACES)
            except _Again as again:
                waiting.error = again.error
                if again.away:
                    pause = next(pauses, None)
                    if pause is None or self._rest(pause):
                        waiting.error = Away(self._database.name)
                        return []
                elif races == 0:
                    return []
                else:
                    races -= 1
            except Exception as error:
                waiting.error = error
                return []

    def _once(self, waiting: _Waiting, *, patient: bool) -> list[Callable[[], None]]:
        """Run a unit; `_Again` if nothing of it is stored and the next time may go better."""
        try:
            connection = self._engine.connect()
        except DBAPIError as error:
            raise _Again(error, away=True) from None
        committing = False
        with connection:  # what is not committed is rolled back
            transaction = connection.begin()
            try:
                with Session(
                    connection, join_transaction_mode="rollback_only", expire_on_commit=False
                ) as session:
                    unit = Unit(session, self._wipe, patient=patient)
                    result = waiting.work(unit)
                    session.flush()
                committing = True
                transaction.commit()
            except Exception as error:
                away = self._database.is_away(error, connection)
                if away:
                    connection.invalidate()
                    self._engine.dispose()  # the other connections have gone with it
                if away and committing:
                    raise Away(self._database.name) from None
                told = self._database.without_values(error)
                if away or self._database.lost_race(error):
                    raise _Again(told, away=away) from None
                raise told from None
        waiting.result, waiting.error = result, None
        return unit.calls

    def _rest(self, seconds: float) -> bool:
        """Wait; whether the store closes meanwhile."""
        return self._stop.wait(seconds)


class _Again(Exception):
    """A unit of which nothing is stored, and which may do better the next time."""

    def __init__(self, error: Exception, *, away: bool) -> None:
        super().__init__()
        self.error = error
        self.away = away


def _answer(batch: list[_Waiting]) -> None:
    """Give their outcomes to those who wait; each of their loops is woken once."""
    loops: dict[asyncio.AbstractEventLoop, list[_Waiting]] = {}
    for waiting in batch:
        loops.setdefault(waiting.loop, []).append(waiting)
    for loop, there in loops.items():
        try:
            loop.call_soon_threadsafe(_settle, there)
        except RuntimeError:  # the loop is closed: nobody waits
            log.warning("A unit has ended for which nobody waits any more")


def _settle(batch: list[_Waiting]) -> None:
    for waiting in batch:
        waiting.settle()
