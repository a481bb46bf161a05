"""A whole Krets beside a Slack: from a command to the message of somebody else."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

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
    SECRET,
    Clock,
    SlackScene,
    calling,
    opening,
)
from tests.contract.platform import Seen
from tests.contract.slack import read
from tests.databases import lay_out


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[SlackScene]:
    api = SlackApi()
    api.add_user(ANNA, "Anna Ek", locale="sv-SE")
    for user in (CIA, *POOL):
        api.add_user(user, user.title())
    api.add_user(BO, "Bo Dahl", locale="nb-NO", tz="Europe/Oslo")
    async with TestServer(api.application()) as server, aiohttp.ClientSession() as session:
        slack = f"http://127.0.0.1:{server.port}"
        settings = read_settings(
            {
                "KRETS_DATA_DIR": str(tmp_path),
                "KRETS_PORT": "0",
                "KRETS_MASTER_KEYS": MASTER_KEY,
                "KRETS_SLACK_BOT_TOKEN": TOKEN,
                "KRETS_SLACK_SIGNING_SECRET": f"another,{SECRET}",
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
            yield SlackScene(api, session, await address, slack, messenger, Clock(now()), call)
        stop.set()
        await serving


async def until_told(scene: SlackScene, user: str) -> Seen:
    """What somebody's chat with Krets shows, once there is something."""
    await scene.api.until(lambda: scene.api.dm(user).messages)
    messages = scene.api.dm(user).messages.values()
    return read([block for one in messages for block in one["blocks"]])


async def open_group(scene: SlackScene) -> None:
    """Anna opens a group, to be led by Bo and Cia."""
    assert (await scene.command(ANNA, "öppna")).status == 200
    form = scene.api.modals[ANNA][-1]
    assert form["callback_id"] == "form"
    answers = opening(form, "Eken")
    got = await scene.interact(scene.submitted(ANNA, form, answers))
    assert got.status == 200
    assert got.body.get("response_action") != "errors", got.body


async def test_a_command_shows_home_in_the_language_of_the_person(scene: SlackScene) -> None:
    got = await scene.command(ANNA, "")
    assert got.body["response_type"] == "ephemeral"
    seen = read(got.body["blocks"])
    assert "grupp" in seen.text.casefold()


async def test_the_browser_platform_is_not_there(scene: SlackScene) -> None:
    async with scene.session.get(f"{scene.url}/") as got:
        assert got.status == 404
    async with scene.session.get(f"{scene.url}/readyz") as got:
        assert got.status == 200


async def test_who_is_to_lead_is_asked_in_their_own_chat_and_answers(scene: SlackScene) -> None:
    await open_group(scene)
    asked = await until_told(scene, BO)
    assert "gruppe" in asked.text.casefold(), "in their own language, before their first word"
    ((ts, before),) = scene.api.dm(BO).messages.items()
    yes = asked.buttons[0][1]
    got = await scene.interact(scene.pressed(BO, yes))
    assert got.status == 200
    await scene.api.until(lambda: scene.api.dm(BO).messages[ts] != before)
    after = read(scene.api.dm(BO).messages[ts]["blocks"])
    assert after.buttons != asked.buttons, "edited in its place"
