"""Microsoft, and a route behind the gate that keeps what was let in."""

import json
import logging
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from adapters.teams.authentication import Admits, ByToken
from adapters.teams.keys import SigningKeys
from adapters.web import application
from tests.adapters.teams.microsoft import APP, SERVICE, TENANT, Clock, Json, Microsoft, microsoft

CANARY = "CANARY-something-hard-has-happened"
LOUD = ("adapters", "aiohttp", "asyncio", "jwt", "bot")


def activity(**more: object) -> Json:
    """A message, with changes; None takes something out."""
    good: Json = {
        "type": "message",
        "id": "1772438400123",
        "channelId": "msteams",
        "serviceUrl": SERVICE,
        "from": {"id": "29:asa", "aadObjectId": "a5a", "name": "Åsa"},
        "conversation": {"conversationType": "personal", "tenantId": TENANT, "id": "a:1"},
        "channelData": {"tenant": {"id": TENANT}},
        "text": CANARY,
    }
    return {key: value for key, value in (good | more).items() if value is not None}


@dataclass
class Door:
    """A route of Krets behind a gate, and what came through."""

    session: aiohttp.ClientSession
    url: str = ""
    came: list[Json] = field(default_factory=list)

    async def knock(
        self,
        authorization: str | list[str] | None = None,
        body: Json | bytes | None = None,
        kind: str = "application/json",
        **headers: str,
    ) -> tuple[int, str]:
        """Send an activity; the status and the text of the answer."""
        values = [authorization] if isinstance(authorization, str) else authorization or []
        sent = [("Content-Type", kind), *(("Authorization", value) for value in values)]
        sent += [(name.replace("_", "-"), value) for name, value in headers.items()]
        given = body if isinstance(body, bytes) else json.dumps(body or activity()).encode()
        async with self.session.post(f"{self.url}/teams/messages", data=given, headers=sent) as got:
            return got.status, await got.text()


class Opened:
    """Opens doors, and closes them at the end."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session
        self._servers: list[TestServer] = []

    async def __call__(self, gate: Admits) -> Door:
        door = Door(self._session)

        async def receive(request: web.Request) -> web.Response:
            door.came.append(await gate.admit(request))
            return web.Response()

        async def ready() -> bool:
            return True

        def mount(app: web.Application) -> None:
            app.router.add_post("/teams/messages", receive)

        server = TestServer(application(ready, mount))
        await server.start_server()
        self._servers.append(server)
        door.url = f"http://127.0.0.1:{server.port}"
        return door

    async def close(self) -> None:
        for server in self._servers:
            await server.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
async def issuer() -> AsyncIterator[Microsoft]:
    async with microsoft() as server:
        yield server


@pytest.fixture
async def keys(
    issuer: Microsoft, clock: Clock, session: aiohttp.ClientSession
) -> AsyncIterator[SigningKeys]:
    keys = SigningKeys(session, clock.now, f"{issuer.url}/openid")
    yield keys
    issuer.goes.set()
    await keys.close()


@pytest.fixture
async def opened(session: aiohttp.ClientSession) -> AsyncIterator[Opened]:
    opened = Opened(session)
    yield opened
    await opened.close()


@pytest.fixture
async def door(opened: Opened, keys: SigningKeys, clock: Clock) -> Door:
    tenants = [TENANT.upper(), "another-tenant"]
    return await opened(ByToken(keys=keys, app_id=APP, tenants=tenants, real=clock.now))


@pytest.fixture
def quiet(caplog: pytest.LogCaptureFixture) -> Iterator[list[Any]]:
    """Nothing of what was sent is in any log; more that must not be there can be added."""
    caplog.set_level(logging.DEBUG)
    for name in LOUD:
        logging.getLogger(name).setLevel(logging.DEBUG)
    secrets = [CANARY]
    yield secrets
    for name in LOUD:
        logging.getLogger(name).setLevel(logging.NOTSET)
    # `caplog.records` is only of the phase that runs, and this one is after the test.
    for record in (*caplog.get_records("setup"), *caplog.get_records("call")):
        written = f"{record.getMessage()} {record.exc_text} {record.__dict__}"
        assert not any(secret in written for secret in secrets)
