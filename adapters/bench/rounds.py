"""What each round is made of: a leg, and the question to the disk what came of the votes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from adapters.bench.figures import Leg
from adapters.bench.load import Ask, Headers, Ran, after, run
from adapters.bench.processes import CannotBench, Server
from adapters.bench.stage import ballots, versions
from adapters.bench.story import Vote

#: How many people ask at once in the rounds.
AT_ONCE = 20


@dataclass(frozen=True, slots=True)
class Pace:
    """How often each side has its turn, and for how long, after a moment to get warm."""

    rounds: int = 3
    seconds: float = 2.0
    warm_up: float = 0.3


async def leg(
    pace: Pace,
    work: str,
    side: str,
    server: Server,
    path: str,
    headers: Headers,
    asks: Iterator[Ask],
) -> tuple[Leg, list[tuple[str, ...]]]:
    """One side does one work for a while; also what all right answers have stood for."""
    url = server.address + path
    warm = await run(url, headers, asks, AT_ONCE, after(pace.warm_up))
    before = server.worked()
    ran = await run(url, headers, asks, AT_ONCE, after(pace.seconds))
    worked = server.worked()
    right(warm, side)
    right(ran, side)
    cost = None if before is None or worked is None else (worked - before) / len(ran.latencies)
    made = Leg(work, side, ran.rate, ran.percentile(0.5), ran.percentile(0.99), cost)
    return made, warm.done + ran.done


def right(ran: Ran, side: str) -> None:
    """Refuse a run in which an answer was wrong, or none was given."""
    if ran.wrong or not ran.latencies:
        raise CannotBench(f"{ran.wrong} answers of {side} were wrong: no figure.")


async def check(
    directory: Path, votes: Sequence[Vote], before: int, cast: Sequence[tuple[str, ...]]
) -> None:
    """Each vote that was answered is on the disk, once, and the last of each person counts.

    `before` is how often the groups had been changed, `cast` the votes in their order.
    """
    if not cast:
        return
    changed = await versions(directory, votes) - before
    if changed != len(cast):
        raise CannotBench(f"{len(cast)} votes were answered and {changed} committed: no figure.")
    found = await ballots(directory, votes)
    if any(found[group, voter] != case for (group, voter), case in _last(cast).items()):
        raise CannotBench("A vote that was answered is not on the disk: no figure.")


def _last(cast: Sequence[tuple[str, ...]]) -> dict[tuple[str, str], str]:
    """Who voted for what in the end.

    >>> _last([("g", "anna", "a"), ("g", "bo", "b"), ("g", "anna", "b")])
    {('g', 'anna'): 'b', ('g', 'bo'): 'b'}
    """
    return {(group, voter): case for group, voter, case in cast}
