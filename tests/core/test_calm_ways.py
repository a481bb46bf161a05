"""When there is little or nothing to choose from, those who lead have a calm way on."""

from bot.core import action as a
from tests.core.play import POOL
from tests.core.stages import begun, now, to_step, vote, voting, with_cases

MEMBERS = POOL[:8]


def test_with_no_question_one_can_be_added_or_chosen_in_the_room() -> None:
    play = begun(2)
    to_step(play, "vote")
    assert {"vote.no_cases", "add.b", "vote.room", "guide.next"} <= play.keys("lena", "guide/2")
    play.tap("lena", "vote.room")
    play.fill("lena", who="anna")
    assert now(play).owner == "anna"


def test_one_question_is_taken_up_without_a_vote() -> None:
    play = with_cases(2, "anna")
    assert "vote.one" in play.keys("lena", "guide/2")
    play.tap("lena", "vote.one")
    assert now(play).owner == "anna"


def test_when_the_author_leaves_during_the_vote_another_is_chosen() -> None:
    play = voting(2, "anna", "bo")
    for person in MEMBERS[1:]:
        vote(play, person, "anna", "bo") if person == "bo" else vote(play, person, "anna")
    play.submit("anna", a.LeaveGroup(play.group.id))
    assert now(play).owner == "bo", "whoever is left with a vote"


def test_when_the_only_author_leaves_during_the_vote_the_room_chooses() -> None:
    play = voting(2, "anna", "bo")
    for person in ("anna", "bo"):
        play.submit(person, a.LeaveGroup(play.group.id))
    play.go("close", 2)
    assert not now(play).owner
    assert {"vote.none", "vote.room", "guide.next"} <= play.keys("lena", "guide/2")


def test_when_all_say_not_today_the_room_chooses() -> None:
    play = with_cases(2, "anna", "bo")
    for person in ("anna", "bo"):
        play.tap(person, "case.today.no")
    play.tap("lena", "vote.open")
    for person in MEMBERS:
        vote(play, person, "anna")
    assert not now(play).owner
    assert {"vote.none", "vote.room", "guide.next"} <= play.keys("lena", "guide/2")
    play.tap("omar", "guide.next")
    assert "vote.none" not in play.keys("omar", "guide/2")


def test_who_joins_during_a_vote_is_not_on_its_roll() -> None:
    play = voting(2, "anna", "bo")
    play.press("lena", a.ProposeJoin(play.group.id))
    play.fill("lena", newcomer=("per",))
    for person in MEMBERS:
        play.tap(person, "newcomer.yes")
    play.tap("per", "invite.yes")
    ballot = now(play).ballot
    assert ballot is not None
    assert "per" not in ballot.roll
    play.press("per", a.CastVote(play.group.id, 2))
    assert play.told("per") == "unavailable"
    for person in MEMBERS:
        vote(play, person, "anna")
    assert now(play).owner == "anna", "the vote waits for nobody else"
