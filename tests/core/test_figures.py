"""The figures of a year: what is told, what is not, and that nothing untold can be worked out."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import astuple, fields, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import count, product
from random import Random
from typing import get_type_hints

import pytest

from bot.core.figures import (
    FEWEST,
    Count,
    Figures,
    GroupFacts,
    YearFigures,
    closed_years,
    count_of,
    ended_in,
)
from bot.core.figures import figures_of as figures_of_counts
from bot.core.model import Group, Member
from tests.core.stages import before

YEAR = 2026
METHODS = ("helsingborg", "jonkoping", "peer", "skr", "trollhattan")
COLUMNS = tuple(one.name for one in fields(Figures))
_names = count()


@cache
def held_one_of_two() -> Group:
    group = before(2).group
    return replace(group, meetings=group.meetings[:2])


def ended(
    method: str, people: Iterable[str] | int = 6, at: datetime = datetime(YEAR, 5, 1, tzinfo=UTC)
) -> Group:
    """A group that met once of two times and ended, with so many people or these."""
    who = [f"p{next(_names)}" for _ in range(people)] if isinstance(people, int) else people
    members = tuple(Member(one, "yes") for one in who)
    group = replace(held_one_of_two(), method_id=method, members=members)
    return replace(group, status="closed", closed_at=at)


def figures_of(groups: Iterable[Group], year: int) -> YearFigures:
    """The figures of a year, of groups as they are."""
    there = ((one.method_id, count_of(one)) for one in groups if ended_in(one) == year)
    return figures_of_counts(there, year)


def year_of(counts: Mapping[str, int]) -> list[Group]:
    return [ended(method) for method, many in counts.items() for _ in range(many)]


# --- what is told -------------------------------------------------------------------------------


def test_the_types_have_room_for_nothing_else() -> None:
    assert get_type_hints(GroupFacts) == {
        "group": str,
        "name": str,
        "first": datetime,
        "last": datetime,
        "held": int,
        "planned": int,
        "as_planned": bool,
    }
    assert get_type_hints(Figures) == dict.fromkeys(("groups", "planned", "held", "members"), int)
    assert get_type_hints(YearFigures) == {
        "year": int,
        "whole": Figures | None,
        "methods": tuple[tuple[str, Figures], ...],
        "others": Figures | None,
    }


def test_methods_with_enough_behind_them_are_told_and_add_up() -> None:
    told = figures_of(year_of({"jonkoping": 6, "skr": 5}), YEAR)
    assert told == YearFigures(
        YEAR,
        Figures(groups=11, planned=22, held=11, members=66),
        (("jonkoping", Figures(6, 12, 6, 36)), ("skr", Figures(5, 10, 5, 30))),
    )


@pytest.mark.parametrize("counts", [{}, {"skr": 4}, {"skr": 2, "jonkoping": 2}])
def test_below_five_groups_nothing_is_told(counts: dict[str, int]) -> None:
    assert figures_of(year_of(counts), YEAR) == YearFigures(YEAR)


def test_below_five_people_nothing_is_told() -> None:
    same = [ended("skr", ("anna", "bo", "cilla", "dag")) for _ in range(9)]
    assert figures_of(same, YEAR) == YearFigures(YEAR)
    assert figures_of([*same, ended("skr", ("elin",))], YEAR) == YearFigures(YEAR), "who knows?"
    five = ended("skr", ("anna", "bo", "cilla", "dag", "elin"))
    assert figures_of([*same, five], YEAR).whole == Figures(10, 20, 10, 41)


def test_a_small_method_hides_the_least_of_the_others_too() -> None:
    told = figures_of(year_of({"jonkoping": 9, "skr": 6, "peer": 1}), YEAR)
    assert told.methods == (("jonkoping", Figures(9, 18, 9, 54)),)
    assert told.others == Figures(7, 14, 7, 42)
    assert told.whole == Figures(16, 32, 16, 96)


def test_with_one_large_method_and_a_small_one_only_the_whole_is_told() -> None:
    told = figures_of(year_of({"jonkoping": 9, "peer": 1}), YEAR)
    assert told == YearFigures(YEAR, Figures(10, 20, 10, 60))


def test_a_group_counts_in_the_year_in_which_it_ended_and_only_if_it_met() -> None:
    there = year_of({"skr": 5})
    last = timedelta(microseconds=1)
    new_year = datetime(YEAR + 1, 1, 1, tzinfo=UTC)
    never_met = replace(
        there[0], meetings=tuple(replace(one, held=False) for one in there[0].meetings)
    )
    others = [
        ended("skr", at=new_year),
        ended("skr", at=datetime(YEAR, 1, 1, tzinfo=UTC) - last),
        replace(there[0], status="running", closed_at=None),
        never_met,
    ]
    assert figures_of([*there, *others], YEAR) == figures_of(there, YEAR)
    assert figures_of([*there, ended("skr", at=new_year - last)], YEAR).whole == Figures(
        6, 12, 6, 36
    )


def test_whoever_has_left_or_never_answered_is_not_counted() -> None:
    there = year_of({"skr": 5})
    gone = Member("gone", "left"), Member("asked", "asked")
    assert figures_of(
        [replace(one, members=(*one.members, *gone)) for one in there], YEAR
    ) == figures_of(there, YEAR)


def test_what_is_kept_of_deleted_groups_tells_the_same_and_names_nobody() -> None:
    assert get_type_hints(Count) == dict.fromkeys(
        ("groups", "planned", "held", "members", "most"), int
    )
    random = Random(5)
    for seed in range(200):
        groups = simulated(Random(seed))
        random.shuffle(groups)
        half = random.randint(0, len(groups))
        deleted, stay = groups[:half], groups[half:]
        kept: dict[str, Count] = {}
        for one in deleted:
            count = count_of(one)
            before = kept.get(one.method_id)
            kept[one.method_id] = count if before is None else count + before
        there = [(one.method_id, count_of(one)) for one in stay]
        assert figures_of_counts([*there, *kept.items()], YEAR) == figures_of(groups, YEAR)


# --- what can be worked out ---------------------------------------------------------------------


def bounds(told: YearFigures, methods: Iterable[str], column: str) -> dict[str, tuple[int, int]]:
    """From where to where each method's figure can lie, for one who can only count from zero.

    Every figure that is told is a sum over methods. Narrowing each sum's parts by the others
    until nothing moves is exact here, for of two of these sums one holds the other or they have
    nothing in common.
    """
    shown = dict(told.methods)
    rest = [one for one in methods if one not in shown]
    sums = [([one], getattr(figures, column)) for one, figures in told.methods]
    if told.others is not None:
        sums.append((rest, getattr(told.others, column)))
    if told.whole is not None:
        sums.append((list(methods), getattr(told.whole, column)))
    low, high = dict.fromkeys(methods, 0), dict.fromkeys(methods, 10**9)
    moved = True
    while moved:
        moved = False
        for parts, total in sums:
            for one in parts:
                others = [each for each in parts if each != one]
                least = max(low[one], total - sum(high[each] for each in others))
                most = min(high[one], total - sum(low[each] for each in others))
                moved |= (least, most) != (low[one], high[one])
                low[one], high[one] = least, most
    return {one: (low[one], high[one]) for one in methods}


def faults(told: YearFigures, groups: list[Group]) -> list[str]:
    """What is wrong with what is told: too little behind it, or what can be worked out."""
    found = []
    methods = {one.method_id for one in groups}
    shown = dict(told.methods)
    parts = {name: {name} for name in shown} | {"whole": methods, "others": methods - shown.keys()}
    all_figures = shown | {"whole": told.whole, "others": told.others}
    for name, figures in all_figures.items():
        if figures is not None:
            behind = [one for one in groups if one.method_id in parts[name]]
            people = {person for one in behind for person in one.people}
            if min(len(behind), len(people)) < FEWEST or figures.groups != len(behind):
                found.append(f"{name}: too little behind it")
    for column in COLUMNS:
        for method, (low, high) in bounds(told, sorted(methods), column).items():
            if method not in shown and high - low < FEWEST:
                found.append(f"{method}: {column} lies from {low} to {high}")
    return found


def simulated(random: Random) -> list[Group]:
    """A year: few or many groups after some methods, people in several, groups cut short."""
    staff = [f"s{n}" for n in range(random.choice([6, 40, 400]))]
    groups = []
    for method in METHODS[: random.randint(1, len(METHODS))]:
        for _ in range(random.choice([0, 1, 2, 4, 5, 6, 9, 30])):
            people = random.sample(staff, random.randint(1, min(12, len(staff))))
            group = ended(method, people)
            held = random.random()
            groups.append(
                replace(
                    group,
                    meetings=tuple(
                        replace(one, held=one.number == 1 or random.random() < held)
                        for one in group.meetings
                    ),
                )
            )
    return groups


def test_in_no_simulated_year_a_hidden_figure_can_be_worked_out() -> None:
    hidden = told_apart = 0
    for seed in range(1000):
        groups = simulated(Random(seed))
        told = figures_of(groups, YEAR)
        assert faults(told, groups) == [], seed
        hidden += told.others is not None
        told_apart += bool(told.methods)
    assert hidden > 100
    assert told_apart > 300


def test_the_audit_sees_what_hiding_only_the_small_ones_would_give_away() -> None:
    groups = year_of({"jonkoping": 9, "skr": 6, "peer": 1})
    careless = replace(
        figures_of(groups, YEAR),
        methods=(("jonkoping", Figures(9, 18, 9, 54)), ("skr", Figures(6, 12, 6, 36))),
        others=None,
    )
    assert "peer: groups lies from 1 to 1" in faults(careless, groups)
    assert "peer: members lies from 6 to 6" in faults(careless, groups)
    told = replace(careless, methods=(), whole=None, others=Figures(1, 2, 1, 6))
    assert "others: too little behind it" in faults(told, year_of({"peer": 1}))


@pytest.mark.parametrize(("methods", "most"), [(2, 12), (3, 8), (4, 5)])
def test_even_who_knows_how_it_is_done_cannot_tell_how_much_is_hidden(
    methods: int, most: int
) -> None:
    """All years up to a size: for every hidden count another year tells exactly the same."""
    found = defaultdict[YearFigures, list[tuple[int, ...]]](list)
    groups = {one: year_of({one: most}) for one in METHODS[:methods]}
    for counts in product(range(most + 1), repeat=methods):
        chosen = [groups[one][:n] for one, n in zip(groups, counts, strict=True)]
        found[figures_of([one for some in chosen for one in some], YEAR)].append(counts)
    for told, years in found.items():
        shown = dict(told.methods)
        for n, method in enumerate(groups):
            could_be = {counts[n] for counts in years}
            if method not in shown and could_be != {0}:
                assert len(could_be) > 1, (told, years)


def test_the_names_of_methods_decide_nothing() -> None:
    random = Random(1)
    for seed in range(100):
        groups = simulated(Random(seed))
        other = dict(zip(METHODS, random.sample(METHODS, len(METHODS)), strict=True))
        told = figures_of(groups, YEAR)
        turned = figures_of([replace(one, method_id=other[one.method_id]) for one in groups], YEAR)
        assert turned.methods == tuple(sorted((other[one], each) for one, each in told.methods))
        assert (turned.whole, turned.others) == (told.whole, told.others)


def test_no_group_is_in_the_figures_of_two_years() -> None:
    random = Random(7)
    days = [datetime(2024, 1, 1, tzinfo=UTC) + timedelta(days=n) for n in range(3 * 365 + 1)]
    groups = [ended("skr", at=random.choice(days)) for _ in range(60)]
    whole = [figures_of(groups, year).whole for year in (2024, 2025, 2026, 2027)]
    told = [astuple(one) for one in whole if one is not None]
    assert sum(one[0] for one in told) == 60
    assert closed_years(days[-1]) == (2025, 2024, 2023)
