"""A benchmark on the command line: what can be chosen, and what is printed."""

import argparse
import asyncio
import sys
from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol, TypeAlias

from adapters.bench.processes import CannotBench, Processes
from adapters.bench.rounds import Pace


class Report(Protocol):
    """What was measured."""

    def table(self) -> str:
        """For a reader."""

    def as_json(self) -> str:
        """For a program."""

    def svg(self) -> str:
        """As a picture."""


#: Measures with these processes, in this directory, and tells how far it is.
Measure: TypeAlias = Callable[
    [Pace, Processes, Path, Callable[[str], None]], Coroutine[Any, Any, Report]
]


def add_arguments(parser: argparse.ArgumentParser, description: str) -> None:
    """What can be chosen."""
    pace = Pace()
    parser.description = description
    parser.add_argument("--json", action="store_true", help="for programs")
    parser.add_argument("--plot", type=Path, metavar="FILE", help="draw the speeds as an SVG")
    parser.add_argument(
        "--rounds",
        type=_count,
        default=pace.rounds,
        help="how often each side has its turn (%(default)s)",
    )
    parser.add_argument(
        "--seconds", type=_seconds, default=pace.seconds, help="how long a turn takes (%(default)s)"
    )
    parser.add_argument(
        "--directory",
        type=Path,
        metavar="DIR",
        help="where the databases lie while it runs; a real disk, or commits cost nothing",
    )


def run(chosen: argparse.Namespace, environment: Mapping[str, str], measure: Measure) -> str:
    """Measure, draw if that is wanted, and return what is to be printed."""
    with TemporaryDirectory(prefix="krets-bench-", dir=chosen.directory) as made:
        processes = Processes(environment, Path(made) / "log")
        pace = Pace(rounds=chosen.rounds, seconds=chosen.seconds)
        try:
            report = asyncio.run(measure(pace, processes, Path(made), say))
        except* CannotBench as group:
            raise group.exceptions[0] from None
        finally:
            say("")
    if chosen.plot is not None:
        chosen.plot.write_text(report.svg(), encoding="utf-8")
    return report.as_json() if chosen.json else report.table()


def say(words: str) -> None:
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
