"""A method as data: how many meetings, how long, in which steps, with which words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from typing import Literal, TypeAlias

from pydantic import ConfigDict, TypeAdapter, with_config

#: One text in each language that Krets speaks.
Texts: TypeAlias = Mapping[str, str]
#: Where the steps of a meeting stand in a method.
AgendaName: TypeAlias = Literal["first", "ordinary", "last"]
AGENDAS: tuple[AgendaName, ...] = ("first", "ordinary", "last")

_STRICT = ConfigDict(extra="forbid")


@with_config(_STRICT)
@dataclass(frozen=True, slots=True)
class Step:
    """One part of a meeting: its minutes, who takes part, and what a leader may say (on a tap)."""

    id: str
    minutes: int
    title: Texts
    who: Literal["all", "each", "owner", "partners", "others", "last_owner"] = "all"
    #: What Krets does when the step begins: `exercise` and `theme` lay texts ready to read aloud.
    does: Literal["", "vote", "brake", "rules", "reflection", "closing", "exercise", "theme"] = ""
    #: A break has no number.
    numbered: bool = True
    say: Texts | None = None
    #: For so many minutes at first the others talk, and the owner of the question just listens.
    without_owner: int = 0


@with_config(_STRICT)
@dataclass(frozen=True, slots=True)
class Passage:
    """A short text that a leader can read aloud: an exercise, or the lecture on a theme."""

    id: str
    title: Texts
    say: Texts


@with_config(_STRICT)
@dataclass(frozen=True, slots=True)
class Questions:
    """What a method asks, and what can be tapped as an answer, each by its id.

    Every file has all of it. A group that began before its method did hears Krets's own words.
    """

    checkin: Texts | None = None
    #: In the check-in: how one arrives, and the answers to that.
    arriving: Texts | None = None
    taps: Mapping[str, Texts] = field(default_factory=dict)
    #: The two of the reflection: on the support, and on what one takes with one.
    support: Texts | None = None
    take: Texts | None = None
    #: The three on the meeting, and the answers to each.
    pulse: Mapping[str, Texts] = field(default_factory=dict)
    answers: Mapping[str, Texts] = field(default_factory=dict)
    #: In the room, at the closing of the last meeting.
    closing: Texts | None = None


@with_config(_STRICT)
@dataclass(frozen=True, slots=True)
class Moment:
    """Working days before or after a meeting, and a time of day in the group's zone."""

    days: int
    at: time


@with_config(_STRICT)
@dataclass(frozen=True, slots=True)
class Moments:
    """When Krets speaks between two meetings. See METHOD: one round of a group."""

    announce: Moment = Moment(1, time(9))
    question: Moment = Moment(3, time(9))
    remind: Moment = Moment(1, time(9))
    overview: Moment = Moment(1, time(15))
    #: On the meeting's own day.
    checkin: time = time(8)
    #: Instead, when that would be under an hour before the meeting.
    checkin_before: Moment = Moment(1, time(15))
    next_day: Moment = Moment(1, time(9))


@with_config(_STRICT)
@dataclass(frozen=True, slots=True)
class Method:
    """A way of leading a group, as one TOML file tells it."""

    id: str
    title: Texts
    #: What those who lead are called: one of them, and several.
    leader: Texts
    #: As many meetings as a group has if it chooses nothing else, which is the most.
    meetings: int
    minutes: int
    #: Fewest and most members.
    size: tuple[int, int]
    leaders: int
    votes: bool
    #: Whether the members lead others at work: decides how the second reflection is worded.
    managers: bool = False
    leader_many: Texts | None = None
    #: The fewest meetings, if a group may choose; 0 if it may not.
    fewest_meetings: int = 0
    #: Weeks between two meetings, if the group chooses nothing else.
    weeks: int = 1
    #: When a meeting starts, where no group has said otherwise.
    at: time = time(13)
    #: Who opens a group: a sponsor, who asks people; or a coordinator, and people sign up.
    opens: Literal["sponsor", "coordinator"] = "sponsor"
    #: What a group with own sign-up is called if whoever opens it does not say.
    neutral: Texts | None = None
    #: Beginnings of words that the group's name must not hold, since others see it.
    avoid: tuple[str, ...] = ()
    questions: Questions = Questions()
    #: For the steps that do `exercise`: any of them.
    exercises: tuple[Passage, ...] = ()
    #: For the steps that do `theme`: one a meeting in their order, the last at the last meeting.
    themes: tuple[Passage, ...] = ()
    #: The first and the last meeting are like the others if they have no steps of their own.
    first: tuple[Step, ...] = ()
    ordinary: tuple[Step, ...] = ()
    last: tuple[Step, ...] = ()
    moments: Moments = Moments()

    @property
    def own_sign_up(self) -> bool:
        """Whether people sign up themselves, and nobody is asked."""
        return self.opens == "coordinator"

    @property
    def lengths(self) -> tuple[int, ...]:
        """How many meetings a group may have."""
        return tuple(range(self.fewest_meetings or self.meetings, self.meetings + 1))

    def agenda_name(self, number: int, count: int) -> AgendaName:
        """Where the steps stand of the meeting with this number, from 1, of so many."""
        if number == 1 and self.first:
            return "first"
        if self.last and (number == count or not self.ordinary):
            return "last"
        return "ordinary"

    def agenda(self, number: int, count: int) -> tuple[Step, ...]:
        """The steps of the meeting with this number, from 1, of so many."""
        steps: tuple[Step, ...] = getattr(self, self.agenda_name(number, count))
        return steps

    def theme(self, number: int, count: int) -> Passage | None:
        """The theme of the meeting with this number, from 1, of so many."""
        if self.themes and number == count:
            return self.themes[-1]
        return self.themes[number - 1] if number < len(self.themes) else None

    def passage(self, path: str) -> Passage | None:
        """The text to read aloud at a path such as `exercises/feet`."""
        stock = {"exercises": self.exercises, "themes": self.themes}
        where, _, id = path.partition("/")
        return next((one for one in stock.get(where, ()) if one.id == id), None)

    def text(self, path: str, language: str) -> str:
        """The text at a path such as `title` or `ordinary/hypotheses/say`; empty without one."""
        where, _, name = path.rpartition("/")
        found: Texts | None
        if not where:
            found = getattr(self, name)
        elif where == "questions":
            found = getattr(self.questions, name)
        elif where.startswith("questions/"):
            found = getattr(self.questions, where.removeprefix("questions/")).get(name)
        else:
            agenda, _, id = where.partition("/")
            parts: tuple[Step | Passage, ...] = getattr(self, agenda)
            found = next((getattr(part, name) for part in parts if part.id == id), None)
        return (found or {}).get(language, "")


METHODS: TypeAdapter[Method] = TypeAdapter(Method)
