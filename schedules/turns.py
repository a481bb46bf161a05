"""Whose turn it is: one work per group at a time, in the order asked for, while hands last."""

import asyncio
from collections import OrderedDict

from schedules.engine import Work


class PutBack(Exception):
    """Work that was not begun, and is to be found again."""


class Turns:
    """Lets works of one process begin; those of one group one after the other."""

    def __init__(self, hands: int) -> None:
        """Let so many groups be worked for at a time."""
        self._hands = hands
        self._busy: set[str] = set()
        self._waiting: OrderedDict[Work, asyncio.Future[None]] = OrderedDict()
        self._stopped = False

    async def come(self, work: Work) -> bool:
        """Return when it is this work's turn, or False at once if equal work waits already.

        `PutBack` once nothing begins any more.
        """
        if self._stopped:
            raise PutBack
        if work in self._waiting:
            return False
        turn = asyncio.get_running_loop().create_future()
        self._waiting[work] = turn
        self._next()
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled():
                self.leave(work.group)  # it had been called up
            elif self._waiting.get(work) is turn:
                del self._waiting[work]
            raise
        return True

    def depth(self) -> int:
        """How many works wait or have their turn."""
        return len(self._waiting) + len(self._busy)

    def leave(self, group: str) -> None:
        """Let somebody else work for the group."""
        self._busy.discard(group)
        self._next()

    def stop(self) -> None:
        """Let nothing begin any more; who waits is told so."""
        self._stopped = True
        while self._waiting:
            _, turn = self._waiting.popitem()
            if not turn.done():
                turn.set_exception(PutBack())

    def _next(self) -> None:
        for work in list(self._waiting):
            if len(self._busy) == self._hands:
                return
            if work.group not in self._busy:
                turn = self._waiting.pop(work)
                if not turn.done():
                    self._busy.add(work.group)
                    turn.set_result(None)
