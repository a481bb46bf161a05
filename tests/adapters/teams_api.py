"""A small Microsoft of our own: the Bot Connector of Teams, and where tokens and keys come from.

It takes what Teams takes and refuses what Teams refuses; every call is kept, and faults come on
demand. A message that is posted twice is there twice, as in Teams. It stands behind the names that
Krets calls, with a certificate for them: nothing in Krets needs to know that this is a test.
"""

import asyncio
import itertools
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.adapters.teams.microsoft import APP, TENANT, listed
from tests.adapters.teams_names import certified, here

Json: TypeAlias = dict[str, Any]
BOT = f"28:{APP}"
SECRET = "the-secret-of-the-bot"
ELSEWHERE = "9e0d1c2b-3a4f-4b5c-8d6e-7f8091a2b3c4"
#: Bytes of one activity.
LIMIT = 28 * 1024


class Failure(Exception):
    """Teams says no, with this status and code."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.status = status


@dataclass
class Fault:
    """What one call meets instead of an answer, or after it was done."""

    status: int = 200
    code: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    #: Waited for before the answer.
    late: asyncio.Event | None = None
    #: Whether the call has its effect all the same.
    done: bool = False
    #: Whether the connection ends without an answer.
    cut: bool = False
    #: The answer as it is, whatever it should be.
    body: str | None = None


@dataclass
class Person:
    """Somebody, with both of their ids, and how the bot stands with them."""

    id: str
    name: str
    account: str
    tenant: str = TENANT
    role: str = "user"
    #: Whether the app is there for them, and whether they have blocked it.
    installed: bool = True
    blocked: bool = False

    def listed(self) -> Json:
        """As a roster has them."""
        return {
            "id": self.account,
            "name": self.name,
            "aadObjectId": self.id,
            "tenantId": self.tenant,
            "userRole": self.role,
            "userPrincipalName": f"{self.id}@example.org",
        }


@dataclass
class Conversation:
    """A chat or a channel: its people, and its messages by id in their order."""

    id: str
    #: personal, groupChat, channel or team.
    kind: str
    people: list[str] = field(default_factory=list)
    messages: dict[str, Json] = field(default_factory=dict)
    #: Of a channel: its team, and whether it is standard, private or shared.
    team: str = ""
    access: str = "standard"
    #: Whether the app is in it.
    installed: bool = True


@dataclass
class Call:
    """One call as it came."""

    name: str
    path: str
    body: Json
    query: Json
    token: str


class TeamsApi:
    """One organisation, with people from elsewhere in it."""

    def __init__(self) -> None:
        self.people: dict[str, Person] = {}
        self.conversations: dict[str, Conversation] = {}
        self.calls: list[Call] = []
        #: What the bot may prove itself with, and the tokens that are good.
        self.secrets: set[str] = {SECRET}
        self.tokens: set[str] = set()
        self.lasts = 3599
        #: Whether calls come without a token, as to Microsoft's client for trying.
        self.anonymous = False
        #: The keys with which what comes in is signed.
        self.keys: list[Json] = [listed("key1")]
        self.port = 0
        self._changed = asyncio.Condition()
        self._faults: dict[str, list[Fault]] = {}
        self._ids = itertools.count(1)

    # --- what a test arranges and asks ----------------------------------------------------------

    def add_person(self, id: str, name: str, **more: Any) -> Person:
        self.people[id] = Person(id, name, f"29:{id}", **more)
        return self.people[id]

    def add_chat(self, id: str, *people: str, **more: Any) -> Conversation:
        return self._add(Conversation(id, "groupChat", list(people), **more))

    def add_team(self, id: str, *people: str) -> Conversation:
        """A team, and its first channel, which has the same id."""
        return self._add(Conversation(id, "channel", list(people), team=id))

    def add_channel(
        self, id: str, team: str, *people: str, access: str = "standard"
    ) -> Conversation:
        return self._add(Conversation(id, "channel", list(people), team=team, access=access))

    def chat(self, person: str) -> Conversation:
        """The chat of Krets and this person."""
        id = f"a:{person}"
        known = self.conversations.get(id)
        return known or self._add(Conversation(id, "personal", [person]))

    def messages(self, conversation: str) -> list[Json]:
        return list(self.conversations[conversation].messages.values())

    def fail(self, name: str, *faults: Fault) -> None:
        """Let the next calls of this name meet these faults, one each."""
        self._faults.setdefault(name, []).extend(faults)

    async def until(self, true: Callable[[], object]) -> None:
        """Return when this has become true by somebody's call."""
        async with asyncio.timeout(30), self._changed:
            await self._changed.wait_for(true)

    def called(self, name: str) -> list[Call]:
        return [call for call in self.calls if call.name == name]

    def connector(self) -> aiohttp.TCPConnector:
        """Leads whoever calls Microsoft by its names here."""
        return here(self.port)

    def application(self) -> web.Application:
        app = web.Application(client_max_size=8 * 1024 * 1024)
        routes: list[tuple[str, str, str, Callable[[web.Request, Json], Awaitable[object]]]] = [
            ("POST", "/conversations", "create", self._create),
            ("POST", "/conversations/{id}/activities", "send", self._send),
            ("PUT", "/conversations/{id}/activities/{message}", "update", self._update),
            ("DELETE", "/conversations/{id}/activities/{message}", "delete", self._delete),
            ("GET", "/conversations/{id}/pagedmembers", "members", self._members),
            ("GET", "/conversations/{id}/members/{person}", "member", self._member),
            ("GET", "/teams/{id}/conversations", "channels", self._channels),
        ]
        for method, path, name, does in routes:
            app.router.add_route(method, f"/{{region:.*}}v3{path}", self._serving(name, does))
        login = "/{tenant}/v2.0/.well-known/openid-configuration"
        app.router.add_get(login, self._serving("discover", self._discover))
        app.router.add_post("/{tenant}/oauth2/v2.0/token", self._serving("token", self._token))
        app.router.add_get(
            "/metadata/identity/oauth2/token", self._serving("identity", self._identity)
        )
        app.router.add_get("/v1/.well-known/openidconfiguration", self._metadata)
        app.router.add_get("/v1/.well-known/keys", self._listed)
        return app

    # --- serving --------------------------------------------------------------------------------

    def _serving(
        self, name: str, does: Callable[[web.Request, Json], Awaitable[object]]
    ) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def serve(request: web.Request) -> web.StreamResponse:
            raw = await request.read()
            form = request.content_type == "application/x-www-form-urlencoded"
            body = dict(await request.post()) if form else json.loads(raw or "{}")
            token = request.headers.get("Authorization", "").removeprefix("Bearer ")
            path = request.raw_path.partition("?")[0]
            self.calls.append(Call(name, path, body, dict(request.query), token))
            waiting = self._faults.get(name)
            fault = waiting.pop(0) if waiting else Fault()
            refused = fault.cut or fault.status != 200 or fault.body is not None
            try:
                await self._heard()
                if fault.late is not None:
                    await fault.late.wait()
                if refused and not fault.done:
                    return self._refusal(request, fault)
                if "v3" in path and token not in ({""} if self.anonymous else self.tokens):
                    raise Failure(401, "Unauthorized")
                if len(raw) > LIMIT:
                    raise Failure(413, "MessageSizeTooBig")
                answer = await does(request, body)
            except Failure as error:
                return _no(error.status, str(error))
            finally:
                await self._heard()
            return self._refusal(request, fault) if refused else _yes(answer)

        return serve

    async def _heard(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    def _refusal(self, request: web.Request, fault: Fault) -> web.Response:
        if fault.cut:
            assert request.transport is not None
            request.transport.abort()
        if fault.body is not None:
            return web.Response(status=fault.status, text=fault.body, headers=fault.headers)
        return _no(fault.status, fault.code, fault.headers)

    # --- the connector --------------------------------------------------------------------------

    async def _create(self, _: web.Request, asked: Json) -> Json:
        assert asked["bot"]["id"] == BOT
        if asked["tenantId"] != TENANT or asked["channelData"]["tenant"]["id"] != TENANT:
            raise Failure(403, "ForbiddenOperationException")
        if channel := asked["channelData"].get("channel"):
            assert asked["isGroup"] is True
            message = self._post(self._there(channel["id"]), asked["activity"])
            return {"id": f"{channel['id']};messageid={message}", "activityId": message}
        assert asked["isGroup"] is False
        (member,) = asked["members"]
        person = self._somebody(member["id"])
        if not person.installed:
            raise Failure(403, "ForbiddenOperationException")
        return {"id": self.chat(person.id).id}

    async def _send(self, request: web.Request, activity: Json) -> Json:
        return {"id": self._post(self._there(request.match_info["id"]), activity)}

    async def _update(self, request: web.Request, activity: Json) -> Json:
        there, message = self._there(request.match_info["id"]), request.match_info["message"]
        if message not in there.messages:
            raise Failure(404, "ActivityNotFoundInConversation")
        there.messages[message] = _checked(activity)
        return {"id": message}

    async def _delete(self, request: web.Request, _: Json) -> None:
        there = self._there(request.match_info["id"])
        if there.messages.pop(request.match_info["message"], None) is None:
            raise Failure(404, "ActivityNotFoundInConversation")

    async def _members(self, request: web.Request, _: Json) -> Json:
        there = self._there(request.match_info["id"])
        found = [self.people[one].listed() for one in there.people]
        begin = int(request.query.get("continuationToken") or 0)
        # Only channels have pages, and none is smaller than this.
        size = min(max(int(request.query["pageSize"]), 50), 500) if there.team else len(found) + 1
        more = {"continuationToken": str(begin + size)} if begin + size < len(found) else {}
        return {"members": found[begin : begin + size]} | more

    async def _member(self, request: web.Request, _: Json) -> Json:
        there = self._there(request.match_info["id"])
        for one in there.people:
            if request.match_info["person"] in (one, self.people[one].account):
                return self.people[one].listed()
        raise Failure(404, "MemberNotFoundInConversation")

    async def _channels(self, request: web.Request, _: Json) -> Json:
        team = self._there(request.match_info["id"]).id
        channels = [one for one in self.conversations.values() if one.team == team]
        return {"conversations": [{"id": one.id, "type": one.access} for one in channels]}

    def _there(self, id: str) -> Conversation:
        found = self.conversations.get(id.partition(";messageid=")[0])
        if found is None:
            raise Failure(404, "ConversationNotFound")
        person = self.people[found.people[0]] if found.kind == "personal" else None
        if person is not None and person.blocked:
            raise Failure(403, "ConversationBlockedByUser")
        if not found.installed or (person is not None and not person.installed):
            raise Failure(403, "BotNotInConversationRoster")
        return found

    def _somebody(self, id: str) -> Person:
        for one in self.people.values():
            if id in (one.id, one.account) and one.tenant == TENANT:
                return one
        raise Failure(400, "BadSyntax")

    def _post(self, there: Conversation, activity: Json) -> str:
        message = str(1_772_438_400_000 + next(self._ids))
        there.messages[message] = _checked(activity)
        return message

    def _add(self, conversation: Conversation) -> Conversation:
        self.conversations[conversation.id] = conversation
        return conversation

    # --- tokens and keys ------------------------------------------------------------------------

    async def _discover(self, request: web.Request, _: Json) -> Json:
        base = f"https://login.microsoftonline.com/{request.match_info['tenant']}"
        return {
            "issuer": f"{base}/v2.0",
            "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
            "token_endpoint": f"{base}/oauth2/v2.0/token",
        }

    async def _token(self, _: web.Request, asked: Json) -> Json:
        assert asked["grant_type"] == "client_credentials"
        assert asked["scope"] == "https://api.botframework.com/.default"
        known = asked.get("client_secret") in self.secrets
        if asked["client_id"] != APP or not (known or asked.get("client_assertion")):
            raise Failure(401, "invalid_client")
        return self._new_token()

    async def _identity(self, request: web.Request, _: Json) -> Json:
        assert request.query["resource"] == "https://api.botframework.com"
        return self._new_token() | {"expires_in": str(self.lasts)}

    def _new_token(self) -> Json:
        token = f"token-{next(self._ids)}"
        self.tokens.add(token)
        return {"token_type": "Bearer", "expires_in": self.lasts, "access_token": token}

    async def _metadata(self, _: web.Request) -> web.Response:
        keys = "https://login.botframework.com/v1/.well-known/keys"
        return web.json_response({"issuer": "https://api.botframework.com", "jwks_uri": keys})

    async def _listed(self, _: web.Request) -> web.Response:
        return web.json_response({"keys": self.keys})


def _yes(answer: object) -> web.Response:
    return web.Response() if answer is None else web.json_response(answer)


def _no(status: int, code: str, headers: dict[str, str] | None = None) -> web.Response:
    """A refusal, with words that must not be kept."""
    words = "CANARY of an error"
    oauth = re.fullmatch(r"[a-z_]+", code)
    body: Json = {"error": {"code": code, "message": words}}
    if oauth:
        body = {"error": code, "error_description": words}
    return web.json_response(body, status=status, headers=headers)


def _checked(activity: Json) -> Json:
    if activity.get("type") != "message" or not (activity.get("attachments") or "text" in activity):
        raise Failure(400, "BadSyntax")
    return activity


@asynccontextmanager
async def teams_api() -> AsyncIterator[TeamsApi]:
    """It, listening behind its names."""
    api = TeamsApi()
    server = TestServer(api.application(), scheme="https")
    await server.start_server(ssl=certified())
    assert server.port is not None
    api.port = server.port
    yield api
    await server.close()
