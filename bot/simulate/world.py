"""A world without a platform, a store or a clock: the rules alone decide, and time is a number."""

from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Any

from bot.core.action import Action, OfPerson
from bot.core.card import Card
from bot.core.decision import Decision, Reply
from bot.core.due import Wanted, due
from bot.core.effect import (
    Effect,
    KeepHours,
    OpenRoom,
    Person,
    Prefer,
    Put,
    Remove,
    Room,
    Shred,
    UseRoom,
)
from bot.core.event import (
    ButtonPressed,
    CommandGiven,
    Deed,
    Event,
    FormSubmitted,
    Identity,
    MomentCame,
    Picked,
    Place,
)
from bot.core.facts import Facts
from bot.core.handle import handle
from bot.core.method import Method
from bot.core.model import Group
from bot.groups import parts

#: The fields in which people are picked.
PICKED = ("leaders", "pool", "newcomer")


@dataclass(frozen=True, slots=True)
class Shown:
    """A card came to stand somewhere, or was edited; `cause` is whoever acted, or a moment."""

    at: datetime
    to: Person | Room
    name: str
    card: Card
    anew: bool
    cause: str | Wanted


def person_place(person: str) -> Place:
    """Somebody's own chat with Krets."""
    return Place("playground", "t1", f"chat/{person}", private=True)


def room(name: str, *people: str) -> Place:
    """A room with people in it."""
    known = tuple(Identity("playground", "t1", one) for one in people)
    return Place("playground", "t1", name, private=False, people=known)


class World:
    """Groups, time, what is shown where, and the last answer to each person."""

    def __init__(self, method: Method, now: datetime) -> None:
        """Begin with nobody in it."""
        self.now = now
        self.method = method
        self.groups: dict[str, Group] = {}
        self.wanted: dict[str, frozenset[Wanted]] = {}
        self.shown: dict[tuple[Person | Room, str], Card] = {}
        self.rooms: dict[str, Place] = {}
        self.replies: dict[str, Reply] = {}
        self.languages: dict[str, str] = {}
        self.hours: dict[str, str] = {}
        self.came: tuple[Wanted, ...] = ()
        self.history: tuple[Shown, ...] = ()
        self.tokens = 0
        self._cause: str | Wanted = ""

    @property
    def group(self) -> Group:
        """The only group there is, or the first."""
        return next(iter(self.groups.values()))

    # --- what people do -----------------------------------------------------------------------

    def press(self, person: str, action: Action, at: Place | None = None) -> Reply:
        """Somebody presses a button, wherever it stands."""
        actor, where = Identity("playground", "t1", person), at or person_place(person)
        return self._deed(person, ButtonPressed("", actor, where, action))

    def submit(self, person: str, action: Action, at: Place | None = None, **answers: Any) -> Reply:
        """Somebody sends a form."""
        for field in PICKED:
            if isinstance(answers.get(field), tuple):
                answers[field] = Picked(answers[field])
        actor, where = Identity("playground", "t1", person), at or person_place(person)
        return self._deed(person, FormSubmitted("", actor, where, action, answers))

    def command(self, person: str, text: str = "", room: Place | None = None) -> Reply:
        """Somebody writes `/krets` and these words."""
        actor = Identity("playground", "t1", person)
        return self._deed(person, CommandGiven("", actor, room or person_place(person), text))

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
        self._cause = moment
        self._decide(self.groups[group_id], event, self.facts(""))
        self.came += (moment,)
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
        """What the shell would know."""
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
            methods={self.method.id: ("hash", self.method)},
        )

    def known(self, event: Deed, facts: Facts) -> Facts:
        """The facts with what the shell reads for this event."""
        return facts

    def _deed(self, me: str, event: Deed) -> Reply:
        facts, group = self.facts(me), None
        if isinstance(event, ButtonPressed | FormSubmitted):
            meant = event.action
            group = None if isinstance(meant, OfPerson) else self.groups.get(meant.group)
        if group is None:
            mine = tuple(one for one in self.groups.values() if me in parts(one))
            facts = replace(facts, mine=mine)
        if not event.place.private:
            here = tuple(one.native for one in event.place.people)
            used = [id for id, place in self.rooms.items() if place.native == event.place.native]
            facts = replace(facts, here=here, room_of=used[0] if used else "")
        self._cause = me
        self.replies[me] = self._decide(group, event, self.known(event, facts)).reply
        return self.replies[me]

    def _decide(self, before: Group | None, event: Event, facts: Facts) -> Decision:
        decision = handle(before, event, facts)
        self._follow(before, decision)
        for part in decision.parts:
            assert part.group is not None, "a part concerns a group"
            self._follow(self.groups[part.group.id], part)
        return decision

    def _follow(self, before: Group | None, decision: Decision) -> None:
        """Let all come true that follows for one group."""
        after = decision.group or before
        for effect in decision.effects:
            if isinstance(effect, Shred):
                assert after is not None, "a drawer is a group's"
                left = {key: kept for key, kept in after.drawers.items() if key != effect.drawer}
                after = replace(after, drawers=left)
            else:
                self.follow(effect)
        if after is not None and decision.changes:
            self.groups[after.id] = after
            self.wanted[after.id] = due(after)

    def follow(self, effect: Effect) -> None:
        """Let one effect come true; doors open by themselves here."""
        match effect:
            case Put(to, name, card):
                anew = (to, name) not in self.shown
                seen = Shown(self.now, to, name, card, anew, self._cause)
                self.history += (seen,)
                self.shown[to, name] = card
            case Remove(to, name):
                self.shown.pop((to, name), None)
            case OpenRoom(group_id, people):
                self.rooms[group_id] = room("opened", *people)
            case UseRoom(group_id, place):
                self.rooms[group_id] = place
            case Prefer(person, language):
                self.languages[person] = language
            case KeepHours(person, hours, _):
                self.hours[person] = hours
