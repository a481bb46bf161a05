"""Installing Krets in a workspace: from a page of ours to Slack, and back with a code."""

import asyncio
import hashlib
import hmac
import logging
import re
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Annotated, Literal
from urllib.parse import quote, urljoin

import aiohttp
from aiohttp import web
from markupsafe import Markup
from pydantic import Field, TypeAdapter
from slack_sdk.errors import SlackApiError
from slack_sdk.oauth import AuthorizeUrlGenerator
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack import shapes
from adapters.slack.client import Self
from adapters.slack.manifest import scopes
from adapters.slack.reading import BadPayload, read
from adapters.slack.workspaces import Elsewhere, Installation, ManyWorkspaces
from bot.core.card import T
from bot.store import Store, Unit
from bot.words import View, Words, negotiate

log = logging.getLogger(__name__)

START, BACK = "/slack/install", "/slack/oauth_redirect"
#: The prefix lets a browser take it from this very host alone, and over https.
COOKIE = "__Host-krets-install"
#: How long somebody may take at Slack.
LASTS = timedelta(minutes=10)
_PATIENCE = 15
_CODE = re.compile(r"[a-z0-9_]{1,64}", re.ASCII)
_WEIGHT = re.compile(r"\s*q=([01](?:\.[0-9]{0,3})?)\s*", re.ASCII)
_PAGE = Markup(
    '<!doctype html><html lang="{language}"><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width">'
    "<title>Krets</title><h1>Krets</h1><p>{text}</p>{link}"
)
_LINK = Markup('<p><a href="{to}">{label}</a></p>')


class _Stopped(Exception):
    """Nothing is installed; the key of the sentence that says why."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


@dataclass(frozen=True, slots=True)
class _Given:
    """What Slack gives for a code, as far as it is read."""

    app_id: Annotated[str, Field(pattern=r"^A[A-Z0-9]{1,63}$")]
    access_token: Annotated[str, Field(pattern=r"^xox[!-~]{1,500}$")] = field(repr=False)
    token_type: Literal["bot"]
    bot_user_id: Annotated[str, Field(pattern=r"^[UW][A-Z0-9]{1,63}$")]
    scope: Annotated[str, Field(max_length=4_000)] = ""
    team: shapes.Team | None = None
    enterprise: shapes.Enterprise | None = None
    is_enterprise_install: bool = False
    #: Only with token rotation.
    expires_in: int | None = None


_GIVEN = TypeAdapter(_Given)


class Installing:
    """The two pages. What is begun here is finished once, soon, and in the same browser."""

    def __init__(
        self,
        *,
        workspaces: ManyWorkspaces,
        store: Store,
        web: AsyncWebClient,
        client_id: str,
        client_secret: str,
        base_url: str,
        words: Words,
        language: str,
        real: Callable[[], datetime],
        fresh: Callable[[], str],
    ) -> None:
        """Install this app; `real` is real time, `fresh` gives a token never used before."""
        self._workspaces = workspaces
        self._store = store
        self._web = web
        self._client_id = client_id
        self._basic = b64encode(f"{client_id}:{client_secret}".encode()).decode()
        self._redirect = base_url + BACK
        self._words = words
        self._language = language
        self._real = real
        self._fresh = fresh
        self._authorize = AuthorizeUrlGenerator(
            client_id=client_id,
            scopes=scopes(),
            redirect_uri=quote(self._redirect, safe=""),
            authorization_url=urljoin(web.base_url, "/oauth/v2/authorize"),
        )

    def mount(self, app: web.Application) -> None:
        """Add the pages to the application; a look ahead (HEAD) begins nothing."""
        app.router.add_get(START, self._start, allow_head=False)
        app.router.add_get(BACK, self._back, allow_head=False)

    async def _start(self, request: web.Request) -> web.Response:
        state, now = self._fresh(), self._real()
        await self._store.run(lambda unit: unit.installations.begin(_hash(state), now))
        page = self._page(request, "install.begin", "install.add", self._authorize.generate(state))
        seconds = int(LASTS.total_seconds())
        page.set_cookie(
            COOKIE, state, max_age=seconds, path="/", secure=True, httponly=True, samesite="Lax"
        )
        return page

    async def _back(self, request: web.Request) -> web.Response:
        try:
            await self._install(request)
        except _Stopped as stopped:
            page = self._page(request, stopped.key, "install.again", START)
            page.set_status(400)
            return page
        return self._page(request, "install.done")

    # --- one installation ---------------------------------------------------------------------

    async def _install(self, request: web.Request) -> None:
        if error := _only(request, "error"):
            raise _Stopped("install.cancelled" if error == "access_denied" else "install.refused")
        state, code = _only(request, "state"), _only(request, "code")
        begun = request.cookies.get(COOKIE, "")
        if not state or not hmac.compare_digest(state.encode(), begun.encode()):
            raise _Stopped("install.browser")
        since = self._real() - LASTS
        if not await self._store.run(lambda unit: unit.installations.take(_hash(state), since)):
            raise _Stopped("install.expired")
        if not code:
            raise _Stopped("install.refused")
        given = await self._exchange(code)
        if not await self._store.run(lambda unit: self._is_ours(unit, given.app_id)):
            raise _Stopped("install.app")
        try:
            await self._workspaces.install(_installation(given))
        except Elsewhere:
            raise _Stopped("install.elsewhere") from None

    async def _exchange(self, code: str) -> _Given:
        """What Slack gives for the code; neither is shown or logged, whatever goes wrong."""
        try:
            async with asyncio.timeout(_PATIENCE):
                # The library's own method signs in by a part of aiohttp that is to go.
                answer = await self._web.api_call(
                    "oauth.v2.access",
                    data={"code": code, "redirect_uri": self._redirect},
                    headers={"Authorization": f"Basic {self._basic}"},
                )
            given = read(_GIVEN, answer.data if isinstance(answer.data, dict) else {})
        except SlackApiError as error:
            data = getattr(error.response, "data", None)
            said = str(data.get("error")) if isinstance(data, dict) else ""
            why = said if _CODE.fullmatch(said) else "no_answer"
        except (BadPayload, aiohttp.ClientError, TimeoutError) as error:
            why = type(error).__name__
        else:
            if given.expires_in is None:
                return given
            raise _Stopped("install.rotation")
        log.warning("an installation was refused: %(code)s", {"code": why})
        raise _Stopped("install.refused")

    def _is_ours(self, unit: Unit, app_id: str) -> bool:
        """Whether it is the app that this client id has always been."""
        key = f"slack_app/{self._client_id}"
        if (known := unit.meta(key)) is None:
            unit.set_meta(key, app_id)
        return known in (None, app_id)

    # --- pages --------------------------------------------------------------------------------

    def _page(self, request: web.Request, key: str, label: str = "", to: str = "") -> web.Response:
        """A sentence in the browser's language, and where to go from there."""
        language = preferred(request.headers.get("Accept-Language", ""), self._language)
        view = View(language, "UTC", {}, {}, "", self._words)
        link = _LINK.format(to=to, label=view.plain(T(label))) if to else ""
        page = _PAGE.format(language=language, text=view.plain(T(key)), link=link)
        return web.Response(text=page, content_type="text/html")


def preferred(header: str, otherwise: str) -> str:
    """The language of ours that a browser likes best.

    >>> [preferred(header, "sv") for header in ("fi, nn-NO;q=0.8, en;q=0.5", "en-GB,sv", "")]
    ['nb', 'en', 'sv']
    """
    wanted = []
    for part in header.split(","):
        code, _, rest = part.strip().partition(";")
        said = _WEIGHT.fullmatch(rest)
        wanted.append((float(said[1]) if said else 1.0, code.lower()))
    for weight, code in sorted(wanted, key=lambda one: one[0], reverse=True):
        language = negotiate(code)
        if weight and (language != "en" or code.partition("-")[0] == "en"):
            return language
    return otherwise


def _installation(given: _Given) -> Installation:
    team = given.team.id if given.team and not given.is_enterprise_install else ""
    enterprise = given.enterprise.id if given.enterprise else ""
    if not team and not (given.is_enterprise_install and enterprise):
        raise _Stopped("install.refused")
    me = Self(given.bot_user_id, team, enterprise)
    return Installation(me, given.access_token, given.scope)


def _only(request: web.Request, name: str) -> str:
    """What stands in the address under this name; empty if nothing, or more than one thing."""
    given = request.query.getall(name, [])
    return given[0] if len(given) == 1 else ""


def _hash(state: str) -> bytes:
    """How a state is kept: who reads the database cannot use it."""
    return hashlib.sha256(state.encode()).digest()
