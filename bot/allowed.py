"""What settings may be, each for itself and together: the sentences that say so. Pure."""

import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from bot.settings import Settings

#: What is allowed, as the end of a sentence.
ALLOWED = {
    "data_dir": "the path of a directory",
    "database_url": (
        "sqlite:///<path of a file> or postgresql+psycopg://<user>:<password>@<host>/<database>"
    ),
    "keyring_url": "postgresql+psycopg://<user>:<password>@<host>/<database>",
    "host": "a host name or an address",
    "port": "a number from 0 to 65535",
    "base_url": "an address such as https://krets.example.org, without a path",
    "language": "en, sv or nb",
    "time_zone": "a zone of the IANA database such as Europe/Stockholm",
    "country": "a country code with a calendar of holidays, such as SE or NO",
    "coordinators": (
        "people with commas between, each as slack:<workspace or organisation>:<user>,"
        " teams:<tenant>:<object id> or playground:local:<name>"
    ),
    "help_text": "a text",
    "methods_dir": "the path of a directory that exists",
    "log_level": "debug, info, warning or error",
    "log_format": "text or json",
    "time_travel": "true or false",
    "playground": "true or false",
    "metrics_host": "a host name or an address",
    "metrics_port": "a number from 0 to 65535",
    "metrics_token": "one word of ASCII, such as `openssl rand -hex 16` prints",
    "master_keys": "what `krets keys new` prints, or several with commas between, each once",
    "slack_bot_token": "the bot token of a Slack app, without spaces",
    "slack_app_token": "the app-level token of a Slack app, which begins with xapp-",
    "slack_client_id": "the client id of a Slack app, such as 123456789.987654321",
    "slack_client_secret": "what Slack shows beside the client id, one word",
    "slack_signing_secret": "what Slack signs with: one word, or two of them with a comma between",
    "slack_api_url": "an address that begins with https://, or with http:// on this machine",
    "teams_app_id": (
        "the application id of a bot in Azure, such as 00000000-0000-0000-0000-000000000000"
    ),
    "teams_app_password": "a client secret of the bot, or two of them with a comma between",
    "teams_app_type": "SingleTenant, MultiTenant or UserAssignedMSI",
    "teams_tenant_id": "the id of an organisation in Entra",
    "teams_allowed_tenants": "ids of organisations in Entra, with commas between",
    "teams_certificate": "the path of a PEM file with a certificate and its private key",
    "teams_anonymous": "true or false",
}
#: An id of Entra, in small letters.
GUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
LOOPBACK = ("127.0.0.1", "::1", "localhost")


def is_server(url: str) -> bool:
    """Whether this is the address of a database on a server that Krets can use.

    >>> is_server("postgresql+psycopg://krets@db/krets"), is_server("postgres://krets@db/krets")
    (True, False)
    """
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        port = 0
    named = len(parts.path) > 1 and "/" not in parts.path[1:]
    return parts.scheme == "postgresql+psycopg" and named and port != 0


def disagreement(settings: "Settings") -> str:
    """Why settings of which each is right do not go together; empty if they do."""
    found = chain(
        _on_a_server(settings), _beside(settings), _in_slack(settings), _in_teams(settings)
    )
    return next(found, "")


def _on_a_server(settings: "Settings") -> Iterator[str]:
    if settings.on_a_server and not settings.keyring_url:
        yield (
            "KRETS_DATABASE_URL on PostgreSQL needs KRETS_KEYRING_URL: another database, which no"
            " backup of the first one holds."
        )
    if settings.keyring_url and not settings.on_a_server:
        yield "KRETS_KEYRING_URL is for a KRETS_DATABASE_URL on PostgreSQL; take it away."
    if settings.keyring_url and _where(settings.keyring_url) == _where(settings.database_url):
        yield "KRETS_KEYRING_URL must name another database than KRETS_DATABASE_URL."
    if settings.keyring_url and not settings.master_keys:
        yield "KRETS_KEYRING_URL needs KRETS_MASTER_KEYS beside it; see krets keys new."


def _beside(settings: "Settings") -> Iterator[str]:
    if settings.metrics_port is not None and not settings.metrics_token:
        yield "KRETS_METRICS_PORT needs KRETS_METRICS_TOKEN beside it."


def _where(url: str) -> tuple[str | None, int, str, str]:
    """What tells one database from another, whoever uses it."""
    parts = urlsplit(url)
    return parts.hostname, parts.port or 5432, parts.path, parts.query


def _in_slack(settings: "Settings") -> Iterator[str]:
    bot, client = settings.slack_bot_token, settings.slack_client_id
    secret = settings.slack_signing_secret
    if bot and client:
        yield (
            "KRETS_SLACK_BOT_TOKEN is for one workspace and KRETS_SLACK_CLIENT_ID for many; take"
            " one of them away."
        )
    either = "BOT_TOKEN or KRETS_SLACK_CLIENT_ID"
    for name, given, beside, needed in (
        # What comes over a socket of our own is not signed.
        ("BOT_TOKEN", bot, secret or settings.slack_app_token, "SIGNING_SECRET"),
        ("CLIENT_ID", client, settings.slack_client_secret, "CLIENT_SECRET"),
        ("CLIENT_ID", client, secret or settings.slack_app_token, "SIGNING_SECRET"),
        ("CLIENT_SECRET", settings.slack_client_secret, client, "CLIENT_ID"),
        ("SIGNING_SECRET", secret, bot or client, either),
        ("APP_TOKEN", settings.slack_app_token, bot or client, either),
    ):
        if given and not beside:
            yield f"KRETS_SLACK_{name} needs KRETS_SLACK_{needed} beside it."
    address = urlsplit(settings.base_url)
    if client and address.scheme != "https" and address.hostname not in LOOPBACK:
        yield (
            "KRETS_SLACK_CLIENT_ID needs a KRETS_BASE_URL that begins with https://:"
            " whoever installs Krets comes back there."
        )
    at_slack = urlsplit(settings.slack_api_url).hostname not in LOOPBACK
    if settings.time_travel and settings.has_slack and at_slack:
        yield (
            "KRETS_TIME_TRAVEL must be off unless KRETS_SLACK_API_URL is on this machine:"
            " people in Slack live in real time."
        )


def _in_teams(settings: "Settings") -> Iterator[str]:
    app, tenant = settings.teams_app_id, settings.teams_tenant_id
    password, certificate = settings.teams_app_password, settings.teams_certificate
    managed = settings.teams_app_type == "UserAssignedMSI"
    proof = password or certificate
    if settings.teams_anonymous and app:
        yield (
            "KRETS_TEAMS_ANONYMOUS is for trying without an account; leave KRETS_TEAMS_APP_ID out."
        )
    if settings.teams_anonymous and settings.host not in LOOPBACK:
        yield "KRETS_TEAMS_ANONYMOUS needs KRETS_HOST to be this machine, such as 127.0.0.1."
    for name, given in (
        ("APP_PASSWORD", password),
        ("CERTIFICATE", certificate),
        ("TENANT_ID", tenant),
        ("ALLOWED_TENANTS", settings.teams_allowed_tenants),
        ("APP_TYPE", settings.teams_app_type != "SingleTenant"),
    ):
        if given and not app:
            yield f"KRETS_TEAMS_{name} needs KRETS_TEAMS_APP_ID beside it."
    if password and certificate:
        yield "Set KRETS_TEAMS_APP_PASSWORD or KRETS_TEAMS_CERTIFICATE, not both."
    if managed and proof:
        yield "KRETS_TEAMS_APP_TYPE UserAssignedMSI needs neither a password nor a certificate."
    if app and not managed and not proof:
        yield (
            "KRETS_TEAMS_APP_ID needs KRETS_TEAMS_APP_PASSWORD or KRETS_TEAMS_CERTIFICATE"
            " beside it."
        )
    if app and not tenant and settings.teams_app_type != "MultiTenant":
        yield "KRETS_TEAMS_APP_ID needs KRETS_TEAMS_TENANT_ID beside it."
    if app and not settings.teams_tenants:
        yield "KRETS_TEAMS_APP_TYPE MultiTenant needs KRETS_TEAMS_ALLOWED_TENANTS beside it."
    if settings.time_travel and app:
        yield (
            "KRETS_TIME_TRAVEL must be off with KRETS_TEAMS_APP_ID: people in Teams live in real"
            " time."
        )


def is_id(text: str) -> bool:
    """Whether it is an id of Entra, and not the one that stands for none.

    >>> [is_id(f"{digit * 8}-0000-0000-0000-000000000000") for digit in "A0?"]
    [True, False, False]
    """
    return re.fullmatch(GUID, text.lower()) is not None and bool(set(text) - set("0-"))


def holds_certificate(path: Path) -> bool:
    """Whether a file has a certificate and a private key in it."""
    try:
        text = path.read_text("ascii")
    except (OSError, ValueError):
        return False
    return "-----BEGIN CERTIFICATE-----" in text and "PRIVATE KEY-----" in text
