"""The titles of questions in the room: only if all agree, for one meeting, seen by its people."""

import pytest

from bot.core.action import AllowTitles, BringCase, LeaveGroup, OfferTitles, WithdrawCase
from bot.core.card import Said
from bot.core.model import to_document
from bot.core.titles import TITLE
from tests.core.play import POOL, SPONSOR, Play, inside, keys, people, room
from tests.core.stages import before, case_id, now, vote, with_cases

PEOPLE = POOL[:8]


def offered(*authors: str) -> Play:
    play = with_cases(2, *authors)
    play.tap("lena", "titles.offer")
    assert play.told("lena") == "titles.offered"
    return play


def answered(**answers: str) -> Play:
    """All say yes but those who say otherwise, or nothing."""
    play = offered("anna", "bo")
    for person in PEOPLE:
        if answers.get(person) != "nothing":
            play.tap(person, f"titles.{answers.get(person, 'yes')}")
            assert play.told(person) == "titles.answered"
    play.tap("lena", "vote.open")
    return play


def in_the_room(play: Play, number: int = 2) -> list[str]:
    """The titles that stand in the meeting's card."""
    card = play.chat("").get(f"meeting/{number}")
    return [play.group.item(one.drawer, one.item) for one in inside(card, Said)]


def test_with_the_yes_of_all_the_titles_stand_in_the_room() -> None:
    play = answered()
    assert in_the_room(play) == ["The question of anna", "The question of bo"]
    assert people(play.chat("")["meeting/2"]) >= {"anna", "bo"}
    assert "titles/2" not in play.chat("")


@pytest.mark.parametrize("answer", ["no", "nothing"])
def test_one_no_or_silence_is_enough_and_nobody_learns_whose_it_was(answer: str) -> None:
    without = answered(cilla=answer)
    assert in_the_room(without) == []
    other = answered(dag=answer)
    for person in ("", "lena", "omar", "anna", SPONSOR):
        assert set(without.chat(person)) == set(other.chat(person))
        assert keys(list(without.chat(person).values())) == keys(list(other.chat(person).values()))
    assert to_document(without.group) == to_document(other.group)


def test_without_being_asked_for_nothing_is_shown() -> None:
    play = with_cases()
    play.tap("lena", "vote.open")
    assert in_the_room(play) == []


def test_the_answer_may_be_changed_until_the_vote_opens() -> None:
    play = offered("anna", "bo")
    for person in PEOPLE:
        play.tap(person, "titles.yes")
    play.tap("anna", "titles.no")
    play.tap("lena", "vote.open")
    assert in_the_room(play) == []
    play.press("anna", AllowTitles(play.group.id, 2, True))
    assert play.told("anna") == "unavailable"


def test_who_answered_stands_nowhere() -> None:
    play = offered("anna", "bo")
    shown, document = dict(play.shown), to_document(play.group)
    play.tap("cilla", "titles.no")
    assert play.shown == shown
    assert to_document(play.group) == document
    play.tap("lena", "vote.open")
    play.go("close", 2)
    assert "2/vote" not in play.group.drawers, "the answers end with the vote"


def test_only_the_first_line_is_shown_and_not_too_much_of_it() -> None:
    play = before(2)
    play.submit("anna", BringCase(play.group.id, 2), case="How do I say no?\nIt began in spring.")
    play.submit("bo", BringCase(play.group.id, 2), case="x" * 500)
    play.go("overview", 2)
    play.tap("omar", "titles.offer")
    for person in PEOPLE:
        play.tap(person, "titles.yes")
    play.go("begin", 2)
    for _ in range(3):
        play.tap("lena", "guide.next")
    play.tap("lena", "vote.open")
    first, second = in_the_room(play)
    assert first == "How do I say no?"
    assert len(second) == TITLE


def test_they_stand_there_until_the_meeting_ends() -> None:
    play = answered()
    vote(play, "cilla", "anna")
    play.go("close", 2)
    assert len(in_the_room(play)) == 2
    play.tap("lena", "end.b")
    assert in_the_room(play) == []
    play.go("begin", 3)
    assert in_the_room(play, 3) == [], "for one meeting"


def test_a_single_question_needs_no_vote_and_is_shown_too() -> None:
    play = offered("anna")
    for person in PEOPLE:
        play.tap(person, "titles.yes")
    play.tap("lena", "vote.one")
    assert in_the_room(play) == ["The question of anna"]


def test_a_question_raised_in_the_room_has_no_title() -> None:
    play = offered("anna")
    for person in PEOPLE:
        play.tap(person, "titles.yes")
    play.tap("lena", "add.b")
    play.fill("lena", who="bo")
    play.tap("lena", "vote.open")
    assert in_the_room(play) == ["The question of anna"]
    play.press("anna", WithdrawCase(play.group.id, 2))
    assert in_the_room(play) == [], "nothing of it is left to list"


def test_what_is_taken_back_or_deleted_is_gone_from_the_room() -> None:
    play = answered()
    play.press("anna", WithdrawCase(play.group.id, 2))
    assert in_the_room(play) == ["The question of bo"]
    play.command("bo", "mine")
    play.fill("bo")
    play.fill("bo")
    assert in_the_room(play) == []
    assert "The question of" not in repr(play.group.drawers)


def test_whoever_leaves_takes_theirs_along() -> None:
    play = answered()
    gone = case_id(play, "anna")
    play.press("anna", LeaveGroup(play.group.id))
    play.fill("anna")
    assert in_the_room(play) == ["The question of bo"]
    assert gone not in repr(play.group.drawers.get("2/meeting"))


def test_somebody_else_in_the_room_does_not_see_them() -> None:
    for person in (SPONSOR, "stranger"):
        play = answered()
        play.comes(person)
        assert in_the_room(play) == []
        play.goes(person)
        assert len(in_the_room(play)) == 2
    play.room_is("shared")
    assert in_the_room(play) == []


def test_a_leader_asks_once_and_until_the_vote_opens() -> None:
    play = before(2)
    play.go("overview", 2)
    play.tap("lena", "titles.offer")
    for person in ("lena", "omar"):
        assert "titles.offer" not in play.buttons(person)
        play.press(person, OfferTitles(play.group.id, 2))
        assert play.told(person) == "unavailable"
    assert "titles.text" in keys(play.home("anna"))
    play.go("begin", 2)
    play.tap("lena", "skip.b")
    play.fill("lena")
    assert "titles/2" not in play.chat("")
    assert "titles.text" not in keys(play.home("anna"))
    assert "titles.offer" not in {key for one in ("lena", "omar") for key in play.buttons(one)}


def test_when_the_room_chooses_it_is_asked_no_more() -> None:
    play = offered("anna", "bo")
    play.tap("lena", "vote.room")
    play.fill("lena", who="anna")
    assert "titles/2" not in play.chat("")
    assert in_the_room(play) == []
    assert now(play).titles == "asked"


def test_another_room_asks_too() -> None:
    play = offered("anna", "bo")
    play.room_is("lost")
    play.shown = {key: card for key, card in play.shown.items() if key[1] != "titles/2"}
    corner = room("corner", "lena", "omar", *PEOPLE)
    play.command("lena", "here", corner)
    play.fill("lena", corner)
    assert play.told("lena") == "here.moved"
    assert "titles/2" in play.chat("")


def test_my_data_tell_that_i_have_answered_and_not_what() -> None:
    play = offered("anna", "bo")
    play.tap("cilla", "titles.no")
    play.command("cilla", "mine")
    assert "data.known.titles" in keys(play.form("cilla"))
    assert "titles.no" not in keys(play.form("cilla"))
