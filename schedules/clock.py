"""The clock: wakes at the next due moment, and looks again every so often in case it slept."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Lock

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger

log = logging.getLogger(__name__)

_RECOVER = timedelta(seconds=10)
_PRUNE = timedelta(days=1)


class _After(BaseTrigger):  # type: ignore[misc]  # APScheduler has no types
    """Once, after so much time, which APScheduler counts on the machine's clock, not on `real`."""

    def __init__(self, wait: timedelta) -> None:
        """Fire when this time has passed, at once if it is none."""
        self._wait = wait

    def get_next_fire_time(self, previous: datetime | None, now: datetime) -> datetime | None:
        """When it fires, by APScheduler's clock."""
        return now + max(self._wait, timedelta()) if previous is None else None


@dataclass(frozen=True)
class _Round:
    """What is done each time a bell rings, and how often it rings at least."""

    body: Callable[[], Awaitable[None]]
    period: timedelta
    bell: asyncio.Event = field(default_factory=asyncio.Event)


class Clock:
    """Keeps time for one process; it says when, others say what.

    Moments stand in *programme time* (`now`), which may be offset from *real time* (`real`), in
    which APScheduler runs. `next_due` reads the earliest moment from the store, of all or of those
    after some time; `claim` takes all
    that is due and queues it; `recover` and `prune` are run at the start, then every ten seconds
    and every day. None of them sends anything.

    APScheduler only rings bells, and a keeper answers each: so one body never runs beside itself,
    a bell rung meanwhile is answered afterwards, and a shutdown cuts nothing short. (Bodies run as
    jobs would be skipped while they run, cancelled at shutdown and logged with their errors' text.)
    """

    def __init__(
        self,
        *,
        now: Callable[[], datetime],
        real: Callable[[], datetime],
        next_due: Callable[[datetime | None], Awaitable[datetime | None]],
        claim: Callable[[], Awaitable[None]],
        recover: Callable[[], Awaitable[None]],
        prune: Callable[[], Awaitable[None]],
        tick: timedelta = timedelta(seconds=30),
    ) -> None:
        """Make a clock that stands still until `start`; it goes once, then is done."""
        self._now = now
        self._real = real
        self._next_due = next_due
        self._claim = claim
        self._rounds = {
            "tick": _Round(self._look, tick),
            "recover": _Round(recover, _RECOVER),
            "prune": _Round(prune, _PRUNE),
        }
        self._keepers: list[asyncio.Task[None]] = []
        self._scheduler = AsyncIOScheduler(
            timezone=UTC,
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
        )
        self._again = real()  # when the job of that name rings, in real time
        self._lock = Lock()  # guards the two below
        self._loop: asyncio.AbstractEventLoop | None = None  # while the clock goes
        self._wake: datetime | None = None  # what the wake job waits for, in programme time

    async def start(self) -> None:
        """Start the clock on this loop, with one round of everything at once."""
        with self._lock:
            self._loop = asyncio.get_running_loop()
        for name, each in self._rounds.items():
            each.bell.set()
            self._keepers.append(asyncio.create_task(self._keep(name, each)))
            seconds = each.period.total_seconds()
            self._scheduler.add_job(_ring, "interval", args=(each.bell,), seconds=seconds, id=name)
        self._scheduler.start()

    async def stop(self, patience: float | None = None) -> None:
        """Stop the clock, after what is running has finished.

        What has not after so many seconds is cut off; None waits.
        """
        with self._lock:
            if self._loop is None:
                return
            self._loop = self._wake = None
        self._scheduler.pause()
        for each in self._rounds.values():
            each.bell.set()
        _, late = await asyncio.wait(self._keepers, timeout=patience)
        for one in late:
            one.cancel()
        self._scheduler.shutdown(wait=False)
        await asyncio.sleep(0)  # the scheduler stops in the loop's next turn

    def expect(self, due_at: datetime | None) -> None:
        """Wake no later than this moment; cheap, and callable from any thread after a commit."""
        with self._lock:
            if self._loop is None or due_at is None:
                return
            if self._wake is not None and self._wake <= due_at:
                return
            self._wake = due_at
            self._loop.call_soon_threadsafe(self._plan)

    def recover_in(self, after: timedelta) -> None:
        """Recover once more after so much real time, for something was put off; on the loop."""
        with self._lock:
            if self._loop is None:
                return
        at = self._real() + after
        if self._scheduler.get_job("again") is not None and self._again <= at:
            return
        self._again = at
        bell = self._rounds["recover"].bell
        self._scheduler.add_job(
            _ring, _After(after), args=(bell,), id="again", replace_existing=True
        )

    def reset(self) -> None:
        """Look and plan anew, for programme time has jumped; callable from any thread."""
        with self._lock:
            if self._loop is not None:
                self._loop.call_soon_threadsafe(self._rounds["tick"].bell.set)

    def _plan(self) -> None:
        """Set the one wake job to the moment that is waited for."""
        with self._lock:
            due_at = self._wake
        if due_at is not None:
            wait, bell = due_at - self._now(), self._rounds["tick"].bell
            self._scheduler.add_job(
                _ring, _After(wait), args=(bell,), id="wake", replace_existing=True
            )

    async def _look(self) -> None:
        """Claim what is due, then expect what comes next.

        What a claim leaves behind waits for the tick, lest a stuck moment keep the loop spinning.
        """
        with self._lock:
            self._wake = None  # from here on, a commit plans for itself
        due_at = await self._next_due(None)
        now = self._now()
        if due_at is not None and due_at <= now:
            await self._claim()
            due_at = await self._next_due(now)
        self.expect(due_at)

    async def _keep(self, name: str, each: _Round) -> None:
        """Do a round once for each time its bell has rung, until the clock stops.

        If the machine's clock is set back, the bells rest until it has caught up; the loop's own
        time goes on.
        """
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(each.bell.wait(), each.period.total_seconds())
            each.bell.clear()
            if self._loop is None:
                return
            try:
                await each.body()
            except Exception as error:
                which = {"what": name, "error": type(error).__name__}
                log.error("%(what)s failed: %(error)s", which)


async def _ring(bell: asyncio.Event) -> None:
    """Ring a bell; a coroutine, for APScheduler runs plain functions in a thread."""
    bell.set()
