"""Reading: what the rules are told before they decide, and what a reply needs to be shown."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from bot.core.action import OfPerson, SeeFigures, SeeGroups
from bot.core.card import PeopleField
from bot.core.commands import asks_to_join, coordinators_wish
from bot.core.decision import OpenForm
from bot.core.event import (
    ButtonPressed,
    CommandGiven,
    Deed,
    FormSubmitted,
    GroupId,
    HomeOpened,
    Identity,
    Installed,
    PersonId,
    Picked,
)
from bot.core.facts import Defaults, Facts
from bot.core.figures import (
    YEAR_FIGURES,
    GroupFacts,
    OpenSignUp,
    YearFigures,
    closed_years,
    count_of,
    ended_in,
    facts_of,
    figures_of,
    sign_up_of,
)
from bot.core.method import Method
from bot.core.model import Group
from bot.groups import Groups, Loaded, everybody
from bot.store import Unit
from bot.store.people import Known
from bot.words import View, Words


class Reading:
    """Reads in one transaction, in programme time; `fresh` gives a token never used before."""

    def __init__(
        self,
        *,
        groups: Groups,
        words: Words,
        methods: Mapping[str, tuple[str, Method]],
        now: Callable[[], datetime],
        fresh: Callable[[], str],
        defaults: Defaults,
        help_text: str,
        coordinators: Collection[Identity],
        by_hand: Collection[str],
        base_url: str,
    ) -> None:
        """Read with these parts; see `bot.app.Bot`."""
        self._groups = groups
        self._words = words
        self._methods = methods
        self._now = now
        self._fresh = fresh
        self._defaults = defaults
        self._help_text = help_text
        self._coordinators = coordinators
        self._by_hand = by_hand
        self._base_url = base_url

    def load(self, unit: Unit, event: Deed, me: Known) -> dict[GroupId, Loaded]:
        """The group the event aims at, if it is of the same organisation; or all of mine."""
        actor = event.actor
        wanted: Iterable[GroupId] = [aim(event)]
        if isinstance(event, CommandGiven | HomeOpened | Installed) or _acts_without_group(event):
            wanted = unit.groups.of_person(me.id, actor.platform, actor.tenant)
        found = {group_id: self._groups.whole(unit, group_id) for group_id in wanted}
        return {
            group_id: one
            for group_id, one in found.items()
            if one is not None
            and (one.group.platform, one.group.tenant) == (actor.platform, actor.tenant)
        }

    def meet(self, unit: Unit, identity: Identity) -> Known:
        """The person; somebody new is called as the platform calls them until it tells more."""
        known = unit.people.known(identity) or unit.people.meet(
            identity, self._fresh(), name=identity.native
        )
        return known._replace(
            language=known.language or self._defaults.language,
            zone=known.zone or self._defaults.zone,
        )

    def with_people(self, unit: Unit, event: FormSubmitted, named: set[PersonId]) -> FormSubmitted:
        """The form with people instead of identities; they are added to `named`."""
        answers = dict(event.answers)
        for field, answer in event.answers.items():
            if isinstance(answer, tuple):
                identities = [one for one in answer if isinstance(one, Identity)]
                if identities:
                    people = tuple(self.meet(unit, one).id for one in identities)
                    answers[field] = Picked(people)
                    named.update(people)
        return replace(event, answers=answers)

    def facts(self, at: Identity) -> Facts:
        """What holds in one organisation, and whether this is a coordinator of it."""
        return Facts(
            now=self._now(),
            fresh=self._fresh(),
            platform=at.platform,
            tenant=at.tenant,
            makes_rooms=at.platform not in self._by_hand,
            coordinates=at in self._coordinators,
            methods=self._methods,
            defaults=self._defaults,
            # The playground is on this very machine.
            reached=bool(self._base_url) or at.platform == "playground",
        )

    def coordinator(self, unit: Unit, event: Deed, facts: Facts) -> Facts:
        """The facts with what a coordinator asks to see; the rules are told no more of groups."""
        at = (facts.platform, facts.tenant)
        match coordinators_wish(event, facts.now):
            case SeeGroups():
                groups = self._groups.without_drawers(unit, *at, closed=False)
                return replace(facts, groups=tuple(facts_of(one, facts.now) for one in groups))
            case SeeFigures(year) if year in closed_years(facts.now):
                return replace(facts, figures=self._figures(unit, *at, year))
        return facts

    def joiner(self, unit: Unit, event: Deed, facts: Facts) -> Facts:
        """The facts with the groups for which somebody may sign up, if they ask for them."""
        if not asks_to_join(event):
            return facts
        groups = self._groups.gathering(unit, facts.platform, facts.tenant)
        found = (sign_up_of(one, facts.me) for one in groups)
        return replace(facts, sign_ups=tuple(one for one in found if one is not None))

    def _figures(self, unit: Unit, platform: str, tenant: str, year: int) -> YearFigures:
        """The figures of a year that is over; who asks first has them computed, once for all."""
        kept = unit.figures.find(platform, tenant, year)
        if kept is not None:
            return YEAR_FIGURES.validate_json(kept)
        groups = self._groups.without_drawers(unit, platform, tenant, closed=True)
        there = [(one.method_id, count_of(one)) for one in groups if ended_in(one) == year]
        figures = figures_of([*there, *unit.figures.counts(platform, tenant, year)], year)
        unit.figures.keep(platform, tenant, year, YEAR_FIGURES.dump_json(figures).decode())
        return figures

    def view(
        self,
        unit: Unit,
        me: Known,
        at: Identity,
        groups: Iterable[Group],
        named: Iterable[PersonId],
        listed: Iterable[GroupFacts | OpenSignUp] = (),
    ) -> View:
        """How this person sees these groups and those who are named."""
        by_id = {group.id: group for group in groups}
        people = set(named).union(*(everybody(group) for group in by_id.values()))
        names, natives = unit.people.shown(people, at.platform, at.tenant)
        return View(
            language=me.language,
            zone=me.zone,
            names=names,
            groups=by_id,
            help_text=self._help_text,
            words=self._words,
            natives=natives,
            listed={one.group: one.name for one in listed},
            base_url=self._base_url,
        )


def aim(event: Deed) -> GroupId:
    """The group an event is about; empty if it names none."""
    if isinstance(event, ButtonPressed | FormSubmitted):
        return "" if isinstance(event.action, OfPerson) else event.action.group
    return ""


def _acts_without_group(event: Deed) -> bool:
    return isinstance(event, ButtonPressed | FormSubmitted) and not aim(event)


def asks_for_anybody(reply: OpenForm) -> bool:
    """Whether a form lets anybody of the organisation be picked."""
    return any(isinstance(one, PeopleField) and not one.among for one in reply.form.fields)
