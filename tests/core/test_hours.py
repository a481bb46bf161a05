"""Own hours: what comes before a meeting comes earlier, what comes after it later."""

from datetime import UTC, datetime
from typing import Any

import pytest

from bot.core import action as a
from bot.core.card import Choice, TimeField
from tests.core.play import Play, keys
from tests.core.stages import before, now, started, vote, voting

SET: dict[str, Any] = {"from": "07:00", "to": "15:00", "zone": "Europe/Stockholm"}


def own(play: Play, person: str, days: str, **answers: Any) -> None:
    """A person sets hours of their own; without `days` they take them back."""
    play.press(person, a.SetHours())
    play.fill(person, **{**SET, "days": tuple(days), **answers})


def wanted(play: Play, kind: str) -> dict[str, datetime]:
    """Who -> when, of the moments of one kind that stand."""
    return {one.who: one.due_at for one in play.wanted[play.group.id] if one.kind == kind}


def test_hours_are_set_in_the_home_and_hold_for_every_group() -> None:
    play = before(2)
    assert "hours.open" in keys(play.home("anna"))
    own(play, "anna", "13")
    assert play.told("anna") == "hours.done"
    assert play.hours["anna"] == "13 07:00-15:00"
    assert str(play.group.hours["anna"]) == "13 07:00-15:00"


def test_the_form_knows_what_holds() -> None:
    play = before(2)
    own(play, "anna", "13", **{"from": "06:30"})
    play.press("anna", a.SetHours())
    form = play.form("anna")
    chosen = next(one.chosen for one in form.fields if isinstance(one, Choice))
    times = [one.value for one in form.fields if isinstance(one, TimeField)]
    assert (chosen, times) == (("1", "3"), ["06:30", "15:00"])


def test_without_a_day_the_usual_times_hold() -> None:
    play = before(2)
    own(play, "anna", "13")
    own(play, "anna", "")
    assert play.told("anna") == "hours.none"
    assert not play.group.hours
    own(play, "anna", "")
    assert play.told("anna") == "hours.none"


@pytest.mark.parametrize(
    ("answers", "fields"),
    [
        ({"from": "x", "to": ""}, {"from", "to"}),
        ({"zone": "Mars"}, {"zone"}),
    ],
)
def test_what_is_no_time_or_zone_is_asked_for_again(
    answers: dict[str, str], fields: set[str]
) -> None:
    play = before(2)
    own(play, "anna", "1", **answers)
    assert set(play.errors("anna")) == fields


def test_what_comes_before_a_meeting_comes_at_the_nearest_earlier_hour() -> None:
    play = before(2)
    own(play, "anna", "34")
    assert wanted(play, "remind") == {
        "": datetime(2026, 3, 9, 8, tzinfo=UTC),
        "anna": datetime(2026, 3, 5, 13, 30, tzinfo=UTC),
    }
    play.go(datetime(2026, 3, 5, 14, tzinfo=UTC))
    assert "remind/2" in play.chat("anna")
    assert "remind/2" not in play.chat("bo")
    play.tap("anna", "card.yes")
    play.go("begin", 2)
    assert "remind/2" not in play.chat("anna"), "the common moment passes them by"
    assert sum("remind" in one.kind and one.who == "anna" for one in play.came) == 1


def test_hours_that_include_the_common_time_change_nothing() -> None:
    play = before(2)
    own(play, "anna", "1234567", **{"from": "06:00", "to": "20:00"})
    assert set(wanted(play, "remind")) == {""}
    play.go("remind", 2)
    assert "remind/2" in play.chat("anna")


def test_whoever_has_no_hour_before_the_meeting_is_not_written_to() -> None:
    play = before(2)
    own(play, "anna", "2", **{"from": "14:00", "to": "15:00"})
    assert set(wanted(play, "remind")) == {""}, "their only hours are in the last meeting"
    play.go("begin", 2)
    assert not {"remind/2", "checkin/2"} & set(play.chat("anna"))
    assert "checkin.open" in keys(play.home("anna"))


def test_those_who_lead_have_hours_too() -> None:
    play = before(2)
    own(play, "lena", "34")
    play.go(datetime(2026, 3, 5, 14, tzinfo=UTC))
    assert "overview/2" in play.chat("lena")
    assert "overview/2" not in play.chat("omar")
    card = play.chat("lena")["overview/2"]
    play.tap("anna", "card.yes")
    assert play.chat("lena")["overview/2"] != card
    assert "overview/2" not in play.chat("omar")


def test_what_comes_after_a_meeting_waits_for_the_next_hour() -> None:
    play = voting(2, "anna", "bo")
    for person in ("anna", "bo", "cilla", "dag", "elin", "fia", "gun", "hans"):
        vote(play, person, "anna")
    play.press("lena", a.EndMeeting(play.group.id, 2))
    own(play, "anna", "5")
    assert wanted(play, "next_day") == {"": datetime(2026, 3, 13, 6, tzinfo=UTC)}
    play.go("next_day", 2)
    assert "further/2" in play.chat("anna")


def test_a_proposal_waits_for_the_next_hour_and_not_beyond_the_meeting() -> None:
    play = before(2)
    own(play, "lena", "5")
    own(play, "omar", "3", **{"from": "06:00", "to": "08:00"})
    play.submit("lena", a.MarkFree(play.group.id), **{"from": "2026-03-10"})
    assert wanted(play, "propose") == {"lena": datetime(2026, 3, 6, 6, tzinfo=UTC)}
    play.go("propose", 2)
    assert "move/2" in play.chat("lena")
    assert wanted(play, "propose") == {}


def test_what_comes_late_and_outside_the_hours_is_not_said() -> None:
    play = before(2)
    own(play, "anna", "34")
    play.now = datetime(2026, 3, 6, 3, tzinfo=UTC)  # the machine slept
    play.go(play.now)
    assert [one for one in play.came if one.who == "anna"]
    assert "remind/2" not in play.chat("anna")


def test_a_rest_is_kept_to_with_hours_of_one_s_own() -> None:
    play = before(2)
    own(play, "anna", "1")
    play.press("lena", a.PauseGroup(play.group.id))
    play.fill("lena", date="2026-03-24")
    assert now(play).number == 2
    assert "anna" not in wanted(play, "remind"), "their hour before is in the rest"


def test_before_the_first_meeting_hours_hold_as_well() -> None:
    play = started()
    own(play, "anna", "5")
    assert wanted(play, "remind")["anna"] == datetime(2026, 2, 27, 13, 30, tzinfo=UTC)


def test_the_counted_questions_wait_for_one_who_leads_and_sleeps() -> None:
    play = before(2)
    for person in ("anna", "bo", "cilla", "dag", "elin"):
        play.submit(person, a.Pulse(play.group.id, 1), voice="yes", steps="yes", worth="no")
    own(play, "lena", "5")
    play.go("shred", 1)
    assert "pulse/1" in play.chat("omar")
    assert "pulse/1" not in play.chat("lena")
    assert wanted(play, "pulse") == {"lena": datetime(2026, 3, 6, 6, tzinfo=UTC)}
    play.go("pulse", 1)
    assert play.chat("lena")["pulse/1"] == play.chat("omar")["pulse/1"]
    first = play.group.meeting(1)
    assert first is not None
    assert not first.pulse


def test_the_counted_questions_wait_while_the_group_rests() -> None:
    play = before(2)
    for person in ("anna", "bo", "cilla", "dag", "elin"):
        play.submit(person, a.Pulse(play.group.id, 1), voice="yes", steps="yes", worth="no")
    play.submit("lena", a.PauseGroup(play.group.id), date="2026-03-23")
    play.go("shred", 1)
    assert not [one for one in ("lena", "omar") if "pulse/1" in play.chat(one)]
    assert "1/meeting" not in play.group.drawers, "what is to be destroyed is destroyed"
    assert set(wanted(play, "pulse").values()) == {datetime(2026, 3, 23, 8, tzinfo=UTC)}
    play.go("pulse", 1)
    play.go("pulse", 1)
    assert play.chat("lena")["pulse/1"] == play.chat("omar")["pulse/1"]


def test_both_who_lead_may_sleep_and_nothing_is_told_of_a_group_that_was_ended() -> None:
    play = before(2)
    for person in ("anna", "bo", "cilla", "dag", "elin"):
        play.submit(person, a.Pulse(play.group.id, 1), voice="yes", steps="yes", worth="no")
    own(play, "lena", "5")
    own(play, "omar", "5", **{"from": "08:00"})
    play.go("shred", 1)
    other = play.copy()
    play.go("pulse", 1)
    assert set(wanted(play, "pulse")) == {"omar"}
    play.go("pulse", 1)
    assert "pulse/1" in play.chat("omar")
    other.submit("eva", a.CloseGroup(other.group.id))
    assert not wanted(other, "pulse")
