"""The gate before everything else: is this from Teams, for us, and can it be read? Pure.

Nothing here logs or quotes a token or a body: whoever forges one may have put anything in. Of the
last tokens it is kept what they say and who signed them, for Teams sends one for many requests.
"""

import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from jwt import PyJWK, PyJWS
from jwt.exceptions import PyJWTError
from pydantic_core import from_json

ISSUER = "https://api.botframework.com"
CHANNEL = "msteams"
#: Seconds by which clocks may differ, and the longest life of a token.
LEEWAY, LIFE = 300, 24 * 3600
#: Where Teams takes messages, as Microsoft documents it: for all, and for governments.
HOSTS = frozenset(
    {
        "smba.trafficmanager.net",
        "smba.infra.gcc.teams.microsoft.com",
        "smba.infra.gov.teams.microsoft.us",
        "smba.infra.dod.teams.microsoft.us",
    }
)
#: Lists and objects inside each other; what a card sends has fewer than ten.
_DEPTH = 32
#: Bits of a key that is long enough.
_BITS = 2048
#: Teams proves an hour's requests by the same token: of so many, what they say is kept.
_TOKENS = 256

_BEARER = re.compile(r"Bearer ([A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+)", re.ASCII)
_PATH = re.compile(r"(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*/?", re.ASCII)
_LOOPBACK = re.compile(r"http://(127\.0\.0\.1|localhost|\[::1\])(:[0-9]{1,5})?(/.*)?", re.ASCII)
_JWS = PyJWS(algorithms=["RS256"])


class BadRequest(ValueError):
    """Not what Teams sends. Says nothing of what was sent."""


class Unproven(ValueError):
    """Nothing shows that Teams has sent this to us. Says nothing of what was sent."""


class Forbidden(ValueError):
    """Proven to be from Microsoft, but not what we take. Says nothing of what was sent."""


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A key that Microsoft signs with, and the channels it may sign for."""

    key: PyJWK
    channels: frozenset[str]


@dataclass(frozen=True, slots=True)
class Token:
    """What a token says of itself."""

    text: str
    kid: str
    service_url: str


# --- the token ----------------------------------------------------------------------------------


def signing_keys(document: object) -> dict[str, SigningKey]:
    """The keys of a JSON Web Key Set by their ids, of those that can be used; raises `BadRequest`.

    >>> signing_keys({"keys": [{"kty": "oct", "kid": "a", "k": "eA"}]})
    {}
    """
    listed = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(listed, list):
        raise BadRequest("not a set of keys")
    found = {}
    for one in listed:
        if not isinstance(one, dict) or one.get("kty") != "RSA":
            continue
        kid, channels = one.get("kid"), one.get("endorsements")
        if not isinstance(kid, str) or not isinstance(channels, list):
            continue
        try:
            key = PyJWK(one, "RS256")
        except (PyJWTError, ValueError, TypeError):
            continue
        if key.key.key_size >= _BITS:
            named = frozenset(channel for channel in channels if isinstance(channel, str))
            found[kid] = SigningKey(key, named)
    return found


def bearer(headers: Sequence[str]) -> str:
    """The token of the one Authorization header; raises `Unproven`.

    >>> bearer(["Bearer a.b.c"])
    'a.b.c'
    """
    found = _BEARER.fullmatch(headers[0]) if len(headers) == 1 else None
    if found is None:
        raise Unproven("no token")
    return found[1]


def claimed(text: str, app_id: str, now: datetime) -> Token:
    """A token that says it is Microsoft's, for this bot and for this time; raises `Unproven`.

    It comes before the signature, so that only a token which could be right asks for a key.
    """
    head, claims = _said(text)
    kid = head.get("kid")
    if head.get("alg") != "RS256" or not isinstance(kid, str):
        raise Unproven("of another kind")
    if not isinstance(claims, dict) or not app_id:
        raise Unproven("no claims")
    if claims.get("iss") != ISSUER or claims.get("aud") != app_id:
        raise Unproven("of or for somebody else")
    if not _holds(claims.get("nbf"), claims.get("exp"), now.timestamp()):
        raise Unproven("for another time")
    url = claims.get("serviceurl")
    if not isinstance(url, str) or not url:
        raise Unproven("for nowhere")
    return Token(text, kid, url)


@lru_cache(_TOKENS)
def _said(text: str) -> tuple[Mapping[str, Any], Any]:
    """The header and the claims of a token; raises `Unproven`, and that is not kept."""
    try:
        parts = _JWS.decode_complete(text, options={"verify_signature": False})
        return parts["header"], json.loads(parts["payload"])
    except (PyJWTError, ValueError, RecursionError):
        raise Unproven("no token") from None


def _holds(begins: object, ends: object, now: float) -> bool:
    if type(begins) is not int or type(ends) is not int:
        return False
    return begins - LEEWAY <= now < ends + LEEWAY and begins < ends <= begins + LIFE


@lru_cache(_TOKENS)
def is_signed(token: Token, key: SigningKey) -> bool:
    """Whether this key has signed the token."""
    try:
        _JWS.decode(token.text, key.key, algorithms=["RS256"])
    except (PyJWTError, ValueError, TypeError):
        return False
    return True


# --- the activity -------------------------------------------------------------------------------


def read(content_type: str, body: bytes) -> dict[str, Any]:
    """The activity that was sent; raises `BadRequest`.

    >>> read("application/json", b'{"type": "message"}')
    {'type': 'message'}
    """
    if content_type != "application/json":
        raise BadRequest("of another type")
    try:
        found = from_json(body, allow_inf_nan=False)
    except ValueError:
        raise BadRequest("not JSON") from None
    if not isinstance(found, dict) or not isinstance(found.get("type"), str) or _is_deep(found):
        raise BadRequest("not an activity")
    return found


def _is_deep(found: object) -> bool:
    level = [found]
    for _ in range(_DEPTH):
        level = [
            inside
            for one in level
            if isinstance(one, dict | list)
            for inside in (one.values() if isinstance(one, dict) else one)
        ]
        if not level:
            return False
    return True


def admit(
    activity: Mapping[str, Any], token: Token, key: SigningKey, tenants: Collection[str]
) -> None:
    """Let in what Teams sent through a place we answer, of an organisation that is let in.

    Raises `Forbidden`.
    """
    if activity.get("channelId") != CHANNEL or CHANNEL not in key.channels:
        raise Forbidden("of another channel")
    if activity.get("serviceUrl") != token.service_url or not is_service_url(token.service_url):
        raise Forbidden("from elsewhere")
    if tenant_of(activity) not in tenants:
        raise Forbidden("of another organisation")


def admit_unproven(activity: Mapping[str, Any]) -> None:
    """Let in what a client on this machine sends as if it were Teams; raises `Forbidden`."""
    url = activity.get("serviceUrl")
    if activity.get("channelId") != CHANNEL or not isinstance(url, str) or not is_loopback(url):
        raise Forbidden("from elsewhere")
    if not tenant_of(activity):
        raise Forbidden("of no organisation")


def tenant_of(activity: Mapping[str, Any]) -> str:
    """The organisation; empty if none is named, or two.

    >>> tenant_of({"channelData": {"tenant": {"id": "T1"}}, "conversation": {"tenantId": "t1"}})
    't1'
    """
    data, conversation = activity.get("channelData"), activity.get("conversation")
    tenant = data.get("tenant") if isinstance(data, dict) else None
    told = (
        tenant.get("id") if isinstance(tenant, dict) else None,
        conversation.get("tenantId") if isinstance(conversation, dict) else None,
    )
    named = {one.lower() for one in told if isinstance(one, str) and one}
    return named.pop() if len(named) == 1 else ""


# --- where messages may be sent -----------------------------------------------------------------


def is_service_url(url: str) -> bool:
    """Whether it is Teams' own address, to which our token may go.

    >>> is_service_url("https://smba.trafficmanager.net/emea/")
    True
    >>> is_service_url("https://smba.trafficmanager.net@example.org/")
    False
    """
    scheme, _, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    return scheme == "https" and host in HOSTS and _PATH.fullmatch(slash + path) is not None


def is_loopback(url: str) -> bool:
    """Whether it is an address on this machine.

    >>> [is_loopback(url) for url in ("http://localhost:56150/_c", "http://localhost.example.org")]
    [True, False]
    """
    try:
        return _LOOPBACK.fullmatch(url) is not None and urlsplit(url).port != 0
    except ValueError:
        return False
