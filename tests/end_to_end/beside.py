"""Krets beside a platform that is not its own, in real time that only moves by hand."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bot.platforms.ground import OUTWARDS, Outwards
from bot.programme import ProgrammeTime
from bot.serving import serve
from bot.settings import read_settings
from bot.store import Store
from tests.databases import lay_out
from tests.end_to_end.site import Site

#: How far real time is moved at least, where something waits for it.
STEP = timedelta(seconds=5)


class RealTime:
    """Real time, which stands still until somebody moves it."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def pass_by(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


class PlatformSite:
    """A running Krets beside a platform: its times, and its database."""

    #: Whether Krets makes the group's room here, or people do.
    makes_rooms = True

    def __init__(self, krets: Site, real: RealTime, database: Path) -> None:
        self.krets = krets
        self.address = krets.address
        self.real = real
        self._database = database
        self._came: list[dict[str, Any]] = []

    async def travel(self, **where: object) -> dict[str, Any]:
        """Move programme time: `to=`, `by=` or `next=True`; what came, and all of it is shown."""
        answer = await self.krets.travel(**where)
        self._came += answer["ran"]
        await self.settle()
        came, self._came = self._came, []
        return answer | {"ran": came}

    async def until(self, kind: str, meeting: int) -> None:
        """Go from moment to moment until this one has come."""
        for _ in range(200):
            came = (await self.travel(next=True))["ran"]
            if any(one["kind"] == kind and one["meeting"] == meeting for one in came):
                return
        raise AssertionError(f"{kind} of meeting {meeting} never came")

    async def settle(self) -> None:
        """Let real time pass until nothing waits to be shown any more."""
        while True:
            self._came += (await self.krets.travel(by="PT0S"))["ran"]
            waits = self.ask(
                "SELECT min(next_try_at) FROM posts"
                " WHERE state = 'pending' AND next_try_at IS NOT NULL"
            )[0][0]
            if waits is None:
                return
            at = datetime.fromisoformat(waits).replace(tzinfo=UTC)
            self.real.at = max(self.real.at + STEP, at)

    def ask(self, question: str, *values: object) -> list[Any]:
        """Look into Krets' database."""
        database = sqlite3.connect(self._database)
        try:
            return database.execute(question, values).fetchall()
        finally:
            database.close()

    def dump(self) -> list[str]:
        """All of Krets' database."""
        database = sqlite3.connect(self._database)
        try:
            return list(database.iterdump())
        finally:
            database.close()


@asynccontextmanager
async def running(
    env: dict[str, str],
    real: Callable[[], datetime],
    start: datetime,
    outwards: Outwards = OUTWARDS,
) -> AsyncIterator[str]:
    """Krets with these settings and a database of its own, in which it is now `start`."""
    settings = read_settings({"KRETS_PORT": "0", "KRETS_TIME_TRAVEL": "true"} | env)
    lay_out(settings.database)
    store = Store(settings.database)
    await ProgrammeTime(real).set(store, start)
    await store.close()
    stop = asyncio.Event()
    address: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    serving = asyncio.create_task(serve(settings, stop, address.set_result, real, outwards))
    await asyncio.wait([serving, address], return_when=asyncio.FIRST_COMPLETED)
    if serving.done():
        await serving
    yield await address
    stop.set()
    await serving
