"""What the benchmark finds in the database: groups in the middle of a vote, reached by the rules.

Programme time stands still half a day before the votes were opened, so none of them closes.
"""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from secrets import token_hex
from typing import Any

from adapters.slack import render
from adapters.slack.bench.web_api import MEMBERS, ROOM, TEAM, people
from bot.app import Answer, Bot
from bot.core.action import (
    Action,
    AnswerInvite,
    AnswerLead,
    BringCase,
    CastVote,
    MoveGuide,
    OpenGroup,
    OpenVote,
    ShowGroup,
    StartGroup,
)
from bot.core.card import T
from bot.core.decision import FieldErrors, Notice, OpenForm
from bot.core.event import Answer as Field
from bot.core.event import ButtonPressed, FormSubmitted, Identity, Place
from bot.core.facts import Defaults
from bot.groups import Groups
from bot.keyring import Keyring, new_master
from bot.methods import read_methods
from bot.programme import ProgrammeTime
from bot.store import Store, Unit, migrate
from bot.words import Words
from schedules.engine import Due
from schedules.inline import InlineEngine

#: Wraps the keys of the stage; nobody has it after the run.
MASTER = new_master().line
#: The meeting in which the vote is; the first has none.
MEETING = 2
#: One of those who are in never votes, so that the vote stays open.
VOTERS = MEMBERS - 1
_BEGINNING = datetime(2026, 2, 16, 8, tzinfo=UTC)
_EARLIER = timedelta(hours=12)
_OPENING: dict[str, Field] = {
    "name": "Tisdagsgruppen",
    "method": "jonkoping",
    "date": "2026-03-03",
    "time": "13:00",
    "every": "1",
    "place": "Rum 4",
    "link": "",
    "language": "sv",
    "country": "SE",
    "zone": "Europe/Stockholm",
    "working_time": True,
    "informed": True,
}


@dataclass(frozen=True, slots=True)
class Vote:
    """An open vote: its form as Slack shows it, who votes, and what can be chosen."""

    group: str
    form: dict[str, Any]
    voters: tuple[str, ...]
    cases: tuple[str, ...]


@dataclass(slots=True)
class Stage:
    """All votes, the words of the answer to each, and a data directory with them in it."""

    directory: Path
    votes: list[Vote] = field(default_factory=list)
    thanks: str = ""
    #: Messages that wait to be sent.
    waiting: int = 0


class NotStaged(Exception):
    """The rules have not led to a vote; names the step, and the answer's key."""


async def stage(
    directory: Path,
    groups: int,
    waiting: int,
    real: Callable[[], datetime],
    say: Callable[[str], None],
) -> Stage:
    """Make a data directory with so many open votes, and so many messages waiting to be sent."""
    directory.mkdir()
    url = f"sqlite:///{directory / 'krets.db'}"
    migrate(url)
    store = Store(url)
    try:
        made = Stage(directory)
        troupe = _Troupe(store, directory / "keys")
        for number in range(groups):
            say(f"setting up vote {number + 1} of {groups}")
            await troupe.gather(_name("G", number))
            made.votes.append(await troupe.to_the_vote(_name("G", number)))
        await troupe.be_quiet([one.group for one in made.votes])
        say(f"setting up {waiting} messages")
        for number in range(waiting // MEMBERS):
            await troupe.gather(_name("W", number), join=False)
            made.waiting += MEMBERS
        made.thanks = troupe.thanks
        await ProgrammeTime(real).set(store, troupe.now - _EARLIER)
        return made
    finally:
        await store.close()


async def ballots(directory: Path, votes: Sequence[Vote]) -> dict[tuple[str, str], str]:
    """What is committed: the ballot of each group and voter, read anew from the disk."""
    store = Store(f"sqlite:///{directory / 'krets.db'}")
    groups = Groups(Keyring(directory / "keys", [MASTER]))

    def read(unit: Unit) -> dict[tuple[str, str], str]:
        found: dict[tuple[str, str], str] = {}
        for vote in votes:
            loaded = groups.load(unit, vote.group)
            assert loaded is not None, "a group of the stage"
            for native in vote.voters:
                person = unit.people.known(Identity("slack", TEAM, native))
                assert person is not None, "a person of the stage"
                item = loaded.group.item(f"{MEETING}/vote", f"ballot/{person.id}")
                found[vote.group, native] = item
        return found

    try:
        return await store.run(read)
    finally:
        await store.close()


async def versions(directory: Path, votes: Sequence[Vote]) -> int:
    """How often all these groups have been changed."""
    store = Store(f"sqlite:///{directory / 'krets.db'}")
    try:
        found = await store.run(lambda unit: [unit.groups.find(one.group) for one in votes])
        return sum(row.version for row in found if row is not None)
    finally:
        await store.close()


def _name(kind: str, number: int) -> str:
    return f"{kind}{number:03}"


class _Troupe:
    """People who do what leads to a vote, through the application, in their own time."""

    def __init__(self, store: Store, keys: Path) -> None:
        self.now = _BEGINNING
        self._store = store
        self._ids = itertools.count(1)
        self.thanks = ""

        async def nothing() -> tuple[()]:
            return ()

        self._bot = Bot(
            store=store,
            keyring=Keyring(keys, [MASTER]),
            engine=InlineEngine(nothing),
            words=Words(),
            methods=read_methods(),
            now=lambda: self.now,
            real=lambda: self.now,
            fresh=lambda: token_hex(16),
            expect=lambda _: None,
            defaults=Defaults(),
        )

    # --- the story ----------------------------------------------------------------------------

    async def gather(self, name: str, join: bool = True) -> None:
        """A group is opened, its leaders say yes, all are asked, and perhaps say yes."""
        self.now = _BEGINNING
        sponsor, leaders, pool = people(name)
        await self._store.run(lambda unit: self._introduce(unit, (sponsor, *leaders, *pool)))
        group = self._id(name)
        given: dict[str, Field] = {
            "leaders": tuple(map(_identity, leaders)),
            "pool": tuple(map(_identity, pool)),
        }
        await self._send(sponsor, OpenGroup(group), _OPENING | given)
        if not join:
            await self.be_quiet([group])
        for leader in leaders:
            await self._press(leader, AnswerLead(group, yes=True))
        for one in pool if join else ():
            await self._press(one, AnswerInvite(group, yes=True))

    async def to_the_vote(self, name: str) -> Vote:
        """The group starts, meets once, and opens the vote of its second meeting."""
        group = self._id(name)
        _, (leader, _), pool = people(name)
        await self._press(leader, ShowGroup(group))
        await self._press(leader, StartGroup(group))
        room = Place("slack", TEAM, ROOM + name, private=False)
        await self._store.run(lambda unit: unit.groups.set_room(group, room))
        await self._live(group, "finish", MEETING - 1)
        for author in pool[:3]:
            text = f"A question of {author}, as long as one that somebody really brings is"
            await self._send(author, BringCase(group, MEETING), {"case": text})
        await self._live(group, "begin", MEETING)
        for step in range(3):
            await self._press(leader, MoveGuide(group, MEETING, step, 1, sure=True))
        await self._press(leader, OpenVote(group, MEETING))

        answer = await self._press(pool[0], CastVote(group, MEETING))
        assert isinstance(answer.reply, OpenForm)
        form = render.form(answer.reply.form, answer.view)
        self.thanks = answer.view.plain(T("vote.in"))
        return Vote(group, form, pool[:VOTERS], _options(form))

    async def be_quiet(self, groups: Sequence[str]) -> None:
        """All that is to be seen in these groups has been shown."""

        def show(unit: Unit) -> None:
            for group in groups:
                room = unit.groups.room(group)
                for row in unit.posts.pending(group):
                    channel = f"D{row.person_id}" if row.person_id or room is None else room.native
                    row.state, row.shown = "shown", row.revision
                    row.ref = f"{channel}:1700000000.{row.id:06}" if row.kind == "card" else None

        await self._store.run(show)

    # --- acting -------------------------------------------------------------------------------

    async def _press(self, native: str, action: Action) -> Answer:
        return await self._did(ButtonPressed(f"e{next(self._ids)}", *_at(native), action))

    async def _send(self, native: str, action: Action, answers: dict[str, Field]) -> Answer:
        return await self._did(FormSubmitted(f"e{next(self._ids)}", *_at(native), action, answers))

    async def _did(self, deed: ButtonPressed | FormSubmitted) -> Answer:
        answer = await self._bot.handle(deed)
        reply = answer.reply
        refused = isinstance(reply, Notice) and reply.text.key == "unavailable"
        if refused or isinstance(reply, FieldErrors):
            raise NotStaged(f"{type(deed.action).__name__} led to {reply}")
        return answer

    async def _live(self, group: str, until: str, meeting: int) -> None:
        """Let the group's moments come until this one has."""
        while True:
            due = await self._store.run(
                lambda unit: unit.moments.due(datetime.max.replace(tzinfo=UTC))
            )
            first = next(one for one in due if one.group_id == group)
            self.now = max(self.now, first.due_at)
            await self._bot.moment(Due(group, first.meeting, first.kind, first.who))
            if (first.kind, first.meeting) == (until, meeting):
                return

    def _introduce(self, unit: Unit, natives: Sequence[str]) -> None:
        for native in natives:
            who, told = _identity(native), (f"Person {native}", "sv", "Europe/Stockholm")
            unit.people.meet(who, f"p{native}", *told)
            unit.people.introduce(who, *told)

    def _id(self, name: str) -> str:
        """What a form would have minted for the group."""
        return f"g{name.encode().hex():0>15}"


def _identity(native: str) -> Identity:
    return Identity("slack", TEAM, native)


def _at(native: str) -> tuple[Identity, Place]:
    return _identity(native), Place("slack", TEAM, native, private=True)


def _options(form: dict[str, Any]) -> tuple[str, ...]:
    """The values of the form's only list."""
    (block,) = (one for one in form["blocks"] if one["type"] == "input")
    return tuple(option["value"] for option in block["element"]["options"])
