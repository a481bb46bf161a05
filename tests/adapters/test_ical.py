"""What a calendar is told, read by a strict reader: when, perhaps where, and nothing else."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar, Event

from adapters.calendar.ical import ical, uid
from bot.core import action as a
from bot.core.model import LANGUAGES, Group
from bot.words import Words
from tests.core.play import POOL, SPONSOR
from tests.core.stages import before, closed_by_sponsor, started, with_cases

WORDS = Words()
#: All that an event may say.
SAYS = {
    "CLASS",
    "DTEND",
    "DTSTAMP",
    "DTSTART",
    "LAST-MODIFIED",
    "LOCATION",
    "SEQUENCE",
    "STATUS",
    "SUMMARY",
    "TRANSP",
    "UID",
}


def told(group: Group, seed: str = "seed", language: str = "sv") -> list[Event]:
    """The events, after a strict reading of the bytes."""
    return events(ical(group, seed, language, WORDS))


def events(body: bytes) -> list[Event]:
    """What a strict reader finds, line by line as RFC 5545 wants them."""
    lines = body.split(b"\r\n")
    assert lines[-1] == b""
    assert all(len(line) <= 75 and b"\n" not in line for line in lines)
    calendar = Calendar.from_ical(body)
    assert [one.errors for one in calendar.walk()] == [[]] * len(calendar.walk())
    assert (str(calendar["VERSION"]), "PRODID" in calendar) == ("2.0", True)
    assert "METHOD" not in calendar, "that would need an organiser"
    assert calendar.to_ical() == body
    found = calendar.walk("VEVENT")
    for event in found:
        assert set(event) <= SAYS
        assert event["DTSTAMP"].dt == event["LAST-MODIFIED"].dt
    return list(found)


def by_uid(group: Group) -> dict[str, Event]:
    return {str(event["UID"]): event for event in told(group)}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_calendar_is_read_without_a_fault_in_every_language(language: str) -> None:
    group = started().group
    found = told(group, language=language)
    assert len(found) == 10
    word = {"en": "Meeting", "sv": "Möte", "nb": "Møte"}[language]
    assert {str(event["SUMMARY"]) for event in found} == {word}
    assert {str(event["LOCATION"]) for event in found} == {"Rum 4"}
    assert {str(event["CLASS"]) for event in found} == {"PRIVATE"}
    first = found[0]
    assert first["DTSTART"].dt == datetime(2026, 3, 3, 12, tzinfo=UTC)
    assert first["DTEND"].dt == datetime(2026, 3, 3, 15, tzinfo=UTC)


def test_it_asks_to_be_looked_at_again() -> None:
    calendar = Calendar.from_ical(ical(started().group, "seed", "sv", WORDS))
    assert str(calendar["X-PUBLISHED-TTL"]) == "PT4H"
    assert calendar["REFRESH-INTERVAL"].to_ical() == b"PT4H"
    assert calendar["REFRESH-INTERVAL"].params["VALUE"] == "DURATION"


def test_the_wall_clock_stays_through_a_change_of_clocks() -> None:
    starts = [event["DTSTART"].dt for event in told(started().group)]
    assert {one.astimezone(ZoneInfo("Europe/Stockholm")).time().hour for one in starts} == {13}
    assert {one.hour for one in starts} == {12, 11}, "29 March is between them"


def test_a_title_with_every_sign_of_the_format_stays_one_title() -> None:
    title = "Möte; a,b\\n \N{SNOWMAN} " + "ö" * 45
    group = replace(started().group, title=title, place="Rum 4, plan 2; åäö\\")
    for event in told(group):
        assert str(event["SUMMARY"]) == title
        assert str(event["LOCATION"]) == "Rum 4, plan 2; åäö\\"


def test_an_update_keeps_the_identity_and_counts_up() -> None:
    play = started()
    was = by_uid(play.group)
    play.go(play.now + timedelta(hours=1))
    second = play.group.meetings[1]
    moved = replace(second, at=second.at.replace(hour=15)).revised(play.now)
    now = by_uid(play.group.with_meeting(moved))
    assert list(now) == list(was)
    changed = [key for key in was if now[key] != was[key]]
    assert changed == [uid("seed", 2)]
    before, after = was[changed[0]], now[changed[0]]
    assert after["SEQUENCE"] > before["SEQUENCE"]
    assert after["LAST-MODIFIED"].dt == play.now > before["LAST-MODIFIED"].dt
    assert after["DTSTART"].dt != before["DTSTART"].dt


def test_a_meeting_that_is_called_off_is_cancelled_and_one_that_took_place_after_all_is_not() -> (
    None
):
    play = started()
    was = by_uid(play.group)
    play.press("lena", a.SkipMeeting(play.group.id, 1))
    play.fill("lena")
    off = by_uid(play.group)
    play.press("lena", a.MarkHeld(play.group.id, 1, held=True))
    on = by_uid(play.group)
    assert list(was) == list(off) == list(on)
    first = uid("seed", 1)
    assert [str(one[first]["STATUS"]) for one in (was, off, on)] == [
        "CONFIRMED",
        "CANCELLED",
        "CONFIRMED",
    ]
    assert [one[first]["SEQUENCE"] for one in (was, off, on)] == [0, 1, 2]
    assert [str(one[first]["TRANSP"]) for one in (was, off)] == ["OPAQUE", "TRANSPARENT"]


def test_a_group_that_closes_cancels_what_is_left() -> None:
    found = told(closed_by_sponsor(1).group)
    assert [str(event["STATUS"]) for event in found] == ["CONFIRMED"] + ["CANCELLED"] * 9
    assert [event["SEQUENCE"] for event in found] == [0] + [1] * 9
    assert len({str(event["UID"]) for event in found}) == 10


def test_two_people_do_not_meet_by_what_their_calendars_hold() -> None:
    group = started().group
    one, other = (
        {str(event["UID"]) for event in told(group, seed)} for seed in ("a" * 64, "b" * 64)
    )
    assert not one & other
    body = ical(group, "seed", "sv", WORDS).decode()
    for word in (
        group.id,
        group.name,
        "Jönköping",
        "handledning",
        *POOL,
        SPONSOR,
        "lena",
        "Krets ",
    ):
        assert word not in body


def test_the_bytes_are_the_same_whatever_people_write() -> None:
    quiet, loud = before(2), with_cases(2, *POOL[:4])
    for person in POOL[:6]:
        loud.press(person, a.Attend(loud.group.id, 2, "no"))
    assert ical(quiet.group, "s", "sv", WORDS) == ical(loud.group, "s", "sv", WORDS)
