"""`krets bench`: what can be measured, and how on the command line."""

import argparse
import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from adapters.slack.bench import command as slack
from adapters.slack.bench import morning
from adapters.teams.bench import command as teams
from bot.bench import bench_drawers

#: How often the drawers of a group are opened and sealed.
_ROUNDS = 2_000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What can be measured."""
    benches = parser.add_subparsers(dest="bench", required=True, metavar="WHAT")
    slack.add_arguments(benches.add_parser("slack", help="Krets beside Bolt apps, as ratios"))
    teams.add_arguments(benches.add_parser("teams", help="Krets beside Microsoft's SDK, as ratios"))
    morning.add_arguments(
        benches.add_parser("morning", help="thousands of groups that check in at the same minute")
    )
    drawers = benches.add_parser("drawers", help="opening and sealing what a group of ten wrote")
    drawers.add_argument("--json", action="store_true", help="for programs")
    drawers.add_argument(
        "--rounds", type=int, default=_ROUNDS, help="how often it is done (%(default)s)"
    )


def run(chosen: argparse.Namespace, real: Callable[[], datetime]) -> str:
    """Measure, and return what is to be printed; `real` is real time."""
    if chosen.bench == "slack":
        return slack.run(chosen, os.environ, real)
    if chosen.bench == "teams":
        return teams.run(chosen, os.environ, real)
    if chosen.bench == "morning":
        return morning.run(chosen, os.environ, real)
    with TemporaryDirectory(prefix="krets-bench-") as made:
        figures = bench_drawers(Path(made), chosen.rounds, perf_counter)
    return figures.as_json() if chosen.json else figures.as_lines()
