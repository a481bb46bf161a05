"""The group's ground rules: worded by the group, agreed on per version, read at any time."""

import pytest

from bot.core.action import AgreeRules, ChangeRules, ReadRules
from bot.core.card import About, Items, Line
from bot.core.model import to_document
from bot.words import View, Words
from tests.core.play import SPONSOR, Play, inside, keys
from tests.core.stages import begun, gathering, started, to_step

OWN = "Vi lyssnar klart.\nDet som sägs här stannar här.\nVi turas om att hämta kaffe."


def rows(play: Play, person: str, language: str = "sv") -> list[str]:
    """The rules as they stand before a person who reads in this language."""
    play.press(person, ReadRules(play.group.id))
    view = View(language, "Europe/Stockholm", {}, play.groups, "", Words())
    (items,) = inside(play.form(person), Items)
    assert items.numbered
    return [view.plain(row) for row in items.rows]


def talking() -> Play:
    """The first meeting talks the ground rules through."""
    play = begun(1)
    to_step(play, "rules")
    return play


def changed() -> Play:
    play = talking()
    play.tap("lena", "rules.change")
    play.fill("lena", rules=OWN)
    assert play.told("lena") == "rules.saved"
    return play


def test_to_begin_with_there_are_seven_in_the_group_s_language() -> None:
    play = started()
    ours = rows(play, "anna")
    assert len(ours) == 7
    assert ours[0] == "Det som sägs här stannar här, också när gruppen är slut."
    assert rows(play, "anna", "en") == ours, "whatever language a person reads in"
    assert "rules.open" in keys(play.form("anna"))


def test_a_leader_rewords_what_stands_there_and_all_read_it() -> None:
    play = talking()
    play.tap("lena", "rules.change")
    (line,) = inside(play.form("lena"), Line)
    assert line.value == About(play.group.id, "rules")
    view = View("en", "Europe/Stockholm", {}, play.groups, "", Words())
    assert view.prefilled(line.value).split("\n") == rows(play, "anna")
    play.tap("lena", "rules.change")
    play.fill("lena", rules=OWN)
    for person in ("anna", "omar"):
        assert rows(play, person, "nb") == OWN.split("\n")
    assert OWN.split("\n")[2] not in to_document(play.group), "it lies in a drawer"


def test_the_group_agrees_on_a_version_and_once() -> None:
    play = talking()
    play.tap("lena", "rules.agree")
    assert play.told("lena") == "rules.agreed"
    assert not {"rules.agree", "rules.change"} & set(play.buttons("omar"))
    assert "rules.since" in (rows(play, "anna") and keys(play.form("anna")))
    play.press("omar", AgreeRules(play.group.id, 1))
    assert play.told("omar") == "unavailable"


def test_another_wording_is_to_be_agreed_on_anew_and_an_old_button_does_not_do_it() -> None:
    play = talking()
    old = play.buttons("omar")["rules.agree"]
    play.tap("lena", "rules.change")
    play.fill("lena", rules=OWN)
    play.press("omar", old)
    assert play.told("omar") == "unavailable", "it was a button for another wording"
    assert play.group.rules.agreed_at is None
    play.tap("omar", "rules.agree")
    assert play.told("omar") == "rules.agreed"
    assert (play.group.rules.version, play.group.rules.agreed_at) == (2, play.now)


def test_the_same_wording_is_no_new_version() -> None:
    play = changed()
    play.tap("lena", "rules.agree")
    play.submit("omar", ChangeRules(play.group.id), rules=f" {OWN}\n")
    assert play.told("omar") == "rules.same"
    assert play.group.rules.version == 2
    assert play.group.rules.agreed_at


def test_after_the_first_meeting_the_room_is_told_of_a_new_wording_until_all_agree() -> None:
    play = changed()
    assert "rules" not in play.chat(""), "they are all there and talk about it"
    play.tap("lena", "rules.agree")
    play.go("begin", 4)
    play.press("lena", ReadRules(play.group.id))
    assert {one.label.key for one in play.form("lena").extra} == {"rules.change"}
    play.submit("lena", ChangeRules(play.group.id), rules="Vi börjar i tid.")
    assert "rules.changed" in play.keys("", "rules")
    assert "rules.read" in play.buttons("")
    play.press("omar", ReadRules(play.group.id))
    assert {one.label.key for one in play.form("omar").extra} == {"rules.change", "rules.agree"}
    play.press("omar", AgreeRules(play.group.id, 4, version=3))
    assert "rules" not in play.chat("")


def test_they_live_as_long_as_the_group() -> None:
    play = changed()
    play.go("shred", 9)
    assert rows(play, "anna") == OWN.split("\n")
    play.go("finish", 10)
    play.press("lena", ReadRules(play.group.id))
    assert [one.label.key for one in play.form("lena").extra] == ["rules.change"]
    play.go("shred", 10)
    assert not play.group.drawers


def test_when_the_sponsor_closes_the_group_they_are_destroyed() -> None:
    play = changed()
    play.command(SPONSOR, "close")
    play.fill(SPONSOR)
    assert not play.group.drawers


def test_before_the_start_they_can_be_read_and_not_changed() -> None:
    play = gathering()
    assert len(rows(play, "lena")) == 7
    assert not play.form("lena").extra
    for send in (play.press, play.submit):
        send("lena", ChangeRules(play.group.id))
        assert play.told("lena") == "unavailable"


@pytest.mark.parametrize("wrong", ["", "  \n ", "x" * 2001])
def test_there_are_always_some_and_not_too_many(wrong: str) -> None:
    play = talking()
    play.submit("lena", ChangeRules(play.group.id), rules=wrong)
    assert set(play.errors("lena")) == {"rules"}
    assert play.group.rules.version == 1


@pytest.mark.parametrize("person", ["anna", SPONSOR, "stranger"])
def test_only_those_who_lead_write_them_down(person: str) -> None:
    play = talking()
    for send in (play.press, play.submit):
        for action in (ChangeRules(play.group.id), AgreeRules(play.group.id, 1)):
            send(person, action)
            assert play.told(person) == "unavailable"


@pytest.mark.parametrize("person", [SPONSOR, "stranger"])
def test_only_the_group_reads_them(person: str) -> None:
    play = changed()
    play.press(person, ReadRules(play.group.id))
    assert play.told(person) == "unavailable"


def test_if_they_can_no_longer_be_read_those_who_lead_are_told_and_ours_hold() -> None:
    play = changed()
    play.tap("lena", "rules.agree")
    play.loses("rules")
    assert "lost.rules" in play.keys("lena", "lost/rules")
    assert "lost/rules" not in play.chat("anna")
    assert len(rows(play, "anna")) == 7
    assert play.group.rules.agreed_at is None
    play.press("omar", ChangeRules(play.group.id))
    play.fill("omar", rules=OWN)
    assert "lost/rules" not in play.chat("lena")
