"""Slack with Krets in it: both as servers, and people who act through signed requests."""

import itertools
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias
from urllib.parse import urlencode

import aiohttp
from aiohttp.test_utils import TestServer

from adapters.slack import gate
from adapters.slack.budget import Budget
from adapters.slack.client import Caller, client, outwards
from adapters.slack.messenger import SlackMessenger
from adapters.slack.routes import PATH, Answers, SlackPlatform
from adapters.slack.workspaces import OneWorkspace
from adapters.web import application
from bot.core.event import Identity, Place
from bot.keyring import new_master
from bot.realtime import now
from bot.words import View
from tests.adapters.slack_api import TEAM, TOKEN, SlackApi

Json: TypeAlias = dict[str, Any]
SECRET = "0123456789abcdef0123456789abcdef"
MASTER_KEY = new_master().line
NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)
ANNA, BO, ROOM = "U0ANNA", "U0BO", "C0ROOM"
FORM, JSON = "application/x-www-form-urlencoded", "application/json"


def person(user: str) -> Identity:
    return Identity("slack", TEAM, user)


def room(channel: str = ROOM, *users: str) -> Place:
    return Place("slack", TEAM, channel, private=False, people=tuple(map(person, users)))


@dataclass
class Clock:
    """Real time, as the test wants it."""

    at: datetime = NOW

    def now(self) -> datetime:
        return self.at

    def pass_by(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


@dataclass
class OneView:
    """Lets everybody read as this one does."""

    one: View

    async def view(self, _: Identity) -> View:
        return self.one


@dataclass
class Got:
    """The answer to a request."""

    status: int
    text: str

    @property
    def body(self) -> Json:
        found: Json = json.loads(self.text) if self.text else {}
        return found


@dataclass
class SlackScene:
    """A workspace with Anna, Bo and a room, and Krets beside it."""

    api: SlackApi
    session: aiohttp.ClientSession
    url: str
    api_url: str
    messenger: SlackMessenger
    clock: Clock
    call: Caller
    _last: int = 0
    _ids: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    # --- requests as Slack makes them -----------------------------------------------------------

    async def post(self, body: bytes, kind: str = FORM, **headers: str) -> Got:
        """Send this, signed now unless the headers say otherwise."""
        timestamp = str(int(self.clock.now().timestamp()))
        given = {
            "Content-Type": kind,
            "X-Slack-Request-Timestamp": timestamp,
            "X-Slack-Signature": gate.sign(timestamp, body, SECRET).decode(),
        } | {name.replace("_", "-"): value for name, value in headers.items()}
        async with self.session.post(self.url + PATH, data=body, headers=given) as got:
            return Got(got.status, await got.text())

    async def command(self, user: str, text: str, channel: str = "", **more: str) -> Got:
        return await self.post(urlencode(self.command_of(user, text, channel) | more).encode())

    async def event(self, event: Json, **more: Any) -> Got:
        return await self.post(json.dumps(self.envelope(event) | more).encode(), JSON)

    async def interact(self, payload: Json) -> Got:
        return await self.post(urlencode({"payload": json.dumps(payload)}).encode())

    # --- what is in them ------------------------------------------------------------------------

    def command_of(self, user: str, text: str, channel: str = "") -> dict[str, str]:
        return {
            "team_id": TEAM,
            "team_domain": "krets-test",
            "channel_id": channel or self.api.dm(user).id,
            "user_id": user,
            "command": "/krets",
            "text": text,
            "api_app_id": "A0KRETS",
            "response_url": self._response_url(),
            "trigger_id": self.api.trigger(user),
        }

    def envelope(self, event: Json) -> Json:
        return {
            "type": "event_callback",
            "team_id": TEAM,
            "api_app_id": "A0KRETS",
            "event": event,
            "event_id": f"Ev{next(self._ids)}",
            "event_time": int(self.clock.now().timestamp()),
            "authorizations": [{"enterprise_id": None, "team_id": TEAM, "is_bot": True}],
        }

    def acted(self, user: str, kind: str, **more: Any) -> Json:
        return {
            "type": kind,
            "team": {"id": TEAM, "domain": "krets-test"},
            "enterprise": None,
            "user": {"id": user, "username": user.lower(), "team_id": TEAM},
            "api_app_id": "A0KRETS",
            "trigger_id": self.api.trigger(user),
        } | more

    def pressed(self, user: str, packed: str, channel: str = "", view: Json | None = None) -> Json:
        """A button of a message in a channel, or of a view."""
        action = {"type": "button", "action_id": "a1", "block_id": "b", "value": packed}
        more: Json = {"actions": [action]}
        if view is not None:
            more |= {"container": {"type": "view", "view_id": view["id"]}, "view": view}
        else:
            channel = channel or self.api.dm(user).id
            more |= {
                "container": {"type": "message", "channel_id": channel},
                "channel": {"id": channel, "name": "here"},
                "response_url": self._response_url(),
            }
        return self.acted(user, "block_actions", **more)

    def submitted(self, user: str, view: Json, answers: Mapping[str, object]) -> Json:
        """A modal that was filled in, as Slack reports it."""
        values = {
            block["block_id"]: {
                block["element"]["action_id"]: _filled(
                    block["element"], answers.get(block["block_id"])
                )
            }
            for block in view["blocks"]
            if block["type"] == "input"
        }
        return self.acted(user, "view_submission", view=view | {"state": {"values": values}})

    def said(self) -> list[Json]:
        """What came to the last response_url."""
        return self.api.responses.get(str(self._last), [])

    def _response_url(self) -> str:
        self._last = next(self._ids)
        return f"{self.api_url}/respond/{self._last}"


CIA = "U0CIA"
POOL = [f"U0POOL{number}" for number in range(12)]


def opening(form: Json, name: str) -> dict[str, object]:
    """The form that opens a group, filled in; what it proposes is kept."""
    answers: dict[str, object] = {
        "name": name,
        "date": (now() + timedelta(days=30)).date().isoformat(),
        "leaders": [BO, CIA],
        "pool": POOL,
        "working_time": True,
        "informed": True,
    }
    for block in form["blocks"]:
        if block["type"] == "input" and block["block_id"] not in answers:
            element = block["element"]
            chosen = element.get("initial_option", {}).get("value")
            answers[block["block_id"]] = chosen or element.get("initial_time", "")
    return answers


def _filled(element: Json, answer: object) -> Json:
    kind = element["type"]
    match kind, answer:
        case "plain_text_input", _:
            found: Json = {"value": answer}
        case (("radio_buttons" | "static_select"), str()):
            found = {"selected_option": {"value": answer}}
        case "checkboxes", bool():
            found = {"selected_options": [{"value": "yes"}] if answer else []}
        case (("checkboxes" | "multi_static_select"), list() | tuple()):
            found = {"selected_options": [{"value": one} for one in answer]}
        case "datepicker", _:
            found = {"selected_date": answer}
        case "timepicker", _:
            found = {"selected_time": answer}
        case "multi_users_select", list() | tuple():
            found = {"selected_users": list(answer)}
        case _:
            found = {}
    return {"type": kind} | found


@asynccontextmanager
async def calling(token: str, url: str, real: Callable[[], datetime]) -> AsyncIterator[Caller]:
    """A caller with this token, in a session of its own."""
    async with outwards() as session:
        yield Caller(client(token, url, session), Budget(real))


@asynccontextmanager
async def slack_scene(bot: Answers, view: View) -> AsyncIterator[SlackScene]:
    """Both servers, and Krets' parts between them."""
    api, clock = SlackApi(), Clock()
    api.add_user(ANNA, "Anna Ek")
    api.add_user(BO, "Bo Dahl")
    api.add_channel(ROOM, ANNA, BO, name="room")

    async def ready() -> bool:
        return True

    async with (
        TestServer(api.application()) as slack,
        aiohttp.ClientSession() as session,
        calling(TOKEN, f"{_address(slack)}/api/", clock.now) as call,
    ):
        workspaces = OneWorkspace(call)
        messenger = SlackMessenger(workspaces, "Europe/Oslo")
        platform = SlackPlatform(
            bot=bot,
            messenger=messenger,
            workspaces=workspaces,
            sight=OneView(view),
            secrets=[SECRET],
            real=clock.now,
        )
        async with TestServer(application(ready, platform.mount)) as krets:
            urls = _address(krets), _address(slack)
            yield SlackScene(api, session, *urls, messenger, clock, call)


def _address(server: TestServer) -> str:
    return f"http://127.0.0.1:{server.port}"
