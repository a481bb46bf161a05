"""The port: what there is to do, and who sees to it that it is done."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol


@dataclass(frozen=True)
class Due:
    """A moment of a group has come: decide, then show."""

    group: str
    meeting: int
    kind: str
    who: str  # empty: all


@dataclass(frozen=True)
class Show:
    """Bring the group's conversations to show what they should."""

    group: str


Work = Due | Show


class Transaction(Protocol):
    """The caller's transaction, as much of it as an engine needs."""

    @property
    def connection(self) -> Any:
        """The driver's connection that the transaction is on."""

    def after_commit(self, call: Callable[[], None]) -> None:
        """Call this once the transaction has committed, never if it has not; from any thread."""


class Engine(Protocol):
    """Does the work that transactions leave behind.

    The laws, kept by every engine:

    * Work is done only if the transaction that asked for it commits.
    * One work per group at a time, in the order asked for; groups do not wait for each other.
    * Equal work that waits is kept once; asked for while it is being done, it is done again.
    * Work may be done more often than asked for, so doing it twice must be harmless.
    * A handler's exception is logged by its type alone, for its text may hold a person's words;
      it stops neither the engine nor the group, and the work is left for `recover`.
    """

    #: Whether what is asked for outlives this process, so that nobody has to find it again.
    keeps: ClassVar[bool]

    def enqueue(self, transaction: Transaction, *works: Work) -> None:
        """Ask for works in the caller's transaction; from any thread."""

    async def run(self, handle: Callable[[Work], Awaitable[None]], stop: asyncio.Event) -> None:
        """Do what is asked for until `stop` is set, then finish what is begun and return."""

    async def recover(self) -> None:
        """Put back on the queue whatever a crash, a stop or an exception left undone."""

    def depth(self) -> int:
        """How many works are queued or being done in this process."""

    async def idle(self) -> None:
        """Return when nothing is queued or being done."""
