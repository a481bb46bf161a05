"""The owner of today's question in the meeting: a quiet card, and a conversation partner."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.action import (
    AnswerPartner,
    Attend,
    ChooseInRoom,
    ChoosePartner,
    HideOwner,
    LeaveGroup,
    NotePartner,
    ProposePartner,
)
from bot.core.card import Option, When
from bot.core.model import to_document
from bot.core.pace import turn_at
from tests.core.play import POOL, SPONSOR, Play, inside, keys, people
from tests.core.stages import begun, copied, now, to_step, vote, voting

MEMBERS = POOL[:8]


@copied
def owned(meeting: int = 2) -> Play:
    """Anna's question has been voted forth."""
    play = voting(meeting, "anna", "bo")
    for person in MEMBERS:
        vote(play, person, "anna")
    assert now(play).owner == "anna"
    return play


def asked(play: Play) -> str:
    """Who is being asked: exactly one person has the card and the same at home, or nobody."""
    number = now(play).number
    found = [one for one in (*MEMBERS, "lena", "omar") if f"partner/{number}" in play.chat(one)]
    assert found == ([now(play).partner_asked] if now(play).partner_asked else [])
    at_home = [one for one in MEMBERS if "partner.free" in keys(play.home(one))]
    assert at_home == found
    return found[0] if found else ""


def told(play: Play, person: str) -> set[str]:
    """Whom the guide or the owner's card names."""
    number = now(play).number
    cards = play.chat(person)
    return people([card for name in ("guide", "owner") if (card := cards.get(f"{name}/{number}"))])


# --- the quiet card -----------------------------------------------------------------------------


def test_with_the_result_of_the_vote_the_owner_alone_gets_a_card() -> None:
    play = owned()
    assert [one for one in (*MEMBERS, "lena", "omar", "") if "owner/2" in play.chat(one)] == [
        "anna"
    ]
    assert {"owner", "partner.who", "owner.hide"} <= play.keys("anna", "owner/2")


def test_while_others_talk_the_owner_may_just_listen_and_knows_until_about_when() -> None:
    play = owned()
    to_step(play, "coffee")
    assert "guide.owner" not in play.keys("anna", "owner/2")
    play.tap("lena", "guide.next")
    assert "guide.owner" in play.keys("anna", "owner/2")
    assert "guide.owner" in keys(play.home("anna"))
    assert "guide.owner" not in keys(play.home("bo"))
    (turn,) = inside(play.chat("anna")["owner/2"], When)
    assert turn.at == play.now + timedelta(minutes=20)
    play.tap("lena", "guide.more")
    (turn,) = inside(play.chat("anna")["owner/2"], When)
    assert turn.at == play.now + timedelta(minutes=22)
    play.now += timedelta(minutes=22)
    play.tap("lena", "guide.next")
    assert "guide.owner" not in play.keys("anna", "owner/2"), "gone when the step ends"
    play.tap("lena", "end.b")
    assert "owner/2" not in play.chat("anna")


def test_in_the_step_of_solutions_the_owner_listens_first_and_knows_when_to_join() -> None:
    play = owned()
    to_step(play, "review")
    assert "owner.joins" not in play.keys("anna", "owner/2")
    play.tap("lena", "guide.next")
    assert {"owner.joins", "guide.choose"} <= play.keys("anna", "owner/2") & keys(play.home("anna"))
    assert "guide.owner" not in play.keys("anna", "owner/2")
    assert "guide.owner_joins" in play.keys("lena", "guide/2")
    (turn,) = inside(play.chat("anna")["owner/2"], When)
    assert turn.at == play.now + timedelta(minutes=15)
    play.tap("omar", "guide.more")
    (turn,) = inside(play.chat("anna")["owner/2"], When)
    assert turn.at == play.now + timedelta(minutes=17), "the ten together are kept"
    play.tap("lena", "guide.next")
    assert "owner.joins" not in play.keys("anna", "owner/2")


def test_nobody_joins_a_step_of_solutions_without_a_question() -> None:
    play = begun(2)
    to_step(play, "solutions")
    assert "guide.owner_joins" not in play.keys("lena", "guide/2")


def test_the_owner_can_take_the_card_away_and_finds_it_at_home() -> None:
    play = owned()
    play.tap("anna", "owner.hide")
    assert play.told("anna") == "owner.hide.done"
    to_step(play, "hypotheses")
    assert "owner/2" not in play.chat("anna")
    assert "guide.owner" in keys(play.home("anna"))
    assert "owner.hide" not in keys(play.home("anna"))
    play.press("anna", HideOwner(play.group.id, 2))
    assert play.told("anna") == "unavailable"


def test_if_the_room_chooses_another_question_its_owner_gets_the_card() -> None:
    play = owned()
    play.tap("anna", "owner.hide")
    play.submit("lena", ChooseInRoom(play.group.id, 2), who="bo")
    assert "owner/2" in play.chat("bo")
    play.submit("lena", ChooseInRoom(play.group.id, 2), who="anna")
    assert "owner/2" not in play.chat("bo")
    assert "owner/2" in play.chat("anna")
    play.submit("lena", ChooseInRoom(play.group.id, 2), who="anna")
    assert "owner/2" in play.chat("anna")


def test_in_the_meeting_nobody_else_is_written_to() -> None:
    play = owned()
    to_step(play, "explore")
    play.tap("lena", "partner.note")
    play.fill("lena", who="cilla")
    was = {one: play.chat(one) for one in MEMBERS if one != "anna"}
    for step in ("hypotheses", "review", "solutions"):
        to_step(play, step)
        assert {one: play.chat(one) for one in MEMBERS if one != "anna"} == was


# --- whom the owner would like ------------------------------------------------------------------


def test_the_owner_names_several_and_one_of_them_is_asked() -> None:
    play = owned()
    play.tap("anna", "partner.choose")
    offered = [one.value for one in inside(play.form("anna"), Option)]
    assert offered == list(MEMBERS[1:])
    assert "partner.several" in keys(play.form("anna"))
    play.fill("anna", partners=("cilla", "dag"))
    assert play.told("anna") == "partner.asking"
    first = asked(play)
    assert first in ("cilla", "dag")
    play.tap(first, "partner.no")
    assert play.told(first) == "partner.no.done"
    second = asked(play)
    assert {first, second} == {"cilla", "dag"}
    play.tap(second, "partner.yes")
    assert play.told(second) == "partner.yes.done"
    assert now(play).partner == second
    assert not asked(play)


def test_only_a_yes_is_told() -> None:
    play = owned()
    play.tap("anna", "partner.propose")
    said_no = []
    while len(said_no) < 3:
        said_no.append(asked(play))
        others = [one for one in (*MEMBERS, "lena", "omar", SPONSOR) if one != said_no[-1]]
        before = {one: (play.chat(one), play.home(one)) for one in others}
        play.tap(said_no[-1], "partner.no")
        same = {one for one in others if one != asked(play)}
        assert {one: (play.chat(one), play.home(one)) for one in same} == {
            one: before[one] for one in same
        }, "nobody is shown that somebody said no"
    last = asked(play)
    play.tap(last, "partner.yes")
    for one in ("anna", "lena", "omar"):
        assert last in told(play, one)
        assert not told(play, one) & set(said_no)
    assert "2/partner" not in play.group.drawers, "who said no is destroyed with the yes"
    assert not any(f'"{one}":"no"' in to_document(play.group) for one in said_no)


def test_when_all_would_rather_not_the_room_finds_somebody() -> None:
    play = owned()
    play.tap("anna", "partner.propose")
    seen = []
    while asked(play):
        seen.append(asked(play))
        play.tap(seen[-1], "partner.no")
    assert sorted(seen) == sorted(MEMBERS[1:]), "each is asked once"
    play.press("anna", ProposePartner(play.group.id, 2))
    assert play.told("anna") == "partner.nobody"
    to_step(play, "explore")
    assert "partner.none" in play.keys("lena", "guide/2")
    play.tap("omar", "partner.note")
    play.fill("omar", who="gun")
    assert play.told("omar") == "noted"
    assert "partner.is" in play.keys("lena", "guide/2")
    assert "gun" in told(play, "anna")


def test_another_wish_takes_the_question_back_from_whoever_was_asked() -> None:
    play = owned()
    play.tap("anna", "partner.propose")
    first = asked(play)
    play.press("anna", ProposePartner(play.group.id, 2))
    assert (play.told("anna"), asked(play)) == ("partner.asking", first)
    other = next(one for one in MEMBERS[1:] if one != first)
    play.submit("anna", ChoosePartner(play.group.id, 2), partners=(other,))
    assert asked(play) == other
    play.press(first, AnswerPartner(play.group.id, 2, True))
    assert play.told(first) == "unavailable"
    play.submit("anna", ChoosePartner(play.group.id, 2), partners=(other, first))
    assert asked(play) == other
    play.submit("anna", ChoosePartner(play.group.id, 2), partners=("anna", "kim"))
    assert play.errors("anna") == {"partners": "error.vote"}


# --- or else one is proposed --------------------------------------------------------------------


def test_when_the_step_begins_without_a_partner_somebody_is_asked() -> None:
    play = owned()
    assert not asked(play)
    to_step(play, "explore")
    assert asked(play)
    assert "partner.look" in play.keys("lena", "guide/2")
    assert asked(play) not in told(play, "lena")
    assert "partner.propose" not in play.buttons("anna")
    play.tap(asked(play), "partner.yes")
    assert "partner.is" in play.keys("omar", "guide/2")
    play.tap("lena", "guide.back")
    play.tap("lena", "guide.next")
    assert not asked(play), "there is one already"


def test_whoever_is_asked_when_the_step_begins_is_not_asked_anew() -> None:
    play = owned()
    play.tap("anna", "partner.propose")
    first = asked(play)
    to_step(play, "explore")
    assert asked(play) == first


def test_after_the_step_nobody_is_asked_any_more() -> None:
    play = owned()
    to_step(play, "picture")
    assert not asked(play)
    assert "2/partner" not in play.group.drawers
    assert not set(play.buttons("anna")) & {"partner.choose", "partner.propose"}
    play.press("anna", ChoosePartner(play.group.id, 2))
    assert play.told("anna") == "unavailable"
    play = owned()
    play.tap("anna", "partner.propose")
    who = asked(play)
    play.tap("lena", "end.b")
    assert "partner/2" not in play.chat(who)
    play.press(who, AnswerPartner(play.group.id, 2, True))
    assert play.told(who) == "unavailable"


def test_without_a_question_nobody_is_asked() -> None:
    play = begun(2)
    to_step(play, "explore")
    assert not asked(play)
    assert "partner.note" not in play.buttons("lena")
    play.press("lena", NotePartner(play.group.id, 2))
    assert play.told("lena") == "unavailable"


def test_whoever_has_been_partner_longest_ago_is_asked_first() -> None:
    play, partners = owned(), []
    for number in range(2, 10):
        if number > 2:
            play.go("begin", number)
            play.submit("lena", ChooseInRoom(play.group.id, number), who="anna")
        play.tap("anna", "partner.propose")
        partners.append(asked(play))
        play.tap(partners[-1], "partner.yes")
        play.go("finish", number)
    assert sorted(partners[:7]) == sorted(MEMBERS[1:]), "everybody once, then again"
    assert partners[7] == partners[0]


def test_who_cannot_come_is_not_asked() -> None:
    play = owned()
    for one in MEMBERS[2:]:
        play.press(one, Attend(play.group.id, 2, "no"))
    play.tap("anna", "partner.propose")
    assert asked(play) == "bo"
    play.press("bo", Attend(play.group.id, 2, "no"))
    play.submit("lena", ChooseInRoom(play.group.id, 2), who="anna")
    play.press("anna", ChoosePartner(play.group.id, 2))
    assert play.told("anna") == "unavailable", "there is nobody to talk with"


# --- who leaves ---------------------------------------------------------------------------------


def leave(play: Play, person: str) -> None:
    play.press(person, LeaveGroup(play.group.id))
    play.fill(person)


def test_if_whoever_is_asked_leaves_another_can_be_asked() -> None:
    play = owned()
    play.tap("anna", "partner.propose")
    first = asked(play)
    leave(play, first)
    assert not asked(play)
    play.tap("anna", "partner.propose")
    assert asked(play) not in ("", first)


def test_if_the_owner_leaves_nobody_is_asked_for_them() -> None:
    play = owned()
    play.tap("anna", "partner.propose")
    who = asked(play)
    leave(play, "anna")
    assert (now(play).partner_asked, "partner/2" in play.chat(who)) == ("", False)
    assert "2/partner" not in play.group.drawers
    assert "owner/2" not in play.chat("anna")


def test_a_partner_who_leaves_leaves_no_trace() -> None:
    play = owned()
    play.submit("lena", NotePartner(play.group.id, 2), who="cilla")
    play.tap("lena", "guide.next")
    leave(play, "cilla")
    assert now(play).partner == ""
    assert "cilla" not in told(play, "lena") | told(play, "anna")


# --- who may ------------------------------------------------------------------------------------


@pytest.mark.parametrize("person", ["bo", "lena", SPONSOR, "stranger"])
def test_only_the_owner_chooses_and_hides(person: str) -> None:
    play = owned()
    for action in (
        ChoosePartner(play.group.id, 2),
        ProposePartner(play.group.id, 2),
        HideOwner(play.group.id, 2),
        AnswerPartner(play.group.id, 2, True),
    ):
        play.press(person, action)
        assert play.told(person) == "unavailable"
    play.submit(person, ChoosePartner(play.group.id, 2), partners=("cilla",))
    assert play.told(person) == "unavailable"


@pytest.mark.parametrize("person", ["anna", "bo", SPONSOR, "stranger"])
def test_only_those_who_lead_note_a_partner(person: str) -> None:
    play = owned()
    for send in (play.press, play.submit):
        send(person, NotePartner(play.group.id, 2))
        assert play.told(person) == "unavailable"
    play.submit("lena", NotePartner(play.group.id, 2), who="anna")
    assert play.errors("lena") == {"who": "error.choose"}


@pytest.mark.parametrize(("others", "minutes"), [({"review"}, 45), ({"review", "solutions"}, 55)])
def test_the_owner_s_turn_comes_after_all_steps_in_which_others_talk(
    others: set[str], minutes: int
) -> None:
    play = owned()
    to_step(play, "hypotheses")
    until_solutions = play.method.ordinary[:10]
    steps = tuple(
        replace(one, who="others") if one.id in others else one for one in until_solutions
    )
    group = replace(play.group, method=replace(play.method, ordinary=steps))
    guide = now(play).guide
    assert guide is not None
    assert turn_at(group, now(play), guide) == play.now + timedelta(minutes=minutes)
