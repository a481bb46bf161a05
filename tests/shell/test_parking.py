"""What fails again and again by a fault of ours is parked, without a word; the rest goes on."""

import logging
from datetime import timedelta

import pytest
import sqlalchemy as sa

from bot.assembly import Assembly
from bot.core.decision import Decision
from bot.core.due import Wanted
from bot.core.effect import Person, Put
from bot.core.event import Event
from bot.core.facts import Facts
from bot.core.model import BadDocument, Group
from bot.parking import TRIES, StoreFailed
from bot.store import Unit
from schedules.distributed import ProcrastinateEngine
from schedules.engine import Due, Engine, Show
from schedules.inline import InlineEngine
from tests.schedules.engines import running, until
from tests.shell.stage import CANARY, HOUR, START, Stage, a_card, a_group, put
from tests.shell.test_board import begin, go_on, said

PAUSE = timedelta(seconds=10)
REMIND = Due("g1", 1, "remind", "")


def assembly(stage: Stage, engine: Engine | None = None) -> Assembly:
    return Assembly(
        stage.store, engine or stage.engine, stage.board, stage.bot, None, lambda: stage.real
    )


async def sql(stage: Stage, statement: str, **values: str) -> None:
    await stage.store.run(lambda unit: unit._session.execute(sa.text(statement), values))


async def spoil(stage: Stage, name: str) -> None:
    """Let a card be one that no Krets can read, with words in it."""
    card = f'{{"words": "{CANARY}"}}'
    await sql(stage, "UPDATE posts SET card = :card WHERE name = :name", card=card, name=name)


async def reasons(stage: Stage) -> list[str]:
    return await stage.store.run(lambda unit: [row.reason for row in unit.posts.behind()])


# --- cards --------------------------------------------------------------------------------------


async def test_a_card_that_cannot_be_shown_is_parked_and_the_others_go_on(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    others = (put("b", "b", "bo"), put("c", "c", "lea"))
    await stage.decide(Decision(a_group(), (put("a"), put("later"), *others)))
    await spoil(stage, "a")
    with caplog.at_level(logging.DEBUG):
        await stage.board.show("g1")
        assert [call[1] for call in said(stage)] == ["U2", "U3"], "in other conversations at once"
        for n in range(2, TRIES + 1):
            stage.real += PAUSE
            assert await stage.board.find_work() == [Show("g1")]
            await stage.board.show("g1")
            assert len(said(stage)) == (1 if n == TRIES else 0), "in this one after it"
    assert (await stage.posts())["a"] == ("failed", 1, 0)
    assert await reasons(stage) == ["fault/ValidationError"]
    ours = " ".join(one.getMessage() for one in caplog.records if one.name.startswith("bot."))
    assert "a is parked: ValidationError" in ours
    assert CANARY not in ours
    stage.real += HOUR
    assert await stage.board.find_work() == []


async def test_what_is_parked_is_tried_once_more_when_it_is_let_go(stage: Stage) -> None:
    await stage.decide(Decision(a_group(), (put("a"),)))
    await spoil(stage, "a")
    for _ in range(TRIES):
        await stage.board.show("g1")
        stage.real += PAUSE
    for _ in range(2):
        await stage.board.let_go()
        assert await stage.board.find_work() == [Show("g1")]
        await stage.board.show("g1")
        assert await stage.board.find_work() == []
    await go_on(stage, put("a", "mended"))
    assert said(stage) == [("post", "U1", "Hej mended")]
    assert await stage.posts() == {"a": ("shown", 2, 2)}


async def test_an_edit_that_cannot_be_shown_holds_up_nothing(stage: Stage) -> None:
    await begin(stage, put("a"))
    said(stage)
    await stage.decide(lambda group, *_: Decision(group, (put("a", "two"), put("b", "new"))))
    await spoil(stage, "a")
    await stage.board.show("g1")
    assert said(stage) == [("post", "U1", "Hej new")]


async def test_a_group_that_cannot_be_read_is_parked_and_another_is_not(stage: Stage) -> None:
    await stage.decide(Decision(a_group("g2"), (Put(Person("anna"), "a", a_card(group="g2")),)))
    await stage.decide(Decision(a_group(), (put("a"), put("b"))))
    await sql(stage, "UPDATE groups SET document = '{}' WHERE id = 'g1'")
    process = assembly(stage)
    for _ in range(TRIES - 1):
        with pytest.raises(BadDocument):
            await process.work(Show("g1"))
        stage.real += PAUSE
    await process.work(Show("g1"))
    assert await stage.board.find_work() == [Show("g2")]
    assert set(await reasons(stage)) == {"", "fault/BadDocument"}
    await process.work(Show("g2"))
    assert said(stage) == [("post", "U1", "Hej hello")]


# --- moments ------------------------------------------------------------------------------------


async def poison(stage: Stage) -> None:
    """A group with a moment that no rule can answer, and one that comes after it."""

    def rule(group: Group | None, event: Event, facts: Facts) -> Decision:
        if event.kind == "remind":
            raise ValueError(CANARY)
        stage.due = lambda _: frozenset({Wanted(1, "remind", "", START + HOUR)})
        return Decision(group, (put("came"),))

    stage.due = lambda _: frozenset(
        {Wanted(1, "remind", "", START + HOUR), Wanted(1, "begin", "", START + HOUR)}
    )
    await stage.decide(Decision(a_group()))
    stage.rule, stage.programme = rule, START + 2 * HOUR


async def test_a_moment_that_always_fails_is_parked_in_either_engine(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    await poison(stage)
    distributed = not stage.url.startswith("sqlite:")
    engine: Engine = (
        ProcrastinateEngine(stage.url, 3) if distributed else InlineEngine(stage.board.find_work)
    )
    stage.board._engine = stage.bot._saving._engine = engine
    process, tries = assembly(stage, engine), []

    async def work(one: Due | Show) -> None:
        tries.append(one)
        await process.work(one)

    with caplog.at_level(logging.INFO, "bot"):
        async with running(engine, work):
            if distributed:
                await stage.board.claim()
            for _ in range(TRIES + 3):
                await engine.recover()
                await engine.idle()
            await until(lambda: tries.count(REMIND) == TRIES)
            assert said(stage) == [("post", "U1", "Hej x")], "the group goes on"
            assert await stage.board.next_due() is None
            await stage.board.let_go()
            assert await stage.board.next_due() == START + HOUR
            await stage.board.claim()
            await engine.idle()
            await until(lambda: tries.count(REMIND) == TRIES + 1)
            await engine.idle()
            assert await stage.board.next_due() is None
    (row,) = await stage.store.run(lambda unit: unit.moments.parked(TRIES))
    assert (row.kind, row.fault, row.tries) == ("remind", "ValueError", TRIES)
    assert "remind is parked: ValueError" in caplog.text
    assert CANARY not in caplog.text


async def test_a_moment_that_is_wanted_no_more_is_not_counted(stage: Stage) -> None:
    await stage.decide(Decision(a_group()))
    assert not await stage.board.fail(REMIND, "ValueError")


# --- what is no fault of the work ---------------------------------------------------------------


async def test_what_a_database_or_a_network_fails_by_parks_nothing(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    await stage.decide(Decision(a_group(), (put("a"),)))
    process = assembly(stage)

    def full(group_id: str, unit: Unit) -> None:
        raise sa.exc.OperationalError("", {}, Exception("database or disk is full"))

    with monkeypatch.context() as patch:
        patch.setattr(stage.board, "_claim", full)
        for _ in range(TRIES + 1):
            with pytest.raises(StoreFailed):
                await process.work(Show("g1"))
    assert await reasons(stage) == [""]
    await process.work(Show("g1"))
    assert said(stage) == [("post", "U1", "Hej x")]
