"""What an engine of several processes has besides: others, who come and go."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from schedules import distributed, tables
from schedules.distributed import GONE, TRIES, ProcrastinateEngine
from schedules.engine import Due, Show, Work
from schedules.parked import ParkedJob, let_go, parked
from schedules.tables import TablesState
from tests.postgres import Postgres, connect
from tests.schedules.engines import Distributed, Hands, commit, running, until
from tests.wire import wire


@pytest.fixture
def world(postgres_url: str) -> Distributed:
    return Distributed(postgres_url)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(distributed, "_POLL", 0.05)
    monkeypatch.setattr(distributed, "_PATIENCE", 0.5)


def ask(world: Distributed, sql: str) -> list[Any]:
    with connect(world.url) as connection:
        cursor = connection.execute(sql.encode())
        return cursor.fetchall() if cursor.description else []


# --- several at once ----------------------------------------------------------------------------


async def test_two_processes_never_work_for_one_group_at_once(world: Distributed) -> None:
    hands = Hands()
    works = [Due("abc"[n % 3], n, "close", "") for n in range(30)]
    one, other = world.engine(), world.engine()
    async with running(one, hands), running(other, hands):
        commit(world, one, *works)
        await one.idle()
    assert hands.at_once == []
    assert sorted(map(str, hands.ended)) == sorted(map(str, works))


async def test_who_finds_a_group_taken_for_long_leaves_the_work_to_whoever_comes(
    world: Distributed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(distributed, "_LOOKS", (0.001,))
    first, then = Hands(), Hands()
    first.may_end.clear()
    one, other = world.engine(), world.engine()
    async with running(one, first) as stop:
        commit(world, one, Show("a"))
        await until(lambda: bool(first.begun))
        stop.set()
        async with running(other, then):
            commit(world, one, Show("a"), Show("b"))
            await until(lambda: Show("b") in then.ended)
            assert Show("a") not in then.begun
            first.may_end.set()
            await until(lambda: Show("a") in then.ended)


async def test_asking_needs_no_connection_of_its_own_and_is_undone_with_its_transaction(
    world: Distributed,
) -> None:
    engine, transaction = world.engine(), world.transaction()
    engine.enqueue(transaction, Show("a"), Show("a"), Due("a", 1, "close", ""))
    transaction.connection.rollback()
    transaction.connection.close()
    assert ask(world, "SELECT * FROM procrastinate_jobs") == []
    commit(world, engine, Show("a"))
    (job,) = ask(world, "SELECT args, lock, queueing_lock, scheduled_at FROM procrastinate_jobs")
    assert job == ({"group": "a"}, None, None, None)


async def test_nothing_is_left_of_what_is_done(world: Distributed) -> None:
    engine = world.engine(undone=[Show("a"), Due("a", 1, "close", "anna")])
    async with running(engine, Hands()):
        await engine.idle()
    assert ask(world, "SELECT * FROM procrastinate_jobs") == []
    assert ask(world, "SELECT * FROM procrastinate_events") == []
    assert ask(world, "SELECT * FROM procrastinate_workers") == []


# --- failing ------------------------------------------------------------------------------------


async def test_what_fails_again_and_again_is_left_alone_until_a_clock_starts_anew(
    world: Distributed,
) -> None:
    engine, tries, done = world.engine(undone=[Show("poison"), Show("b")]), [], []

    async def handle(work: Work) -> None:
        if work == Show("b"):
            return done.append(work)
        tries.append(work)
        raise ValueError("what a person wrote")

    async with running(engine, handle):
        for _ in range(TRIES + 2):
            await engine.recover()
            await engine.idle()
        assert (len(tries), done) == (TRIES, [Show("b")])
        ((status, args),) = ask(world, "SELECT status, args FROM procrastinate_jobs")
        assert (status, args) == ("failed", {"group": "poison"})
        assert parked(world.url) == [ParkedJob("poison", "show", TRIES)]
        await world.engine().recover()
        await engine.idle()
        assert len(tries) == TRIES + 1
        let_go(world.url)
        await engine.idle()
    assert len(tries) == TRIES + 2
    assert len(parked(world.url)) == 1


async def test_what_could_not_reach_something_comes_again_and_is_no_poison(
    world: Distributed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(distributed, "_LATER", 0)
    engine, tries = world.engine(undone=[Show("a")]), []

    async def handle(work: Work) -> None:
        tries.append(work)
        if len(tries) < TRIES + 3:
            raise ConnectionError

    async with running(engine, handle):
        await until(lambda: len(tries) == TRIES + 3)
        await engine.idle()


# --- going and coming back ----------------------------------------------------------------------


async def test_the_work_of_a_process_that_is_gone_is_done_by_another(world: Distributed) -> None:
    hands = Hands()
    engine = world.engine(undone=[Show("a"), Show("b")])
    for beat in (GONE * 2, 0):
        ask(
            world,
            "WITH gone AS (INSERT INTO procrastinate_workers (last_heartbeat)"
            f" VALUES (now() - interval '{beat} seconds') RETURNING id)"
            " SELECT (procrastinate_fetch_job_v2(NULL, id)).id FROM gone",
        )
    await engine.recover()
    async with running(engine, hands):
        await until(lambda: bool(hands.ended))
    assert hands.ended == [Show("a")], "the other one's heart beats"


async def test_a_run_that_is_cancelled_leaves_its_work_to_the_next(world: Distributed) -> None:
    hands, engine = Hands(), world.engine(undone=[Show("a")])
    hands.may_end.clear()
    task = asyncio.create_task(engine.run(hands, asyncio.Event()))
    await until(lambda: bool(hands.begun))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    hands.may_end.set()
    await engine.recover()
    async with running(engine, hands):
        await engine.idle()
    assert hands.ended == [Show("a")]


async def test_a_server_that_goes_interrupts_the_work_until_it_is_back(
    world: Distributed, caplog: pytest.LogCaptureFixture
) -> None:
    hands = Hands()
    hands.may_end.clear()
    async with wire(world.url) as cord:
        engine = ProcrastinateEngine(cord.url, 3)
        with caplog.at_level(logging.ERROR, "schedules.distributed"):
            async with running(engine, hands):
                commit(world, engine, Show("a"))
                await until(lambda: bool(hands.begun))
                cord.cut()
                hands.may_end.set()
                await until(lambda: "the engine was interrupted" in caplog.text)
                commit(world, engine, Show("b"))
                cord.mend()
                await until(lambda: Show("b") in hands.ended and hands.ended.count(Show("a")) == 2)
                await world.engine().idle()


async def test_a_lock_that_is_lost_stops_nothing(world: Distributed) -> None:
    hands = Hands()
    hands.may_end.clear()
    engine = world.engine(undone=[Show("a")])
    async with running(engine, hands):
        await until(lambda: bool(hands.begun))
        ask(
            world,
            "SELECT pg_terminate_backend(pid) FROM pg_locks"
            " WHERE locktype = 'advisory' AND database ="
            " (SELECT oid FROM pg_database WHERE datname = current_database())",
        )
        hands.may_end.set()
        commit(world, engine, Show("b"))
        await engine.idle()
    assert set(hands.ended) == {Show("a"), Show("b")}


# --- its tables ---------------------------------------------------------------------------------


def schema(url: str) -> list[Any]:
    """What is in a database besides the migrations: columns, functions and indexes."""
    with connect(url) as connection:
        return connection.execute(
            "SELECT table_name || '.' || column_name || ' ' || data_type"
            " FROM information_schema.columns WHERE table_schema = 'public'"
            " UNION SELECT proname || prosrc FROM pg_proc"
            " WHERE pronamespace = 'public'::regnamespace"
            " UNION SELECT regexp_replace(indexdef, ' INDEX .* ON ', ' ON ') FROM pg_indexes"
            " WHERE schemaname = 'public' ORDER BY 1"
        ).fetchall()


@pytest.mark.parametrize("asked", [tables.tables_state, tables.migrate])
def test_a_server_that_is_away_is_one_sentence_without_the_password(
    asked: Callable[[str], object],
) -> None:
    with pytest.raises(ConnectionError) as told:
        asked("postgresql+psycopg://anna:secret@127.0.0.1:1/krets")
    assert str(told.value).startswith("The database cannot be reached; see that PostgreSQL runs")


def test_what_the_server_refuses_is_no_server_that_is_away(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "_is_there", _too_late)
    with pytest.raises(psycopg.errors.QueryCanceled):
        tables.tables_state(postgres_url)


def _too_late(connection: psycopg.Connection[tuple[Any, ...]], _: str) -> bool:
    connection.execute("SET statement_timeout = '1ms'")
    connection.execute("SELECT pg_sleep(1)")
    return False


def test_first_and_later_both_lead_to_the_same_tables(postgres: Postgres) -> None:
    with postgres.database() as first, postgres.database() as later:
        assert tables.tables_state(first) is TablesState.OLDER
        tables.migrate(first)
        assert tables.tables_state(first) is TablesState.CURRENT
        tables.migrate(first)
        # An installation from before the last two versions, with a job in it.
        known = [name for name in tables.names() if name < "03.03"]
        assert 0 < len(known) < len(tables.names())
        assert {"pre", "post"} <= {name.split("_")[2] for name in tables.names() if name >= "03"}
        with connect(later) as connection:
            connection.execute("CREATE TABLE engine_migrations (name text PRIMARY KEY)")
            for name in known:
                tables._run(connection, tables._read("migrations", name))
                tables._mark(connection, name)
            connection.execute(
                "INSERT INTO procrastinate_jobs (queue_name, task_name, args)"
                """ VALUES ('krets', 'show', '{"group": "a"}')"""
            )
        assert tables.tables_state(later) is TablesState.OLDER
        tables.migrate(later)
        assert tables.tables_state(later) is TablesState.CURRENT
        assert schema(later) == schema(first)
        with connect(later) as connection:
            assert connection.execute("SELECT args FROM procrastinate_jobs").fetchall() == [
                ({"group": "a"},)
            ]


def test_newer_tables_are_left_alone(world: Distributed) -> None:
    ask(world, "INSERT INTO engine_migrations VALUES ('99.00.00_01_pre_something.sql')")
    assert tables.tables_state(world.url) is TablesState.NEWER
    tables.migrate(world.url)
    assert tables.tables_state(world.url) is TablesState.NEWER


async def test_a_run_may_end_without_having_done_anything(world: Distributed) -> None:
    engine, hands = world.engine(), Hands()
    async with running(engine, hands):
        await engine.idle()
    assert hands.begun == []
