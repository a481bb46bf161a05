"""The command line and composition root: the only file that sees everything."""

import argparse
import asyncio
import os
import secrets
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

from aiohttp import web

from adapters.playground.live import Live
from adapters.playground.messenger import PlaygroundMessenger
from adapters.playground.routes import Playground
from adapters.playground.sight import Sight
from adapters.slack import doctor as slack_doctor
from adapters.slack.client import Caller, calling
from adapters.slack.manifest import NoAddress, printed
from adapters.slack.messenger import SlackMessenger
from adapters.slack.routes import SlackPlatform
from adapters.slack.sight import Sight as SlackSight
from adapters.web import application, runner
from bot import doctor, logs
from bot.app import Bot
from bot.board import Board
from bot.core.facts import Defaults
from bot.groups import Groups
from bot.keyring import Keyring, NoMasterKey
from bot.messenger import Messenger
from bot.methods import BadMethod, read_methods
from bot.programme import ProgrammeTime, Travel
from bot.settings import Settings, WrongSetting, read_settings, unknown_settings
from bot.store import CannotUse, SchemaState, Store, migrate, only_one, schema_state
from bot.words import Words
from schedules.clock import Clock
from schedules.engine import Due, Work
from schedules.inline import InlineEngine


class CannotStart(Exception):
    """One sentence that says why, and what to do."""


def now() -> datetime:
    """Real time: the only place where a clock is read."""
    return datetime.now(UTC)


def fresh() -> str:
    """A token never used before: 128 random bits."""
    return secrets.token_hex(16)


# --- krets run ----------------------------------------------------------------------------------


async def serve(settings: Settings, stop: asyncio.Event, started: Callable[[str], None]) -> None:
    """Web, clock and worker in one process, until `stop` is set; `started` is told the address."""
    async with AsyncExitStack() as stack:
        store = Store(settings.database)
        stack.push_async_callback(store.close)
        keyring = Keyring(settings.data_dir / "keys")
        words = Words()
        time = ProgrammeTime(now)
        if settings.time_travel:
            await time.load(store)
        live = Live()
        defaults = Defaults(settings.language, settings.time_zone, settings.country)
        messengers: dict[str, Messenger] = {}
        if settings.has_playground:
            messengers["playground"] = PlaygroundMessenger(store, live, time.now)
        slack: Caller | None = None
        if settings.has_slack:
            token, url = settings.slack_bot_token, settings.slack_api_url
            slack = await stack.enter_async_context(calling(token, url, now))
            messengers["slack"] = SlackMessenger(slack, settings.time_zone)

        # The engine looks for undone work on the board, and the board hands it more.
        engine = InlineEngine(lambda: board.find_work())  # noqa: PLW0108
        board = Board(
            store=store,
            keyring=keyring,
            engine=engine,
            words=words,
            messengers=messengers,
            now=time.now,
            real=now,
            again=lambda after: clock.recover_in(after),  # noqa: PLW0108
            help_text=settings.help_text,
        )
        clock = Clock(
            now=time.now,
            real=now,
            next_due=board.next_due,
            claim=board.claim,
            recover=engine.recover,
            prune=lambda: bot.prune(),  # noqa: PLW0108
        )
        bot = Bot(
            store=store,
            keyring=keyring,
            engine=engine,
            words=words,
            methods=read_methods(settings.methods_dir),
            now=time.now,
            real=now,
            fresh=fresh,
            expect=clock.expect,
            defaults=defaults,
            help_text=settings.help_text,
        )

        async def work(one: Work) -> None:
            if isinstance(one, Due):
                await bot.moment(one)
            await board.show(one.group)

        async def settle() -> None:
            await board.claim()
            await engine.idle()

        travel = Travel(store=store, time=time, settle=settle, moved=clock.reset)
        mounts = []
        if settings.has_playground:
            playground = Playground(
                bot=bot,
                store=store,
                sight=Sight(Groups(keyring), words, settings.help_text),
                live=live,
                fresh=fresh,
                travel=travel if settings.time_travel else None,
            )
            mounts.append(playground.mount)
        if slack is not None:
            mounts.append(
                SlackPlatform(
                    bot=bot,
                    messenger=messengers["slack"],
                    call=slack,
                    sight=SlackSight(store, words, defaults, settings.help_text),
                    secrets=settings.slack_signing_secret,
                    real=now,
                ).mount
            )

        async def ready() -> bool:
            return not stop.is_set() and await store.run(lambda unit: True)

        server = runner(application(ready, *mounts))
        await server.setup()
        stack.push_async_callback(server.cleanup)
        # First what a crash has left, then the doors, then whatever is to be said.
        await bot.recover()
        await board.recover()
        port = await _listen(server, settings)
        working = asyncio.create_task(engine.run(work, stop))
        await clock.start()
        stack.push_async_callback(clock.stop)
        started(settings.base_url or f"http://{settings.host}:{port}")
        await stop.wait()
        await working


async def _listen(server: web.AppRunner, settings: Settings) -> int:
    """Open the port; the one that was given, or any if that is 0."""
    site = web.TCPSite(server, settings.host, settings.port)
    try:
        await site.start()
    except OSError as error:
        raise CannotStart(
            f"Krets cannot listen on {settings.host}, port {settings.port}"
            f" ({os.strerror(error.errno or 0).lower()}); stop the other program,"
            " or choose another with KRETS_PORT."
        ) from None
    address: Any = server.addresses[0]
    return int(address[1])


async def _until_stopped(settings: Settings) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for each in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(each, stop.set)

    def started(address: str) -> None:
        print(f"Krets is running at {address} (Ctrl+C stops it)", flush=True)

    await serve(settings, stop, started)


def run(settings: Settings) -> None:
    """Check what can be checked before anything is opened, then serve."""
    match schema_state(settings.database):
        case SchemaState.EMPTY | SchemaState.OLDER:
            raise CannotStart("The database is not ready for this Krets; run: krets migrate")
        case SchemaState.NEWER | SchemaState.BROKEN:
            migrate(settings.database)  # says what is wrong
    with only_one(settings.data_dir):
        asyncio.run(_until_stopped(settings))


# --- krets doctor -------------------------------------------------------------------------------


def examine() -> list[doctor.Finding]:
    """Look at all that an operator can set wrong, and change nothing."""
    try:
        settings = read_settings(os.environ)
    except WrongSetting as wrong:
        return [doctor.of_settings((), str(wrong))]
    findings = [
        doctor.of_settings(unknown_settings(os.environ)),
        doctor.of_database(settings.database),
        doctor.of_keyring(settings.data_dir / "keys"),
    ]
    if settings.has_slack:
        looking = slack_doctor.examine(
            token=settings.slack_bot_token,
            secrets=settings.slack_signing_secret,
            api_url=settings.slack_api_url,
            base_url=settings.base_url,
            real=now,
        )
        findings += asyncio.run(looking)
    return findings


# --- the command line ---------------------------------------------------------------------------


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; 0 if it went well, 1 after one sentence if not, 2 for a wrong command."""
    parser = argparse.ArgumentParser(
        prog="krets",
        description="A chat companion for collegial guidance groups and peer support.",
        epilog="Settings are read from the environment (KRETS_...); see the README.",
    )
    parser.add_argument("--version", action="version", version=f"krets {version('krets')}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("run", help="serve web, clock and worker in one process")
    commands.add_parser("migrate", help="make the database, or bring it to this version")
    describe = commands.add_parser("manifest", help="print the app as a platform is to know it")
    describe.add_argument("platform", choices=["slack"])
    look = commands.add_parser("doctor", help="say what is wrong with the set-up, and the cure")
    look.add_argument("--json", action="store_true", help="for programs")
    chosen = parser.parse_args(arguments)
    if chosen.command == "doctor":
        logs.set_up("error", "text")
        findings = examine()
        print(doctor.as_json(findings) if chosen.json else doctor.as_lines(findings))
        return 0 if all(one.ok for one in findings) else 1
    try:
        settings = read_settings(os.environ)
        logs.set_up(settings.log_level, settings.log_format)
        for sentence in unknown_settings(os.environ):
            print(f"krets: {sentence}", file=sys.stderr)
        if chosen.command == "migrate":
            settings.data_dir.mkdir(parents=True, exist_ok=True)
            with only_one(settings.data_dir):
                migrate(settings.database)
        elif chosen.command == "manifest":
            print(printed(settings.base_url))
        else:
            run(settings)
    except (BadMethod, CannotStart, CannotUse, NoAddress, NoMasterKey, WrongSetting) as error:
        print(f"krets: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"krets: {error.filename or 'a file'}: {error.strerror}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
