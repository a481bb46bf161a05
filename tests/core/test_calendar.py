"""Private calendars: what they are told, for whom, and what every change does to it."""

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.core import action as a
from bot.core import calendar
from bot.core.addresses import CLOSED_TOLD, hashed, opens_calendar
from bot.core.card import CARDS, About, Address, Form, Line, Link
from bot.core.decision import OpenForm
from tests.core.laws import inside
from tests.core.play import SPONSOR, Play, keys
from tests.core.stages import begun, closed_by_sponsor, started


def asked(play: Play, person: str) -> Address:
    """The address that somebody is shown."""
    play.press(person, a.GetCalendar(play.group.id))
    play.fill(person)
    (link,) = inside(play.form(person), Link)
    return link.to


def test_an_address_is_shown_once_and_only_its_hash_is_kept() -> None:
    play = started()
    form = play.press("anna", a.GetCalendar(play.group.id))
    assert isinstance(form, OpenForm)
    assert not list(inside(form, Address)), "looking makes none, and ends none"
    assert play.granted == ()
    address = asked(play, "anna")
    token = address.path.removeprefix("/calendar/").removesuffix(".ics")
    (grant,) = play.granted
    assert (grant.person, grant.opens, grant.hash) == ("anna", "calendar", hashed(token))
    assert token not in repr(grant)
    assert token not in repr(play.group)


def test_another_address_has_another_token_and_the_words_say_what_becomes_of_the_old() -> None:
    play = started()
    first = asked(play, "anna")
    assert "calendar.new" in keys(play.press("anna", a.GetCalendar(play.group.id)))
    assert asked(play, "anna") != first
    assert len({one.hash for one in play.granted}) == 2


def test_no_stored_card_can_hold_an_address() -> None:
    play = started()
    asked(play, "anna")
    stored = b"".join(CARDS.dump_json(card) for card in play.shown.values())
    assert b"/calendar/" not in stored
    assert not [one for card in play.shown.values() for one in inside(card, Link)]


def test_without_a_way_in_from_outside_it_says_why_not() -> None:
    play = started()
    play.reached = False
    play.press("anna", a.GetCalendar(play.group.id))
    assert play.told("anna") == "address.none"
    play.submit("anna", a.GetCalendar(play.group.id))
    assert play.told("anna") == "address.none"
    play.press("lena", a.GetSheet(play.group.id, 1))
    assert play.told("lena") == "address.none"
    assert play.granted == ()


def test_the_home_leads_there() -> None:
    play = started()
    assert "calendar.title" in keys(play.home("anna"))
    assert {"calendar.title", "calendar.name.title"} <= keys(play.home("lena"))
    assert "calendar.title" not in keys(play.home(SPONSOR))


# --- what it tells ------------------------------------------------------------------------------


def test_every_meeting_is_told_with_the_revision_that_counts() -> None:
    play = started()
    told = list(calendar.entries(play.group))
    assert [one.number for one in told] == list(range(1, 11))
    assert {(one.called_off, one.revision) for one in told} == {(False, 0)}
    play.press("lena", a.SkipMeeting(play.group.id, 1))
    play.fill("lena")
    first, *rest = calendar.entries(play.group)
    assert (first.called_off, first.revision, first.revised_at) == (True, 1, play.now)
    assert rest == told[1:]


def test_a_meeting_that_took_place_is_not_called_off() -> None:
    play = started()
    play.go("finish", 1)
    first = next(calendar.entries(play.group))
    assert (first.called_off, first.revision) == (False, 0)


def test_when_the_group_closes_the_rest_is_called_off_for_a_while() -> None:
    play = closed_by_sponsor(1)
    first, *rest = calendar.entries(play.group)
    assert not first.called_off
    assert {(one.called_off, one.revision) for one in rest} == {(True, 1)}
    assert opens_calendar(play.group, "anna", play.now + CLOSED_TOLD - timedelta(seconds=1))
    assert not opens_calendar(play.group, "anna", play.now + CLOSED_TOLD)


def test_whoever_has_left_is_told_nothing() -> None:
    play = started()
    assert opens_calendar(play.group, "anna", play.now)
    assert opens_calendar(play.group, "lena", play.now)
    assert not opens_calendar(play.group, SPONSOR, play.now)
    play.press("anna", a.LeaveGroup(play.group.id))
    play.fill("anna")
    assert not opens_calendar(play.group, "anna", play.now)
    gathering = replace(play.group, status="gathering")
    assert not opens_calendar(gathering, "lena", play.now)


def test_a_reunion_is_told_also_after_the_group_has_closed() -> None:
    play = closed_by_sponsor(1)
    at = play.group.meetings[-1].at + timedelta(weeks=26)
    group = replace(play.group, reunion_at=at)
    *_, last = calendar.entries(group)
    assert (last.number, last.called_off) == (0, False)
    assert last.starts.astimezone(ZoneInfo(group.zone)).replace(tzinfo=None) == at
    assert opens_calendar(group, "anna", last.starts)
    assert not opens_calendar(play.group, "anna", last.starts)


@pytest.mark.parametrize("place", ["https://meet.example/abc", "www.meet.example", "a@b.example"])
def test_an_address_of_a_meeting_is_no_place(place: str) -> None:
    group = started().group
    assert calendar.place(group) == "Rum 4"
    assert calendar.place(replace(group, place=place)) == ""


# --- what the meetings are called ---------------------------------------------------------------


def test_those_who_lead_choose_a_word_and_what_is_to_come_is_revised() -> None:
    play = begun(2)
    form = play.press("lena", a.NameCalendar(play.group.id))
    assert isinstance(form, OpenForm)
    (line,) = (one for one in form.form.fields if isinstance(one, Line))
    assert line.value == About(play.group.id, "title")
    play.fill("lena", title="  Samling\u202e ")
    assert play.told("lena") == "calendar.named"
    assert play.group.title == "Samling"
    assert [one.revision for one in play.group.meetings] == [0] + [1] * 9
    play.submit("omar", a.NameCalendar(play.group.id), title="Samling")
    assert [one.revision for one in play.group.meetings] == [0] + [1] * 9, "nothing has changed"
    play.submit("omar", a.NameCalendar(play.group.id), title="x" * 61)
    assert play.errors("omar") == {"title": "error.long"}
    play.submit("omar", a.NameCalendar(play.group.id), title="")
    assert play.group.title == ""


def test_a_form_with_an_address_has_nothing_to_send() -> None:
    play = started()
    asked(play, "anna")
    form: Form = play.form("anna")
    assert form.submit is None
