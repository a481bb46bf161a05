"""People in Teams who act: what their apps send, with tokens that Microsoft has signed."""

import itertools
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeAlias

import aiohttp
from aiohttp.test_utils import TestServer

from adapters.teams.authentication import ByToken
from adapters.teams.body import VERB
from adapters.teams.keys import SigningKeys
from adapters.teams.routes import PATH, Answers, TeamsPlatform
from adapters.teams.shapes import ACTION, FORM
from adapters.web import application
from bot.words import View
from tests.adapters.teams.adaptive_card import card_of
from tests.adapters.teams.microsoft import APP, SERVICE, TENANT, token
from tests.adapters.teams_api import BOT, TeamsApi
from tests.adapters.teams_scene import CHANNEL, Outwards, teams_outwards

Json: TypeAlias = dict[str, Any]
#: The message in which a button is pressed, where no other is named.
MESSAGE = "1772438390456"


@dataclass
class Got:
    """The answer to a request."""

    status: int
    text: str

    @property
    def body(self) -> Json:
        found: Json = json.loads(self.text) if self.text else {}
        return found


class OneView:
    """Lets everybody read as this one does; asked for a language, whoever it was for."""

    def __init__(self, one: View) -> None:
        self.one = one
        self.languages: list[str] = []

    async def view(self, _: object, language: str = "") -> View:
        self.languages.append(language)
        return self.one


@dataclass
class TeamsPeople:
    """The people of an organisation with Teams' app in front of them, and Krets' address."""

    api: TeamsApi
    session: aiohttp.ClientSession
    url: str
    now: Callable[[], datetime]
    #: Whether what they do comes with a token, as it does from Microsoft.
    proven: bool = True
    service: str = SERVICE
    locale: str = "en-GB"
    zone: str = "Europe/Stockholm"
    _ids: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    # --- requests as Teams makes them -----------------------------------------------------------

    async def post(self, activity: Json, **headers: str) -> Got:
        """Send this, with a good token unless the headers say otherwise."""
        at = int(self.now().timestamp())
        given = {}
        if self.proven:
            bearer = token(nbf=at - 60, exp=at + 3540, serviceurl=self.service)
            given = {"Authorization": f"Bearer {bearer}"}
        async with self.session.post(
            self.url + PATH, json=activity, headers=given | headers
        ) as got:
            return Got(got.status, await got.text())

    async def write(self, user: str, text: str, where: str = "") -> Got:
        return await self.post(self.written(user, text, where))

    async def press(self, user: str, packed: str, where: str = "", message: str = MESSAGE) -> Got:
        """A button that is answered in place."""
        return await self.post(self.pressed(user, {ACTION: packed}, where, message))

    async def fetch(self, user: str, packed: str, where: str = "", message: str = MESSAGE) -> Got:
        """A button that asks for a dialog."""
        data = {ACTION: packed, "msteams": {"type": "task/fetch"}}
        return await self.post(self.asked(user, "task/fetch", data, where, message))

    async def submit(
        self, user: str, dialog: Json, answers: Mapping[str, object], where: str = ""
    ) -> Got:
        """The dialog that is open, filled in and sent."""
        return await self.post(self.asked(user, "task/submit", filled(dialog, answers), where))

    async def install(self, user: str, where: str = "") -> Got:
        installed = {"type": "installationUpdate", "action": "add"}
        if where == CHANNEL:
            team = self.api.conversations[CHANNEL].team
            installed |= self.by(user, team) | installed
            installed["channelData"]["settings"] = {"selectedChannel": {"id": CHANNEL}}
            return await self.post(installed)
        return await self.post(self.by(user, where) | installed)

    # --- what is in them ------------------------------------------------------------------------

    def by(self, user: str, where: str = "") -> Json:
        """What is in all that somebody does; without a place it is their own chat."""
        who, there = self.api.people[user], self.api.conversations.get(where) or self.api.chat(user)
        conversation: Json = {"conversationType": there.kind, "tenantId": TENANT, "id": there.id}
        data: Json = {"tenant": {"id": TENANT}}
        if there.kind != "personal":
            conversation["isGroup"] = True
        if there.team:
            data |= {"team": {"id": there.team}, "channel": {"id": there.id}}
        stamp = self.now().astimezone(UTC).isoformat(timespec="milliseconds")
        return {
            "id": f"f:{next(self._ids)}",
            "timestamp": stamp.replace("+00:00", "Z"),
            "channelId": "msteams",
            "serviceUrl": self.service,
            "from": {"id": who.account, "aadObjectId": who.id, "name": who.name},
            "recipient": {"id": BOT, "name": "Krets"},
            "conversation": conversation,
            "channelData": data,
            "locale": self.locale,
            "localTimezone": self.zone,
            "entities": [{"type": "clientInfo", "locale": self.locale, "timezone": self.zone}],
        }

    def written(self, user: str, text: str, where: str = "") -> Json:
        """Something written to Krets; in a room by a mention."""
        sent = self.by(user, where) | {"type": "message", "text": text}
        if sent["conversation"]["conversationType"] != "personal":
            sent["text"] = f"<at>Krets</at> {text}"
            sent["entities"].append(mention(BOT))
        return sent

    def pressed(self, user: str, data: Json, where: str = "", message: str = MESSAGE) -> Json:
        action = {"type": "Action.Execute", "verb": VERB, "data": data}
        value = {"action": action, "trigger": "manual"}
        return self._invoked(user, "adaptiveCard/action", value, where, message)

    def asked(
        self, user: str, name: str, data: Json, where: str = "", message: str = MESSAGE
    ) -> Json:
        """A dialog asked for, or sent."""
        value = {"data": data, "context": {"theme": "default"}}
        return self._invoked(user, name, value, where, message)

    def clicked(self, user: str, packed: str, where: str = "") -> Json:
        """A button of an older app: a message with a value."""
        return self.by(user, where) | {
            "type": "message",
            "value": {ACTION: packed},
            "replyToId": MESSAGE,
        }

    def _invoked(self, user: str, name: str, value: Json, where: str, message: str) -> Json:
        more = {"type": "invoke", "name": name, "value": value, "replyToId": message}
        return self.by(user, where) | more

    # --- what they see --------------------------------------------------------------------------

    def own(self, user: str) -> list[Json]:
        """The messages of somebody's own chat with Krets."""
        return self.api.messages(self.api.chat(user).id)


def mention(id: str, text: str = "<at>Krets</at>") -> Json:
    return {"type": "mention", "text": text, "mentioned": {"id": id, "name": "Krets"}}


def filled(dialog: Json, answers: Mapping[str, object]) -> Json:
    """What Teams' app sends of a dialog in which these answers were given; the rest is as it was.

    Teams sends all as text, and leaves out what is empty.
    """
    card = card_of(dialog)
    inputs = {one["id"]: one for one in card["body"] if one["type"].startswith("Input.")}
    assert set(answers) <= set(inputs), (set(answers), set(inputs))
    values = {name: one.get("value", "") for name, one in inputs.items()}
    values |= {name: _sent(answer) for name, answer in answers.items()}
    send = sends(card)
    assert send is not None, "only a form is sent"
    data: Json = send["data"]
    return data | {name: value for name, value in values.items() if value != ""}


def sends(card: Json) -> Json | None:
    """The button that sends a form; None if it is only read."""
    return next((one for one in card.get("actions", ()) if FORM in one["data"]), None)


def _sent(answer: object) -> str:
    match answer:
        case bool():
            return str(answer).lower()
        case list() | tuple():
            return ",".join(map(str, answer))
        case _:
            return str(answer)


# --- Krets beside them --------------------------------------------------------------------------


@dataclass
class TeamsScene(TeamsPeople):
    """The people, and Krets' parts that they meet."""

    out: Outwards = field(kw_only=True)
    sight: OneView = field(kw_only=True)


@asynccontextmanager
async def teams_scene(bot: Answers, view: View, directory: Path) -> AsyncIterator[TeamsScene]:
    """Two people, a group chat and a team, and Krets' route in front of this bot."""
    sight = OneView(view)

    async def ready() -> bool:
        return True

    async with teams_outwards(directory) as out, aiohttp.ClientSession() as session:

        async def sleep(seconds: float) -> None:
            out.clock.pass_by(seconds=seconds)

        keys = SigningKeys(out.session, out.clock.now)
        platform = TeamsPlatform(
            bot=bot,
            admits=ByToken(keys=keys, app_id=APP, tenants=[TENANT], real=out.clock.now),
            messenger=out.messenger,
            connector=out.connector,
            references=out.references,
            sight=sight,
            real=out.clock.now,
            sleep=sleep,
        )
        async with TestServer(application(ready, platform.mount)) as krets:
            url = f"http://127.0.0.1:{krets.port}"
            yield TeamsScene(out.api, session, url, out.clock.now, out=out, sight=sight)
        await keys.close()
