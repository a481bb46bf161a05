"""The weekly cadence around one meeting."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.core.action import Attend, CloseGroup, MarkHeld, MoveMeeting, SkipMeeting
from bot.core.card import Button, Details, When
from bot.core.due import checkin_at, due
from bot.core.model import Meeting
from schedules.rule import Hours
from tests.core.play import LEADERS, OPENING, POOL, SPONSOR, Play, inside, keys, people
from tests.core.stages import before, begun, now, started


def started_with(**changes: str) -> Play:
    play = Play()
    play.command(SPONSOR, "open")
    play.fill(SPONSOR, **{**OPENING, **changes})
    for leader in LEADERS:
        play.tap(leader, "lead.yes")
    for person in POOL[:4]:
        play.tap(person, "invite.yes")
    play.tap("lena", "gather.show")
    play.tap("lena", "gather.start")
    return play


def rows(play: Play) -> dict[str, set[str]]:
    """The overview: which heading names whom."""
    details = next(inside(play.chat("lena")["overview/2"], Details))
    return {term.key.removeprefix("overview."): people(value) for term, value in details.rows}


def test_the_next_card_comes_on_the_working_day_after_the_meeting() -> None:
    play = before(2)
    assert "meeting/2" not in play.chat("")
    play.go("announce", 2)
    assert play.now == datetime(2026, 3, 4, 8, tzinfo=UTC)
    assert {"card.yes", "card.no", "card.late", "checkin.open"} <= set(play.buttons(""))


def test_a_place_is_named_on_the_card_or_said_to_be_missing() -> None:
    assert "card.unset" not in started().keys("", "meeting/1")
    play = started_with(place="")
    assert "card.unset" in play.keys("", "meeting/1")
    assert "card.where" not in keys(play.home("anna"))


def test_a_link_comes_with_a_word_on_recording() -> None:
    assert "card.recording" not in started().keys("", "meeting/1")
    play = started_with(link="https://meet.example/tisdag")
    assert {"card.link", "card.recording"} <= play.keys("", "meeting/1")


def test_before_an_early_meeting_the_moment_for_oneself_comes_the_day_before() -> None:
    play = started_with(time="08:30")
    play.go("checkin", 1)
    assert play.now == datetime(2026, 3, 2, 14, tzinfo=UTC)
    play = started_with(time="09:00")
    play.go("checkin", 1)
    assert play.now == datetime(2026, 3, 3, 7, tzinfo=UTC)


def test_questions_are_asked_for_in_the_room_three_working_days_before() -> None:
    play = before(2)
    play.go("question", 2)
    assert play.now == datetime(2026, 3, 5, 8, tzinfo=UTC)
    assert play.buttons("").keys() >= {"case.open"}
    assert "vote.progress" not in play.keys(""), "no number is shown before the vote"


def test_questions_are_never_asked_for_before_the_card_is_there() -> None:
    play = before(6)
    play.go("question", 6)  # Easter: three working days before is still meeting 5
    assert "meeting/6" in play.chat("")


def test_the_first_meeting_asks_for_no_question() -> None:
    play = started()
    play.go("begin", 1)
    assert "case.open" not in {button.label.key for button in inside(play.shown, Button)}
    assert not [one for one in play.came if one.kind == "question"]


def test_the_only_reminder_goes_to_those_who_have_not_said() -> None:
    play = before(2)
    play.go("announce", 2)
    play.tap("anna", "card.yes")
    play.tap("bo", "card.no")
    play.go("remind", 2)
    assert play.now == datetime(2026, 3, 9, 8, tzinfo=UTC)
    reminded = [person for person in POOL if "remind/2" in play.chat(person)]
    assert reminded == list(POOL[2:8])


def test_a_reminder_is_gone_once_it_is_answered() -> None:
    play = before(2)
    play.go("remind", 2)
    play.tap("anna", "card.late")
    assert play.told("anna") == "attend.late"
    assert "remind/2" not in play.chat("anna")
    assert "remind/2" in play.chat("bo")
    play.go("finish", 2)
    assert "remind/2" not in play.chat("bo")


def test_those_who_lead_see_who_comes_and_what_changes_afterwards() -> None:
    play = before(2)
    play.go("remind", 2)
    for person, answer in (("anna", "card.yes"), ("bo", "card.no"), ("cilla", "card.late")):
        play.tap(person, answer)
    play.go("overview", 2)
    assert rows(play) == {
        "lead": {"omar"},
        "yes": {"anna"},
        "late": {"cilla"},
        "no": {"bo"},
        "silent": set(POOL[3:8]),
    }
    play.tap("bo", "card.yes")
    assert rows(play)["yes"] == {"anna", "bo"}
    assert play.chat("lena")["overview/2"] == play.chat("omar")["overview/2"]


def test_few_who_come_are_mentioned_and_four_are_not_few() -> None:
    play = before(2)
    play.go("overview", 2)
    assert "few.coming" in play.keys("lena", "overview/2")
    for person in POOL[:4]:
        play.tap(person, "card.yes")
    assert "few.coming" not in play.keys("lena", "overview/2")


def test_an_answer_is_for_those_who_lead_only() -> None:
    play = before(2)
    play.go("overview", 2)
    room, sponsor = play.chat(""), play.chat(SPONSOR)
    play.tap("anna", "card.no")
    assert (play.chat(""), play.chat(SPONSOR)) == (room, sponsor)
    assert "anna" not in people([play.home(SPONSOR), play.home("bo")])


def test_one_may_still_say_so_when_the_meeting_has_begun() -> None:
    play = begun(2)
    assert {"card.no", "card.yes"} <= keys(play.home("anna"))
    for answer in ("no", "yes"):
        play.press("anna", Attend(play.group.id, 2, answer))  # type: ignore[arg-type]
    assert now(play).attendance["anna"] == "yes"


@pytest.mark.parametrize("person", ["lena", SPONSOR, "kim", "stranger"])
def test_only_members_say_whether_they_come(person: str) -> None:
    play = before(2)
    play.press(person, Attend(play.group.id, 2, "yes"))
    assert play.told(person) == "unavailable"


def test_only_the_next_meeting_is_answered() -> None:
    play = before(2)
    for number in (0, 1, 3, 11, -1):
        play.press("anna", Attend(play.group.id, number, "yes"))
        assert play.told("anna") == "unavailable"


def test_a_meeting_is_called_off_after_one_question() -> None:
    play = before(2)
    play.go("overview", 2)
    play.tap("lena", "skip.b")
    assert "skip.text" in keys(play.form("lena"))
    play.fill("lena")
    assert play.told("lena") == "skip.done"
    assert "card.skipped" in play.keys("", "meeting/2")
    assert not {"question/2", "vote/2"} & set(play.chat(""))
    assert not any(play.chat(person).keys() - {"invite", "reflect/1"} for person in POOL[:8])
    assert "overview/2" not in play.chat("lena")
    play.go("begin", 3)
    assert not [one for one in play.came if (one.kind, one.meeting) == ("begin", 2)]
    assert "reflect/2" not in play.chat("anna")


def skip(play: Play, number: int) -> None:
    play.submit("lena", SkipMeeting(play.group.id, number))


def notices(play: Play) -> list[str]:
    """The notices in the room of meetings that do not take place."""
    return [name for name in play.chat("") if name.startswith("skipped")]


def test_the_room_reads_that_a_meeting_is_called_off_and_when_the_next_is() -> None:
    play = before(2)
    play.go("announce", 2)
    skip(play, 2)
    card = play.chat("")["skipped/2"]
    assert "skipped.next" in play.keys("", "skipped/2")
    assert [one.at for one in inside(card, When)] == [
        play.group.starts(one) for one in play.group.meetings[1:3]
    ]
    assert not people(card)
    play.go("finish", 3)
    assert not notices(play), "the group has met"


def test_a_meeting_that_has_begun_is_called_off_in_the_room_too() -> None:
    play = begun(2)
    skip(play, 2)
    assert notices(play) == ["skipped/2"]


def test_of_a_meeting_that_nobody_has_been_shown_there_is_its_card_and_no_notice() -> None:
    play = before(2)
    skip(play, 4)
    assert not notices(play)
    assert "card.skipped" in play.keys("", "meeting/4")


def test_a_notice_names_the_next_meeting_as_the_plan_changes() -> None:
    play = started()
    skip(play, 1)
    play.press("lena", MoveMeeting(play.group.id, 2))
    play.fill("lena", to="2026-03-12T13:00")
    assert play.group.starts(play.group.meetings[1]) in [
        one.at for one in inside(play.chat("")["skipped/1"], When)
    ]
    play.go("announce", 2)
    skip(play, 2)
    for name in ("skipped/1", "skipped/2"):
        dates = [one.at for one in inside(play.chat("")[name], When)]
        assert dates[1] == play.group.starts(play.group.meetings[2])


def test_after_the_last_meeting_no_next_one_is_named() -> None:
    play = before(10)
    play.go("announce", 10)
    skip(play, 10)
    assert "skipped" in play.keys("", "skipped/10")


def test_a_meeting_that_took_place_after_all_is_not_called_off_in_the_room() -> None:
    play = started()
    skip(play, 1)
    play.go(play.group.starts(play.group.meetings[0]))
    play.press("lena", MarkHeld(play.group.id, 1, held=True))
    assert not notices(play)
    play.press("lena", MarkHeld(play.group.id, 1, held=False))
    play.press("lena", MoveMeeting(play.group.id, 2))
    play.fill("lena", to="2026-03-12T13:00")
    assert not notices(play), "nothing is said twice"


def test_a_group_that_is_closed_names_no_next_meeting() -> None:
    play = started()
    skip(play, 1)
    play.submit(SPONSOR, CloseGroup(play.group.id))
    assert not notices(play)


@pytest.mark.parametrize("person", ["anna", SPONSOR, "stranger"])
def test_nobody_else_calls_a_meeting_off(person: str) -> None:
    play = before(2)
    play.press(person, SkipMeeting(play.group.id, 2))
    assert play.told(person) == "unavailable"
    play.submit(person, SkipMeeting(play.group.id, 2))
    assert play.told(person) == "unavailable"
    play.press("lena", SkipMeeting(play.group.id, 1))
    assert play.told("lena") == "unavailable"


def test_what_comes_too_late_to_be_of_use_is_not_said() -> None:
    play = started()
    play.now = datetime(2026, 3, 3, 12, 30, tzinfo=UTC)  # the machine slept until the meeting
    play.go("begin", 1)
    assert "guide/1" in play.chat("lena")
    assert set(play.chat("anna")) == {"invite"}
    assert "overview/1" not in play.chat("lena")
    play = started()
    play.now = datetime(2026, 3, 3, 18, tzinfo=UTC)  # or until after it
    play.go("finish", 1)
    assert "guide/1" not in play.chat("lena")
    assert play.group.meetings[0].held, "nobody has said that it did not take place"


PRIVATE = {"further/1", "remind/2", "checkin/2"}


def slept(play: Play, until: datetime, **changes: object) -> dict[str, set[str]]:
    """What each was told in private after the machine has slept until then."""
    group = replace(play.group, **changes)
    play.groups[group.id], play.wanted[group.id] = group, due(group)
    play.now = until
    play.go(until)
    return {person: set(play.chat(person)) & PRIVATE for person in group.people}


def owned(play: Play) -> tuple[Meeting, ...]:
    """The meetings, of which the first had a question of Anna's."""
    first, *others = play.group.meetings
    return (replace(first, owner="anna"), *others)


@pytest.mark.parametrize("hours", range(0, 7 * 24, 5))
def test_after_any_downtime_each_gets_one_message_at_most(hours: int) -> None:
    play = before(2)
    until = play.now + timedelta(hours=hours)
    meetings = owned(play)
    missed = {
        one.kind for one in due(replace(play.group, meetings=meetings)) if one.due_at <= until
    }
    told = slept(play, until, meetings=meetings)
    assert all(len(those) <= 1 for those in told.values()), told
    if until < play.group.starts(play.group.meetings[1]):
        assert bool(told["anna"]) == bool(missed & {"next_day", "remind", "checkin"})
        assert bool(told["bo"]) == bool(missed & {"remind", "checkin"})


def test_what_is_not_said_in_a_room_with_a_sponsor_makes_up_for_nothing() -> None:
    play = before(2)
    play.comes(SPONSOR)
    told = slept(play, checkin_at(play.group, play.group.meetings[1]), meetings=owned(play))
    assert told["anna"] == told["bo"] == {"remind/2"}


def test_hours_of_ones_own_decide_what_comes_by_now() -> None:
    play = before(2)
    morning = checkin_at(play.group, play.group.meetings[1])
    early = Hours.parse("12345 06:00-07:00", play.group.zone)
    assert early.earlier(morning) < morning
    told = slept(play, morning - timedelta(minutes=1), hours={"anna": early})
    assert told["bo"] == {"remind/2"}, "their check-in is not due yet"
    assert told["anna"] == set(), "hers was, and by now it is no hour of hers"
