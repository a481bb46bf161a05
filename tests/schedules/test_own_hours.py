"""Somebody's own hours: a time is moved into them, to the nearest before or after."""

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schedules.rule import Hours, wall

SETTINGS = settings(derandomize=True, deadline=None, max_examples=200)
ZONES = ("Europe/Stockholm", "Europe/London", "America/New_York", "Australia/Lord_Howe")
times = st.times(time(0), time(23, 59)).map(lambda one: one.replace(second=0, microsecond=0))
hours = st.builds(
    Hours,
    st.frozensets(st.integers(1, 7), min_size=1),
    times,
    times,
    st.sampled_from(ZONES),
)
moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001


@SETTINGS
@given(hours, moments)
def test_a_time_comes_into_the_hours_on_its_side(hours: Hours, at: datetime) -> None:
    before, after = hours.earlier(at), hours.later(at)
    assert before <= at <= after
    assert hours.include(before)
    assert hours.include(after)
    if hours.include(at):
        assert before == at == after
    assert after - before <= timedelta(days=15)


@SETTINGS
@given(hours)
def test_hours_are_written_and_read(hours: Hours) -> None:
    assert Hours.parse(str(hours), hours.zone) == hours


def test_what_comes_before_leaves_half_an_hour_to_see_it() -> None:
    hours = Hours.parse("1 07:00-15:00", "Europe/Stockholm")
    found = hours.earlier(datetime(2026, 3, 4, 8, tzinfo=UTC))
    assert wall(found, hours.zone).isoformat() == "2026-03-02T14:30:00"


def test_short_hours_begin_with_what_comes_before() -> None:
    hours = Hours.parse("1 07:00-07:20", "Europe/Stockholm")
    found = hours.earlier(datetime(2026, 3, 4, 8, tzinfo=UTC))
    assert wall(found, hours.zone).isoformat() == "2026-03-02T07:00:00"


def test_a_night_shift_ends_the_next_morning() -> None:
    hours = Hours.parse("5 21:00-07:00", "Europe/Oslo")
    assert hours.include(datetime(2026, 3, 7, 5, 59, tzinfo=UTC))
    assert not hours.include(datetime(2026, 3, 7, 6, tzinfo=UTC))


def test_hours_that_the_clocks_leave_out_are_not_there_that_night() -> None:
    hours = Hours.parse("7 02:00-02:30", "Europe/Stockholm")
    found = hours.later(datetime(2026, 3, 28, 12, tzinfo=UTC))
    assert wall(found, hours.zone).isoformat() == "2026-04-05T02:00:00"


@pytest.mark.parametrize("days", [frozenset[int](), frozenset({0}), frozenset({1, 8})])
def test_hours_that_never_come_are_refused(days: frozenset[int]) -> None:
    with pytest.raises(ValueError, match="from 1 to 7"):
        Hours(days, time(8), time(16), "Europe/Oslo")
