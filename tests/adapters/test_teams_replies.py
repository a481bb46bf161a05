"""How replies come to people in Teams: in an answer, in a dialog, or in their own chat."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.teams.shapes import ACTION, REPLY
from bot.core.action import pack
from bot.core.decision import Nothing
from bot.core.event import (
    ButtonPressed,
    FormSubmitted,
    Installed,
)
from bot.words import View
from tests.adapters.teams.adaptive_card import card_of
from tests.adapters.teams_api import Fault
from tests.adapters.teams_hearing import (
    ATTEND,
    BRING,
    FORM,
    HELLO,
    HOME,
    IN,
    IN_WORDS,
    READING,
    SURE,
    WRONG,
    Hearing,
    dialog,
    executed,
    written,
)
from tests.adapters.teams_people import Got, TeamsScene, teams_scene
from tests.adapters.teams_scene import ANNA, CHANNEL, CHAT, TEAM


@pytest.fixture
def bot(view: View) -> Hearing:
    return Hearing(view)


@pytest.fixture
async def scene(bot: Hearing, tmp_path: Path) -> AsyncIterator[TeamsScene]:
    async with teams_scene(bot, bot.view, tmp_path) as scene:
        yield scene


# --- how replies come ---------------------------------------------------------------------------


async def test_nothing_is_an_empty_answer_except_beside_a_card(
    scene: TeamsScene, bot: Hearing
) -> None:
    bot.reply = FORM
    form = (await scene.fetch(ANNA, pack(BRING))).body
    bot.reply = Nothing()
    assert await scene.write(ANNA, "help") == Got(200, "")
    assert await scene.submit(ANNA, form, {"case": "x"}) == Got(200, "")
    assert executed(await scene.press(ANNA, pack(ATTEND))) == "Done."
    assert "Done." in written(dialog(await scene.fetch(ANNA, pack(BRING))))
    assert scene.own(ANNA) == []


@pytest.mark.parametrize("where", ["", CHAT, CHANNEL])
async def test_a_notice_comes_only_to_the_one_who_acted(
    scene: TeamsScene, bot: Hearing, where: str
) -> None:
    bot.reply = FORM
    form = (await scene.fetch(ANNA, pack(BRING), where)).body
    bot.reply = IN
    await scene.write(ANNA, "fråga", where)
    (told,) = scene.own(ANNA)
    assert IN_WORDS in written(told)
    await scene.post(scene.clicked(ANNA, pack(ATTEND), where))
    assert len(scene.own(ANNA)) == 2
    assert executed(await scene.press(ANNA, pack(ATTEND), where)).startswith(IN_WORDS)
    assert IN_WORDS in written(dialog(await scene.fetch(ANNA, pack(BRING), where)))
    assert IN_WORDS in written(dialog(await scene.submit(ANNA, form, {"case": "x"}, where)))
    for one in (CHAT, CHANNEL, TEAM):
        assert scene.api.messages(one) == []


async def test_whoever_cannot_be_written_to_hears_nothing_and_nor_does_the_room(
    scene: TeamsScene, bot: Hearing, caplog: pytest.LogCaptureFixture
) -> None:
    await scene.write(ANNA, "hem")
    scene.api.people[ANNA].installed = False
    bot.reply = IN
    for where in ("", CHAT):
        assert await scene.write(ANNA, "fråga", where) == Got(200, "")
    assert (scene.own(ANNA), scene.api.messages(CHAT)) == ([], [])
    assert "a reply was lost: BotNotInConversationRoster" in caplog.text


async def test_a_form_opens_from_a_button_and_after_words_by_one_button(
    scene: TeamsScene, bot: Hearing
) -> None:
    bot.reply = FORM
    for where in ("", CHAT):
        await scene.write(ANNA, "fråga", where)
        told = scene.own(ANNA)[-1]
        (row,) = card_of(told)["body"]
        (button,) = row["actions"]
        carried = {ACTION: pack(BRING), "msteams": {"type": "task/fetch"}}
        assert button["data"] == carried | {REPLY: True}
        opened = dialog(await scene.fetch(ANNA, button["data"][ACTION], where))
        assert [one["id"] for one in opened["body"] if "id" in one] == ["case"]
    bot.reply = READING
    assert "actions" not in dialog(await scene.fetch(ANNA, pack(BRING)))


async def test_a_button_in_a_dialog_opens_the_next_one(scene: TeamsScene, bot: Hearing) -> None:
    bot.reply = FORM
    pressed = scene.asked(ANNA, "task/submit", {ACTION: pack(BRING)})
    assert dialog(await scene.post(pressed))["actions"]
    (event,) = bot.events
    assert isinstance(event, ButtonPressed)
    assert event.message == ""


async def test_a_button_that_asks_whether_one_is_sure_does_so_in_ones_own_chat(
    scene: TeamsScene, bot: Hearing
) -> None:
    bot.reply = SURE
    assert executed(await scene.press(ANNA, pack(ATTEND), CHAT)) == "Done."
    (told,) = scene.own(ANNA)
    (button,) = card_of(told)["body"][-1]["actions"]
    bot.reply = IN
    sure = scene.pressed(ANNA, button["data"])
    assert executed(await scene.post(sure)).startswith(IN_WORDS)
    assert isinstance(bot.events[-1], FormSubmitted)
    assert scene.api.messages(CHAT) == []


async def test_home_is_a_message_of_ones_own(scene: TeamsScene, bot: Hearing) -> None:
    bot.reply = HOME
    await scene.write(ANNA, "hem")
    await scene.write(ANNA, "", CHAT)
    await scene.install(ANNA)
    homes = scene.own(ANNA)
    assert len(homes) == 3
    assert all(ACTION in written(one) and "one" in written(one) for one in homes)
    assert scene.api.messages(CHAT) == []


@pytest.mark.parametrize("where", [CHAT, CHANNEL])
async def test_a_greeting_is_for_all_in_the_room(
    scene: TeamsScene, bot: Hearing, where: str
) -> None:
    bot.reply = HELLO
    assert await scene.install(ANNA, where) == Got(200, "")
    (event,) = bot.events
    assert isinstance(event, Installed)
    assert event.place.native == where
    assert len(scene.api.messages(where)) == 1
    assert scene.own(ANNA) == []


async def test_what_is_wrong_stands_at_its_field_beside_what_was_typed(
    scene: TeamsScene, bot: Hearing
) -> None:
    bot.reply = FORM
    form = (await scene.fetch(ANNA, pack(BRING))).body
    bot.reply = WRONG
    again = dialog(await scene.submit(ANNA, form, {"case": "for now"}))
    assert "Please write something here." in written(again["body"][0])
    assert again["body"][1]["value"] == "for now"
    bot.form = IN
    closed = dialog(await scene.submit(ANNA, form, {"case": "for now"}))
    assert "Please write something here." in written(closed), "there is no form any more"
    await scene.write(ANNA, "fråga")
    assert "Please write something here." in written(scene.own(ANNA)), "nor after words"
    assert executed(await scene.press(ANNA, pack(ATTEND))) == "Please write something here."


async def test_a_late_teams_does_not_hold_the_answer(
    scene: TeamsScene,
    bot: Hearing,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr("adapters.teams.replies._PATIENCE", 0.05)
    await scene.write(ANNA, "hem")
    bot.reply = IN
    never = asyncio.Event()
    scene.api.fail("send", Fault(late=never))
    assert await scene.write(ANNA, "fråga") == Got(200, "")
    assert "a reply was lost: TimeoutError" in caplog.text
    never.set()


async def test_while_much_is_sent_a_reply_waits_its_turn(scene: TeamsScene, bot: Hearing) -> None:
    bot.reply = IN
    for number in range(1, 30):
        await scene.write(ANNA, "fråga")
        assert len(scene.own(ANNA)) == number
    scene.api.fail("send", Fault(429, headers={"Retry-After": "3"}))
    await scene.write(ANNA, "fråga")
    assert len(scene.own(ANNA)) == 30


async def test_a_reply_that_would_come_much_later_is_lost(
    scene: TeamsScene, bot: Hearing, caplog: pytest.LogCaptureFixture
) -> None:
    bot.reply = IN
    scene.api.fail("send", Fault(429, headers={"Retry-After": "60"}))
    assert await scene.write(ANNA, "fråga") == Got(200, "")
    assert scene.own(ANNA) == []
    assert "a reply was lost: TryLater" in caplog.text
