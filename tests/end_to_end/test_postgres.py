"""Krets on PostgreSQL: the same story, in one process and in several."""

import asyncio
import os
import socket
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from bot.__main__ import main
from bot.commands.migrate import make_ready
from bot.core.due import Wanted
from bot.keyring import new_master
from bot.programme import ProgrammeTime
from bot.realtime import now
from bot.refusal import Refusal
from bot.serving import Part, serve
from bot.settings import read_settings
from bot.store import Store, Unit
from bot.waiting import waiting
from tests.end_to_end.conftest import START, over_http, runs_in
from tests.end_to_end.test_vote import ten_votes
from tests.postgres import Postgres, connect
from tests.store.test_store import group_row

SLACK = {
    "KRETS_SLACK_BOT_TOKEN": "xoxb-1",
    "KRETS_SLACK_SIGNING_SECRET": "secret",
}


@pytest.fixture
def servers(postgres: Postgres) -> Iterator[dict[str, str]]:
    """The settings for a database and another one for the keys, both empty."""
    with postgres.database() as database, postgres.database() as keys:
        yield {
            "KRETS_DATABASE_URL": database,
            "KRETS_KEYRING_URL": keys,
            "KRETS_MASTER_KEYS": new_master().line,
        }


async def test_ten_votes_at_once_count(servers: dict[str, str], tmp_path: Path) -> None:
    settings = read_settings(servers | {"KRETS_DATA_DIR": str(tmp_path / "none")})
    make_ready(settings)
    make_ready(settings)
    store = Store(settings.database)
    await ProgrammeTime(now).set(store, START)
    await store.close()
    async with over_http(runs_in(tmp_path / "none", **servers)) as site:
        await ten_votes(site)
    assert not (tmp_path / "none").exists(), "nothing lies on this machine"
    with connect(servers["KRETS_DATABASE_URL"]) as connection:
        assert connection.execute("SELECT count(*) FROM procrastinate_jobs").fetchone() == (0,)


# --- what is said when it cannot be -------------------------------------------------------------


@pytest.fixture
def said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Callable[..., str]]:
    """What a command says that cannot do what it should: one sentence."""

    def say(command: str, **given: str) -> str:
        for name in [name for name in os.environ if name.startswith("KRETS_")]:
            monkeypatch.delenv(name)
        for name, value in given.items():
            monkeypatch.setenv(name, value)
        assert main([command]) == 1
        told = capsys.readouterr()
        assert told.out == ""
        (sentence,) = told.err.splitlines()
        return sentence

    return say


@pytest.mark.usefixtures("untouched_logging")
def test_a_start_that_cannot_be_is_one_sentence(
    said: Callable[..., str], servers: dict[str, str]
) -> None:
    away = "postgresql+psycopg://krets:secret@127.0.0.1:1/krets"
    for command in ("run", "migrate", "worker"):
        platform = {"KRETS_PLAYGROUND": "true"} if command == "run" else SLACK
        told = said(command, **servers | {"KRETS_DATABASE_URL": away} | platform)
        assert told.startswith("krets: The database krets on 127.0.0.1 cannot be reached; see that")
        assert "secret" not in told
    told = said("migrate", **servers | {"KRETS_KEYRING_URL": away})
    assert told == "krets: keys in krets on 127.0.0.1: its database cannot be reached"
    assert "krets migrate" not in told


@pytest.mark.usefixtures("untouched_logging")
def test_a_schema_of_a_newer_engine_is_one_sentence(
    said: Callable[..., str], servers: dict[str, str]
) -> None:
    make_ready(read_settings(servers))
    with connect(servers["KRETS_DATABASE_URL"]) as connection:
        connection.execute("DELETE FROM engine_migrations WHERE name LIKE '03.04%'")
        assert "run: krets migrate" in said("run", **servers)
        connection.execute("INSERT INTO engine_migrations VALUES ('99_new.sql')")
        assert "written by a newer Krets" in said("run", **servers)


@pytest.mark.usefixtures("untouched_logging")
def test_one_of_several_processes_is_refused_where_it_cannot_go_well(
    said: Callable[..., str], servers: dict[str, str], tmp_path: Path
) -> None:
    told = said("web", KRETS_DATA_DIR=str(tmp_path))
    assert told.startswith("krets: krets web needs a KRETS_DATABASE_URL on PostgreSQL")
    assert "need krets run instead of krets clock" in said("clock", **servers)


# --- processes without a web --------------------------------------------------------------------


@pytest.mark.parametrize("part", ["worker", "clock"])
async def test_a_process_without_a_web_tells_its_own_metrics_to_whoever_has_the_token(
    servers: dict[str, str], part: Part
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    given = {"KRETS_METRICS_PORT": str(port), "KRETS_METRICS_TOKEN": "a-word"}
    settings = read_settings(servers | given)
    make_ready(settings)
    stop, started = asyncio.Event(), asyncio.Event()
    serving = asyncio.create_task(serve(settings, stop, lambda _: started.set(), parts={part}))
    await started.wait()
    address = f"http://127.0.0.1:{port}"
    async with aiohttp.ClientSession() as session:
        async with session.get(f"{address}/metrics") as got:
            assert got.status == 401
        bearer = {"Authorization": "Bearer a-word"}
        async with session.get(f"{address}/metrics", headers=bearer) as got:
            told = await got.text()
        for measured in ("due_lag_seconds", "board_lag_seconds", "engine_works", "parked"):
            assert f"\nkrets_{measured}" in told
        assert "krets_loop_stall_seconds_count" in told
        async with session.get(f"{address}/readyz") as got:
            assert (got.status, await got.text()) == (200, "ready\n")
        async with session.get(f"{address}/about") as got:
            assert got.status == 404, "there is no web"
        with pytest.raises(Refusal, match="KRETS_METRICS_PORT"):
            await serve(settings, asyncio.Event(), lambda _: None, parts={"worker"})
    stop.set()
    await serving


async def test_a_clock_without_a_worker_is_told_by_the_board(servers: dict[str, str]) -> None:
    settings = read_settings(servers)
    make_ready(settings)
    store = Store(settings.database)

    def fill(unit: Unit) -> None:
        unit.groups.add(group_row())
        unit.moments.set("g1", [Wanted(1, "remind", "", now() - timedelta(seconds=90))])

    await store.run(fill)
    await store.close()
    stop, started = asyncio.Event(), asyncio.Event()
    serving = asyncio.create_task(serve(settings, stop, lambda _: started.set(), parts={"clock"}))
    await started.wait()
    async with asyncio.timeout(20):
        while (found := await waiting(settings.database, now()))[0].state == "due":
            await asyncio.sleep(0.05)
    stop.set()
    await serving
    assert [(one.what, one.state) for one in found] == [("remind/1", "queued")]
    assert "no worker has done it for" in found[0].why


async def test_without_a_port_such_a_process_listens_nowhere(
    servers: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = read_settings(servers | {"KRETS_METRICS_TOKEN": "a-word"})
    make_ready(settings)
    monkeypatch.setattr(web.TCPSite, "start", None)
    stop, said = asyncio.Event(), []

    def started(address: str) -> None:
        said.append(address)
        stop.set()

    await serve(settings, stop, started, parts={"worker"})
    assert said == [""]
