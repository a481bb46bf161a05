"""Whether what Slack sends would reach Krets: the address, and what stands behind it."""

import json
import secrets
from datetime import datetime

import aiohttp

from adapters.slack.gate import sign
from adapters.slack.manifest import PATH
from bot.doctor import Finding

_PASS_ON = f"let the proxy pass POST {PATH} on as it is, with its headers"
_REQUESTS = {
    0: f"Nothing answers under {PATH}; {_PASS_ON}.",
    401: (
        "The Krets that runs there has another signing secret, or its clock is more than five"
        " minutes off; give it these settings and start it again."
    ),
    404: (
        "The Krets that runs there takes no requests from Slack; give it"
        " KRETS_SLACK_SIGNING_SECRET and start it again."
    ),
}


async def of_address(session: aiohttp.ClientSession, base_url: str, called: bool) -> Finding:
    """Whether Krets answers under its address; `called` tells whether Slack is to call it there."""
    cures = []
    if called and not base_url.startswith("https://"):
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


async def of_requests(
    session: aiohttp.ClientSession, base_url: str, secret: str, now: datetime
) -> Finding:
    """Whether the Krets behind the address takes what is signed with our secret, as Slack does."""
    check, url, challenge = "requests", base_url + PATH, secrets.token_hex(8)
    body = json.dumps({"type": "url_verification", "challenge": challenge}).encode()
    at = str(int(now.timestamp()))
    headers = {
        "Content-Type": "application/json",
        "X-Slack-Request-Timestamp": at,
        "X-Slack-Signature": sign(at, body, secret).decode(),
    }
    try:
        async with session.post(url, data=body, headers=headers, allow_redirects=False) as got:
            said = await got.content.read(256)
            if got.status == 200 and challenge.encode() in said:
                return Finding(check)
            status = got.status
    except (aiohttp.ClientError, TimeoutError):
        status = 0
    return Finding(check, _REQUESTS.get(status, f"{url} answers {status}; {_PASS_ON}."))
