"""`krets run`, and `krets web`, `worker` and `clock`: serving, in one process or in several."""

import argparse
import asyncio
import logging
import os
import signal
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from threading import Timer

from bot.commands.database import require_database
from bot.commands.environment import read_environment
from bot.refusal import Refusal
from bot.serving import ALL, STOP, Part, serve
from bot.settings import Settings
from bot.store import only_one

log = logging.getLogger(__name__)

#: The small machines on which Krets runs would have six.
_THREADS = 32


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Nothing: the settings say all."""
    parser.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    """Check what can be checked before anything is opened, then serve."""
    settings = read_environment()
    parts: Collection[Part] = ALL if chosen.command == "run" else frozenset({chosen.command})
    if len(parts) == 1:
        _require_server(settings, f"krets {min(parts)}")
    require_database(settings)
    with nullcontext() if settings.on_a_server else only_one(settings.data_dir, settings.database):
        asyncio.run(_until_stopped(settings, parts))
    return 0


def _require_server(settings: Settings, command: str) -> None:
    """Refuse to be one process of several where that cannot go well."""
    if not settings.on_a_server:
        raise Refusal(
            f"{command} needs a KRETS_DATABASE_URL on PostgreSQL; on one machine, krets run does"
            " everything."
        )
    if settings.has_playground or settings.time_travel:
        raise Refusal(f"The playground and time travel need krets run instead of {command}.")


async def _until_stopped(settings: Settings, parts: Collection[Part]) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    # Names are looked up and tokens fetched in threads: some may hang, and hold up nobody else.
    loop.set_default_executor(ThreadPoolExecutor(_THREADS))

    def end() -> None:
        stop.set()
        limit = Timer(STOP.total_seconds(), _cut_off)
        limit.daemon = True
        limit.start()

    for each in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(each, end)

    def started(address: str) -> None:
        what = f"Krets is running at {address}" if address else f"The {min(parts)} is running"
        print(f"{what} (Ctrl+C stops it)", flush=True)

    await serve(settings, stop, started, parts=parts)


def _cut_off() -> None:
    """End a stop that takes too long: a thread that hangs would hold up the end of the process.

    What it was at is as after a crash.
    """
    log.warning("the stop took too long and was cut off")
    os._exit(0)
