"""A small stage: people press and write, time passes, and what each is shown can be looked at.

play = started()
play.go("begin", 2)
play.tap("lena", "guide.next")
assert "guide.back" in play.buttons("lena")
"""

from collections.abc import Mapping
from copy import copy
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from bot import methods
from bot.core.action import Action, SeeFigures, SeeGroups
from bot.core.card import Button, Card, Form, Line, OfMethod, Quote, Said, T, Who
from bot.core.commands import asks_to_join, coordinators_wish
from bot.core.decision import Decision, FieldErrors, Home, Notice, OpenForm, Reply
from bot.core.due import Wanted
from bot.core.effect import (
    Effect,
    Grant,
    LetIn,
    LetOut,
    Person,
    Room,
    ShowAgain,
)
from bot.core.event import (
    CouldNotReach,
    Deed,
    DrawersLost,
    Event,
    HomeOpened,
    Identity,
    MemberChanged,
    NotSure,
    Place,
    RoomChanged,
    RoomSeen,
    RoomState,
    TextWritten,
)
from bot.core.facts import Facts
from bot.core.figures import count_of, ended_in, facts_of, figures_of, sign_up_of
from bot.core.handle import handle
from bot.core.method import Method
from bot.core.model import Group
from bot.simulate.world import World, person_place, room
from tests.core.laws import check_decision, check_group, inside

SPONSOR = "eva"
COORDINATOR = "karin"
#: Another one, who opens groups for own sign-up.
OPENER = "olof"
LEADERS = ("lena", "omar")
POOL = ("anna", "bo", "cilla", "dag", "elin", "fia", "gun", "hans", "ida", "jan", "kim", "liv")
#: A Monday, two weeks before the first meeting of `OPENING`.
NOW = datetime(2026, 2, 16, 8, tzinfo=UTC)
OPENING: Mapping[str, Any] = {
    "name": "Tisdagsgruppen",
    "method": "jonkoping",
    "date": "2026-03-03",
    "time": "13:00",
    "every": "1",
    "place": "Rum 4",
    "link": "",
    "leaders": LEADERS,
    "pool": POOL,
    "language": "sv",
    "country": "SE",
    "zone": "Europe/Stockholm",
    "working_time": True,
    "informed": True,
}
#: The fields in which people write what is theirs.
PRIVATE = ("case", "words", "support", "take", "rules")


@cache
def shipped(id: str) -> Method:
    """One of the methods that come with Krets."""
    return methods.parse((Path(methods.__file__).parent / f"{id}.toml").read_text())


def jonkoping() -> Method:
    return shipped("jonkoping")


class Play(World):
    """A world in which every decision is held against the laws, with a closer look at it."""

    def __init__(self, method: Method | None = None) -> None:
        super().__init__(method or jonkoping(), NOW)
        self.let_in: tuple[str, ...] = ()
        self.let_out: tuple[str, ...] = ()
        self.shown_again: tuple[Person | Room, ...] = ()
        self.canaries: frozenset[str] = frozenset()
        #: Whether Krets makes rooms here.
        self.makes_rooms = True
        self.reached = True
        self.granted: tuple[Grant, ...] = ()

    def copy(self) -> "Play":
        other = copy(self)
        for name, value in vars(self).items():
            if isinstance(value, dict):
                setattr(other, name, dict(value))
        return other

    # --- what people do -----------------------------------------------------------------------

    def submit(self, person: str, action: Action, at: Place | None = None, **answers: Any) -> Reply:
        for field in PRIVATE:
            if isinstance(answers.get(field), str) and len(answers[field]) > 5:
                self.canaries |= {answers[field]}
        return super().submit(person, action, at, **answers)

    def home(self, person: str) -> tuple[Card, ...]:
        actor = Identity("playground", "t1", person)
        reply = self._deed(person, HomeOpened("", actor, person_place(person)))
        assert isinstance(reply, Home)
        return reply.cards

    def say(self, person: str) -> Reply:
        actor = Identity("playground", "t1", person)
        return self._deed(person, TextWritten("", actor, person_place(person)))

    def tap(self, person: str, label: str) -> Reply:
        """Press the button with this label, in the private chat or else in the group's room."""
        found = self.buttons(person).get(label) or self.buttons("").get(label)
        assert found, f"{person} has no {label}: {[*self.buttons(person), *self.buttons('')]}"
        return self.press(person, found)

    def fill(self, person: str, at: Place | None = None, **answers: Any) -> Reply:
        """Send the form that is open before a person."""
        return self.submit(person, self.form(person).action, at, **answers)

    # --- what comes to pass in the first group's room -----------------------------------------

    def comes(self, person: str) -> None:
        self._in_room(person, came=True)

    def goes(self, person: str) -> None:
        self._in_room(person, came=False)

    def _in_room(self, person: str, came: bool) -> None:
        who = Identity("playground", "t1", person)
        self._happens(person, MemberChanged("", who, self.rooms[self.group.id], came))

    def room_is(self, how: RoomState) -> None:
        self._happens("", RoomChanged("", self.rooms[self.group.id], how))

    def look(self, *people: str, how: RoomState = "ok") -> None:
        """The platform is asked how the room is and who is in it."""
        self._happens("", RoomSeen("", room("opened", *people), how), people)

    def unreachable(self, person: str) -> None:
        self._happens("", CouldNotReach(self.group.id, person))

    def unsure(self, person: str) -> None:
        self._happens("", NotSure(self.group.id, person))

    def loses(self, *drawers: str) -> None:
        """These drawers open no more."""
        kept = {name: {} if name in drawers else was for name, was in self.group.drawers.items()}
        self.groups[self.group.id] = replace(self.group, drawers=kept)
        self._happens("", DrawersLost(self.group.id, drawers))

    def _happens(self, me: str, event: Event, here: tuple[str, ...] = ()) -> None:
        self._decide(self.group, event, replace(self.facts(me), here=here))

    # --- what people see ----------------------------------------------------------------------

    def told(self, person: str) -> str:
        """The key of the sentence that was the last answer."""
        reply = self.replies[person]
        return reply.text.key if isinstance(reply, Notice) else type(reply).__name__

    def errors(self, person: str) -> dict[str, str]:
        reply = self.replies[person]
        assert isinstance(reply, FieldErrors), reply
        return {field: text.key for field, text in reply.errors.items()}

    def form(self, person: str) -> Form:
        reply = self.replies[person]
        assert isinstance(reply, OpenForm), reply
        return reply.form

    def reads(self, person: str) -> list[str]:
        """The words of people that stand in the form that is open before a person."""
        form = self.form(person)
        said = [one.said for one in form.fields if isinstance(one, Quote)]
        said += [
            one.value
            for one in form.fields
            if isinstance(one, Line) and isinstance(one.value, Said)
        ]
        said += list(inside([one for one in form.fields if hasattr(one, "options")], Said))
        texts = [self.groups[one.group].item(one.drawer, one.item) for one in said]
        return [text for text in texts if text]

    def chat(self, person: str) -> dict[str, Card]:
        """The cards of a private chat by name; of the first group's room for nobody's."""
        to = Person(person) if person else Room(self.group.id)
        return {name: card for (at, name), card in self.shown.items() if at == to}

    def buttons(self, person: str) -> dict[str, Action]:
        """Button label -> action in a chat; the last card's wins."""
        found = inside(list(self.chat(person).values()), Button)
        return {button.label.key: button.action for button in found}

    def keys(self, person: str, name: str = "") -> set[str]:
        """The sentences in a chat, or in one card of it."""
        cards = self.chat(person)
        return keys([cards[name]] if name else list(cards.values()))

    # --- time ---------------------------------------------------------------------------------

    def next(self) -> Wanted:
        group_id, _ = self.upcoming()
        before = self.wanted[group_id]
        moment = super().next()
        same = (moment.meeting, moment.kind, moment.who)
        for one in self.wanted[group_id] - (before - {moment}):
            assert (one.meeting, one.kind, one.who) != same or one.due_at > self.now, moment
        return moment

    # --- inside -------------------------------------------------------------------------------

    def facts(self, me: str) -> Facts:
        coordinates = me in (COORDINATOR, OPENER)
        told = replace(super().facts(me), coordinates=coordinates)
        return replace(told, makes_rooms=self.makes_rooms, reached=self.reached)

    def known(self, event: Deed, facts: Facts) -> Facts:
        if facts.coordinates:
            facts = self._asked(event, facts)
        if asks_to_join(event):
            found = (sign_up_of(one, facts.me) for one in self.groups.values())
            facts = replace(facts, sign_ups=tuple(one for one in found if one))
        return facts

    def _asked(self, event: Deed, facts: Facts) -> Facts:
        """What the shell reads for a coordinator."""
        groups = self.groups.values()
        match coordinators_wish(event, facts.now):
            case SeeGroups():
                there = [facts_of(one, facts.now) for one in groups if one.status != "closed"]
                return replace(facts, groups=tuple(there))
            case SeeFigures(year):
                ended = ((one.method_id, count_of(one)) for one in groups if ended_in(one) == year)
                return replace(facts, figures=figures_of(ended, year))
        return facts

    def _decide(self, before: Group | None, event: Event, facts: Facts) -> Decision:
        decision = super()._decide(before, event, facts)
        assert handle(before, event, facts) == decision, "the same for the same three"
        return decision

    def _follow(self, before: Group | None, decision: Decision) -> None:
        check_decision(before, decision, self.canaries)
        super()._follow(before, decision)
        if decision.changes and (after := decision.group or before) is not None:
            check_group(self.groups[after.id], self.canaries)

    def follow(self, effect: Effect) -> None:
        super().follow(effect)
        match effect:
            case LetIn(_, person):
                self.let_in += (person,)
            case LetOut(_, person):
                self.let_out += (person,)
            case ShowAgain(to):
                self.shown_again += (to,)
            case Grant():
                self.granted += (effect,)


def keys(thing: Any) -> set[str]:
    """The sentences in something."""
    return {said.key for said in inside(thing, T)}


def paths(thing: Any) -> set[str]:
    """The texts of the method in something."""
    return {one.path for one in inside(thing, OfMethod)}


def people(thing: Any) -> set[str]:
    """The people that something names."""
    return {person for who in inside(thing, Who) for person in who.people}
