"""`krets bench slack` on the command line."""

import argparse
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

from adapters.bench import command
from adapters.bench.processes import Processes
from adapters.bench.rounds import Pace
from adapters.slack.bench.measuring import Bench, Plan
from adapters.slack.bench.report import Report
from adapters.slack.bench.servers import Servers

DESCRIPTION = """\
Measures Krets beside Bolt apps, in one run on this machine: a fake Slack Web API, a Bolt app that
only acknowledges, one that does the same vote through SQLModel's AsyncSession, and Krets itself
with its real store, each a process of its own on loopback. Only ratios within a run mean
something. It takes about two minutes, touches no data of yours, and ends with 0 also when a
promise is missed.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What can be chosen."""
    command.add_arguments(parser, DESCRIPTION)


def run(
    chosen: argparse.Namespace, environment: Mapping[str, str], real: Callable[[], datetime]
) -> str:
    """Measure, and return what is to be printed."""

    async def measure(
        pace: Pace, processes: Processes, directory: Path, say: Callable[[str], None]
    ) -> Report:
        return await Bench(Plan(pace), Servers(processes), directory, real, say).run()

    return command.run(chosen, environment, measure)
