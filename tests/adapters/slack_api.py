"""A small Slack of our own: the methods of the Web API that Krets calls, with what they remember.

It takes what Slack takes and refuses what Slack refuses; every call is kept, and faults come on
demand. A message that is posted twice is there twice, as in Slack.
"""

import asyncio
import itertools
import json
from base64 import b64decode
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from aiohttp import web

Json: TypeAlias = dict[str, Any]
TOKEN = "xoxb-test-token"
TEAM = "T0KRETS"
BOT = "U0KRETSBOT"


class Failure(Exception):
    """Slack says no, with this code."""


@dataclass
class Fault:
    """What one call meets instead of an answer, or after it was done."""

    status: int = 200
    code: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    #: Seconds before the answer.
    late: float = 0
    #: Whether the call has its effect all the same.
    done: bool = False
    #: An answer of bare text, as something in between may give.
    bare: bool = False


@dataclass
class Channel:
    """A conversation: its people, and its messages by time stamp in their order."""

    id: str
    name: str = ""
    private: bool = True
    archived: bool = False
    #: Open to another organisation.
    shared: bool = False
    members: list[str] = field(default_factory=list)
    messages: dict[str, Json] = field(default_factory=dict)
    #: What only one person saw.
    ephemeral: list[tuple[str, Json]] = field(default_factory=list)


@dataclass
class Call:
    """One call as it came."""

    method: str
    arguments: Json
    at: float
    token: str


@dataclass
class App:
    """The app that workspaces can install: its secrets, and where people come back to."""

    client_id: str
    client_secret: str
    redirect: str
    id: str = "A0KRETS"


class SlackApi:
    """The workspace; or several, which share all people and channels but not the token."""

    def __init__(self) -> None:
        self.enterprise = ""
        #: Token -> workspace, and those that Slack does not take any more.
        self.tokens: dict[str, str] = {TOKEN: TEAM}
        self.revoked: set[str] = set()
        self.app: App | None = None
        #: Code -> what Slack gives for it, once.
        self.codes: dict[str, Json] = {}
        self.calls: list[Call] = []
        self.users: dict[str, Json] = {}
        self.channels: dict[str, Channel] = {}
        #: Open modals of everybody, the topmost last: user -> views.
        self.modals: dict[str, list[Json]] = {}
        self.homes: dict[str, Json] = {}
        #: What came to a response_url, by the last part of its path.
        self.responses: dict[str, list[Json]] = {}
        #: Trigger -> whose; each opens one view.
        self.triggers: dict[str, str] = {}
        self._changed = asyncio.Condition()
        self._faults: dict[str, list[Fault]] = {}
        self._ids = itertools.count(1)
        self._methods: dict[str, Callable[[Json], Awaitable[Json]]] = {
            "auth.test": self._auth_test,
            "chat.delete": self._delete,
            "chat.postEphemeral": self._post_ephemeral,
            "chat.postMessage": self._post,
            "chat.update": self._update,
            "conversations.create": self._create,
            "conversations.info": self._info,
            "conversations.invite": self._invite,
            "conversations.kick": self._kick,
            "conversations.members": self._members,
            "oauth.v2.access": self._access,
            "users.info": self._user,
            "views.open": self._open,
            "views.publish": self._publish,
            "views.push": self._push,
            "views.update": self._update_view,
        }

    # --- what a test arranges and asks ----------------------------------------------------------

    def add_user(self, user: str, name: str, **more: Any) -> None:
        self.users[user] = {
            "id": user,
            "team_id": TEAM,
            "name": user.lower(),
            "profile": {"display_name": name, "real_name": name},
            "tz": "Europe/Stockholm",
            "locale": "en-GB",
        } | more

    def add_channel(self, channel: str, *members: str, **more: Any) -> Channel:
        made = Channel(channel, members=[BOT, *members], **more)
        self.channels[channel] = made
        return made

    def grant(self, team: str, token: str, /, **more: Any) -> str:
        """Let somebody install the app in this workspace; the code with which they come back."""
        code = f"code-{next(self._ids)}"
        self.tokens[token] = team
        self.codes[code] = {
            "access_token": token,
            "token_type": "bot",
            "scope": "chat:write,commands",
            "bot_user_id": BOT,
            "app_id": self.app.id if self.app else "A0OTHER",
            "team": {"id": team, "name": "A workspace"},
            "enterprise": None,
            "is_enterprise_install": False,
            "authed_user": {"id": "U0ADMIN"},
        } | more
        return code

    def fail(self, method: str, *faults: Fault) -> None:
        """Let the next calls of this method meet these faults, one each."""
        self._faults.setdefault(method, []).extend(faults)

    async def until(self, true: Callable[[], object]) -> None:
        """Return when this has become true by somebody's call."""
        async with asyncio.timeout(30), self._changed:
            await self._changed.wait_for(true)

    def called(self, method: str) -> list[Json]:
        """The arguments of all calls of this method."""
        return [call.arguments for call in self.calls if call.method == method]

    def trigger(self, user: str) -> str:
        """A new trigger, as it comes with what somebody does."""
        trigger = f"{next(self._ids)}.trigger"
        self.triggers[trigger] = user
        return trigger

    def dm(self, user: str) -> Channel:
        """The chat of Krets and this person."""
        channel = "D" + user[1:]
        return self.channels.get(channel) or self.add_channel(channel, user)

    def application(self) -> web.Application:
        app = web.Application()
        app.router.add_route("*", "/api/{method}", self._serve)
        app.router.add_post("/respond/{id}", self._respond)
        return app

    # --- serving --------------------------------------------------------------------------------

    async def _serve(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        if request.content_type == "application/json":
            arguments = await request.json()
        else:
            arguments = dict(request.query) | dict(await request.post())
        authorization = request.headers.get("Authorization", "")
        token = authorization.removeprefix("Bearer ")
        self.calls.append(Call(method, arguments, asyncio.get_running_loop().time(), token))
        waiting = self._faults.get(method)
        fault = waiting.pop(0) if waiting else Fault()
        if fault.late:
            await asyncio.sleep(fault.late)
        refused = fault.code or fault.status != 200
        if refused and not fault.done:
            return self._refusal(fault)
        try:
            if method == "oauth.v2.access":
                arguments["authorization"] = authorization
            elif token in self.revoked:
                raise Failure("token_revoked")
            elif token not in self.tokens:
                raise Failure("invalid_auth")
            if method not in self._methods:
                raise Failure("unknown_method")
            answer = await self._methods[method](arguments)
        except Failure as error:
            return web.json_response({"ok": False, "error": str(error)})
        finally:
            async with self._changed:
                self._changed.notify_all()
        return self._refusal(fault) if refused else web.json_response({"ok": True} | answer)

    def _refusal(self, fault: Fault) -> web.Response:
        if fault.bare:
            return web.Response(status=fault.status, text="Busy", headers=fault.headers)
        if fault.status >= 500:
            return web.Response(status=fault.status, text="<html>", headers=fault.headers)
        body = {"ok": False, "error": fault.code or "ratelimited"}
        return web.json_response(body, status=fault.status, headers=fault.headers)

    async def _respond(self, request: web.Request) -> web.Response:
        message = await request.json()
        self.responses.setdefault(request.match_info["id"], []).append(message)
        return web.Response(text="ok")

    # --- methods --------------------------------------------------------------------------------

    async def _auth_test(self, _: Json) -> Json:
        grid = {"enterprise_id": self.enterprise} if self.enterprise else {}
        return {"user_id": BOT, "team_id": TEAM, "bot_id": "B0KRETS"} | grid

    async def _access(self, asked: Json) -> Json:
        app, basic = self.app, asked["authorization"].removeprefix("Basic ")
        if app is None or b64decode(basic).decode() != f"{app.client_id}:{app.client_secret}":
            raise Failure("bad_client_secret")
        if asked.get("redirect_uri") != app.redirect:
            raise Failure("bad_redirect_uri")
        if asked.get("code") not in self.codes:
            raise Failure("invalid_code")
        return self.codes.pop(asked["code"])

    async def _user(self, asked: Json) -> Json:
        user = self.users.get(asked["user"])
        if user is None:
            raise Failure("user_not_found")
        hidden = set() if asked.get("include_locale") in ("1", "true", True) else {"locale"}
        return {"user": {name: value for name, value in user.items() if name not in hidden}}

    async def _post(self, asked: Json) -> Json:
        to = asked["channel"]
        channel = self.dm(to) if to in self.users else self._channel(to)
        ts = f"{1_700_000_000 + next(self._ids)}.000100"
        channel.messages[ts] = _message(asked)
        return {"channel": channel.id, "ts": ts}

    async def _post_ephemeral(self, asked: Json) -> Json:
        channel = self._channel(asked["channel"])
        channel.ephemeral.append((asked["user"], _message(asked)))
        return {"message_ts": f"{1_700_000_000 + next(self._ids)}.000100"}

    async def _update(self, asked: Json) -> Json:
        channel = self._channel(asked["channel"])
        if asked["ts"] not in channel.messages:
            raise Failure("message_not_found")
        channel.messages[asked["ts"]] = _message(asked)
        return {"channel": channel.id, "ts": asked["ts"]}

    async def _delete(self, asked: Json) -> Json:
        if self._channel(asked["channel"]).messages.pop(asked["ts"], None) is None:
            raise Failure("message_not_found")
        return {}

    async def _create(self, asked: Json) -> Json:
        name = asked["name"]
        if name != name.lower() or len(name) > 80 or set(name) & set(" .,!?:'\""):
            raise Failure("invalid_name_specials")
        if any(one.name == name for one in self.channels.values()):
            raise Failure("name_taken")
        private = bool(asked.get("is_private"))
        made = self.add_channel(f"C0NEW{next(self._ids)}", name=name, private=private)
        return {"channel": {"id": made.id, "name": name}}

    async def _info(self, asked: Json) -> Json:
        channel = self.channels.get(asked["channel"])
        if channel is None or BOT not in channel.members:
            raise Failure("channel_not_found")
        return {
            "channel": {
                "id": channel.id,
                "name": channel.name,
                "is_private": channel.private,
                "is_archived": channel.archived,
                "is_ext_shared": channel.shared,
            }
        }

    async def _invite(self, asked: Json) -> Json:
        channel = self._channel(asked["channel"])
        users = asked["users"].split(",")
        new = [user for user in users if user in self.users and user not in channel.members]
        if any(user not in self.users for user in users) and not asked.get("force"):
            raise Failure("user_not_found")
        if not new:
            known = any(user in channel.members for user in users)
            raise Failure("already_in_channel" if known else "user_not_found")
        channel.members += new
        return {"channel": {"id": channel.id}}

    async def _kick(self, asked: Json) -> Json:
        channel = self._channel(asked["channel"])
        if asked["user"] not in channel.members:
            raise Failure("not_in_channel")
        channel.members.remove(asked["user"])
        return {}

    async def _members(self, asked: Json) -> Json:
        members = self._channel(asked["channel"]).members
        start, limit = int(asked.get("cursor") or 0), int(asked.get("limit") or 100)
        more = str(start + limit) if start + limit < len(members) else ""
        page = members[start : start + limit]
        return {"members": page, "response_metadata": {"next_cursor": more}}

    async def _open(self, asked: Json) -> Json:
        user = self._spend(asked["trigger_id"])
        self.modals[user] = [self._view(asked["view"])]
        return {"view": self.modals[user][-1]}

    async def _push(self, asked: Json) -> Json:
        user = self._spend(asked["trigger_id"])
        stack = self.modals.setdefault(user, [])
        if len(stack) >= 3:
            raise Failure("push_limit_reached")
        stack.append(self._view(asked["view"]))
        return {"view": stack[-1]}

    async def _update_view(self, asked: Json) -> Json:
        for stack in self.modals.values():
            for index, view in enumerate(stack):
                if view["id"] == asked["view_id"]:
                    stack[index] = self._view(asked["view"]) | {"id": view["id"]}
                    return {"view": stack[index]}
        raise Failure("not_found")

    async def _publish(self, asked: Json) -> Json:
        if asked["view"].get("type") != "home":
            raise Failure("invalid_arguments")
        self.homes[asked["user_id"]] = self._view(asked["view"])
        return {"view": self.homes[asked["user_id"]]}

    # --- parts ----------------------------------------------------------------------------------

    def _channel(self, channel: str) -> Channel:
        found = self.channels.get(channel)
        if found is None or BOT not in found.members:
            raise Failure("channel_not_found")
        if found.archived:
            raise Failure("is_archived")
        return found

    def _spend(self, trigger: str) -> str:
        if trigger not in self.triggers:
            raise Failure("expired_trigger_id")
        return self.triggers.pop(trigger)

    def _view(self, view: Json) -> Json:
        if view["type"] == "modal":
            frame = [view.get(part, {}).get("text", "") for part in ("title", "submit", "close")]
            if not frame[0] or any(len(words) > 24 for words in frame):
                raise Failure("invalid_arguments")
            if any(one["type"] == "input" for one in view["blocks"]) and "submit" not in view:
                raise Failure("invalid_arguments")
        if not view["blocks"] or len(view["blocks"]) > 100:
            raise Failure("invalid_arguments")
        return view | {"id": f"V{next(self._ids)}"}


def _message(asked: Json) -> Json:
    blocks = asked.get("blocks") or []
    if isinstance(blocks, str):
        blocks = json.loads(blocks)
    if not asked.get("text") and not blocks:
        raise Failure("no_text")
    if len(blocks) > 50:
        raise Failure("invalid_blocks")
    return {"text": asked.get("text", ""), "blocks": blocks}
