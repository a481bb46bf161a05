"""`krets keys`: what is done with master keys on the command line, and what is said of it."""

import argparse
import asyncio
import json
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack, asynccontextmanager

from bot import keys
from bot.commands.asking import agreed
from bot.commands.database import require_database
from bot.commands.environment import read_environment
from bot.keyring import new_master
from bot.settings import Settings
from bot.store import CannotUse, Store, only_one


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What can be done."""
    deeds = parser.add_subparsers(dest="deed", required=True, metavar="DEED")
    new = deeds.add_parser("new", help="print a new master key, for KRETS_MASTER_KEYS")
    new.add_argument("--json", action="store_true", help="for programs")
    new.set_defaults(run=_new)
    turn = deeds.add_parser(
        "rotate", help="bring all keys under the first of KRETS_MASTER_KEYS, online"
    )
    turn.set_defaults(run=_rotate)
    loss = deeds.add_parser("accept-loss", help="go on without what no master key opens, for good")
    loss.add_argument("--yes", action="store_true", help="do not ask")
    loss.set_defaults(run=_accept_loss)


def _new(chosen: argparse.Namespace) -> int:
    print(new_key(chosen.json))
    return 0


def _rotate(_: argparse.Namespace) -> int:
    print(rotate(_settings()))
    return 0


def _accept_loss(chosen: argparse.Namespace) -> int:
    print(accept_loss(_settings(), chosen.yes))
    return 0


def _settings() -> Settings:
    settings = read_environment()
    require_database(settings)
    return settings


def new_key(as_json: bool) -> str:
    """A master key that nobody has seen before."""
    master = new_master()
    return json.dumps({"id": master.name, "key": master.line}) if as_json else master.line


def rotate(settings: Settings) -> str:
    """Bring all keys under the current master key, beside a Krets that runs or without one."""

    async def turn(beside: bool) -> keys.Turned:
        async with _store(settings) as store:
            given = settings.master_keys
            return await keys.rotate(store, settings.keys, given, _progress(), beside=beside)

    with ExitStack() as stack:
        beside = False
        try:
            stack.enter_context(only_one(settings.data_dir, settings.database))
        except CannotUse:
            beside = True
        turned = asyncio.run(turn(beside))
    told = [f"{turned.keys.turned} of {turned.keys.keys} keys turned over, {turned.secrets} tokens"]
    if turned.keys.damaged or turned.lost:
        told.append(f"opened no more: {turned.keys.damaged} keys, {turned.lost} tokens")
    told += [f"no longer needed: the master key {name}" for name in turned.unneeded]
    return "\n".join(told)


def accept_loss(settings: Settings, yes: bool) -> str:
    """Go on without what no master key opens, once that is confirmed."""
    keys.require_master(settings.master_keys, real=settings.has_platform)

    async def give_up() -> keys.Loss | None:
        place, given = settings.keys, settings.master_keys
        async with _store(settings) as store:
            lost = await keys.look_at_loss(store, place, given)
            if lost is not None:
                agreed(
                    f"This gives up {lost.drawers} drawers of texts in {lost.groups} groups, and"
                    f" {lost.secrets} tokens, for good; a copy of the keys would still save them.",
                    yes,
                )
                await keys.give_up(store, place, given)
            return lost

    with only_one(settings.data_dir, settings.database):
        lost = asyncio.run(give_up())
    if lost is None:
        return "Nothing is lost: the keys open."
    told = f"Given up: {lost.drawers} drawers; the next start tells those who lead."
    if lost.secrets:
        told += f" And {lost.secrets} tokens: those workspaces have to install Krets again."
    return told


@asynccontextmanager
async def _store(settings: Settings) -> AsyncIterator[Store]:
    store = Store(settings.database)
    try:
        yield store
    finally:
        await store.close()


def _progress() -> Callable[[int, int], None]:
    """What says how far it is: a line written over and over, or in a log every tenth of the way."""
    said = 0

    def say(done: int, of: int) -> None:
        nonlocal said
        if sys.stderr.isatty():
            sys.stderr.write(f"\r{done} of {of} keys" + "\n" * (done == of))
        elif 10 * done // of > said:
            said = 10 * done // of
            sys.stderr.write(f"{done} of {of} keys\n")

    return say
