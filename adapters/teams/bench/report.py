"""What was measured, beside what is promised. Pure."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from adapters.bench import plot
from adapters.bench.figures import KRETS, Comparison, Leg, Wanted, kept

HOME, HELP, VOTE, SENT = "krets", "krets help", "a vote", "a message"
#: The other sides: who is asked, and who sends.
ACKNOWLEDGING, REPLYING = "acknowledging", "replying"
MENDED, AS_IT_COMES = "mended", "sdk"
NAMES = {
    KRETS: "Krets",
    ACKNOWLEDGING: "a bare CloudAdapter",
    REPLYING: "a CloudAdapter that replies",
    MENDED: "the SDK's own path, mended",
    AS_IT_COMES: "the SDK's own path",
}
_COLOURS = {
    KRETS: "#2f6f5e",
    ACKNOWLEDGING: "#8d99a6",
    REPLYING: "#b9c2cb",
    MENDED: "#c98b3c",
    AS_IT_COMES: "#dcb27c",
}
_WANTED: Wanted = (
    (HOME, ACKNOWLEDGING, 0.7),
    (HOME, REPLYING, None),
    (HELP, ACKNOWLEDGING, 0.7),
    (HELP, REPLYING, None),
    (VOTE, ACKNOWLEDGING, 0.4),
    (SENT, MENDED, 5.0),
    (SENT, AS_IT_COMES, 5.0),
)


@dataclass(frozen=True, slots=True)
class Report:
    """A whole run; `client` is how many requests per second the client itself can make."""

    rounds: int
    client: int
    legs: Sequence[Leg]

    @property
    def rates(self) -> Comparison:
        """The rounds."""
        return Comparison(self.rounds, self.legs, NAMES, _WANTED)

    def table(self) -> str:
        """For a reader."""
        rates = self.rates
        return "\n".join([*rates.speeds(), "", *rates.verdicts(), "", *self._end()]) + "\n"

    def as_json(self) -> str:
        """For a program."""
        rates = self.rates
        found = rates.as_json() | {"client": self.client, "missed": rates.missed}
        return json.dumps(found, indent=2) + "\n"

    def svg(self) -> str:
        """As a picture."""
        return plot.svg(self.rates, _COLOURS)

    def _end(self) -> Iterator[str]:
        yield "Krets answers a command by a message, which is sent before it says yes."
        yield "Mended, as both CloudAdapters are: the SDK's table of retries is a set, not a list."
        yield f"The client alone makes {self.client} requests per second."
        yield kept(self.rates.missed)
