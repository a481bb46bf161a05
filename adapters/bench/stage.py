"""What a benchmark finds in the database: groups in the middle of a vote, reached by the rules.

Programme time is half a day before the votes were opened, so none of them closes.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from adapters.bench.story import MASTER, MEETING, Scenery, Story, Vote
from bot.groups import Groups
from bot.keyring import Keyring
from bot.programme import ProgrammeTime
from bot.store import Store, Unit, migrate

_EARLIER = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Stage:
    """All votes, the words of the answer to each, and a data directory with them in it."""

    directory: Path
    #: Programme time, at which nothing is due.
    at: datetime
    votes: Sequence[Vote]
    thanks: str
    #: Messages that wait to be sent.
    waiting: int

    @property
    def database(self) -> str:
        """The address of its database."""
        return database(self.directory)


async def stage(
    directory: Path, scenery: Scenery, groups: int, waiting: int, say: Callable[[str], None]
) -> Stage:
    """Make a data directory with so many open votes, and so many messages waiting to be sent."""
    directory.mkdir()
    migrate(database(directory))
    store = Store(database(directory))
    try:
        story = Story(store, directory / "keys", scenery)
        votes = []
        for number in range(groups):
            say(f"setting up vote {number + 1} of {groups}")
            await story.gather(_name("G", number))
            votes.append(await story.to_the_vote(_name("G", number)))
        await story.be_quiet([one.group for one in votes])
        if waiting:
            say(f"setting up {waiting} messages")
        asked, number = 0, 0
        while asked < waiting:
            asked += await story.gather(_name("W", number), join=False)
            number += 1
        return Stage(directory, story.now - _EARLIER, votes, story.thanks, asked)
    finally:
        await store.close()


def database(directory: Path) -> str:
    """The address of the database in a data directory."""
    return f"sqlite:///{directory / 'krets.db'}"


async def travel(made: Stage, real: Callable[[], datetime]) -> None:
    """Let programme time be that of the stage from now on."""
    store = Store(made.database)
    try:
        await ProgrammeTime(real).set(store, made.at)
    finally:
        await store.close()


async def ballots(directory: Path, votes: Sequence[Vote]) -> dict[tuple[str, str], str]:
    """What is committed: the ballot of each group and voter, read anew from the disk."""
    store = Store(database(directory))
    groups = Groups(Keyring(directory / "keys", [MASTER]))

    def read(unit: Unit) -> dict[tuple[str, str], str]:
        found: dict[tuple[str, str], str] = {}
        for vote in votes:
            loaded = groups.load(unit, vote.group)
            assert loaded is not None, "a group of the stage"
            for voter in vote.voters:
                person = unit.people.known(voter)
                assert person is not None, "a person of the stage"
                item = loaded.group.item(f"{MEETING}/vote", f"ballot/{person.id}")
                found[vote.group, voter.native] = item
        return found

    try:
        return await store.run(read)
    finally:
        await store.close()


async def versions(directory: Path, votes: Sequence[Vote]) -> int:
    """How often all these groups have been changed."""
    store = Store(database(directory))
    try:
        found = await store.run(lambda unit: [unit.groups.find(one.group) for one in votes])
        return sum(row.version for row in found if row is not None)
    finally:
        await store.close()


def _name(kind: str, number: int) -> str:
    return f"{kind}{number:03}"
