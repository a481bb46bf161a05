"""One process of Krets, from its start until it is killed: the real parts, with seams between."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

from adapters.simulated import Doors
from bot.assembly import Assembly, assemble
from bot.core.decision import Decision
from bot.core.event import Event
from bot.core.facts import Defaults, Facts
from bot.core.handle import handle
from bot.core.method import Method
from bot.core.model import Group
from bot.keys import start_keyring
from bot.messenger import Messenger
from bot.methods import read_methods
from bot.platforms import platforms
from bot.platforms.ground import Ground, Outwards
from bot.programme import ProgrammeTime, Travel
from bot.settings import Settings
from bot.simulate.chaos.seams import Breath, Killed, Observer, SteppedStore, WatchedKeyring
from bot.store import migrate
from bot.words import Words


@dataclass(frozen=True)
class Program:
    """What is the same in every process: the texts, the methods, and an empty database."""

    words: Words
    methods: Mapping[str, tuple[str, str, Method]]
    database: bytes


@lru_cache(maxsize=1)
def installed() -> Program:
    """The program as it lies on the disk, read once."""
    with TemporaryDirectory(prefix="krets-chaos-") as folder:
        empty = Path(folder) / "krets.db"
        migrate(f"sqlite:///{empty}")
        return Program(Words(), read_methods(None), empty.read_bytes())


@dataclass
class Process:
    """A Krets that runs: its doors are open, and its engine works."""

    breath: Breath
    store: SteppedStore
    inside: Assembly
    app: Doors
    stack: AsyncExitStack
    stop: asyncio.Event
    engine: "asyncio.Task[None]"

    async def settle(self) -> None:
        """All that is due, and all that can be shown now."""
        await self._unless_killed(self._settle())

    async def _settle(self) -> None:
        """As the clock does it, which tries again where something was in the way."""
        try:
            await self.inside.engine.recover()
        except Exception as error:
            self.breath.trouble.trace.note("recover", type(error).__name__)
        await self.inside.engine.idle()

    async def idle(self) -> None:
        """All that was asked for."""
        await self._unless_killed(self.inside.engine.idle())

    async def _unless_killed(self, waits: Coroutine[None, None, None]) -> None:
        waiting = asyncio.ensure_future(waits)
        await asyncio.wait([waiting, self.engine], return_when=asyncio.FIRST_COMPLETED)
        if self.engine.done():
            waiting.cancel()
            raise _first(self.engine.exception() or Killed())
        await waiting

    async def end(self) -> None:
        """Let nothing of it be left."""
        self.breath.alive = False
        mine = asyncio.current_task()
        left = [one for one in asyncio.all_tasks() if one is not mine]
        for one in left:
            one.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        await self.stack.aclose()


def _first(error: BaseException) -> BaseException:
    """What ended the engine, out of the group in which it is told."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


async def start(
    program: Program,
    settings: Settings,
    breath: Breath,
    observer: Observer,
    outwards: Outwards,
    real: Callable[[], datetime],
    fresh: Callable[[], str],
    watched: Callable[[str, Messenger], Messenger],
) -> Process:
    """Start as `krets run` does: what a crash has left first, then the doors, then the engine."""
    stack = AsyncExitStack()
    try:
        store = SteppedStore(settings.database, breath, observer)
        stack.push_async_callback(store.close)
        keys = settings.data_dir / "keys"
        await start_keyring(store, keys, settings.master_keys, real=settings.has_platform)
        time = ProgrammeTime(real)
        ground = Ground(
            settings,
            real,
            store,
            WatchedKeyring(settings, breath, observer),
            program.words,
            time,
            Defaults(settings.language, settings.time_zone, settings.country),
            fresh,
            outwards,
        )
        there = await platforms(ground, stack)
        stop = asyncio.Event()

        def decide(group: Group | None, event: Event, facts: Facts) -> Decision:
            decision = handle(group, event, facts)
            observer.decided(group, event, facts, decision)
            return decision

        inside = assemble(
            ground,
            {one.name: watched(one.name, one.messenger) for one in there},
            program.methods,
            stop,
            again=lambda _: None,
            expect=lambda _: None,
            decide=decide,
        )
        travel = Travel(store=store, time=time, settle=inside.settle, moved=lambda: None)
        app = Doors()
        for one in there:
            for mount in one.enter(inside.bot, travel).mounts:
                mount(app)
        await inside.recover()
    except BaseException:
        breath.alive = False
        await stack.aclose()
        raise
    engine = asyncio.create_task(inside.engine.run(inside.work, stop))
    await asyncio.sleep(0)
    return Process(breath, store, inside, app, stack, stop, engine)
