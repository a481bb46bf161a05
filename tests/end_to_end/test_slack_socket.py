"""A whole Krets that Slack cannot call: everything comes and goes over a connection of its own."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import TestServer

from adapters.slack.messenger import SlackMessenger
from adapters.slack.workspaces import OneWorkspace
from bot.realtime import now
from bot.serving import serve
from bot.settings import read_settings
from tests.adapters.slack_api import TOKEN, SlackApi
from tests.adapters.slack_scene import (
    ANNA,
    BO,
    CIA,
    MASTER_KEY,
    POOL,
    Clock,
    SlackScene,
    calling,
    opening,
)
from tests.adapters.slack_socket import APP_TOKEN, Line, Opening, SlackSockets
from tests.contract.slack import read
from tests.databases import lay_out


@dataclass
class Site:
    """Slack, and a Krets that listens to it."""

    scene: SlackScene
    sockets: SlackSockets

    async def acts(self, line: Line, kind: str, payload: Any, **more: Any) -> dict[str, Any]:
        """Something is done in Slack, and Krets has dealt with it; what it said to that."""
        return await self.sockets.delivered(line, kind, payload, **more)


@asynccontextmanager
async def site(
    data: Path, arrange: Callable[[SlackSockets], None] = lambda _: None
) -> AsyncIterator[Site]:
    api, sockets = SlackApi(), SlackSockets()
    arrange(sockets)
    for user in (ANNA, BO, CIA, *POOL):
        api.add_user(user, user.title())
    app = api.application()
    sockets.mount(app)
    async with TestServer(app) as server, aiohttp.ClientSession() as session:
        slack = f"http://127.0.0.1:{server.port}"
        settings = read_settings(
            {
                "KRETS_DATA_DIR": str(data),
                "KRETS_PORT": "0",
                "KRETS_MASTER_KEYS": MASTER_KEY,
                "KRETS_SLACK_BOT_TOKEN": TOKEN,
                "KRETS_SLACK_APP_TOKEN": APP_TOKEN,
                "KRETS_SLACK_API_URL": f"{slack}/api",
            }
        )
        lay_out(settings.database)
        stop = asyncio.Event()
        address: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        serving = asyncio.create_task(serve(settings, stop, address.set_result))
        await asyncio.wait([serving, address], return_when=asyncio.FIRST_COMPLETED)
        if serving.done():
            await serving
        async with calling(TOKEN, f"{slack}/api/", now) as call:
            messenger = SlackMessenger(OneWorkspace(call), "UTC")
            scene = SlackScene(api, session, await address, slack, messenger, Clock(now()), call)
            yield Site(scene, sockets)
        stop.set()
        await serving


@pytest.fixture
async def open_site(tmp_path: Path) -> AsyncIterator[Site]:
    async with site(tmp_path) as one:
        yield one


async def a_filled_form(site: Site, line: Line) -> dict[str, Any]:
    """What Slack sends when Anna has filled in how a group is opened."""
    scene = site.scene
    told = await site.acts(line, "slash_commands", scene.command_of(ANNA, "open"))
    assert set(told) == {"envelope_id"}, "the form is opened by a call"
    form = scene.api.modals[ANNA][-1]
    answers = opening(form, "Eken")
    return scene.submitted(ANNA, form, answers)


async def test_a_group_is_opened_and_a_leader_asked_over_the_connection(open_site: Site) -> None:
    scene, line = open_site.scene, await open_site.sockets.line()
    filled = await a_filled_form(open_site, line)
    told = await open_site.acts(line, "interactive", filled)
    assert told.get("payload", {}).get("response_action") != "errors"
    await scene.api.until(lambda: scene.api.dm(BO).messages)
    ((ts, before),) = scene.api.dm(BO).messages.items()
    yes = read(before["blocks"]).buttons[0][1]
    await open_site.acts(line, "interactive", scene.pressed(BO, yes))
    await scene.api.until(lambda: scene.api.dm(BO).messages[ts] != before)


async def test_errors_come_back_with_the_acknowledgement(open_site: Site) -> None:
    line = await open_site.sockets.line()
    filled = await a_filled_form(open_site, line)
    filled["view"]["state"]["values"]["name"]["text"]["value"] = ""
    told = await open_site.acts(line, "interactive", filled)
    assert told["payload"]["response_action"] == "errors"
    assert set(told["payload"]["errors"]) == {"name"}


async def test_what_is_delivered_again_changes_nothing_on_any_connection(open_site: Site) -> None:
    scene, first = open_site.scene, await open_site.sockets.line()
    filled = await a_filled_form(open_site, first)
    await open_site.acts(first, "interactive", filled, envelope_id="E-once")
    told_people = [scene.api.dm(user).messages for user in (ANNA, BO, CIA)]
    await scene.api.until(lambda: all(told_people))
    await open_site.sockets.disconnect(first, "refresh_requested")
    second = await open_site.sockets.line(1)
    told = await open_site.acts(second, "interactive", filled, envelope_id="E-once")
    assert told["envelope_id"] == "E-once"
    opened = {"type": "app_home_opened", "tab": "home", "user": BO}
    home = scene.envelope(opened | {"channel": scene.api.dm(BO).id})
    await open_site.acts(second, "events_api", home)
    assert str(scene.api.homes[BO]["blocks"]).count("Eken") == 1
    assert list(map(len, told_people)) == [1, 1, 1]


async def test_without_a_connection_everything_else_runs(tmp_path: Path) -> None:
    def arrange(sockets: SlackSockets) -> None:
        sockets.instead = [Opening({"ok": False, "error": "invalid_auth"})] * 1_000

    async with site(tmp_path, arrange) as one:
        await one.sockets.until(lambda: one.sockets.asked)
        async with one.scene.session.get(f"{one.scene.url}/readyz") as got:
            assert got.status == 200
        assert one.sockets.lines == []


async def test_without_a_signing_secret_there_is_nothing_to_post_to(open_site: Site) -> None:
    assert (await open_site.scene.command(ANNA, "open")).status == 404
