"""What is private leaves no trace: two runs that differ in nothing else look alike from outside.

A twin run has the same logistics, attendance, order of questions, and chosen questions; texts,
levels, taps, ballots, reflections, and whether anybody writes anything at all, differ. What the
room, the sponsor, the coordinator and strangers are shown must be equal byte for byte, with its
notifications, in the order and at the time in which it is shown; and so must calendars and sheets.

`python -m tests.core.test_noninterference 1000` runs that many twins.
"""

import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from random import Random
from typing import Any

import pytest

from adapters.calendar.ical import ical
from adapters.paper.page import page
from adapters.paper.sheet import of_meeting
from adapters.slack import render
from bot.core import action as a
from bot.core.decision import Decision
from bot.core.effect import Person, Put, Remove, Room
from bot.core.event import Event
from bot.core.facts import Facts
from bot.core.model import Group
from bot.words import View, Words
from tests.core.fuzz import SMALL
from tests.core.play import LEADERS, NOW, OPENING, SPONSOR, Play
from tests.core.stages import now, to_step

PEOPLE = ("anna", "bo", "cilla", "dag", "elin", "fia")
WORDS = Words()
#: How many twins `make test` runs; each is three meetings, twice.
TWINS = 40


class Watched(Play):
    """A play of which all is kept that those outside are shown, as Slack would show it."""

    def __init__(self) -> None:
        super().__init__(SMALL)
        self.trace: list[str] = []

    def _decide(self, before: Group | None, event: Event, facts: Facts) -> Decision:
        decision = super()._decide(before, event, facts)
        for effect in decision.effects:
            if isinstance(effect, Put | Remove) and effect.to in self.outside():
                self.trace.append(f"{self.now} {effect.to} {effect.name} {self.seen(effect)}")
        return decision

    def facts(self, me: str) -> Facts:
        """The draw is seeded: by who acts when, and not by how much has been written."""
        fresh = sha256(f"{self.now} {me}".encode()).hexdigest()
        return replace(super().facts(me), fresh=fresh)

    def outside(self) -> tuple[Room | Person, ...]:
        """Those who are not to know."""
        rooms = tuple(Room(id) for id in self.groups)
        return (*rooms, Person(SPONSOR), Person("stranger"))

    def seen(self, effect: Put | Remove) -> str:
        if isinstance(effect, Remove):
            return "removed"
        return str(render.message(effect.card, self.view()))

    def view(self) -> View:
        return View("sv", "Europe/Stockholm", {}, self.groups, "", WORDS)

    def look(self) -> None:
        """The sponsor and a stranger open their homes, and the room is read from top to bottom."""
        for person in (SPONSOR, "stranger"):
            for card in self.home(person):
                self.trace.append(
                    f"{self.now} home of {person}: {render.message(card, self.view())}"
                )
        self.trace.append(repr(ical(self.group, "seed", "sv", WORDS)))
        for meeting in self.group.meetings:
            self.trace.append(page(of_meeting(self.group, meeting, WORDS)))
        for name, card in sorted(self.chat("").items()):
            self.trace.append(f"{self.now} room {name}: {render.message(card, self.view())}")


def run(public: int, private: int) -> Iterator[str]:
    """Three meetings; what those outside were shown, and the texts that must not be in it."""
    logistics, secret = Random(public), Random(private)
    play = Watched()
    play.command(SPONSOR, "open")
    play.fill(SPONSOR, **{**OPENING, "method": "small", "pool": PEOPLE})
    for leader in LEADERS:
        play.tap(leader, "lead.yes")
    for person in PEOPLE:
        play.tap(person, "invite.yes")
    play.tap("lena", "gather.show")
    play.tap("lena", "gather.start")
    play.look()
    for number in range(1, 4):
        before_meeting(play, number, logistics, secret)
        during_meeting(play, number, logistics, secret)
        after_meeting(play, number, secret)
        play.look()
    play.go(NOW + timedelta(days=90))
    play.look()
    assert play.group.status == "closed"
    assert not any(canary in "\n".join(play.trace) for canary in play.canaries)
    yield from play.trace


def text(secret: Random) -> str:
    return f"what {secret.getrandbits(64):x} weighs " + "x" * secret.randint(0, 300)


def before_meeting(play: Watched, number: int, logistics: Random, secret: Random) -> None:
    for person in logistics.sample(PEOPLE, 4):
        play.press(person, a.Attend(play.group.id, number, logistics.choice(["yes", "no", "late"])))
    for author in logistics.sample(PEOPLE, logistics.randint(2, 4)) if number > 1 else ():
        play.submit(author, a.BringCase(play.group.id, number), case=text(secret))
    play.go("checkin", number)
    for person in PEOPLE:
        match secret.choice(["write", "skip", "silent"]):
            case "write":
                play.submit(
                    person,
                    a.CheckIn(play.group.id, number),
                    words=secret.choice(["", text(secret)]),
                    level=secret.choice(["me", "leaders", "all"]),
                    tap=secret.choice(["here", "heavy", ""]),
                )
            case "skip":
                play.press(person, a.SkipCheckIn(play.group.id, number))


def during_meeting(play: Watched, number: int, logistics: Random, secret: Random) -> None:
    play.go("begin", number)
    if number > 1:
        to_step(play, "vote")
        the_vote(play, number, logistics, secret)
        a_partner(play, number, secret)
    play.look()
    to_step(play, play.group.agenda(now(play))[-1].id)
    reflecting(play, number, secret)
    if number == 3:
        meeting_again(play, logistics, secret)
    play.tap("lena", "end.b")


def the_vote(play: Watched, number: int, logistics: Random, secret: Random) -> None:
    """Everybody on the roll votes, in the same order; the same question is chosen otherwise."""
    authors = [case.by for case in now(play).cases]
    winner = logistics.choice(authors)
    for author in authors:
        if author != winner and secret.random() < 0.5:
            play.press(author, a.Today(play.group.id, number, False))
    play.tap("lena", "vote.open")
    ballot = now(play).ballot
    assert ballot is not None
    of = {case.by: case.id for case in now(play).cases}
    missing = secret.choice(ballot.roll)  # nobody else gets as many as the chosen one
    for person in logistics.sample(ballot.roll, len(ballot.roll)):
        others = [one for one in authors if one != winner and person != missing]
        ticked = {winner, *secret.sample(others, secret.randint(0, len(others)))}
        play.submit(
            person, a.CastVote(play.group.id, number), cases=tuple(of[one] for one in ticked)
        )
    assert now(play).owner == winner


def a_partner(play: Watched, number: int, secret: Random) -> None:
    """Somebody becomes the owner's conversation partner, after nobody, or a few, said no."""
    owner = now(play).owner
    if secret.random() < 0.7:
        others = [one for one in PEOPLE if one != owner]
        wished = tuple(secret.sample(others, secret.randint(1, 3)))
        play.submit(owner, a.ChoosePartner(play.group.id, number), partners=wished)
    to_step(play, "explore")
    for _ in PEOPLE:
        asked = now(play).partner_asked
        if asked and secret.random() < 0.8:
            play.press(asked, a.AnswerPartner(play.group.id, number, secret.random() < 0.4))


def meeting_again(play: Watched, logistics: Random, secret: Random) -> None:
    """The same comes of the vote on a reunion, with other answers."""
    play.tap("lena", "reunion.ask")
    vote = now(play).reunion
    assert vote is not None
    months = logistics.choice([0, 3, 6])
    most = set(secret.sample(vote.roll, len(vote.roll) // 2 + 1))
    for person in logistics.sample(vote.roll, len(vote.roll)):
        answer = months if person in most else secret.choice([0, 3, 6])
        play.press(person, a.VoteReunion(play.group.id, 3, answer))


def reflecting(play: Watched, number: int, secret: Random) -> None:
    for person in PEOPLE:
        if secret.random() < 0.6:
            play.submit(
                person,
                a.Reflect(play.group.id, number),
                support=text(secret),
                take=secret.choice(["", text(secret)]),
                keep=secret.random() < 0.5,
            )
        if secret.random() < 0.8:
            answers = {
                one: secret.choice(["yes", "partly", "no"]) for one in ("voice", "steps", "worth")
            }
            play.submit(person, a.Pulse(play.group.id, number), **answers)


def after_meeting(play: Watched, number: int, secret: Random) -> None:
    owner = play.group.meetings[number - 1].owner
    if owner and number < 3:
        play.go("next_day", number)
        if secret.random() < 0.7:
            play.submit(owner, a.TakeFurther(play.group.id, number), words=text(secret))


def twins(seed: int) -> None:
    """Two runs that differ in what is private alone."""
    one, other = list(run(seed, 2 * seed)), list(run(seed, 2 * seed + 1))
    assert one == other
    assert len(one) > 50


@pytest.mark.parametrize("seed", range(TWINS))
def test_what_is_private_leaves_no_trace_outside(seed: int) -> None:
    twins(seed)


def test_the_comparison_would_see_a_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    """If a card told how many have written, the twins would differ."""
    shown = Watched.seen

    def leaky(play: Watched, effect: Any) -> str:
        written = sum(len(items) for items in play.group.drawers.values()) if play.groups else 0
        return f"{shown(play, effect)} {written}"

    monkeypatch.setattr(Watched, "seen", leaky)
    with pytest.raises(AssertionError):
        twins(0)


if __name__ == "__main__":
    for number in range(int(sys.argv[1])):
        twins(number)
    sys.stdout.write(f"{sys.argv[1]} twins, no difference\n")
