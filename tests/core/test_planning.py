"""One meeting is moved, called off or added; what follows is said once."""

# ruff: noqa: DTZ001 - a wall-clock time has no zone of its own

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from bot.core import action as a
from bot.core import plan
from bot.core.card import Choice, T, When
from bot.core.plan import AHEAD, OTHER, bounds
from schedules.rule import wall
from tests.core.play import Play, inside, keys
from tests.core.stages import before, begun, now


def move(play: Play, number: int, **answers: Any) -> None:
    play.press("lena", a.MoveMeeting(play.group.id, number))
    play.fill("lena", **answers)


def to(play: Play, number: int, when: str, **answers: Any) -> None:
    """Lena types a time: `2026-03-12 13:00`."""
    day, hour = when.split()
    move(play, number, to=OTHER, date=day, time=hour, **answers)


def free(play: Play) -> list[str]:
    """The free times in the form before Lena."""
    field = next(one for one in play.form("lena").fields if isinstance(one, Choice))
    return [one.value for one in field.options]


def announced(number: int = 2) -> Play:
    play = before(number)
    play.go("announce", number)
    return play


def test_a_meeting_is_moved_with_all_its_moments() -> None:
    play = announced()
    to(play, 2, "2026-03-12 15:00")
    assert play.told("lena") == "moved.done"
    assert now(play).at == datetime(2026, 3, 12, 15)
    wanted = {one.kind: one.due_at for one in play.wanted[play.group.id] if one.meeting == 2}
    assert wanted["begin"] == datetime(2026, 3, 12, 14, tzinfo=UTC)
    assert wanted["remind"] == datetime(2026, 3, 11, 8, tzinfo=UTC)
    assert wanted["question"] == datetime(2026, 3, 9, 8, tzinfo=UTC)
    play.go("finish", 2)
    assert play.now == datetime(2026, 3, 12, 17, 15, tzinfo=UTC)


def test_the_room_reads_one_short_notice_and_its_card_is_edited() -> None:
    play = announced()
    old = play.chat("")["meeting/2"]
    to(play, 2, "2026-03-12 13:00")
    assert play.chat("")["meeting/2"] != old
    assert "moved" in play.keys("", "moved/2.1")
    play.tap("anna", "card.yes")
    to(play, 2, "2026-03-13 13:00")
    assert "moved/2.1" not in play.chat("")
    assert "moved" in play.keys("", "moved/2.2")
    assert not now(play).attendance, "who comes is asked anew"
    play.go("finish", 2)
    assert not [name for name in play.chat("") if name.startswith("moved")]


def test_what_was_said_about_the_old_day_is_edited_and_never_said_again() -> None:
    play = before(2)
    play.go("checkin", 2)
    play.tap("anna", "card.yes")
    reminded, asked, overview = (
        play.chat(who)[name]
        for who, name in (("bo", "remind/2"), ("", "question/2"), ("lena", "overview/2"))
    )
    to(play, 2, "2026-03-12 13:00")
    assert play.chat("bo")["remind/2"] != reminded
    assert play.chat("")["question/2"] != asked
    assert play.chat("lena")["overview/2"] != overview
    assert "remind/2" not in play.chat("anna"), "the notice in the room asks them"
    came = len(play.came)
    play.go("begin", 2)
    assert [one.kind for one in play.came[came:] if one.meeting == 2] == ["begin"]


def test_a_later_meeting_is_moved_too_and_the_next_card_stays() -> None:
    play = announced()
    card = play.chat("")["meeting/2"]
    to(play, 5, "2026-03-30 13:00")
    assert play.chat("")["meeting/2"] == card
    assert play.keys("", "moved/5.1") >= {"moved"}
    assert "card.yes" not in keys(play.chat("")["moved/5.1"])
    five = play.group.meeting(5)
    assert five is not None
    assert (five.at, five.revision) == (datetime(2026, 3, 30, 13), 1)


def test_before_the_next_card_is_there_only_the_notice_is() -> None:
    play = before(2)
    to(play, 2, "2026-03-12 13:00")
    assert "meeting/2" not in play.chat("")
    assert "card.yes" in play.keys("", "moved/2.1")


def test_the_form_shows_what_is_free_the_nearest_first() -> None:
    play = announced()
    play.press("lena", a.MoveMeeting(play.group.id, 2))
    assert free(play) == [
        "2026-03-09T13:00",
        "2026-03-11T13:00",
        "2026-03-12T13:00",
        "2026-03-13T13:00",
        "2026-03-06T13:00",
        OTHER,
    ]
    play.fill("lena", to="2026-03-11T13:00")
    assert now(play).at == datetime(2026, 3, 11, 13)


@pytest.mark.parametrize(
    ("when", "number", "why"),
    [
        ("2026-03-04 08:30", 2, "plan.past"),
        ("2026-03-17 14:00", 2, "plan.taken"),
        ("2026-03-03 16:00", 2, "plan.past"),
        ("2026-03-18 13:00", 2, "plan.after"),
        ("2026-03-09 13:00", 3, "plan.before"),
        ("2026-04-03 13:00", 5, "plan.holiday"),
        ("2026-03-14 13:00", 2, "plan.weekend"),
        ("2026-07-01 13:00", 3, "plan.after"),
        ("2026-03-09 13:00", 10, "plan.before"),
        ("2028-06-05 13:00", 3, "plan.far"),
        ("2028-06-05 13:00", 10, "plan.far"),
        ("9999-12-31 13:00", 10, "plan.far"),
        ("0001-01-01 13:00", 10, "plan.past"),
    ],
)
def test_what_speaks_against_a_time_is_said_with_the_nearest_free(
    when: str, number: int, why: str
) -> None:
    play = announced()
    to(play, number, when)
    assert play.errors("lena") == {"date": "plan.fault"}
    said = play.replies["lena"]
    assert why in keys(said)
    proposed = next(one.at for one in inside(said, When) if one.style == "both")
    assert play.group == announced().group
    to(play, number, f"{wall(proposed, play.group.zone):%Y-%m-%d %H:%M}")
    assert play.told("lena") == "moved.done", "what is offered is not refused"


def test_of_a_meeting_that_is_too_far_ahead_its_own_number_is_said() -> None:
    play = announced()
    to(play, 3, "2028-06-05 13:00")
    far = next(one for one in inside(play.replies["lena"], T) if one.key == "plan.far")
    assert far.values == {"n": 3}


def test_a_free_time_is_at_most_a_year_ahead() -> None:
    play = announced()
    last = play.group.meetings[-1]
    wish = wall(play.now, play.group.zone) + AHEAD - timedelta(days=3)
    found = plan.free(play.group, last.number, wish, play.now)
    assert found
    assert all(plan.fault(play.group, last.number, one, play.now) is None for one in found)


def test_a_day_off_can_be_taken_all_the_same_and_is_not_asked_about() -> None:
    play = announced()
    to(play, 2, "2026-03-14 13:00", anyway=True)
    assert now(play).at == datetime(2026, 3, 14, 13)
    play.go("begin", 2)
    assert not [one for one in play.came if one.kind == "propose"]


def test_without_any_free_time_only_the_reason_is_said() -> None:
    play = announced()
    free_days = {date(2026, 3, 1) + timedelta(days=i) for i in range(60)}
    play.groups[play.group.id] = replace(play.group, free_days=frozenset(free_days))
    to(play, 2, "2026-03-12 13:00")
    assert play.errors("lena") == {"date": "plan.free"}


@pytest.mark.parametrize(
    ("answers", "fault"),
    [
        ({}, {"to": "error.choose"}),
        ({"to": "x"}, {"to": "error.choose"}),
        ({"to": OTHER}, {"date": "error.date", "time": "error.time"}),
        ({"to": OTHER, "date": "2026-03-12", "time": "25"}, {"time": "error.time"}),
    ],
)
def test_a_time_that_cannot_be_read_is_asked_for_again(
    answers: dict[str, str], fault: dict[str, str]
) -> None:
    play = announced()
    move(play, 2, **answers)
    assert play.errors("lena") == fault


def test_the_time_it_has_changes_nothing() -> None:
    play = announced()
    to(play, 2, "2026-03-10 13:00")
    assert play.told("lena") == "moved.same"
    assert now(play).revision == 0


def test_which_meeting_is_chosen_among_those_to_come() -> None:
    play = announced()
    play.press("lena", a.PlanGroup(play.group.id))
    assert play.form("lena").title.key == "plan.title"
    play.fill("lena", meeting="7")
    assert play.form("lena").action == a.MoveMeeting(play.group.id, 7)
    play.submit("lena", a.PlanGroup(play.group.id), meeting="1")
    assert play.form("lena").action == a.PlanGroup(play.group.id)


def test_what_has_begun_or_is_over_cannot_be_moved() -> None:
    play = begun(2)
    for number in (1, 2):
        for action in (
            a.MoveMeeting(play.group.id, number),
            a.AcceptMove(play.group.id, number, 0, "2026-03-12T13:00"),
            a.Postpone(play.group.id, number, 0, 1),
            a.KeepMeeting(play.group.id, number, 0, "day"),
        ):
            play.press("lena", action)
            assert play.told("lena") == "unavailable"
        play.submit("lena", a.MoveMeeting(play.group.id, number))
        assert play.told("lena") == "unavailable"


def test_a_later_meeting_can_be_called_off() -> None:
    play = announced()
    play.press("lena", a.SkipMeeting(play.group.id, 4))
    play.fill("lena")
    assert "card.skipped" in play.keys("", "meeting/4")
    four = play.group.meeting(4)
    assert four is not None
    assert not four.held
    assert four.revision == 1
    assert now(play).number == 2
    play.go("finish", 3)
    assert now(play).number == 5
    play.go("begin", 5)
    assert play.now == datetime(2026, 3, 31, 11, tzinfo=UTC)


def test_a_meeting_is_added_after_the_last() -> None:
    play = announced()
    play.press("lena", a.AddMeeting(play.group.id))
    assert free(play)[0] == "2026-05-12T13:00"
    play.fill("lena", to="2026-05-12T13:00")
    assert play.told("lena") == "added.done"
    assert "added" in play.keys("", "moved/11.1")
    assert len(play.group.meetings) == 11
    play.go("finish", 11)
    assert play.group.status == "running"
    play.go("shred", 11)
    assert play.group.status == "closed"


def test_a_meeting_is_added_even_when_all_have_been() -> None:
    play = before(1)
    play.go("finish", 10)
    play.press("lena", a.PlanGroup(play.group.id))
    assert play.told("lena") == "home.over"
    assert "add.meeting" in keys(play.home("lena"))
    play.press("lena", a.AddMeeting(play.group.id))
    play.fill("lena", to="2026-05-12T13:00")
    assert now(play).number == 11


def test_there_is_an_end_to_adding() -> None:
    play = announced()
    many = tuple(replace(play.group.meetings[-1], number=n) for n in range(1, 61))
    play.groups[play.group.id] = replace(play.group, meetings=many)
    play.press("lena", a.AddMeeting(play.group.id))
    assert play.told("lena") == "plan.most"
    play.submit("lena", a.AddMeeting(play.group.id))
    assert play.told("lena") == "unavailable"


def test_nobody_else_changes_the_plan() -> None:
    play = announced()
    group = play.group
    for person in ("anna", "eva", "stranger", "karin"):
        for action in (
            a.PlanGroup(group.id),
            a.MoveMeeting(group.id, 2),
            a.AddMeeting(group.id),
            a.ChangePlan(group.id),
            a.PauseGroup(group.id),
        ):
            play.press(person, action)
            assert play.told(person) == "unavailable"
            play.submit(person, action, to=OTHER, date="2026-03-12", time="13:00", every="1")
            assert play.told(person) in ("unavailable",)
    assert play.group == group


def test_a_facilitator_finds_the_plan_with_what_speaks_against_a_day() -> None:
    play = announced()
    assert {"plan.b", "add.meeting", "replan.b", "rest.b", "free.title", "hand.b"} <= keys(
        play.home("lena")
    )
    assert "plan.off" not in keys(play.home("lena"))
    days = frozenset({date(2026, 3, 24)})
    play.groups[play.group.id] = replace(play.group, free_days=days)
    assert "plan.off" in keys(play.home("omar"))


def test_the_first_meeting_stands_anywhere_from_now_until_the_second() -> None:
    play = before(1)
    after, end = bounds(play.group, 1, play.now)
    assert (after, end) == (wall(play.now, play.group.zone), play.group.meetings[1].at)
