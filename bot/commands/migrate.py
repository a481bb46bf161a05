"""`krets migrate`: the databases, made or brought to this version."""

import argparse
from contextlib import closing

from bot.commands.environment import read_environment
from bot.keyring import shelf
from bot.settings import Settings
from bot.store import migrate, only_one


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Nothing: the settings say which."""
    parser.set_defaults(run=run)


def run(_: argparse.Namespace) -> int:
    """Make them ready."""
    make_ready(read_environment())
    return 0


def make_ready(settings: Settings) -> None:
    """Make the databases, or bring them to this version."""
    if not settings.on_a_server:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        with only_one(settings.data_dir, settings.database):
            migrate(settings.database)
        return
    migrate(settings.database)
    from schedules import tables  # noqa: PLC0415  # an extra

    tables.migrate(settings.database)
    with closing(shelf(settings.keys)) as keys:
        keys.lay_out()
