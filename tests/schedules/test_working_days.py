"""Working days: the package's holidays against hand-made ones, the rules against a naive walk."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schedules import rule
from schedules.rule import Calendar

DAY = timedelta(days=1)
YEARS = range(2026, 2032)
COUNTRIES = ("SE", "NO", "GB", "US", "AU", "")

fixed = settings(derandomize=True, deadline=None, max_examples=300)
days = st.dates(date(YEARS[0], 1, 1), date(YEARS[-1], 12, 31))
free_days = st.frozensets(days, max_size=5)
calendars = st.builds(Calendar, st.sampled_from(COUNTRIES), free_days)


def all_days(year: int) -> list[date]:
    """Every day of the year."""
    first = date(year, 1, 1)
    return [first + n * DAY for n in range((date(year + 1, 1, 1) - first).days)]


def easter(year: int) -> date:
    """Easter Sunday, by the anonymous Gregorian rule."""
    a, (b, c) = year % 19, divmod(year, 100)
    h = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    week = (32 + 2 * (b % 4) + 2 * (c // 4) - h - c % 4) % 7
    month, day = divmod(h + week - 7 * ((a + 11 * h + 22 * week) // 451) + 114, 31)
    return date(year, month, day + 1)


def first_weekday(weekday: int, day: date) -> date:
    """The first such weekday on or after the day."""
    return day + (weekday - day.weekday()) % 7 * DAY


def swedish(year: int) -> set[date]:
    """The Swedish holidays, and the three eves that are free by custom."""
    moving = {easter(year) + n * DAY for n in (-2, 0, 1, 39, 49)}
    midsummer_eve = first_weekday(4, date(year, 6, 19))
    all_saints = first_weekday(5, date(year, 10, 31))
    fixed_days = ((1, 1), (1, 6), (5, 1), (6, 6), (12, 24), (12, 25), (12, 26), (12, 31))
    fixed_dates = {date(year, month, day) for month, day in fixed_days}
    return moving | fixed_dates | {midsummer_eve, midsummer_eve + DAY, all_saints}


def norwegian(year: int) -> set[date]:
    """The Norwegian holidays."""
    moving = {easter(year) + n * DAY for n in (-3, -2, 0, 1, 39, 49, 50)}
    fixed_days = ((1, 1), (5, 1), (5, 17), (12, 25), (12, 26))
    return moving | {date(year, month, day) for month, day in fixed_days}


@pytest.mark.parametrize("year", YEARS)
@pytest.mark.parametrize(("country", "expected"), [("SE", swedish), ("NO", norwegian)])
def test_the_holidays_are_those_of_the_almanac(
    country: str, expected: Callable[[int], set[date]], year: int
) -> None:
    calendar = Calendar(country)
    assert {day for day in all_days(year) if calendar.holiday(day, "en")} == expected(year)


@pytest.mark.parametrize(
    ("country", "day", "language", "name"),
    [
        ("SE", date(2026, 12, 24), "sv", "Julafton"),
        ("SE", date(2026, 12, 24), "nb", "Julafton"),
        ("SE", date(2026, 12, 24), "en", "Christmas Eve"),
        ("SE", date(2026, 12, 24), "de", "Christmas Eve"),
        ("SE", date(2026, 6, 19), "sv", "Midsommarafton"),
        ("NO", date(2026, 5, 17), "nb", "Grunnlovsdag"),
        ("NO", date(2026, 5, 17), "sv", "Grunnlovsdag"),
        ("NO", date(2026, 5, 17), "en", "Constitution Day"),
        ("FI", date(2026, 12, 6), "sv", "Självständighetsdagen"),
        ("GB", date(2026, 12, 25), "sv", "Christmas Day"),
        ("DE", date(2026, 12, 25), "de", "Erster Weihnachtstag"),
        ("NZ", date(2026, 2, 6), "nb", "Waitangi Day"),
        ("SE", date(2026, 12, 23), "sv", None),
        ("UK", date(2026, 12, 28), "en", "Boxing Day (observed)"),
        ("", date(2026, 12, 25), "sv", None),
    ],
)
def test_a_holiday_has_a_name_in_the_nearest_language(
    country: str, day: date, language: str, name: str | None
) -> None:
    assert Calendar(country).holiday(day, language) == name


def test_the_language_of_the_machine_does_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE", "uk")
    rule._holidays.cache_clear()
    assert Calendar("NO").holiday(date(2026, 5, 17), "nb") == "Grunnlovsdag"
    assert rule._holidays("SE", 2026, "??")[date(2026, 12, 24)] == "Christmas Eve"


def test_a_holiday_kept_in_the_year_before_is_found_there() -> None:
    assert not Calendar("US").is_working_day(date(2027, 12, 31))


@pytest.mark.parametrize("country", ["XX", "se", "os", "date", "NYSE", "Sweden"])
def test_an_unknown_country_is_refused_in_a_clear_sentence(country: str) -> None:
    with pytest.raises(ValueError, match=f"No calendar of holidays for .* '{country}'"):
        Calendar(country)


@fixed
@given(calendars, days)
def test_a_working_day_is_no_weekend_no_holiday_and_not_free(calendar: Calendar, day: date) -> None:
    off = (
        f"{day:%a}" in ("Sat", "Sun"),
        day in calendar.free,
        calendar.holiday(day, "sv") is not None,
    )
    assert calendar.is_working_day(day) is not any(off)


def test_without_a_country_only_weekends_and_own_days_are_free() -> None:
    calendar = Calendar(free=frozenset({date(2026, 12, 22)}))
    week = [date(2026, 12, 21) + n * DAY for n in range(7)]
    assert [calendar.is_working_day(day) for day in week] == [
        True, False, True, True, True, False, False,
    ]  # fmt: skip


@fixed
@given(calendars, days, st.integers(1, 25))
def test_the_nth_working_day_is_the_one_a_naive_walk_finds(
    calendar: Calendar, day: date, n: int
) -> None:
    after = [x for i in range(1, 90) if calendar.is_working_day(x := day + i * DAY)]
    before = [x for i in range(1, 90) if calendar.is_working_day(x := day - i * DAY)]
    assert calendar.working_day_after(day, n) == after[n - 1]
    assert calendar.working_day_before(day, n) == before[n - 1]


@fixed
@given(calendars, days, st.integers(1, 25))
def test_there_and_back_is_where_one_was_or_the_working_day_next_to_it(
    calendar: Calendar, day: date, n: int
) -> None:
    works = calendar.is_working_day(day)
    there_and_back = calendar.working_day_before(calendar.working_day_after(day, n), n)
    assert there_and_back == (day if works else calendar.working_day_before(day, 1))
    back_and_there = calendar.working_day_after(calendar.working_day_before(day, n), n)
    assert back_and_there == (day if works else calendar.working_day_after(day, 1))


@pytest.mark.parametrize("n", [0, -1])
def test_working_days_are_counted_from_one(n: int) -> None:
    with pytest.raises(ValueError, match="from 1"):
        Calendar().working_day_before(date(2026, 1, 1), n)
    with pytest.raises(ValueError, match="from 1"):
        Calendar().working_day_after(date(2026, 1, 1), n)


def test_threads_that_ask_at_once_get_the_same_answers() -> None:
    years = range(1990, 2040)
    rule._holidays.cache_clear()
    alone = [Calendar("SE").holiday(date(year, 12, 24), "sv") for year in years]
    rule._holidays.cache_clear()
    together = Barrier(8)

    def ask(_: int) -> list[str | None]:
        together.wait()
        return [Calendar("SE").holiday(date(year, 12, 24), "sv") for year in years]

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(ask, range(8))) == [alone] * 8
    assert set(alone) == {"Julafton"}


def test_what_threads_share_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        rule._holidays("SE", 2026, "sv")[date(2026, 1, 2)] = "x"  # type: ignore[index]
