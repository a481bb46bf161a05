"""Whether Microsoft and Krets can reach each other, and the cure if not. Says no secret, ever."""

import asyncio
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import aiohttp

from adapters.teams import reach
from adapters.teams.certificate import NotUsable, ends_at
from adapters.teams.credentials import (
    LOGIN,
    MANY_TENANTS,
    Ask,
    Wire,
    by_managed_identity,
    by_secret,
    certificate,
)
from bot.doctor import Finding, of_clock

_CODE = re.compile(r"[a-z_]{1,40}", re.ASCII)
#: What stands beside a secret, and is taken for it.
_SECRET_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)

_REGISTRATION = (
    "compare KRETS_TEAMS_APP_ID and KRETS_TEAMS_TENANT_ID with the overview of the app registration"
)
_ANEW = (
    "make a new one in the app registration, under Certificates & secrets, and copy its Value into"
    " KRETS_TEAMS_APP_PASSWORD"
)
_CERTIFICATE_ANEW = (
    "make a new one, upload its public part in the app registration, under Certificates & secrets,"
    " and let KRETS_TEAMS_CERTIFICATE name the file with both parts"
)
_TENANT = "copy the Directory (tenant) ID into KRETS_TEAMS_TENANT_ID"
#: Entra's codes for why there is no token, each with its cure.
_CURES = {
    7000112: "the app is disabled; let an administrator enable it under Enterprise applications",
    7000215: f"this is not the Value of a secret of the bot; {_ANEW}",
    7000222: f"the secret has expired; {_ANEW}",
    7000229: (
        "the app has no place in this organisation yet; open its registration and press Create"
        " service principal"
    ),
    53003: "a rule of Conditional Access blocks the app; let an administrator exempt it",
    700016: f"this organisation knows no such app; {_REGISTRATION}",
    700024: "the clock of this machine is off; let it be set by a time server",
    700027: f"it does not know this certificate; {_CERTIFICATE_ANEW}",
    90002: f"there is no such organisation; {_TENANT}",
    900023: f"this is not the id of an organisation; {_TENANT}",
}
_LOGIN = (
    "Entra cannot be reached; see that this machine may call login.microsoftonline.com by https."
)
_AZURE = (
    "Azure gives this machine no token for the bot; assign the managed identity of"
    " KRETS_TEAMS_APP_ID to it, or take a secret or a certificate instead."
)


@dataclass(frozen=True, slots=True)
class SetUp:
    """What an operator has set for Teams; empty is what is not set."""

    app_id: str
    tenant: str = ""
    base_url: str = ""
    passwords: Sequence[str] = field(default=(), repr=False)
    certificate: Path | None = None
    #: Whether the bot is a managed identity, of the machine on which Krets runs.
    managed: bool = False


@dataclass(frozen=True, slots=True)
class _Proof:
    """One way to prove who Krets is; without `ask` it is known already why that fails."""

    check: str
    ask: Ask | None = field(default=None, repr=False)
    cure: str = ""
    note: str = ""


async def examine(
    set_up: SetUp, session: aiohttp.ClientSession, real: Callable[[], datetime]
) -> tuple[Finding, ...]:
    """All checks in order; what could not be found out for want of an answer is left out."""
    if set_up.managed:
        identity = _Proof("managed identity", by_managed_identity(set_up.app_id), _AZURE)
        findings, date = [await _of_token(session, identity)], ""
    else:
        tenant, date = await _of_tenant(session, set_up.tenant or MANY_TENANTS)
        findings = [tenant]
        for proof in (*_secrets(set_up), *_certificates(set_up, real())):
            if proof.ask is None:
                findings.append(Finding(proof.check, proof.cure))
            elif tenant.ok:
                findings.append(await _of_token(session, proof))
    keys, at_keys = await reach.of_keys(session)
    findings += [keys, await reach.of_messages(session, set_up.base_url)]
    if date := date or at_keys:
        findings.append(of_clock(date, real()))
    return tuple(findings)


async def _of_tenant(session: aiohttp.ClientSession, tenant: str) -> tuple[Finding, str]:
    """Whether Entra knows the organisation, and what time it told."""
    check = "organisation"
    try:
        url = f"{LOGIN}/{tenant}/v2.0/.well-known/openid-configuration"
        got = await reach.document(session, url)
    except reach.NoAnswer:
        return Finding(check, _LOGIN), ""
    if got.status in (400, 404):
        return Finding(check, f"Entra knows no organisation {tenant}; {_TENANT}."), got.date
    if not isinstance(got.said.get("token_endpoint"), str):
        return Finding(check, f"What answers is not Entra ({got.status}); see any proxy."), got.date
    return Finding(check), got.date


# --- proofs -------------------------------------------------------------------------------------


def _secrets(set_up: SetUp) -> Iterator[_Proof]:
    """Each secret; one with the shape of another thing is shown to nobody."""
    for number, secret in enumerate(set_up.passwords, start=1):
        check = f"secret {number}" if len(set_up.passwords) > 1 else "secret"
        if _SECRET_ID.fullmatch(secret):
            yield _Proof(check, cure=f"This is the Secret ID, not the Value; {_ANEW}.")
        else:
            yield _Proof(check, by_secret(set_up.app_id, set_up.tenant, secret))


def _certificates(set_up: SetUp, now: datetime) -> Iterator[_Proof]:
    """The certificate, if one is set and as far as it can be used."""
    if (file := set_up.certificate) is None:
        return
    check = "certificate"
    try:
        pem = file.read_bytes()
        ends = ends_at(pem)
    except OSError as error:
        why = (error.strerror or "it fails").lower()
        yield _Proof(check, cure=f"{file} cannot be read ({why}); give it to Krets' user.")
    except NotUsable as error:
        yield _Proof(check, cure=f"{file} cannot be used: {error}.")
    else:
        day = f"{ends:%Y-%m-%d}"
        if ends <= now:
            yield _Proof(check, cure=f"The certificate was good until {day}; {_CERTIFICATE_ANEW}.")
        else:
            proof = certificate(pem.decode("ascii", "ignore"))
            ask = by_secret(set_up.app_id, set_up.tenant, proof)
            yield _Proof(check, ask, note=f"until {day}")


async def _of_token(session: aiohttp.ClientSession, proof: _Proof) -> Finding:
    """Whether Microsoft gives a token for it; the token is thrown away."""
    assert proof.ask is not None
    wire = Wire(session, asyncio.get_running_loop())
    try:
        answer = await asyncio.to_thread(proof.ask, wire)
    except Exception:  # of whatever type the library makes it
        return Finding(proof.check, proof.cure or _LOGIN)
    if answer.get("access_token"):
        return Finding(proof.check, note=proof.note)
    return Finding(proof.check, proof.cure or _refusal(answer))


def _refusal(answer: Mapping[str, Any]) -> str:
    """The cure for what Entra answered instead.

    >>> _refusal({"error": "invalid_client", "error_codes": [7000112], "error_description": "..."})
    'Entra says no (AADSTS7000112): the app is disabled; let an administrator enable it under \
Enterprise applications.'
    """
    listed = answer.get("error_codes")
    codes = [one for one in listed if isinstance(one, int)] if isinstance(listed, list) else []
    for code in codes:
        if code in _CURES:
            return f"Entra says no (AADSTS{code}): {_CURES[code]}."
    error = answer.get("error")
    named = error if isinstance(error, str) and _CODE.fullmatch(error) else "unknown"
    said = ", ".join([named, *(f"AADSTS{code}" for code in codes[:1])])
    return f"Entra says no ({said}); {_REGISTRATION}, then {_ANEW}."
