"""Teams, put together of its parts."""

from contextlib import AsyncExitStack

from adapters.ledger import StoredLedger
from adapters.sight import Sight
from adapters.teams.authentication import Admits, ByToken, OnThisMachine
from adapters.teams.budget import Budget
from adapters.teams.connector import Connector, outwards
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
from bot.app import Bot
from bot.platforms.ground import Door, Ground, Platform
from bot.programme import Travel
from bot.settings import Settings


async def teams(ground: Ground, stack: AsyncExitStack) -> Platform:
    """Those organisations whose people are let in; what is opened is closed with the stack."""
    settings = ground.settings
    session = await stack.enter_async_context((ground.outwards.microsoft or outwards)())
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
        budget=Budget(ground.real),
        ledger=StoredLedger(ground.store, "teams") if settings.on_a_server else None,
        allowed=is_service_url if settings.teams_app_id else is_loopback,
        spread=ground.outwards.spread,
        sleep=ground.outwards.sleep,
    )
    references = References(ground.store, ground.real)
    messenger = TeamsMessenger(connector, references)

    def enter(bot: Bot, _: Travel) -> Door:
        platform = TeamsPlatform(
            bot=bot,
            admits=admits,
            messenger=messenger,
            connector=connector,
            references=references,
            sight=Sight(ground.store, ground.words, ground.defaults, settings.help_text),
            real=ground.real,
            sleep=ground.outwards.sleep,
        )
        return Door((platform.mount,))

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
