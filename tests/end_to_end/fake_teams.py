"""Our small Teams as an organisation for the story, and Krets running beside it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer

from adapters.playground.sample import PERSONAS
from bot.platforms.ground import Outwards
from bot.realtime import now
from tests.adapters.teams.adaptive_card import faults
from tests.adapters.teams_api import TeamsApi
from tests.adapters.teams_people import TeamsPeople
from tests.end_to_end.beside import RealTime, running
from tests.end_to_end.site import Site
from tests.end_to_end.teams_screen import Json
from tests.end_to_end.teams_site import TeamsSite

#: What a message is, beside what it shows.
_AROUND = {"type", "id", "importance", "channelData"}
Serve = Callable[[web.Request], Awaitable[web.StreamResponse]]


class FakeTeams(TeamsApi):
    """The sample organisation, and what it has refused."""

    def __init__(self) -> None:
        super().__init__()
        self.anonymous = True
        #: Names of calls, and the status of the answer.
        self.refused: list[tuple[str, int]] = []
        for persona in PERSONAS:
            self.add_person(persona.native, persona.name)

    def _serving(self, name: str, does: Callable[[web.Request, Json], Awaitable[object]]) -> Serve:
        serve = super()._serving(name, does)

        async def watched(request: web.Request) -> web.StreamResponse:
            answer = await serve(request)
            if answer.status != 200:
                self.refused.append((name, answer.status))
            return answer

        return watched

    def shown(self) -> list[Json]:
        """Every message that Krets has asked Teams to show."""
        asked = [one.body for one in self.calls if one.name in ("send", "update", "create")]
        activities = [one.get("activity", one) for one in asked]
        return [
            {key: part for key, part in one.items() if key not in _AROUND}
            for one in activities
            if "attachments" in one
        ]


@asynccontextmanager
async def in_teams(
    data: Path, start: datetime, api: FakeTeams | None = None, made: type[TeamsSite] = TeamsSite
) -> AsyncIterator[TeamsSite]:
    """Krets beside our small Teams; whatever it shows and asks there, Teams would take.

    Real time only moves when the site moves it, or Krets waits.
    """
    api, real = api or FakeTeams(), RealTime(now())

    async def sleep(seconds: float) -> None:
        real.pass_by(seconds)

    env = {
        "KRETS_DATA_DIR": str(data),
        "KRETS_PLAYGROUND": "true",
        "KRETS_TEAMS_ANONYMOUS": "true",
    }
    async with (
        running(env, real.now, start, Outwards(sleep=sleep)) as address,
        TestServer(api.application()) as server,
        aiohttp.ClientSession() as session,
    ):
        people = TeamsPeople(api, session, address, real.now, proven=False)
        people.service = f"http://127.0.0.1:{server.port}/"
        site = made(api, people, Site(session, address), real, data / "krets.db")
        await site.fill()
        yield site
        assert api.refused == []
        shown = [*api.shown(), *site.dialogs]
        assert [(faults(one), one) for one in shown if faults(one)] == []
