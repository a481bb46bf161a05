"""Those who are asked to lead."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.core.action import AnswerLead, HandOver, LeaveGroup, ReplaceLeader
from bot.core.card import T, When
from bot.core.due import LAPSE
from tests.core.laws import inside
from tests.core.play import LEADERS, NOW, POOL, SPONSOR, Play, keys, people
from tests.core.stages import before, gathering, joined, opened, started

#: When the first meeting starts: 13:00 in Stockholm.
FIRST = datetime(2026, 3, 3, 12, tzinfo=UTC)
#: How long after it the last one starts, when the clocks have changed.
LAST = timedelta(weeks=9, hours=-1)


def test_people_are_asked_once_all_leaders_have_said_yes() -> None:
    play = opened()
    play.tap("lena", "lead.yes")
    assert not play.chat("anna")
    play.tap("omar", "lead.yes")
    asked = [person for person in POOL if "invite.yes" in play.buttons(person)]
    assert asked == list(POOL[:10])
    assert "gather" in play.chat("lena")
    assert "gather" in play.chat("omar")


def test_a_no_is_told_to_the_sponsor_who_asks_somebody_else() -> None:
    play = opened()
    play.tap("omar", "lead.no")
    assert not play.buttons("omar")
    assert people(play.chat(SPONSOR)["leader/omar"]) == {"omar"}
    play.tap(SPONSOR, "replace.b")
    play.fill(SPONSOR, leaders=("per",))
    assert play.told(SPONSOR) == "replace.done"
    assert "replace.b" not in play.buttons(SPONSOR)
    play.tap("lena", "lead.yes")
    play.tap("per", "lead.yes")
    assert play.group.led_by == ("lena", "per")
    assert "invite.yes" in play.buttons("anna")


def test_whom_the_sponsor_knows_to_have_a_part_cannot_be_asked_instead() -> None:
    play = opened()
    play.tap("omar", "lead.no")
    for chosen, fault in (
        ((), "error.leaders"),
        (("per", "pia"), "error.leaders"),
        ((SPONSOR,), "error.leader.involved"),
        (("lena",), "error.leader.involved"),
        (("omar",), "error.leader.involved"),
    ):
        play.tap(SPONSOR, "replace.b")
        play.fill(SPONSOR, leaders=chosen)
        assert play.errors(SPONSOR) == {"leaders": fault}, chosen


def test_nobody_but_the_sponsor_replaces_and_only_after_a_no() -> None:
    play = opened()
    action = ReplaceLeader(play.group.id, "omar")
    for person in (SPONSOR, "lena", "anna", "stranger"):
        play.press(person, action)
        assert play.told(person) == "unavailable"
        play.submit(person, action, leaders=("per",))
        assert play.told(person) == "unavailable"


def test_silence_for_a_week_is_a_no_and_told_like_one() -> None:
    play = opened()
    play.tap("lena", "lead.yes")
    assert play.next().who == "omar"
    assert play.now == NOW + LAPSE
    assert "leader/omar" in play.chat(SPONSOR)
    assert "lead.lapsed" in play.keys("omar")
    play.press("omar", AnswerLead(play.group.id, True))
    assert play.told("omar") == "unavailable"


def test_a_leader_may_change_their_mind_until_the_start() -> None:
    play = gathering()
    play.press("omar", AnswerLead(play.group.id, True))
    assert play.told("omar") == "lead.yes.done"
    play.tap("omar", "invite.change")
    assert play.told("omar") == "lead.no.done"
    assert "gather" not in play.chat("omar")
    assert "leader/omar" in play.chat(SPONSOR)
    play = started()
    play.press("omar", AnswerLead(play.group.id, False))
    assert play.told("omar") == "unavailable"
    assert "omar" in play.group.led_by


def test_a_second_yes_of_the_leaders_fills_the_group_up_again() -> None:
    play = gathering()
    play.tap("anna", "invite.no")
    play.tap("omar", "invite.change")
    play.tap(SPONSOR, "replace.b")
    play.fill(SPONSOR, leaders=("per",))
    play.tap("per", "lead.yes")
    assert "invite.yes" in play.buttons("kim")
    assert "gather" in play.chat("per")


def test_after_the_start_a_new_leader_finds_what_the_other_has() -> None:
    play = started()
    play.go("begin", 1)
    play.press("omar", LeaveGroup(play.group.id))
    play.fill("omar")
    play.tap(SPONSOR, "replace.b")
    play.fill(SPONSOR, leaders=("per",))
    assert "lead.yes" in {button for card in play.home("per") for button in play.buttons("per")}
    play.tap("per", "lead.yes")
    assert play.told("per") == "lead.joined"
    assert play.chat("per")["guide/1"] == play.chat("lena")["guide/1"]
    assert "overview/1" in play.chat("per")
    assert play.let_in == ("per",)


def asked_of(play: Play, person: str) -> list[T]:
    """What somebody reads who is asked to lead."""
    return list(inside(play.chat(person)["lead"], T))


def said(play: Play, person: str, key: str) -> T:
    return next(one for one in asked_of(play, person) if one.key == key)


def test_before_the_start_the_whole_programme_is_told() -> None:
    text = said(opened(), "omar", "lead")
    assert (text.values["count"], text.values["date"]) == (10, When(FIRST, "date"))


def test_whoever_is_asked_to_lead_a_running_group_reads_what_is_still_to_come() -> None:
    play = before(4)
    play.submit("lena", HandOver(play.group.id), who="lena", leaders=("per",))
    text = said(play, "per", "lead.running")
    fourth = When(FIRST + timedelta(weeks=3), "date")
    assert (text.values["count"], text.values["date"]) == (7, fourth)
    assert "lead.running" in keys(play.home("per"))
    assert "lead" not in play.keys("per", "lead")


def test_of_one_meeting_its_date_is_told_and_after_it_nothing_is_still_to_come() -> None:
    play = started()
    play.go("finish", 9)
    play.submit("lena", HandOver(play.group.id), who="lena", leaders=("per",))
    assert said(play, "per", "lead.once").values["date"] == When(FIRST + LAST, "date")
    play.go("finish", 10)
    play.submit("omar", HandOver(play.group.id), who="omar", leaders=("pia",))
    assert "lead.ending" in play.keys("pia", "lead")


@pytest.mark.parametrize("answers", [True, False])
def test_all_whom_the_question_names_are_told_of_a_no_and_nobody_else(answers: bool) -> None:
    play = before(2)
    play.submit("lena", HandOver(play.group.id), who="lena", leaders=("per",))
    assert "lead.note.instead" in play.keys("per", "lead")
    if answers:
        play.tap("per", "lead.no")
    else:
        play.go(play.now + LAPSE)
        assert "lead.lapsed.instead" in play.keys("per")
    told = {one for one in (SPONSOR, *LEADERS, *POOL, "") if "leader/per" in play.chat(one)}
    assert told == {SPONSOR, *LEADERS}


def test_they_are_told_too_when_whom_it_concerned_has_left_meanwhile() -> None:
    play = before(2)
    play.submit("lena", HandOver(play.group.id), who="lena", leaders=("per",))
    play.submit("lena", LeaveGroup(play.group.id))
    play.tap("per", "lead.no")
    assert "hand.no" in play.keys("omar", "leader/per")
    assert "replace.b" in play.buttons(SPONSOR)


def test_whom_the_sponsor_asks_reads_that_the_sponsor_is_told() -> None:
    play = started()
    play.submit("omar", LeaveGroup(play.group.id))
    play.tap(SPONSOR, "replace.b")
    play.fill(SPONSOR, leaders=("per",))
    assert {"lead.running", "lead.note"} <= play.keys("per", "lead")
    play.tap("per", "lead.no")
    assert "leader/per" not in play.chat("lena")
    assert "leader/per" in play.chat(SPONSOR)


def test_the_sponsor_cannot_find_out_by_asking_who_is_a_member() -> None:
    replies = []
    for asked in ("anna", "stranger"):
        play = started()
        assert "anna" in play.group.people
        play.press("omar", LeaveGroup(play.group.id))
        play.fill("omar")
        play.tap(SPONSOR, "replace.b")
        replies.append(play.fill(SPONSOR, leaders=(asked,)))
    assert replies[0] == replies[1]


def test_a_member_who_comes_to_lead_is_a_member_no_longer() -> None:
    play = started()
    play.press("omar", LeaveGroup(play.group.id))
    play.fill("omar")
    play.tap(SPONSOR, "replace.b")
    play.fill(SPONSOR, leaders=("anna",))
    assert "anna" in play.group.people
    play.tap("anna", "lead.yes")
    assert "anna" in play.group.led_by
    assert "anna" not in play.group.people


def asked_both_ways(later: timedelta) -> Play:
    """Anna is asked to join, and after a while to lead."""
    play = gathering()
    play.tap("omar", "invite.change")
    play.go(NOW + later)
    play.tap(SPONSOR, "replace.b")
    play.fill(SPONSOR, leaders=("anna",))
    return play


def test_whoever_is_asked_to_lead_and_to_join_has_a_week_for_each() -> None:
    play = asked_both_ways(timedelta(days=1))
    play.go(NOW + LAPSE)
    assert "invite.yes" not in play.buttons("anna")
    assert "lead.yes" in play.buttons("anna")
    play.go(NOW + LAPSE + timedelta(days=1))
    assert "lead.yes" not in play.buttons("anna")
    assert "leader/anna" in play.chat(SPONSOR)


def test_both_lapse_together_if_both_were_asked_at_once_or_nobody_looked_for_long() -> None:
    play = asked_both_ways(timedelta(0))
    play.go(NOW + LAPSE)
    assert not play.buttons("anna").keys() & {"invite.yes", "lead.yes"}
    assert {one.status for one in play.group.members if one.person == "anna"} == {"no"}


def test_a_leader_asked_after_the_start_lapses_too() -> None:
    play = started()
    play.press("omar", LeaveGroup(play.group.id))
    play.fill("omar")
    play.tap(SPONSOR, "replace.b")
    play.fill(SPONSOR, leaders=("per",))
    while play.next().kind != "lapse":
        pass
    assert "leader/per" in play.chat(SPONSOR)
    assert "lead.lapsed" in play.keys("per")


def test_a_leader_who_is_still_asked_at_the_start_may_answer_later() -> None:
    play = joined()
    play.tap("omar", "invite.change")
    play.tap(SPONSOR, "replace.b")
    play.fill(SPONSOR, leaders=("per",))
    play.tap("lena", "gather.show")
    play.tap("lena", "gather.start")
    play.tap("per", "lead.yes")
    assert play.group.led_by == ("lena", "per")


def test_nobody_who_was_not_asked_can_lead() -> None:
    play = opened()
    for person in ("anna", SPONSOR, "stranger"):
        play.press(person, AnswerLead(play.group.id, True))
        assert play.told(person) == "unavailable"


def test_whoever_is_only_asked_to_lead_is_not_named_to_the_group() -> None:
    play = started()
    play.submit("omar", LeaveGroup(play.group.id))
    assert people(play.chat("")["meeting/1"]) == {"lena"}
    play.tap(SPONSOR, "replace.b")
    play.fill(SPONSOR, leaders=("per",))
    play.tap("anna", "leave")
    play.fill("anna")
    assert people(play.chat("")["meeting/1"]) == {"lena"}
    play.tap("per", "lead.yes")
    assert people(play.chat("")["meeting/1"]) == {"lena", "per"}


def test_a_leader_may_join_even_after_the_last_meeting() -> None:
    play = started()
    play.submit("omar", LeaveGroup(play.group.id))
    play.go("finish", 10)
    play.tap(SPONSOR, "replace.b")
    play.fill(SPONSOR, leaders=("per",))
    play.tap("per", "lead.yes")
    assert play.group.led_by == ("lena", "per")
    assert "guide/10" not in play.chat("per")
