"""Slack, put together of its parts."""

from contextlib import AsyncExitStack

from adapters.ledger import StoredLedger
from adapters.sight import Sight
from adapters.slack.budget import Budget
from adapters.slack.client import Caller, client, outwards
from adapters.slack.messenger import SlackMessenger
from adapters.slack.oauth import Installing
from adapters.slack.routes import SlackPlatform
from adapters.slack.socket import SlackSocket
from adapters.slack.workspaces import ManyWorkspaces, OneWorkspace
from adapters.web import Mount
from bot.app import Bot
from bot.platforms.ground import Door, Ground, Platform
from bot.programme import Travel


async def slack(ground: Ground, stack: AsyncExitStack) -> Platform:
    """One workspace or many; what is opened is closed with the stack."""
    settings, url = ground.settings, ground.settings.slack_api_url
    session = await stack.enter_async_context((ground.outwards.slack or outwards)())
    workspaces: OneWorkspace | ManyWorkspaces
    if settings.slack_bot_token:
        web = client(settings.slack_bot_token, url, session)
        ledger = StoredLedger(ground.store, "slack") if settings.on_a_server else None
        workspaces = OneWorkspace(Caller(web, Budget(ground.real), ledger=ledger))
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
        platform = SlackPlatform(
            bot=bot,
            messenger=messenger,
            workspaces=workspaces,
            sight=Sight(ground.store, ground.words, ground.defaults, settings.help_text),
            secrets=settings.slack_signing_secret,
            real=ground.real,
        )
        # Over a socket nothing is signed, so without a secret there is nothing to be called.
        mounts: tuple[Mount, ...] = (platform.mount,) if settings.slack_signing_secret else ()
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
        socket = SlackSocket(app_token=token, api_url=url, handler=platform.answer)
        return Door(mounts, socket.run)

    return Platform("slack", messenger, enter)
