"""The other side: a Microsoft that says yes to all that is asked, and counts it.

    python -m adapters.teams.bench.microsoft <path of a socket>

Krets calls Microsoft's own addresses, which lead to the socket; others call the port.
"""

import asyncio
import itertools
import sys
from collections import Counter
from typing import Any

from aiohttp import BaseConnector, UnixConnector, web

from adapters.bench import child
from adapters.teams.bench.organisations import people
from adapters.teams.bench.proof import listed
from adapters.teams.gate import ISSUER

_LOGIN = "https://login.microsoftonline.com"
_KEYS = "https://login.botframework.com/v1/.well-known/keys"


def leading_to(socket: str) -> BaseConnector:
    """Leads whoever calls any address to this socket; nothing is encrypted on the way."""
    return UnixConnector(socket)


class Microsoft:
    """What Krets calls; `/counts` tells how often each was, `/nothing` does nothing.

    It is no application with routes, for those would take longer than the one who is measured.
    """

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._ids = itertools.count(1)

    async def answer(self, request: web.BaseRequest) -> web.Response:
        """Say yes."""
        await request.read()
        match request.method, request.path.strip("/").split("/"):
            case "PUT", [*_, "activities", _]:
                self._counts["changed"] += 1
                return web.json_response({})
            case "POST", [*_, "activities"] | [*_, "activities", _]:  # or an answer to a message
                self._counts["sent"] += 1
                return web.json_response({"id": str(next(self._ids))}, status=201)
            case "GET", [*_, room, "pagedmembers"]:
                return web.json_response({"members": _roster(room)})
            case _, ["counts"]:
                return web.json_response(self._counts)
            case _, ["nothing"]:
                return web.Response()
            case _, [*_, "openidconfiguration"]:
                return web.json_response({"issuer": ISSUER, "jwks_uri": _KEYS})
            case _, [*_, "keys"]:
                return web.json_response({"keys": [listed()]})
            case _, [tenant, _, _, "openid-configuration"]:
                return web.json_response(_places(f"{_LOGIN}/{tenant}"))
            case _, [*_, "token"]:
                token = {"token_type": "Bearer", "expires_in": 3599, "access_token": "bench"}
                return web.json_response(token)
            case _:
                return web.Response(status=404)


def _places(base: str) -> dict[str, str]:
    """Where tokens are asked for."""
    return {
        "issuer": f"{base}/v2.0",
        "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
        "token_endpoint": f"{base}/oauth2/v2.0/token",
    }


def _roster(room: str) -> list[dict[str, Any]]:
    """Who is in a group's chat.

    >>> _roster("19:g001@thread.v2")[0]
    {'id': '29:g001-l1', 'aadObjectId': 'g001-l1'}
    """
    _, leaders, members = people(room.removeprefix("19:").partition("@")[0])
    return [{"id": f"29:{one}", "aadObjectId": one} for one in (*leaders, *members)]


async def _main(socket: str) -> None:
    server = web.Server(Microsoft().answer, access_log=None)
    await child.listen(web.ServerRunner(server), socket)


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1]))
