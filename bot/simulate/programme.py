"""A whole life of one group by the rules alone: opened, met, changed in every way, closed.

The way is the same for each method: one meeting is moved, one called off, one added, a week is
free, somebody leaves, somebody joins late (never where people sign up), the group rests, a meeting
and then the group are handed over to somebody else who leads, and some keep odd hours. `seed` draws
who answers what.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

from bot.core import action as a
from bot.core.card import Buttons, Card
from bot.core.decision import Notice, OpenForm
from bot.core.effect import Person
from bot.core.facts import Facts
from bot.core.method import Method
from bot.core.model import Meeting
from bot.simulate.world import World

SPONSOR = "sponsor"
LEADERS = ("leader-1", "leader-2", "leader-3")
NEWCOMER = "newcomer"
SUBSTITUTE = "leader-4"
#: Somebody at night, somebody who is there on two mornings, somebody far west; and one who leads.
HOURS = {
    "member-1": ("12345", "22:00", "06:00", ""),
    "member-2": ("13", "06:00", "09:00", ""),
    "member-3": ("1234567", "07:00", "15:30", "Europe/London"),
    "leader-1": ("45", "10:00", "14:00", ""),
}
ZONES = {"SE": "Europe/Stockholm", "NO": "Europe/Oslo"}


@dataclass(frozen=True)
class Setting:
    """What is played: the first day, in weeks `every`, with how many people, and where."""

    first: date
    people: int
    seed: int
    country: str = "SE"
    every: int = 0


class Opened(World):
    """A world in which the sponsor coordinates, for methods that a coordinator opens."""

    def facts(self, me: str) -> Facts:
        """What the shell would know."""
        return replace(super().facts(me), coordinates=me == SPONSOR)


class Stuck(Exception):
    """What somebody did was not taken up; says what, by its kind."""


class Programme:
    """One group, from its opening to its end."""

    def __init__(self, method: Method, setting: Setting) -> None:
        """Prepare; `play` plays."""
        begin = datetime.combine(setting.first - timedelta(days=14), datetime.min.time(), UTC)
        self.world = Opened(method, begin + timedelta(hours=8))
        self.setting = setting
        self.zone = ZONES[setting.country]
        self.random = Random(setting.seed)
        self.members = tuple(f"member-{n}" for n in range(1, setting.people + 1))
        self.leaders = LEADERS[: method.leaders]
        #: When the group began to run; what was said before are invitations.
        self.started_at = self.world.now
        #: From when until which day nothing is said.
        self.rested: tuple[datetime, date] | None = None

    def play(self) -> World:
        """Play it all; raises `Stuck` where the rules do not take up what they should."""
        world = self.world
        self._open()
        self._start()
        for person, hours in HOURS.items():
            if person in (*self.members, *self.leaders):
                self._keep_hours(person, *hours)
        while world.group.status == "running":
            meeting = world.group.next_meeting
            if meeting is None:
                world.next()
                continue
            self._before(meeting)
            self._in(meeting.number)
        while any(world.wanted.values()):
            world.next()
        return world

    # --- until it runs ------------------------------------------------------------------------

    def _open(self) -> None:
        world, setting = self.world, self.setting
        own = world.method.opens == "coordinator"
        world.command(SPONSOR, "open")
        self._fill(
            SPONSOR,
            name="" if own else "Group",
            method=world.method.id,
            date=setting.first.isoformat(),
            time="",
            every=str(setting.every) if setting.every else "usual",
            place="Room 4",
            link="",
            leaders=self.leaders,
            pool=() if own else self.members,
            language="en",
            country=setting.country,
            zone=self.zone,
            working_time=True,
            informed=True,
        )
        if not world.groups:
            raise Stuck("open")
        for leader in self.leaders:
            self._press(leader, a.AnswerLead(world.group.id, True))

    def _start(self) -> None:
        world, id = self.world, self.world.group.id
        for person in self.members:
            own = world.method.opens == "coordinator"
            self._press(person, a.SignUp(id) if own else a.AnswerInvite(id, True))
        self._press(self.leaders[0], a.ShowGroup(id))
        self._press(self.leaders[0], a.StartGroup(id))
        self.world.now += timedelta(minutes=1)
        self.started_at = self.world.now

    def _keep_hours(self, person: str, days: str, start: str, end: str, zone: str) -> None:
        answers: dict[str, Any] = {
            "days": tuple(days),
            "from": start,
            "to": end,
            "zone": zone or self.zone,
        }
        self.world.submit(person, a.SetHours(), **answers)

    # --- around a meeting ---------------------------------------------------------------------

    def _before(self, meeting: Meeting) -> None:
        """Until the meeting is the next no longer, or begins."""
        world, number, id = self.world, meeting.number, self.world.group.id
        planned = world.method.meetings
        changed = False
        while True:
            now = world.group.meeting(number)
            assert now is not None, "meetings are never taken out"
            if now.guide is not None or now.ended_at is not None:
                return
            came = world.next()
            self._accept_proposals()
            if changed or came.kind not in ("announce", "remind"):
                continue
            changed = True
            self._answer(number)
            if number == 2 and planned > 2:
                self._press(self.members[-1], a.LeaveGroup(id), form=True)
                if not world.method.own_sign_up:
                    self._propose_newcomer()
            if number == min(3, planned):
                self._move(number)
            if number == 4 and planned > 4:
                self._press(self.leaders[0], a.SkipMeeting(id, number), form=True)
            if number == 5:
                self._mark_free(number + 1)
            if number == min(6, planned):
                self._hand_over(number)
            if number == min(7, planned):
                self._rest(now)
            if number == planned:
                self._add()

    def _answer(self, number: int) -> None:
        """Members say whether they come, and some bring a question."""
        world = self.world
        for person in world.group.people:
            drawn = self.random.random()
            if drawn < 0.8:
                answer = "yes" if drawn < 0.6 else "late" if drawn < 0.7 else "no"
                world.press(person, a.Attend(world.group.id, number, answer))  # type: ignore[arg-type]
            if drawn > 0.7:
                world.submit(person, a.BringCase(world.group.id, number), case="A question")

    def _propose_newcomer(self) -> None:
        world, id = self.world, self.world.group.id
        self.world.submit(self.leaders[0], a.ProposeJoin(id), newcomer=(NEWCOMER,))
        if world.group.joining is None:
            return  # the group is full
        for person in world.group.people:
            self._press(person, a.AllowJoin(id, NEWCOMER, True))
        self._press(NEWCOMER, a.AcceptJoin(id, True))

    def _move(self, number: int) -> None:
        """The first of the free times."""
        action = a.MoveMeeting(self.world.group.id, number)
        self._press(self.leaders[0], action)
        self._submit_first(action)

    def _add(self) -> None:
        action = a.AddMeeting(self.world.group.id)
        self._press(self.leaders[0], action)
        self._submit_first(action)

    def _submit_first(self, action: a.Action) -> None:
        """Send a form as it is shown: the nearest free time is chosen."""
        reply = self.world.replies[self.leaders[0]]
        if not isinstance(reply, OpenForm):
            raise Stuck(action.kind)
        chosen = next(one for one in reply.form.fields if one.kind == "choice")
        self.world.submit(self.leaders[0], action, to=chosen.chosen[0])

    def _mark_free(self, number: int) -> None:
        """The week of a later meeting is a school break."""
        meeting = self.world.group.meeting(number)
        if meeting is not None:
            monday = meeting.at.date() - timedelta(days=meeting.at.weekday())
            days: dict[str, Any] = {
                "from": monday.isoformat(),
                "to": (monday + timedelta(days=4)).isoformat(),
            }
            self.world.submit(self.leaders[-1], a.MarkFree(self.world.group.id), **days)

    def _rest(self, meeting: Meeting) -> None:
        """The group rests until the day after the one on which it would have met."""
        world = self.world
        until = meeting.at.date() + timedelta(days=1)
        action = a.PauseGroup(world.group.id)
        self._press(self.leaders[0], action)
        world.submit(self.leaders[0], action, date=until.isoformat())
        if world.group.rests_until != until:
            raise Stuck(action.kind)
        self.rested = world.now, until

    def _hand_over(self, number: int) -> None:
        """The meeting to another who leads, if there is one; and the group, to somebody new."""
        world, id, old = self.world, self.world.group.id, self.leaders[0]
        world.submit(old, a.SetGuide(id, number), lead=self.leaders[-1], step=False)
        world.submit(old, a.HandOver(id), who=old, leaders=(SUBSTITUTE,))
        self._press(SUBSTITUTE, a.AnswerLead(id, True))
        self.leaders = (SUBSTITUTE, *self.leaders[1:])

    def _accept_proposals(self) -> None:
        """Whoever leads and is asked whether to move takes the first way that is offered."""
        for leader in self.leaders:
            for (to, name), card in list(self.world.shown.items()):
                if to == Person(leader) and name.startswith("move/"):
                    self.world.press(leader, next(_actions(card)))

    # --- in a meeting -------------------------------------------------------------------------

    def _in(self, number: int) -> None:
        """Step by step until a facilitator ends it."""
        world, id = self.world, self.world.group.id
        while True:
            meeting = world.group.meeting(number)
            if meeting is None or meeting.guide is None or meeting.ended_at is not None:
                return
            agenda, step = world.group.agenda(meeting), meeting.guide.step
            if agenda[step].does == "vote" and meeting.cases and meeting.ballot is None:
                self._vote(meeting)
            world.go(world.now + timedelta(minutes=agenda[step].minutes))
            if step + 1 == len(agenda):
                self._press(self.leaders[0], a.EndMeeting(id, number))
                for person in world.group.people[:6]:
                    taps: dict[str, Any] = {"voice": "yes", "steps": "partly", "worth": "yes"}
                    world.submit(person, a.Pulse(id, number), **taps)
                return
            self._press(self.leaders[0], a.MoveGuide(id, number, step, 1, sure=True))

    def _vote(self, meeting: Meeting) -> None:
        world, id = self.world, self.world.group.id
        self._press(self.leaders[0], a.OpenVote(id, meeting.number))
        now = world.group.meeting(meeting.number)
        if now is None or now.ballot is None or now.ballot.closed_at is not None:
            return  # a single question needs no vote
        for person in now.ballot.roll:
            chosen = self.random.choice(now.ballot.cases)
            world.submit(person, a.CastVote(id, meeting.number), cases=(chosen,))

    # --- what is taken up ---------------------------------------------------------------------

    def _fill(self, person: str, **answers: Any) -> None:
        reply = self.world.replies[person]
        if not isinstance(reply, OpenForm):
            raise Stuck("a form")
        self.world.submit(person, reply.form.action, **answers)

    def _press(self, person: str, action: a.Action, *, form: bool = False) -> None:
        """Press, and send the form that opens without a change, if one is to open."""
        reply = self.world.press(person, action)
        if form:
            reply = self.world.submit(person, action)
        if isinstance(reply, Notice) and reply.text.key in ("unavailable", "room.rests"):
            raise Stuck(action.kind)


def _actions(card: Card) -> Iterator[a.Action]:
    """What a card offers, in its order."""
    for element in card.elements:
        if isinstance(element, Buttons):
            yield from (button.action for button in element.buttons)
