"""Wall clocks and recurrence: laws, and a naive model that reads every minute off the clock."""

# ruff: noqa: DTZ001 - a wall-clock time has no zone of its own

import doctest
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schedules import rule
from schedules.rule import instant, is_zone, occurrences, wall

ZONES = (
    "Europe/Stockholm",
    "Europe/Oslo",
    "Europe/Helsinki",
    "Europe/London",
    "America/New_York",
    "Australia/Lord_Howe",
)
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
WEEK = timedelta(weeks=1)

fixed = settings(derandomize=True, deadline=None, max_examples=300)


@cache
def change_overs(zone: str) -> list[date]:
    """The days of 2026-2035 on which the zone's clocks are put forward or back."""
    noon = datetime(2025, 12, 31, 12, tzinfo=ZoneInfo(zone))
    days = [noon + n * DAY for n in range(3653)]
    pairs = pairwise(days)
    return [day.date() for before, day in pairs if before.utcoffset() != day.utcoffset()]


@st.composite
def zoned_times(draw: st.DrawFn) -> tuple[datetime, str]:
    """A zone and a wall-clock time of 2026-2035, half of them on a day of change."""
    zone = draw(st.sampled_from(ZONES))
    days = st.dates(date(2026, 1, 1), date(2035, 12, 31))
    day = draw(days | st.sampled_from(change_overs(zone)))
    times = st.times() | st.times(time(0), time(3))
    return datetime.combine(day, draw(times)), zone


def readings(local: datetime, zone: str) -> list[datetime]:
    """All the moments at which the clocks show exactly this: none in a gap, two in a fold."""
    around = (local.replace(tzinfo=UTC) + n * DAY for n in (-1, 1))
    offsets = {at.astimezone(ZoneInfo(zone)).utcoffset() for at in around}
    moments = (local.replace(tzinfo=UTC) - offset for offset in offsets if offset is not None)
    return sorted(at for at in moments if wall(at, zone) == local)


@fixed
@given(zoned_times())
def test_a_time_that_exists_comes_back_from_utc_as_it_was(case: tuple[datetime, str]) -> None:
    local, zone = case
    shown = wall(instant(local, zone), zone)
    assert shown == local if readings(local, zone) else shown > local


@fixed
@given(zoned_times())
def test_a_time_that_comes_twice_is_the_first(case: tuple[datetime, str]) -> None:
    local, zone = case
    assert readings(local, zone)[:1] in ([], [instant(local, zone)])


@fixed
@given(zoned_times())
def test_just_before_the_instant_the_clocks_show_less(case: tuple[datetime, str]) -> None:
    local, zone = case
    at = instant(local, zone)
    assert at.tzinfo is UTC
    assert wall(at - datetime.resolution, zone) < local <= wall(at, zone)


@pytest.mark.parametrize("zone", ZONES)
def test_every_minute_of_a_day_of_change_is_the_first_the_clocks_show(zone: str) -> None:
    assert len(change_overs(zone)) == 20
    for day in change_overs(zone):
        midnight = datetime.combine(day, time(0))
        utc = midnight.replace(tzinfo=UTC)
        first_shown: dict[datetime, datetime] = {}
        for n in range(-14 * 60, 40 * 60):
            first_shown.setdefault(wall(utc + n * MINUTE, zone), utc + n * MINUTE)
        for n in range(24 * 60):
            local = existing = midnight + n * MINUTE
            while existing not in first_shown:
                existing += MINUTE
            rounds = occurrences(local - WEEK, every=1, count=3)
            before, at, after = (instant(one, zone) for one in rounds)
            assert at == first_shown[existing], (local, zone)
            assert before < at < after, "one in each round"


@pytest.mark.parametrize(
    ("local", "zone", "expected"),
    [
        (datetime(2026, 3, 29, 2, 0), "Europe/Stockholm", "2026-03-29T01:00:00+00:00"),
        (datetime(2026, 3, 29, 2, 30), "Europe/Stockholm", "2026-03-29T01:00:00+00:00"),
        (datetime(2026, 3, 29, 2, 59, 59, 999999), "Europe/Oslo", "2026-03-29T01:00:00+00:00"),
        (datetime(2026, 3, 29, 3, 0), "Europe/Stockholm", "2026-03-29T01:00:00+00:00"),
        (datetime(2026, 10, 4, 2, 15), "Australia/Lord_Howe", "2026-10-03T15:30:00+00:00"),
        (datetime(2026, 3, 8, 2, 30), "America/New_York", "2026-03-08T07:00:00+00:00"),
        (datetime(2011, 12, 30, 9, 0), "Pacific/Apia", "2011-12-30T10:00:00+00:00"),
    ],
)
def test_a_time_in_a_gap_is_the_end_of_the_gap(local: datetime, zone: str, expected: str) -> None:
    assert instant(local, zone).isoformat() == expected


@pytest.mark.parametrize(
    ("local", "zone", "expected"),
    [
        (datetime(2026, 10, 25, 2, 30), "Europe/Stockholm", "2026-10-25T00:30:00+00:00"),
        (datetime(2026, 10, 25, 2, 30, fold=1), "Europe/Oslo", "2026-10-25T00:30:00+00:00"),
        (datetime(2026, 10, 25, 1, 30), "Europe/London", "2026-10-25T00:30:00+00:00"),
        (datetime(2026, 4, 5, 1, 45), "Australia/Lord_Howe", "2026-04-04T14:45:00+00:00"),
    ],
)
def test_a_time_in_a_fold_is_its_first_coming(local: datetime, zone: str, expected: str) -> None:
    assert instant(local, zone).isoformat() == expected


def test_the_wall_clock_forgets_which_round_it_is() -> None:
    again = wall(datetime(2026, 10, 25, 1, 30, tzinfo=UTC), "Europe/Stockholm")
    assert (again, again.fold, again.tzinfo) == (datetime(2026, 10, 25, 2, 30), 0, None)


def test_a_moment_and_a_wall_clock_time_are_not_mistaken_for_each_other() -> None:
    with pytest.raises(ValueError, match="no zone of its own"):
        instant(datetime(2026, 1, 1, tzinfo=UTC), "Europe/Oslo")
    with pytest.raises(ValueError, match="needs a zone"):
        wall(datetime(2026, 1, 1), "Europe/Oslo")


@fixed
@given(zoned_times(), st.integers(1, 8), st.integers(0, 30))
def test_occurrences_keep_weekday_time_and_distance(
    case: tuple[datetime, str], every: int, count: int
) -> None:
    first, zone = case
    starts = occurrences(first, every, count)
    assert len(starts) == count
    assert starts[:1] in ((), (first,))
    assert {(each.weekday(), each.time()) for each in starts} <= {(first.weekday(), first.time())}
    assert all(b - a == 7 * every * DAY for a, b in pairwise(starts))
    moments = [instant(each, zone) for each in starts]
    assert all(a < b for a, b in pairwise(moments))


@pytest.mark.parametrize("every", [0, -1])
def test_occurrences_are_at_least_a_week_apart(every: int) -> None:
    with pytest.raises(ValueError, match="one week"):
        occurrences(datetime(2026, 1, 1), every, 2)


@pytest.mark.parametrize("zone", [*ZONES, "UTC"])
def test_zones_are_known(zone: str) -> None:
    assert is_zone(zone)


@pytest.mark.parametrize(
    "name",
    ["", "Stockholm", "europe/stockholm", "localtime", "Factory", "../etc/passwd", "/etc/passwd"],
)
def test_what_is_no_zone_is_told(name: str) -> None:
    assert not is_zone(name)


def test_the_examples_in_the_documentation_run() -> None:
    failed, attempted = doctest.testmod(rule)
    assert (failed, attempted > 10) == (0, True)
