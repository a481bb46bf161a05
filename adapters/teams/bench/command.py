"""`krets bench teams` on the command line."""

import argparse
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from adapters.bench import command
from adapters.bench.processes import Processes
from adapters.bench.rounds import Pace
from adapters.teams.bench.measuring import Bench
from adapters.teams.bench.report import Report
from adapters.teams.bench.servers import Servers

DESCRIPTION = """\
Measures Krets beside Microsoft's SDK, in one run on this machine: a fake Microsoft, a bare
CloudAdapter that only acknowledges, one that replies, and Krets itself with its real store; then
many messages, sent by Krets and by the SDK. Each is a process of its own on loopback. Only ratios
within a run mean something. It takes about two minutes, touches no data of yours, and ends with 0
also when a promise is missed.
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
        # The path of a socket must be short, wherever the data lie.
        with TemporaryDirectory(prefix="krets-") as near:
            servers = Servers(processes, f"{near}/microsoft")
            return await Bench(pace, servers, directory, real, say).run()

    return command.run(chosen, environment, measure)
