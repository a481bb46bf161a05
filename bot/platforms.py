"""The platforms, each put together of its parts: what `serve` opens the doors of."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass
from datetime import datetime
from random import SystemRandom

from aiohttp import ClientSession

from adapters.ledger import StoredLedger
from adapters.playground.live import Live
from adapters.playground.messenger import PlaygroundMessenger
from adapters.playground.routes import Playground
from adapters.playground.sight import Sight as PlaygroundSight
from adapters.sight import Sight
from adapters.slack.budget import Budget as SlackBudget
from adapters.slack.client import Caller, client
from adapters.slack.client import outwards as to_slack
from adapters.slack.messenger import SlackMessenger
from adapters.slack.oauth import Installing
from adapters.slack.routes import SlackPlatform
from adapters.slack.socket import SlackSocket
from adapters.slack.workspaces import ManyWorkspaces, OneWorkspace
from adapters.teams.authentication import Admits, ByToken, OnThisMachine
from adapters.teams.budget import Budget as TeamsBudget
from adapters.teams.connector import Connector
from adapters.teams.connector import outwards as to_microsoft
from adapters.teams.credentials import (
    Ask,
    Credentials,
    NoTokens,
    Tokens,
    by_managed_identity,
    by_secret,
    certificate,
)
from adapters.teams.gate import is_loopback, is_service_url
from adapters.teams.keys import SigningKeys
from adapters.teams.messenger import TeamsMessenger
from adapters.teams.references import References
from adapters.teams.routes import TeamsPlatform
from adapters.web import Mount
from bot.app import Bot
from bot.core.facts import Defaults
from bot.groups import Groups
from bot.keyring import Keyring
from bot.messenger import Messenger
from bot.programme import ProgrammeTime, Travel
from bot.settings import Settings
from bot.store import Store
from bot.words import Words

# --- what all platforms share -------------------------------------------------------------------


#: Platforms that are our own, and take any number of edits.
UNHURRIED = frozenset({"playground"})


@dataclass(frozen=True)
class Outwards:
    """What leads out of this process: sessions, and how a call waits for its turn there."""

    slack: Callable[[], AbstractAsyncContextManager[ClientSession]] = to_slack
    microsoft: Callable[[], AbstractAsyncContextManager[ClientSession]] = to_microsoft
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


# --- the platforms ------------------------------------------------------------------------------


def _playground(ground: Ground) -> Platform:
    live = Live()

    def enter(bot: Bot, travel: Travel) -> Door:
        playground = Playground(
            bot=bot,
            store=ground.store,
            sight=PlaygroundSight(Groups(ground.keyring), ground.words, ground.settings.help_text),
            live=live,
            fresh=ground.fresh,
            travel=travel if ground.settings.time_travel else None,
        )
        return Door((playground.mount,))

    messenger = PlaygroundMessenger(ground.store, live, ground.time.now)
    return Platform("playground", messenger, enter)


async def _slack(ground: Ground, stack: AsyncExitStack) -> Platform:
    settings, url = ground.settings, ground.settings.slack_api_url
    session = await stack.enter_async_context(ground.outwards.slack())
    workspaces: OneWorkspace | ManyWorkspaces
    if settings.slack_bot_token:
        web = client(settings.slack_bot_token, url, session)
        ledger = StoredLedger(ground.store, "slack") if settings.on_a_server else None
        workspaces = OneWorkspace(Caller(web, SlackBudget(ground.real), ledger=ledger))
    else:
        workspaces = ManyWorkspaces(
            store=ground.store,
            keyring=ground.keyring,
            session=session,
            url=url,
            real=ground.real,
            beside_others=settings.on_a_server,
        )
    messenger = SlackMessenger(workspaces, settings.time_zone)

    def enter(bot: Bot, _: Travel) -> Door:
        slack = SlackPlatform(
            bot=bot,
            messenger=messenger,
            workspaces=workspaces,
            sight=Sight(ground.store, ground.words, ground.defaults, settings.help_text),
            secrets=settings.slack_signing_secret,
            real=ground.real,
        )
        # Over a socket nothing is signed, so without a secret there is nothing to be called.
        mounts: tuple[Mount, ...] = (slack.mount,) if settings.slack_signing_secret else ()
        if isinstance(workspaces, ManyWorkspaces):
            installing = Installing(
                workspaces=workspaces,
                store=ground.store,
                web=client("", url, session),
                client_id=settings.slack_client_id,
                client_secret=settings.slack_client_secret,
                base_url=settings.base_url,
                words=ground.words,
                language=settings.language,
                real=ground.real,
                fresh=ground.fresh,
            )
            mounts += (installing.mount,)
        if not settings.slack_app_token:
            return Door(mounts)
        token = settings.slack_app_token
        socket = SlackSocket(app_token=token, api_url=url, handler=slack.answer)
        return Door(mounts, socket.run)

    return Platform("slack", messenger, enter)


async def _teams(ground: Ground, stack: AsyncExitStack) -> Platform:
    settings = ground.settings
    session = await stack.enter_async_context(ground.outwards.microsoft())
    tokens: Tokens = NoTokens()
    admits: Admits = OnThisMachine()
    if settings.teams_app_id:
        tokens = credentials = Credentials(_asks(settings), session, ground.real)
        stack.push_async_callback(credentials.close)
        keys = SigningKeys(session, ground.real)
        stack.push_async_callback(keys.close)
        admits = ByToken(
            keys=keys,
            app_id=settings.teams_app_id,
            tenants=settings.teams_tenants,
            real=ground.real,
        )
    connector = Connector(
        session=session,
        tokens=tokens,
        budget=TeamsBudget(ground.real),
        ledger=StoredLedger(ground.store, "teams") if settings.on_a_server else None,
        allowed=is_service_url if settings.teams_app_id else is_loopback,
        spread=ground.outwards.spread,
        sleep=ground.outwards.sleep,
    )
    references = References(ground.store, ground.real)
    messenger = TeamsMessenger(connector, references)

    def enter(bot: Bot, _: Travel) -> Door:
        teams = TeamsPlatform(
            bot=bot,
            admits=admits,
            messenger=messenger,
            connector=connector,
            references=references,
            sight=Sight(ground.store, ground.words, ground.defaults, settings.help_text),
            real=ground.real,
            sleep=ground.outwards.sleep,
        )
        return Door((teams.mount,))

    return Platform("teams", messenger, enter)


def _asks(settings: Settings) -> list[Ask]:
    """The ways to get a token, in the order in which they are tried."""
    app = settings.teams_app_id
    if settings.teams_app_type == "UserAssignedMSI":
        return [by_managed_identity(app)]
    tenant = settings.teams_tenant_id if settings.teams_app_type == "SingleTenant" else ""
    if settings.teams_certificate is not None:
        return [by_secret(app, tenant, certificate(settings.teams_certificate.read_text("ascii")))]
    return [by_secret(app, tenant, one) for one in settings.teams_app_password]


async def platforms(ground: Ground, stack: AsyncExitStack) -> list[Platform]:
    """Those that are configured; what they need is closed with the stack."""
    found = []
    if ground.settings.has_playground:
        found.append(_playground(ground))
    if ground.settings.has_slack:
        found.append(await _slack(ground, stack))
    if ground.settings.has_teams:
        found.append(await _teams(ground, stack))
    return found
