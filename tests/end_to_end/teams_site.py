"""Krets as people use it in Teams: the same words as `site`, with what Teams' app sends.

It runs as for Microsoft's own client, without tokens and all on this machine, so that programme
time can travel; what comes with tokens is tried elsewhere.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from adapters.playground.sample import BY_NATIVE, PERSONAS
from adapters.teams.render import MESSAGE as ANSWER
from adapters.teams.shapes import ACTION, FORM
from bot.core.action import LeaveGroup, unpack
from tests.adapters.teams.adaptive_card import card_of
from tests.adapters.teams_api import Conversation, TeamsApi
from tests.adapters.teams_people import Got, TeamsPeople, sends
from tests.end_to_end.beside import PlatformSite, RealTime
from tests.end_to_end.site import CHAT, Reply, Seen, Site
from tests.end_to_end.teams_screen import Button, Json, Screen, filled, wrong

#: What comes when Krets is brought into a chat.
INSTALLED = {"type": "installationUpdate", "action": "add"}
LOCALES = {"sv": "sv-SE", "nb": "nb-NO", "en": "en-GB"}
#: The chat that people make for the group, and what they call it.
ROOM, NAME = "19:tisdag@thread.v2", "Tisdagsgruppen"


@dataclass
class Shown(Reply):
    """What came back at once; of a form also how it is sent, and where it was opened."""

    #: The dialog that is open; without one the button that sends the form, in a message.
    dialog: Json | None = None
    send: Button | None = None
    room: str = ""


class TeamsSite(PlatformSite):
    """A running Krets beside a Teams."""

    #: Whether Krets makes the group's room here, or people do.
    makes_rooms = False

    def __init__(
        self, api: TeamsApi, people: TeamsPeople, krets: Site, real: RealTime, database: Path
    ) -> None:
        super().__init__(krets, real, database)
        self.api = api
        self.people = people
        #: Every dialog with which a button was answered.
        self.dialogs: list[Json] = []

    def persona(self, native: str) -> "TeamsPersona":
        """Somebody of the organisation."""
        return TeamsPersona(self, native)

    async def fill(self) -> None:
        """The app is there for everybody, as an administrator lets it be."""
        for persona in PERSONAS:
            await self.persona(persona.native).act(INSTALLED)

    async def make_room(self, leader: "TeamsPersona", people: Sequence[str]) -> None:
        """No bot can make a chat: a leader does, brings Krets along, and writes that it is here."""
        assert "@Krets h" in (await leader.see()).text, "what to write there stands on the card"
        self.api.add_chat(ROOM, *people)
        await leader.act(INSTALLED, ROOM)
        await self.start_here(leader)
        assert self.has_room()

    async def start_here(self, leader: "TeamsPersona") -> None:
        """Say that the chat is the group's."""
        form = await leader.write("här", ROOM)
        assert (await leader.submit(form, ROOM)).kind == "notice"

    def has_room(self) -> bool:
        """Whether the group lives in the chat."""
        return bool(self.ask("SELECT 1 FROM rooms WHERE native = ?", ROOM))

    async def deliver(self, activity: Json) -> Got:
        """Bring it to Krets."""
        return await self.people.post(activity)


class TeamsPersona:
    """One person with Teams' app."""

    def __init__(self, site: TeamsSite, native: str) -> None:
        self._site = site
        self._api = site.api
        self._app = site.people
        self.native = native

    async def see(self, room: str = CHAT) -> Seen:
        """What a conversation shows to this person."""
        there, screen = self._there(room), Screen()
        assert self.native in there.people, f"{self.native} is not in {room}"
        for id, message in there.messages.items():
            if self.looks_at(message):
                screen.add(card_of(message), _id(room), id)
        return screen

    def looks_at(self, message: Json) -> bool:
        """Whether they take a message for something that still holds."""
        return True

    async def rooms(self) -> dict[str, str]:
        """The group chats this person is in: id -> name."""
        chats = [one for one in self._api.conversations.values() if one.kind == "groupChat"]
        return {one.id: NAME for one in chats if self.native in one.people}

    async def may_see(self, room: str) -> bool:
        """Whether the chat exists for this person."""
        return room in await self.rooms()

    async def write(self, text: str, room: str = CHAT) -> Reply:
        """Write to Krets; what it has only a button for, comes by that button."""
        reply = await self.sent(self._app.written(self.native, text, _id(room)))
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
        return await self.press_at(seen.at[found[-1]])

    async def press_at(self, button: Button) -> Shown:
        """Press this button."""
        me, data, room = self.native, button.action["data"], button.room
        if button.opens_dialog:
            asked = self._app.asked(me, "task/fetch", data, room, button.message)
            return await self.sent(asked, room)
        if button.action["type"] == "Action.Submit":
            return await self.sent(self._app.asked(me, "task/submit", data, room), room)
        return await self.sent(self._app.pressed(me, data, room, button.message))

    async def submit(self, form: Reply, room: str = CHAT, **answers: object) -> Reply:
        """Fill in the form that came back, and send it."""
        assert isinstance(form, Shown)
        assert form.kind == "form", form
        if form.send is not None:
            assert not answers
            return await self.press_at(form.send)
        assert form.dialog is not None
        data = filled(form.dialog, answers)
        asked = self._app.asked(self.native, "task/submit", data, form.room)
        reply = await self.sent(asked, form.room)
        if isinstance(unpack(data[ACTION]), LeaveGroup) and reply.kind == "notice":
            await self._go_out()
        return reply

    async def act(self, what: Json, room: str = CHAT) -> Reply:
        """Do anything else."""
        return await self.sent(self._app.by(self.native, _id(room)) | what, _id(room))

    async def sent(self, activity: Json, room: str = "") -> Shown:
        """What this person sees at once, after all that followed is shown."""
        own = self._api.chat(self.native)
        before = set(own.messages)
        got = await self._site.deliver(activity | self._set_to(activity))
        assert got.status == 200, got.status
        told = {
            id: card_of(message)
            for id, message in own.messages.items()
            if id not in before and not is_kept(message)
        }
        await self._site.settle()
        return self._dialog(got.body, room) if "task" in got.body else _told(got.body, told)

    # --- parts ----------------------------------------------------------------------------------

    def _set_to(self, activity: Json) -> Json:
        """What this person's own Teams is set to."""
        me = BY_NATIVE[self.native]
        locale = LOCALES[me.language]
        client = {"type": "clientInfo", "locale": locale, "timezone": me.zone}
        named = [one for one in activity["entities"] if one["type"] != "clientInfo"]
        return {"locale": locale, "localTimezone": me.zone, "entities": [client, *named]}

    def _there(self, room: str) -> Conversation:
        return self._api.chat(self.native) if room == CHAT else self._api.conversations[room]

    async def _go_out(self) -> None:
        """Go out of the chat too: Krets can let nobody out of it."""
        for room in await self.rooms():
            self._there(room).people.remove(self.native)
            me = {"id": self._api.people[self.native].account, "aadObjectId": self.native}
            await self.act({"type": "conversationUpdate", "membersRemoved": [me]}, room)

    def _dialog(self, body: Json, room: str) -> Shown:
        self._site.dialogs.append(body)
        card, screen = card_of(body), Screen(body["task"]["value"]["title"])
        screen.add(card, room, "")
        if not card.get("actions"):
            return Shown("notice", screen, {})
        send = sends(card)
        screen.action = send["data"][ACTION] if send else ""
        errors = wrong(card)
        return Shown("errors" if errors else "form", screen, errors, dialog=body, room=room)


def is_kept(message: Json) -> bool:
    """Whether the board keeps a message as it should be; a reply stays as it was."""
    return "importance" in message


def _told(body: Json, told: dict[str, Json]) -> Shown:
    """What came as messages, or beside the card in which a button was pressed."""
    screen = Screen()
    for id, card in told.items():
        screen.add(card, "", id)
    sure = next((one for one in screen.at if FORM in one.action["data"]), None)
    if sure is not None:
        return Shown("form", screen, {}, send=sure)
    if body:
        assert (body["statusCode"], body["type"]) == (200, ANSWER)
        assert body["value"], "Teams takes an empty one for a failure"
        return Shown("notice", Seen(body["value"]), {})
    return Shown("home" if screen.buttons else "notice" if told else "nothing", screen, {})


def _id(room: str) -> str:
    return "" if room == CHAT else room
