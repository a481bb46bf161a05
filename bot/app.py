"""The application: one event, one transaction; again on a lost race."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

from bot.core.action import ChooseLanguage
from bot.core.card import PeopleField
from bot.core.decision import UNAVAILABLE, Decision, Nothing, OpenForm, Reply
from bot.core.due import Wanted, due
from bot.core.event import (
    ButtonPressed,
    CommandGiven,
    Deed,
    Event,
    FormSubmitted,
    GroupId,
    HomeOpened,
    Identity,
    MomentCame,
    PersonId,
    Picked,
)
from bot.core.facts import Defaults, Facts
from bot.core.handle import handle
from bot.core.method import Method
from bot.core.model import Group
from bot.groups import Groups, Loaded, everybody
from bot.keyring import Keyring
from bot.messenger import Profile
from bot.saving import Saving
from bot.store import LostRace, Store, Unit
from bot.store.tables import PersonRow
from bot.words import View, Words
from schedules.engine import Due, Engine

R = TypeVar("R")

#: How often a decision is made anew when somebody else was faster.
TRIES = 5
#: How long an event is remembered; platforms deliver again for minutes only.
REMEMBERED = timedelta(days=2)


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
    `expect` is told, after a commit, when the earliest moment of the group is due.
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
        decide: Callable[[Group | None, Event, Facts], Decision] = handle,
        due: Callable[[Group], frozenset[Wanted]] = due,
    ) -> None:
        """Make an application of these parts."""
        self._store = store
        self._keyring = keyring
        self._groups = Groups(keyring)
        self._saving = Saving(self._groups, keyring, engine, methods, due, expect)
        self._words = words
        self._methods = {id: (hash, method) for id, (hash, _, method) in methods.items()}
        self._now = now
        self._real = real
        self._fresh = fresh
        self._defaults = defaults
        self._help_text = help_text
        self._decide = decide

    # --- what happens -------------------------------------------------------------------------

    async def handle(self, event: Deed) -> Answer:
        """Decide what follows from what a person did, save it, and only then answer."""
        return await self._run(partial(self._deed, event))

    async def moment(self, work: Due) -> None:
        """Let a moment come that still stands; else nothing happens."""
        await self._run(partial(self._moment, work))

    async def recover(self) -> None:
        """Destroy the keys that a crash has spared; at the start, before the first event."""
        await self._store.run(self._saving.bury)
        self._keyring.sweep(await self._store.run(lambda unit: unit.groups.keys()))

    async def prune(self) -> None:
        """Forget the events that nobody delivers any more."""
        before = self._real() - REMEMBERED
        await self._store.run(lambda unit: unit.forget_seen(before))

    # --- what adapters may ask ----------------------------------------------------------------

    async def person(self, identity: Identity) -> PersonId:
        """The person whom a platform knows so; somebody new is remembered."""
        return await self._store.run(lambda unit: self._meet(unit, identity).id)

    async def knows(self, identity: Identity) -> bool:
        """Whether the platform has told who this is."""

        def known(unit: Unit) -> bool:
            row = unit.people.known(identity)
            return row is not None and row.introduced

        return await self._store.run(known)

    async def introduce(self, identity: Identity, profile: Profile) -> None:
        """Take up what the platform tells of a person; somebody new is remembered."""

        def introduce(unit: Unit) -> None:
            self._meet(unit, identity)
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
            if shredded:
                await self._store.run(self._saving.bury)
            return result
        raise LostRace

    def _deed(self, event: Deed, unit: Unit) -> tuple[Answer, bool]:
        me = self._meet(unit, event.actor)
        key = json.dumps([event.actor.platform, event.actor.tenant, event.id])
        if unit.seen(key):
            return Answer(Nothing(), self._view(unit, me, event.actor, (), {me.id})), False
        named = {me.id}
        if isinstance(event, FormSubmitted):
            event = self._with_people(unit, event, named)
        here = () if event.place.private else event.place.people
        loaded = self._load(unit, event, me)
        aim = loaded.get(_aim(event))
        facts = replace(
            self._facts(event.actor),
            me=me.id,
            language=me.language,
            zone=me.zone,
            mine=() if aim else tuple(one.group for one in loaded.values()),
            here=tuple(self._meet(unit, one).id for one in here),
            room_of="" if event.place.private else unit.groups.in_room(event.place),
        )
        decision = self._decide(aim.group if aim else None, event, facts)
        new = decision.group
        if new is not None and new.id not in loaded and unit.groups.find(new.id):
            decision = UNAVAILABLE  # the id is a group's of another organisation
        shredded = False
        groups = {group_id: one.group for group_id, one in loaded.items()}
        if decision.changes:
            unit.see(key, self._real())
            before = loaded.get(new.id) if new is not None else aim
            saved = self._saving.save(unit, decision, before)
            shredded = saved.shredded
            groups |= {saved.group.id: saved.group} if saved.group else {}
        named.update(facts.here)
        if isinstance(decision.reply, OpenForm) and _asks_for_anybody(decision.reply):
            everyone = unit.people.of_tenant(event.actor.platform, event.actor.tenant)
            named.update(row.id for _, row in everyone)
        view = self._view(unit, me, event.actor, groups.values(), named)
        return Answer(decision.reply, view), shredded

    def _moment(self, work: Due, unit: Unit) -> tuple[None, bool]:
        now = self._now()
        due_at = unit.moments.find(work.group, work.meeting, work.kind, work.who)
        if due_at is None or due_at > now:
            return None, False
        before = self._groups.load(unit, work.group)
        assert before is not None, "a moment belongs to a group"
        event = MomentCame(work.group, work.meeting, work.kind, work.who, due_at)
        at = Identity(before.group.platform, before.group.tenant, "")
        facts = replace(self._facts(at), language=before.group.language, zone=before.group.zone)
        decision = self._decide(before.group, event, facts)
        saved = self._saving.save(unit, decision, before)
        for one in saved.wanted:
            same = (one.meeting, one.kind, one.who) == (work.meeting, work.kind, work.who)
            if same and one.due_at <= now:
                raise StuckMoment(f"{work.kind} of meeting {work.meeting} in {work.group}")
        return None, saved.shredded

    # --- reading ------------------------------------------------------------------------------

    def _load(self, unit: Unit, event: Deed, me: PersonRow) -> dict[GroupId, Loaded]:
        """The group the event aims at, if it is of the same organisation; or all of mine."""
        actor = event.actor
        wanted: Iterable[GroupId] = [_aim(event)]
        if isinstance(event, CommandGiven | HomeOpened) or _acts_without_group(event):
            wanted = unit.groups.of_person(me.id, actor.platform, actor.tenant)
        found = {group_id: self._groups.load(unit, group_id) for group_id in wanted}
        return {
            group_id: one
            for group_id, one in found.items()
            if one is not None
            and (one.group.platform, one.group.tenant) == (actor.platform, actor.tenant)
        }

    def _meet(self, unit: Unit, identity: Identity) -> PersonRow:
        """The person; somebody new is called as the platform calls them until it tells more."""
        return unit.people.known(identity) or unit.people.meet(
            identity,
            self._fresh(),
            name=identity.native,
            language=self._defaults.language,
            zone=self._defaults.zone,
        )

    def _with_people(self, unit: Unit, event: FormSubmitted, named: set[PersonId]) -> FormSubmitted:
        """The form with people instead of identities; they are added to `named`."""
        answers = dict(event.answers)
        for field, answer in event.answers.items():
            if isinstance(answer, tuple):
                identities = [one for one in answer if isinstance(one, Identity)]
                if identities:
                    people = tuple(self._meet(unit, one).id for one in identities)
                    answers[field] = Picked(people)
                    named.update(people)
        return replace(event, answers=answers)

    def _facts(self, at: Identity) -> Facts:
        return Facts(
            now=self._now(),
            fresh=self._fresh(),
            platform=at.platform,
            tenant=at.tenant,
            methods=self._methods,
            defaults=self._defaults,
        )

    def _view(
        self,
        unit: Unit,
        me: PersonRow,
        at: Identity,
        groups: Iterable[Group],
        named: Iterable[PersonId],
    ) -> View:
        by_id = {group.id: group for group in groups}
        people = set(named).union(*(everybody(group) for group in by_id.values()))
        return View(
            language=me.language,
            zone=me.zone,
            names=unit.people.names(people),
            groups=by_id,
            help_text=self._help_text,
            words=self._words,
            natives=unit.people.natives(people, at.platform, at.tenant),
        )


def _aim(event: Deed) -> GroupId:
    """The group an event is about; empty if it names none."""
    if isinstance(event, ButtonPressed | FormSubmitted):
        return "" if isinstance(event.action, ChooseLanguage) else event.action.group
    return ""


def _acts_without_group(event: Deed) -> bool:
    return isinstance(event, ButtonPressed | FormSubmitted) and not _aim(event)


def _asks_for_anybody(reply: OpenForm) -> bool:
    return any(isinstance(one, PeopleField) and not one.among for one in reply.form.fields)
