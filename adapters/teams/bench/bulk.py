"""Many messages, as fast as they are taken; who sends them is a process of its own.

    python -m adapters.teams.bench.bulk <address of Microsoft>

is Krets' own way. Each message goes to another organisation, so that the budget, which is kept,
never makes one wait.
"""

import asyncio
import itertools
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from random import SystemRandom
from time import perf_counter
from typing import Any, TypeAlias

from aiohttp import web

from adapters.bench import child
from adapters.bench.rounds import AT_ONCE
from adapters.teams import render
from adapters.teams.budget import Budget
from adapters.teams.connector import Connector, Conversation, outwards
from adapters.teams.credentials import NoTokens
from adapters.teams.gate import is_loopback
from bot.core.card import Card, Heading, T, Text
from bot.words import View, Words

#: Sends the message of this number.
Send: TypeAlias = Callable[[int], Awaitable[object]]


def message() -> dict[str, Any]:
    """What is sent, rendered once."""
    view = View("en", "Europe/Stockholm", {}, {}, "", Words())
    card = Card((Heading(T("open.title")), Text(T("free_text"))))
    return {"type": "message"} | render.message(card, view)


def application(send: Send) -> web.Application:
    """Sends for so many `seconds`, and tells how long that took and each message, in ms."""
    numbers = itertools.count()

    async def begin(request: web.Request) -> web.Response:
        seconds, latencies = float(request.query["seconds"]), list[float]()
        began = perf_counter()

        async def one() -> None:
            while (before := perf_counter()) < began + seconds:
                await send(next(numbers))
                latencies.append((perf_counter() - before) * 1000)

        async with asyncio.TaskGroup() as tasks:
            for _ in range(AT_ONCE):
                tasks.create_task(one())
        return web.json_response({"seconds": perf_counter() - began, "latencies": latencies})

    app = web.Application()
    app.router.add_post("/send", begin)
    return app


async def _main(address: str) -> None:
    activity = message()
    async with outwards() as session:
        connector = Connector(
            session=session,
            tokens=NoTokens(),
            budget=Budget(lambda: datetime.now(UTC)),  # noqa: TID251
            allowed=is_loopback,
            spread=SystemRandom().random,
        )

        async def send(number: int) -> None:
            chat = Conversation(f"t{number}", address, f"a:{number}")
            await connector.send(chat, activity)

        await child.serve(application(send))


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1]))
