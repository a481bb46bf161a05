"""The group's room and the ways to its people: who can look on, and what did not arrive."""

from dataclasses import replace

import pytest

from bot.core.action import Attend, BringCase, CheckIn, ComeBack, SendAgain, StartHere, TakeOut
from bot.core.decision import Greeting
from bot.core.effect import Person, Room
from bot.core.event import ButtonPressed, Identity, Installed
from tests.core.play import POOL, SPONSOR, Play, inside, keys, people, person_place, room
from tests.core.stages import joined, opened, started

CIRCLE = ("lena", "omar", *POOL[:8])
BRING, CHECK_IN = BringCase, CheckIn


def note(play: Play, person: str = "lena") -> set[str]:
    """What a leader's card about the room says."""
    return play.keys(person, "room") if "room" in play.chat(person) else set()


def installed(play: Play, person: str, place: object) -> object:
    return play._deed(person, Installed("", Identity("playground", "t1", person), place))  # type: ignore[arg-type]


# --- Krets comes into a place -------------------------------------------------------------------


def test_a_room_is_greeted_and_told_what_krets_cannot_read() -> None:
    reply = installed(started(), "lena", room("corner", *CIRCLE))
    assert isinstance(reply, Greeting)
    assert keys(reply.card) >= {"hello", "hello.text", "hello.here"}


def test_a_group_s_own_room_is_not_greeted() -> None:
    play = started()
    assert not isinstance(installed(play, "lena", play.rooms[play.group.id]), Greeting)


def test_a_chat_shows_the_home() -> None:
    play = started()
    reply = installed(play, "anna", person_place("anna"))
    assert reply == play._deed(
        "anna", Installed("", Identity("playground", "t1", "anna"), person_place("anna"))
    )
    assert "home.next" in keys(reply)


# --- who is in the room -------------------------------------------------------------------------


def test_those_of_the_group_come_and_nobody_is_told() -> None:
    play = started()
    for one in CIRCLE:
        play.comes(one)
    assert note(play) == set()
    assert play.group.visitors == ()


def test_somebody_else_in_the_room_is_told_to_those_who_lead_alone() -> None:
    play = started()
    play.comes("stranger")
    for leader in ("lena", "omar"):
        assert "room.visitor" in note(play, leader)
        assert people(play.chat(leader)["room"]) == {"stranger"}
    assert "room" not in play.chat("anna")
    assert "room.visitor" in keys(play.home("lena"))
    play.press("anna", CHECK_IN(play.group.id, 1))
    assert play.told("anna") == "OpenForm", "a colleague who looks in stops nothing"
    play.goes("stranger")
    assert note(play) == set()


def test_a_visitor_is_taken_out_by_whoever_leads() -> None:
    play = started()
    play.comes("stranger")
    play.press("anna", TakeOut(play.group.id, "stranger"))
    assert play.told("anna") == "unavailable"
    play.tap("lena", "room.out")
    assert (play.told("lena"), play.let_out) == ("room.out.done", ("stranger",))
    assert note(play) == note(play, "omar") == set()
    play.press("lena", TakeOut(play.group.id, "anna"))
    assert play.told("lena") == "unavailable", "nobody of the group is put out of it so"


def test_private_steps_rest_while_a_sponsor_can_look_on() -> None:
    play = started()
    play.go("question", 2)
    play.comes(SPONSOR)
    assert "room.sponsor" in note(play)
    for action in (BRING(play.group.id, 2), CHECK_IN(play.group.id, 2)):
        play.press("anna", action)
        assert play.told("anna") == "room.rests"
        play.press(SPONSOR, action)
        assert play.told(SPONSOR) == "unavailable", "the sponsor learns nothing of it"
    play.tap("anna", "card.yes")
    assert play.group.meetings[1].attendance == {"anna": "yes"}, "what is not private goes on"
    play.goes(SPONSOR)
    play.press("anna", BRING(play.group.id, 2))
    assert play.told("anna") == "OpenForm"


def test_nobody_is_invited_to_a_private_step_that_rests() -> None:
    play = started()
    play.go("announce", 2)
    play.comes(SPONSOR)
    play.go("checkin", 2)
    assert "question/2" not in play.chat("")
    assert "checkin/2" not in play.chat("anna")


def test_whoever_goes_out_of_the_room_is_asked_whether_they_leave_the_group() -> None:
    play = started()
    play.goes("anna")
    assert "outside" in play.keys("anna", "outside")
    assert set(play.buttons("anna")) >= {"outside.back", "leave"}
    assert "outside" in keys(play.home("anna"))
    assert note(play) == set(), "it is theirs to say"
    play.tap("anna", "outside.back")
    assert (play.told("anna"), play.let_in) == ("outside.done", ("anna",))
    assert "outside" not in play.chat("anna")
    play.press("anna", ComeBack(play.group.id))
    assert play.told("anna") == "unavailable"


def test_whoever_comes_back_by_themselves_is_asked_no_more() -> None:
    play = started()
    play.goes("anna")
    play.comes("anna")
    assert "outside" not in play.chat("anna")


def test_one_comes_back_while_another_stays_outside() -> None:
    play = started()
    for person in ("anna", "bo"):
        play.goes(person)
    play.comes("anna")
    assert "outside" not in play.chat("anna")
    assert "outside" in play.chat("bo")


def test_whoever_leaves_the_group_is_nobody_outside() -> None:
    play = started()
    play.goes("anna")
    play.unreachable("anna")
    play.tap("anna", "leave")
    play.fill("anna")
    assert "outside" not in play.chat("anna")
    assert (play.group.outside, play.group.unreached) == ((), ())
    play.goes("anna")
    assert "outside" not in play.chat("anna")


def test_a_look_at_the_room_finds_what_nobody_told() -> None:
    play = started()
    play.look(*CIRCLE[1:], SPONSOR, "stranger")
    assert people(play.chat("lena")["room"]) == {SPONSOR, "stranger"}
    assert "outside" in play.chat("lena")
    play.look(*CIRCLE)
    assert "room" not in play.chat("lena")
    assert "outside" not in play.chat("lena")


def test_nothing_is_said_of_a_room_before_the_start() -> None:
    play = joined(4)
    play.rooms[play.group.id] = room("corner")
    play.comes("stranger")
    play.unsure("")
    assert note(play) == set()


# --- the room itself ----------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["archived", "seen", "not reached"])
def test_a_room_that_is_lost_is_told_to_those_who_lead(how: str) -> None:
    play = started()
    play.comes("stranger")
    match how:
        case "archived":
            play.room_is("lost")
        case "seen":
            play.look(how="lost")
        case _:
            play.unreachable("")
    assert note(play) >= {"room.lost", "room.again"}
    assert "room.visitor" not in note(play)
    play.press("anna", CHECK_IN(play.group.id, 1))
    assert play.told("anna") == "OpenForm", "nobody looks on, so all goes on in private"
    play.room_is("ok")
    assert note(play) == set()
    assert play.shown_again == (Room(play.group.id),)


def test_a_room_shared_with_others_lets_private_steps_rest() -> None:
    play = started()
    play.room_is("shared")
    assert "room.shared" in note(play)
    play.press("anna", CHECK_IN(play.group.id, 1))
    assert play.told("anna") == "room.rests"
    play.room_is("ok")
    play.press("anna", CHECK_IN(play.group.id, 1))
    assert play.told("anna") == "OpenForm"


def test_the_group_goes_on_in_another_room_when_its_own_is_lost() -> None:
    play = started()
    corner = room("corner", *CIRCLE, "stranger")
    play.command("lena", "here", corner)
    assert play.told("lena") == "Home", "a room that is as it should be is kept"
    play.press("lena", StartHere(play.group.id, "corner"), corner)
    assert play.told("lena") == "unavailable"
    play.submit("lena", StartHere(play.group.id, "corner"), corner)
    assert play.told("lena") == "unavailable"
    play.room_is("lost")
    play.command("lena", "here", corner)
    assert play.form("lena").submit is not None
    play.fill("lena", corner)
    assert play.told("lena") == "here.moved"
    assert play.rooms[play.group.id] == corner
    assert note(play) >= {"room.visitor"}, "who else is there is told"
    assert "room.lost" not in note(play)


def test_the_open_vote_and_the_question_are_shown_in_the_new_room() -> None:
    play = started()
    play.go("question", 2)
    play.room_is("lost")
    play.shown = {key: card for key, card in play.shown.items() if not isinstance(key[0], Room)}
    play.submit("lena", StartHere(play.group.id, "corner"), room("corner", *CIRCLE))
    assert set(play.chat("")) == {"meeting/2", "question/2"}
    for one in ("anna", "bo"):
        play.press(one, BRING(play.group.id, 2))
        play.fill(one, case="what weighs on me just now")
    play.go("begin", 2)
    while "vote.open" not in play.buttons("lena"):
        play.tap("lena", "guide.next")
    play.tap("lena", "vote.open")
    play.room_is("lost")
    play.shown = {key: card for key, card in play.shown.items() if not isinstance(key[0], Room)}
    play.submit("lena", StartHere(play.group.id, "other"), room("other", *CIRCLE))
    assert "vote/2" in play.chat("")


def test_after_the_last_meeting_there_is_nothing_to_show_anew() -> None:
    play = started()
    play.go("finish", 10)
    play.room_is("lost")
    play.shown = {key: card for key, card in play.shown.items() if not isinstance(key[0], Room)}
    play.submit("lena", StartHere(play.group.id, "corner"), room("corner", *CIRCLE))
    assert play.told("lena") == "here.moved"
    assert not play.chat("")


@pytest.mark.parametrize(
    ("there", "said"),
    [((), "here.unseen"), ((*CIRCLE, SPONSOR), "here.sponsor"), (CIRCLE[1:], "here.missing")],
)
def test_a_room_that_does_not_fit_says_why(there: tuple[str, ...], said: str) -> None:
    play = started()
    play.room_is("shared")
    play.submit("lena", StartHere(play.group.id, "corner"), room("corner", *there))
    assert play.told("lena") == said
    play.submit("lena", StartHere(play.group.id, "elsewhere"), room("corner", *CIRCLE))
    assert play.told("lena") == "unavailable"


def test_whoever_else_is_where_a_group_starts_is_told() -> None:
    play = joined(4)
    play.tap("lena", "gather.show")
    corner = room("corner", *CIRCLE, "stranger")
    play.submit("lena", StartHere(play.group.id, "corner"), corner)
    assert play.told("lena") == "start.done"
    assert people(play.chat("lena")["room"]) >= {"stranger"}


# --- what did not arrive ------------------------------------------------------------------------


def test_a_member_who_cannot_be_reached_is_named_to_those_who_lead_until_they_act() -> None:
    play = started()
    play.unreachable("anna")
    play.unreachable("anna")
    assert note(play) >= {"room.unreached"}
    assert people(play.chat("omar")["room"]) == {"anna"}
    play.press("anna", CHECK_IN(play.group.id, 1))
    assert play.told("anna") == "OpenForm"
    assert note(play) == set()


def test_whoever_was_only_asked_counts_as_silent() -> None:
    play = joined(4)
    asked = next(one.person for one in play.group.members if one.status == "asked")
    play.unreachable(asked)
    assert "invite.over" in play.keys(asked)
    play.unreachable(SPONSOR)
    assert note(play) == set()


def test_a_leader_who_cannot_be_asked_is_told_to_the_sponsor() -> None:
    play = opened()
    play.unreachable("omar")
    assert "replace.b" in play.buttons(SPONSOR)


def test_what_perhaps_arrived_is_sent_again_only_when_a_leader_says_so() -> None:
    play = started()
    play.unsure("")
    play.unsure("anna")
    play.unsure("anna")
    play.unsure("stranger")
    assert note(play) >= {"room.unsure", "room.unsure.who"}
    play.press("anna", SendAgain(play.group.id, ""))
    assert play.told("anna") == "unavailable"
    for who, to in (("", Room(play.group.id)), ("anna", Person("anna"))):
        play.press("lena", SendAgain(play.group.id, who))
        assert play.told("lena") == "room.again.done"
        assert play.shown_again[-1] == to
    assert note(play) == set()
    play.press("lena", SendAgain(play.group.id, ""))
    assert play.told("lena") == "unavailable"


def test_what_was_pressed_did_arrive() -> None:
    play = started()
    play.unsure("")
    play.unsure("anna")
    for proved, left in (("", ("anna",)), ("anna", ())):
        event = ButtonPressed(
            "", Identity("playground", "t1", "anna"), person_place("anna"), BRING(play.group.id, 1)
        )
        play._decide(play.group, event, replace(play.facts("anna"), proved=proved))
        assert play.group.unsure == left
    assert note(play) == set()


def test_a_room_that_could_not_be_made_can_be_tried_again() -> None:
    play = started()
    play.unreachable("")
    play.tap("lena", "room.again")
    assert play.shown_again == (Room(play.group.id),)
    assert play.group.room == "ok"
    assert note(play) == set()


def test_a_closed_group_leaves_no_note_behind() -> None:
    play = started()
    play.comes("stranger")
    play.goes("anna")
    play.command(SPONSOR, "close")
    play.fill(SPONSOR)
    assert "room" not in play.chat("lena")
    assert "outside" not in play.chat("anna")
    play.comes(SPONSOR)
    assert "room" not in play.chat("lena")


def test_a_leader_who_leaves_keeps_no_note() -> None:
    play = started()
    play.comes("stranger")
    play.press("lena", play.buttons("anna")["leave"])
    play.fill("lena")
    assert "room" not in play.chat("lena")
    assert "room.visitor" in note(play, "omar")


def test_no_card_of_the_room_holds_more_than_names() -> None:
    play = started()
    play.comes("stranger")
    play.unreachable("anna")
    assert len(list(inside(play.chat("lena")["room"], TakeOut))) == 1


def test_whoever_is_heard_of_after_the_group_has_closed_changes_nothing() -> None:
    play = started(8)
    play.unreachable("anna")
    play.unsure("bo")
    play.command(SPONSOR, "close")
    play.fill(SPONSOR)
    assert "room" not in play.chat("lena")
    play.press("anna", Attend(play.group.id, 1, "yes"))
    play.unreachable("cilla")
    assert "room" not in play.chat("lena")
