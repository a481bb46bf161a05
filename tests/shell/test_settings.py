"""Settings: what is allowed, and one sentence for what is not."""

from pathlib import Path

import pytest

from bot.settings import WrongSetting, read_settings, unknown_settings


def test_nothing_needs_to_be_set() -> None:
    settings = read_settings({"PATH": "/bin", "KRETS_LANGUAGE": ""})
    assert settings.database == "sqlite:///var/krets.db"
    assert settings.address == "http://127.0.0.1:8080"
    assert (settings.language, settings.playground, settings.coordinators) == ("en", None, ())


def test_everything_can_be_set(tmp_path: Path) -> None:
    settings = read_settings(
        {
            "KRETS_DATA_DIR": str(tmp_path),
            "KRETS_DATABASE_URL": "sqlite:////srv/krets.db",
            "KRETS_HOST": "0.0.0.0",
            "KRETS_PORT": "0",
            "KRETS_BASE_URL": "https://krets.example.org/",
            "KRETS_LANGUAGE": "SV",
            "KRETS_TIME_ZONE": "Europe/Oslo",
            "KRETS_COUNTRY": "no",
            "KRETS_COORDINATORS": "U1, U2,,",
            "KRETS_HELP_TEXT": "Ring {112}",
            "KRETS_METHODS_DIR": str(tmp_path),
            "KRETS_LOG_LEVEL": "WARNING",
            "KRETS_LOG_FORMAT": "json",
            "KRETS_TIME_TRAVEL": "true",
            "KRETS_PLAYGROUND": "0",
        }
    )
    assert settings.model_dump() == {
        "data_dir": tmp_path,
        "database_url": "sqlite:////srv/krets.db",
        "host": "0.0.0.0",
        "port": 0,
        "base_url": "https://krets.example.org",
        "language": "sv",
        "time_zone": "Europe/Oslo",
        "country": "NO",
        "coordinators": ("U1", "U2"),
        "help_text": "Ring {112}",
        "methods_dir": tmp_path,
        "log_level": "warning",
        "log_format": "json",
        "time_travel": True,
        "playground": False,
    }
    assert (settings.database, settings.address) == (settings.database_url, settings.base_url)


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
        ("KRETS_PORT", "secret", "a number from 0 to 65535"),
        ("PORT", "70000", "a number from 0 to 65535"),
        ("KRETS_BASE_URL", "secret.example.org", "an address such as https://"),
        ("KRETS_BASE_URL", "https://x/secret", "an address such as https://"),
        ("KRETS_LANGUAGE", "secret", "en, sv or nb"),
        ("KRETS_TIME_ZONE", "secret", "a zone of the IANA database"),
        ("KRETS_COUNTRY", "secret", "a country code with a calendar"),
        ("KRETS_METHODS_DIR", "/nowhere/secret", "a directory that exists"),
        ("KRETS_LOG_LEVEL", "secret", "debug, info, warning or error"),
        ("KRETS_LOG_FORMAT", "secret", "text or json"),
        ("KRETS_TIME_TRAVEL", "secret", "true or false"),
        ("KRETS_PLAYGROUND", "secret", "true or false"),
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
