"""The home: what each can do now, by what they are."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.action import ChooseLanguage, ReadKept, Reflect, SkipMeeting
from bot.core.card import Button, Details, Option, T
from tests.core.play import POOL, SPONSOR, Play, inside, keys, people
from tests.core.stages import before, begun, gathering, joined, opened, started, with_cases


def facts(play: Play) -> list[T]:
    """The values of the four facts, in their order."""
    return [value for _, value in next(inside(play.home(SPONSOR), Details)).rows]


def test_a_stranger_finds_settings_and_help_and_how_to_open() -> None:
    found = keys(Play().home("stranger"))
    assert {"home.none", "home.open", "help", "language.open"} <= found


def test_the_sponsor_finds_four_facts_and_a_way_to_close() -> None:
    play = gathering()
    found = keys(play.home(SPONSOR))
    assert {"facts.first", "facts.last", "facts.held", "facts.plan", "close"} <= found
    assert not people(play.home(SPONSOR))


def test_the_four_facts_follow_what_was_held() -> None:
    play = started()
    assert (facts(play)[2].values, facts(play)[3].key) == ({"n": 0, "m": 10}, "facts.yes")
    play.go("finish", 2)
    assert facts(play)[2].values == {"n": 2, "m": 10}
    for number, as_planned in ((3, "facts.yes"), (4, "facts.no")):
        play.go("announce", number)
        play.press("lena", SkipMeeting(play.group.id, number))
        play.fill("lena")
        play.now += timedelta(days=7)
        assert facts(play)[3].key == as_planned
    assert facts(play)[2].values == {"n": 2, "m": 10}


def test_the_four_facts_are_the_same_whatever_people_say() -> None:
    quiet, busy = before(2), with_cases(2)
    quiet.go("begin", 2)
    busy.tap("anna", "case.today.no")
    busy.now = quiet.now
    assert quiet.home(SPONSOR) == busy.home(SPONSOR)


@pytest.mark.parametrize("person", ["anna", "lena"])
def test_nobody_else_finds_the_facts(person: str) -> None:
    for play in (joined(4), started()):
        assert "facts.held" not in keys(play.home(person))


def test_whoever_is_asked_finds_the_question() -> None:
    play = opened()
    assert {"lead.yes", "lead.no"} < keys(play.home("lena"))
    assert "lead.yes" not in keys(play.home("anna"))
    play = gathering()
    assert {"invite.yes", "invite.no"} < keys(play.home("anna"))
    assert "gather" in keys(play.home("lena"))
    assert "home.none" in keys(play.home("kim")), "in the pool, not asked"


def test_before_the_start_one_finds_ones_yes_and_then_the_group() -> None:
    play = joined(4)
    assert "invite.yes.done" in keys(play.home("anna"))
    play.tap("lena", "gather.show")
    assert "members.people" in keys(play.home("anna"))
    assert {"bo", "cilla"} < people(play.home("anna"))


def test_a_member_finds_all_that_a_message_would_have_offered() -> None:
    play = before(2)
    found = keys(play.home("anna"))
    assert {
        "card.yes",
        "checkin.open",
        "checkin.read",
        "case.open",
        "rules.read",
        "invite.tell",
        "leave",
        "reflect.open",
    } <= found


def test_those_who_lead_find_the_overview_and_then_the_guide() -> None:
    play = before(2)
    assert "overview.title" in keys(play.home("lena"))
    play.go("begin", 2)
    assert "guide.title" in keys(play.home("lena"))
    assert "guide.title" not in keys(play.home("anna"))


def test_those_who_lead_find_the_rules_and_the_way_out() -> None:
    play = before(2)
    assert {"rules.read", "leave", "guide.set"} <= keys(play.home("lena"))
    play.go("begin", 2)
    assert {"rules.read", "leave", "guide.set"} <= keys(play.home("lena"))
    play.go("finish", 10)
    assert {"home.over", "rules.read", "leave"} <= keys(play.home("lena"))


def test_what_one_asked_to_keep_is_found_again() -> None:
    play = before(2)
    play.submit("anna", Reflect(play.group.id, 1), support="to be found again", keep=True)
    assert ReadKept(play.group.id, 1) in {
        button.action for button in inside(play.home("anna"), Button)
    }
    assert "reflect.read" not in keys(play.home("bo"))


def test_the_next_meeting_is_named_with_its_place() -> None:
    assert {"home.next", "card.where"} <= keys(started().home("anna"))


def test_in_a_groups_own_room_only_that_group_is_shown() -> None:
    play, other = started(), started(4)
    twin = other.group
    play.groups["twin"] = replace(twin, id="twin", sponsors=(SPONSOR,))
    assert len(play.home("anna")) == 3
    play.command("anna", "", play.rooms[play.group.id])
    reply = play.replies["anna"]
    assert len(reply.cards) == 2  # type: ignore[union-attr]


def test_a_language_is_chosen_for_oneself() -> None:
    play = started()
    play.press("anna", ChooseLanguage())
    assert [one.value for one in inside(play.form("anna"), Option)] == ["en", "sv", "nb"]
    play.fill("anna", language="nb")
    assert play.told("anna") == "language.done"
    assert play.languages == {"anna": "nb"}
    for wrong in ("fi", ("sv", "nb"), ""):
        play.submit("anna", ChooseLanguage(), language=wrong)
        assert play.errors("anna") == {"language": "error.choose"}


def test_nobody_is_in_two_places_of_the_home_for_one_group() -> None:
    play = begun(2)
    for person in (*POOL[:8], "lena"):
        assert len(play.home(person)) == (3 if person == "lena" else 2), "and the plan"
