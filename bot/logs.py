"""Logs: one line for each thing worth knowing, as text or as JSON, and never a person's words."""

import json
import logging
from typing import Literal

#: Libraries that write what came in, or more than anybody reads.
_QUIET = ("aiohttp", "alembic", "apscheduler", "asyncio", "slack_bolt", "slack_sdk", "sqlalchemy")


class JsonLines(logging.Formatter):
    """One JSON object a line: time, level, logger, message. Tracebacks are left out on purpose."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as a line."""
        said = {
            "time": self.formatTime(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        return json.dumps(said, ensure_ascii=False)


class Lines(logging.Formatter):
    """One plain line a record; tracebacks are left out on purpose, for they hold values."""

    def __init__(self) -> None:
        """Time, level, logger, message."""
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def formatException(self, ei: object) -> str:  # noqa: N802
        """Nothing: an exception is logged by its type alone."""
        return ""


def set_up(level: str, style: Literal["text", "json"]) -> None:
    """Write logs to standard error from now on."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines() if style == "json" else Lines())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)
