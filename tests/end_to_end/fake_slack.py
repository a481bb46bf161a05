"""Our small Slack as a workspace for the story, and Krets running beside it."""

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

import aiohttp
from aiohttp.test_utils import TestServer

from adapters.playground.sample import PERSONAS, Persona
from bot.realtime import now
from tests.adapters.slack.limits import faults
from tests.adapters.slack_api import TEAM, TOKEN, SlackApi
from tests.adapters.slack_scene import MASTER_KEY, SECRET
from tests.end_to_end.beside import RealTime, running
from tests.end_to_end.site import Site
from tests.end_to_end.slack_screen import Json
from tests.end_to_end.slack_site import SlackSite, Workspace

LOCALES = {"sv": "sv-SE", "nb": "nb-NO", "en": "en-GB"}


def user_of(persona: Persona) -> str:
    """The id of somebody of the sample organisation.

    >>> user_of(PERSONAS[3])
    'U0ASANYSTROM'
    """
    return "U0" + persona.native.replace("-", "").upper()


class FakeSlack:
    """The sample organisation in our small Slack."""

    team = TEAM

    def __init__(self, api: SlackApi) -> None:
        self.api = api
        self.url = ""
        self._ids = itertools.count(1)
        self.users = {persona.native: user_of(persona) for persona in PERSONAS}
        self.names = {user_of(persona): persona.name for persona in PERSONAS}
        for persona in PERSONAS:
            locale = LOCALES[persona.language]
            api.add_user(user_of(persona), persona.name, locale=locale, tz=persona.zone)

    async def dm(self, user: str) -> str:
        return self.api.dm(user).id

    async def members(self, channel: str) -> list[str]:
        found = self.api.channels.get(channel)
        return found.members if found else []

    async def rooms(self, user: str) -> dict[str, str]:
        rooms = [one for one in self.api.channels.values() if one.id.startswith("C")]
        return {one.id: one.name for one in rooms if user in one.members}

    async def messages(self, channel: str) -> list[Json]:
        messages = self.api.channels[channel].messages
        return [message | {"ts": ts} for ts, message in messages.items()]

    async def trigger(self, user: str) -> str:
        return self.api.trigger(user)

    async def modal(self, user: str) -> Json | None:
        return (self.api.modals.pop(user, None) or [None])[-1]

    def response_url(self) -> str:
        return f"{self.url}/respond/{next(self._ids)}"

    async def said(self, url: str) -> list[Json]:
        return self.api.responses.get(url.rpartition("/")[2], [])


@asynccontextmanager
async def beside(
    workspace: Workspace,
    api_url: str,
    token: str,
    data: Path,
    start: datetime,
    made: type[SlackSite] = SlackSite,
) -> AsyncIterator[SlackSite]:
    """Krets beside a workspace, with real time that only moves when the site moves it."""
    env = {
        "KRETS_DATA_DIR": str(data),
        "KRETS_PLAYGROUND": "true",
        "KRETS_MASTER_KEYS": MASTER_KEY,
        "KRETS_SLACK_BOT_TOKEN": token,
        "KRETS_SLACK_SIGNING_SECRET": SECRET,
        "KRETS_SLACK_API_URL": api_url,
    }
    real = RealTime(now())
    async with running(env, real.now, start) as address, aiohttp.ClientSession() as session:
        krets = Site(session, address)
        yield made(workspace, krets, session, real, SECRET, data / "krets.db")


@asynccontextmanager
async def in_slack(
    data: Path, start: datetime, api: SlackApi | None = None, made: type[SlackSite] = SlackSite
) -> AsyncIterator[SlackSite]:
    """Krets beside our small Slack; whatever it shows there, Slack would take."""
    api = api or SlackApi()
    workspace = FakeSlack(api)
    async with TestServer(api.application()) as server:
        workspace.url = f"http://127.0.0.1:{server.port}"
        url = f"{workspace.url}/api"
        async with beside(workspace, url, TOKEN, data, start, made) as site:
            yield site
            assert [(faults(one), one) for one in (*shown(api), *site.answers) if faults(one)] == []


def shown(api: SlackApi) -> list[Json]:
    """Every message and view that Krets has asked Slack to show."""
    asked = [call.arguments for call in api.calls]
    views = [one["view"] for one in asked if "view" in one]
    messages = [
        {"text": one.get("text", ""), "blocks": one["blocks"]} for one in asked if "blocks" in one
    ]
    return [*views, *messages]
