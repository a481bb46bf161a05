"""The platforms, each put together of its parts: what `serve` opens the doors of."""

from contextlib import AsyncExitStack

from bot.platforms.ground import Ground, Platform
from bot.platforms.playground import playground


async def platforms(ground: Ground, stack: AsyncExitStack) -> list[Platform]:
    """Those that are configured; what they need is closed with the stack.

    Their libraries take long to load, and only those that have them need them.
    """
    found = []
    if ground.settings.has_playground:
        found.append(playground(ground))
    if ground.settings.has_slack:
        from bot.platforms.slack import slack  # noqa: PLC0415

        found.append(await slack(ground, stack))
    if ground.settings.has_teams:
        from bot.platforms.teams import teams  # noqa: PLC0415

        found.append(await teams(ground, stack))
    return found
