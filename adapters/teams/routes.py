"""Teams' one route: through the gate and CloudAdapter, to the bot, and back with the reply.

The only file that knows Microsoft's SDK. CloudAdapter runs the turn; what it would do besides is
done otherwise: the gate has checked the token before it, our own connector sends, and the answer to
an invoke goes out as it is (CloudAdapter writes it twice).
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Protocol

from aiohttp import web
from botbuilder.integration.aiohttp import CloudAdapter
from botbuilder.schema import Activity as Turn
from botframework.connector.auth import AuthenticateRequestResult, ClaimsIdentity

from adapters.admission import Admission
from adapters.memory import Memory
from adapters.teams.authentication import Admits
from adapters.teams.connector import Connector
from adapters.teams.happenings import Told, Uninstalled, told_of
from adapters.teams.messenger import TeamsMessenger
from adapters.teams.parse import (
    BadPayload,
    Known,
    deed_of,
    identity,
    is_bot,
    place_of,
    profile_of,
    read,
    tenant_of,
)
from adapters.teams.references import References
from adapters.teams.replies import UNAVAILABLE, Asked, Json, Replies, errors, how_of
from adapters.teams.shapes import Activity
from bot.app import Answer
from bot.core.action import CannotUnpack
from bot.core.decision import FieldErrors
from bot.core.event import ButtonPressed, Deed, FormSubmitted, Happening, Identity
from bot.messenger import Profile
from bot.words import View, negotiate

log = logging.getLogger(__name__)

PATH = "/teams/messages"
#: How long what somebody's own Teams tells of them is not taken up again.
_PROFILE = timedelta(hours=1)


class Answers(Protocol):
    """What Teams asks of the bot."""

    async def handle(self, event: Deed) -> Answer:
        """Decide what follows from what a person did, save it, and only then answer."""

    async def knows(self, identity: Identity) -> bool:
        """Whether the platform has told who this is."""

    async def introduce(self, identity: Identity, profile: Profile) -> None:
        """Take up what the platform tells of a person."""

    async def happened(self, event: Happening) -> None:
        """Decide what follows from what came to pass in a room."""

    async def gone(self, identity: Identity) -> None:
        """Take up that somebody cannot be reached any more."""


class Sees(Protocol):
    """How a person reads."""

    async def view(self, identity: Identity, language: str = "") -> View:
        """What this person sees; `language` is for somebody who is not known yet."""


class TeamsPlatform:
    """Teams, for all organisations that are let in."""

    def __init__(
        self,
        *,
        bot: Answers,
        admits: Admits,
        messenger: TeamsMessenger,
        connector: Connector,
        references: References,
        sight: Sees,
        real: Callable[[], datetime],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Hand what is let in to this bot; `real` is real time."""
        self._bot = bot
        self._admits = admits
        self._messenger = messenger
        self._references = references
        self._replies = Replies(connector, messenger, sleep)
        self._sight = sight
        self._admission = Admission(bot, messenger, real)
        self._profiles = Memory[Identity, Profile](real, _PROFILE)

    def mount(self, app: web.Application) -> None:
        """Add the route to the application."""
        app.router.add_post(PATH, self._receive)

    async def _receive(self, request: web.Request) -> web.StreamResponse:
        payload = await self._admits.admit(request)
        try:
            activity = read(payload)
        except BadPayload:
            raise web.HTTPBadRequest from None
        url = str(payload["serviceUrl"])
        answer = await _turn(activity, url, partial(self._take, activity, url))
        return web.json_response(answer) if answer else web.Response()

    # --- what came in -------------------------------------------------------------------------

    async def _take(self, activity: Activity, url: str) -> Json:
        """Decide and commit, then answer: what is to be answered to the request itself.

        A fault of ours is raised, so that Teams delivers a message again; whoever has pressed a
        button gets an answer.
        """
        known: Known = {}
        try:
            known = await self._messenger.identify(activity, url)
            for told in told_of(activity, known):
                await self._told(told)
            deed = deed_of(activity, known)
            return await self._done(activity, url, deed) if deed else {}
        except (BadPayload, CannotUnpack):
            return await self._calm(activity, url, known)
        except Exception as error:
            if activity.type != "invoke":
                raise
            which = {"what": how_of(activity), "error": type(error).__name__}
            log.error("%(what)s failed: %(error)s", which)
            return await self._calm(activity, url, known)

    async def _calm(self, activity: Activity, url: str, known: Known) -> Json:
        """The neutral notice, for whoever has acted as no version of Krets lets anybody act."""
        how, sender = how_of(activity), activity.from_
        if how is None or sender is None or is_bot(sender):
            return {}
        if activity.type not in ("message", "invoke"):
            return {}
        who = identity(sender, tenant_of(activity), known)
        asked = Asked(how, who, place_of(activity), url)
        return await self._replies.give(asked, await self._unavailable(activity, who))

    # --- what came to pass --------------------------------------------------------------------

    async def _told(self, told: Told | Uninstalled) -> None:
        """What holds for a team holds for each of its rooms."""
        if isinstance(told, Uninstalled):
            self._admission.person_changed(told.who)
            await self._bot.gone(told.who)
            return
        events = [told.happening]
        if told.team:
            rooms = await self._references.rooms(told.happening.place.tenant, told.team)
            events = [told.at(room) for room in rooms]
        for event in events:
            self._admission.room_changed(event.place)
            await self._bot.happened(event)

    # --- what somebody did --------------------------------------------------------------------

    async def _done(self, activity: Activity, url: str, deed: Deed) -> Json:
        how = how_of(activity)
        assert how is not None, "there is no deed of another kind"
        asked = Asked(how, deed.actor, deed.place, url)
        admitted, deed = await asyncio.gather(
            self._admission.admits(deed.actor), self._admission.with_people(deed)
        )
        if not admitted:
            return await self._replies.give(asked, await self._unavailable(activity, deed.actor))
        await self._introduce(activity, deed.actor)
        answer = await self._bot.handle(deed)
        wrong = answer.reply
        if how != "submit" or not isinstance(wrong, FieldErrors):
            return await self._replies.give(asked, answer)
        assert isinstance(deed, FormSubmitted), "only a form has fields"
        pressed = ButtonPressed(f"{deed.id}:form", deed.actor, deed.place, deed.action)
        again = await self._bot.handle(pressed)
        return errors(asked.place, activity.value["data"], wrong, again)

    async def _introduce(self, activity: Activity, who: Identity) -> None:
        """Take up the language and zone of a member's own Teams, which nothing else tells."""
        profile = profile_of(activity)
        if profile is None or not self._admission.has_met(who):
            return
        if self._profiles.get(who) != profile:
            await self._bot.introduce(who, profile)
            self._profiles.put(who, profile)

    async def _unavailable(self, activity: Activity, who: Identity) -> Answer:
        language = negotiate(activity.locale) if activity.locale else ""
        return Answer(UNAVAILABLE, await self._sight.view(who, language))


# --- CloudAdapter -------------------------------------------------------------------------------


class _Proven:
    """What CloudAdapter asks for in each turn: no connector and no token need to be made."""

    async def create(self, _: str, __: str) -> "_Proven":
        """Stands where a connector would be; CloudAdapter only looks whether there is one."""
        return self

    async def create_user_token_client(self, _: ClaimsIdentity) -> None:
        """Nobody signs in."""


_PROVEN = _Proven()
_ADAPTER = CloudAdapter(_PROVEN)


async def _turn(activity: Activity, url: str, take: Callable[[], Awaitable[Json]]) -> Json:
    """Let CloudAdapter run a turn that was let in; what is to be answered to the request itself."""
    proven = AuthenticateRequestResult()
    proven.claims_identity = ClaimsIdentity({"serviceurl": url}, True)
    proven.connector_factory = _PROVEN
    answers: list[Json] = []

    async def logic(_: Any) -> None:
        answers.append(await take())

    turn = Turn(type=activity.type, channel_id="msteams", service_url=url)
    await _ADAPTER.process_activity(proven, turn, logic)
    return answers[0]
