"""The certificate with which Krets can prove itself, read as an operator has laid it down."""

from datetime import datetime

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import load_pem_private_key


class NotUsable(Exception):
    """Not a certificate with its private key; says why, as the end of a sentence."""


def ends_at(pem: bytes) -> datetime:
    """Until when the certificate of a file of text is good, whose private key stands there too."""
    try:
        found = x509.load_pem_x509_certificate(pem)
    except ValueError:
        raise NotUsable("there is no certificate in it") from None
    try:
        key = load_pem_private_key(pem, password=None)
    except TypeError:
        raise NotUsable("the private key in it has a password") from None
    except (ValueError, UnsupportedAlgorithm):
        raise NotUsable("there is no private key in it") from None
    if key.public_key() != found.public_key():
        raise NotUsable("the private key in it belongs to another certificate") from None
    return found.not_valid_after_utc
