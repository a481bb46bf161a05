"""The laws of `Engine`, for each engine there is."""

import asyncio
import logging

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schedules.engine import Due, Engine, Show, Work
from schedules.inline import InlineEngine
from tests.schedules.engines import (
    Distributed,
    Hands,
    Inline,
    World,
    Written,
    commit,
    running,
    settle,
    until,
)


@pytest.fixture(params=["inline", "distributed"])
def world(request: pytest.FixtureRequest) -> World:
    if request.param == "inline":
        return Inline()
    return Distributed(request.getfixturevalue("postgres_url"))


@pytest.fixture
def engine(world: World) -> Engine:
    return world.engine()


async def test_work_is_done_once_its_transaction_has_committed(
    world: World, engine: Engine
) -> None:
    hands, transaction = Hands(), world.transaction()
    async with running(engine, hands):
        engine.enqueue(transaction, Show("a"))
        commit(world, engine, Show("b"))
        await engine.idle()
        await until(lambda: hands.ended == [Show("b")])
        transaction.commit()
        await engine.idle()
        assert hands.ended == [Show("b"), Show("a")]


async def test_work_committed_while_nothing_runs_is_done_by_the_next_run(
    world: World, engine: Engine
) -> None:
    hands = Hands()
    commit(world, engine, Show("before"))
    async with running(engine, hands):
        await engine.idle()
    commit(world, engine, Show("after"))
    assert hands.ended == [Show("before")]
    async with running(engine, hands):
        await engine.idle()
    assert hands.ended == [Show("before"), Show("after")]


async def test_idle_waits_for_what_was_committed_a_moment_ago(world: World, engine: Engine) -> None:
    hands = Hands()
    async with running(engine, hands):
        for n in range(20):
            commit(world, engine, Show(f"{n}"))
            await engine.idle()
            assert hands.ended[-1] == Show(f"{n}")


async def test_idle_returns_to_all_who_wait_when_the_last_work_is_done(
    world: World, engine: Engine
) -> None:
    hands = Hands()
    async with running(engine, hands):
        await engine.idle()
        hands.may_end.clear()
        commit(world, engine, Show("a"), Show("b"))
        waiting = [asyncio.create_task(engine.idle()) for _ in range(3)]
        await until(lambda: len(hands.begun) == 2)
        assert not any(task.done() for task in waiting)
        assert engine.depth() == 2
        hands.may_end.set()
        await asyncio.gather(*waiting)
        await until(lambda: engine.depth() == 0)
        assert set(hands.ended) == {Show("a"), Show("b")}


async def test_one_group_has_one_work_at_a_time_in_order(world: World, engine: Engine) -> None:
    hands = Hands()
    works: list[Work] = [Due("a", 1, "close", ""), Due("a", 2, "remind", "p1"), Show("a")]
    hands.may_end.clear()
    async with running(engine, hands):
        commit(world, engine, *works)
        await until(lambda: bool(hands.begun))
        hands.may_end.set()
        await engine.idle()
        assert hands.begun == hands.ended == works
        assert hands.at_once == []


async def test_groups_do_not_wait_for_each_other_while_workers_last(
    world: World, engine: Engine
) -> None:
    hands = Hands()
    hands.may_end.clear()
    async with running(engine, hands):
        commit(world, engine, *(Due("a", n, "close", "") for n in range(9)))
        commit(world, engine, Show("b"), Show("c"))
        commit(world, engine, Show("d"))
        await until(lambda: len(hands.begun) == 3)
        await settle()
        assert set(hands.begun) == {Due("a", 0, "close", ""), Show("b"), Show("c")}
        hands.may_end.set()
        await engine.idle()
        assert len(hands.ended) == 12
        assert hands.at_once == []


async def test_equal_work_that_waits_is_kept_once(world: World, engine: Engine) -> None:
    hands = Hands()
    hands.may_end.clear()
    async with running(engine, hands):
        commit(world, engine, Due("a", 1, "close", ""))
        await until(lambda: bool(hands.begun))
        commit(world, engine, Show("a"), Due("a", 2, "close", ""), Show("a"))
        commit(world, engine, Show("a"), Show("b"))
        await until(lambda: Show("b") in hands.begun)  # what came before it waits by now
        hands.may_end.set()
        await engine.idle()
    assert sorted(map(str, hands.ended)) == sorted(
        map(str, [Due("a", 1, "close", ""), Show("a"), Due("a", 2, "close", ""), Show("b")])
    )


async def test_work_asked_for_while_it_is_being_done_is_done_again(
    world: World, engine: Engine
) -> None:
    hands = Hands()
    hands.may_end.clear()
    async with running(engine, hands):
        commit(world, engine, Show("a"))
        await until(lambda: bool(hands.begun))
        commit(world, engine, Show("a"))
        commit(world, engine, Show("a"), Show("b"))
        await until(lambda: Show("b") in hands.begun)
        hands.may_end.set()
        await engine.idle()
    assert hands.ended.count(Show("a")) == 2


async def test_an_exception_is_logged_by_type_alone_and_stops_nothing(
    world: World, engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    done = []

    async def handle(work: Work) -> None:
        if work == Show("a"):
            raise ValueError("what a person wrote")
        done.append(work)

    with caplog.at_level(logging.DEBUG):
        async with running(engine, handle):
            commit(world, engine, Show("a"), Due("a", 1, "close", ""), Show("b"))
            await engine.idle()
    assert sorted(done, key=lambda work: work.group) == [Due("a", 1, "close", ""), Show("b")]
    (record,) = (each for each in caplog.records if each.name.startswith("schedules."))
    assert (record.getMessage(), record.exc_info) == ("Show failed: ValueError", None)
    assert "what a person wrote" not in caplog.text


async def test_failed_work_is_done_when_it_is_recovered(world: World) -> None:
    engine, tries = world.engine(undone=[Show("a")]), []

    async def handle(work: Work) -> None:
        tries.append(work)
        if len(tries) == 1:
            raise ValueError

    await engine.recover()
    async with running(engine, handle):
        await engine.idle()
        await engine.recover()
        await engine.idle()
    assert tries == [Show("a"), Show("a")]


async def test_a_stop_finishes_what_is_begun_and_leaves_what_waits(world: World) -> None:
    engine, hands = world.engine(workers=1), Hands()
    hands.may_end.clear()
    async with running(engine, hands) as stop:
        commit(world, engine, Show("a"), Show("b"))
        await until(lambda: bool(hands.begun))
        stop.set()
        await settle()
        assert (hands.begun, hands.ended) == ([Show("a")], [])
        hands.may_end.set()
    assert hands.ended == [Show("a")]


async def test_a_new_engine_finds_again_what_a_stop_left(world: World) -> None:
    left = [Due("b", 1, "close", ""), Show("b")]
    engine, hands = world.engine(undone=left), Hands()
    await engine.recover()
    async with running(engine, hands):
        await engine.idle()
    assert hands.ended == left


@pytest.mark.parametrize("seed", range(3))
async def test_each_group_gets_its_works_once_and_in_order(world: World, seed: int) -> None:
    asked = [Due("abcd"[(n * (seed + 3)) % 4], n % 5, "close", "") for n in range(40)]
    engine, hands = world.engine(workers=seed + 1), Hands()
    commit(world, engine, *asked)
    async with running(engine, hands):
        await engine.idle()
    assert hands.at_once == []
    for group in "abcd":
        ours = [work for work in asked if work.group == group]
        done = [work for work in hands.ended if work.group == group]
        assert list(dict.fromkeys(done)) == list(dict.fromkeys(ours))


# --- the engine of one process ------------------------------------------------------------------


async def test_inline_a_cancelled_run_leaves_its_groups_free() -> None:
    world, hands = Inline(), Hands()
    engine = world.engine()
    hands.may_end.clear()
    task = asyncio.create_task(engine.run(hands, asyncio.Event()))
    commit(world, engine, Show("a"))
    await settle()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await engine.idle()
    assert (hands.begun, hands.ended) == ([Show("a")], [])
    hands.may_end.set()
    async with running(engine, hands):
        commit(world, engine, Show("a"))
        await engine.idle()
    assert hands.ended == [Show("a")]


def test_inline_a_commit_after_the_loop_has_closed_harms_nobody() -> None:
    engine = Inline().engine()

    async def scenario() -> None:
        async with running(engine, Hands()):
            await engine.idle()

    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        runner.run(scenario())
    transaction = Written()
    engine.enqueue(transaction, Show("a"))
    (call,) = transaction.calls
    call()


works = st.builds(Due, st.sampled_from("abcd"), st.integers(0, 3), st.just("close"), st.just(""))


@settings(derandomize=True, deadline=None, max_examples=100)
@given(st.lists(works, max_size=40), st.integers(1, 5))
def test_inline_each_group_gets_its_works_once_and_in_order(asked: list[Due], workers: int) -> None:
    async def scenario() -> list[Work]:
        world, hands = Inline(), Hands()
        engine: InlineEngine = world.engine(workers)
        for work in asked:
            commit(world, engine, work)
        async with running(engine, hands):
            await engine.idle()
        return hands.ended

    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        done = runner.run(scenario())
    wanted = list(dict.fromkeys(asked))
    for group in "abcd":
        ours = [work for work in wanted if work.group == group]
        assert [work for work in done if work.group == group] == ours


async def test_one_process_knows_how_much_waits_or_is_being_done() -> None:
    world = Inline()
    engine = world.engine()
    assert isinstance(engine, InlineEngine)
    hands = Hands()
    hands.may_end.clear()
    async with running(engine, hands):
        commit(world, engine, Show("a"), Show("b"))
        await until(lambda: len(hands.begun) == 2)
        commit(world, engine, Show("a"))
        assert engine.depth() == 3
        hands.may_end.set()
        await engine.idle()
    assert engine.depth() == 0
