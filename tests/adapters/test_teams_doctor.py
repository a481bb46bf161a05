"""What the doctor finds of Teams, against a Microsoft of our own and Krets' own gate."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from adapters.teams import connector, reach, routes
from adapters.teams.authentication import ByToken
from adapters.teams.connector import outwards
from adapters.teams.doctor import SetUp, examine
from adapters.teams.keys import SigningKeys
from adapters.web import application
from bot.commands import doctor
from bot.doctor import Finding, as_lines
from tests.adapters.teams.microsoft import APP, TENANT, listed, private_key
from tests.adapters.teams_api import SECRET, Fault, TeamsApi, teams_api
from tests.adapters.teams_names import certified, here, self_signed

WELL = ["organisation", "secret", "signing keys", "messages", "clock"]


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
async def api() -> AsyncIterator[TeamsApi]:
    async with teams_api() as api:
        yield api


@asynccontextmanager
async def serving(app: web.Application) -> AsyncIterator[str]:
    """An address with a certificate that the session trusts."""
    server = TestServer(app, scheme="https")
    await server.start_server(ssl=certified())
    yield f"https://127.0.0.1:{server.port}"
    await server.close()


@pytest.fixture
async def krets(api: TeamsApi) -> AsyncIterator[SetUp]:
    """All well: what is set for a Krets that runs, with its own gate."""
    async with outwards(connector=api.connector()) as session:
        keys = SigningKeys(session, now)
        admits = ByToken(keys=keys, app_id=APP, tenants=[TENANT], real=now)

        async def messages(request: web.Request) -> web.Response:
            raise AssertionError(await admits.admit(request))

        async def ready() -> bool:
            return True

        app = application(ready, lambda app: app.router.add_post(reach.PATH, messages) and None)
        async with serving(app) as address:
            yield SetUp(APP, TENANT, address, passwords=[SECRET])
        await keys.close()


async def found(api: TeamsApi, set_up: SetUp, ahead: timedelta = timedelta()) -> list[Finding]:
    """What is found; no secret and no word of Microsoft's is in it."""
    async with outwards(connector=api.connector()) as session:
        findings = await examine(set_up, session, lambda: now() + ahead)
    shown = repr((findings, set_up))
    assert "CANARY" not in shown
    assert not [secret for secret in set_up.passwords if secret in shown]
    return list(findings)


async def wrong(api: TeamsApi, set_up: SetUp, ahead: timedelta = timedelta()) -> dict[str, str]:
    return {one.check: one.cure for one in await found(api, set_up, ahead) if not one.ok}


async def test_all_is_well(api: TeamsApi, krets: SetUp) -> None:
    findings = await found(api, krets)
    assert [one.check for one in findings] == WELL
    assert all(one.ok for one in findings), as_lines(findings)


# --- who Krets is -------------------------------------------------------------------------------


def refusal(*codes: object) -> Fault:
    said = {"error": "invalid_client", "error_description": "CANARY", "error_codes": list(codes)}
    return Fault(401, body=json.dumps(said))


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (refusal(7000215), "AADSTS7000215): this is not the Value of a secret"),
        (refusal(7000222), "has expired"),
        (refusal(700016), "compare KRETS_TEAMS_APP_ID and KRETS_TEAMS_TENANT_ID"),
        (refusal(7000229), "Create service principal"),
        (refusal(123456), "(invalid_client, AADSTS123456); compare"),
        (refusal("CANARY"), "(invalid_client); compare"),
        (Fault(401, body=json.dumps({"error": "CANARY"})), "(unknown); compare"),
        (Fault(500, "x"), ""),
        (Fault(cut=True), "cannot be reached"),
    ],
)
async def test_a_secret_that_entra_does_not_take(
    api: TeamsApi, krets: SetUp, fault: Fault, said: str
) -> None:
    api.fail("token", fault)
    cures = await wrong(api, krets)
    assert set(cures) == {"secret"}
    assert said in cures["secret"]


async def test_the_id_of_a_secret_is_shown_to_nobody(api: TeamsApi, krets: SetUp) -> None:
    cures = await wrong(api, replace(krets, passwords=["c4b1f1de-0d5b-4b6e-9f58-2f2c9c3a1b11"]))
    assert set(cures) == {"secret"}
    assert "not the Value" in cures["secret"]
    assert api.called("token") == []


async def test_of_two_secrets_each_is_tried(api: TeamsApi, krets: SetUp) -> None:
    assert set(await wrong(api, replace(krets, passwords=["the-old-one", SECRET]))) == {"secret 1"}


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (Fault(400, body=json.dumps({"error": "invalid_tenant"})), "KRETS_TEAMS_TENANT_ID"),
        (Fault(200, body="<html>CANARY"), "not Entra (200)"),
        (Fault(503, "x"), "not Entra (503)"),
    ],
)
async def test_an_organisation_that_entra_does_not_know(
    api: TeamsApi, krets: SetUp, fault: Fault, said: str
) -> None:
    api.fail("discover", fault)
    cures = await wrong(api, krets)
    assert set(cures) == {"organisation"}
    assert said in cures["organisation"]
    assert api.called("token") == []


async def test_without_the_network_each_cure_is_a_sentence(api: TeamsApi, krets: SetUp) -> None:
    async with outwards(connector=here(1)) as session:
        findings = await examine(krets, session, now)
    assert [one.check for one in findings if not one.ok] == ["organisation", "signing keys"]
    assert all(one.cure.endswith(".") for one in findings if not one.ok)


async def test_a_managed_identity_is_asked_of_the_machine(api: TeamsApi, krets: SetUp) -> None:
    set_up = replace(krets, passwords=[], managed=True)
    async with outwards(connector=here(1)) as session:
        findings = await examine(set_up, session, now)
    assert "Azure gives this machine no token" in findings[0].cure
    assert (findings[0].check, api.called("discover")) == ("managed identity", [])


# --- the certificate ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def pem() -> str:
    return self_signed(private_key("certificate")).decode()


def parts(pem: str) -> tuple[str, str]:
    """The private key and the certificate of a file with both."""
    private, begin, public = pem.partition("-----BEGIN CERTIFICATE-----")
    return private, begin + public


async def test_a_certificate_proves_it_too_and_its_end_is_told(
    api: TeamsApi, krets: SetUp, tmp_path: Path, pem: str
) -> None:
    file = tmp_path / "krets.pem"
    file.write_text(pem)
    set_up = replace(krets, passwords=[], certificate=file)
    of = {one.check: one for one in await found(api, set_up)}
    assert of["certificate"] == Finding("certificate", note=f"until {now() + timedelta(29):%F}")
    cures = await wrong(api, set_up, timedelta(30))
    assert "was good until" in cures["certificate"]
    assert len(api.called("token")) == 1, "nobody is shown what is over"


async def test_a_certificate_that_cannot_be_used(
    api: TeamsApi, krets: SetUp, tmp_path: Path, pem: str
) -> None:
    _, public = parts(pem)
    other = parts(self_signed(rsa.generate_private_key(65537, 2048)).decode())[0]
    locked = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"x"),
    )
    file = tmp_path / "krets.pem"
    set_up = replace(krets, passwords=[], certificate=file)
    assert "cannot be read" in (await wrong(api, set_up))["certificate"]
    for text, said in (
        ("CANARY", "no certificate in it"),
        (public, "no private key in it"),
        (locked.decode() + public, "has a password"),
        (other + public, "belongs to another certificate"),
    ):
        file.write_text(text)
        assert said in (await wrong(api, set_up))["certificate"]
    assert api.called("token") == []


# --- the way from there to Krets ----------------------------------------------------------------


@pytest.mark.parametrize("keys", [[], [listed("key1", endorsements=["skype"])]])
async def test_without_a_key_for_teams_nothing_would_be_let_in(
    api: TeamsApi, krets: SetUp, keys: list[dict[str, Any]]
) -> None:
    api.keys = keys
    assert set(await wrong(api, krets)) == {"signing keys"}


@pytest.mark.parametrize(
    ("status", "headers", "said"),
    [
        (404, {}, "takes nothing from Teams"),
        (401, {"WWW-Authenticate": "Basic"}, "asks for a password"),
        (200, {}, "answers 200"),
        (302, {"Location": "/login"}, "answers 302"),
    ],
)
async def test_something_else_answers_there(
    api: TeamsApi, krets: SetUp, status: int, headers: dict[str, str], said: str
) -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=status, headers=headers, text="CANARY")

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    async with serving(app) as address:
        cures = await wrong(api, replace(krets, base_url=address))
    assert set(cures) == {"messages"}
    assert said in cures["messages"]


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("", "https addresses only"),
        ("http://127.0.0.1:1", "https addresses only"),
        ("https://127.0.0.1:1", "Nothing answers"),
    ],
)
async def test_nothing_answers_there(api: TeamsApi, krets: SetUp, address: str, said: str) -> None:
    cures = await wrong(api, replace(krets, base_url=address))
    assert set(cures) == {"messages"}
    assert said in cures["messages"]


async def test_a_certificate_of_the_address_that_nobody_trusts(krets: SetUp) -> None:
    async with outwards() as session:
        assert "is not trusted" in (await reach.of_messages(session, krets.base_url)).cure


async def test_a_clock_that_is_off(api: TeamsApi, krets: SetUp) -> None:
    assert set(await wrong(api, krets, timedelta(minutes=2))) == {"clock"}


def test_the_doctor_looks_where_teams_calls() -> None:
    assert reach.PATH == routes.PATH


# --- as an operator runs it ---------------------------------------------------------------------


async def test_the_doctor_looks_at_teams_where_a_bot_is_set(
    api: TeamsApi, krets: SetUp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = {
        "KRETS_DATA_DIR": str(tmp_path),
        "KRETS_BASE_URL": krets.base_url,
        "KRETS_TEAMS_APP_ID": APP,
        "KRETS_TEAMS_APP_PASSWORD": SECRET,
        "KRETS_TEAMS_TENANT_ID": TENANT,
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(connector, "outwards", lambda: outwards(connector=api.connector()))
    findings = await asyncio.to_thread(doctor.examine)
    assert [one.check for one in findings][3:] == WELL
    assert all(one.ok for one in findings[3:]), as_lines(findings)
