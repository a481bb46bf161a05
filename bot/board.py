"""The board: what each conversation should show, and bringing it there.

A post goes pending -> sending -> shown. If a first post's outcome is unknown it is `uncertain` and
never sent again; an edit or a removal is harmless to repeat, so it is. `failed` is for good, until
something new is to be seen there.
"""

import json
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import assert_never

from bot.core.card import CARDS
from bot.core.event import CouldNotReach, Fate, GroupId, NotSure, PersonId, Place
from bot.core.model import Group
from bot.groups import Groups, everybody
from bot.keyring import Keyring
from bot.messenger import Address, Messenger, Profile, Refused, TryLater, Unreachable
from bot.sending import (
    Call,
    Done,
    Edit,
    Failed,
    Later,
    LetIn,
    LetOut,
    Meet,
    OpenRoom,
    Outcome,
    Post,
    Remove,
    Unknown,
    send,
)
from bot.store import Store, Unit
from bot.store.tables import PostRow
from bot.words import View, Words
from schedules.engine import Due, Engine, Show, Work

__all__ = ["Address", "Board", "Messenger", "Profile", "Refused", "TryLater", "Unreachable"]

#: How often in a row an edit is repeated whose outcome stays unknown.
TRIES = 8
_SHORTEST_WAIT = timedelta(seconds=1)
_FIRST_WAIT = timedelta(seconds=10)
_LONGEST_WAIT = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class _Claim:
    """A post that is being sent, in the revision that was claimed."""

    post_id: int
    revision: int
    #: Empty for the group's room.
    person: PersonId
    platform: str
    call: Call


async def _nobody(_: Fate) -> None:
    """Nobody wants to know."""


def uncounted(platform: str, call: str, outcome: str) -> None:
    """Nobody counts."""


class Board:
    """Makes conversations show what they should; the messengers are asked outside transactions.

    Moments stand in programme time (`now`), retries in real time (`real`).
    """

    def __init__(
        self,
        *,
        store: Store,
        keyring: Keyring,
        engine: Engine,
        words: Words,
        messengers: Mapping[str, Messenger],
        now: Callable[[], datetime],
        real: Callable[[], datetime],
        again: Callable[[timedelta], None] = lambda _: None,
        tell: Callable[[Fate], Awaitable[None]] = _nobody,
        sent: Callable[[str, str, str], None] = uncounted,
        help_text: str = "",
    ) -> None:
        """Make a board of these parts; messengers by platform.

        `again` is told how long a post has been put off, so that somebody looks for work then;
        `tell` is told what could not be shown, or perhaps was not; `sent` hears of each call: the
        platform, what was asked, what has become of it.
        """
        self._store = store
        self._keyring = keyring
        self._groups = Groups(keyring)
        self._engine = engine
        self._words = words
        self._messengers = messengers
        self._now = now
        self._real = real
        self._help_text = help_text
        self._again = again
        self._tell = tell
        self._sent = sent

    async def show(self, group_id: GroupId) -> None:
        """Let the group's conversations show what they should, as far as that can be done now."""
        while claim := await self._store.run(partial(self._claim, group_id)):
            outcome = await send(self._messengers[claim.platform], claim.call)
            self._sent(claim.platform, type(claim.call).__name__, type(outcome).__name__)
            state = await self._store.run(partial(self._settle, group_id, claim, outcome))
            if isinstance(outcome, Failed) and outcome.reach:
                await self._tell(CouldNotReach(group_id, claim.person))
            if state == "uncertain":
                await self._tell(NotSure(group_id, claim.person))
            if isinstance(outcome, Later):
                self._again(max(outcome.after, _SHORTEST_WAIT))

    async def recover(self) -> None:
        """Judge what a crash has interrupted; at the start, before anything is shown."""
        await self._store.run(lambda unit: unit.posts.abandoned())
        for group_id, person in await self._store.run(lambda unit: unit.posts.unsure()):
            await self._tell(NotSure(group_id, person))

    async def find_work(self) -> Iterable[Work]:
        """Groups with something to show, and moments that have come."""
        return await self._store.run(self._find)

    async def next_due(self) -> datetime | None:
        """When the earliest moment is due, in programme time."""
        return await self._store.run(lambda unit: unit.moments.next())

    async def claim(self) -> None:
        """Queue all moments that have come, in the order in which they were due."""

        def claim(unit: Unit) -> None:
            for moment in self._due(unit):
                self._engine.enqueue(unit, moment)

        await self._store.run(claim)

    # --- claiming -----------------------------------------------------------------------------

    def _find(self, unit: Unit) -> list[Work]:
        shows = [Show(group_id) for group_id in unit.posts.waiting(self._real(), self._messengers)]
        return [*shows, *self._due(unit)]

    def _due(self, unit: Unit) -> list[Due]:
        return [
            Due(row.group_id, row.meeting, row.kind, row.who)
            for row in unit.moments.due(self._now())
        ]

    def _claim(self, group_id: GroupId, unit: Unit) -> _Claim | None:
        """Take the next post that can be sent now; settle on the way what needs no sending."""
        if not self._keyring.all_gone() or unit.moments.ending(group_id, self._now()):
            return None  # nothing is said before what has ended is destroyed
        rows, real = unit.posts.pending(group_id), self._real()
        if all(row.next_try_at is not None and row.next_try_at > real for row in rows):
            return None  # the usual case while much changes: not worth opening the group
        loaded = self._groups.load(unit, group_id)
        if loaded is None or loaded.group.platform not in self._messengers:
            return None
        place = unit.groups.room(group_id)
        held: set[str] = set()  # conversations in which an earlier first post waits
        for row in rows:
            if row.ref is None and row.person_id in held:
                continue
            if row.next_try_at is not None and row.next_try_at > self._real():
                if row.ref is None:
                    held.add(row.person_id)
                continue
            if (row.kind == "room" and place) or (row.card is None and row.ref is None):
                row.state, row.shown = "shown", row.revision
                continue
            call = self._call(unit, row, loaded.group, place)
            if isinstance(call, Failed):
                row.state, row.reason = "failed", call.why
            elif call is not None:
                assert row.id is not None, "a stored post has an id"
                row.state, row.claimed_at = "sending", self._real()
                return _Claim(row.id, row.revision, row.person_id, loaded.group.platform, call)
        return None

    def _call(
        self, unit: Unit, row: PostRow, group: Group, place: Place | None
    ) -> Call | Failed | None:
        """What to ask of the messenger; None while the room is not there."""
        if row.kind in ("room", "in", "out"):
            people = unit.people.identities(
                json.loads(row.card or "[]"), group.platform, group.tenant
            )
            if row.kind == "room":
                return OpenRoom(group.id, group.name, people)
            if not people:
                return Failed("no_identity")
            let = LetIn if row.kind == "in" else LetOut
            return let(place, people[0]) if place else None
        to: Address | None = place
        language, zone = group.language, group.zone
        if row.person_id:
            to = unit.people.identity(row.person_id, group.platform, group.tenant)
            person = unit.people.find(row.person_id)
            if to is None or person is None:
                return Failed("no_identity")
            if not person.introduced and row.ref is None:
                return Meet(to)
            language, zone = person.language or language, person.zone or zone
        if to is None:
            return None
        if row.card is None:
            assert row.ref is not None, "what was never posted needs no removal"
            return Remove(to, row.ref)
        card = CARDS.validate_json(row.card)
        names, natives = unit.people.shown(everybody(group), group.platform, group.tenant)
        view = View(
            language=language,
            zone=zone,
            names=names,
            groups={group.id: group},
            help_text=self._help_text,
            words=self._words,
            natives=natives,
        )
        if row.ref is None:
            return Post(to, card, view)
        return Edit(to, row.ref, card, view)

    # --- settling -----------------------------------------------------------------------------

    def _settle(self, group_id: GroupId, claim: _Claim, outcome: Outcome, unit: Unit) -> str:
        """Take down what has become of it; the state of the post."""
        row = unit.posts.find(claim.post_id)
        assert row is not None, "posts are not deleted"
        newer = row.revision > claim.revision
        row.claimed_at = None  # when somebody was written to is nobody's business afterwards
        match outcome:
            case Done(profile=Profile() as told) if isinstance(claim.call, Meet):
                row.state = "pending"
                unit.people.introduce(claim.call.person, told.name, told.language, told.zone)
            case Done(ref, place):
                row.state = "pending" if newer else "shown"
                row.shown, row.ref = claim.revision, ref
                row.tries, row.reason, row.next_try_at = 0, "", None
                if place is not None:
                    unit.groups.set_room(group_id, place)
            case Later(after):
                row.state = "pending"
                row.next_try_at = self._real() + max(after, _SHORTEST_WAIT)
            case Failed(why):
                row.state, row.reason = ("pending", "") if newer else ("failed", why)
            case Unknown() if isinstance(claim.call, Post | OpenRoom):
                row.state = "uncertain"
            case Unknown():
                row.tries += 1
                given_up = row.tries >= TRIES
                row.state, row.reason = ("failed", "unknown") if given_up else ("pending", "")
                wait = min(_FIRST_WAIT * 2 ** (row.tries - 1), _LONGEST_WAIT)
                row.next_try_at = self._real() + wait
            case _:
                assert_never(outcome)
        return row.state
