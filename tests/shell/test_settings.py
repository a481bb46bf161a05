"""Settings: what is allowed, and one sentence for what is not."""

from dataclasses import asdict
from pathlib import Path

import pytest

from bot.core.event import Identity
from bot.settings import WrongSetting, read_settings, unknown_settings

MASTER_KEY = "1:AAECAwQFBgc=:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
OLD = "1:CAkKCwwNDg8=:Hx4dHBsaGRgXFhUUExIREA8ODQwLCgkIBwYFBAMCAQA="

GUID = "6F9619FF-8B86-D011-B42D-00CF4FC964FF"


def test_nothing_needs_to_be_set() -> None:
    settings = read_settings({"PATH": "/bin", "KRETS_LANGUAGE": ""})
    assert settings.database == "sqlite:///var/krets.db"
    assert (settings.host, settings.port, settings.base_url) == ("127.0.0.1", 8080, "")
    assert (settings.language, settings.playground, settings.coordinators) == ("en", None, ())


def test_everything_can_be_set(tmp_path: Path) -> None:
    settings = read_settings(
        {
            "KRETS_DATA_DIR": str(tmp_path),
            "KRETS_DATABASE_URL": "postgresql+psycopg://krets:1@db/krets",
            "KRETS_KEYRING_URL": "postgresql+psycopg://krets:2@db/keys",
            "KRETS_HOST": "0.0.0.0",
            "KRETS_PORT": "0",
            "KRETS_BASE_URL": "https://krets.example.org/",
            "KRETS_LANGUAGE": "SV",
            "KRETS_TIME_ZONE": "Europe/Oslo",
            "KRETS_COUNTRY": "no",
            "KRETS_COORDINATORS": f"slack:T0:U1, playground:local:karin-lund,,teams:{GUID}:{GUID}",
            "KRETS_HELP_TEXT": "Ring {112}",
            "KRETS_METHODS_DIR": str(tmp_path),
            "KRETS_LOG_LEVEL": "WARNING",
            "KRETS_LOG_FORMAT": "json",
            "KRETS_TIME_TRAVEL": "true",
            "KRETS_PLAYGROUND": "0",
            "KRETS_METRICS_TOKEN": "a-word",
            "KRETS_METRICS_PORT": "9100",
            "KRETS_MASTER_KEYS": f"{MASTER_KEY}, {OLD}",
            "KRETS_SLACK_BOT_TOKEN": "xoxb-1",
            "KRETS_SLACK_APP_TOKEN": "xapp-1",
            "KRETS_SLACK_SIGNING_SECRET": "new, old",
            "KRETS_SLACK_API_URL": "http://127.0.0.1:9/api",
        }
    )
    people = (
        Identity("slack", "T0", "U1"),
        Identity("playground", "local", "karin-lund"),
        Identity("teams", GUID.lower(), GUID.lower()),
    )
    assert settings.coordinators == people
    assert settings.model_dump() == {
        "data_dir": tmp_path,
        "database_url": "postgresql+psycopg://krets:1@db/krets",
        "keyring_url": "postgresql+psycopg://krets:2@db/keys",
        "host": "0.0.0.0",
        "port": 0,
        "base_url": "https://krets.example.org",
        "language": "sv",
        "time_zone": "Europe/Oslo",
        "country": "NO",
        "coordinators": tuple(map(asdict, people)),
        "help_text": "Ring {112}",
        "methods_dir": tmp_path,
        "log_level": "warning",
        "log_format": "json",
        "time_travel": True,
        "playground": False,
        "metrics_token": "a-word",
        "metrics_host": "127.0.0.1",
        "metrics_port": 9100,
        "master_keys": (MASTER_KEY, OLD),
        "slack_bot_token": "xoxb-1",
        "slack_app_token": "xapp-1",
        "slack_client_id": "",
        "slack_client_secret": "",
        "slack_signing_secret": ("new", "old"),
        "slack_api_url": "http://127.0.0.1:9/api/",
        "teams_app_id": "",
        "teams_app_password": (),
        "teams_app_type": "SingleTenant",
        "teams_tenant_id": "",
        "teams_allowed_tenants": (),
        "teams_certificate": None,
        "teams_anonymous": False,
    }
    assert settings.database == settings.database_url


def test_a_bare_port_is_honoured_but_ours_wins() -> None:
    assert read_settings({"PORT": "90"}).port == 90
    assert read_settings({"PORT": "90", "KRETS_PORT": "91"}).port == 91
    assert read_settings({"PORT": "nonsense", "KRETS_PORT": "91"}).port == 91


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("KRETS_DATABASE_URL", "postgresql://u:secret@h/d", "sqlite:///<path of a file>"),
        ("KRETS_DATABASE_URL", "sqlite:///:memory:", "sqlite:///<path of a file>"),
        ("KRETS_DATABASE_URL", "sqlite:///", "sqlite:///<path of a file>"),
        ("KRETS_DATABASE_URL", "postgresql+asyncpg://u:secret@h/d", "or postgresql+psycopg://"),
        ("KRETS_DATABASE_URL", "postgresql+psycopg://u:secret@h", "or postgresql+psycopg://"),
        ("KRETS_DATABASE_URL", "postgresql+psycopg://u:secret@h:x/d", "or postgresql+psycopg://"),
        ("KRETS_KEYRING_URL", "sqlite:////secret.db", "postgresql+psycopg://<user>"),
        ("KRETS_PORT", "secret", "a number from 0 to 65535"),
        ("PORT", "70000", "a number from 0 to 65535"),
        ("KRETS_METRICS_PORT", "secret", "a number from 0 to 65535"),
        ("KRETS_METRICS_PORT", "-1", "a number from 0 to 65535"),
        ("KRETS_BASE_URL", "secret.example.org", "an address such as https://"),
        ("KRETS_BASE_URL", "https://x/secret", "an address such as https://"),
        ("KRETS_LANGUAGE", "secret", "en, sv or nb"),
        ("KRETS_TIME_ZONE", "secret", "a zone of the IANA database"),
        ("KRETS_COUNTRY", "secret", "a country code with a calendar"),
        ("KRETS_COORDINATORS", "U1secret", "each as slack:"),
        ("KRETS_COORDINATORS", "slack:T1:U1,Karin Lund secret", "each as slack:"),
        ("KRETS_COORDINATORS", "slack:T1:u1secret", "each as slack:"),
        ("KRETS_COORDINATORS", f"teams:secret:{GUID}", "teams:<tenant>:<object id>"),
        ("KRETS_COORDINATORS", "playground:secret:karin-lund", "or playground:local:<name>"),
        ("KRETS_METHODS_DIR", "/nowhere/secret", "a directory that exists"),
        ("KRETS_LOG_LEVEL", "secret", "debug, info, warning or error"),
        ("KRETS_LOG_FORMAT", "secret", "text or json"),
        ("KRETS_TIME_TRAVEL", "secret", "true or false"),
        ("KRETS_PLAYGROUND", "secret", "true or false"),
        ("KRETS_MASTER_KEYS", "secret", "what `krets keys new` prints"),
        ("KRETS_MASTER_KEYS", f"{MASTER_KEY}secret", "what `krets keys new` prints"),
        ("KRETS_MASTER_KEYS", f"{MASTER_KEY},{MASTER_KEY}", "each once"),
        ("KRETS_SLACK_BOT_TOKEN", "xoxb-secret\r\nX: y", "the bot token of a Slack app"),
        ("KRETS_SLACK_BOT_TOKEN", "xoxb-secret 2", "the bot token of a Slack app"),
        ("KRETS_SLACK_BOT_TOKEN", "xoxb-secretå", "the bot token of a Slack app"),
        ("KRETS_SLACK_APP_TOKEN", "xoxb-secret", "which begins with xapp-"),
        ("KRETS_SLACK_APP_TOKEN", "xapp-secret 2", "which begins with xapp-"),
        ("KRETS_SLACK_CLIENT_ID", "secret&scope=admin", "the client id of a Slack app"),
        ("KRETS_SLACK_CLIENT_ID", "...", "the client id of a Slack app"),
        ("KRETS_SLACK_CLIENT_SECRET", "a secret", "what Slack shows beside the client id"),
        ("KRETS_SLACK_SIGNING_SECRET", ", ,", "what Slack signs with"),
        ("KRETS_SLACK_SIGNING_SECRET", "new,secret old", "what Slack signs with"),
        ("KRETS_SLACK_API_URL", "http://secret.example.org/api/", "begins with https://"),
        ("KRETS_SLACK_API_URL", "https://", "begins with https://"),
        ("KRETS_SLACK_API_URL", "https://u:secret@slack.com/api/", "begins with https://"),
        ("KRETS_SLACK_API_URL", "https://slack.com/api/?token=secret", "begins with https://"),
        ("KRETS_SLACK_API_URL", "ftp://secret", "begins with https://"),
    ],
)
def test_a_wrong_value_is_one_sentence_without_the_value(
    name: str, value: str, allowed: str
) -> None:
    with pytest.raises(WrongSetting) as wrong:
        read_settings({name: value})
    sentence = str(wrong.value)
    assert sentence.startswith(f"{name} must be ")
    assert allowed in sentence
    assert "secret" not in sentence
    assert "\n" not in sentence


def test_a_misspelt_setting_is_named() -> None:
    env = {"KRETS_LANGAUGE": "sv", "KRETS_XYZZY": "1", "KRETS_PORT": "1", "LANGUAGE": "sv"}
    assert unknown_settings(env) == [
        "KRETS_LANGAUGE is not a setting of Krets; did you mean KRETS_LANGUAGE?",
        "KRETS_XYZZY is not a setting of Krets.",
    ]


SLACK = {"KRETS_SLACK_BOT_TOKEN": "xoxb-canary", "KRETS_SLACK_SIGNING_SECRET": "canary"}
MANY = {
    "KRETS_SLACK_CLIENT_ID": "1.2",
    "KRETS_SLACK_CLIENT_SECRET": "canary",
    "KRETS_SLACK_SIGNING_SECRET": "canary",
    "KRETS_BASE_URL": "https://krets.example.org",
}


@pytest.mark.parametrize(
    ("env", "sentence"),
    [
        ({"KRETS_METRICS_PORT": "9100"}, "KRETS_METRICS_PORT needs KRETS_METRICS_TOKEN beside it."),
        (
            {"KRETS_SLACK_BOT_TOKEN": "xoxb-canary"},
            "KRETS_SLACK_BOT_TOKEN needs KRETS_SLACK_SIGNING_SECRET beside it.",
        ),
        (
            {"KRETS_SLACK_SIGNING_SECRET": "canary"},
            "KRETS_SLACK_SIGNING_SECRET needs KRETS_SLACK_BOT_TOKEN or KRETS_SLACK_CLIENT_ID"
            " beside it.",
        ),
        (
            {"KRETS_SLACK_APP_TOKEN": "xapp-canary"},
            "KRETS_SLACK_APP_TOKEN needs KRETS_SLACK_BOT_TOKEN or KRETS_SLACK_CLIENT_ID beside it.",
        ),
        (
            {"KRETS_SLACK_CLIENT_SECRET": "canary"},
            "KRETS_SLACK_CLIENT_SECRET needs KRETS_SLACK_CLIENT_ID beside it.",
        ),
        (
            {"KRETS_SLACK_CLIENT_ID": "1.2", "KRETS_SLACK_SIGNING_SECRET": "canary"},
            "KRETS_SLACK_CLIENT_ID needs KRETS_SLACK_CLIENT_SECRET beside it.",
        ),
        (
            {"KRETS_SLACK_CLIENT_ID": "1.2", "KRETS_SLACK_CLIENT_SECRET": "canary"},
            "KRETS_SLACK_CLIENT_ID needs KRETS_SLACK_SIGNING_SECRET beside it.",
        ),
        (
            SLACK | {"KRETS_SLACK_CLIENT_ID": "1.2", "KRETS_SLACK_CLIENT_SECRET": "canary"},
            "KRETS_SLACK_BOT_TOKEN is for one workspace and KRETS_SLACK_CLIENT_ID for many; take"
            " one of them away.",
        ),
        (
            MANY | {"KRETS_BASE_URL": "http://krets.example.org"},
            "KRETS_SLACK_CLIENT_ID needs a KRETS_BASE_URL that begins with https://: whoever"
            " installs Krets comes back there.",
        ),
        (
            SLACK | {"KRETS_TIME_TRAVEL": "true"},
            "KRETS_TIME_TRAVEL must be off unless KRETS_SLACK_API_URL is on this machine:"
            " people in Slack live in real time.",
        ),
        (
            SLACK
            | {
                "KRETS_TIME_TRAVEL": "true",
                "KRETS_SLACK_API_URL": "https://127.0.0.1.example.org/api/",
            },
            "KRETS_TIME_TRAVEL must be off unless KRETS_SLACK_API_URL is on this machine:"
            " people in Slack live in real time.",
        ),
    ],
)
def test_settings_that_do_not_agree_are_one_sentence(env: dict[str, str], sentence: str) -> None:
    with pytest.raises(WrongSetting) as wrong:
        read_settings(env)
    assert str(wrong.value) == sentence


@pytest.mark.parametrize("host", ["127.0.0.1:8888", "localhost", "[::1]:1"])
def test_time_travels_beside_a_slack_of_this_machine(host: str) -> None:
    url = f"http://{host}/api/"
    env = SLACK | {"KRETS_TIME_TRAVEL": "true", "KRETS_SLACK_API_URL": url}
    assert read_settings(env).slack_api_url == url


def test_the_playground_is_on_when_no_platform_is_configured() -> None:
    assert read_settings({}).has_playground
    assert not read_settings(SLACK).has_playground
    assert read_settings(SLACK | {"KRETS_PLAYGROUND": "true"}).has_playground
    assert not read_settings({"KRETS_PLAYGROUND": "false"}).has_playground


@pytest.mark.parametrize("address", ["https://krets.example.org", "http://127.0.0.1:8080"])
def test_many_workspaces_may_install_krets(address: str) -> None:
    settings = read_settings(MANY | {"KRETS_BASE_URL": address})
    assert settings.has_slack
    assert not settings.has_playground


def test_what_comes_over_a_socket_needs_no_signing_secret() -> None:
    env = {"KRETS_SLACK_BOT_TOKEN": "xoxb-1", "KRETS_SLACK_APP_TOKEN": "xapp-1"}
    assert read_settings(env).slack_signing_secret == ()


def test_secrets_are_not_printed() -> None:
    for env in (SLACK | {"KRETS_SLACK_APP_TOKEN": "xapp-canary"}, MANY):
        settings = read_settings(env)
        assert "canary" not in f"{settings!r} {settings}"


@pytest.mark.parametrize(
    ("base_url", "reached"),
    [
        ("https://krets.example.org", "https://krets.example.org"),
        ("http://krets.example.org", ""),
        ("https://localhost:8080", ""),
        ("http://127.0.0.1:8080", ""),
        ("", ""),
    ],
)
def test_private_addresses_need_a_way_in_that_is_safe(base_url: str, reached: str) -> None:
    assert read_settings({"KRETS_BASE_URL": base_url}).reached_at == reached


SERVER = "postgresql+psycopg://krets:secret@db/krets"


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"KRETS_DATABASE_URL": SERVER}, "needs KRETS_KEYRING_URL: another database"),
        ({"KRETS_KEYRING_URL": SERVER}, "is for a KRETS_DATABASE_URL on PostgreSQL"),
        (
            {
                "KRETS_DATABASE_URL": SERVER,
                "KRETS_KEYRING_URL": "postgresql+psycopg://other@db:5432/krets",
            },
            "must name another database",
        ),
        (
            {"KRETS_DATABASE_URL": SERVER, "KRETS_KEYRING_URL": f"{SERVER}_keys"},
            "needs KRETS_MASTER_KEYS beside it; see krets keys new",
        ),
    ],
)
def test_on_a_server_keys_lie_elsewhere(given: dict[str, str], sentence: str) -> None:
    with pytest.raises(WrongSetting, match=sentence) as wrong:
        read_settings(given)
    assert "secret" not in str(wrong.value)


def test_where_the_keys_lie(tmp_path: Path) -> None:
    assert read_settings({"KRETS_DATA_DIR": str(tmp_path)}).keys == tmp_path / "keys"
    url = f"{SERVER}_keys"
    given = {
        "KRETS_DATABASE_URL": SERVER,
        "KRETS_KEYRING_URL": url,
        "KRETS_MASTER_KEYS": MASTER_KEY,
    }
    settings = read_settings(given)
    assert (settings.keys, settings.on_a_server) == (url, True)
    assert "secret" not in repr(settings)
