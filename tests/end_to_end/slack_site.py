"""Krets as people use it in Slack: the same words as `site`, with signed requests.

What Slack itself does, keeps and shows is behind `Workspace`; whoever has one can play the story.
"""

import itertools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlencode

import aiohttp

from adapters.slack import gate
from adapters.slack.routes import PATH
from tests.adapters.slack_scene import FORM, JSON, Got
from tests.end_to_end.beside import PlatformSite, RealTime
from tests.end_to_end.site import CHAT, Reply, Seen, Site
from tests.end_to_end.slack_screen import Json, Screen, filled, read


class Workspace(Protocol):
    """A Slack, as far as a person's app and a test look into it."""

    team: str
    #: Short name -> id, and id -> the name that is shown.
    users: Mapping[str, str]
    names: Mapping[str, str]

    async def dm(self, user: str) -> str:
        """The id of somebody's chat with Krets."""

    async def members(self, channel: str) -> list[str]:
        """Who is in a channel; nobody if there is none."""

    async def rooms(self, user: str) -> dict[str, str]:
        """The private channels somebody is in: id -> name."""

    async def messages(self, channel: str) -> list[Json]:
        """The messages of a channel, the newest last."""

    async def trigger(self, user: str) -> str:
        """A new trigger, as it comes with what somebody does."""

    async def modal(self, user: str) -> Json | None:
        """The topmost modal that has opened since the last time somebody asked."""

    def response_url(self) -> str:
        """Where an answer to what somebody does may be sent."""

    async def said(self, url: str) -> list[Json]:
        """What was sent there."""


@dataclass
class Shown(Reply):
    """What came back at once, with the view in which it stands."""

    view: Json | None = None


class SlackSite(PlatformSite):
    """A running Krets beside a Slack."""

    def __init__(
        self,
        workspace: Workspace,
        krets: Site,
        session: aiohttp.ClientSession,
        real: RealTime,
        secret: str,
        database: Path,
    ) -> None:
        super().__init__(krets, real, database)
        self.workspace = workspace
        self._session = session
        self._secret = secret
        self._ids = itertools.count(1)
        #: Everything that was answered to a request and is shown to somebody.
        self.answers: list[Json] = []

    def persona(self, native: str) -> "SlackPersona":
        """Somebody of the workspace."""
        return SlackPersona(self, native)

    async def fill(self) -> None:
        """Everybody is there already."""

    async def make_room(self, leader: "SlackPersona", people: Sequence[str]) -> None:
        """Krets has made it."""

    # --- what Slack sends -----------------------------------------------------------------------

    async def deliver(self, body: bytes, kind: str = FORM) -> Got:
        """Bring a request to Krets, signed now."""
        timestamp = str(int(self.real.now().timestamp()))
        headers = {
            "Content-Type": kind,
            "X-Slack-Request-Timestamp": timestamp,
            "X-Slack-Signature": gate.sign(timestamp, body, self._secret).decode(),
        }
        async with self._session.post(self.address + PATH, data=body, headers=headers) as got:
            return Got(got.status, await got.text())

    async def command(self, user: str, text: str, channel: str) -> tuple[Got, str]:
        """A slash command; the answer, and where more of it may come."""
        url = self.workspace.response_url()
        fields = {
            "team_id": self.workspace.team,
            "channel_id": channel,
            "user_id": user,
            "command": "/krets",
            "text": text,
            "response_url": url,
            "trigger_id": await self.workspace.trigger(user),
        }
        return await self.deliver(urlencode(fields).encode()), url

    async def interact(self, user: str, kind: str, **more: Any) -> tuple[Got, str]:
        """Something done with a message or a view; the answer, and where more of it may come."""
        url = self.workspace.response_url()
        payload = {
            "type": kind,
            "team": {"id": self.workspace.team},
            "enterprise": None,
            "user": {"id": user, "team_id": self.workspace.team},
            "trigger_id": await self.workspace.trigger(user),
        } | more
        if "channel" in payload:
            payload["response_url"] = url
        return await self.deliver(urlencode({"payload": json.dumps(payload)}).encode()), url

    async def event(self, event: Json) -> Got:
        """Something that happened."""
        envelope = {
            "type": "event_callback",
            "team_id": self.workspace.team,
            "event": event,
            "event_id": f"Ev{next(self._ids)}",
            "authorizations": [{"enterprise_id": None, "team_id": self.workspace.team}],
        }
        return await self.deliver(json.dumps(envelope).encode(), JSON)


class SlackPersona:
    """One person with Slack's app."""

    def __init__(self, site: SlackSite, native: str) -> None:
        self._site = site
        self._slack = site.workspace
        self.native = native
        self.user = self._slack.users[native]

    async def see(self, room: str = CHAT) -> Seen:
        """What a conversation shows to this person."""
        channel, screen = await self._channel(room), Screen()
        assert self.user in await self._slack.members(channel), f"{self.native} is not in {room}"
        for message in await self._slack.messages(channel):
            container = {"type": "message", "channel_id": channel, "message_ts": message["ts"]}
            where = {"container": container, "channel": {"id": channel}}
            screen.add(read(message["blocks"], self._slack.names), where)
        return screen

    async def rooms(self) -> dict[str, str]:
        """The private channels this person is in: id -> name."""
        return await self._slack.rooms(self.user)

    async def may_see(self, room: str) -> bool:
        """Whether the room exists for this person."""
        return room in await self.rooms()

    async def write(self, text: str, room: str = CHAT) -> Reply:
        """Write a command into the message box."""
        command, _, words = text.partition(" ")
        assert command == "/krets", "nobody can write to Krets otherwise"
        channel = await self._channel(room)
        got, url = await self._site.command(self.user, words, channel)
        return await self._came_back(got, url, channel)

    async def press(self, label: str, room: str = CHAT) -> Reply:
        """Press the newest button with this label."""
        return await self.press_in(await self.see(room), label, room)

    async def press_in(self, seen: Seen, label: str, room: str = CHAT) -> Reply:
        """Press the last button with this label in what was seen earlier."""
        assert isinstance(seen, Screen)
        found = [n for n, (one, _) in enumerate(seen.buttons) if one == label]
        assert found, f"{self.native} sees no {label!r} but {seen.labels()}"
        return await self.act(seen.buttons[found[-1]][1], **seen.at[found[-1]])

    async def act(self, packed: str, **where: Json) -> Reply:
        """Press a button that carries this."""
        action = {"type": "button", "action_id": "a1", "block_id": "b", "value": packed}
        got, url = await self._site.interact(self.user, "block_actions", actions=[action], **where)
        return await self._came_back(got, url)

    async def submit(self, form: Reply, room: str = CHAT, **answers: object) -> Reply:
        """Fill in the modal that came back, and send it."""
        assert isinstance(form, Shown)
        assert form.kind == "form", form
        assert form.view is not None
        view = form.view | {"state": filled(form.view, answers, self._slack.users)}
        got, url = await self._site.interact(self.user, "view_submission", view=view)
        return await self._came_back(got, url)

    # --- parts ----------------------------------------------------------------------------------

    async def _channel(self, room: str) -> str:
        return await self._slack.dm(self.user) if room == CHAT else room

    async def _came_back(self, got: Got, url: str, channel: str = "") -> Shown:
        """What this person sees at once, after all that followed is shown."""
        assert got.status == 200, got.status
        await self._site.settle()
        body, modal = got.body, await self._slack.modal(self.user)
        match body.get("response_action"):
            case "errors":
                return Shown("errors", Seen(), body["errors"])
            case "update":
                modal = body["view"]
                self._site.answers.append(modal)
        if modal is not None:
            return self._view(modal)
        said = [body] if body else await self._slack.said(url)
        if not said:
            return Shown("nothing", Seen(), {})
        assert said[-1]["response_type"] == "ephemeral", "for this person alone"
        self._site.answers += said
        container = {"type": "message", "channel_id": channel, "message_ts": "1.1"}
        where = {"container": container | {"is_ephemeral": True}, "channel": {"id": channel}}
        screen, seen = Screen(), read(said[-1]["blocks"], self._slack.names)
        screen.add(seen, where)
        return Shown("home" if seen.buttons else "notice", screen, {})

    def _view(self, view: Json) -> Shown:
        title, screen = {"type": "title", "text": view["title"]}, Screen()
        where = {"container": {"type": "view", "view_id": view.get("id", "")}, "view": view}
        screen.add(read([title, *view["blocks"]], self._slack.names), where)
        screen.choices = read(view["blocks"], self._slack.names).choices
        if view.get("callback_id") == "form":
            return Shown("form", screen, {}, view)
        return Shown("home" if screen.buttons else "notice", screen, {}, view)
