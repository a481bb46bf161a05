"""A drawer opens no more: those who lead are told once, and the group goes on."""

from bot.core.action import BringCase, CastVote, CloseGroup, OpenVote
from bot.core.effect import Room
from tests.core.play import Play
from tests.core.stages import begun, started, voting, with_cases


def told(play: Play, number: int = 2) -> set[str]:
    """What those who lead are told; both are told the same, and nobody else anything."""
    cards = {one: play.chat(one).get(f"lost/{number}") for one in ("lena", "omar")}
    assert cards["lena"] == cards["omar"]
    assert f"lost/{number}" not in play.chat("anna")
    return play.keys("lena", f"lost/{number}") if cards["lena"] else set()


def test_a_lost_drawer_is_told_and_can_be_filled_again() -> None:
    play = with_cases(2, "anna")
    play.loses("2/meeting")
    assert told(play) >= {"lost.text"}
    assert play.group.lost == ("2/meeting",)
    play.submit("anna", BringCase(play.group.id, 2), case="Once more, what I brought")
    (case,) = play.group.meetings[1].cases
    assert play.group.item("2/meeting", f"case/{case.id}") == "Once more, what I brought"


def test_it_is_told_once() -> None:
    play = with_cases(2, "anna")
    play.loses("2/meeting")
    before = dict(play.shown)
    play.loses("2/meeting")
    assert play.shown == before
    play.loses("2/meeting", "2/mine")
    assert play.group.lost == ("2/meeting", "2/mine")


def test_lost_ballots_end_the_vote_which_can_be_opened_again() -> None:
    play = voting()
    play.submit("anna", CastVote(play.group.id, 2), cases=(play.group.meetings[1].cases[0].id,))
    play.loses("2/vote")
    assert "lost.vote" in told(play)
    assert "lost.text" not in told(play)
    assert play.group.meetings[1].ballot is None
    assert (Room(play.group.id), "vote/2") not in play.shown
    assert not any(one.kind == "close" for one in play.wanted[play.group.id])
    play.press("anna", CastVote(play.group.id, 2))
    assert play.told("anna") == "unavailable"
    play.press("lena", OpenVote(play.group.id, 2))
    assert play.told("lena") == "vote.opened"
    assert play.group.voted(2) == 0


def test_two_drawers_of_a_meeting_are_one_card() -> None:
    play = voting()
    play.loses("2/vote", "2/meeting")
    assert told(play) >= {"lost.vote", "lost.text"}


def test_the_answers_before_a_vote_are_told_like_any_text() -> None:
    play = begun(2)
    play.loses("2/vote")
    assert "lost.text" in told(play)


def test_the_card_goes_with_the_texts() -> None:
    play = with_cases(2, "anna")
    play.loses("2/meeting")
    play.go("shred", 2)
    assert told(play) == set()


def test_after_the_end_nobody_is_told() -> None:
    play = started()
    play.press("eva", CloseGroup(play.group.id))
    play.fill("eva")
    assert play.group.status == "closed"
    play.loses("1/meeting")
    assert told(play, 1) == set()
    assert play.group.lost == ("1/meeting",)
