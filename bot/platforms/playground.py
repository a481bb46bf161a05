"""The playground, put together of its parts."""

from adapters.playground.live import Live
from adapters.playground.messenger import PlaygroundMessenger
from adapters.playground.routes import Playground
from adapters.playground.sight import Sight as PlaygroundSight
from bot.app import Bot
from bot.groups import Groups
from bot.platforms.ground import Door, Ground, Platform
from bot.programme import Travel


def playground(ground: Ground) -> Platform:
    """The browser platform."""
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
