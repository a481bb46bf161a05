"""The contract's stage in Slack: the real adapter between two servers, with signed requests.

Slack shows some things otherwise than the browser. A form comes as a modal opened by a call of
ours, not in the answer; a sentence after a button comes to the response_url; home is the App Home
tab; and a form knows no room, so what is sent from it comes from the person's own chat.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from html import unescape
from pathlib import Path
from typing import Any

from bot.core.event import Identity, Place
from bot.messenger import Messenger
from bot.words import View, Words
from tests.adapters.slack_scene import ANNA, BO, ROOM, Got, SlackScene, person, room, slack_scene
from tests.contract.platform import Recording, Seen


class SlackStage:
    """A workspace, and two people in it."""

    name = "slack"
    typed = "/krets"
    moves_people = True
    tells_zones = True

    def __init__(self, scene: SlackScene, bot: Recording) -> None:
        self._scene = scene
        self.bot = bot
        self.messenger: Messenger = scene.messenger
        self.anna = person(ANNA)
        self.bo = person(BO)
        self.room = room(ROOM, ANNA, BO)

    async def sees(self, who: Identity, where: Place | Identity) -> Seen:
        channel = self._scene.api.channels[self._channel(where)]
        assert who.native in channel.members, "nobody sees a channel without being in it"
        return read([block for one in channel.messages.values() for block in one["blocks"]])

    async def presses(self, who: Identity, where: Place | Identity, packed: str) -> Seen:
        self._scene.api.modals.pop(who.native, None)
        pressed = self._scene.pressed(who.native, packed, self._channel(where))
        got = await self._scene.interact(pressed)
        return self._came_back(who, got)

    async def submits(
        self, who: Identity, where: Place | Identity, packed: str, answers: Mapping[str, object]
    ) -> Seen:
        view = self._scene.api.modals[who.native][-1]
        assert view["private_metadata"] == packed, "the form that is open"
        got = await self._scene.interact(self._scene.submitted(who.native, view, answers))
        assert got.status == 200
        match got.body.get("response_action"):
            case "errors":
                return Seen("", [], "errors", got.body["errors"])
            case "update":
                self._scene.api.modals[who.native][-1] = view | got.body["view"]
                return _view(got.body["view"])
            case _:
                assert got.body == {}, "an empty answer closes the form"
                return Seen("", [], "nothing")

    async def writes(self, who: Identity, where: Place | Identity, text: str) -> Seen:
        channel = self._channel(where)
        if text.startswith("/krets"):
            words = text.removeprefix("/krets").strip()
            got = await self._scene.command(who.native, words, channel)
            return self._came_back(who, got)
        message = {"type": "message", "channel_type": "im", "user": who.native, "text": text}
        got = await self._scene.event(message | {"channel": channel, "ts": "1.1"})
        return self._came_back(who, got)

    async def opens_home(self, who: Identity) -> Seen:
        opened = {"type": "app_home_opened", "tab": "home", "user": who.native}
        got = await self._scene.event(opened | {"channel": self._channel(who)})
        assert (got.status, got.text) == (200, "")
        seen = read(self._scene.api.homes[who.native]["blocks"])
        return Seen(seen.text, seen.buttons, "home")

    def _channel(self, where: Place | Identity) -> str:
        api = self._scene.api
        return api.dm(where.native).id if isinstance(where, Identity) else where.native

    def _came_back(self, who: Identity, got: Got) -> Seen:
        assert got.status == 200, got.text
        if got.body:
            assert got.body["response_type"] == "ephemeral"
            seen = read(got.body["blocks"])
            return Seen(seen.text, seen.buttons, "home" if seen.buttons else "notice")
        if modals := self._scene.api.modals.get(who.native):
            return _view(modals[-1])
        if said := self._scene.said():
            assert said[-1]["response_type"] == "ephemeral"
            assert said[-1]["replace_original"] is False
            seen = read(said[-1]["blocks"])
            return Seen(seen.text, seen.buttons, "notice")
        return Seen("", [], "nothing")


def _view(view: dict[str, Any]) -> Seen:
    seen = read([{"type": "title", "text": view["title"]}, *view["blocks"]])
    if view.get("callback_id") == "form":
        return Seen(seen.text, seen.buttons, "form", action=view["private_metadata"])
    return Seen(seen.text, seen.buttons, "home" if seen.buttons else "notice")


def read(blocks: list[dict[str, Any]]) -> Seen:
    """What a reader finds in these blocks."""
    texts: list[str] = []
    buttons: list[tuple[str, str]] = []

    def walk(one: object) -> None:
        if isinstance(one, list):
            for part in one:
                walk(part)
        elif isinstance(one, dict):
            if one.get("type") == "button":
                buttons.append((one["text"]["text"], one["value"]))
            if isinstance(typed := one.get("initial_value"), str):
                texts.append(typed)
            if isinstance(text := one.get("text"), str):
                texts.append(unescape(text) if one["type"] == "mrkdwn" else text)
            for name, part in one.items():
                if name != "text" or isinstance(part, dict):
                    walk(part)

    walk(blocks)
    return Seen("\n".join(texts), buttons)


@asynccontextmanager
async def slack(_: Path) -> AsyncIterator[SlackStage]:
    """The stage; it needs no directory."""
    bot = Recording(View("en", "Europe/Stockholm", {}, {}, "", Words()))
    async with slack_scene(bot, bot.view) as scene:
        yield SlackStage(scene, bot)
