"""Rows that go past the ORM are what the ORM would have read and written."""

from datetime import UTC, datetime

import pytest
from sqlalchemy.exc import IntegrityError

from bot.core.due import Wanted
from bot.core.event import Identity
from bot.store import Store, Unit
from bot.store.tables import GroupRow

NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)
ANNA = Identity("p", "t", "U1")


def a_group(unit: Unit) -> None:
    at = {"platform": "p", "tenant": "t", "method_hash": "h", "document": "{}"}
    unit.groups.add(GroupRow(id="g1", status="running", version=1, **at))


async def test_instants_and_truths_come_back_as_they_went_in(store: Store) -> None:
    def fill(unit: Unit) -> None:
        a_group(unit)
        unit.people.meet(ANNA, "anna", "Anna", "sv", "Europe/Stockholm")
        unit.moments.set("g1", [Wanted(1, "close", "", NOON)])
        unit.moments.set("g1", [Wanted(1, "close", "", NOON)])
        unit.see("key", NOON)

    await store.run(fill)
    assert await store.run(lambda unit: unit.moments.find("g1", 1, "close", "")) == NOON
    known = await store.run(lambda unit: unit.people.known(ANNA))
    assert known is not None
    assert known.introduced is False
    assert await store.run(lambda unit: unit.seen("key"))


async def test_what_the_driver_refuses_is_said_as_ever_and_without_values(store: Store) -> None:
    def twice(unit: Unit) -> None:
        unit.see("a-secret-key", NOON)
        unit.see("a-secret-key", NOON)

    with pytest.raises(IntegrityError) as caught:
        await store.run(twice)
    assert "a-secret-key" not in str(caught.value)
    assert not await store.run(lambda unit: unit.seen("a-secret-key")), "rolled back as a whole"


async def test_a_unit_reads_what_it_has_written_by_either_way(store: Store) -> None:
    def write(unit: Unit) -> object:
        a_group(unit)
        unit.groups.change("g1", 1, "closed", "[]")
        return unit.groups.find("g1")

    assert (await store.run(write)) == ("p", "t", 2, "h", "[]")
