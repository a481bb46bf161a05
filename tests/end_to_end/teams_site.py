"""Krets as people use it in Teams: the same words as `site`, with what Teams' app sends.

It runs as for Microsoft's own client, without tokens and all on this machine, so that programme
time can travel; what comes with tokens is tried elsewhere.
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

import aiohttp
from aiohttp.test_utils import TestServer

from adapters.playground.sample import PERSONAS
from adapters.teams.connector import Connector
from adapters.teams.routes import TeamsPlatform
from adapters.teams.shapes import ACTION
from bot.programme import ProgrammeTime
from bot.serving import now, serve
from bot.settings import read_settings
from bot.store import Store, migrate
from tests.adapters.teams.adaptive_card import card_of
from tests.adapters.teams_api import TeamsApi
from tests.adapters.teams_people import TeamsPeople, filled
from tests.end_to_end.site import CHAT, Reply, Seen, Site
from tests.end_to_end.slack_site import STEP, RealTime
from tests.end_to_end.teams_screen import Screen, Shown, shown

Json = dict[str, Any]
LOCALES = {"sv": "sv-SE", "nb": "nb-NO", "en": "en-GB"}
#: The group's chat, as people have named it.
ROOM, NAME = "19:tisdag@thread.v2", "Tisdagsgruppen"


class TeamsSite:
    """A running Krets beside a Teams."""

    def __init__(
        self, api: TeamsApi, people: TeamsPeople, krets: Site, real: RealTime, database: Path
    ) -> None:
        self.api = api
        self.people = people
        self.krets = krets
        self.address = krets.address
        self.real = real
        self._database = database
        self._came: list[Json] = []

    def persona(self, native: str) -> "TeamsPersona":
        return TeamsPersona(self, native)

    async def fill(self) -> None:
        """The app is there for everybody, as an administrator lets it be."""
        for persona in PERSONAS:
            await self.persona(persona.native).act(
                {"type": "installationUpdate", "action": "add"}, CHAT
            )

    async def meet(self, leader: "TeamsPersona", *absent: str) -> str:
        """People make a chat and bring Krets along, and a leader lets the group meet there."""
        there = [one.native for one in PERSONAS[1:] if one.native not in absent]
        self.api.add_chat(ROOM, *there)
        await leader.act({"type": "installationUpdate", "action": "add"}, ROOM)
        form = await leader.write("/krets här", ROOM)
        assert (await leader.submit(form, ROOM)).kind == "notice"
        return ROOM

    # --- time -----------------------------------------------------------------------------------

    async def travel(self, **where: object) -> dict[str, Any]:
        """Move programme time; what came, and all of it is shown."""
        answer = await self.krets.travel(**where)
        self._came += answer["ran"]
        await self.settle()
        came, self._came = self._came, []
        return answer | {"ran": came}

    async def until(self, kind: str, meeting: int) -> None:
        """Go from moment to moment until this one has come."""
        for _ in range(200):
            came = (await self.travel(next=True))["ran"]
            if any(one["kind"] == kind and one["meeting"] == meeting for one in came):
                return
        raise AssertionError(f"{kind} of meeting {meeting} never came")

    async def settle(self) -> None:
        """Let real time pass until nothing waits to be shown any more."""
        while True:
            self._came += (await self.krets.travel(by="PT0S"))["ran"]
            waits = self.ask(
                "SELECT min(next_try_at) FROM posts"
                " WHERE state = 'pending' AND next_try_at IS NOT NULL"
            )[0][0]
            if waits is None:
                return
            at = datetime.fromisoformat(waits).replace(tzinfo=UTC)
            self.real.at = max(self.real.at + STEP, at)

    def ask(self, question: str, *values: object) -> list[Any]:
        """Look into Krets' database."""
        database = sqlite3.connect(self._database)
        try:
            return database.execute(question, values).fetchall()
        finally:
            database.close()

    def dump(self) -> list[str]:
        """All of Krets' database."""
        database = sqlite3.connect(self._database)
        try:
            return list(database.iterdump())
        finally:
            database.close()


class TeamsPersona:
    """One person with Teams' app."""

    def __init__(self, site: TeamsSite, native: str) -> None:
        self._site = site
        self._people = site.people
        self.native = native

    async def see(self, room: str = CHAT) -> Screen:
        """What a conversation shows to this person."""
        there = self._site.api.conversations.get(room) or self._site.api.chat(self.native)
        assert self.native in there.people, f"{self.native} is not in {room}"
        screen = Screen()
        for id, message in there.messages.items():
            screen.add(card_of(message), id)
        return screen

    async def rooms(self) -> dict[str, str]:
        """The group chats this person is in."""
        chats = [one for one in self._site.api.conversations.values() if one.kind == "groupChat"]
        return {one.id: NAME for one in chats if self.native in one.people}

    async def may_see(self, room: str) -> bool:
        return room in await self.rooms()

    async def write(self, text: str, room: str = CHAT) -> Reply:
        """Write to Krets. What it answers with a button for, is opened by that button."""
        reply = await self._sent(self._people.written(self.native, text, _where(room)))
        if reply.kind == "home" and not reply.seen.text:
            return await self.press_in(reply.seen, reply.seen.labels()[0])
        return reply

    async def press(self, label: str, room: str = CHAT) -> Reply:
        """Press the newest button with this label."""
        return await self.press_in(await self.see(room), label, room)

    async def press_in(self, seen: Seen, label: str, room: str = CHAT) -> Reply:
        """Press the last button with this label in what was seen earlier."""
        assert isinstance(seen, Screen)
        found = [n for n, (one, _) in enumerate(seen.buttons) if one == label]
        assert found, f"{self.native} sees no {label!r} but {seen.labels()}"
        button, message = seen.at[found[-1]]
        data, where = button["data"], _where(room)
        if data.get("msteams") == {"type": "task/fetch"}:
            asked = self._people.asked(self.native, "task/fetch", data, where, message)
            return await self._sent(asked)
        if button["type"] == "Action.Submit":
            return await self._sent(self._people.asked(self.native, "task/submit", data, where))
        return await self._sent(self._people.pressed(self.native, data, where, message))

    async def submit(self, form: Reply, room: str = CHAT, **answers: object) -> Reply:
        """Fill in the form that came back, and send it."""
        assert isinstance(form, Shown)
        assert form.kind == "form", form
        if form.button is not None:
            data = form.button["data"]
            return await self._sent(self._people.pressed(self.native, data, _where(room)))
        assert form.dialog is not None
        given = {name: _given(answer) for name, answer in answers.items()}
        data = filled(form.dialog, given)
        reply = await self._sent(self._people.asked(self.native, "task/submit", data, _where(room)))
        if '"kind":"leave"' in data[ACTION]:
            await self._go_out(ROOM)
        return reply

    async def _go_out(self, room: str) -> None:
        """Leave the chat: Krets lets nobody out of it."""
        self._site.api.conversations[room].people.remove(self.native)
        me = {"id": self._site.api.people[self.native].account, "aadObjectId": self.native}
        await self.act({"type": "conversationUpdate", "membersRemoved": [me]}, room)

    async def act(self, what: Json, room: str = CHAT) -> Reply:
        """Do anything else."""
        return await self._sent(self._people.by(self.native, _where(room)) | what)

    async def _sent(self, activity: Json) -> Shown:
        """What this person sees at once, after all that followed is shown."""
        persona = next(one for one in PERSONAS if one.native == self.native)
        locale, zone = LOCALES[persona.language], persona.zone
        client = {"type": "clientInfo", "locale": locale, "timezone": zone}
        mentions = [one for one in activity["entities"] if one["type"] == "mention"]
        own = {"locale": locale, "localTimezone": zone, "entities": [client, *mentions]}
        before = set(self._site.api.chat(self.native).messages)
        got = await self._people.post(activity | own)
        told = {
            id: card_of(message)
            for id, message in self._site.api.chat(self.native).messages.items()
            if id not in before
        }
        await self._site.settle()
        return shown(got, told)


def _where(room: str) -> str:
    return "" if room == CHAT else room


def _given(answer: object) -> object:
    match answer:
        case {"people": people}:
            return people
        case _:
            return answer


@asynccontextmanager
async def in_teams(data: Path, start: datetime) -> AsyncIterator[TeamsSite]:
    """Krets beside our small Teams, with real time that only moves when the site moves it."""
    api, real = TeamsApi(), RealTime(now())
    api.anonymous = True
    for persona in PERSONAS:
        api.add_person(persona.native, persona.name)

    async def sleep(seconds: float) -> None:
        real.pass_by(seconds)

    env = {
        "KRETS_DATA_DIR": str(data),
        "KRETS_PORT": "0",
        "KRETS_PLAYGROUND": "true",
        "KRETS_TIME_TRAVEL": "true",
        "KRETS_TEAMS_ANONYMOUS": "true",
    }
    settings = read_settings(env)
    migrate(settings.database)
    store = Store(settings.database)
    await ProgrammeTime(real.now).set(store, start)
    await store.close()
    stop = asyncio.Event()
    address: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    with (
        patch("bot.platforms.Connector", partial(Connector, sleep=sleep)),
        patch("bot.platforms.TeamsPlatform", partial(TeamsPlatform, sleep=sleep)),
    ):
        serving = asyncio.create_task(serve(settings, stop, address.set_result, real.now))
        await asyncio.wait([serving, address], return_when=asyncio.FIRST_COMPLETED)
    if serving.done():
        await serving
    async with TestServer(api.application()) as server, aiohttp.ClientSession() as session:
        people = TeamsPeople(api, session, await address, real.now, proven=False)
        people.service = f"http://127.0.0.1:{server.port}/"
        krets = Site(session, people.url)
        site = TeamsSite(api, people, krets, real, data / "krets.db")
        await site.fill()
        yield site
    stop.set()
    await serving
