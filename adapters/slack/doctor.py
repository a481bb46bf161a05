"""Whether Slack and Krets can reach each other, and the cure if not. Says no secret, ever."""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from adapters.slack import reach
from adapters.slack.client import client
from adapters.slack.manifest import features_of, scopes
from bot.doctor import Finding, of_clock

#: How long anybody is waited for.
_PATIENCE = aiohttp.ClientTimeout(total=10)
_SECRET = re.compile(r"[0-9a-f]{32}", re.ASCII)
#: A code of Slack's, which may be shown.
_CODE = re.compile(r"[A-Za-z0-9_]{1,64}", re.ASCII)
_CLIENT = re.compile(r"[0-9]{1,20}\.[0-9]{1,20}", re.ASCII)
_BOT, _APP = "xoxb-", "xapp-"

_ANEW = "copy the Bot User OAuth Token anew from OAuth & Permissions into KRETS_SLACK_BOT_TOKEN"
_APP_ANEW = (
    "make one with the scope connections:write under Basic Information, App-Level Tokens, and copy"
    " it into KRETS_SLACK_APP_TOKEN"
)
_SOCKET_CURES = {
    "missing_scope": f"This app-level token may not connect; {_APP_ANEW}",
    "not_allowed_token_type": f"This is not an app-level token; {_APP_ANEW}",
}
_NOT_SLACK = "What answers is not Slack's Web API; see KRETS_SLACK_API_URL and any proxy."


@dataclass(frozen=True, slots=True)
class SetUp:
    """What an operator has set for Slack; empty is what is not set."""

    api_url: str
    base_url: str = ""
    bot_token: str = field(default="", repr=False)
    signing_secrets: Sequence[str] = field(default=(), repr=False)
    app_token: str = field(default="", repr=False)
    client_id: str = ""
    client_secret: str = field(default="", repr=False)


async def examine(set_up: SetUp, real: Callable[[], datetime]) -> tuple[Finding, ...]:
    """All checks in order; what could not be found out for want of an answer is left out."""
    findings: list[Finding] = []
    headers: Mapping[str, str] = {}
    async with aiohttp.ClientSession(timeout=_PATIENCE) as session:
        if set_up.bot_token:
            known, headers = await _of_token(session, set_up.bot_token, set_up.api_url)
            findings.append(known)
            if known.ok:
                findings.append(of_scopes(headers.get("x-oauth-scopes")))
        if set_up.client_id:
            slack, headers = await _of_slack(session, set_up.api_url)
            findings += [slack, of_oauth(set_up)]
        if set_up.app_token:
            socket, at_socket = await _of_app_token(session, set_up.app_token, set_up.api_url)
            findings.append(socket)
            headers = headers or at_socket
        if set_up.signing_secrets or not set_up.app_token:
            findings.append(of_secrets(set_up.signing_secrets))
        if set_up.base_url:
            called = bool(set_up.signing_secrets or not set_up.app_token)
            address = await reach.of_address(session, set_up.base_url, called)
            findings.append(address)
            if address.ok and set_up.signing_secrets:
                secret = set_up.signing_secrets[0]
                findings.append(await reach.of_requests(session, set_up.base_url, secret, real()))
        if date := headers.get("date"):
            findings.append(of_clock(date, real()))
    return tuple(findings)


class _NoAnswer(Exception):
    """Slack did not say yes. Says the cure, and the headers of what it said instead."""

    def __init__(self, cure: str, headers: Mapping[str, str]) -> None:
        super().__init__(cure)
        self.cure = cure
        self.headers = headers


async def _ask(
    asking: Callable[[], Awaitable[AsyncSlackResponse]], known: Mapping[str, str], anew: str
) -> AsyncSlackResponse:
    """Slack's answer, or `_NoAnswer`; `known` are cures by code, `anew` where a new token is."""
    try:
        return await asking()
    except SlackApiError as error:
        headers = _small(getattr(error.response, "headers", None))
        raise _NoAnswer(_refusal(error, known, anew), headers) from None
    except (AttributeError, UnicodeDecodeError):  # the library expects an object
        raise _NoAnswer(_NOT_SLACK, {}) from None
    except (aiohttp.ClientError, TimeoutError):
        raise _NoAnswer(
            "Slack cannot be reached; see that this machine may call slack.com (or what"
            " KRETS_SLACK_API_URL names) by https.",
            {},
        ) from None


async def _of_token(
    session: aiohttp.ClientSession, token: str, api_url: str
) -> tuple[Finding, Mapping[str, str]]:
    """Who Slack says this token is, and the headers of that answer if there was one."""
    check = "bot token"
    if not token.startswith(_BOT):  # and so it is shown to nobody
        return Finding(check, f"A bot token begins with {_BOT}; {_ANEW}."), {}
    try:
        answer = await _ask(client(token, api_url, session).auth_test, {}, _ANEW)
    except _NoAnswer as error:
        return Finding(check, error.cure), error.headers
    headers = _small(answer.headers)
    data = answer.data if isinstance(answer.data, dict) else {}
    if not data.get("bot_id"):
        return Finding(check, f"This is not the token of a bot; {_ANEW}."), headers
    team = str(data.get("team_id", ""))
    return Finding(check, note=f"workspace {team}" if _CODE.fullmatch(team) else ""), headers


async def _of_slack(
    session: aiohttp.ClientSession, api_url: str
) -> tuple[Finding, Mapping[str, str]]:
    """Whether Slack answers at all; asked where there is no token to ask with."""
    try:
        answer = await _ask(client("", api_url, session).api_test, {}, _ANEW)
    except _NoAnswer as error:
        return Finding("Slack", error.cure), error.headers
    return Finding("Slack"), _small(answer.headers)


async def _of_app_token(
    session: aiohttp.ClientSession, token: str, api_url: str
) -> tuple[Finding, Mapping[str, str]]:
    """Whether Slack would give this token a connection; none is made, for it would be heard."""
    check = "app token"
    if not token.startswith(_APP):
        return Finding(check, f"An app-level token begins with {_APP}; {_APP_ANEW}."), {}
    calling = client(token, api_url, session)
    try:
        answer = await _ask(
            lambda: calling.apps_connections_open(app_token=token), _SOCKET_CURES, _APP_ANEW
        )
    except _NoAnswer as error:
        return Finding(check, error.cure), error.headers
    return Finding(check, note="Socket Mode"), _small(answer.headers)


def _refusal(error: SlackApiError, known: Mapping[str, str], anew: str) -> str:
    """The cure for what Slack answered instead."""
    status = getattr(error.response, "status_code", 0)
    data = getattr(error.response, "data", None)
    code = str(data.get("error", "")) if isinstance(data, dict) else ""
    if status == 429 or code == "ratelimited":
        return "Slack asks for patience; run krets doctor again in a minute."
    if not _CODE.fullmatch(code):
        return _NOT_SLACK
    if code in known:
        return f"{known[code]} ({code})."
    if code in {"invalid_auth", "not_authed"}:
        return f"Slack does not know this token ({code}); {anew}."
    if code in {"account_inactive", "token_expired", "token_revoked"}:
        return f"This token is no longer valid ({code}); install the app again, then {anew}."
    return f"Slack refuses this token ({code}); install the app again, then {anew}."


def of_scopes(granted: str | None) -> Finding:
    """What was granted against the ledger.

    >>> of_scopes("chat:write,commands,groups:read,groups:write").cure
    'Add users:read (for: language and time zone) under OAuth & Permissions, then install again.'
    """
    if granted is None:
        return Finding("scopes", "Slack did not say what was granted; see any proxy on the way.")
    given = {one.strip() for one in granted.split(",") if one.strip()}
    missing = [one for one in scopes() if one not in given]
    if missing:
        named = ", ".join(f"{one} (for: {', '.join(features_of(one))})" for one in missing)
        return Finding("scopes", f"Add {named} under OAuth & Permissions, then install again.")
    more = len(given) - len(scopes())
    return Finding("scopes", note=f"and {more} that Krets does not need" if more else "")


def of_secrets(secrets: Sequence[str]) -> Finding:
    """Whether each signing secret looks like one."""
    if secrets and all(_SECRET.fullmatch(one) for one in secrets):
        return Finding("signing secret")
    return Finding(
        "signing secret",
        "A signing secret is 32 characters from 0-9 and a-f; copy it from Basic Information into"
        " KRETS_SLACK_SIGNING_SECRET.",
    )


def of_oauth(set_up: SetUp) -> Finding:
    """Whether workspaces can let Krets in: the app's id and secret, and the way back.

    >>> of_oauth(SetUp("", "https://krets.example.org", client_id="1.2", client_secret=32 * "0"))
    Finding(check='OAuth', cure='', note='')
    """
    cures = []
    if not _CLIENT.fullmatch(set_up.client_id):
        cures.append(
            "A client ID is two numbers with a point between; copy it from Basic Information into"
            " KRETS_SLACK_CLIENT_ID."
        )
    if not _SECRET.fullmatch(set_up.client_secret):
        cures.append(
            "A client secret is 32 characters from 0-9 and a-f; copy it from Basic Information"
            " into KRETS_SLACK_CLIENT_SECRET."
        )
    if not set_up.base_url.startswith("https://"):
        cures.append(
            "Slack sends people back to an https address only; set KRETS_BASE_URL to one, also in"
            " Socket Mode."
        )
    return Finding("OAuth", " ".join(cures))


def _small(headers: object) -> dict[str, str]:
    """Headers by their names in small letters."""
    if not isinstance(headers, Mapping):
        return {}
    return {str(name).lower(): str(value) for name, value in headers.items()}
