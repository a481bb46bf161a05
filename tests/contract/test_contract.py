"""The contract that every platform keeps: what the core says is seen, what is done comes back."""

import json
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio

from bot.core.action import (
    BringCase,
    ChooseLanguage,
    EraseMine,
    ExportMine,
    GetCalendar,
    pack,
    unpack,
)
from bot.core.card import Address, Button, Buttons, Card, Export, Form, Heading, Line, Link, T, Text
from bot.core.decision import FieldErrors, Home, Nothing, Notice, OpenForm
from bot.core.event import ButtonPressed, CommandGiven, FormSubmitted, HomeOpened, TextWritten
from bot.messenger import Refused, Unreachable
from tests.contract.platform import Stage
from tests.contract.playground import playground
from tests.contract.slack import slack
from tests.contract.teams import teams

PLATFORMS = {"playground": playground, "slack": slack, "teams": teams}

#: One packed action of every kind, after its kind: the stored format.
GOLDEN = [
    line.partition(" ")[2]
    for line in (Path(__file__).parents[1] / "core" / "actions.golden").read_text().splitlines()
    if line
]
BRING = BringCase("g1", 4)


def card(words: str, *buttons: Button) -> Card:
    row = (Buttons(buttons),) if buttons else ()
    return Card((Heading(T("text", {"text": words})), *row))


@pytest_asyncio.fixture(params=PLATFORMS)
async def stage(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Stage]:
    async with PLATFORMS[request.param](tmp_path) as stage:
        yield stage


# --- what is shown ------------------------------------------------------------------------------


async def test_a_card_is_posted_edited_and_removed(stage: Stage) -> None:
    for where in (stage.room, stage.anna):
        first = await stage.messenger.post(where, card("first"), stage.bot.view)
        second = await stage.messenger.post(where, card("second"), stage.bot.view)
        assert first != second
        seen = await stage.sees(stage.anna, where)
        assert seen.text.index("first") < seen.text.index("second")

        await stage.messenger.edit(where, first, card("changed"), stage.bot.view)
        seen = await stage.sees(stage.anna, where)
        assert "first" not in seen.text
        assert seen.text.index("changed") < seen.text.index("second"), "edited in its place"

        await stage.messenger.remove(where, first)
        seen = await stage.sees(stage.anna, where)
        assert "changed" not in seen.text
        assert "second" in seen.text
        await stage.messenger.remove(where, first)  # once more changes nothing


async def test_a_private_card_is_seen_by_one_and_a_room_by_its_people(stage: Stage) -> None:
    await stage.messenger.post(stage.anna, card("for anna alone"), stage.bot.view)
    await stage.messenger.post(stage.room, card("for the room"), stage.bot.view)
    assert "for anna alone" in (await stage.sees(stage.anna, stage.anna)).text
    assert "for anna alone" not in (await stage.sees(stage.bo, stage.bo)).text
    assert "for anna alone" not in (await stage.sees(stage.bo, stage.room)).text
    assert "for the room" in (await stage.sees(stage.bo, stage.room)).text


async def test_a_platform_says_whether_krets_makes_rooms_there(stage: Stage) -> None:
    assert stage.messenger.makes_rooms is stage.moves_people


async def test_a_room_has_its_people_until_they_are_let_out_and_in(stage: Stage) -> None:
    assert set(await stage.messenger.roster(stage.room)) == {stage.anna, stage.bo}
    if not stage.moves_people:
        for move in (stage.messenger.let_in, stage.messenger.let_out):
            with pytest.raises(Refused):
                await move(stage.room, stage.bo)
        with pytest.raises(Refused):
            await stage.messenger.open_room("g1", "Eken", (stage.anna, stage.bo))
        return
    for _ in range(2):
        await stage.messenger.let_out(stage.room, stage.bo)
        assert set(await stage.messenger.roster(stage.room)) == {stage.anna}
    for _ in range(2):
        await stage.messenger.let_in(stage.room, stage.bo)
        assert sorted(one.native for one in await stage.messenger.roster(stage.room)) == sorted(
            one.native for one in (stage.anna, stage.bo)
        )


async def test_a_profile_tells_name_language_and_zone(stage: Stage) -> None:
    profile = await stage.messenger.profile(stage.anna)
    assert profile.name
    if stage.tells_zones:
        assert profile.language in ("en", "sv", "nb")
        assert "/" in profile.zone
    else:
        assert (profile.language, profile.zone) == ("", "")


async def test_what_cannot_be_reached_says_so(stage: Stage) -> None:
    nobody = type(stage.anna)(stage.anna.platform, stage.anna.tenant, "nobody-at-all")
    with pytest.raises((Unreachable, Refused)):
        await stage.messenger.post(nobody, card("lost"), stage.bot.view)


# --- what is done -------------------------------------------------------------------------------


@pytest.mark.parametrize("packed", GOLDEN)
async def test_every_action_makes_the_round_trip(stage: Stage, packed: str) -> None:
    button = Button(T("save"), unpack(packed))
    await stage.messenger.post(stage.anna, card("press me", button), stage.bot.view)
    (found,) = [action for _, action in (await stage.sees(stage.anna, stage.anna)).buttons]
    await stage.presses(stage.anna, stage.anna, found)
    (event,) = stage.bot.events
    assert isinstance(event, ButtonPressed)
    assert event.action == unpack(packed)
    assert event.actor == stage.anna
    assert event.place.private


async def test_a_press_in_a_room_names_the_room_and_its_people(stage: Stage) -> None:
    await stage.presses(stage.anna, stage.room, pack(BRING))
    (event,) = stage.bot.events
    assert isinstance(event, ButtonPressed)
    assert not event.place.private
    assert set(event.place.people) == {stage.anna, stage.bo}


async def test_two_presses_have_two_ids(stage: Stage) -> None:
    for _ in range(2):
        await stage.presses(stage.anna, stage.anna, pack(BRING))
    first, second = stage.bot.events
    assert first.id != second.id


async def test_a_command_brings_its_words_and_free_text_brings_none(stage: Stage) -> None:
    await stage.writes(stage.anna, stage.anna, "/krets öppna")
    await stage.writes(stage.anna, stage.anna, "hello, something hard has happened")
    command, written = stage.bot.events
    assert isinstance(command, CommandGiven)
    assert command.text == "öppna"
    assert isinstance(written, TextWritten)
    assert "hard" not in repr(written)


async def test_what_our_words_say_to_write_is_a_command_as_it_stands(stage: Stage) -> None:
    notice = Card((Heading(T("hello")), Text(T("hello.here"))))
    for where in (stage.room, stage.anna):
        await stage.messenger.post(where, notice, stage.bot.view)
        seen = (await stage.sees(stage.anna, where)).text
        assert {f"{stage.typed} here", f"{stage.typed} här"} & set(
            re.findall(r"\S+ h[eä]re?", seen)
        )
    await stage.writes(stage.anna, stage.anna, f"{stage.typed} here")
    (command,) = stage.bot.events
    assert isinstance(command, CommandGiven)
    assert command.text == "here"


# --- what comes back at once --------------------------------------------------------------------


async def test_a_notice_is_for_the_one_who_acted(stage: Stage) -> None:
    stage.bot.reply = Notice(T("vote.in"))
    answer = await stage.presses(stage.anna, stage.room, pack(BRING))
    assert answer.kind == "notice"
    assert "Your vote is in" in answer.text
    assert "Your vote is in" not in (await stage.sees(stage.bo, stage.room)).text


async def test_a_form_opens_comes_back_filled_in_and_says_what_is_wrong(stage: Stage) -> None:
    fields = (Line("case", T("case.label"), 100, several=True), Text(T("case.free"), quiet=True))
    stage.bot.reply = OpenForm(Form(T("case.title"), BRING, fields, submit=T("case.submit")))
    form = await stage.presses(stage.anna, stage.room, pack(BRING))
    assert form.kind == "form"
    assert "What would you like help to think about?" in form.text

    stage.bot.reply = FieldErrors({"case": T("error.empty")})
    again = await stage.submits(stage.anna, stage.room, form.action, {"case": "two\nlines"})
    assert again.kind == "errors"
    assert again.errors == {"case": "Please write something here."}

    stage.bot.reply = Nothing()
    assert (
        await stage.submits(stage.anna, stage.room, form.action, {"case": "x"})
    ).kind == "nothing"
    event = stage.bot.events[1]
    assert isinstance(event, FormSubmitted)
    assert event.action == BRING
    assert event.answers["case"] == "two\nlines"


async def test_a_form_may_hold_much_to_copy_and_lead_to_another(stage: Stage) -> None:
    line = Line("json", T("case.label"), 3000, several=True, value=Export("p1", 1), optional=True)
    stage.bot.reply = OpenForm(
        Form(
            T("data.json.title"),
            ExportMine(),
            (line,),
            submit=T("data.json.done"),
            extra=(Button(T("data.json.next"), ExportMine(2)),),
        )
    )
    form = await stage.presses(stage.anna, stage.anna, pack(ExportMine()))
    assert json.loads(form.text[form.text.index("{") : form.text.rindex("}") + 1]) == {
        "format": "krets/my-data/1",
        "name": "–",
        "language": "en",
        "time_zone": "Europe/Stockholm",
        "groups": [],
    }
    assert [unpack(action) for _, action in form.buttons] == [ExportMine(2)]

    asked = Form(T("data.erase"), EraseMine(), (Text(T("erase.text")),), submit=T("erase.submit"))
    stage.bot.reply = OpenForm(asked)
    once = await stage.submits(stage.anna, stage.anna, form.action, {"json": ""})
    assert (once.kind, unpack(once.action)) == ("form", EraseMine())
    stage.bot.reply = Notice(T("erase.done"))
    done = await stage.submits(stage.anna, stage.anna, once.action, {})
    assert (done.kind, "What you wrote is deleted." in done.text) == ("notice", True)


async def test_a_private_address_stands_in_a_form_in_full(stage: Stage) -> None:
    stage.bot.view = replace(stage.bot.view, base_url="https://krets.example.org")
    link = Link(T("calendar.link"), Address("/calendar/0a1b.ics"))
    stage.bot.reply = OpenForm(Form(T("calendar.title"), GetCalendar("g1"), (link,)))
    form = await stage.presses(stage.anna, stage.anna, pack(GetCalendar("g1")))
    assert form.kind in ("form", "notice"), "with nothing to send, Teams tells them apart no more"
    assert form.text.index("Your own address") < form.text.index(
        "https://krets.example.org/calendar/0a1b.ics"
    )


async def test_a_form_after_a_command_opens_or_is_one_button_away(stage: Stage) -> None:
    fields = (Line("case", T("case.label"), 100, several=True),)
    stage.bot.reply = OpenForm(Form(T("case.title"), BRING, fields, submit=T("case.submit")))
    answer = await stage.writes(stage.anna, stage.anna, "/krets fråga")
    if answer.kind != "form":
        assert "What would you like help to think about?" not in answer.text
        ((label, packed),) = answer.buttons
        assert label
        answer = await stage.presses(stage.anna, stage.anna, packed)
    assert answer.kind == "form"
    assert unpack(answer.action) == BRING


async def test_home_shows_its_cards_with_working_buttons(stage: Stage) -> None:
    stage.bot.reply = Home((card("one", Button(T("save"), BRING)), card("two")))
    home = await stage.opens_home(stage.anna)
    assert home.kind == "home"
    assert home.text.index("one") < home.text.index("two")
    assert isinstance(stage.bot.events[0], HomeOpened)
    assert [unpack(action) for _, action in home.buttons] == [BRING]


async def test_what_no_krets_has_packed_is_answered_calmly(stage: Stage) -> None:
    answer = await stage.presses(stage.anna, stage.anna, '{"kind":"dance"}')
    assert answer.kind == "notice"
    assert stage.bot.events == []


async def test_people_s_words_are_shown_inert(stage: Stage) -> None:
    hostile = "<b>bold</b> [link](https://x.example) <!channel> \u202etxet"
    stage.bot.reply = Notice(T("text", {"text": hostile}))
    answer = await stage.presses(stage.anna, stage.anna, pack(ChooseLanguage()))
    assert "<b>bold</b>" in answer.text, "shown as it was typed, not obeyed"
    assert "\u202e" not in answer.text
