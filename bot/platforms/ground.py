"""What all platforms stand on, and what each of them is to those who open it."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from random import SystemRandom
from typing import TypeAlias

from aiohttp import ClientSession

from adapters.web import Mount
from bot.app import Bot
from bot.core.facts import Defaults
from bot.keyring import Keyring
from bot.messenger import Messenger
from bot.programme import ProgrammeTime, Travel
from bot.settings import Settings
from bot.store import Store
from bot.words import Words

#: Platforms that are our own, and take any number of edits.
UNHURRIED = frozenset({"playground"})
#: Opens a session that is closed at the end.
Sessions: TypeAlias = Callable[[], AbstractAsyncContextManager[ClientSession]]


@dataclass(frozen=True)
class Outwards:
    """What leads out of this process: sessions, and how a call waits for its turn there."""

    #: None: the network as it is.
    slack: Sessions | None = None
    microsoft: Sessions | None = None
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    #: From 0 to 1 by chance, so that not all come at once.
    spread: Callable[[], float] = SystemRandom().random


#: The network as it is.
OUTWARDS = Outwards()


@dataclass(frozen=True)
class Ground:
    """What the bot, the board and every platform stand on."""

    settings: Settings
    real: Callable[[], datetime]
    store: Store
    keyring: Keyring
    words: Words
    time: ProgrammeTime
    defaults: Defaults
    #: Gives a token never used before.
    fresh: Callable[[], str]
    outwards: Outwards


@dataclass(frozen=True)
class Door:
    """The way in: routes of the application, and what listens besides until the stop is set."""

    mounts: tuple[Mount, ...]
    listen: Callable[[asyncio.Event], Awaitable[None]] | None = None


@dataclass(frozen=True)
class Platform:
    """One platform: its way out, and its way in once there is a bot."""

    name: str
    messenger: Messenger
    enter: Callable[[Bot, Travel], Door]
