"""The way out to Teams: the Bot Connector's few calls, and what their failures mean.

Nothing is tried twice here except with another token; that is the board's decision.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import quote, urlsplit
from weakref import WeakValueDictionary

import aiohttp
from pydantic_core import to_json
from yarl import URL

from adapters.answers import UNSAID, UnknownOutcome, retry_after
from adapters.ledger import Ledger
from adapters.teams.answers import Answer, Gone, Json, read
from adapters.teams.budget import Budget, Way
from adapters.teams.credentials import Tokens
from bot.messenger import Refused, TryLater, Unreachable

#: How long one call may take before its outcome counts as unknown.
PATIENCE = timedelta(seconds=15)
#: How long nothing is asked of an organisation that does not take our token.
REVOKED = timedelta(hours=1)
#: People of one page of a roster, and the most pages.
_PAGE, _PAGES = 500, 100
#: Bytes of an answer.
_LARGEST = 4 * 1024 * 1024

#: The conversation is there, the message is not.
_NO_MESSAGE = frozenset({"ActivityNotFoundInConversation"})
#: The conversation of a channel's thread names the message that began it.
_THREAD = ";messageid="


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation, or whom one is to be had with, and where Teams takes what is meant for it."""

    tenant: str
    service_url: str
    id: str


class Connector:
    """Calls the Bot Connector: one call at a time and conversation, within the budget."""

    def __init__(
        self,
        *,
        session: aiohttp.ClientSession,
        tokens: Tokens,
        budget: Budget,
        allowed: Callable[[str], bool],
        spread: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        patience: timedelta = PATIENCE,
        ledger: Ledger | None = None,
    ) -> None:
        """Call in this session, and only addresses that are `allowed`; `spread` is by chance.

        With a ledger, others spend the same budget.
        """
        self._ledger = ledger
        self._session = session
        self._tokens = tokens
        self._budget = budget
        self._allowed = allowed
        self._spread = spread
        self._sleep = sleep
        self._patience = patience.total_seconds()
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    # --- calls --------------------------------------------------------------------------------

    async def send(self, to: Conversation, activity: Json) -> str:
        """Post a message; its id."""
        path = f"conversations/{_part(to.id)}/activities"
        return _told(await self._call("POST", to, path, activity), "id")

    async def update(self, to: Conversation, message: str, activity: Json) -> None:
        """Let a message be this from now on."""
        path = f"conversations/{_part(to.id)}/activities/{_part(message)}"
        await self._call("PUT", to, path, activity | {"id": message})

    async def delete(self, to: Conversation, message: str) -> None:
        """Take a message away; `Gone` if it is."""
        await self._call("DELETE", to, f"conversations/{_part(to.id)}/activities/{_part(message)}")

    async def create(self, to: Conversation, parameters: Json) -> tuple[str, str]:
        """Begin a conversation; its id, and that of its first message if it has one."""
        created = await self._call("POST", to, "conversations", parameters)
        return _told(created, "id"), str(created.get("activityId") or "")

    async def members(self, of: Conversation) -> list[Json]:
        """Everybody in a conversation."""
        path, found, more = f"conversations/{_part(of.id)}/pagedmembers", [], ""
        for _ in range(_PAGES):
            query = {"pageSize": str(_PAGE)} | ({"continuationToken": more} if more else {})
            page = await self._call("GET", of, path, query=query)
            members = page.get("members")
            if not isinstance(members, list):
                raise UnknownOutcome("GET")
            found += [one for one in members if isinstance(one, dict)]
            more = str(page.get("continuationToken") or "")
            if not more:
                return found
        raise Refused("too_many_people")

    async def member(self, of: Conversation, person: str) -> Json:
        """One of them, by either of their ids."""
        return await self._call("GET", of, f"conversations/{_part(of.id)}/members/{_part(person)}")

    async def channels(self, of: Conversation) -> list[Json]:
        """The channels of a team, as far as Krets may know of them."""
        listed = (await self._call("GET", of, f"teams/{_part(of.id)}/conversations")).get(
            "conversations"
        )
        if not isinstance(listed, list):
            raise UnknownOutcome("GET")
        return [one for one in listed if isinstance(one, dict)]

    # --- one call -----------------------------------------------------------------------------

    async def _call(
        self,
        method: str,
        to: Conversation,
        path: str,
        body: Json | None = None,
        query: dict[str, str] | None = None,
    ) -> Json:
        if not self._allowed(to.service_url):
            raise Refused("foreign_service_url")
        url = URL(f"{to.service_url.rstrip('/')}/v3/{path}", encoded=True).update_query(query or {})
        end = to.id.partition(_THREAD)[0]
        way = Way(urlsplit(to.service_url).netloc, to.tenant, end)
        async with self._turn(way):
            token = await self._tokens.get()
            if wait := (await self._take(way)).total_seconds():
                await self._sleep(wait)
            answer = await self._ask(way, method, url, body, token)
            if answer.status == 401 and token:
                self._tokens.refuse(token)
                answer = await self._ask(way, method, url, body, await self._tokens.get())
            if 200 <= answer.status < 300:
                self._budget.succeed(way)
                return answer.said
            meaning = self._meaning(method, way, answer)
            if isinstance(meaning, TryLater) and self._ledger is not None:
                await self._ledger.on(Budget.keys(way), lambda kept: self._budget.beside(kept, way))
            raise meaning

    async def _take(self, way: Way) -> timedelta:
        """Count a call, here or where others count theirs; how long to hold it."""
        if self._ledger is None:
            return self._budget.take(way)
        return await self._ledger.on(
            Budget.keys(way), lambda kept: self._budget.beside(kept, way).take(way)
        )

    @asynccontextmanager
    async def _turn(self, way: Way) -> AsyncIterator[None]:
        """One after the other in a conversation."""
        lock = self._turns.setdefault(way.end, asyncio.Lock())
        try:
            async with asyncio.timeout(self._patience):
                await lock.acquire()
        except TimeoutError:
            raise TryLater(UNSAID) from None
        try:
            yield
        finally:
            lock.release()

    async def _ask(self, way: Way, method: str, url: URL, body: Json | None, token: str) -> Answer:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        data = None
        if body is not None:
            headers["Content-Type"] = "application/json; charset=utf-8"
            data = to_json(body)
        try:
            async with (
                asyncio.timeout(self._patience),
                self._session.request(
                    method, url, data=data, headers=headers, allow_redirects=False
                ) as got,
            ):
                answer = read(
                    got.status,
                    await _body(got),
                    got.headers.get("Retry-After", ""),
                    got.headers.get("Date", ""),
                )
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
            self._budget.miss(way, self._spread())
            raise TryLater(self._budget.fail(way, self._spread())) from None  # it never left here
        except (aiohttp.ClientError, TimeoutError):
            self._budget.miss(way, self._spread())
            raise UnknownOutcome(method) from None
        self._budget.answered(way)
        return answer

    def _meaning(self, method: str, way: Way, answer: Answer) -> Exception:
        """The port's exception for what Teams has answered."""
        status, code = answer.status, answer.code
        if answer.busy:
            if not answer.retry_after:
                return TryLater(self._budget.fail(way, self._spread()))
            after = retry_after(answer.retry_after, answer.date)
            self._budget.rest(way.end, after)
            return TryLater(after)
        if status == 401:
            self._budget.rest(way.organisation, REVOKED)
            return TryLater(REVOKED)
        if status >= 500 or status == 408:
            return UnknownOutcome(method)
        if status == 404:
            only = code in _NO_MESSAGE and method != "DELETE"
            return Refused(code) if only else Gone(code)
        return Unreachable(code) if status == 403 else Refused(code)


# --- parts --------------------------------------------------------------------------------------


def _part(id: str) -> str:
    """An id as a part of an address.

    >>> _part("19:a/b@thread.tacv2;messageid=1")
    '19%3Aa%2Fb%40thread.tacv2%3Bmessageid%3D1'
    """
    if not id.strip("."):
        raise Refused("bad_id")  # it would lead elsewhere
    return quote(id, safe="")


def _told(said: Json, name: str) -> str:
    found = said.get(name)
    if not isinstance(found, str) or not found:
        raise UnknownOutcome("POST")
    return found


async def _body(got: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for piece in got.content.iter_any():
        body += piece
        if len(body) > _LARGEST:
            return b""
    return bytes(body)


@asynccontextmanager
async def outwards(
    proxy: str | None = None, connector: aiohttp.BaseConnector | None = None
) -> AsyncIterator[aiohttp.ClientSession]:
    """The one session in which all of Microsoft is asked, closed at the end."""
    # The environment is not trusted at each call: that would read files in threads every time.
    connect = aiohttp.ClientTimeout(total=None, sock_connect=5)
    jar = aiohttp.DummyCookieJar()
    async with aiohttp.ClientSession(
        connector=connector, cookie_jar=jar, timeout=connect, proxy=proxy
    ) as session:
        yield session
