"""The rounds: every side does the same work in turn, and then it is asked what came of it."""

import itertools
import json
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import aiohttp

from adapters.bench.figures import KRETS, Leg
from adapters.bench.load import Ask, Headers, Ran, after, run
from adapters.bench.processes import CannotBench, Server, started
from adapters.bench.rounds import AT_ONCE, Pace, check, leg, right
from adapters.bench.stage import Stage, stage, versions
from adapters.teams.bench import payloads
from adapters.teams.bench.organisations import SERVICE
from adapters.teams.bench.proof import token
from adapters.teams.bench.report import (
    ACKNOWLEDGING,
    AS_IT_COMES,
    HELP,
    HOME,
    MENDED,
    REPLYING,
    SENT,
    VOTE,
    Report,
)
from adapters.teams.bench.scenery import TEAMS, introduce_rooms
from adapters.teams.bench.servers import Servers
from adapters.teams.routes import PATH
from adapters.text import inert

#: So many organisations and people that Microsoft's limits do not show.
GROUPS = 60


@dataclass(frozen=True, slots=True)
class Side:
    """Who is asked, where it is told that Teams is, and with which proof."""

    server: Server
    service_url: str
    headers: Headers


class Bench:
    """One run."""

    def __init__(
        self,
        pace: Pace,
        servers: Servers,
        directory: Path,
        real: Callable[[], datetime],
        say: Callable[[str], None],
        groups: int = GROUPS,
    ) -> None:
        """Put the data into this directory; `real` is real time, `say` hears how far it is."""
        self._pace = pace
        self._servers = servers
        self._directory = directory
        self._real = real
        self._say = say
        self._groups = groups

    async def run(self) -> Report:
        """All of it."""
        made = await stage(self._directory / "krets", TEAMS, self._groups, 0, self._say)
        await introduce_rooms(made)
        async with self._servers.microsoft() as microsoft:
            self._say("measuring the client")
            idle, stop = itertools.repeat(Ask(b"{}")), after(self._pace.seconds)
            nothing, plain = f"{microsoft.address}/nothing", payloads.proven("")
            client = await run(nothing, plain, idle, AT_ONCE, stop)
            legs = await self._rounds(microsoft.address, made)
            legs += await self._bulk(microsoft.address)
        return Report(self._pace.rounds, round(client.rate), legs)

    # --- what comes in ------------------------------------------------------------------------

    async def _rounds(self, microsoft: str, made: Stage) -> list[Leg]:
        thanks = json.dumps(inert(made.thanks)).encode()
        before = await versions(made.directory, made.votes)
        legs: list[Leg] = []
        cast: list[tuple[str, ...]] = []
        async with AsyncExitStack() as stack:
            servers = {one: self._servers.bare(one) for one in (ACKNOWLEDGING, REPLYING)}
            there = await started(stack, servers | {KRETS: self._servers.krets(made)})
            sides = {
                ACKNOWLEDGING: self._side(there[ACKNOWLEDGING], SERVICE, self._real()),
                REPLYING: self._side(there[REPLYING], f"{microsoft}/", self._real()),
                KRETS: self._side(there[KRETS], SERVICE, made.at),
            }
            await self._greet(made, sides[KRETS])
            for number, work in itertools.product(range(self._pace.rounds), (HOME, HELP, VOTE)):
                turn = [one for one in sides if one != REPLYING or work != VOTE]
                for name in turn if number % 2 == 0 else reversed(turn):
                    self._say(f"round {number + 1} of {self._pace.rounds}: {work}, {name}")
                    side, ours = sides[name], name == KRETS
                    asks = _asks(work, made, side.service_url, thanks if ours else b"")
                    sent = await _sent(microsoft)
                    done, means = await leg(
                        self._pace, work, name, side.server, PATH, side.headers, asks
                    )
                    legs.append(done)
                    if ours and work == VOTE:
                        cast += means
                    elif ours and await _sent(microsoft) - sent < len(means):
                        raise CannotBench("A command was not answered by a message: no figure.")
        await check(made.directory, made.votes, before, cast)
        return legs

    def _side(self, server: Server, service_url: str, now: datetime) -> Side:
        return Side(server, service_url, payloads.proven(token(service_url, now)))

    async def _greet(self, made: Stage, krets: Side) -> None:
        """Everybody writes once: whoever has not for a while costs a little more, and only then."""
        self._say("everybody says hello")
        asks = payloads.commands(made.votes, HELP, krets.service_url)
        url, never = krets.server.address + PATH, after(3600)
        right(await run(url, krets.headers, asks, AT_ONCE, never), KRETS)

    # --- what goes out ------------------------------------------------------------------------

    async def _bulk(self, microsoft: str) -> list[Leg]:
        legs: list[Leg] = []
        address = f"{microsoft}/"
        async with AsyncExitStack() as stack:
            sdk = {one: self._servers.sdk_bulk(address, one) for one in (MENDED, AS_IT_COMES)}
            sides = await started(stack, {KRETS: self._servers.bulk(address)} | sdk)
            for number in range(self._pace.rounds):
                for side in sides if number % 2 == 0 else reversed(sides):
                    self._say(f"round {number + 1} of {self._pace.rounds}: {SENT}, {side}")
                    legs.append(await self._send(side, sides[side], microsoft))
        return legs

    async def _send(self, side: str, server: Server, microsoft: str) -> Leg:
        """One side sends for a while, after a moment to get warm; all must have come."""
        await _sending(server, self._pace.warm_up)
        sent, before = await _sent(microsoft), server.worked()
        ran = await _sending(server, self._pace.seconds)
        worked, count = server.worked(), len(ran.latencies)
        if await _sent(microsoft) - sent != count:
            raise CannotBench(f"Not all messages of {side} have come: no figure.")
        cost = None if before is None or worked is None else (worked - before) / count
        return Leg(SENT, side, ran.rate, ran.percentile(0.5), ran.percentile(0.99), cost)


def _asks(work: str, made: Stage, service_url: str, says: bytes) -> Iterator[Ask]:
    if work == VOTE:
        return payloads.submissions(made.votes, service_url, says)
    return payloads.again(made.votes, work, service_url)


async def _sending(server: Server, seconds: float) -> Ran:
    url, timeout = f"{server.address}/send?seconds={seconds}", aiohttp.ClientTimeout()
    session = aiohttp.ClientSession(timeout=timeout, raise_for_status=True)
    async with session, session.post(url) as got:
        return Ran(**await got.json())


async def _sent(microsoft: str) -> int:
    """How many messages Microsoft has taken."""
    async with aiohttp.ClientSession() as session, session.get(f"{microsoft}/counts") as got:
        counts: dict[str, int] = await got.json()
        return counts.get("sent", 0)
