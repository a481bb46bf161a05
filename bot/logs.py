"""Logs: one line for each thing worth knowing, made of what is allowed, never a person's words.

A call says what happened in a constant sentence. Into it goes the name of an exception, a number,
or a field whose name stands in `_FIELDS`:

    log.warning("a reply was lost: %(code)s", {"code": error.why})

Whatever else is given comes out as `…`. Of the records of other libraries only their source, their
level and the type of the exception are written. No level changes any of that.
"""

import json
import logging
import re
import sys
import threading
from collections.abc import Iterator, Mapping
from hashlib import blake2b
from pathlib import Path
from secrets import token_bytes
from types import TracebackType
from typing import Any, Literal, TextIO

log = logging.getLogger(__name__)

_ROOT = Path(__file__).parents[1]
#: Whose records are ours, by the first part of the logger's name.
_OURS = ("adapters", "bot", "schedules")
#: Libraries that write what came in, or more than anybody reads.
_QUIET = ("aiohttp", "alembic", "apscheduler", "asyncio", "slack_bolt", "slack_sdk", "sqlalchemy")

#: The fields that a record of ours may have, and what each may hold.
_FIELDS: Mapping[str, Literal["code", "number", "pseudonym"]] = {
    "code": "code",
    "drawer": "code",
    "error": "code",
    "method": "code",
    "route": "code",
    "tenant": "code",
    "what": "code",
    "count": "number",
    "seconds": "number",
    "group": "pseudonym",
    "person": "pseudonym",
}
_CODE = re.compile(r"[A-Za-z0-9_.:/{}-]{1,80}")
_HIDDEN = "…"
_DAY = 24 * 60 * 60


class Pseudonyms:
    """Names of groups and people that hold for one day of UTC; nobody keeps the day's key."""

    def __init__(self) -> None:
        """Begin without a key."""
        self._day, self._key = -1, b""

    def of(self, id: str, at: float) -> str:
        """The name of this id at this time, in seconds since 1970."""
        day = int(at // _DAY)
        if day != self._day:
            self._day, self._key = day, token_bytes(32)
        return blake2b(id.encode(errors="replace"), key=self._key, digest_size=5).hexdigest()


class Lines(logging.Formatter):
    """One plain line a record: time, level, logger, message."""

    def __init__(self) -> None:
        """Begin with a key of its own."""
        super().__init__()
        self._pseudonyms = Pseudonyms()

    def format(self, record: logging.LogRecord) -> str:
        """The record as a line."""
        time = self.formatTime(record)
        return f"{time} {record.levelname} {_code(record.name)}: {self._message(record)}"

    def _message(self, record: logging.LogRecord) -> str:
        fault = _fault(record)
        said = self._said(record) if _is_ours(record) else ""
        return ": ".join(one for one in (said, fault) if one) or "-"

    def _said(self, record: logging.LogRecord) -> str:
        """The sentence, filled in with what is allowed."""
        if not isinstance(record.msg, str):
            return _HIDDEN
        try:
            if isinstance(record.args, Mapping):
                return record.msg % self._fields(record)
            return record.msg % tuple(map(_value, record.args)) if record.args else record.msg
        except (KeyError, TypeError, ValueError):  # it does not fit what was given
            return record.msg

    def _fields(self, record: logging.LogRecord) -> dict[str, str | int | float]:
        given = record.args if isinstance(record.args, Mapping) else {}
        return {
            name: self._field(kind, given[name], record.created)
            for name, kind in _FIELDS.items()
            if name in given
        }

    def _field(self, kind: str, value: object, at: float) -> str | int | float:
        if kind == "pseudonym" and isinstance(value, str):
            return self._pseudonyms.of(value, at)
        if kind == "number" and isinstance(value, int | float):
            return value
        return _code(value) if kind == "code" else _HIDDEN


class JsonLines(Lines):
    """One JSON object a line: time, level, logger, message, and the fields by their names."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as a line."""
        said: dict[str, Any] = {
            "time": self.formatTime(record),
            "level": record.levelname.lower(),
            "logger": _code(record.name),
            "message": self._message(record),
        }
        if _is_ours(record):
            said |= self._fields(record)
        return json.dumps(said, ensure_ascii=False)


def _is_ours(record: logging.LogRecord) -> bool:
    return record.name.partition(".")[0] in _OURS


def _value(value: object) -> str | int | float:
    """A value without a name: a number, or the type of an exception."""
    if isinstance(value, int | float):
        return value
    if isinstance(value, BaseException):
        return type(value).__name__
    names = {one.__name__ for one in _exceptions()}
    return value if isinstance(value, str) and value in names else _HIDDEN


def _exceptions(kind: type[BaseException] = BaseException) -> Iterator[type[BaseException]]:
    """All types of exceptions there are."""
    yield kind
    for one in type.__subclasses__(kind):
        yield from _exceptions(one)


def _code(value: object) -> str:
    """A code as it is, and nothing else.

    >>> _code("channel_not_found"), _code("What I carry with me")
    ('channel_not_found', '…')
    """
    return value if isinstance(value, str) and _CODE.fullmatch(value) else _HIDDEN


def _fault(record: logging.LogRecord) -> str:
    """The type of a record's exception, and where in our code it came up; empty without one."""
    error = record.exc_info[1] if record.exc_info else None
    if error is None:
        return ""
    where = [at for at in _lines(error.__traceback__) if at]
    return f"{type(error).__name__} at {where[-1]}" if where else type(error).__name__


def _lines(traceback: TracebackType | None) -> Iterator[str]:
    """File and line of each frame, empty for one that is not ours."""
    while traceback is not None:
        file = Path(traceback.tb_frame.f_code.co_filename)
        ours = file.is_relative_to(_ROOT) and file.relative_to(_ROOT).parts[0] in _OURS
        yield f"{file.relative_to(_ROOT)}:{traceback.tb_lineno}" if ours else ""
        traceback = traceback.tb_next


class _Handler(logging.StreamHandler[TextIO]):
    """Writes to standard error."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802
        """Nothing: the library would print what the record was given."""


def set_up(level: str, style: Literal["text", "json"]) -> None:
    """Write logs, and warnings as logs, to standard error from now on."""
    handler = _Handler()
    handler.setFormatter(JsonLines() if style == "json" else Lines())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    logging.captureWarnings(True)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)


def catch_faults() -> None:
    """Log from now on what nobody catches: Python would print what the exception says."""

    def fault(error: BaseException | None) -> None:
        log.critical("nobody has caught this", exc_info=error)

    def stopped(kind: type[BaseException], error: BaseException, _: TracebackType | None) -> None:
        if issubclass(kind, Exception):
            fault(error)

    sys.excepthook = stopped
    sys.unraisablehook = lambda told: fault(told.exc_value)
    threading.excepthook = lambda told: fault(told.exc_value)
