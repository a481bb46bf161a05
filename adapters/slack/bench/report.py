"""What was measured, beside what is promised. Pure."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from adapters.bench import plot
from adapters.bench.figures import KRETS, Comparison, Leg, Wanted, kept

COMMAND, HELP, VOTE = WORKS = ("/krets", "/krets help", "a vote")
NAMES = {
    KRETS: "Krets",
    "listening": "a bare Bolt app",
    "answering": "a bare Bolt app that answers at once",
    "peer": "a Bolt app with AsyncSession",
}
_COLOURS = {KRETS: "#2f6f5e", "listening": "#8d99a6", "answering": "#b9c2cb", "peer": "#c98b3c"}
_WANTED: Wanted = (
    (COMMAND, "listening", 0.7),
    (COMMAND, "answering", None),
    (HELP, "listening", None),
    (HELP, "answering", None),
    (VOTE, "listening", 0.4),
    (VOTE, "answering", None),
    (VOTE, "peer", 2.0),
)


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
class Report:
    """A whole run; `client` is how many requests per second the client itself can make."""

    rounds: int
    client: int
    legs: Sequence[Leg]
    busy: Busy

    @property
    def rates(self) -> Comparison:
        """The rounds."""
        return Comparison(self.rounds, self.legs, NAMES, _WANTED)

    @property
    def missed(self) -> list[str]:
        """What is promised and not kept."""
        found = self.rates.missed
        if self.busy.p99 >= self.busy.limit:
            found.append(f"p99 is {self.busy.p99:.0f} ms, promised under {self.busy.limit:.0f} ms")
        return found

    def table(self) -> str:
        """For a reader."""
        rates = self.rates
        return "\n".join([*rates.speeds(), "", *rates.verdicts(), "", *self._end()]) + "\n"

    def as_json(self) -> str:
        """For a program."""
        found: dict[str, Any] = self.rates.as_json() | {
            "client": self.client,
            "busy": asdict(self.busy) | {"met": self.busy.p99 < self.busy.limit},
            "missed": self.missed,
        }
        return json.dumps(found, indent=2) + "\n"

    def svg(self) -> str:
        """As a picture."""
        return plot.svg(self.rates, _COLOURS)

    def _end(self) -> Iterator[str]:
        busy = self.busy
        verdict = "met" if busy.p99 < busy.limit else "MISSED"
        yield (
            f"50 at once while {busy.messages} messages were sent in {busy.seconds:.1f} s: p50"
            f" {busy.p50:.0f} ms, p99 {busy.p99:.0f} ms (under {busy.limit:.0f} ms: {verdict})"
        )
        yield f"The client alone makes {self.client} requests per second."
        if not self.rates.of(VOTE, "peer"):
            yield "The app with AsyncSession was left out: install aiosqlite and greenlet for it."
        yield kept(self.missed)
