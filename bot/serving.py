"""The composition root: web, clock and worker put together. Only the command line is above it."""

import asyncio
import os
import secrets
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from adapters.playground.live import Live
from adapters.playground.messenger import PlaygroundMessenger
from adapters.playground.routes import Playground
from adapters.playground.sight import Sight
from adapters.slack.budget import Budget
from adapters.slack.client import Caller, client, outwards
from adapters.slack.messenger import SlackMessenger
from adapters.slack.oauth import Installing
from adapters.slack.routes import SlackPlatform
from adapters.slack.sight import Sight as SlackSight
from adapters.slack.socket import SlackSocket
from adapters.slack.workspaces import ManyWorkspaces, OneWorkspace
from adapters.web import Mount, application, runner
from bot.app import Bot
from bot.board import Board
from bot.core.facts import Defaults
from bot.groups import Groups
from bot.keyring import Keyring
from bot.looking import Lookout
from bot.messenger import Messenger
from bot.methods import read_methods
from bot.programme import ProgrammeTime, Travel
from bot.settings import Settings
from bot.store import Store
from bot.words import Words
from schedules.clock import Clock
from schedules.engine import Due, Work
from schedules.inline import InlineEngine


class CannotListen(Exception):
    """The port is taken or not ours; one sentence that says so, and what to do."""


def now() -> datetime:
    """Real time: the only place where a clock is read."""
    return datetime.now(UTC)


def fresh() -> str:
    """A token never used before: 128 random bits."""
    return secrets.token_hex(16)


# --- what all platforms share -------------------------------------------------------------------


@dataclass(frozen=True)
class Ground:
    """What the bot, the board and every platform stand on."""

    settings: Settings
    real: Callable[[], datetime]
    store: Store
    keyring: Keyring
    words: Words
    time: ProgrammeTime
    defaults: Defaults


@dataclass(frozen=True)
class Door:
    """The way in: routes of the application, and what listens besides until the stop is set."""

    mounts: tuple[Mount, ...]
    listen: Callable[[asyncio.Event], Awaitable[None]] | None = None


@dataclass(frozen=True)
class Platform:
    """One platform: its way out, and its way in once there is a bot."""

    name: str
    messenger: Messenger
    enter: Callable[[Bot, Travel], Door]


async def _ground(
    settings: Settings, real: Callable[[], datetime], stack: AsyncExitStack
) -> Ground:
    store = Store(settings.database)
    stack.push_async_callback(store.close)
    time = ProgrammeTime(real)
    if settings.time_travel:
        await time.load(store)
    return Ground(
        settings,
        real,
        store,
        Keyring(settings.data_dir / "keys"),
        Words(),
        time,
        Defaults(settings.language, settings.time_zone, settings.country),
    )


# --- the platforms ------------------------------------------------------------------------------


def _playground(ground: Ground) -> Platform:
    live = Live()

    def enter(bot: Bot, travel: Travel) -> Door:
        playground = Playground(
            bot=bot,
            store=ground.store,
            sight=Sight(Groups(ground.keyring), ground.words, ground.settings.help_text),
            live=live,
            fresh=fresh,
            travel=travel if ground.settings.time_travel else None,
        )
        return Door((playground.mount,))

    messenger = PlaygroundMessenger(ground.store, live, ground.time.now)
    return Platform("playground", messenger, enter)


async def _slack(ground: Ground, stack: AsyncExitStack) -> Platform:
    settings, url = ground.settings, ground.settings.slack_api_url
    session = await stack.enter_async_context(outwards())
    workspaces: OneWorkspace | ManyWorkspaces
    if settings.slack_bot_token:
        web = client(settings.slack_bot_token, url, session)
        workspaces = OneWorkspace(Caller(web, Budget(ground.real)))
    else:
        workspaces = ManyWorkspaces(
            store=ground.store,
            keyring=ground.keyring,
            session=session,
            url=url,
            real=ground.real,
        )
    messenger = SlackMessenger(workspaces, settings.time_zone)

    def enter(bot: Bot, _: Travel) -> Door:
        slack = SlackPlatform(
            bot=bot,
            messenger=messenger,
            workspaces=workspaces,
            sight=SlackSight(ground.store, ground.words, ground.defaults, settings.help_text),
            secrets=settings.slack_signing_secret,
            real=ground.real,
        )
        # Over a socket nothing is signed, so without a secret there is nothing to be called.
        mounts: tuple[Mount, ...] = (slack.mount,) if settings.slack_signing_secret else ()
        if isinstance(workspaces, ManyWorkspaces):
            installing = Installing(
                workspaces=workspaces,
                store=ground.store,
                web=client("", url, session),
                client_id=settings.slack_client_id,
                client_secret=settings.slack_client_secret,
                base_url=settings.base_url,
                words=ground.words,
                language=settings.language,
                real=ground.real,
                fresh=fresh,
            )
            mounts += (installing.mount,)
        if not settings.slack_app_token:
            return Door(mounts)
        token = settings.slack_app_token
        socket = SlackSocket(app_token=token, api_url=url, handler=slack.answer)
        return Door(mounts, socket.run)

    return Platform("slack", messenger, enter)


async def _platforms(ground: Ground, stack: AsyncExitStack) -> list[Platform]:
    found = []
    if ground.settings.has_playground:
        found.append(_playground(ground))
    if ground.settings.has_slack:
        found.append(await _slack(ground, stack))
    return found


# --- krets run ----------------------------------------------------------------------------------


async def serve(
    settings: Settings,
    stop: asyncio.Event,
    started: Callable[[str], None],
    real: Callable[[], datetime] = now,
) -> None:
    """Web, clock and worker in one process, until `stop` is set; `started` is told the address."""
    async with AsyncExitStack() as stack:
        ground = await _ground(settings, real, stack)
        store, keyring, words, time = ground.store, ground.keyring, ground.words, ground.time
        platforms = await _platforms(ground, stack)
        messengers = {one.name: one.messenger for one in platforms}

        # The engine looks for undone work on the board, and the board hands it more.
        engine = InlineEngine(lambda: board.find_work())  # noqa: PLW0108
        board = Board(
            store=store,
            keyring=keyring,
            engine=engine,
            words=words,
            messengers=messengers,
            now=time.now,
            real=real,
            again=lambda after: clock.recover_in(after),  # noqa: PLW0108
            tell=lambda fate: bot.happened(fate),  # noqa: PLW0108
            help_text=settings.help_text,
        )
        clock = Clock(
            now=time.now,
            real=real,
            next_due=board.next_due,
            claim=board.claim,
            recover=engine.recover,
            prune=lambda: tidy(),  # noqa: PLW0108
        )
        bot = Bot(
            store=store,
            keyring=keyring,
            engine=engine,
            words=words,
            methods=read_methods(settings.methods_dir),
            now=time.now,
            real=real,
            fresh=fresh,
            expect=clock.expect,
            defaults=ground.defaults,
            help_text=settings.help_text,
        )

        async def work(one: Work) -> None:
            if isinstance(one, Due):
                await bot.moment(one)
            await board.show(one.group)

        lookout = Lookout(
            store=store,
            messengers=messengers,
            happened=bot.happened,
            fresh=fresh,
            stop=stop,
        )

        async def tidy() -> None:
            await bot.prune()
            await lookout.round()

        async def settle() -> None:
            await engine.recover()  # what is due, and what was put off until now
            await engine.idle()

        travel = Travel(store=store, time=time, settle=settle, moved=clock.reset)

        async def ready() -> bool:
            return not stop.is_set() and await store.run(lambda unit: True)

        doors = [one.enter(bot, travel) for one in platforms]
        server = runner(application(ready, *(mount for door in doors for mount in door.mounts)))
        await server.setup()
        stack.push_async_callback(server.cleanup)
        # First what a crash has left, then the doors, then whatever is to be said.
        await bot.recover()
        await board.recover()
        port = await _listen(server, settings)
        working = [asyncio.create_task(engine.run(work, stop))]
        working += [asyncio.ensure_future(door.listen(stop)) for door in doors if door.listen]
        await clock.start()
        stack.push_async_callback(clock.stop)
        started(settings.base_url or f"http://{settings.host}:{port}")
        await stop.wait()
        await asyncio.gather(*working)


async def _listen(server: web.AppRunner, settings: Settings) -> int:
    """Open the port; the one that was given, or any if that is 0."""
    site = web.TCPSite(server, settings.host, settings.port)
    try:
        await site.start()
    except OSError as error:
        raise CannotListen(
            f"Krets cannot listen on {settings.host}, port {settings.port}"
            f" ({os.strerror(error.errno or 0).lower()}); stop the other program,"
            " or choose another with KRETS_PORT."
        ) from None
    address: Any = server.addresses[0]
    return int(address[1])
