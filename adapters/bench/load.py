"""A platform in a hurry: requests over connections that stay open, as fast as they are answered.

Plain asyncio protocols: the client must never be what is measured.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from math import ceil
from time import perf_counter
from typing import TypeAlias
from urllib.parse import urlsplit

#: The lines of the head that a body needs besides, each with its end: what it is, and a proof.
Headers: TypeAlias = Callable[[bytes], bytes]
_RIGHT = (200, 201)


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


async def run(
    url: str, headers: Headers, asks: Iterator[Ask], connections: int, stop: asyncio.Event
) -> Ran:
    """Ask over so many connections until `stop` is set, or nothing is left to ask.

    What is asked then is still awaited.
    """
    parts, loop, ran = urlsplit(url), asyncio.get_running_loop(), Ran()
    host, port = parts.hostname or "", parts.port or 80
    head = f"POST {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nAccept: */*\r\n".encode()

    async def one() -> None:
        transport, channel = await loop.create_connection(_Channel, host, port)
        with ExitStack() as stack:
            stack.callback(transport.close)
            for ask in asks:
                length = b"Content-Length: %d\r\n\r\n" % len(ask.body)
                request = b"".join((head, headers(ask.body), length, ask.body))
                before = perf_counter()
                try:
                    status, answer = await channel.ask(request)
                except ConnectionError:
                    ran.wrong += 1
                    return
                if status in _RIGHT and ask.expects in answer:
                    ran.latencies.append((perf_counter() - before) * 1000)
                    ran.done.append(ask.means)
                else:
                    ran.wrong += 1
                if stop.is_set():
                    return

    began = perf_counter()
    async with asyncio.TaskGroup() as tasks:
        for _ in range(connections):
            tasks.create_task(one())
    ran.seconds = perf_counter() - began
    return ran


def after(seconds: float) -> asyncio.Event:
    """Set when this time has passed."""
    stop = asyncio.Event()
    asyncio.get_running_loop().call_later(seconds, stop.set)
    return stop


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
