"""A whole Krets that a workspace installs itself: from the page to the first command and after."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from aiohttp.test_utils import TestServer, unused_port

from adapters.slack.messenger import SlackMessenger
from adapters.slack.oauth import BACK, COOKIE, START
from adapters.slack.workspaces import OneWorkspace
from bot.realtime import now
from bot.serving import serve
from bot.settings import Settings, read_settings
from tests.adapters.slack_api import TEAM, TOKEN, App, SlackApi
from tests.adapters.slack_scene import ANNA, MASTER_KEY, SECRET, Clock, SlackScene, calling
from tests.contract.slack import read
from tests.databases import lay_out

CLIENT, TOKEN_OF_TEAM = "canary-of-the-client", "xoxb-canary-of-the-team"


@asynccontextmanager
async def running(settings: Settings, api: SlackApi, slack: str) -> AsyncIterator[SlackScene]:
    """Krets as it is started, with this Slack beside it."""
    stop = asyncio.Event()
    address: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    serving = asyncio.create_task(serve(settings, stop, address.set_result))
    await asyncio.wait([serving, address], return_when=asyncio.FIRST_COMPLETED)
    if serving.done():
        await serving
    async with (
        aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session,
        calling(TOKEN, f"{slack}/api/", now) as call,
    ):
        messenger = SlackMessenger(OneWorkspace(call), "UTC")
        yield SlackScene(api, session, await address, slack, messenger, Clock(now()), call)
    stop.set()
    await serving


async def install(scene: SlackScene) -> int:
    """Go through the pages as a browser does."""
    async with scene.session.get(scene.url + START) as got:
        assert got.status == 200
        state = got.cookies[COOKIE].value
    query = {"state": state, "code": scene.api.grant(TEAM, TOKEN_OF_TEAM)}
    headers = {"Cookie": f"{COOKIE}={state}"}
    async with scene.session.get(scene.url + BACK, params=query, headers=headers) as got:
        return got.status


async def test_a_workspace_installs_krets_and_has_it_after_a_new_start_too(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    api, here = SlackApi(), f"http://127.0.0.1:{unused_port()}"
    api.app = App("1.2", CLIENT, here + BACK)
    api.add_user(ANNA, "Anna Ek", locale="sv-SE")
    async with TestServer(api.application()) as server:
        slack = f"http://127.0.0.1:{server.port}"
        settings = read_settings(
            {
                "KRETS_DATA_DIR": str(tmp_path),
                "KRETS_PORT": here.rpartition(":")[2],
                "KRETS_BASE_URL": here,
                "KRETS_MASTER_KEYS": MASTER_KEY,
                "KRETS_SLACK_CLIENT_ID": "1.2",
                "KRETS_SLACK_CLIENT_SECRET": CLIENT,
                "KRETS_SLACK_SIGNING_SECRET": SECRET,
                "KRETS_SLACK_API_URL": f"{slack}/api",
            }
        )
        lay_out(settings.database)
        with caplog.at_level(logging.DEBUG):
            async with running(settings, api, slack) as scene:
                assert "not installed" in (await scene.command(ANNA, "")).body["text"]
                assert await install(scene) == 200
                shown = (await scene.command(ANNA, "")).body["blocks"]
                assert "grupp" in read(shown).text.casefold()
            async with running(settings, api, slack) as scene:
                assert (await scene.command(ANNA, "")).body["blocks"]
                ours = {"team_id": TEAM, "authorizations": [{"team_id": TEAM}]}
                assert (await scene.event({"type": "app_uninstalled"}, **ours)).status == 200
                assert "inte installerat" in (await scene.command(ANNA, "")).body["text"]
    calls = [one for one in api.calls if one.method != "oauth.v2.access"]
    assert {one.token for one in calls} == {TOKEN_OF_TEAM}
    stored = b"".join(one.read_bytes() for one in tmp_path.rglob("*") if one.is_file())
    logged = "".join(f"{one.getMessage()}{one.__dict__}" for one in caplog.records)
    for secret in (CLIENT, TOKEN_OF_TEAM, SECRET):
        assert secret.encode() not in stored
        assert secret not in logged
