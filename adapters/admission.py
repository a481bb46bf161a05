"""Who may speak with Krets, and who is in a room, as far as the platform tells it in time."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

from adapters.memory import Memory
from bot.core.action import StartHere
from bot.core.event import ButtonPressed, Deed, FormSubmitted, Identity, Place
from bot.messenger import Messenger, Profile, Refused, Unreachable

log = logging.getLogger(__name__)

#: Seconds that a request waits for what the platform tells of a person or a room.
PATIENCE = 1.0
#: How long a room's people, and somebody's being a member or none, are taken as they were.
_ROSTER, _STRANGER = timedelta(seconds=10), timedelta(hours=1)


class Knows(Protocol):
    """What is asked of the bot."""

    async def knows(self, identity: Identity) -> bool:
        """Whether the platform has told who this is."""

    async def introduce(self, identity: Identity, profile: Profile) -> None:
        """Take up what the platform tells of a person."""


class Admission:
    """Asks the platform of people and rooms, and remembers for a while what it has told."""

    def __init__(self, bot: Knows, messenger: Messenger, real: Callable[[], datetime]) -> None:
        """Ask through this messenger; `real` is real time."""
        self._bot = bot
        self._messenger = messenger
        self._rosters = Memory[Place, tuple[Identity, ...]](real, _ROSTER)
        self._strangers = Memory[Identity, str](real, _STRANGER)
        self._met = Memory[Identity, bool](real, _STRANGER)

    async def admits(self, who: Identity) -> bool:
        """Whether somebody may speak with Krets; of a new person the platform is asked."""
        if self._strangers.get(who) is not None:
            return False
        if self.has_met(who):
            return True
        if not await self._bot.knows(who):
            try:
                async with asyncio.timeout(PATIENCE):
                    profile = await self._messenger.profile(who)
            except (Refused, Unreachable) as error:
                self._strangers.put(who, error.why)
                return False
            except Exception as error:  # late, or nobody knows: the defaults serve
                log.warning("nothing was told of a person: %s", type(error).__name__)
                return True
            await self._bot.introduce(who, profile)
        self._met.put(who, True)
        return True

    def has_met(self, who: Identity) -> bool:
        """Whether it has lately been seen that this is a member."""
        return self._met.get(who) is not None

    async def with_people(self, deed: Deed) -> Deed:
        """The deed with the people of its room, as far as the platform tells in time."""
        place = deed.place
        if place.private:
            return deed
        chooses = _chooses_room(deed)
        people = None if chooses else self._rosters.get(place)
        if people is None:
            try:
                async with asyncio.timeout(PATIENCE):
                    if chooses and (await self._messenger.look(place)).how != "ok":
                        return deed  # nobody is seen in a room that is open to others
                    people = await self._messenger.roster(place)
            except Exception as error:
                log.info("nothing was told of a room: %s", type(error).__name__)
                return deed
            self._rosters.put(place, people)
        return replace(deed, place=replace(place, people=people))

    def person_changed(self, who: Identity) -> None:
        """Ask anew, the next time."""
        self._strangers.drop(who)
        self._met.drop(who)

    def room_changed(self, place: Place) -> None:
        """Ask anew who is there, the next time."""
        self._rosters.drop(replace(place, people=()))


def _chooses_room(deed: Deed) -> bool:
    """Whether it matters who is in the room at this very moment."""
    return isinstance(deed, ButtonPressed | FormSubmitted) and isinstance(deed.action, StartHere)
