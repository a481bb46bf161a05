"""A running Krets for each test: the real server, store, keyring, engine and clock."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio

from bot.programme import ProgrammeTime
from bot.realtime import now
from bot.serving import serve
from bot.settings import read_settings
from bot.store import Store
from tests.databases import lay_out
from tests.end_to_end.browser import BrowserSite, chromium
from tests.end_to_end.fake_slack import in_slack
from tests.end_to_end.fake_teams import in_teams
from tests.end_to_end.process import untouched_logging
from tests.end_to_end.site import Site
from tests.end_to_end.slack_site import SlackSite
from tests.end_to_end.teams_site import TeamsSite

#: A Monday in January: programme time starts here whatever the real date is.
START = datetime(2027, 1, 4, 7, 0, tzinfo=UTC)

Running = Callable[[], AbstractAsyncContextManager[Site]]


def runs_in(data: Path, **given: str) -> Running:
    """What starts Krets on this data directory, with these settings too; again after a stop."""

    @asynccontextmanager
    async def start() -> AsyncIterator[Site]:
        env = {"KRETS_DATA_DIR": str(data), "KRETS_PORT": "0", "KRETS_TIME_TRAVEL": "true"}
        settings = read_settings(env | given)
        if not settings.on_a_server and not (data / "krets.db").exists():
            lay_out(settings.database)
            store = Store(settings.database)
            await ProgrammeTime(now).set(store, START)
            await store.close()
        stop = asyncio.Event()
        address: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        serving = asyncio.create_task(serve(settings, stop, address.set_result))
        await asyncio.wait([serving, address], return_when=asyncio.FIRST_COMPLETED)
        if serving.done():
            await serving
        async with aiohttp.ClientSession() as session:
            yield Site(session, address.result())
        stop.set()
        await serving

    return start


@pytest.fixture(name="untouched_logging")
def logging_untouched() -> Iterator[None]:
    """What a command does to logging and to hooks is undone."""
    with untouched_logging():
        yield


@pytest.fixture
def running(tmp_path: Path) -> Running:
    """What starts Krets on this test's own data directory."""
    return runs_in(tmp_path / "var")


@asynccontextmanager
async def over_http(running: Running) -> AsyncIterator[Site]:
    """A running Krets with the sample organisation in it."""
    async with running() as site:
        await site.fill()
        yield site


@asynccontextmanager
async def in_chromium(running: Running) -> AsyncIterator[BrowserSite]:
    """The same in Chromium, in Swedish surroundings; the page has no fault of its own."""
    async with chromium() as browser, running() as http:
        context = await browser.new_context(locale="sv-SE", timezone_id="Europe/Stockholm")
        context.set_default_timeout(15_000)
        page = await context.new_page()
        faults: list[str] = []
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
        site = BrowserSite(page, http)
        await site.fill()
        yield site
        await context.close()
        assert faults == []


@pytest_asyncio.fixture
async def site(running: Running) -> AsyncIterator[Site]:
    """A running Krets, over HTTP."""
    async with over_http(running) as site:
        yield site


@pytest_asyncio.fixture
async def in_browser(running: Running) -> AsyncIterator[BrowserSite]:
    """A running Krets, in a browser."""
    async with in_chromium(running) as site:
        yield site


@pytest_asyncio.fixture(
    params=["http", pytest.param("browser", marks=pytest.mark.browser), "slack", "teams"]
)
async def everywhere(
    request: pytest.FixtureRequest, running: Running, tmp_path: Path
) -> AsyncIterator[Site | BrowserSite | SlackSite | TeamsSite]:
    """The same story over HTTP, in a browser, in Slack and in Teams."""
    places = {
        "http": lambda: over_http(running),
        "browser": lambda: in_chromium(running),
        "slack": lambda: in_slack(tmp_path / "var", START),
        "teams": lambda: in_teams(tmp_path / "var", START),
    }
    async with places[request.param]() as site:
        yield site
