"""Kill web, worker, clock and PostgreSQL while people open groups; nothing lost, nothing twice.

    python -m tests.kills_several [--kills 20] [--groups 100] [--seed 1]

One web, two workers and two clocks run beside a small Slack, on a PostgreSQL of their own. Somebody
opens one group after the other; those who are to lead are asked in their own chats. Meanwhile one
process after the other is killed with SIGKILL, the server among them, and started again. In the end
all are left alone until nothing waits: is each group there that was answered, and was everybody
asked once?
"""

import argparse
import asyncio
import random
import sys
import tempfile
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, closing, suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import aiohttp
from aiohttp.test_utils import TestServer

from bot.keyring import new_master
from bot.realtime import now
from tests.adapters.slack_api import TOKEN, SlackApi
from tests.adapters.slack_scene import ANNA, BO, CIA, POOL, SECRET, Clock, SlackScene, opening
from tests.end_to_end.process import environment, krets
from tests.postgres import Postgres, connect

PARTS = ("web", "worker", "worker", "clock", "clock")
#: Messages that one worker has on their way at most.
IN_FLIGHT = 20
_LOST = (aiohttp.ClientError, ConnectionError, TimeoutError)


@dataclass(frozen=True)
class Found:
    """What a run has come to."""

    kills: Counter[str]
    groups: int
    #: Groups that were answered and are not there.
    lost: int
    #: Who was to be asked, and was not, without anybody knowing; and who was asked more than once.
    unasked: int
    twice: int
    uncertain: int

    @property
    def kept(self) -> bool:
        """Whether all that is promised holds."""
        few = self.uncertain <= self.kills.total() * IN_FLIGHT
        return not self.lost and not self.unasked and not self.twice and few

    def __str__(self) -> str:
        killed = ", ".join(f"{many} x {part}" for part, many in sorted(self.kills.items()))
        return (
            f"killed {killed}; {self.groups} groups, {2 * self.groups} messages: lost {self.lost},"
            f" not asked {self.unasked}, twice {self.twice}, uncertain {self.uncertain}:"
            f" {'met' if self.kept else 'MISSED'}"
        )


class Part:
    """One process, started again whenever it was killed."""

    def __init__(self, name: str, env: dict[str, str]) -> None:
        self.name = name
        self._env = env
        self._process: asyncio.subprocess.Process | None = None
        self.address = ""

    async def start(self) -> None:
        """Start it, and wait for its first line."""
        while not self.address:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "bot",
                self.name,
                env=self._env,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
            )
            assert self._process.stdout is not None
            line = (await self._process.stdout.readline()).decode()
            self.address = line.split(" (")[0].rpartition(" ")[2]

    async def kill(self) -> None:
        """End it as a power cut would."""
        await self._end("kill")

    async def stop(self) -> int:
        """End it as an operator would; its exit code."""
        return await self._end("terminate")

    async def _end(self, how: str) -> int:
        assert self._process is not None
        with suppress(ProcessLookupError):
            getattr(self._process, how)()
        self.address = ""
        return await self._process.wait()


@dataclass
class World:
    """The processes, the server and the small Slack."""

    postgres: Postgres
    url: str
    parts: list[Part]
    scene: SlackScene

    async def kill(self, number: int) -> str:
        """Kill one of the processes, or the server, and start it again; which."""
        if number < len(self.parts):
            part = self.parts[number]
            await part.kill()
            await part.start()
            if part.name == "web":
                self.scene.url = part.address
            return part.name
        await asyncio.to_thread(self.postgres.crash)
        for (
            part
        ) in self.parts:  # who gives up on a server that is away is started by whoever runs it
            await part.start()
        return "PostgreSQL"

    async def open(self, name: str) -> bool:
        """Open a group; whether it was answered."""
        try:
            got = await self.scene.command(ANNA, "öppna")
            form = self.scene.api.modals.pop(ANNA)[-1]
            answers = opening(form, name)
            got = await self.scene.interact(self.scene.submitted(ANNA, form, answers))
        except (*_LOST, KeyError):
            return False
        return got.status == 200 and got.body.get("response_action") != "errors"

    async def rest(self) -> None:
        """Return when nothing waits any more."""
        waiting = (
            "SELECT (SELECT count(*) FROM posts WHERE state IN ('pending', 'sending'))"
            " + (SELECT count(*) FROM procrastinate_jobs WHERE status IN ('todo', 'doing'))"
        )
        async with asyncio.timeout(300):
            while await asyncio.to_thread(self.ask, waiting):
                await asyncio.sleep(0.5)

    def ask(self, question: str) -> int:
        """One number of the database."""
        with closing(connect(self.url)) as connection:
            (found,) = connection.execute(question.encode()).fetchone() or (0,)
        return int(str(found))

    def asked(self, user: str, name: str) -> int:
        """In how many messages somebody was asked to lead a group."""
        messages = self.scene.api.dm(user).messages.values()
        return sum(name in str(message) for message in messages)


@asynccontextmanager
async def world(postgres: Postgres) -> AsyncIterator[World]:
    """All of it, started."""
    async with AsyncExitStack() as stack:
        database, keys = (stack.enter_context(postgres.database()) for _ in range(2))
        api = SlackApi()
        for user in (ANNA, BO, CIA, *POOL):
            api.add_user(user, user.title())
        server = await stack.enter_async_context(TestServer(api.application()))
        slack = f"http://127.0.0.1:{server.port}"
        timeout = aiohttp.ClientTimeout(10)
        session = await stack.enter_async_context(aiohttp.ClientSession(timeout=timeout))
        env = environment(
            Path("/nowhere"),
            KRETS_DATABASE_URL=database,
            KRETS_KEYRING_URL=keys,
            KRETS_MASTER_KEYS=new_master().line,
            KRETS_SLACK_BOT_TOKEN=TOKEN,
            KRETS_SLACK_SIGNING_SECRET=SECRET,
            KRETS_SLACK_API_URL=f"{slack}/api",
        )
        done = await asyncio.to_thread(krets, "migrate", env=env)
        assert done.returncode == 0, done.stderr
        parts = [Part(name, env) for name in PARTS]
        await asyncio.gather(*(part.start() for part in parts))
        for part in parts:
            stack.push_async_callback(part.kill)
        clock, messenger, caller = Clock(now()), None, None
        scene = SlackScene(api, session, parts[0].address, slack, messenger, clock, caller)  # type: ignore[arg-type]
        yield World(postgres, database, parts, scene)


async def run(postgres: Postgres, kills: int, groups: int, seed: int) -> Found:
    """Kill so often while so many groups are opened."""
    dice, killed, opened = random.Random(seed), Counter[str](), []
    async with world(postgres) as here:

        async def kill() -> None:
            numbers = range(len(here.parts) + 1)
            for number in (dice.choice(numbers) for _ in range(kills)):
                await asyncio.sleep(dice.uniform(0, 1))
                killed[await here.kill(number)] += 1

        killing = asyncio.create_task(kill())
        while len(opened) < groups or not killing.done():
            here.scene.clock.at = now()
            name = f"Grupp {uuid4().hex[:12]}"
            if await here.open(name):
                opened.append(name)
        await killing
        for part in here.parts:
            await part.start()
        await here.rest()
        asked = {(user, name): here.asked(user, name) for user in (BO, CIA) for name in opened}
        uncertain = here.ask("SELECT count(*) FROM posts WHERE state = 'uncertain'")
        there = here.ask("SELECT count(*) FROM groups")
        unasked = sum(many == 0 for many in asked.values())
        return Found(
            kills=killed,
            groups=len(opened),
            lost=max(0, len(opened) - there),
            unasked=max(0, unasked - uncertain),
            twice=sum(many > 1 for many in asked.values()),
            uncertain=uncertain,
        )


def main() -> int:
    """Run from the command line; 0 if all that is promised holds."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m tests.kills_several")
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--groups", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="krets-kills-") as made:
        postgres = Postgres.apart(Path(made) / "data")
        found = asyncio.run(run(postgres, chosen.kills, chosen.groups, chosen.seed))
        postgres.stop()
    sys.stdout.write(f"{found}\n")
    return 0 if found.kept else 1


if __name__ == "__main__":
    sys.exit(main())
