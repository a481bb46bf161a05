"""The application: one event, one transaction; again on a lost race."""

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

from bot.core.decision import UNAVAILABLE, Decision, Nothing, OpenForm, Reply
from bot.core.due import ENDING, Wanted, due
from bot.core.effect import Prefer
from bot.core.event import (
    ButtonPressed,
    CouldNotReach,
    Deed,
    DrawersLost,
    Event,
    Fate,
    FormSubmitted,
    Happening,
    Identity,
    MemberChanged,
    MomentCame,
    NotSure,
    PersonId,
    RoomSeen,
)
from bot.core.facts import Defaults, Facts
from bot.core.figures import GroupFacts, OpenSignUp
from bot.core.handle import handle
from bot.core.method import Method
from bot.core.model import Group
from bot.groups import Groups, NotTold
from bot.keyring import Keyring
from bot.messenger import Profile
from bot.reading import Reading, aim, asks_for_anybody
from bot.recovery import recover, sweep
from bot.restored import may_have_come
from bot.retention import retire
from bot.saving import Saving
from bot.shredding import bury, shred_all
from bot.store import LostRace, Store, Unit
from bot.words import View, Words
from schedules.engine import Due, Engine

R = TypeVar("R")

#: How often a decision is made anew when somebody else was faster.
TRIES = 5
#: How long an event is remembered; platforms deliver again for minutes only.
REMEMBERED = timedelta(days=2)

#: How long the rows of an organisation are kept that has taken Krets out.
KEPT = timedelta(days=30)


#: How long it is remembered what processes have spent together.
SPENT = timedelta(minutes=1)


class StuckMoment(Exception):
    """A moment came, and the rules want it to come again at once: a fault of the rules."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The immediate reply, and what is needed to render it for the one who acted."""

    reply: Reply
    view: View


class Bot:
    """Loads, lets the rules decide, and saves all that follows in one transaction.

    `now` is programme time and `real` real time; `fresh` gives a token never used before;
    `expect` is told, after a commit, when the earliest moment of the group is due. `by_hand`: the
    platforms on which people make rooms, and Krets cannot. `base_url` is where people reach Krets
    from their own devices, empty if nowhere.
    """

    def __init__(
        self,
        *,
        store: Store,
        keyring: Keyring,
        engine: Engine,
        words: Words,
        methods: Mapping[str, tuple[str, str, Method]],
        now: Callable[[], datetime],
        real: Callable[[], datetime],
        fresh: Callable[[], str],
        expect: Callable[[datetime], None],
        defaults: Defaults,
        help_text: str = "",
        coordinators: Collection[Identity] = (),
        by_hand: Collection[str] = (),
        base_url: str = "",
        decide: Callable[[Group | None, Event, Facts], Decision] = handle,
        due: Callable[[Group], frozenset[Wanted]] = due,
    ) -> None:
        """Make an application of these parts."""
        self._store = store
        self._keyring = keyring
        self._groups = Groups(keyring)
        self._saving = Saving(self._groups, keyring, engine, methods, due, expect)
        self._reading = Reading(
            groups=self._groups,
            words=words,
            methods={id: (hash, method) for id, (hash, _, method) in methods.items()},
            now=now,
            fresh=fresh,
            defaults=defaults,
            help_text=help_text,
            coordinators=coordinators,
            by_hand=by_hand,
            base_url=base_url,
        )
        self._now = now
        self._real = real
        self._decide = decide

    # --- what happens -------------------------------------------------------------------------

    async def handle(self, event: Deed) -> Answer:
        """Decide what follows from what a person did, save it, and only then answer."""
        return await self._run(partial(self._deed, event))

    async def moment(self, work: Due) -> None:
        """Let a moment come that still stands; else nothing happens."""
        await self._run(partial(self._moment, work))

    async def happened(self, event: Happening | Fate | DrawersLost) -> None:
        """Decide what follows from what came to pass without anybody asking for an answer."""
        await self._run(partial(self._happening, event))

    async def gone(self, identity: Identity) -> None:
        """The platform knows somebody no more, so that none of their groups can reach them."""

        def concerned(unit: Unit) -> list[CouldNotReach]:
            person = unit.people.known(identity)
            if person is None:
                return []
            unit.people.estrange(identity)
            groups = unit.groups.of_person(person.id, identity.platform, identity.tenant)
            return [CouldNotReach(group_id, person.id) for group_id in groups]

        for event in await self._store.run(concerned):
            await self.happened(event)

    async def forget(self, platform: str, tenant: str) -> None:
        """An organisation has taken Krets out: all that was written there is destroyed at once.

        Its rows go later (`KEPT`), so that its groups can go on if it takes Krets in again.
        """

        def forget(unit: Unit) -> tuple[None, bool]:
            unit.departures.depart(platform, tenant, self._real())
            for group_id in unit.groups.of_tenant(platform, tenant):
                shred_all(unit, self._keyring, group_id)
            return None, True

        await self._run(forget)

    async def recover(self) -> None:
        """Destroy what is to be gone, and tell what is lost; at a start, before the first event."""
        await recover(
            store=self._store,
            keyring=self._keyring,
            groups=self._groups,
            now=self._now,
            moment=self.moment,
            lost=self.happened,
        )

    async def sweep(self) -> None:
        """Destroy what is to be gone; beside other processes, at any time."""
        await sweep(self._store, self._keyring)

    async def forget_budgets(self) -> None:
        """Forget what was spent of a platform's patience a while ago."""
        before = self._real() - SPENT
        await self._store.run(lambda unit: unit.budgets.forget(before))

    async def prune(self) -> None:
        """Forget events that nobody delivers any more, and groups and organisations long gone."""

        def prune(unit: Unit) -> tuple[None, bool]:
            unit.forget_seen(self._real() - REMEMBERED)
            for platform, tenant in unit.departures.before(self._real() - KEPT):
                unit.departures.erase(platform, tenant)
            return None, retire(unit, self._groups, self._keyring, self._now())

        await self._run(prune)

    # --- what adapters may ask ----------------------------------------------------------------

    async def person(self, identity: Identity) -> PersonId:
        """The person whom a platform knows so; somebody new is remembered."""
        return await self._store.run(lambda unit: self._reading.meet(unit, identity).id)

    async def knows(self, identity: Identity) -> bool:
        """Whether the platform has told who this is."""

        def known(unit: Unit) -> bool:
            row = unit.people.known(identity)
            return row is not None and row.introduced

        return await self._store.run(known)

    async def introduce(self, identity: Identity, profile: Profile) -> None:
        """Take up what the platform tells of a person; somebody new is remembered."""

        def introduce(unit: Unit) -> None:
            self._reading.meet(unit, identity)
            unit.people.introduce(identity, profile.name, profile.language, profile.zone)

        await self._store.run(introduce)

    async def people(self, platform: str, tenant: str) -> list[tuple[Identity, PersonId, str, str]]:
        """Everybody of one organisation, by name: identity, person, name, language."""
        return await self._store.run(
            lambda unit: [
                (identity, row.id, row.name, row.language)
                for identity, row in unit.people.of_tenant(platform, tenant)
            ]
        )

    # --- one transaction ----------------------------------------------------------------------

    async def _run(self, work: Callable[[Unit], tuple[R, bool]]) -> R:
        """Run a unit, again if it lost a race; after a drawer has ended, forget its key's name."""
        for _ in range(TRIES):
            try:
                result, shredded = await self._store.run(work)
            except LostRace:
                continue
            except NotTold as untold:
                await self.happened(untold.event)
                return await self._run(work)
            if shredded:
                await self._store.run(partial(bury, self._keyring))
            return result
        raise LostRace

    def _deed(self, event: Deed, unit: Unit) -> tuple[Answer, bool]:
        me = self._reading.meet(unit, event.actor)
        if me.departed:
            unit.departures.stay(event.actor.platform, event.actor.tenant)
        key = json.dumps([event.actor.platform, event.actor.tenant, event.id])
        if unit.seen(key):
            return Answer(Nothing(), self._reading.view(unit, me, event.actor, (), {me.id})), False
        named = {me.id}
        if isinstance(event, FormSubmitted):
            event = self._reading.with_people(unit, event, named)
        here = () if event.place.private else event.place.people
        proved = None
        if isinstance(event, ButtonPressed) and event.message:
            who = me.id if event.place.private else ""
            proved = who if self._saving.adopt(unit, who, event) else None
        loaded = self._reading.load(unit, event, me)
        meant = loaded.get(aim(event))
        facts = replace(
            self._reading.facts(event.actor),
            me=me.id,
            proved=proved,
            name=me.name,
            language=me.language,
            zone=me.zone,
            hours=me.hours,
            mine=() if meant else tuple(one.group for one in loaded.values()),
            here=tuple(self._reading.meet(unit, one).id for one in here),
            room_of="" if event.place.private else unit.groups.in_room(event.place),
        )
        if facts.coordinates:
            facts = self._reading.coordinator(unit, event, facts)
        facts = self._reading.joiner(unit, event, facts)
        named.update(person for one in facts.sign_ups for person in one.leaders)
        decision = self._decide(meant.group if meant else None, event, facts)
        new = decision.group
        if new is not None and new.id not in loaded and unit.groups.find(new.id):
            decision = UNAVAILABLE  # the id is a group's of another organisation
        shredded = False
        groups = {group_id: one.group for group_id, one in loaded.items()}
        if decision.changes:
            unit.see(key, self._real())
            for part in (decision, *decision.parts):
                before = loaded.get(part.group.id) if part.group is not None else meant
                saved = self._saving.save(unit, part, before)
                shredded = shredded or saved.shredded
                groups |= {saved.group.id: saved.group} if saved.group else {}
            if any(isinstance(effect, Prefer) for effect in decision.effects):
                me = self._reading.meet(unit, event.actor)
        named.update(facts.here)
        if isinstance(decision.reply, OpenForm) and asks_for_anybody(decision.reply):
            everyone = unit.people.of_tenant(event.actor.platform, event.actor.tenant)
            named.update(row.id for _, row in everyone)
        listed: tuple[GroupFacts | OpenSignUp, ...] = (*facts.groups, *facts.sign_ups)
        view = self._reading.view(unit, me, event.actor, groups.values(), named, listed)
        return Answer(decision.reply, view), shredded

    def _happening(self, event: Happening | Fate | DrawersLost, unit: Unit) -> tuple[None, bool]:
        load = self._groups.load if isinstance(event, DrawersLost) else self._groups.whole
        if isinstance(event, CouldNotReach | NotSure | DrawersLost):
            group_id, key = event.group, ""
        else:
            group_id = unit.groups.in_room(event.place)
            key = json.dumps([event.place.platform, event.place.tenant, event.id])
        before = load(unit, group_id) if group_id else None
        if before is None or (key and unit.seen(key)):
            return None, False
        group = before.group
        facts = self._reading.facts(Identity(group.platform, group.tenant, ""))
        match event:
            case MemberChanged(who=who):
                facts = replace(facts, me=self._reading.meet(unit, who).id)
            case RoomSeen(place=place):
                here = tuple(self._reading.meet(unit, one).id for one in place.people)
                facts = replace(facts, here=here)
        decision = self._decide(group, event, facts)
        if not decision.changes:
            return None, False
        if key:
            unit.see(key, self._real())
        return None, self._saving.save(unit, decision, before).shredded

    def _moment(self, work: Due, unit: Unit) -> tuple[None, bool]:
        now = self._now()
        due_at = unit.moments.find(work.group, work.meeting, work.kind, work.who)
        if due_at is None:
            return None, False
        if due_at > now:  # by the clock of another machine it had come
            unit.moments.give_back(work.group, work.meeting, work.kind, work.who)
            return None, False
        # What is about to end is not told to be lost.
        load = self._groups.load if work.kind in ENDING else self._groups.whole
        before = load(unit, work.group)
        assert before is not None, "a moment belongs to a group"
        event = MomentCame(work.group, work.meeting, work.kind, work.who, due_at)
        at = Identity(before.group.platform, before.group.tenant, "")
        facts = replace(
            self._reading.facts(at), language=before.group.language, zone=before.group.zone
        )
        decision = self._decide(before.group, event, facts)
        said_before = may_have_come(unit, due_at)
        saved = self._saving.save(unit, decision, before, woken=True, said_before=said_before)
        for one in saved.wanted:
            same = (one.meeting, one.kind, one.who) == (work.meeting, work.kind, work.who)
            if same and one.due_at <= now:
                raise StuckMoment(f"{work.kind} of meeting {work.meeting} in {work.group}")
        return None, saved.shredded
