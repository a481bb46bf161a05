"""Vercel Labs' emulator of Slack as a workspace for the story: its Web API, and what Krets asked.

Between Krets and the emulator stands a relay, for the emulator knows less than Slack does: it
reads arguments from the body of a POST alone, knows nobody's language and time zone, lets a token
make 5 000 calls an hour, and has no address for answers to what somebody has done.
"""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer

from adapters.playground.sample import BY_NATIVE, PERSONAS
from adapters.slack.manifest import scopes
from tests.adapters.slack_scene import SECRET
from tests.end_to_end.fake_slack import LOCALES
from tests.end_to_end.slack_screen import Json

TOKEN, BOT = "xoxb-krets", "U0KRETSBOT"
#: Tokens of the same bot, and after how many calls the next one is taken.
TOKENS, LAP = [f"{TOKEN}-{number}" for number in range(8)], 4_000
#: Seconds until the emulator must have said its address.
PATIENCE = 30


def seed() -> Json:
    """The sample organisation, with Krets installed in it."""
    app = {
        "app_id": "A0KRETS",
        "client_id": "1.2",
        "client_secret": "none",
        "name": "Krets",
        "bot_id": "B0KRETS",
        "bot_user_id": BOT,
        "bot_name": "krets",
        "redirect_uris": [],
        "scopes": list(scopes()),
    }
    token = {"type": "bot", "user_id": BOT, "bot_user_id": BOT, "scopes": list(scopes())}
    ours = {key: app[key] for key in ("app_id", "bot_id", "client_id")}
    return {
        "team": {"name": "Krets", "domain": "krets"},
        "signing_secret": SECRET,
        "users": [{"name": one.native, "real_name": one.name} for one in PERSONAS],
        "channels": [],
        "oauth_apps": [app],
        "tokens": [{"token": one} | token | ours for one in TOKENS]
        # Somebody who sees to the tests' own questions, with all that the emulator gives.
        + [{"token": "xoxb-test", "type": "bot", "user_id": BOT, "bot_user_id": BOT} | ours],
    }


@dataclass
class Call:
    """One call of Krets', and what became of it."""

    method: str
    arguments: Json
    status: int
    answer: Json


class Emulator:
    """The sample organisation in the emulator."""

    def __init__(self, session: aiohttp.ClientSession, address: str) -> None:
        self._session = session
        self._address = address
        self.url = ""
        self.team = ""
        self.users: dict[str, str] = {}
        self.names: dict[str, str] = {}
        self.calls: list[Call] = []
        self._natives: dict[str, str] = {}
        self._dms: dict[str, str] = {}
        self._triggers: dict[str, str] = {}
        self._modals: dict[str, list[Json]] = {}
        self._said: dict[str, list[Json]] = {}
        self._ids = itertools.count(1)

    async def meet(self) -> None:
        """Look up who is there; ids are new at each start."""
        self.team = (await self._ask("auth.test"))["team_id"]
        for member in (await self._ask("users.list", limit="200"))["members"]:
            persona = BY_NATIVE.get(member["name"])
            if persona is not None:
                self.users[persona.native] = member["id"]
                self.names[member["id"]] = persona.name
                self._natives[member["id"]] = persona.native

    def application(self) -> web.Application:
        """The relay."""
        app = web.Application()
        app.router.add_route("*", "/api/{method}", self._relay)
        app.router.add_post("/respond/{id}", self._respond)
        return app

    # --- what a person's app and the story ask --------------------------------------------------

    async def dm(self, user: str) -> str:
        if user not in self._dms:
            self._dms[user] = (await self._ask("conversations.open", users=user))["channel"]["id"]
        return self._dms[user]

    async def members(self, channel: str) -> list[str]:
        found: list[str] = (await self._ask("conversations.members", channel=channel))["members"]
        return found

    async def rooms(self, user: str) -> dict[str, str]:
        listed = await self._ask("conversations.list", types="private_channel", limit="200")
        rooms = {one["id"]: one["name"] for one in listed["channels"]}
        return {id: name for id, name in rooms.items() if user in await self.members(id)}

    async def messages(self, channel: str) -> list[Json]:
        history = await self._ask("conversations.history", channel=channel, limit="200")
        return list(reversed(history["messages"]))

    async def trigger(self, user: str) -> str:
        made = await self._ask("views.generateTriggerId", user_id=user)
        self._triggers[made["trigger_id"]] = user
        return str(made["trigger_id"])

    async def modal(self, user: str) -> Json | None:
        return (self._modals.pop(user, None) or [None])[-1]

    def response_url(self) -> str:
        return f"{self.url}/respond/{next(self._ids)}"

    async def said(self, url: str) -> list[Json]:
        return self._said.get(url.rpartition("/")[2], [])

    # --- the relay ------------------------------------------------------------------------------

    async def _relay(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        if request.content_type == "application/json":
            arguments = await request.json()
        else:
            arguments = dict(request.query) | dict(await request.post())
        known = request.headers.get("Authorization") == f"Bearer {TOKEN}"
        token = TOKENS[len(self.calls) // LAP] if known else "none"
        status, answer = await self._post(method, arguments, token)
        if method == "users.info" and answer["ok"]:
            persona = BY_NATIVE[self._natives[answer["user"]["id"]]]
            answer["user"] |= {"locale": LOCALES[persona.language], "tz": persona.zone}
        if method in ("views.open", "views.push") and answer["ok"]:
            user = self._triggers[arguments["trigger_id"]]
            self._modals.setdefault(user, []).append(answer["view"])
        self.calls.append(Call(method, arguments, status, answer))
        return web.json_response(answer, status=status)

    async def _respond(self, request: web.Request) -> web.Response:
        self._said.setdefault(request.match_info["id"], []).append(await request.json())
        return web.Response(text="ok")

    async def _ask(self, method: str, **arguments: str) -> Json:
        _, answer = await self._post(method, arguments, "xoxb-test")
        assert answer["ok"], (method, answer)
        return answer

    async def _post(self, method: str, arguments: Json, token: str) -> tuple[int, Any]:
        form = {
            key: value if isinstance(value, str) else json.dumps(value)
            for key, value in arguments.items()
        }
        headers = {"Authorization": f"Bearer {token}"}
        url = f"{self._address}/api/{method}"
        async with self._session.post(url, data=form, headers=headers) as got:
            return got.status, await got.json()


@asynccontextmanager
async def emulator(folder: Path, node: str) -> AsyncIterator[Emulator]:
    """The emulator that is installed in this folder, until the end."""
    (folder / "seed.json").write_text(json.dumps(seed()))
    process = await asyncio.create_subprocess_exec(
        node, "start.mjs", "0", "seed.json", cwd=folder, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(PATIENCE):
            said = (await process.stdout.readline()).decode().strip()
        address = said.replace("localhost", "127.0.0.1")
        async with aiohttp.ClientSession() as session:
            slack = Emulator(session, address)
            await slack.meet()
            async with TestServer(slack.application()) as relay:
                slack.url = f"http://127.0.0.1:{relay.port}"
                yield slack
    finally:
        process.terminate()
        await process.wait()
