"""Installing Krets from a browser: once, soon, in the same browser, and no secret is seen."""

import asyncio
import logging
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from adapters.slack.manifest import scopes
from adapters.slack.oauth import BACK, COOKIE, START
from bot.store.tables import InstallationRow
from bot.words import Words
from tests.adapters.slack_api import TEAM, Fault
from tests.adapters.slack_installed import (
    ADDRESS,
    APP,
    FIRST,
    OTHER,
    SECOND,
    Installable,
    Page,
    installable,
)

GRID = {"id": "E0GRID", "name": "An organisation"}


@pytest.fixture
async def krets(tmp_path: Path, words: Words) -> AsyncIterator[Installable]:
    async with installable(tmp_path, words) as krets:
        yield krets


async def row(krets: Installable, tenant: str = TEAM) -> InstallationRow | None:
    return await krets.store.run(lambda unit: unit.installations.find("slack", tenant))


async def nothing_is_stored(krets: Installable, page: Page, words: str) -> None:
    assert page.status == 400
    assert words in page.text
    assert await row(krets) is None
    assert FIRST.encode() not in krets.stored()


# --- as it is meant -----------------------------------------------------------------------------


async def test_the_page_leads_to_slack_with_the_scopes_of_the_ledger(krets: Installable) -> None:
    begun = await krets.begin()
    asked = parse_qs(urlsplit(begun.url).query)
    assert begun.url.startswith(f"{krets.slack.api_url}/oauth/v2/authorize?")
    assert asked["client_id"] == [APP.client_id]
    assert asked["scope"] == [",".join(scopes())]
    assert asked["redirect_uri"] == [ADDRESS + BACK]
    assert "user_scope" not in asked


async def test_the_cookie_is_for_this_host_and_no_script(krets: Installable) -> None:
    begun = await krets.begin()
    assert COOKIE.startswith("__Host-")
    assert begun.cookie == begun.state
    attributes = {one.strip() for one in begun.told.split(";")[1:]}
    assert attributes == {"HttpOnly", "Max-Age=600", "Path=/", "SameSite=Lax", "Secure"}
    assert begun.state.encode() not in krets.stored(), "only its hash is kept"


async def test_an_installation_is_kept_with_its_token_sealed(krets: Installable) -> None:
    page = await krets.install(TEAM, FIRST)
    assert page.status == 200
    assert "Write /krets in Slack to begin." in page.text
    kept = await row(krets)
    assert kept is not None
    assert (kept.team, kept.enterprise, kept.bot_user) == (TEAM, "", "U0KRETSBOT")
    assert (kept.scopes, kept.removed_at) == ("chat:write,commands", None)
    assert FIRST.encode() not in krets.stored()


async def test_installing_again_replaces_the_token_and_nothing_else(krets: Installable) -> None:
    await krets.install(TEAM, FIRST)
    krets.slack.api.revoked.add(FIRST)
    krets.slack.clock.pass_by(3600)
    await krets.install(TEAM, SECOND)
    krets.tokens()
    assert (await krets.command(TEAM)).status == 200
    assert set(krets.tokens()) == {SECOND}
    assert krets.bot.forgotten == []


async def test_a_whole_organisation_is_one_installation(krets: Installable) -> None:
    page = await krets.install(TEAM, FIRST, team=None, enterprise=GRID, is_enterprise_install=True)
    assert page.status == 200
    kept = await row(krets, "E0GRID")
    assert kept is not None
    assert (kept.team, kept.enterprise) == ("", "E0GRID")


@pytest.mark.parametrize(
    ("language", "label"),
    [
        ("sv-SE,en;q=0.5", "Lägg till i Slack"),
        ("nn", "Legg til i Slack"),
        ("en-US,sv;q=0.9", "Add to Slack"),
        ("fi", "Lägg till i Slack"),
        ("q=;;,;q=9,\t", "Lägg till i Slack"),
    ],
)
async def test_the_page_speaks_the_language_of_the_browser(
    krets: Installable, language: str, label: str
) -> None:
    headers = {"Accept-Language": language}
    async with krets.slack.session.get(krets.slack.url + START, headers=headers) as got:
        assert label in await got.text()


# --- what goes otherwise ------------------------------------------------------------------------


async def test_who_cancels_in_slack_is_told_so(krets: Installable) -> None:
    begun = await krets.begin()
    page = await krets.back(begun.cookie, "nb", state=begun.state, error="access_denied")
    await nothing_is_stored(krets, page, "Installasjonen ble avbrutt i Slack")


async def test_a_state_ends_after_ten_minutes(krets: Installable) -> None:
    begun, code = await krets.begin(), krets.slack.api.grant(TEAM, FIRST)
    krets.slack.clock.pass_by(600)
    page = await krets.back(begun.cookie, state=begun.state, code=code)
    await nothing_is_stored(krets, page, "older than ten minutes")
    assert krets.slack.api.called("oauth.v2.access") == []


@pytest.mark.parametrize("cookie", ["", "another", "\xe5"])
async def test_another_browser_finishes_nothing_and_uses_nothing_up(
    krets: Installable, cookie: str
) -> None:
    begun, code = await krets.begin(), krets.slack.api.grant(TEAM, FIRST)
    page = await krets.back(cookie, state=begun.state, code=code)
    await nothing_is_stored(krets, page, "another browser")
    assert (await krets.back(begun.cookie, state=begun.state, code=code)).status == 200


async def test_a_state_that_krets_never_gave_is_refused(krets: Installable) -> None:
    code = krets.slack.api.grant(TEAM, FIRST)
    page = await krets.back("made-up", state="made-up", code=code)
    await nothing_is_stored(krets, page, "has been used already")


async def test_a_state_is_used_once_however_many_come_at_once(krets: Installable) -> None:
    begun, code = await krets.begin(), krets.slack.api.grant(TEAM, FIRST)
    tries = [krets.back(begun.cookie, state=begun.state, code=code) for _ in range(8)]
    pages = await asyncio.gather(*tries)
    assert sorted(page.status for page in pages) == [200] + 7 * [400]
    assert len(krets.slack.api.called("oauth.v2.access")) == 1
    late = await krets.back(begun.cookie, state=begun.state, code=code)
    assert "has been used already" in late.text


@pytest.mark.parametrize("query", [{}, {"code": "c"}, {"state": "s"}])
async def test_an_address_without_its_parts_is_refused(
    krets: Installable, query: dict[str, str]
) -> None:
    await nothing_is_stored(krets, await krets.back("s", **query), "Please begin again")


async def test_an_address_with_a_part_twice_is_refused(krets: Installable) -> None:
    begun = await krets.begin()
    url = f"{krets.slack.url}{BACK}?state={begun.state}&code=a&code=b"
    headers = {"Cookie": f"{COOKIE}={begun.cookie}"}
    async with krets.slack.session.get(url, headers=headers) as got:
        assert got.status == 400
    assert krets.slack.api.called("oauth.v2.access") == []


@pytest.mark.parametrize(
    "fault",
    [
        Fault(code="code_already_used"),
        Fault(code="<script>canary"),
        Fault(429),
        Fault(500),
        Fault(502, bare=True),
    ],
)
async def test_if_slack_does_not_take_the_code_nothing_changes(
    krets: Installable, fault: Fault
) -> None:
    krets.slack.api.fail("oauth.v2.access", fault)
    page = await krets.install(TEAM, FIRST)
    await nothing_is_stored(krets, page, "Slack did not complete the installation")
    assert "canary" not in page.text


@pytest.mark.parametrize(
    "more",
    [
        {"access_token": "xoxb with spaces"},
        {"token_type": "user"},
        {"bot_user_id": None},
        {"app_id": 7},
        {"team": None},
        {"team": None, "is_enterprise_install": True},
        {"team": {"id": "../T1"}},
    ],
)
async def test_an_answer_of_another_shape_is_no_installation(
    krets: Installable, more: dict[str, object]
) -> None:
    page = await krets.install(TEAM, FIRST, **more)
    await nothing_is_stored(krets, page, "Slack did not complete the installation")


async def test_a_token_that_changes_by_itself_is_not_taken(krets: Installable) -> None:
    page = await krets.install(TEAM, FIRST, expires_in=43_200, refresh_token="xoxe-canary")
    await nothing_is_stored(krets, page, "without token rotation")


async def test_the_answer_of_another_app_is_not_taken(krets: Installable) -> None:
    await krets.install(OTHER, SECOND)
    page = await krets.install(TEAM, FIRST, app_id="A0ANOTHER")
    await nothing_is_stored(krets, page, "another Slack app")


@pytest.mark.parametrize(
    "first",
    [
        {"team": {"id": OTHER}, "enterprise": GRID},
        {"team": None, "enterprise": GRID, "is_enterprise_install": True},
    ],
)
async def test_a_second_workspace_of_an_organisation_does_not_take_the_firsts_place(
    krets: Installable, first: dict[str, object]
) -> None:
    assert (await krets.install(OTHER, SECOND, **first)).status == 200
    before = await row(krets, "E0GRID")
    page = await krets.install(TEAM, FIRST, enterprise=GRID)
    assert page.status == 400
    assert "has Krets already" in page.text
    assert await row(krets, "E0GRID") == before


async def test_the_whole_organisation_may_follow_one_of_its_workspaces(krets: Installable) -> None:
    await krets.install(TEAM, FIRST, enterprise=GRID)
    page = await krets.install(TEAM, SECOND, team=None, enterprise=GRID, is_enterprise_install=True)
    assert page.status == 200
    kept = await row(krets, "E0GRID")
    assert kept is not None
    assert kept.team == ""


async def test_neither_code_nor_token_nor_secret_is_shown_or_logged(
    krets: Installable, caplog: pytest.LogCaptureFixture
) -> None:
    pages = []
    with caplog.at_level(logging.DEBUG):
        begun, code = await krets.begin(), krets.slack.api.grant(TEAM, FIRST)
        pages.append(await krets.back(begun.cookie, state=begun.state, code=code))
        for fault in (Fault(500), Fault(code="invalid_code"), Fault(late=0, bare=True, status=502)):
            krets.slack.api.fail("oauth.v2.access", fault)
            begun = await krets.begin()
            pages.append(await krets.back(begun.cookie, state=begun.state, code=code))
    shown = "".join(page.text for page in pages)
    # The test's server says who asked for what; Krets' own does not.
    records = [one for one in caplog.records if one.name != "aiohttp.access"]
    logged = "".join(f"{one.getMessage()}{one.__dict__}" for one in records)
    assert "an installation was refused: invalid_code" in logged
    for secret in (code, FIRST, APP.client_secret, begun.state):
        assert secret not in shown
        assert secret not in logged


async def test_a_look_ahead_begins_nothing(krets: Installable) -> None:
    async with krets.slack.session.head(krets.slack.url + START) as got:
        assert got.status == 405
