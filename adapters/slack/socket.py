"""Socket Mode: Slack brings what it would send to `/slack/events` over a connection of ours."""

import asyncio
import json
import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Any, TypeAlias
from urllib.parse import urlsplit

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.web.async_client import AsyncWebClient

from adapters.answers import retry_after
from adapters.slack.client import client, silent
from adapters.slack.gate import BadRequest, Incoming, Kind

log = logging.getLogger(__name__)

#: Decides and commits, then answers: the status and the body that HTTP would carry.
Handler: TypeAlias = Callable[[Incoming], Awaitable[tuple[int, str]]]

_KINDS: Mapping[object, Kind] = {
    "events_api": "event",
    "slash_commands": "command",
    "interactive": "interaction",
}
#: Slack closes the connection soon, and lets a new one be opened before.
_SOON = frozenset({"refresh_requested", "warning"})
#: Seconds until a new connection must have greeted.
_GREETING = 15
#: Seconds that what has come is waited for before a connection is closed, and for the goodbye.
_IN_FLIGHT, _GOODBYE = 5, 1
#: Seconds between two pings; without an answer to four of them a connection is stale.
_PING = 5
_LONGEST = timedelta(minutes=1)
#: A code of Slack's, which may be logged.
_CODE = re.compile(r"[a-z0-9_]{1,64}", re.ASCII)


class NoSocket(Exception):
    """There is no connection. Says a code, and how long Slack asks to wait."""

    def __init__(self, code: str, after: timedelta = timedelta(0)) -> None:
        """`code` is Slack's, or the name of a type."""
        super().__init__(code)
        self.code = code
        self.after = after


def pause(failures: int) -> timedelta:
    """How long to wait after so many failures in a row.

    >>> [pause(failures).total_seconds() for failures in (1, 2, 5, 9)]
    [1.0, 2.0, 16.0, 60.0]
    """
    return min(timedelta(seconds=2 ** min(failures - 1, 6)), _LONGEST)


# --- what comes, and what goes back -------------------------------------------------------------


def read(message: Mapping[str, Any]) -> Incoming | None:
    """What an envelope holds; None for a type that Krets knows nothing of. Raises `BadRequest`.

    >>> read({"type": "slash_commands", "payload": {"command": "/krets"}})
    Incoming(kind='command', payload={'command': '/krets'})
    >>> read({"type": "weather_report", "payload": {}})
    """
    kind, payload = _KINDS.get(message.get("type")), message.get("payload")
    if kind is None:
        return None
    if not isinstance(payload, dict):
        raise BadRequest("no payload")
    if kind != "command" and not isinstance(payload.get("type"), str):
        raise BadRequest("not an object with a type")
    try:
        json.dumps(payload, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError):
        raise BadRequest("not JSON") from None
    return Incoming(kind, payload)


def acknowledgement(message: Mapping[str, Any], body: str) -> dict[str, Any]:
    """What tells Slack that an envelope has been dealt with, with the answer where it takes one.

    >>> acknowledgement({"envelope_id": "1", "accepts_response_payload": True}, '{"text": "Hej"}')
    {'envelope_id': '1', 'payload': {'text': 'Hej'}}
    >>> acknowledgement({"envelope_id": "1"}, '{"text": "Hej"}')
    {'envelope_id': '1'}
    """
    told: dict[str, Any] = {"envelope_id": message["envelope_id"]}
    if message.get("accepts_response_payload") is True and body:
        told["payload"] = json.loads(body) if body.startswith("{") else {"text": body}
    return told


# --- one connection -----------------------------------------------------------------------------


class _Line(SocketModeClient):
    """One connection, which is never replaced from inside: when it is over, it says why."""

    def __init__(self, app_token: str, web: AsyncWebClient, handler: Handler, ping: float) -> None:
        super().__init__(app_token, logger=silent(), web_client=web, ping_interval=ping)
        self.proxy = web.proxy
        # The library leaves the types of these two unsaid.
        self._connect: Callable[[], Awaitable[None]] = self.connect
        self._close: Callable[[], Awaitable[None]] = self.close
        self._handler = handler
        self._running: set[asyncio.Task[None]] = set()
        loop = asyncio.get_running_loop()
        self.greeted: asyncio.Future[None] = loop.create_future()
        #: Why it is over: Slack's word, or `closed`.
        self.over: asyncio.Future[str] = loop.create_future()

    async def open(self) -> None:
        """Connect, and wait for Slack's greeting; raises `NoSocket`."""
        heard: list[asyncio.Future[Any]] = [self.greeted, self.over]
        try:
            async with asyncio.timeout(_GREETING):
                self.wss_uri = await self._address()
                await self._connect()
                await asyncio.wait(heard, return_when=asyncio.FIRST_COMPLETED)
        except NoSocket:
            raise
        except Exception as error:  # whatever it is, there is no connection
            raise NoSocket(type(error).__name__) from None
        if not self.greeted.done():
            raise NoSocket(self.over.result())

    async def _address(self) -> str:
        """Where to connect, for once and soon."""
        try:
            answer = await self.web_client.apps_connections_open(app_token=self.app_token)
        except SlackApiError as error:
            raise _refusal(error) from None
        address = answer.get("url")
        schemes = ("wss", "ws") if self.web_client.base_url.startswith("http://") else ("wss",)
        if not isinstance(address, str) or urlsplit(address).scheme not in schemes:
            raise NoSocket("no_address")
        return address

    async def connect_to_new_endpoint(self, force: bool = False) -> None:
        """The library wants another connection: this one is over."""
        self._end("closed")

    async def run_message_listeners(self, message: dict[str, Any], raw_message: str) -> None:
        """Deal with one message, and let it be finished before the connection is closed."""
        if (task := asyncio.current_task()) is not None:
            self._running.add(task)
            task.add_done_callback(self._running.discard)
        match message.get("type"):
            case "hello":
                if not self.greeted.done():
                    self.greeted.set_result(None)
            case "disconnect":
                self._end(_code(message.get("reason"), "disconnect"))
            case _:
                await self._deal_with(message)

    async def _deal_with(self, message: dict[str, Any]) -> None:
        """Answer, and acknowledge only what is done: Slack delivers the rest again."""
        if not isinstance(message.get("envelope_id"), str):
            return
        try:
            incoming = read(message)
            status, body = await self._handler(incoming) if incoming else (200, "")
            if status == 200:
                await self.send_socket_mode_response(acknowledgement(message, body))
        except BadRequest:
            log.warning("an envelope could not be read")
        except ConnectionError:
            log.warning("an envelope was dealt with, but not acknowledged")
        except Exception as error:
            log.error("an envelope failed: %s", type(error).__name__)

    def _end(self, why: str) -> None:
        if not self.over.done():
            self.over.set_result(why)

    async def leave(self) -> None:
        """Finish what has come, say goodbye, and let go of everything."""
        if self._running:
            await asyncio.wait(self._running, timeout=_IN_FLIGHT)
        with suppress(TimeoutError, aiohttp.ClientError, OSError):
            async with asyncio.timeout(_GOODBYE):
                await self._close()
        parts = (self.message_processor, self.message_receiver, self.current_session_monitor)
        for part in parts:
            if part is not None:
                part.cancel()
        await asyncio.gather(*filter(None, parts), *self._running, return_exceptions=True)
        await self.aiohttp_client_session.close()


def _code(said: object, otherwise: str) -> str:
    return said if isinstance(said, str) and _CODE.fullmatch(said) else otherwise


def _refusal(error: SlackApiError) -> NoSocket:
    """Why Slack gives no address."""
    answer = error.response
    data = getattr(answer, "data", None)
    said = data.get("error") if isinstance(data, dict) else None
    headers = getattr(answer, "headers", None) or {}
    small = {str(name).lower(): str(value) for name, value in headers.items()}
    if getattr(answer, "status_code", 0) == 429 or said == "ratelimited":
        after = retry_after(small.get("retry-after", ""), small.get("date", ""))
        return NoSocket("ratelimited", after)
    return NoSocket(_code(said, f"status_{getattr(answer, 'status_code', 0)}"))


# --- always one connection ----------------------------------------------------------------------


class SlackSocket:
    """Keeps a connection to Slack, and opens the next before Slack closes one."""

    def __init__(
        self,
        *,
        app_token: str,
        api_url: str,
        handler: Handler,
        pause: Callable[[int], timedelta] = pause,
        ping: float = _PING,
    ) -> None:
        """Bring what comes to this handler; `pause` is the wait after failures, `ping` seconds."""
        self._app_token = app_token
        self._api_url = api_url
        self._handler = handler
        self._pause = pause
        self._ping = ping
        self._lines: list[_Line] = []

    async def run(self, stop: asyncio.Event) -> None:
        """Listen until `stop` is set, and finish what has come. No failure ends it."""
        async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
            keeping = asyncio.create_task(
                self._keep(client(self._app_token, self._api_url, session))
            )
            await stop.wait()
            keeping.cancel()
            await asyncio.wait([keeping])
            await asyncio.gather(*map(self._leave, tuple(self._lines)))

    async def _keep(self, web: AsyncWebClient) -> None:
        failures = 0
        while True:
            try:
                line = await self._open(web)
                failures = 0
                log.info("the socket to Slack is open")
                why = await line.over
                if why in _SOON:
                    continue
                await self._leave(line)
                raise NoSocket(why)
            except NoSocket as error:
                failures += 1
                wait = max(error.after, self._pause(failures))
                log.warning(
                    "no socket to Slack: %(code)s; trying again in %(seconds).0f s",
                    {"code": error.code, "seconds": wait.total_seconds()},
                )
            await asyncio.sleep(wait.total_seconds())

    async def _open(self, web: AsyncWebClient) -> _Line:
        """A connection in the place of all others."""
        line = _Line(self._app_token, web, self._handler, self._ping)
        elder = tuple(self._lines)
        self._lines.append(line)
        try:
            await line.open()
        except NoSocket:
            await self._leave(line)
            raise
        await asyncio.gather(*map(self._leave, elder))
        return line

    async def _leave(self, line: _Line) -> None:
        await line.leave()
        self._lines.remove(line)
