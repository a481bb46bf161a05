"""What has been spent of a platform's patience, where several processes spend it together."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from bot.messenger import TryLater
from bot.store import Away, Store, Unit
from bot.store.tables import BudgetRow

R = TypeVar("R")

#: How long whoever cannot read the ledger waits before asking once more.
UNREAD = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Kept:
    """What is known of some keys, in real time; a `Budget` goes on from there."""

    #: Key -> when it has its full burst again.
    full_at: dict[str, datetime] = field(default_factory=dict)
    #: Key -> when the last of those who were turned away comes again.
    last: dict[str, datetime] = field(default_factory=dict)
    #: Key -> until when it is spared.
    rests: dict[str, datetime] = field(default_factory=dict)


class Ledger(Protocol):
    """What processes know together."""

    async def on(self, keys: Sequence[str], spend: Callable[[Kept], R]) -> R:
        """Spend while nobody else has these keys; what `spend` changes of them is kept."""


class StoredLedger:
    """A ledger in the store, where it is one of several; what it says lives for a minute."""

    def __init__(self, store: Store, name: str) -> None:
        """Keep it under this name."""
        self._store = store
        self._name = name

    async def on(self, keys: Sequence[str], spend: Callable[[Kept], R]) -> R:
        """Spend in one transaction; `TryLater` is kept too, for it has a place in a queue."""

        def spent(unit: Unit) -> tuple[R | None, TryLater | None]:
            rows = {row.key: row for row in unit.budgets.hold(self._named(key) for key in keys)}
            kept = Kept()
            for key in keys:
                _take_up(rows[self._named(key)], key, kept)
            try:
                return spend(kept), None
            except TryLater as later:
                return None, later
            finally:
                for key in keys:
                    _take_down(rows[self._named(key)], key, kept)

        try:
            result, later = await self._store.run(spent)
        except Away:
            raise TryLater(UNREAD) from None  # nothing has been asked yet
        if later is not None:
            raise later
        return result  # type: ignore[return-value]

    def _named(self, key: str) -> str:
        return f"{self._name} {key}"


def _take_up(row: BudgetRow, key: str, kept: Kept) -> None:
    """Let a budget know what a row says."""
    for known, at in (
        (kept.full_at, row.full_at),
        (kept.last, row.last_at),
        (kept.rests, row.rests_at),
    ):
        if at is not None:
            known[key] = at


def _take_down(row: BudgetRow, key: str, kept: Kept) -> None:
    """Let a row say what a budget knows now."""
    row.full_at, row.last_at = kept.full_at.get(key), kept.last.get(key)
    row.rests_at = kept.rests.get(key)
