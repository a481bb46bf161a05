"""Wall clocks, recurrence and working days: pure, and the one place that turns a zone into UTC."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from types import MappingProxyType
from zoneinfo import ZoneInfo, available_timezones

import holidays

_DAY = timedelta(days=1)
_SATURDAY = 5

# The languages a reader will take for hers, best first; English and the country's own come last.
_READS = {"sv": ("sv", "nb", "no"), "nb": ("nb", "no", "sv")}


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


@lru_cache(maxsize=1)
def _countries() -> frozenset[str]:
    """Return the country codes that have a calendar."""
    return frozenset(holidays.list_supported_countries())


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
