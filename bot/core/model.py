"""A group and what belongs to it, frozen. One group is one document with one version."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, Literal

from pydantic import TypeAdapter, ValidationError
from pydantic_core import from_json

from bot.core.event import GroupId, PersonId, RoomState
from bot.core.method import AgendaName, Method, Passage, Step
from schedules.rule import Calendar, Hours, instant

#: The languages Krets speaks; the first is the one that is complete by definition.
LANGUAGES = ("en", "sv", "nb")

#: What a drawer holds: item -> text. Drawers are named `<meeting>/<deadline>`.
Drawers = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Leader:
    """Somebody asked to lead the group."""

    person: PersonId
    answer: Literal["asked", "yes", "no"]
    asked_at: datetime
    #: Who leads until this one says yes, and then no longer; empty for nobody.
    instead_of: PersonId = ""


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody of the pool. Those who said no, or nothing, are forgotten at the start."""

    person: PersonId
    status: Literal["pool", "asked", "yes", "no", "left"]
    asked_at: datetime | None = None
    #: The first meeting for which somebody is a member: later than 1 for one who joined later.
    since: int = 1


@dataclass(frozen=True, slots=True)
class Joining:
    """Somebody who may join late, and who has proposed it; the answers lie in a drawer."""

    person: PersonId
    by: PersonId
    asked_at: datetime
    #: Whether all members have said yes, and the person has been asked.
    agreed: bool = False
    #: Whether the members' time to answer is over.
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Case:
    """A question somebody brings; its text lies in the drawer `meeting` under `case/<id>`."""

    id: str
    by: PersonId
    #: Raised in the room and added by a facilitator, without text.
    in_room: bool = False


@dataclass(frozen=True, slots=True)
class Ballot:
    """A vote. Ballots lie in the drawer `vote` under `ballot/<person>` and die at the close."""

    opened_at: datetime
    closes_at: datetime
    #: Who may vote, fixed at the opening.
    roll: tuple[PersonId, ...]
    #: What can be chosen, fixed at the opening.
    cases: tuple[str, ...]
    #: SHA-256 of the draw, published at the opening; its seed lies in the drawer `vote`.
    commitment: str
    #: The lots, published at the close whether they were needed or not.
    draw: tuple[str, ...] = ()
    closed_at: datetime | None = None
    #: The draw that was sealed, laid open at the close; empty before, and in older documents.
    unsealed: str = ""

    def without(self, person: PersonId) -> "Ballot":
        """The vote without somebody who has left."""
        roll, draw = (tuple(one for one in of if one != person) for of in (self.roll, self.draw))
        return replace(self, roll=roll, draw=draw)


@dataclass(frozen=True, slots=True)
class Guide:
    """Where the meeting is: the step (from 0), since when, and how much longer it may take."""

    step: int
    since: datetime
    extra: int = 0
    paused_at: datetime | None = None
    #: The step whose brake has been asked about once, -1 for none.
    braked: int = -1
    #: Who pressed *next* then.
    braked_by: PersonId = ""


@dataclass(frozen=True, slots=True)
class Reunion:
    """The vote on meeting again; answers lie in the drawer `reunion` under `answer/<person>`."""

    roll: tuple[PersonId, ...]
    closed: bool = False

    def without(self, person: PersonId) -> "Reunion":
        """The vote without somebody who has left."""
        return replace(self, roll=tuple(one for one in self.roll if one != person))


@dataclass(frozen=True, slots=True)
class Meeting:
    """One meeting; `at` is wall-clock time in the group's zone."""

    number: int
    at: datetime
    attendance: Mapping[PersonId, Literal["yes", "no", "late"]] = field(default_factory=dict)
    #: The moments that have come, so that they come once.
    came: frozenset[str] = frozenset()
    cases: tuple[Case, ...] = ()
    #: Whether the members have been asked to let the titles of the questions stand in their room,
    #: and whether those may stand there. They lie in the drawer `meeting` under `title/<case>`.
    titles: Literal["", "asked", "shown"] = ""
    ballot: Ballot | None = None
    guide: Guide | None = None
    #: Whose question it was, and which; an owner chosen in the room may have none.
    owner: PersonId = ""
    chosen: str = ""
    #: With whom the owner talks, and who is being asked; who said no stands nowhere.
    partner: PersonId = ""
    partner_asked: PersonId = ""
    #: Whether the owner has taken their own card away.
    owner_hidden: bool = False
    #: At the last meeting: whether the group meets again.
    reunion: Reunion | None = None
    #: Who leads today, if those who lead have said so.
    lead: PersonId = ""
    ended_at: datetime | None = None
    #: Whether it took place; known once it has ended.
    held: bool = False
    #: Grows when it is another time or place, or when it takes place after all or not, and when
    #: that was; private calendars take over what is newer.
    revision: int = 0
    revised_at: datetime | None = None
    #: Which of the meetings that take place it is, and of how many, as that was when it began.
    rank: tuple[int, int] = (0, 0)
    #: What speaks against this time, though those who lead keep it: the day is free, few come.
    kept: frozenset[Literal["day", "few"]] = frozenset()
    #: The three questions, counted, while one who leads is still to be told at an hour of theirs.
    pulse: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    def revised(self, now: datetime) -> "Meeting":
        """The same meeting, to be taken over by private calendars."""
        return replace(self, revision=self.revision + 1, revised_at=now)

    def told(self, kind: str, person: PersonId) -> bool:
        """Whether a moment has come for this person, with the others or at an hour of their own."""
        return kind in self.came or f"{kind}/{person}" in self.came

    def case_of(self, person: PersonId) -> Case | None:
        """The question this person brings, if any."""
        return next((case for case in self.cases if case.by == person), None)


@dataclass(frozen=True, slots=True)
class Rules:
    """Which version of the ground rules the group has, and when it agreed on that one.

    The first is ours; another is the group's own text, in the drawer `rules` under `text`.
    """

    version: int = 1
    agreed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """The aggregate. `method`, `drawers` and `hours` lie beside the document, not in it."""

    id: GroupId
    platform: str
    tenant: str
    name: str
    status: Literal["gathering", "running", "closed"]
    language: str
    country: str
    zone: str
    place: str
    link: str
    every: int
    working_time: bool
    informed: bool
    sponsors: tuple[PersonId, ...]
    leaders: tuple[Leader, ...]
    members: tuple[Member, ...]
    opened_at: datetime
    method_id: str
    #: SHA-256 of the method's file: a running group keeps the text it began with.
    method_hash: str
    method: Method
    shown_at: datetime | None = None
    meetings: tuple[Meeting, ...] = ()
    free_days: frozenset[date] = frozenset()
    closed_at: datetime | None = None
    #: Who may join late; they are of the pool meanwhile.
    joining: Joining | None = None
    #: The group rests until this day: nothing is said before it.
    rests_until: date | None = None
    #: How the group's room is.
    room: RoomState = "ok"
    #: Who is in the room without being of the group.
    visitors: tuple[PersonId, ...] = ()
    #: Members who have gone out of the room and not out of the group.
    outside: tuple[PersonId, ...] = ()
    #: Those of them who would like to be let in, where Krets itself cannot do it.
    waiting: tuple[PersonId, ...] = ()
    #: Those to whom Krets could not write, until they act again.
    unreached: tuple[PersonId, ...] = ()
    #: Those to whom a message may not have arrived; empty for the room.
    unsure: tuple[PersonId, ...] = ()
    rules: Rules = Rules()
    #: When the group meets again, wall-clock time in its zone; it is none of its meetings.
    reunion_at: datetime | None = None
    reunion_told: bool = False
    #: Whether the room's card shows the step in a meeting.
    step_shown: bool = True
    #: Drawers that opened no more when that was last told.
    lost: tuple[str, ...] = ()
    #: What the meetings are called in calendars; empty for a neutral word.
    title: str = ""
    drawers: Drawers = field(default_factory=dict)
    #: The hours of those who have set some: theirs, not the group's, so loaded beside it too.
    hours: Mapping[PersonId, Hours] = field(default_factory=dict)

    # --- people -----------------------------------------------------------------------------

    @property
    def led_by(self) -> tuple[PersonId, ...]:
        """Those who lead the group."""
        return tuple(leader.person for leader in self.leaders if leader.answer == "yes")

    @property
    def people(self) -> tuple[PersonId, ...]:
        """The members who said yes and have not left."""
        return tuple(member.person for member in self.members if member.status == "yes")

    # --- meetings ---------------------------------------------------------------------------

    @property
    def calendar(self) -> Calendar:
        """Which days are working days here."""
        return Calendar(self.country, self.free_days)

    @property
    def next_meeting(self) -> Meeting | None:
        """The first meeting that has not ended."""
        return next((meeting for meeting in self.meetings if meeting.ended_at is None), None)

    @property
    def begun(self) -> Iterator[Meeting]:
        """The meetings up to the next one, which may be going on."""
        for meeting in self.meetings:
            yield meeting
            if meeting.ended_at is None:
                return

    def meeting(self, number: int) -> Meeting | None:
        """The meeting with this number, from 1."""
        return next((meeting for meeting in self.meetings if meeting.number == number), None)

    @property
    def standing(self) -> tuple[Meeting, ...]:
        """The meetings that have not been called off."""
        return tuple(one for one in self.meetings if one.held or one.ended_at is None)

    @property
    def coming(self) -> tuple[Meeting, ...]:
        """The meetings that have neither begun nor been called off."""
        return tuple(one for one in self.meetings if one.ended_at is None and one.guide is None)

    def previous(self, meeting: Meeting) -> Meeting | None:
        """The last meeting before this one that took place."""
        held = (one for one in reversed(self.meetings) if one.held and one.number < meeting.number)
        return next(held, None)

    def following(self, meeting: Meeting) -> Meeting | None:
        """The next meeting after this one that has not been called off."""
        later = (one for one in self.meetings if one.number > meeting.number)
        return next((one for one in later if one.held or one.ended_at is None), None)

    def starts(self, meeting: Meeting) -> datetime:
        """The instant at which a meeting starts."""
        return instant(meeting.at, self.zone)

    def ends(self, meeting: Meeting) -> datetime:
        """The instant at which a meeting ends by plan."""
        return self.starts(meeting) + timedelta(minutes=self.method.minutes)

    def rank(self, meeting: Meeting) -> tuple[int, int]:
        """Which of the meetings that take place this is, and of how many.

        So what only the first and the last have is not lost with one that is called off. Once a
        meeting has begun, it stays what it is.
        """
        if any(meeting.rank):
            return meeting.rank
        if meeting.guide is not None:
            return meeting.number, len(self.meetings)  # begun when they were still counted so
        earlier = sum(one.number < meeting.number for one in self.standing)
        return earlier + 1, len(self.standing)

    def agenda_name(self, meeting: Meeting) -> AgendaName:
        """Where the steps of a meeting stand in the method."""
        return self.method.agenda_name(*self.rank(meeting))

    def agenda(self, meeting: Meeting) -> tuple[Step, ...]:
        """The steps of a meeting."""
        return self.method.agenda(*self.rank(meeting))

    def theme(self, meeting: Meeting) -> Passage | None:
        """The theme of a meeting, in a method that has themes."""
        return self.method.theme(*self.rank(meeting))

    def step(self, meeting: Meeting) -> Step | None:
        """The step a meeting is in, if it is going on."""
        if meeting.guide is None or meeting.ended_at is not None:
            return None
        return self.agenda(meeting)[meeting.guide.step]

    def with_meeting(self, meeting: Meeting) -> "Group":
        """The group with this meeting in the place of the one with its number."""
        return replace(
            self,
            meetings=tuple(
                meeting if old.number == meeting.number else old for old in self.meetings
            ),
        )

    # --- drawers ----------------------------------------------------------------------------

    def item(self, drawer: str, item: str) -> str:
        """What lies there; empty if nothing does, or no longer."""
        return self.drawers.get(drawer, {}).get(item, "")

    def items(self, drawer: str, prefix: str) -> dict[str, str]:
        """All of one kind in a drawer, without the prefix: `ballot/` -> person -> text."""
        found = self.drawers.get(drawer, {})
        return {
            item.removeprefix(prefix): text
            for item, text in found.items()
            if item.startswith(prefix)
        }

    def voted(self, number: int) -> int:
        """How many have voted in the open vote of a meeting."""
        return len(self.items(f"{number}/vote", "ballot/"))

    def with_item(self, drawer: str, item: str, text: str) -> "Group":
        """The group with this text laid into a drawer; an empty text takes the item out."""
        if text == self.item(drawer, item):
            return self
        kept = {key: old for key, old in self.drawers.get(drawer, {}).items() if key != item}
        kept |= {item: text} if text else {}
        return replace(self, drawers={**self.drawers, drawer: kept})


class BadDocument(ValueError):
    """What is stored is no group that any version of Krets has stored. Says nothing of it."""


_CODEC: TypeAdapter[Group] = TypeAdapter(Group)


def to_document(group: Group) -> str:
    """The document that is stored: everything but what is loaded beside it."""
    return _CODEC.dump_json(group, exclude={"method", "drawers", "hours"}).decode()


def from_document(document: str, method: Method, drawers: Drawers) -> Group:
    """The group of a stored document, with its method and its opened drawers beside it."""
    stored: dict[str, Any] = from_json(document)
    try:
        return _CODEC.validate_python(stored | {"method": method, "drawers": drawers})
    except ValidationError as error:
        raise BadDocument(f"{error.error_count()} faults") from None
