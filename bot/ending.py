"""The one deadline of a stop: what is left of it is the limit of each of its parts."""

from collections.abc import Callable
from datetime import timedelta


class Ending:
    """Counts down from when it begins, on a time in seconds that only goes forward.

    >>> times = iter([100.0, 103.0, 103.0, 120.0])
    >>> ending = Ending(timedelta(seconds=10), lambda: next(times))
    >>> ending.begin()
    110.0
    >>> ending.left(), ending.left(spare=timedelta(seconds=2)), ending.left()
    (7.0, 5.0, 0.0)
    """

    def __init__(self, patience: timedelta, time: Callable[[], float]) -> None:
        """All of it is left."""
        self._patience = patience.total_seconds()
        self._time = time
        self._ends: float | None = None

    def begin(self) -> float:
        """The stop has begun, unless it had already; when it ends."""
        if self._ends is None:
            self._ends = self._time() + self._patience
        return self._ends

    def left(self, spare: timedelta = timedelta()) -> float:
        """How many seconds are left, besides those that are spared for what comes afterwards."""
        return max(self.begin() - spare.total_seconds() - self._time(), 0.0)
