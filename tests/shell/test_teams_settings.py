"""The settings of Teams: what is allowed, alone and together, in one sentence each."""

from pathlib import Path

import pytest

from bot.settings import WrongSetting, read_settings
from tests.shell.test_settings import SLACK

APP, HERE, THERE = (f"{digit * 8}-aaaa-4aaa-8aaa-AAAAAAAAAAAA" for digit in "123")
BOT = {
    "KRETS_TEAMS_APP_ID": APP,
    "KRETS_TEAMS_APP_PASSWORD": "canary",
    "KRETS_TEAMS_TENANT_ID": HERE,
}
MANAGED = {
    "KRETS_TEAMS_APP_ID": APP,
    "KRETS_TEAMS_APP_TYPE": "UserAssignedMSI",
    "KRETS_TEAMS_TENANT_ID": HERE,
}
PEM = (
    "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n"
    "-----BEGIN CERTIFICATE-----\nc2VjcmV0\n-----END CERTIFICATE-----\n"
)


@pytest.fixture
def pem(tmp_path: Path) -> Path:
    path = tmp_path / "bot.pem"
    path.write_text(PEM)
    return path


def test_a_bot_of_one_organisation_is_for_its_people() -> None:
    settings = read_settings(BOT)
    assert settings.has_teams
    assert not settings.has_playground
    assert settings.teams_app_id == APP.lower()
    assert settings.teams_app_password == ("canary",)
    assert settings.teams_tenants == (HERE.lower(),)
    assert "canary" not in f"{settings!r} {settings}"


def test_other_organisations_are_let_in_by_name() -> None:
    several = f"{THERE}, {HERE.upper()},"
    settings = read_settings(BOT | {"KRETS_TEAMS_ALLOWED_TENANTS": several})
    assert settings.teams_tenants == (HERE.lower(), THERE.lower())
    many = BOT | {"KRETS_TEAMS_APP_TYPE": "MultiTenant", "KRETS_TEAMS_TENANT_ID": ""}
    settings = read_settings(many | {"KRETS_TEAMS_ALLOWED_TENANTS": several})
    assert settings.teams_tenants == (THERE.lower(), HERE.lower())


def test_a_secret_changes_a_certificate_serves_too_and_azure_needs_neither(pem: Path) -> None:
    both = read_settings(BOT | {"KRETS_TEAMS_APP_PASSWORD": "new, old"})
    assert both.teams_app_password == ("new", "old")
    with_certificate = {"KRETS_TEAMS_APP_PASSWORD": "", "KRETS_TEAMS_CERTIFICATE": str(pem)}
    assert read_settings(BOT | with_certificate).teams_certificate == pem
    assert read_settings(MANAGED).has_teams


def test_microsoft_s_own_client_may_be_tried_on_this_machine_in_any_time() -> None:
    settings = read_settings({"KRETS_TEAMS_ANONYMOUS": "true", "KRETS_TIME_TRAVEL": "true"})
    assert settings.has_teams
    assert not settings.has_playground


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("KRETS_TEAMS_APP_ID", "secret", "the application id of a bot in Azure"),
        ("KRETS_TEAMS_APP_ID", "00000000-0000-0000-0000-000000000000", "the application id"),
        ("KRETS_TEAMS_APP_PASSWORD", "secret word", "a client secret of the bot"),
        ("KRETS_TEAMS_APP_PASSWORD", " ,", "a client secret of the bot"),
        ("KRETS_TEAMS_APP_TYPE", "secret", "SingleTenant, MultiTenant or UserAssignedMSI"),
        ("KRETS_TEAMS_TENANT_ID", "secret.example.org", "the id of an organisation in Entra"),
        ("KRETS_TEAMS_ALLOWED_TENANTS", f"{HERE},secret", "ids of organisations in Entra"),
        ("KRETS_TEAMS_ALLOWED_TENANTS", ",", "ids of organisations in Entra"),
        ("KRETS_TEAMS_CERTIFICATE", "/nowhere/secret", "the path of a PEM file"),
        ("KRETS_TEAMS_CERTIFICATE", "pyproject.toml", "the path of a PEM file"),
        ("KRETS_TEAMS_CERTIFICATE", "tests", "the path of a PEM file"),
        ("KRETS_TEAMS_ANONYMOUS", "secret", "true or false"),
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
    assert "secret" not in sentence.replace("client secret", "")


@pytest.mark.parametrize(
    ("env", "sentence"),
    [
        (
            {"KRETS_TEAMS_TENANT_ID": HERE},
            "KRETS_TEAMS_TENANT_ID needs KRETS_TEAMS_APP_ID beside it.",
        ),
        (
            {"KRETS_TEAMS_APP_TYPE": "MultiTenant"},
            "KRETS_TEAMS_APP_TYPE needs KRETS_TEAMS_APP_ID beside it.",
        ),
        (
            {"KRETS_TEAMS_ANONYMOUS": "true", "KRETS_TEAMS_APP_PASSWORD": "canary"},
            "KRETS_TEAMS_APP_PASSWORD needs KRETS_TEAMS_APP_ID beside it.",
        ),
        (
            BOT | {"KRETS_TEAMS_APP_PASSWORD": ""},
            "KRETS_TEAMS_APP_ID needs KRETS_TEAMS_APP_PASSWORD or KRETS_TEAMS_CERTIFICATE"
            " beside it.",
        ),
        (
            MANAGED | {"KRETS_TEAMS_APP_PASSWORD": "canary"},
            "KRETS_TEAMS_APP_TYPE UserAssignedMSI needs neither a password nor a certificate.",
        ),
        (
            BOT | {"KRETS_TEAMS_TENANT_ID": ""},
            "KRETS_TEAMS_APP_ID needs KRETS_TEAMS_TENANT_ID beside it.",
        ),
        (
            BOT | {"KRETS_TEAMS_TENANT_ID": "", "KRETS_TEAMS_APP_TYPE": "MultiTenant"},
            "KRETS_TEAMS_APP_TYPE MultiTenant needs KRETS_TEAMS_ALLOWED_TENANTS beside it.",
        ),
        (
            BOT | {"KRETS_TEAMS_ANONYMOUS": "true"},
            "KRETS_TEAMS_ANONYMOUS is for trying without an account; leave KRETS_TEAMS_APP_ID out.",
        ),
        (
            {"KRETS_TEAMS_ANONYMOUS": "true", "KRETS_HOST": "0.0.0.0"},
            "KRETS_TEAMS_ANONYMOUS needs KRETS_HOST to be this machine, such as 127.0.0.1.",
        ),
        (
            SLACK | BOT | {"KRETS_TIME_TRAVEL": "true"} | {"KRETS_SLACK_API_URL": "http://[::1]/"},
            "KRETS_TIME_TRAVEL must be off with KRETS_TEAMS_APP_ID: people in Teams live in real"
            " time.",
        ),
    ],
)
def test_settings_that_do_not_agree_are_one_sentence(env: dict[str, str], sentence: str) -> None:
    with pytest.raises(WrongSetting) as wrong:
        read_settings(env)
    assert str(wrong.value) == sentence


def test_a_password_and_a_certificate_are_one_too_many(pem: Path) -> None:
    with pytest.raises(WrongSetting) as wrong:
        read_settings(BOT | {"KRETS_TEAMS_CERTIFICATE": str(pem)})
    assert str(wrong.value) == (
        "Set KRETS_TEAMS_APP_PASSWORD or KRETS_TEAMS_CERTIFICATE, not both."
    )
