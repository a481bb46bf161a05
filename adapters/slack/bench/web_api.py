"""The other side: a Slack Web API that says yes to all that is asked, and counts it.

It also counts what came faster than Slack allows (docs.slack.dev/apis/web-api/rate-limits).

python -m adapters.slack.bench.web_api [<seconds that each answer takes> <members of a group>]
"""

import asyncio
import itertools
import sys
from collections import Counter, defaultdict, deque
from typing import Any

from aiohttp import web

from adapters.bench import child

TEAM, BOT = "T0BENCH", "U0BENCHBOT"
#: Before the name of a group: the id of its channel.
ROOM = "C0"
#: How many are in each group.
MEMBERS = 8
#: How many calls of a method Slack takes in a minute, and how many new messages in a conversation
#: within ten seconds: one a second, and a short burst.
TIERS = {
    "chat.update": 50,
    "chat.delete": 50,
    "conversations.create": 20,
    "conversations.info": 50,
    "conversations.members": 100,
    "users.info": 100,
}
MESSAGES = 13
#: By so many seconds one call's way may be shorter than that of another before it.
_JITTER = 1.0


def people(group: str, count: int = MEMBERS) -> tuple[str, tuple[str, str], tuple[str, ...]]:
    """The ids of a group's sponsor, leaders and members.

    >>> people("G001")[:2]
    ('U0G001S', ('U0G001L1', 'U0G001L2'))
    """
    members = tuple(f"U0{group}P{number}" for number in range(count))
    return f"U0{group}S", (f"U0{group}L1", f"U0{group}L2"), members


class Pace:
    """Counts calls that come faster than allowed."""

    def __init__(self) -> None:
        self.too_fast = 0
        self._at: defaultdict[str, deque[float]] = defaultdict(deque)

    def call(self, method: str, channel: str, now: float) -> None:
        """One call at this time, in seconds.

        >>> pace = Pace()
        >>> for n in range(14): pace.call("chat.postMessage", "C1", n / 10)
        >>> pace.too_fast
        1
        """
        if method in TIERS:
            self._count(method, TIERS[method], 60, now)
        if method == "chat.postMessage":
            self._count(f"{method} {channel}", MESSAGES, 10, now)

    def _count(self, key: str, most: int, seconds: float, now: float) -> None:
        calls = self._at[key]
        calls.append(now)
        while calls[0] <= now - seconds + _JITTER:
            calls.popleft()
        self.too_fast += len(calls) > most


class WebApi:
    """The methods that Krets calls; `/counts` tells how often each was, `/nothing` does nothing.

    Among the counts, `too fast` is how many calls Slack would have refused.
    """

    def __init__(self, takes: str = "0", members: str = str(MEMBERS)) -> None:
        self._takes, self._members = float(takes), int(members)
        self._counts: Counter[str] = Counter()
        self._pace = Pace()
        self._ids = itertools.count(1)

    def application(self) -> web.Application:
        """The server."""
        app = web.Application()
        app.router.add_route("*", "/api/{method}", self._call)
        app.router.add_get("/counts", self._tell)
        app.router.add_post("/nothing", self._nothing)
        return app

    async def _call(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        given = await request.read()
        asked: dict[str, Any] = dict(request.query)
        if given and request.content_type == "application/json":
            asked |= await request.json()
        self._pace.call(method, str(asked.get("channel", "")), asyncio.get_running_loop().time())
        if self._takes:
            await asyncio.sleep(self._takes)
        self._counts[method] += 1
        return web.json_response({"ok": True} | self._answer(method, asked))

    def _answer(self, method: str, asked: dict[str, Any]) -> dict[str, Any]:
        match method:
            case "auth.test":
                return {"user_id": BOT, "team_id": TEAM, "bot_id": "B0BENCH", "team": "bench"}
            case "chat.postMessage" | "chat.update":
                ts = asked.get("ts") or f"{1_700_000_000 + next(self._ids)}.000100"
                return {"channel": asked.get("channel", ""), "ts": ts}
            case "users.info":
                user = asked.get("user", "")
                return {"user": {"id": user, "team_id": TEAM, "name": user, "locale": "en-GB"}}
            case "conversations.info":
                return {"channel": {"id": asked["channel"], "is_private": True, "is_member": True}}
            case "conversations.members":
                _, leaders, members = people(asked["channel"].removeprefix(ROOM), self._members)
                return {"members": [BOT, *leaders, *members]}
            case "views.open" | "views.push" | "views.update":
                return {"view": {"id": f"V{next(self._ids)}"}}
        return {}

    async def _tell(self, _: web.Request) -> web.Response:
        return web.json_response({**self._counts, "too fast": self._pace.too_fast})

    async def _nothing(self, request: web.Request) -> web.Response:
        await request.read()
        return web.Response()


if __name__ == "__main__":
    asyncio.run(child.serve(WebApi(*sys.argv[1:]).application()))
