"""The seams of a process: where it can be killed, and where a disk or a database can fail it.

Whatever is alive of a killed process (a task, the rest of a unit of work) has no effect any more:
each seam looks first whether there still is a process.
"""

import asyncio
import errno
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Thread
from typing import Protocol, TypeVar

from bot.core.decision import Decision
from bot.core.event import Event
from bot.core.facts import Facts
from bot.core.model import Group
from bot.keyring import Keyring
from bot.keyring.folder import Folder
from bot.settings import Settings
from bot.simulate.chaos.trace import Broken
from bot.simulate.chaos.trouble import Trouble
from bot.store import LostRace, Store, Unit

R = TypeVar("R")


class Killed(BaseException):
    """The process has ended, here and now."""


class _Undone(Exception):
    """A unit of work that did not come to its end: its transaction is rolled back."""


class Locked(OSError):
    """Somebody else holds the database."""


class Full(OSError):
    """There is no room left on the disk."""


@dataclass
class Breath:
    """Whether the process is alive, and whether it goes on beyond this point."""

    trouble: Trouble
    alive: bool = True
    #: Whether there is no room on the disk just now.
    full: bool = False

    def point(self, where: str) -> None:
        """A point at which a process can be killed."""
        if not self.alive:
            raise Killed
        if self.trouble.strikes("crash", where):
            self.trouble.trace.reach("crash", where)
            self.alive = False
            raise Killed


class Observer(Protocol):
    """Sees what is decided, sealed and committed."""

    def decided(self, before: Group | None, event: Event, facts: Facts, decision: Decision) -> None:
        """Rules have decided, in a unit of work that may still fail."""

    def sealed(self, key_id: str, bound: str, items: Mapping[str, str]) -> None:
        """Something was sealed with this key, in a unit of work that may still fail."""

    def begun(self) -> None:
        """A unit of work begins."""

    def committed(self) -> None:
        """It is committed."""

    def destroyed(self, key_id: str) -> None:
        """A key is gone."""


# --- the store ----------------------------------------------------------------------------------


class _Beside:
    """An event loop in a thread of its own, in which one unit of work at a time is awaited."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        Thread(target=self.loop.run_forever, daemon=True, name="krets-simulated-store").start()


class SteppedStore(Store):
    """The real store; whoever asks it for something holds the whole process up until it is done."""

    _beside: _Beside | None = None

    def __init__(self, url: str, breath: Breath, observer: Observer) -> None:
        """Open the database."""
        super().__init__(url)
        self._breath = breath
        self._observer = observer
        if SteppedStore._beside is None:
            SteppedStore._beside = _Beside()
        self._loop_beside = SteppedStore._beside.loop

    async def run(self, work: Callable[[Unit], R]) -> R:
        """Run this as one transaction, unless something is in the way or the process ends."""
        breath, trouble = self._breath, self._breath.trouble
        breath.point("before_unit")
        self._observer.begun()
        if trouble.strikes("store_locked"):
            raise Locked
        fails = self._fails()

        def watched(unit: Unit) -> R:
            result = self._work(unit, work)
            if fails is not None:
                raise fails
            unit.calls[:] = [partial(self._call, one) for one in unit.calls]
            return result

        done = asyncio.run_coroutine_threadsafe(super().run(watched), self._loop_beside)
        try:
            result = done.result()
        except _Undone:
            raise Killed from None
        for broken in trouble.trace.broken:
            raise broken
        # What is committed is committed, even if the process has ended since.
        if not breath.alive:
            raise Killed
        breath.point("after_unit")
        return result

    async def ask(self, work: Callable[[Unit], R]) -> R:
        """The same for whoever looks on: nothing is in the way."""
        found: list[R] = []

        def watched(unit: Unit) -> None:
            with suppress(Broken):  # whoever waits is told
                found.append(work(unit))

        asyncio.run_coroutine_threadsafe(super().run(watched), self._loop_beside).result()
        for broken in self._breath.trouble.trace.broken:
            raise broken
        return found[0]

    def _fails(self) -> Exception | None:
        trouble = self._breath.trouble
        if self._breath.full and trouble.pick(2):
            trouble.trace.fault("store_full")
            return Full()
        if trouble.strikes("store_full"):
            return Full()
        return LostRace() if trouble.strikes("store_race") else None

    def _work(self, unit: Unit, work: Callable[[Unit], R]) -> R:
        """Do it in the store's thread, where nothing but an exception may end it."""
        try:
            result = work(unit)
            self._breath.point("before_commit")
        except Killed:
            raise _Undone from None
        # The first call after the commit: nothing stands between the two but the process' end.
        unit.calls.insert(0, self._observer.committed)
        return result

    def _call(self, call: Callable[[], None]) -> None:
        """What is to be done after a commit."""
        try:
            if call != self._observer.committed:
                self._breath.point("before_call")
            call()
        except (Killed, Broken):
            return  # whoever waits for the unit is told


# --- the keyring --------------------------------------------------------------------------------


class WatchedFolder(Folder):
    """The directory of the keys, on a disk that can be full."""

    def __init__(self, directory: Path, breath: Breath, observer: Observer) -> None:
        """Look into this directory."""
        super().__init__(directory)
        self._breath = breath
        self._observer = observer

    def write(self, key_id: str, wrapped: bytes) -> None:
        """Keep a new key, if there is room for it."""
        self._breath.point("before_key_written")
        if self._breath.full or self._breath.trouble.strikes("key_not_written"):
            raise OSError(errno.ENOSPC, "no room")
        super().write(key_id, wrapped)
        self._breath.point("after_key_written")

    def end(self, key_ids: Collection[str]) -> None:
        """End these keys, one after the other."""
        for key_id in sorted(key_ids):
            self._breath.point("before_key_destroyed")
            if self._breath.trouble.strikes("key_not_destroyed"):
                raise OSError(errno.EIO, "not now")
            super().end([key_id])
            self._observer.destroyed(key_id)
            self._breath.point("after_key_destroyed")


class WatchedKeyring(Keyring):
    """The real keyring; what is sealed with which key is seen."""

    def __init__(self, settings: Settings, breath: Breath, observer: Observer) -> None:
        """Use the directory in which a start has found everything in order."""
        super().__init__(settings.data_dir / "keys", settings.master_keys)
        self._shelf = WatchedFolder(settings.data_dir / "keys", breath, observer)
        self._observer = observer

    def seal(self, key_id: str, bound: str, items: Mapping[str, str]) -> bytes:
        """The items as ciphertext."""
        self._observer.sealed(key_id, bound, items)
        return super().seal(key_id, bound, items)
