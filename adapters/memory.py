"""What was asked a moment ago and need not be asked again. Pure."""

from collections.abc import Callable, Hashable
from datetime import datetime, timedelta
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

#: Answers that are kept; the oldest go first.
_MANY = 1_000


class Memory(Generic[K, V]):
    """Answers that hold for a while, in real time."""

    def __init__(self, real: Callable[[], datetime], holds: timedelta) -> None:
        """Begin empty."""
        self._real = real
        self._holds = holds
        self._kept: dict[K, tuple[datetime, V]] = {}

    def get(self, key: K) -> V | None:
        """The answer, if there is one that still holds."""
        until, value = self._kept.get(key, (self._real(), None))
        return value if until > self._real() else None

    def put(self, key: K, value: V) -> None:
        """Keep an answer."""
        self._kept.pop(key, None)
        self._kept[key] = (self._real() + self._holds, value)
        while len(self._kept) > _MANY:
            del self._kept[next(iter(self._kept))]

    def drop(self, key: K) -> None:
        """Forget an answer: it may have changed."""
        self._kept.pop(key, None)
