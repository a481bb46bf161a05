"""What the page sends, as events; and what is not what the page sends."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.playground import parse
from adapters.playground.parse import Absent, BadRequest, Sender
from adapters.playground.rooms import Room, identity
from bot.core.action import Attend, BringCase, pack
from bot.core.event import (
    ButtonPressed,
    CommandGiven,
    FormSubmitted,
    HomeOpened,
    Identity,
    TextWritten,
)

ID = "01234567-89ab-4cde-8f01-23456789abcd"
ME = identity("asa-nystrom")
CHAT = Room("krets", "", ("asa-nystrom",)).place
SENDER = Sender(ME, {"krets": CHAT}, {"asa-nystrom", "kari-nordby"})
NOW = datetime(2026, 3, 3, 8, tzinfo=UTC)


def body(**given: object) -> bytes:
    return json.dumps({"room": "krets", "id": ID} | given).encode()


# --- what is written ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("/krets", ""),
        ("  /krets  ", ""),
        ("/krets open", "open"),
        ("/KRETS\töppna  en grupp ", "öppna  en grupp"),
    ],
)
def test_a_command_is_what_follows_krets(text: str, words: str) -> None:
    expected = CommandGiven(f"playground:local:{ID}", ME, CHAT, words)
    assert parse.written(body(text=text), SENDER) == expected


@pytest.mark.parametrize("text", ["hello", "krets", "/kretsen", "x /krets", " ", "/ krets"])
def test_other_words_are_not_in_the_event(text: str) -> None:
    event = parse.written(body(text=text), SENDER)
    assert event == TextWritten(f"playground:local:{ID}", ME, CHAT)


def test_a_long_command_is_cut_where_the_rule_still_sees_that_it_is_long() -> None:
    event = parse.written(body(text="/krets " + "x" * 100_000), SENDER)
    assert isinstance(event, CommandGiven)
    assert len(event.text) > parse.LONGEST - len("/krets ")


# --- what is pressed, sent, opened --------------------------------------------------------------


def test_a_press_is_its_action() -> None:
    action = Attend("g1", 4, "late")
    event = parse.pressed(body(action=pack(action)), SENDER)
    assert event == ButtonPressed(f"playground:local:{ID}", ME, CHAT, action)


@pytest.mark.parametrize("packed", ["", "{}", '{"kind":"of tomorrow"}', "x" * 999, "\x00"])
def test_what_no_version_has_packed_is_none(packed: str) -> None:
    assert parse.pressed(body(action=packed), SENDER) is None
    assert parse.submitted(body(action=packed), SENDER) is None


def test_a_form_has_answers_of_every_kind() -> None:
    given = {"text": "Words", "sure": True, "one": "a", "many": ["a", "b"], "none": []}
    people = {"who": {"people": ["kari-nordby"]}}
    action = BringCase("g1", 4)
    event = parse.submitted(body(action=pack(action), answers=given | people), SENDER)
    assert isinstance(event, FormSubmitted)
    assert event.action == action
    assert event.answers == {
        "text": "Words",
        "sure": True,
        "one": "a",
        "many": ("a", "b"),
        "none": (),
        "who": (Identity("playground", "local", "kari-nordby"),),
    }


def test_a_long_text_goes_to_the_rule_just_too_long() -> None:
    long = {"a": "x" * 100_000, "b": ["y" * 100_000]}
    event = parse.submitted(body(action=pack(BringCase("g1", 4)), answers=long), SENDER)
    assert event is not None
    assert event.answers == {"a": "x" * 20_001, "b": ("y" * 20_001,)}


def test_home_is_opened_somewhere() -> None:
    assert parse.opened(body(), SENDER) == HomeOpened(f"playground:local:{ID}", ME, CHAT)


def test_a_room_of_others_is_absent() -> None:
    with pytest.raises(Absent):
        parse.opened(body(room="room-g1"), SENDER)


# --- what is not what the page sends ------------------------------------------------------------


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"not json",
        b"[]",
        b"null",
        body(),
        body(text=""),
        body(text=1),
        body(text="x", more="y"),
        body(text="x", room=""),
        body(text="x", room="r" * 101),
        body(text="x", id="1"),
        body(text="x", id=ID.upper()),
        body(text="x", id=ID + "\n"),
        b'{"room":"krets","id":"' + ID.encode() + b'","text":"\\ud800"}',
    ],
)
def test_other_shapes_are_bad_requests(sent: bytes) -> None:
    with pytest.raises(BadRequest):
        parse.written(sent, SENDER)


@pytest.mark.parametrize(
    "answers",
    [
        {"a": None},
        {"a": 1},
        {"a": {"people": "kari-nordby"}},
        {"a": {"others": []}},
        {"a": [1]},
        {"": "x"},
        {"x" * 61: "x"},
        {"a": ["x"] * 201},
        {str(n): "x" for n in range(51)},
        {"a": {"people": ["nobody"]}},
        [],
    ],
)
def test_answers_of_other_shapes_are_bad_requests(answers: object) -> None:
    with pytest.raises(BadRequest):
        parse.submitted(body(action=pack(BringCase("g1", 4)), answers=answers), SENDER)


@settings(derandomize=True, deadline=None)
@given(st.binary() | st.recursive(st.none() | st.text() | st.integers(), st.lists).map(repr))
def test_whatever_comes_is_read_or_refused_without_its_words(sent: bytes | str) -> None:
    raw = sent if isinstance(sent, bytes) else sent.encode(errors="replace")
    with pytest.raises(BadRequest) as refused:
        parse.written(raw, SENDER)
    assert str(refused.value) == "The request has not the shape that the page sends."
    assert refused.value.__suppress_context__


# --- time ---------------------------------------------------------------------------------------


def test_time_goes_to_by_or_to_the_next_moment() -> None:
    to = parse.travelled(b'{"to": "2026-03-04T09:00:00+01:00"}', NOW)
    assert to == datetime(2026, 3, 4, 8, tzinfo=UTC)
    assert parse.travelled(b'{"by": "P1DT1H"}', NOW) == NOW + timedelta(hours=25)
    assert parse.travelled(b'{"by": "PT0S"}', NOW) == NOW
    assert parse.travelled(b'{"next": true}', NOW) is None


@pytest.mark.parametrize(
    ("sent", "why"),
    [
        (b"{}", "Send one of"),
        (b'{"next": false}', "Send one of"),
        (b'{"by": "P1D", "next": true}', "Send one of"),
        (b'{"to": "2026-03-04T09:00:00"}', "needs an offset"),
        (b'{"to": "2026-03-03T07:59:59Z"}', "forward only"),
        (b'{"by": "-PT1S"}', "forward only"),
        (b'{"by": "P1001D"}', "At most 1000 days"),
        (b'{"to": "9999-12-31T23:59:59Z"}', "At most 1000 days"),
        (b'{"by": "P99999999999D"}', "shape"),
        (b'{"to": "yesterday"}', "shape"),
        (b'{"by": "tomorrow"}', "shape"),
        (b'{"next": 1}', "shape"),
        (b'{"by": 3600}', "shape"),
        (b'{"to": 1772524800}', "shape"),
        (b'{"from": "2026-03-03T07:59:59Z"}', "shape"),
    ],
)
def test_no_other_journeys(sent: bytes, why: str) -> None:
    with pytest.raises(BadRequest, match=why):
        parse.travelled(sent, NOW)
