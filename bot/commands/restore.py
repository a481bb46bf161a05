"""`krets restore`: a copy put in the database's place."""

import argparse
from pathlib import Path

from bot.backups import restore
from bot.commands.environment import read_environment
from bot.realtime import now


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which copy."""
    parser.add_argument(
        "copy",
        type=Path,
        nargs="?",
        metavar="FILE",
        help="what `krets backup` wrote; none if the database has been put back by other means",
    )
    parser.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    """Put it back, and trust nothing that may have changed since."""
    print(restore(read_environment(), chosen.copy, now()))
    return 0
