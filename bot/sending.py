"""One call to a platform, and what has become of it."""

import asyncio
import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeAlias, assert_never

from bot.core.card import Card
from bot.core.event import GroupId, Identity, PersonId, Place
from bot.messenger import Address, Messenger, Profile, Refused, TryLater, Unreachable
from bot.words import View

log = logging.getLogger(__name__)

#: In seconds. The platforms' own limits are shorter, each for one request.
PATIENCE = 25


# --- what is to be done -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Post:
    """A message that was never posted."""

    to: Address
    card: Card
    view: View


@dataclass(frozen=True, slots=True)
class Edit:
    """A message that is to show something else."""

    to: Address
    ref: str
    card: Card
    view: View


@dataclass(frozen=True, slots=True)
class Remove:
    """A message that is to go."""

    to: Address
    ref: str


@dataclass(frozen=True, slots=True)
class OpenRoom:
    """A room that was never opened."""

    group_id: GroupId
    name: str
    people: tuple[Identity, ...]


@dataclass(frozen=True, slots=True)
class LetIn:
    """A person who is to join a room."""

    place: Place
    person: Identity


@dataclass(frozen=True, slots=True)
class LetOut:
    """A person who is to leave a room."""

    place: Place
    person: Identity


@dataclass(frozen=True, slots=True)
class Meet:
    """A person who is to be written to for the first time: in which language, and when is noon?"""

    person: Identity


Call: TypeAlias = Meet | Post | Edit | Remove | OpenRoom | LetIn | LetOut


@dataclass(frozen=True, slots=True)
class Claim:
    """A post that is being sent, in the revision that was claimed."""

    post_id: int
    revision: int
    #: Empty for the group's room.
    person: PersonId
    platform: str
    #: As it is stored; None for what is no card.
    card: str | None
    call: Call


# --- what has become of it ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Done:
    """It is shown; `ref` is None where nothing is to be seen, `place` the room that was opened."""

    ref: str | None = None
    place: Place | None = None
    profile: Profile | None = None


@dataclass(frozen=True, slots=True)
class Later:
    """Surely not done; to be tried again."""

    after: timedelta


@dataclass(frozen=True, slots=True)
class Failed:
    """Surely not done, and trying again is of no use. `why` is a code.

    `reach`: whether there is no way to that person or room, rather than a fault in what was sent.
    """

    why: str
    reach: bool = False


@dataclass(frozen=True, slots=True)
class Unknown:
    """Done or not done: nobody knows."""


Outcome: TypeAlias = Done | Later | Failed | Unknown


async def send(messenger: Messenger, call: Call) -> Outcome:
    """Ask the platform for this once; whoever does not answer for long has done who knows what."""
    try:
        async with asyncio.timeout(PATIENCE):
            return await _ask(messenger, call)
    except TryLater as later:
        return Later(later.after)
    except Unreachable as error:
        return Failed(error.why, reach=isinstance(call, Meet | Post | Edit | OpenRoom))
    except Refused as error:
        return Failed(error.why, reach=isinstance(call, Meet | OpenRoom))
    except Exception as error:
        # Its text may hold what was sent.
        names = {"what": type(call).__name__, "error": type(error).__name__}
        log.error("%(what)s has an unknown outcome: %(error)s", names)
        return Unknown()


async def _ask(messenger: Messenger, call: Call) -> Outcome:
    match call:
        case Meet(person):
            return Done(profile=await messenger.profile(person))
        case Post(to, card, view):
            return Done(await messenger.post(to, card, view))
        case Edit(to, ref, card, view):
            await messenger.edit(to, ref, card, view)
            return Done(ref)
        case Remove(to, ref):
            await messenger.remove(to, ref)
            return Done()
        case OpenRoom(group_id, name, people):
            return Done(place=await messenger.open_room(group_id, name, people))
        case LetIn(place, person):
            await messenger.let_in(place, person)
            return Done()
        case LetOut(place, person):
            await messenger.let_out(place, person)
            return Done()
        case _:
            assert_never(call)
