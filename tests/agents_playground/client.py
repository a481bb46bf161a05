"""Microsoft 365 Agents Playground beside Krets: the client itself, and what passes between them.

It holds six people: one sits at the page, five are there to be named. Between it and Krets stands a
relay in each direction, for its own record leaves out what Krets has answered with an error; and
for people whom it does not hold, the relay answers itself.
"""

import asyncio
import itertools
import json
import os
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import quote

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer

from adapters.teams.routes import PATH
from tests.adapters.teams.microsoft import TENANT

Json: TypeAlias = dict[str, Any]
#: Seconds until the client must listen.
PATIENCE = 30
_COMMAND = "node_modules/@microsoft/m365agentsplayground/cli.js"
BOT = {"id": "28:krets", "name": "Krets"}
PERSONAL, GROUP, TEAM, CHANNEL = "a:mats", "19:tisdag@thread.v2", "19:chefer@thread.tacv2", "19:k"
GROUP_NAME, CHANNEL_NAME = "Tisdagsgruppen", "Handledning"
#: The chat of whoever is at no client.
ELSEWHERE = "a:elsewhere-"


@dataclass(frozen=True)
class Somebody:
    """A person of the organisation."""

    number: int
    name: str

    @property
    def native(self) -> str:
        return f"00000000-0000-4000-8000-{self.number:012}"

    @property
    def account(self) -> str:
        return f"user-{self.number}"

    def listed(self) -> Json:
        """As a roster has them."""
        first, _, last = self.name.partition(" ")
        mail = f"{self.account}@example.org"
        # The client asks for the name under this name.
        names = {"givenName": first, "surname": last, "userPrincipleName": mail, "email": mail}
        return {"id": self.account, "name": self.name, "aadObjectId": self.native} | names


@dataclass
class Passed:
    """What was asked, and how it was answered."""

    what: str
    body: Json
    status: int
    answer: Json


class Relay:
    """Hands on what each side asks of the other, and keeps it; `people` sit at no page."""

    def __init__(
        self, session: aiohttp.ClientSession, krets: str, client: str, people: Sequence[Somebody]
    ) -> None:
        self._session = session
        self._people = people
        self._krets = krets
        self._client = client
        self.to_krets: list[Passed] = []
        self.to_client: list[Passed] = []
        self._ids = itertools.count(1)
        self._passed = asyncio.Condition()

    async def until(self, true: Callable[[], object]) -> None:
        """Return when this has become true by something that has passed."""
        async with asyncio.timeout(PATIENCE), self._passed:
            await self._passed.wait_for(true)

    async def _keep(self, kept: list[Passed], passed: Passed) -> None:
        async with self._passed:
            kept.append(passed)
            self._passed.notify_all()

    def application(self) -> web.Application:
        app = web.Application(client_max_size=1024 * 1024)
        app.router.add_post("/krets", self._in)
        app.router.add_route("*", "/client/{path:.*}", self._out)
        return app

    async def bring(self, activity: Json) -> Json:
        """Bring an activity to Krets; what it answers."""
        async with self._session.post(f"{self._krets}{PATH}", json=activity) as got:
            text = await got.text()
            answer: Json = json.loads(text) if text else {}
            what = f"{activity['type']} {activity.get('name', '')}".strip()
            await self._keep(self.to_krets, Passed(what, activity, got.status, answer))
            return answer

    async def _in(self, request: web.Request) -> web.Response:
        answer = await self.bring(await request.json())
        status = self.to_krets[-1].status
        return web.json_response(answer, status=status) if answer else web.Response(status=status)

    async def _out(self, request: web.Request) -> web.Response:
        path = request.raw_path.removeprefix("/client")
        body = await request.json() if request.can_read_body else {}
        if request.method == "DELETE":
            status, answer = 200, {}  # the client can take no message away
        elif ELSEWHERE in request.path:
            status, answer = 200, self._elsewhere(request)
        else:
            status, text = await self._ask(request.method, path, body)
            answer = json.loads(text) if text.startswith("{") else {}
        passed = Passed(f"{request.method} {path}", body, status, answer)
        await self._keep(self.to_client, passed)
        return web.json_response(answer, status=status)

    async def _ask(self, method: str, path: str, body: Json) -> tuple[int, str]:
        """Teams knows people by both of their ids; the client by its own alone.

        Of the one at the page Krets has been told that id.
        """
        known = {one.native: one.account for one in self._people}
        for native, account in known.items():
            path = path.replace(f"/members/{native}", f"/members/{account}")
        if "members" in body:
            body = body | {"members": [{"id": known[one["id"]]} for one in body["members"]]}
        url = f"{self._client}{path}"
        async with self._session.request(method, url, json=body or None) as got:
            return got.status, await got.text()

    def _elsewhere(self, request: web.Request) -> Json:
        """What Teams tells of a person of whom the client knows nothing."""
        if request.method != "GET":
            return {"id": f"elsewhere-{next(self._ids)}"}
        number = int(request.path.rpartition("-")[2])
        return Somebody(number, "Karin Lund").listed()

    def sent(self, words: str, where: str = "") -> list[Passed]:
        """What Krets has asked to be shown in a conversation that has these words in it."""
        return [
            one
            for one in self.to_client
            if quote(where, safe="") in one.what and words in _text(one.body)
        ]


def _text(body: Json) -> str:
    """All of it, also what the buttons carry, without the signs that this takes."""
    return json.dumps(body, ensure_ascii=False).replace("\\", "")


def config(people: Sequence[Somebody]) -> Json:
    """What the client is told: the first is at the page; it wants five others, no more, no less."""
    me, *others = (one.listed() for one in people)
    assert len(others) == 5
    return {
        "version": "0.1.1",
        "tenantId": TENANT,
        "bot": BOT,
        "currentUser": me,
        "users": others,
        "personalChat": {"id": PERSONAL},
        "groupChat": {"id": GROUP, "name": GROUP_NAME},
        "team": {
            "id": TEAM,
            "name": "Chefer",
            "aadGroupId": "00000000-0000-4000-8000-000000000099",
            "channels": [{"id": CHANNEL, "name": CHANNEL_NAME}],
        },
    }


@dataclass
class Client:
    """The client while it runs."""

    address: str
    service: str
    relay: Relay


@asynccontextmanager
async def agents_playground(
    folder: Path, krets: str, people: Sequence[Somebody]
) -> AsyncIterator[Client]:
    """The client that is installed in this folder, until the end."""
    port = _free()
    address = f"http://127.0.0.1:{port}"
    (folder / "config.yml").write_text(json.dumps(config(people)))  # JSON is YAML
    async with aiohttp.ClientSession() as session:
        relay = Relay(session, krets, address, people[1:])
        async with TestServer(relay.application()) as server:
            between = f"http://127.0.0.1:{server.port}"
            service = f"{between}/client/_connector"
            process = await asyncio.create_subprocess_exec(
                *("node", _COMMAND, "-e", f"{between}/krets", "-c", "msteams", "-p", str(port)),
                *("--service-url", service, "--disable-telemetry"),
                cwd=folder,
                env=os.environ
                | {
                    "TEAMSAPPTESTER_BROWSER": "none",
                    "M365_AGENTS_PLAYGROUND_CONFIG_PATH": str(folder / "config.yml"),
                },
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
            )
            try:
                await _listens(process, port)
                yield Client(address, service, relay)
            finally:
                process.terminate()
                await process.wait()


async def _listens(process: asyncio.subprocess.Process, port: int) -> None:
    """Wait until it does; if the port was taken meanwhile it has chosen another."""
    assert process.stdout is not None
    async with asyncio.timeout(PATIENCE):
        while line := (await process.stdout.readline()).decode():
            if "Listening on" in line:
                assert str(port) in line, line
                return
    raise AssertionError("the client has ended")


def _free() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port
