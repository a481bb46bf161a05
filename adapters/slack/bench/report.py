"""What was measured, as ratios within one run, beside what is promised. Pure."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

COMMAND, HELP, VOTE = WORKS = ("/krets", "/krets help", "a vote")
NAMES = {
    "krets": "Krets",
    "listening": "a bare Bolt app",
    "answering": "a bare Bolt app that answers at once",
    "peer": "a Bolt app with AsyncSession",
}


@dataclass(frozen=True, slots=True)
class Leg:
    """One side at one work for a while: requests per second, latencies in milliseconds.

    `cost` is processor time per request in seconds, None where the system does not tell.
    """

    work: str
    side: str
    rate: float
    p50: float
    p99: float
    cost: float | None = None


@dataclass(frozen=True, slots=True)
class Busy:
    """How people were answered while so many messages were being sent."""

    messages: int
    seconds: float
    rate: float
    p50: float
    p99: float
    limit: float = 500.0


@dataclass(frozen=True, slots=True)
class Ratio:
    """Krets over another side: the median of the rounds, and what it must be at least."""

    work: str
    to: str
    value: float
    limit: float | None = None

    @property
    def verdict(self) -> str:
        """How that stands to the limit.

        >>> Ratio("/krets", "listening", 0.71, 0.7).verdict, Ratio("/krets", "peer", 1.0).verdict
        ('met', '')
        """
        if self.limit is None:
            return ""
        return "met" if self.value >= self.limit else "MISSED"


#: What is compared, and the least that is promised.
_WANTED: tuple[tuple[str, str, float | None], ...] = (
    (COMMAND, "listening", 0.7),
    (COMMAND, "answering", None),
    (HELP, "listening", None),
    (HELP, "answering", None),
    (VOTE, "listening", 0.4),
    (VOTE, "answering", None),
    (VOTE, "peer", 2.0),
)


@dataclass(frozen=True, slots=True)
class Report:
    """A whole run; `client` is how many requests per second the client itself can make."""

    rounds: int
    client: int
    legs: Sequence[Leg]
    busy: Busy

    def of(self, work: str, side: str) -> list[Leg]:
        """What one side did at one work, round by round."""
        return [one for one in self.legs if (one.work, one.side) == (work, side)]

    @property
    def ratios(self) -> list[Ratio]:
        """Krets over the others, each within its round."""
        found = []
        for work, to, limit in _WANTED:
            pairs = list(zip(self.of(work, "krets"), self.of(work, to), strict=False))
            if pairs:
                value = median(ours.rate / other.rate for ours, other in pairs)
                found.append(Ratio(work, to, value, limit))
        return found

    @property
    def missed(self) -> list[str]:
        """What is promised and not kept."""
        found = [
            f"{one.work} is {one.value:.2f} of {NAMES[one.to]}, promised {one.limit:.2f}"
            for one in self.ratios
            if one.limit is not None and one.value < one.limit
        ]
        if self.busy.p99 >= self.busy.limit:
            found.append(f"p99 is {self.busy.p99:.0f} ms, promised under {self.busy.limit:.0f} ms")
        return found

    def table(self) -> str:
        """For a reader."""
        return "\n".join([*self._speeds(), "", *self._ratios(), "", *self._end()]) + "\n"

    def as_json(self) -> str:
        """For a program."""
        found: dict[str, Any] = {
            "rounds": self.rounds,
            "client": self.client,
            "ratios": [asdict(one) | {"met": one.verdict != "MISSED"} for one in self.ratios],
            "busy": asdict(self.busy) | {"met": self.busy.p99 < self.busy.limit},
            "legs": [asdict(one) for one in self.legs],
            "missed": self.missed,
        }
        return json.dumps(found, indent=2) + "\n"

    def _speeds(self) -> Iterator[str]:
        yield f"{'20 at once, medians of ' + str(self.rounds):<51} per s   p50 ms   p99 ms   CPU ms"
        for work in WORKS:
            for side, name in NAMES.items():
                if legs := self.of(work, side):
                    costs = [one.cost for one in legs if one.cost is not None]
                    cost = f"{median(costs) * 1000:9.2f}" if costs else f"{'?':>9}"
                    yield (
                        f"{work:<12} {name:<37} {median(one.rate for one in legs):7.0f}"
                        f"{median(one.p50 for one in legs):9.1f}"
                        f"{median(one.p99 for one in legs):9.1f}{cost}"
                    )

    def _ratios(self) -> Iterator[str]:
        yield f"{'Krets over':<51} ratio  at least"
        for one in self.ratios:
            limit = f"{one.limit:10.2f}  {one.verdict}" if one.limit is not None else ""
            yield f"{one.work:<12} {NAMES[one.to]:<37} {one.value:6.2f}{limit}"

    def _end(self) -> Iterator[str]:
        busy = self.busy
        verdict = "met" if busy.p99 < busy.limit else "MISSED"
        yield (
            f"50 at once while {busy.messages} messages were sent in {busy.seconds:.1f} s: p50"
            f" {busy.p50:.0f} ms, p99 {busy.p99:.0f} ms (under {busy.limit:.0f} ms: {verdict})"
        )
        yield f"The client alone makes {self.client} requests per second."
        if not self.of(VOTE, "peer"):
            yield "The app with AsyncSession was left out: install aiosqlite and greenlet for it."
        yield (
            f"Missed: {'; '.join(self.missed)}." if self.missed else "All that is promised is met."
        )
