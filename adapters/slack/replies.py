"""The immediate reply: in the answer to Slack's request, or by a call with what came with it."""

import logging
from contextlib import suppress
from datetime import timedelta
from typing import Any, assert_never

from adapters.answers import UnknownOutcome
from adapters.slack import render
from adapters.slack.client import Caller
from adapters.slack.gate import Kind
from adapters.slack.parse import inputs
from bot.app import Answer
from bot.core.card import Card, T, Text
from bot.core.decision import FieldErrors, Greeting, Home, Nothing, Notice, OpenForm, Reply
from bot.messenger import Refused, TryLater, Unreachable
from bot.words import View

log = logging.getLogger(__name__)

#: Slack waits three seconds for all of it.
_PATIENCE = timedelta(seconds=1)
_LOST = (Refused, TryLater, UnknownOutcome, Unreachable)
_EPHEMERAL = {"response_type": "ephemeral"}
_UNAVAILABLE = Notice(T("unavailable"))


def ephemeral(reply: Notice | Home, view: View) -> dict[str, Any]:
    """The answer to a command, for the one who gave it."""
    if isinstance(reply, Home):
        return _EPHEMERAL | render.home_message(reply, view)
    return _EPHEMERAL | render.notice(reply, view)


class Replies:
    """Brings replies to the one who acted. What fails here is lost, and only logged by its code."""

    def __init__(self, call: Caller) -> None:
        """Ask Slack by this caller, which is the workspace's own."""
        self._call = call

    async def give(self, kind: Kind, payload: dict[str, Any], answer: Answer) -> dict[str, Any]:
        """Give the reply; what is to be answered to the request itself, empty for nothing."""
        if isinstance(answer.reply, Nothing):
            return {}
        if payload.get("type") == "view_submission":
            return _submitted(payload, answer.reply, answer.view)
        reply = _without_errors(answer.reply)
        try:
            if kind == "event":
                await self._event(payload["event"], reply, answer.view)
            elif isinstance(reply, Notice | Home) and kind == "command":
                return ephemeral(reply, answer.view)
            elif payload.get("view") is None and isinstance(reply, Notice):
                await self._respond(str(payload.get("response_url")), reply, answer.view)
            else:
                await self._open(payload, _view(reply, answer.view))
        except _LOST as error:
            log.warning("a reply was lost: %(code)s", {"code": _code(error)})
            if not isinstance(reply, Notice):
                return await self._calm(kind, payload, answer.view)
        return {}

    async def _calm(self, kind: Kind, payload: dict[str, Any], view: View) -> dict[str, Any]:
        """The neutral notice, where there is still a way for it."""
        if kind == "command":
            return ephemeral(_UNAVAILABLE, view)
        if kind == "interaction" and payload.get("view") is None:
            with suppress(*_LOST):
                await self._respond(str(payload.get("response_url")), _UNAVAILABLE, view)
        return {}

    async def _event(self, event: dict[str, Any], reply: Reply, view: View) -> None:
        """The App Home tab, or a word beside what somebody wrote."""
        if event["type"] == "app_home_opened":
            home = reply if isinstance(reply, Home) else Home((Card((_text(reply),)),))
            await self._publish(event["user"], home, view)
        elif isinstance(reply, Greeting):
            posted = {"channel": event["channel"]} | render.message(reply.card, view)
            await self._call("chat.postMessage", posted, pace=event["channel"], patience=_PATIENCE)
        elif isinstance(reply, Notice):
            told = {"channel": event["channel"], "user": event["user"]}
            told |= render.notice(reply, view)
            await self._call("chat.postEphemeral", told, patience=_PATIENCE)

    async def renew_home(self, user: str, answer: Answer) -> None:
        """Let somebody's App Home tab show how things are now."""
        if isinstance(answer.reply, Home):
            try:
                await self._publish(user, answer.reply, answer.view)
            except _LOST as error:
                log.warning("a home was not renewed: %(code)s", {"code": _code(error)})

    async def _publish(self, user: str, home: Home, view: View) -> None:
        shown = {"user_id": user, "view": render.app_home(home, view)}
        await self._call("views.publish", shown, patience=_PATIENCE)

    async def _respond(self, url: str, notice: Notice, view: View) -> None:
        message = _EPHEMERAL | {"replace_original": False} | render.notice(notice, view)
        await self._call.respond(url, _PATIENCE, message)

    async def _open(self, payload: dict[str, Any], shown: dict[str, Any]) -> None:
        """A modal: on top of the one in which a button was pressed, in its place at the limit."""
        asked = {"trigger_id": payload["trigger_id"], "view": shown}
        below = payload.get("view") or {}
        if below.get("type") != "modal":
            await self._call("views.open", asked, patience=_PATIENCE)
            return
        try:
            await self._call("views.push", asked, patience=_PATIENCE)
        except Refused as error:
            if error.why not in ("expired_trigger_id", "push_limit_reached"):
                raise  # what stands there already can be changed without a trigger
            asked = {"view_id": below["id"], "view": shown}
            await self._call("views.update", asked, patience=_PATIENCE)


def _submitted(payload: dict[str, Any], reply: Reply, view: View) -> dict[str, Any]:
    """What becomes of the form that was sent."""
    if isinstance(reply, FieldErrors):
        return render.errors(reply, view, inputs(payload))
    return {"response_action": "update", "view": _view(reply, view)}


def _view(reply: Reply, view: View) -> dict[str, Any]:
    """The reply as a modal."""
    match reply:
        case Notice():
            return render.notice_view(reply, view)
        case OpenForm(form):
            return render.form(form, view)
        case Home():
            return render.home(reply, view)
        case FieldErrors() | Greeting() | Nothing():
            raise AssertionError("shown otherwise")
        case _:
            assert_never(reply)


def _without_errors(reply: Reply) -> Reply:
    """Where there is no form, what is wrong is said as a sentence."""
    if isinstance(reply, FieldErrors):
        return Notice(next(iter(reply.errors.values())))
    return reply


def _text(reply: Reply) -> Text:
    return Text(reply.text if isinstance(reply, Notice) else _UNAVAILABLE.text)


def _code(error: Exception) -> str:
    return error.why if isinstance(error, Refused | Unreachable) else type(error).__name__
