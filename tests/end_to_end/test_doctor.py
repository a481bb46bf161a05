"""`krets manifest` and `krets doctor`, as an operator runs them, against a Slack of our own."""

import asyncio
import json
import sqlite3
import subprocess
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from adapters.slack.doctor import examine
from adapters.slack.manifest import scopes
from bot.store import migrate
from tests.end_to_end.outside import SECRET, TOKEN, Slack, a_slack, certificate
from tests.end_to_end.process import environment, krets


@pytest.fixture
async def slack() -> AsyncIterator[Slack]:
    async with a_slack() as one:
        yield one


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data directory with a database in it."""
    where = tmp_path / "var"
    migrate(f"sqlite:///{where / 'krets.db'}")
    return where


async def doctor(data: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Let the doctor look; no secret is said, whatever it finds."""
    env = environment(data, **settings)
    done = await asyncio.to_thread(lambda: krets("doctor", *arguments, env=env))
    assert done.stderr == ""
    for name in ("KRETS_SLACK_BOT_TOKEN", "KRETS_SLACK_SIGNING_SECRET"):
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
    slack: Slack, token: str = TOKEN, secrets: tuple[str, ...] = (SECRET,)
) -> dict[str, str]:
    """The cures of Slack's own checks, without a process around them."""
    api_url = slack.settings["KRETS_SLACK_API_URL"]
    found = await examine(
        token=token, secrets=secrets, api_url=api_url, base_url="", real=lambda: datetime.now(UTC)
    )
    for secret in (token, *secrets):
        assert secret not in repr(found)
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


async def test_the_address_is_reached_by_https(data: Path, slack: Slack, tmp_path: Path) -> None:
    answer = ["ok\n"]

    async def healthz(_: web.Request) -> web.Response:
        return web.Response(text=answer[0])

    app = web.Application()
    app.router.add_get("/healthz", healthz)
    public, context = certificate(tmp_path)
    server = TestServer(app, scheme="https")
    await server.start_server(ssl=context)
    try:
        address = f"https://127.0.0.1:{server.port}"
        settings = slack.settings | {"KRETS_BASE_URL": address}
        trusting = settings | {"SSL_CERT_FILE": str(public)}
        done = await doctor(data, **trusting)
        assert "ok    base address" in done.stdout, done.stdout
        assert done.returncode == 0
        assert "certificate" in (await cures(data, **settings))["base address"]
        answer[0] = "welcome to nginx"
        assert "Something else" in (await cures(data, **trusting))["base address"]
    finally:
        await server.close()
    assert "Nothing answers" in (await cures(data, **trusting))["base address"]


async def test_an_address_without_https_is_not_enough(data: Path, slack: Slack) -> None:
    address = str(slack.server.make_url("")).rstrip("/")
    cure = (await cures(data, **slack.settings, KRETS_BASE_URL=address))["base address"]
    assert "https" in cure
    assert "(404)" in cure


# --- krets manifest -------------------------------------------------------------------------------


def test_the_manifest_is_printed_as_json(tmp_path: Path) -> None:
    env = environment(tmp_path, KRETS_BASE_URL="https://krets.example.org/")
    done = krets("manifest", "slack", env=env)
    assert (done.returncode, done.stderr) == (0, "")
    (command,) = json.loads(done.stdout)["features"]["slash_commands"]
    assert command["url"] == "https://krets.example.org/slack/events"


def test_without_an_address_there_is_one_sentence(tmp_path: Path) -> None:
    done = krets("manifest", "slack", env=environment(tmp_path))
    assert (done.returncode, done.stdout) == (1, "")
    (sentence,) = done.stderr.splitlines()
    assert "KRETS_BASE_URL" in sentence


def test_a_manifest_of_what_does_not_exist_is_a_wrong_command(tmp_path: Path) -> None:
    for arguments in (("manifest",), ("manifest", "irc"), ("doctor", "who")):
        assert krets(*arguments, env=environment(tmp_path)).returncode == 2
