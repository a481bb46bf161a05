"""Whether the group meets again: one vote, and then a date or nothing."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.action import AskReunion, Attend, CloseReunion, LeaveGroup, VoteReunion
from bot.core.card import When
from bot.core.figures import facts_of
from bot.core.model import to_document
from bot.core.reunion import decide
from tests.core.play import POOL, SPONSOR, Play, inside, keys, paths, people
from tests.core.stages import begun, copied, now, to_step

MEMBERS = POOL[:8]


@copied
def closing() -> Play:
    """The last meeting is at its closing."""
    play = begun(10)
    to_step(play, "closing")
    return play


@copied
def asked() -> Play:
    play = closing()
    play.tap("lena", "reunion.ask")
    return play


def answer(play: Play, months: int, *who: str) -> None:
    for one in who:
        play.tap(one, f"reunion.{months}")


def agreed(months: int = 3) -> Play:
    play = asked()
    answer(play, months, *MEMBERS)
    return play


def test_a_leader_asks_once_at_the_closing_and_the_room_answers() -> None:
    play = closing()
    assert "questions/closing" in paths(play.chat("")["closing"])
    play.tap("omar", "reunion.ask")
    assert {"reunion", "reunion.3", "reunion.6", "reunion.0"} <= play.keys("", "reunion")
    assert "reunion.3" in keys(play.home("anna"))
    assert "reunion.ask" not in play.buttons("lena")
    play.press("lena", AskReunion(play.group.id, 10))
    assert play.told("lena") == "unavailable"


def test_how_many_have_answered_is_shown_and_not_what() -> None:
    play = asked()
    answer(play, 3, "anna")
    assert play.told("anna") == "vote.in"
    other = asked()
    answer(other, 0, "anna")
    assert play.shown == other.shown
    assert not people(play.chat("")["reunion"])
    assert to_document(play.group) == to_document(other.group)


def test_an_answer_can_be_changed_and_the_last_one_closes_it() -> None:
    play = asked()
    answer(play, 0, *MEMBERS[:7])
    answer(play, 6, *MEMBERS[:7])
    answer(play, 6, "hans")
    assert play.told("hans") == "vote.in.last"
    assert "reunion.set" in play.keys("", "reunion")
    assert "10/reunion" not in play.group.drawers
    play.press("anna", VoteReunion(play.group.id, 10, 0))
    assert play.told("anna") == "unavailable"


@pytest.mark.parametrize(("months", "weeks"), [(3, 13), (6, 26)])
def test_a_yes_becomes_the_same_weekday_at_the_same_time(months: int, weeks: int) -> None:
    play = agreed(months)
    last = play.group.meetings[9].at
    assert play.group.reunion_at == last + timedelta(weeks=weeks)
    assert play.group.reunion_at.weekday() == last.weekday()


def test_a_reunion_is_on_no_holiday() -> None:
    play = asked()
    thirteen = (play.group.meetings[9].at + timedelta(weeks=13)).date()
    free = frozenset({thirteen, thirteen + timedelta(weeks=1)})
    play.groups[play.group.id] = replace(play.group, free_days=free)
    answer(play, 3, *MEMBERS)
    assert play.group.reunion_at
    assert play.group.reunion_at.date() == thirteen + timedelta(weeks=2)


def test_after_a_last_meeting_on_a_sunday_it_is_on_the_monday() -> None:
    play = asked()
    sunday = play.group.meetings[9].at + timedelta(days=5)
    last = replace(play.group.meetings[9], at=sunday)
    play.groups[play.group.id] = play.group.with_meeting(last)
    answer(play, 3, *MEMBERS)
    assert play.group.reunion_at == sunday + timedelta(weeks=13, days=1)


def test_if_every_day_is_free_it_is_on_the_same_weekday() -> None:
    play = asked()
    thirteen = play.group.meetings[9].at + timedelta(weeks=13)
    free = frozenset(thirteen.date() + timedelta(days=n) for n in range(-100, 100))
    play.groups[play.group.id] = replace(play.group, free_days=free)
    answer(play, 3, *MEMBERS)
    assert play.group.reunion_at == thirteen


def test_a_no_leaves_nothing_behind() -> None:
    play = asked()
    answer(play, 0, *MEMBERS)
    assert "reunion.none" in play.keys("", "reunion")
    play.go("shred", 10)
    assert "reunion" not in play.chat("")
    assert "closing" not in play.chat("")
    never = closing()
    never.go("shred", 10)
    assert to_document(play.group) == to_document(never.group)
    assert not any(play.wanted.values())


# --- closing it ---------------------------------------------------------------------------------


def test_a_leader_closes_it_from_half_of_the_roll() -> None:
    play = asked()
    answer(play, 3, *MEMBERS[:3])
    assert "vote.close" not in play.buttons("lena")
    play.press("lena", CloseReunion(play.group.id, 10))
    assert play.told("lena") == "vote.half"
    answer(play, 3, "dag")
    play.tap("lena", "vote.close")
    assert play.told("lena") == "vote.closed"
    assert "reunion.set" in play.keys("", "reunion")
    assert not {"vote.close", "reunion.ask"} & set(play.buttons("omar"))


@pytest.mark.parametrize(("answers", "told"), [(4, "reunion.set"), (3, "reunion.none")])
def test_when_the_meeting_ends_it_counts_if_half_have_answered(answers: int, told: str) -> None:
    play = asked()
    answer(play, 3, *MEMBERS[:answers])
    play.tap("lena", "end.b")
    assert told in play.keys("", "reunion")
    assert "10/reunion" not in play.group.drawers


@settings(derandomize=True, deadline=None, max_examples=100)
@given(st.lists(st.sampled_from(["0", "3", "6"]), max_size=12))
def test_more_yes_than_no_decides_and_then_the_time_that_more_want(answers: list[str]) -> None:
    yes = [one for one in answers if one != "0"]
    months = decide(answers)
    assert (months > 0) == (2 * len(yes) > len(answers))
    if months:
        assert yes.count(str(months)) >= len(yes) / 2
        assert decide(list(reversed(answers))) == months


def test_one_who_leaves_is_waited_for_no_more() -> None:
    play = asked()
    answer(play, 6, *MEMBERS[:6])
    answer(play, 0, "gun")
    play.press("gun", LeaveGroup(play.group.id))
    play.fill("gun")
    assert "10/reunion" in play.group.drawers
    assert "reunion.3" in play.buttons("")
    play.press("hans", LeaveGroup(play.group.id))
    play.fill("hans")
    assert "reunion.set" in play.keys("", "reunion")


def test_lost_answers_are_told_and_it_can_be_asked_again() -> None:
    play = asked()
    answer(play, 3, "anna")
    play.loses("10/reunion")
    assert play.keys("lena", "lost/10") >= {"lost.reunion"}
    assert "reunion" not in play.chat("")
    play.tap("omar", "reunion.ask")
    answer(play, 3, *MEMBERS)
    assert play.group.reunion_at


# --- what becomes of it -------------------------------------------------------------------------


def test_a_reunion_is_no_meeting_and_no_fact_for_the_sponsor() -> None:
    yes, no = agreed(), asked()
    answer(no, 0, *MEMBERS)
    for play in (yes, no):
        play.go("shred", 10)
        assert play.group.status == "closed"
    assert facts_of(yes.group, yes.now) == facts_of(no.group, no.now)
    assert yes.chat(SPONSOR) == no.chat(SPONSOR)
    assert yes.home(SPONSOR) == no.home(SPONSOR)
    assert len(yes.group.meetings) == 10
    assert "reunion.set" in keys(yes.home("anna"))
    assert "reunion.set" in keys(yes.home("lena"))
    assert "reunion.set" not in keys(yes.home("stranger"))


def test_the_room_is_reminded_once_some_days_before_and_then_nothing_is_left() -> None:
    play = agreed()
    play.go("shred", 10)
    assert set(play.chat("")) >= {"reunion"}
    before = {person: play.chat(person) for person in (*MEMBERS, "lena", SPONSOR)}
    play.go("reunion")
    (when,) = inside(play.chat("")["soon"], When)
    assert timedelta(days=2) < when.at - play.now < timedelta(days=6)
    play.go("reunited")
    assert not {"soon", "reunion"} & set(play.chat(""))
    assert {person: play.chat(person) for person in before} == before, "nobody is written to"
    assert (play.group.reunion_at, play.group.reunion_told) == (None, False)
    assert not any(play.wanted.values())


def test_a_reminder_that_comes_too_late_passes_in_silence() -> None:
    play = agreed()
    play.go("shred", 10)
    play.now += timedelta(weeks=14)
    play.go("reunion")
    assert "soon" not in play.chat("")
    play.go("reunited")
    assert "reunion" not in play.chat("")


def test_a_sponsor_who_closes_the_group_closes_this_too() -> None:
    play = agreed()
    play.command(SPONSOR, "close")
    play.fill(SPONSOR)
    assert "reunion" not in play.chat("")
    assert play.group.reunion_at is None
    assert not any(play.wanted.values())


# --- who may ------------------------------------------------------------------------------------


def test_it_is_asked_at_the_closing_of_the_last_meeting_only() -> None:
    for play, number in ((begun(10), 10), (begun(2), 2)):
        play.press("lena", AskReunion(play.group.id, number))
        assert play.told("lena") == "unavailable"
    play = closing()
    for one in MEMBERS:
        play.press(one, Attend(play.group.id, 10, "no"))
    play.press("lena", AskReunion(play.group.id, 10))
    assert play.told("lena") == "unavailable", "there is nobody to ask"


@pytest.mark.parametrize("person", ["anna", SPONSOR, "stranger"])
def test_only_those_who_lead_ask_and_close(person: str) -> None:
    play = closing()
    play.press(person, AskReunion(play.group.id, 10))
    assert play.told(person) == "unavailable"
    play.tap("lena", "reunion.ask")
    play.press(person, CloseReunion(play.group.id, 10))
    assert play.told(person) == "unavailable"


@pytest.mark.parametrize("person", ["lena", SPONSOR, "stranger"])
def test_only_those_on_the_roll_answer(person: str) -> None:
    play = asked()
    play.press(person, VoteReunion(play.group.id, 10, 3))
    assert play.told(person) == "unavailable"
    assert "reunion.3" not in keys(play.home(person))
    assert now(play).reunion
