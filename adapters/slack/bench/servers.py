"""The servers of the benchmark, each a process of its own: nobody shares an interpreter."""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from adapters.slack.bench.stage import MASTER


@dataclass(frozen=True, slots=True)
class Server:
    """A process that listens."""

    address: str
    process: int

    def worked(self) -> float | None:
        """Seconds of processor time that it has used; None where the system does not tell."""
        try:
            fields = Path(f"/proc/{self.process}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return None
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


#: What the fake Slack signs with.
SECRET = "0123456789abcdef0123456789abcdef"  # noqa: S105
_PACKAGE = __package__
#: Seconds in which a server starts, or ends.
_PATIENCE = 60


class CannotBench(Exception):
    """One sentence that says why, and what to do."""


class Servers:
    """Starts them; their logs go to one file, their settings to nobody else."""

    def __init__(self, environment: Mapping[str, str], log: Path) -> None:
        """Start with this environment, without what is set for the Krets that runs here."""
        self._kept = {
            name: value for name, value in environment.items() if not name.startswith("KRETS_")
        }
        self._log = log

    @asynccontextmanager
    async def web_api(self) -> AsyncIterator[Server]:
        """The Web API."""
        async with self._running(f"{_PACKAGE}.web_api") as server:
            yield server

    @asynccontextmanager
    async def bare(self, api: str, mode: str) -> AsyncIterator[Server]:
        """The Bolt app that only acknowledges."""
        async with self._running(f"{_PACKAGE}.bare", SECRET, f"{api}/api/", mode) as server:
            yield server

    @asynccontextmanager
    async def peer(self, api: str, data: Path) -> AsyncIterator[Server]:
        """The Bolt app that votes through AsyncSession."""
        arguments = (SECRET, f"{api}/api/", str(data), MASTER)
        async with self._running(f"{_PACKAGE}.peer", *arguments) as server:
            yield server

    @asynccontextmanager
    async def krets(self, api: str, data: Path) -> AsyncIterator[Server]:
        """Krets as everybody runs it."""
        settings = {
            "KRETS_DATA_DIR": str(data),
            "KRETS_PORT": "0",
            "KRETS_MASTER_KEYS": MASTER,
            "KRETS_SLACK_API_URL": f"{api}/api/",
            "KRETS_SLACK_BOT_TOKEN": "xoxb-bench",
            "KRETS_SLACK_SIGNING_SECRET": SECRET,
            "KRETS_TIME_TRAVEL": "true",
        }
        async with self._running("bot", "run", **settings) as server:
            yield server

    @asynccontextmanager
    async def _running(
        self, module: str, *arguments: str, **settings: str
    ) -> AsyncIterator[Server]:
        """A module as a process that ends with its input, or when told.

        The first line that it writes has its address.
        """
        with self._log.open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                module,
                *arguments,
                stdin=PIPE,
                stdout=PIPE,
                stderr=log,
                env=self._kept | settings,
            )
        try:
            async with asyncio.timeout(_PATIENCE):
                assert process.stdout is not None
                line = (await process.stdout.readline()).decode().strip()
            if not line:
                raise CannotBench(f"{module} did not start: {self._last_words()}")
            yield Server(
                next(one for one in line.split() if one.startswith("http://")), process.pid
            )
        finally:
            await _end(process)

    def _last_words(self) -> str:
        lines = self._log.read_text(errors="replace").strip().splitlines()
        return lines[-1] if lines else "it said nothing"


async def _end(process: Process) -> None:
    if process.stdin is not None:
        process.stdin.close()
    if process.returncode is None:
        process.terminate()
    try:
        async with asyncio.timeout(_PATIENCE):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
