"""Who is let in: Teams, by Microsoft's token; or a client on this very machine, without one."""

import re
from collections.abc import Callable, Collection
from datetime import datetime
from ipaddress import ip_address
from typing import Any, Protocol

from aiohttp import web

from adapters.teams import gate
from adapters.teams.keys import SigningKeys

_LOCAL = re.compile(r"(127\.0\.0\.1|localhost|\[::1\])(:[0-9]{1,5})?", re.IGNORECASE)
_FORWARDED = {"forwarded", "via", "x-real-ip"}


class Admits(Protocol):
    """Lets requests in or refuses them."""

    async def admit(self, request: web.Request) -> dict[str, Any]:
        """The activity; else 401 without proof, 400 if it cannot be read, 403 if it is not ours."""


class ByToken:
    """Lets in what Microsoft has signed for this bot, of the organisations that are let in."""

    def __init__(
        self,
        *,
        keys: SigningKeys,
        app_id: str,
        tenants: Collection[str],
        real: Callable[[], datetime],
    ) -> None:
        """Check with these keys; `real` is real time."""
        self._keys = keys
        self._app_id = app_id
        self._tenants = frozenset(tenant.lower() for tenant in tenants)
        self._real = real

    async def admit(self, request: web.Request) -> dict[str, Any]:
        """The activity; the body is not even read before the token is proven."""
        try:
            text = gate.bearer(request.headers.getall("Authorization", []))
            token = gate.claimed(text, self._app_id, self._real())
        except gate.Unproven:
            raise web.HTTPUnauthorized from None
        key = await self._keys.get(token.kid)
        if key is None or not gate.is_signed(token, key):
            raise web.HTTPUnauthorized
        activity = await _read(request)
        try:
            gate.admit(activity, token, key, self._tenants)
        except gate.Forbidden:
            raise web.HTTPForbidden from None
        return activity


class OnThisMachine:
    """Lets in what comes from this machine and is answered on it, without any proof."""

    async def admit(self, request: web.Request) -> dict[str, Any]:
        """The activity; a token is refused, for it would be a proof that nobody looks at."""
        if not _is_local(request) or "Authorization" in request.headers:
            raise web.HTTPUnauthorized
        activity = await _read(request)
        try:
            gate.admit_unproven(activity)
        except gate.Forbidden:
            raise web.HTTPForbidden from None
        return activity


async def _read(request: web.Request) -> dict[str, Any]:
    try:
        return gate.read(request.content_type, await request.read())
    except gate.BadRequest:
        raise web.HTTPBadRequest from None


def _is_local(request: web.Request) -> bool:
    """Whether a program here asked this machine by name, and no page or proxy has passed it on."""
    if not request.remote or not ip_address(request.remote).is_loopback:
        return False
    if "Origin" in request.headers or "Sec-Fetch-Site" in request.headers:
        return False
    names = {name.lower() for name in request.headers}
    if names & _FORWARDED or any(name.startswith("x-forwarded") for name in names):
        return False
    hosts = request.headers.getall("Host", [])
    return len(hosts) == 1 and _LOCAL.fullmatch(hosts[0]) is not None
