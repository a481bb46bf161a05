"""The contract's stage in Teams: the real adapter between two servers, with real tokens.

Teams shows some things otherwise than the browser. A form comes in the answer to a button that asks
for a dialog, and what is wrong with it in the same dialog, shown anew; after a command a form is
one button in a message, for only a button can open a dialog; home is a message in the person's own
chat, and so is every notice after a command; and a bot lets nobody into a room or out of it.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from adapters.teams.dialogs import opens_dialog
from adapters.teams.render import MESSAGE
from adapters.teams.shapes import ACTION
from bot.core.action import CannotUnpack, unpack
from bot.core.event import Identity, Place
from bot.messenger import Messenger
from bot.words import View, Words
from tests.adapters.teams.adaptive_card import card_of, faults
from tests.adapters.teams_people import Got, TeamsScene, sends, teams_scene
from tests.adapters.teams_scene import ANNA, BO, CHAT, person, room
from tests.contract.platform import Recording, Seen

Json = dict[str, Any]


class TeamsStage:
    """An organisation, and two people in it who are in a group chat."""

    name = "teams"
    typed = "@Krets"
    moves_people = False
    tells_zones = False

    def __init__(self, scene: TeamsScene, bot: Recording) -> None:
        self._scene = scene
        self.bot = bot
        self.messenger: Messenger = scene.out.messenger
        self.anna = person(ANNA)
        self.bo = person(BO)
        self.room = room()
        self._dialogs: dict[Identity, Json] = {}

    async def sees(self, who: Identity, where: Place | Identity) -> Seen:
        id = CHAT if isinstance(where, Place) else self._scene.api.chat(where.native).id
        there = self._scene.api.conversations[id]
        assert who.native in there.people, "nobody sees a chat without being in it"
        return read([card_of(one) for one in there.messages.values()])

    async def presses(self, who: Identity, where: Place | Identity, packed: str) -> Seen:
        fetch = _opens_dialog(packed)
        press = self._scene.fetch if fetch else self._scene.press
        got = await press(who.native, packed, _id(where))
        return self._answered(who, got) if fetch else _executed(got)

    async def submits(
        self, who: Identity, where: Place | Identity, packed: str, answers: Mapping[str, object]
    ) -> Seen:
        dialog = self._dialogs[who]
        assert _action(card_of(dialog)) == packed, "the form that is open"
        return self._answered(
            who, await self._scene.submit(who.native, dialog, answers, _id(where))
        )

    async def writes(self, who: Identity, where: Place | Identity, text: str) -> Seen:
        before = len(self._scene.own(who.native))
        got = await self._scene.write(who.native, text, _id(where))
        assert (got.status, got.text) == (200, "")
        return self._told(who, before)

    async def opens_home(self, who: Identity) -> Seen:
        before = len(self._scene.own(who.native))
        got = await self._scene.write(who.native, "hem")
        assert (got.status, got.text) == (200, "")
        seen = self._told(who, before)
        return Seen(seen.text, seen.buttons, "home")

    def _told(self, who: Identity, before: int) -> Seen:
        """What has come into somebody's own chat since then."""
        told = self._scene.own(who.native)[before:]
        seen = read([card_of(one) for one in told])
        return Seen(seen.text, seen.buttons, "notice" if told else "nothing")

    def _answered(self, who: Identity, got: Got) -> Seen:
        """What the answer lets Teams' app open, or leave open."""
        assert got.status == 200, got.text
        if not got.body:
            return Seen("", [], "nothing")
        assert faults(got.body) == []
        card = card_of(got.body)
        others = [one for one in card.get("actions", ()) if one != sends(card)]
        title = {"type": "title", "text": got.body["task"]["value"]["title"]}
        seen = read([title, card | {"actions": others}])
        if not card.get("actions"):
            return Seen(seen.text, seen.buttons, "notice")
        self._dialogs[who] = got.body
        wrong = _wrong(card)
        return Seen(seen.text, seen.buttons, "errors" if wrong else "form", wrong, _action(card))


def _opens_dialog(packed: str) -> bool:
    try:
        return opens_dialog(unpack(packed))
    except CannotUnpack:
        return False


def _action(card: Json) -> str:
    """What a dialog means when it is sent; empty if it is only read."""
    send = sends(card)
    return send["data"][ACTION] if send else ""


def _id(where: Place | Identity) -> str:
    return "" if isinstance(where, Identity) else where.native


def _executed(got: Got) -> Seen:
    """What is shown beside the card in which a button was pressed."""
    assert got.status == 200, got.text
    assert (got.body["statusCode"], got.body["type"]) == (200, MESSAGE)
    assert got.body["value"], "an empty one counts as a failure"
    return Seen(got.body["value"], [], "notice")


def _wrong(card: Json) -> dict[str, str]:
    """What stands above the inputs in the colour of what is wrong."""
    found = {}
    for above, below in zip(card["body"], card["body"][1:], strict=False):
        runs = above.get("inlines", [])
        if any(one.get("color") == "Attention" for one in runs):
            found[below["id"]] = "".join(one["text"] for one in runs)
    return found


def read(cards: list[Json]) -> Seen:
    """What a reader finds in these cards."""
    texts: list[str] = []
    buttons: list[tuple[str, str]] = []

    def walk(one: object) -> None:
        if isinstance(one, list):
            for part in one:
                walk(part)
        elif isinstance(one, dict):
            if one.get("type") in ("Action.Execute", "Action.Submit"):
                buttons.append((one["title"], one["data"][ACTION]))
                return
            words = (one.get(key) for key in ("text", "label", "value"))
            texts.extend(said for said in words if isinstance(said, str))
            for part in one.values():
                walk(part)

    walk(cards)
    return Seen("\n".join(texts), buttons)


@asynccontextmanager
async def teams(data: Path) -> AsyncIterator[TeamsStage]:
    """The stage, on this data directory."""
    bot = Recording(View("en", "Europe/Stockholm", {}, {}, "", Words()))
    async with teams_scene(bot, bot.view, data) as scene:
        yield TeamsStage(scene, bot)
