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
from hashlib import sha256
from pathlib import Path
from typing import Any

from bot import methods
from bot.core.action import Action, OfPerson, SeeFigures, SeeGroups
from bot.core.card import Button, Card, Form, Line, Quote, Said, T, Who
from bot.core.commands import asks_to_join, coordinators_wish
from bot.core.decision import Decision, FieldErrors, Home, Notice, OpenForm, Reply
from bot.core.due import Wanted
from bot.core.effect import (
    Grant,
    KeepHours,
    LetIn,
    LetOut,
    OpenRoom,
    Person,
    Prefer,
    Put,
    Remove,
    Room,
    ShowAgain,
    Shred,
    UseRoom,
)
from bot.core.event import (
    ButtonPressed,
    CommandGiven,
    CouldNotReach,
    Deed,
    DrawersLost,
    Event,
    FormSubmitted,
    HomeOpened,
    Identity,
    MemberChanged,
    MomentCame,
    NotSure,
    Picked,
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
from tests.core.laws import check_decision, check_group, inside, parts

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
#: The fields in which people are picked.
PICKED = ("leaders", "pool", "newcomer")


@cache
def shipped(id: str) -> Method:
    """One of the methods that come with Krets."""
    return methods.parse((Path(methods.__file__).parent / f"{id}.toml").read_text())


def jonkoping() -> Method:
    return shipped("jonkoping")


def person_place(person: str) -> Place:
    return Place("playground", "t1", f"chat/{person}", private=True)


class Play:
    """Groups, time, what is shown where, and the last answer to each person."""

    def __init__(self, method: Method | None = None) -> None:
        self.now = NOW
        self.method = method or jonkoping()
        self.groups: dict[str, Group] = {}
        self.wanted: dict[str, frozenset[Wanted]] = {}
        self.shown: dict[tuple[Person | Room, str], Card] = {}
        self.rooms: dict[str, Place] = {}
        self.let_in: tuple[str, ...] = ()
        self.let_out: tuple[str, ...] = ()
        self.shown_again: tuple[Person | Room, ...] = ()
        self.replies: dict[str, Reply] = {}
        self.languages: dict[str, str] = {}
        self.hours: dict[str, str] = {}
        self.canaries: frozenset[str] = frozenset()
        self.came: tuple[Wanted, ...] = ()
        self.tokens = 0
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

    @property
    def group(self) -> Group:
        """The only group there is, or the first."""
        return next(iter(self.groups.values()))

    # --- what people do -----------------------------------------------------------------------

    def press(self, person: str, action: Action, at: Place | None = None) -> Reply:
        actor, where = Identity("playground", "t1", person), at or person_place(person)
        return self._deed(person, ButtonPressed("", actor, where, action))

    def submit(self, person: str, action: Action, at: Place | None = None, **answers: Any) -> Reply:
        for field in PRIVATE:
            if isinstance(answers.get(field), str) and len(answers[field]) > 5:
                self.canaries |= {answers[field]}
        for field in PICKED:
            if isinstance(answers.get(field), tuple):
                answers[field] = Picked(answers[field])
        actor, where = Identity("playground", "t1", person), at or person_place(person)
        return self._deed(person, FormSubmitted("", actor, where, action, answers))

    def command(self, person: str, text: str = "", room: Place | None = None) -> Reply:
        actor = Identity("playground", "t1", person)
        return self._deed(person, CommandGiven("", actor, room or person_place(person), text))

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

    def upcoming(self) -> tuple[str, Wanted]:
        """The next moment: the earliest, in a fixed order."""
        return min(
            ((id, one) for id, wanted in self.wanted.items() for one in wanted),
            key=lambda pair: (pair[1].due_at, pair[0], pair[1].kind, pair[1].meeting, pair[1].who),
        )

    def next(self) -> Wanted:
        """Let the next moment come."""
        group_id, moment = self.upcoming()
        self.now = max(self.now, moment.due_at)
        event = MomentCame(group_id, moment.meeting, moment.kind, moment.who, moment.due_at)
        before = self.wanted[group_id]
        self._decide(self.groups[group_id], event, self.facts(""))
        self.came += (moment,)
        same = (moment.meeting, moment.kind, moment.who)
        for one in self.wanted[group_id] - (before - {moment}):
            assert (one.meeting, one.kind, one.who) != same or one.due_at > self.now, moment
        return moment

    def go(self, until: datetime | str, meeting: int = 0) -> None:
        """Let moments come until this time, or until this moment has come."""
        if isinstance(until, datetime):
            while any(self.wanted.values()) and self.upcoming()[1].due_at <= until:
                self.next()
            self.now = max(self.now, until)
            return
        while True:
            came = self.next()
            if (came.kind, came.meeting) == (until, meeting):
                return

    # --- inside -------------------------------------------------------------------------------

    def facts(self, me: str) -> Facts:
        self.tokens += 1
        return Facts(
            now=self.now,
            fresh=sha256(str(self.tokens).encode()).hexdigest(),
            me=me,
            name=me.title(),
            language=self.languages.get(me, "en"),
            hours=self.hours.get(me, ""),
            platform="playground",
            tenant="t1",
            makes_rooms=self.makes_rooms,
            coordinates=me in (COORDINATOR, OPENER),
            methods={self.method.id: ("hash", self.method)},
            reached=self.reached,
        )

    def _deed(self, me: str, event: Deed) -> Reply:
        facts, group = self.facts(me), None
        aimed = isinstance(event, ButtonPressed | FormSubmitted)
        if aimed and not isinstance(event.action, OfPerson):
            group = self.groups.get(event.action.group)
        if group is None:
            mine = tuple(one for one in self.groups.values() if me in parts(one))
            facts = replace(facts, mine=mine)
        if not event.place.private:
            here = tuple(one.native for one in event.place.people)
            used = [id for id, place in self.rooms.items() if place.native == event.place.native]
            facts = replace(facts, here=here, room_of=used[0] if used else "")
        if facts.coordinates:
            facts = self._asked(event, facts)
        if asks_to_join(event):
            found = (sign_up_of(one, me) for one in self.groups.values())
            facts = replace(facts, sign_ups=tuple(one for one in found if one))
        self.replies[me] = self._decide(group, event, facts).reply
        return self.replies[me]

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
        decision = handle(before, event, facts)
        assert handle(before, event, facts) == decision, "the same for the same three"
        self._follow(before, decision)
        for part in decision.parts:
            assert part.group is not None
            self._follow(self.groups[part.group.id], part)
        return decision

    def _follow(self, before: Group | None, decision: Decision) -> None:
        """Let all come true that follows for one group."""
        check_decision(before, decision, self.canaries)
        after = decision.group or before
        for effect in decision.effects:
            match effect:
                case Put(to, name, card):
                    self.shown[to, name] = card
                case Remove(to, name):
                    self.shown.pop((to, name), None)
                case Shred(drawer):
                    assert after is not None
                    left = {key: kept for key, kept in after.drawers.items() if key != drawer}
                    after = replace(after, drawers=left)
                case OpenRoom(group_id, people):
                    self.rooms[group_id] = room("opened", *people)
                case UseRoom(group_id, place):
                    self.rooms[group_id] = place
                case LetIn(_, person):
                    self.let_in += (person,)
                case LetOut(_, person):
                    self.let_out += (person,)
                case ShowAgain(to):
                    self.shown_again += (to,)
                case Grant():
                    self.granted += (effect,)
                case Prefer(person, language):
                    self.languages[person] = language
                case KeepHours(person, hours, _):
                    self.hours[person] = hours
        if after is not None and decision.changes:
            self.groups[after.id] = after
            self.wanted[after.id] = check_group(after, self.canaries)


def room(name: str, *people: str) -> Place:
    """A room with people in it."""
    known = tuple(Identity("playground", "t1", one) for one in people)
    return Place("playground", "t1", name, private=False, people=known)


def keys(thing: Any) -> set[str]:
    """The sentences in something."""
    return {said.key for said in inside(thing, T)}


def people(thing: Any) -> set[str]:
    """The people that something names."""
    return {person for who in inside(thing, Who) for person in who.people}
