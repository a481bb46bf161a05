"""The web application: what all platforms share. A platform mounts its own routes."""

import logging
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import TypeAlias

from aiohttp import web
from aiohttp.typedefs import Handler

log = logging.getLogger(__name__)

#: Adds a platform's routes to the application.
Mount: TypeAlias = Callable[[web.Application], None]

#: Bytes of one request's body.
LIMIT = 256 * 1024

#: The token of a private address in a route; whoever has it may open the address.
UNGUESSABLE = "{token:[0-9a-f]{32,64}}"
#: What keeps a private address out of the lists of search engines.
UNSEEN = {"X-Robots-Tag": "noindex, nofollow, noarchive"}

_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none';"
        " object-src 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def application(ready: Callable[[], Awaitable[bool]], *mounts: Mount) -> web.Application:
    """The application; it is ready when `ready` says so, and has what the mounts add."""

    async def healthz(_: web.Request) -> web.Response:
        return web.Response(text="ok\n")

    async def readyz(_: web.Request) -> web.Response:
        try:
            if await ready():
                return web.Response(text="ready\n")
        except Exception as error:
            log.error("not ready: %(error)s", {"error": type(error).__name__})
        return web.Response(status=503, text="not ready\n")

    app = web.Application(client_max_size=LIMIT, middlewares=[_errors])
    app.router.add_get("/healthz", healthz)
    app.router.add_get("/readyz", readyz)
    app.on_response_prepare.append(_head)
    for mount in mounts:
        mount(app)
    return app


def runner(app: web.Application, patience: float) -> web.AppRunner:
    """What serves the application, without a log of who asked for what.

    A stop waits so many seconds for answers to what came before it, and as long once more for those
    that it then cuts off.
    """
    return web.AppRunner(app, access_log=None, shutdown_timeout=patience)


async def _head(_: web.Request, response: web.StreamResponse) -> None:
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)


@web.middleware
async def _errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer every error by its number alone, and log a fault of ours by its type alone."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        if error.status < HTTPStatus.BAD_REQUEST:
            raise
        return _short(request, error.status, error.headers.get("Allow"))
    except web.RequestPayloadError:  # cut off, or packed badly
        return _short(request, HTTPStatus.BAD_REQUEST)
    except Exception as error:
        resource = request.match_info.route.resource
        where = resource.canonical if resource else "?"
        which = {"method": request.method, "route": where, "error": type(error).__name__}
        log.error("%(method)s %(route)s failed: %(error)s", which)
        return _short(request, HTTPStatus.INTERNAL_SERVER_ERROR)


def _short(request: web.Request, status: int, allow: str | None = None) -> web.Response:
    """A number and its standard phrase, as a page for a reader and as JSON for a program."""
    headers = {"Allow": allow} if allow else {}
    phrase = HTTPStatus(status).phrase
    if "text/html" not in request.headers.get("Accept", ""):
        return web.json_response({"error": phrase}, status=status, headers=headers)
    page = (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        f"<title>{status} {phrase}</title><h1>{status} {phrase}</h1>"
    )
    return web.Response(text=page, content_type="text/html", status=status, headers=headers)
