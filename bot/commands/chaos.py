"""`krets simulate chaos`: what it takes, and what it prints."""

import argparse
import sys

from bot.simulate.chaos.report import Report
from bot.simulate.chaos.run import parts, run
from bot.simulate.chaos.world import Options

#: Characters of the bar.
_WIDE = 40
_PLATFORMS = {"slack": ("slack",), "teams": ("teams",), "both": ("slack", "teams")}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which seed, for how long, with how many groups, and where."""
    parser.add_argument("--seed", type=int, required=True, metavar="N", help="draws all chance")
    parser.add_argument("--weeks", type=_some, required=True, metavar="N", help="how long it goes")
    parser.add_argument(
        "--groups", type=_some, default=2, metavar="N", help="how many at the same time; 2"
    )
    parser.add_argument("--platform", choices=tuple(_PLATFORMS), default="both", help="where")
    parser.add_argument("--json", action="store_true", help="for programs")
    parser.set_defaults(run=simulate)


def _some(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number


def simulate(chosen: argparse.Namespace) -> int:
    """Play it, and tell; 1 if a law did not hold, which ends the last run."""
    options = Options(chosen.seed, chosen.weeks, chosen.groups, _PLATFORMS[chosen.platform])
    report, whole = Report(), parts(options)
    for n, part in enumerate(whole):

        def told(share: float, n: int = n) -> None:
            _bar((n + min(share, 1.0)) / len(whole))

        report.add(run(part, told))
        if report.broken:
            break
    _bar(None)
    print(report.as_json() if chosen.json else report.as_lines())
    return 1 if report.broken else 0


def _bar(share: float | None) -> None:
    """How far it is, on a terminal; None wipes it away."""
    if not sys.stderr.isatty():
        return
    if share is None:
        shown = " " * (_WIDE + 8)
    else:
        done = int(share * _WIDE)
        shown = f"[{'#' * done}{' ' * (_WIDE - done)}] {share:4.0%}"
    sys.stderr.write(f"\r{shown}\r" if share is None else f"\r{shown}")
    sys.stderr.flush()
