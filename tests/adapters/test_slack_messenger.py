"""The messenger in Slack: what becomes of its calls, and how fast it may make them."""

import logging
from collections.abc import AsyncIterator, Awaitable
from datetime import timedelta

import aiohttp
import pytest

from adapters.answers import UnknownOutcome
from adapters.slack.budget import CHANNEL, METHODS, Budget
from adapters.slack.client import client
from adapters.slack.messenger import SlackMessenger
from adapters.slack.workspaces import OneWorkspace
from bot.core.event import Identity
from bot.messenger import Profile, Refused, TryLater, Unreachable
from bot.words import View
from tests.adapters.scene import a_card
from tests.adapters.slack_api import BOT, TOKEN, Fault
from tests.adapters.slack_scene import (
    ANNA,
    BO,
    ROOM,
    Clock,
    SlackScene,
    calling,
    person,
    room,
    slack_scene,
)
from tests.contract.platform import Recording

CANARY = "CANARY-something-hard-has-happened"


@pytest.fixture
async def scene(view: View) -> AsyncIterator[SlackScene]:
    async with slack_scene(Recording(view), view) as scene:
        yield scene


def post(scene: SlackScene, view: View) -> Awaitable[str]:
    return scene.messenger.post(room(), a_card(CANARY), view)


# --- messages -----------------------------------------------------------------------------------


async def test_a_message_has_a_neutral_line_and_unfurls_nothing(
    scene: SlackScene, view: View
) -> None:
    ref = await scene.messenger.post(person(ANNA), a_card("Hello"), view)
    (sent,) = scene.api.called("chat.postMessage")
    assert sent["channel"] == ANNA
    assert sent["text"] == "There is something for you in Krets."
    assert (sent["unfurl_links"], sent["unfurl_media"]) == (False, False)
    assert ref.startswith(f"{scene.api.dm(ANNA).id}:")


async def test_a_message_that_is_gone_cannot_be_edited_but_is_removed(
    scene: SlackScene, view: View
) -> None:
    ref = await post(scene, view)
    scene.api.channels[ROOM].messages.clear()
    with pytest.raises(Refused, match="message_not_found"):
        await scene.messenger.edit(room(), ref, a_card("new"), view)
    await scene.messenger.remove(room(), ref)


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("channel_not_found", Unreachable),
        ("is_archived", Unreachable),
        ("not_in_channel", Unreachable),
        ("cannot_dm_bot", Unreachable),
        ("user_disabled", Unreachable),
        ("msg_too_long", Refused),
        ("invalid_blocks", Refused),
        ("restricted_action", Refused),
        ("something_new", Refused),
    ],
)
async def test_a_no_is_told_by_its_code_alone(
    scene: SlackScene, view: View, code: str, error: type[Unreachable | Refused]
) -> None:
    scene.api.fail("chat.postMessage", Fault(code=code))
    with pytest.raises(error) as no:
        await post(scene, view)
    assert no.value.why == code
    assert str(no.value) == code
    assert no.value.__suppress_context__


@pytest.mark.parametrize("code", ["token_revoked", "account_inactive", "invalid_auth"])
async def test_a_token_that_is_no_more_waits_for_an_hour(
    scene: SlackScene, view: View, code: str
) -> None:
    scene.api.fail("chat.postMessage", Fault(code=code))
    with pytest.raises(TryLater) as later:
        await post(scene, view)
    assert later.value.after == timedelta(hours=1)


@pytest.mark.parametrize(
    "fault",
    [
        Fault(500),
        Fault(503, done=True),
        Fault(504),
        Fault(code="fatal_error"),
        Fault(code="internal_error", done=True),
        Fault(code="service_unavailable"),
    ],
)
async def test_what_may_have_been_done_is_unknown_and_not_done_again(
    scene: SlackScene, view: View, fault: Fault
) -> None:
    scene.api.fail("chat.postMessage", fault)
    with pytest.raises(UnknownOutcome) as unknown:
        await post(scene, view)
    assert str(unknown.value) == "chat.postMessage"
    assert len(scene.api.called("chat.postMessage")) == 1


async def test_a_late_answer_is_unknown(scene: SlackScene) -> None:
    scene.api.fail("auth.test", Fault(late=1))
    with pytest.raises(UnknownOutcome):
        await scene.call("auth.test", patience=timedelta(seconds=0.05))


async def test_words_without_shape_are_no_answer(scene: SlackScene, view: View) -> None:
    scene.api.fail("chat.postMessage", Fault(429, bare=True, headers={"Retry-After": "4"}))
    with pytest.raises(TryLater) as later:
        await post(scene, view)
    assert later.value.after == timedelta(seconds=4)
    scene.clock.pass_by(4)
    scene.api.fail("chat.postMessage", Fault(502, bare=True))
    with pytest.raises(UnknownOutcome):
        await post(scene, view)


async def test_an_answer_under_its_address_may_fail(scene: SlackScene) -> None:
    patience = timedelta(seconds=1)
    with pytest.raises(Refused, match="status_404"):
        await scene.call.respond(f"{scene.api_url}/nowhere", patience, {"text": "x"})
    with pytest.raises(UnknownOutcome, match="response_url"):
        await scene.call.respond("http://127.0.0.1:1/", patience, {"text": "x"})


async def test_where_nobody_listens_nothing_was_done(view: View) -> None:
    async with calling(TOKEN, "http://127.0.0.1:1/api/", Clock().now) as call:
        with pytest.raises(TryLater):
            await SlackMessenger(OneWorkspace(call), "UTC").post(person(ANNA), a_card("x"), view)


async def test_a_message_with_private_words_is_in_no_log(
    scene: SlackScene, view: View, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        await post(scene, view)
        scene.api.fail("chat.postMessage", Fault(500))
        with pytest.raises(UnknownOutcome):
            await post(scene, view)
    assert CANARY not in "".join(f"{one.getMessage()}{one.__dict__}" for one in caplog.records)
    assert TOKEN not in caplog.text


# --- pace ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "30"}, 30),
        ({"Retry-After": "0"}, 1),
        ({"Retry-After": "-5"}, 1),
        ({"Retry-After": "1.5"}, 1.5),
        ({"Retry-After": "nan"}, 30),
        ({"Retry-After": "7200"}, 7200),
        ({"retry-after": "7"}, 7),
        ({"Retry-After": "soon"}, 30),
        ({}, 30),
        (
            {
                "Retry-After": "Tue, 03 Mar 2026 12:00:40 GMT",
                "Date": "Tue, 03 Mar 2026 12:00:00 GMT",
            },
            40,
        ),
    ],
)
async def test_too_many_requests_rest_for_as_long_as_slack_says(
    scene: SlackScene, view: View, headers: dict[str, str], seconds: float
) -> None:
    scene.api.fail("chat.postMessage", Fault(429, headers=headers))
    with pytest.raises(TryLater) as later:
        await post(scene, view)
    assert later.value.after == timedelta(seconds=seconds)
    with pytest.raises(TryLater) as later:
        await scene.messenger.post(person(BO), a_card("x"), view)
    assert later.value.after == timedelta(seconds=seconds)
    assert len(scene.api.called("chat.postMessage")) == 1, "nothing is asked before that"
    scene.clock.pass_by(seconds)
    await post(scene, view)


async def test_ratelimited_without_its_number_rests_too(scene: SlackScene, view: View) -> None:
    scene.api.fail("chat.postMessage", Fault(code="ratelimited"))
    with pytest.raises(TryLater):
        await post(scene, view)


async def test_one_message_a_second_and_conversation_with_a_small_burst(
    scene: SlackScene, view: View
) -> None:
    for _ in range(CHANNEL.burst):
        await post(scene, view)
    with pytest.raises(TryLater) as later:
        await post(scene, view)
    assert later.value.after == timedelta(seconds=1)
    await scene.messenger.post(person(ANNA), a_card("another conversation"), view)
    scene.clock.pass_by(1)
    await post(scene, view)
    with pytest.raises(TryLater):
        await post(scene, view)


@pytest.mark.parametrize(
    ("method", "most"),
    [("chat.update", 50), ("conversations.create", 20), ("users.info", 100)],
)
def test_no_minute_has_more_calls_than_its_method_may(method: str, most: int) -> None:
    clock, times = Clock(), []
    budget = Budget(clock.now)
    for _ in range(2000):
        try:
            budget.spend(method)
            times.append(clock.now())
        except TryLater:
            clock.pass_by(0.1)
    minute = timedelta(minutes=1)
    assert max(sum(one <= at < one + minute for at in times) for one in times) <= most
    assert len(times) > METHODS[method].burst + 10


def test_a_call_that_may_not_be_made_costs_nothing() -> None:
    clock = Clock()
    budget = Budget(clock.now)
    for _ in range(CHANNEL.burst):
        budget.spend("chat.postMessage", "C1")
    for waiting in range(10):
        with pytest.raises(TryLater) as later:
            budget.spend("chat.postMessage", "C1")
        assert later.value.after == timedelta(seconds=1 + waiting), "behind those before"
    clock.pass_by(1)
    budget.spend("chat.postMessage", "C1")


def test_conversations_at_rest_are_forgotten() -> None:
    clock = Clock()
    budget = Budget(clock.now)
    for number in range(5000):
        budget.spend("chat.postMessage", f"C{number}")
        clock.pass_by(1)
    assert len(budget._full_at) < 2100


# --- rooms --------------------------------------------------------------------------------------


async def test_a_room_is_a_private_channel_with_its_people(scene: SlackScene) -> None:
    people = (person(ANNA), person(BO))
    place = await scene.messenger.open_room("g1", "Tisdagsgruppen: Öst!", people)
    made = scene.api.channels[place.native]
    assert (made.name, made.private) == ("tisdagsgruppen-öst", True)
    assert made.members == [BOT, ANNA, BO]
    assert set(await scene.messenger.roster(place)) == set(people)
    assert not place.private


async def test_a_taken_name_gets_a_number(scene: SlackScene) -> None:
    names = []
    for group in ("g1", "g2", "g3", "g4"):
        place = await scene.messenger.open_room(group, "Eken", (person(ANNA),))
        names.append(scene.api.channels[place.native].name)
        scene.clock.pass_by(60)
    assert names == ["eken", "eken-2", "eken-3", "krets-g4"]


@pytest.mark.parametrize("name", ["", "!!!", "🌳", "A" * 200, "Åsa & Bjørn's"])
async def test_every_name_becomes_one_that_slack_takes(scene: SlackScene, name: str) -> None:
    place = await scene.messenger.open_room("g1", name, (person(ANNA),))
    assert 0 < len(scene.api.channels[place.native].name) <= 80


async def test_where_krets_may_make_no_room_it_says_so(scene: SlackScene) -> None:
    scene.api.fail("conversations.create", Fault(code="restricted_action"))
    with pytest.raises(Refused, match="restricted_action"):
        await scene.messenger.open_room("g1", "Eken", (person(ANNA),))


@pytest.mark.parametrize("fault", [Fault(429, headers={"Retry-After": "5"}), Fault(500)])
async def test_a_room_whose_people_could_not_come_is_not_made_twice(
    scene: SlackScene, fault: Fault
) -> None:
    scene.api.fail("conversations.invite", fault)
    with pytest.raises(TryLater):
        await scene.messenger.open_room("g1", "Eken", (person(ANNA),))
    scene.clock.pass_by(60)
    place = await scene.messenger.open_room("g1", "Eken", (person(ANNA),))
    assert len(scene.api.called("conversations.create")) == 1
    assert await scene.messenger.roster(place) == (person(ANNA),)


async def test_somebody_who_is_gone_does_not_keep_the_others_out(scene: SlackScene) -> None:
    people = (person(ANNA), person("U0GONE"))
    place = await scene.messenger.open_room("g1", "Eken", people)
    assert await scene.messenger.roster(place) == (person(ANNA),)


async def test_a_long_roster_comes_whole_and_without_krets(scene: SlackScene) -> None:
    many = [f"U{number}" for number in range(450)]
    scene.api.add_channel("C0MANY", *many)
    found = await scene.messenger.roster(room("C0MANY"))
    assert [one.native for one in found] == many
    assert len(scene.api.called("conversations.members")) == 3


# --- people -------------------------------------------------------------------------------------


async def test_a_profile_is_a_name_a_language_and_a_zone(scene: SlackScene) -> None:
    scene.api.add_user("U0KARI", "", locale="nn-NO", tz="Europe/Berlin")
    scene.api.users["U0KARI"]["profile"] = {"display_name": "", "real_name": "Kari Nor"}
    profile = await scene.messenger.profile(person("U0KARI"))
    assert profile == Profile("Kari Nor", "nb", "Europe/Berlin")
    scene.api.users[BO] |= {"locale": None, "tz": "Mars/Olympus", "profile": {}}
    assert await scene.messenger.profile(person(BO)) == Profile("u0bo", "en", "Europe/Oslo")


@pytest.mark.parametrize(
    ("what", "why"),
    [
        ({"is_bot": True}, "bot"),
        ({"is_restricted": True}, "guest"),
        ({"is_ultra_restricted": True}, "guest"),
        ({"is_stranger": True}, "external"),
        ({"team_id": "T0OTHER"}, "external"),
        ({"deleted": True}, "deactivated"),
    ],
)
async def test_whoever_is_no_member_is_refused(
    scene: SlackScene, what: dict[str, object], why: str
) -> None:
    scene.api.users[BO] |= what
    with pytest.raises(Refused) as no:
        await scene.messenger.profile(person(BO))
    assert no.value.why == why


async def test_a_colleague_of_the_same_grid_is_a_member(scene: SlackScene) -> None:
    scene.api.enterprise = "E0GRID"
    scene.api.users[BO] |= {"team_id": "T0OTHER", "enterprise_user": {"enterprise_id": "E0GRID"}}
    bo = Identity("slack", "E0GRID", BO)
    assert (await scene.messenger.profile(bo)).name == "Bo Dahl"


async def test_an_unknown_person_cannot_be_reached(scene: SlackScene) -> None:
    with pytest.raises(Unreachable, match="user_not_found"):
        await scene.messenger.profile(Identity("slack", "T0KRETS", "U0NOBODY"))


async def test_a_client_of_this_machine_needs_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example.org:3128")
    async with aiohttp.ClientSession() as session:
        assert client(TOKEN, "http://127.0.0.1:1/api/", session).proxy is None
        away = client(TOKEN, "https://slack.com/api/", session)
        assert away.proxy == "http://proxy.example.org:3128"
        assert away.retry_handlers == []
