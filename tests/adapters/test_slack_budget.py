"""The budget of a workspace: never too fast, and those who wait do not all come at once."""

from datetime import UTC, datetime, timedelta
from heapq import heapify, heappop, heappush

import pytest

from adapters.slack.budget import CHANNEL, METHODS, Budget
from bot.messenger import TryLater

START = datetime(2027, 1, 5, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


class Clock:
    def __init__(self) -> None:
        self.at = START

    def now(self) -> datetime:
        return self.at


@pytest.mark.parametrize(("method", "channel"), [("chat.update", ""), ("chat.postMessage", "C1")])
def test_many_who_wait_come_in_turn_and_never_too_fast(method: str, channel: str) -> None:
    clock = Clock()
    budget, many = Budget(clock.now), 200
    waiting = [(START, number) for number in range(many)]
    heapify(waiting)
    done: list[datetime] = []
    asked = 0
    while waiting:
        clock.at, number = heappop(waiting)
        asked += 1
        try:
            budget.spend(method, channel)
        except TryLater as later:
            heappush(waiting, (clock.at + later.after, number))
        else:
            done.append(clock.at)
    pace = METHODS.get(method, CHANNEL)
    assert asked <= 3 * many, "each comes a few times, not once for everybody before them"
    assert done[-1] - START <= many * pace.every + MINUTE, "and no time is lost"
    for number, at in enumerate(done):
        within = sum(at - other < MINUTE for other in done[: number + 1])
        assert within <= pace.burst + MINUTE / pace.every


def test_a_queue_that_nobody_comes_from_is_forgotten() -> None:
    clock = Clock()
    budget = Budget(clock.now)
    for _ in range(CHANNEL.burst):
        budget.spend("chat.postMessage", "C1")
    for _ in range(10):
        with pytest.raises(TryLater):
            budget.spend("chat.postMessage", "C1")
    clock.at += MINUTE
    budget.spend("chat.postMessage", "C1")
