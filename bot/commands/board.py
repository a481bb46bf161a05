"""`krets board`: what waits to be shown or to come, and why."""

import argparse

from bot.commands.database import require_database
from bot.commands.environment import read_environment
from bot.realtime import now
from bot.waiting import show


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """How it is told, and whether what is parked is let go."""
    parser.add_argument("--json", action="store_true", help="for programs")
    parser.add_argument(
        "--again", action="store_true", help="first let what is parked be tried once more"
    )
    parser.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    """Look, and tell."""
    settings = read_environment()
    require_database(settings)
    print(show(settings.database, now(), as_program=chosen.json, again=chosen.again))
    return 0
