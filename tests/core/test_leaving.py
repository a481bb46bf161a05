"""Somebody leaves."""

import pytest

from bot.core.action import (
    BringCase,
    CheckIn,
    ChooseInRoom,
    LeaveGroup,
    Pulse,
    Reflect,
    TakeFurther,
)
from bot.core.model import to_document
from tests.core.play import SPONSOR, Play, keys, people
from tests.core.stages import begun, joined, now, started, voting

LEFT = "left/anna"


def leave(play: Play, person: str) -> Play:
    play.press(person, LeaveGroup(play.group.id))
    assert "leave.text" in keys(play.form(person))
    play.fill(person)
    assert play.told(person) == "left"
    return play


def written(play: Play, person: str) -> list[str]:
    """What lies in any drawer that a person wrote, or that is said of them."""
    return [
        text
        for items in play.group.drawers.values()
        for item, text in items.items()
        if person in item or person in text
    ]


def test_the_room_is_told_one_line_and_the_person_one() -> None:
    play = leave(started(), "anna")
    assert people(play.chat("")[LEFT]) == {"anna"}
    assert set(play.chat("anna")) == {"invite"}
    assert not play.buttons("anna")
    assert play.let_out == ("anna",)
    assert play.group.people[0] == "bo"


def test_the_sponsor_is_not_told_of_a_member() -> None:
    play = started()
    before = play.chat(SPONSOR), play.home(SPONSOR)
    leave(play, "anna")
    assert (play.chat(SPONSOR), play.home(SPONSOR)) == before


def test_what_they_wrote_is_gone_at_once() -> None:
    play = begun(2)
    play.submit("lena", ChooseInRoom(play.group.id, 2), who="anna")
    play.go("next_day", 2)
    play.submit("anna", TakeFurther(play.group.id, 2), words="anna takes this further")
    play.submit("anna", Reflect(play.group.id, 2), support="anna looks back", keep=True)
    play.submit("bo", Reflect(play.group.id, 2), support="something of bo", keep=True)
    play.submit("anna", CheckIn(play.group.id, 3), words="anna carries this", level="all")
    play.submit("anna", BringCase(play.group.id, 3), case="anna asks this")
    assert len(written(play, "anna")) == 5
    leave(play, "anna")
    assert written(play, "anna") == []
    assert written(play, "bo") == ["something of bo"]
    assert '"anna"' not in to_document(play.group).split('"meetings"')[1]
    assert set(play.chat("anna")) == {"invite"}


def test_in_the_middle_of_a_vote_their_ballot_is_gone_too() -> None:
    play = voting()
    play.tap("anna", "vote.b")
    play.fill("anna", cases=(now(play).cases[1].id,))
    play.press("anna", LeaveGroup(play.group.id))
    play.fill("anna")
    assert written(play, "anna") == []
    assert play.group.voted(2) == 0


def test_nothing_more_is_sent_to_them() -> None:
    play = leave(begun(2), "anna")
    left = play.chat("anna")
    while any(play.wanted.values()):
        play.next()
        assert play.chat("anna") == left


def test_they_can_do_nothing_more() -> None:
    play = leave(begun(2), "anna")
    for action in (
        CheckIn(play.group.id, 2),
        BringCase(play.group.id, 2),
        LeaveGroup(play.group.id),
        Reflect(play.group.id, 1),
        Pulse(play.group.id, 1),
    ):
        play.press("anna", action)
        assert play.told("anna") == "unavailable"
        play.submit("anna", action)
        assert play.told("anna") == "unavailable"
    assert "home.none" in keys(play.home("anna"))


def test_those_who_lead_see_it_in_what_they_have_before_them() -> None:
    play = started()
    play.go("overview", 1)
    assert "anna" in people(play.chat("lena")["overview/1"])
    leave(play, "anna")
    assert "anna" not in people(play.chat("lena")["overview/1"])


def test_a_leader_who_leaves_is_replaced_by_the_sponsor() -> None:
    play = leave(begun(2), "omar")
    assert set(play.chat("omar")) == {"invite"}
    assert people(play.chat(SPONSOR)["leader/omar"]) == {"omar"}
    assert "guide/2" in play.chat("lena")
    play.tap("lena", "guide.next")
    assert "guide/2" not in play.chat("omar")


def test_a_group_that_nobody_leads_ends_its_meetings_all_the_same() -> None:
    play = leave(leave(begun(2), "omar"), "lena")
    play.go("announce", 3)
    assert "nobody.yet" in play.keys("", "meeting/3")
    play.go("remind", 3)
    assert "remind/3" in play.chat("anna")
    while any(play.wanted.values()):
        play.next()
    assert play.group.status == "closed"


def test_a_group_that_everybody_has_left_comes_to_its_end() -> None:
    play = begun(2)
    for person in play.group.people:
        leave(play, person)
    play.go("overview", 3)
    assert "overview/3" in play.chat("lena")
    while any(play.wanted.values()):
        play.next()
    assert play.group.status == "closed"


def test_after_the_last_meeting_one_may_still_leave() -> None:
    play = started()
    play.go("finish", 10)
    leave(play, "anna")
    assert "reflect/10" not in play.chat("anna")


@pytest.mark.parametrize("person", [SPONSOR, "kim", "stranger"])
def test_only_those_who_take_part_leave(person: str) -> None:
    play = started()
    for send in (play.press, play.submit):
        send(person, LeaveGroup(play.group.id))
        assert play.told(person) == "unavailable"


def test_before_the_start_one_says_no_instead() -> None:
    play = joined(4)
    play.press("anna", LeaveGroup(play.group.id))
    assert play.told("anna") == "unavailable"
    play.submit("lena", LeaveGroup(play.group.id))
    assert play.told("lena") == "unavailable"


def test_before_anything_has_been_said_of_the_meeting_early_answers_go_too() -> None:
    play = started()
    play.submit("anna", CheckIn(play.group.id, 1), words="anna is early", level="me")
    assert "checkin/1" in play.chat("anna")
    leave(play, "anna")
    assert "checkin/1" not in play.chat("anna")
