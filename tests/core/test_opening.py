"""A sponsor opens a group."""

from dataclasses import replace
from datetime import time
from itertools import pairwise
from typing import Any

import pytest

from bot.core.action import OpenGroup
from bot.core.card import About, Choice, Option, TimeField
from bot.core.model import Group
from bot.core.opening import open_form
from tests.core.play import (
    LEADERS,
    OPENING,
    POOL,
    SPONSOR,
    Play,
    inside,
    jonkoping,
    people,
    shipped,
)
from tests.core.stages import opened


def asked_with(**changes: Any) -> Play:
    play = Play()
    play.command(SPONSOR, "open")
    play.fill(SPONSOR, **{**OPENING, **changes})
    return play


def opened_with(**changes: Any) -> Group:
    play = asked_with(**changes)
    assert play.told(SPONSOR) == "open.done"
    return play.group


def test_the_leaders_are_asked_first_and_nobody_else() -> None:
    play = opened()
    assert {to.id for to, _ in play.shown} == {*LEADERS, SPONSOR}
    assert set(play.buttons("lena")) == {"lead.yes", "lead.no"}
    assert [len(one) for one in (play.group.meetings, play.group.members)] == [10, 12]


def test_the_sponsor_is_told_the_dates_once_and_no_name() -> None:
    play = opened()
    assert set(play.chat(SPONSOR)) == {"sponsor"}
    assert not people(play.chat(SPONSOR)["sponsor"])
    assert [about.what for about in inside(play.chat(SPONSOR)["sponsor"], About)] == ["name"]


@pytest.mark.parametrize(
    ("field", "answer", "fault"),
    [
        ("name", "", "error.empty"),
        ("name", " \u202e\u200b ", "error.empty"),
        ("name", "x" * 100_000, "error.long"),
        ("name", ("a", "list"), "error.empty"),
        ("place", "x" * 201, "error.long"),
        ("link", "http://meet.example/a", "error.link"),
        ("link", "javascript:alert(1)", "error.link"),
        ("link", "https://" + "x" * 200, "error.long"),
        ("method", "unknown", "error.choose"),
        ("method", ("jonkoping", "jonkoping2"), ""),
        ("method", True, "error.choose"),
        ("every", "5", "error.choose"),
        ("every", ("1", "2"), "error.choose"),
        ("language", "fi", "error.choose"),
        ("country", "XX", "error.choose"),
        ("zone", "Mars/Olympus", "error.choose"),
        ("zone", "localtime", "error.choose"),
        ("date", "2026-02-15", "error.past"),
        ("date", "0001-01-01", "error.past"),
        ("date", "2027-03-01", "error.far"),
        ("date", "9999-12-31", "error.far"),
        ("date", "", "error.date"),
        ("date", "2026-02-30", "error.date"),
        ("time", "25:00", "error.time"),
        ("time", "soon", "error.time"),
        ("leaders", (), "error.leaders"),
        ("leaders", ("lena",), "error.leaders"),
        ("leaders", ("lena", "lena"), "error.leaders"),
        ("leaders", ("lena", "omar", "per"), "error.leaders"),
        ("leaders", ("lena", SPONSOR), "error.leader.sponsor"),
        ("leaders", "lena", "error.leaders"),
        ("pool", POOL[:3], "error.pool"),
        ("pool", POOL[:4] * 5, "error.pool"),
        ("pool", tuple(f"p{n}" for n in range(40)), "error.pool"),
        ("pool", (*POOL, SPONSOR), "error.pool.sponsor"),
        ("pool", (*POOL, "omar"), "error.pool.leader"),
    ],
)
def test_what_is_wrong_is_said_beside_its_own_field(field: str, answer: Any, fault: str) -> None:
    play = asked_with(**{field: answer})
    if fault:
        assert play.errors(SPONSOR) == {field: fault}
        assert not play.groups
    else:
        assert play.told(SPONSOR) == "open.done"


def test_all_faults_are_said_at_once() -> None:
    play = Play()
    play.command(SPONSOR, "open")
    play.fill(SPONSOR)
    wrong = {"name", "method", "every", "language", "country", "zone", "date"}
    assert set(play.errors(SPONSOR)) == wrong


def test_a_name_is_kept_without_characters_that_steer_a_screen() -> None:
    assert opened_with(name=" Tis\u202edags\x00\u200bgruppen\n\n1 ").name == "Tisdagsgruppen 1"
    assert opened_with(name="<b>Åsa</b>").name == "<b>Åsa</b>"


def test_the_first_meeting_may_still_be_today() -> None:
    assert opened_with(date="2026-02-16", time="09:01").meetings[0].at.hour == 9
    assert asked_with(date="2026-02-16", time="09:00").errors(SPONSOR) == {"date": "error.past"}


def test_the_form_proposes_the_usual_time_of_its_methods_where_they_agree() -> None:
    play = Play()
    for at, proposed in ((time(13), "13:00"), (time(9), "")):
        other = replace(shipped("helsingborg"), at=at)
        methods = {"jonkoping": ("", jonkoping()), "helsingborg": ("", other)}
        form = open_form(replace(play.facts(SPONSOR), methods=methods)).reply
        assert [one.value for one in inside(form, TimeField)] == [proposed]


@pytest.mark.parametrize(("said", "hour"), [("", 9), ("10:30", 10)])
def test_without_a_time_of_day_it_is_the_methods(said: str, hour: int) -> None:
    play = Play(replace(jonkoping(), at=time(9)))
    play.command(SPONSOR, "open")
    play.fill(SPONSOR, **{**OPENING, "time": said})
    assert play.group.meetings[0].at.hour == hour


def test_meetings_keep_their_weekday_and_their_rhythm() -> None:
    group = opened_with(every="3")
    days = [(two.at - one.at).days for one, two in pairwise(group.meetings)]
    assert days == [21] * 9


def test_ticks_are_what_they_are_and_nothing_else() -> None:
    group = opened_with(working_time="yes", informed=True)
    assert (group.working_time, group.informed) == (False, True)


def test_sending_the_same_form_again_opens_nothing_more() -> None:
    play = opened()
    action = OpenGroup(play.group.id)
    play.submit(SPONSOR, action, **{**OPENING, "name": "Another"})
    assert play.told(SPONSOR) == "open.done"
    play.submit("anna", action, **OPENING)
    assert play.told("anna") == "unavailable"
    assert [group.name for group in play.groups.values()] == ["Tisdagsgruppen"]


def test_the_form_can_be_opened_again_under_the_id_that_was_minted_for_it() -> None:
    play = Play()
    play.command(SPONSOR, "open")
    form = play.form(SPONSOR)
    play.press(SPONSOR, form.action)
    assert play.form(SPONSOR) == form
    play.press(SPONSOR, OpenGroup("g1"))
    assert play.told(SPONSOR) == "unavailable"
    play.submit(SPONSOR, form.action, **OPENING)
    play.press(SPONSOR, form.action)
    assert play.told(SPONSOR) == "unavailable", "the group is there"


@pytest.mark.parametrize("id", ["", "g1", "../x", "g" + "0" * 16, "G" + "0" * 15])
def test_a_group_has_the_id_that_its_form_minted(id: str) -> None:
    play = Play()
    play.submit(SPONSOR, OpenGroup(id), **OPENING)
    assert play.told(SPONSOR) == "unavailable"
    assert play.groups == {}


def test_the_form_proposes_what_is_known_of_the_one_who_asks() -> None:
    play = Play()
    play.languages[SPONSOR] = "nb"
    play.command(SPONSOR, "åpne")
    chosen = {one.name: one.chosen for one in play.form(SPONSOR).fields if isinstance(one, Choice)}
    assert chosen["language"] == ("nb",)
    assert chosen["country"] == ("SE",)
    assert chosen["zone"] == ("Europe/Stockholm",)
    assert chosen["method"] == ("jonkoping",)
    titles = [one.label.values for one in inside(play.form(SPONSOR), Option)]
    assert {"text": "Kollegaveiledningsgruppe (Jönköping)"} in titles


@pytest.mark.parametrize(
    ("zone", "first"), [("Asia/Kolkata", "Asia/Kolkata"), ("nowhere", "Europe/Stockholm")]
)
def test_a_zone_of_ones_own_is_offered_first_if_it_is_one(zone: str, first: str) -> None:
    facts = replace(Play().facts(SPONSOR), zone=zone)
    offered = [one for one in inside(open_form(facts).reply, Choice) if one.name == "zone"]
    assert (offered[0].options[0].value, offered[0].chosen) == (first, (first,))
