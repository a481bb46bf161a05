"""Microsoft's names on this machine, with a certificate for them.

So Krets calls the addresses it always calls, over TLS, and nothing in it knows that this is a test.
"""

import ipaddress
import socket
import ssl
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

NAMES = ("smba.trafficmanager.net", "login.microsoftonline.com", "login.botframework.com")


def here(port: int) -> aiohttp.TCPConnector:
    """Leads whoever calls one of the names to this port."""
    return aiohttp.TCPConnector(resolver=_Here(port), ssl=_trusting())


class _Here(AbstractResolver):
    """Finds every name on this machine."""

    def __init__(self, port: int) -> None:
        self._port = port

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [
            ResolveResult(
                hostname=host,
                host="127.0.0.1",
                port=self._port,
                family=socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
        ]

    async def close(self) -> None:
        pass


def self_signed(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> bytes:
    """A private key and a certificate for Microsoft's names, in one file of text."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Krets tests")])
    names: list[x509.GeneralName] = [x509.DNSName(one) for one in NAMES]
    names.append(x509.IPAddress(ipaddress.ip_address("127.0.0.1")))
    begins = datetime.now(UTC) - timedelta(days=1)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(begins + timedelta(days=30))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return private + made.public_bytes(serialization.Encoding.PEM)


@cache
def _certificate() -> bytes:
    return self_signed(ec.generate_private_key(ec.SECP256R1()))


def certified() -> ssl.SSLContext:
    """For a server that goes by the names."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    with TemporaryDirectory() as directory:
        file = Path(directory) / "certificate.pem"
        file.write_bytes(_certificate())
        context.load_cert_chain(file)
    return context


@cache
def _trusting() -> ssl.SSLContext:
    return ssl.create_default_context(cadata=_certificate().decode())
