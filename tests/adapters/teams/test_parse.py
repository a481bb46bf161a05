"""What Teams tells of people, as events; the payloads have the shapes that Microsoft documents."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.teams.commands import command, without_mention
from adapters.teams.happenings import Told, Uninstalled, told_of
from adapters.teams.parse import (
    LONGEST,
    BadPayload,
    bare_of,
    deed_of,
    event_id,
    pairs_of,
    profile_of,
    read,
)
from adapters.teams.shapes import Account, Mention
from bot.core.action import Attend, BringCase, CannotUnpack, OpenGroup, StartHere, pack
from bot.core.commands import MEANING
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
TENANT = "72f2b5a0-1c3d-4a5e-9b7c-0d1e2f3a4b5c"
ASA_29, BO_29 = (
    "29:1dXyHnkdBrKzpGfYqZAsa-0LmN3oPqRsTuVwXyZ",
    "29:1bQwErTyUiOpAsDfGhJkBo-ZxCvBnM1234567890",
)
CHAT_ID = "a:1pLqfKrets0Asa-chat_9XyZ"
GROUP_ID = "19:3f2e1d0c9b8a47569b8a7c6d5e4f3a2b@thread.v2"
CHANNEL_ID = "19:7c9e4d2a1b3f4c5d8e6f7a8b9c0d1e2f@thread.tacv2"
TEAM_ID = "19:aaGeneral0fTheTeam1234567890abcdef@thread.tacv2"


def person(native: str) -> Identity:
    return Identity("teams", TENANT, native)


def room(id: str) -> Place:
    return Place("teams", TENANT, id, private=False)


ASA = person("6f1d2c3b-0a9e-4d8c-b7a6-5f4e3d2c1b0a")
BO = person("1a2b3c4d-5e6f-4a7b-8c9d-0e1f2a3b4c5d")
LENA = person("9e8d7c6b-5a49-4837-a261-504f3e2d1c0b")
CHAT = Place("teams", TENANT, CHAT_ID, private=True)
GROUP, CHANNEL, TEAM = room(GROUP_ID), room(CHANNEL_ID), room(TEAM_ID)
WROTE, INVOKED = "1772438400123", "f:5d0b7c31-2f0e-7b3c-91aa-3c1d2e4f5a6b"
INSTALLED = "f:0a1b2c3d-0000-4000-8000-0123456789ab"
TOLD = "f:9c1b7f50-0000-4000-8000-0123456789ab"
CARD = "1772438390456"
LATE, BRING = Attend("g0123456789abcde", 4, "late"), BringCase("g0123456789abcde", 4)

DEEDS: dict[str, object] = {
    "message_personal_command": CommandGiven(f"{CHAT_ID}:{WROTE}", ASA, CHAT, "Fråga"),
    "message_personal_slash": CommandGiven(f"{CHAT_ID}:{WROTE}", ASA, CHAT, "öppna"),
    "without_channel_data": CommandGiven(f"{CHAT_ID}:{WROTE}", ASA, CHAT, "fråga"),
    "message_personal_home": HomeOpened(f"{CHAT_ID}:{WROTE}", ASA, CHAT),
    "message_personal_text": TextWritten(f"{CHAT_ID}:{WROTE}", ASA, CHAT),
    "message_personal_picture": TextWritten(f"{CHAT_ID}:{WROTE}", ASA, CHAT),
    "message_personal_submit": ButtonPressed(
        f"{CHAT_ID}:{WROTE}", ASA, CHAT, LATE, f"{CHAT_ID}|{CARD}"
    ),
    "message_group_mention": CommandGiven(f"{GROUP_ID}:{WROTE}", ASA, GROUP, "fråga"),
    "message_group_mention_only": CommandGiven(f"{GROUP_ID}:{WROTE}", ASA, GROUP, ""),
    "message_group_text": TextWritten(f"{GROUP_ID}:{WROTE}", ASA, GROUP),
    "message_group_unmentioned": None,
    "message_group_named_alike": TextWritten(f"{GROUP_ID}:{WROTE}", ASA, GROUP),
    "message_channel_mention": CommandGiven(
        f"{CHANNEL_ID};messageid=1772438399000:{WROTE}", ASA, CHANNEL, "öppna"
    ),
    "message_channel_submit": ButtonPressed(
        f"{CHANNEL_ID}:{WROTE}", ASA, CHANNEL, LATE, f"{CHANNEL_ID}|{CARD}"
    ),
    "message_of_a_bot": None,
    "message_update": None,
    "message_reaction": None,
    "typing": None,
    "execute_group": ButtonPressed(f"{GROUP_ID}:{INVOKED}", ASA, GROUP, LATE, f"{GROUP_ID}|{CARD}"),
    "execute_channel": ButtonPressed(
        f"{CHANNEL_ID};messageid=1772438399000:{INVOKED}",
        ASA,
        CHANNEL,
        LATE,
        f"{CHANNEL_ID};messageid=1772438399000|{CARD}",
    ),
    "execute_refresh": None,
    "execute_of_another": None,
    "task_fetch": ButtonPressed(f"{GROUP_ID}:{INVOKED}", ASA, GROUP, BRING, f"{GROUP_ID}|{CARD}"),
    "task_submit_text": FormSubmitted(
        f"{CHAT_ID}:{INVOKED}", ASA, CHAT, BRING, {"case": "Hur säger jag nej, och till vem?"}
    ),
    "task_submit_here": FormSubmitted(
        f"{CHAT_ID}:{INVOKED}", ASA, CHANNEL, StartHere("g0123456789abcde", CHANNEL_ID)
    ),
    "task_submit_button": ButtonPressed(f"{CHAT_ID}:{INVOKED}", ASA, CHAT, LATE),
    "signin": None,
    "compose_query": None,
    "install_personal": Installed(f"{CHAT_ID}:{INSTALLED}", ASA, CHAT),
    "install_group": Installed(f"{GROUP_ID}:{INSTALLED}", ASA, GROUP),
    "install_team": Installed(f"{TEAM_ID}:{INSTALLED}", ASA, CHANNEL),
    "install_upgrade": None,
}
HAPPENINGS: dict[str, tuple[object, ...]] = {
    "uninstall_personal": (Uninstalled(f"{CHAT_ID}:{INSTALLED}", ASA),),
    "uninstall_group": (Told(RoomChanged(f"{GROUP_ID}:{INSTALLED}", GROUP, "lost")),),
    "uninstall_team": (Told(RoomChanged(f"{TEAM_ID}:{INSTALLED}", TEAM, "lost"), TEAM_ID),),
    "uninstall_upgrade": (),
    "bot_added_personal": (),
    "bot_added_team": (
        Told(
            RoomChanged(f"{TEAM_ID}:{TOLD}:28:0b6f3f0e-5a57-4f5c-8c55-2d2f3f1f8a11", TEAM, "ok"),
            TEAM_ID,
        ),
    ),
    "bot_removed_group": (
        Told(
            RoomChanged(f"{GROUP_ID}:{TOLD}:28:0b6f3f0e-5a57-4f5c-8c55-2d2f3f1f8a11", GROUP, "lost")
        ),
    ),
    "members_added_group": (
        Told(MemberChanged(f"{GROUP_ID}:{TOLD}:{BO_29}", BO, GROUP, True)),
        Told(
            MemberChanged(
                f"{GROUP_ID}:{TOLD}:29:1only-for-this-bot",
                person("29:1only-for-this-bot"),
                GROUP,
                True,
            )
        ),
    ),
    "members_removed_group": (Told(MemberChanged(f"{GROUP_ID}:{TOLD}:{BO_29}", BO, GROUP, False)),),
    "members_added_team": (
        Told(MemberChanged(f"{TEAM_ID}:{TOLD}:{BO_29}", BO, TEAM, True), TEAM_ID),
    ),
    "members_removed_team": (
        Told(MemberChanged(f"{TEAM_ID}:{TOLD}:{BO_29}", BO, TEAM, False), TEAM_ID),
    ),
    "members_added_channel": (
        Told(
            MemberChanged(
                f"{CHANNEL_ID}:{TOLD}:{BO_29}",
                Identity("teams", "11111111-2222-4333-8444-555555555555", BO.native),
                CHANNEL,
                True,
            )
        ),
    ),
    "channel_created": (),
    "channel_renamed": (),
    "channel_deleted": (Told(RoomChanged(f"{TEAM_ID}:{TOLD}", CHANNEL, "lost")),),
    "channel_restored": (Told(RoomChanged(f"{TEAM_ID}:{TOLD}", CHANNEL, "ok")),),
    "channel_shared": (Told(RoomChanged(f"{CHANNEL_ID}:{TOLD}", CHANNEL, "shared")),),
    "channel_unshared": (),
    "team_renamed": (),
    "team_archived": (Told(RoomChanged(f"{TEAM_ID}:{TOLD}", TEAM, "lost"), TEAM_ID),),
    "team_unarchived": (Told(RoomChanged(f"{TEAM_ID}:{TOLD}", TEAM, "ok"), TEAM_ID),),
    "team_deleted": (Told(RoomChanged(f"{TEAM_ID}:{TOLD}", TEAM, "lost"), TEAM_ID),),
    "team_hard_deleted": (Told(RoomChanged(f"{TEAM_ID}:{TOLD}", TEAM, "lost"), TEAM_ID),),
    "team_restored": (Told(RoomChanged(f"{TEAM_ID}:{TOLD}", TEAM, "ok"), TEAM_ID),),
}


def payload(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((PAYLOADS / f"{name}.json").read_text())
    return found


def carrying(**data: Any) -> dict[str, Any]:
    """A dialog that was sent with this."""
    sent = payload("task_submit_text")
    sent["value"]["data"] = data
    return sent


def test_a_button_of_a_reply_is_in_no_message_of_the_board() -> None:
    data = {"krets": pack(LATE), "reply": True}
    for name in ("message_personal_submit", "task_fetch"):
        sent = json.loads((PAYLOADS / f"{name}.json").read_text())
        sent["value"] = {"data": data} if name == "task_fetch" else data
        event = deed_of(read(sent))
        assert isinstance(event, ButtonPressed)
        assert (event.action, event.message) == (LATE, "")


# --- the golden payloads ------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted({*DEEDS, *HAPPENINGS}))
def test_every_kind_of_activity_is_what_it_tells_and_no_more(name: str) -> None:
    activity = read(payload(name))
    assert deed_of(activity) == DEEDS.get(name)
    assert told_of(activity) == HAPPENINGS.get(name, ())


def test_every_golden_activity_is_read_somewhere() -> None:
    tested = {"task_submit", *DEEDS, *HAPPENINGS}
    assert {file.stem for file in PAYLOADS.glob("*.json")} == tested


def test_a_form_has_an_answer_for_every_kind_of_field() -> None:
    event = deed_of(read(payload("task_submit")))
    assert isinstance(event, FormSubmitted)
    assert (event.action, event.place) == (OpenGroup("g0123456789abcde"), CHAT)
    assert event.answers == {
        "name": "Tisdagsgruppen, klockan ett",
        "place": "",
        "method": "jonkoping",
        "zone": "Europe/Oslo",
        "cases": ("c1", "c3"),
        "none": (),
        "list": ("c2",),
        "date": "2026-03-03",
        "time": "13:00",
        "leaders": (LENA, BO),
        "who": (BO,),
        "nobody": (),
        "working_time": True,
        "informed": False,
        "away": False,
    }


def test_what_holds_for_a_team_is_an_event_of_its_own_in_each_of_its_rooms() -> None:
    (told,) = told_of(read(payload("team_archived")))
    assert isinstance(told, Told)
    assert told.at(CHANNEL_ID) == RoomChanged(f"{TEAM_ID}:{TOLD}:{CHANNEL_ID}", CHANNEL, "lost")


def test_words_that_were_written_to_krets_are_not_in_the_event() -> None:
    for name in ("message_personal_text", "message_group_text"):
        assert "helst inte" in payload(name)["text"]
        assert "helst inte" not in repr(deed_of(read(payload(name))))


# --- what was typed -----------------------------------------------------------------------------


@pytest.mark.parametrize("word", [*MEANING, *(f"/{word}" for word in MEANING)])
def test_every_word_is_a_command_with_and_without_the_name(word: str) -> None:
    bare = word.removeprefix("/")
    for text in (word, word.upper(), f"{word}.", f"\u00a0{word}\r\n", f"<div>{word}&nbsp;</div>"):
        assert MEANING.get((command(text) or "").casefold()) == MEANING[bare.casefold()]
    for text in (f"krets {word}", f"/krets  {word}", f"Krets\u00a0{word}"):
        assert MEANING.get((command(text) or "").casefold()) == MEANING[bare.casefold()]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("krets", ""),
        ("/KRETS", ""),
        ("krets hem", ""),
        ("home", ""),
        ("Hjem!", ""),
        ("fra\u030aga", "fråga"),
        ("fr\u200båga", "fråga"),
        ("krets och något annat", "och något annat"),
        ("<b>krets</b><br>öppna", "öppna"),
    ],
)
def test_other_ways_to_write_a_command(text: str, words: str) -> None:
    assert command(text) == words


@pytest.mark.parametrize(
    "text",
    [
        "fråga mig inte",
        "help me, I cannot go on",
        "hem ljuva hem",
        "kretsar",
        "öppna\ndörren",
        "<at>Krets</at> fråga",
        "https://example.org/krets",
        "krets" * 2_000,
    ],
)
def test_what_is_said_as_to_a_person_is_no_command(text: str) -> None:
    assert command(text) is None


def test_only_the_mention_of_this_bot_is_dropped() -> None:
    named = [Mention(Account(one), "<at>Krets</at>") for one in ("29:asa", "28:bot", "28:bot")]
    text = "<at>Krets</at> <at>Krets</at> <at>Krets</at> Krets"
    assert without_mention(text, named, "28:bot") == "<at>Krets</at>  <at>Krets</at> Krets"
    assert without_mention(text, named[:1], "28:bot") == text
    assert without_mention("open", [Mention(Account("28:bot"), "<at>Krets</at>")], "28:bot") == (
        "open"
    )


@pytest.mark.parametrize(
    ("targeted", "text", "kind"),
    [
        (True, "fråga", CommandGiven),
        (True, "Vem hjälper mig?", TextWritten),
        (False, "fråga", type(None)),
        (None, "fråga", type(None)),
    ],
)
def test_what_is_written_in_a_room_for_krets_alone_needs_no_mention(
    targeted: bool | None, text: str, kind: type
) -> None:
    sent = payload("message_group_unmentioned") | {"text": text}
    recipient = sent["recipient"] | {"isTargeted": targeted}
    assert type(deed_of(read(sent | {"recipient": recipient}))) is kind


def test_a_bot_may_have_any_name() -> None:
    sent = payload("message_group_mention")
    sent["text"] = "<at>K.r(e)t*s [å]</at> help"
    sent["entities"][0]["text"] = "<at>K.r(e)t*s [å]</at>"
    event = deed_of(read(sent))
    assert isinstance(event, CommandGiven)
    assert event.text == "help"


# --- who, and which event -----------------------------------------------------------------------


def test_somebody_named_by_the_29_id_alone_is_matched_by_what_came_in_pairs() -> None:
    assert pairs_of(read(payload("members_added_group"))) == {ASA_29: ASA.native, BO_29: BO.native}
    bare = payload("members_removed_group")
    del bare["membersRemoved"][0]["aadObjectId"]
    activity = read(bare)
    assert bare_of(activity) == (BO_29,)
    (told,) = told_of(activity, {BO_29: BO.native})
    assert isinstance(told, Told)
    assert isinstance(told.happening, MemberChanged)
    assert told.happening.who == BO
    wrote = payload("message_personal_command")
    del wrote["from"]["aadObjectId"]
    event, known = deed_of(read(wrote)), deed_of(read(wrote), {ASA_29: ASA.native})
    assert event is not None
    assert known is not None
    assert (event.actor, known.actor) == (person(ASA_29), ASA)


def test_ids_of_the_directory_are_the_same_in_capitals() -> None:
    sent = payload("message_personal_command")
    sent["from"]["aadObjectId"] = ASA.native.upper()
    sent["channelData"]["tenant"]["id"] = TENANT.upper()
    event = deed_of(read(sent))
    assert event is not None
    assert event.actor == ASA


def test_somebody_of_another_organisation_is_of_that_one() -> None:
    sent = payload("message_group_mention")
    sent["from"]["tenantId"] = "another"
    activity = read(sent)
    event = deed_of(activity)
    assert event is not None
    assert event.actor.tenant == "another"
    assert event.place.tenant == TENANT
    assert pairs_of(activity) == {}


@pytest.mark.parametrize("role", ["bot", "skill"])
def test_only_people_do_things_or_come_and_go(role: str) -> None:
    sent = payload("message_group_mention")
    sent["from"]["role"] = role
    assert deed_of(read(sent)) is None
    came = payload("members_added_group")
    came["membersAdded"] = [{"id": BO_29, "role": role}]
    assert told_of(read(came)) == ()
    assert bare_of(read(came)) == ()


def test_a_chat_that_nobody_took_krets_out_of_is_left_as_it_is() -> None:
    assert told_of(read(payload("uninstall_personal") | {"from": None})) == ()


@pytest.mark.parametrize(
    "more", [{"conversationType": None}, {"isGroup": True}, {"conversationType": "tomorrow"}]
)
def test_a_chat_is_private_only_if_teams_says_so(more: dict[str, object]) -> None:
    sent = payload("task_submit_text")
    sent["conversation"] |= more
    event = deed_of(read(sent))
    assert event is not None
    assert not event.place.private


def test_a_form_sent_in_a_room_starts_the_group_there_and_nowhere_else() -> None:
    sent = payload("task_submit_here")
    sent["conversation"] = payload("message_group_text")["conversation"]
    event = deed_of(read(sent))
    assert event is not None
    assert event.place == GROUP


def test_without_an_id_the_same_delivery_has_the_same_key_and_no_words_are_in_it() -> None:
    sent = [carrying(krets="x", case=word) for word in ("a", "b", "a", "a", "a")]
    first, _, later, other, elsewhere = sent
    for one in sent:
        del one["id"]
    elsewhere["replyToId"] = "1"
    later["timestamp"] = "2026-03-02T08:00:05.000Z"
    other["from"]["id"] = BO_29
    keys = [event_id(read(one)) for one in sent]
    assert keys[0] == keys[1]
    assert len(set(keys)) == 4
    del first["timestamp"]
    with pytest.raises(BadPayload):
        deed_of(read(first | {"value": payload("task_submit")["value"]}))


# --- what it tells of its sender ----------------------------------------------------------------


def test_a_message_tells_name_language_and_zone() -> None:
    expected = Profile("Åsa Nyström", "sv", "Europe/Stockholm")
    for name in ("message_personal_command", "execute_channel", "task_submit"):
        assert profile_of(read(payload(name))) == expected


@pytest.mark.parametrize(
    "more",
    [
        {"from": {"id": ASA_29}},
        {"from": {"id": ASA_29, "name": " "}},
        {"locale": None, "entities": []},
        {"localTimezone": None, "entities": [{"type": "clientInfo", "locale": "sv-SE"}]},
        {"localTimezone": "Stockholm/Europe"},
    ],
)
def test_half_a_profile_is_none(more: dict[str, Any]) -> None:
    assert profile_of(read(payload("message_personal_command") | more)) is None


def test_what_ones_own_teams_is_set_to_goes_before_the_rest() -> None:
    sent = payload("message_personal_command") | {"locale": "en-US"}
    profile = profile_of(read(sent))
    assert profile is not None
    assert profile.language == "sv"
    sent["entities"] = None
    profile = profile_of(read(sent))
    assert profile is not None
    assert profile.language == "en"


# --- near them ----------------------------------------------------------------------------------


def test_a_long_text_goes_to_the_rule_just_too_long() -> None:
    event = deed_of(read(carrying(krets=carried("task_fetch"), form=True, case="x" * 100_000)))
    assert isinstance(event, FormSubmitted)
    assert event.answers == {"case": "x" * (LONGEST + 1)}


def carried(name: str) -> str:
    packed: str = payload(name)["value"]["data"]["krets"]
    return packed


@pytest.mark.parametrize("packed", ["", "{}", '{"kind":"of tomorrow"}', "x" * 999])
def test_what_no_version_has_packed_cannot_be_unpacked(packed: str) -> None:
    for sent in (carrying(krets=packed), carrying(krets=packed, form=True)):
        with pytest.raises(CannotUnpack):
            deed_of(read(sent))
    with pytest.raises(CannotUnpack):
        deed_of(read(payload("message_personal_submit") | {"value": {"krets": packed}}))


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("message_personal_command", {"from": None}),
        ("message_personal_command", {"from": {}}),
        ("message_personal_command", {"from": {"id": ""}}),
        ("message_personal_command", {"from": {"id": "29:x", "aadObjectId": "a b"}}),
        ("message_personal_command", {"conversation": None}),
        ("message_personal_command", {"conversation": {"id": 1}}),
        ("message_personal_command", {"conversation": {"id": "x"}, "channelData": None}),
        ("message_personal_command", {"channelData": []}),
        ("message_personal_command", {"channelData": {"tenant": "x"}}),
        ("message_personal_command", {"text": 1}),
        ("message_personal_command", {"entities": "x"}),
        ("message_personal_command", {"entities": [1]}),
        ("message_personal_command", {"id": None, "timestamp": None}),
        ("message_personal_command", {"id": "x" * 513}),
        ("message_personal_submit", {"value": "krets"}),
        ("message_personal_submit", {"value": {"krets": 1}}),
        ("execute_group", {"value": None}),
        ("execute_group", {"value": {"action": {"type": "Action.Execute", "data": "x"}}}),
        ("task_submit", {"value": []}),
        ("task_submit", {"value": {"data": []}}),
        ("install_personal", {"from": None}),
        ("members_added_group", {"membersAdded": [{}]}),
        ("members_added_group", {"membersAdded": [{"id": "29:x"}] * 1001}),
    ],
)
def test_other_shapes_are_refused(name: str, more: dict[str, Any]) -> None:
    with pytest.raises(BadPayload):
        deed_and_told(payload(name) | more)


def deed_and_told(sent: dict[str, Any]) -> None:
    activity = read(sent)
    deed_of(activity)
    told_of(activity)
    profile_of(activity)
    pairs_of(activity)
    bare_of(activity)


@pytest.mark.parametrize(
    ("meaning", "given"),
    [
        ("text", 1),
        ("text", None),
        ("text", ["x"]),
        ("text", {"x": "y"}),
        ("tick", "yes"),
        ("tick", "True"),
        ("many", "x" * 256),
        ("many", ",".join("x" * 201)),
        ("people", "no body"),
        ("people", "29:1dXyHnk"),
        ("people", ",".join(["a"] * 201)),
        ("unheard of", "x"),
        (1, "x"),
    ],
)
def test_answers_of_other_shapes_are_refused(meaning: object, given: object) -> None:
    sent = carrying(krets=carried("task_fetch"), form={"field": meaning}, field=given)
    with pytest.raises(BadPayload):
        deed_of(read(sent))


def test_to_ask_for_a_dialog_is_to_press_whatever_else_is_carried() -> None:
    sent = payload("task_fetch")
    sent["value"]["data"]["form"] = True
    assert isinstance(deed_of(read(sent)), ButtonPressed)


def test_people_are_picked_only_as_people() -> None:
    event = deed_of(read(carrying(krets=carried("task_fetch"), form=True, leaders=BO.native)))
    assert isinstance(event, FormSubmitted)
    assert event.answers == {"leaders": BO.native}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=6,
)
REFUSALS = {
    "The activity has not the shape that Teams sends.",
    "The activity carries no object.",
    "The activity names no organisation.",
    "The activity has neither an id nor a time.",
    "A field holds what no form of Krets asks for.",
    "Nobody has done it.",
}


def refusal(sent: dict[str, Any]) -> BadPayload | None:
    try:
        deed_and_told(sent)
    except CannotUnpack:
        return None
    except BadPayload as error:
        return error
    return None


@settings(derandomize=True, max_examples=600, deadline=None)
@given(st.data())
def test_whatever_stands_anywhere_is_read_or_refused_without_its_words(data: st.DataObject) -> None:
    names = sorted({*DEEDS, *HAPPENINGS, "task_submit"})
    sent = payload(data.draw(st.sampled_from(names)))
    inside: Any = sent
    while True:
        keys = sorted(inside) if isinstance(inside, dict) else range(len(inside))
        key = data.draw(st.sampled_from(list(keys)))
        if not isinstance(inside[key], dict | list) or not inside[key] or data.draw(st.booleans()):
            break
        inside = inside[key]
    inside[key] = data.draw(JSON)
    refused = refusal(sent)
    assert refused is None or str(refused) in REFUSALS
    assert refused is None or refused.__suppress_context__ or refused.__context__ is None


@settings(derandomize=True, max_examples=300, deadline=None)
@given(text=st.text(max_size=60), name=st.text(max_size=12))
def test_any_text_is_a_command_or_none(text: str, name: str) -> None:
    mention = f"<at>{name}</at>"
    left = without_mention(f"{mention}{text}", [Mention(Account("28:b"), mention)], "28:b")
    assert left == text
    words = command(left)
    assert words is None or len(words) <= len(text) * 4
