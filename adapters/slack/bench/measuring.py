"""The rounds: every side does the same work in turn, and then the disk is asked what came of it."""

import asyncio
import itertools
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from shutil import copytree

import aiohttp
from pydantic_core import to_json

from adapters.bench.figures import Leg
from adapters.bench.load import Ask, after, run
from adapters.bench.processes import CannotBench
from adapters.bench.rounds import AT_ONCE, Pace, check, leg, right
from adapters.bench.stage import Stage, stage, travel, versions
from adapters.slack.bench import payloads
from adapters.slack.bench.bare import ANSWERING, LISTENING
from adapters.slack.bench.report import VOTE, WORKS, Busy, Report
from adapters.slack.bench.scenery import SLACK
from adapters.slack.bench.servers import SECRET, Servers
from adapters.slack.routes import PATH

GROUPS, MESSAGES = 40, 1_000
#: Seconds in which all messages must have been sent.
_LONGEST = 300.0
#: What the peer's answer holds.
_PEER_SAYS = b"Your vote is in."


@dataclass(frozen=True, slots=True)
class Plan:
    """How often, how long, and with how much."""

    pace: Pace
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
        self._signed = payloads.signed(SECRET, real)

    async def run(self) -> Report:
        """All of it."""
        groups = self._plan.groups
        ours = await self._stage("krets", groups, 0)
        busy = await self._stage("busy", groups, self._plan.messages)
        async with self._servers.web_api() as api:
            self._say("measuring the client")
            idle, stop = itertools.repeat(Ask(b"payload=%7B%7D")), after(self._plan.pace.seconds)
            client = await run(f"{api.address}/nothing", self._signed, idle, AT_ONCE, stop)
            legs = await self._rounds(api.address, ours)
            crowd = await self._crowd(api.address, busy)
        return Report(self._plan.pace.rounds, round(client.rate), legs, crowd)

    async def _stage(self, name: str, groups: int, messages: int) -> Stage:
        made = await stage(self._directory / name, SLACK, groups, messages, self._say)
        await travel(made, self._real)
        return made

    # --- rounds -------------------------------------------------------------------------------

    async def _rounds(self, api: str, ours: Stage) -> list[Leg]:
        thanks = to_json(ours.thanks)
        theirs = replace(ours, directory=self._directory / "peer")
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
            for number, work in itertools.product(range(self._plan.pace.rounds), WORKS):
                turn = [one for one in sides if one != "peer" or work == VOTE]
                for side in turn if number % 2 == 0 else reversed(turn):
                    self._say(f"round {number + 1} of {self._plan.pace.rounds}: {work}, {side}")
                    says = {"krets": thanks, "peer": _PEER_SAYS}.get(side, b"")
                    asks = self._asks(work, ours, api, says)
                    pace, server = self._plan.pace, sides[side]
                    made, done = await leg(pace, work, side, server, PATH, self._signed, asks)
                    legs.append(made)
                    cast.get(side, []).extend(one for one in done if one)
        for there, side in ((ours, "krets"), (theirs, "peer")):
            await check(there.directory, there.votes, before, cast[side])
        return legs

    def _asks(self, work: str, made: Stage, api: str, says: bytes) -> Iterator[Ask]:
        match work:
            case "/krets":
                return payloads.commands(made.votes, "", api)
            case "/krets help":
                return payloads.commands(made.votes, "help", api)
            case _:
                return payloads.submissions(made.votes, says)

    # --- while messages are being sent --------------------------------------------------------

    async def _crowd(self, api: str, made: Stage) -> Busy:
        """Many people at once, from the start until the last message has been sent."""
        self._say(f"{self._plan.crowd} at once while {made.waiting} messages are being sent")
        before = await versions(made.directory, made.votes)
        commands = payloads.commands(made.votes, "help", api)
        votes = payloads.submissions(made.votes, to_json(made.thanks))
        sent = await _posted(api)
        async with self._servers.krets(api, made.directory) as server:
            stop = asyncio.Event()
            watching = asyncio.create_task(_until_posted(api, sent + made.waiting, stop))
            asks = payloads.mixed(commands, votes)
            url = server.address + PATH
            ran = await run(url, self._signed, asks, self._plan.crowd, stop)
            await watching
        right(ran, "krets")
        await check(made.directory, made.votes, before, [one for one in ran.done if one])
        return Busy(made.waiting, ran.seconds, ran.rate, ran.percentile(0.5), ran.percentile(0.99))


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
