"""`krets manifest` and `krets doctor`, as an operator runs them, against a Slack of our own."""

import asyncio
import json
import sqlite3
import ssl
import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from adapters.slack import gate
from adapters.slack.bolt import Bolt
from adapters.slack.doctor import SetUp, examine
from adapters.slack.manifest import scopes
from bot.store.databases import _PRAGMAS
from tests.databases import lay_out
from tests.end_to_end.outside import APP_TOKEN, SECRET, TOKEN, Slack, a_slack, certificate
from tests.end_to_end.process import environment, krets, within


@pytest.fixture
async def slack() -> AsyncIterator[Slack]:
    async with a_slack() as one:
        yield one


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data directory with a database in it."""
    where = tmp_path / "var"
    lay_out(f"sqlite:///{where / 'krets.db'}")
    return where


Run = Callable[..., subprocess.CompletedProcess[str]]


async def doctor(
    data: Path, *arguments: str, run: Run = within, **settings: str
) -> subprocess.CompletedProcess[str]:
    """Let the doctor look; no secret is said, whatever it finds."""
    env = environment(data, **settings)
    done = await asyncio.to_thread(lambda: run("doctor", *arguments, env=env))
    assert done.stderr == ""
    for name in ("KRETS_MASTER_KEYS", "KRETS_SLACK_BOT_TOKEN", "KRETS_SLACK_SIGNING_SECRET"):
        for secret in settings.get(name, "").split(","):
            assert not secret or secret not in done.stdout
    return done


async def cures(data: Path, **settings: str) -> dict[str, str]:
    """The cures that the doctor names, by check."""
    done = await doctor(data, "--json", **settings)
    found = json.loads(done.stdout)
    wrong = {one["check"]: one["cure"] for one in found["checks"] if not one["ok"]}
    assert done.returncode == (1 if wrong else 0)
    assert found["ok"] is not bool(wrong)
    return wrong


# --- without Slack --------------------------------------------------------------------------------


async def test_all_is_well_without_a_platform(data: Path) -> None:
    done = await doctor(data)
    assert done.returncode == 0
    assert [line.split("(")[0].split() for line in done.stdout.splitlines()] == [
        ["ok", "settings"],
        ["ok", "database"],
        ["ok", "keyring"],
    ]


async def test_the_doctor_makes_nothing(tmp_path: Path) -> None:
    wrong = await cures(tmp_path / "new")
    assert set(wrong) == {"database"}
    assert wrong["database"].endswith("run: krets migrate")
    assert list(tmp_path.iterdir()) == []


async def test_a_wrong_setting_ends_the_visit(data: Path) -> None:
    done = await doctor(data, KRETS_LANGUAGE="fi")
    assert (done.returncode, len(done.stdout.splitlines())) == (1, 1)
    assert done.stdout.startswith("cure  settings: KRETS_LANGUAGE must be ")


async def test_a_misspelt_setting_is_found(data: Path) -> None:
    assert "did you mean KRETS_LANGUAGE?" in (await cures(data, KRETS_LANGAUGE="sv"))["settings"]


async def test_a_database_of_another_krets_or_of_none(data: Path) -> None:
    with sqlite3.connect(data / "krets.db") as database:
        database.execute("UPDATE alembic_version SET version_num = 'from_the_future'")
    database.close()
    assert "newer" in (await cures(data))["database"]
    (data / "krets.db").write_bytes(b"this was a database once" * 500)
    assert "backup" in (await cures(data))["database"]


async def test_a_database_that_another_program_holds(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(_PRAGMAS, "busy_timeout", 50)
    with closing(sqlite3.connect(data / "krets.db", isolation_level=None)) as theirs:
        theirs.execute("BEGIN IMMEDIATE")
        told = (await cures(data))["database"]
    assert told == "The database is locked: another program holds it; end that program."


async def test_keys_that_are_not_ours(data: Path) -> None:
    keys = data / "keys"
    keys.mkdir()
    (keys / "master").write_bytes(b"x" * 40)
    assert "damaged" in (await cures(data))["keyring"]
    (keys / "master").unlink()
    (keys / f"{SECRET}.key").write_bytes(b"x" * 69)
    assert "missing" in (await cures(data))["keyring"]
    assert not (keys / "master").exists()


async def test_keys_that_cannot_be_read(data: Path) -> None:
    (data / "keys" / "master").mkdir(parents=True)
    assert "cannot be read" in (await cures(data))["keyring"]


# --- with Slack -----------------------------------------------------------------------------------


async def wrong_with(
    slack: Slack, token: str = TOKEN, secrets: tuple[str, ...] = (SECRET,), **more: Any
) -> dict[str, str]:
    """The cures of Slack's own checks, without a process around them."""
    api_url = slack.settings["KRETS_SLACK_API_URL"]
    set_up = SetUp(api_url, bot_token=token, signing_secrets=secrets, **more)
    found = await examine(set_up, lambda: datetime.now(UTC))
    hidden = (token, *secrets, more.get("app_token"), more.get("client_secret"))
    for secret in filter(None, hidden):
        assert secret not in repr(found)
        assert secret not in repr(set_up)
    return {one.check: one.cure for one in found if not one.ok}


async def test_all_is_well_with_slack(data: Path, slack: Slack) -> None:
    done = await doctor(data, **slack.settings)
    assert (done.returncode, slack.heard) == (0, [f"Bearer {TOKEN}"])
    assert [line[6:] for line in done.stdout.splitlines()][3:] == [
        "bot token (workspace T1)",
        "scopes",
        "signing secret",
        "clock",
    ]


async def test_a_missing_scope_is_named_with_its_feature(data: Path, slack: Slack) -> None:
    slack.granted = "commands,groups:read,groups:write,users:read,channels:read"
    cure = (await cures(data, **slack.settings))["scopes"]
    assert "chat:write (for: messages)" in cure
    assert "groups" not in cure


async def test_more_scopes_than_needed_are_told(data: Path, slack: Slack) -> None:
    slack.granted = ",".join((*scopes(), "channels:history"))
    done = await doctor(data, **slack.settings)
    assert done.returncode == 0
    assert "ok    scopes (and 1 that Krets does not need)" in done.stdout


async def test_scopes_that_slack_does_not_tell(slack: Slack) -> None:
    slack.granted = None
    assert set(await wrong_with(slack)) == {"scopes"}


@pytest.mark.parametrize(
    ("answer", "status", "said"),
    [
        ({"ok": False, "error": "invalid_auth"}, 200, "does not know this token"),
        ({"ok": False, "error": "token_revoked"}, 200, "no longer valid"),
        ({"ok": False, "error": "team_access_not_granted"}, 200, "team_access_not_granted"),
        ({"ok": False, "error": "<canary>"}, 200, "not Slack's Web API"),
        ({"ok": False, "error": "ratelimited"}, 429, "in a minute"),
        ({"ok": True, "team_id": "T1", "user_id": "U1"}, 200, "not the token of a bot"),
        (["canary"], 200, "not Slack's Web API"),
        ("<html>canary</html>", 502, "not Slack's Web API"),
        ("canary", 200, "not Slack's Web API"),
    ],
)
async def test_a_token_that_slack_does_not_take(
    slack: Slack, answer: object, status: int, said: str
) -> None:
    slack.answer, slack.status = answer, status
    wrong = await wrong_with(slack)
    assert set(wrong) == {"bot token"}
    assert said in wrong["bot token"]
    assert "canary" not in wrong["bot token"]


async def test_a_token_of_another_kind_is_shown_to_nobody(slack: Slack) -> None:
    assert "xoxb-" in (await wrong_with(slack, token="xoxp-canary"))["bot token"]
    assert slack.heard == []


async def test_without_the_network_the_cure_is_a_sentence(data: Path, slack: Slack) -> None:
    settings = slack.settings
    await slack.server.close()
    wrong = await cures(data, **settings)
    assert set(wrong) == {"bot token"}
    assert "cannot be reached" in wrong["bot token"]


async def test_a_signing_secret_of_another_shape(slack: Slack) -> None:
    for bad in ((SECRET, f"{SECRET[:-1]}x"), (SECRET[:-1],), (SECRET.upper(),), ()):
        assert set(await wrong_with(slack, secrets=bad)) == {"signing secret"}
    assert await wrong_with(slack, secrets=(SECRET, SECRET[::-1])) == {}


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"ok": True, "url": "wss://wss.example.org/?ticket=canary"}, ""),
        ({"ok": False, "error": "invalid_auth"}, "does not know this token"),
        ({"ok": False, "error": "missing_scope"}, "connections:write"),
        ({"ok": False, "error": "not_allowed_token_type"}, "connections:write"),
        ({"ok": False, "error": "<canary>"}, "not Slack's Web API"),
        (["canary"], "not Slack's Web API"),
    ],
)
async def test_an_app_token_that_slack_does_not_take(
    slack: Slack, answer: object, said: str
) -> None:
    slack.opening = answer
    wrong = await wrong_with(slack, secrets=(), app_token=APP_TOKEN)
    assert set(wrong) == ({"app token"} if said else set())
    assert said in wrong.get("app token", "")
    assert "canary" not in wrong.get("app token", "")
    assert slack.heard == [f"Bearer {TOKEN}", f"Bearer {APP_TOKEN}"]


async def test_an_app_token_of_another_kind_is_shown_to_nobody(slack: Slack) -> None:
    assert "xapp-" in (await wrong_with(slack, app_token="xoxb-canary"))["app token"]
    assert slack.heard == [f"Bearer {TOKEN}"]


async def test_all_is_well_in_socket_mode(data: Path, slack: Slack) -> None:
    settings = slack.settings | {"KRETS_SLACK_APP_TOKEN": APP_TOKEN}
    del settings["KRETS_SLACK_SIGNING_SECRET"]
    done = await doctor(data, **settings)
    assert done.returncode == 0
    assert [line[6:] for line in done.stdout.splitlines()][3:] == [
        "bot token (workspace T1)",
        "scopes",
        "app token (Socket Mode)",
        "clock",
    ]


async def test_oauth_is_looked_at_without_any_token(slack: Slack) -> None:
    right = {"client_id": "123456789.987654321", "client_secret": "0" * 32}
    wrong = await wrong_with(slack, token="", **right, base_url="https://127.0.0.1:1")
    assert set(wrong) == {"base address"}
    slack.skew = timedelta(minutes=2)
    wrong = await wrong_with(slack, token="", client_id="A0KRETS", client_secret="x")
    assert set(wrong) == {"OAuth", "clock"}
    for name in ("CLIENT_ID", "CLIENT_SECRET", "BASE_URL"):
        assert f"KRETS_SLACK_{name}" in wrong["OAuth"] or f"KRETS_{name}" in wrong["OAuth"]
    assert slack.heard == []


@pytest.mark.parametrize(
    ("skew", "said"),
    [
        (timedelta(minutes=2), "s fast"),
        (-timedelta(days=1), "s slow"),
        (timedelta(seconds=30), ""),
        (timedelta(seconds=-30), ""),
    ],
)
async def test_a_clock_that_is_more_than_a_minute_off(
    slack: Slack, skew: timedelta, said: str
) -> None:
    slack.skew = skew
    wrong = await wrong_with(slack)
    assert set(wrong) == ({"clock"} if said else set())
    assert said in wrong.get("clock", "")


# --- the address that Slack calls -----------------------------------------------------------------


async def test_the_address_is_reached_by_https(
    data: Path, slack: Slack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer, behind = ["ok\n"], [SECRET]

    async def healthz(_: web.Request) -> web.Response:
        return web.Response(text=answer[0])

    async def never(kind: str, payload: dict[str, Any]) -> dict[str, Any]:
        raise AssertionError(kind)

    async def events(request: web.Request) -> web.Response:
        if not behind:
            raise web.HTTPNotFound
        body = await request.read()
        given = (
            request.headers.getall(f"X-Slack-{name}") for name in ("Request-Timestamp", "Signature")
        )
        if not gate.is_genuine(*given, body, behind, datetime.now(UTC)):
            raise web.HTTPUnauthorized
        status, text = await Bolt(never).answer(gate.read(request.content_type, body))
        return web.Response(status=status, text=text)

    app = web.Application()
    app.router.add_get("/healthz", healthz)
    app.router.add_post("/slack/events", events)
    public, context = certificate(tmp_path)
    server = TestServer(app, scheme="https")
    await server.start_server(ssl=context)
    try:
        address = f"https://127.0.0.1:{server.port}"
        settings = slack.settings | {"KRETS_BASE_URL": address}
        done = await doctor(data, run=krets, **settings, SSL_CERT_FILE=str(public))
        assert "ok    base address\nok    requests" in done.stdout, done.stdout
        assert done.returncode == 0
        assert "certificate" in (await cures(data, **settings))["base address"]
        # What a process trusts is read once; from here on it is this one.
        trusted = ssl.create_default_context(cafile=public)
        monkeypatch.setattr("aiohttp.connector._SSL_CONTEXT_VERIFIED", trusted)
        behind[:] = [SECRET[::-1]]
        assert "another signing secret" in (await cures(data, **settings))["requests"]
        behind.clear()
        assert "takes no requests from Slack" in (await cures(data, **settings))["requests"]
        answer[0] = "welcome to nginx"
        wrong = await cures(data, **settings)
        assert set(wrong) == {"base address"}
        assert "Something else" in wrong["base address"]
    finally:
        await server.close()
    assert "Nothing answers" in (await cures(data, **settings))["base address"]


async def test_an_address_without_https_is_not_enough(data: Path, slack: Slack) -> None:
    address = str(slack.server.make_url("")).rstrip("/")
    cure = (await cures(data, **slack.settings, KRETS_BASE_URL=address))["base address"]
    assert "https" in cure
    assert "(404)" in cure


# --- krets manifest -------------------------------------------------------------------------------


def test_the_manifest_is_printed_as_json(tmp_path: Path) -> None:
    env = environment(tmp_path, KRETS_BASE_URL="https://krets.example.org/")
    done = within("manifest", "slack", env=env)
    assert (done.returncode, done.stderr) == (0, "")
    (command,) = json.loads(done.stdout)["features"]["slash_commands"]
    assert command["url"] == "https://krets.example.org/slack/events"


def test_the_manifest_of_socket_mode_needs_no_address(tmp_path: Path) -> None:
    done = within("manifest", "slack", "--socket-mode", env=environment(tmp_path))
    assert (done.returncode, done.stderr) == (0, "")
    found = json.loads(done.stdout)
    assert found["settings"]["socket_mode_enabled"] is True
    assert "http" not in done.stdout


@pytest.mark.parametrize("by", ["argument", "setting"])
def test_the_manifest_for_many_workspaces_names_the_way_back(tmp_path: Path, by: str) -> None:
    settings = {"KRETS_BASE_URL": "https://krets.example.org"}
    if by == "setting":
        settings |= {
            "KRETS_SLACK_CLIENT_ID": "1.2",
            "KRETS_SLACK_CLIENT_SECRET": "0" * 32,
            "KRETS_SLACK_SIGNING_SECRET": SECRET,
        }
    more = ("--oauth",) if by == "argument" else ()
    done = within("manifest", "slack", *more, env=environment(tmp_path, **settings))
    assert (done.returncode, done.stderr) == (0, "")
    urls = json.loads(done.stdout)["oauth_config"]["redirect_urls"]
    assert urls == ["https://krets.example.org/slack/oauth_redirect"]


def test_without_an_address_there_is_one_sentence(tmp_path: Path) -> None:
    done = within("manifest", "slack", env=environment(tmp_path))
    assert (done.returncode, done.stdout) == (1, "")
    (sentence,) = done.stderr.splitlines()
    assert "KRETS_BASE_URL" in sentence


def test_a_manifest_of_what_does_not_exist_is_a_wrong_command(tmp_path: Path) -> None:
    for arguments in (("manifest",), ("manifest", "irc"), ("doctor", "who")):
        assert within(*arguments, env=environment(tmp_path)).returncode == 2
