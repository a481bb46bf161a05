"""A copy that was put back, on either database: nothing twice, and the rooms are looked at."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.backups import backup, restore
from bot.core.decision import Decision
from bot.core.effect import OpenRoom, Person, Remove, Room, ShowAgain
from bot.core.event import NotSure
from bot.settings import Settings
from bot.store import CannotUse
from schedules.engine import Show
from tests.shell.stage import HOUR, START, Stage, a_group, put
from tests.shell.test_board import begin, go_on, said
from tests.shell.test_moments import WAKE, wanted
from tests.shell.test_several import Rounds, assembled

MINUTE = timedelta(minutes=1)


def settings_of(stage: Stage) -> Settings:
    return Settings(data_dir=stage.directory, database_url=stage.url)


async def put_back(stage: Stage) -> str:
    """What `krets restore` says after somebody has put a copy back by other means."""
    return await asyncio.to_thread(restore, settings_of(stage), None, stage.real)


async def test_what_waited_for_the_first_time_is_not_sent_and_an_edit_is(stage: Stage) -> None:
    await begin(stage, put("edited"))
    said(stage)
    await stage.decide(
        lambda group, *_: Decision(group, (put("edited", "new"), put("posted", person="bo")))
    )
    assert "What was put back is the database now." in await put_back(stage)
    assert await stage.posts() == {"edited": ("pending", 2, 1), "posted": ("uncertain", 1, 0)}
    await start(stage)
    assert await stage.board.find_work() == [Show("g1")]
    await stage.board.show("g1")
    assert said(stage) == [("edit", "U1", "r0", "Hej new")]


async def test_a_room_that_waited_to_be_opened_is_not_opened_a_second_time(stage: Stage) -> None:
    await stage.decide(Decision(a_group(), (OpenRoom("g1", ("anna",)),)))
    await put_back(stage)
    await start(stage)
    await stage.board.show("g1")
    await stage.board.judge()
    assert said(stage) == []
    assert stage.fates == [NotSure("g1", "")]
    await go_on(stage, ShowAgain(Room("g1")))
    assert [one[0] for one in said(stage)] == ["open_room"]


def says(*effects: object) -> Callable[..., Decision]:
    """What a moment says, which then is not wanted any more."""
    return lambda group, *_: Decision(replace(group, link="come"), effects)


async def test_a_moment_that_came_since_the_copy_says_nothing_new_and_that_is_told(
    stage: Stage,
) -> None:
    await due_in(stage, 1, put("known"))
    stage.real = stage.programme = START + 2 * HOUR
    await put_back(stage)
    await start(stage)
    stage.rule = says(put("new"), put("known", "more"), put("card", person=""))
    await stage.bot.moment(WAKE)
    await stage.board.show("g1")
    assert said(stage) == [("edit", "U1", "r0", "Hej more")]
    assert await stage.posts() == {
        "known": ("shown", 2, 2),
        "new": ("uncertain", 1, 0),
        "card": ("uncertain", 1, 0),
    }
    await stage.board.judge()
    assert stage.fates == [NotSure("g1", ""), NotSure("g1", "anna")]
    await go_on(stage, ShowAgain(Person("anna")))
    assert said(stage) == [("post", "U1", "Hej x")]


async def test_what_was_removed_before_the_copy_may_be_there_again_since(stage: Stage) -> None:
    await due_in(stage, 1, put("a"))
    await go_on(stage, Remove(Person("anna"), "a"))
    stage.real = stage.programme = START + HOUR
    await put_back(stage)
    stage.rule = says(put("a"))
    await stage.bot.moment(WAKE)
    assert (await stage.posts())["a"] == ("uncertain", 3, 2)


async def test_a_moment_that_is_due_after_the_restore_says_what_it_says(stage: Stage) -> None:
    await due_in(stage, 2)
    stage.real = stage.programme = START + HOUR
    await put_back(stage)
    await start(stage)
    stage.programme = START + 2 * HOUR
    stage.rule = says(put("new"))
    await stage.bot.moment(WAKE)
    await stage.board.show("g1")
    assert said(stage) == [("post", "U1", "Hej x")]


async def test_nobody_is_spoken_to_before_the_rooms_were_looked_at(stage: Stage) -> None:
    await begin(stage, put("a"))
    said(stage)
    await stage.decide(lambda group, *_: Decision(group, (put("a", "new"),)))
    await put_back(stage)
    stage.engine.keeps = stage.url.startswith("postgresql")
    await stage.board.show("g1")
    await assembled(stage, Interrupted()).recover()
    await stage.board.show("g1")
    assert said(stage) == []
    await start(stage)
    stage.real += MINUTE
    if stage.engine.keeps:
        await stage.board.claim()
    assert Show("g1") in await stage.board.find_work()
    await stage.board.show("g1")
    assert said(stage) == [("edit", "U1", "r0", "Hej new")]


class Interrupted:
    """A round that a stop has ended in the middle."""

    async def round(self) -> bool:
        return False


async def start(stage: Stage) -> None:
    """What the next start does first."""
    stage.engine.keeps = stage.url.startswith("postgresql")
    await assembled(stage, Rounds()).recover()


async def due_in(stage: Stage, hours: int, *effects: object) -> None:
    """A new group with these effects, shown, and a moment that comes after some hours."""
    stage.due = lambda group: frozenset() if group.link else wanted(hours)
    await begin(stage, *effects)
    said(stage)


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
        lambda: restore(settings_of(stage), tmp_path / "other.db", START),
    ):
        with pytest.raises(CannotUse, match=r"pg_dump and put back with pg_restore|is no backup"):
            await asyncio.to_thread(what)
    assert not copy.exists()
