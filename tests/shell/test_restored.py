"""A copy that was put back, on either database: nothing twice, and the rooms are looked at."""

import asyncio
from pathlib import Path

import pytest

from bot.backups import backup, restore
from bot.core.decision import Decision
from bot.settings import Settings
from bot.store import CannotUse
from schedules.engine import Show
from tests.shell.stage import START, Stage, put
from tests.shell.test_board import begin, said
from tests.shell.test_several import Rounds, assembled


def settings_of(stage: Stage) -> Settings:
    return Settings(data_dir=stage.directory, database_url=stage.url)


async def put_back(stage: Stage) -> str:
    """What `krets restore` says after somebody has put a copy back by other means."""
    return await asyncio.to_thread(restore, settings_of(stage), None)


async def test_what_waited_for_the_first_time_is_not_sent_and_an_edit_is(stage: Stage) -> None:
    await begin(stage, put("edited"))
    said(stage)
    await stage.decide(
        lambda group, *_: Decision(group, (put("edited", "new"), put("posted", person="bo")))
    )
    assert "What was put back is the database now." in await put_back(stage)
    assert await stage.posts() == {"edited": ("pending", 2, 1), "posted": ("uncertain", 1, 0)}
    stage.engine.keeps = stage.url.startswith("postgresql")
    await assembled(stage, Rounds()).recover()
    assert await stage.board.find_work() == [Show("g1")]
    await stage.board.show("g1")
    assert said(stage) == [("edit", "U1", "r0", "Hej new")]


async def test_the_first_start_afterwards_looks_at_the_rooms_and_no_other(stage: Stage) -> None:
    await begin(stage)
    await put_back(stage)
    stage.engine.keeps = stage.url.startswith("postgresql")
    rounds = Rounds()
    for _ in range(2):
        await assembled(stage, rounds).recover()
    assert rounds.made == 1


async def test_a_file_is_copied_by_krets_and_a_server_by_its_own_means(
    stage: Stage, tmp_path: Path
) -> None:
    copy = tmp_path / "night.db"
    if stage.url.startswith("sqlite:"):
        assert "without any key" in await asyncio.to_thread(backup, settings_of(stage), copy, START)
        return
    for what in (
        lambda: backup(settings_of(stage), copy, START),
        lambda: restore(settings_of(stage), tmp_path / "other.db"),
    ):
        with pytest.raises(CannotUse, match=r"pg_dump and put back with pg_restore|is no backup"):
            await asyncio.to_thread(what)
    assert not copy.exists()
