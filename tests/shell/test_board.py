"""The board brings conversations to show what they should: once, in order, also after a crash."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from bot.board import GONE, TRIES, Refused, TryLater, Unreachable
from bot.calm import CALM, Calm
from bot.core.card import Card, T, Text
from bot.core.decision import Decision
from bot.core.effect import LetIn, LetOut, OpenRoom, Person, Put, Remove, UseRoom
from bot.core.event import CouldNotReach, NotSure
from bot.core.model import Group
from bot.store import LostRace
from schedules.engine import Show
from tests.shell.stage import CANARY, ROOM, SHOW, Stage, a_group, press, put

SECOND = timedelta(seconds=1)


async def begin(stage: Stage, *effects: object, **changes: object) -> None:
    """A new group with these effects, shown."""
    await stage.decide(Decision(a_group(**changes), effects))
    await stage.board.show("g1")


async def go_on(stage: Stage, *effects: object) -> None:
    """The same group with these effects, shown."""
    await stage.decide(lambda group, *_: Decision(group, effects))
    await stage.board.show("g1")


def said(stage: Stage) -> list[tuple[str, ...]]:
    """What the messenger was asked for since the last time."""
    calls = list(stage.messenger.calls)
    stage.messenger.calls.clear()
    return calls


async def test_post_first_edit_afterwards_remove_at_last(stage: Stage) -> None:
    await begin(stage, put("a", "one"))
    assert said(stage) == [("post", "U1", "Hej one")]
    await stage.board.show("g1")
    assert said(stage) == []
    await go_on(stage, put("a", "two"))
    assert said(stage) == [("edit", "U1", "r0", "Hej two")]
    await go_on(stage, Remove(Person("anna"), "a"))
    assert said(stage) == [("remove", "U1", "r0")]
    await go_on(stage, put("a", "three"))
    assert said(stage) == [("post", "U1", "Hej three")]
    assert await stage.posts() == {"a": ("shown", 4, 4)}


async def test_many_changes_become_one_edit(stage: Stage) -> None:
    await stage.decide(Decision(a_group(), (put("a", "1"),)))
    for text in "23456":
        await stage.decide(lambda group, *_, text=text: Decision(group, (put("a", text),)))
    await stage.board.show("g1")
    assert said(stage) == [("post", "U1", "Hej 6")]


async def test_what_was_never_posted_needs_no_removal(stage: Stage) -> None:
    await stage.decide(Decision(a_group(), (put("a"),)))
    await go_on(stage, Remove(Person("anna"), "a"))
    assert said(stage) == []
    assert await stage.posts() == {"a": ("shown", 2, 2)}
    assert await stage.board.find_work() == []


async def test_each_reads_in_their_own_language_and_the_room_in_its(stage: Stage) -> None:
    cards = (put("a", person="anna"), put("a", person="lea"), put("a", person=""))
    await begin(stage, UseRoom("g1", ROOM), *cards)
    assert said(stage) == [
        ("post", "U1", "Hej x"),
        ("post", "U3", "Hello x"),
        ("post", "C1", "Hello x"),
    ]


async def test_the_room_comes_before_what_is_said_in_it(stage: Stage) -> None:
    opened = OpenRoom("g1", ("anna", "bo", "nobody"))
    await begin(stage, put("hello", person=""), LetOut("g1", "bo"), put("a"), opened)
    assert said(stage) == [
        ("open_room", "g1", "Eken", "U1", "U2"),
        ("post", "C1", "Hello x"),
        ("let_out", "C1", "U2"),
        ("post", "U1", "Hej x"),
    ]
    assert set((await stage.posts()).values()) == {("shown", 1, 1)}


async def test_whoever_was_let_out_can_be_let_in_and_out_again(stage: Stage) -> None:
    await begin(stage, UseRoom("g1", ROOM), LetOut("g1", "bo"))
    for effect in (LetIn("g1", "bo"), LetIn("g1", "bo"), LetOut("g1", "bo")):
        await stage.decide(lambda group, *_, wanted=effect: Decision(group, (wanted,)))
        await stage.board.show("g1")
    assert [one[0] for one in said(stage)] == ["let_out", "let_in", "let_out"]


async def test_room_posts_wait_for_their_room(stage: Stage) -> None:
    await begin(stage, put("hello", person=""), put("a"))
    assert said(stage) == [("post", "U1", "Hej x")]
    assert await stage.board.find_work() == []
    await stage.decide(lambda group, *_: Decision(group, (UseRoom("g1", ROOM),)))
    assert await stage.board.find_work() == [SHOW]
    await stage.board.show("g1")
    assert said(stage) == [("post", "C1", "Hello x")]


async def test_a_room_that_is_there_is_not_opened(stage: Stage) -> None:
    await begin(stage, OpenRoom("g1", ("anna",)), UseRoom("g1", ROOM))
    assert said(stage) == []
    assert await stage.posts() == {"room": ("shown", 1, 1)}


async def test_what_shall_come_later_comes_later_and_in_order(stage: Stage) -> None:
    stage.messenger.errors = [TryLater(30 * SECOND)]
    await begin(stage, put("a"), put("b"), put("a", person="bo"))
    assert said(stage) == [("post", "U1", "Hej x"), ("post", "U2", "Hello x")]
    assert stage.put_off == [30 * SECOND], "somebody is told to look again then"
    stage.real += 29 * SECOND
    await stage.board.show("g1")
    assert said(stage) == []
    stage.real += SECOND
    assert await stage.board.find_work() == [SHOW]
    await stage.board.show("g1")
    assert said(stage) == [("post", "U1", "Hej x")] * 2


async def test_later_is_never_at_once(stage: Stage) -> None:
    stage.messenger.errors = [TryLater(-SECOND)]
    await begin(stage, put("a"))
    assert len(said(stage)) == 1
    assert stage.put_off == [SECOND]


@pytest.mark.parametrize("error", [Unreachable("blocked"), Refused("too_long")])
async def test_what_surely_failed_is_left_until_something_new(
    stage: Stage, error: Exception
) -> None:
    stage.messenger.errors = [error]
    await begin(stage, put("a"), put("b"))
    assert said(stage) == [("post", "U1", "Hej x")] * 2
    assert await stage.posts() == {"a": ("failed", 1, 0), "b": ("shown", 1, 1)}
    assert await stage.board.find_work() == []
    await go_on(stage, put("a", "new"))
    assert said(stage) == [("post", "U1", "Hej new")]


async def test_somebody_without_an_identity_here_is_not_reached(stage: Stage) -> None:
    await begin(stage, put("a", person="pool"), UseRoom("g1", ROOM), LetOut("g1", "pool"))
    assert said(stage) == []
    assert {state for state, _, _ in (await stage.posts()).values()} == {"failed"}


async def test_a_first_post_of_unknown_outcome_is_never_sent_again(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    stage.messenger.errors = [RuntimeError(CANARY)]
    await begin(stage, put("a"))
    await go_on(stage, put("a", "new"))
    await stage.board.recover()
    await stage.board.show("g1")
    assert len(said(stage)) == 1
    assert await stage.posts() == {"a": ("uncertain", 2, 0)}
    assert "RuntimeError" in caplog.text
    assert CANARY not in caplog.text


async def test_a_room_of_unknown_outcome_is_never_opened_again(stage: Stage) -> None:
    stage.messenger.errors = [RuntimeError()]
    await begin(stage, OpenRoom("g1", ("anna",)), put("hello", person=""))
    await stage.board.show("g1")
    assert len(said(stage)) == 1
    assert (await stage.posts())["room"] == ("uncertain", 1, 0)


async def test_an_edit_of_unknown_outcome_is_repeated_with_patience_but_not_for_ever(
    stage: Stage,
) -> None:
    await begin(stage, put("a"), put("b"))
    said(stage)
    stage.messenger.errors = [RuntimeError() for _ in range(TRIES)]
    await go_on(stage, put("a", "new"))
    waited = []
    while await stage.posts() != {"a": ("failed", 2, 1), "b": ("shown", 1, 1)}:
        before = stage.real
        while await stage.board.find_work() == []:
            stage.real += 5 * SECOND
        waited.append((stage.real - before) / SECOND)
        await stage.board.show("g1")
    assert len(said(stage)) == TRIES
    assert waited == [10, 20, 40, 80, 160, 320, 640]
    await go_on(stage, put("a", "newer"))
    assert said(stage) == [("edit", "U1", "r0", "Hej newer")]


async def test_an_edit_that_waits_keeps_nothing_new_back(stage: Stage) -> None:
    await begin(stage, put("a"))
    stage.messenger.errors = [RuntimeError()]
    await go_on(stage, put("a", "new"), put("b"))
    assert said(stage)[1:] == [("edit", "U1", "r0", "Hej new"), ("post", "U1", "Hej x")]


async def test_a_newer_revision_meanwhile_is_shown_afterwards(stage: Stage) -> None:
    async def change() -> None:
        await stage.decide(lambda group, *_: Decision(group, (put("a", "newer"),)))

    stage.messenger.during = change
    await begin(stage, put("a"))
    assert said(stage) == [("post", "U1", "Hej x"), ("edit", "U1", "r0", "Hej newer")]
    stage.messenger.during = change
    stage.messenger.errors = [Refused("too_long")]
    await go_on(stage, put("a", "long"))
    assert said(stage)[1:] == [("edit", "U1", "r0", "Hej newer")]


async def test_a_crash_while_sending_says_nothing_twice(tmp_path: Path) -> None:
    first = Stage(tmp_path)
    await first.people()
    await begin(first, put("edited"), put("removed"))
    await first.decide(
        lambda group, *_: Decision(
            group, (put("edited", "new"), Remove(Person("anna"), "removed"), put("posted"))
        )
    )
    for _ in range(3):  # the process dies in each of the three calls
        reached = asyncio.Event()

        async def hang(reached: asyncio.Event = reached) -> None:
            reached.set()
            await asyncio.Event().wait()

        first.messenger.during = hang
        task = asyncio.ensure_future(first.board.show("g1"))
        await reached.wait()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert {state for state, _, _ in (await first.posts()).values()} == {"sending"}
    await first.store.close()

    second = Stage(tmp_path)
    await second.bot.recover()
    await second.board.recover()
    assert await second.board.find_work() == [SHOW]
    await second.board.show("g1")
    assert said(second) == [("edit", "U1", "r0", "Hej new"), ("remove", "U1", "r1")]
    assert (await second.posts())["posted"] == ("uncertain", 1, 0)
    await second.store.close()


async def test_a_closed_group_still_says_goodbye(stage: Stage) -> None:
    await begin(stage, put("a"))

    def close(group: Group, *_: object) -> Decision:
        return Decision(replace(group, status="closed"), (put("bye"),))

    await stage.decide(close)
    await stage.board.show("g1")
    assert said(stage)[1:] == [("post", "U1", "Hej x")]


async def test_a_destroyed_text_is_blank_when_it_is_shown(stage: Stage) -> None:
    await begin(stage, put("a", "card"))
    assert said(stage) == [("post", "U1", "Du skrev: ")]


async def test_a_platform_that_is_not_connected_waits(stage: Stage) -> None:
    elsewhere = a_group("g9", platform="q")
    who = press("g9")
    who = replace(who, actor=replace(who.actor, platform="q"))
    await stage.decide(Decision(elsewhere, (put("a"),)), who)
    assert stage.engine.queue == [Show("g9")]
    assert await stage.board.find_work() == []
    await stage.board.show("g9")
    await stage.board.show("nothing")
    assert said(stage) == []
    assert await stage.posts() == {"a": ("pending", 1, 0)}


# --- counts -------------------------------------------------------------------------------------


def counts(n: int, *more: str) -> Put:
    """A card on which so many of eight have done something."""
    rows = (T("count", {"n": n, "m": 8}), *(T("hello", {"name": one}) for one in more))
    return Put(Person("anna"), "a", Card(tuple(map(Text, rows))))


async def test_ten_counts_in_five_seconds_become_one_edit_after_them(stage: Stage) -> None:
    await begin(stage, counts(1))
    for n in range(2, 12):
        await go_on(stage, counts(n))
        stage.real += SECOND / 4
    assert said(stage) == [("post", "U1", "1 of 8")]
    assert stage.put_off == [CALM]
    assert await stage.board.find_work() == []
    assert stage.put_off == [CALM, CALM - 10 * SECOND / 4]  # an earlier one may have come between
    stage.real += CALM
    assert await stage.board.find_work() == [SHOW]
    await stage.board.show("g1")
    assert said(stage) == [("edit", "U1", "r0", "11 of 8")]


async def test_a_count_after_a_quiet_while_is_shown_at_once(stage: Stage) -> None:
    await begin(stage, counts(1))
    stage.real += CALM
    await go_on(stage, counts(2))
    assert said(stage)[1:] == [("edit", "U1", "r0", "2 of 8")]


async def test_whatever_else_changes_is_shown_at_once(stage: Stage) -> None:
    await begin(stage, counts(1))
    await go_on(stage, counts(2))
    await go_on(stage, counts(3, "closed"))
    assert said(stage)[1:] == [("edit", "U1", "r0", "3 of 8 Hej closed")]
    await go_on(stage, Remove(Person("anna"), "a"))
    assert said(stage) == [("remove", "U1", "r0")]


async def test_what_a_platform_has_put_off_waits_for_that(stage: Stage) -> None:
    await begin(stage, counts(1))
    stage.messenger.errors = [TryLater(8 * SECOND)]
    await go_on(stage, counts(1, "closed"))
    await go_on(stage, counts(2, "closed again"))
    stage.real += CALM
    await go_on(stage, counts(3))
    assert [call[0] for call in said(stage)] == ["post", "edit"]
    stage.real += 3 * SECOND
    await stage.board.show("g1")
    assert said(stage) == [("edit", "U1", "r0", "3 of 8")]


async def test_a_process_that_knows_nothing_of_it_waits_too_but_not_longer(stage: Stage) -> None:
    await begin(stage, counts(1))
    await go_on(stage, counts(2))
    stage.board._calm = Calm()
    await stage.board.show("g1")
    assert said(stage) == [("post", "U1", "1 of 8")]
    stage.real += CALM
    await stage.board.show("g1")
    assert said(stage) == [("edit", "U1", "r0", "2 of 8")]


# --- a store that fails ---------------------------------------------------------------------------


async def test_an_outcome_that_the_store_did_not_take_is_settled_later(stage: Stage) -> None:
    await stage.decide(Decision(a_group(), (put("a"), put("b"))))
    await refuse(stage, "shown")
    with pytest.raises(IntegrityError):
        await stage.board.show("g1")
    with pytest.raises(IntegrityError):
        await stage.board.find_work()
    assert (await stage.posts())["a"][0] == "sending"
    await take(stage)
    assert await stage.board.find_work() == [SHOW]
    assert (await stage.posts())["a"] == ("shown", 1, 1)
    await stage.board.show("g1")
    assert said(stage) == [("post", "U1", "Hej x"), ("post", "U1", "Hej x")]


async def test_what_is_to_be_told_of_it_is_told_then(stage: Stage) -> None:
    await stage.decide(Decision(a_group(), (put("a"),)))
    await refuse(stage, "failed")
    stage.messenger.errors = [Unreachable("account_inactive")]
    with pytest.raises(IntegrityError):
        await stage.board.show("g1")
    await take(stage)
    await stage.board.show("g1")
    assert set(stage.fates) == {CouldNotReach("g1", "anna")}
    assert (await stage.posts())["a"][0] == "failed"


@pytest.mark.parametrize("error", [RuntimeError(CANARY), Unreachable("account_inactive")])
async def test_a_crash_before_anybody_was_told_keeps_it_from_nobody(
    stage: Stage, error: Exception
) -> None:
    stage.messenger.errors, stage.telling = [error], Crash()
    with pytest.raises(Crash):
        await begin(stage, put("a"))
    again = Stage(stage.directory, stage.url)
    again.engine.keeps = stage.url.startswith("postgresql")
    again.real += 2 * GONE
    if not again.engine.keeps:
        await again.board.recover()
    for _ in range(3):
        await again.board.judge()
    assert again.fates == [NotSure("g1", "anna")]
    assert (await again.posts())["a"][0] == "uncertain"
    await again.store.close()


async def test_whom_a_rule_that_fails_keeps_from_being_told_holds_nobody_up(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    stage.messenger.errors, stage.telling = [RuntimeError()], ValueError(CANARY)
    await begin(stage, put("a"), put("b"))
    assert [one[0] for one in said(stage)] == ["post", "post"]
    assert "g1 ValueError" in caplog.text
    assert CANARY not in caplog.text
    stage.telling = None
    await stage.board.judge()
    assert stage.fates == [NotSure("g1", "anna")]


async def test_who_cannot_be_told_while_the_store_is_away_is_told_when_it_is_back(
    stage: Stage,
) -> None:
    stage.messenger.errors, stage.telling = [Unreachable("blocked")], LostRace()
    with pytest.raises(LostRace):
        await begin(stage, put("a"))
    stage.telling = None
    await stage.board.show("g1")
    assert stage.fates == [CouldNotReach("g1", "anna")]
    assert (await stage.posts())["a"][0] == "failed"


class Crash(BaseException):
    """The process is gone."""


async def refuse(stage: Stage, state: str) -> None:
    """Let the store take no post of this state any more, as if its disk were full."""
    await sql(
        stage,
        f"ALTER TABLE posts ADD CONSTRAINT full_disk CHECK (state <> '{state}') NOT VALID",
        f"CREATE TRIGGER full_disk BEFORE UPDATE ON posts WHEN new.state = '{state}'"
        " BEGIN SELECT RAISE(ABORT, 'full'); END",
    )


async def take(stage: Stage) -> None:
    """Let it take everything again."""
    await sql(stage, "ALTER TABLE posts DROP CONSTRAINT full_disk", "DROP TRIGGER full_disk")


async def sql(stage: Stage, on_postgresql: str, on_sqlite: str) -> None:
    statement = on_sqlite if stage.url.startswith("sqlite") else on_postgresql
    await stage.store.run(lambda unit: unit._session.execute(sa.text(statement)))
