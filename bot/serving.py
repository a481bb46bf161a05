"""The composition root: web, clock and worker put together. Only the command line is above it."""

import asyncio
import os
import secrets
from collections.abc import Callable, Collection
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import Any, Literal, TypeAlias

from aiohttp import web

from adapters.about import about
from adapters.calendar.routes import Calendars
from adapters.metrics import Metrics
from adapters.paper.routes import Sheets
from adapters.web import Mount, application, runner
from bot.addresses import Addresses
from bot.assembly import assemble
from bot.core.facts import Defaults
from bot.ending import Ending
from bot.groups import Groups
from bot.keys import start_keyring
from bot.methods import read_methods
from bot.platforms import platforms
from bot.platforms.ground import OUTWARDS, Door, Ground, Outwards
from bot.programme import ProgrammeTime, Travel
from bot.realtime import now
from bot.refusal import Refusal
from bot.settings import Settings
from bot.store import Store
from bot.waiting import backlog
from bot.words import Words
from schedules.clock import Clock

#: How long a stop may take, whatever is on its way.
STOP = timedelta(seconds=10)
#: Of these the last ones: to cut off what is late, which is judged at the next start, and to close
#: the store and all else behind it.
_CUT, _CLOSE = timedelta(seconds=3), timedelta(seconds=2)
#: How long a stop waits for the answers to requests, and then for those it has cut off: twice this
#: is less than what is left.
_ANSWERS = timedelta(seconds=3)
#: How often a clock looks for what other processes want of it.
_TICK = timedelta(seconds=2)


def fresh() -> str:
    """A token never used before: 128 random bits."""
    return secrets.token_hex(16)


async def _ground(
    settings: Settings,
    real: Callable[[], datetime],
    outwards: Outwards,
    ending: Ending,
    stack: AsyncExitStack,
) -> Ground:
    store = Store(settings.database)

    async def close() -> None:
        await store.close(ending.left())

    stack.push_async_callback(close)
    time = ProgrammeTime(real)
    if settings.time_travel:
        await time.load(store)
    given, platform = settings.master_keys, settings.has_platform
    keyring = await start_keyring(store, settings.keys, given, real=platform)
    stack.callback(keyring.close)
    return Ground(
        settings,
        real,
        store,
        keyring,
        Words(),
        time,
        Defaults(settings.language, settings.time_zone, settings.country),
        fresh,
        outwards,
    )


# --- krets run, web, worker, clock --------------------------------------------------------------

Part: TypeAlias = Literal["web", "worker", "clock"]
ALL: frozenset[Part] = frozenset({"web", "worker", "clock"})


async def serve(
    settings: Settings,
    stop: asyncio.Event,
    started: Callable[[str], None],
    real: Callable[[], datetime] = now,
    outwards: Outwards = OUTWARDS,
    parts: Collection[Part] = ALL,
) -> None:
    """Web, clock and worker in one process, until `stop` is set; `started` is told the address.

    Or some of these `parts`, on a database that several processes share; without the web there is
    no address. `outwards` leads to the platforms, where that is not the network as it is.
    """
    ending = Ending(STOP, monotonic)
    async with AsyncExitStack() as stack:
        ground = await _ground(settings, real, outwards, ending, stack)
        store, time = ground.store, ground.time
        there = await platforms(ground, stack)
        inside = assemble(
            ground,
            {one.name: one.messenger for one in there},
            read_methods(settings.methods_dir),
            stop,
            again=lambda after: clock.recover_in(after),  # noqa: PLW0108
            expect=lambda due_at: clock.expect(due_at),  # noqa: PLW0108
            sent=lambda *call: metrics.sent(*call),  # noqa: PLW0108
        )
        # One that is not started takes no notice of what it is told.
        clock = Clock(
            now=time.now,
            real=real,
            next_due=inside.board.next_due,
            claim=inside.board.claim,
            recover=inside.look_again,
            prune=inside.tidy,
            tick=_TICK if inside.engine.keeps else timedelta(seconds=30),
        )
        metrics = Metrics(
            settings.metrics_token,
            lambda: backlog(settings.database, store, inside.engine, time.now()),
            monotonic,
        )
        # First what a crash has left, then the doors, then whatever is to be said.
        if "clock" in parts:
            await inside.recover()
        working: list[asyncio.Future[None]] = []
        doors: list[Door] = []
        mounts: list[Mount] = [metrics.mount] if settings.metrics_token else []
        if "web" in parts:
            travel = Travel(store=store, time=time, settle=inside.settle, moved=clock.reset)
            doors = [one.enter(inside.bot, travel) for one in there]
            addresses = Addresses(store, Groups(ground.keyring), time.now)
            mounts += [
                about(ground.words),
                Calendars(addresses, ground.words).mount,
                Sheets(addresses, ground.words).mount,
                *(mount for door in doors for mount in door.mounts),
            ]
        address, place = "", _place(settings, parts)
        listening = await stack.enter_async_context(AsyncExitStack())
        if place is not None:
            app = application(lambda: _ready(ground, working, stop), *mounts)
            server = runner(app, _ANSWERS.total_seconds())
            await server.setup()
            listening.push_async_callback(server.cleanup)
            port = await _listen(server, place)
            if "web" in parts:
                address = settings.base_url or f"http://{settings.host}:{port}"
        working += [asyncio.ensure_future(door.listen(stop)) for door in doors if door.listen]
        if "worker" in parts:
            working.append(asyncio.create_task(inside.engine.run(inside.work, stop)))
        if "clock" in parts:
            await clock.start()
            stack.push_async_callback(clock.stop)
        if settings.metrics_token:
            working.append(asyncio.create_task(metrics.watch(stop)))
        working.append(asyncio.create_task(_wait(stop)))
        started(address)
        await stop.wait()
        ending.begin()
        outcomes = await asyncio.gather(
            listening.pop_all().aclose(),  # the first thing it does is to close the port
            clock.stop(ending.left(_CUT)),
            _finish(working, ending),
            return_exceptions=True,
        )
        for outcome in outcomes:
            if outcome is not None:
                raise outcome


async def _wait(stop: asyncio.Event) -> None:
    await stop.wait()


async def _ready(ground: Ground, working: list[asyncio.Future[None]], stop: asyncio.Event) -> bool:
    """Whether it works, can write, and has destroyed what is to be gone."""
    at_work = bool(working) and not any(one.done() for one in working)
    if stop.is_set() or not at_work or not ground.keyring.all_gone():
        return False
    await ground.store.run(lambda unit: unit.set_meta("ready", ground.real().isoformat()))
    return True


async def _finish(working: list[asyncio.Future[None]], ending: Ending) -> None:
    """Wait for what is on its way, and cut off what does not come to an end."""
    _, late = await asyncio.wait(working, timeout=ending.left(_CUT))
    for one in late:
        one.cancel()
    if late:
        await asyncio.wait(late, timeout=ending.left(_CLOSE))
    for one in working:
        if one.done() and not one.cancelled():
            one.result()


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a process listens, and the setting that says so."""

    host: str
    port: int
    setting: str


def _place(settings: Settings, parts: Collection[Part]) -> _Place | None:
    """Where these parts listen: a web to all, a worker or a clock to whoever reads its metrics."""
    if "web" in parts:
        return _Place(settings.host, settings.port, "KRETS_PORT")
    if settings.metrics_port is None:
        return None
    return _Place(settings.metrics_host, settings.metrics_port, "KRETS_METRICS_PORT")


async def _listen(server: web.AppRunner, place: _Place) -> int:
    """Open the port; the one that was given, or any if that is 0."""
    site = web.TCPSite(server, place.host, place.port)
    try:
        await site.start()
    except OSError as error:
        raise Refusal(
            f"Krets cannot listen on {place.host}, port {place.port}"
            f" ({os.strerror(error.errno or 0).lower()}); stop the other program,"
            f" or choose another with {place.setting}."
        ) from None
    address: Any = server.addresses[0]
    return int(address[1])
