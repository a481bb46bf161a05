"""`krets doctor`: what is wrong with the set-up, and the cure."""

import argparse
import asyncio
import os

from adapters.slack import doctor as slack_doctor
from adapters.teams import doctor as teams_doctor
from adapters.teams.connector import outwards
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
        set_up = slack_doctor.SetUp(
            api_url=settings.slack_api_url,
            base_url=settings.base_url,
            bot_token=settings.slack_bot_token,
            signing_secrets=settings.slack_signing_secret,
            app_token=settings.slack_app_token,
            client_id=settings.slack_client_id,
            client_secret=settings.slack_client_secret,
        )
        findings += asyncio.run(slack_doctor.examine(set_up, now))
    if settings.teams_app_id:
        findings += asyncio.run(_examine_teams(settings))
    return findings


async def _examine_teams(settings: Settings) -> tuple[doctor.Finding, ...]:
    set_up = teams_doctor.SetUp(
        app_id=settings.teams_app_id,
        tenant="" if settings.teams_app_type == "MultiTenant" else settings.teams_tenant_id,
        base_url=settings.base_url,
        passwords=settings.teams_app_password,
        certificate=settings.teams_certificate,
        managed=settings.teams_app_type == "UserAssignedMSI",
    )
    async with outwards() as session:
        return await teams_doctor.examine(set_up, session, now)
