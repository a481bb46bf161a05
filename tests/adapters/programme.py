"""A whole programme, and everything that anybody was shown on the way."""

from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from bot.core.action import OfPerson
from bot.core.card import Button, Card
from bot.core.decision import Decision, Nothing, Reply
from bot.core.effect import Put
from bot.core.event import ButtonPressed, Event, GroupId, Identity
from bot.core.facts import Facts
from bot.core.handle import handle
from bot.core.model import Group
from bot.words import View, Words
from tests.core.laws import parts
from tests.core.play import LEADERS, OPENING, POOL, SPONSOR, Play, inside, person_place
from tests.core.test_story import (
    Seen,
    after_the_meeting,
    before_the_meeting,
    before_the_start,
    look,
    the_meeting,
)

NAMES = {one: f"{one.title()} Andersson-Öhrström" for one in (SPONSOR, *LEADERS, *POOL)}
NATIVES = {one: f"U0{one.upper()}" for one in NAMES if one != "gun"}
HELP = "Företagshälsan 010-123 45 67 <hjalp@exempel.se>"


@dataclass(frozen=True)
class Shown:
    """One thing that somebody saw, and the groups as they were."""

    what: Card | Reply
    groups: dict[GroupId, Group]


class Watched(Play):
    """A play of which everything that is shown is kept, once."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: dict[str, Shown] = {}

    def home(self, person: str) -> tuple[Card, ...]:
        """Open the home, and look into every form that a button there or in the chat opens."""
        cards = super().home(person)
        buttons = inside([*cards, *self.chat(person).values(), *self.chat("").values()], Button)
        for button in buttons:
            self._probe(person, button)
        return cards

    def _probe(self, person: str, button: Button) -> None:
        action, at = button.action, person_place(person)
        group = None if isinstance(action, OfPerson) else self.groups[action.group]
        event = ButtonPressed("", Identity("playground", "t1", person), at, action)
        mine = tuple(one for one in self.groups.values() if person in parts(one) and not group)
        self._keep(handle(group, event, replace(self.facts(person), mine=mine)).reply)

    def _keep(self, what: Card | Reply) -> None:
        if not isinstance(what, Nothing):
            self.seen.setdefault(repr(what), Shown(what, dict(self.groups)))

    def _decide(self, before: Group | None, event: Event, facts: Facts) -> Decision:
        decision = super()._decide(before, event, facts)
        for effect in decision.effects:
            if isinstance(effect, Put):
                self._keep(effect.card)
        self._keep(decision.reply)
        return decision


@cache
def programme() -> tuple[Shown, ...]:
    """Ten meetings after the Jönköping method, from opening to closing."""
    play, seen = Watched(), Seen()
    play.command(SPONSOR, "open")
    play.submit(SPONSOR, play.form(SPONSOR).action, name="")
    play.command(SPONSOR, "open")
    play.fill(SPONSOR, **{**OPENING, "link": "https://meet.example/a_b*c*?x=1&y=2"})
    for leader in LEADERS:
        play.tap(leader, "lead.yes")
    look(play, seen)
    before_the_start(play, seen)
    for number in range(1, 11):
        before_the_meeting(play, number, seen)
        the_meeting(play, number, seen)
        after_the_meeting(play, number, seen)
    while any(play.wanted.values()):
        play.next()
    look(play, seen)
    return tuple(play.seen.values())


def reader(words: Words, language: str, groups: dict[GroupId, Group], **more: Any) -> View:
    """Somebody who looks, to whom one of the people is unknown in Slack."""
    return View(language, "Europe/Stockholm", NAMES, groups, HELP, words, natives=NATIVES, **more)
