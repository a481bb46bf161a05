"""Looking at rooms: what came to pass there while nobody told."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

from bot.core.event import Happening, Place, RoomSeen
from bot.messenger import Look, Messenger, TryLater, Unreachable
from bot.store import REFUSALS, Store

log = logging.getLogger(__name__)

#: A platform that asks for more patience than this is looked at the next time.
PATIENCE = timedelta(minutes=2)


class Lookout:
    """Looks at every room of a running group, one after the other, at the platforms' pace.

    Events of rooms can get lost; after a look the group is as the platform tells. `stop` ends a
    round in the middle; what it has not come to is looked at in the next.
    """

    def __init__(
        self,
        *,
        store: Store,
        messengers: Mapping[str, Messenger],
        happened: Callable[[Happening], Awaitable[None]],
        fresh: Callable[[], str],
        stop: asyncio.Event,
    ) -> None:
        """Look through these messengers, and tell what was seen."""
        self._store = store
        self._messengers = messengers
        self._happened = happened
        self._fresh = fresh
        self._stop = stop

    async def round(self) -> bool:
        """Look at every room once; False if that was ended in the middle."""
        for place in await self._store.run(lambda unit: unit.groups.rooms(self._messengers)):
            look = await self._look(place)
            if self._stop.is_set():
                return False
            if look is not None:
                seen = replace(place, people=look.people)
                await self._take_in(RoomSeen(self._fresh(), seen, look.how))
        return True

    async def _take_in(self, seen: RoomSeen) -> None:
        """Let the group be as its room is; one that fails stops no round."""
        try:
            await self._happened(seen)
        except (*REFUSALS, OSError):
            raise
        except Exception as error:
            log.error("what was seen in a room was not taken in: %s", type(error).__name__)

    async def _look(self, place: Place) -> Look | None:
        """What the platform tells of a room; None if it does not tell in time."""
        while not self._stop.is_set():
            try:
                return await self._messengers[place.platform].look(place)
            except TryLater as later:
                if later.after > PATIENCE:
                    return None
                await self._rest(later.after)
            except Unreachable:
                return Look((), "lost")
            except Exception as error:
                log.warning("a room was not looked at: %s", type(error).__name__)
                return None
        return None

    async def _rest(self, after: timedelta) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(after.total_seconds()):
                await self._stop.wait()
