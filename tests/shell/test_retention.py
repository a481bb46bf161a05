"""Ninety days after a group was closed its rows are deleted; what it counts for is kept."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.action import SeeFigures
from bot.core.decision import Decision
from bot.core.due import Wanted
from bot.core.effect import UseRoom
from bot.core.figures import Figures, YearFigures
from bot.retention import RETAINED
from bot.store.departures import DepartureTable
from tests.shell.stage import HOUR, ROOM, START, Stage, put
from tests.shell.test_coordinator import LAST_YEAR, coordinated, ended, keep, met, told

__all__ = ["coordinated"]
#: When the groups of last year ended.
ENDED = ended("e").closed_at
#: The tables in which a group has rows.
OF_GROUPS = ("groups", "memberships", "posts", "rooms", "sealed")


async def rows(stage: Stage, of: str) -> dict[str, int]:
    """How many rows there are of this group, by table."""

    def count(unit) -> dict[str, int]:
        connection = unit._session.connection()
        found = {}
        for table in OF_GROUPS:
            key = "id" if table == "groups" else "group_id"
            sql = f"SELECT count(*) FROM {table} WHERE {key} = '{of}'"
            found[table] = connection.exec_driver_sql(sql).scalar_one()
        return found

    return await stage.store.run(count)


async def test_every_row_of_it_goes_with_its_keys_and_no_other(stage: Stage) -> None:
    drawers = {"1/mine": {"reflection/anna": "left behind by a fault"}}
    for group in ("g1", "g2"):
        new = met(group, status="closed", closed_at=START, drawers=drawers)
        place = replace(ROOM, native=f"C-{group}", people=())
        effects = (UseRoom(group, place), replace(put("a"), to=put("a").to))
        await stage.decide(Decision(new, effects))
    await stage.decide(lambda group, *_: Decision(replace(group, closed_at=START + HOUR)), None)
    first, second = await rows(stage, "g1"), await rows(stage, "g2")
    assert all(first.values())
    assert all(second.values())
    assert len(stage.key_files()) == 2

    stage.programme = START + RETAINED
    await stage.bot.prune()
    assert await rows(stage, "g1") == first
    assert await rows(stage, "g2") == second, "not before"

    stage.programme += timedelta(seconds=1)
    await stage.bot.prune()
    assert not any((await rows(stage, "g2")).values())
    assert await rows(stage, "g1") == first, "closed an hour later"
    assert len(stage.key_files()) == 1
    await stage.bot.prune()
    await stage.board.show("g2")
    assert await rows(stage, "g1") == first


async def test_a_group_that_awaits_something_is_kept_until_that_is_over(stage: Stage) -> None:
    stage.due = lambda _: frozenset({Wanted(0, "reunited", "", START + 2 * RETAINED)})
    await keep(stage, met("g1", status="closed", closed_at=START))
    stage.programme += 2 * RETAINED
    await stage.bot.prune()
    assert (await rows(stage, "g1"))["groups"] == 1
    stage.due = lambda _: frozenset()
    await stage.decide(lambda group, *_: Decision(replace(group, name="another")))
    await stage.bot.prune()
    assert not any((await rows(stage, "g1")).values())


async def test_a_group_that_goes_on_is_kept_however_old_it_is(stage: Stage) -> None:
    await keep(stage, met("g1"))
    stage.programme += 1000 * timedelta(days=1)
    await stage.bot.prune()
    assert (await rows(stage, "g1"))["groups"] == 1


@pytest.mark.parametrize("many", [4, 6])
async def test_the_figures_of_a_year_are_the_same_after_its_groups_are_deleted(
    coordinated: Stage, many: int
) -> None:
    deleted = [ended(f"e{n}") for n in range(many)]
    later = replace(ended("later"), closed_at=ENDED + RETAINED)
    never = ended("never", meetings=tuple(replace(one, held=False) for one in later.meetings))
    await keep(coordinated, *deleted, later, never)
    coordinated.programme = ENDED + RETAINED + timedelta(seconds=1)
    await coordinated.bot.prune()
    assert not any((await rows(coordinated, "e1")).values())
    assert not any((await rows(coordinated, "never")).values())
    assert (await rows(coordinated, "later"))["groups"] == 1
    coordinated.programme = START
    figures = (await told(coordinated, SeeFigures(LAST_YEAR))).figures
    all_of_them = Figures(many + 1, 2 * (many + 1), many + 1, 5 * (many + 1))
    assert figures == YearFigures(LAST_YEAR, all_of_them, (("small", all_of_them),))
    assert (await told(coordinated, SeeFigures(LAST_YEAR - 1))).figures == YearFigures(
        LAST_YEAR - 1
    )


async def test_what_is_kept_goes_with_the_organisation(coordinated: Stage) -> None:
    await keep(coordinated, ended("e1"))
    await coordinated.bot.prune()
    kept = await coordinated.store.run(lambda unit: unit.figures.counts("p", "t", LAST_YEAR))
    assert [method for method, _ in kept] == ["small"]
    assert "e1" not in repr(kept)
    await coordinated.store.run(lambda unit: DepartureTable.erase(unit.departures, "p", "t"))
    assert not await coordinated.store.run(lambda unit: unit.figures.counts("p", "t", LAST_YEAR))
