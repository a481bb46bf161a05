"""`krets keys`: a master key is made, keys turn over beside a running Krets, a loss is accepted."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from io import StringIO
from pathlib import Path

import pytest

from bot.commands.keys import accept_loss, new_key, rotate
from bot.keyring import Keyring, NoMasterKey, new_master, read_master
from bot.refusal import Refusal
from bot.serving import serve
from bot.settings import Settings, read_settings
from bot.store import Store, Unit, only_one
from bot.store.tables import GroupRow
from tests.databases import lay_out
from tests.end_to_end.process import Terminal, environment, within

NEW, OLD = new_master().line, new_master().line


def settings_of(data: Path, *given: str, **more: str) -> Settings:
    keys = {"KRETS_MASTER_KEYS": ",".join(given)} if given else {}
    return read_settings({"KRETS_DATA_DIR": str(data), "KRETS_PORT": "0"} | keys | more)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    lay_out(settings_of(tmp_path).database)
    return tmp_path


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[None]:
    """Krets, as `krets run` runs it."""
    stop, started = asyncio.Event(), asyncio.Event()
    with only_one(settings.data_dir, settings.database):
        serving = asyncio.create_task(serve(settings, stop, lambda _: started.set()))
        wait = asyncio.create_task(started.wait())
        await asyncio.wait([serving, wait], return_when=asyncio.FIRST_COMPLETED)
        if not wait.done():
            wait.cancel()
            await serving
        yield
        stop.set()
        await serving


def test_a_new_key_is_printed_and_can_be_set() -> None:
    done = within("keys", "new", env=environment(Path("nowhere"), KRETS_PORT="wrong"))
    assert (done.returncode, done.stderr) == (0, "")
    assert read_master(done.stdout).line == done.stdout.strip()


def test_a_new_key_for_programs() -> None:
    told = json.loads(new_key(as_json=True))
    assert told["key"].startswith(told["id"] + ":")


@pytest.mark.parametrize(
    "platform",
    [
        {"KRETS_SLACK_BOT_TOKEN": "xoxb-1", "KRETS_SLACK_SIGNING_SECRET": "0" * 32},
        {
            "KRETS_TEAMS_APP_ID": "12345678-1234-1234-1234-123456789abc",
            "KRETS_TEAMS_APP_PASSWORD": "p",
            "KRETS_TEAMS_TENANT_ID": "12345678-1234-1234-1234-123456789abd",
        },
    ],
)
async def test_a_real_platform_is_refused_without_a_master_key(
    data: Path, platform: dict[str, str]
) -> None:
    with pytest.raises(NoMasterKey, match="krets keys new"):
        async with running(settings_of(data, **platform)):
            raise AssertionError("it runs")
    assert not (data / "keys").exists()


async def test_keys_turn_over_while_krets_runs(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with running(settings_of(data)):
        assert (data / "keys" / "master").exists(), "good enough for trying"
    async with running(settings_of(data, OLD)):
        with pytest.raises(Refusal):
            await asyncio.to_thread(rotate, settings_of(data, NEW, OLD))
    both = settings_of(data, NEW, OLD)
    async with running(both):
        told = await asyncio.to_thread(rotate, both)
        again = await asyncio.to_thread(rotate, both)
    lines = told.splitlines()
    assert lines[0] == "1 of 1 keys turned over, 0 tokens"
    assert f"no longer needed: the master key {read_master(OLD).name}" in lines
    assert again.startswith("0 of 1 keys turned over, 0 tokens\n")
    assert not any(one in told for one in (NEW, OLD))
    assert capsys.readouterr().err == "1 of 1 keys\n" * 2
    async with running(settings_of(data, NEW)):
        assert not (data / "keys" / "master").exists()


async def test_a_loss_is_accepted_before_krets_starts_again(data: Path) -> None:
    settings = settings_of(data, NEW)
    async with running(settings):
        pass
    assert "Nothing is lost" in await asyncio.to_thread(accept_loss, settings, True)
    shutil.rmtree(data / "keys")
    with pytest.raises(NoMasterKey, match="accept-loss"):
        async with running(settings):
            raise AssertionError("it runs")
    assert "0 drawers" in await asyncio.to_thread(accept_loss, settings, True)
    async with running(settings):
        pass


async def test_a_loss_is_shown_and_asked_about_before_it_is_accepted(
    data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = settings_of(data, NEW)
    async with running(settings):
        pass
    keyring = Keyring(data / "keys", [NEW])
    store = Store(settings.database)
    lost, kept = keyring.make(), Keyring(data / "keys", [OLD, NEW]).make()
    for drawer, key_id in (("1/meeting", lost), ("1/mine", lost), ("2/meeting", kept)):
        await store.run(partial(seal, drawer, key_id))
    await store.close()
    before = {file.name: file.read_bytes() for file in (data / "keys").iterdir()}

    settings = settings_of(data, OLD)  # which opens the one key that it has wrapped
    for answer in (StringIO(""), Terminal("no\n")):
        monkeypatch.setattr("sys.stdin", answer)
        with pytest.raises(Refusal, match="Nothing was done"):
            await asyncio.to_thread(accept_loss, settings, False)
    assert "gives up 2 drawers of texts in 1 groups, and 0 tokens" in capsys.readouterr().err
    assert {file.name: file.read_bytes() for file in (data / "keys").iterdir()} == before

    monkeypatch.setattr("sys.stdin", Terminal("yes\n"))
    assert "2 drawers" in await asyncio.to_thread(accept_loss, settings, False)
    assert Keyring(data / "keys", [OLD]).holds(kept)
    assert not (data / "keys" / f"{lost}.key").exists()


async def test_without_a_terminal_a_loss_is_accepted_only_if_that_was_said(data: Path) -> None:
    settings = settings_of(data, NEW)
    async with running(settings):
        pass
    shutil.rmtree(data / "keys")
    done = await asyncio.to_thread(within, "keys", "accept-loss", env=environment(data, **of(NEW)))
    assert (done.returncode, "--yes" in done.stderr) == (1, True)
    assert not (data / "keys").exists()
    done = await asyncio.to_thread(
        within, "keys", "accept-loss", "--yes", env=environment(data, **of(NEW))
    )
    assert (done.returncode, "Given up: 0 drawers" in done.stdout) == (0, True)


def seal(drawer: str, key_id: str, unit: Unit) -> None:
    if unit.groups.find("g1") is None:
        unit.groups.add(
            GroupRow(
                id="g1",
                platform="slack",
                tenant="T1",
                status="running",
                version=1,
                method_hash="h",
                document="{}",
            )
        )
    unit.groups.seal("g1", drawer, key_id, b"sealed")


def of(master: str) -> dict[str, str]:
    return {"KRETS_MASTER_KEYS": master}
