"""What Teams does not send: each is answered calmly, and the bot never hears of it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.teams.shapes import ACTION
from bot.core.action import pack
from bot.core.event import (
    TextWritten,
)
from bot.words import View
from tests.adapters.teams_api import BOT
from tests.adapters.teams_hearing import (
    BRING,
    IN,
    UNAVAILABLE,
    Hearing,
    Json,
    dialog,
    executed,
    written,
)
from tests.adapters.teams_people import Got, TeamsScene, mention, teams_scene
from tests.adapters.teams_scene import ANNA, BO, CHAT


@pytest.fixture
def bot(view: View) -> Hearing:
    return Hearing(view)


@pytest.fixture
async def scene(bot: Hearing, tmp_path: Path) -> AsyncIterator[TeamsScene]:
    async with teams_scene(bot, bot.view, tmp_path) as scene:
        yield scene


# --- what Teams does not send -------------------------------------------------------------------


async def test_a_message_without_data_of_the_channel_or_text_is_answered(
    scene: TeamsScene, bot: Hearing
) -> None:
    bot.reply = IN
    for missing in ("channelData", "text", "entities", "locale", "localTimezone"):
        sent = scene.written(ANNA, "hem")
        del sent[missing]
        assert await scene.post(sent) == Got(200, "")
    assert len(scene.own(ANNA)) == len(bot.events) == 5


async def test_what_nobody_did_or_nowhere_changes_nothing(scene: TeamsScene, bot: Hearing) -> None:
    nobody = scene.written(ANNA, "hem")
    del nobody["from"]
    assert await scene.post(nobody) == Got(200, "")
    nowhere = scene.written(ANNA, "hem")
    del nowhere["conversation"]
    assert (await scene.post(nowhere)).status == 400
    assert (bot.events, scene.api.called("send")) == ([], [])


async def test_an_event_that_cannot_be_told_from_others_is_not_told(
    scene: TeamsScene, bot: Hearing
) -> None:
    event = scene.by(ANNA, CHAT) | {"type": "conversationUpdate"}
    event |= {"membersRemoved": [{"id": f"29:{BO}", "aadObjectId": BO}]}
    del event["id"], event["timestamp"]
    assert await scene.post(event) == Got(200, "")
    assert (bot.happenings, scene.api.called("send")) == ([], [])


@pytest.mark.parametrize(
    "value",
    [
        {ACTION: 7},
        {ACTION: '{"kind":"dance"}'},
        {ACTION: pack(BRING), "form": "maybe"},
        {ACTION: pack(BRING), "form": {"case": "dance"}},
        {ACTION: pack(BRING) + " " * 300},
    ],
    ids=["no text", "no action", "no form", "no meaning", "too long"],
)
async def test_a_value_that_was_altered_is_answered_calmly(
    scene: TeamsScene, bot: Hearing, value: Json
) -> None:
    scene.locale = "nb-NO"
    assert executed(await scene.post(scene.pressed(ANNA, value))).startswith(UNAVAILABLE)
    for name in ("task/fetch", "task/submit"):
        asked = await scene.post(scene.asked(ANNA, name, value))
        assert UNAVAILABLE in written(dialog(asked))
    assert await scene.post(scene.by(ANNA) | {"type": "message", "value": value}) == Got(200, "")
    assert UNAVAILABLE in written(scene.own(ANNA))
    assert bot.events == []
    assert set(scene.sight.languages) == {"nb"}


@pytest.mark.parametrize("answer", [7, None, {"a": 1}, ["x"]], ids=str)
async def test_an_answer_that_no_field_gives_is_answered_calmly(
    scene: TeamsScene, bot: Hearing, answer: object
) -> None:
    sent = scene.asked(ANNA, "task/submit", {ACTION: pack(BRING), "form": True, "case": answer})
    assert UNAVAILABLE in written(dialog(await scene.post(sent)))
    assert bot.events == []


@pytest.mark.parametrize("value", [None, 7, "x", [], {"action": 7}, {"data": 7}], ids=str)
async def test_an_invoke_of_another_shape_is_answered_calmly(
    scene: TeamsScene, bot: Hearing, value: object
) -> None:
    for name in ("adaptiveCard/action", "task/fetch", "task/submit"):
        sent = scene.by(ANNA) | {"type": "invoke", "name": name, "value": value}
        got = await scene.post(sent)
        assert got.status == 200
        assert UNAVAILABLE in got.text or got.text == ""
    assert bot.events == []


async def test_somebody_named_like_krets_is_not_taken_for_it(
    scene: TeamsScene, bot: Hearing
) -> None:
    alike = scene.by(ANNA, CHAT) | {"type": "message", "text": "<at>Krets</at> öppna"}
    alike["entities"] = [mention(f"29:{BO}")]
    assert await scene.post(alike) == Got(200, "")
    assert bot.events == []
    both = alike | {"text": "<at>Krets</at> <at>Krets</at> öppna"}
    both["entities"] = [mention(f"29:{BO}"), mention(BOT)]
    both["id"] = "2"
    await scene.post(both)
    assert [type(one) for one in bot.events] == [TextWritten], "the other's name is in the words"
