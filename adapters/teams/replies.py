"""The immediate reply: in the answer to an invoke, or as a message in somebody's own chat."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, assert_never

from adapters.answers import UnknownOutcome
from adapters.teams import render
from adapters.teams.connector import Connector, Conversation
from adapters.teams.messenger import TeamsMessenger
from adapters.teams.shapes import Activity
from bot.app import Answer
from bot.core.card import T
from bot.core.decision import FieldErrors, Greeting, Home, Nothing, Notice, OpenForm
from bot.core.event import Identity, Place
from bot.messenger import Refused, TryLater, Unreachable
from bot.words import View

log = logging.getLogger(__name__)

Json: TypeAlias = dict[str, Any]
#: How somebody has acted: by a message or an event, by a button of a message, by a button that asks
#: for a dialog, or in a dialog. Only the first has no answer of its own.
How: TypeAlias = Literal["message", "execute", "fetch", "submit"]

#: Seconds for a message; Teams waits fifteen for all of it.
_PATIENCE = 5.0
_LOST = (Refused, TryLater, TimeoutError, UnknownOutcome, Unreachable)
_INVOKES: dict[str | None, How] = {
    "adaptiveCard/action": "execute",
    "task/fetch": "fetch",
    "task/submit": "submit",
}
#: Teams takes an empty answer to a button for a failure, and sends the press again.
_DONE = Notice(T("teams.done"))
UNAVAILABLE = Notice(T("unavailable"))


def how_of(activity: Activity) -> How | None:
    """How somebody has acted; None for an invoke of a kind that Krets does not know."""
    return _INVOKES.get(activity.name) if activity.type == "invoke" else "message"


@dataclass(frozen=True, slots=True)
class Asked:
    """How, by whom and where something was asked, and where Teams takes what is meant for them."""

    how: How
    who: Identity
    place: Place
    service_url: str


class Replies:
    """Brings replies to the one who acted. What fails here is lost, and only logged by its code."""

    def __init__(
        self,
        connector: Connector,
        messenger: TeamsMessenger,
        sleep: Callable[[float], Awaitable[None]],
    ) -> None:
        """Send by this connector, and into rooms and new chats by this messenger."""
        self._connector = connector
        self._messenger = messenger
        self._sleep = sleep

    async def give(self, asked: Asked, answer: Answer) -> Json:
        """Give the reply; what is to be answered to the request itself, empty for nothing.

        What is wrong with the fields of a form is said in one sentence here.
        """
        reply, view = answer.reply, answer.view
        match reply:
            case Nothing():
                return _nothing(asked.how, view)
            case FieldErrors():
                return await self._notice(asked, _first(reply), view)
            case Notice():
                return await self._notice(asked, reply, view)
            case OpenForm() if asked.how in ("fetch", "submit"):
                return render.form(reply.form, view, here=not asked.place.private)
            case OpenForm():
                shown = render.way_in(reply.form, view)
            case Home():
                shown = render.home(reply, view)
            case Greeting():
                await self._greet(asked.place, reply, view)
                return _nothing(asked.how, view)
            case _:
                assert_never(reply)
        await self._tell(asked, shown)
        return _nothing(asked.how, view)

    async def _notice(self, asked: Asked, notice: Notice, view: View) -> Json:
        """A sentence, where only the one who acted sees it."""
        match asked.how:
            case "message":
                await self._tell(asked, render.notice(notice, view))
                return {}
            case "execute":
                return render.notice_answer(notice, view)
            case "fetch" | "submit":
                return render.notice_dialog(notice, view)
            case _:
                assert_never(asked.how)

    async def _tell(self, asked: Asked, shown: Json) -> None:
        """A message in somebody's own chat: nothing that is for one person comes into a room."""

        async def tell() -> None:
            if asked.place.private:
                chat = Conversation(asked.place.tenant, asked.service_url, asked.place.native)
            else:
                own = await self._messenger.chat(asked.who)
                chat = Conversation(own.tenant, own.service_url, own.conversation)
            await self._connector.send(chat, {"type": "message"} | shown)

        await self._bring(tell)

    async def _greet(self, place: Place, greeting: Greeting, view: View) -> None:
        """A message in the room, for all who are in it."""

        async def greet() -> None:
            await self._messenger.post(place, greeting.card, view)

        await self._bring(greet)

    async def _bring(self, send: Callable[[], Awaitable[None]]) -> None:
        """Send it, and wait if there is much to be sent just now, but not for long."""
        try:
            async with asyncio.timeout(_PATIENCE):
                while not await self._sent(send):
                    pass
        except _LOST as error:
            log.warning("a reply was lost: %(code)s", {"code": _code(error)})

    async def _sent(self, send: Callable[[], Awaitable[None]]) -> bool:
        try:
            await send()
        except TryLater as later:
            if later.after.total_seconds() > _PATIENCE:
                raise
            await self._sleep(later.after.total_seconds())
            return False
        return True


def errors(place: Place, typed: Json, wrong: FieldErrors, again: Answer) -> Json:
    """The dialog that was sent, with what was typed and what is wrong with it."""
    if isinstance(again.reply, OpenForm):
        here, form = not place.private, again.reply.form
        return render.form(form, again.view, here=here, typed=typed, errors=wrong)
    return render.notice_dialog(_first(wrong), again.view)


def _nothing(how: How, view: View) -> Json:
    """A valid empty answer; a dialog closes by it."""
    match how:
        case "message" | "submit":
            return {}
        case "execute":
            return render.notice_answer(_DONE, view)
        case "fetch":
            return render.notice_dialog(_DONE, view)
        case _:
            assert_never(how)


def _first(errors: FieldErrors) -> Notice:
    return Notice(next(iter(errors.errors.values())))


def _code(error: Exception) -> str:
    return error.why if isinstance(error, Refused | Unreachable) else type(error).__name__
