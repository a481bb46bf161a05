"""Slack in a hurry: signed requests over connections that stay open, as fast as they are answered.

Plain asyncio protocols: the client must never be what is measured.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from math import ceil
from time import perf_counter
from urllib.parse import urlsplit

from adapters.slack import gate
from adapters.slack.routes import PATH


@dataclass(frozen=True, slots=True)
class Ask:
    """One request: its body, what a right answer holds, and what it stands for."""

    body: bytes
    expects: bytes = b""
    means: tuple[str, ...] = ()


@dataclass(slots=True)
class Ran:
    """What became of a run; latencies in milliseconds, `done` in the order of the answers."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    done: list[tuple[str, ...]] = field(default_factory=list)
    wrong: int = 0

    @property
    def rate(self) -> float:
        """Right answers per second."""
        return len(self.latencies) / self.seconds

    def percentile(self, share: float) -> float:
        """The latency that this share of the answers stays within.

        >>> Ran(1.0, [3.0, 1.0, 2.0, 4.0]).percentile(0.5)
        2.0
        """
        ordered = sorted(self.latencies)
        return ordered[ceil(len(ordered) * share) - 1]


class Load:
    """People of one workspace, all at once."""

    def __init__(self, secret: str, real: Callable[[], datetime]) -> None:
        """Sign with this secret at this real time."""
        self._secret = secret
        self._real = real

    async def run(
        self,
        address: str,
        asks: Iterator[Ask],
        connections: int,
        stop: asyncio.Event,
        path: str = PATH,
    ) -> Ran:
        """Ask over so many connections until `stop` is set; what is asked then is still awaited."""
        parts, loop, ran = urlsplit(address), asyncio.get_running_loop(), Ran()
        host, port = parts.hostname or "", parts.port or 80
        head = f"POST {path} HTTP/1.1\r\nHost: {parts.netloc}\r\n".encode()

        async def one() -> None:
            transport, channel = await loop.create_connection(_Channel, host, port)
            with ExitStack() as stack:
                stack.callback(transport.close)
                while not stop.is_set():
                    ask = next(asks)
                    request = self._signed(head, ask.body)
                    before = perf_counter()
                    status, answer = await channel.ask(request)
                    if status == 200 and ask.expects in answer:
                        ran.latencies.append((perf_counter() - before) * 1000)
                        ran.done.append(ask.means)
                    else:
                        ran.wrong += 1

        began = perf_counter()
        async with asyncio.TaskGroup() as tasks:
            for _ in range(connections):
                tasks.create_task(one())
        ran.seconds = perf_counter() - began
        return ran

    def _signed(self, head: bytes, body: bytes) -> bytes:
        timestamp = str(int(self._real().timestamp()))
        return b"".join(
            (
                head,
                b"User-Agent: Slackbot 1.0 (+https://api.slack.com/robots)\r\nAccept: */*\r\n",
                b"Content-Type: application/x-www-form-urlencoded\r\n",
                b"X-Slack-Request-Timestamp: %b\r\n" % timestamp.encode(),
                b"X-Slack-Signature: %b\r\n" % gate.sign(timestamp, body, self._secret),
                b"Content-Length: %d\r\n\r\n" % len(body),
                body,
            )
        )


class _Channel(asyncio.Protocol):
    """One connection: an answer for each request, each with its length said."""

    def __init__(self) -> None:
        self._buffer = b""
        self._answered: asyncio.Future[tuple[int, bytes]] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    async def ask(self, request: bytes) -> tuple[int, bytes]:
        """The status and the body of the answer."""
        self._answered = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._answered

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, found, rest = self._buffer.partition(b"\r\n\r\n")
        if not found:
            return
        length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
        if len(rest) < int(length or 0):
            return
        self._buffer = b""
        if self._answered is not None and not self._answered.done():
            self._answered.set_result((int(head[9:12]), rest))

    def connection_lost(self, _: Exception | None) -> None:
        if self._answered is not None and not self._answered.done():
            self._answered.set_exception(ConnectionError("a server has hung up"))
