"""The engine of several processes: Procrastinate, whose jobs lie in the same database.

A job is made in the transaction that asks for the work, so there is never the one without the
other. What is to come later is none of its business: its table holds only what may be done now. A
worker that is gone shows by its heart, and what it had begun is done by another.
"""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from hashlib import blake2b
from typing import Any, ClassVar, TypeAlias

import psycopg
from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import ConnectorException, JobAborted
from procrastinate.jobs import Job
from procrastinate.retry import BaseRetryStrategy, RetryDecision
from procrastinate.worker import Worker

from schedules.engine import Due, Show, Transaction, Work
from schedules.tables import plain
from schedules.turns import PutBack, Turns

log = logging.getLogger(__name__)

_Handle: TypeAlias = Callable[[Work], Awaitable[None]]

_QUEUE, _DUE, _SHOW = "krets", "due", "show"
#: How often work may fail before it is left alone until a clock starts anew.
TRIES = 5
#: By then Procrastinate has counted so many: a try counts twice, when it fails and when it comes
#: again.
GIVEN_UP = 2 * TRIES - 1
#: In seconds: a worker is gone whose heart has not beaten for so long; it beats every ten.
GONE = 30
#: In seconds, until work is tried again whose handler could not reach something.
_LATER = 10
#: What Procrastinate itself calls to make jobs; its Python around it takes five times as long.
_DEFER = """SELECT procrastinate_defer_jobs_v1(array_agg(
    ROW(%s, %s, 0, NULL, NULL, args, NULL)::procrastinate_job_to_defer_v1))
FROM jsonb_array_elements(%s::jsonb) AS args"""
#: In seconds, between looks for what comes again, and for what was asked for while it looked:
#: Procrastinate forgets that it was notified meanwhile.
_POLL = 0.2
#: How long it waits for a connection, in seconds.
_PATIENCE = 5.0
#: How long a stop waits for what is begun, in seconds.
_GRACE = 6
#: A process may hold so many jobs for each it works on: those that wait for their group's turn.
_ROOM = 4
#: In seconds, between looks whether another process has left a group.
_LOOKS = (0.02, 0.05, 0.1, *[0.2] * 20)
_NETWORK: dict[str, Any] = {
    "connect_timeout": 3,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
}


class _Undone(Exception):
    """A handler has failed; what it said stays unsaid."""

    def __init__(self, *, later: bool) -> None:
        """`later`: it could not reach something, which is no fault of the work."""
        super().__init__()
        self.later = later


class _Again(BaseRetryStrategy):
    """Work that was not begun, or was cut short, comes again; else only if that may help."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        """What becomes of a job; None leaves it to `recover`."""
        if isinstance(exception, PutBack | JobAborted | asyncio.CancelledError):
            return RetryDecision(retry_in={"seconds": 0})
        if isinstance(exception, _Undone) and exception.later:
            return RetryDecision(retry_in={"seconds": _LATER})
        return None


class ProcrastinateEngine:
    """An `Engine` of as many processes as there are, at most `workers` groups at a time in each.

    One work per group at a time: within a process by turns, between processes by a lock that the
    server holds for a connection of ours, and lets go of when that ends, however it ends. So nobody
    has to guess whether its holder lives.
    """

    keeps: ClassVar[bool] = True

    def __init__(self, url: str, workers: int = 20) -> None:
        """Say where the database is; nothing is opened before it is needed."""
        self._url = plain(url)
        self._workers = workers
        self._turns = Turns(workers)
        self._revived = False
        #: What an interrupted run of ours was known by.
        self._former: int | None = None

    # --- asking -------------------------------------------------------------------------------

    def enqueue(self, transaction: Transaction, *works: Work) -> None:
        """Make a job of each work, in the caller's transaction."""
        for name, kind in ((_DUE, Due), (_SHOW, Show)):
            jobs = [vars(work) for work in dict.fromkeys(works) if isinstance(work, kind)]
            if jobs:
                transaction.connection.execute(_DEFER, (_QUEUE, name, json.dumps(jobs)))

    # --- working ------------------------------------------------------------------------------

    async def run(self, handle: _Handle, stop: asyncio.Event) -> None:
        """Do what is asked for until `stop` is set; taken up again whenever the server is back."""
        while not stop.is_set():
            try:
                await self._run(handle, stop)
            except (ConnectorException, psycopg.Error) as error:
                log.error("the engine was interrupted: %s", type(error).__name__)
            if not stop.is_set():
                with suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), 1)

    async def _run(self, handle: _Handle, stop: asyncio.Event) -> None:
        turns = self._turns = Turns(self._workers)
        async with _locks(self._url) as locks, self._app() as app:
            self._register(app, handle, turns, locks)
            await self._take_back(app)
            worker: Any = Worker(  # which has types, but not all of them
                app,
                queues=[_QUEUE],
                name=None,
                concurrency=self._workers * _ROOM,
                fetch_job_polling_interval=_POLL,
                shutdown_graceful_timeout=_GRACE,
                delete_jobs="successful",
                update_heartbeat_interval=GONE / 3,
                stalled_worker_timeout=GONE,
                install_signal_handlers=False,
            )
            running = asyncio.create_task(worker.run())
            stopped = asyncio.create_task(stop.wait())
            try:
                await asyncio.wait({running, stopped}, return_when=asyncio.FIRST_COMPLETED)
            except asyncio.CancelledError:
                worker.shutdown_graceful_timeout = 0
                raise
            finally:
                self._former = worker.worker_id
                stopped.cancel()
                turns.stop()
                worker.stop()
                await running
            self._former = None

    def _register(self, app: App, handle: _Handle, turns: Turns, locks: "_Locks") -> None:
        """Say what is to be done with the jobs."""

        async def due(group: str, meeting: int, kind: str, who: str) -> None:
            await _do(Due(group, meeting, kind, who), handle, turns, locks)

        async def show(group: str) -> None:
            await _do(Show(group), handle, turns, locks)

        app.task(name=_DUE, queue=_QUEUE, retry=_Again())(due)
        app.task(name=_SHOW, queue=_QUEUE, retry=_Again())(show)

    async def _take_back(self, app: App) -> None:
        """Put back what an interrupted run of ours has left, without waiting for its heart."""
        if self._former is not None:
            for job in await app.job_manager.list_jobs_async(worker_id=self._former):
                await _put_back(app, job)

    # --- recovering ---------------------------------------------------------------------------

    async def recover(self) -> None:
        """Put back what workers have left that are gone, and what has failed not too often.

        The first time also what was left alone: whoever starts a clock may have mended it.
        """
        async with self._app() as app:
            left = await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=GONE)
            failed = await app.job_manager.list_jobs_async(status="failed")
            again = [one for one in failed if one.attempts < GIVEN_UP or not self._revived]
            for job in [*left, *again]:
                await _put_back(app, job)
        self._revived = True

    def depth(self) -> int:
        """How many works this process has taken."""
        return self._turns.depth()

    async def idle(self) -> None:
        """Return when nothing is queued or being done, wherever it is."""
        async with await _connect(self._url) as connection:
            while await _undone(connection):
                await asyncio.sleep(0.02)

    @asynccontextmanager
    async def _app(self) -> AsyncIterator[App]:
        """Procrastinate on some connections; an error at once if the server is away."""
        async with await _connect(self._url):
            pass
        connector = PsycopgConnector(
            conninfo=self._url, min_size=1, max_size=4, kwargs=_NETWORK, timeout=_PATIENCE
        )
        async with App(connector=connector).open_async() as app:
            yield app


async def _do(work: Work, handle: _Handle, turns: Turns, locks: "_Locks") -> None:
    """Do one work when it is its group's turn; equal work that waits by then is done with it."""
    if not await turns.come(work):
        return
    undone: _Undone | None = None
    try:
        async with locks.held(work.group):
            await handle(work)
    except PutBack:
        raise
    except Exception as error:
        which = {"what": type(work).__name__, "error": type(error).__name__}
        log.error("%(what)s failed: %(error)s", which)
        undone = _Undone(later=isinstance(error, OSError | psycopg.OperationalError))
    finally:
        turns.leave(work.group)
    if undone is not None:
        raise undone  # from here nothing leads to what the handler said


async def _put_back(app: App, job: Job) -> None:
    """Let a job be found again, unless somebody was faster."""
    with suppress(ConnectorException):
        await app.job_manager.retry_job(job)


async def _connect(url: str) -> psycopg.AsyncConnection[tuple[Any, ...]]:
    return await psycopg.AsyncConnection.connect(url, autocommit=True, **_NETWORK)


async def _undone(connection: psycopg.AsyncConnection[tuple[Any, ...]]) -> bool:
    cursor = await connection.execute(
        "SELECT 1 FROM procrastinate_jobs WHERE status = 'doing'"
        " OR (status = 'todo' AND (scheduled_at IS NULL OR scheduled_at <= now())) LIMIT 1"
    )
    return await cursor.fetchone() is not None


# --- between processes --------------------------------------------------------------------------


class _Locks:
    """The groups that this process works for, as the server sees it."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._connecting = asyncio.Lock()
        self.connection: psycopg.AsyncConnection[tuple[Any, ...]] | None = None

    @asynccontextmanager
    async def held(self, group: str) -> AsyncIterator[None]:
        """Hold a group that no other process works for; `PutBack` if one goes on doing so."""
        number = int.from_bytes(blake2b(group.encode(), digest_size=8).digest(), signed=True)
        for pause in _LOOKS:
            if await self._say("SELECT pg_try_advisory_lock(%s)", number):
                break
            await asyncio.sleep(pause)
        else:
            raise PutBack
        try:
            yield
        finally:
            with suppress(psycopg.OperationalError):  # then nothing is held any more
                await self._say("SELECT pg_advisory_unlock(%s)", number)

    async def _say(self, sql: str, number: int) -> bool:
        connection = await self._connected()
        cursor = await connection.execute(sql.encode(), (number,))
        found = await cursor.fetchone()
        return bool(found and found[0])

    async def _connected(self) -> psycopg.AsyncConnection[tuple[Any, ...]]:
        async with self._connecting:
            if self.connection is None or self.connection.closed:
                self.connection = await _connect(self._url)
            return self.connection


@asynccontextmanager
async def _locks(url: str) -> AsyncIterator[_Locks]:
    locks = _Locks(url)
    try:
        yield locks
    finally:
        if locks.connection is not None:
            await locks.connection.close()
