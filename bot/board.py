"""The board: what each conversation should show, and bringing it there.

A post goes pending -> sending -> shown. If a first post's outcome is unknown it is `uncertain` and
never sent again; an edit or a removal is harmless to repeat, so it is. `failed` is for good, until
something new is to be seen there. What cannot be shown by a fault of ours is `failed`, too, after a
few tries: it is parked, and the group's other posts go on.
"""

import json
import logging
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import TypeAlias, assert_never

from bot.calm import Calm
from bot.core.card import CARDS
from bot.core.due import ENDING
from bot.core.event import CouldNotReach, Fate, GroupId, NotSure, PersonId, Place
from bot.core.model import Group
from bot.groups import Groups, everybody
from bot.keyring import Keyring
from bot.messenger import Address, Messenger, Profile, Refused, TryLater, Unreachable
from bot.parking import TRIES as PARKED
from bot.parking import passed_over
from bot.restored import is_unseen
from bot.sending import (
    Call,
    Claim,
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
from bot.store import REFUSALS, Store, Unit
from bot.store.moments import MANY
from bot.store.tables import PostRow
from bot.words import View, Words
from schedules.engine import Due, Engine, Show, Work

__all__ = ["Address", "Board", "Messenger", "Profile", "Refused", "TryLater", "Unreachable"]

log = logging.getLogger(__name__)

#: How often in a row an edit is repeated whose outcome stays unknown.
TRIES = 8
#: Who has been sending something for longer is gone: no call to a platform may take so long.
GONE = timedelta(seconds=30)
_SHORTEST_WAIT = timedelta(seconds=1)
_FIRST_WAIT = timedelta(seconds=10)
_LONGEST_WAIT = timedelta(hours=1)

#: A post, and until when it is put off.
_Waiting: TypeAlias = tuple[PostRow, datetime | None]


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
        unhurried: Collection[str] = (),
    ) -> None:
        """Make a board of these parts; messengers by platform.

        `again` is told how long a post has been put off, so that somebody looks for work then;
        `tell` is told what could not be shown, or perhaps was not; `sent` hears of each call: the
        platform, what was asked, what has become of it. `unhurried` platforms show every count.
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
        self._unhurried = unhurried
        self._calm = Calm()
        #: Outcomes that the store could not take down: of no use to ask for them once more.
        self._unsettled: list[tuple[GroupId, Claim, Outcome]] = []

    async def show(self, group_id: GroupId) -> None:
        """Let the group's conversations show what they should, as far as that can be done now."""
        await self._settle_rest()
        while True:
            claim, until = await self._store.run(partial(self._claim, group_id))
            self._look_again(until)
            if claim is None:
                return
            outcome = await send(self._messengers[claim.platform], claim.call)
            self._sent(claim.platform, type(claim.call).__name__, type(outcome).__name__)
            await self._take_down(group_id, claim, outcome)

    async def _take_down(self, group_id: GroupId, claim: Claim, outcome: Outcome) -> None:
        """Tell what is to be told, and settle; what the store does not take now waits for that.

        Who is out of reach is told of first, or a crash in between would keep it for ever; what is
        uncertain says of itself whether anybody knows of it.
        """
        try:
            if isinstance(outcome, Failed) and outcome.reach:
                with passed_over(group_id):
                    await self._tell(CouldNotReach(group_id, claim.person))
            state = await self._store.run(partial(self._settle, group_id, claim, outcome))
        except Exception:
            self._unsettled.append((group_id, claim, outcome))
            raise
        if state == "uncertain":
            await self._tell_unsure(group_id, claim.person)
        if isinstance(outcome, Later):
            self._again(max(outcome.after, _SHORTEST_WAIT))

    async def _tell_unsure(self, group_id: GroupId, person: PersonId) -> None:
        with passed_over(group_id):
            await self._tell(NotSure(group_id, person))
            await self._store.run(lambda unit: unit.posts.tell(group_id, person))

    def _look_again(self, until: datetime | None) -> None:
        if until is not None:
            self._again(max(until - self._real(), _SHORTEST_WAIT))

    async def _settle_rest(self) -> None:
        """Take down what the store has not taken."""
        while self._unsettled:
            await self._take_down(*self._unsettled.pop())

    async def recover(self) -> None:
        """Judge what a crash has interrupted; at the start, before anything is shown."""
        await self._store.run(lambda unit: unit.posts.abandoned())
        await self._tell_all()

    async def find_work(self) -> Iterable[Work]:
        """Groups with something to show, and moments that have come."""
        await self._settle_rest()
        works, until = await self._store.run(self._find)
        self._look_again(until)
        return works

    async def next_due(self, after: datetime | None = None) -> datetime | None:
        """When the earliest moment is due, of all or of those after this, in programme time.

        With an engine that keeps its work also what was put off: by whichever process, so that
        nobody told the clock of this one.
        """

        def earliest(unit: Unit) -> datetime | None:
            due_at = unit.moments.next(after)
            tried_at = unit.posts.first_try() if self._engine.keeps else None
            if tried_at is None:
                return due_at
            tried_at = self._now() + (tried_at - self._real())
            if after is not None and tried_at <= after:
                return due_at
            return tried_at if due_at is None else min(due_at, tried_at)

        return await self._store.run(earliest)

    async def claim(self) -> None:
        """Queue all moments that have come, in the order in which they were due.

        An engine that keeps them is given each once; what ends something comes first.
        """
        if not self._engine.keeps:
            await self._store.run(lambda unit: self._engine.enqueue(unit, *self._due(unit)))
            return
        for kinds in (ENDING, ()):
            while await self._store.run(partial(self._take, kinds)) == MANY:
                pass
        await self._store.run(self._put_back)

    async def judge(self) -> None:
        """Judge what was being sent by somebody who is gone; tell what nobody has been told.

        Beside others who do the same; telling twice changes nothing.
        """
        if self._engine.keeps:  # else nobody else sends
            await self._store.run(self._abandoned)
        await self._tell_all()

    async def _tell_all(self) -> None:
        for group_id, person in await self._store.run(lambda unit: unit.posts.untold()):
            await self._tell_unsure(group_id, person)

    async def find_again(self) -> None:
        """Queue all that can be shown; at a start, for a platform may be connected again."""

        def queue(unit: Unit) -> None:
            groups = unit.posts.waiting(self._real(), self._messengers)
            self._engine.enqueue(unit, *map(Show, groups))

        await self._store.run(queue)

    async def fail(self, work: Work, fault: str) -> bool:
        """Take down by what a work has failed; whether all of it is parked by now."""

        def fail(unit: Unit) -> bool:
            if isinstance(work, Due):
                key = (work.group, work.meeting, work.kind, work.who)
                return unit.moments.fail(*key, fault, PARKED)
            rows = [row for row in unit.posts.pending(work.group) if self._is_due(row)]
            for row in rows:
                self._fail(unit, row, fault)
            return bool(rows) and all(row.state == "failed" for row in rows)

        return await self._store.run(fail)

    async def let_go(self) -> None:
        """Let all that is parked be tried once more."""

        def let_go(unit: Unit) -> None:
            unit.moments.let_go(PARKED)
            unit.posts.let_go(PARKED, self._real())

        await self._store.run(let_go)

    async def before(self, moment: Due) -> list[Due]:
        """What was due in the group before a moment and is still there: it has to come first."""

        def before(unit: Unit) -> list[Due]:
            due_at = unit.moments.find(moment.group, moment.meeting, moment.kind, moment.who)
            if due_at is None:
                return []
            return [Due(*one) for one in unit.moments.before(moment.group, due_at)]

        return await self._store.run(before)

    # --- an engine that keeps its work --------------------------------------------------------

    def _take(self, kinds: Collection[str], unit: Unit) -> int:
        """Queue some moments that have come; how many."""
        taken = unit.moments.take(self._now(), kinds)
        self._engine.enqueue(unit, *(Due(*moment) for moment in taken))
        return len(taken)

    def _abandoned(self, unit: Unit) -> None:
        again = unit.posts.abandoned(self._real() - GONE)
        self._engine.enqueue(unit, *map(Show, again))

    def _put_back(self, unit: Unit) -> None:
        """Queue what was put off until now."""
        self._engine.enqueue(unit, *map(Show, unit.posts.put_off_until(self._real())))

    def _may_not_speak(self, unit: Unit, group_id: GroupId) -> bool:
        """Whether something must be destroyed first, or rooms be looked at after a restore."""
        if self._engine.keeps:
            for key_id in unit.groups.doomed():  # by whichever process
                self._keyring.destroy(key_id)
        if self._keyring.all_gone() and not is_unseen(unit):
            return unit.moments.ending(group_id, self._now())
        if self._engine.keeps:  # else somebody looks again anyway
            unit.posts.put_off(group_id, self._real() + _FIRST_WAIT)
        return True

    def _fail(self, unit: Unit, row: PostRow, fault: str) -> None:
        unit.posts.fail(row, fault, PARKED, self._real() + _FIRST_WAIT)

    def _is_due(self, row: PostRow) -> bool:
        return row.next_try_at is None or row.next_try_at <= self._real()

    # --- claiming -----------------------------------------------------------------------------

    def _find(self, unit: Unit) -> tuple[list[Work], datetime | None]:
        real = self._real()
        shows = [Show(group_id) for group_id in unit.posts.waiting(real, self._messengers)]
        return [*shows, *self._due(unit)], unit.posts.next_try(real)

    def _due(self, unit: Unit) -> list[Due]:
        return [
            Due(row.group_id, row.meeting, row.kind, row.who)
            for row in unit.moments.due(self._now())
        ]

    def _claim(self, group_id: GroupId, unit: Unit) -> tuple[Claim | None, datetime | None]:
        """Take the next post that can be sent now; settle on the way what needs no sending.

        Also until when something was put off that was not put off before.
        """
        if self._may_not_speak(unit, group_id):
            return None, None
        waits = unit.posts.waits(group_id)
        until = self._calm.until(waits, self._real())
        new = [later for id, _, at in waits if (later := until[id]) is not None and later != at]
        if None not in until.values() and not new:
            return None, None  # the usual case while much changes: not worth reading the rows
        rows = [(row, until.get(row.id or 0)) for row in unit.posts.pending(group_id)]
        for row, later in rows:
            row.next_try_at = later or row.next_try_at
        return self._next(group_id, unit, rows), min(new, default=None)

    def _next(self, group_id: GroupId, unit: Unit, rows: Iterable[_Waiting]) -> Claim | None:
        """The next of these posts that is not put off until some time, claimed."""
        loaded = self._groups.load(unit, group_id)
        if loaded is None or loaded.group.platform not in self._messengers:
            return None
        place = unit.groups.room(group_id)
        held: set[str] = set()  # conversations in which an earlier first post waits
        for row, later in rows:
            assert row.id is not None, "a stored post has an id"
            if row.ref is None and row.person_id in held:
                continue
            if later is not None:
                if row.ref is None:
                    held.add(row.person_id)
                continue
            if (row.kind == "room" and place) or (row.card is None and row.ref is None):
                row.state, row.shown = "shown", row.revision
                continue
            try:
                call = self._call(unit, row, loaded.group, place)
            except REFUSALS:
                raise
            except Exception as error:  # a card of another Krets, say, whose text nobody logs
                self._fail(unit, row, type(error).__name__)
                names = {"what": row.name.partition("/")[0], "error": type(error).__name__}
                if row.state == "failed":
                    log.error("%(what)s is parked: %(error)s", names)
                else:
                    log.warning("%(what)s cannot be shown: %(error)s", names)
                if row.ref is None and row.state == "pending":
                    held.add(row.person_id)
                continue
            if isinstance(call, Failed):
                row.state, row.reason = "failed", call.why
            elif call is not None:
                row.state, row.claimed_at = "sending", self._real()
                self._calm.disturb(row.id)
                platform = loaded.group.platform
                return Claim(row.id, row.revision, row.person_id, platform, row.card, call)
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

    def _settle(self, group_id: GroupId, claim: Claim, outcome: Outcome, unit: Unit) -> str:
        """Take down what has become of it; the state of the post."""
        row = unit.posts.find(claim.post_id)
        if row is None:
            return "gone"  # with its group, while it was being sent
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
                if claim.card and ref and claim.platform not in self._unhurried:
                    self._calm.showed(claim.post_id, claim.card, self._real())
                if place is not None:
                    unit.groups.set_room(group_id, place)
            case Later(after):
                row.state = "pending"
                row.next_try_at = self._real() + max(after, _SHORTEST_WAIT)
            case Failed(why):
                row.state, row.reason = ("pending", "") if newer else ("failed", why)
            case Unknown() if isinstance(claim.call, Post | OpenRoom):
                row.state, row.reason = "uncertain", ""
            case Unknown():
                row.tries += 1
                given_up = row.tries >= TRIES
                row.state, row.reason = ("failed", "unknown") if given_up else ("pending", "")
                wait = min(_FIRST_WAIT * 2 ** (row.tries - 1), _LONGEST_WAIT)
                row.next_try_at = self._real() + wait
            case _:
                assert_never(outcome)
        return row.state
