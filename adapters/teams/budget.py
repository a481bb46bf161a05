"""How fast Krets may speak to Teams: counted here, waited for elsewhere. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from adapters.ledger import Kept
from bot.messenger import TryLater

#: The longest wait that is worth holding a call for; what must wait longer is tried later.
SHORT = timedelta(seconds=1)
#: The first wait after a failure for which Teams names none, and the longest.
_FIRST, _LAST = timedelta(seconds=2), timedelta(minutes=5)
#: From so many calls on that a host has not answered in a row, it is spared for so long.
SILENT, SPARED = 3, timedelta(seconds=30)
#: How many keys are kept before those that have rested long enough are forgotten.
_MANY = 2_000


@dataclass(frozen=True, slots=True)
class Pace:
    """At most `burst` at once, and one more each time this long has passed."""

    every: timedelta
    burst: int


def within(most: int, window: timedelta, burst: int) -> Pace:
    """A pace that stays within `most` in every window, the burst included.

    >>> within(8, timedelta(seconds=2), 4).every.total_seconds()
    0.5
    """
    return Pace(window / (most - burst), burst)


#: Of one organisation; Microsoft names 50 a second as the most.
TENANT = Pace(timedelta(milliseconds=50), 5)
#: Of one conversation: 7 in a second, 8 in two, 60 in 30 and 1800 in an hour.
CONVERSATION = (within(8, timedelta(seconds=2), 4), within(1800, timedelta(hours=1), 30))


@dataclass(frozen=True, slots=True)
class Way:
    """What a call passes: a host, an organisation, a conversation or person in it."""

    host: str
    tenant: str
    conversation: str

    @property
    def organisation(self) -> str:
        """The key of the organisation."""
        return f"tenant {self.tenant}"

    @property
    def end(self) -> str:
        """The key of the conversation."""
        return f"conversation {self.tenant} {self.conversation}"

    @property
    def service(self) -> str:
        """The key of the host."""
        return f"host {self.host}"


class Budget:
    """What may still be asked now, in real time."""

    def __init__(self, real: Callable[[], datetime], kept: Kept | None = None) -> None:
        """Begin with full bursts, or where others have left off."""
        kept = kept or Kept()
        self._real = real
        self._full_at, self._rests = kept.full_at, kept.rests
        #: Key -> failures in a row.
        self._failures: dict[str, int] = {}
        #: How many keys may be there before they are looked through again.
        self._most = _MANY

    def beside(self, kept: Kept, way: Way) -> "Budget":
        """The same, going on from what others have left off; where Teams has asked us, it rests."""
        for key in (way.service, way.organisation, way.end):
            at = self._rests.get(key)
            if at is not None and at > kept.rests.get(key, self._real()):
                kept.rests[key] = at
        return Budget(self._real, kept)

    @staticmethod
    def keys(way: Way) -> list[str]:
        """What a call is counted by."""
        paces = [f"{way.end} {index}" for index, _ in enumerate(CONVERSATION)]
        return [way.service, way.organisation, way.end, *paces]

    def take(self, way: Way) -> timedelta:
        """Count one call; how long to hold it. Raises `TryLater`, and counts nothing, if too long.

        Calls of one conversation must come one after the other.
        """
        now = self._real()
        rests = max(self._rests.get(key, now) for key in (way.service, way.organisation, way.end))
        if rests > now:
            raise TryLater(rests - now)
        claims = [(way.organisation, TENANT)]
        claims += [(f"{way.end} {index}", pace) for index, pace in enumerate(CONVERSATION)]
        full = [max(self._full_at.get(key, now), now) for key, _ in claims]
        wait = timedelta(0)
        for at, (_, pace) in zip(full, claims, strict=True):
            wait = max(wait, at - now - (pace.burst - 1) * pace.every)
        if wait > SHORT:
            raise TryLater(wait)
        for at, (key, pace) in zip(full, claims, strict=True):
            begins = at if key == way.organisation else max(at, now + wait)
            self._full_at[key] = begins + pace.every
        self._tidy(now)
        return wait

    def rest(self, key: str, after: timedelta) -> None:
        """Ask nothing there before so long."""
        until = self._real() + after
        self._rests[key] = max(until, self._rests.get(key, until))

    def fail(self, way: Way, spread: float) -> timedelta:
        """Let the conversation rest, twice as long after each failure in a row; how long.

        `spread`, from 0 to 1, is by chance, so that not all come back at once.
        """
        failures = self._failures.get(way.end, 0)
        self._failures[way.end] = failures + 1
        after = min(_FIRST * (1 << min(failures, 16)), _LAST) * (0.5 + spread)
        self.rest(way.end, after)
        return after

    def miss(self, way: Way, spread: float) -> None:
        """Nobody has answered; a host that goes on so is spared."""
        misses = self._failures.get(way.service, 0) + 1
        self._failures[way.service] = misses
        if misses >= SILENT:
            self.rest(way.service, SPARED * (0.5 + spread))

    def answered(self, way: Way) -> None:
        """The host has answered, whatever it was."""
        self._failures.pop(way.service, None)

    def succeed(self, way: Way) -> None:
        """The conversation took what was sent."""
        self._failures.pop(way.end, None)

    def _tidy(self, now: datetime) -> None:
        """Forget what has rested long enough, once there is much of it."""
        if len(self._full_at) > self._most:
            self._full_at = _later(self._full_at, now)
            self._most = max(_MANY, 2 * len(self._full_at))  # else it would be done at each call
        if len(self._rests) > _MANY:
            self._rests = _later(self._rests, now)
        if len(self._failures) > _MANY:
            self._failures = {key: n for key, n in self._failures.items() if key in self._rests}


def _later(times: dict[str, datetime], now: datetime) -> dict[str, datetime]:
    return {key: at for key, at in times.items() if at > now}
