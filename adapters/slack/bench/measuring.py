"""The rounds: every side does the same work in turn, and then the disk is asked what came of it."""

import asyncio
import itertools
import json
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from shutil import copytree

import aiohttp

from adapters.slack.bench import payloads
from adapters.slack.bench.bare import ANSWERING, LISTENING
from adapters.slack.bench.load import Ask, Load, Ran
from adapters.slack.bench.report import WORKS, Busy, Leg, Report
from adapters.slack.bench.servers import SECRET, CannotBench, Server, Servers
from adapters.slack.bench.stage import Stage, ballots, stage, versions

#: How many people ask at once in the rounds.
AT_ONCE = 20
GROUPS, MESSAGES = 40, 1_000
#: Seconds in which all messages must have been sent.
_LONGEST = 300.0
#: What the peer's answer holds.
_PEER_SAYS = b"Your vote is in."


@dataclass(frozen=True, slots=True)
class Plan:
    """How often, how long, and with how much."""

    rounds: int = 3
    seconds: float = 2.0
    warm_up: float = 0.3
    groups: int = GROUPS
    messages: int = MESSAGES
    #: How many people ask at once while messages are being sent.
    crowd: int = 50


class Bench:
    """One run."""

    def __init__(
        self,
        plan: Plan,
        servers: Servers,
        directory: Path,
        real: Callable[[], datetime],
        say: Callable[[str], None],
    ) -> None:
        """Put the data into this directory; `real` is real time, `say` hears how far it is."""
        self._plan = plan
        self._servers = servers
        self._directory = directory
        self._real = real
        self._say = say
        self._load = Load(SECRET, real)

    async def run(self) -> Report:
        """All of it."""
        groups = self._plan.groups
        ours = await self._stage("krets", groups, 0)
        busy = await self._stage("busy", groups, self._plan.messages)
        async with self._servers.web_api() as api:
            self._say("measuring the client")
            stop = _after(self._plan.seconds)
            idle = itertools.repeat(Ask(b"payload=%7B%7D"))
            client = await self._load.run(api.address, idle, AT_ONCE, stop, "/nothing")
            legs = await self._rounds(api.address, ours)
            crowd = await self._crowd(api.address, busy)
        return Report(self._plan.rounds, round(client.rate), legs, crowd)

    async def _stage(self, name: str, groups: int, messages: int) -> Stage:
        return await stage(self._directory / name, groups, messages, self._real, self._say)

    # --- rounds -------------------------------------------------------------------------------

    async def _rounds(self, api: str, ours: Stage) -> list[Leg]:
        thanks = json.dumps(ours.thanks).encode()
        theirs = Stage(self._directory / "peer", ours.votes, ours.thanks)
        await asyncio.to_thread(copytree, ours.directory, theirs.directory)
        before = await versions(ours.directory, ours.votes)
        legs: list[Leg] = []
        cast: dict[str, list[tuple[str, ...]]] = {"krets": [], "peer": []}
        async with AsyncExitStack() as stack:
            sides = {
                LISTENING: await stack.enter_async_context(self._servers.bare(api, LISTENING)),
                ANSWERING: await stack.enter_async_context(self._servers.bare(api, ANSWERING)),
                "krets": await stack.enter_async_context(self._servers.krets(api, ours.directory)),
            }
            if find_spec("aiosqlite") and find_spec("greenlet"):
                peer = self._servers.peer(api, theirs.directory)
                sides["peer"] = await stack.enter_async_context(peer)
            for number, work in itertools.product(range(self._plan.rounds), WORKS):
                turn = [one for one in sides if one != "peer" or work == "a vote"]
                for side in turn if number % 2 == 0 else reversed(turn):
                    self._say(f"round {number + 1} of {self._plan.rounds}: {work}, {side}")
                    says = {"krets": thanks, "peer": _PEER_SAYS}.get(side, b"")
                    asks = self._asks(work, ours, api, says)
                    leg, done = await self._leg(work, side, sides[side], asks)
                    legs.append(leg)
                    cast.get(side, []).extend(one for one in done if one)
        for made, side in ((ours, "krets"), (theirs, "peer")):
            await self._check(made, before, cast[side])
        return legs

    def _asks(self, work: str, made: Stage, api: str, says: bytes) -> Iterator[Ask]:
        match work:
            case "/krets":
                return payloads.commands(made.votes, "", api)
            case "/krets help":
                return payloads.commands(made.votes, "help", api)
            case _:
                return payloads.submissions(made.votes, says)

    async def _leg(
        self, work: str, side: str, server: Server, asks: Iterator[Ask]
    ) -> tuple[Leg, list[tuple[str, ...]]]:
        """One side does one work for a while, after a moment to get warm."""
        warm = await self._load.run(server.address, asks, AT_ONCE, _after(self._plan.warm_up))
        before = server.worked()
        ran = await self._load.run(server.address, asks, AT_ONCE, _after(self._plan.seconds))
        after = server.worked()
        _right(warm, side)
        _right(ran, side)
        cost = None if before is None or after is None else (after - before) / len(ran.latencies)
        leg = Leg(work, side, ran.rate, ran.percentile(0.5), ran.percentile(0.99), cost)
        return leg, warm.done + ran.done

    async def _check(self, made: Stage, before: int, cast: list[tuple[str, ...]]) -> None:
        """Each vote that was answered is on the disk, once, and the last of each person counts."""
        if not cast:
            return
        changed = await versions(made.directory, made.votes) - before
        if changed != len(cast):
            raise CannotBench(
                f"{len(cast)} votes were answered and {changed} committed: no figure."
            )
        found = await ballots(made.directory, made.votes)
        if any(found[group, voter] != case for (group, voter), case in _last(cast).items()):
            raise CannotBench("A vote that was answered is not on the disk: no figure.")

    # --- while messages are being sent --------------------------------------------------------

    async def _crowd(self, api: str, made: Stage) -> Busy:
        """Many people at once, from the start until the last message has been sent."""
        self._say(f"{self._plan.crowd} at once while {made.waiting} messages are being sent")
        before = await versions(made.directory, made.votes)
        commands = payloads.commands(made.votes, "help", api)
        votes = payloads.submissions(made.votes, json.dumps(made.thanks).encode())
        sent = await _posted(api)
        async with self._servers.krets(api, made.directory) as server:
            stop = asyncio.Event()
            watching = asyncio.create_task(_until_posted(api, sent + made.waiting, stop))
            asks = payloads.mixed(commands, votes)
            ran = await self._load.run(server.address, asks, self._plan.crowd, stop)
            await watching
        _right(ran, "krets")
        await self._check(made, before, [one for one in ran.done if one])
        return Busy(made.waiting, ran.seconds, ran.rate, ran.percentile(0.5), ran.percentile(0.99))


def _right(ran: Ran, side: str) -> None:
    if ran.wrong or not ran.latencies:
        raise CannotBench(f"{ran.wrong} answers of {side} were wrong: no figure.")


def _last(cast: list[tuple[str, ...]]) -> dict[tuple[str, str], str]:
    """Who voted for what in the end.

    >>> _last([("g", "anna", "a"), ("g", "bo", "b"), ("g", "anna", "b")])
    {('g', 'anna'): 'b', ('g', 'bo'): 'b'}
    """
    return {(group, voter): case for group, voter, case in cast}


def _after(seconds: float) -> asyncio.Event:
    """Set when this time has passed."""
    stop = asyncio.Event()
    asyncio.get_running_loop().call_later(seconds, stop.set)
    return stop


async def _posted(api: str) -> int:
    """How many messages the Web API has taken."""
    async with aiohttp.ClientSession() as session, session.get(f"{api}/counts") as got:
        counts: dict[str, int] = await got.json()
        return counts.get("chat.postMessage", 0)


async def _until_posted(api: str, messages: int, stop: asyncio.Event) -> None:
    """Set `stop` when the Web API has taken so many messages."""
    try:
        async with asyncio.timeout(_LONGEST):
            while await _posted(api) < messages:
                await asyncio.sleep(0.1)
    except TimeoutError:
        raise CannotBench(f"Not all messages were sent within {_LONGEST:.0f} s.") from None
    finally:
        stop.set()
