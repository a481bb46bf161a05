"""Kill Krets again and again while people press buttons; nothing may be lost, nothing come twice.

    python -m tests.kills [--kills 200] [--seed 1] [--directory DIR]

Each time a real process on SQLite is started, people open a group and answer over HTTP, and
somewhere in between the process is killed with SIGKILL. In the end one is left alone until nothing
waits, and the database is asked: is all there that was answered, and is each message there once?
"""

import argparse
import asyncio
import random
import sqlite3
import sys
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import aiohttp

from bot.core.action import AnswerInvite, AnswerLead, OpenGroup, pack
from bot.core.model import Group
from bot.groups import Groups
from bot.keyring import Keyring
from bot.programme import ProgrammeTime
from bot.realtime import now
from bot.store import Store, Unit
from tests.end_to_end.conftest import START
from tests.end_to_end.process import Process, environment, krets
from tests.end_to_end.site import CHAT, Site
from tests.end_to_end.story import LEADERS, PEOPLE, SPONSOR, opening

#: Works that one process has on their way at most.
IN_FLIGHT = 8
_LOST = (aiohttp.ClientError, ConnectionError, TimeoutError)


@dataclass
class Found:
    """What a run has come to."""

    kills: int
    #: Deeds that were answered, and those of them that are not there.
    answered: int = 0
    lost: int = 0
    #: Messages, and how many of them are there once more than they should be.
    messages: int = 0
    twice: int = 0
    uncertain: int = 0
    #: Posts that were neither shown nor are uncertain.
    undone: int = 0

    @property
    def kept(self) -> bool:
        """Whether all that is promised holds."""
        few = self.uncertain <= self.kills * IN_FLIGHT
        return not self.lost and not self.twice and not self.undone and few

    def __str__(self) -> str:
        return (
            f"{self.kills} kills, {self.answered} deeds answered, {self.messages} messages:"
            f" lost {self.lost}, twice {self.twice}, not shown {self.undone},"
            f" uncertain {self.uncertain} (at most {self.kills * IN_FLIGHT}):"
            f" {'met' if self.kept else 'MISSED'}"
        )


@dataclass
class _Answered:
    """What people were told is done: groups, and who said yes in which."""

    opened: list[str] = field(default_factory=list)
    yes: set[tuple[str, str]] = field(default_factory=set)


async def run(data: Path, kills: int, seed: int, say: Callable[[int], None]) -> Found:
    """Kill so often in this data directory, which is not there yet."""
    env = environment(data, KRETS_TIME_TRAVEL="true")
    dice, answered = random.Random(seed), _Answered()
    assert krets("migrate", env=env).returncode == 0
    store = Store(f"sqlite:///{data / 'krets.db'}")
    await ProgrammeTime(now).set(store, START)
    await store.close()
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(10)) as session:
        with Process(env) as process:
            await Site(session, process.address).fill()
        for number in range(kills):
            say(number)
            with Process(env) as process:
                acting = asyncio.create_task(_act(Site(session, process.address), number, answered))
                await asyncio.sleep(dice.uniform(0, 0.6))
                process.kill()
                await acting
        with Process(env):
            while _counted(
                data, "SELECT count(*) FROM posts WHERE state IN ('pending', 'sending')"
            ):
                await asyncio.sleep(0.2)
    return await _judge(data, kills, answered)


async def _act(site: Site, number: int, answered: _Answered) -> None:
    """A group is opened, and everybody says yes, until nobody answers any more."""
    try:
        group = f"g{number:015x}"
        body = {"action": pack(OpenGroup(group)), "answers": opening(name=f"Grupp {number}")}
        if await _did(site, SPONSOR, "submit", body):
            answered.opened.append(group)
        for leader in LEADERS:
            if await _did(site, leader, "press", {"action": pack(AnswerLead(group, yes=True))}):
                answered.yes.add((group, leader))
        for one in PEOPLE:
            if await _did(site, one, "press", {"action": pack(AnswerInvite(group, yes=True))}):
                answered.yes.add((group, one))
    except _LOST:
        return


async def _did(site: Site, who: str, how: str, body: Mapping[str, object]) -> bool:
    """Whether it was answered; a refusal would be a fault of this script."""
    given = {**body, "room": CHAT, "id": str(uuid4())}
    status, answer = await site.post(f"/p/{who}/{how}", given)
    assert status == 200, answer
    assert answer["kind"] == "notice", answer
    assert "/krets" not in answer["html"], answer
    return True


async def _judge(data: Path, kills: int, answered: _Answered) -> Found:
    store = Store(f"sqlite:///{data / 'krets.db'}")
    groups = Groups(Keyring(data / "keys", []))

    def there(unit: Unit) -> dict[str, Group]:
        loaded = {id: groups.load(unit, id) for id in answered.opened}
        return {id: one.group for id, one in loaded.items() if one is not None}

    try:
        found = await store.run(there)
        everybody = await store.run(lambda unit: unit.people.of_tenant("playground", "local"))
        natives = {row.id: identity.native for identity, row in everybody}
    finally:
        await store.close()
    said_yes = {
        (id, natives[one]) for id, group in found.items() for one in (*group.led_by, *group.people)
    }
    groups_lost = len(set(answered.opened) - found.keys())
    return Found(
        kills=kills,
        answered=len(answered.opened) + len(answered.yes),
        lost=groups_lost + len({one for one in answered.yes if one[0] in found} - said_yes),
        messages=_counted(data, "SELECT count(*) FROM playground_messages"),
        twice=_counted(data, _TWICE),
        uncertain=_counted(data, "SELECT count(*) FROM posts WHERE state = 'uncertain'"),
        undone=_counted(data, "SELECT count(*) FROM posts WHERE state = 'failed'"),
    )


_WAITING = "SELECT count(*) FROM posts WHERE state IN ('pending', 'sending')"
#: Messages that no post knows: more of them than posts of the same group are uncertain.
_TWICE = """
SELECT coalesce(sum(max(0, strays - unsure)), 0) FROM (
    SELECT id,
        (SELECT count(*) FROM playground_messages WHERE group_id = groups.id AND ref NOT IN
            (SELECT ref FROM posts WHERE ref IS NOT NULL)) AS strays,
        (SELECT count(*) FROM posts WHERE group_id = groups.id AND state = 'uncertain') AS unsure
    FROM groups)
"""


def _counted(data: Path, question: str) -> int:
    with closing(sqlite3.connect(data / "krets.db")) as database:
        (found,) = database.execute(question).fetchone()
    return int(found)


def main() -> int:
    """Run from the command line; 0 if all that is promised holds."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m tests.kills")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--directory", type=Path, help="where the database lies while it runs")
    chosen = parser.parse_args()

    def say(number: int) -> None:
        sys.stderr.write(f"\r{number} of {chosen.kills} kills")

    with TemporaryDirectory(prefix="krets-kills-", dir=chosen.directory) as made:
        found = asyncio.run(run(Path(made) / "var", chosen.kills, chosen.seed, say))
    sys.stderr.write("\r\033[K")
    sys.stdout.write(f"{found}\n")
    return 0 if found.kept else 1


if __name__ == "__main__":
    sys.exit(main())
