"""`krets board` says what waits and why, on either database, and lets go what is parked."""

from bot.core.decision import Decision
from bot.core.due import Wanted
from bot.core.effect import UseRoom
from bot.messenger import TryLater, Unreachable
from bot.parking import TRIES
from bot.waiting import Waiting, as_json, as_lines, backlog, waiting
from schedules.distributed import GIVEN_UP
from schedules.engine import Due, Show
from schedules.inline import InlineEngine
from tests.postgres import connect
from tests.shell.stage import CANARY, HOUR, ROOM, START, Stage, put
from tests.shell.test_board import SECOND, begin, go_on
from tests.shell.test_parking import spoil


async def board(stage: Stage, *, again: bool = False) -> list[Waiting]:
    return await waiting(stage.url, stage.real, again=again)


def told(found: list[Waiting]) -> list[tuple[str, ...]]:
    return [(one.where, one.what, one.state, one.why) for one in found]


async def test_each_post_and_moment_that_waits_is_told_with_the_reason(stage: Stage) -> None:
    stage.due = lambda _: frozenset({Wanted(1, "remind", "anna", START + SECOND)})
    stage.messenger.errors = [TryLater(HOUR), Unreachable("blocked"), RuntimeError(CANARY)]
    cards = (put("a"), put("b", person="bo"), put("c/anna", person="lea"), put("d", person=""))
    await begin(stage, *cards)
    stage.real += SECOND
    assert told(await board(stage)) == [
        ("person", "a", "pending", "put off"),
        ("person", "b", "failed", "blocked"),
        ("person", "c", "uncertain", "perhaps shown; never sent again by itself"),
        ("room", "d", "pending", "there is no room yet"),
        ("clock", "remind/1", "due", "nobody has come to it yet"),
    ]
    await stage.decide(lambda group, *_: Decision(group, (UseRoom("g1", ROOM),)))
    assert ("room", "d", "pending", "it is its turn") in told(await board(stage))


async def test_what_is_parked_is_told_without_a_word_and_let_go(stage: Stage) -> None:
    moment = Due("g1", 1, "remind", "anna")
    stage.due = lambda _: frozenset({Wanted(1, "remind", "anna", START + SECOND)})
    await begin(stage, put("a"))
    await go_on(stage, put("a", "two"))
    await go_on(stage, put("a", CANARY))
    await stage.decide(lambda group, *_: Decision(group, (put("a", "three"),)))
    await spoil(stage, "a")
    for _ in range(TRIES):
        await stage.board.show("g1")
        await stage.board.fail(moment, "ValueError")
        stage.real += HOUR
    wanted = [
        ("person", "a", "parked", "ValidationError"),
        ("clock", "remind/1", "parked", "ValueError"),
        *given_up(stage),
    ]
    found = await board(stage)
    assert told(found) == wanted
    assert {one.tries for one in found} == {TRIES}
    for said in (as_lines(found), as_json(found)):
        assert "anna" not in said
        assert CANARY not in said
    assert as_lines(found).endswith("What is parked is tried once more by: krets board --again")
    counted = await backlog(stage.url, stage.store, InlineEngine(stage.board.find_work), START)
    assert counted.parked == {"moment": 1, "post": 1, "job": len(given_up(stage))}
    assert counted.due_lag == 0, "nobody is late with what is parked"
    stage.programme += HOUR
    assert await stage.board.find_work() == []
    assert {one.state for one in await board(stage, again=True)} == {"pending", "due"}
    assert await stage.board.find_work() == [Show("g1"), moment]
    await stage.board.show("g1")
    await stage.board.fail(moment, "ValueError")
    assert told(await board(stage)) == wanted[:2], "a single try"


async def test_what_no_worker_does_is_late_and_told_after_a_minute(stage: Stage) -> None:
    """A clock on a server gives a moment to the workers, and there is none."""
    stage.engine.keeps = stage.url.startswith("postgresql")
    stage.due = lambda _: frozenset({Wanted(1, "remind", "anna", START + SECOND)})
    await begin(stage)
    queued = ("clock", "remind/1", "queued", "no worker has done it for 90 s")
    due = ("clock", "remind/1", "due", "nobody has come to it yet")
    for late in (30, 90):
        stage.programme = stage.real = START + (late + 1) * SECOND
        await stage.board.claim()
        engine = InlineEngine(stage.board.find_work)
        counted = await backlog(stage.url, stage.store, engine, stage.programme)
        assert (counted.due_lag, counted.parked["moment"]) == (late, 0)
        wanted = [due] if not stage.engine.keeps else [queued] if late > 60 else []
        assert told(await board(stage)) == wanted
    await stage.board.fail(Due("g1", 1, "remind", "anna"), "ValueError")
    assert {one.why for one in await board(stage)} == {"ValueError"}


def given_up(stage: Stage) -> list[tuple[str, ...]]:
    """A job that an engine on a server has given up, made at first."""
    if stage.url.startswith("sqlite:"):
        return []
    job = "INSERT INTO procrastinate_jobs (queue_name, task_name, args, status, attempts)"
    with connect(stage.url) as connection:
        connection.execute(
            f"{job} SELECT 'krets', 'later', '{{}}', 'failed', {GIVEN_UP}"
            " WHERE NOT EXISTS (SELECT 1 FROM procrastinate_jobs)".encode()
        )
    return [("engine", "later", "parked", "nobody could begin it")]
