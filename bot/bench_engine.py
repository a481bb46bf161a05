"""`krets bench engine`: what several processes cost, beside one and beside the plainest claim.

Everything is measured on the real clock, board, store and engines, with a platform that only waits.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from json import dumps
from pathlib import Path
from statistics import median, quantiles
from typing import Any
from xml.sax.saxutils import escape

import psycopg

from bot.bench import sample_group
from bot.bench_server import fresh, server
from bot.board import Board
from bot.core.card import CARDS, Card, T, Text
from bot.core.due import Wanted
from bot.core.event import Place
from bot.groups import Groups
from bot.keyring import Keyring, new_master
from bot.store import Store, Unit, migrate
from bot.words import Words
from schedules import tables
from schedules.clock import Clock
from schedules.distributed import ProcrastinateEngine
from schedules.engine import Due, Engine, Show, Work
from schedules.inline import InlineEngine
from schedules.tables import plain

#: Seconds that the platform takes for a message; messages of a step; groups worked for at once.
_TAKES, _MESSAGES, _HANDS = 0.08, 10, 20
#: Moments that are claimed, and how many at once.
_CLAIMED, _BATCH = 10_000, 500
#: Moments whose way to the platform is followed, seconds between them, and until the first.
_FOLLOWED, _APART, _SOON = 60, 0.1, 3.0
_CARD = CARDS.dump_json(Card((Text(T("home.title")),))).decode()
_RAW = """UPDATE moments SET queued = true FROM (
    SELECT group_id, meeting, kind, who FROM moments WHERE due_at <= now() AND NOT queued
    ORDER BY due_at LIMIT %s FOR UPDATE SKIP LOCKED) come
WHERE (moments.group_id, moments.meeting, moments.kind, moments.who)
    = (come.group_id, come.meeting, come.kind, come.who) RETURNING moments.who"""


@dataclass(frozen=True, slots=True)
class Figure:
    """Something measured, beside what it is compared with and its limit; medians of the rounds."""

    name: str
    unit: str
    value: float
    #: What it is divided by; None where the limit is one of the value itself.
    beside: float | None
    limit: float
    at_least: bool

    @property
    def ratio(self) -> float:
        """What is held against the limit."""
        return self.value if self.beside is None else self.value / self.beside

    @property
    def met(self) -> bool:
        """Whether the limit is kept."""
        return self.ratio >= self.limit if self.at_least else self.ratio < self.limit

    def line(self) -> str:
        """As a row of a table.

        >>> Figure("engine", "messages/s", 1700.0, 2000.0, 0.85, True).line()
        'engine                         1700.0 messages/s   2000.0  0.85  at least 0.85: met'
        """
        beside = f"{self.beside:8.1f} {self.ratio:5.2f}" if self.beside is not None else " " * 14
        bound = f"{'at least' if self.at_least else 'under'} {self.limit:g}"
        verdict = "met" if self.met else "MISSED"
        return f"{self.name:28} {self.value:8.1f} {self.unit:10} {beside}  {bound}: {verdict}"


@dataclass(frozen=True, slots=True)
class Figures:
    """All that was measured."""

    rounds: int
    figures: tuple[Figure, ...]

    def as_json(self) -> str:
        """For programs."""
        told = [asdict(one) | {"ratio": one.ratio, "met": one.met} for one in self.figures]
        return dumps({"rounds": self.rounds, "figures": told})

    def as_lines(self) -> str:
        """For people."""
        head = f"{'medians of ' + str(self.rounds):28} measured {'':10}   beside ratio  limit"
        return "\n".join([head, *(one.line() for one in self.figures)])

    def svg(self) -> str:
        """As a picture: how much of its limit each has used, or how often it has reached it."""
        rows = []
        for number, one in enumerate(self.figures):
            y, share = 28 + 26 * number, min(one.ratio / one.limit, 2.5)
            colour = "#2a7a4b" if one.met else "#b3261e"
            rows += [
                f'<text x="8" y="{y + 14}">{escape(one.name)}</text>',
                f'<rect x="240" y="{y}" width="{share * 200:.1f}" height="18" fill="{colour}"/>',
                f'<text x="{248 + share * 200:.1f}" y="{y + 14}">{one.ratio:.3g}</text>',
            ]
        high = 28 + 26 * len(self.figures) + 24
        title = "Beside the limit, which is the line"
        return "\n".join(
            [
                f'<svg xmlns="http://www.w3.org/2000/svg" width="800" height="{high}"'
                f' viewBox="0 0 800 {high}" font-family="sans-serif" font-size="12" role="img">',
                f'<title>{title}</title><rect width="800" height="{high}" fill="#fff"/>',
                f'<text x="8" y="16" font-weight="bold">{title}</text>',
                *rows,
                f'<line x1="440" x2="440" y1="24" y2="{high - 16}" stroke="#000"/>',
                "</svg>",
                "",
            ]
        )


@dataclass(frozen=True, slots=True)
class Ground:
    """Where and by which clocks is measured; `timer` counts seconds."""

    directory: Path
    environment: Mapping[str, str]
    timer: Callable[[], float]
    real: Callable[[], datetime]
    say: Callable[[str], None]


def bench_engine(ground: Ground, rounds: int, steps: int, burst: int) -> Figures:
    """Measure so often, with so many steps of an engine and so many in a burst."""
    seen: dict[str, list[float]] = {}

    def note(name: str, value: float) -> None:
        seen.setdefault(name, []).append(value)

    with server(ground.directory, ground.environment) as url:
        for number in range(1, rounds + 1):
            ground.say(f"round {number} of {rounds}")
            asyncio.run(_round(ground, url, number, steps, burst, note))
    medians = {name: median(values) for name, values in seen.items()}
    return Figures(
        rounds,
        (
            Figure(
                "engine beside one process",
                "messages/s",
                medians["engine"],
                medians["plain"],
                0.85,
                True,
            ),
            Figure(
                "tick beside a raw claim", "moments/s", medians["tick"], medians["raw"], 0.25, True
            ),
            Figure("loop stall in a burst", "ms", medians["stall"], None, 50, False),
            Figure("due to first send, embedded", "ms p95", medians["embedded"], None, 100, False),
            Figure("due to first send, several", "ms p95", medians["several"], None, 300, False),
        ),
    )


async def _round(
    ground: Ground,
    url: str,
    number: int,
    steps: int,
    burst: int,
    note: Callable[[str, float], None],
) -> None:
    """Each measure once, one after the other."""
    for name in ("plain", "engine"):
        with fresh(url) as database:
            _make(database)
            async with _stage(ground, database, f"{name}{number}", name == "plain") as stage:
                note(name, await _sends(ground, stage, steps))
    with fresh(url) as database:
        _make(database)
        tick, raw = await _claims(ground, database, number)
        note("tick", tick)
        note("raw", raw)
    here = f"sqlite:///{ground.directory / f'{number}.db'}"
    migrate(here)
    async with _stage(ground, here, f"burst{number}") as stage:
        note("stall", await _burst(ground, stage, burst))
    with fresh(url) as database:
        _make(database)
        for name, at in (("embedded", f"{here}.followed"), ("several", database)):
            migrate(at)
            async with _stage(ground, at, f"{name}{number}") as stage:
                note(name, await _follow(ground, stage))


def _make(url: str) -> None:
    migrate(url)
    tables.migrate(url)


# --- the engine beside one process --------------------------------------------------------------


async def _sends(ground: Ground, stage: "_Stage", steps: int) -> float:
    """Messages a second to a platform that takes its time, ten of each group, one after another."""
    await stage.write((f"g{number}" for number in range(steps)), _MESSAGES)
    async with _running(stage.engine, stage.work):
        await stage.engine.idle()
        began = ground.timer()
        shows = [Show(f"g{number}") for number in range(steps)]
        await stage.store.run(lambda unit: stage.engine.enqueue(unit, *shows))
        await stage.all_sent.wait()
        return steps * _MESSAGES / (ground.timer() - began)


# --- a tick beside the plainest claim -----------------------------------------------------------


async def _claims(ground: Ground, url: str, number: int) -> tuple[float, float]:
    """Moments a second that a tick gives to the engine, and that are claimed without any of it."""
    async with _stage(ground, url, f"claims{number}") as stage:
        await stage.store.run(partial(stage.add, "claimed"))
        due_at = ground.real() - timedelta(hours=1)
        wanted = [Wanted(1, "remind", f"p{n}", due_at) for n in range(_CLAIMED)]
        await stage.store.run(lambda unit: unit.moments.set("claimed", wanted))
        await asyncio.to_thread(_given_back, url)
        began = ground.timer()
        await stage.board.claim()
        tick = _CLAIMED / (ground.timer() - began)
        raw = await asyncio.to_thread(_raw, url, ground.timer)
    return tick, raw


def _given_back(url: str) -> None:
    """Let nothing be claimed yet, in a table of which the server knows how large it is."""
    with psycopg.connect(plain(url), autocommit=True) as connection:
        connection.execute("UPDATE moments SET queued = false")
        connection.execute("VACUUM ANALYZE moments")


def _raw(url: str, timer: Callable[[], float]) -> float:
    _given_back(url)
    with psycopg.connect(plain(url), autocommit=True) as connection:
        began, claimed = timer(), 0
        while found := connection.execute(_RAW, (_BATCH,)).fetchall():
            claimed += len(found)
        return claimed / (timer() - began)


# --- from the moment to the platform ------------------------------------------------------------


class _Platform:
    """Takes messages and tells of them; nobody is there to be asked anything else."""

    def __init__(self, told: Callable[[str], None], takes: float) -> None:
        self._told, self._takes = told, takes

    async def post(self, to: Place, card: Card, view: object) -> str:
        """Take a message."""
        self._told(to.native)
        await asyncio.sleep(self._takes)
        return to.native


class _Stage:
    """Clock, board, store and engine on one database; a moment brings one message to its room."""

    def __init__(
        self, ground: Ground, keys: Path, store: Store, distributed: str, takes: float
    ) -> None:
        self.store = store
        self.sent: dict[str, datetime] = {}
        self.all_sent = asyncio.Event()
        self.wanted = 0
        self._real = ground.real
        keyring = Keyring(keys, [new_master().line])
        self._groups = Groups(keyring)
        sample, self._text = sample_group()
        self._group = replace(sample, drawers={})
        self.engine: Engine = (
            ProcrastinateEngine(distributed, _HANDS)
            if distributed
            else InlineEngine(lambda: self.board.find_work(), _HANDS)  # noqa: PLW0108
        )
        platform: Any = _Platform(self._told, takes)
        self.board = Board(
            store=store,
            keyring=keyring,
            engine=self.engine,
            words=Words(),
            messengers={self._group.platform: platform},
            now=ground.real,
            real=ground.real,
        )
        self.clock = Clock(
            now=ground.real,
            real=ground.real,
            next_due=self.board.next_due,
            claim=self.board.claim,
            recover=_nothing,
            prune=_nothing,
            tick=timedelta(seconds=2),
        )

    def _told(self, room: str) -> None:
        self.sent.setdefault(room, self._real())
        self.wanted -= 1
        if self.wanted == 0:
            self.all_sent.set()

    def add(self, id: str, unit: Unit) -> None:
        """A group with a room of its own."""
        group = replace(self._group, id=id)
        unit.keep_method(group.method_hash, group.method_id, self._text)
        self._groups.save(unit, group, None, set())
        unit.groups.set_room(id, Place(group.platform, group.tenant, id, private=False))

    async def plan(self, due: Iterable[tuple[str, datetime]]) -> None:
        """Groups, each with a moment."""

        def plan(some: list[tuple[str, datetime]], unit: Unit) -> None:
            for id, due_at in some:
                self.add(id, unit)
                unit.moments.set(id, [Wanted(1, "remind", "", due_at)])

        moments = list(due)
        self.wanted = len(moments)
        for start in range(0, len(moments), 100):
            await self.store.run(partial(plan, moments[start : start + 100]))

    async def write(self, ids: Iterable[str], messages: int) -> None:
        """Groups, each with so many messages that wait to be shown in its room."""

        def write(some: list[str], unit: Unit) -> None:
            for id in some:
                self.add(id, unit)
                for number in range(messages):
                    unit.posts.want(id, "", f"m{number}", _CARD)

        groups = list(ids)
        self.wanted = len(groups) * messages
        for start in range(0, len(groups), 100):
            await self.store.run(partial(write, groups[start : start + 100]))

    async def work(self, work: Work) -> None:
        """Let a moment bring a message, and show what there is to show."""
        if isinstance(work, Due):
            await self.store.run(partial(self._came, work))
        await self.board.show(work.group)

    def _came(self, work: Due, unit: Unit) -> None:
        unit.moments.set(work.group, ())
        unit.posts.want(work.group, "", "remind", _CARD)


async def _nothing() -> None:
    """Nothing is left behind here."""


@asynccontextmanager
async def _store(url: str) -> AsyncIterator[Store]:
    store = Store(url)
    try:
        yield store
    finally:
        await store.close()


@asynccontextmanager
async def _stage(
    ground: Ground, url: str, name: str, alone: bool | None = None
) -> AsyncIterator[_Stage]:
    """On this database, with its engine and a quick platform; or `alone` or not with a slow one."""
    takes = 0.0 if alone is None else _TAKES
    alone = url.startswith("sqlite:") if alone is None else alone
    async with _store(url) as store:
        yield _Stage(ground, ground.directory / name, store, "" if alone else url, takes)


@asynccontextmanager
async def _running(
    engine: Engine, handle: Callable[[Work], Awaitable[None]]
) -> AsyncIterator[None]:
    """Let the engine work meanwhile."""
    stop = asyncio.Event()
    running = asyncio.create_task(engine.run(handle, stop))
    try:
        yield
    finally:
        stop.set()
        await running


@contextmanager
def _watched(timer: Callable[[], float]) -> Iterator[list[float]]:
    """How many seconds the loop was late, look for look."""
    late: list[float] = []

    async def watch() -> None:
        while True:
            before = timer()
            await asyncio.sleep(0.005)
            late.append(timer() - before - 0.005)

    watching = asyncio.create_task(watch())
    try:
        yield late
    finally:
        watching.cancel()


async def _burst(ground: Ground, stage: _Stage, burst: int) -> float:
    """For how many milliseconds the loop stood still at most while all was due at once."""
    due_at = ground.real() - timedelta(seconds=1)
    await stage.plan((f"g{number}", due_at) for number in range(burst))
    async with _running(stage.engine, stage.work):
        with _watched(ground.timer) as late:
            await stage.clock.start()
            await stage.all_sent.wait()
            await stage.clock.stop()
    return max(late) * 1000


async def _follow(ground: Ground, stage: _Stage) -> float:
    """How many milliseconds after their moment 19 of 20 messages were sent."""
    async with _running(stage.engine, stage.work):
        await stage.engine.idle()
        first = ground.real() + timedelta(seconds=_SOON)
        due = {
            f"g{number}": first + timedelta(seconds=_APART * number) for number in range(_FOLLOWED)
        }
        await stage.plan(due.items())
        await stage.clock.start()
        with suppress(TimeoutError):
            async with asyncio.timeout(60):
                await stage.all_sent.wait()
        await stage.clock.stop()
    late = [(stage.sent[id] - at).total_seconds() * 1000 for id, at in due.items()]
    return quantiles(late, n=20)[-1]
