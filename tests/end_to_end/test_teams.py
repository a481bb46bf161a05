"""A whole Krets beside a Teams: from a command to the message of somebody else."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from cryptography.hazmat.primitives.asymmetric import rsa

from adapters.teams.connector import outwards
from bot.core.action import ChooseLanguage, pack
from bot.platforms.ground import Outwards
from bot.realtime import now
from bot.serving import serve
from bot.settings import read_settings
from tests.adapters.slack_api import TOKEN, SlackApi
from tests.adapters.slack_scene import MASTER_KEY, SECRET, Clock, SlackScene
from tests.adapters.teams.adaptive_card import card_of
from tests.adapters.teams.microsoft import APP, TENANT
from tests.adapters.teams_api import SECRET as PASSWORD
from tests.adapters.teams_api import Fault, TeamsApi, teams_api
from tests.adapters.teams_names import self_signed
from tests.adapters.teams_people import Got, Json, TeamsPeople, sends
from tests.adapters.teams_scene import ANNA, BO, CHANNEL, CHAT, TEAM
from tests.contract.platform import Seen
from tests.contract.teams import read
from tests.databases import lay_out

CIA = "cccccccc-3333-4333-8333-333333333333"
POOL = [f"{number:08}-4444-4444-8444-444444444444" for number in range(1, 13)]
TEAMS = {
    "KRETS_TEAMS_APP_ID": APP,
    "KRETS_TEAMS_APP_PASSWORD": f"another, {PASSWORD}",
    "KRETS_TEAMS_TENANT_ID": TENANT,
    "KRETS_MASTER_KEYS": MASTER_KEY,
}


class Stalling(TeamsApi):
    """A Microsoft of which some of it does not answer for now."""

    def __init__(self) -> None:
        super().__init__()
        self.goes = asyncio.Event()
        self.goes.set()

    async def _metadata(self, request: web.Request) -> web.Response:
        await self.goes.wait()
        return await super()._metadata(request)


@asynccontextmanager
async def krets(data: Path, api: TeamsApi, **more: str) -> AsyncIterator[str]:
    """Krets running beside it; its address."""
    env = {"KRETS_DATA_DIR": str(data), "KRETS_PORT": "0", "KRETS_COUNTRY": "NO"}
    settings = read_settings(env | TEAMS | more)
    lay_out(settings.database)
    stop = asyncio.Event()
    address: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    out = Outwards(microsoft=lambda: outwards(connector=api.connector()))
    serving = asyncio.create_task(serve(settings, stop, address.set_result, outwards=out))
    await asyncio.wait([serving, address], return_when=asyncio.FIRST_COMPLETED)
    if serving.done():
        await serving
    yield await address
    stop.set()
    await serving


def people(api: TeamsApi) -> None:
    for id, name in ((ANNA, "Anna Ek"), (BO, "Bo Dahl"), (CIA, "Cia Moe")):
        api.add_person(id, name)
    for id in POOL:
        api.add_person(id, f"Person {id[:8]}")
    api.add_chat(CHAT, ANNA, BO, CIA)
    api.add_team(TEAM, ANNA, BO, CIA)
    api.add_channel(CHANNEL, TEAM)


@pytest.fixture
async def teams(tmp_path: Path) -> AsyncIterator[TeamsPeople]:
    async with (
        teams_api() as api,
        krets(tmp_path, api) as address,
        aiohttp.ClientSession() as session,
    ):
        people(api)
        yield TeamsPeople(api, session, address, now, locale="sv-SE")


async def until_told(teams: TeamsPeople, user: str, number: int = 1) -> Seen:
    """What somebody's chat with Krets shows, once there is so much."""
    await teams.api.until(lambda: len(teams.own(user)) >= number)
    return read([card_of(one) for one in teams.own(user)])


async def opening(teams: TeamsPeople) -> Json:
    """The dialog in which Anna opens a group, behind the button that a command has brought."""
    assert await teams.write(ANNA, "öppna") == Got(200, "")
    told = await until_told(teams, ANNA)
    ((label, packed),) = told.buttons
    assert label == "Öppna en grupp"
    return (await teams.fetch(ANNA, packed)).body


async def open_group(teams: TeamsPeople) -> Got:
    """Anna opens a group, to be led by Bo and Cia."""
    dialog = await opening(teams)
    answers: dict[str, object] = {
        "name": "Eken",
        "date": (now() + timedelta(days=30)).date().isoformat(),
        "leaders": [BO, CIA],
        "pool": POOL,
        "working_time": True,
        "informed": True,
    }
    for one in card_of(dialog)["body"]:
        if one["type"] == "Input.ChoiceSet" and "value" not in one and one["id"] not in answers:
            answers[one["id"]] = one["choices"][0]["value"]
    return await teams.submit(ANNA, dialog, answers)


async def test_a_command_shows_home_in_the_language_of_the_person(teams: TeamsPeople) -> None:
    assert await teams.write(ANNA, "hem") == Got(200, "")
    told = await until_told(teams, ANNA)
    assert "Språk" in [label for label, _ in told.buttons]


async def test_the_browser_platform_is_not_there(teams: TeamsPeople) -> None:
    async with teams.session.get(f"{teams.url}/") as got:
        assert got.status == 404
    async with teams.session.get(f"{teams.url}/readyz") as got:
        assert got.status == 200


async def test_who_is_to_lead_is_asked_in_their_own_chat_and_answers(teams: TeamsPeople) -> None:
    done = await open_group(teams)
    assert done.status == 200
    assert sends(card_of(done.body)) is None, "nothing is wrong with it"
    asked = await until_told(teams, BO)
    (before,) = teams.own(BO)
    (message,) = teams.api.chat(BO).messages
    yes = asked.buttons[0][1]
    teams.locale = "nb-NO"
    got = await teams.press(BO, yes, message=message)
    assert got.body["value"].startswith("Takk. Du leder gruppen.")
    await teams.api.until(lambda: teams.own(BO) != [before])
    (after,) = teams.own(BO)
    assert read([card_of(after)]).buttons != asked.buttons, "edited in its place"


async def test_what_is_wrong_with_a_form_is_said_in_it_and_nothing_typed_is_lost(
    teams: TeamsPeople,
) -> None:
    dialog = await opening(teams)
    again = (await teams.submit(ANNA, dialog, {"name": "Eken", "place": "Rum 4"})).body
    fields = {one["id"]: one for one in card_of(again)["body"] if "id" in one}
    assert (fields["name"]["value"], fields["place"]["value"]) == ("Eken", "Rum 4")
    assert "Ange ett datum" in str(again)


async def test_krets_greets_the_room_into_which_it_is_brought_and_only_once(
    teams: TeamsPeople,
) -> None:
    for where in (CHAT, CHANNEL):
        installed = teams.by(ANNA, where) | {"type": "installationUpdate", "action": "add"}
        for _ in range(2):
            assert await teams.post(installed) == Got(200, "")
        assert len(teams.api.messages(where)) == 1
    assert teams.own(ANNA) == []


async def test_a_bot_of_many_organisations_proves_itself_by_a_certificate(tmp_path: Path) -> None:
    pem = tmp_path / "bot.pem"
    pem.write_bytes(self_signed(rsa.generate_private_key(public_exponent=65537, key_size=2048)))
    more = {
        "KRETS_TEAMS_APP_TYPE": "MultiTenant",
        "KRETS_TEAMS_APP_PASSWORD": "",
        "KRETS_TEAMS_TENANT_ID": "",
        "KRETS_TEAMS_ALLOWED_TENANTS": TENANT,
        "KRETS_TEAMS_CERTIFICATE": str(pem),
    }
    async with (
        teams_api() as api,
        krets(tmp_path, api, **more) as address,
        aiohttp.ClientSession() as session,
    ):
        people(api)
        teams = TeamsPeople(api, session, address, now)
        assert await teams.write(ANNA, "hem") == Got(200, "")
        assert len(teams.own(ANNA)) == 1
        (asked,) = api.called("token")
        assert asked.path.startswith("/botframework.com/")
        assert asked.body["client_assertion"]


# --- if Microsoft does not answer ---------------------------------------------------------------


@pytest.mark.parametrize("stalled", ["keys", "tokens"])
async def test_slack_is_answered_while_microsoft_answers_nobody(
    tmp_path: Path, stalled: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("admission.PATIENCE", "teams.keys._PATIENCE", "teams.replies._PATIENCE"):
        monkeypatch.setattr(f"adapters.{name}", 60.0)
    monkeypatch.setattr("adapters.teams.credentials._PATIENCE", timedelta(minutes=1))
    slack = SlackApi()
    slack.add_user("U0ANNA", "Anna Ek")
    monkeypatch.setattr("tests.adapters.teams_api.TeamsApi", Stalling)
    async with (
        teams_api() as api,
        TestServer(slack.application()) as server,
        aiohttp.ClientSession() as session,
    ):
        assert isinstance(api, Stalling)
        people(api)
        url = f"http://127.0.0.1:{server.port}"
        more = {
            "KRETS_SLACK_BOT_TOKEN": TOKEN,
            "KRETS_SLACK_SIGNING_SECRET": SECRET,
            "KRETS_SLACK_API_URL": f"{url}/api/",
        }
        async with krets(tmp_path, api, **more) as address:
            teams = TeamsPeople(api, session, address, now)
            in_slack = SlackScene(slack, session, address, url, None, Clock(now()), None)
            if stalled == "keys":
                api.goes.clear()
            else:
                api.fail("token", Fault(late=(goes := asyncio.Event())))
                api.goes = goes
            waiting = [
                asyncio.create_task(teams.fetch(user, pack(ChooseLanguage())))
                for user in (ANNA, BO, CIA, POOL[0])
            ]
            for _ in range(10):
                assert (await in_slack.command("U0ANNA", "")).status == 200
            assert not any(one.done() for one in waiting)
            api.goes.set()
            for got in await asyncio.gather(*waiting):
                assert sends(card_of(got.body)), "the form has opened"
