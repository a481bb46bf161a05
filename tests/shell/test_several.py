"""A board beside others: an engine that keeps its work, and processes that come and go."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.assembly import Assembly
from bot.board import GONE
from bot.core.decision import Decision
from bot.core.due import ENDING, Wanted
from bot.core.event import Event, NotSure
from bot.core.facts import Facts
from bot.core.model import Group
from bot.messenger import TryLater
from bot.store import Unit
from schedules.engine import Due, Show
from tests.shell.stage import CANARY, HOUR, START, Stage, a_group, put
from tests.shell.test_board import begin, go_on, said

SECOND = timedelta(seconds=1)


@pytest.fixture
async def stage(tmp_path: Path, postgres_url: str) -> AsyncIterator[Stage]:
    """One process of several."""
    stage = Stage(tmp_path, postgres_url)
    stage.engine.keeps = True
    await stage.people()
    yield stage
    await stage.store.close()


def wants(*kinds: tuple[str, int]) -> object:
    """The moments that a group wants: kinds, and after how many hours."""
    return lambda group: frozenset(
        Wanted(1, kind, "", START + hours * HOUR) for kind, hours in kinds
    )


def queued(stage: Stage) -> list[object]:
    """What was given to the engine since the last time."""
    works = list(stage.engine.queue)
    stage.engine.queue.clear()
    return works


# --- moments ------------------------------------------------------------------------------------


async def test_each_moment_is_queued_once_and_what_ends_something_first(stage: Stage) -> None:
    stage.due = wants(("remind", 1), ("close", 2), ("begin", 3))
    await begin(stage)
    assert "close" in ENDING
    stage.programme = START + 2 * HOUR
    queued(stage)
    await stage.board.claim()
    assert queued(stage) == [Due("g1", 1, "close", ""), Due("g1", 1, "remind", "")]
    await stage.board.claim()
    assert queued(stage) == []
    assert await stage.board.next_due() == START + 3 * HOUR


async def test_a_moment_that_came_too_early_by_the_clock_here_is_queued_again(
    stage: Stage,
) -> None:
    stage.due = wants(("begin", 1))
    await begin(stage)
    stage.programme = START + HOUR
    await stage.board.claim()
    stage.programme -= SECOND
    queued(stage)
    await stage.bot.moment(Due("g1", 1, "begin", ""))
    assert await stage.board.next_due() == START + HOUR
    stage.programme += SECOND
    await stage.board.claim()
    assert queued(stage) == [Due("g1", 1, "begin", "")]


async def test_what_was_due_before_comes_before_also_if_it_is_somebody_elses_to_do(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    came: list[str] = []

    def rule(group: Group | None, event: Event, facts: Facts) -> Decision:
        came.append(event.kind)
        if event.kind == "remind":
            raise ValueError("what a person wrote")
        return Decision(group)

    stage.due = wants(("remind", 1), ("begin", 2), ("finish", 3), ("shred", 4))
    await begin(stage)
    stage.rule, stage.programme = rule, START + 9 * HOUR
    stage.due = lambda group: frozenset(
        one for one in wants(("remind", 1), ("shred", 4))(group) if one.kind not in came
    )
    assembly = assembled(stage, None)
    await assembly.work(Due("g1", 1, "finish", ""))
    assert came == ["remind", "begin"], "a rule that fails holds nobody up"
    assert "what a person wrote" not in caplog.text
    await assembly.work(Due("g1", 1, "finish", ""))
    await assembly.work(Due("g1", 1, "nothing", ""))
    assert came == ["remind", "begin"], "what is wanted no more does not come"


# --- what one clock does for all ------------------------------------------------------------------


class Rounds:
    """Counts how often the rooms were looked at."""

    def __init__(self) -> None:
        self.made = 0

    async def round(self) -> bool:
        self.made += 1
        return True


def assembled(stage: Stage, lookout: object) -> Assembly:
    return Assembly(stage.store, stage.engine, stage.board, stage.bot, lookout, lambda: stage.real)


async def test_of_two_clocks_one_looks_at_the_rooms_each_day(stage: Stage) -> None:
    rounds = Rounds()
    one, other = assembled(stage, rounds), assembled(stage, rounds)
    for days in range(4):
        stage.real = START + days * 24 * HOUR
        await asyncio.gather(one.tidy(), other.tidy())
        stage.real += 8 * HOUR
        await other.tidy()
        assert rounds.made == days + 1


async def test_whoever_starts_looks_unless_another_has_started_just_now(stage: Stage) -> None:
    rounds = Rounds()
    for hours, made in ((0, 1), (1, 2)):
        stage.real = START + hours * HOUR
        for _ in range(2):
            started = assembled(stage, rounds)
            await started.recover()
            await started.tidy()
            stage.real += SECOND
        assert rounds.made == made


async def test_a_clock_that_goes_back_keeps_nobody_from_looking(stage: Stage) -> None:
    rounds = Rounds()
    await assembled(stage, rounds).tidy()
    stage.real -= 400 * 24 * HOUR
    await assembled(stage, rounds).tidy()
    assert rounds.made == 2


# --- posts --------------------------------------------------------------------------------------


async def test_what_was_put_off_is_queued_when_its_time_comes(stage: Stage) -> None:
    stage.messenger.errors = [TryLater(20 * SECOND)]
    await begin(stage, put("a"))
    queued(stage)
    tried_at = stage.programme + 20 * SECOND
    assert await stage.board.next_due() == tried_at
    assert await stage.board.next_due(tried_at) is None
    await stage.board.claim()
    assert queued(stage) == []
    stage.real += 20 * SECOND
    await stage.board.claim()
    assert queued(stage) == [Show("g1")]
    assert await stage.board.next_due() is None
    await stage.board.show("g1")
    assert said(stage)[-1] == ("post", "U1", "Hej x")


async def test_only_what_has_been_sent_for_too_long_is_judged(stage: Stage) -> None:
    async def look() -> None:
        queued(stage)
        await stage.board.judge()
        assert (stage.fates, queued(stage)) == ([], [])
        stage.real += GONE
        await stage.board.judge()
        assert stage.fates == []
        stage.real += SECOND
        await stage.board.judge()

    stage.messenger.during = look
    await begin(stage, put("first"))
    assert stage.fates == [NotSure("g1", "anna")], "who was sending was taken for gone"
    assert (await stage.posts())["first"][0] == "shown", "and told it afterwards"

    stage.fates.clear()
    stage.messenger.during = look
    await go_on(stage, put("first", "edited"))
    assert (stage.fates, queued(stage)) == ([], [Show("g1")])


async def test_a_platform_that_is_connected_again_is_looked_for_at_a_start(stage: Stage) -> None:
    await stage.decide(Decision(a_group(), (put("a"),)))
    queued(stage)
    await stage.board.find_again()
    assert queued(stage) == [Show("g1")]


# --- nothing is said before what has ended is destroyed -----------------------------------------


async def test_a_key_that_another_process_has_not_ended_yet_is_ended_first(stage: Stage) -> None:
    await begin(stage, drawers={"1/meeting": {"case/1": CANARY}})
    (file,) = (one for one in stage.key_files())

    def end(unit: Unit) -> None:
        unit.groups.shred("g1", "1/meeting")  # and that process dies before it ends the key

    await stage.store.run(end)
    stage.messenger.during = gone = Gone(file)
    await go_on(stage, put("a"))
    assert gone.looked


class Gone:
    """Looks, when something is said, whether a key is gone."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.looked = False

    async def __call__(self) -> None:
        assert not self.file.exists()
        self.looked = True


async def test_while_a_key_will_not_go_what_waits_is_put_off(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    await stage.decide(Decision(a_group(), (put("a"),)))
    queued(stage)
    with monkeypatch.context() as patch:
        patch.setattr(stage.keyring, "all_gone", lambda: False)
        await stage.board.show("g1")
    assert said(stage) == []
    due_at = await stage.board.next_due()
    assert due_at is not None
    stage.real += due_at - stage.programme
    await stage.board.claim()
    assert queued(stage) == [Show("g1")]


async def test_what_nobody_needs_is_swept_beside_others(stage: Stage) -> None:
    await begin(stage, drawers={"1/meeting": {"case/1": CANARY}})
    needed = stage.key_files()
    stage.keyring.make()
    await stage.bot.sweep()
    assert stage.key_files() == needed
