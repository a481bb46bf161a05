"""Slack's one route: through the gate, to the bot, and back with the reply."""

import asyncio
import logging
from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Protocol

from aiohttp import web

from adapters.slack import gate
from adapters.slack.bolt import Bolt, Failed, Unreadable
from adapters.slack.client import Caller, UnknownOutcome
from adapters.slack.gate import Kind
from adapters.slack.memory import Memory
from adapters.slack.parse import BadPayload, actor, parse
from adapters.slack.replies import Replies
from bot.app import Answer
from bot.core.action import CannotUnpack, StartHere
from bot.core.card import T
from bot.core.decision import Notice
from bot.core.event import ButtonPressed, Deed, FormSubmitted, Identity, Place
from bot.messenger import Messenger, Profile, Refused, TryLater, Unreachable
from bot.words import View

log = logging.getLogger(__name__)

PATH = "/slack/events"
#: Seconds that a request waits for what Slack tells of a person or a room.
_PATIENCE = 1.0
#: How long a room's people, and somebody's being no member, are taken as they were.
_ROSTER, _STRANGER = timedelta(seconds=10), timedelta(hours=1)


class Answers(Protocol):
    """What Slack asks of the bot."""

    async def handle(self, event: Deed) -> Answer:
        """Decide what follows from what a person did, save it, and only then answer."""

    async def knows(self, identity: Identity) -> bool:
        """Whether the platform has told who this is."""

    async def introduce(self, identity: Identity, profile: Profile) -> None:
        """Take up what the platform tells of a person."""


class Sees(Protocol):
    """How a person reads."""

    async def view(self, identity: Identity) -> View:
        """What this person sees."""


class SlackPlatform:
    """Slack, for one workspace."""

    def __init__(
        self,
        *,
        bot: Answers,
        messenger: Messenger,
        call: Caller,
        sight: Sees,
        secrets: Collection[str],
        real: Callable[[], datetime],
    ) -> None:
        """Hand what is signed with one of the secrets to this bot; `real` is real time."""
        self._bot = bot
        self._messenger = messenger
        self._bolt = Bolt(self._hand, call.client)
        self._replies = Replies(call)
        self._sight = sight
        self._secrets = tuple(secrets)
        self._real = real
        self._rosters = Memory[Place, tuple[Identity, ...]](real, _ROSTER)
        self._strangers = Memory[Identity, str](real, _STRANGER)
        self._met = Memory[Identity, bool](real, _STRANGER)

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
        status, answer = await self._bolt.answer(incoming)
        kind = "application/json" if answer.startswith("{") else "text/plain"
        return web.Response(status=status, text=answer, content_type=kind)

    # --- what somebody did --------------------------------------------------------------------

    async def _hand(self, kind: Kind, payload: dict[str, Any]) -> dict[str, Any]:
        """Decide and commit, then answer; a fault of ours is logged by its type alone."""
        try:
            answer = await self._answer(kind, payload)
            return await self._replies.give(kind, payload, answer) if answer else {}
        except BadPayload:
            raise Unreadable from None
        except Exception as error:
            log.error("%s failed: %s", kind, type(error).__name__)
            raise Failed from None

    async def _answer(self, kind: Kind, payload: dict[str, Any]) -> Answer | None:
        """What the bot says; None where nobody did anything."""
        try:
            deed = parse(payload, kind)
        except CannotUnpack:
            return await self._unavailable(actor(payload, kind))
        if deed is None:
            return None
        admitted, in_full = await asyncio.gather(self._admit(deed.actor), self._with_people(deed))
        if not admitted:
            return await self._unavailable(deed.actor)
        return await self._bot.handle(in_full)

    async def _unavailable(self, who: Identity) -> Answer:
        return Answer(Notice(T("unavailable")), await self._sight.view(who))

    async def _admit(self, who: Identity) -> bool:
        """Whether somebody may speak with Krets; of a new person Slack is asked who they are."""
        if self._strangers.get(who) is not None:
            return False
        if self._met.get(who) or await self._bot.knows(who):
            self._met.put(who, True)
            return True
        try:
            async with asyncio.timeout(_PATIENCE):
                profile = await self._messenger.profile(who)
        except (Refused, Unreachable) as error:
            self._strangers.put(who, error.why)
            return False
        except (TryLater, UnknownOutcome, TimeoutError):
            return True  # the defaults serve
        await self._bot.introduce(who, profile)
        return True

    async def _with_people(self, deed: Deed) -> Deed:
        """The deed with the people of its room, as far as Slack tells in time."""
        place = deed.place
        if place.private:
            return deed
        people = None if _chooses_room(deed) else self._rosters.get(place)
        if people is None:
            try:
                async with asyncio.timeout(_PATIENCE):
                    people = await self._messenger.roster(place)
            except (Refused, TryLater, Unreachable, UnknownOutcome, TimeoutError):
                return deed
            self._rosters.put(place, people)
        return replace(deed, place=replace(place, people=people))


def _chooses_room(deed: Deed) -> bool:
    """Whether it matters who is in the room at this very moment."""
    return isinstance(deed, ButtonPressed | FormSubmitted) and isinstance(deed.action, StartHere)
