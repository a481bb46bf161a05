"""`krets bench slack` on the command line."""

import argparse
import asyncio
import sys
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from adapters.slack.bench.measuring import Bench, Plan
from adapters.slack.bench.plot import svg
from adapters.slack.bench.servers import CannotBench, Servers

DESCRIPTION = """\
Measures Krets beside Bolt apps, in one run on this machine: a fake Slack Web API, a Bolt app that
only acknowledges, one that does the same vote through SQLModel's AsyncSession, and Krets itself
with its real store, each a process of its own on loopback. Only ratios within a run mean
something. It takes about two minutes, touches no data of yours, and ends with 0 also when a
promise is missed.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What can be chosen."""
    plan = Plan()
    parser.description = DESCRIPTION
    parser.add_argument("--json", action="store_true", help="for programs")
    parser.add_argument("--plot", type=Path, metavar="FILE", help="draw the speeds as an SVG")
    parser.add_argument(
        "--rounds",
        type=_count,
        default=plan.rounds,
        help="how often each side has its turn (%(default)s)",
    )
    parser.add_argument(
        "--seconds", type=_seconds, default=plan.seconds, help="how long a turn takes (%(default)s)"
    )
    parser.add_argument(
        "--directory",
        type=Path,
        metavar="DIR",
        help="where the databases lie while it runs; a real disk, or commits cost nothing",
    )


def run(
    chosen: argparse.Namespace, environment: Mapping[str, str], real: Callable[[], datetime]
) -> str:
    """Measure, draw if that is wanted, and return what is to be printed."""
    with TemporaryDirectory(prefix="krets-bench-", dir=chosen.directory) as made:
        servers = Servers(environment, Path(made) / "log")
        plan = Plan(rounds=chosen.rounds, seconds=chosen.seconds)
        bench = Bench(plan, servers, Path(made), real, _say)
        try:
            report = asyncio.run(bench.run())
        except* CannotBench as group:
            raise group.exceptions[0] from None
        finally:
            _say("")
    if chosen.plot is not None:
        chosen.plot.write_text(svg(report), encoding="utf-8")
    return report.as_json() if chosen.json else report.table()


def _say(words: str) -> None:
    """One line that is written over and over, where a person looks on."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\033[K{words}")
    elif words:
        sys.stderr.write(f"{words}\n")
    sys.stderr.flush()


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError
    return number


def _seconds(text: str) -> float:
    number = float(text)
    if not 0.1 <= number <= 600:
        raise ValueError
    return number
