"""The command line: which commands there are, and where each of them is.

The libraries that Krets stands on take seconds to load, and most commands need few of them.
"""

import argparse
from collections.abc import Mapping
from importlib import import_module
from importlib.metadata import version
from typing import Any, TypeAlias

#: What each command does, and its module, or the commands that it is followed by.
Commands: TypeAlias = Mapping[str, tuple[str, "str | Commands"]]

COMMANDS: Commands = {
    "run": ("serve web, clock and worker in one process", "bot.commands.serve"),
    "web": ("only answer people; on PostgreSQL, beside others", "bot.commands.serve"),
    "worker": (
        "only decide what moments bring, and show what is to be seen; on PostgreSQL, beside others",
        "bot.commands.serve",
    ),
    "clock": (
        "only see that what is due is done, and that nothing is left behind; on PostgreSQL, beside"
        " others",
        "bot.commands.serve",
    ),
    "migrate": ("make the database, or bring it to this version", "bot.commands.migrate"),
    "manifest": ("describe the app as a platform is to know it", "bot.commands.manifest"),
    "keys": ("make master keys, and turn them over", "bot.commands.keys"),
    "board": ("list what waits to be shown or to come, and why", "bot.commands.board"),
    "backup": ("copy the database, without its keys; also online", "bot.commands.backup"),
    "restore": ("put a copy in the database's place", "bot.commands.restore"),
    "forget": ("erase everything of one organisation, for good", "bot.commands.forget"),
    "methods": ("check, list and show ways of leading a group", "bot.commands.methods"),
    "bench": ("measure Krets on this machine", "bot.commands.bench"),
    "sheet": ("write a meeting on one page, to print", "bot.commands.sheet"),
    "simulate": (
        "play Krets through, without anybody",
        {
            "chaos": (
                "people who misbehave, and all that can go wrong, checked",
                "bot.commands.chaos",
            ),
            "programme": ("a whole programme as a calendar, checked", "bot.commands.programme"),
        },
    ),
    "doctor": ("say what is wrong with the set-up, and the cure", "bot.commands.doctor"),
}


class _Command(argparse.ArgumentParser):
    """What reads the arguments of one command, from whose module it has them when it is chosen.

    `add_arguments` there says what the command takes, and with `set_defaults(run=...)` what does
    it: a function of the arguments, which returns the exit code.
    """

    def __init__(self, *, module: str = "", **options: Any) -> None:
        super().__init__(**options)
        self._module = module

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> tuple[Any, list[str]]:
        """Ask the module first."""
        if self._module:
            import_module(self._module).add_arguments(self)
        return super().parse_known_args(args, namespace)


def parser() -> argparse.ArgumentParser:
    """What reads the arguments of `krets`."""
    whole = argparse.ArgumentParser(
        prog="krets",
        description="A chat companion for collegial guidance groups and peer support.",
        epilog="Settings are read from the environment (KRETS_...); see the README.",
    )
    whole.add_argument("--version", action="version", version=f"krets {version('krets')}")
    _add(whole, COMMANDS, "command", "COMMAND")
    return whole


def _add(to: argparse.ArgumentParser, commands: Commands, name: str, shown: str) -> None:
    named = to.add_subparsers(dest=name, required=True, metavar=shown, parser_class=_Command)
    for command, (does, where) in commands.items():
        if isinstance(where, str):
            named.add_parser(command, help=does, module=where)
        else:
            _add(named.add_parser(command, help=does), where, "what", "WHAT")
