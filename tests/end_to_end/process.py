"""Krets as a process of its own, that can be killed; and its commands, with or without one."""

import logging
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from types import TracebackType
from typing import Self
from unittest.mock import patch

from bot.__main__ import main


def environment(data: Path, **settings: str) -> dict[str, str]:
    """A clean environment with these settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("KRETS_")}
    return kept | {"KRETS_DATA_DIR": str(data), "KRETS_PORT": "0"} | settings


def krets(*arguments: str, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    command = [sys.executable, "-m", "bot", *arguments]
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=False)


def within(*arguments: str, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """The same without a process, whose start takes longer than what most commands do."""
    out, log = StringIO(), StringIO()
    with (
        untouched_logging(),
        patch.dict(os.environ, env, clear=True),
        redirect_stdout(out),
        redirect_stderr(log),
    ):
        try:
            code: object = main(arguments)
        except SystemExit as done:
            code = done.code
    assert isinstance(code, int)
    return subprocess.CompletedProcess(arguments, code, out.getvalue(), log.getvalue())


@contextmanager
def untouched_logging() -> Iterator[None]:
    """What a command does to logging and to hooks is undone."""
    root = logging.getLogger()
    kept = root.handlers[:], root.level
    hooks = sys.excepthook, sys.unraisablehook, threading.excepthook
    try:
        yield
    finally:
        root.handlers[:], root.level = kept
        logging.captureWarnings(False)
        sys.excepthook, sys.unraisablehook, threading.excepthook = hooks


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

    def stop(self, within: float = 20) -> tuple[int, str, str]:
        """End it as an operator would: exit code, the rest of its output, its log."""
        self._process.terminate()
        out, log = self._process.communicate(timeout=within)
        return self._process.returncode, out, log
