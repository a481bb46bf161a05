"""Logs are lines of codes: no traceback, no value, in either style."""

import json
import logging
from collections.abc import Iterator

import pytest

from bot import logs


@pytest.fixture
def restored() -> Iterator[None]:
    """Leave logging as it was."""
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    yield
    root.handlers[:] = before
    root.setLevel(level)
    for name in ("aiohttp", "alembic", "apscheduler", "asyncio", "sqlalchemy", "aiohttp.server"):
        logging.getLogger(name).setLevel(logging.NOTSET)


def write(capfd: pytest.CaptureFixture[str], style: str) -> list[str]:
    logs.set_up("debug", style)
    try:
        raise ValueError("kanariefågel")
    except ValueError:
        logging.getLogger("bot.test").exception("%s failed", "something")
    logging.getLogger("sqlalchemy.engine").info("SELECT 'kanariefågel'")
    logging.getLogger("aiohttp.server").error("Error handling request kanariefågel")
    return capfd.readouterr().err.splitlines()


@pytest.mark.usefixtures("restored")
def test_text_is_one_line_a_record_without_a_traceback(capfd: pytest.CaptureFixture[str]) -> None:
    (line,) = [line for line in write(capfd, "text") if line]
    assert line.endswith("ERROR bot.test: something failed")


@pytest.mark.usefixtures("restored")
def test_json_is_one_object_a_record(capfd: pytest.CaptureFixture[str]) -> None:
    (line,) = write(capfd, "json")
    said = json.loads(line)
    assert said.keys() == {"time", "level", "logger", "message"}
    assert (said["level"], said["logger"], said["message"]) == (
        "error",
        "bot.test",
        "something failed",
    )
