"""What is told of groups to those who are not in them: four facts of each, figures of a year.

These types are all there is: the shell makes them of groups before a rule of the coordinator
decides, so no rule can tell more.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from pydantic import TypeAdapter

from bot.core.event import GroupId, PersonId
from bot.core.model import Group
from bot.core.rights import may_sign_up

#: How many groups stand behind every figure, and how many people.
FEWEST = 5
#: Of how many years that are over the figures can be seen.
YEARS = 3


# --- four facts of a group ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class GroupFacts:
    """That a group exists, its dates, how many meetings were held, and whether as planned."""

    group: GroupId
    name: str
    first: datetime
    last: datetime
    held: int
    planned: int
    as_planned: bool


def facts_of(group: Group, now: datetime) -> GroupFacts:
    """The four facts of a group at this time."""
    so_far = sum(group.ends(meeting) <= now for meeting in group.meetings)
    held = sum(meeting.held for meeting in group.meetings)
    return GroupFacts(
        group=group.id,
        name=group.name,
        first=group.starts(group.meetings[0]),
        last=group.starts(group.meetings[-1]),
        held=held,
        planned=len(group.meetings),
        as_planned=held >= so_far - 1,
    )


# --- groups for which one can sign up -----------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OpenSignUp:
    """A group as those see it who may sign up: what it is called, who leads it, and when."""

    group: GroupId
    name: str
    leaders: tuple[PersonId, ...]
    first: datetime
    #: The day of the week in the group's zone, from 1.
    weekday: int
    every: int
    meetings: int


def sign_up_of(group: Group, me: PersonId) -> OpenSignUp | None:
    """The group as I see it before I sign up; None if I may not."""
    if not may_sign_up(group, me):
        return None
    first = group.meetings[0]
    return OpenSignUp(
        group=group.id,
        name=group.name,
        leaders=group.led_by,
        first=group.starts(first),
        weekday=first.at.isoweekday(),
        every=group.every,
        meetings=len(group.meetings),
    )


# --- the figures of a year ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True, order=True)
class Figures:
    """What some groups come to together; somebody who was in two of them counts in both."""

    groups: int
    planned: int
    held: int
    members: int


@dataclass(frozen=True, slots=True)
class YearFigures:
    """The figures of one year: of all groups, of methods by id, and of all other methods."""

    year: int
    whole: Figures | None = None
    methods: tuple[tuple[str, Figures], ...] = ()
    others: Figures | None = None


YEAR_FIGURES: TypeAdapter[YearFigures] = TypeAdapter(YearFigures)


def closed_years(now: datetime) -> tuple[int, ...]:
    """The last years that are over, latest first.

    >>> closed_years(datetime(2027, 1, 1, tzinfo=UTC))
    (2026, 2025, 2024)
    """
    return tuple(now.astimezone(UTC).year - back for back in range(1, YEARS + 1))


@dataclass(frozen=True, slots=True)
class Count:
    """What some groups count for: their sums, and the most members that one of them had.

    It names nobody, so it can be kept when they are deleted.
    """

    groups: int
    planned: int
    held: int
    members: int
    most: int

    def __add__(self, other: "Count") -> "Count":
        """What both count for together."""
        return Count(
            self.groups + other.groups,
            self.planned + other.planned,
            self.held + other.held,
            self.members + other.members,
            max(self.most, other.most),
        )

    @property
    def figures(self) -> Figures:
        """What is told of them."""
        return Figures(self.groups, self.planned, self.held, self.members)

    @property
    def enough(self) -> bool:
        """Whether enough groups stand behind it, and people: one group alone has enough of them.

        People are in several groups, and whoever would count each once had to remember them.
        """
        return min(self.groups, self.most) >= FEWEST


def ended_in(group: Group) -> int | None:
    """The year of UTC, which is the same for all, in which a group ended; None if it never met."""
    if group.closed_at is None or not any(meeting.held for meeting in group.meetings):
        return None
    return group.closed_at.astimezone(UTC).year


def count_of(group: Group) -> Count:
    """What one group counts for."""
    held, members = sum(meeting.held for meeting in group.meetings), len(group.people)
    return Count(1, len(group.meetings), held, members, members)


def figures_of(counts: Iterable[tuple[str, Count]], year: int) -> YearFigures:
    """The figures of a year that is over, of the groups that met and ended in it, by method.

    A group counts in the year in which it ended and in no other, so two years have nobody in
    common that could be told by their difference. A method with too little behind it is not shown,
    and since what is left could be told from the whole, neither is the least of the others. Names
    of methods decide nothing: whichever figures are hidden could be those of either.
    """
    methods: dict[str, Count] = {}
    for method, count in counts:
        methods[method] = methods[method] + count if method in methods else count
    whole = _together(methods.values())
    if not whole.enough:
        return YearFigures(year)
    hidden = {method for method, count in methods.items() if not count.enough}
    shown = methods.keys() - hidden
    if hidden and shown:
        least = min(methods[method].figures for method in shown)
        hidden |= {method for method in shown if methods[method].figures == least}
        shown -= hidden
    return YearFigures(
        year,
        whole.figures,
        tuple((method, methods[method].figures) for method in sorted(shown)),
        _together(methods[one] for one in hidden).figures if hidden and shown else None,
    )


def _together(counts: Iterable[Count]) -> Count:
    return sum(counts, start=Count(0, 0, 0, 0, 0))
