"""A loop in which nobody waits: when nothing is left to be done, time goes to the next timer."""

import asyncio
import selectors
from typing import Any


class _Selector(selectors.DefaultSelector):
    """Waits for nothing but threads."""

    def __init__(self) -> None:
        super().__init__()
        self.at = 0.0

    def select(self, timeout: float | None = None) -> Any:
        if timeout is None:
            return super().select(None)
        found = super().select(0)
        if not found and timeout > 0:
            self.at += timeout
        return found


class VirtualLoop(asyncio.SelectorEventLoop):
    """An asyncio loop whose time is made of its timers alone."""

    def __init__(self) -> None:
        """Begin at 0."""
        self._virtual = _Selector()
        super().__init__(self._virtual)

    def time(self) -> float:
        """Seconds since the beginning."""
        return self._virtual.at
