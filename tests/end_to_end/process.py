"""Krets as a process of its own, that can be killed."""

import os
import subprocess
import sys
from io import StringIO
from pathlib import Path
from types import TracebackType
from typing import Self


def environment(data: Path, **settings: str) -> dict[str, str]:
    """A clean environment with these settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("KRETS_")}
    return kept | {"KRETS_DATA_DIR": str(data), "KRETS_PORT": "0"} | settings


def krets(*arguments: str, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    command = [sys.executable, "-m", "bot", *arguments]
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=False)


class Terminal(StringIO):
    """Somebody at the keyboard, who will write this."""

    def isatty(self) -> bool:
        return True


class Process:
    """`krets run`, from its first line to its end."""

    def __init__(self, env: dict[str, str]) -> None:
        self._env = env

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bot", "run"],
            env=self._env,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        self.first_line = self._process.stdout.readline()
        if not self.first_line:
            raise AssertionError(self._process.communicate()[1])
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._process.poll() is None:
            self.stop()

    @property
    def address(self) -> str:
        """Where it says that it is running."""
        return next(word for word in self.first_line.split() if word.startswith("http://"))

    def kill(self) -> None:
        """End it as a power cut would."""
        self._process.kill()
        self._process.communicate()

    def stop(self) -> tuple[int, str, str]:
        """End it as an operator would: exit code, the rest of its output, its log."""
        self._process.terminate()
        out, log = self._process.communicate(timeout=20)
        return self._process.returncode, out, log
