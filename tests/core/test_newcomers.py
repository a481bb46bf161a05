"""Somebody joins a group that has begun, if every member agrees; nobody learns who did not."""

from datetime import timedelta

import pytest

from bot.core import action as a
from bot.core.card import CARDS, T, When
from bot.core.due import JOIN_DRAWER, LAPSE, NEWCOMER_DECIDES
from tests.core.laws import inside
from tests.core.play import POOL, SPONSOR, Play, keys, people
from tests.core.stages import before, begun, now, signing, started

MEMBERS = POOL[:8]


def proposed(by: str = "lena", who: str = "per") -> Play:
    play = before(2)
    assert "newcomer.b" in keys(play.home(by))
    play.press(by, a.ProposeJoin(play.group.id))
    play.fill(by, newcomer=(who,))
    assert play.told(by) == "newcomer.proposed"
    return play


def agree(play: Play, *people: str) -> None:
    for person in people or MEMBERS:
        play.tap(person, "newcomer.yes")


def seen(play: Play, *readers: str) -> list[bytes]:
    """All that stands before some people and in the room."""
    cards = [list(play.chat(one).values()) for one in (*readers, "")]
    cards += [list(play.home(one)) for one in readers]
    return [CARDS.dump_json(card) for some in cards for card in some]


def test_the_members_are_asked_in_the_room_and_the_newcomer_knows_nothing() -> None:
    play = proposed()
    assert "newcomer.ask" in play.keys("", "join")
    assert people(play.chat("")["join"]) == {"per"}
    assert not play.chat("per")
    assert "newcomer.asked" in play.keys("lena", "join")
    assert "join" not in play.chat("omar"), "who did not ask is not written to"
    assert "newcomer.ask" in keys(play.home("anna"))


def test_when_all_agree_the_newcomer_is_invited_and_asked_about_managers() -> None:
    play = proposed()
    agree(play, *MEMBERS[:7])
    assert not play.chat("per")
    agree(play, MEMBERS[7])
    assert {"newcomer.invite", "invite.line", "members.people"} <= play.keys("per", "invite")
    assert "newcomer.invite" in keys(play.home("per"))
    play.tap("per", "invite.yes")
    assert JOIN_DRAWER not in play.group.drawers, "the answers are gone"


def test_a_newcomer_is_in_from_the_next_meeting_on() -> None:
    play = proposed()
    agree(play)
    play.tap("per", "invite.yes")
    assert play.group.people[-1] == "per"
    assert play.let_in == ("per",)
    assert "newcomer.told" in play.keys("", "joined/per")
    assert "newcomer.told" in play.keys("lena", "join")
    assert "join" not in play.chat("")
    assert [one.since for one in play.group.members if one.person == "per"] == [2]
    play.go("remind", 2)
    assert "remind/2" in play.chat("per")


def test_a_newcomer_during_a_meeting_is_in_from_the_one_after() -> None:
    play = begun(2)
    play.press("lena", a.ProposeJoin(play.group.id))
    play.fill("lena", newcomer=("per",))
    agree(play)
    play.tap("per", "invite.yes")
    assert [one.since for one in play.group.members if one.person == "per"] == [3]


def test_nothing_tells_a_no_from_silence_before_or_after_the_week() -> None:
    plays = [proposed() for _ in range(4)]
    plays[0].tap("anna", "newcomer.no")
    agree(plays[1], *MEMBERS[:7])
    agree(plays[2])
    plays[2].tap("per", "invite.no")
    for play in plays:
        play.go(play.now + timedelta(hours=1))
    watching = ("lena", "omar", *MEMBERS, SPONSOR)
    shown = [seen(play, *watching) for play in plays]
    assert all(one == shown[-1] for one in shown)
    for play in plays:
        play.go("joining")
        assert "join" not in play.chat("")
        assert JOIN_DRAWER not in play.group.drawers
        assert "newcomer.asked" in play.keys("lena", "join")
        play.press("bo", a.AllowJoin(play.group.id, "per", True))
        assert play.told("bo") == "unavailable"
        play.press("lena", a.ProposeJoin(play.group.id))
        assert play.told("lena") == "newcomer.one"
    shown = [seen(play, *watching) for play in plays]
    assert all(one == shown[-1] for one in shown)
    for play in plays:
        play.go("newcomer")
        assert "newcomer.not" in play.keys("lena", "join")
    assert len({play.now for play in plays}) == 1
    shown = [seen(play, *watching) for play in plays]
    assert all(one == shown[-1] for one in shown)
    assert not [one for one in plays[2].group.members if one.person == "per"]


def test_what_krets_has_on_a_member_does_not_tell_when_all_have_agreed() -> None:
    play = proposed()
    agree(play, *MEMBERS[:7])
    play.press("anna", a.MyData())
    before_it = keys(play.form("anna"))
    assert "data.newcomer" in before_it
    agree(play, MEMBERS[7])
    play.press("anna", a.MyData())
    assert keys(play.form("anna")) == before_it


def test_a_newcomer_has_days_of_their_own_after_the_last_yes() -> None:
    play = proposed()
    asked_at = play.now
    play.go(asked_at + LAPSE - timedelta(minutes=1))
    agree(play)
    (invited,) = [one for one in inside(play.chat("per")["invite"], T) if "until" in one.values]
    assert invited.values["until"] == When(asked_at + LAPSE + NEWCOMER_DECIDES)
    play.go("joining")
    assert play.now == asked_at + LAPSE
    assert "newcomer.invite" in keys(play.home("per"))
    play.go(asked_at + LAPSE + NEWCOMER_DECIDES - timedelta(minutes=1))
    play.tap("per", "invite.yes")
    assert "per" in play.group.people
    assert "newcomer.told" in play.keys("lena", "join")


def test_who_leaves_after_the_week_asks_nobody() -> None:
    play = proposed()
    agree(play, *MEMBERS[1:])
    play.go("joining")
    play.submit("anna", a.LeaveGroup(play.group.id))
    assert not play.chat("per")


def test_nobody_answers_late_even_if_nothing_has_happened_since() -> None:
    play = proposed()
    play.now += LAPSE
    play.press("anna", a.AllowJoin(play.group.id, "per", True))
    assert play.told("anna") == "unavailable"
    assert "newcomer.ask" not in keys(play.home("anna"))


def test_a_newcomer_s_silence_is_a_no() -> None:
    play = proposed()
    agree(play)
    play.go("newcomer")
    assert "invite.over" in play.keys("per", "invite")
    play.press("per", a.AcceptJoin(play.group.id, True))
    assert play.told("per") == "unavailable"


def test_somebody_who_cannot_be_reached_is_silent() -> None:
    play = proposed()
    agree(play)
    was = play.group
    play.unreachable("per")
    assert play.group == was


def test_a_member_may_think_again_until_all_have_agreed() -> None:
    play = proposed()
    play.tap("anna", "newcomer.no")
    agree(play)
    assert "invite" in play.chat("per")
    play.tap("anna", "newcomer.no")
    assert play.told("anna") == "newcomer.answered"
    play.tap("per", "invite.yes")
    assert "per" in play.group.people


def test_who_leaves_is_waited_for_no_more() -> None:
    play = proposed()
    agree(play, *MEMBERS[1:])
    play.submit("anna", a.LeaveGroup(play.group.id))
    assert "newcomer.invite" in play.keys("per", "invite")


def test_an_answer_goes_with_whoever_leaves() -> None:
    play = proposed()
    play.tap("anna", "newcomer.no")
    play.submit("anna", a.LeaveGroup(play.group.id))
    assert not play.group.items(JOIN_DRAWER, "join/")


def test_while_a_sponsor_can_look_on_nobody_answers() -> None:
    play = proposed()
    play.comes(SPONSOR)
    play.tap("anna", "newcomer.yes")
    assert play.told("anna") == "room.rests"


def test_while_a_sponsor_can_look_on_nobody_is_proposed() -> None:
    play = before(2)
    play.press("lena", a.ProposeJoin(play.group.id))
    play.comes(SPONSOR)
    play.fill("lena", newcomer=("per",))
    assert play.told("lena") == "room.rests"
    assert "join" not in play.chat("")
    play.press("lena", a.ProposeJoin(play.group.id))
    assert play.told("lena") == "room.rests"


def test_while_a_sponsor_can_look_on_the_room_is_not_told_who_comes_and_who_leaves() -> None:
    play = proposed()
    agree(play)
    play.comes(SPONSOR)
    play.tap("per", "invite.yes")
    assert play.group.people[-1] == "per"
    play.submit("anna", a.LeaveGroup(play.group.id))
    assert "anna" not in play.group.people
    assert not {"joined/per", "left/anna"} & set(play.chat(""))


@pytest.mark.parametrize("chosen", [(), ("per", "pia"), ("anna",), ("omar",), (SPONSOR,)])
def test_one_person_without_a_part_is_proposed(chosen: tuple[str, ...]) -> None:
    play = before(2)
    play.press("lena", a.ProposeJoin(play.group.id))
    play.fill("lena", newcomer=chosen)
    assert play.errors("lena") == {"newcomer": "error.newcomer"}


def test_one_at_a_time_and_only_while_there_is_a_place() -> None:
    play = proposed()
    for _ in range(2):
        play.press("omar", a.ProposeJoin(play.group.id))
        assert play.told("omar") == "newcomer.one"
        play.submit("omar", a.ProposeJoin(play.group.id), newcomer=("pia",))
        assert play.told("omar") == "newcomer.one"
    play = started(10)
    play.press("lena", a.ProposeJoin(play.group.id))
    assert play.told("lena") == "gather.full"


def test_nobody_else_proposes_allows_or_joins() -> None:
    play = proposed()
    group = play.group
    for person in ("anna", SPONSOR, "stranger", "per"):
        play.press(person, a.ProposeJoin(group.id))
        assert play.told(person) == "unavailable"
        play.submit(person, a.ProposeJoin(group.id), newcomer=("pia",))
        assert play.told(person) == "unavailable"
        play.press(person, a.AcceptJoin(group.id, True))
        assert play.told(person) == "unavailable"
    for person in ("lena", SPONSOR, "stranger", "per"):
        play.press(person, a.AllowJoin(group.id, "per", True))
        assert play.told(person) == "unavailable"
    play.press("anna", a.AllowJoin(group.id, "pia", True))
    assert play.told("anna") == "unavailable"
    assert play.group == group


@pytest.mark.parametrize("id", ["at-risk", "guide-training", "guide-support"])
def test_where_people_sign_up_themselves_nobody_is_proposed_to_the_others(id: str) -> None:
    play = signing(id, 6)
    play.tap("lena", "gather.show")
    play.tap("lena", "gather.start")
    group = play.group
    assert group.status == "running"
    assert "newcomer.b" not in keys(play.home("lena"))
    play.press("lena", a.ProposeJoin(group.id))
    assert play.told("lena") == "unavailable"
    play.submit("lena", a.ProposeJoin(group.id), newcomer=("per",))
    assert play.told("lena") == "unavailable"
    assert play.group == group


def test_who_left_can_be_asked_again() -> None:
    play = before(2)
    play.submit("anna", a.LeaveGroup(play.group.id))
    play.press("lena", a.ProposeJoin(play.group.id))
    play.fill("lena", newcomer=("anna",))
    agree(play, *MEMBERS[1:])
    play.tap("anna", "invite.yes")
    assert "anna" in play.group.people


def test_after_the_last_meeting_there_is_nothing_to_join() -> None:
    play = before(10)
    play.press("lena", a.ProposeJoin(play.group.id))
    play.fill("lena", newcomer=("per",))
    agree(play)
    play.go("finish", 10)
    assert play.home("per")
    play.press("per", a.AcceptJoin(play.group.id, True))
    assert play.told("per") == "unavailable"


@pytest.mark.parametrize("agreed", [True, False])
def test_with_the_group_the_question_ends(agreed: bool) -> None:
    play = before(10)
    play.go("begin", 10)
    play.press("omar", a.PauseGuide(play.group.id, 10, True))
    play.press("lena", a.PlanGroup(play.group.id))
    play.go("finish", 10)
    play.press("lena", a.ProposeJoin(play.group.id))
    assert play.told("lena") == "unavailable"
    play = proposed()
    if agreed:
        agree(play)
    else:
        agree(play, "anna")
    play.submit(SPONSOR, a.CloseGroup(play.group.id))
    assert not play.group.drawers
    assert play.group.joining is None
    assert "join" not in play.chat("")
    assert "join" not in play.chat("lena")


def test_if_who_proposed_leads_no_longer_nobody_is_told() -> None:
    play = proposed()
    play.submit("lena", a.LeaveGroup(play.group.id))
    play.go("newcomer")
    assert "join" not in play.chat("omar")
    assert play.now - LAPSE - NEWCOMER_DECIDES < play.group.starts(now(play))


def test_a_group_that_ends_within_the_week_leaves_no_answer_behind() -> None:
    play = before(10)
    play.press("lena", a.ProposeJoin(play.group.id))
    play.fill("lena", newcomer=("per",))
    play.tap("anna", "newcomer.no")
    play.go("shred", 10)
    assert play.group.status == "closed"
    assert not play.group.drawers.get(JOIN_DRAWER)
    assert "join" not in play.chat("")
