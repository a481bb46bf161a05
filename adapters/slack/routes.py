"""Slack's one route: through the gate, to the bot, and back with the reply."""

import asyncio
import logging
from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any, Protocol

from aiohttp import web

from adapters.admission import Admission
from adapters.slack import gate
from adapters.slack.bolt import Bolt, Failed, Unreadable
from adapters.slack.client import Caller
from adapters.slack.gate import Kind
from adapters.slack.parse import PLATFORM, BadPayload, PersonChanged, Uninstalled, actor, parse
from adapters.slack.replies import Replies, ephemeral
from adapters.slack.workspaces import NotInstalled, Workspaces
from bot.app import Answer
from bot.core.action import CannotUnpack
from bot.core.card import T
from bot.core.decision import Notice, OpenForm
from bot.core.event import (
    Deed,
    Happening,
    HomeOpened,
    Identity,
    MemberChanged,
    RoomChanged,
    RoomSeen,
)
from bot.messenger import Messenger, Profile
from bot.words import View

log = logging.getLogger(__name__)

PATH = "/slack/events"


class Answers(Protocol):
    """What Slack asks of the bot."""

    async def handle(self, event: Deed) -> Answer:
        """Decide what follows from what a person did, save it, and only then answer."""

    async def knows(self, identity: Identity) -> bool:
        """Whether the platform has told who this is."""

    async def introduce(self, identity: Identity, profile: Profile) -> None:
        """Take up what the platform tells of a person."""

    async def happened(self, event: Happening) -> None:
        """Decide what follows from what came to pass in a room."""

    async def gone(self, identity: Identity) -> None:
        """Take up that the platform knows somebody no more."""

    async def forget(self, platform: str, tenant: str) -> None:
        """Destroy what was written in an organisation that has taken Krets out."""


class Sees(Protocol):
    """How a person reads."""

    async def view(self, identity: Identity) -> View:
        """What this person sees."""


class SlackPlatform:
    """Slack, for all workspaces in which Krets is installed."""

    def __init__(
        self,
        *,
        bot: Answers,
        messenger: Messenger,
        workspaces: Workspaces,
        sight: Sees,
        secrets: Collection[str],
        real: Callable[[], datetime],
    ) -> None:
        """Hand what is signed with one of the secrets to this bot; `real` is real time."""
        self._bot = bot
        self._admission = Admission(bot, messenger, real)
        self._workspaces = workspaces
        self._bolt = Bolt(self._hand)
        self._sight = sight
        self._secrets = tuple(secrets)
        self._real = real

    def mount(self, app: web.Application) -> None:
        """Add the route to the application."""
        app.router.add_post(PATH, self._receive)

    async def _receive(self, request: web.Request) -> web.StreamResponse:
        body, content_type = await request.read(), request.content_type
        if gate.is_ssl_check(content_type, body):
            return web.Response()
        if not gate.is_genuine(
            request.headers.getall("X-Slack-Request-Timestamp", []),
            request.headers.getall("X-Slack-Signature", []),
            body,
            self._secrets,
            self._real(),
        ):
            raise web.HTTPUnauthorized
        try:
            incoming = gate.read(content_type, body)
        except gate.BadRequest:
            raise web.HTTPBadRequest from None
        status, answer = await self.answer(incoming)
        kind = "application/json" if answer.startswith("{") else "text/plain"
        return web.Response(status=status, text=answer, content_type=kind)

    async def answer(self, incoming: gate.Incoming) -> tuple[int, str]:
        """The status and the body for what is surely from Slack."""
        return await self._bolt.answer(incoming)

    # --- what came in -------------------------------------------------------------------------

    async def _hand(self, kind: Kind, payload: dict[str, Any]) -> dict[str, Any]:
        """Decide and commit, then answer; a fault of ours is logged by its type alone."""
        try:
            return await self._take(kind, payload)
        except BadPayload:
            raise Unreadable from None
        except Exception as error:
            log.error("%(what)s failed: %(error)s", {"what": kind, "error": type(error).__name__})
            raise Failed from None

    async def _take(self, kind: Kind, payload: dict[str, Any]) -> dict[str, Any]:
        """What is to be answered to the request itself, empty for nothing."""
        try:
            came = parse(payload, kind)
        except CannotUnpack:
            return await self._reply(kind, payload, actor(payload, kind), None)
        match came:
            case None:
                pass
            case Uninstalled():
                await self._taken_out(came, payload)
            case PersonChanged():
                if await self._caller(came.who.tenant):
                    await self._person(came)
            case MemberChanged() | RoomChanged() | RoomSeen():
                if await self._caller(came.place.tenant):
                    self._admission.room_changed(came.place)
                    await self._bot.happened(came)
            case _:
                return await self._reply(kind, payload, came.actor, came)
        return {}

    async def _caller(self, tenant: str) -> Caller | None:
        """Who asks Slack in this workspace; None where Krets is not installed."""
        try:
            return await self._workspaces.of(tenant)
        except NotInstalled:
            return None

    # --- what came to pass --------------------------------------------------------------------

    async def _taken_out(self, event: Uninstalled, payload: dict[str, Any]) -> None:
        """First the token goes, then, if Krets is to be there no more, what was written there."""
        told = payload.get("event_time")
        at = told if isinstance(told, int) else int(self._real().timestamp())
        team = str(payload.get("team_id") or "")
        if await self._workspaces.leave(event.tenant, team, at) and event.whole:
            await self._bot.forget(PLATFORM, event.tenant)

    async def _person(self, event: PersonChanged) -> None:
        """Of those whom Krets does not know, nothing is remembered."""
        self._admission.person_changed(event.who)
        if event.gone:
            await self._bot.gone(event.who)
        elif await self._bot.knows(event.who):
            await self._bot.introduce(event.who, event.profile)

    # --- what somebody did --------------------------------------------------------------------

    async def _reply(
        self, kind: Kind, payload: dict[str, Any], who: Identity, deed: Deed | None
    ) -> dict[str, Any]:
        """Decide, and answer; a deed that is None was packed by no version of Krets."""
        call = await self._caller(who.tenant)
        if call is None:
            if kind != "command":
                return {}
            return ephemeral(Notice(T("slack.not_installed")), await self._sight.view(who))
        replies = Replies(call)
        answer = await self._decide(deed) if deed else None
        giving = replies.give(kind, payload, answer or await self._unavailable(who))
        if deed and answer and _shows_in_home(payload, answer):
            renewing = asyncio.create_task(self._renew_home(replies, deed))
            given = await giving
            await renewing
            return given
        return await giving

    async def _decide(self, deed: Deed) -> Answer | None:
        """What the bot says; None to those who may not speak with it."""
        if deed.place.private:  # nobody else is there
            admitted = await self._admission.admits(deed.actor)
            return await self._bot.handle(deed) if admitted else None
        admitted, in_full = await asyncio.gather(
            self._admission.admits(deed.actor), self._admission.with_people(deed)
        )
        return await self._bot.handle(in_full) if admitted else None

    async def _renew_home(self, replies: Replies, deed: Deed) -> None:
        """Let the App Home tab in which somebody pressed a button show what has changed."""
        opened = HomeOpened(f"{deed.id}:home", deed.actor, deed.place)
        try:
            await replies.renew_home(deed.actor.native, await self._bot.handle(opened))
        except Exception as error:  # what was pressed is done all the same
            log.error("a home was not renewed: %s", type(error).__name__)

    async def _unavailable(self, who: Identity) -> Answer:
        return Answer(Notice(T("unavailable")), await self._sight.view(who))


def _shows_in_home(payload: dict[str, Any], answer: Answer) -> bool:
    """Whether it was done in the App Home tab, and may have changed what is to be seen there."""
    view = payload.get("view")
    in_home = isinstance(view, dict) and view.get("type") == "home"
    return in_home and not isinstance(answer.reply, OpenForm)
