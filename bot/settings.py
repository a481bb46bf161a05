"""Settings: the only reader of the environment."""

import difflib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from schedules.rule import Calendar, is_zone

_PREFIX = "KRETS_"

#: What is allowed, as the end of a sentence.
_ALLOWED = {
    "data_dir": "the path of a directory",
    "database_url": "sqlite:///<path of a file>, the only database so far",
    "host": "a host name or an address",
    "port": "a number from 0 to 65535",
    "base_url": "an address such as https://krets.example.org, without a path",
    "language": "en, sv or nb",
    "time_zone": "a zone of the IANA database such as Europe/Stockholm",
    "country": "a country code with a calendar of holidays, such as SE or NO",
    "coordinators": "ids of people, with commas between",
    "help_text": "a text",
    "methods_dir": "the path of a directory that exists",
    "log_level": "debug, info, warning or error",
    "log_format": "text or json",
    "time_travel": "true or false",
    "playground": "true or false",
    "slack_bot_token": "the bot token of a Slack app, without spaces",
    "slack_app_token": "the app-level token of a Slack app, which begins with xapp-",
    "slack_client_id": "the client id of a Slack app, such as 123456789.987654321",
    "slack_client_secret": "what Slack shows beside the client id, one word",
    "slack_signing_secret": "what Slack signs with: one word, or two of them with a comma between",
    "slack_api_url": "an address that begins with https://, or with http:// on this machine",
}
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


class WrongSetting(Exception):
    """A setting has a wrong value; the message names the variable and what is allowed."""


class Settings(BaseSettings):
    """All settings, with their defaults."""

    model_config = SettingsConfigDict(env_prefix=_PREFIX, frozen=True, validate_default=False)

    data_dir: Path = Path("var")
    database_url: str = ""
    host: str = "127.0.0.1"
    port: int = 8080
    base_url: str = ""
    language: Literal["en", "sv", "nb"] = "en"
    time_zone: str = "Europe/Stockholm"
    country: str = "SE"
    coordinators: Annotated[tuple[str, ...], NoDecode] = ()
    help_text: str = ""
    methods_dir: Path | None = None
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["text", "json"] = "text"
    time_travel: bool = False
    #: None: on only when no platform is configured.
    playground: bool | None = None
    slack_bot_token: str = Field("", repr=False)
    slack_app_token: str = Field("", repr=False)
    slack_client_id: str = ""
    slack_client_secret: str = Field("", repr=False)
    slack_signing_secret: Annotated[tuple[str, ...], NoDecode] = Field((), repr=False)
    slack_api_url: str = "https://slack.com/api/"

    @property
    def database(self) -> str:
        """The database's address; by default a file in the data directory."""
        return self.database_url or f"sqlite:///{self.data_dir / 'krets.db'}"

    @property
    def has_slack(self) -> bool:
        """Whether Slack is configured: for one workspace, or for all that install Krets."""
        return bool(self.slack_bot_token or self.slack_client_id)

    @property
    def has_playground(self) -> bool:
        """Whether the browser platform is on."""
        return not self.has_slack if self.playground is None else self.playground

    @field_validator("database_url")
    @classmethod
    def _a_file(cls, url: str) -> str:
        _require(url.startswith("sqlite:///") and url.removeprefix("sqlite:///")[:1] not in "?:")
        return url

    @field_validator("port")
    @classmethod
    def _a_port(cls, port: int) -> int:
        _require(0 <= port <= 65535)
        return port

    @field_validator("base_url")
    @classmethod
    def _an_address(cls, url: str) -> str:
        scheme, _, rest = url.rstrip("/").partition("://")
        _require(scheme in ("http", "https") and bool(rest) and not set(rest) & set("/?#@ "))
        return url.rstrip("/")

    @field_validator("time_zone")
    @classmethod
    def _a_zone(cls, zone: str) -> str:
        _require(is_zone(zone))
        return zone

    @field_validator("country")
    @classmethod
    def _a_country(cls, country: str) -> str:
        Calendar(country.upper())
        return country.upper()

    @field_validator("coordinators", "slack_signing_secret", mode="before")
    @classmethod
    def _a_list(cls, people: object) -> object:
        if isinstance(people, str):
            return tuple(one.strip() for one in people.split(",") if one.strip())
        return people

    @field_validator("slack_app_token")
    @classmethod
    def _an_app_token(cls, token: str) -> str:
        _require(token.startswith("xapp-") and _is_word(token))
        return token

    @field_validator("slack_client_id")
    @classmethod
    def _a_client(cls, client: str) -> str:
        _require(client.isascii() and client.replace(".", "").isalnum())
        return client

    @field_validator("slack_bot_token", "slack_client_secret")
    @classmethod
    def _a_token(cls, token: str) -> str:
        _require(_is_word(token))
        return token

    @field_validator("slack_signing_secret")
    @classmethod
    def _secrets(cls, secrets: tuple[str, ...]) -> tuple[str, ...]:
        _require(bool(secrets) and all(map(_is_word, secrets)))
        return secrets

    @field_validator("slack_api_url")
    @classmethod
    def _an_api(cls, url: str) -> str:
        parts = urlsplit(url)
        plain = parts.scheme == "http" and parts.hostname in _LOOPBACK
        _require((parts.scheme == "https" or plain) and bool(parts.hostname))
        _require(not parts.query and not parts.fragment and "@" not in parts.netloc)
        return url.rstrip("/") + "/"

    @field_validator("methods_dir")
    @classmethod
    def _a_directory(cls, path: Path | None) -> Path | None:
        _require(path is None or path.is_dir())
        return path

    @field_validator("log_level", "log_format", "language", mode="before")
    @classmethod
    def _small_letters(cls, word: object) -> object:
        return word.lower() if isinstance(word, str) else word

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read nothing behind the back of `read_settings`."""
        return (init_settings,)


def read_settings(env: Mapping[str, str]) -> Settings:
    """The settings of an environment; the first wrong value is a `WrongSetting`."""
    given = {name.lower(): value for name, value in env.items() if name.startswith(_PREFIX)}
    port = f"{_PREFIX}PORT"
    if not env.get(port) and env.get("PORT"):
        given[port.lower()] = env["PORT"]
        port = "PORT"
    source = EnvSettingsSource(Settings)
    source.env_vars = {name: value for name, value in given.items() if value}
    values: dict[str, Any] = source()
    try:
        settings = Settings(**values)
    except ValidationError as error:
        # The value itself stays unsaid: it may hold a password.
        field = str(error.errors()[0]["loc"][0])
        name = port if field == "port" else _PREFIX + field.upper()
        raise WrongSetting(f"{name} must be {_ALLOWED[field]}.") from None
    _agree(settings)
    return settings


def _agree(settings: Settings) -> None:
    """Refuse settings of which each is right, but not together."""
    bot, client = settings.slack_bot_token, settings.slack_client_id
    secret = settings.slack_signing_secret
    if bot and client:
        raise WrongSetting(
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
            raise WrongSetting(f"KRETS_SLACK_{name} needs KRETS_SLACK_{needed} beside it.")
    address = urlsplit(settings.base_url)
    if client and address.scheme != "https" and address.hostname not in _LOOPBACK:
        raise WrongSetting(
            "KRETS_SLACK_CLIENT_ID needs a KRETS_BASE_URL that begins with https://:"
            " whoever installs Krets comes back there."
        )
    at_slack = urlsplit(settings.slack_api_url).hostname not in _LOOPBACK
    if settings.time_travel and settings.has_slack and at_slack:
        raise WrongSetting(
            "KRETS_TIME_TRAVEL must be off unless KRETS_SLACK_API_URL is on this machine:"
            " people in Slack live in real time."
        )


def unknown_settings(env: Mapping[str, str]) -> list[str]:
    """One sentence for each variable that looks like a setting and is none."""
    known = [_PREFIX + field.upper() for field in Settings.model_fields]
    sentences = []
    for name in sorted(env):
        if name.startswith(_PREFIX) and name not in known:
            near = difflib.get_close_matches(name, known, n=1, cutoff=0.75)
            hint = f"; did you mean {near[0]}?" if near else "."
            sentences.append(f"{name} is not a setting of Krets{hint}")
    return sentences


def _is_word(text: str) -> bool:
    """Whether it is what can stand in a header: one word of ASCII."""
    return text.isascii() and text.isprintable() and bool(text) and " " not in text


def _require(right: bool) -> None:
    """Refuse a value; what is allowed stands in `_ALLOWED`."""
    if not right:
        raise ValueError
