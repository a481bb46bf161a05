"""Settings: the only reader of the environment."""

import difflib
import re
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

from bot.allowed import (
    ALLOWED,
    GUID,
    LOOPBACK,
    disagreement,
    holds_certificate,
    is_id,
    is_server,
)
from bot.core.event import Identity
from bot.keyring import read_master
from bot.refusal import Refusal
from schedules.rule import Calendar, is_zone

_PREFIX = "KRETS_"

#: How a person is named: platform, organisation, and the platform's own id, never a name.
_PERSON = re.compile(
    "(slack):([TE][A-Z0-9]+):([UW][A-Z0-9]+)"
    f"|(teams):({GUID}):({GUID})"
    "|(playground):(local):([a-z-]+)"
)


class WrongSetting(Refusal):
    """A setting has a wrong value; the message names the variable and what is allowed."""


class Settings(BaseSettings):
    """All settings, with their defaults."""

    model_config = SettingsConfigDict(env_prefix=_PREFIX, frozen=True, validate_default=False)

    data_dir: Path = Path("var")
    database_url: str = Field("", repr=False)
    keyring_url: str = Field("", repr=False)
    host: str = "127.0.0.1"
    port: int = 8080
    base_url: str = ""
    language: Literal["en", "sv", "nb"] = "en"
    time_zone: str = "Europe/Stockholm"
    country: str = "SE"
    coordinators: Annotated[tuple[Identity, ...], NoDecode] = ()
    help_text: str = ""
    methods_dir: Path | None = None
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["text", "json"] = "text"
    time_travel: bool = False
    #: None: on only when no platform is configured.
    playground: bool | None = None
    metrics_token: str = Field("", repr=False)
    metrics_host: str = "127.0.0.1"
    #: None: a process without a web tells no metrics.
    metrics_port: int | None = None
    master_keys: Annotated[tuple[str, ...], NoDecode] = Field((), repr=False)
    slack_bot_token: str = Field("", repr=False)
    slack_app_token: str = Field("", repr=False)
    slack_client_id: str = ""
    slack_client_secret: str = Field("", repr=False)
    slack_signing_secret: Annotated[tuple[str, ...], NoDecode] = Field((), repr=False)
    slack_api_url: str = "https://slack.com/api/"
    teams_app_id: str = ""
    teams_app_password: Annotated[tuple[str, ...], NoDecode] = Field((), repr=False)
    teams_app_type: Literal["SingleTenant", "MultiTenant", "UserAssignedMSI"] = "SingleTenant"
    teams_tenant_id: str = ""
    teams_allowed_tenants: Annotated[tuple[str, ...], NoDecode] = ()
    teams_certificate: Path | None = None
    teams_anonymous: bool = False

    @property
    def database(self) -> str:
        """The database's address; by default a file in the data directory."""
        return self.database_url or f"sqlite:///{self.data_dir / 'krets.db'}"

    @property
    def on_a_server(self) -> bool:
        """Whether the database is a server's, on which several processes may work."""
        return self.database_url.startswith("postgresql")

    @property
    def keys(self) -> Path | str:
        """Where the keys of drawers lie: a directory, or the address of a database of their own."""
        return self.keyring_url or self.data_dir / "keys"

    @property
    def has_slack(self) -> bool:
        """Whether Slack is configured: for one workspace, or for all that install Krets."""
        return bool(self.slack_bot_token or self.slack_client_id)

    @property
    def has_teams(self) -> bool:
        """Whether Teams is configured: by an app, or for a client on this machine."""
        return bool(self.teams_app_id) or self.teams_anonymous

    @property
    def has_platform(self) -> bool:
        """Whether people of a real platform are let in, and not only whoever tries Krets here."""
        return self.has_slack or bool(self.teams_app_id)

    @property
    def teams_tenants(self) -> tuple[str, ...]:
        """The organisations in Entra whose people are let in."""
        named = (self.teams_tenant_id, *self.teams_allowed_tenants)
        return tuple(dict.fromkeys(filter(None, named)))

    @property
    def has_playground(self) -> bool:
        """Whether the browser platform is on."""
        if self.playground is not None:
            return self.playground
        return not self.has_slack and not self.has_teams

    @property
    def reached_at(self) -> str:
        """Where people reach Krets from their own devices; empty if nowhere that is safe."""
        address = urlsplit(self.base_url)
        safe = address.scheme == "https" and address.hostname not in LOOPBACK
        return self.base_url if safe else ""

    @field_validator("database_url")
    @classmethod
    def _a_database(cls, url: str) -> str:
        a_file = url.startswith("sqlite:///") and url.removeprefix("sqlite:///")[:1] not in "?:"
        _require(a_file or is_server(url))
        return url

    @field_validator("keyring_url")
    @classmethod
    def _a_server(cls, url: str) -> str:
        _require(is_server(url))
        return url

    @field_validator("port", "metrics_port")
    @classmethod
    def _a_port(cls, port: int | None) -> int | None:
        _require(port is None or 0 <= port <= 65535)
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

    @field_validator("coordinators", mode="before")
    @classmethod
    def _people(cls, people: object) -> object:
        return tuple(map(_person, _listed(people))) if isinstance(people, str) else people

    @field_validator(
        "master_keys",
        "slack_signing_secret",
        "teams_app_password",
        "teams_allowed_tenants",
        mode="before",
    )
    @classmethod
    def _a_list(cls, listed: object) -> object:
        return _listed(listed) if isinstance(listed, str) else listed

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

    @field_validator("slack_bot_token", "slack_client_secret", "metrics_token")
    @classmethod
    def _a_token(cls, token: str) -> str:
        _require(_is_word(token))
        return token

    @field_validator("slack_signing_secret", "teams_app_password")
    @classmethod
    def _secrets(cls, secrets: tuple[str, ...]) -> tuple[str, ...]:
        _require(bool(secrets) and all(map(_is_word, secrets)))
        return secrets

    @field_validator("master_keys")
    @classmethod
    def _masters(cls, keys: tuple[str, ...]) -> tuple[str, ...]:
        _require(len({read_master(one).id for one in keys}) == len(keys))
        return keys

    @field_validator("slack_api_url")
    @classmethod
    def _an_api(cls, url: str) -> str:
        parts = urlsplit(url)
        plain = parts.scheme == "http" and parts.hostname in LOOPBACK
        _require((parts.scheme == "https" or plain) and bool(parts.hostname))
        _require(not parts.query and not parts.fragment and "@" not in parts.netloc)
        return url.rstrip("/") + "/"

    @field_validator("teams_app_id", "teams_tenant_id")
    @classmethod
    def _an_id(cls, id: str) -> str:
        _require(is_id(id))
        return id.lower()

    @field_validator("teams_allowed_tenants")
    @classmethod
    def _ids(cls, ids: tuple[str, ...]) -> tuple[str, ...]:
        _require(bool(ids) and all(map(is_id, ids)))
        return tuple(one.lower() for one in ids)

    @field_validator("teams_certificate")
    @classmethod
    def _a_certificate(cls, path: Path | None) -> Path | None:
        _require(path is None or holds_certificate(path))
        return path

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
        raise WrongSetting(f"{name} must be {ALLOWED[field]}.") from None
    if sentence := disagreement(settings):
        raise WrongSetting(sentence)
    return settings


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


def _listed(text: str) -> tuple[str, ...]:
    """What stands between the commas.

    >>> _listed("new, old,,")
    ('new', 'old')
    """
    return tuple(one.strip() for one in text.split(",") if one.strip())


def _person(text: str) -> Identity:
    """The person whom a setting names.

    >>> _person("slack:T012:U345")
    Identity(platform='slack', tenant='T012', native='U345')
    """
    found = _PERSON.fullmatch(text.lower() if text.lower().startswith("teams:") else text)
    _require(found is not None)
    assert found is not None
    return Identity(*filter(None, found.groups()))


def _is_word(text: str) -> bool:
    """Whether it is what can stand in a header: one word of ASCII."""
    return text.isascii() and text.isprintable() and bool(text) and " " not in text


def _require(right: bool) -> None:
    """Refuse a value; what is allowed stands in `ALLOWED`."""
    if not right:
        raise ValueError
