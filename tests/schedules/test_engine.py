"""The laws of `Engine`, for each engine there is."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from threading import Thread

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schedules.engine import Due, Engine, Show, Work
from schedules.inline import InlineEngine

Handle = Callable[[Work], Awaitable[None]]


class Written:
    """A transaction that commits when told to, in a thread as the store does."""

    def __init__(self) -> None:
        self.calls: list[Callable[[], None]] = []

    def after_commit(self, call: Callable[[], None]) -> None:
        self.calls.append(call)

    def commit(self) -> None:
        def call_all() -> None:
            for call in self.calls:
                call()

        thread = Thread(target=call_all)
        thread.start()
        thread.join()


class Hands:
    """A handler that notes what it begins and ends, and holds what it is told to hold."""

    def __init__(self) -> None:
        self.begun: list[Work] = []
        self.ended: list[Work] = []
        self.may_end = asyncio.Event()
        self.may_end.set()

    async def __call__(self, work: Work) -> None:
        self.begun.append(work)
        await asyncio.sleep(0)
        await self.may_end.wait()
        self.ended.append(work)


def engine_over(undone: list[Work], workers: int = 3) -> Engine:
    """An engine over a store that would find these works undone."""

    async def find() -> list[Work]:
        return undone

    return InlineEngine(find, workers)


@pytest.fixture
def engine() -> Engine:
    return engine_over([])


def commit(engine: Engine, *works: Work) -> None:
    """Ask for works in one transaction, and commit it."""
    transaction = Written()
    for work in works:
        engine.enqueue(transaction, work)
    transaction.commit()


@asynccontextmanager
async def running(engine: Engine, handle: Handle) -> AsyncIterator[asyncio.Event]:
    """Run the engine meanwhile, and stop it in order afterwards."""
    stop = asyncio.Event()
    task = asyncio.create_task(engine.run(handle, stop))
    try:
        yield stop
    finally:
        stop.set()
        await task


async def settle() -> None:
    """Let the loop go round until everything that can happen has happened."""
    for _ in range(20):
        await asyncio.sleep(0)


async def test_work_is_done_once_its_transaction_has_committed(engine: Engine) -> None:
    hands, transaction = Hands(), Written()
    async with running(engine, hands):
        engine.enqueue(transaction, Show("a"))
        await settle()
        assert hands.begun == []
        transaction.commit()
        await engine.idle()
        assert hands.ended == [Show("a")]


async def test_work_committed_while_nothing_runs_is_done_by_the_next_run(
    engine: Engine,
) -> None:
    hands = Hands()
    commit(engine, Show("before"))
    async with running(engine, hands):
        await engine.idle()
    commit(engine, Show("after"))
    assert hands.ended == [Show("before")]
    async with running(engine, hands):
        await engine.idle()
    assert hands.ended == [Show("before"), Show("after")]


async def test_idle_waits_for_what_was_committed_a_moment_ago(engine: Engine) -> None:
    hands = Hands()
    async with running(engine, hands):
        for n in range(50):
            commit(engine, Show(f"{n}"))
            await engine.idle()
            assert hands.ended[-1] == Show(f"{n}")


async def test_idle_returns_at_once_to_all_who_wait_when_the_last_work_is_done(
    engine: Engine,
) -> None:
    hands = Hands()
    async with running(engine, hands):
        await engine.idle()
        hands.may_end.clear()
        commit(engine, Show("a"), Show("b"))
        waiting = [asyncio.create_task(engine.idle()) for _ in range(3)]
        await settle()
        assert hands.begun == [Show("a"), Show("b")]
        assert not any(task.done() for task in waiting)
        hands.may_end.set()
        await asyncio.gather(*waiting)
        assert hands.ended == [Show("a"), Show("b")]


async def test_one_group_has_one_work_at_a_time_in_order(engine: Engine) -> None:
    hands = Hands()
    works: list[Work] = [Due("a", 1, "close", ""), Show("a"), Due("a", 2, "remind", "p1")]
    hands.may_end.clear()
    async with running(engine, hands):
        commit(engine, *works)
        await settle()
        assert hands.begun == works[:1]
        hands.may_end.set()
        await engine.idle()
        assert hands.begun == hands.ended == works


async def test_groups_do_not_wait_for_each_other_while_workers_last(engine: Engine) -> None:
    hands = Hands()
    hands.may_end.clear()
    async with running(engine, hands):
        commit(engine, *(Due("a", n, "close", "") for n in range(9)), Show("b"), Show("c"))
        commit(engine, Show("d"))
        await settle()
        assert hands.begun == [Due("a", 0, "close", ""), Show("b"), Show("c")]
        hands.may_end.set()
        await engine.idle()
        assert len(hands.ended) == 12


async def test_equal_work_that_waits_is_kept_once(engine: Engine) -> None:
    hands = Hands()
    commit(engine, Show("a"), Due("a", 1, "close", ""), Show("a"))
    commit(engine, Show("a"))
    async with running(engine, hands):
        await engine.idle()
    assert hands.ended == [Show("a"), Due("a", 1, "close", "")]


async def test_work_asked_for_while_it_is_being_done_is_done_again(engine: Engine) -> None:
    hands = Hands()
    hands.may_end.clear()
    async with running(engine, hands):
        commit(engine, Show("a"))
        await settle()
        commit(engine, Show("a"))
        commit(engine, Show("a"))
        hands.may_end.set()
        await engine.idle()
    assert hands.ended == [Show("a"), Show("a")]


async def test_an_exception_is_logged_by_type_alone_and_stops_nothing(
    engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    done = []

    async def handle(work: Work) -> None:
        if work == Show("a"):
            raise ValueError("what a person wrote")
        done.append(work)

    with caplog.at_level(logging.DEBUG):
        async with running(engine, handle):
            commit(engine, Show("a"), Due("a", 1, "close", ""), Show("b"))
            await engine.idle()
    assert sorted(done, key=lambda work: work.group) == [Due("a", 1, "close", ""), Show("b")]
    (record,) = (each for each in caplog.records if each.name == "schedules.inline")
    assert (record.getMessage(), record.exc_info) == ("Show failed: ValueError", None)
    assert "what a person wrote" not in caplog.text


async def test_failed_work_is_done_when_it_is_recovered() -> None:
    engine, tries = engine_over([Show("a")]), []

    async def handle(work: Work) -> None:
        tries.append(work)
        if len(tries) == 1:
            raise OSError

    async with running(engine, handle):
        commit(engine, Show("a"))
        await engine.idle()
        await engine.recover()
        await engine.idle()
    assert tries == [Show("a"), Show("a")]


async def test_a_stop_finishes_what_is_begun_and_leaves_what_waits() -> None:
    engine, hands = engine_over([], workers=1), Hands()
    hands.may_end.clear()
    async with running(engine, hands) as stop:
        commit(engine, Show("a"), Show("b"))
        await settle()
        stop.set()
        await settle()
        assert (hands.begun, hands.ended) == ([Show("a")], [])
        hands.may_end.set()
    assert hands.ended == [Show("a")]


async def test_a_new_engine_finds_again_what_a_stop_left() -> None:
    engine, hands = engine_over([Show("b"), Due("b", 1, "close", ""), Show("b")]), Hands()
    await engine.recover()
    async with running(engine, hands):
        await engine.idle()
    assert hands.ended == [Show("b"), Due("b", 1, "close", "")]


async def test_a_cancelled_run_leaves_its_groups_free(engine: Engine) -> None:
    hands = Hands()
    hands.may_end.clear()
    task = asyncio.create_task(engine.run(hands, asyncio.Event()))
    commit(engine, Show("a"))
    await settle()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await engine.idle()
    assert (hands.begun, hands.ended) == ([Show("a")], [])
    hands.may_end.set()
    async with running(engine, hands):
        commit(engine, Show("a"))
        await engine.idle()
    assert hands.ended == [Show("a")]


def test_a_commit_after_the_loop_has_closed_harms_nobody(engine: Engine) -> None:
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
def test_each_group_gets_its_works_once_and_in_order(asked: list[Due], workers: int) -> None:
    async def scenario() -> list[Work]:
        engine, hands = engine_over([], workers), Hands()
        for work in asked:
            commit(engine, work)
        async with running(engine, hands):
            await engine.idle()
        return hands.ended

    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        done = runner.run(scenario())
    wanted = list(dict.fromkeys(asked))
    for group in "abcd":
        ours = [work for work in wanted if work.group == group]
        assert [work for work in done if work.group == group] == ours
