"""The clock, when a time changes: summer time, programme time, the machine's own."""

# ruff: noqa: DTZ001 - a wall-clock time has no zone of its own

from datetime import datetime, timedelta

import pytest

from schedules.rule import instant, occurrences
from tests.schedules.world import HOUR, MINUTE, SECOND, START, World, world_from


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    return world_from(START, monkeypatch)


def test_programme_time_may_run_ahead_of_real_time(world: World) -> None:
    world.offset = 5 * HOUR

    async def scenario() -> None:
        world.commit(START + 5 * HOUR + 95 * SECOND)
        await world.passes(5 * MINUTE)
        assert world.claims == [START + 5 * HOUR + 95 * SECOND]

    world.run(scenario)


@pytest.mark.parametrize(("told", "claimed_after"), [(True, 1), (False, 30)])
def test_a_leap_of_programme_time_claims_what_it_passed(
    world: World, told: bool, claimed_after: int
) -> None:
    world.moments = [START + 3 * HOUR]

    async def scenario() -> None:
        world.offset = 4 * HOUR
        if told:
            world.clock.reset()
        await world.passes(MINUTE)
        assert world.claims == [START + 4 * HOUR + claimed_after * SECOND]

    world.run(scenario)


def test_a_leap_plans_the_next_wake_anew(world: World) -> None:
    moment = START + 3 * HOUR + 10 * SECOND
    world.moments = [moment]

    async def scenario() -> None:
        world.offset = 3 * HOUR
        world.clock.reset()
        await world.passes(15 * SECOND)
        assert world.claims == [moment]

    world.run(scenario)


def test_programme_time_set_back_waits_for_the_moment_again(world: World) -> None:
    world.moments = [START + 20 * SECOND]

    async def scenario() -> None:
        world.offset = -MINUTE
        world.clock.reset()
        await world.passes(2 * MINUTE)
        assert world.claims == [START + 20 * SECOND]

    world.run(scenario)


@pytest.mark.parametrize(("jump", "passes"), [(HOUR, 30 * SECOND), (-HOUR, 2 * HOUR)])
def test_a_jump_of_the_machine_s_clock_loses_no_moment(
    world: World, jump: timedelta, passes: timedelta
) -> None:
    moment = START + 50 * MINUTE
    world.moments = [moment]

    async def scenario() -> None:
        world.jumped = jump
        await world.passes(passes)
        assert len(world.claims) == 1
        assert moment <= world.claims[0] <= max(moment, START + HOUR + 30 * SECOND)
        assert world.recovered[-1] > moment

    world.run(scenario)


def test_a_clock_two_days_fast_that_is_put_right_recovers_within_half_a_minute(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = world_from(START + 48 * HOUR, monkeypatch)

    async def scenario() -> None:
        await world.passes(MINUTE)
        world.jumped = -48 * HOUR
        right = world.real()
        world.moments = [right + 5 * SECOND]  # nobody tells the clock
        await world.passes(35 * SECOND)
        assert len(world.claims) == 1
        assert world.claims[0] <= right + 30 * SECOND
        rounds = [at for at in world.recovered if right <= at <= right + 30 * SECOND]
        assert len(rounds) >= 2

    world.run(scenario)


@pytest.mark.parametrize(
    ("first", "zone", "expected"),
    [
        (datetime(2026, 3, 22, 2, 30), "Europe/Stockholm", "2026-03-29T01:00:00+00:00"),
        (datetime(2026, 10, 18, 2, 30), "Europe/Stockholm", "2026-10-25T00:30:00+00:00"),
        (datetime(2026, 10, 19, 9, 0), "Europe/Stockholm", "2026-10-26T08:00:00+00:00"),
        (datetime(2026, 9, 27, 2, 15), "Australia/Lord_Howe", "2026-10-03T15:30:00+00:00"),
        (datetime(2026, 3, 29, 1, 45), "Australia/Lord_Howe", "2026-04-04T14:45:00+00:00"),
        (datetime(2026, 10, 25, 1, 30), "America/New_York", "2026-11-01T05:30:00+00:00"),
    ],
)
def test_a_change_of_the_clocks_wakes_it_once_and_in_time(
    first: datetime, zone: str, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    moment = instant(occurrences(first, every=1, count=2)[1], zone)
    world = world_from(moment - HOUR, monkeypatch)

    async def scenario() -> None:
        world.commit(moment)
        await world.passes(3 * HOUR)
        assert [claim.isoformat() for claim in world.claims] == [expected]

    world.run(scenario)
