"""Whether what Teams brings would be let in: Microsoft's keys, and the way from there to Krets."""

import json
from dataclasses import dataclass
from typing import Any

import aiohttp

from adapters.teams.gate import BadRequest, signing_keys
from adapters.teams.keys import METADATA
from bot.doctor import Finding

#: Where Teams brings everything.
PATH = "/teams/messages"
#: How long anybody is waited for, and how many bytes of a document are read.
_PATIENCE, _LARGEST = aiohttp.ClientTimeout(total=10), 1024 * 1024

_KEYS = (
    "Microsoft's signing keys cannot be read, so nothing that Teams brings would be let in; see"
    " that this machine may call login.botframework.com by https, and that no proxy changes it."
)
_PASS_ON = f"let the proxy pass POST {PATH} on as it is, with its headers"


class NoAnswer(Exception):
    """Nobody answered."""


@dataclass(frozen=True, slots=True)
class Got:
    """An answer: its status, the object in it, and when it was given."""

    status: int
    said: dict[str, Any]
    date: str


async def document(session: aiohttp.ClientSession, url: str) -> Got:
    """A document; empty if it is no object. Raises `NoAnswer`."""
    try:
        async with session.get(url, allow_redirects=False, timeout=_PATIENCE) as got:
            body = bytearray()
            async for piece in got.content.iter_any():
                body += piece
                if len(body) > _LARGEST:
                    break
            status, date = got.status, got.headers.get("Date", "")
    except (aiohttp.ClientError, TimeoutError):
        raise NoAnswer from None
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        said = {}
    return Got(status, said if isinstance(said, dict) else {}, date)


async def of_keys(session: aiohttp.ClientSession) -> tuple[Finding, str]:
    """Whether there are keys to check with what Teams brings, and what time Microsoft told."""
    check, date = "signing keys", ""
    try:
        metadata = await document(session, METADATA)
        date, url = metadata.date, metadata.said.get("jwks_uri")
        if isinstance(url, str) and url.startswith("https://"):
            keys = signing_keys((await document(session, url)).said)
            if any("msteams" in key.channels for key in keys.values()):
                return Finding(check), date
    except (NoAnswer, BadRequest):
        pass
    return Finding(check, _KEYS), date


async def of_messages(session: aiohttp.ClientSession, base_url: str) -> Finding:
    """Whether the address leads to a Krets that lets in what Teams brings, and nobody else."""
    check, url = "messages", base_url + PATH
    if not base_url.startswith("https://"):
        return Finding(
            check,
            "Teams calls https addresses only; set KRETS_BASE_URL to one, with a proxy that has a"
            " certificate.",
        )
    try:
        async with session.post(url, json={}, allow_redirects=False, timeout=_PATIENCE) as got:
            status, asks = got.status, "WWW-Authenticate" in got.headers
    except aiohttp.ClientConnectorCertificateError:
        return Finding(
            check, "The certificate of KRETS_BASE_URL is not trusted; renew it, whole chain."
        )
    except (aiohttp.ClientError, TimeoutError):
        return Finding(
            check,
            "Nothing answers under KRETS_BASE_URL; see its name, the proxy and the firewall, and"
            " that krets run is running.",
        )
    if status == 401 and not asks:  # nothing is let in without Microsoft's token
        return Finding(check)
    if status == 401:
        return Finding(check, f"Something before Krets asks for a password; {_PASS_ON}.")
    if status == 404:
        return Finding(
            check,
            "The Krets that runs there takes nothing from Teams; give it KRETS_TEAMS_APP_ID and"
            " start it again.",
        )
    return Finding(check, f"{url} answers {status}; {_PASS_ON}.")
