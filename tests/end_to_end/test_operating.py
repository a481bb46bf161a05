"""Operating Krets: its backup and its restore, what waits, its metrics, its end."""

import asyncio
import re
import sqlite3
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import aiohttp
import pytest

from adapters.playground.messenger import PlaygroundMessenger
from bot.backups import backup, restore
from bot.core.card import Card
from bot.messenger import Address
from bot.realtime import now
from bot.settings import Settings, read_settings
from bot.store import CannotUse, migrate, only_one
from bot.waiting import Waiting, as_json, as_lines, waiting
from bot.words import View
from tests.end_to_end.conftest import Running, runs_in
from tests.end_to_end.process import environment, within
from tests.end_to_end.site import Site
from tests.end_to_end.story import LEADERS, gather, press, to_the_end

TOKEN = "a-word-for-the-scraper"


def rows(database: Path, question: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(database)) as opened:
        return opened.execute(question).fetchall()


def settings_of(data: Path) -> Settings:
    return read_settings({"KRETS_DATA_DIR": str(data)})


async def backed_up(data: Path, copy: Path) -> str:
    """What `krets backup` says, beside whatever runs."""
    return await asyncio.to_thread(backup, settings_of(data), copy, now())


def restored(data: Path, copy: Path) -> str:
    with ThreadPoolExecutor(1) as beside:  # a loop of its own
        return beside.submit(restore, settings_of(data), copy, now()).result()


async def board(data: Path) -> list[Waiting]:
    return await waiting(f"sqlite:///{data / 'krets.db'}", now())


async def messages(site: Site, who: str) -> list[str]:
    return (await site.persona(who).see()).text.splitlines()


# --- backup and restore ---------------------------------------------------------------------------


async def test_a_copy_is_made_while_krets_runs_and_brings_everything_back(
    running: Running, tmp_path: Path
) -> None:
    data, copy = tmp_path / "var", tmp_path / "copies" / "night.db"
    copy.parent.mkdir()
    async with running() as site:
        await site.fill()
        await gather(site)
        before = await messages(site, "asa-nystrom")
        assert "without any key" in await backed_up(data, copy)
    assert copy.stat().st_mode & 0o077 == 0
    for name in ("krets.db", "krets.db-wal", "krets.db-shm"):
        (data / name).unlink(missing_ok=True)
    restored(data, copy)
    async with running() as site:
        assert await messages(site, "asa-nystrom") == before
        await site.until("begin", 1)
        await to_the_end(site.persona(LEADERS[0]))


async def test_a_copy_of_the_night_opens_nothing_that_was_destroyed_the_day_after(
    running: Running, tmp_path: Path
) -> None:
    data, copy = tmp_path / "var", tmp_path / "night.db"
    async with running() as site:
        await site.fill()
        await gather(site)
        await site.until("checkin", 1)
        asa = site.persona("asa-nystrom")
        await asa.submit(
            await press(asa, "check in"), tap="heavy", words="Kanarie", level="leaders"
        )
        await backed_up(data, copy)
        (key,) = rows(copy, "SELECT key_id FROM sealed")
        await site.until("shred", 1)
        later = (await site.travel(by="PT0S"))["now"]
    assert "krets.db.replaced" in restored(data, copy)
    assert rows(data / "krets.db", "SELECT key_id FROM sealed") == [key], "the copy has it"
    assert not list((data / "keys").rglob(f"*{key[0]}*")), "its key is gone"
    with closing(sqlite3.connect(data / "krets.db")) as opened:
        offset = rows(data / "krets.db.replaced", "SELECT value FROM meta WHERE key LIKE '%offset'")
        opened.execute("UPDATE meta SET value = ? WHERE key = 'programme_offset'", offset[0])
        opened.commit()
    async with running() as site:
        assert (await site.travel(by="PT0S"))["now"] >= later
        assert rows(data / "krets.db", "SELECT count(*) FROM sealed") == [(0,)]


async def test_after_a_restore_nothing_is_sent_again_of_which_it_is_not_sure(
    running: Running, tmp_path: Path
) -> None:
    data, copy = tmp_path / "var", tmp_path / "night.db"
    async with running() as site:
        await site.fill()
        await gather(site)
        await backed_up(data, copy)
    with closing(sqlite3.connect(copy)) as opened:  # as if the copy were made before it was shown
        opened.execute("UPDATE posts SET state='pending', ref=NULL WHERE name='invite'")
        opened.commit()
    restored(data, copy)
    states = dict(rows(data / "krets.db", "SELECT DISTINCT name, state FROM posts"))
    assert states["invite"] == "uncertain"
    assert {one.state for one in await board(data)} == {"uncertain"}


async def test_after_a_restore_nothing_is_said_a_second_time_and_those_who_lead_may(
    running: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    posted = counted(monkeypatch)
    data, copy = tmp_path / "var", tmp_path / "night.db"
    async with running() as site:
        await site.fill()
        await gather(site)
        await site.until("begin", 1)
        await to_the_end(site.persona(LEADERS[0]))
        await site.until("question", 2)
        await backed_up(data, copy)
        posted.clear()
        await site.until("remind", 2)
        later = (await site.travel(by="PT2H"))["now"]
        since = set(posted)
        assert len(since) > 5, "reminders"
    travelled(copy, data / "krets.db")
    restored(data, copy)
    posted.clear()
    async with running() as site:
        assert (await site.travel(by="PT0S"))["now"] >= later
        assert not set(posted) & since
        lea = site.persona(LEADERS[0])
        await press(lea, "try again")
        await site.travel(by="PT0S")
        assert len(set(posted) & since) == 1
        posted.clear()
        await site.until("checkin", 2)
        assert posted, "what comes afterwards is said"
    assert set(posted.values()) == {1}


def travelled(copy: Path, was: Path) -> None:
    """Let a copy stand in the time to which its database has travelled: the clock went on."""
    ((offset,),) = rows(was, "SELECT value FROM meta WHERE key = 'programme_offset'")
    with closing(sqlite3.connect(copy)) as opened:
        opened.execute("UPDATE meta SET value = ? WHERE key = 'programme_offset'", (offset,))
        opened.commit()


def counted(monkeypatch: pytest.MonkeyPatch) -> Counter[tuple[str, str]]:
    """How often each card is posted, by where."""
    found: Counter[tuple[str, str]] = Counter()
    real = PlaygroundMessenger.post

    async def post(self: PlaygroundMessenger, to: Address, card: Card, view: View) -> str:
        found[to.native, repr(card)] += 1
        return await real(self, to, card, view)

    monkeypatch.setattr(PlaygroundMessenger, "post", post)
    return found


def migrated(tmp_path: Path) -> Path:
    migrate(settings_of(tmp_path / "var").database)
    return tmp_path / "var"


async def test_a_copy_is_written_over_nothing(tmp_path: Path) -> None:
    data, copy = migrated(tmp_path), tmp_path / "night.db"
    copy.write_text("mine")
    with pytest.raises(CannotUse, match="is there already"):
        await backed_up(data, copy)
    assert copy.read_text() == "mine"


@pytest.mark.parametrize("name", ["night.db", "nowhere.db"])
def test_what_is_no_backup_replaces_nothing(tmp_path: Path, name: str) -> None:
    data = migrated(tmp_path)
    before = (data / "krets.db").read_bytes()
    (tmp_path / "night.db").write_bytes(b"no database" * 500)
    with pytest.raises(CannotUse, match="no backup"):
        restored(data, tmp_path / name)
    assert (data / "krets.db").read_bytes() == before


async def test_a_copy_that_cannot_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    data = migrated(tmp_path)
    (data / "krets.db").rename(data / "elsewhere.db")
    (data / "krets.db").write_bytes(b"no database" * 500)
    with pytest.raises(CannotUse, match="cannot be copied"):
        await backed_up(data, tmp_path / "night.db")
    assert [path.name for path in tmp_path.iterdir()] == ["var"]


async def test_nothing_is_restored_under_a_running_krets(tmp_path: Path) -> None:
    data, copy = migrated(tmp_path), tmp_path / "night.db"
    await backed_up(data, copy)
    here = only_one(data, f"sqlite:///{data / 'krets.db'}")
    with here, pytest.raises(CannotUse, match="Another Krets is running"):
        restored(data, copy)


def test_from_the_command_line_there_and_back(tmp_path: Path) -> None:
    data, copy = migrated(tmp_path), tmp_path / "night.db"
    for command, says in (
        (("backup", str(copy)), "without any key"),
        (("restore", str(copy)), "is the database now"),
        (("board",), "Nothing waits."),
    ):
        done = within(*command, env=environment(data))
        assert (done.returncode, done.stderr) == (0, "")
        assert says in done.stdout


# --- what waits -----------------------------------------------------------------------------------


async def test_the_board_says_what_waits_and_why_and_names_nobody(
    running: Running, tmp_path: Path
) -> None:
    data = tmp_path / "var"
    async with running() as site:
        await site.fill()
        await gather(site)
    assert await board(data) == []
    with closing(sqlite3.connect(data / "krets.db")) as opened:
        opened.execute(
            "UPDATE posts SET state='failed', reason='channel_not_found', name='left/person-1'"
            " WHERE id = (SELECT max(id) FROM posts)"
        )
        opened.commit()
    found = await board(data)
    for told in (as_lines(found), as_json(found)):
        assert "channel_not_found" in told
        assert "person-1" not in told
    ((what, state, platform),) = [(one.what, one.state, one.platform) for one in found]
    assert (what, state, platform) == ("left", "failed", "playground")


# --- metrics --------------------------------------------------------------------------------------


async def scraped(site: Site, token: str = TOKEN) -> tuple[int, str]:
    async with aiohttp.ClientSession() as session:
        headers = {"Authorization": f"Bearer {token}"}
        async with session.get(f"{site.address}/metrics", headers=headers) as got:
            return got.status, await got.text()


async def test_metrics_count_and_name_nobody(tmp_path: Path) -> None:
    async with runs_in(tmp_path / "var", KRETS_METRICS_TOKEN=TOKEN)() as site:
        await site.fill()
        room = await gather(site)
        status, told = await scraped(site)
    assert status == 200
    assert 'krets_sends_total{call="Post",outcome="Done",platform="playground"}' in told
    assert 'krets_board_posts{state="pending"} 0.0' in told
    assert "krets_due_lag_seconds 0.0" in told
    for what in ("moment", "post", "job"):
        assert f'krets_parked{{what="{what}"}} 0.0' in told
    labels = {value for found in re.findall(r"\{(.*?)\}", told) for value in found.split(",")}
    for named in ("asa", "Åsa", room, "group", "person="):
        assert not any(named in label for label in labels if not label.startswith("route="))
    routes = {label for label in labels if label.startswith("route=")}
    assert all("asa" not in route for route in routes)


@pytest.mark.parametrize("token", ["", "another"])
async def test_metrics_are_told_to_whoever_has_the_token_alone(tmp_path: Path, token: str) -> None:
    async with runs_in(tmp_path / "var", KRETS_METRICS_TOKEN=TOKEN)() as site:
        status, told = await scraped(site, token)
    assert status == 401
    assert "krets_" not in told


async def test_without_a_token_there_are_no_metrics(running: Running) -> None:
    async with running() as site:
        assert (await scraped(site))[0] == 404
