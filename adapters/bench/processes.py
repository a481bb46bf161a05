"""The servers of a benchmark, each a process of its own: nobody shares an interpreter."""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.refusal import Refusal

#: Seconds in which a server starts, or ends.
_PATIENCE = 60


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


class CannotBench(Refusal):
    """One sentence that says why, and what to do."""


class Processes:
    """Starts modules; their logs go to one file, their settings to nobody else."""

    def __init__(self, environment: Mapping[str, str], log: Path) -> None:
        """Start with this environment, without what is set for the Krets that runs here."""
        self._kept = {
            name: value for name, value in environment.items() if not name.startswith("KRETS_")
        }
        self._log = log

    @asynccontextmanager
    async def running(self, module: str, *arguments: str, **settings: str) -> AsyncIterator[Server]:
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


async def started(
    stack: AsyncExitStack, servers: Mapping[str, AbstractAsyncContextManager[Server]]
) -> dict[str, Server]:
    """All of them, started at once, which end with the stack."""
    async with asyncio.TaskGroup() as tasks:
        starting = {
            name: tasks.create_task(stack.enter_async_context(one)) for name, one in servers.items()
        }
    return {name: one.result() for name, one in starting.items()}


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
