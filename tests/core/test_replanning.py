"""Place, time or rhythm of all that remain; a rest; days off; somebody else leads."""

# ruff: noqa: DTZ001 - a wall-clock time has no zone of its own

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from bot.core import action as a
from bot.core.card import Choice
from bot.core.due import LAPSE
from bot.core.plan import OTHER
from tests.core.play import COORDINATOR, SPONSOR, Play, keys, people
from tests.core.stages import before, begun, now, started, with_cases
from tests.core.test_planning import announced

AS_IT_IS = {
    "date": "2026-03-10",
    "time": "13:00",
    "every": "1",
    "place": "Rum 4",
    "link": "",
}


def change(play: Play, **answers: Any) -> None:
    play.press("lena", a.ChangePlan(play.group.id))
    play.fill("lena", **{**AS_IT_IS, **answers})


def dates(play: Play) -> list[str]:
    return [f"{one.at:%m-%d %H}" for one in play.group.coming][:4]


# --- all that remain ----------------------------------------------------------------------------


def test_another_hour_leaves_each_its_day() -> None:
    play = announced()
    play.press("lena", a.MoveMeeting(play.group.id, 3))
    play.fill("lena", to="2026-03-18T13:00")
    change(play, time="09:00")
    assert play.told("lena") == "replan.done"
    assert dates(play) == ["03-10 09", "03-18 09", "03-24 09", "03-31 09"]
    assert [one.revision for one in play.group.meetings[:3]] == [0, 1, 2]
    assert "replan.told" in play.keys("", "moved/2.1")


def test_another_rhythm_counts_anew_from_the_next() -> None:
    play = announced()
    change(play, every="2", date="2026-03-11")
    assert dates(play) == ["03-11 13", "03-25 13", "04-08 13", "04-22 13"]
    assert play.group.every == 2
    assert play.group.meetings[0] == before(2).group.meetings[0]


def test_another_place_asks_nobody_anew_whether_they_come() -> None:
    play = announced()
    play.tap("anna", "card.yes")
    change(play, place="Rum 5", link="https://meet.example/5")
    assert now(play).attendance == {"anna": "yes"}
    assert (play.group.place, now(play).revision) == ("Rum 5", 1)
    assert {"replan.place", "card.link"} <= play.keys("", "moved/2.1")
    assert "card.link" in play.keys("", "meeting/2")


def test_a_meeting_moved_alone_does_not_draw_the_others_along_when_the_place_changes() -> None:
    play = announced()
    play.press("lena", a.MoveMeeting(play.group.id, 2))
    play.fill("lena", to=OTHER, date="2026-03-11", time="15:00")
    change(play, date="2026-03-11", time="15:00", place="Rum 5")
    assert dates(play) == ["03-11 15", "03-17 13", "03-24 13", "03-31 13"]


def test_a_meeting_moved_alone_stays_where_it_is_when_the_place_changes() -> None:
    play = announced()
    play.press("lena", a.MoveMeeting(play.group.id, 4))
    play.fill("lena", to=OTHER, date="2026-03-25", time="15:00")
    change(play, link="https://meet.example/5")
    assert dates(play) == ["03-10 13", "03-17 13", "03-25 15", "03-31 13"]


def test_a_meeting_moved_alone_follows_when_the_hour_changes() -> None:
    play = announced()
    play.press("lena", a.MoveMeeting(play.group.id, 4))
    play.fill("lena", to=OTHER, date="2026-03-25", time="15:00")
    change(play, time="09:00")
    assert dates(play) == ["03-10 09", "03-17 09", "03-25 09", "03-31 09"]


def test_of_another_place_no_new_time_is_said_and_of_another_time_no_new_place() -> None:
    play = announced()
    change(play, place="Rum 5")
    assert "replan.told" not in play.keys("", "moved/2.1")
    change(play, place="Rum 5", time="09:00")
    assert {"replan.told", "replan.next"} <= play.keys("", "moved/2.2")
    assert "replan.place" not in play.keys("", "moved/2.2")


def test_a_place_can_be_taken_away_and_nothing_can_stay_as_it_is() -> None:
    play = announced()
    change(play)
    assert play.told("lena") == "moved.same"
    change(play, place="", link="https://meet.example/5")
    assert {"replan.place", "card.unset"} <= play.keys("", "moved/2.1")
    change(play, place="")
    assert "replan.unlinked" in play.keys("", "moved/2.2")


def test_another_place_and_hour_is_one_revision() -> None:
    play = announced()
    change(play, place="Rum 5", time="14:00")
    assert {one.revision for one in play.group.coming} == {1}


@pytest.mark.parametrize(
    ("answers", "fault"),
    [
        ({"date": "x", "time": "", "every": "9"}, ["date", "every", "time"]),
        ({"link": "http://x.example", "place": "x" * 201}, ["link", "place"]),
        ({"date": "2026-03-02"}, ["date"]),
        ({"date": "2026-04-03"}, ["date"]),
    ],
)
def test_what_is_wrong_with_a_plan_is_said_by_field(
    answers: dict[str, str], fault: list[str]
) -> None:
    play = announced()
    change(play, **answers)
    assert sorted(play.errors("lena")) == fault


def test_while_a_meeting_goes_on_the_plan_is_that_of_the_later_ones() -> None:
    play = begun(2)
    play.press("lena", a.ChangePlan(play.group.id))
    play.fill("lena", **{**AS_IT_IS, "date": "2026-03-17", "time": "08:00"})
    assert dates(play)[:2] == ["03-17 08", "03-24 08"]
    assert now(play).at == datetime(2026, 3, 10, 13)


# --- a rest -------------------------------------------------------------------------------------


def rest(play: Play, until: str) -> None:
    play.press("lena", a.PauseGroup(play.group.id))
    play.fill("lena", date=until)


def test_while_a_group_rests_nothing_is_said_and_what_ends_is_destroyed() -> None:
    play = with_cases(2)
    play.press("lena", a.EndMeeting(play.group.id, 2))
    rest(play, "2026-04-15")
    assert play.told("lena") == "rest.done"
    assert dates(play)[:2] == ["04-21 13", "04-28 13"]
    assert "rest.told" in play.keys("", "moved/3.1")
    came = len(play.came)
    play.go(datetime(2026, 4, 15, 6, tzinfo=UTC))
    assert {one.kind for one in play.came[came:]} == {"shred"}
    assert not play.group.drawers.get("2/meeting")
    play.go("announce", 3)
    assert play.now == datetime(2026, 4, 15, 7, tzinfo=UTC)
    play.go("question", 3)
    assert play.now == datetime(2026, 4, 16, 7, tzinfo=UTC)


def test_a_rest_that_ends_just_before_a_meeting_says_all_at_once() -> None:
    play = announced()
    rest(play, "2026-04-21")
    play.go("begin", 2)
    said = {one.kind: one.due_at for one in play.came if one.meeting == 2}
    nine = datetime(2026, 4, 21, 7, tzinfo=UTC)
    assert {said[kind] for kind in ("question", "remind", "overview", "checkin")} == {nine}


def test_a_rest_can_be_longer_or_shorter_but_not_in_the_past() -> None:
    play = announced()
    rest(play, "2026-04-15")
    rest(play, "2026-05-01")
    assert dates(play)[0] == "05-05 13"
    rest(play, "2026-03-20")
    assert dates(play)[0] == "03-24 13"
    for until, fault in (
        ("2026-03-04", "plan.past"),
        ("2028-01-01", "rest.far"),
        ("", "error.date"),
    ):
        rest(play, until)
        assert play.errors("lena") == {"date": fault}


def test_a_rest_that_ends_before_the_next_meeting_moves_nothing() -> None:
    play = announced()
    was = dates(play)
    rest(play, "2026-03-06")
    assert dates(play) == was


# --- days off -----------------------------------------------------------------------------------


def free(play: Play, who: str = "lena", **answers: Any) -> None:
    play.press(who, a.MarkFree(play.group.id))
    play.fill(who, **answers)


def test_a_school_break_is_marked_by_its_week() -> None:
    play = announced()
    play.press("lena", a.MarkFree(play.group.id))
    weeks = next(one for one in play.form("lena").fields if isinstance(one, Choice))
    assert "2026-10-26" in [one.value for one in weeks.options], "week 44"
    free(play, weeks=("2026-10-26", "2027-02-22"))
    assert play.told("lena") == "free.done"
    assert len(play.group.free_days) == 10
    assert date(2026, 10, 30) in play.group.free_days


def test_days_are_marked_one_by_one_and_taken_back() -> None:
    play = announced()
    play.submit("omar", a.MarkFree(play.group.id), **{"from": "2026-03-24"})
    play.submit("omar", a.MarkFree(play.group.id), **{"from": "2026-06-01", "to": "2026-06-03"})
    assert len(play.group.free_days) == 4
    play.press("lena", a.MarkFree(play.group.id))
    assert {"free.gone", "free.span"} <= keys(play.form("lena"))
    free(play, gone=("2026-06-01", "x"))
    assert play.group.free_days == {date(2026, 3, 24)}


@pytest.mark.parametrize(
    ("first", "last", "field"),
    [
        ("", "2026-06-03", "from"),
        ("2026-06-03", "2026-06-01", "to"),
        ("2026-02-01", "", "from"),
        ("2026-06-01", "2026-12-01", "to"),
        ("2027-03-01", "2027-04-01", "to"),
        ("x", "", "from"),
    ],
)
def test_days_that_make_no_row_are_asked_for_again(first: str, last: str, field: str) -> None:
    play = announced()
    free(play, **{"from": first, "to": last})
    assert field in play.errors("lena")


def test_a_coordinator_marks_days_off_and_reads_nothing_else() -> None:
    play = announced()
    free(play, COORDINATOR, **{"from": "2026-03-24"})
    assert play.told(COORDINATOR) == "free.done"
    play.press(COORDINATOR, a.MarkFree(play.group.id))
    assert not people(play.form(COORDINATOR))
    play.press("anna", a.MarkFree(play.group.id))
    assert play.told("anna") == "unavailable"
    play.submit("anna", a.MarkFree(play.group.id))
    assert play.told("anna") == "unavailable"


def test_where_no_breaks_are_known_only_dates_are_asked_for() -> None:
    play = announced()
    play.groups[play.group.id] = replace(play.group, country="")
    play.press("lena", a.MarkFree(play.group.id))
    assert not [one for one in play.form("lena").fields if isinstance(one, Choice)]


# --- proposals ----------------------------------------------------------------------------------


def proposed() -> Play:
    """Meeting 2 would be on a day off; both leaders have been asked."""
    play = before(2)
    free(play, **{"from": "2026-03-10"})
    play.go("announce", 2)
    play.go("propose", 2)
    play.next()
    return play


def test_a_meeting_on_a_day_off_is_proposed_to_be_moved_to_each_who_leads() -> None:
    play = proposed()
    for leader in ("lena", "omar"):
        assert {"move", "plan.free", "move.to", "move.later"} <= play.keys(leader, "move/2")
    assert play.now == datetime(2026, 3, 4, 8, tzinfo=UTC)


def test_one_tap_moves_it_and_the_other_is_asked_no_more() -> None:
    play = proposed()
    play.tap("lena", "move.yes")
    assert now(play).at == datetime(2026, 3, 9, 13)
    assert "move/2" not in play.chat("lena")
    assert "move/2" not in play.chat("omar")


def test_all_that_remain_can_be_put_off_instead() -> None:
    play = proposed()
    play.tap("omar", "move.later.b")
    assert dates(play) == ["03-17 13", "03-24 13", "03-31 13", "04-07 13"]
    assert "moved.all" in play.keys("", "moved/2.1")


def test_it_can_be_kept_and_is_not_asked_again() -> None:
    play = proposed()
    play.tap("lena", "move.keep")
    assert "move/2" not in play.chat("omar")
    came = len(play.came)
    play.go("begin", 2)
    assert not [one for one in play.came[came:] if one.kind == "propose"]
    assert play.now == datetime(2026, 3, 10, 12, tzinfo=UTC)


def test_it_can_be_skipped_or_get_another_time() -> None:
    play = proposed()
    play.tap("lena", "move.other")
    assert play.form("lena").title.key == "plan.title"
    play.tap("omar", "move.skip")
    play.fill("omar")
    assert "move/2" not in play.chat("lena")
    assert now(play).number == 3


def test_nothing_is_moved_without_a_person() -> None:
    play = proposed()
    play.go("begin", 2)
    assert now(play).number == 2
    play.go("finish", 2)
    assert "move/2" not in play.chat("lena")


def test_a_proposal_of_another_time_is_void() -> None:
    play = proposed()
    tap = play.buttons("lena")
    play.press("omar", a.MoveMeeting(play.group.id, 2))
    play.fill("omar", to="2026-03-12T13:00")
    for label in ("move.yes", "move.later.b", "move.keep"):
        play.press("lena", tap[label])
        assert play.told("lena") == "unavailable"


def test_a_proposed_time_that_has_passed_opens_the_form() -> None:
    play = proposed()
    play.now = datetime(2026, 3, 9, 14, tzinfo=UTC)
    play.tap("lena", "move.yes")
    assert play.form("lena").title.key == "plan.title"


@pytest.mark.parametrize("to", ["", "x", "2026-13-01T13:00"])
def test_a_time_that_is_none_is_not_taken(to: str) -> None:
    play = proposed()
    play.press("lena", a.AcceptMove(play.group.id, 2, 0, to))
    assert play.told("lena") == "unavailable"
    play.press("lena", a.Postpone(play.group.id, 2, 0, 0))
    assert play.told("lena") == "unavailable"


def test_the_first_meeting_is_proposed_three_working_days_before() -> None:
    play = started()
    free(play, **{"from": "2026-03-03"})
    play.go("propose", 1)
    assert play.now == datetime(2026, 2, 26, 8, tzinfo=UTC)


def test_in_a_long_time_off_there_is_nothing_near_to_propose() -> None:
    play = before(2)
    free(play, **{"from": "2026-03-04", "to": "2026-05-12"})
    play.go("propose", 2)
    assert not {"move.to", "move.later"} & play.keys("lena", "move/2")


def test_a_last_meeting_has_only_a_free_time_proposed() -> None:
    play = before(10)
    free(play, **{"from": "2026-05-05"})
    play.go("propose", 10)
    assert "move.later" not in play.keys("lena", "move/10")


def test_under_four_coming_another_time_is_proposed() -> None:
    play = before(2)
    play.go("remind", 2)
    assert "move.yes" not in keys(play.home("lena")), "too early to tell"
    play.go("overview", 2)
    assert {"few.coming", "move.to", "move.yes", "move.keep"} <= play.keys("lena", "overview/2")
    play.tap("lena", "move.keep")
    assert "few.coming" in play.keys("omar", "overview/2")
    assert "move.yes" not in play.keys("omar", "overview/2")


def test_with_four_coming_nothing_is_proposed() -> None:
    play = before(2)
    play.go("overview", 2)
    for person in ("anna", "bo", "cilla", "dag"):
        play.tap(person, "card.yes")
    assert "few.coming" not in play.keys("lena", "overview/2")
    play.tap("dag", "card.no")
    play.tap("omar", "move.later.b")
    assert dates(play)[0] == "03-17 13"


# --- somebody else leads ------------------------------------------------------------------------


def hand_over(play: Play, by: str, who: str, to: str) -> None:
    play.press(by, a.HandOver(play.group.id))
    play.fill(by, who=who, leaders=(to,))


def test_somebody_else_leads_once_they_say_yes() -> None:
    play = before(2)
    play.go("overview", 2)
    hand_over(play, "omar", "lena", "per")
    assert play.told("omar") == "replace.done"
    assert play.group.led_by == ("lena", "omar"), "nothing changes until then"
    play.tap("per", "lead.yes")
    assert play.group.led_by == ("omar", "per")
    assert play.let_in == ("per",)
    assert play.let_out == ("lena",)
    assert "overview/2" in play.chat("per")
    assert set(play.chat("lena")) == {"lead"}
    assert people(play.chat("")["lead/per"]) == {"per"}
    play.go("begin", 2)
    assert "guide/2" in play.chat("per")
    assert "guide/2" not in play.chat("lena")


def test_a_no_is_told_and_changes_nothing() -> None:
    play = started()
    hand_over(play, SPONSOR, "lena", "per")
    play.tap("per", "lead.no")
    assert play.group.led_by == ("lena", "omar")
    for person in (SPONSOR, "lena", "omar"):
        assert "hand.no" in play.keys(person, "leader/per")
    hand_over(play, "lena", "lena", "pia")
    play.go(play.now + LAPSE)
    assert "hand.no" in play.keys("lena", "leader/pia")
    hand_over(play, "lena", "lena", "per")
    play.tap("per", "lead.yes")
    assert play.group.led_by == ("omar", "per")


def test_only_one_is_asked_instead_of_one() -> None:
    play = started()
    hand_over(play, "lena", "lena", "per")
    play.submit("omar", a.HandOver(play.group.id), who="lena", leaders=("pia",))
    assert play.errors("omar") == {"who": "error.choose"}
    play.press("lena", a.HandOver(play.group.id))
    assert play.form("lena").title.key == "hand.title"
    play.fill("lena", who="omar", leaders=("pia",))
    play.press("lena", a.HandOver(play.group.id))
    assert play.told("lena") == "unavailable"
    play.submit("lena", a.HandOver(play.group.id))
    assert play.told("lena") == "unavailable"


@pytest.mark.parametrize(
    ("chosen", "fault"),
    [
        ((), "error.leaders"),
        (("per", "pia"), "error.leaders"),
        (("omar",), "error.leader.involved"),
    ],
)
def test_one_other_person_is_asked(chosen: tuple[str, ...], fault: str) -> None:
    play = started()
    play.submit("lena", a.HandOver(play.group.id), who="lena", leaders=chosen)
    assert play.errors("lena") == {"leaders": fault}


def test_who_was_replaced_may_have_left_already() -> None:
    play = started()
    hand_over(play, "lena", "lena", "per")
    play.submit("lena", a.LeaveGroup(play.group.id))
    play.tap("per", "lead.yes")
    assert play.group.led_by == ("omar", "per")
    assert play.told("per") == "lead.joined"


def test_nobody_else_hands_over() -> None:
    play = started()
    for person in ("anna", "stranger"):
        play.press(person, a.HandOver(play.group.id))
        assert play.told(person) == "unavailable"
