"""What the fake Microsoft proves itself with: a key that is for this alone, and tokens."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
from jwt.algorithms import RSAAlgorithm

from adapters.teams.bench.organisations import APP
from adapters.teams.gate import CHANNEL, ISSUER

_KEY = Path(__file__).with_name("test_key.pem").read_text("ascii")
_KID = "bench"
_HOUR = timedelta(hours=1)


def listed() -> dict[str, Any]:
    """The key as Microsoft lists it."""
    private = RSAAlgorithm(RSAAlgorithm.SHA256).prepare_key(_KEY)
    public: dict[str, Any] = RSAAlgorithm.to_jwk(private, as_dict=True)
    shown = {name: public[name] for name in ("kty", "n", "e")}
    return shown | {"use": "sig", "kid": _KID, "x5t": _KID, "endorsements": [CHANNEL]}


def token(service_url: str, now: datetime) -> str:
    """One that is good for an hour, which is how Microsoft makes them."""
    claims = {"iss": ISSUER, "aud": APP, "serviceurl": service_url}
    held = {"nbf": int(now.timestamp()), "exp": int((now + _HOUR).timestamp())}
    return jwt.encode(claims | held, _KEY, "RS256", headers={"kid": _KID, "x5t": _KID})
