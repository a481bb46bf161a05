"""The vote, while it is open."""

import pytest

from bot.core.action import AddCase, Attend, CastVote, CloseVote, OpenVote, Today
from bot.core.ballot import OPEN_FOR
from bot.core.card import Option, T, When
from tests.core.play import POOL, SPONSOR, Play, inside, keys, people
from tests.core.stages import before, begun, case_id, now, to_step, vote, voting, with_cases


def progress(play: Play) -> tuple[object, object]:
    """How many of how many, as the room sees it."""
    found = [one.values for one in inside(play.chat("")["vote/2"], T) if one.key == "vote.progress"]
    return found[0]["n"], found[0]["m"]


def test_without_a_question_there_is_no_vote() -> None:
    play = begun(2)
    to_step(play, "vote")
    assert "vote.open" not in play.buttons("lena")
    assert "vote.one" not in play.buttons("lena")
    play.press("lena", OpenVote(play.group.id, 2))
    assert play.told("lena") == "vote.no_cases"


def test_a_single_question_needs_no_vote() -> None:
    play = with_cases(2, "anna")
    assert "vote.open" not in play.buttons("lena")
    play.tap("lena", "vote.one")
    assert play.told("lena") == "vote.one.done"
    assert now(play).owner == "anna"
    assert people(play.chat("")["vote/2"]) == {"anna"}
    assert "today/2" not in play.chat("anna")


def test_a_single_question_that_is_not_for_today_is_passed_over() -> None:
    play = with_cases(2, "anna")
    play.tap("anna", "case.today.no")
    play.tap("lena", "vote.one")
    assert play.told("lena") == "vote.none"
    assert now(play).owner == ""
    assert not people(play.chat("")["vote/2"])


def test_an_open_vote_shows_until_when_and_how_many_and_not_what() -> None:
    play = voting()
    card = play.chat("")["vote/2"]
    assert next(inside(card, When)).at == play.now + OPEN_FOR
    assert not people(card)
    assert progress(play) == (0, 8)
    vote(play, "dag", "anna")
    assert play.told("dag") == "vote.in"
    assert progress(play) == (1, 8)
    assert not people(play.chat("")["vote/2"])
    assert "vote.progress" in play.keys("lena", "guide/2")


def test_the_ballot_names_every_question_with_its_author() -> None:
    play = with_cases(2, "anna", "bo")
    play.submit("lena", AddCase(play.group.id, 2), who="cilla")
    play.tap("lena", "vote.open")
    play.tap("dag", "vote.b")
    labels = [one.label for one in inside(play.form("dag"), Option)]
    assert [one.key for one in labels] == ["vote.option", "vote.option", "vote.option.room"]
    assert [people(one) for one in labels] == [{"anna"}, {"bo"}, {"cilla"}]
    assert play.reads("dag") == ["The question of anna", "The question of bo"]
    assert {"vote.honest", "vote.more", "vote.tie"} < keys(play.form("dag"))


def test_a_later_vote_replaces_the_earlier() -> None:
    play = voting()
    vote(play, "dag", "anna", "bo")
    vote(play, "dag", "cilla")
    assert progress(play) == (1, 8)
    play.go("close", 2)
    assert now(play).owner == "cilla"


def test_a_vote_is_for_something() -> None:
    play = voting()
    for cases in ((), "", ("unknown",), True):
        play.submit("dag", CastVote(play.group.id, 2), cases=cases)
        assert play.errors("dag") == {"cases": "error.vote"}
    play.submit("dag", CastVote(play.group.id, 2))
    assert play.errors("dag") == {"cases": "error.vote"}
    assert progress(play) == (0, 8)


@pytest.mark.parametrize("person", ["lena", "omar", SPONSOR, "kim", "stranger"])
def test_whoever_is_not_on_the_roll_cannot_vote(person: str) -> None:
    play = voting()
    play.press(person, CastVote(play.group.id, 2))
    assert play.told(person) == "unavailable"
    play.submit(person, CastVote(play.group.id, 2), cases=(case_id(play, "anna"),))
    assert play.told(person) == "unavailable"
    assert progress(play) == (0, 8)


def test_whoever_cannot_come_is_not_on_the_roll_unless_they_say_otherwise_in_time() -> None:
    play = before(2)
    play.go("announce", 2)
    play.tap("hans", "card.no")
    play.tap("gun", "card.no")
    for author in ("anna", "bo"):
        play.tap(author, "case.open")
        play.fill(author, case=f"Something of {author}")
    play.go("begin", 2)
    play.press("gun", Attend(play.group.id, 2, "late"))
    to_step(play, "vote")
    play.tap("lena", "vote.open")
    assert progress(play) == (0, 7)
    play.press("hans", Attend(play.group.id, 2, "yes"))
    play.press("hans", CastVote(play.group.id, 2))
    assert play.told("hans") == "unavailable", "the roll is fixed at the opening"
    vote(play, "gun", "anna")


def test_a_vote_is_opened_once_and_by_those_who_lead() -> None:
    play = with_cases()
    for person in ("anna", SPONSOR, "stranger"):
        play.press(person, OpenVote(play.group.id, 2))
        assert play.told(person) == "unavailable"
    play.tap("lena", "vote.open")
    play.press("omar", OpenVote(play.group.id, 2))
    assert play.told("omar") == "unavailable"


def test_a_vote_can_be_cast_from_the_home_too() -> None:
    play = voting()
    assert "vote.b" in keys(play.home("dag"))
    assert "vote.b" not in keys(play.home("lena"))
    play.go("close", 2)
    assert "vote.b" not in keys(play.home("dag"))


def test_a_vote_that_comes_too_late_is_refused() -> None:
    play = voting()
    play.tap("dag", "vote.b")
    action, choice = play.form("dag").action, (case_id(play, "anna"),)
    play.now += OPEN_FOR  # the clock has not come by yet
    play.submit("dag", action, cases=choice)
    assert play.told("dag") == "unavailable"
    play.next()
    play.submit("dag", action, cases=choice)
    assert play.told("dag") == "unavailable"
    assert now(play).owner == ""


def test_from_half_of_the_roll_it_can_be_closed_by_hand() -> None:
    play = voting()
    close = CloseVote(play.group.id, 2)
    for person in POOL[:3]:
        vote(play, person, "bo")
    assert "vote.close" not in play.buttons("lena")
    play.press("lena", close)
    assert play.told("lena") == "vote.half"
    vote(play, "dag", "bo")
    play.press("anna", close)
    assert play.told("anna") == "unavailable"
    play.tap("lena", "vote.close")
    assert play.told("lena") == "vote.closed"
    assert now(play).owner == "bo"
    play.press("omar", close)
    assert play.told("omar") == "unavailable"


def test_not_today_is_answered_by_those_who_have_a_question() -> None:
    play = with_cases()
    for person in ("dag", "lena", SPONSOR, "stranger"):
        play.press(person, Today(play.group.id, 2, False))
        assert play.told(person) == "unavailable"
    assert "case.today" in keys(play.home("bo"))
    assert "case.today" not in keys(play.home("dag"))
    shown = play.chat("lena"), play.chat(""), play.home("dag")
    play.tap("bo", "case.today.no")
    assert (play.chat("lena"), play.chat(""), play.home("dag")) == shown, "nobody sees it"
