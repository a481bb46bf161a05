"""How fast Krets may speak to Teams, call by call."""

from datetime import timedelta

import pytest

from adapters.teams.budget import TENANT, Budget, Way
from bot.messenger import TryLater
from tests.adapters.teams.microsoft import Clock


@pytest.mark.parametrize(("spread", "seconds"), [(0, 1), (0.5, 2), (1, 3)])
def test_chance_spreads_the_waits(spread: float, seconds: float) -> None:
    after = Budget(Clock().now).fail(Way("h", "t", "c"), spread)
    assert after == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("window", "most"),
    [(1, 7), (2, 8), (30, 60), (3600, 1800)],
)
def test_no_conversation_gets_more_than_teams_takes(window: int, most: int) -> None:
    clock, times = Clock(), []
    budget = Budget(clock.now)
    while len(times) < 2500:
        try:
            wait = budget.take(Way("h", "t", "c"))
        except TryLater as later:
            clock.pass_by(seconds=later.after.total_seconds())
        else:
            clock.pass_by(seconds=wait.total_seconds())
            times.append(clock.now())
    long, begin = timedelta(seconds=window), 0
    for end, at in enumerate(times):
        while times[begin] <= at - long:
            begin += 1
        assert end - begin + 1 <= most


def test_no_organisation_gets_more_than_its_share_and_nearly_all_of_it_is_used() -> None:
    clock, times = Clock(), []
    budget = Budget(clock.now)
    for number in range(2000):
        try:
            wait = budget.take(Way("h", "t", f"c{number}"))
        except TryLater as later:
            clock.pass_by(seconds=later.after.total_seconds())
        else:
            times.append(clock.now() + wait)
    second = timedelta(seconds=1)
    assert max(sum(one <= at < one + second for at in times) for one in times[:200]) <= 25
    assert len(times) / (times[-1] - times[0]).total_seconds() > 18
    assert TENANT.every == timedelta(milliseconds=50)


def test_a_call_that_may_not_be_made_costs_nothing() -> None:
    clock = Clock()
    budget, way = Budget(clock.now), Way("h", "t", "c")
    budget.rest(way.end, timedelta(minutes=1))
    for _ in range(10):
        with pytest.raises(TryLater):
            budget.take(way)
    assert budget.take(Way("h", "t", "other")) == timedelta(0)
    clock.pass_by(minutes=1)
    assert budget.take(way) == timedelta(0)


def test_what_is_at_rest_is_forgotten() -> None:
    clock = Clock()
    budget = Budget(clock.now)
    for number in range(4000):
        way = Way("h", "t", f"c{number}")
        budget.take(way)
        budget.fail(way, 0)
        clock.pass_by(seconds=60)
    kept = len(budget._full_at) + len(budget._rests) + len(budget._failures)
    assert kept < 6100
