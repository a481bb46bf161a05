"""The gate before everything else: is this from Slack, and can it be read? Pure.

Nothing here keeps, logs or quotes a body: whoever forges a request may have put anything into it.
"""

import hashlib
import hmac
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypeAlias

from pydantic_core import from_json

#: Seconds that a request's time may lie in the past or in the future.
WINDOW = 300
#: Fields of a form; Slack sends fewer than twenty.
_FIELDS = 100
#: What Slack sends: an event, a slash command, or something done with a message or a view.
Kind: TypeAlias = Literal["event", "command", "interaction"]

_TIMESTAMP = re.compile(r"[0-9]{1,12}", re.ASCII)
_SIGNATURE = re.compile(r"v0=[0-9a-f]{64}", re.ASCII)


class BadRequest(ValueError):
    """Not what Slack sends. Says nothing of what was sent."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """One request that could be read: its kind, and its fields as JSON knows them."""

    kind: Kind
    payload: dict[str, Any]


def is_genuine(
    timestamps: Sequence[str],
    signatures: Sequence[str],
    body: bytes,
    secrets: Collection[str],
    now: datetime,
) -> bool:
    """Whether one of the secrets has signed these very bytes just now (in real time).

    Each header must stand there exactly once. All secrets are tried, so that time tells nothing.

    >>> from datetime import UTC
    >>> now = datetime(2026, 3, 3, tzinfo=UTC)
    >>> is_genuine(["1772496000"], ["v0=" + 64 * "0"], b"", ["secret"], now)
    False
    """
    if len(timestamps) != 1 or len(signatures) != 1:
        return False
    timestamp, signature = timestamps[0], signatures[0]
    if not _TIMESTAMP.fullmatch(timestamp) or not _SIGNATURE.fullmatch(signature):
        return False
    if abs(now.timestamp() - int(timestamp)) > WINDOW:
        return False
    given = signature.encode()
    right = [hmac.compare_digest(sign(timestamp, body, one), given) for one in secrets if one]
    return any(right)


def sign(timestamp: str, body: bytes, secret: str) -> bytes:
    """The signature that Slack gives this body at this time."""
    signed = b"v0:" + timestamp.encode() + b":" + body
    return b"v0=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest().encode()


def is_ssl_check(content_type: str, body: bytes) -> bool:
    """Whether Slack only looks at the certificate; such a request carries nothing to act on."""
    if b"ssl_check" not in body:  # nearly always, and it is read again anyway
        return False
    try:
        fields = _form(body) if content_type == "application/x-www-form-urlencoded" else {}
    except BadRequest:
        return False
    return fields.get("ssl_check") == "1" and set(fields) <= {"ssl_check", "token"}


def read(content_type: str, body: bytes) -> Incoming:
    """What was sent; raises `BadRequest`.

    >>> read("application/x-www-form-urlencoded", b"command=%2Fkrets&text=open").payload["text"]
    'open'
    """
    if content_type == "application/json":
        return Incoming("event", _json(body))
    if content_type != "application/x-www-form-urlencoded":
        raise BadRequest("of another type")
    fields = _form(body)
    if "payload" in fields:
        return Incoming("interaction", _json(fields["payload"]))
    if "command" in fields:
        return Incoming("command", dict(fields))
    raise BadRequest("neither a command nor a payload")


def _form(body: bytes) -> dict[str, str]:
    """The fields of a form, each of them once.

    >>> _form(b"a=%C3%A5+%5C&b=")
    {'a': 'å \\\\', 'b': ''}
    """
    pairs = body.split(b"&", _FIELDS)
    if len(pairs) > _FIELDS or not body.isascii():
        raise BadRequest("not a form")
    fields: dict[str, str] = {}
    for pair in pairs:
        name, equals, value = pair.partition(b"=")
        try:
            key, text = _unquoted(name), _unquoted(value)
        except ValueError:
            raise BadRequest("not a form") from None
        if not equals or key in fields:
            raise BadRequest("not each field once, with a value")
        fields[key] = text
    return fields


def _unquoted(quoted: bytes) -> str:
    """A name or a value of a form, of ASCII; a `ValueError` if it was quoted badly.

    As Python's escapes, for those are read without a loop: forms of Slack are long, and nearly
    every fourth of their characters is quoted.
    """
    escaped = quoted.replace(b"\\", rb"\\").replace(b"+", b" ").replace(b"%", rb"\x")
    return escaped.decode("unicode_escape").encode("latin-1").decode()


def _json(text: bytes | str) -> dict[str, Any]:
    """An object whose texts can be written again, with a type.

    Half of a surrogate pair is refused, as are numbers that JSON does not know. Only names are
    shared between what is read, for of what people write nothing is to stay.
    """
    try:
        found = from_json(text, allow_inf_nan=False, cache_strings="keys")
    except ValueError:
        raise BadRequest("not JSON") from None
    if not isinstance(found, dict) or not isinstance(found.get("type"), str):
        raise BadRequest("not an object with a type")
    return found
