"""The port to where keys lie: a directory, or a database of their own."""

from collections.abc import Callable, Collection, Iterable
from typing import Protocol


class Shelf(Protocol):
    """Keys by their ids, each still wrapped: durable once written, gone once ended.

    Raises `OSError` when it cannot be reached, for then nothing is known to be lost.
    """

    @property
    def name(self) -> str:
        """How it may be named to an operator."""

    def lay_out(self) -> None:
        """Make it, for nobody else, if it is not there."""

    def close(self) -> None:
        """Let go of it."""

    # --- keys ---------------------------------------------------------------------------------

    def ids(self) -> list[str]:
        """All keys that are there."""

    def spare(self) -> list[str]:
        """The keys that may be ended if nobody needs them: none of a unit that is under way."""

    def has(self, key_id: str) -> bool:
        """Whether this key is there; nothing is made."""

    def read(self, key_id: str) -> bytes | None:
        """A key, wrapped; None if it is gone."""

    def samples(self) -> Iterable[tuple[str, bytes]]:
        """Keys with their ids: some, at least, of each master key that wraps any."""

    def write(self, key_id: str, wrapped: bytes) -> None:
        """Keep a new key."""

    def end(self, key_ids: Collection[str]) -> None:
        """End these keys, for good; once more does no harm."""

    def rewrite(self, key_ids: Collection[str], new: Callable[[str, bytes], bytes | None]) -> None:
        """Put in place of each of these keys what `new` makes of it; None ends it.

        Nobody else touches them meanwhile, so that a key that is being ended does not come back.
        """

    # --- the master key of our own ------------------------------------------------------------

    def own(self) -> str | None:
        """The master key that lies beside the keys, as it is written there; None if there is none.

        A `ValueError` if it cannot even be read.
        """

    def keep_own(self, line: str) -> None:
        """Lay a master key beside the keys, as it is good enough for trying."""

    def drop_own(self) -> None:
        """Take it away."""
