"""Microsoft as a server: its OpenID metadata, its signing keys, and what it signs with them."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, TypeAlias

from aiohttp import web
from aiohttp.test_utils import TestServer
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from adapters.teams.gate import ISSUER

Json: TypeAlias = dict[str, Any]
NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)
AT = int(NOW.timestamp())
APP = "0b6f3f0e-5a57-4f5c-8c55-2d2f3f1f8a11"
TENANT = "72f2b5a0-1c3d-4a5e-9b7c-0d1e2f3a4b5c"
SERVICE = f"https://smba.trafficmanager.net/emea/{TENANT}/"


@dataclass
class Clock:
    """Real time, as the test wants it."""

    at: datetime = NOW

    def now(self) -> datetime:
        return self.at

    def pass_by(self, **by: float) -> None:
        self.at += timedelta(**by)


@cache
def private_key(name: str) -> rsa.RSAPrivateKey:
    """A key, the same for the same name; the one called short is."""
    return rsa.generate_private_key(
        public_exponent=65537, key_size=1024 if name == "short" else 2048
    )


def encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def listed(name: str, **more: object) -> Json:
    """A key as Microsoft lists it."""
    key = private_key(name).public_key()
    n = encoded(key.public_numbers().n.to_bytes(key.key_size // 8, "big"))
    found = {"kty": "RSA", "use": "sig", "kid": name, "x5t": name, "n": n, "e": "AQAB"}
    found |= {"endorsements": ["msteams", "skype", "webchat"]} | more
    return {key: value for key, value in found.items() if value is not None}


def without_none(given: Mapping[str, object]) -> Json:
    return {key: value for key, value in given.items() if value is not None}


def claims(**more: object) -> Json:
    """What a good token claims, with changes; None takes a claim out."""
    good = {"iss": ISSUER, "aud": APP, "nbf": AT - 60, "exp": AT + 3540, "serviceurl": SERVICE}
    return without_none(good | more)


def header(**more: object) -> Json:
    return without_none({"typ": "JWT", "alg": "RS256", "kid": "key1", "x5t": "key1"} | more)


def signed(head: Json, payload: object, key: str = "key1") -> str:
    """Both, with a signature by this key."""
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    text = f"{encoded(json.dumps(head).encode())}.{encoded(body)}"
    signature = private_key(key).sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())
    return f"{text}.{encoded(signature)}"


def token(key: str = "key1", **more: object) -> str:
    """A good token, with changes to what it claims."""
    return signed(header(kid=key), claims(**more), key)


@dataclass
class Microsoft:
    """What is listed, how often it was asked for, and how it fails."""

    keys: list[Json] = field(default_factory=lambda: [listed("key1")])
    asked: int = 0
    #: How often the keys were asked for, and how often at an address to which nobody may be sent.
    fetched: int = 0
    strayed: int = 0
    #: Unset while nothing is answered.
    goes: asyncio.Event = field(default_factory=asyncio.Event)
    #: Instead of the metadata, or of the keys.
    metadata: Callable[[], web.Response] | None = None
    document: Callable[[], web.Response] | None = None
    url: str = ""
    _heard: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def until_asked(self, times: int) -> None:
        """Wait until the metadata has been asked for so often."""
        async with self._heard:
            await self._heard.wait_for(lambda: self.asked >= times)

    def application(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/openid", self._metadata)
        app.router.add_get("/keys", self._keys)
        app.router.add_get("/elsewhere", self._elsewhere)
        return app

    async def _metadata(self, _: web.Request) -> web.Response:
        async with self._heard:
            self.asked += 1
            self._heard.notify_all()
        await self.goes.wait()
        if self.metadata is not None:
            return self.metadata()
        return web.json_response({"issuer": ISSUER, "jwks_uri": f"{self.url}/keys"})

    async def _keys(self, _: web.Request) -> web.Response:
        self.fetched += 1
        return self.document() if self.document else web.json_response({"keys": self.keys})

    async def _elsewhere(self, _: web.Request) -> web.Response:
        self.strayed += 1
        return web.json_response({"keys": self.keys})


@asynccontextmanager
async def microsoft() -> AsyncIterator[Microsoft]:
    """The server, answering."""
    server = Microsoft()
    server.goes.set()
    async with TestServer(server.application()) as listening:
        server.url = f"http://127.0.0.1:{listening.port}"
        yield server
        server.goes.set()
