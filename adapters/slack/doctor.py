"""Whether Slack and Krets can reach each other, and the cure if not. Says no secret, ever."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import aiohttp
from slack_sdk.errors import SlackApiError

from adapters.slack.client import client
from adapters.slack.manifest import features_of, scopes
from bot.doctor import Finding

#: How long anybody is waited for.
_PATIENCE = aiohttp.ClientTimeout(total=10)
#: A clock that is further off will soon refuse what Slack signs; the gate allows 300 s.
_SKEW = timedelta(seconds=60)
_SECRET = re.compile(r"[0-9a-f]{32}", re.ASCII)
#: A code of Slack's, which may be shown.
_CODE = re.compile(r"[A-Za-z0-9_]{1,64}", re.ASCII)
_BOT = "xoxb-"

_ANEW = "copy the Bot User OAuth Token anew from OAuth & Permissions into KRETS_SLACK_BOT_TOKEN"
_NOT_SLACK = "What answers is not Slack's Web API; see KRETS_SLACK_API_URL and any proxy."


async def examine(
    *,
    token: str,
    secrets: Sequence[str],
    api_url: str,
    base_url: str,
    real: Callable[[], datetime],
) -> tuple[Finding, ...]:
    """All checks in order; what could not be found out for want of an answer is left out."""
    async with aiohttp.ClientSession(timeout=_PATIENCE) as session:
        known, headers = await _of_token(session, token, api_url)
        findings = [known]
        granted = headers.get("x-oauth-scopes")
        if known.ok:
            findings.append(of_scopes(granted))
        findings.append(of_secrets(secrets))
        if base_url:
            findings.append(await _of_address(session, base_url))
        if date := headers.get("date"):
            findings.append(of_clock(date, real()))
        return tuple(findings)


async def _of_token(
    session: aiohttp.ClientSession, token: str, api_url: str
) -> tuple[Finding, Mapping[str, str]]:
    """Who Slack says this token is, and the headers of that answer if there was one."""
    check = "bot token"
    if not token.startswith(_BOT):  # and so it is shown to nobody
        return Finding(check, f"A bot token begins with {_BOT}; {_ANEW}."), {}
    try:
        answer = await client(token, api_url, session).auth_test()
    except SlackApiError as error:
        headers = _small(getattr(error.response, "headers", None))
        return Finding(check, _refusal(error)), headers
    except (AttributeError, UnicodeDecodeError):  # the library expects an object
        return Finding(check, _NOT_SLACK), {}
    except (aiohttp.ClientError, TimeoutError):
        return Finding(
            check,
            "Slack cannot be reached; see that this machine may call slack.com (or what"
            " KRETS_SLACK_API_URL names) by https.",
        ), {}
    headers = _small(answer.headers)
    data = answer.data if isinstance(answer.data, dict) else {}
    if not data.get("bot_id"):
        return Finding(check, f"This is not the token of a bot; {_ANEW}."), headers
    team = str(data.get("team_id", ""))
    return Finding(check, note=f"workspace {team}" if _CODE.fullmatch(team) else ""), headers


def _refusal(error: SlackApiError) -> str:
    """The cure for what Slack answered instead."""
    status = getattr(error.response, "status_code", 0)
    data = getattr(error.response, "data", None)
    code = str(data.get("error", "")) if isinstance(data, dict) else ""
    if status == 429 or code == "ratelimited":
        return "Slack asks for patience; run krets doctor again in a minute."
    if not _CODE.fullmatch(code):
        return _NOT_SLACK
    if code in {"invalid_auth", "not_authed"}:
        return f"Slack does not know this token ({code}); {_ANEW}."
    if code in {"account_inactive", "token_expired", "token_revoked"}:
        return f"This token is no longer valid ({code}); install the app again, then {_ANEW}."
    return f"Slack refuses this token ({code}); install the app again, then {_ANEW}."


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


async def _of_address(session: aiohttp.ClientSession, base_url: str) -> Finding:
    """Whether Krets answers under the address that Slack is told to call."""
    cures = []
    if not base_url.startswith("https://"):
        cures.append("Slack calls https addresses only; put a proxy with a certificate before.")
    try:
        async with session.get(f"{base_url}/healthz", allow_redirects=False) as got:
            if got.status != 200 or (await got.content.read(16)).strip() != b"ok":
                cures.append(
                    f"Something else than Krets answers under KRETS_BASE_URL ({got.status}); lead"
                    " the address to KRETS_HOST and KRETS_PORT, and see that krets run is running."
                )
    except aiohttp.ClientConnectorCertificateError:
        cures.append("The certificate of KRETS_BASE_URL is not trusted; renew it, whole chain.")
    except (aiohttp.ClientError, TimeoutError):
        cures.append(
            "Nothing answers under KRETS_BASE_URL; see its name, the proxy and the firewall, and"
            " that krets run is running."
        )
    return Finding("base address", " ".join(cures))


def of_clock(date: str, now: datetime) -> Finding:
    """This machine's clock against the time Slack gave to its answer.

    >>> of_clock("Wed, 21 Oct 2026 07:28:00 GMT", datetime(2026, 10, 21, 7, 30, tzinfo=UTC)).cure
    'The clock of this machine is 120 s fast; let it be set by a time server.'
    """
    try:
        theirs = parsedate_to_datetime(date)
    except ValueError:
        return Finding("clock", note="Slack did not tell the time")
    skew = now - (theirs if theirs.tzinfo else theirs.replace(tzinfo=UTC))
    if abs(skew) <= _SKEW:
        return Finding("clock")
    how = "fast" if skew > timedelta(0) else "slow"
    seconds = round(abs(skew).total_seconds())
    return Finding(
        "clock",
        f"The clock of this machine is {seconds} s {how}; let it be set by a time server.",
    )


def _small(headers: object) -> dict[str, str]:
    """Headers by their names in small letters."""
    if not isinstance(headers, Mapping):
        return {}
    return {str(name).lower(): str(value) for name, value in headers.items()}
