"""The vote, when it closes: the winner and the lots, and nothing else."""

import hashlib
from dataclasses import replace

from bot.core.action import AddCase, CastVote, ChooseInRoom, LeaveGroup
from bot.core.card import T
from bot.core.model import to_document
from bot.core.turns import lots
from tests.core.laws import inside
from tests.core.play import POOL, SPONSOR, Play, keys, people
from tests.core.stages import case_id, now, to_step, vote, voting, with_cases


def leave(play: Play, person: str) -> None:
    play.press(person, LeaveGroup(play.group.id))
    play.fill(person)


def test_the_last_vote_closes_it() -> None:
    play = voting()
    for person in POOL[:8]:
        vote(play, person, "bo")
    assert play.told("hans") == "vote.in.last"
    assert people(play.chat("")["vote/2"]) >= {"bo"}
    assert now(play).owner == "bo"
    assert not [one for one in play.wanted[play.group.id] if one.kind == "close"]


def test_it_closes_by_time_and_the_most_approved_wins() -> None:
    play = voting()
    vote(play, "dag", "anna", "cilla")
    vote(play, "elin", "cilla", "bo")
    vote(play, "fia", "cilla")
    play.go("close", 2)
    assert now(play).owner == "cilla"
    assert now(play).chosen == case_id(play, "cilla")
    ballot = now(play).ballot
    assert ballot
    assert ballot.closed_at == ballot.closes_at


def test_without_a_vote_nothing_is_chosen_and_the_room_may_still_choose() -> None:
    play = voting()
    play.go("close", 2)
    assert "vote.none" in play.keys("", "vote/2")
    assert "vote.none" in play.keys("lena", "guide/2")
    play.tap("lena", "vote.room")
    play.fill("lena", who="anna")
    assert now(play).owner == "anna"


def test_not_today_is_passed_over_even_with_most_votes() -> None:
    play = with_cases()
    play.tap("anna", "case.today.no")
    play.tap("bo", "case.today.yes")
    play.tap("lena", "vote.open")
    vote(play, "dag", "anna")
    vote(play, "elin", "anna")
    vote(play, "fia", "bo")
    play.go("close", 2)
    assert now(play).owner == "bo"


def test_if_all_would_rather_wait_nothing_is_chosen() -> None:
    play = with_cases()
    for author in POOL[:3]:
        play.tap(author, "case.today.no")
    play.tap("lena", "vote.open")
    vote(play, "dag", "anna", "bo", "cilla")
    play.go("close", 2)
    assert now(play).owner == ""
    assert not now(play).chosen


def test_equal_votes_go_to_whoever_has_waited_longest() -> None:
    play = voting(2, "anna", "bo")
    vote(play, "dag", "anna")
    play.go("finish", 2)
    assert play.group.meetings[1].owner == "anna"
    play.go("begin", 3)
    to_step(play, "vote")
    for author in ("anna", "bo"):
        play.submit("lena", AddCase(play.group.id, 3), who=author)
    play.tap("lena", "vote.open")
    vote(play, "dag", "anna", "bo")
    play.go("close", 3)
    assert now(play).owner == "bo"


def test_otherwise_to_lots_that_were_sealed_and_are_shown() -> None:
    play = voting()
    ballot = now(play).ballot
    assert ballot
    seed = play.group.item("2/vote", "seed")
    assert seed not in to_document(play.group)
    sealed = seal(play)
    by = {case.id: case.by for case in now(play).cases}
    drawn = tuple(by[id] for id in lots(seed, ballot.cases))
    vote(play, "dag", "anna", "bo", "cilla")
    play.go("close", 2)
    closed = now(play).ballot
    assert closed
    assert (now(play).owner, closed.draw) == (drawn[0], drawn)
    assert "vote.lots" in play.keys("", "vote/2")
    assert opens(play, sealed) == drawn


def seal(play: Play) -> str:
    """What somebody in the room may note while the vote is open."""
    (shown,) = [one for one in inside(play.chat("")["vote/2"], T) if one.key == "vote.sealed"]
    return str(shown.values["seal"])


def opens(play: Play, sealed: str) -> tuple[str, ...]:
    """Whose questions the lots are in, by hand from what the room reads after the vote."""
    (shown,) = [one for one in inside(play.chat("")["vote/2"], T) if one.key == "vote.check"]
    text = str(shown.values["draw"])
    assert shown.values["seal"] == sealed
    assert len(sealed) == 32
    assert hashlib.sha256(text.encode()).hexdigest().startswith(sealed)
    *numbers, _ = text.split("-")
    return tuple(POOL[int(number) - 1] for number in numbers)


def test_the_lots_show_all_and_nobody_who_would_rather_wait() -> None:
    plays = with_cases(), with_cases()
    plays[0].tap("anna", "case.today.no")
    plays[1].tap("anna", "case.today.yes")
    for play in plays:
        play.tap("lena", "vote.open")
        sealed = seal(play)
        vote(play, "dag", "bo")
        play.go("close", 2)
        assert sorted(opens(play, sealed)) == ["anna", "bo", "cilla"]
    assert plays[0].chat("")["vote/2"] == plays[1].chat("")["vote/2"]


def test_what_was_sealed_is_laid_open_even_if_only_one_question_is_left() -> None:
    play = voting(2, "anna", "bo")
    sealed = seal(play)
    leave(play, "anna")
    play.go("close", 2)
    assert opens(play, sealed)
    assert people(play.chat("")["vote/2"]) == {"bo"}
    leave(play, "bo")
    play = voting(2, "anna", "bo")
    sealed = seal(play)
    leave(play, "anna")
    leave(play, "bo")
    play.go("close", 2)
    assert opens(play, sealed)
    assert not people(play.chat("")["vote/2"])


def test_a_draw_that_was_sealed_otherwise_is_not_said_to_be_what_the_seal_was_of() -> None:
    play = voting()
    ballot = now(play).ballot
    assert ballot
    older = replace(ballot, commitment=hashlib.sha256(b"the seed alone").hexdigest())
    play.groups[play.group.id] = play.group.with_meeting(replace(now(play), ballot=older))
    play.go("close", 2)
    assert "vote.lots" in play.keys("", "vote/2")
    assert "vote.check" not in play.keys("", "vote/2")


def test_after_the_close_nothing_tells_one_set_of_ballots_from_another() -> None:
    plays = voting(), voting()
    for play, ballots in zip(
        plays,
        ({"dag": "anna", "elin": "anna"}, {"fia": "anna", "anna": "anna"}),
        strict=True,
    ):
        for voter, author in ballots.items():
            vote(play, voter, author)
        assert "2/vote" in play.group.drawers
        play.go("close", 2)
    one, other = plays
    assert to_document(one.group) == to_document(other.group)
    assert one.group.drawers == other.group.drawers
    assert "2/vote" not in one.group.drawers
    assert one.shown == other.shown


def test_we_chose_in_the_room_always_works() -> None:
    play = with_cases()
    play.tap("lena", "vote.room")
    play.fill("lena", who="gun")
    assert play.told("lena") == "vote.closed"
    assert (now(play).owner, now(play).chosen, now(play).ballot) == ("gun", "", None)
    play.tap("omar", "vote.room")
    play.fill("omar", who="anna")
    assert (now(play).owner, now(play).chosen) == ("anna", case_id(play, "anna"))
    assert not any("today/2" in play.chat(person) for person in POOL)


def test_we_chose_in_the_room_ends_an_open_vote_without_a_count() -> None:
    play = voting()
    vote(play, "dag", "anna")
    play.tap("lena", "vote.room")
    play.fill("lena", who="bo")
    assert now(play).owner == "bo"
    assert "2/vote" not in play.group.drawers
    play.press("elin", CastVote(play.group.id, 2))
    assert play.told("elin") == "unavailable"
    assert "vote.lots" in play.keys("", "vote/2"), "laid open, whether they were needed or not"
    assert not [one for one in play.wanted[play.group.id] if one.kind == "close"]


def test_only_those_who_lead_say_what_the_room_chose_and_for_somebody_there() -> None:
    play = with_cases()
    choose = ChooseInRoom(play.group.id, 2)
    for person in ("anna", SPONSOR, "stranger"):
        play.press(person, choose)
        assert play.told(person) == "unavailable"
        play.submit(person, choose, who="anna")
        assert play.told(person) == "unavailable"
    for who in ("kim", "lena", "", ("anna", "bo")):
        play.submit("lena", choose, who=who)
        assert play.errors("lena") == {"who": "error.choose"}
    play.tap("lena", "guide.next")
    play.tap("lena", "end.b")
    play.submit("lena", choose, who="anna")
    assert play.told("lena") == "unavailable"


def test_what_the_winner_of_an_open_vote_brought_goes_when_they_leave() -> None:
    play = voting()
    for person in ("dag", "elin"):
        vote(play, person, "anna")
    vote(play, "fia", "bo")
    leave(play, "anna")
    play.go("close", 2)
    assert now(play).owner == "bo"
    assert "anna" not in people([play.chat("")["vote/2"], play.chat("lena")["guide/2"]])


def test_a_vote_that_waited_only_for_one_who_leaves_is_closed() -> None:
    play = voting()
    for person in POOL[:7]:
        vote(play, person, "bo")
    leave(play, "hans")
    assert now(play).owner == "bo"
    assert people(play.chat("")["vote/2"]) >= {"bo"}


def test_a_vote_goes_on_without_the_ballot_of_one_who_leaves() -> None:
    play = voting()
    vote(play, "hans", "anna")
    vote(play, "dag", "bo")
    leave(play, "hans")
    assert play.group.voted(2) == 1
    for person in ("anna", "bo", "cilla", "elin", "fia"):
        vote(play, person, "bo")
    assert now(play).owner == ""
    vote(play, "gun", "bo")
    assert play.told("gun") == "vote.in.last"


def test_a_result_is_taken_back_when_its_owner_leaves() -> None:
    play = voting()
    vote(play, "dag", "anna")
    play.go("close", 2)
    leave(play, "anna")
    assert (now(play).owner, now(play).chosen) == ("", "")
    assert "vote.result" not in play.keys("", "vote/2")
    assert "vote.result" not in play.keys("lena", "guide/2")


def test_a_winner_who_leaves_leaves_no_trace_and_the_room_chooses_anew() -> None:
    play = voting()
    vote(play, "dag", "anna")
    play.go("close", 2)
    leave(play, "anna")
    assert play.told("anna") == "left"
    assert "vote.none" in play.keys("", "vote/2"), "one calm line, without a name"
    assert "anna" not in people([play.chat("")["vote/2"], *play.chat("lena").values()])
    assert '"anna"' not in to_document(play.group).split('"meetings"')[1]
    play.tap("lena", "vote.room")
    play.fill("lena", who="bo")
    assert (now(play).owner, now(play).chosen) == ("bo", case_id(play, "bo"))
    play.go("next_day", 2)
    assert "further/2" in play.chat("bo")
    assert set(play.chat("anna")) == {"invite"}


def test_a_winner_who_leaves_after_the_meeting_owns_nothing_more() -> None:
    play = voting()
    vote(play, "dag", "anna")
    play.go("close", 2)
    play.go("next_day", 2)
    leave(play, "anna")
    assert play.group.meetings[1].owner == ""
    play.go("checkin", 3)
    assert not [one for one in play.group.people if "last_owner" in play.keys(one, "checkin/3")]
    play.go("finish", 3)
    assert set(play.chat("anna")) == {"invite"}


def test_a_step_may_be_passed_with_an_open_ballot() -> None:
    play = voting()
    vote(play, "dag", "anna")
    play.tap("lena", "guide.next")
    assert "vote.b" in play.buttons("")
    play.go("close", 2)
    assert now(play).owner == "anna"
    assert "guide.owner_is" in play.keys("lena", "guide/2")


def test_a_meeting_that_ends_with_an_open_ballot_ends_it_uncounted() -> None:
    play = voting()
    sealed = seal(play)
    vote(play, "dag", "anna")
    play.tap("lena", "end.b")
    assert play.group.meetings[1].owner == ""
    assert opens(play, sealed), "and the lots are laid open, as at a close"
    assert not {"vote.b", "vote.result", "vote.none"} & play.keys("", "vote/2")
    assert "2/vote" not in play.group.drawers
    assert "vote.b" not in keys(play.home("dag"))


def test_a_result_stands_in_the_room_until_the_texts_are_destroyed() -> None:
    play = voting()
    vote(play, "dag", "anna")
    play.go("close", 2)
    ballot = now(play).ballot
    play.go("finish", 2)
    assert play.group.meetings[1].ballot == ballot
    assert "vote.result" in play.keys("", "vote/2")
    play.go("shred", 2)
    assert "vote/2" not in play.chat("")
