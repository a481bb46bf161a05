"""The clock: when it wakes, what it looks after, and how it stops."""

import logging
from datetime import datetime, timedelta

import pytest

from tests.schedules.world import HOUR, MINUTE, SECOND, START, World, world_from


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    return world_from(START, monkeypatch)


def test_it_wakes_at_the_moment_and_not_at_a_tick(world: World) -> None:
    async def scenario() -> None:
        world.commit(START + 95 * SECOND)
        await world.passes(5 * MINUTE)
        assert world.claims == [START + 95 * SECOND]

    world.run(scenario)


def test_an_earlier_commit_replaces_the_wake_and_a_later_one_does_not(world: World) -> None:
    moments = [START + seconds * SECOND for seconds in (20, 5, 25, 10)]

    async def scenario() -> None:
        for moment in moments:
            world.commit(moment)
        await world.passes(5 * MINUTE)
        assert world.claims == sorted(moments)

    world.run(scenario)


def test_what_is_overdue_at_the_start_is_claimed_at_once(world: World) -> None:
    world.moments = [START - 9 * HOUR, START - 5 * SECOND, START + 7 * SECOND]

    async def scenario() -> None:
        assert world.claims == [START]
        await world.passes(MINUTE)
        assert world.claims == [START, START + 7 * SECOND]

    world.run(scenario)


def test_a_moment_already_past_is_claimed_at_once(world: World) -> None:
    async def scenario() -> None:
        world.commit(START - HOUR)
        await world.passes(timedelta(milliseconds=1))
        assert world.claims == [START + SECOND]

    world.run(scenario)


def test_real_time_that_is_not_the_machines_lets_it_sleep_as_long(world: World) -> None:
    world.shifted = -200 * 24 * HOUR
    moment = world.real() + 20 * SECOND
    world.moments, looked = [moment], 0
    next_due = world.next_due

    async def counted(after: datetime | None) -> datetime | None:
        nonlocal looked
        looked += 1
        return await next_due(after)

    world.next_due = counted  # type: ignore[method-assign]
    world.clock = world.make(world.claim)

    async def scenario() -> None:
        await world.passes(20 * SECOND)
        assert world.claims == [moment]
        assert looked == 3  # at the start, and before and after the claim

    world.run(scenario)


def test_a_moment_nobody_told_of_is_found_by_the_tick(world: World) -> None:
    async def scenario() -> None:
        world.moments = [START + 10 * SECOND]
        await world.passes(2 * MINUTE)
        assert world.claims == [START + 30 * SECOND]

    world.run(scenario)


def test_what_a_claim_leaves_behind_keeps_nothing_later_waiting(world: World) -> None:
    async def claim() -> None:
        world.claims.append(world.now())  # and an engine in memory has yet to come to it

    world.clock = world.make(claim)
    world.moments = [START + 10 * SECOND, START + 11 * SECOND, START + 20 * SECOND]

    async def scenario() -> None:
        await world.passes(25 * SECOND)
        assert world.claims == world.moments

    world.run(scenario)


def test_to_expect_nothing_changes_nothing(world: World) -> None:
    async def scenario() -> None:
        world.clock.expect(None)
        world.commit(START + 5 * SECOND)
        world.clock.expect(None)
        await world.passes(2 * MINUTE)
        assert world.claims == [START + 5 * SECOND]

    world.run(scenario)


def test_before_the_start_and_after_the_stop_it_takes_no_orders(world: World) -> None:
    async def scenario() -> None:
        await world.passes(SECOND)

    world.commit(START + SECOND)
    world.clock.reset()
    world.run(scenario)
    world.commit(START + HOUR)
    world.clock.reset()
    assert world.claims == [START + SECOND]


def test_no_bell_rings_while_it_stops(world: World, caplog: pytest.LogCaptureFixture) -> None:
    async def claim() -> None:
        await world.passes(MINUTE)

    world.clock = world.make(claim)
    world.moments = [START]

    async def scenario() -> None:
        with caplog.at_level(logging.INFO, "apscheduler.executors.default"):
            await world.passes(10 * SECOND)
            assert "Running job" in caplog.text
            caplog.clear()
            await world.clock.stop()
        assert world.real() == START + MINUTE
        assert caplog.records == []

    world.run(scenario)


def test_an_order_given_as_it_stops_is_let_go(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    async def scenario() -> None:
        world.commit(START + HOUR)
        await world.clock.stop()
        assert caplog.records == []

    world.run(scenario)


def test_recovery_runs_every_ten_seconds_and_pruning_every_day(world: World) -> None:
    async def scenario() -> None:
        await world.passes(24 * HOUR + MINUTE)

    world.run(scenario)
    assert world.recovered[:4] == [START + n * 10 * SECOND for n in range(4)]
    assert world.pruned == [START, START + 24 * HOUR]


def test_what_was_put_off_is_recovered_when_its_time_has_come(world: World) -> None:
    async def scenario() -> None:
        for seconds in (6, 3, 4):  # the earliest counts, and the next round finds the rest
            world.clock.recover_in(seconds * SECOND)
        await world.passes(8 * SECOND)

    world.run(scenario)
    assert [at - START for at in world.recovered] == [timedelta(), 4 * SECOND]
    world.clock.recover_in(SECOND)  # a clock that has stopped takes no orders


def test_a_moment_committed_during_a_claim_is_claimed_after_it(world: World) -> None:
    at_once = 0

    async def claim() -> None:
        nonlocal at_once
        at_once += 1
        assert at_once == 1
        await world.claim()
        if len(world.claims) == 1:
            world.commit(world.now() + SECOND)
            await world.passes(7 * SECOND)
        at_once -= 1

    world.clock = world.make(claim)
    world.moments = [START + 2 * SECOND]

    async def scenario() -> None:
        await world.passes(20 * SECOND)
        assert world.claims == [START + 2 * SECOND, START + 9 * SECOND]

    world.run(scenario)


def test_a_moment_that_comes_while_the_store_is_read_is_not_missed(world: World) -> None:
    async def scenario() -> None:
        read = world.next_due

        async def read_slowly(after: datetime | None) -> datetime | None:
            due_at = await read(after)
            world.commit(START + 40 * SECOND)
            return due_at

        world.clock._next_due = read_slowly
        world.clock.reset()
        await world.passes(timedelta(milliseconds=1))
        world.clock._next_due = read
        await world.passes(MINUTE)
        assert world.claims == [START + 40 * SECOND]

    world.run(scenario)


def test_what_a_claim_leaves_behind_waits_for_the_tick(world: World) -> None:
    claims = 0

    async def claim() -> None:
        nonlocal claims
        claims += 1

    world.clock = world.make(claim)
    world.moments = [START - HOUR]

    async def scenario() -> None:
        await world.passes(5 * MINUTE)
        assert claims == 1 + 10

    world.run(scenario)


def test_an_error_is_logged_by_type_alone_and_the_clock_goes_on(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    async def claim() -> None:
        await world.claim()
        raise ValueError("what a person wrote")

    world.clock = world.make(claim)
    world.moments = [START, START + 45 * SECOND]

    async def scenario() -> None:
        await world.passes(MINUTE)

    with caplog.at_level(logging.INFO):
        world.run(scenario)
    assert world.claims == [START, START + 45 * SECOND]
    errors = [each for each in caplog.records if each.levelno >= logging.WARNING]
    assert [(each.getMessage(), each.exc_info) for each in errors] == [
        ("tick failed: ValueError", None)
    ] * 2
    assert "what a person wrote" not in caplog.text


def test_a_stop_waits_for_what_is_running_and_nothing_runs_afterwards(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    finished = []

    async def claim() -> None:
        await world.passes(5 * SECOND)
        finished.append(world.real())

    world.clock = world.make(claim)
    world.moments = [START + 3 * SECOND]

    async def scenario() -> None:
        await world.passes(4 * SECOND)
        assert finished == []
        await world.clock.stop()
        assert finished == [START + 8 * SECOND]
        await world.passes(MINUTE)
        await world.clock.stop()
        assert world.recovered == [START]

    world.run(scenario)
    assert finished == [START + 8 * SECOND]
    assert [each for each in caplog.records if each.levelno >= logging.WARNING] == []


def test_a_stop_cuts_off_what_takes_longer_than_it_may(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    finished = []

    async def claim() -> None:
        await world.passes(5 * SECOND)
        finished.append(world.real())

    world.clock = world.make(claim)
    world.moments = [START + 3 * SECOND]

    async def scenario() -> None:
        await world.passes(4 * SECOND)
        await world.clock.stop(patience=2)
        assert world.real() == START + 7 * SECOND
        await world.passes(MINUTE)

    world.run(scenario)
    assert finished == []
    assert [each for each in caplog.records if each.levelno >= logging.WARNING] == []
