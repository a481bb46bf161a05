"""The story of a group until its vote, acted through the application: all that the rules want."""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex
from typing import Any

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
from bot.core.card import Choice, Form, T
from bot.core.decision import FieldErrors, Notice, OpenForm
from bot.core.event import Answer as Field
from bot.core.event import ButtonPressed, FormSubmitted, Identity, Place
from bot.core.facts import Defaults
from bot.keyring import Keyring, new_master
from bot.methods import read_methods
from bot.store import Store, Unit
from bot.words import View, Words
from schedules.engine import Due
from schedules.inline import InlineEngine

#: Wraps the keys of the stage; nobody has it after the run.
MASTER = new_master().line
#: The meeting in which the vote is; the first has none.
MEETING = 2
_BEGINNING = datetime(2026, 2, 16, 8, tzinfo=UTC)
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
class Troupe:
    """The people of a group as their platform knows them, and the room that they meet in."""

    sponsor: Identity
    leaders: tuple[Identity, Identity]
    members: tuple[Identity, ...]
    room: Place


@dataclass(frozen=True, slots=True)
class Scenery:
    """What is another on each platform."""

    #: Who is in the group of this name.
    troupe: Callable[[str], Troupe]
    #: A form as the platform shows it.
    form: Callable[[Form, View], dict[str, Any]]
    #: What stands for a message: by its conversation, and its number there.
    ref: Callable[[str, int], str]


@dataclass(frozen=True, slots=True)
class Vote:
    """An open vote: its form as the platform shows it, who votes, and what can be chosen."""

    group: str
    room: Place
    form: dict[str, Any]
    voters: tuple[Identity, ...]
    cases: tuple[str, ...]


class NotStaged(Exception):
    """The rules have not led to a vote; names the step, and the answer's key."""


class Story:
    """People do what leads to a vote, through the application, in their own time."""

    def __init__(self, store: Store, keys: Path, scenery: Scenery) -> None:
        """Act it in this store."""
        self.now = _BEGINNING
        self._store = store
        self._scenery = scenery
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

    async def gather(self, name: str, join: bool = True) -> int:
        """A group is opened, its leaders say yes, all are asked, and perhaps say yes; how many."""
        self.now = _BEGINNING
        troupe = self._scenery.troupe(name)
        sponsor, leaders, pool = troupe.sponsor, troupe.leaders, troupe.members
        await self._store.run(lambda unit: _introduce(unit, (sponsor, *leaders, *pool)))
        group = group_id(name)
        given: dict[str, Field] = {"leaders": leaders, "pool": pool}
        await self._send(sponsor, OpenGroup(group), _OPENING | given)
        if not join:
            await self.be_quiet([group])
        for leader in leaders:
            await self._press(leader, AnswerLead(group, yes=True))
        for one in pool if join else ():
            await self._press(one, AnswerInvite(group, yes=True))
        return len(pool)

    async def to_the_vote(self, name: str) -> Vote:
        """The group starts, meets once, and opens the vote of its second meeting."""
        group, troupe = group_id(name), self._scenery.troupe(name)
        leader, pool, room = troupe.leaders[0], troupe.members, troupe.room
        await self._start(group, troupe)
        await self._live(group, "finish", MEETING - 1)
        for author in pool[:3]:
            text = f"A question of {author.native}, as long as one that somebody really brings is"
            await self._send(author, BringCase(group, MEETING), {"case": text})
        await self._live(group, "begin", MEETING)
        for step in range(3):
            await self._press(leader, MoveGuide(group, MEETING, step, 1, sure=True))
        await self._press(leader, OpenVote(group, MEETING))

        answer = await self._press(pool[0], CastVote(group, MEETING))
        assert isinstance(answer.reply, OpenForm)
        form = answer.reply.form
        (choice,) = (one for one in form.fields if isinstance(one, Choice))
        cases = tuple(one.value for one in choice.options)
        shown = self._scenery.form(form, answer.view)
        self.thanks = answer.view.plain(T("vote.in"))
        # One of those who are in never votes, so that the vote stays open.
        return Vote(group, room, shown, pool[:-1], cases)

    async def to_the_day_before(self, name: str) -> str:
        """A group is gathered, starts, and is to meet the next day for the first time; its id."""
        await self.gather(name)
        group = group_id(name)
        await self._start(group, self._scenery.troupe(name))
        await self._live(group, "overview", 1)
        return group

    async def _start(self, group: str, troupe: Troupe) -> None:
        leader, room = troupe.leaders[0], troupe.room
        await self._press(leader, ShowGroup(group))
        await self._press(leader, StartGroup(group))
        await self._store.run(lambda unit: unit.groups.set_room(group, room))

    async def be_quiet(self, groups: Sequence[str]) -> None:
        """All that is to be seen in these groups has been shown."""

        def show(unit: Unit) -> None:
            for group in groups:
                room = unit.groups.room(group)
                for row in unit.posts.pending(group):
                    where = f"D{row.person_id}" if row.person_id or room is None else room.native
                    ref = self._scenery.ref(where, row.id or 0)
                    row.state, row.shown = "shown", row.revision
                    row.ref = ref if row.kind == "card" else None

        await self._store.run(show)

    # --- acting -------------------------------------------------------------------------------

    async def _press(self, who: Identity, action: Action) -> Answer:
        return await self._did(ButtonPressed(self._next(), who, _chat(who), action))

    async def _send(self, who: Identity, action: Action, answers: dict[str, Field]) -> Answer:
        return await self._did(FormSubmitted(self._next(), who, _chat(who), action, answers))

    def _next(self) -> str:
        return f"e{next(self._ids)}"

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


def _introduce(unit: Unit, people: Sequence[Identity]) -> None:
    for who in people:
        told = (f"Person {who.native}", "sv", "Europe/Stockholm")
        unit.people.meet(who, f"p{who.native}", *told)
        unit.people.introduce(who, *told)


def group_id(name: str) -> str:
    """What a form would have minted for the group."""
    return f"g{name.encode().hex():0>15}"


def _chat(who: Identity) -> Place:
    return Place(who.platform, who.tenant, who.native, private=True)
