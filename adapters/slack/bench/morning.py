"""`krets bench morning`: many groups' check-ins at once, while people go on pressing buttons."""

import argparse
import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import aiohttp

from adapters.bench.command import say
from adapters.bench.crowd import Crowd, crowd, name
from adapters.bench.load import run as ask
from adapters.bench.processes import CannotBench, Processes, Server
from adapters.bench.rounds import right
from adapters.bench.stage import database
from adapters.bench.story import Vote, group_id
from adapters.slack.bench import payloads
from adapters.slack.bench.scenery import TEN, TENS
from adapters.slack.bench.servers import SECRET, Servers
from adapters.slack.routes import PATH
from bot.core.action import CheckIn
from bot.programme import ProgrammeTime
from bot.store import Store

DESCRIPTION = """\
Sets up so many groups of ten that all check in at the same minute, and starts Krets a few seconds
before, in one process on SQLite, beside a fake Slack that takes 80 ms for each call. Meanwhile 50
people at once write `/krets help`, or press *Check in*, which opens a form. It ends when all
private messages and cards have been posted. 2000 groups take about ten minutes.
"""

#: Seconds that Slack takes, and how many people ask at once.
_TAKES, _CROWD = 0.08, 50
#: Programme time at the start, before all that is due.
_BEFORE = timedelta(seconds=5)
#: Milliseconds.
_LIMIT = 500.0
#: Seconds without a single message after which it counts as stuck.
_STUCK = 120


@dataclass(frozen=True, slots=True)
class Morning:
    """What was measured."""

    groups: int
    messages: int
    #: From the first message to the last.
    seconds: float
    asked: int
    #: Of these, presses that opened a form.
    forms: int
    p50: float
    p99: float
    #: Messages that nobody needed: more than were to be posted.
    spare: int
    #: Calls that Slack would have refused, since they came faster than it allows.
    too_fast: int
    limit: float = _LIMIT

    @property
    def met(self) -> bool:
        """Whether all that is promised was kept."""
        return self.p99 < self.limit and self.spare == 0 == self.too_fast

    def table(self) -> str:
        """For a reader."""
        verdict = "met" if self.met else "MISSED"
        return (
            f"{self.groups} groups: {self.messages} messages and cards in {self.seconds:.0f} s,"
            f" {self.messages / self.seconds:.0f} a second; {self.spare} too many,"
            f" {self.too_fast} faster than Slack allows\n"
            f"{self.asked} commands and presses meanwhile, {_CROWD} at once, of which {self.forms}"
            f" opened a form: p50 {self.p50:.0f} ms,"
            f" p99 {self.p99:.0f} ms (under {self.limit:.0f} ms, none twice, none too fast:"
            f" {verdict})\n"
        )

    def as_json(self) -> str:
        """For a program."""
        return json.dumps(asdict(self) | {"met": self.met}, indent=2) + "\n"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What can be chosen."""
    parser.description = DESCRIPTION
    parser.add_argument("--groups", type=int, default=2000, help="how many (%(default)s)")
    parser.add_argument("--json", action="store_true", help="for programs")
    parser.add_argument(
        "--directory", type=Path, metavar="DIR", help="where the database lies while it runs"
    )


def run(
    chosen: argparse.Namespace, environment: Mapping[str, str], real: Callable[[], datetime]
) -> str:
    """Measure, and return what is to be printed."""
    with TemporaryDirectory(prefix="krets-bench-", dir=chosen.directory) as made:
        servers = Servers(Processes(environment, Path(made) / "log"))
        try:
            found = asyncio.run(measure(Path(made) / "krets", servers, chosen.groups, real))
        except* CannotBench as group:
            raise group.exceptions[0] from None
        finally:
            say("")
    return found.as_json() if chosen.json else found.table()


async def measure(
    directory: Path, servers: Servers, groups: int, real: Callable[[], datetime]
) -> Morning:
    """Measure in this directory, which is not there yet."""
    made = await crowd(directory, TENS, groups, say)
    store = Store(database(directory))
    await ProgrammeTime(real).set(store, made.due_at - _BEFORE)
    await store.close()
    async with servers.web_api(_TAKES, TEN) as api, servers.krets(api.address, directory) as krets:
        return await _live(made, api.address, krets, real)


async def _live(made: Crowd, api: str, krets: Server, real: Callable[[], datetime]) -> Morning:
    """People ask for help and check in until the last message is there."""
    people = [
        Vote(group_id(name(number)), one.room, {}, one.members, ())
        for number, one in enumerate(made.troupes)
    ]
    asks = payloads.mixed(
        payloads.commands(people, "help", api),
        payloads.presses(people, partial(CheckIn, meeting=1)),
    )
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    began: list[float] = []

    async def watch() -> dict[str, int]:
        posted, last = 0, loop.time()
        counts: dict[str, int] = {}
        async with aiohttp.ClientSession() as session:
            while posted < made.messages:
                await asyncio.sleep(0.2)
                async with session.get(f"{api}/counts") as got:
                    counts = await got.json()
                now = counts.get("chat.postMessage", 0)
                if now > posted:
                    last = loop.time()
                    if not began:
                        began.append(last)
                    say(f"{now} of {made.messages} messages")
                elif loop.time() - last > _STUCK:
                    stop.set()
                    raise CannotBench(f"Stuck after {posted} of {made.messages} messages.")
                posted = now
        began.append(loop.time())
        stop.set()
        return counts

    watching = asyncio.create_task(watch())
    ran = await ask(krets.address + PATH, payloads.signed(SECRET, real), asks, _CROWD, stop)
    counts = await watching
    right(ran, "krets")
    first, last = began
    return Morning(
        groups=made.groups,
        messages=made.messages,
        seconds=last - first,
        asked=len(ran.latencies),
        forms=counts.get("views.open", 0),
        p50=ran.percentile(0.5),
        p99=ran.percentile(0.99),
        spare=counts["chat.postMessage"] - made.messages,
        too_fast=counts["too fast"],
    )
