"""Moments come when they are due, in order, once, and only while they are wanted."""

from dataclasses import replace

import pytest

from bot.core.decision import Decision
from bot.core.due import Wanted
from bot.core.event import Identity, MomentCame
from bot.core.facts import Facts
from bot.core.model import Group
from schedules.engine import Due
from tests.shell.stage import (
    HOUR,
    START,
    Stage,
    a_group,
    press,
    put,
)

OTHER = Identity("p", "other", "U1")


WAKE = Due("g1", 1, "wake", "")


def wanted(hours: int, kind: str = "wake") -> frozenset[Wanted]:
    return frozenset({Wanted(1, kind, "", START + hours * HOUR)})


def waking(group: Group | None, event: object, facts: Facts) -> Decision:
    assert isinstance(event, MomentCame)
    assert group is not None
    assert (facts.language, facts.zone, facts.me) == ("nb", "Europe/Oslo", "")
    return Decision(replace(group, link="woken"), (put("woken"),))


def until_woken(group: Group) -> frozenset[Wanted]:
    return frozenset() if group.link == "woken" else wanted(1)


async def test_a_moment_comes_when_it_is_due_and_once(stage: Stage) -> None:
    stage.due = until_woken
    await stage.decide(Decision(a_group()))
    assert stage.expected == [START + HOUR]
    stage.rule = waking
    await stage.bot.moment(WAKE)
    assert await stage.posts() == {}
    stage.programme += HOUR
    for _ in range(2):
        await stage.bot.moment(WAKE)
    assert await stage.posts() == {"woken": ("pending", 1, 0)}
    assert await stage.board.next_due() is None


async def test_a_moment_that_is_no_longer_wanted_is_gone(stage: Stage) -> None:
    stage.due = lambda group: wanted(2 if group.place == "Room 2" else 1)
    await stage.decide(Decision(a_group()))
    await stage.decide(lambda group, *_: Decision(replace(group, place="Room 2")))
    stage.programme += HOUR
    stage.rule = waking
    await stage.bot.moment(WAKE)
    assert await stage.posts() == {}
    assert await stage.board.next_due() == START + 2 * HOUR
    assert stage.expected == [START + HOUR, START + 2 * HOUR]


async def test_a_moment_that_would_come_for_ever_is_a_fault(stage: Stage) -> None:
    stage.due = lambda _: wanted(1)
    await stage.decide(Decision(a_group()))
    stage.programme += HOUR
    for rule in (waking, lambda *_: Decision()):
        stage.rule = rule
        with pytest.raises(Exception, match="wake of meeting 1 in g1"):
            await stage.bot.moment(WAKE)
    assert await stage.posts() == {}


async def test_due_moments_are_queued_in_their_order(stage: Stage) -> None:
    stage.due = lambda group: wanted(1 if group.id == "g2" else 2)
    for id in ("g1", "g2", "g3"):
        await stage.decide(Decision(a_group(id)), press(id))
    stage.programme += 2 * HOUR
    await stage.board.claim()
    order = [Due(id, 1, "wake", "") for id in ("g2", "g1", "g3")]
    assert stage.engine.queue == order
    assert await stage.board.find_work() == order
