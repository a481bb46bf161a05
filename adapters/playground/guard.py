"""Who may come in: a browser on this very machine, from a page of ours."""

import re
from collections.abc import Awaitable, Callable
from functools import wraps
from ipaddress import ip_address

from aiohttp import web
from aiohttp.typedefs import Handler

_LOOPBACK = re.compile(r"(127\.0\.0\.1|localhost|\[::1\])(:[0-9]{1,5})?", re.IGNORECASE)
_FORWARDED = {"forwarded", "via", "x-real-ip"}

_Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


def guarded(handler: _Answer) -> Handler:
    """The handler, behind the guard: what is refused looks absent, or comes from elsewhere."""

    @wraps(handler)
    async def answer(request: web.Request) -> web.StreamResponse:
        if not is_local(request):
            raise web.HTTPNotFound
        if request.method == "POST":
            if not is_own(request):
                raise web.HTTPForbidden
            if request.content_type != "application/json":
                raise web.HTTPUnsupportedMediaType
        return await handler(request)

    return answer


def is_local(request: web.Request) -> bool:
    """Whether it was asked on this machine, of this machine by name, and nobody has passed it on.

    The name alone would not do: whoever reaches an open port can write any name.
    """
    if not request.remote or not ip_address(request.remote).is_loopback:
        return False
    if any(
        name.lower() in _FORWARDED or name.lower().startswith("x-forwarded")
        for name in request.headers
    ):
        return False
    hosts = request.headers.getall("Host", [])
    return len(hosts) == 1 and _LOOPBACK.fullmatch(hosts[0]) is not None


def is_own(request: web.Request) -> bool:
    """Whether a page of ours sent it: the same origin, told by the browser."""
    origin = request.headers.get("Origin")
    site = request.headers.get("Sec-Fetch-Site")
    if origin is not None and origin.lower() != f"{request.scheme}://{request.host}".lower():
        return False
    return site == "same-origin" if site is not None else origin is not None
