"""What an installation meets outside: a Web API that knows three methods, and a certificate."""

import ipaddress
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

from aiohttp import web
from aiohttp.test_utils import TestServer
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from adapters.slack.manifest import scopes
from bot.keyring import new_master

TOKEN = "xoxb-1-a-canary-of-a-token"
APP_TOKEN = "xapp-1-A1-1-a-canary-of-a-token"
SECRET = "0123456789abcdef" * 2
MASTER_KEY = new_master().line


@dataclass
class Slack:
    """What a Web API answers, and what it was asked."""

    server: TestServer
    answer: object = field(
        default_factory=lambda: {"ok": True, "team_id": "T1", "user_id": "U1", "bot_id": "B1"}
    )
    #: What it answers to `apps.connections.open`.
    opening: object = field(
        default_factory=lambda: {"ok": True, "url": "wss://127.0.0.1/?ticket=canary"}
    )
    granted: str | None = ",".join(scopes())
    skew: timedelta = timedelta(0)
    status: int = 200
    heard: list[str] = field(default_factory=list)

    @property
    def settings(self) -> dict[str, str]:
        """The settings of an operator who has set up everything."""
        return {
            "KRETS_MASTER_KEYS": MASTER_KEY,
            "KRETS_SLACK_BOT_TOKEN": TOKEN,
            "KRETS_SLACK_SIGNING_SECRET": SECRET,
            "KRETS_SLACK_API_URL": str(self.server.make_url("/api/")),
        }


@asynccontextmanager
async def a_slack() -> AsyncIterator[Slack]:
    """Such a Web API, on this machine."""

    def date() -> dict[str, str]:
        return {"Date": format_datetime(datetime.now(UTC) - api.skew)}

    async def auth_test(request: web.Request) -> web.Response:
        api.heard.append(request.headers["Authorization"])
        headers = date()
        if api.granted is not None:
            headers["x-oauth-scopes"] = api.granted
        if isinstance(api.answer, str):
            return web.Response(text=api.answer, status=api.status, headers=headers)
        return web.json_response(api.answer, status=api.status, headers=headers)

    async def connections_open(request: web.Request) -> web.Response:
        api.heard.append(request.headers["Authorization"])
        return web.json_response(api.opening, headers=date())

    async def api_test(_: web.Request) -> web.Response:
        return web.json_response({"ok": True}, headers=date())

    app = web.Application()
    app.router.add_post("/api/api.test", api_test)
    app.router.add_post("/api/auth.test", auth_test)
    app.router.add_post("/api/apps.connections.open", connections_open)
    async with TestServer(app) as server:
        api = Slack(server)
        yield api


def certificate(folder: Path) -> tuple[Path, ssl.SSLContext]:
    """A certificate for this machine, and what serves with it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Krets")])
    here = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(here, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    own, public = folder / "key.pem", folder / "certificate.pem"
    public.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    own.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(public, own)
    return public, context
