"""A Teams inside this process: an organisation with people in it, for the simulator."""

import itertools
import json
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, cast
from urllib.parse import unquote, urlsplit

import aiohttp
from aiohttp import web
from multidict import CIMultiDict

from adapters.simulated import (
    Between,
    Blank,
    Button,
    Call,
    Delivery,
    Got,
    Incoming,
    Json,
    Message,
    No,
    Screen,
    Session,
    Window,
    answered,
    handed,
)
from adapters.teams.body import VERB
from adapters.teams.routes import PATH
from adapters.teams.shapes import ACTION, FORM

TENANT, BOT = "5f0c1d9e-0000-4000-8000-000000000001", "28:krets"
SERVICE = "http://127.0.0.1:1/"
#: Bytes of one activity.
_LIMIT = 28 * 1024
_PART = re.compile(r"^/v3/(conversations|teams)(?:/([^/]*))?(?:/([a-z]*))?(?:/([^/]*))?$")
_LOCALES = ("sv-SE", "nb-NO", "en-GB")
_ZONES = ("Europe/Stockholm", "Europe/Oslo", "Europe/Helsinki")
_KINDS = {"Input.Text": "text", "Input.Toggle": "tick", "Input.Date": "date", "Input.Time": "time"}


class SimulatedTeams:
    """The organisation: it keeps what it is told, and people press what they see."""

    name = "teams"

    def __init__(self, between: Between) -> None:
        """An empty organisation, reached through what is between."""
        self._between = between
        self._ids = itertools.count(1)
        self.people: dict[str, str] = {}
        self.rooms: dict[str, list[str]] = {}
        self.messages: dict[tuple[str, str], Message] = {}
        self.archived: set[str] = set()
        self.gone: set[str] = set()
        self.revoked = False
        self._numbers: dict[str, int] = {}

    @asynccontextmanager
    async def session(self) -> AsyncIterator[aiohttp.ClientSession]:
        """The session in which Krets asks."""
        yield cast("aiohttp.ClientSession", Session(self._ask))

    # --- the way out ------------------------------------------------------------------------

    async def _ask(self, verb: str, url: str, body: Json) -> Got:
        found = _PART.match(urlsplit(url).path)
        assert found is not None, "Krets asks for nothing else"
        room, what, which = (unquote(one or "") for one in found.groups()[1:])
        room = room.partition(";messageid=")[0]
        call = self._call(verb, room, what, body)

        def does() -> Json:
            if self.revoked:
                raise No("Unauthorized", 401)
            return self._does(verb, room, what, which, body)

        return await answered(self._between, call, does, _no)

    def _call(self, verb: str, room: str, what: str, body: Json) -> Call:
        posts = verb == "POST" and what == "activities"
        method = {
            ("POST", "activities"): "send",
            ("PUT", "activities"): "update",
            ("DELETE", "activities"): "delete",
            ("POST", ""): "create",
        }.get((verb, what), what)
        where = room or str(body.get("members", [{}])[0].get("id", ""))
        viewers = tuple(self._there(room)) if method in ("send", "update") else ()
        shows = bool(viewers) or method == "delete"
        return Call(self.name, method, where, where, body, viewers, False, shows, posts)

    def _does(self, verb: str, room: str, what: str, which: str, body: Json) -> Json:
        match verb, what:
            case "POST", "":
                return self._create(body)
            case "POST", "activities":
                self._open_room(room)
                id = str(1_772_438_400_000 + next(self._ids))
                self.messages[room, id] = Message(room, id, _activity(body))
                return {"id": id}
            case "PUT", "activities":
                self._open_room(room)
                self._found(room, which).body = _activity(body)
                return {"id": which}
            case "DELETE", "activities":
                self._open_room(room)
                self._found(room, which)
                del self.messages[room, which]
                return {}
            case "GET", "pagedmembers":
                self._open_room(room)
                return {"members": [self._listed(one) for one in self._there(room)]}
            case "GET", "members":
                self._open_room(room)
                for one in self._there(room):
                    if which in (one, f"29:{one}"):
                        return self._listed(one)
                raise No("MemberNotFoundInConversation", 404)
        raise No("BadSyntax", 400)

    def _create(self, asked: Json) -> Json:
        (member,) = asked["members"]
        person = member["id"].removeprefix("29:")
        if person not in self.people or person in self.gone:
            raise No("ForbiddenOperationException", 403)
        return {"id": self.own(person)}

    def _open_room(self, room: str) -> None:
        if room.startswith("a:"):
            if room[2:] in self.gone:
                raise No("BotNotInConversationRoster", 403)
        elif room not in self.rooms:
            raise No("ConversationNotFound", 404)
        elif room in self.archived:
            raise No("BotNotInConversationRoster", 403)

    def _found(self, room: str, id: str) -> Message:
        message = self.messages.get((room, id))
        if message is None:
            raise No("ActivityNotFoundInConversation", 404)
        return message

    def _there(self, room: str) -> list[str]:
        return [room[2:]] if room.startswith("a:") else self.rooms.get(room, [])

    def _listed(self, person: str) -> Json:
        return {
            "id": f"29:{person}",
            "name": self.people[person],
            "aadObjectId": person,
            "tenantId": TENANT,
            "userRole": "user",
        }

    # --- what people see --------------------------------------------------------------------

    def add_person(self, number: int, name: str) -> str:
        """Somebody new; how Teams calls them."""
        person = f"5f0c1d9e-0000-4000-9000-{number:012}"
        self.people[person], self._numbers[person] = name, number
        return person

    def own(self, person: str) -> str:
        """The chat of Krets and this person."""
        return f"a:{person}"

    def see(self, person: str) -> list[Button]:
        """All buttons of messages that somebody has in front of them."""
        rooms = {self.own(person)} | {id for id, there in self.rooms.items() if person in there}
        found = [one for (room, _), one in self.messages.items() if room in rooms]
        return [button for message in found for button in self.buttons(message)]

    def buttons(self, message: Message) -> list[Button]:
        """The buttons of one message."""
        return [
            Button(data[ACTION], message.room, message.id, _asks(data), json.dumps(data))
            for data in _carried(message.body)
        ]

    # --- what people do ---------------------------------------------------------------------

    def write(self, person: str, text: str, room: str = "") -> Delivery:
        """A command, in a room by a mention."""
        sent = self._by(person, room) | {"type": "message", "text": f"krets {text}"}
        if room:
            sent["text"] = f"<at>Krets</at> {text}"
            mention = {"type": "mention", "text": "<at>Krets</at>", "mentioned": {"id": BOT}}
            sent["entities"] = [*sent["entities"], mention]
        return Delivery("command", person, sent, insists=True)

    def chat(self, person: str) -> Delivery:
        """A message to Krets."""
        said = self._by(person) | {"type": "message", "text": "hello there"}
        return Delivery("text", person, said, insists=True)

    def visit(self, person: str) -> Delivery:
        """The home is asked for."""
        said = self._by(person) | {"type": "message", "text": "home"}
        return Delivery("home", person, said, insists=True)

    def press(self, person: str, button: Button) -> Delivery:
        """A button of a message or of a dialog."""
        data = json.loads(button.window) if button.window else {ACTION: button.packed}
        if button.asks:
            return self._invoked(person, "task/fetch", {"data": data}, button)
        if not button.message:
            return self._invoked(person, "task/submit", {"data": data}, button)
        action = {"type": "Action.Execute", "verb": VERB, "data": data}
        value = {"action": action, "trigger": "manual"}
        return self._invoked(person, "adaptiveCard/action", value, button)

    def send(self, person: str, window: Window, answers: Mapping[str, object]) -> Delivery:
        """A dialog that was filled in: all that Teams sends is text, and nothing that is empty."""
        held = {
            one.name: _held(answers[one.name]) if one.name in answers else one.value
            for one in window.blanks
        }
        data = window.raw["data"] | {name: value for name, value in held.items() if value}
        sent = self._invoked(person, "task/submit", {"data": data}, Button(""))
        return Delivery("send", person, sent.body)

    def make_room(self, people: list[str]) -> tuple[str, list[Delivery]]:
        """A group chat, into which Krets is brought."""
        room = f"19:chat{next(self._ids)}@thread.v2"
        self.rooms[room] = list(people)
        brought = self._by(people[0], room) | {"type": "installationUpdate", "action": "add"}
        return room, [Delivery("brought", people[0], brought, insists=True)]

    def leave_room(self, person: str, room: str) -> Delivery:
        """Somebody goes out of a chat."""
        if person in self.rooms[room]:
            self.rooms[room].remove(person)
        return self._changed(person, room, "membersRemoved", "went")

    def enter_room(self, person: str, room: str) -> Delivery:
        """Somebody comes into a chat."""
        if person not in self.rooms[room]:
            self.rooms[room].append(person)
        return self._changed(person, room, "membersAdded", "came")

    def archive(self, room: str, back: bool) -> Delivery:
        """Krets is taken out of a chat, or brought back."""
        (self.archived.discard if back else self.archived.add)(room)
        key = "membersAdded" if back else "membersRemoved"
        changed = {"type": "conversationUpdate", key: [{"id": BOT}]}
        by = self._by(self.rooms[room][0] if self.rooms[room] else "", room)
        return Delivery("bot_came" if back else "bot_went", "", by | changed, insists=True)

    def dismiss(self, person: str, back: bool) -> Delivery:
        """Somebody takes Krets out of their own chat, or brings it back."""
        (self.gone.discard if back else self.gone.add)(person)
        changed = {"type": "installationUpdate", "action": "add" if back else "remove"}
        what = "installed" if back else "uninstalled"
        return Delivery(what, person, self._by(person) | changed, insists=True)

    async def bring(
        self, app: web.Application, delivery: Delivery, at: int, forged: bool = False
    ) -> Screen:
        """Bring it; or with a proof that nobody has asked for."""
        del at
        headers = CIMultiDict({"Host": "127.0.0.1:1", "Content-Type": "application/json"})
        if forged:
            headers["Authorization"] = "Bearer e30.e30.e30"
        before = set(self.messages)
        request = Incoming("application/json", json.dumps(delivery.body).encode(), headers)
        status, text = await handed(app, PATH, request)
        if status != 200:
            return Screen(status, "nothing")
        said: Json = json.loads(text) if text else {}
        own = self.own(delivery.who)
        new = [one for key, one in self.messages.items() if key not in before and one.room == own]
        buttons = [button for one in new if one.mark is None for button in self.buttons(one)]
        task = said.get("task", {}).get("value", {}).get("card", {}).get("content")
        if task is None:
            kind = "notice" if said or new else "nothing"
            return Screen(status, kind, None, tuple(buttons), text)
        inside = [
            Button(data[ACTION], "", "", _asks(data), json.dumps(data))
            for data in _carried({"attachments": [{"content": task}]})
            if FORM not in data
        ]
        window = _window(task)
        return Screen(status, "window", window, (*inside, *buttons), text)

    def _by(self, person: str, room: str = "") -> Json:
        n = self._numbers.get(person, 0)
        locale, zone = _LOCALES[n % len(_LOCALES)], _ZONES[n % len(_ZONES)]
        kind = "groupChat" if room else "personal"
        conversation: Json = {"conversationType": kind, "tenantId": TENANT}
        conversation["id"] = room or self.own(person)
        if room:
            conversation["isGroup"] = True
        return {
            "id": f"f:{next(self._ids)}",
            "timestamp": "2026-01-01T00:00:00.000Z",
            "channelId": "msteams",
            "serviceUrl": SERVICE,
            "from": {
                "id": f"29:{person}",
                "aadObjectId": person,
                "name": self.people.get(person, ""),
            },
            "recipient": {"id": BOT, "name": "Krets"},
            "conversation": conversation,
            "channelData": {"tenant": {"id": TENANT}},
            "locale": locale,
            "localTimezone": zone,
            "entities": [{"type": "clientInfo", "locale": locale, "timezone": zone}],
        }

    def _changed(self, person: str, room: str, key: str, what: str) -> Delivery:
        member = {"id": f"29:{person}", "aadObjectId": person}
        changed = {"type": "conversationUpdate", key: [member]}
        return Delivery(what, person, self._by(person, room) | changed, insists=True)

    def _invoked(self, person: str, name: str, value: Json, button: Button) -> Delivery:
        room = "" if button.room == self.own(person) else button.room
        more: Json = {"type": "invoke", "name": name, "value": value}
        more["replyToId"] = button.message or "1772438390456"
        return Delivery("press", person, self._by(person, room) | more)


def _no(error: No) -> Got:
    return Got(error.status, {"error": {"code": error.code, "message": "no"}})


def _activity(activity: Json) -> Json:
    if len(json.dumps(activity, ensure_ascii=False).encode()) > _LIMIT:
        raise No("MessageSizeTooBig", 413)
    return activity


def _asks(data: Json) -> bool:
    return bool(data.get("msteams", {}).get("type") == "task/fetch")


def _carried(shown: Json) -> list[Json]:
    """What the buttons of a card carry."""
    found: list[Json] = []

    def walk(one: object) -> None:
        if isinstance(one, dict):
            if one.get("type") in ("Action.Execute", "Action.Submit") and ACTION in one["data"]:
                found.append(one["data"])
            for part in one.values():
                walk(part)
        elif isinstance(one, list):
            for part in one:
                walk(part)

    walk(shown.get("attachments", []))
    return found


def _window(card: Json) -> Window:
    sends = next((one for one in card.get("actions", ()) if FORM in one["data"]), None)
    blanks = tuple(_blank(one) for one in card["body"] if one["type"].startswith("Input."))
    data: Json = sends["data"] if sends else {}
    return Window({"data": data}, blanks, sends is not None, str(data.get(ACTION, "")))


def _blank(one: Json) -> Blank:
    options = tuple(choice["value"] for choice in one.get("choices", ()))
    kind = _KINDS.get(one["type"], "many" if one.get("isMultiSelect") else "one")
    if "choices.data" in one:
        kind = "people"
    most, value = int(one.get("maxLength", 0)), str(one.get("value", ""))
    return Blank(one["id"], cast("Any", kind), options, most, not one.get("isRequired"), value)


def _held(answer: object) -> str:
    match answer:
        case bool():
            return str(answer).lower()
        case list() | tuple():
            return ",".join(map(str, answer))
        case _:
            return str(answer)
