"""A method as data: how many meetings, how long, in which steps, with which words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from typing import Literal, TypeAlias

from pydantic import ConfigDict, TypeAdapter, with_config

#: One text in each language that Krets speaks.
Texts: TypeAlias = Mapping[str, str]

_STRICT = ConfigDict(extra="forbid")


@with_config(_STRICT)
@dataclass(frozen=True, slots=True)
class Step:
    """One part of a meeting: its minutes, who takes part, and what a leader may say (on a tap)."""

    id: str
    minutes: int
    title: Texts
    who: Literal["all", "each", "owner", "partners", "others", "last_owner"] = "all"
    #: What Krets does when the step begins.
    does: Literal["", "vote", "brake", "rules", "reflection", "closing"] = ""
    #: A break has no number.
    numbered: bool = True
    say: Texts | None = None


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
    leader: Texts
    meetings: int
    minutes: int
    #: Fewest and most members.
    size: tuple[int, int]
    leaders: int
    votes: bool
    #: Whether the members lead others at work: decides how the second reflection is worded.
    managers: bool
    first: tuple[Step, ...]
    ordinary: tuple[Step, ...]
    last: tuple[Step, ...]
    moments: Moments = Moments()

    def agenda(self, number: int) -> tuple[Step, ...]:
        """The steps of the meeting with this number, from 1."""
        if number == 1:
            return self.first
        return self.last if number == self.meetings else self.ordinary

    def agenda_name(self, number: int) -> Literal["first", "ordinary", "last"]:
        """Where the steps of that meeting stand in the method."""
        if number == 1:
            return "first"
        return "last" if number == self.meetings else "ordinary"

    def text(self, path: str, language: str) -> str:
        """The text at a path such as `title` or `ordinary/hypotheses/say`; empty without one."""
        *where, name = path.split("/")
        if not where:
            found: Texts | None = getattr(self, name)
        else:
            steps: tuple[Step, ...] = getattr(self, where[0])
            found = next((getattr(step, name) for step in steps if step.id == where[1]), None)
        return (found or {}).get(language, "")


METHODS: TypeAdapter[Method] = TypeAdapter(Method)
