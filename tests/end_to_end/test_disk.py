"""A disk that takes nothing: a start says so in one sentence, and what runs goes on by itself.

A real disk that is full is mounted where that is allowed; elsewhere those cases are skipped.
"""

import asyncio
import logging
import resource
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import event
from sqlalchemy.pool import Pool

from bot.__main__ import main
from bot.commands.migrate import make_ready
from bot.keyring import new_master
from bot.programme import ProgrammeTime
from bot.realtime import now
from bot.settings import read_settings
from bot.store import CannotUse, SchemaState, Store, migrate, schema_state
from tests.end_to_end.conftest import START, runs_in
from tests.end_to_end.site import CHAT, Reply, Site
from tests.end_to_end.story import LEADERS, gather, press, to_the_end
from tests.postgres import Postgres

Fault = Callable[[], AbstractContextManager[None]]
#: What is logged by its type alone, and said to nobody.
CANARY = "Kanariefågel"


@contextmanager
def mounted(disk: Path, megabytes: int) -> Iterator[Path]:
    """A disk of this size."""
    disk.mkdir()
    mount = ("mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(disk))
    try:
        subprocess.run(mount, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("no disk can be mounted here")
    yield disk
    subprocess.run(("umount", "--lazy", str(disk)), check=True)


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A disk on which Krets has room."""
    with mounted(tmp_path / "disk", megabytes=16) as disk:
        yield disk


@pytest.fixture
def server() -> Iterator[tuple[Postgres, Path]]:
    """A server of our own and its disk, in a folder where its user may look."""
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        with mounted(Path(folder) / "disk", megabytes=160) as disk:
            postgres = Postgres.apart(disk / "postgres")
            yield postgres, disk
            postgres.stop()


@contextmanager
def filled(disk: Path) -> Iterator[None]:
    """Leave no room on it, nor in the log of the database, which would be used again."""
    for database in disk.rglob("krets.db"):
        with closing(sqlite3.connect(database)) as opened:
            opened.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with (disk / "filler").open("wb", buffering=0) as file:
        for size in (1 << 20, 1 << 12, 1):
            try:
                while file.write(b"0" * size) == size:
                    pass
            except OSError:
                continue
    yield
    (disk / "filler").unlink()


@contextmanager
def failing() -> Iterator[None]:
    """Let no file of this process grow beyond a page, as if the disk failed."""
    before, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (before, hard))


@pytest.fixture
def read_only() -> Iterator[Fault]:
    """Lets every database that is open only be read."""
    opened: list[sqlite3.Connection] = []

    def connected(connection: sqlite3.Connection, _: Any) -> None:
        opened.append(connection)

    def tell(word: str) -> None:
        for connection in opened:
            with suppress(sqlite3.ProgrammingError):  # it was closed since
                connection.execute(f"PRAGMA query_only={word}").close()

    @contextmanager
    def fault() -> Iterator[None]:
        tell("on")
        yield
        tell("off")

    event.listen(Pool, "connect", connected)
    yield fault
    event.remove(Pool, "connect", connected)


# --- at a start -----------------------------------------------------------------------------------


@pytest.mark.usefixtures("untouched_logging")
def test_a_start_on_a_full_disk_is_one_sentence_and_nothing_is_lost(
    small: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("KRETS_BROWSER", raising=False)  # a setting of the tests alone
    monkeypatch.setenv("KRETS_DATA_DIR", str(small / "var"))
    assert main(["migrate"]) == 0
    before = (small / "var" / "krets.db").read_bytes()
    with filled(small):
        for command in ("run", "migrate", "board"):
            assert main([command]) == 1
            told = capsys.readouterr()
            (sentence,) = told.err.splitlines()
            assert told.out == ""
            assert "its disk is full, or Krets may not write there" in sentence
    assert (small / "var" / "krets.db").read_bytes() == before
    assert main(["board"]) == 0
    assert capsys.readouterr().out == "Nothing waits.\n"


def test_a_database_is_not_made_by_half_on_a_disk_without_room(small: Path) -> None:
    url = f"sqlite:///{small / 'krets.db'}"
    with filled(small), pytest.raises(CannotUse, match="cannot be written"):
        migrate(url)
    migrate(url)
    assert schema_state(url) is SchemaState.CURRENT


def test_a_database_that_cannot_be_opened_is_not_called_damaged(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'krets.db'}"
    (tmp_path / "krets.db").mkdir()
    assert schema_state(url) is SchemaState.AWAY
    with pytest.raises(CannotUse, match="Krets may not write there"):
        migrate(url)


# --- while it runs --------------------------------------------------------------------------------


async def refused(site: Site, form: Reply) -> bool:
    """Whether somebody who checks in is told that it did not go."""
    answers = {"tap": "heavy", "words": CANARY, "level": "leaders"}
    body = {"id": str(uuid4()), "room": CHAT, "action": form.seen.action, "answers": answers}
    status, answer = await site.post("/p/asa-nystrom/submit", body)
    if status == 200:
        return False
    assert (status, answer) == (500, {"error": "Internal Server Error"})
    return True


async def shortly_before(site: Site, data: Path) -> tuple[object, ...]:
    """Go to the instant before the next moment, which comes then by the clock alone."""
    with closing(sqlite3.connect(data / "krets.db")) as opened:
        asked = "SELECT group_id, meeting, kind, who, due_at FROM moments ORDER BY due_at"
        (*moment, due_at) = opened.execute(asked).fetchone()
    due = datetime.fromisoformat(due_at).replace(tzinfo=UTC)
    await site.travel(to=(due - timedelta(seconds=0.5)).isoformat())
    return tuple(moment)


def stands(data: Path, moment: tuple[object, ...]) -> bool:
    with closing(sqlite3.connect(data / "krets.db")) as opened:
        asked = "SELECT 1 FROM moments WHERE (group_id, meeting, kind, who) = (?, ?, ?, ?)"
        return opened.execute(asked, moment).fetchone() is not None


async def story(data: Path, fault: Fault, caplog: pytest.LogCaptureFixture) -> None:
    """People are refused meanwhile, a moment comes, and within half a minute all is well."""
    async with runs_in(data)() as site:
        await site.fill()
        await gather(site)
        await site.until("checkin", 1)
        form = await press(site.persona("asa-nystrom"), "check in")
        moment = await shortly_before(site, data)
        assert moment[2] == "begin"
        caplog.clear()
        with fault():
            assert await refused(site, form)
            assert (await site.get("/readyz")) == (503, "not ready\n")
            async with asyncio.timeout(20):
                while "failed: " not in caplog.text.replace("POST", ""):
                    await asyncio.sleep(0.05)
            assert stands(data, moment)
        await site.travel(by="PT30S")
        assert (await site.get("/readyz")) == (200, "ready\n")
        assert not stands(data, moment), "it came as soon as it could"
        assert not await refused(site, form), "what was typed can be sent once more"
        await to_the_end(site.persona(LEADERS[0]))
    assert CANARY not in caplog.text


async def test_a_disk_that_may_only_be_read_loses_nothing(
    tmp_path: Path, read_only: Fault, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        await story(tmp_path / "var", read_only, caplog)


async def test_a_disk_that_fails_loses_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        await story(tmp_path / "var", failing, caplog)


async def test_a_disk_that_is_full_loses_nothing(
    small: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        await story(small / "var", lambda: filled(small), caplog)


async def test_a_server_whose_disk_is_full_loses_nothing(
    server: tuple[Postgres, Path], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    postgres, disk = server
    with postgres.database() as database, postgres.database() as keys:
        given = {"KRETS_DATABASE_URL": database, "KRETS_KEYRING_URL": keys}
        given |= {"KRETS_MASTER_KEYS": new_master().line}
        make_ready(read_settings(given))
        store = Store(database)
        await ProgrammeTime(now).set(store, START)
        await store.close()
        async with runs_in(tmp_path / "none", **given)() as site:
            await site.fill()
            await gather(site)
            await site.until("checkin", 1)
            form = await press(site.persona("asa-nystrom"), "check in")
            with filled(disk):
                tries = [await refused(site, form) for _ in range(20)]
                assert any(tries), "its own free space is used up"
            await site.travel(by="PT30S")
            assert not await refused(site, form), "what was typed can be sent once more"
            assert (await site.get("/readyz")) == (200, "ready\n")
            await site.until("begin", 1)
            await to_the_end(site.persona(LEADERS[0]))
    assert CANARY not in caplog.text
