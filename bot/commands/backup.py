"""`krets backup`: the database copied, without its keys."""

import argparse
from pathlib import Path

from bot.backups import backup
from bot.commands.database import require_database
from bot.commands.environment import read_environment
from bot.realtime import now


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Where the copy goes."""
    parser.add_argument(
        "copy", type=Path, nargs="?", metavar="FILE", help="where to; krets-<time>.db if not said"
    )
    parser.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    """Copy it, also beside a Krets that runs."""
    settings = read_environment()
    require_database(settings)
    print(backup(settings, chosen.copy, now()))
    return 0
