"""Trouble: which faults come in one run, and how often. Some runs know some faults not at all."""

from collections.abc import Collection
from random import Random

from adapters.simulated import Fault
from bot.simulate.chaos.trace import Trace

#: Kind -> the highest share of the occasions on which it comes.
_RATES = {
    # at every call of the store, the keyring and the platforms
    "crash": 0.004,
    # at units of work
    "store_locked": 0.01,
    "store_full": 0.01,
    "store_race": 0.02,
    # at calls of a platform
    "answer_429": 0.06,
    "answer_5xx": 0.03,
    "answer_5xx_done": 0.02,
    "timeout": 0.03,
    "timeout_done": 0.03,
    "never_left": 0.02,
    # at files of keys
    "key_not_written": 0.01,
    "key_not_destroyed": 0.05,
    # at deliveries
    "twice": 0.15,
    "again_later": 0.10,
    "late": 0.10,
    "dropped": 0.10,
    "forged": 0.03,
    # at steps of the world
    "archived": 0.003,
    "dismissed": 0.004,
    "revoked": 0.002,
    "clock_back": 0.003,
    "clock_forward": 0.002,
    "down": 0.006,
    "restored": 0.0015,
    "disk_full": 0.003,
    "went_out": 0.004,
}
KINDS = tuple(_RATES)
#: The share of runs that know a kind of fault not at all.
_SPARED = 0.25


class Trouble:
    """Decides by chance, for one seed, what goes wrong; nothing does while it is `calm`."""

    def __init__(
        self, dice: Random, trace: Trace, share: float = 1.0, only: Collection[str] = ()
    ) -> None:
        """Draw the rates of this run; `share` makes all of them smaller, `only` names a few."""
        self._dice = dice
        self.trace = trace
        self.rates = {
            kind: 0.0 if dice.random() < _SPARED else rate * share * dice.random()
            for kind, rate in _RATES.items()
        }
        if only:
            self.rates = {kind: rate * (kind in only) * share for kind, rate in _RATES.items()}
        self.calm = False

    def strikes(self, kind: str, *where: object) -> bool:
        """Whether this goes wrong now."""
        rate = self.rates[kind]
        if self.calm or rate == 0.0 or self._dice.random() >= rate:
            return False
        self.trace.fault(kind, *where)
        return True

    def of_call(self, method: str) -> Fault | None:
        """What a call of a platform meets."""
        if self.strikes("answer_429", method):
            return Fault(429, after=self._dice.choice((1, 5, 30, 300)))
        if self.strikes("answer_5xx", method):
            return Fault(self._dice.choice((500, 503)))
        if self.strikes("answer_5xx_done", method):
            return Fault(500, done=True)
        if self.strikes("timeout", method):
            return Fault()
        if self.strikes("timeout_done", method):
            return Fault(done=True)
        if self.strikes("never_left", method):
            return Fault(away=True)
        return None

    def pick(self, most: int) -> int:
        """A number below this."""
        return self._dice.randrange(most)
