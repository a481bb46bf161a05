"""The command line: one sentence for each thing that goes wrong."""

import argparse
import asyncio
import os
import signal
import sys
from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, nullcontext
from importlib.metadata import version
from pathlib import Path

from adapters.bench.processes import CannotBench
from adapters.slack import doctor as slack_doctor
from adapters.slack.manifest import NoAddress, Way, printed
from adapters.teams import doctor as teams_doctor
from adapters.teams.connector import outwards
from adapters.teams.manifest import App, NoPackage, package
from bot import (
    backup_commands,
    benches,
    doctor,
    forgetting,
    key_commands,
    logs,
    method_commands,
    sheets,
    waiting,
)
from bot.asking import NotAgreed
from bot.command_line import parser
from bot.forgetting import CannotForget
from bot.keyring import NoMasterKey, shelf
from bot.keys import CannotRotate
from bot.method_commands import NoMethod
from bot.methods import BadMethod, read_methods
from bot.serving import ALL, CannotListen, Part, now, serve
from bot.settings import Settings, WrongSetting, read_settings, unknown_settings
from bot.sheets import NoSheet
from bot.simulate import command as simulating
from bot.simulate.chaos import command as chaos
from bot.simulate.command import CannotSimulate
from bot.store import CannotUse, SchemaState, migrate, only_one, schema_state
from bot.words import Words

#: The small machines on which Krets runs would have six.
_THREADS = 32


class CannotStart(Exception):
    """One sentence that says why, and what to do."""


# --- krets run ----------------------------------------------------------------------------------


async def _until_stopped(settings: Settings, parts: Collection[Part]) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    # Names are looked up and tokens fetched in threads: some may hang, and hold up nobody else.
    loop.set_default_executor(ThreadPoolExecutor(_THREADS))
    for each in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(each, stop.set)

    def started(address: str) -> None:
        what = f"Krets is running at {address}" if address else f"The {min(parts)} is running"
        print(f"{what} (Ctrl+C stops it)", flush=True)

    await serve(settings, stop, started, parts=parts)


def _require_database(settings: Settings) -> None:
    """Refuse a database that is not as this Krets needs it."""
    match schema_state(settings.database):
        case SchemaState.EMPTY | SchemaState.OLDER:
            raise CannotStart("The database is not ready for this Krets; run: krets migrate")
        case SchemaState.NEWER | SchemaState.BROKEN | SchemaState.AWAY:
            migrate(settings.database)  # says what is wrong
    if settings.on_a_server:
        from schedules.tables import TablesState, tables_state  # noqa: PLC0415  # an extra

        match tables_state(settings.database):
            case TablesState.OLDER:
                raise CannotStart("The database is not ready for this Krets; run: krets migrate")
            case TablesState.NEWER:
                raise CannotStart("The database was written by a newer Krets; update this one.")


def run(settings: Settings, parts: Collection[Part]) -> None:
    """Check what can be checked before anything is opened, then serve."""
    if len(parts) == 1:
        _require_server(settings, f"krets {min(parts)}")
    _require_database(settings)
    with nullcontext() if settings.on_a_server else only_one(settings.data_dir):
        asyncio.run(_until_stopped(settings, parts))


def _require_server(settings: Settings, command: str) -> None:
    """Refuse to be one process of several where that cannot go well."""
    if not settings.on_a_server:
        raise CannotStart(
            f"{command} needs a KRETS_DATABASE_URL on PostgreSQL; on one machine, krets run does"
            " everything."
        )
    if settings.has_playground or settings.time_travel:
        raise CannotStart(f"The playground and time travel need krets run instead of {command}.")


def make_ready(settings: Settings) -> None:
    """Make the databases, or bring them to this version."""
    if not settings.on_a_server:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        with only_one(settings.data_dir):
            migrate(settings.database)
        return
    migrate(settings.database)
    from schedules import tables  # noqa: PLC0415  # an extra

    tables.migrate(settings.database)
    with closing(shelf(settings.keys)) as keys:
        keys.lay_out()


# --- krets manifest -----------------------------------------------------------------------------


def print_for_slack(settings: Settings, socket_mode: bool, oauth: bool) -> None:
    """Print the app's manifest, to be pasted."""
    many = oauth or bool(settings.slack_client_id)
    print(printed(Way(settings.base_url, socket_mode, many)))


def write_for_teams(settings: Settings, out: Path) -> None:
    """Write the app's package, to be uploaded."""
    app = App(settings.teams_app_id, settings.base_url, version("krets"))
    out.write_bytes(package(app, Words()))
    print(f"{out} is written; upload it in the Teams admin centre, under Manage apps.")


# --- krets doctor -------------------------------------------------------------------------------


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


#: What is said as one sentence.
_SENTENCES = (
    BadMethod,
    CannotBench,
    CannotForget,
    CannotListen,
    CannotRotate,
    CannotSimulate,
    CannotStart,
    CannotUse,
    NoAddress,
    NoMasterKey,
    NoMethod,
    NoPackage,
    NotAgreed,
    NoSheet,
    WrongSetting,
)


# --- the command line ---------------------------------------------------------------------------


def _obey(chosen: argparse.Namespace) -> None:
    """Do what was chosen; what goes wrong by an operator's hand is one of `_SENTENCES`."""
    if chosen.command == "bench":
        print(benches.run(chosen, now))
        return
    settings = read_settings(os.environ)
    logs.set_up(settings.log_level, settings.log_format)
    for sentence in unknown_settings(os.environ):
        print(f"krets: {sentence}", file=sys.stderr)
    match chosen.command:
        case "migrate":
            make_ready(settings)
        case "keys":
            _require_database(settings)
            print(key_commands.run(chosen, settings))
        case "forget":
            _require_database(settings)
            print(forgetting.run(chosen.organisation, chosen.yes, settings))
        case "methods":
            print(method_commands.run(chosen, settings.methods_dir, settings.language))
        case "board":
            _require_database(settings)
            found = waiting.show(
                settings.database, now(), as_program=chosen.json, again=chosen.again
            )
            print(found)
        case "backup":
            _require_database(settings)
            print(backup_commands.backup(settings, chosen.copy, now()))
        case "restore":
            print(backup_commands.restore(settings, chosen.copy))
        case "manifest" if chosen.platform == "slack":
            print_for_slack(settings, chosen.socket_mode, chosen.oauth)
        case "manifest":
            write_for_teams(settings, chosen.out)
        case "sheet":
            print(sheets.run(chosen, read_methods(settings.methods_dir), settings.language))
        case "web" | "worker" | "clock":
            run(settings, frozenset({chosen.command}))
        case "run":
            run(settings, ALL)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; 0 if it went well, 1 after one sentence if not, 2 for a wrong command."""
    chosen = parser().parse_args(arguments)
    logs.catch_faults()
    if chosen.command == "doctor":
        logs.set_up("error", "text")
        findings = examine()
        print(doctor.as_json(findings) if chosen.json else doctor.as_lines(findings))
        return 0 if all(one.ok for one in findings) else 1
    if chosen.command == "keys" and chosen.deed == "new":
        print(key_commands.new_key(chosen.json))
        return 0
    try:
        if chosen.command == "methods" and chosen.deed == "check":
            said, right = method_commands.check_file(chosen.file, chosen.json)
            print(said)
            return 0 if right else 1
        if chosen.command == "simulate" and chosen.played == "chaos":
            said, right = chaos.simulate(chosen)
            print(said)
            return 0 if right else 1
        if chosen.command == "simulate":
            known = read_methods(read_settings(os.environ).methods_dir)
            said, right = simulating.run(chosen, known)
            print(said)
            return 0 if right else 1
        _obey(chosen)
    except _SENTENCES as error:
        print(f"krets: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"krets: {error.filename or 'a file'}: {error.strerror}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
