"""The way out to Slack: one client without retries, and what its failures mean."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from adapters.answers import UNSAID, UnknownOutcome, retry_after
from adapters.ledger import Ledger
from adapters.slack.budget import EVERYTHING, Budget
from bot.messenger import Refused, TryLater, Unreachable

#: How long one call may take before its outcome counts as unknown.
PATIENCE = timedelta(seconds=15)
#: How long nothing is asked with a token that Slack does not take any more.
REVOKED = timedelta(hours=1)

_TOKEN = frozenset(
    {"account_inactive", "invalid_auth", "not_authed", "token_expired", "token_revoked"}
)
_BUSY = frozenset({"rate_limited", "ratelimited"})
#: Something of it may have been done all the same.
_UNCLEAR = frozenset({"fatal_error", "internal_error", "service_unavailable"})
_UNREACHABLE = frozenset(
    {
        "cannot_dm_bot",
        "channel_not_found",
        "is_archived",
        "messages_tab_disabled",
        "not_in_channel",
        "user_disabled",
        "user_not_found",
    }
)
#: These take no JSON.
_READS = frozenset({"conversations.info", "conversations.members", "users.info"})
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


def silent() -> logging.Logger:
    """A logger that says nothing: the libraries write whole bodies, in and out."""
    logger = logging.Logger("slack", logging.CRITICAL + 1)
    logger.disabled = True
    return logger


class _Client(AsyncWebClient):
    """Slack's own breaks on an answer that is bare text, as something in between may send."""

    async def _request(self, **request: Any) -> dict[str, Any]:
        answer: dict[str, Any] = await super()._request(**request)
        return answer if isinstance(answer["data"], dict) else answer | {"data": {}}


def client(token: str, url: str, session: aiohttp.ClientSession) -> AsyncWebClient:
    """A client of the Web API at this address; a repeated call is the board's decision."""
    made = _Client(token=token, base_url=url, session=session, logger=silent(), retry_handlers=[])
    if urlsplit(url).hostname in _LOOPBACK:
        made.proxy = None
    return made


@dataclass(frozen=True, slots=True)
class Self:
    """Who Krets is in a workspace; `team` is empty where a whole organisation has it."""

    user: str
    team: str
    enterprise: str

    @property
    def tenant(self) -> str:
        """The organisation, as identities name it."""
        return self.enterprise or self.team


class Caller:
    """Asks Slack within the budget of one workspace, and says in the port's words how it failed."""

    def __init__(
        self,
        client: AsyncWebClient,
        budget: Budget,
        me: Self | None = None,
        ledger: Ledger | None = None,
    ) -> None:
        """Ask with this client, as fast as this budget allows; Slack says `me` if it is None.

        With a ledger, others spend the same budget.
        """
        self._client = client
        self._budget = budget
        self._ledger = ledger
        self._me = me

    async def myself(self, patience: timedelta = PATIENCE) -> Self:
        """Who Krets is here; asked until it is known."""
        if self._me is None:
            said = await self("auth.test", patience=patience)
            team = "" if said.get("is_enterprise_install") else str(said["team_id"])
            self._me = Self(said["user_id"], team, said.get("enterprise_id") or "")
        return self._me

    async def __call__(
        self,
        method: str,
        arguments: dict[str, Any] | Callable[[], dict[str, Any]] | None = None,
        *,
        pace: str = "",
        patience: timedelta = PATIENCE,
    ) -> dict[str, Any]:
        """One call; `pace` is the conversation whose pace it keeps.

        Arguments that take a while to make can be made here, once it is sure that they are sent.
        """
        await self._spend(method, pace)
        if callable(arguments):
            arguments = arguments()
        try:
            async with asyncio.timeout(patience.total_seconds()):
                if method in _READS:
                    answer = await self._client.api_call(method, http_verb="GET", params=arguments)
                else:
                    answer = await self._client.api_call(method, json=arguments or {})
        except SlackApiError as error:
            meaning = self._meaning(method, error)
            if isinstance(meaning, TryLater):
                await self._spare(method)
            raise meaning from None
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
            raise TryLater(UNSAID) from None  # it never left this machine
        except (aiohttp.ClientError, TimeoutError):
            raise UnknownOutcome(method) from None
        return answer.data if isinstance(answer.data, dict) else {}

    async def _spend(self, method: str, pace: str) -> None:
        """Count a call, here or where others count theirs."""
        if self._ledger is None:
            self._budget.spend(method, pace)
        else:
            await self._ledger.on(
                Budget.keys(method, pace),
                lambda kept: self._budget.beside(kept, method).spend(method, pace),
            )

    async def _spare(self, method: str) -> None:
        """Let others know where Slack has asked us to wait."""
        if self._ledger is not None:
            await self._ledger.on(
                Budget.keys(method), lambda kept: self._budget.beside(kept, method)
            )

    async def respond(self, url: str, patience: timedelta, message: dict[str, Any]) -> None:
        """Answer under the address that came with a command or a button."""
        if not _is_slack_s(url, self._client.base_url):
            raise Refused("foreign_response_url")
        hook = AsyncWebhookClient(
            url, session=self._client.session, logger=silent(), retry_handlers=[]
        )
        hook.proxy = self._client.proxy
        try:
            async with asyncio.timeout(patience.total_seconds()):
                answer = await hook.send_dict(message)
        except (aiohttp.ClientError, TimeoutError):
            raise UnknownOutcome("response_url") from None
        if answer.status_code != 200:
            raise Refused(f"status_{answer.status_code}")

    def _meaning(self, method: str, error: SlackApiError) -> Exception:
        """The port's exception for what Slack has answered."""
        answer = error.response
        status, data = getattr(answer, "status_code", 0), getattr(answer, "data", None)
        code = data.get("error") if isinstance(data, dict) else None
        code = code if isinstance(code, str) else ""
        if status == 429 or code in _BUSY:
            after = retry_after(_header(answer, "Retry-After"), _header(answer, "Date"))
            self._budget.rest(method, after)
            return TryLater(after)
        if status != 200 or not code or code in _UNCLEAR:
            return UnknownOutcome(method)
        if code in _TOKEN:
            self._budget.rest(EVERYTHING, REVOKED)
            return TryLater(REVOKED)
        return Unreachable(code) if code in _UNREACHABLE else Refused(code)


def _is_slack_s(url: str, api: str) -> bool:
    """Whether an address is on the host of the Web API, or on the one beside it for answers."""
    try:
        given, ours = urlsplit(url), urlsplit(api)
    except ValueError:
        return False
    hosts = (ours.hostname, f"hooks.{ours.hostname}")
    return given.scheme == ours.scheme and given.hostname in hosts


def _header(answer: Any, name: str) -> str:
    headers = getattr(answer, "headers", None) or {}
    return next((str(value) for key, value in headers.items() if key.lower() == name.lower()), "")


@asynccontextmanager
async def outwards() -> AsyncIterator[aiohttp.ClientSession]:
    """The one session in which all workspaces are called, closed at the end."""
    connect = aiohttp.ClientTimeout(total=None, sock_connect=5)
    jar = aiohttp.DummyCookieJar()
    async with aiohttp.ClientSession(cookie_jar=jar, timeout=connect) as session:
        yield session
