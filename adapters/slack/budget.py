"""How fast Krets may speak to one workspace: counted here, waited for elsewhere. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from adapters.ledger import Kept
from bot.messenger import TryLater

#: Stands for all methods at once, where Slack asks to be spared.
EVERYTHING = "*"
#: How many keys are kept before those that have rested long enough are forgotten.
_MANY = 2_000
#: The longest queue.
_LONGEST = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Pace:
    """At most `burst` at once, and one more each time this long has passed."""

    every: timedelta
    burst: int


def per_minute(most: int, burst: int) -> Pace:
    """A pace that stays within `most` in every minute, the burst included.

    >>> per_minute(50, 10).every.total_seconds()
    1.5
    """
    return Pace(timedelta(minutes=1) / (most - burst), burst)


#: One message a second and conversation, with three at once.
CHANNEL = Pace(timedelta(seconds=1), 3)
#: By method, as Slack's tiers have it. A new message is counted by conversation alone.
METHODS = {
    "chat.update": per_minute(50, 10),
    "chat.delete": per_minute(50, 10),
    "conversations.create": per_minute(20, 5),
    "conversations.info": per_minute(50, 10),
    "conversations.invite": per_minute(20, 5),
    "conversations.kick": per_minute(20, 5),
    "conversations.members": per_minute(100, 40),
    "users.info": per_minute(100, 40),
}


class Budget:
    """What may still be asked now, by method and conversation, in real time."""

    def __init__(self, real: Callable[[], datetime], kept: Kept | None = None) -> None:
        """Begin with full bursts, or where others have left off."""
        kept = kept or Kept()
        self._real = real
        self._full_at, self._last, self._rests = kept.full_at, kept.last, kept.rests

    def beside(self, kept: Kept, method: str) -> "Budget":
        """The same, going on from what others have left off; where Slack has asked us, it rests."""
        for key in (EVERYTHING, method):
            at = self._rests.get(key)
            if at is not None and at > kept.rests.get(key, self._real()):
                kept.rests[key] = at
        return Budget(self._real, kept)

    @staticmethod
    def keys(method: str, channel: str = "") -> list[str]:
        """What a call is counted by."""
        return [EVERYTHING, method, *([f"{method} {channel}"] if channel else [])]

    def spend(self, method: str, channel: str = "") -> None:
        """Count one call, or raise `TryLater` and count nothing."""
        now = self._real()
        rests = max(self._rests.get(method, now), self._rests.get(EVERYTHING, now))
        if rests > now:
            raise TryLater(rests - now)
        pace = METHODS.get(method)
        claims = [(f"{method} {channel}", CHANNEL)] if channel else []
        claims += [(method, pace)] if pace is not None else []
        spent = {}
        for key, one in claims:
            full = max(self._full_at.get(key, now), now)
            if (wait := full - now - (one.burst - 1) * one.every) > timedelta(0):
                raise TryLater(self._queue(key, now + wait, one.every) - now)
            spent[key] = full + one.every
        self._full_at |= spent
        if len(self._full_at) > _MANY:
            self._full_at = {key: at for key, at in self._full_at.items() if at > now}
            self._last = {key: at for key, at in self._last.items() if at > now}

    def _queue(self, key: str, free: datetime, every: timedelta) -> datetime:
        """When to come again: behind those turned away before, so that all do not come at once."""
        behind = self._last.get(key, free - every) + every
        self._last[key] = min(max(free, behind), free + _LONGEST)
        return self._last[key]

    def rest(self, method: str, after: timedelta) -> None:
        """Ask nothing of this method (or of `EVERYTHING`) before so long; Slack has said so."""
        until = self._real() + after
        self._rests[method] = max(until, self._rests.get(method, until))
