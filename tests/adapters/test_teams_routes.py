"""Teams' route: what the bot hears, what is answered if it fails, and what is remembered."""

import logging
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.teams.shapes import ACTION
from bot.core.action import StartHere, pack
from bot.core.card import Form, T
from bot.core.decision import Nothing, OpenForm
from bot.core.event import (
    ButtonPressed,
    CommandGiven,
    FormSubmitted,
    HomeOpened,
    Installed,
    MemberChanged,
    RoomChanged,
    TextWritten,
)
from bot.words import View
from tests.adapters.teams.microsoft import TENANT, listed
from tests.adapters.teams_api import BOT, ELSEWHERE
from tests.adapters.teams_hearing import (
    ATTEND,
    BRING,
    CANARY,
    FORM,
    UNAVAILABLE,
    Hearing,
    dialog,
    executed,
    written,
)
from tests.adapters.teams_people import (
    MESSAGE as CARD,
)
from tests.adapters.teams_people import Got, TeamsScene, teams_scene
from tests.adapters.teams_scene import ANNA, BO, CHANNEL, CHAT, TEAM, person, room, way


@pytest.fixture
def bot(view: View) -> Hearing:
    return Hearing(view)


@pytest.fixture
async def scene(bot: Hearing, tmp_path: Path) -> AsyncIterator[TeamsScene]:
    async with teams_scene(bot, bot.view, tmp_path) as scene:
        yield scene


# --- what the bot hears -------------------------------------------------------------------------


async def test_all_that_people_do_is_heard(scene: TeamsScene, bot: Hearing) -> None:
    bot.reply = FORM
    form = (await scene.fetch(ANNA, pack(BRING), CHAT)).body
    bot.reply = Nothing()
    for got in (
        await scene.write(ANNA, "/krets öppna"),
        await scene.write(ANNA, "hem"),
        await scene.write(ANNA, CANARY),
        await scene.press(ANNA, pack(ATTEND), CHAT),
        await scene.submit(ANNA, form, {"case": "x"}, CHAT),
        await scene.post(scene.clicked(ANNA, pack(ATTEND))),
        await scene.install(ANNA),
    ):
        assert got.status == 200
    assert [type(one) for one in bot.events] == [
        ButtonPressed,
        CommandGiven,
        HomeOpened,
        TextWritten,
        ButtonPressed,
        FormSubmitted,
        ButtonPressed,
        Installed,
    ]
    assert len({one.id for one in bot.events}) == 8
    assert CANARY not in repr(bot.events)


async def test_a_button_names_its_message_and_a_form_its_answers(
    scene: TeamsScene, bot: Hearing
) -> None:
    bot.reply = FORM
    form = (await scene.fetch(ANNA, pack(BRING), CHAT)).body
    await scene.submit(ANNA, form, {"case": "två, tre"}, CHAT)
    pressed, sent = bot.events
    assert isinstance(pressed, ButtonPressed)
    assert isinstance(sent, FormSubmitted)
    assert (pressed.action, pressed.message) == (BRING, f"{CHAT}|{CARD}")
    assert (sent.action, sent.answers) == (BRING, {"case": "två, tre"})


async def test_a_room_comes_with_its_people_asked_for_once_in_a_while(
    scene: TeamsScene, bot: Hearing
) -> None:
    for _ in range(5):
        await scene.press(ANNA, pack(ATTEND), CHAT)
    assert len(scene.api.called("members")) == 1
    assert set(bot.events[-1].place.people) == {person(ANNA), person(BO)}

    scene.api.conversations[CHAT].people.remove(BO)
    await scene.fetch(ANNA, pack(StartHere("g1", CHAT)), CHAT)
    assert set(bot.events[-1].place.people) == {person(ANNA)}, "asked at once where it matters"
    scene.api.conversations[CHAT].people.append(BO)
    scene.out.clock.pass_by(seconds=11)
    await scene.write(ANNA, "här", CHAT)
    assert set(bot.events[-1].place.people) == {person(ANNA), person(BO)}


async def test_a_form_that_names_a_room_is_decided_with_its_people(
    scene: TeamsScene, bot: Hearing
) -> None:
    bot.reply = OpenForm(Form(T("case.title"), StartHere("g1", CHAT), (), submit=T("save")))
    form = (await scene.fetch(ANNA, pack(StartHere("g1", CHAT)))).body
    await scene.submit(ANNA, form, {})
    place = bot.events[-1].place
    assert (place.native, place.private) == (CHAT, False)
    assert set(place.people) == {person(ANNA), person(BO)}


async def test_a_room_of_which_teams_does_not_tell_has_no_people(
    scene: TeamsScene, bot: Hearing
) -> None:
    scene.api.conversations[CHAT].installed = False
    await scene.press(ANNA, pack(ATTEND), CHAT)
    assert bot.events[0].place == room()


async def test_what_came_to_pass_in_rooms_is_told(scene: TeamsScene, bot: Hearing) -> None:
    there = scene.by(ANNA, CHAT) | {"type": "conversationUpdate"}
    bos = {"id": f"29:{BO}", "aadObjectId": BO}
    assert await scene.post(there | {"membersRemoved": [bos]}) == Got(200, "")
    (event,) = bot.happenings
    assert isinstance(event, MemberChanged)
    assert (event.who, event.place, event.came) == (person(BO), room(), False)


async def test_somebody_named_by_the_29_id_alone_is_looked_up(
    scene: TeamsScene, bot: Hearing
) -> None:
    there = scene.by(ANNA, CHAT) | {"type": "conversationUpdate"}
    await scene.post(there | {"membersAdded": [{"id": f"29:{BO}"}]})
    (event,) = bot.happenings
    assert isinstance(event, MemberChanged)
    assert event.who == person(BO)
    bare = scene.written(BO, "hem", CHAT)
    del bare["from"]["aadObjectId"]
    await scene.post(bare)
    assert bot.events[-1].actor == person(BO)


async def test_the_people_of_a_room_are_asked_for_anew_when_they_change(
    scene: TeamsScene, bot: Hearing
) -> None:
    await scene.press(ANNA, pack(ATTEND), CHAT)
    scene.api.conversations[CHAT].people.remove(BO)
    there = scene.by(ANNA, CHAT) | {"type": "conversationUpdate"}
    await scene.post(there | {"membersRemoved": [{"id": f"29:{BO}", "aadObjectId": BO}]})
    await scene.press(ANNA, pack(ATTEND), CHAT)
    assert set(bot.events[-1].place.people) == {person(ANNA)}


async def test_what_befalls_a_team_befalls_each_of_its_rooms(
    scene: TeamsScene, bot: Hearing
) -> None:
    told = scene.by(ANNA, TEAM) | {"type": "conversationUpdate"}
    del told["channelData"]["channel"]
    told["channelData"]["eventType"] = "teamArchived"
    await scene.post(told)
    assert {one.place for one in bot.happenings} == {room(TEAM), room(CHANNEL)}
    assert {one.how for one in bot.happenings if isinstance(one, RoomChanged)} == {"lost"}
    assert len({one.id for one in bot.happenings}) == 2


async def test_whoever_takes_krets_out_of_their_chat_cannot_be_reached(
    scene: TeamsScene, bot: Hearing
) -> None:
    await scene.write(ANNA, "hem")
    gone = scene.by(ANNA) | {"type": "installationUpdate", "action": "remove"}
    assert await scene.post(gone) == Got(200, "")
    assert bot.lost == [person(ANNA)]


async def test_what_is_nothing_to_krets_is_answered_and_not_heard(
    scene: TeamsScene, bot: Hearing
) -> None:
    for more in (
        {"type": "typing"},
        {"type": "messageReaction"},
        {"type": "invoke", "name": "composeExtension/query", "value": {}},
        {"type": "invoke", "name": "adaptiveCard/action", "value": {"action": {"type": "x"}}},
        {"type": "message", "text": "hello", "from": {"id": BOT, "name": "Krets"}},
        {"type": "installationUpdate", "action": "remove-upgrade"},
    ):
        assert await scene.post(scene.by(ANNA) | more) == Got(200, "")
    assert bot.events == []


async def test_what_is_delivered_again_has_the_same_id(scene: TeamsScene, bot: Hearing) -> None:
    sent = scene.pressed(ANNA, {ACTION: pack(ATTEND)})
    for _ in range(2):
        await scene.post(sent)
    first, second = bot.events
    assert first.id == second.id


# --- if it cannot be decided --------------------------------------------------------------------


async def test_if_it_cannot_be_decided_a_message_is_to_come_again(
    scene: TeamsScene, bot: Hearing
) -> None:
    def fail() -> None:
        raise OSError

    bot.doing = fail
    assert (await scene.write(ANNA, CANARY)).status == 500
    assert (await scene.post(scene.clicked(ANNA, pack(ATTEND)))).status == 500
    there = scene.by(ANNA, CHAT) | {"type": "conversationUpdate"}
    gone = {"membersRemoved": [{"id": f"29:{BO}", "aadObjectId": BO}]}
    assert (await scene.post(there | gone)).status == 500
    assert scene.own(ANNA) == []


async def test_if_it_cannot_be_decided_a_button_is_answered_calmly(
    scene: TeamsScene, bot: Hearing, caplog: pytest.LogCaptureFixture
) -> None:
    bot.reply = FORM
    form = (await scene.fetch(ANNA, pack(BRING))).body

    def fail() -> None:
        raise OSError(CANARY)

    bot.doing = fail
    caplog.set_level(logging.DEBUG)
    assert executed(await scene.press(ANNA, pack(ATTEND))).startswith(UNAVAILABLE)
    assert UNAVAILABLE in written(dialog(await scene.fetch(ANNA, pack(BRING))))
    assert UNAVAILABLE in written(dialog(await scene.submit(ANNA, form, {"case": CANARY})))
    assert "submit failed: OSError" in caplog.text
    assert CANARY not in caplog.text


# --- what is remembered -------------------------------------------------------------------------


async def test_where_people_and_rooms_are_is_taken_up_from_what_is_verified(
    scene: TeamsScene, bot: Hearing
) -> None:
    scene.service = "https://smba.trafficmanager.net/amer/"
    await scene.press(ANNA, pack(ATTEND), CHAT)
    await scene.write(ANNA, "hem")
    own = await scene.out.references.find(TENANT, ANNA)
    chat = await scene.out.references.find(TENANT, CHAT)
    assert own == way(
        ANNA, service_url=scene.service, conversation=f"a:{ANNA}", account=f"29:{ANNA}"
    )
    assert chat.service_url == scene.service


async def test_a_forged_request_is_refused_before_anything_is_read_or_remembered(
    scene: TeamsScene, bot: Hearing, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    scene.api.keys = [listed("key1")]
    scene.service = "https://smba.trafficmanager.net/elsewhere/"
    sent = scene.written(BO, CANARY)
    for headers in ({"Authorization": ""}, {"Authorization": "Bearer a.b.c"}):
        assert (await scene.post(sent, **headers)).status == 401
    stranger = sent | {"channelData": {"tenant": {"id": ELSEWHERE}}}
    stranger["conversation"] = sent["conversation"] | {"tenantId": ELSEWHERE}
    assert (await scene.post(stranger)).status == 403
    assert (await scene.post(sent | {"serviceUrl": "https://evil.example/"})).status == 403
    assert (bot.events, bot.known, scene.own(BO)) == ([], {}, [])
    assert (await scene.out.references.find(TENANT, BO)).service_url != scene.service
    assert CANARY not in caplog.text
