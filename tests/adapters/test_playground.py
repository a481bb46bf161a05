"""The playground over HTTP: pages, what is done on them, live changes, and the clock."""

import asyncio
import re
from datetime import timedelta

import pytest
from aiohttp.test_utils import TestClient, TestServer

from adapters.playground.live import AROUND
from adapters.playground.rooms import identity
from adapters.playground.routes import Playground
from adapters.playground.sample import PERSONAS
from adapters.playground.sight import Sight
from adapters.web import application
from bot.core.action import Attend, ChooseLanguage, pack
from bot.core.decision import FieldErrors, Notice
from bot.core.event import ButtonPressed, CommandGiven, FormSubmitted, HomeOpened, TextWritten
from bot.groups import Groups
from bot.keyring import Keyring
from bot.words import View, Words
from tests.adapters.scene import NOW, Scene, a_card, fresh_id, value

ASA, KARI, KARIN = identity("asa-nystrom"), identity("kari-nordby"), identity("karin-lund")


@pytest.fixture
async def filled(scene: Scene) -> Scene:
    await scene.fill()
    return scene


# --- the start ----------------------------------------------------------------------------------


async def test_an_empty_playground_welcomes_in_the_readers_language(scene: Scene) -> None:
    response = await scene.get("/", **{"Accept-Language": "no,en;q=0.5"})
    page = await response.text()
    assert '<html lang="nb">' in page
    assert "data-sample" in page
    assert (await scene.get("/p/asa-nystrom")).status == 404
    assert (await scene.act("say", text="/krets")).status == 404


async def test_the_sample_is_filled_in_once(scene: Scene) -> None:
    await scene.fill()
    await scene.fill()
    people = await scene.store.run(lambda unit: unit.people.of_tenant("playground", "local"))
    assert {row.name for _, row in people} == {persona.name for persona in PERSONAS}
    assert len(people) == len(PERSONAS) == 13
    assert {row.language for _, row in people} == {"sv", "nb", "en"}
    response = await scene.get("/")
    assert (response.status, response.headers["Location"]) == (302, "/p/karin-lund")


async def test_static_files_are_those_of_the_page(scene: Scene) -> None:
    for name in ("krets.css", "krets.js", "krets.svg"):
        assert (await scene.get(f"/static/{name}")).status == 200
    for name in ("routes.py", "..%2froutes.py", "", "krets.css%00"):
        assert (await scene.get(f"/static/{name}")).status == 404


# --- the page -----------------------------------------------------------------------------------


async def test_every_persona_has_a_page_in_their_language(filled: Scene) -> None:
    for persona in PERSONAS:
        page = await filled.text(f"/p/{persona.native}")
        assert f'<html lang="{persona.language}">' in page
        assert f'data-who="{persona.native}"' in page
        assert page.count('aria-current="page"') == 1
        assert page.count('aria-current="true"') == 1
        assert "<script>" not in page
        assert not re.search(r'\sstyle="|\son[a-z]+="', page)


async def test_nobody_and_nowhere_are_absent(filled: Scene) -> None:
    for path in ("/p/nobody", "/p/nobody/live", "/p/asa-nystrom/r/room-g1", "/p/asa-nystrom/r/@x"):
        assert (await filled.get(path)).status == 404


async def test_rooms_are_for_those_who_are_in_them(filled: Scene, view: View) -> None:
    room = await filled.messenger.open_room("g1", "Eken", (ASA, KARI))
    await filled.messenger.post(room, a_card("In the room"), view)
    for who, status in (("asa-nystrom", 200), ("kari-nordby", 200), ("karin-lund", 404)):
        for path in (f"/p/{who}/r/room-g1", f"/p/{who}/r/room-g1/messages"):
            assert (await filled.get(path)).status == status
    body = {"room": "room-g1", "id": fresh_id(), "text": "/krets"}
    assert (await filled.post("/p/karin-lund/say", body)).status == 404
    assert "Eken" not in await filled.text("/p/karin-lund")
    assert "Eken" in await filled.text("/p/asa-nystrom")
    assert not filled.bot.heard


async def test_a_private_chat_is_for_one(filled: Scene, view: View) -> None:
    await filled.messenger.post(ASA, a_card("For Åsa alone"), view)
    assert "For Åsa alone" in await filled.text("/p/asa-nystrom/r/krets/messages")
    for persona in PERSONAS:
        if persona.native != "asa-nystrom":
            page = await filled.text(f"/p/{persona.native}")
            assert "For Åsa alone" not in page
    assert (await filled.get("/p/kari-nordby/r/@asa-nystrom")).status == 404


async def test_messages_stand_in_their_order_under_their_day(filled: Scene, view: View) -> None:
    for text in ("First", "Second"):
        await filled.messenger.post(ASA, a_card(text), view)
    shown = await filled.text("/p/asa-nystrom/r/krets/messages")
    assert shown.index("First") < shown.index("Second")
    assert shown.count('class="day"') == 1
    assert "tisdag 3 mars" in shown
    assert '<time datetime="2026-03-03T08:00+00:00">09' in shown


# --- what is done -------------------------------------------------------------------------------


async def test_what_is_done_becomes_an_event(filled: Scene) -> None:
    action = Attend("g1", 4, "yes")
    await filled.act("say", text="/krets öppna")
    await filled.act("say", text="hello")
    await filled.act("home")
    await filled.act("press", action=pack(action))
    await filled.act("submit", action=pack(action), answers={"a": {"people": ["kari-nordby"]}})
    command, text, home, press, form = filled.bot.heard
    assert isinstance(command, CommandGiven)
    assert command.text == "öppna"
    assert (command.place.private, command.place.people) == (True, (ASA,))
    assert isinstance(text, TextWritten)
    assert isinstance(home, HomeOpened)
    assert isinstance(press, ButtonPressed)
    assert press.action == action
    assert isinstance(form, FormSubmitted)
    assert form.answers == {"a": (KARI,)}
    assert {event.actor for event in filled.bot.heard} == {ASA}


async def test_a_room_has_its_people(filled: Scene) -> None:
    await filled.act("say", room="general", text="/krets här")
    (event,) = filled.bot.heard
    assert not event.place.private
    assert event.place.people == tuple(identity(persona.native) for persona in PERSONAS)


async def test_the_reply_comes_back(filled: Scene) -> None:
    filled.bot.reply = Notice(value("Thank <you>"))
    response = await filled.act("say", text="/krets")
    told = {"kind": "notice", "html": "<bdi>Thank &lt;you&gt;</bdi>"}
    assert await response.json() == told
    filled.bot.reply = FieldErrors({"name": value("Wrong")})
    response = await filled.act("submit", action=pack(ChooseLanguage()))
    assert await response.json() == {"kind": "errors", "errors": {"name": "Wrong"}}


async def test_an_action_nobody_knows_gets_the_neutral_sentence(filled: Scene) -> None:
    for what in ("press", "submit"):
        response = await filled.act(what, action='{"kind":"of tomorrow"}')
        answer = await response.json()
        assert answer["kind"] == "notice"
        assert "/krets" in answer["html"]
    assert not filled.bot.heard


async def test_what_the_page_does_not_send_is_a_bad_request(filled: Scene) -> None:
    response = await filled.act("say", text="x", id="not an id")
    assert response.status == 400
    response = await filled.act("submit", action=pack(ChooseLanguage()), answers={"a": None})
    assert response.status == 400
    assert (await filled.act("home", room="room-g1")).status == 404
    assert not filled.bot.heard


# --- live ---------------------------------------------------------------------------------------


async def test_an_open_page_hears_what_changed_and_no_more(filled: Scene, view: View) -> None:
    room = await filled.messenger.open_room("g1", "Eken", (ASA,))
    async with filled.client.get("/p/asa-nystrom/live") as stream:
        assert stream.content_type == "text/event-stream"

        async def heard() -> str:
            line = await stream.content.readline()
            while not line.startswith(b"data:"):
                line = await stream.content.readline()
            return line.decode().removeprefix("data: ").strip()

        ref = await filled.messenger.post(ASA, a_card("Hello"), view)
        assert await heard() == "krets"
        await filled.messenger.edit(ASA, ref, a_card("Hello again"), view)
        assert await heard() == "krets"
        await filled.messenger.post(room, a_card("Hello"), view)
        assert await heard() == "room-g1"
        await filled.messenger.post(KARI, a_card("Not for Åsa"), view)
        assert await heard() == ""
        filled.live.close()
        assert b"data" not in await stream.content.read()


async def test_a_page_that_is_left_is_forgotten(filled: Scene) -> None:
    async with filled.client.get("/p/asa-nystrom/live"):
        pass
    with filled.live.listen() as ear:
        filled.live.tell("@asa-nystrom")
        filled.live.tell("@asa-nystrom")
        filled.live.tell(AROUND)
        assert await ear.changes() == ("@asa-nystrom", AROUND)
        waiting = asyncio.ensure_future(ear.changes())
        await asyncio.sleep(0)
        assert not waiting.done()
        filled.live.close()
        assert await waiting == ()


# --- the clock ----------------------------------------------------------------------------------


async def test_the_clock_tells_now_and_what_is_due(scene: Scene) -> None:
    due = {"kind": "begin", "group": "g1", "meeting": 2, "at": "2026-03-03T09:00:00+00:00"}
    expected = {"now": "2026-03-03T08:00:00+00:00", "next_due": due, "ran": []}
    assert await (await scene.get("/dev/clock")).json() == expected


async def test_time_travels_forward(filled: Scene) -> None:
    answer = await (await filled.post("/dev/clock", {"next": True})).json()
    assert answer["now"] == "2026-03-03T09:00:00+00:00"
    assert [one["kind"] for one in answer["ran"]] == ["begin", "of_tomorrow"]
    page = await filled.text("/p/asa-nystrom")
    assert "Träff 2" in page
    assert "of_tomorrow" in page
    await filled.post("/dev/clock", {"by": "P1D"})
    await filled.post("/dev/clock", {"to": "2026-03-05T09:00:00Z"})
    assert filled.travel.gone == [NOW + timedelta(hours=25), NOW + timedelta(hours=49)]


async def test_without_time_travel_there_is_no_clock(filled: Scene) -> None:
    sight = Sight(Groups(Keyring(filled.directory / "keys")), Words(), "")
    playground = Playground(
        bot=filled.bot, store=filled.store, sight=sight, live=filled.live, fresh=fresh_id
    )

    async def ready() -> bool:
        return True

    async with TestClient(TestServer(application(ready, playground.mount))) as client:
        assert (await client.get("/dev/clock")).status == 404
        assert "data-clock" not in await (await client.get("/p/asa-nystrom")).text()


async def test_a_journey_that_cannot_be_is_refused_in_a_sentence(scene: Scene) -> None:
    response = await scene.post("/dev/clock", {"by": "-P1D"})
    assert (response.status, await response.json()) == (400, {"error": "Time goes forward only."})
    assert not scene.travel.gone
