"""`krets doctor`: what is wrong with the set-up, and the cure."""

import argparse
import asyncio
import os

from bot import doctor, logs
from bot.realtime import now
from bot.settings import Settings, WrongSetting, read_settings, unknown_settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """How it is told."""
    parser.add_argument("--json", action="store_true", help="for programs")
    parser.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    """Look, and tell; 1 if there is something to be done."""
    logs.set_up("error", "text")
    findings = examine()
    print(doctor.as_json(findings) if chosen.json else doctor.as_lines(findings))
    return 0 if all(one.ok for one in findings) else 1


def examine() -> list[doctor.Finding]:
    """Look at all that an operator can set wrong, and change nothing."""
    try:
        settings = read_settings(os.environ)
    except WrongSetting as wrong:
        return [doctor.of_settings((), str(wrong))]
    findings = [
        doctor.of_settings(unknown_settings(os.environ)),
        doctor.of_database(settings.database),
        doctor.of_keyring(
            settings.database,
            settings.keys,
            settings.master_keys,
            real=settings.has_platform,
        ),
    ]
    if settings.has_slack:
        findings += _examine_slack(settings)
    if settings.teams_app_id:
        findings += asyncio.run(_examine_teams(settings))
    return findings


def _examine_slack(settings: Settings) -> tuple[doctor.Finding, ...]:
    from adapters.slack.doctor import SetUp, examine  # noqa: PLC0415  # takes long to load

    set_up = SetUp(
        api_url=settings.slack_api_url,
        base_url=settings.base_url,
        bot_token=settings.slack_bot_token,
        signing_secrets=settings.slack_signing_secret,
        app_token=settings.slack_app_token,
        client_id=settings.slack_client_id,
        client_secret=settings.slack_client_secret,
    )
    return asyncio.run(examine(set_up, now))


async def _examine_teams(settings: Settings) -> tuple[doctor.Finding, ...]:
    from adapters.teams.connector import outwards  # noqa: PLC0415  # takes long to load
    from adapters.teams.doctor import SetUp, examine  # noqa: PLC0415

    set_up = SetUp(
        app_id=settings.teams_app_id,
        tenant="" if settings.teams_app_type == "MultiTenant" else settings.teams_tenant_id,
        base_url=settings.base_url,
        passwords=settings.teams_app_password,
        certificate=settings.teams_certificate,
        managed=settings.teams_app_type == "UserAssignedMSI",
    )
    async with outwards() as session:
        return await examine(set_up, session, now)
