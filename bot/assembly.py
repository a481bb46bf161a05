"""What is behind the doors, put together, and what a start does first.

`krets run` and the simulator begin here alike; they differ in what their clock is.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.app import Bot
from bot.backup_commands import RESTORED
from bot.board import Board, uncounted
from bot.looking import Lookout
from bot.messenger import Messenger
from bot.methods import read_methods
from bot.platforms import UNHURRIED, Ground
from bot.store import Store
from schedules.engine import Due, Work
from schedules.inline import InlineEngine


@dataclass(frozen=True)
class Assembly:
    """The engine, the board, the bot and the lookout of one process, on its store."""

    store: Store
    engine: InlineEngine
    board: Board
    bot: Bot
    lookout: Lookout

    async def recover(self) -> None:
        """What a crash has left: before the doors open, and before whatever is to be said."""
        await self.bot.recover()
        await self.board.recover()
        if await self.store.run(lambda unit: unit.meta(RESTORED)):
            await self.lookout.round()  # who has come or gone since the copy was made
            await self.store.run(lambda unit: unit.set_meta(RESTORED, ""))

    async def work(self, one: Work) -> None:
        """Decide what a moment brings, then show what is to be seen."""
        if isinstance(one, Due):
            await self.bot.moment(one)
        await self.board.show(one.group)

    async def tidy(self) -> None:
        """Forget what is of no more use, and look at the rooms; once a day."""
        await self.bot.prune()
        await self.lookout.round()

    async def settle(self) -> None:
        """Do all that is due, and all that was put off until now."""
        await self.engine.recover()
        await self.engine.idle()


def assemble(
    ground: Ground,
    messengers: Mapping[str, Messenger],
    stop: asyncio.Event,
    *,
    again: Callable[[timedelta], None],
    expect: Callable[[datetime], None],
    sent: Callable[[str, str, str], None] = uncounted,
) -> Assembly:
    """Put the parts together; the clock is told `again` and `expect`, see `Board` and `Bot`."""
    store, keyring, words, time = ground.store, ground.keyring, ground.words, ground.time

    # The engine looks for undone work on the board, and the board hands it more.
    engine = InlineEngine(lambda: board.find_work())  # noqa: PLW0108
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
        methods=read_methods(ground.settings.methods_dir),
        now=time.now,
        real=ground.real,
        fresh=ground.fresh,
        expect=expect,
        defaults=ground.defaults,
        help_text=ground.settings.help_text,
        coordinators=ground.settings.coordinators,
        by_hand={name for name, one in messengers.items() if not one.makes_rooms},
        base_url=ground.settings.reached_at,
    )
    lookout = Lookout(
        store=store,
        messengers=messengers,
        happened=bot.happened,
        fresh=ground.fresh,
        stop=stop,
    )
    return Assembly(store, engine, board, bot, lookout)
