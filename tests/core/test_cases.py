"""Bringing a question."""

import pytest

from bot.core.action import AddCase, BringCase, CastVote, OpenVote, Today, WithdrawCase
from bot.core.card import Option
from tests.core.play import SPONSOR, inside, people
from tests.core.stages import before, begun, case_id, now, to_step, vote, voting, with_cases

TEXT = "How do I say no to my own manager?"


def test_a_question_is_brought_from_the_room_and_nobody_sees_it() -> None:
    play = before(2)
    play.go("question", 2)
    play.tap("anna", "case.open")
    play.fill("anna", case=TEXT)
    assert play.told("anna") == "case.done"
    assert now(play).case_of("anna")
    assert "anna" not in people([play.chat(""), play.chat("lena"), play.home("bo")])


def test_ones_own_question_stands_in_the_form_and_can_be_changed() -> None:
    play = with_cases(2, "anna", "bo")
    play.press("anna", BringCase(play.group.id, 2))
    assert play.reads("anna") == ["The question of anna"]
    play.fill("anna", case=TEXT)
    play.press("anna", BringCase(play.group.id, 2))
    assert play.reads("anna") == [TEXT]
    assert [one.by for one in now(play).cases].count("anna") == 1
    play.press("cilla", BringCase(play.group.id, 2))
    assert play.reads("cilla") == []
    assert not play.form("cilla").extra, "nothing to take back"


@pytest.mark.parametrize(
    ("text", "fault"),
    [("", "error.empty"), ("\u200b\u202e", "error.empty"), ("x" * 100_000, "error.long")],
)
def test_a_question_has_words_but_not_too_many(text: str, fault: str) -> None:
    play = before(2)
    play.submit("anna", BringCase(play.group.id, 2), case=text)
    assert play.errors("anna") == {"case": fault}


@pytest.mark.parametrize("person", ["lena", SPONSOR, "kim", "stranger"])
def test_only_members_bring_questions(person: str) -> None:
    play = before(2)
    play.press(person, BringCase(play.group.id, 2))
    assert play.told(person) == "unavailable"
    play.submit(person, BringCase(play.group.id, 2), case=TEXT)
    assert play.told(person) == "unavailable"


def test_a_question_is_taken_back_before_the_vote() -> None:
    play = with_cases(2, "anna", "bo")
    play.tap("anna", "case.today.no")
    play.press("anna", BringCase(play.group.id, 2))
    play.press("anna", play.form("anna").extra[0].action)
    assert play.told("anna") == "case.withdrawn"
    assert not now(play).case_of("anna")
    assert not [text for text in play.group.drawers["2/meeting"].values() if "anna" in text]
    assert "2/vote" not in play.group.drawers or not play.group.item("2/vote", "today/anna")


def test_a_question_taken_back_is_not_asked_about_any_more() -> None:
    play = with_cases(2, "anna", "bo")
    assert "today/2" in play.chat("anna")
    play.press("anna", WithdrawCase(play.group.id, 2))
    assert "today/2" not in play.chat("anna")
    play.press("anna", Today(play.group.id, 2, True))
    assert play.told("anna") == "unavailable"


def test_one_that_is_brought_anew_is_not_passed_over_for_an_earlier_no() -> None:
    play = with_cases(2, "anna", "bo")
    play.tap("anna", "case.today.no")
    play.press("anna", WithdrawCase(play.group.id, 2))
    play.submit("anna", BringCase(play.group.id, 2), case=TEXT)
    play.press("lena", OpenVote(play.group.id, 2))
    vote(play, "cilla", "anna")
    play.go("close", 2)
    assert now(play).owner == "anna"


def test_in_an_open_vote_a_question_can_be_taken_back_but_not_brought() -> None:
    play = voting(2, "anna", "bo")
    vote(play, "cilla", "anna")
    play.press("anna", WithdrawCase(play.group.id, 2))
    assert play.told("anna") == "case.withdrawn"
    play.press("dag", CastVote(play.group.id, 2))
    offered = [one.value for one in inside(play.form("dag"), Option)]
    assert offered == [case_id(play, "bo")]
    for person in ("anna", "dag"):
        play.press(person, BringCase(play.group.id, 2))
        assert play.told(person) == "case.closed"
        play.submit(person, BringCase(play.group.id, 2), case=TEXT)
        assert play.told(person) == "case.closed"
    play.go("close", 2)
    assert now(play).owner == "", "what was taken back is passed over"


def test_a_vote_on_nothing_says_so() -> None:
    play = voting(2, "anna", "bo")
    for person in ("anna", "bo"):
        play.press(person, WithdrawCase(play.group.id, 2))
    play.tap("dag", "vote.b")
    assert play.told("dag") == "vote.no_cases"


def test_after_the_vote_nothing_can_be_taken_back() -> None:
    play = voting(2, "anna", "bo")
    play.go("close", 2)
    play.press("anna", WithdrawCase(play.group.id, 2))
    assert play.told("anna") == "unavailable"
    play.press("dag", WithdrawCase(play.group.id, 2))
    assert play.told("dag") == "unavailable", "there is none"


def test_the_first_meeting_takes_no_questions() -> None:
    play = begun(1)
    play.press("anna", BringCase(play.group.id, 1))
    assert play.told("anna") == "case.closed"
    play.press("lena", AddCase(play.group.id, 1))
    assert play.told("lena") == "unavailable"


def test_a_leader_adds_a_line_for_what_is_raised_in_the_room() -> None:
    play = begun(2)
    to_step(play, "vote")
    assert "vote.no_cases" in play.keys("lena", "guide/2")
    play.tap("lena", "add.b")
    play.fill("lena", who="anna")
    assert play.told("lena") == "add.done"
    case = now(play).case_of("anna")
    assert case
    assert case.in_room
    assert "vote.cases" in play.keys("omar", "guide/2")
    play.tap("omar", "add.b")
    play.fill("omar", who="anna")
    assert play.told("omar") == "add.already"


def test_whoever_is_added_may_still_write_or_take_it_back() -> None:
    play = begun(2)
    to_step(play, "vote")
    play.submit("lena", AddCase(play.group.id, 2), who="anna")
    play.submit("anna", BringCase(play.group.id, 2), case=TEXT)
    case = now(play).case_of("anna")
    assert case
    assert not case.in_room
    play.press("anna", WithdrawCase(play.group.id, 2))
    assert not now(play).cases


def test_a_line_is_added_by_leaders_for_somebody_who_is_there() -> None:
    play = before(2)
    play.go("announce", 2)
    play.tap("bo", "card.no")
    add = AddCase(play.group.id, 2)
    play.submit("lena", add, who="anna")
    assert play.told("lena") == "unavailable", "the meeting has not begun"
    play.go("begin", 2)
    for who in ("bo", "kim", "", "lena"):
        play.submit("lena", add, who=who)
        assert play.errors("lena") == {"who": "error.choose"}
    for person in ("anna", SPONSOR, "stranger"):
        play.press(person, add)
        assert play.told(person) == "unavailable"
        play.submit(person, add, who="anna")
        assert play.told(person) == "unavailable"


def test_if_all_have_said_that_they_cannot_come_there_is_nobody_to_choose() -> None:
    play = before(2)
    play.go("announce", 2)
    for person in play.group.people:
        play.tap(person, "card.no")
    play.go("begin", 2)
    to_step(play, "vote")
    for label in ("add.b", "vote.room"):
        play.tap("lena", label)
        assert play.told("lena") == "unavailable"
