"""What is asked again and again must not go through everything there is."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Connection

from bot.core.event import Identity, Place
from bot.store import Store, Unit

ANNA = Identity("p", "t", "U1")
ASKED: dict[str, Callable[[Unit], Any]] = {
    "known": lambda unit: unit.people.known(ANNA),
    "hours": lambda unit: unit.people.hours("g1"),
    "names": lambda unit: unit.people.names(["anna", "bo"]),
    "natives": lambda unit: unit.people.natives(["anna", "bo"], "p", "t"),
    "identity": lambda unit: unit.people.identity("anna", "p", "t"),
    "of_person": lambda unit: unit.groups.of_person("anna", "p", "t"),
    "in_room": lambda unit: unit.groups.in_room(Place("p", "t", "C1", private=False)),
    "sealed": lambda unit: unit.groups.sealed("g1"),
    "pending": lambda unit: unit.posts.pending("g1"),
    "want": lambda unit: unit.posts.want("g1", "anna", "card", None),
    "moments": lambda unit: unit.moments.set("g1", ()),
    "set_people": lambda unit: unit.groups.set_people("g1", ()),
}
#: These lead through a whole organisation, or through what waits in all groups.
WIDE = ("(platform=? AND tenant=?)", "ix_posts_state")


@pytest.mark.parametrize("name", ASKED)
async def test_a_look_up_is_by_an_index_that_leads_to_few_rows(
    sqlite_store: Store, name: str
) -> None:
    def explain(unit: Unit) -> list[str]:
        bind = unit._session.bind
        assert isinstance(bind, Connection)
        driver: Any = bind.connection.driver_connection
        told: list[str] = []
        driver.set_trace_callback(told.append)
        ASKED[name](unit)
        driver.set_trace_callback(None)
        asked = [one for one in told if one.startswith(("SELECT", "UPDATE", "DELETE"))]
        rows = [row for one in asked for row in driver.execute(f"EXPLAIN QUERY PLAN {one}")]
        return [row[3] for row in rows]

    plans = await sqlite_store.run(explain)
    assert plans
    assert not [plan for plan in plans if plan.startswith("SCAN")]
    few = [plan for plan in plans if " departures " not in plan]  # one row for an organisation
    assert not [plan for plan in few if any(wide in plan for wide in WIDE)]


async def test_a_person_is_shown_as_their_own_organisation_knows_them(store: Store) -> None:
    def fill(unit: Unit) -> None:
        unit.people.meet(ANNA, "anna", "Anna", "sv", "Europe/Stockholm")
        unit.people.meet(Identity("p", "other", "U9"), "bo", "Bo", "sv", "Europe/Stockholm")

    await store.run(fill)
    shown = await store.run(lambda unit: unit.people.shown(["anna", "bo", "x"], "p", "t"))
    assert shown == ({"anna": "Anna", "bo": "Bo"}, {"anna": "U1"})
