"""What PostgreSQL alone has: a server that can go, and several who write at once."""

import asyncio
from datetime import timedelta
from threading import Barrier
from typing import Any

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError
from sqlmodel import SQLModel

from bot.core.due import Wanted
from bot.store import Away, CannotUse, SchemaState, Store, Unit, migrate, schema_state
from bot.store.databases import _SETTINGS, PostgreSQL, database
from bot.store.migrating import upgrade
from bot.store.moments import MANY
from tests.postgres import Postgres, connect
from tests.store.test_store import NOW, group_row
from tests.wire import wire

SECOND = timedelta(seconds=1)


def say(unit: Unit, sql: str) -> Any:
    return unit._session.connection().exec_driver_sql(sql)


# --- the schema ---------------------------------------------------------------------------------


@pytest.fixture
def empty(postgres: Postgres) -> Any:
    with postgres.database() as url:
        yield url


def test_an_empty_database_becomes_what_the_models_say(empty: str) -> None:
    assert schema_state(empty) is SchemaState.EMPTY
    migrate(empty)
    assert schema_state(empty) is SchemaState.CURRENT
    migrate(empty)
    engine = database(empty).open()
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, SQLModel.metadata) == []
    engine.dispose()


def test_an_older_database_becomes_current_and_keeps_what_is_in_it(empty: str) -> None:
    engine = database(empty).open(migrating=True)
    with engine.begin() as connection:
        upgrade(connection, "0001")
        connection.exec_driver_sql("INSERT INTO meta VALUES ('kept', 'yes')")
    engine.dispose()
    assert schema_state(empty) is SchemaState.OLDER
    migrate(empty)
    assert schema_state(empty) is SchemaState.CURRENT
    with connect(empty) as connection:
        assert connection.execute("SELECT value FROM meta").fetchall() == [("yes",)]


def test_a_newer_or_foreign_database_is_left_alone(empty: str) -> None:
    with connect(empty) as connection:
        connection.execute("CREATE TABLE theirs (id integer)")
        assert schema_state(empty) is SchemaState.BROKEN
        with pytest.raises(CannotUse, match="not a database of Krets"):
            migrate(empty)
        connection.execute("DROP TABLE theirs")
        migrate(empty)
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        assert schema_state(empty) is SchemaState.NEWER
        with pytest.raises(CannotUse, match=r"was written by a newer Krets; update this one\.$"):
            migrate(empty)


# --- getting in ---------------------------------------------------------------------------------


async def test_a_server_that_is_not_there_is_one_sentence_without_the_password() -> None:
    url = "postgresql+psycopg://anna:secret@127.0.0.1:1/krets"
    assert schema_state(url) is SchemaState.AWAY
    for attempt in (lambda: Store(url), lambda: migrate(url)):
        with pytest.raises(CannotUse) as told:
            attempt()
        assert str(told.value) == (
            "The database krets on 127.0.0.1 cannot be reached; see that PostgreSQL runs there,"
            " and that KRETS_DATABASE_URL names it."
        )


def test_a_database_that_is_not_there_is_one_sentence(postgres: Postgres) -> None:
    url = postgres.url.set(database="nobody").render_as_string(hide_password=False)
    with pytest.raises(CannotUse, match=r"^The database nobody on .* does not exist"):
        migrate(url)


def test_a_server_that_goes_while_it_is_looked_at_cannot_be_reached(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut(_: PostgreSQL, connection: Connection) -> bool:
        pid = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
        with connect(postgres_url) as other:
            other.execute("SELECT pg_terminate_backend(%s)", (pid,))
        return True

    monkeypatch.setattr(PostgreSQL, "is_whole", cut)
    assert schema_state(postgres_url) is SchemaState.AWAY
    with pytest.raises(CannotUse, match="cannot be reached; see that PostgreSQL runs there"):
        migrate(postgres_url)


def test_a_table_that_somebody_keeps_locked_is_not_called_damaged(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(_SETTINGS, "lock_timeout", "50ms")
    with connect(postgres_url) as other, other.transaction():
        other.execute("LOCK TABLE alembic_version IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(CannotUse, match="is locked: another program holds it"):
            migrate(postgres_url)
        assert schema_state(postgres_url) is SchemaState.LOCKED


@pytest.mark.parametrize(
    ("state", "told"),
    [
        ("53100", "cannot be written"),
        ("42501", "does not let its user do"),
        ("42P01", "not a database of Krets"),
        ("XX001", "is damaged"),
        ("57P01", "cannot be reached"),
        ("0A000", "PostgreSQL says 0A000"),
    ],
)
def test_what_a_server_answers_is_one_true_sentence(state: str, told: str) -> None:
    answer = psycopg.errors.lookup(state)()
    refusal = PostgreSQL("postgresql+psycopg://db/krets").refusal(DBAPIError(None, None, answer))
    assert told in str(refusal)


def test_what_the_store_asks_for_is_so(postgres_url: str) -> None:
    engine = database(postgres_url).open()
    assert engine.hide_parameters
    with engine.connect() as connection:
        shown = connection.exec_driver_sql("SHOW synchronous_commit").scalar_one()
    engine.dispose()
    assert shown == "on"


# --- going and coming back ----------------------------------------------------------------------


async def test_a_unit_whose_connection_dies_is_run_again_and_stored_once(
    postgres_store: Store,
) -> None:
    runs = []

    def work(unit: Unit) -> None:
        runs.append(1)
        unit.see("key", NOW)
        unit._session.flush()
        if len(runs) == 1:
            say(unit, "SELECT pg_terminate_backend(pg_backend_pid())")

    await postgres_store.run(work)
    assert len(runs) == 2
    assert await postgres_store.run(lambda unit: unit.seen("key"))


async def test_idle_connections_that_died_disturb_nobody(
    postgres_store: Store, postgres_url: str
) -> None:
    await asyncio.gather(*(postgres_store.run(lambda unit: unit.meta("x")) for _ in range(20)))
    with connect(postgres_url) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    for n in range(20):
        await postgres_store.run(lambda unit, n=n: unit.see(f"{n}", NOW))


async def test_a_database_that_goes_is_said_to_be_away_and_taken_up_when_it_is_back(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PostgreSQL, "pauses", (0.01, 0.01))
    async with wire(postgres_url) as cord:
        store = await asyncio.to_thread(Store, cord.url)
        await store.run(lambda unit: unit.see("before", NOW))
        cord.cut()
        for _ in range(3):
            with pytest.raises(Away, match="cannot be reached; see that PostgreSQL runs there"):
                await store.run(lambda unit: unit.see("meanwhile", NOW))
        cord.mend()
        await store.run(lambda unit: unit.see("after", NOW))
        seen = await store.run(
            lambda unit: [unit.seen(key) for key in ("before", "meanwhile", "after")]
        )
        await store.close()
    assert seen == [True, False, True]


async def test_a_commit_of_which_nobody_knows_is_not_repeated(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(postgres_url)
    runs = []

    def commit(connection: Any) -> None:
        connection.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    monkeypatch.setattr(store._engine.dialect, "do_commit", commit)
    with pytest.raises(Away):
        await store.run(lambda unit: runs.append(unit.see("key", NOW)))
    assert len(runs) == 1
    await store.close()


async def test_a_refusal_of_the_server_quotes_nothing(postgres_store: Store) -> None:
    def fault(unit: Unit) -> None:
        say(unit, "SELECT 'a secret'::integer")

    with pytest.raises(DBAPIError) as caught:
        await postgres_store.run(fault)
    assert "secret" not in str(caught.value)
    assert "22P02" in str(caught.value)


# --- several at once ----------------------------------------------------------------------------


async def test_who_meets_the_same_person_at_once_is_run_again(postgres_store: Store) -> None:
    meeting, runs = Barrier(2), []

    def first(unit: Unit) -> bool:
        was = unit.seen("key")
        runs.append(was)
        if len(runs) <= 2:
            meeting.wait(10)
        if not was:
            unit.see("key", NOW)
        return was

    outcomes = await asyncio.gather(postgres_store.run(first), postgres_store.run(first))
    assert sorted(outcomes) == [False, True]
    assert runs == [False, False, True]


async def test_two_who_wait_for_each_other_both_get_through(postgres_store: Store) -> None:
    for id in ("a", "b"):
        await postgres_store.run(lambda unit, id=id: unit.groups.add(group_row(1, id)))
    meeting, runs = Barrier(2), []

    def change(unit: Unit, ids: str) -> None:
        for id in ids:
            found = unit.groups.find(id)
            assert found is not None
            unit.groups.change(id, found.version, "running", "v")
            runs.append(id)
            if len(runs) <= 2:
                meeting.wait(10)

    await asyncio.gather(
        postgres_store.run(lambda unit: change(unit, "ab")),
        postgres_store.run(lambda unit: change(unit, "ba")),
    )
    versions = await postgres_store.run(
        lambda unit: [found.version for id in "ab" if (found := unit.groups.find(id))]
    )
    assert versions == [3, 3]


async def test_each_moment_is_taken_once_whoever_asks(postgres_store: Store) -> None:
    wanted = {Wanted(n, "remind", "", NOW + n * SECOND) for n in range(2 * MANY + 20)}

    def fill(unit: Unit) -> None:
        unit.groups.add(group_row())
        unit.moments.set("g1", wanted)

    await postgres_store.run(fill)
    later = NOW + 2 * MANY * SECOND
    batches = await asyncio.gather(
        *(postgres_store.run(lambda unit: unit.moments.take(later)) for _ in range(4))
    )
    taken = [meeting for batch in batches for _, meeting, _, _ in batch]
    left = await postgres_store.run(lambda unit: unit.moments.take(later))
    taken += [meeting for _, meeting, _, _ in left]
    assert sorted(taken) == list(range(2 * MANY + 1))
    assert all(batch == sorted(batch) for batch in batches)
    assert await postgres_store.run(lambda unit: unit.moments.next()) == later + SECOND


async def test_a_moment_that_came_too_early_is_given_back(postgres_store: Store) -> None:
    def fill(unit: Unit) -> None:
        unit.groups.add(group_row())
        unit.moments.set("g1", {Wanted(1, "close", "", NOW)})

    await postgres_store.run(fill)
    (taken,) = await postgres_store.run(lambda unit: unit.moments.take(NOW))
    assert taken == ("g1", 1, "close", "")
    assert await postgres_store.run(lambda unit: unit.moments.take(NOW)) == []
    await postgres_store.run(lambda unit: unit.moments.give_back(*taken))
    assert await postgres_store.run(lambda unit: unit.moments.take(NOW)) == [taken]
    await postgres_store.run(lambda unit: unit.moments.give_back("g1", 2, "close", ""))


async def test_a_wish_while_a_post_is_settled_is_not_lost(postgres_store: Store) -> None:
    """The board marks it shown while somebody wants something else to be seen there."""

    def fill(unit: Unit) -> None:
        unit.groups.add(group_row())
        unit.posts.want("g1", "", "card", "{}")
        (row,) = unit.posts.pending("g1")
        row.state = "sending"

    read, waits = asyncio.Event(), asyncio.get_running_loop()
    hold = Barrier(2)

    def settle(unit: Unit) -> None:
        row = unit.posts.find(1)
        assert row is not None
        waits.call_soon_threadsafe(read.set)
        hold.wait(10)
        row.state, row.shown, row.ref = "shown", row.revision, "r1"

    await postgres_store.run(fill)
    settling = asyncio.ensure_future(postgres_store.run(settle))
    await read.wait()
    wishing = asyncio.ensure_future(
        postgres_store.run(lambda unit: unit.posts.want("g1", "", "card", "{new}"))
    )
    await asyncio.to_thread(hold.wait, 10)
    await asyncio.gather(settling, wishing)
    rows = await postgres_store.run(
        lambda unit: [(row.state, row.revision, row.shown) for row in unit.posts.pending("g1")]
    )
    assert rows == [("pending", 2, 1)]


async def test_what_was_put_off_is_due_once(postgres_store: Store) -> None:
    def fill(unit: Unit) -> None:
        unit.groups.add(group_row())
        for name, at in (("a", NOW), ("b", NOW + SECOND), ("c", None)):
            unit.posts.want("g1", "", name, "{}")
            unit._session.flush()
            row = unit.posts.pending("g1")[-1]
            row.next_try_at = at

    await postgres_store.run(fill)
    assert await postgres_store.run(lambda unit: unit.posts.put_off_until(NOW)) == ["g1"]
    assert await postgres_store.run(lambda unit: unit.posts.put_off_until(NOW)) == []
    tries = await postgres_store.run(
        lambda unit: {row.name: row.next_try_at for row in unit.posts.pending("g1")}
    )
    assert tries == {"a": None, "b": NOW + SECOND, "c": None}


async def test_only_what_was_claimed_long_ago_is_judged(store: Store) -> None:
    def fill(unit: Unit) -> None:
        unit.groups.add(group_row())
        for name in ("new", "old", "edit"):
            unit.posts.want("g1", "", name, "{}")
        for row in unit.posts.pending("g1"):
            row.state, row.claimed_at = "sending", NOW if row.name == "new" else NOW - SECOND
            row.ref = "r" if row.name == "edit" else None

    await store.run(fill)
    assert await store.run(lambda unit: unit.posts.abandoned(NOW)) == ["g1"]
    assert await store.run(lambda unit: unit.posts.untold()) == [("g1", "")]
    assert await store.run(lambda unit: unit.posts.abandoned(NOW)) == []
    names = await store.run(lambda unit: [row.name for row in unit.posts.pending("g1")])
    assert names == ["edit"]
    unsure = await store.run(lambda unit: [row.name for row in unit.posts.uncertain("g1", "")])
    assert unsure == ["old"]
    assert await store.run(lambda unit: unit.posts.abandoned()) == []
    unsure = await store.run(lambda unit: [row.name for row in unit.posts.uncertain("g1", "")])
    assert unsure == ["new", "old"]
