"""The k-th call to store, clock or platform fails, k = 1, 2, 3 ... until a run gets through.

For each thing people do around a meeting, on both databases: before a call has had its effect, and
after it. Nothing is lost by it and nothing is shown twice. `make test` lets some calls fail, fewer
on PostgreSQL; each of them, with

    KRETS_EVERY=1 python -m pytest tests/end_to_end/test_every_call.py
"""

import asyncio
import inspect
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import suppress
from contextvars import ContextVar
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from adapters.playground.messenger import PlaygroundMessenger
from bot.board import Board
from bot.commands.migrate import make_ready
from bot.keyring import new_master
from bot.messenger import TryLater
from bot.programme import ProgrammeTime
from bot.realtime import now
from bot.settings import read_settings
from bot.store import Away, Store
from schedules import distributed
from schedules.clock import Clock
from tests.end_to_end.conftest import START, runs_in
from tests.end_to_end.site import Persona, Reply, Site
from tests.end_to_end.story import LEADERS, PEOPLE, ask_all, press, to_the_vote
from tests.postgres import Postgres

#: Every which call fails; PostgreSQL takes longer, and its store has the same calls.
EVERY = {"sqlite": 13, "postgres": 31}
if "KRETS_EVERY" in os.environ:
    EVERY = dict.fromkeys(EVERY, int(os.environ["KRETS_EVERY"]))
PLATFORM = ("post", "edit", "remove", "open_room", "let_in", "let_out")
#: What the clock is asked, and what it asks.
CLOCK = ((Board, ("next_due", "claim")), (Clock, ("recover_in", "reset")))

Do = Callable[[], Awaitable[object]]


class Planted(RuntimeError):
    """The fault of a clock, and of a platform that has done what it was asked for."""


class Calls:
    """Counts calls, and lets one of them fail before or after its effect."""

    def __init__(self, before: bool, every: int) -> None:
        self.before, self.every = before, every
        self.made = self.fails = 0
        #: Within a call to the platform, which keeps its messages in our store.
        self.outside = ContextVar("outside", default=False)

    def strikes(self) -> bool:
        self.made += not self.outside.get()
        return self.made == self.fails and not self.outside.get()

    async def each(self, site: Site, do: Do) -> None:
        """Do something again and again, each time with another call failing; at last without."""
        fails = 1
        while True:
            self.made, self.fails = 0, fails
            with suppress(AssertionError):  # what a person sees of it may be a refusal
                await do()
            through, self.fails = self.made < fails, 0
            await site.travel(by="PT5S")
            if through:
                await do()
                return
            fails += self.every

    def asked(
        self, real: Callable[..., Any], fault: Callable[[], Exception], sure: bool = False
    ) -> Callable[..., Any]:
        """The same coroutine function, which may fail; if `sure`, always before its effect.

        So does a claim: else nobody is sure of that post, and it waits for whoever leads.
        """

        async def called(*args: Any, **more: Any) -> Any:
            strikes = self.strikes()
            if strikes and (self.before or sure or "_claim" in str(args[1:])):
                raise fault()
            result = await real(*args, **more)
            if strikes:
                raise fault()
            return result

        return called

    def told(self, real: Callable[..., Any]) -> Callable[..., Any]:
        """The same plain function, which may fail."""

        def called(*args: Any, **more: Any) -> Any:
            if self.strikes():
                raise Planted
            return real(*args, **more)

        return called

    def platform(self, real: Callable[..., Any]) -> Callable[..., Any]:
        """The same call to a platform, in which our own store does not count."""

        async def called(*args: Any, **more: Any) -> Any:
            token = self.outside.set(True)
            try:
                return await real(*args, **more)
            finally:
                self.outside.reset(token)

        # A room of which nobody is sure is never opened again, so that all in it waits.
        sure, later = real.__name__ == "open_room", TryLater(timedelta(seconds=1))
        return self.asked(called, lambda: later if self.before or sure else Planted(), sure)


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database of one or of several processes."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'var' / 'krets.db'}"
    named: str = request.getfixturevalue("postgres_url")
    return named


@pytest.fixture(params=["before", "after"])
def calls(request: pytest.FixtureRequest, url: str, monkeypatch: pytest.MonkeyPatch) -> Calls:
    """All of them, counted."""
    calls = Calls(request.param == "before", EVERY["sqlite" if url[:6] == "sqlite" else "postgres"])

    def away() -> Exception:
        return OperationalError("", {}, Exception()) if calls.before else Away()

    monkeypatch.setattr(distributed, "_LATER", 0)
    monkeypatch.setattr(Store, "run", calls.asked(Store.run, away))
    for name in PLATFORM:
        monkeypatch.setattr(
            PlaygroundMessenger, name, calls.platform(getattr(PlaygroundMessenger, name))
        )
    for owner, names in CLOCK:
        for name in names:
            real = getattr(owner, name)
            one = (
                calls.asked(real, Planted)
                if inspect.iscoroutinefunction(real)
                else calls.told(real)
            )
            monkeypatch.setattr(owner, name, one)
    return calls


@pytest.fixture
def keys(postgres: Postgres) -> Iterator[tuple[str, str]]:
    """A database for the keys, and what wraps them."""
    with postgres.database() as keys:
        yield keys, new_master().line


@pytest.fixture
async def site(
    request: pytest.FixtureRequest, url: str, calls: Calls, tmp_path: Path
) -> AsyncIterator[Site]:
    """A running Krets on this database, with the sample organisation in it."""
    given = {"KRETS_DATA_DIR": str(tmp_path / "var")}
    if not url.startswith("sqlite:"):
        keys, master = request.getfixturevalue("keys")
        given |= {"KRETS_DATABASE_URL": url, "KRETS_KEYRING_URL": keys, "KRETS_MASTER_KEYS": master}
        make_ready(read_settings(given))
        store = Store(url)
        await ProgrammeTime(now).set(store, START)
        await store.close()
    async with runs_in(tmp_path / "var", **given)() as site:
        await site.fill()
        yield site


def ask(url: str, question: str) -> list[tuple[Any, ...]]:
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        found = [tuple(row) for row in connection.execute(sa.text(question))]
    engine.dispose()
    return found


def due(url: str, kind: str, meeting: int) -> str:
    """When a moment is due, as the playground's clock takes it; empty once it has come."""
    asked = f"SELECT due_at FROM moments WHERE kind = '{kind}' AND meeting = {meeting}"
    return "".join(f"{str(at)[:19].replace(' ', 'T')}+00:00" for (at,) in ask(url, asked))


async def go(site: Site, at: str) -> None:
    """Go there, unless that is over."""
    status, answer = await site.post("/dev/clock", {"to": at})
    assert status == 200 or answer["error"] == "Time goes forward only.", answer


def waits(url: str) -> bool:
    """Whether something is to be shown yet."""
    return bool(ask(url, "SELECT 1 FROM posts WHERE state NOT IN ('shown', 'uncertain')"))


def shown_twice(url: str) -> int:
    """How many messages no post knows of, beside those that may be there or not."""
    known = "SELECT 1 FROM posts p WHERE p.ref = CAST(m.ref AS VARCHAR)"
    asked = f"SELECT count(*) FROM playground_messages m WHERE NOT EXISTS ({known})"
    ((unknown,),) = ask(url, asked)
    ((unsure,),) = ask(url, "SELECT count(*) FROM posts WHERE state = 'uncertain'")
    return max(0, int(unknown) - int(unsure))


async def test_whichever_call_fails_nothing_is_lost_and_nothing_twice(
    calls: Calls, site: Site, url: str
) -> None:
    mats, asa, johan = (site.persona(one) for one in (LEADERS[0], *PEOPLE[:2]))

    async def each(do: Do) -> None:
        await calls.each(site, do)
        async with asyncio.timeout(20):
            while waits(url):  # for a second, as the platform asked
                await site.travel(by="PT0S")
        assert shown_twice(url) == 0

    def again(form: Reply, person: Persona, room: str, **answers: object) -> Do:
        return lambda: person.submit(form, room, **answers)

    await ask_all(site)
    await site.travel(by="PT1H")
    seen = await mats.see()
    await each(lambda: mats.press_in(seen, next(one for one in seen.labels() if "Starta" in one)))
    (room,) = await mats.rooms()
    await site.until("finish", 1)

    async def comes(kind: str, meeting: int) -> None:
        at = due(url, kind, meeting)
        await each(lambda: go(site, at))
        assert due(url, kind, meeting) == "", "it has come"

    for kind in ("question", "checkin"):
        await comes(kind, 2)
        if kind == "question":
            for person, text in ((asa, "en fråga"), (johan, "en annan")):
                form = await press(person, "bring", room)
                await each(again(form, person, room, case=text))
        else:
            form = await press(asa, "check in")
            await each(again(form, asa, "krets", tap="heavy", words="tungt", level="all"))
    await comes("begin", 2)
    await to_the_vote(mats)
    await press(mats, "open the vote")
    ballot = await press(asa, "vote", room)
    await each(again(ballot, asa, room, cases=list(ballot.seen.choices["cases"])[:1]))
    await press(mats, "end")
    reflect = await press(johan, "reflect")
    await each(again(reflect, johan, "krets", support="stödet", keep=True))
    await comes("shred", 2)
    mine = await johan.write("/krets mina uppgifter")
    assert "stödet" in mine.seen
    assert ask(url, "SELECT drawer FROM sealed WHERE drawer = '2/meeting'") == []
