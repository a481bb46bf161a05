"""The k-th call to store, clock or platform fails, k = 1, 2, 3 ... until a run gets through.

For each thing that people do, or that time brings, from the opening of a group to the day after a
meeting; on both databases, before a call has had its effect and after it. Each run begins with a
copy of the same state, and whoever was refused does it again. In the end everybody sees what they
see without the fault, and nothing is shown twice. `make test` lets some calls fail, in some of the
deeds, fewer on PostgreSQL; each of them, with

    KRETS_EVERY=1 python -m pytest --timeout 0 tests/end_to_end/test_every_call.py

which takes about an hour.
"""

import asyncio
import inspect
import os
import re
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import groupby, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url
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
from tests.databases import lay_out
from tests.end_to_end.conftest import START, runs_in
from tests.end_to_end.site import CHAT, Site
from tests.end_to_end.story import LEADERS, PEOPLE, SAID, SPONSOR, opening, press
from tests.postgres import Postgres

MATS, INGRID = LEADERS
ASA, JOHAN, KARI, *OTHERS = PEOPLE
#: Every which call fails, less often on PostgreSQL, which takes longer; and in every which deed.
EVERY, OF_DEEDS = {"sqlite": 47, "postgres": 151}, 4
if "KRETS_EVERY" in os.environ:
    EVERY, OF_DEEDS = dict.fromkeys(EVERY, int(os.environ["KRETS_EVERY"])), 1
PLATFORM = ("post", "edit", "remove", "open_room", "let_in", "let_out")
#: What the clock is asked, and what it asks.
CLOCK = ((Board, ("next_due", "claim")), (Clock, ("recover_in", "reset")))

NEVER = 1_000_000
#: What lots have decided, in Swedish and bokmål.
_LOTS = re.compile(r"(Lott|Lodd|Den som noter).*")

Do = Callable[[], Awaitable[object]]


# --- what is done -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Deed:
    """What somebody does, or what time brings; made ready beforehand, so that it can be done again.

    What lies on the way to the next deed fails nowhere.
    """

    name: str
    ready: Callable[[Site], Awaitable[Do]]
    on_the_way: bool = False


def does(native: str, what: str, *, shared: bool = False, **answers: object) -> Deed:
    """Somebody presses a button, and answers the form if one comes."""

    async def ready(site: Site) -> Do:
        person = site.persona(native)
        room = next(iter(await person.rooms())) if shared else CHAT
        seen = await person.see(room)
        label = next(one for one in SAID[what] if one in seen.labels())

        async def act() -> None:
            reply = await person.press_in(seen, label, room)
            if reply.kind == "form":
                await person.submit(reply, room, **answers)

        return act

    return Deed(what, ready)


def votes(native: str) -> Deed:
    """Somebody votes for Åsa's question."""

    async def ready(site: Site) -> Do:
        person = site.persona(native)
        room = next(iter(await person.rooms()))
        form = await press(person, "vote", room)
        chosen = [id for id, label in form.seen.choices["cases"].items() if "tung" in label]

        async def act() -> None:
            await person.submit(form, room, cases=chosen)

        return act

    return Deed("vote", ready)


async def opens(site: Site) -> Do:
    """The sponsor opens a group."""
    sponsor = site.persona(SPONSOR)
    form = await sponsor.write("/krets öppna")
    return lambda: sponsor.submit(form, **opening())


def comes(kind: str, meeting: int) -> Deed:
    """Time brings this moment, whatever comes with it; those before it have come."""

    async def ready(site: Site) -> Do:
        answer = await site.travel(by="PT0S")
        while (due := answer["next_due"])["kind"] != kind or due["meeting"] != meeting:
            answer = await site.travel(next=True)

        async def act() -> None:
            status, answer = await site.post("/dev/clock", {"to": due["at"]})
            assert status == 200 or answer["error"] == "Time goes forward only.", answer

        return act

    return Deed(kind, ready)


def on_the_way(*deeds: Deed) -> Deed:
    """These, one after the other."""

    async def ready(site: Site) -> Do:
        async def act() -> None:
            for one in deeds:
                await done(site, await one.ready(site))

        return act

    return Deed("on the way", ready, on_the_way=True)


def thinned(deeds: tuple[Deed, ...], first: int) -> Iterator[Deed]:
    """The same, of which calls fail only in some, from that one on; the others lie on the way."""
    struck = islice((one for one in deeds if not one.on_the_way), first, None, OF_DEEDS)
    at = {id(one) for one in struck}
    for strikes, some in groupby(deeds, lambda one: id(one) in at):
        run = tuple(some)
        yield from run if strikes else (on_the_way(*run),)


async def waits_an_hour(site: Site) -> Do:
    """Whoever was asked has had time to answer."""
    return lambda: site.travel(by="PT1H")


DEEDS = (
    Deed("open", opens),
    does(MATS, "yes to lead"),
    on_the_way(does(INGRID, "yes to lead")),
    does(ASA, "yes"),
    on_the_way(
        *(does(one, "yes") for one in PEOPLE[1:]),
        does(MATS, "show"),
        Deed("an hour", waits_an_hour),
    ),
    does(MATS, "start"),
    comes("begin", 1),
    comes("question", 2),
    does(ASA, "coming", shared=True),
    does(ASA, "bring", shared=True, case="det tunga"),
    on_the_way(does(KARI, "bring", shared=True, case="en annan")),
    comes("remind", 2),
    comes("checkin", 2),
    does(ASA, "check in", tap="heavy", words="tungt", level="all"),
    comes("begin", 2),
    on_the_way(does(MATS, "next"), does(MATS, "next")),
    does(MATS, "next"),
    does(ASA, "today"),
    does(MATS, "open the vote"),
    votes(JOHAN),
    on_the_way(*(votes(one) for one in PEOPLE if one not in (JOHAN, KARI))),
    votes(KARI),
    does(MATS, "back"),
    does(MATS, "end"),
    does(JOHAN, "reflect", support="stödet", keep=True),
    comes("next_day", 2),
    does(ASA, "further", words="gå vidare"),
    comes("shred", 2),
    does(KARI, "leave"),
)


# --- what fails ---------------------------------------------------------------------------------


class Calls:
    """Counts calls, and lets one of them fail before or after its effect."""

    def __init__(self, before: bool) -> None:
        self.before = before
        self.made = self.fails = 0
        #: Within a call to the platform, which keeps its messages in our store.
        self.outside = ContextVar("outside", default=False)

    @contextmanager
    def fail(self, at: int) -> Iterator[None]:
        """The call of this number, from now on; `made` counts them."""
        self.made, self.fails = 0, at
        yield
        self.fails = 0

    def strikes(self) -> bool:
        if not self.fails or self.outside.get():
            return False
        self.made += 1
        return self.made == self.fails

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


class Planted(RuntimeError):
    """The fault of a clock, and of a platform that has done what it was asked for."""


@pytest.fixture(params=["before", "after"])
def calls(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Calls:
    """All of them, counted."""
    calls = Calls(request.param == "before")

    def away() -> Exception:
        return OperationalError("", {}, Exception()) if calls.before else Away("krets")

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


# --- where it is done ---------------------------------------------------------------------------


@dataclass(frozen=True)
class State:
    """All that a Krets that has stopped has left: a folder, and on a server two databases."""

    data: Path
    at: datetime
    postgres: Postgres | None = None
    given: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return read_settings({"KRETS_DATA_DIR": str(self.data)} | self.given).database

    @contextmanager
    def copy(self) -> Iterator["State"]:
        """The same once more, for as long as it is needed."""
        with ExitStack() as stack:
            data = Path(stack.enter_context(TemporaryDirectory()))
            shutil.copytree(self.data, data, dirs_exist_ok=True)
            given = dict(self.given)
            for name in ("KRETS_DATABASE_URL", "KRETS_KEYRING_URL"):
                if self.postgres is not None:
                    template = str(make_url(given[name]).database)
                    given[name] = stack.enter_context(self.postgres.database(template))
            yield replace(self, data=data, given=given)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Site]:
        """Krets goes on from there, at the same time of the programme."""
        store = Store(self.url)
        await ProgrammeTime(now).set(store, self.at)
        await store.close()
        async with runs_in(self.data, **self.given)() as site:
            yield site

    def ask(self, question: str) -> list[tuple[Any, ...]]:
        engine = sa.create_engine(self.url)
        with engine.connect() as connection:
            found = [tuple(row) for row in connection.execute(sa.text(question))]
        engine.dispose()
        return found

    def waits(self) -> bool:
        """Whether something is to be shown yet."""
        return bool(self.ask("SELECT 1 FROM posts WHERE state NOT IN ('shown', 'uncertain')"))

    def unsure(self) -> int:
        """How many messages may be there or not."""
        ((found,),) = self.ask("SELECT count(*) FROM posts WHERE state = 'uncertain'")
        return int(found)

    def unknown(self) -> int:
        """How many messages no post knows of."""
        known = "SELECT 1 FROM posts p WHERE p.ref = CAST(m.ref AS VARCHAR)"
        asked = f"SELECT count(*) FROM playground_messages m WHERE NOT EXISTS ({known})"
        ((found,),) = self.ask(asked)
        return int(found)


@pytest.fixture(params=["sqlite", "postgres"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[State]:
    """A database of one or of several processes, with nothing in it."""
    if request.param == "sqlite":
        lay_out(read_settings({"KRETS_DATA_DIR": str(tmp_path)}).database)
        yield State(tmp_path, START)
        return
    postgres: Postgres = request.getfixturevalue("postgres")
    with postgres.database() as database, postgres.database() as keys:
        given = {"KRETS_DATABASE_URL": database, "KRETS_KEYRING_URL": keys}
        given |= {"KRETS_MASTER_KEYS": new_master().line}
        make_ready(read_settings(given))
        yield State(tmp_path, START, postgres, given)


async def look(site: Site) -> dict[str, str]:
    """What people see, but for the lots that were drawn."""
    seen = {}
    for one in (SPONSOR, *LEADERS, ASA, JOHAN, KARI):
        person = site.persona(one)
        rooms = [CHAT, *await person.rooms()]
        for room in rooms:
            text = (await person.see(room)).text
            seen[f"{one} in {room[:4]}"] = _LOTS.sub("", text)
    return seen


async def test_whichever_call_fails_nothing_is_lost_and_nothing_twice(
    calls: Calls, empty: State
) -> None:
    every = EVERY["sqlite" if empty.postgres is None else "postgres"]
    which = 2 * calls.before + (empty.postgres is None)
    with ExitStack() as kept:
        state, first = empty, 1
        async with state.running() as site:
            await site.fill()
        for deed in thinned(DEEDS, which % OF_DEEDS):
            after = kept.enter_context(state.copy())
            async with after.running() as site:
                do = await deed.ready(site)
                with calls.fail(NEVER):
                    await done(site, do)
                made, expected = calls.made, await look(site)
                at = datetime.fromisoformat((await site.travel(by="PT0S"))["now"])
                at = at.replace(second=0, microsecond=0)  # so that all runs see one minute
            for fails in () if deed.on_the_way else range(first, made + 1, every):
                with state.copy() as another:
                    await done_after_all(calls, fails, deed, another, expected)
            first = (first + 7) % every + 1
            state = replace(after, at=at)


async def done(site: Site, do: Do) -> None:
    """It is done, and all that follows is shown."""
    await do()
    await site.travel(by="PT5S")


async def done_after_all(
    calls: Calls, fails: int, deed: Deed, state: State, expected: dict[str, str]
) -> None:
    """Do it while the call of this number fails, then again: nothing tells that one has failed."""
    what = f"{deed.name}, call {fails}"
    async with state.running() as site:
        do = await deed.ready(site)
        with calls.fail(fails), suppress(AssertionError):  # what a person sees may be a refusal
            await done(site, do)
        with suppress(AssertionError):
            await done(site, do)
        async with asyncio.timeout(20):
            while state.waits():  # for a second, as the platform asked
                await site.travel(by="PT0S")
        assert state.unknown() <= state.unsure() <= 1, what
        if not state.unsure():
            assert await look(site) == expected, what
