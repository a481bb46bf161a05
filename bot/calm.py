"""Calm: what only counts differently is not edited again and again.

A card that says *6 of 8 have voted* would change with each vote, and platforms let few edits
through. Whatever else changes is shown at once.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

#: For how long counts are left as they stand, in real time.
CALM = timedelta(seconds=5)
#: Posts that are remembered before those are forgotten whose time is over.
_MANY = 100
_COUNT = re.compile(r'"(?:n|m)":\d+')

#: A post that waits: its id, what an edit is to show, and until when it is put off.
Wait: TypeAlias = tuple[int, str | None, datetime | None]


@dataclass(frozen=True, slots=True)
class _Shown:
    """A stored card without its counts, and until when they are left."""

    card: str
    until: datetime


class Calm:
    """Remembers for a moment what posts show; a process that forgets it edits once too often."""

    def __init__(self) -> None:
        """Begin with nothing shown."""
        self._shown: dict[int, _Shown] = {}

    def showed(self, post_id: int, card: str, real: datetime) -> None:
        """This post shows this stored card from now on."""
        if len(self._shown) >= _MANY:
            self._shown = {id: one for id, one in self._shown.items() if one.until > real}
        self._shown[post_id] = _Shown(_but_counts(card), real + CALM)

    def disturb(self, post_id: int) -> None:
        """Something is being done to this post; nobody knows yet what it shows."""
        self._shown.pop(post_id, None)

    def until(self, waits: Iterable[Wait], real: datetime) -> dict[int, datetime | None]:
        """Until when each of these posts stays as it is; None if it is to be changed now.

        >>> at = datetime(2026, 3, 3)
        >>> calm = Calm()
        >>> calm.showed(1, '{"n":6,"m":8}', at)
        >>> calm.until([(1, '{"n":7,"m":8}', None)], at) == {1: at + CALM}
        True

        What was put off for another reason stays put off.
        """
        return {post_id: self._until(post_id, card, at, real) for post_id, card, at in waits}

    def _until(
        self, post_id: int, card: str | None, at: datetime | None, real: datetime
    ) -> datetime | None:
        shown = self._shown.get(post_id)
        counts = shown is not None and card is not None and shown.card == _but_counts(card)
        ours = shown is not None and shown.until == at
        if at is not None and at > real and (counts or not ours):
            return at
        return shown.until if shown is not None and counts and shown.until > real else None


def _but_counts(card: str) -> str:
    """A stored card in which counts are not told apart.

    >>> _but_counts('{"key":"vote.progress","values":{"n":6,"m":8}}')
    '{"key":"vote.progress","values":{,}}'
    """
    return _COUNT.sub("", card)
