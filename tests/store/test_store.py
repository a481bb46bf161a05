"""The store's laws: whole or not at all, one after the other, shared commits."""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from threading import Event

import pytest
from sqlalchemy.exc import IntegrityError, OperationalError

from bot.core.due import Wanted
from bot.core.event import Identity, Place
from bot.store import LostRace, Store, Unit
from bot.store.databases import database
from bot.store.store import Closed
from bot.store.tables import GroupRow

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def group_row(version: int = 1, id: str = "g1") -> GroupRow:
    return GroupRow(
        id=id,
        platform="p",
        tenant="t",
        status="running",
        version=version,
        method_hash="h",
        document=f"v{version}",
    )


def count(unit: Unit) -> None:
    unit.set_meta("count", str(int(unit.meta("count") or "0") + 1))


async def batched(store: Store, *works: object) -> list[object]:
    """Let these units wait at the same time, so that they share a commit."""
    hold, begun = Event(), Event()

    def block(_: Unit) -> None:
        begun.set()
        hold.wait(10)

    blocked = asyncio.ensure_future(store.run(block))
    await asyncio.to_thread(begun.wait, 10)
    waiting = [asyncio.ensure_future(store.run(work)) for work in works]
    await asyncio.sleep(0)
    hold.set()
    await blocked
    return await asyncio.gather(*waiting, return_exceptions=True)


async def test_twenty_units_at_once_all_count(store: Store) -> None:
    def change(unit: Unit) -> None:
        found = unit.groups.find("g1")
        assert found is not None
        unit.groups.change("g1", found.version, "running", "v")

    async def until_won() -> None:
        while True:
            with suppress(LostRace):
                return await store.run(change)

    await store.run(lambda unit: unit.groups.add(group_row(1)))
    await asyncio.gather(*(until_won() for _ in range(20)))
    found = await store.run(lambda unit: unit.groups.find("g1"))
    assert found is not None
    assert found.version == 21


async def test_on_sqlite_what_waits_is_done_in_order(sqlite_store: Store) -> None:
    def append(unit: Unit, n: int) -> None:
        unit.set_meta("order", (unit.meta("order") or "") + f"{n},")

    await batched(sqlite_store, *(lambda unit, n=n: append(unit, n) for n in range(40)))
    order = await sqlite_store.run(lambda unit: unit.meta("order"))
    assert order == "".join(f"{n}," for n in range(40))


async def test_a_failing_unit_of_a_batch_rolls_back_alone(store: Store) -> None:
    # On a server they run side by side and end in any order: each writes a row of its own.
    called: set[str] = set()

    def write(unit: Unit, name: str) -> None:
        unit.set_meta(name, "written")
        unit.after_commit(lambda: called.add(name))

    def bad(unit: Unit) -> None:
        write(unit, "bad")
        raise ValueError("mine")

    def clash(unit: Unit) -> None:
        write(unit, "clash")
        unit.posts.want("nobody's", "", "card", "{}")

    first, second, third, fourth = await batched(
        store, lambda unit: write(unit, "first"), bad, clash, lambda unit: write(unit, "fourth")
    )
    assert first is fourth is None
    assert isinstance(second, ValueError)
    assert isinstance(third, IntegrityError)
    assert called == {"first", "fourth"}
    names = ("first", "bad", "clash", "fourth")
    written = await store.run(lambda unit: [unit.meta(name) for name in names])
    assert written == ["written", None, None, "written"]


async def test_on_sqlite_a_failing_commit_fails_every_unit_and_calls_nothing(
    sqlite_store: Store,
) -> None:
    called: list[str] = []

    def good(unit: Unit) -> None:
        count(unit)
        unit.after_commit(lambda: called.append("good"))

    def poison(unit: Unit) -> None:
        # A constraint that is only looked at when all is to be committed.
        unit._session.connection().exec_driver_sql("PRAGMA defer_foreign_keys=ON")
        unit.posts.want("nobody's", "", "card", "{}")

    outcomes = await batched(sqlite_store, good, poison, good)
    assert all(isinstance(one, IntegrityError) for one in outcomes)
    assert called == []
    assert await sqlite_store.run(lambda unit: unit.meta("count")) is None


async def test_on_sqlite_a_fault_of_the_database_fails_its_batch(sqlite_store: Store) -> None:
    def fault(unit: Unit) -> None:
        unit._session.connection().exec_driver_sql("SELECT * FROM nothing")

    outcomes = await batched(sqlite_store, count, fault, count)
    assert all(isinstance(one, OperationalError) for one in outcomes)
    assert await sqlite_store.run(lambda unit: unit.meta("count")) is None


async def test_calls_come_after_the_commit_and_before_the_answer(store: Store, url: str) -> None:
    found: list[object] = []

    def look() -> None:
        engine = database(url).open()
        with engine.connect() as other:
            found.append(
                other.exec_driver_sql("SELECT value FROM meta WHERE key='count'").scalar_one()
            )
        engine.dispose()

    def work(unit: Unit) -> None:
        count(unit)
        unit.after_commit(look)

    await store.run(work)
    assert found == ["1"]


async def test_a_failing_call_disturbs_nobody(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> None:
        raise RuntimeError("private")

    def work(unit: Unit) -> str:
        unit.after_commit(fail)
        return "done"

    assert await store.run(work) == "done"
    assert "RuntimeError" in caplog.text
    assert "private" not in caplog.text


async def test_who_is_cancelled_does_not_disturb_the_unit(store: Store, url: str) -> None:
    hold = Event()
    blocked = asyncio.ensure_future(store.run(lambda _: hold.wait(10)))
    waiting = asyncio.ensure_future(store.run(count))
    await asyncio.sleep(0)
    waiting.cancel()
    hold.set()
    await blocked
    await store.close()
    again = Store(url)
    assert await again.run(lambda unit: unit.meta("count")) == "1"
    await again.close()


async def test_closing_drains_and_then_refuses(url: str) -> None:
    store = Store(url)
    waiting = [
        asyncio.ensure_future(store.run(lambda unit, n=n: unit.see(f"{n}", NOW))) for n in range(30)
    ]
    await asyncio.sleep(0)
    await store.close()
    await asyncio.gather(*waiting)
    with pytest.raises(Closed):
        await store.run(count)
    await store.close()
    again = Store(url)
    assert await again.run(lambda unit: all(unit.seen(f"{n}") for n in range(30)))
    await again.close()


async def test_an_old_version_loses_the_race(store: Store) -> None:
    await store.run(lambda unit: unit.groups.add(group_row(1)))
    await store.run(lambda unit: unit.groups.change("g1", 1, "running", "v2"))
    with pytest.raises(LostRace):
        await store.run(lambda unit: unit.groups.change("g1", 1, "running", "v2"))
    with pytest.raises(LostRace):
        await store.run(lambda unit: unit.groups.add(group_row(1)))

    def document(unit: Unit) -> str:
        row = unit.groups.find("g1")
        assert row is not None
        return row.document

    assert await store.run(document) == "v2"


async def test_moments_become_exactly_what_is_wanted(store: Store) -> None:
    def later(hours: int) -> datetime:
        return NOW + timedelta(hours=hours)

    first = {Wanted(1, "a", "", later(3)), Wanted(1, "b", "anna", later(1))}
    second = {Wanted(1, "a", "", later(2)), Wanted(1, "b", "bo", later(1))}

    def standing(unit: Unit) -> set[Wanted]:
        rows = unit.moments.due(later(100))
        assert [row.due_at for row in rows] == sorted(row.due_at for row in rows)
        return {Wanted(row.meeting, row.kind, row.who, row.due_at) for row in rows}

    await store.run(lambda unit: unit.groups.add(group_row()))
    for wanted in (first, second, second, set(), first):
        await store.run(lambda unit, wanted=wanted: unit.moments.set("g1", wanted))
        assert await store.run(standing) == wanted
    assert await store.run(lambda unit: unit.moments.next()) == later(1)
    assert [row.kind for row in await store.run(lambda unit: unit.moments.due(later(1)))] == ["b"]


async def test_people_and_their_groups_stay_inside_their_organisation(store: Store) -> None:
    here, there = Identity("p", "t", "U1"), Identity("p", "other", "U1")

    def fill(unit: Unit) -> None:
        unit.people.meet(here, "anna", "Anna", "sv", "Europe/Stockholm")
        unit.people.meet(there, "otto", "Otto", "nb", "Europe/Oslo")
        unit.groups.add(group_row())
        unit.groups.set_people("g1", ["anna", "otto"])
        unit.groups.set_people("g1", ["anna", "anna"])

    await store.run(fill)
    assert await store.run(lambda unit: unit.groups.of_person("anna", "p", "t")) == ["g1"]
    assert await store.run(lambda unit: unit.groups.of_person("anna", "p", "other")) == []
    assert await store.run(lambda unit: unit.groups.of_person("otto", "p", "t")) == []
    found = await store.run(lambda unit: unit.people.of_tenant("p", "other"))
    assert [(identity, row.name) for identity, row in found] == [(there, "Otto")]
    assert await store.run(lambda unit: unit.people.identity("anna", "p", "other")) is None
    assert await store.run(lambda unit: unit.people.names(["anna", "x"])) == {"anna": "Anna"}


async def test_a_room_is_one_groups(store: Store) -> None:
    place = Place("p", "t", "C1", private=False)

    def fill(unit: Unit) -> None:
        unit.groups.add(group_row())
        unit.groups.set_room("g1", Place("p", "t", "C0", private=False))
        unit.groups.set_room("g1", place)

    await store.run(fill)
    assert await store.run(lambda unit: unit.groups.in_room(place)) == "g1"
    assert await store.run(lambda unit: unit.groups.room("g1")) == place
    elsewhere = Place("p", "other", "C1", private=False)
    assert await store.run(lambda unit: unit.groups.in_room(elsewhere)) == ""


async def test_what_was_seen_is_forgotten_by_time(store: Store) -> None:
    await store.run(lambda unit: unit.see("a", NOW))
    await store.run(lambda unit: unit.see("b", NOW + timedelta(hours=1)))
    await store.run(lambda unit: unit.forget_seen(NOW + timedelta(minutes=1)))
    assert await store.run(lambda unit: (unit.seen("a"), unit.seen("b"))) == (False, True)


def test_sqlite_keeps_what_it_is_told_and_deletes_what_is_deleted(sqlite_url: str) -> None:
    engine = database(sqlite_url).open()
    assert engine.hide_parameters
    with engine.connect() as connection:
        for name, value in {
            "journal_mode": "wal",
            "synchronous": 2,
            "foreign_keys": 1,
            "secure_delete": 1,
            "busy_timeout": 5000,
        }.items():
            assert connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() == value
    engine.dispose()


async def test_a_unit_that_does_not_end_holds_up_no_stop(
    url: str, caplog: pytest.LogCaptureFixture
) -> None:
    store, begun, released = Store(url), Event(), Event()

    def hangs(_: Unit) -> None:
        begun.set()
        released.wait()

    unit = asyncio.create_task(store.run(hangs))
    await asyncio.to_thread(begun.wait)
    await store.close(patience=0.01)
    assert "the store was left in the middle of a unit" in caplog.messages
    released.set()
    await unit
    await store.close()
