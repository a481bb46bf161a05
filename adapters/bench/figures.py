"""What was measured, as ratios within one run, beside what is promised. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any, TypeAlias

#: The side whose speed is told as a part of the others'.
KRETS = "krets"
#: What is compared, and the least that is promised: a work, another side, a ratio.
Wanted: TypeAlias = Sequence[tuple[str, str, float | None]]


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
class Ratio:
    """Krets over another side: the median of the rounds, and what it must be at least.

    `by_cpu` is the same by processor time, which a busy machine sways less; None if none is told.
    """

    work: str
    to: str
    value: float
    limit: float | None = None
    by_cpu: float | None = None

    @property
    def verdict(self) -> str:
        """How that stands to the limit.

        >>> Ratio("/krets", "listening", 0.71, 0.7).verdict, Ratio("/krets", "peer", 1.0).verdict
        ('met', '')
        """
        if self.limit is None:
            return ""
        return "met" if self.value >= self.limit else "MISSED"


@dataclass(frozen=True, slots=True)
class Comparison:
    """All rounds of a run; `names` are those of the sides, in the order of the table."""

    rounds: int
    legs: Sequence[Leg]
    names: Mapping[str, str]
    wanted: Wanted

    @property
    def works(self) -> tuple[str, ...]:
        """What was done, in the order of the table."""
        return tuple(dict.fromkeys(work for work, _, _ in self.wanted))

    def of(self, work: str, side: str) -> list[Leg]:
        """What one side did at one work, round by round."""
        return [one for one in self.legs if (one.work, one.side) == (work, side)]

    @property
    def ratios(self) -> list[Ratio]:
        """Krets over the others, each within its round."""
        found = []
        for work, to, limit in self.wanted:
            pairs = list(zip(self.of(work, KRETS), self.of(work, to), strict=False))
            if pairs:
                value = median(ours.rate / other.rate for ours, other in pairs)
                costs = [one.cost / ours.cost for ours, one in pairs if ours.cost and one.cost]
                found.append(Ratio(work, to, value, limit, median(costs) if costs else None))
        return found

    @property
    def missed(self) -> list[str]:
        """What is promised and not kept."""
        return [
            f"{one.work} is {one.value:.2f} of {self.names[one.to]}, promised {one.limit:.2f}"
            for one in self.ratios
            if one.limit is not None and one.value < one.limit
        ]

    def medians(self) -> list[tuple[str, str, float]]:
        """Each work, side and speed that was measured."""
        return [
            (work, side, median(one.rate for one in legs))
            for work in self.works
            for side in self.names
            if (legs := self.of(work, side))
        ]

    def speeds(self) -> Iterator[str]:
        """The first half of the table."""
        began = f"20 at once, medians of {self.rounds}"
        yield f"{began:<{self._width - 1}} per s   p50 ms   p99 ms   CPU ms"
        for work, side, rate in self.medians():
            legs = self.of(work, side)
            costs = [one.cost for one in legs if one.cost is not None]
            cost = f"{median(costs) * 1000:9.2f}" if costs else f"{'?':>9}"
            yield (
                f"{self._row(work, side)}{rate:7.0f}{median(one.p50 for one in legs):9.1f}"
                f"{median(one.p99 for one in legs):9.1f}{cost}"
            )

    def verdicts(self) -> Iterator[str]:
        """The second half of the table."""
        yield f"{'Krets over':<{self._width}} ratio   by CPU  at least"
        for one in self.ratios:
            cpu = f"{one.by_cpu:9.2f}" if one.by_cpu is not None else f"{'?':>9}"
            limit = f"{one.limit:10.2f}  {one.verdict}" if one.limit is not None else ""
            yield f"{self._row(one.work, one.to)}{one.value:6.2f}{cpu}{limit}"

    def as_json(self) -> dict[str, Any]:
        """For a program."""
        return {
            "rounds": self.rounds,
            "ratios": [asdict(one) | {"met": one.verdict != "MISSED"} for one in self.ratios],
            "legs": [asdict(one) for one in self.legs],
        }

    @property
    def _width(self) -> int:
        return max(map(len, self.works)) + max(map(len, self.names.values())) + 3

    def _row(self, work: str, side: str) -> str:
        first = max(map(len, self.works)) + 1
        return f"{f'{work:<{first}} {self.names[side]}':<{self._width}}"


def kept(missed: Sequence[str]) -> str:
    """The last line of a table."""
    return f"Missed: {'; '.join(missed)}." if missed else "All that is promised is met."
