"""Slack's route: who may act, what the bot hears, and how its replies come to people."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from adapters.sight import Sight
from bot.app import Answer
from bot.core.action import BringCase, ChooseLanguage, StartHere, pack
from bot.core.card import Button, Buttons, Card, Form, Heading, Line, T, Text
from bot.core.decision import FieldErrors, Home, Nothing, Notice, OpenForm, Reply
from bot.core.event import (
    ButtonPressed,
    CommandGiven,
    Deed,
    FormSubmitted,
    HomeOpened,
    Identity,
    TextWritten,
)
from bot.core.facts import Defaults
from bot.messenger import Profile
from bot.store import Store, Unit
from bot.words import View, Words
from tests.adapters.slack_api import Fault
from tests.adapters.slack_scene import ANNA, BO, ROOM, SlackScene, person, slack_scene
from tests.databases import lay_out

Json: TypeAlias = dict[str, Any]
BRING = BringCase("g1", 4)
FIELDS = (Line("case", T("case.label"), 100, several=True),)
FORM = OpenForm(Form(T("case.title"), BRING, FIELDS, submit=T("case.submit")))
READING = OpenForm(Form(T("case.title"), BRING, (Text(T("case.free")),)))
HOME = Home((Card((Heading(T("text", {"text": "one"})), Buttons((Button(T("save"), BRING),)))),))
IN = Notice(T("vote.in"))
IN_WORDS = "Your vote is in"
UNAVAILABLE = "This is not available."


@dataclass
class Hearing:
    """A bot that keeps what it hears, answers as told, and is introduced to people."""

    view: View
    reply: Reply = field(default_factory=Nothing)
    events: list[Deed] = field(default_factory=list)
    known: dict[Identity, Profile] = field(default_factory=dict)
    doing: Callable[[], None] = lambda: None

    async def handle(self, event: Deed) -> Answer:
        self.doing()
        self.events.append(event)
        return Answer(self.reply, self.view)

    async def knows(self, identity: Identity) -> bool:
        return identity in self.known

    async def introduce(self, identity: Identity, profile: Profile) -> None:
        self.known[identity] = profile


@pytest.fixture
def bot(view: View) -> Hearing:
    return Hearing(view)


@pytest.fixture
async def scene(bot: Hearing) -> AsyncIterator[SlackScene]:
    async with slack_scene(bot, bot.view) as scene:
        yield scene


def written(shown: object) -> str:
    """All text in blocks or in a view."""
    if isinstance(shown, dict):
        return " ".join(written(part) for part in shown.values())
    if isinstance(shown, list):
        return " ".join(written(part) for part in shown)
    return shown if isinstance(shown, str) else ""


async def a_modal(scene: SlackScene, bot: Hearing, reply: Reply = FORM) -> Json:
    """The modal that a button has opened."""
    bot.reply = reply
    await scene.interact(scene.pressed(ANNA, pack(BRING)))
    view: Json = scene.api.modals[ANNA][-1]
    return view


# --- who may act --------------------------------------------------------------------------------


async def test_a_new_person_is_introduced_once(scene: SlackScene, bot: Hearing) -> None:
    for _ in range(3):
        assert (await scene.command(ANNA, "")).status == 200
    assert bot.known == {person(ANNA): Profile("Anna Ek", "en", "Europe/Stockholm")}
    assert len(scene.api.called("users.info")) == 1
    assert len(bot.events) == 3


@pytest.mark.parametrize("what", ["is_bot", "is_restricted", "is_ultra_restricted", "is_stranger"])
async def test_whoever_is_no_member_gets_the_neutral_notice(
    scene: SlackScene, bot: Hearing, what: str
) -> None:
    scene.api.users[BO][what] = True
    for _ in range(3):
        got = await scene.command(BO, "open")
        assert got.status == 200
        assert UNAVAILABLE in written(got.body)
    assert bot.events == []
    assert bot.known == {}
    assert len(scene.api.called("users.info")) == 1, "not asked for each try"
    scene.api.users[BO][what] = False
    scene.clock.pass_by(3600)
    await scene.command(BO, "open")
    assert len(bot.events) == 1


async def test_somebody_whom_slack_does_not_know_gets_it_too(
    scene: SlackScene, bot: Hearing
) -> None:
    got = await scene.command("U0NOBODY", "open")
    assert UNAVAILABLE in written(got.body)
    assert bot.events == []


@pytest.mark.parametrize(
    "fault", [Fault(429), Fault(500), Fault(late=1.3), Fault(code="fatal_error")]
)
async def test_if_slack_does_not_tell_in_time_the_defaults_serve(
    scene: SlackScene, bot: Hearing, fault: Fault
) -> None:
    scene.api.fail("users.info", fault)
    async with asyncio.timeout(3):  # Slack waits no longer
        assert (await scene.command(ANNA, "")).status == 200
    assert len(bot.events) == 1
    assert bot.known == {}
    scene.clock.pass_by(60)
    await scene.command(ANNA, "")
    assert person(ANNA) in bot.known, "asked again the next time"


# --- what the bot hears -------------------------------------------------------------------------


async def test_all_that_people_do_is_heard(scene: SlackScene, bot: Hearing) -> None:
    modal = await a_modal(scene, bot)
    bot.reply = Nothing()
    await scene.command(ANNA, "")
    await scene.interact(scene.submitted(ANNA, modal, {"case": "x"}))
    inside = {"user": ANNA, "channel": scene.api.dm(ANNA).id}
    await scene.event({"type": "app_home_opened", "tab": "home"} | inside)
    await scene.event({"type": "message", "channel_type": "im", "text": "x", "ts": "1.1"} | inside)
    kinds = [type(event) for event in bot.events]
    assert kinds == [ButtonPressed, CommandGiven, FormSubmitted, HomeOpened, TextWritten]
    assert len({event.id for event in bot.events}) == 5


async def test_the_words_of_a_command_may_be_any(scene: SlackScene, bot: Hearing) -> None:
    for text in (
        "payload",
        "payload={}",
        "ssl_check=1",
        '{"type":"event_callback"}',
        "öppna å&b=c",
    ):
        assert (await scene.command(ANNA, text)).status == 200
        event = bot.events[-1]
        assert isinstance(event, CommandGiven)
        assert event.text == text


async def test_a_room_comes_with_its_people_asked_for_once_in_a_while(
    scene: SlackScene, bot: Hearing
) -> None:
    for _ in range(5):
        await scene.interact(scene.pressed(ANNA, pack(BRING), ROOM))
    assert len(scene.api.called("conversations.members")) == 1
    assert set(bot.events[-1].place.people) == {person(ANNA), person(BO)}

    scene.api.channels[ROOM].members.remove(BO)
    await scene.interact(scene.pressed(ANNA, pack(StartHere("g1", ROOM)), ROOM))
    assert set(bot.events[-1].place.people) == {person(ANNA)}, "asked at once where it matters"
    scene.api.channels[ROOM].members.append(BO)
    scene.clock.pass_by(11)
    await scene.command(ANNA, "here", ROOM)
    assert set(bot.events[-1].place.people) == {person(ANNA), person(BO)}


async def test_a_room_that_krets_is_not_in_has_no_people(scene: SlackScene, bot: Hearing) -> None:
    await scene.command(ANNA, "here", "C0ELSEWHERE")
    assert not bot.events[0].place.private
    assert bot.events[0].place.people == ()


async def test_what_krets_has_not_packed_is_answered_and_not_heard(
    scene: SlackScene, bot: Hearing
) -> None:
    modal = await a_modal(scene, bot)
    bot.events.clear()
    await scene.interact(scene.pressed(ANNA, '{"kind":"dance"}'))
    assert UNAVAILABLE in written(scene.said())
    altered = modal | {"private_metadata": '{"kind":"dance"}'}
    got = await scene.interact(scene.submitted(ANNA, altered, {"case": "x"}))
    assert got.body["response_action"] == "update"
    assert UNAVAILABLE in written(got.body)
    assert bot.events == []


async def test_messages_of_apps_and_changes_of_messages_are_not_heard(
    scene: SlackScene, bot: Hearing
) -> None:
    inside = {"type": "message", "channel_type": "im", "channel": scene.api.dm(ANNA).id}
    for more in (
        {"user": ANNA, "bot_id": "B1"},
        {"user": ANNA, "subtype": "message_changed"},
        {"user": "USLACKBOT"},
        {"user": ANNA, "channel_type": "group"},
    ):
        assert (await scene.event(inside | more)).status == 200
    assert bot.events == []


async def test_nothing_is_answered_before_it_is_decided(scene: SlackScene, bot: Hearing) -> None:
    heard: list[int] = []
    bot.doing = lambda: heard.append(1)
    got = await scene.event(
        {"type": "app_home_opened", "tab": "home", "user": ANNA, "channel": "D0ANNA"}
    )
    assert (got.status, heard) == (200, [1])


async def test_if_it_cannot_be_decided_slack_is_to_come_again(
    scene: SlackScene, bot: Hearing
) -> None:
    def fail() -> None:
        raise OSError

    bot.doing = fail
    inside = {"user": ANNA, "channel": scene.api.dm(ANNA).id}
    assert (await scene.command(ANNA, "")).status == 500
    assert (await scene.interact(scene.pressed(ANNA, pack(BRING)))).status == 500
    opened = {"type": "app_home_opened", "tab": "home"} | inside
    assert (await scene.event(opened)).status == 500


# --- how replies come ---------------------------------------------------------------------------


async def test_nothing_is_an_empty_answer(scene: SlackScene, bot: Hearing) -> None:
    modal = await a_modal(scene, bot)
    bot.reply = Nothing()
    for got in (
        await scene.command(ANNA, ""),
        await scene.interact(scene.pressed(ANNA, pack(BRING))),
        await scene.interact(scene.pressed(ANNA, pack(BRING), view=modal)),
        await scene.interact(scene.submitted(ANNA, modal, {"case": "x"})),
    ):
        assert (got.status, got.text) == (200, "")
    assert len(scene.api.called("views.open")) == 1


async def test_a_notice_comes_where_somebody_acted(scene: SlackScene, bot: Hearing) -> None:
    modal = await a_modal(scene, bot)
    bot.reply = IN

    got = await scene.command(ANNA, "")
    assert got.body["response_type"] == "ephemeral"
    assert IN_WORDS in written(got.body["blocks"])

    await scene.interact(scene.pressed(ANNA, pack(BRING), ROOM))
    (said,) = scene.said()
    assert (said["response_type"], said["replace_original"]) == ("ephemeral", False)
    assert IN_WORDS in written(said["blocks"])

    await scene.interact(scene.pressed(ANNA, pack(BRING), view=modal))
    assert len(scene.api.modals[ANNA]) == 2
    assert IN_WORDS in written(scene.api.modals[ANNA][-1])

    got = await scene.interact(scene.submitted(ANNA, modal, {"case": "x"}))
    assert got.body["response_action"] == "update"
    assert IN_WORDS in written(got.body["view"])

    inside = {"user": ANNA, "channel": scene.api.dm(ANNA).id, "text": "hello", "ts": "1.1"}
    await scene.event({"type": "message", "channel_type": "im"} | inside)
    ((who, told),) = scene.api.dm(ANNA).ephemeral
    assert who == ANNA
    assert IN_WORDS in written(told)


async def test_a_form_opens_or_lies_on_the_one_below(scene: SlackScene, bot: Hearing) -> None:
    modal = await a_modal(scene, bot)
    assert modal["private_metadata"] == pack(BRING)
    await scene.interact(scene.pressed(ANNA, pack(BRING)))
    assert len(scene.api.modals[ANNA]) == 1
    bot.reply = READING
    await scene.interact(scene.pressed(ANNA, pack(BRING), view=modal))
    await scene.interact(scene.pressed(ANNA, pack(BRING), view=modal))
    assert len(scene.api.modals[ANNA]) == 3
    top = scene.api.modals[ANNA][-1]
    bot.reply = IN
    await scene.interact(scene.pressed(ANNA, pack(BRING), view=top))
    assert len(scene.api.modals[ANNA]) == 3, "Slack holds three; the topmost is replaced"
    assert IN_WORDS in written(scene.api.modals[ANNA][-1])

    bot.reply = FORM
    got = await scene.interact(scene.submitted(ANNA, modal, {"case": "x"}))
    assert got.body["response_action"] == "update"
    assert got.body["view"]["callback_id"] == "form"


async def test_a_form_that_comes_too_late_takes_the_place_of_the_one_below(
    scene: SlackScene, bot: Hearing
) -> None:
    modal = await a_modal(scene, bot, HOME)
    bot.reply = FORM
    scene.api.fail("views.push", Fault(code="expired_trigger_id"))
    got = await scene.interact(scene.pressed(ANNA, pack(BRING), view=modal))
    assert (got.status, got.text) == (200, "")
    (only,) = scene.api.modals[ANNA]
    assert (only["id"], only["callback_id"]) == (modal["id"], "form")


async def test_home_comes_with_the_answer_to_a_command_and_asks_slack_for_nothing(
    scene: SlackScene, bot: Hearing
) -> None:
    few = Card((Text(T("vote.in")), Buttons((Button(T("save"), BRING),))))
    last = Card((Buttons((Button(T("save"), ChooseLanguage()),)),))
    bot.reply = Home((*[few] * 40, last))
    got = await scene.command(ANNA, "", ROOM)
    assert got.body["response_type"] == "ephemeral"
    assert len(got.body["blocks"]) <= 50
    assert pack(BRING) in written(got.body)
    assert pack(ChooseLanguage()) in written(got.body), "the settings are never what is cut"
    assert not [one for one in scene.api.calls if one.method.startswith(("views.", "chat."))]


async def test_home_is_a_modal_or_the_tab(scene: SlackScene, bot: Hearing) -> None:
    bot.reply = HOME
    await scene.interact(scene.pressed(ANNA, pack(BRING)))
    assert pack(BRING) in written(scene.api.modals[ANNA])

    inside = {"user": ANNA, "channel": scene.api.dm(ANNA).id}
    await scene.event({"type": "app_home_opened", "tab": "home"} | inside)
    tab = scene.api.homes[ANNA]
    assert pack(BRING) in written(tab)

    bot.reply = FORM
    await scene.interact(scene.pressed(ANNA, pack(BRING), view=tab))
    assert scene.api.modals[ANNA][-1]["callback_id"] == "form"
    assert len(scene.api.modals[ANNA]) == 1, "nothing lies below in the tab"
    bot.reply = IN
    await scene.interact(scene.pressed(ANNA, pack(BRING), view=tab))
    assert IN_WORDS in written(scene.api.modals[ANNA])

    await scene.event({"type": "app_home_opened", "tab": "home"} | inside)
    assert IN_WORDS in written(scene.api.homes[ANNA])
    await scene.event({"type": "app_home_opened", "tab": "messages"} | inside)
    assert len(scene.api.called("views.publish")) == 2


async def test_what_is_wrong_stands_at_its_field(scene: SlackScene, bot: Hearing) -> None:
    modal = await a_modal(scene, bot)
    bot.reply = FieldErrors({"case": T("error.empty"), "elsewhere": T("error.choose")})
    got = await scene.interact(scene.submitted(ANNA, modal, {"case": ""}))
    assert got.body == {
        "response_action": "errors",
        "errors": {"case": "Please write something here. Please choose one."},
    }
    got = await scene.command(ANNA, "")
    assert "Please write something here." in written(got.body), "without a form it is a sentence"


@pytest.mark.parametrize(
    "fault",
    [Fault(code="expired_trigger_id"), Fault(429), Fault(500), Fault(code="token_revoked")],
)
async def test_a_form_that_cannot_open_is_answered_calmly(
    scene: SlackScene, bot: Hearing, fault: Fault, caplog: pytest.LogCaptureFixture
) -> None:
    bot.reply = FORM
    scene.api.fail("views.open", fault)
    got = await scene.command(ANNA, "")
    assert got.status == 200
    assert UNAVAILABLE in written(got.body)
    scene.clock.pass_by(60)
    scene.api.fail("views.open", fault)
    got = await scene.interact(scene.pressed(ANNA, pack(BRING)))
    assert (got.status, got.text) == (200, "")
    assert UNAVAILABLE in written(scene.said())
    assert "a reply was lost" in caplog.text


@pytest.mark.parametrize(
    "url",
    [
        "http://evil.example.org/x",
        "https://127.0.0.1/x",
        "http://[",
        "",
        "file:///etc/passwd",
        None,
    ],
)
async def test_an_answer_goes_to_slack_and_nowhere_else(
    scene: SlackScene, bot: Hearing, url: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    bot.reply = IN
    got = await scene.interact(scene.pressed(ANNA, pack(ChooseLanguage())) | {"response_url": url})
    assert (got.status, got.text) == (200, "")
    assert scene.api.responses == {}
    assert "foreign_response_url" in caplog.text


async def test_a_stranger_reads_by_the_defaults_and_is_not_remembered(
    tmp_path: Path, words: Words
) -> None:
    lay_out(f"sqlite:///{tmp_path / 'krets.db'}")
    store = Store(f"sqlite:///{tmp_path / 'krets.db'}")
    sight = Sight(store, words, Defaults("sv", "Europe/Oslo", "NO"), "Ring 112")
    view = await sight.view(person(ANNA))
    assert (view.language, view.zone, view.help_text) == ("sv", "Europe/Oslo", "Ring 112")
    assert await store.run(lambda unit: unit.people.known(person(ANNA))) is None

    def meet(unit: Unit) -> None:
        unit.people.meet(person(ANNA), "p1", name="Anna", language="nb", zone="Europe/Berlin")

    await store.run(meet)
    view = await sight.view(person(ANNA))
    assert (view.language, view.zone) == ("nb", "Europe/Berlin")
    await store.close()


async def test_a_late_slack_does_not_hold_the_answer(scene: SlackScene, bot: Hearing) -> None:
    bot.reply = FORM
    scene.api.fail("views.open", Fault(late=3))
    started = asyncio.get_running_loop().time()
    got = await scene.command(ANNA, "")
    assert asyncio.get_running_loop().time() - started < 2.5
    assert UNAVAILABLE in written(got.body)
