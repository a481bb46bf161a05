"""`krets keys`: a master key is made, keys turn over beside a running Krets, a loss is accepted."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.key_commands import accept_loss, new_key, rotate
from bot.keyring import NoMasterKey, new_master, read_master
from bot.keys import CannotRotate
from bot.serving import serve
from bot.settings import Settings, read_settings
from bot.store import migrate, only_one
from tests.end_to_end.process import environment, krets

NEW, OLD = new_master().line, new_master().line


def settings_of(data: Path, *given: str, **more: str) -> Settings:
    keys = {"KRETS_MASTER_KEYS": ",".join(given)} if given else {}
    return read_settings({"KRETS_DATA_DIR": str(data), "KRETS_PORT": "0"} | keys | more)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    migrate(settings_of(tmp_path).database)
    return tmp_path


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[None]:
    """Krets, as `krets run` runs it."""
    stop, started = asyncio.Event(), asyncio.Event()
    with only_one(settings.data_dir):
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
    done = krets("keys", "new", env=environment(Path("nowhere"), KRETS_PORT="wrong"))
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
        with pytest.raises(CannotRotate):
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
    assert "Nothing is lost" in await asyncio.to_thread(accept_loss, settings)
    shutil.rmtree(data / "keys")
    with pytest.raises(NoMasterKey, match="accept-loss"):
        async with running(settings):
            raise AssertionError("it runs")
    assert "0 drawers" in await asyncio.to_thread(accept_loss, settings)
    async with running(settings):
        pass
