"""A Slack inside this process: a workspace with people in it, for the simulator."""

import itertools
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, cast
from urllib.parse import urlencode, urlsplit

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
from adapters.slack import gate
from adapters.slack.inputs import Meaning
from adapters.slack.routes import PATH

TEAM, BOT = "T0SIMULATED", "U0KRETSBOT"
TOKEN, SECRET = "xoxb-simulated", "0123456789abcdef0123456789abcdef"
_FORM, _JSON = "application/x-www-form-urlencoded", "application/json"
_RESPOND = "https://slack.com/respond/"
_LOCALES = ("sv-SE", "nb-NO", "en-GB")
_ZONES = ("Europe/Stockholm", "Europe/Oslo", "Europe/Helsinki")
#: Kind of an element -> what it takes, and where Slack reports what it holds.
_KINDS: dict[str, tuple[str, str]] = {
    "plain_text_input": ("text", "value"),
    "radio_buttons": ("one", "selected_option"),
    "static_select": ("one", "selected_option"),
    "checkboxes": ("many", "selected_options"),
    "multi_static_select": ("many", "selected_options"),
    "datepicker": ("date", "selected_date"),
    "timepicker": ("time", "selected_time"),
    "multi_users_select": ("people", "selected_users"),
}


class SimulatedSlack:
    """The workspace: it keeps what it is told, and people press what they see."""

    name = "slack"

    def __init__(self, between: Between) -> None:
        """An empty workspace, reached through what is between."""
        self._between = between
        self._ids = itertools.count(1)
        self.people: dict[str, str] = {}
        self.rooms: dict[str, list[str]] = {}
        self.messages: dict[tuple[str, str], Message] = {}
        self.archived: set[str] = set()
        self.gone: set[str] = set()
        self.revoked = False
        self._names: dict[str, str] = {}
        self._numbers: dict[str, int] = {}
        self._triggers: dict[str, str] = {}
        self._responds: dict[str, str] = {}
        #: What has come into view since somebody last looked: person -> view or message.
        self._fresh: dict[str, Json] = {}
        self._views: dict[str, tuple[str, Json]] = {}
        self._does: dict[str, Callable[[Json], Json]] = {
            "auth.test": lambda _: {"user_id": BOT, "team_id": TEAM},
            "chat.delete": self._delete,
            "chat.postEphemeral": self._whisper,
            "chat.postMessage": self._post,
            "chat.update": self._update,
            "conversations.create": self._create,
            "conversations.info": self._info,
            "conversations.invite": self._invite,
            "conversations.kick": self._kick,
            "conversations.members": self._members,
            "users.info": self._user,
            "views.open": self._open,
            "views.publish": self._publish,
            "views.push": self._open,
            "views.update": self._renew,
        }

    @asynccontextmanager
    async def session(self) -> AsyncIterator[aiohttp.ClientSession]:
        """The session in which Krets asks."""
        yield cast("aiohttp.ClientSession", Session(self._ask))

    # --- the way out ------------------------------------------------------------------------

    async def _ask(self, _: str, url: str, body: Json) -> Got:
        path = urlsplit(url).path
        if path.startswith("/respond/"):
            whose = self._responds.get(path, "")
            call = Call(self.name, "respond", "respond", whose, body, (whose,), shows=True)
            return await answered(self._between, call, lambda: self._told(whose, body), _no)
        method = path.rpartition("/")[2]

        def does() -> Json:
            if self.revoked:
                raise No("token_revoked")
            return {"ok": True} | self._does[method](body)

        return await answered(self._between, self._call(method, body), does, _no)

    def _call(self, method: str, body: Json) -> Call:
        where = str(body.get("channel") or body.get("user") or body.get("user_id") or "")
        viewers: tuple[str, ...] = ()
        window = method.startswith("views.")
        if method == "chat.postEphemeral":
            viewers = (body["user"],)
        elif window:
            whose = body.get("user_id") or self._triggers.get(body.get("trigger_id", ""))
            whose = whose or self._views.get(body.get("view_id", ""), ("",))[0]
            viewers = (whose,) if whose else ()  # nobody sees what a spent trigger opens
        elif method in ("chat.postMessage", "chat.update"):
            viewers = (where,) if where in self.people else tuple(self._there(where))
        posts = method == "chat.postMessage"
        shows = bool(viewers) or method == "chat.delete"
        return Call(self.name, method, method, where, body, viewers, window, shows, posts)

    def _told(self, whose: str, message: Json) -> Json:
        self._fresh[whose] = message
        return {}

    def _post(self, asked: Json) -> Json:
        to = asked["channel"]
        if to in self.gone:
            raise No("user_disabled")
        room = self.own(to) if to in self.people else to
        self._open_room(room)
        ts = f"{1_700_000_000 + next(self._ids)}.000100"
        self.messages[room, ts] = Message(room, ts, _message(asked))
        return {"channel": room, "ts": ts}

    def _whisper(self, asked: Json) -> Json:
        self._open_room(asked["channel"])
        return self._told(asked["user"], _message(asked))

    def _update(self, asked: Json) -> Json:
        self._found(asked).body = _message(asked)
        return {"channel": asked["channel"], "ts": asked["ts"]}

    def _delete(self, asked: Json) -> Json:
        message = self._found(asked)
        del self.messages[message.room, message.id]
        return {}

    def _create(self, asked: Json) -> Json:
        if asked["name"] in self._names.values():
            raise No("name_taken")
        room = f"C0NEW{next(self._ids)}"
        self.rooms[room], self._names[room] = [], asked["name"]
        return {"channel": {"id": room, "name": asked["name"]}}

    def _info(self, asked: Json) -> Json:
        room = asked["channel"]
        if room not in self.rooms:
            raise No("channel_not_found")
        archived = room in self.archived
        return {"channel": {"id": room, "is_private": True, "is_archived": archived}}

    def _invite(self, asked: Json) -> Json:
        self._open_room(asked["channel"])
        there = self.rooms[asked["channel"]]
        users = [one for one in asked["users"].split(",") if one not in self.gone]
        new = [one for one in users if one not in there]
        if not new:
            raise No("already_in_channel" if users else "user_not_found")
        there += new
        return {"channel": {"id": asked["channel"]}}

    def _kick(self, asked: Json) -> Json:
        self._open_room(asked["channel"])
        if asked["user"] not in self.rooms[asked["channel"]]:
            raise No("not_in_channel")
        self.rooms[asked["channel"]].remove(asked["user"])
        return {}

    def _members(self, asked: Json) -> Json:
        self._open_room(asked["channel"])
        return {"members": [BOT, *self.rooms[asked["channel"]]]}

    def _user(self, asked: Json) -> Json:
        user = asked["user"]
        if user not in self.people:
            raise No("user_not_found")
        n = self._numbers[user]
        return {
            "user": {
                "id": user,
                "team_id": TEAM,
                "profile": {"display_name": self.people[user]},
                "tz": _ZONES[n % len(_ZONES)],
                "locale": _LOCALES[n % len(_LOCALES)],
                "deleted": user in self.gone,
            }
        }

    def _open(self, asked: Json) -> Json:
        whose = self._triggers.pop(asked["trigger_id"], "")
        if not whose:
            raise No("expired_trigger_id")
        return self._shown(whose, asked["view"], f"V{next(self._ids)}")

    def _renew(self, asked: Json) -> Json:
        if asked["view_id"] not in self._views:
            raise No("not_found")
        return self._shown(self._views[asked["view_id"]][0], asked["view"], asked["view_id"])

    def _publish(self, asked: Json) -> Json:
        return self._shown(asked["user_id"], asked["view"], f"V{next(self._ids)}")

    def _shown(self, whose: str, view: Json, id: str) -> Json:
        if len(view["blocks"]) > 100:
            raise No("invalid_arguments")
        view = view | {"id": id}
        self._views[id], self._fresh[whose] = (whose, view), view
        return {"view": view}

    def _open_room(self, room: str) -> None:
        if room.startswith("D"):
            return
        if room not in self.rooms:
            raise No("channel_not_found")
        if room in self.archived:
            raise No("is_archived")

    def _found(self, asked: Json) -> Message:
        self._open_room(asked["channel"])
        message = self.messages.get((asked["channel"], asked["ts"]))
        if message is None:
            raise No("message_not_found")
        return message

    def _there(self, room: str) -> list[str]:
        return ["U" + room[1:]] if room.startswith("D") else self.rooms.get(room, [])

    # --- what people see --------------------------------------------------------------------

    def add_person(self, number: int, name: str) -> str:
        """Somebody new; how Slack calls them."""
        user = f"U0P{number:04}"
        self.people[user], self._numbers[user] = name, number
        return user

    def own(self, person: str) -> str:
        """The direct messages of Krets and this person."""
        return "D" + person[1:]

    def see(self, person: str) -> list[Button]:
        """All buttons of messages that somebody has in front of them."""
        rooms = {self.own(person)} | {id for id, there in self.rooms.items() if person in there}
        found = [one for (room, _), one in self.messages.items() if room in rooms]
        return [button for message in found for button in self.buttons(message)]

    def buttons(self, message: Message) -> list[Button]:
        """The buttons of one message."""
        return [Button(one, message.room, message.id) for one in _packed(message.body)]

    # --- what people do ---------------------------------------------------------------------

    def write(self, person: str, text: str, room: str = "") -> Delivery:
        """The slash command."""
        body = {
            "team_id": TEAM,
            "channel_id": room or self.own(person),
            "user_id": person,
            "command": "/krets",
            "text": text,
            "response_url": self._respond_url(person),
            "trigger_id": self._trigger(person),
        }
        return Delivery("command", person, body)

    def chat(self, person: str) -> Delivery:
        """A message to Krets."""
        said = {"type": "message", "channel_type": "im", "user": person, "text": "hello"}
        return self._event(said | {"channel": self.own(person)}, person, "text")

    def visit(self, person: str) -> Delivery:
        """The App Home tab is opened."""
        opened = {"type": "app_home_opened", "tab": "home", "user": person}
        return self._event(opened | {"channel": self.own(person)}, person, "home")

    def press(self, person: str, button: Button) -> Delivery:
        """A button of a message or of a view."""
        action = {"type": "button", "action_id": "a", "block_id": "b", "value": button.packed}
        more: Json = {"actions": [action], "response_url": self._respond_url(person)}
        if button.window:
            view = self._views[button.window][1]
            more |= {"container": {"type": "view", "view_id": view["id"]}, "view": view}
        else:
            room = button.room or self.own(person)
            container: Json = {"type": "message", "channel_id": room, "message_ts": button.message}
            container["is_ephemeral"] = not button.message
            more |= {"container": container, "channel": {"id": room, "name": "here"}}
        return Delivery("press", person, self._acted(person, "block_actions", more))

    def send(self, person: str, window: Window, answers: Mapping[str, object]) -> Delivery:
        """A modal that was filled in."""
        values = {}
        for block in window.raw["blocks"]:
            if block["type"] == "input":
                element, name = block["element"], block["block_id"]
                held = _held(element, answers.get(name))
                values[name] = {element["action_id"]: {"type": element["type"]} | held}
        view = window.raw | {"state": {"values": values}}
        return Delivery("send", person, self._acted(person, "view_submission", {"view": view}))

    def make_room(self, people: list[str]) -> tuple[str, list[Delivery]]:
        """A private channel, into which Krets is brought."""
        room = f"C0OWN{next(self._ids)}"
        self.rooms[room], self._names[room] = list(people), room.lower()
        joined = {"type": "member_joined_channel", "user": BOT, "inviter": people[0]}
        return room, [self._event(joined | {"channel": room}, people[0], "brought")]

    def leave_room(self, person: str, room: str) -> Delivery:
        """Somebody goes out of a channel."""
        if person in self.rooms[room]:
            self.rooms[room].remove(person)
        left = {"type": "member_left_channel", "user": person, "channel": room}
        return self._event(left, person, "went")

    def enter_room(self, person: str, room: str) -> Delivery:
        """Somebody comes into a channel."""
        if person not in self.rooms[room]:
            self.rooms[room].append(person)
        came = {"type": "member_joined_channel", "user": person, "channel": room}
        return self._event(came, person, "came")

    def archive(self, room: str, back: bool) -> Delivery:
        """A channel is archived, or no more."""
        (self.archived.discard if back else self.archived.add)(room)
        kind = "group_unarchive" if back else "group_archive"
        return self._event({"type": kind, "channel": room}, "", kind)

    def dismiss(self, person: str, back: bool) -> Delivery:
        """Somebody is deactivated, or is there again."""
        (self.gone.discard if back else self.gone.add)(person)
        user = self._user({"user": person})["user"]
        return self._event({"type": "user_change", "user": user}, "", "user_change")

    async def bring(
        self, app: web.Application, delivery: Delivery, at: int, forged: bool = False
    ) -> Screen:
        """Bring it, signed now; or signed by somebody who does not know the secret."""
        self._fresh.pop(delivery.who, None)
        kind = _FORM
        if delivery.what in ("press", "send"):
            body = urlencode({"payload": json.dumps(delivery.body)}).encode()
        elif delivery.what == "command":
            body = urlencode(delivery.body).encode()
        else:
            kind, body = _JSON, json.dumps(delivery.body).encode()
        signature = gate.sign(str(at), body, "f" * 32 if forged else SECRET).decode()
        headers = {"X-Slack-Request-Timestamp": str(at), "X-Slack-Signature": signature}
        request = Incoming(kind, body, CIMultiDict(headers))
        status, text = await handed(app, PATH, request)
        return self._screen(delivery, status, text)

    def _screen(self, delivery: Delivery, status: int, text: str) -> Screen:
        if status != 200:
            return Screen(status, "nothing")
        said: Json = json.loads(text) if text.startswith("{") else {}
        if said.get("response_action") == "errors":
            return Screen(status, "errors", text=text)
        seen = said.get("view") or self._fresh.pop(delivery.who, None) or said
        whole = json.dumps(seen)
        if not seen:
            return Screen(status, "nothing")
        if said.get("view"):
            self._shown(delivery.who, said["view"], delivery.body["view"]["id"])
            seen = said["view"] | {"id": delivery.body["view"]["id"]}
        buttons = tuple(Button(one, window=seen.get("id", "")) for one in _packed(seen))
        window = _window(seen) if seen.get("type") == "modal" else None
        return Screen(status, "window" if window else "notice", window, buttons, whole)

    def _event(self, event: Json, who: str, what: str) -> Delivery:
        body = {
            "type": "event_callback",
            "team_id": TEAM,
            "event": event,
            "event_id": f"Ev{next(self._ids)}",
            "authorizations": [{"enterprise_id": None, "team_id": TEAM, "user_id": BOT}],
        }
        return Delivery(what, who, body, insists=True)

    def _acted(self, person: str, kind: str, more: Json) -> Json:
        return {
            "type": kind,
            "team": {"id": TEAM, "domain": "simulated"},
            "user": {"id": person, "team_id": TEAM},
            "trigger_id": self._trigger(person),
        } | more

    def _trigger(self, person: str) -> str:
        trigger = f"{next(self._ids)}.trigger"
        self._triggers[trigger] = person
        return trigger

    def _respond_url(self, person: str) -> str:
        url = f"{_RESPOND}{next(self._ids)}"
        self._responds[urlsplit(url).path] = person
        return url


def _no(error: No) -> Got:
    return Got(200, {"ok": False, "error": error.code})


def _message(asked: Json) -> Json:
    blocks = asked.get("blocks") or []
    if not asked.get("text") and not blocks:
        raise No("no_text")
    if len(blocks) > 50:
        raise No("invalid_blocks")
    return {"text": asked.get("text", ""), "blocks": blocks}


def _packed(shown: Json) -> list[str]:
    """What the buttons of blocks carry."""
    found: list[str] = []

    def walk(one: object) -> None:
        if isinstance(one, dict):
            if one.get("type") == "button" and "value" in one:
                found.append(one["value"])
            for part in one.values():
                walk(part)
        elif isinstance(one, list):
            for part in one:
                walk(part)

    walk(shown.get("blocks", []))
    return found


def _window(view: Json) -> Window:
    blanks = tuple(_blank(one) for one in view["blocks"] if one["type"] == "input")
    return Window(view, blanks, "submit" in view, str(view.get("private_metadata", "")))


def _blank(block: Json) -> Blank:
    element = block["element"]
    kind, _ = _KINDS[element["type"]]
    options = tuple(one["value"] for one in element.get("options", ()))
    most = element.get("max_length") or element.get("max_selected_items") or 0
    if element["action_id"] == Meaning.PEOPLE:
        kind = "people"
    elif element["action_id"] == Meaning.TICK:
        kind = "tick"
    value = element.get("initial_value") or element.get("initial_date") or ""
    value = value or element.get("initial_time") or ""
    initial = element.get("initial_option")
    value = initial["value"] if initial else value
    optional = bool(block.get("optional"))
    return Blank(block["block_id"], cast("Any", kind), options, most, optional, value)


def _held(element: Json, answer: object) -> Json:
    """What a field holds after somebody has given this answer; without one, what stood there."""
    holds = _KINDS[element["type"]][1]
    if answer is None:
        initial = element.get(holds.replace("selected", "initial"), element.get("initial_value"))
        return {holds: initial if initial is not None or holds[-1] != "s" else []}
    options = {one["value"]: one for one in element.get("options", ())}
    match holds, answer:
        case "selected_option", list() | tuple():
            return {holds: options[answer[0]]}
        case "selected_option", str():
            return {holds: options[answer]}
        case "selected_options", bool():
            return {holds: [options["yes"]] if answer else []}
        case "selected_options", list() | tuple():
            return {holds: [options[one] for one in answer]}
        case _:
            return {holds: answer}
