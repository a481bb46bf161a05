"""What Teams answers to a call, read: pure. Of an error only its code is kept."""

import json
import re
from dataclasses import dataclass
from typing import Any, TypeAlias

from bot.messenger import Unreachable

Json: TypeAlias = dict[str, Any]
_BUSY = frozenset({412, 429, 502, 504})
_BUSY_CODES = frozenset({"ratelimit", "ratelimited", "throttled", "toomanyrequests"})
_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}", re.ASCII)


class Gone(Unreachable):
    """Teams knows nothing of the kind."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A status, an object, and two headers."""

    status: int
    said: Json
    retry_after: str = ""
    date: str = ""

    @property
    def code(self) -> str:
        """Teams' code for what is wrong.

        >>> Answer(403, {"error": {"code": "BotDisabledByAdmin", "message": "..."}}).code
        'BotDisabledByAdmin'
        >>> Answer(403, {"error": {"code": "Hello, here is a text"}}).code
        'status_403'
        """
        error = self.said.get("error")
        code = error.get("code") if isinstance(error, dict) else None
        known = isinstance(code, str) and _CODE.fullmatch(code)
        return str(code) if known else f"status_{self.status}"

    @property
    def busy(self) -> bool:
        """Whether Teams asks for patience, and has done nothing."""
        return self.status in _BUSY or self.code.lower() in _BUSY_CODES


def read(status: int, body: bytes, retry_after: str = "", date: str = "") -> Answer:
    """An answer; a body that is no object says nothing.

    >>> read(200, b'{"id": "1"}').said, read(502, b"<html>").said
    ({'id': '1'}, {})
    """
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        said = {}
    return Answer(status, said if isinstance(said, dict) else {}, retry_after, date)
