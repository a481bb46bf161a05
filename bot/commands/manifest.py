"""`krets manifest`: the app, as each platform is to know it."""

import argparse
from importlib.metadata import version
from pathlib import Path

from adapters.slack.manifest import Way, printed
from adapters.teams.manifest import App, package
from bot.commands.environment import read_environment
from bot.words import Words


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which platform, and in which way it is to reach Krets."""
    platforms = parser.add_subparsers(dest="platform", required=True, metavar="PLATFORM")
    slack = platforms.add_parser("slack", help="print the manifest")
    slack.add_argument(
        "--socket-mode", action="store_true", help="for a Krets that cannot be called from outside"
    )
    slack.add_argument(
        "--oauth",
        action="store_true",
        help="for many workspaces; taken by itself when KRETS_SLACK_CLIENT_ID is set",
    )
    slack.set_defaults(run=print_for_slack)
    teams = platforms.add_parser("teams", help="write the app package")
    teams.add_argument("--out", type=Path, default=Path("krets.zip"), help="where to write it")
    teams.set_defaults(run=write_for_teams)


def print_for_slack(chosen: argparse.Namespace) -> int:
    """Print the app's manifest, to be pasted."""
    settings = read_environment()
    many = chosen.oauth or bool(settings.slack_client_id)
    print(printed(Way(settings.base_url, chosen.socket_mode, many)))
    return 0


def write_for_teams(chosen: argparse.Namespace) -> int:
    """Write the app's package, to be uploaded."""
    settings = read_environment()
    app = App(settings.teams_app_id, settings.base_url, version("krets"))
    out: Path = chosen.out
    out.write_bytes(package(app, Words()))
    print(f"{out} is written; upload it in the Teams admin centre, under Manage apps.")
    return 0
