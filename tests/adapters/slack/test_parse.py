"""What Slack sends, as events; the payloads have the shapes that Slack documents."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.slack.gate import Kind
from adapters.slack.happenings import PersonChanged, Uninstalled
from adapters.slack.parse import LONGEST, actor, inputs, parse
from adapters.slack.reading import BadPayload
from bot.core.action import Attend, CannotUnpack, OpenGroup, StartHere
from bot.core.event import (
    ButtonPressed,
    CommandGiven,
    FormSubmitted,
    HomeOpened,
    Identity,
    Installed,
    MemberChanged,
    Place,
    RoomChanged,
    TextWritten,
)
from bot.messenger import Profile

PAYLOADS = Path(__file__).parent / "payloads"
TRIGGER = "8123456789.9876543210.0123456789abcdef0123456789abcdef"
ASA = Identity("slack", "T0KRETS01", "U0ASA0001")
ASA_ON_GRID = Identity("slack", "E0REGION1", "W0ASA0001")
CHAT = Place("slack", "T0KRETS01", "D0ASACHAT", private=True)
CHAT_ON_GRID = Place("slack", "E0REGION1", "D0ASACHAT", private=True)
ROOM = Place("slack", "T0KRETS01", "C0RUMMET1", private=False)
NOWHERE = Place("slack", "T0KRETS01", "U0ASA0001", private=True)
LATE = Attend("g0123456789abcde", 4, "late")
EVENT = "T0KRETS01:Ev0KRETS01"
ON_GRID = Place("slack", "E0REGION1", "C0RUMMET1", private=False)


def payload(name: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((PAYLOADS / f"{name}.json").read_text())
    return read


def kind(name: str) -> Kind:
    if name.startswith("command"):
        return "command"
    return (
        "event" if payload(name).get("event_id") or "challenge" in payload(name) else "interaction"
    )


def submission(**fields: dict[str, Any]) -> dict[str, Any]:
    """A form with these fields: name -> action id -> element."""
    sent = payload("view_submission")
    sent["view"]["state"]["values"] = fields
    return sent


# --- the golden payloads ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("command", CommandGiven(TRIGGER, ASA, ROOM, "öppna")),
        ("command_grid", CommandGiven(TRIGGER, ASA_ON_GRID, CHAT_ON_GRID, "")),
        ("shortcut", CommandGiven(TRIGGER, ASA, NOWHERE, "question")),
        ("actions_message", ButtonPressed(TRIGGER, ASA, ROOM, LATE, "C0RUMMET1:1772438000.000100")),
        ("actions_modal", ButtonPressed(TRIGGER, ASA, NOWHERE, LATE)),
        ("actions_home", ButtonPressed(TRIGGER, ASA, NOWHERE, LATE)),
        (
            "actions_grid",
            ButtonPressed(TRIGGER, ASA_ON_GRID, CHAT_ON_GRID, LATE, "D0ASACHAT:1772438000.000100"),
        ),
        ("app_home_opened", HomeOpened(EVENT, ASA, CHAT)),
        ("message_im", TextWritten(EVENT, ASA, CHAT)),
        ("message_im_grid", TextWritten(EVENT, ASA_ON_GRID, CHAT_ON_GRID)),
        (
            "view_submission_here",
            FormSubmitted(TRIGGER, ASA, ROOM, StartHere("g0123456789abcde", "C0RUMMET1")),
        ),
        ("app_home_opened_messages", None),
        ("member_joined_channel", MemberChanged(EVENT, ASA, ROOM, came=True)),
        ("member_joined_channel_grid", MemberChanged(EVENT, ASA_ON_GRID, ON_GRID, came=True)),
        ("member_joined_channel_krets", Installed(EVENT, ASA, ROOM)),
        ("member_joined_channel_made", None),
        ("member_left_channel", MemberChanged(EVENT, ASA, ROOM, came=False)),
        ("member_left_channel_krets", RoomChanged(EVENT, ROOM, "lost")),
        ("group_archive", RoomChanged(EVENT, ROOM, "lost")),
        ("group_unarchive", RoomChanged(EVENT, ROOM, "ok")),
        ("group_deleted", RoomChanged(EVENT, ROOM, "lost")),
        ("group_left", RoomChanged(EVENT, ROOM, "lost")),
        ("channel_archive", None),
        ("channel_rename", None),
        ("channel_shared", RoomChanged("T0ANNAN01:Ev0KRETS01", ROOM, "shared")),
        ("channel_unshared", RoomChanged(EVENT, ROOM, "ok")),
        ("channel_unshared_in_part", RoomChanged(EVENT, ROOM, "shared")),
        (
            "user_change",
            PersonChanged(EVENT, ASA, Profile("Åsa", "sv", "Europe/Stockholm"), gone=False),
        ),
        (
            "user_change_deactivated",
            PersonChanged(EVENT, ASA, Profile("Åsa Nyström", "", ""), True),
        ),
        ("app_uninstalled", Uninstalled(EVENT, "T0KRETS01", whole=True)),
        ("tokens_revoked", Uninstalled(EVENT, "T0KRETS01", whole=False)),
        ("tokens_revoked_of_people", None),
        ("message_action", None),
        ("message_changed", None),
        ("message_own", None),
        ("url_verification", None),
        ("view_closed", None),
    ],
)
def test_every_kind_of_payload_is_its_event_or_none(name: str, expected: object) -> None:
    event = parse(payload(name), kind(name))
    assert event == expected
    if isinstance(event, CommandGiven | ButtonPressed | FormSubmitted | HomeOpened | TextWritten):
        assert actor(payload(name), kind(name)) == event.actor


def test_every_golden_payload_is_parsed_somewhere() -> None:
    tested = {"view_submission"} | {
        row[0]
        for mark in test_every_kind_of_payload_is_its_event_or_none.pytestmark  # type: ignore[attr-defined]
        for row in mark.args[1]
    }
    assert {file.stem for file in PAYLOADS.glob("*.json")} == tested


def test_a_form_has_an_answer_for_every_kind_of_field() -> None:
    event = parse(payload("view_submission"), "interaction")
    assert isinstance(event, FormSubmitted)
    assert event.action == OpenGroup("g0123456789abcde")
    assert event.place == NOWHERE
    assert event.answers == {
        "name": "Tisdagsgruppen",
        "place": "",
        "method": "jonkoping",
        "tap": "",
        "zone": "Europe/Oslo",
        "cases": ("c1", "c3"),
        "none": (),
        "list": ("c2",),
        "date": "2026-03-03",
        "later": "",
        "time": "13:00",
        "leaders": (
            Identity("slack", "T0KRETS01", "U0LENA001"),
            Identity("slack", "T0KRETS01", "W0OMAR001"),
        ),
        "who": (Identity("slack", "T0KRETS01", "U0ANNA001"),),
        "some": (Identity("slack", "T0KRETS01", "U0BO00001"),),
        "working_time": True,
        "informed": False,
    }


def test_the_fields_of_a_form_are_told_in_order_and_without_what_is_only_read() -> None:
    assert inputs(payload("view_submission"))[:5] == ("name", "place", "method", "tap", "zone")
    assert len(inputs(payload("view_submission"))) == 16
    assert inputs(payload("view_submission_here")) == ()


def test_words_that_were_written_to_krets_are_not_in_the_event() -> None:
    assert "helst inte" in payload("message_im")["event"]["text"]
    assert "helst inte" not in repr(parse(payload("message_im"), "event"))


# --- near them ----------------------------------------------------------------------------------


def test_a_long_text_goes_to_the_rule_just_too_long() -> None:
    sent = submission(words={"text": {"type": "plain_text_input", "value": "x" * 100_000}})
    event = parse(sent, "interaction")
    assert isinstance(event, FormSubmitted)
    assert event.answers == {"words": "x" * (LONGEST + 1)}
    command = parse(payload("command") | {"text": "x" * 100_000}, "command")
    assert isinstance(command, CommandGiven)
    assert len(command.text) == LONGEST + 1


@pytest.mark.parametrize("packed", ["", "{}", '{"kind":"of tomorrow"}', "x" * 999, None])
def test_what_no_version_has_packed_cannot_be_unpacked(packed: str | None) -> None:
    pressed = payload("actions_message")
    pressed["actions"][0]["value"] = packed
    with pytest.raises(CannotUnpack):
        parse(pressed, "interaction")
    assert actor(pressed, "interaction") == ASA
    sent = payload("view_submission")
    sent["view"]["private_metadata"] = packed or ""
    with pytest.raises(CannotUnpack):
        parse(sent, "interaction")


def test_what_is_not_ours_is_none() -> None:
    chosen = payload("actions_message")
    chosen["actions"][0] = {"type": "static_select", "selected_option": {"value": "x"}}
    assert parse(chosen, "interaction") is None
    other = payload("view_submission")
    other["view"]["callback_id"] = "of_another"
    assert parse(other, "interaction") is None
    assert parse(payload("shortcut") | {"callback_id": "of_another"}, "interaction") is None


@pytest.mark.parametrize(
    "more",
    [
        {"subtype": "file_share"},
        {"bot_id": "B1"},
        {"channel_type": "channel"},
        {"channel_type": "mpim"},
        {"user": "USLACKBOT"},
        {"type": "reaction_added"},
    ],
)
def test_only_what_a_person_writes_to_krets_alone_counts(more: dict[str, str]) -> None:
    sent = payload("message_im")
    sent["event"] |= more
    assert parse(sent, "event") is None


def test_in_a_shared_channel_the_workspace_is_the_one_that_has_krets() -> None:
    sent = payload("message_im") | {"team_id": "T0OTHERS1"}
    event = parse(sent, "event")
    assert isinstance(event, TextWritten)
    assert (event.id, event.actor) == ("T0OTHERS1:Ev0KRETS01", ASA)
    without = payload("message_im") | {"authorizations": []}
    assert actor(without, "event") == ASA


# --- what is not what Slack sends ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("command", {"user_id": "U0 ASA"}),
        ("command", {"user_id": "U0ASA0001>"}),
        ("command", {"channel_id": ""}),
        ("command", {"team_id": None}),
        ("command", {"team_id": "X1"}),
        ("command", {"trigger_id": ""}),
        ("command", {"trigger_id": "x" * 256}),
        ("command", {"text": 1}),
        ("actions_message", {"user": None}),
        ("actions_message", {"team": None}),
        ("actions_message", {"actions": []}),
        ("actions_message", {"actions": [{}] * 26}),
        ("actions_message", {"channel": {"id": 1}}),
        ("actions_message", {"trigger_id": None}),
        ("view_submission", {"view": {}}),
        ("view_submission", {"view": []}),
        ("shortcut", {"callback_id": None}),
        ("message_im", {"event": []}),
        ("message_im", {"event_id": 1}),
        ("message_im", {"event": {"type": "app_home_opened", "tab": "home"}}),
        ("message_im", {"authorizations": [{}]}),
    ],
)
def test_other_shapes_are_refused(name: str, more: dict[str, Any]) -> None:
    with pytest.raises(BadPayload):
        parse(payload(name) | more, kind(name))


@pytest.mark.parametrize(
    "field",
    [
        {},
        {"text": {"type": "plain_text_input"}, "more": {"type": "plain_text_input"}},
        {"text": {"type": "plain_text_input", "value": 1}},
        {"text": {"type": "checkboxes", "selected_options": []}},
        {"tick": {"type": "plain_text_input", "value": "x"}},
        {"many": {"type": "checkboxes", "selected_options": [{"value": 1}]}},
        {"many": {"type": "checkboxes", "selected_options": [{"value": "x"}] * 201}},
        {"one": {"type": "radio_buttons", "selected_option": "x"}},
        {"one": {"type": "users_select", "selected_user": "U1"}},
        {"people": {"type": "multi_users_select", "selected_users": ["nobody"]}},
        {"people": {"type": "static_select", "selected_option": {"value": "nobody"}}},
        {"date": {"type": "datepicker", "selected_date": "x" * 41}},
    ],
)
def test_answers_of_other_shapes_are_refused(field: dict[str, Any]) -> None:
    with pytest.raises(BadPayload):
        parse(submission(field=field), "interaction")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=6,
)


REFUSALS = {
    "The payload has not the shape that Slack sends.",
    "The payload names no workspace.",
    "A field holds what no form of Krets asks for.",
    "Somebody is not of Slack.",
}


def refusal(sent: dict[str, Any], kind: Kind) -> BadPayload | None:
    try:
        parse(sent, kind)
    except CannotUnpack:
        return None
    except BadPayload as error:
        return error
    return None


@settings(derandomize=True, max_examples=400, deadline=None)
@given(st.data())
def test_whatever_stands_anywhere_is_read_or_refused_without_its_words(data: st.DataObject) -> None:
    name = data.draw(
        st.sampled_from(["command", "actions_message", "view_submission", "message_im"])
    )
    sent = payload(name)
    inside: Any = sent
    while True:
        key = data.draw(st.sampled_from(sorted(inside)))
        if not isinstance(inside[key], dict) or not inside[key] or data.draw(st.booleans()):
            break
        inside = inside[key]
    inside[key] = data.draw(JSON)
    refused = refusal(sent, "event" if name == "message_im" else kind(name))
    assert refused is None or str(refused) in REFUSALS
    assert refused is None or refused.__suppress_context__ or refused.__context__ is None
