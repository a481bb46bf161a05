"""What the shell reads for a coordinator: facts of their own organisation, and never a drawer."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from adapters.slack import render
from bot.core.action import SeeFigures, SeeGroups
from bot.core.card import Details
from bot.core.coordinating import PAGE
from bot.core.decision import UNAVAILABLE, Decision, OpenForm
from bot.core.event import ButtonPressed, CommandGiven, Identity
from bot.core.facts import Facts
from bot.core.figures import Figures, GroupFacts, YearFigures, closed_years
from bot.core.handle import handle
from bot.core.model import Group, Meeting, Member
from bot.messenger import Profile
from bot.words import Words
from tests.core.laws import inside
from tests.shell.stage import ANNA, CANARY, PRIVATE, START, Stage, a_group, press

KARIN = Identity("p", "t", "U9")
LAST_YEAR = START.year - 1


def met(id: str, **changes: object) -> Group:
    """A group that met once of two times, with five members of its own."""
    first, then = datetime(2025, 3, 4, 13), datetime(2025, 3, 11, 13)  # noqa: DTZ001 - wall clock
    meetings = (Meeting(1, first, ended_at=START, held=True), Meeting(2, then))
    members = tuple(Member(f"{id}-{n}", "yes") for n in range(5))
    return a_group(id, **{"meetings": meetings, "members": members, **changes})


def ended(id: str, **changes: object) -> Group:
    at = datetime(LAST_YEAR, 6, 1, tzinfo=UTC)
    return met(id, status="closed", closed_at=at, **changes)


async def keep(stage: Stage, *groups: Group) -> None:
    for group in groups:
        await stage.decide(Decision(group))


async def told(stage: Stage, action: SeeGroups | SeeFigures, who: Identity = KARIN) -> Facts:
    """The facts with which the rules of a coordinator decide."""
    found: list[Facts] = []

    def look(group: Group | None, event: object, facts: Facts) -> Decision:
        assert group is None
        found.append(facts)
        return Decision()

    await stage.decide(look, ButtonPressed("look", who, PRIVATE, action))
    return found[0]


@pytest.fixture
def coordinated(stage: Stage) -> Stage:
    stage.coordinators.add(KARIN)
    return stage


async def test_a_coordinator_is_told_facts_and_no_group(coordinated: Stage) -> None:
    await keep(coordinated, met("g1", name="Eken"), met("g2", name="Asken"), ended("g3"))
    facts = await told(coordinated, SeeGroups(1))
    assert facts.coordinates
    assert facts.mine == ()
    assert {type(one) for one in facts.groups} == {GroupFacts}
    assert [(one.name, one.held, one.planned) for one in facts.groups] == [
        ("Eken", 1, 2),
        ("Asken", 1, 2),
    ]


async def test_no_drawer_is_opened_for_a_coordinator(
    coordinated: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawers = {"1/meeting": {"case/1": CANARY}}
    await keep(coordinated, met("g1", drawers=drawers), ended("g2", drawers=drawers))

    def opened(*_: object) -> None:
        raise AssertionError("a drawer was opened")

    monkeypatch.setattr(coordinated.keyring, "open", opened)
    assert len((await told(coordinated, SeeGroups(1))).groups) == 1
    assert (await told(coordinated, SeeFigures(LAST_YEAR))).figures == YearFigures(LAST_YEAR)


@pytest.mark.parametrize(
    "who",
    [
        Identity("p", "other", "U9"),
        Identity("q", "t", "U9"),
        Identity("p", "t", "u9"),
        Identity("p", "t", "Karin Lund"),
    ],
)
async def test_a_coordinator_is_one_by_platform_organisation_and_id_alone(
    coordinated: Stage, who: Identity
) -> None:
    await keep(coordinated, met("g1"))
    await coordinated.bot.introduce(who, Profile("U9", "sv", "Europe/Stockholm"))
    facts = await told(coordinated, SeeGroups(1), who)
    assert not facts.coordinates
    assert facts.groups == ()
    answer = await coordinated.decide(handle, ButtonPressed("x", who, PRIVATE, SeeGroups(1)))
    assert answer.reply == UNAVAILABLE.reply


async def test_a_coordinator_is_told_nothing_of_another_organisation(coordinated: Stage) -> None:
    coordinated.coordinators.add(Identity("p", "other", "U1"))
    await keep(coordinated, met("g1"), *(ended(f"e{n}") for n in range(5)))
    elsewhere = Identity("p", "other", "U1")
    assert (await told(coordinated, SeeGroups(1), elsewhere)).groups == ()
    figures = (await told(coordinated, SeeFigures(LAST_YEAR), elsewhere)).figures
    assert figures == YearFigures(LAST_YEAR)
    assert (await told(coordinated, SeeFigures(LAST_YEAR))).figures != figures


async def test_what_a_group_is_called_is_shown_and_its_people_are_not(coordinated: Stage) -> None:
    await keep(coordinated, met("g1", name="Eken"))
    event = CommandGiven("c", KARIN, PRIVATE, "grupper")
    answer = await coordinated.decide(handle, event)
    assert answer.view.groups == {}
    assert answer.view.listed == {"g1": "Eken"}
    assert set(answer.view.names) == {(await coordinated.bot.person(KARIN))}
    form = render.form(answer.reply.form, replace(answer.view, words=Words()))
    assert "Eken" in str(form)
    assert "g1-0" not in str(form)


async def test_five_hundred_groups_fit_page_by_page(coordinated: Stage) -> None:
    def plant(group: Group | None, event: object, facts: Facts) -> Decision:
        return Decision(reply=OpenForm(handled(facts)))

    def handled(facts: Facts) -> object:
        one = GroupFacts("g", "", START, START, 1, 10, as_planned=True)
        many = tuple(replace(one, group=f"g{n:03}", name="W" * 75) for n in range(500))
        event = ButtonPressed("x", KARIN, PRIVATE, SeeGroups(20))
        return handle(None, event, replace(facts, groups=many)).reply.form

    answer = await coordinated.decide(plant, ButtonPressed("x", KARIN, PRIVATE, SeeGroups(20)))
    assert len(list(inside(answer.reply.form, Details))) == PAGE
    view = replace(answer.view, words=Words(), listed={f"g{n:03}": "W" * 75 for n in range(500)})
    blocks = render.form(answer.reply.form, view)["blocks"]
    assert len(blocks) <= render.OF_VIEW
    assert blocks[-1]["type"] == "actions", "nothing was cut"


# --- the figures of a year ----------------------------------------------------------------------


async def test_the_figures_of_a_year_are_computed_once(coordinated: Stage) -> None:
    await keep(coordinated, *(ended(f"e{n}") for n in range(6)))
    first = (await told(coordinated, SeeFigures(LAST_YEAR))).figures
    six = Figures(6, 12, 6, 30)
    assert first == YearFigures(LAST_YEAR, six, (("small", six),))

    def somebody_is_erased(group: Group | None, event: object, facts: Facts) -> Decision:
        assert group is not None
        return Decision(replace(group, members=group.members[1:]))

    await change(coordinated, "e1", somebody_is_erased)
    assert (await told(coordinated, SeeFigures(LAST_YEAR))).figures == first
    assert (await told(coordinated, SeeFigures(LAST_YEAR - 1))).figures == YearFigures(
        LAST_YEAR - 1
    )


async def change(stage: Stage, group: str, rule: Callable[..., Decision]) -> None:
    await stage.decide(rule, press(group))


async def test_a_year_that_is_not_over_is_neither_computed_nor_kept(coordinated: Stage) -> None:
    for year in (START.year, START.year + 1, closed_years(START)[-1] - 1):
        assert (await told(coordinated, SeeFigures(year))).figures is None

        def kept(unit, year: int = year) -> str | None:
            return unit.figures.find("p", "t", year)

        assert await coordinated.store.run(kept) is None
    coordinated.programme = datetime(START.year, 12, 31, 23, 59, 59, tzinfo=UTC)
    assert (await told(coordinated, SeeFigures(START.year))).figures is None
    coordinated.programme += timedelta(seconds=1)
    assert (await told(coordinated, SeeFigures(START.year))).figures == YearFigures(START.year)


async def test_figures_go_with_their_organisation(coordinated: Stage) -> None:
    await told(coordinated, SeeFigures(LAST_YEAR))
    await coordinated.bot.forget("p", "t")
    coordinated.real += timedelta(days=31)
    await coordinated.bot.prune()
    assert await coordinated.store.run(lambda unit: unit.figures.find("p", "t", LAST_YEAR)) is None


async def test_nothing_more_is_read_for_anybody_else(coordinated: Stage) -> None:
    await keep(coordinated, met("g1"))
    facts = await told(coordinated, SeeFigures(LAST_YEAR), ANNA)
    assert (facts.groups, facts.figures) == ((), None)
    assert await coordinated.store.run(lambda unit: unit.figures.find("p", "t", LAST_YEAR)) is None
