"""Open pages hear that something changed; what changed they read anew."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

#: Whatever stands around the conversations: the clock, the list of rooms.
AROUND = ""


class Ear:
    """What one open page has not yet been told."""

    def __init__(self) -> None:
        """Begin with nothing to tell."""
        self._changed: dict[str, None] = {}
        self._wake = asyncio.Event()
        self.closed = False

    def tell(self, conversation: str) -> None:
        """Something changed there; told once however often it changes before it is heard."""
        self._changed.setdefault(conversation)
        self._wake.set()

    def close(self) -> None:
        """Nothing more will be told."""
        self.closed = True
        self._wake.set()

    async def changes(self) -> tuple[str, ...]:
        """Wait for what changed; empty once closed."""
        await self._wake.wait()
        if self.closed:
            return ()
        changed = tuple(self._changed)
        self._changed.clear()
        self._wake.clear()
        return changed


class Live:
    """All open pages of this process."""

    def __init__(self) -> None:
        """Begin with no page open."""
        self._ears: set[Ear] = set()

    def tell(self, conversation: str) -> None:
        """Something changed in this conversation, or around them."""
        for ear in self._ears:
            ear.tell(conversation)

    @contextmanager
    def listen(self) -> Iterator[Ear]:
        """Hear of every change while the page is open."""
        ear = Ear()
        self._ears.add(ear)
        try:
            yield ear
        finally:
            self._ears.discard(ear)

    def close(self) -> None:
        """Let every open page end, for the process is about to."""
        for ear in self._ears:
            ear.close()
