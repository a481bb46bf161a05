"""What a coordinator sees: all groups with the four facts a sponsor sees, and nothing else."""

from dataclasses import replace

import pytest

from bot.core.action import MarkFree, ReadKept, SeeFigures, SeeGroups
from bot.core.card import About, Button, Details, Form, Quote, Said, Text, Who
from bot.core.commands import coordinators_wish
from bot.core.coordinating import PAGE
from bot.core.event import ButtonPressed, FormSubmitted, HomeOpened, Identity
from bot.core.figures import Figures, YearFigures
from bot.core.handle import handle
from bot.core.model import Member
from tests.core.play import COORDINATOR, SPONSOR, Play, inside, keys, person_place
from tests.core.stages import before, joined, opened, started, with_cases

LAST_YEAR = 2025


def seen(play: Play, page: int = 1) -> Form:
    play.press(COORDINATOR, SeeGroups(page))
    return play.form(COORDINATOR)


def titles(form: Form) -> list[str]:
    """The groups that are named, in their order."""
    return [one.group for one in inside(form.fields, About)]


def with_groups(number: int) -> Play:
    play = started()
    group = play.group
    play.groups = {f"g{n}": replace(group, id=f"g{n}", name=f"Grupp {n:03}") for n in range(number)}
    return play


# --- who is a coordinator -----------------------------------------------------------------------


def test_a_coordinator_finds_the_way_at_home_and_nobody_else_does() -> None:
    play = started()
    assert {"coordinator.title", "groups.title", "figures.title"} <= keys(play.home(COORDINATOR))
    for person in (SPONSOR, "lena", "anna", "stranger"):
        assert not {"coordinator.title", "groups.title", "figures.title"} & keys(play.home(person))


@pytest.mark.parametrize("word", ["groups", "grupper", "figures", "siffror", "tall", "GRUPPER"])
def test_a_command_opens_the_same_and_is_nothing_for_anybody_else(word: str) -> None:
    play = started()
    play.command(COORDINATOR, word)
    assert isinstance(play.form(COORDINATOR).action, SeeGroups | SeeFigures)
    for person in (SPONSOR, "lena", "anna", "stranger"):
        play.command(person, word)
        assert play.told(person) == ("help.leads" if person == "lena" else "help.short")
        for action in (SeeGroups(1), SeeFigures(LAST_YEAR)):
            play.press(person, action)
            assert play.told(person) == "unavailable"


def test_nothing_is_read_for_a_coordinator_who_asks_for_something_else() -> None:
    play = started()
    who, at = Identity("playground", "t1", COORDINATOR), person_place(COORDINATOR)
    for event in (HomeOpened("", who, at), FormSubmitted("", who, at, ReadKept("g", 1))):
        assert coordinators_wish(event, play.now) is None


def test_what_the_shell_has_not_read_is_unavailable() -> None:
    play = started()
    who, at = Identity("playground", "t1", COORDINATOR), person_place(COORDINATOR)
    event = ButtonPressed("", who, at, SeeFigures(LAST_YEAR))
    reply = handle(None, event, play.facts(COORDINATOR)).reply
    play.replies[COORDINATOR] = reply
    assert play.told(COORDINATOR) == "unavailable"


# --- the list -----------------------------------------------------------------------------------


def test_a_group_is_listed_with_the_facts_its_sponsor_sees() -> None:
    for play in (opened(), joined(4), started(), before(4)):
        (facts,) = inside(seen(play), Details)
        (same,) = inside(play.home(SPONSOR), Details)
        assert facts == same
        assert titles(seen(play)) == [play.group.id]


def test_a_listed_group_names_nobody_and_says_nothing_that_was_written() -> None:
    form = seen(with_cases(2))
    assert not [*inside(form, Who), *inside(form, Quote), *inside(form, Said)]
    assert {one.what for one in inside(form, About)} == {"name"}
    (free,) = inside(form, Button)
    assert isinstance(free.action, MarkFree), "its days off, and nothing else"


def test_the_list_is_the_same_whoever_is_in_and_whatever_they_do() -> None:
    quiet, busy = before(2), with_cases(2)
    busy.now = quiet.now
    group = replace(busy.group, members=(*busy.group.members, Member("late", "yes")))
    busy.groups = {group.id: group}
    assert seen(quiet) == seen(busy)


def test_a_closed_group_is_listed_no_more() -> None:
    play = started()
    play.command(SPONSOR, "close")
    play.fill(SPONSOR)
    assert keys(seen(play)) == {"groups.title", "groups.none"}


def test_a_coordinator_who_is_a_member_sees_that_group_as_a_member_in_its_own_place() -> None:
    play = started()
    group = play.group
    members = (*group.members, Member(COORDINATOR, "yes"))
    play.groups = {group.id: replace(group, members=members)}
    mine, theirs = play.home("anna"), play.home(COORDINATOR)
    assert theirs == (*mine[:-1], theirs[-2], mine[-1])
    assert keys([theirs[-2]]) >= {"coordinator.title"}
    assert not list(inside(seen(play), Who))


def test_in_a_group_s_room_the_home_is_about_that_group_alone() -> None:
    play = started()
    play.command(COORDINATOR, "", play.rooms[play.group.id])
    assert "coordinator.title" not in keys(play.replies[COORDINATOR])


def test_many_groups_are_turned_over_by_pages_in_the_order_of_their_names() -> None:
    play = with_groups(2 * PAGE + 1)
    found = []
    for page in (1, 2, 3):
        form = seen(play, page)
        found += titles(form)
        turned = {
            button.label.key: button.action
            for button in form.extra
            if not isinstance(button.action, MarkFree)
        }
        assert turned == {
            key: SeeGroups(to)
            for key, to in (("groups.back", page - 1), ("groups.on", page + 1))
            if 1 <= to <= 3
        }
    assert found == sorted(play.groups, key=lambda one: play.groups[one].name)
    assert seen(play, 99).fields == seen(play, 3).fields
    assert seen(play, 0).fields == seen(play, 1).fields


# --- the figures --------------------------------------------------------------------------------


def figures(play: Play, told: YearFigures) -> Form:
    """The form that shows these."""
    facts = replace(play.facts(COORDINATOR), figures=told)
    who, at = Identity("playground", "t1", COORDINATOR), person_place(COORDINATOR)
    play.replies[COORDINATOR] = handle(
        None, ButtonPressed("", who, at, SeeFigures(told.year)), facts
    ).reply
    return play.form(COORDINATOR)


def test_figures_are_shown_for_the_whole_for_methods_and_for_the_others() -> None:
    one, two, three = Figures(16, 160, 140, 130), Figures(9, 90, 80, 70), Figures(7, 70, 60, 60)
    told = YearFigures(LAST_YEAR, one, (("gone", two), ("jonkoping", two)), three)
    form = figures(started(), told)
    shown = [[value.values["value"] for _, value in row.rows] for row in inside(form, Details)]
    assert shown == [[16, 160, 140, 130], [9, 90, 80, 70], [9, 90, 80, 70], [7, 70, 60, 60]]
    words = [one.text.values.get("text") for one in form.fields if isinstance(one, Text)]
    assert [one for one in words if one] == [
        "gone",
        "Collegial guidance group (Jönköping)",
    ]


def test_a_year_with_too_little_behind_it_says_so() -> None:
    form = figures(started(), YearFigures(LAST_YEAR))
    assert keys(form) >= {"figures.few", "figures.note"}
    assert not list(inside(form, Details))


def test_only_years_that_are_over_can_be_asked_for() -> None:
    play = started()
    for year in (2026, 2027, 2022, 0, -1):
        play.press(COORDINATOR, SeeFigures(year))
        assert play.told(COORDINATOR) == "unavailable"
    play.press(COORDINATOR, SeeFigures(2024))
    assert [one.action for one in play.form(COORDINATOR).extra] == [
        SeeFigures(2025),
        SeeFigures(2023),
    ]


def test_neither_list_nor_figures_change_anything() -> None:
    play = started()
    was = play.copy()
    for kind in (SeeGroups(1), SeeFigures(LAST_YEAR)):
        play.press(COORDINATOR, kind)
        play.submit(COORDINATOR, kind)
    assert (play.groups, play.shown) == (was.groups, was.shown)
