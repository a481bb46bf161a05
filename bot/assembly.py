"""What is behind the doors, put together, and what a start does first.

`krets run` and the simulator begin here alike; they differ in what their clock is.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from bot.app import Bot
from bot.board import Board, uncounted
from bot.core.decision import Decision
from bot.core.event import Event
from bot.core.facts import Facts
from bot.core.handle import handle
from bot.core.method import Method
from bot.core.model import Group
from bot.looking import Lookout
from bot.messenger import Messenger
from bot.parking import attempt
from bot.platforms.ground import UNHURRIED, Ground
from bot.restored import is_unseen, see
from bot.settings import Settings
from bot.store import Store, Unit
from schedules.engine import Due, Engine, Show, Work
from schedules.inline import InlineEngine

log = logging.getLogger(__name__)

#: What one of several clocks does a day, by the name under which it is claimed; and how long it is
#: left to whoever has claimed it: a day, less what a bell may be early.
_TIDIED, _A_DAY = "tidied", timedelta(hours=23)
#: Clocks that start within this time have started together.
_TOGETHER = timedelta(minutes=10)


@dataclass(frozen=True)
class Assembly:
    """The engine, the board, the bot and the lookout of one process, on its store."""

    store: Store
    engine: Engine
    board: Board
    bot: Bot
    lookout: Lookout
    real: Callable[[], datetime]

    async def recover(self) -> None:
        """What a crash has left: before the doors open, and before whatever is to be said.

        Beside others, only what cannot be theirs: the board is silent by itself until the rest is
        destroyed, and what was being sent is judged once it has taken too long. What was parked is
        tried once more: whoever starts anew may have mended it.
        """
        await self.board.let_go()
        if self.engine.keeps:
            await self.bot.sweep()
            await self.board.find_again()
            await self.store.run(self._tidy_soon)
        else:
            await self.bot.recover()
            await self.board.recover()
        unseen = await self.store.run(is_unseen)
        if unseen and await self.lookout.round():  # who has come or gone since the copy was made
            await self.store.run(see)

    def _tidy_soon(self, unit: Unit) -> None:
        """Let somebody tidy, unless it was done just now: who knows what happened meanwhile."""
        real = self.real()
        if unit.claim(_TIDIED, real, _TOGETHER):
            unit.set_meta(_TIDIED, (real - _A_DAY).isoformat())

    async def work(self, one: Work) -> None:
        """Decide what a moment brings, then show what is to be seen; park what always fails."""
        if isinstance(one, Due):
            if self.engine.keeps:
                await self._before(one)
            await self._attempt(one, partial(self.bot.moment, one))
        show = Show(one.group)
        await self._attempt(show, partial(self.board.show, one.group))

    async def _attempt(self, work: Work, do: Callable[[], Awaitable[None]]) -> None:
        what = work.kind if isinstance(work, Due) else type(work).__name__
        await attempt(what, do, partial(self.board.fail, work))

    async def _before(self, one: Due) -> None:
        """What was due before comes first, also if another process has yet to come to it.

        One that fails has work of its own, which is tried again.
        """
        for earlier in await self.board.before(one):
            try:
                await self.bot.moment(earlier)
            except Exception as error:
                which = {"what": earlier.kind, "error": type(error).__name__}
                log.error("%(what)s of a meeting failed: %(error)s", which)

    async def look_again(self) -> None:
        """What others have left undone, and what was put off until now; every ten seconds."""
        await self.engine.recover()
        await self.board.judge()
        if self.engine.keeps:
            await self.bot.forget_budgets()

    async def tidy(self) -> None:
        """Forget what is of no more use, and look at the rooms; once a day, one process for all.

        What is parked is tried once more.
        """
        if self.engine.keeps:
            claimed = await self.store.run(lambda unit: unit.claim(_TIDIED, self.real(), _A_DAY))
            if not claimed:
                return
        await self.board.let_go()
        await self.bot.prune()
        if self.engine.keeps:
            await self.bot.sweep()
        await self.lookout.round()

    async def settle(self) -> None:
        """Do all that is due, and all that was put off until now."""
        await self.look_again()
        if self.engine.keeps:
            await self.board.claim()
        await self.engine.idle()


def _engine(settings: Settings, find: Callable[[], Awaitable[Iterable[Work]]]) -> Engine:
    """The engine that goes with the database."""
    if not settings.on_a_server:
        return InlineEngine(find)
    from schedules.distributed import ProcrastinateEngine  # noqa: PLC0415  # it is an extra

    return ProcrastinateEngine(settings.database)


def assemble(
    ground: Ground,
    messengers: Mapping[str, Messenger],
    methods: Mapping[str, tuple[str, str, Method]],
    stop: asyncio.Event,
    *,
    again: Callable[[timedelta], None],
    expect: Callable[[datetime], None],
    sent: Callable[[str, str, str], None] = uncounted,
    decide: Callable[[Group | None, Event, Facts], Decision] = handle,
) -> Assembly:
    """Put the parts together; the clock is told `again` and `expect`, see `Board` and `Bot`."""
    store, keyring, words, time = ground.store, ground.keyring, ground.words, ground.time

    # The engine looks for undone work on the board, and the board hands it more.
    engine = _engine(ground.settings, lambda: board.find_work())  # noqa: PLW0108
    board = Board(
        store=store,
        keyring=keyring,
        engine=engine,
        words=words,
        messengers=messengers,
        now=time.now,
        real=ground.real,
        again=again,
        tell=lambda fate: bot.happened(fate),  # noqa: PLW0108
        sent=sent,
        help_text=ground.settings.help_text,
        unhurried=UNHURRIED,
    )
    bot = Bot(
        store=store,
        keyring=keyring,
        engine=engine,
        words=words,
        methods=methods,
        now=time.now,
        real=ground.real,
        fresh=ground.fresh,
        expect=expect,
        defaults=ground.defaults,
        help_text=ground.settings.help_text,
        coordinators=ground.settings.coordinators,
        by_hand={name for name, one in messengers.items() if not one.makes_rooms},
        base_url=ground.settings.reached_at,
        decide=decide,
    )
    lookout = Lookout(
        store=store,
        messengers=messengers,
        happened=bot.happened,
        fresh=ground.fresh,
        stop=stop,
    )
    return Assembly(store, engine, board, bot, lookout, ground.real)
