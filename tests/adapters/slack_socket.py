"""Slack's side of Socket Mode: it gives addresses away, greets, brings envelopes, and waits."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from aiohttp import WSMsgType, web
from aiohttp.test_utils import TestServer

Json: TypeAlias = dict[str, Any]
APP_TOKEN = "xapp-1-A0KRETS-1-a-canary-of-a-token"


@dataclass
class Line:
    """One connection, and what came over it."""

    socket: web.WebSocketResponse
    acknowledged: dict[str, list[Json]] = field(default_factory=dict)
    #: Whether a ping is answered; a connection without is stale.
    alive: bool = True
    #: Why it was closed, once it was.
    closed: bool = False


@dataclass
class Opening:
    """An answer to `apps.connections.open` that is none."""

    answer: object
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


class SlackSockets:
    """All connections, in the order in which they were made."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        #: What the next calls for an address are answered instead.
        self.instead: list[Opening] = []
        #: What the next connections hear instead of the greeting.
        self.greetings: list[Json] = []
        #: The tokens with which an address was asked for.
        self.asked: list[str] = []
        self._tickets: set[str] = set()
        self._ids = itertools.count(1)
        self._changed = asyncio.Condition()

    def mount(self, app: web.Application) -> None:
        """Add the method and the address that it gives away."""
        app.router.add_post("/api/apps.connections.open", self._open)
        app.router.add_get("/link/", self._link)

    # --- what a test arranges and asks ----------------------------------------------------------

    async def until(self, true: Callable[[], object]) -> None:
        """Return when this has become true by something that came."""
        async with asyncio.timeout(30), self._changed:
            await self._changed.wait_for(true)

    async def line(self, number: int = 0) -> Line:
        """The first connection, or a later one, once it has been greeted."""
        await self.until(lambda: len(self.lines) > number)
        return self.lines[number]

    async def bring(self, line: Line, kind: str, payload: object, **more: Any) -> str:
        """Bring an envelope; its id."""
        id = more.setdefault("envelope_id", f"E{next(self._ids)}")
        takes = kind in ("slash_commands", "interactive")
        envelope = {"type": kind, "payload": payload, "accepts_response_payload": takes}
        await line.socket.send_json(envelope | more)
        return str(id)

    async def acknowledgement(self, line: Line, id: str) -> Json:
        """What came back for an envelope."""
        await self.until(lambda: id in line.acknowledged)
        (told,) = line.acknowledged[id]
        return told

    async def delivered(self, line: Line, kind: str, payload: object, **more: Any) -> Json:
        """Bring an envelope and wait for what comes back."""
        return await self.acknowledgement(line, await self.bring(line, kind, payload, **more))

    async def disconnect(self, line: Line, reason: str) -> None:
        """Say that this connection is about to end."""
        debug = {"host": "applink-1", "build_number": 99}
        await line.socket.send_json({"type": "disconnect", "reason": reason, "debug_info": debug})

    # --- serving --------------------------------------------------------------------------------

    async def _open(self, request: web.Request) -> web.Response:
        token = request.headers["Authorization"].removeprefix("Bearer ")
        await self._change(lambda: self.asked.append(token))
        if self.instead:
            one = self.instead.pop(0)
            return web.json_response(one.answer, status=one.status, headers=one.headers)
        ticket = f"ticket{next(self._ids)}"
        self._tickets.add(ticket)
        url = f"ws://{request.host}/link/?ticket={ticket}&app_id=A0KRETS"
        return web.json_response({"ok": True, "url": url})

    async def _link(self, request: web.Request) -> web.StreamResponse:
        self._tickets.remove(request.query["ticket"])
        socket = web.WebSocketResponse(autoping=False)
        await socket.prepare(request)
        line = Line(socket)
        open_now = sum(not one.closed for one in self.lines) + 1
        await socket.send_json(
            self.greetings.pop(0)
            if self.greetings
            else {
                "type": "hello",
                "num_connections": open_now,
                "connection_info": {"app_id": "A0KRETS"},
                "debug_info": {"host": "applink-1", "approximate_connection_time": 18060},
            }
        )
        await self._change(lambda: self.lines.append(line))
        async for message in socket:
            if message.type is WSMsgType.PING and line.alive:
                await socket.pong(message.data)
            if message.type is WSMsgType.TEXT:
                told = message.json()
                heard = line.acknowledged.setdefault(told["envelope_id"], [])
                await self._change(lambda heard=heard, told=told: heard.append(told))
        await self._change(lambda: setattr(line, "closed", True))
        return socket

    async def _change(self, change: Callable[[], object]) -> None:
        async with self._changed:
            change()
            self._changed.notify_all()


@asynccontextmanager
async def slack_sockets() -> AsyncIterator[tuple[SlackSockets, str]]:
    """Such a Slack on this machine, and the address of its Web API."""
    sockets, app = SlackSockets(), web.Application()
    sockets.mount(app)
    async with TestServer(app) as server:
        yield sockets, str(server.make_url("/api/"))
