"""What an operator's Prometheus reads: counts and times, and no label that names anybody."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from hmac import compare_digest
from typing import Any

from aiohttp import web
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

log = logging.getLogger(__name__)

PATH = "/metrics"
#: Seconds between two looks at the loop, and from when on a stall is worth a line in the log.
_PERIOD, _LONG = 0.25, 0.2
#: Seconds; the promise is 0.05.
_STALLS = (0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1.0, 5.0)


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits now."""

    #: Seconds by which the earliest moment is overdue, also if a worker is to do it; none is 0.
    due_lag: float
    #: Posts by state, but for those that show what they should.
    posts: Mapping[str, int]
    #: Works that are queued or being done in this process.
    works: int
    #: What failed too often and is left alone, by what it is: moment, post or job.
    parked: Mapping[str, int]


class Metrics:
    """Counts and times of one process, and the page that tells them to whoever has the token."""

    def __init__(
        self, token: str, backlog: Callable[[], Awaitable[Backlog]], monotonic: Callable[[], float]
    ) -> None:
        """Tell what `backlog` finds at each look; `monotonic` is seconds since whenever."""
        self._token = token.encode()
        self._backlog = backlog
        self._monotonic = monotonic
        self._behind_since: float | None = None
        self._registry = registry = CollectorRegistry()
        self._sends = Counter(
            "krets_sends",
            "Calls to a platform, by what they ask and what has become of them.",
            ("platform", "call", "outcome"),
            registry=registry,
        )
        self._requests = Counter(
            "krets_requests", "Requests answered.", ("route", "status"), registry=registry
        )
        self._due_lag = Gauge(
            "krets_due_lag_seconds",
            "By how much the earliest moment that has come, and is not done, is overdue.",
            registry=registry,
        )
        self._posts = Gauge(
            "krets_board_posts",
            "Posts that do not show yet what they should.",
            ("state",),
            registry=registry,
        )
        self._board_lag = Gauge(
            "krets_board_lag_seconds",
            "For how long some post has been waiting, without a pause, as far as was looked.",
            registry=registry,
        )
        self._works = Gauge(
            "krets_engine_works",
            "Works that are queued or being done in this process.",
            registry=registry,
        )
        self._parked = Gauge(
            "krets_parked",
            "What failed too often by a fault of Krets and is left alone.",
            ("what",),
            registry=registry,
        )
        self._stall = Histogram(
            "krets_loop_stall_seconds",
            "How long the event loop let everybody wait.",
            buckets=_STALLS,
            registry=registry,
        )

    def sent(self, platform: str, call: str, outcome: str) -> None:
        """Count a call to a platform."""
        self._sends.labels(platform, call, outcome).inc()

    def mount(self, app: web.Application) -> None:
        """Add the page, and count what the application answers."""
        app.router.add_get(PATH, self._show)
        app.on_response_prepare.append(self._answered)

    async def watch(self, stop: asyncio.Event) -> None:
        """Look every quarter of a second how late the loop is, until the stop is set."""
        while not stop.is_set():
            before = self._monotonic()
            try:
                async with asyncio.timeout(_PERIOD):
                    await stop.wait()
            except TimeoutError:
                late = max(0.0, self._monotonic() - before - _PERIOD)
                self._stall.observe(late)
                if late > _LONG:
                    log.warning("the loop stood still: %(seconds)s s", {"seconds": round(late, 2)})

    async def _answered(self, request: web.Request, response: web.StreamResponse) -> None:
        resource = request.match_info.route.resource
        route = resource.canonical if resource else "none"
        self._requests.labels(route, str(response.status)).inc()

    async def _show(self, request: web.Request) -> web.Response:
        given = request.headers.get("Authorization", "").encode(errors="replace")
        if not compare_digest(given, b"Bearer " + self._token):
            raise web.HTTPUnauthorized
        self._look(await self._backlog())
        told: dict[str, Any] = {"Content-Type": CONTENT_TYPE_LATEST}
        return web.Response(body=generate_latest(self._registry), headers=told)

    def _look(self, backlog: Backlog) -> None:
        now, waiting = self._monotonic(), backlog.posts.get("pending", 0)
        if not waiting:
            self._behind_since = None
        elif self._behind_since is None:
            self._behind_since = now
        self._board_lag.set(0 if self._behind_since is None else now - self._behind_since)
        self._due_lag.set(backlog.due_lag)
        self._works.set(backlog.works)
        for what, count in backlog.parked.items():
            self._parked.labels(what).set(count)
        for state, count in backlog.posts.items():
            self._posts.labels(state).set(count)
