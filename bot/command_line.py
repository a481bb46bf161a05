"""The command line: which commands there are, and what each takes."""

import argparse
from importlib.metadata import version
from pathlib import Path

from bot import benches, forgetting, key_commands, method_commands, sheets
from bot.simulate import command as simulating
from bot.simulate.chaos import command as chaos


def parser() -> argparse.ArgumentParser:
    """What reads the arguments of `krets`."""
    whole = argparse.ArgumentParser(
        prog="krets",
        description="A chat companion for collegial guidance groups and peer support.",
        epilog="Settings are read from the environment (KRETS_...); see the README.",
    )
    whole.add_argument("--version", action="version", version=f"krets {version('krets')}")
    commands = whole.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("run", help="serve web, clock and worker in one process")
    for part, does in (
        ("web", "answer people"),
        ("worker", "decide what moments bring, and show what is to be seen"),
        ("clock", "see that what is due is done, and that nothing is left behind"),
    ):
        commands.add_parser(part, help=f"only {does}; on PostgreSQL, beside others")
    commands.add_parser("migrate", help="make the database, or bring it to this version")
    _manifest(commands.add_parser("manifest", help="describe the app as a platform is to know it"))
    key_commands.add_arguments(
        commands.add_parser("keys", help="make master keys, and turn them over")
    )
    board = commands.add_parser("board", help="list what waits to be shown or to come, and why")
    board.add_argument("--json", action="store_true", help="for programs")
    board.add_argument(
        "--again", action="store_true", help="first let what is parked be tried once more"
    )
    keep = commands.add_parser("backup", help="copy the database, without its keys; also online")
    keep.add_argument(
        "copy", type=Path, nargs="?", metavar="FILE", help="where to; krets-<time>.db if not said"
    )
    back = commands.add_parser("restore", help="put a copy in the database's place")
    back.add_argument(
        "copy",
        type=Path,
        nargs="?",
        metavar="FILE",
        help="what `krets backup` wrote; none if the database has been put back by other means",
    )
    forgetting.add_arguments(
        commands.add_parser("forget", help="erase everything of one organisation, for good")
    )
    method_commands.add_arguments(
        commands.add_parser("methods", help="check, list and show ways of leading a group")
    )
    benches.add_arguments(commands.add_parser("bench", help="measure Krets on this machine"))
    sheets.add_arguments(commands.add_parser("sheet", help="write a meeting on one page, to print"))
    simulate = commands.add_parser("simulate", help="play Krets through, without anybody")
    played = simulate.add_subparsers(dest="played", required=True, metavar="WHAT")
    chaos.add_arguments(
        played.add_parser("chaos", help="people who misbehave, and all that can go wrong, checked")
    )
    simulating.add_arguments(
        played.add_parser("programme", help="a whole programme as a calendar, checked")
    )
    look = commands.add_parser("doctor", help="say what is wrong with the set-up, and the cure")
    look.add_argument("--json", action="store_true", help="for programs")
    return whole


def _manifest(describe: argparse.ArgumentParser) -> None:
    platforms = describe.add_subparsers(dest="platform", required=True, metavar="PLATFORM")
    slack = platforms.add_parser("slack", help="print the manifest")
    slack.add_argument(
        "--socket-mode", action="store_true", help="for a Krets that cannot be called from outside"
    )
    slack.add_argument(
        "--oauth",
        action="store_true",
        help="for many workspaces; taken by itself when KRETS_SLACK_CLIENT_ID is set",
    )
    teams = platforms.add_parser("teams", help="write the app package")
    teams.add_argument("--out", type=Path, default=Path("krets.zip"), help="where to write it")
