"""The messenger in Teams: messages, rooms and people."""

from collections.abc import AsyncIterator, Awaitable
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.answers import UnknownOutcome
from adapters.teams import connector
from bot.core.event import Identity, Place
from bot.messenger import Look, Profile, Refused, TryLater, Unreachable
from bot.words import View
from tests.adapters.scene import a_card
from tests.adapters.teams.microsoft import TENANT as HERE
from tests.adapters.teams_api import BOT, ELSEWHERE, Fault
from tests.adapters.teams_scene import (
    ANNA,
    BO,
    CHANNEL,
    CHAT,
    TEAM,
    Outwards,
    person,
    room,
    teams_outwards,
    way,
)

CANARY = "CANARY-something-hard-has-happened"


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Outwards]:
    async with teams_outwards(tmp_path) as scene:
        yield scene


def post(scene: Outwards, view: View, to: Identity | Place | None = None) -> Awaitable[str]:
    return scene.messenger.post(to or room(), a_card(CANARY), view)


# --- messages -----------------------------------------------------------------------------------


async def test_a_first_message_begins_the_chat_that_the_next_ones_are_sent_to(
    scene: Outwards, view: View
) -> None:
    for _ in range(2):
        ref = await post(scene, view, person(ANNA))
        assert ref.startswith(f"{scene.api.chat(ANNA).id}|")
    (begun,) = scene.api.called("create")
    assert begun.body["members"] == [{"id": ANNA}]
    assert begun.body["bot"] == {"id": BOT}
    assert begun.body["tenantId"] == HERE
    assert len(scene.api.messages(scene.api.chat(ANNA).id)) == 2


async def test_a_message_has_a_neutral_line_and_is_of_no_importance(
    scene: Outwards, view: View
) -> None:
    await post(scene, view)
    (sent,) = scene.api.messages(CHAT)
    assert sent["summary"] == "There is something for you in Krets."
    assert sent["importance"] == "normal"
    assert CANARY in str(sent["attachments"])


async def test_only_a_new_message_to_one_person_alerts(scene: Outwards, view: View) -> None:
    await post(scene, view)
    ref = await post(scene, view, person(ANNA))
    (shared,) = scene.api.messages(CHAT)
    (private,) = scene.api.messages(scene.api.chat(ANNA).id)
    assert "channelData" not in shared
    assert private["channelData"] == {"notification": {"alert": True}}
    await scene.messenger.edit(person(ANNA), ref, a_card("new"), view)
    (private,) = scene.api.messages(scene.api.chat(ANNA).id)
    assert "channelData" not in private


async def test_each_post_in_a_channel_begins_a_thread_in_which_it_can_be_changed(
    scene: Outwards, view: View
) -> None:
    first, second = [await post(scene, view, room(CHANNEL)) for _ in range(2)]
    assert first != second
    assert first.startswith(f"{CHANNEL};messageid=")
    await scene.messenger.edit(room(CHANNEL), first, a_card("changed"), view)
    shown = [str(one) for one in scene.api.messages(CHANNEL)]
    assert ["changed" in one for one in shown] == [True, False]
    await scene.messenger.remove(room(CHANNEL), second)
    assert len(scene.api.messages(CHANNEL)) == 1


async def test_a_ref_from_a_press_is_of_the_conversation_it_came_from(
    scene: Outwards, view: View
) -> None:
    for to, where in ((person(ANNA), scene.api.chat(ANNA).id), (room(), CHAT)):
        bare = (await post(scene, view, to)).rpartition("|")[2]
        await scene.messenger.edit(to, bare, a_card("changed"), view)
        assert "changed" in str(scene.api.messages(where))


async def test_a_message_that_is_gone_cannot_be_edited_but_is_removed(
    scene: Outwards, view: View
) -> None:
    ref = await post(scene, view)
    scene.api.conversations[CHAT].messages.clear()
    with pytest.raises(Refused, match="ActivityNotFoundInConversation"):
        await scene.messenger.edit(room(), ref, a_card("new"), view)
    await scene.messenger.remove(room(), ref)
    scene.api.conversations[CHAT].installed = False
    with pytest.raises(Unreachable, match="BotNotInConversationRoster"):
        await scene.messenger.remove(room(), ref)


async def test_a_way_with_a_new_address_is_taken_at_once(scene: Outwards, view: View) -> None:
    await post(scene, view)
    await scene.tell(way(CHAT, service_url="https://smba.trafficmanager.net/amer/"))
    await post(scene, view)
    assert [one.path.partition("/v3")[0] for one in scene.api.called("send")] == [
        f"/emea/{HERE}",
        "/amer",
    ]


async def test_where_no_activity_ever_came_from_nobody_can_be_written_to(
    scene: Outwards, view: View
) -> None:
    with pytest.raises(Unreachable, match="never_heard_of"):
        await post(scene, view, person(ANNA, ELSEWHERE))
    assert scene.api.calls == []


# --- rooms --------------------------------------------------------------------------------------


async def test_rooms_and_their_people_are_made_by_people(scene: Outwards) -> None:
    with pytest.raises(Refused, match="rooms_are_made_by_people"):
        await scene.messenger.open_room("g1", "Eken", (person(ANNA),))
    with pytest.raises(Refused, match="people_let_each_other_in"):
        await scene.messenger.let_in(room(), person(ANNA))
    with pytest.raises(Refused, match="people_let_each_other_out"):
        await scene.messenger.let_out(room(), person(ANNA))
    assert scene.api.calls == []


async def test_a_long_roster_comes_whole_and_without_bots(scene: Outwards) -> None:
    many = [f"p{number}" for number in range(1100)]
    for one in many:
        scene.api.add_person(one, one)
    scene.api.people["p7"].account = "28:another-bot"
    scene.api.add_team("19:big", *many)
    await scene.tell(way("19:big", team="19:big"))
    found = await scene.messenger.roster(room("19:big"))
    assert {one.native for one in found} == set(many) - {"p7"}
    assert len(scene.api.called("members")) == 3


async def test_a_roster_that_does_not_end_is_refused(
    scene: Outwards, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connector, "_PAGES", 2)
    endless = Fault(body='{"members": [], "continuationToken": "1"}')
    scene.api.fail("members", *[endless] * 2)
    with pytest.raises(Refused, match="too_many_people"):
        await scene.messenger.roster(room())


async def test_the_roster_of_a_private_chat_is_who_is_there(scene: Outwards) -> None:
    place = Place("teams", HERE, "a:1", private=True, people=(person(ANNA),))
    assert await scene.messenger.roster(place) == (person(ANNA),)
    assert scene.api.calls == []


async def test_an_open_channel_has_the_people_of_its_team_and_a_private_one_its_own(
    scene: Outwards,
) -> None:
    scene.api.add_channel("19:private", TEAM, BO, access="private")
    await scene.tell(way("19:private", team=TEAM))
    assert await scene.messenger.look(room(CHANNEL)) == Look((person(ANNA), person(BO)), "ok")
    assert await scene.messenger.look(room("19:private")) == Look((person(BO),), "ok")


async def test_a_room_with_somebody_from_elsewhere_is_shared(scene: Outwards) -> None:
    assert (await scene.messenger.look(room())).how == "ok"
    scene.api.add_person("kari", "Kari", tenant=ELSEWHERE)
    scene.api.conversations[CHAT].people.append("kari")
    look = await scene.messenger.look(room())
    assert look.how == "shared"
    assert look.people[-1] == person("kari", ELSEWHERE)
    scene.api.add_channel("19:shared", TEAM, ANNA, access="shared")
    await scene.tell(way("19:shared", team=TEAM))
    assert await scene.messenger.look(room("19:shared")) == Look((person(ANNA),), "shared")


async def test_a_room_that_is_gone_or_without_krets_is_lost(scene: Outwards) -> None:
    lost = Look((), "lost")
    scene.api.conversations[CHAT].installed = False
    assert await scene.messenger.look(room()) == lost
    del scene.api.conversations[CHAT]
    assert await scene.messenger.look(room()) == lost
    del scene.api.conversations[CHANNEL]
    assert await scene.messenger.look(room(CHANNEL)) == lost
    with pytest.raises(Unreachable, match="no_channel"):
        await scene.messenger.roster(room(CHANNEL))


async def test_a_look_that_fails_says_nothing_of_the_room(scene: Outwards) -> None:
    scene.api.fail("members", Fault(500), Fault(429), Fault(body="{}"))
    with pytest.raises(UnknownOutcome):
        await scene.messenger.look(room())
    with pytest.raises(TryLater):
        await scene.messenger.look(room())
    scene.clock.pass_by(minutes=1)
    with pytest.raises(UnknownOutcome):
        await scene.messenger.look(room())
    scene.api.fail("channels", Fault(body="{}"))
    with pytest.raises(UnknownOutcome):
        await scene.messenger.look(room(CHANNEL))


# --- people -------------------------------------------------------------------------------------


async def test_a_profile_is_a_name_and_no_more(scene: Outwards) -> None:
    assert await scene.messenger.profile(person(BO)) == Profile("Bo Dahl", "", "")


@pytest.mark.parametrize(
    ("what", "why"),
    [
        ({"role": "guest"}, "guest"),
        ({"role": "anonymous"}, "external"),
        ({"tenant": ELSEWHERE}, "external"),
        ({"account": "28:bo"}, "bot"),
    ],
)
async def test_whoever_is_no_member_is_refused(
    scene: Outwards, what: dict[str, str], why: str
) -> None:
    await scene.tell(way(BO, conversation=scene.api.chat(BO).id))
    scene.api.people[BO] = replace(scene.api.people[BO], **what)
    with pytest.raises(Refused) as no:
        await scene.messenger.profile(person(BO))
    assert no.value.why == why


async def test_an_unknown_person_is_refused(scene: Outwards) -> None:
    with pytest.raises(Refused, match="BadSyntax"):
        await scene.messenger.profile(person("nobody"))
