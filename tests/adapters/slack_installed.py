"""Slack with a Krets that workspaces install themselves: the real store, and a bot that listens."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import aiohttp
from aiohttp.test_utils import TestServer

from adapters.sight import Sight
from adapters.slack.client import client, outwards
from adapters.slack.messenger import SlackMessenger
from adapters.slack.oauth import BACK, COOKIE, START, Installing
from adapters.slack.routes import SlackPlatform
from adapters.slack.workspaces import ManyWorkspaces
from adapters.web import application
from bot.app import Answer
from bot.core.decision import Nothing, Reply
from bot.core.event import Deed, Happening, Identity
from bot.core.facts import Defaults
from bot.keyring import Keyring
from bot.messenger import Profile
from bot.serving import fresh
from bot.store import Store
from bot.words import View, Words
from tests.adapters.slack_api import TOKEN, App, SlackApi
from tests.adapters.slack_scene import ANNA, BO, ROOM, SECRET, Clock, Got, SlackScene, calling
from tests.databases import lay_out

ADDRESS = "https://krets.example.org"
APP = App("123.456", "canary-of-the-client", ADDRESS + BACK)
#: Another workspace, and the tokens of both.
OTHER = "T0OTHER"
FIRST, SECOND = "xoxb-first-canary", "xoxb-second-canary"


@dataclass
class Listening:
    """A bot that keeps what it is told, and answers as told."""

    view: View
    reply: Reply = field(default_factory=Nothing)
    deeds: list[Deed] = field(default_factory=list)
    happenings: list[Happening] = field(default_factory=list)
    known: dict[Identity, Profile] = field(default_factory=dict)
    departed: list[Identity] = field(default_factory=list)
    forgotten: list[tuple[str, str]] = field(default_factory=list)

    async def handle(self, event: Deed) -> Answer:
        self.deeds.append(event)
        return Answer(self.reply, self.view)

    async def knows(self, identity: Identity) -> bool:
        return identity in self.known

    async def introduce(self, identity: Identity, profile: Profile) -> None:
        self.known[identity] = profile

    async def happened(self, event: Happening) -> None:
        self.happenings.append(event)

    async def gone(self, identity: Identity) -> None:
        self.departed.append(identity)

    async def forget(self, platform: str, tenant: str) -> None:
        self.forgotten.append((platform, tenant))


@dataclass
class Begun:
    """An installation that somebody has begun in a browser."""

    state: str
    url: str
    cookie: str
    #: The cookie with all that goes with it.
    told: str


@dataclass
class Page:
    """What a browser was shown."""

    status: int
    text: str


@dataclass
class Installable:
    """The Slack with its workspaces, Krets beside it, and the browsers of those who install."""

    slack: SlackScene
    bot: Listening
    workspaces: ManyWorkspaces
    store: Store
    directory: Path

    async def begin(self, language: str = "en") -> Begun:
        """Open the page on which it begins."""
        headers = {"Accept-Language": language}
        async with self.slack.session.get(self.slack.url + START, headers=headers) as got:
            assert got.status == 200
            text, told = await got.text(), got.headers["Set-Cookie"]
        url = text.partition('href="')[2].partition('"')[0].replace("&amp;", "&")
        state = parse_qs(urlsplit(url).query)["state"][0]
        return Begun(state, url, SimpleCookie(told)[COOKIE].value, told)

    async def back(self, cookie: str, language: str = "en", **query: str) -> Page:
        """Come back from Slack to Krets, in the browser with this cookie."""
        headers = {"Accept-Language": language} | (
            {"Cookie": f"{COOKIE}={cookie}"} if cookie else {}
        )
        async with self.slack.session.get(
            self.slack.url + BACK, params=query, headers=headers
        ) as got:
            return Page(got.status, await got.text())

    async def install(self, team: str, token: str, /, **more: object) -> Page:
        """All of it, as it is meant."""
        begun = await self.begin()
        code = self.slack.api.grant(team, token, **more)
        return await self.back(begun.cookie, state=begun.state, code=code)

    async def command(self, team: str, user: str = ANNA, /, **more: str) -> Got:
        """`/krets` in one of the workspaces."""
        return await self.slack.command(user, "", team_id=team, **more)

    async def event(self, team: str, kind: str, /, **more: object) -> Got:
        """Something comes to pass in one of the workspaces."""
        ours = [{"enterprise_id": None, "team_id": team, "user_id": "U0KRETSBOT", "is_bot": True}]
        return await self.slack.event(
            {"type": kind, "event_ts": "1.1"} | more, team_id=team, authorizations=ours
        )

    def tokens(self) -> list[str]:
        """With which token each call came that Slack has got so far, and forget them."""
        calls = [one.token for one in self.slack.api.calls]
        self.slack.api.calls.clear()
        return calls

    def rows(self) -> list[str]:
        """All that stands in the database."""
        with closing(sqlite3.connect(self.directory / "krets.db")) as database:
            return list(database.iterdump())

    def stored(self) -> bytes:
        """All that lies on the disk, the keys too."""
        files = [one for one in self.directory.rglob("*") if one.is_file()]
        return b"".join(one.read_bytes() for one in files)


@asynccontextmanager
async def installable(directory: Path, words: Words) -> AsyncIterator[Installable]:
    """Two workspaces, none of which has installed Krets yet."""
    api, clock = SlackApi(), Clock()
    api.app = APP
    for user, name in ((ANNA, "Anna Ek"), (BO, "Bo Dahl")):
        api.add_user(user, name)
        del api.users[user]["team_id"]  # they are in both
    api.add_channel(ROOM, ANNA, BO, name="room")
    database = f"sqlite:///{directory / 'krets.db'}"
    lay_out(database)
    store, keyring = Store(database), Keyring(directory / "keys")
    bot = Listening(View("en", "Europe/Stockholm", {}, {}, "", words))

    async def ready() -> bool:
        return True

    async with (
        TestServer(api.application()) as server,
        aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session,
        outwards() as out,
        calling(TOKEN, f"http://127.0.0.1:{server.port}/api/", clock.now) as call,
    ):
        slack = f"http://127.0.0.1:{server.port}"
        url = f"{slack}/api/"
        workspaces = ManyWorkspaces(
            store=store, keyring=keyring, session=out, url=url, real=clock.now
        )
        messenger = SlackMessenger(workspaces, "Europe/Oslo")
        platform = SlackPlatform(
            bot=bot,
            messenger=messenger,
            workspaces=workspaces,
            sight=Sight(store, words, Defaults("sv", "Europe/Oslo", "NO"), ""),
            secrets=[SECRET],
            real=clock.now,
        )
        installing = Installing(
            workspaces=workspaces,
            store=store,
            web=client("", url, out),
            client_id=APP.client_id,
            client_secret=APP.client_secret,
            base_url=ADDRESS,
            words=words,
            language="sv",
            real=clock.now,
            fresh=fresh,
        )
        mounts = platform.mount, installing.mount
        async with TestServer(application(ready, *mounts)) as krets:
            here = f"http://127.0.0.1:{krets.port}"
            scene = SlackScene(api, session, here, slack, messenger, clock, call)
            yield Installable(scene, bot, workspaces, store, directory)
    await store.close()
