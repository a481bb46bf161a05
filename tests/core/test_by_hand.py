"""Where Krets cannot make rooms, people do: the same story, with what they are told to do."""

from bot.core.action import ComeBack, LeaveGroup, StartGroup, TakeOut
from tests.core.play import POOL, SPONSOR, Play, keys, people, room
from tests.core.stages import joined

CIRCLE = ("lena", "omar", *POOL[:8])


def complete() -> Play:
    """Eight have said yes and seen each other, on a platform where people make rooms."""
    play = joined(8)
    play.makes_rooms = False
    play.tap("lena", "gather.show")
    return play


def running() -> Play:
    play = complete()
    play.command("lena", "here", room("chat", *CIRCLE))
    play.fill("lena", room("chat", *CIRCLE))
    assert play.told("lena") == "start.done"
    return play


def note(play: Play, person: str = "lena") -> set[str]:
    """What a leader's card about the room says."""
    said = play.keys(person, "room") if "room" in play.chat(person) else set()
    return said - {"notification", "value"}


def test_those_who_lead_are_told_with_whom_to_make_the_room_and_what_to_write_there() -> None:
    play = complete()
    for leader in ("lena", "omar"):
        assert "start.by_hand" in play.keys(leader, "gather")
        assert people(play.chat(leader)["gather"]) == set(CIRCLE)
        assert "gather.start" not in play.buttons(leader)
    assert "start.by_hand" in keys(play.home("lena"))


def test_before_the_group_is_complete_nobody_is_told_to_make_a_room() -> None:
    play = joined(8)
    play.makes_rooms = False
    play.tap("ida", "invite.no")
    assert "start.by_hand" not in play.keys("lena", "gather")
    play.tap("lena", "gather.show")
    for one in POOL[3:8]:
        play.tap(one, "invite.no")
    assert "start.by_hand" not in play.keys("lena", "gather"), "three are too few"


def test_an_old_button_makes_no_room() -> None:
    play = complete()
    play.press("lena", StartGroup(play.group.id))
    assert play.told("lena") == "start.by_hand"
    assert play.group.status == "gathering"
    assert not play.rooms


def test_a_visitor_is_taken_out_by_people() -> None:
    play = running()
    play.comes("stranger")
    assert note(play) == {"room.visitor", "room.out.by_hand"}
    play.press("lena", TakeOut(play.group.id, "stranger"))
    assert play.told("lena") == "room.out.by_hand"
    assert play.let_out == ()
    assert "room.visitor" in note(play), "still there"
    play.goes("stranger")
    assert note(play) == set()


def test_whoever_leaves_is_asked_to_leave_the_room_too_and_is_a_visitor_until_then() -> None:
    play = running()
    play.press("anna", LeaveGroup(play.group.id))
    play.fill("anna")
    assert play.told("anna") == "left.by_hand"
    assert "left.by_hand" in play.keys("anna", "invite")
    assert play.let_out == ()
    assert note(play) == note(play, "omar") == {"room.visitor", "room.out.by_hand"}
    play.goes("anna")
    assert note(play) == set()


def test_whoever_had_gone_out_before_they_left_is_nobody_s_visitor() -> None:
    play = running()
    play.goes("anna")
    play.press("anna", ComeBack(play.group.id))
    assert note(play) == {"room.in.by_hand"}
    play.press("anna", LeaveGroup(play.group.id))
    play.fill("anna")
    assert play.told("anna") == "left"
    assert note(play) == set()


def test_whoever_wants_to_come_back_is_named_to_those_who_lead_until_they_are_there() -> None:
    play = running()
    play.goes("anna")
    assert note(play) == set(), "it is theirs to say"
    for _ in range(2):
        play.tap("anna", "outside.back")
        assert play.told("anna") == "outside.by_hand"
        for leader in ("lena", "omar"):
            assert note(play, leader) == {"room.in.by_hand"}
            assert people(play.chat(leader)["room"]) == {"anna"}
    assert play.let_in == ()
    play.comes("anna")
    assert note(play) == set()
    assert "outside" not in play.chat("anna")


def test_a_new_leader_waits_to_be_let_in() -> None:
    play = running()
    play.press("omar", LeaveGroup(play.group.id))
    play.fill("omar")
    play.goes("omar")
    play.tap(SPONSOR, "replace.b")
    play.fill(SPONSOR, leaders=("stina",))
    play.tap("stina", "lead.yes")
    assert note(play) == note(play, "stina") == {"room.in.by_hand"}
    play.comes("stina")
    assert note(play) == set()
    assert play.let_in == ()


def test_a_new_leader_who_is_there_already_is_a_visitor_no_more() -> None:
    play = running()
    play.comes("stina")
    play.press("omar", LeaveGroup(play.group.id))
    play.fill("omar")
    play.goes("omar")
    play.tap(SPONSOR, "replace.b")
    play.fill(SPONSOR, leaders=("stina",))
    assert "room.visitor" in note(play)
    play.tap("stina", "lead.yes")
    assert note(play) == set()
