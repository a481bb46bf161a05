"""Tokens with which Krets proves to Teams who it is: fetched beside the calls, kept while good.

Microsoft's library for them, MSAL, is plain and would wait for ever: it runs in a thread, and what
it sends goes out over our own session, with our own patience.
"""

import asyncio
import logging
import re
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeAlias
from urllib.parse import urlencode

import msal  # type: ignore[import-untyped]
from aiohttp import ClientSession, ClientTimeout

from bot.messenger import TryLater

log = logging.getLogger(__name__)

LOGIN = "https://login.microsoftonline.com"
#: Where a bot of more than one organisation gets its tokens.
MANY_TENANTS = "botframework.com"
_RESOURCE = "https://api.botframework.com"
#: How long a call waits for a token that is being fetched, and one request of fetching takes.
_PATIENCE, _TIMEOUT = timedelta(seconds=2), timedelta(seconds=5)
#: A token is fetched anew so long before its end, and not used any more shortly before it.
_FRESH, _GOOD = timedelta(minutes=10), timedelta(minutes=1)
#: Between two tries after nobody answered, and after all secrets were refused.
_UNANSWERED, _REFUSED = timedelta(seconds=30), timedelta(minutes=5)
_CODE = re.compile(r"[a-z_]{1,40}", re.ASCII)


class Tokens(Protocol):
    """Gives the token that calls are made with."""

    async def get(self) -> str:
        """The token, empty where none is needed; raises `TryLater` while there is none."""

    def refuse(self, token: str) -> None:
        """Teams does not take this token."""


class NoTokens:
    """For a client on this machine, which asks for none."""

    async def get(self) -> str:
        """Nothing."""
        return ""

    def refuse(self, token: str) -> None:
        """There is nothing else to try."""


# --- MSAL ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Got:
    """An answer, as MSAL wants it."""

    status_code: int
    text: str
    headers: Mapping[str, str]


class Wire:
    """Sends what MSAL sends from its thread over a session of the loop; it waits here."""

    def __init__(self, session: ClientSession, loop: asyncio.AbstractEventLoop) -> None:
        """Send over this session, which lives in this loop."""
        self._session = session
        self._loop = loop
        self._sending: Future[Got] | None = None
        self._closed = False

    def close(self) -> None:
        """Send nothing more, and give up what is being sent, so that the thread ends."""
        self._closed = True
        if self._sending is not None:
            self._sending.cancel()

    def get(self, url: str, *, params: Any = None, headers: Any = None, **_: Any) -> Got:
        """Ask for a document."""
        return self._wait("GET", url, params, headers, None)

    def post(
        self, url: str, *, params: Any = None, headers: Any = None, data: Any = None, **_: Any
    ) -> Got:
        """Send a form."""
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        return self._wait("POST", url, params, (headers or {}) | form, urlencode(data or {}))

    def _wait(self, method: str, url: str, params: Any, headers: Any, data: str | None) -> Got:
        sending = self._send(method, url, params, headers, data)
        self._sending = asyncio.run_coroutine_threadsafe(sending, self._loop)
        return self._sending.result()

    async def _send(self, method: str, url: str, params: Any, headers: Any, data: Any) -> Got:
        if self._closed:
            raise asyncio.CancelledError
        async with self._session.request(
            method,
            url,
            params=params,
            headers=headers,
            data=data,
            allow_redirects=False,
            timeout=ClientTimeout(total=_TIMEOUT.total_seconds()),
        ) as got:
            return Got(got.status, await got.text(), dict(got.headers))


#: Asks for a token once, in a thread; what Microsoft answers.
Ask: TypeAlias = Callable[[Wire], Mapping[str, Any]]


def by_secret(app_id: str, tenant: str, secret: str | Mapping[str, str]) -> Ask:
    """Ask with a password, or with what `certificate` makes of one."""

    def ask(wire: Wire) -> Mapping[str, Any]:
        app = msal.ConfidentialClientApplication(
            app_id,
            client_credential=secret,
            authority=f"{LOGIN}/{tenant or MANY_TENANTS}",
            instance_discovery=False,  # the authority is no guess
            http_client=wire,
        )
        answer: Mapping[str, Any] = app.acquire_token_for_client([f"{_RESOURCE}/.default"])
        return answer

    return ask


def certificate(pem: str) -> dict[str, str]:
    """A certificate and its private key, which stand in one file of text."""
    return {"private_key": pem, "public_certificate": pem}


def by_managed_identity(app_id: str) -> Ask:
    """Ask the machine of Azure on which Krets runs, whose identity is the bot's."""

    def ask(wire: Wire) -> Mapping[str, Any]:
        identity = msal.UserAssignedManagedIdentity(client_id=app_id)
        app = msal.ManagedIdentityClient(identity, http_client=wire)
        answer: Mapping[str, Any] = app.acquire_token_for_client(resource=_RESOURCE)
        return answer

    return ask


# --- the token ----------------------------------------------------------------------------------


class Credentials:
    """Keeps one token, and fetches the next before its end; one fetch at a time.

    While nobody answers, calls are put off at once: they hold nobody else up.
    """

    def __init__(
        self, asks: Sequence[Ask], session: ClientSession, real: Callable[[], datetime]
    ) -> None:
        """Ask in this order until one is not refused; `real` is real time."""
        self._asks = asks
        self._session = session
        self._real = real
        self._token = ""
        self._ends = self._begun = self._again = real()
        self._fetch: asyncio.Task[None] | None = None

    async def get(self) -> str:
        """The token; raises `TryLater` while there is none."""
        left = self._ends - self._real() if self._token else timedelta(0)
        if left < _FRESH:
            self._begin()
        if left < _GOOD and self._fetch is not None:
            patience = self._begun + _PATIENCE - self._real()
            await asyncio.wait({self._fetch}, timeout=max(patience.total_seconds(), 0))
        if not self._token or self._ends - self._real() < _GOOD:
            raise TryLater(max(self._again - self._real(), _PATIENCE))
        return self._token

    def refuse(self, token: str) -> None:
        """Fetch another, unless that has been done."""
        if token == self._token:
            self._token = ""

    async def close(self) -> None:
        """Give up fetching."""
        if self._fetch is not None:
            self._fetch.cancel()
            with suppress(asyncio.CancelledError):
                await self._fetch

    def _begin(self) -> None:
        """Fetch beside the calls, if nobody does and nobody has just failed."""
        if self._fetch is None and self._real() >= self._again:
            self._begun = self._real()
            self._fetch = asyncio.create_task(self._renew())
            self._fetch.add_done_callback(self._end)

    def _end(self, _: "asyncio.Task[None]") -> None:
        self._fetch = None

    async def _renew(self) -> None:
        """Fetch a token by the first secret that is taken."""
        wire = Wire(self._session, asyncio.get_running_loop())
        try:
            await self._ask(wire)
        finally:
            wire.close()

    async def _ask(self, wire: Wire) -> None:
        for ask in self._asks:
            try:
                answer = await asyncio.to_thread(ask, wire)
            except Exception as error:  # whatever it is, there may still be a good token
                log.warning("no token could be fetched: %s", type(error).__name__)
                self._again = self._real() + _UNANSWERED
                return
            token, lasts = answer.get("access_token"), answer.get("expires_in")
            if isinstance(token, str) and token and isinstance(lasts, int):
                self._token = token
                self._ends = self._real() + timedelta(seconds=lasts)
                return
            told = {"code": _code(answer)}
            log.warning("a secret of the bot in Teams is refused: %(code)s", told)
        self._again = self._real() + _REFUSED


def _code(answer: Mapping[str, Any]) -> str:
    """Microsoft's code for why there is no token, and nothing else of what it says.

    >>> _code({"error": "invalid_client", "error_description": "AADSTS7000215: ..."})
    'invalid_client'
    """
    code = answer.get("error")
    return code if isinstance(code, str) and _CODE.fullmatch(code) else "unknown"
