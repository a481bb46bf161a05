"""Wall clocks, recurrence and working days: pure, and the one place that turns a zone into UTC."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from types import MappingProxyType
from zoneinfo import ZoneInfo, available_timezones

import holidays
from holidays.registry import EntityLoader

_DAY = timedelta(days=1)
_SATURDAY = 5
#: How far from what was wished for a free time is looked for.
_HORIZON = timedelta(weeks=6)
#: How long before the end of somebody's hours the last thing reaches them, so that they see it.
_LAST = timedelta(minutes=30)

# The languages a reader will take for hers, best first; English and the country's own come last.
_READS = {"sv": ("sv", "nb", "no"), "nb": ("nb", "no", "sv")}


@lru_cache(maxsize=4096)
def instant(local: datetime, zone: str) -> datetime:
    """Return the UTC moment at which the zone's clocks first show this time, or a later one.

    >>> instant(datetime(2026, 6, 1, 9, 0), "Europe/Stockholm").isoformat()
    '2026-06-01T07:00:00+00:00'

    A time that never comes moves to the end of its gap, one that comes twice is the first.

    >>> instant(datetime(2026, 3, 29, 2, 30), "Europe/Stockholm").isoformat()
    '2026-03-29T01:00:00+00:00'
    >>> instant(datetime(2026, 10, 25, 2, 30), "Europe/Stockholm").isoformat()
    '2026-10-25T00:30:00+00:00'
    """
    if local.tzinfo is not None:
        raise ValueError("A wall-clock time has no zone of its own.")
    tz = ZoneInfo(zone)
    # PEP 495: only in a gap is the reading with fold=1 the earlier of the two.
    early = local.replace(tzinfo=tz, fold=1).astimezone(UTC)
    late = local.replace(tzinfo=tz, fold=0).astimezone(UTC)
    while late - early > datetime.resolution:
        middle = early + (late - early) // 2
        if wall(middle, zone) > local:
            late = middle
        else:
            early = middle
    return late


def wall(at: datetime, zone: str) -> datetime:
    """Return what the clocks of the zone show at this moment.

    >>> wall(datetime(2026, 6, 1, 7, 0, tzinfo=UTC), "Europe/Stockholm").isoformat()
    '2026-06-01T09:00:00'
    """
    if at.tzinfo is None:
        raise ValueError("A moment needs a zone; inside Krets it is UTC.")
    return at.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0)


def is_zone(name: str) -> bool:
    """Tell whether this names a time zone that is the same on every machine.

    >>> is_zone("Europe/Oslo"), is_zone("Oslo"), is_zone("localtime")
    (True, False, False)
    """
    return name in _zones()


@lru_cache(maxsize=1)
def _zones() -> frozenset[str]:
    """Return the names of all zones, read from disk once."""
    return frozenset(available_timezones() - {"Factory", "localtime"})


def occurrences(first: datetime, every: int, count: int) -> tuple[datetime, ...]:
    """Return `count` wall-clock starts, `every` weeks apart, with one weekday and time of day.

    >>> [str(start) for start in occurrences(datetime(2026, 3, 23, 9, 0), every=2, count=2)]
    ['2026-03-23 09:00:00', '2026-04-06 09:00:00']
    """
    if every < 1:
        raise ValueError("Meetings are at least one week apart.")
    return tuple(first + timedelta(weeks=every * i) for i in range(count))


@dataclass(frozen=True)
class Calendar:
    """The days on which a group works: not weekends, its country's holidays, its own free days.

    An empty country knows weekends only; one that nobody knows is a ValueError.

    >>> christmas_eve = date(2026, 12, 24)
    >>> Calendar("SE").is_working_day(christmas_eve), Calendar().is_working_day(christmas_eve)
    (False, True)
    """

    country: str = ""
    free: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        """Refuse a country that has no calendar."""
        if self.country and self.country not in _countries():
            raise ValueError(f"No calendar of holidays for the country code {self.country!r}.")

    def holiday(self, day: date, language: str) -> str | None:
        """Return the holiday's name, in this language or the nearest there is, or None.

        >>> Calendar("SE").holiday(date(2026, 6, 19), "sv")
        'Midsommarafton'
        >>> Calendar("NO").holiday(date(2026, 5, 17), "en")
        'Constitution Day'
        """
        return _holidays(self.country, day.year, language).get(day) if self.country else None

    def is_working_day(self, day: date) -> bool:
        """Tell whether the group works this day.

        >>> Calendar("NO").is_working_day(date(2027, 5, 17))
        False
        """
        return (
            day.weekday() < _SATURDAY and day not in self.free and self.holiday(day, "en") is None
        )

    def working_day_before(self, day: date, n: int) -> date:
        """Return the n-th working day strictly before this day, n from 1.

        >>> Calendar("SE").working_day_before(date(2026, 6, 22), 1)
        datetime.date(2026, 6, 18)
        """
        return self._step(day, n, -_DAY)

    def working_day_after(self, day: date, n: int) -> date:
        """Return the n-th working day strictly after this day, n from 1.

        >>> Calendar("SE").working_day_after(date(2026, 12, 23), 2)
        datetime.date(2026, 12, 29)
        """
        return self._step(day, n, _DAY)

    def _step(self, day: date, n: int, step: timedelta) -> date:
        """Walk day by day until n working days are passed."""
        if n < 1:
            raise ValueError("Working days are counted from 1.")
        for _ in range(n):
            day += step
            while not self.is_working_day(day):
                day += step
        return day


def free_times(
    wanted: datetime, calendar: Calendar, after: datetime, before: datetime | None = None
) -> tuple[datetime, ...]:
    """Return wall-clock times of the wished hour on working days between two days, best first.

    Best is the wished weekday, then the nearest day; the days themselves are not free.

    >>> eve, week = datetime(2026, 12, 24, 13, 0), timedelta(weeks=1)
    >>> [one.day for one in free_times(eve, Calendar("SE"), eve - week, eve + week)]
    [23, 22, 21, 28, 29, 18, 30]
    >>> free_times(eve, Calendar("SE"), eve - week)[0].isoformat()
    '2027-01-07T13:00:00'
    """
    wish = wanted.date()
    first = max(after.date() + _DAY, wish - _HORIZON)
    last = wish + _HORIZON if before is None else min(before.date() - _DAY, wish + _HORIZON)
    days = [first + timedelta(i) for i in range((last - first).days + 1)]
    free = sorted(
        (day for day in days if calendar.is_working_day(day)),
        key=lambda day: (day.weekday() != wish.weekday(), abs(day - wish), day),
    )
    return tuple(datetime.combine(day, wanted.time()) for day in free)


@dataclass(frozen=True)
class Hours:
    """When somebody may be written to: from a time to a time, on these days of the week (Monday 1).

    Hours that end no later than they begin end on the next day, as a night shift does.
    """

    days: frozenset[int]
    start: time
    end: time
    zone: str

    def __post_init__(self) -> None:
        """Refuse hours that never come."""
        if not self.days or not self.days <= set(range(1, 8)):
            raise ValueError("Hours begin on days of the week, from 1 to 7.")

    @classmethod
    def parse(cls, text: str, zone: str) -> "Hours":
        """Return the hours that a text stands for.

        >>> str(Hours.parse("135 22:00-06:00", "Europe/Oslo"))
        '135 22:00-06:00'
        """
        days, _, span = text.partition(" ")
        start, end = (time.fromisoformat(one) for one in span.split("-"))
        return cls(frozenset(int(day) for day in days), start, end, zone)

    def __str__(self) -> str:
        """Return the text that stands for them, without the zone."""
        days = "".join(str(day) for day in sorted(self.days))
        return f"{days} {self.start:%H:%M}-{self.end:%H:%M}"

    def include(self, at: datetime) -> bool:
        """Tell whether a moment is within them; the end is not.

        >>> night = Hours.parse("5 22:00-06:00", "Europe/Oslo")
        >>> night.include(datetime(2026, 1, 10, 4, 59, tzinfo=UTC))
        True
        """
        return any(start <= at < end for start, end in self._around(at))

    def earlier(self, at: datetime) -> datetime:
        """Return the moment itself if it is within them, else the nearest one before.

        >>> Hours.parse("123 07:00-15:00", "Europe/Oslo").earlier(
        ...     datetime(2026, 1, 9, 8, tzinfo=UTC)).isoformat()
        '2026-01-07T13:30:00+00:00'
        """
        if self.include(at):
            return at
        start, end = [span for span in self._around(at) if span[1] <= at][-1]
        return max(start, end - _LAST)

    def later(self, at: datetime) -> datetime:
        """Return the moment itself if it is within them, else the nearest one after.

        >>> Hours.parse("123 07:00-15:00", "Europe/Oslo").later(
        ...     datetime(2026, 1, 9, 8, tzinfo=UTC)).isoformat()
        '2026-01-12T06:00:00+00:00'
        """
        if self.include(at):
            return at
        return next(start for start, _ in self._around(at) if start >= at)

    def _around(self, at: datetime) -> list[tuple[datetime, datetime]]:
        """Return their beginnings and ends in the weeks around a moment, in order."""
        spans = []
        today = wall(at, self.zone).date()
        over_night = _DAY if self.end <= self.start else timedelta()
        for day in (today + timedelta(i) for i in range(-15, 16)):
            if day.isoweekday() in self.days:
                start = instant(datetime.combine(day, self.start), self.zone)
                end = instant(datetime.combine(day + over_night, self.end), self.zone)
                if start < end:  # not all in an hour that the clocks leave out
                    spans.append((start, end))
        return spans


@lru_cache(maxsize=1)
def _countries() -> frozenset[str]:
    """Return the country codes that have a calendar, without importing all the calendars."""
    return frozenset(EntityLoader.get_country_codes())


@lru_cache(maxsize=1024)
def _holidays(country: str, year: int, language: str) -> Mapping[date, str]:
    """Return one year's holidays with their names: fixed at once, so that threads may share it.

    A day that is free by custom counts like one that is free by law. The language is named, for
    otherwise the package takes it from the environment of the process.
    """
    kind = type(holidays.country_holidays(country))
    offered = kind.supported_languages
    names = holidays.country_holidays(
        country,
        years=year,
        expand=False,
        language=_spoken(language, offered),
        categories=[c for c in ("public", "de_facto") if c in kind.supported_categories],
    )
    return MappingProxyType(dict(names))


def _spoken(language: str, offered: tuple[str, ...]) -> str | None:
    """Return the offered language that serves this reader best, or None.

    >>> _spoken("nb", ("en_US", "no", "uk")), _spoken("sv", ("en_US", "fi", "sv_FI"))
    ('no', 'sv_FI')
    >>> _spoken("sv", ("de", "en_US")), _spoken("sv", ("fr",))
    ('en_US', None)
    """
    for wanted in (*_READS.get(language, (language,)), "en"):
        for code in offered:
            if code.partition("_")[0] == wanted:
                return code
    return None
