"""The command line: each command is there, and none pays for what another needs."""

import subprocess
import sys
from collections.abc import Iterator

import pytest

from bot.__main__ import main
from bot.command_line import COMMANDS, Commands

#: What takes long to load.
HEAVY = {"aiohttp", "alembic", "babel", "botbuilder", "holidays", "reportlab", "slack_sdk"}
HEAVY |= {"sqlalchemy", "sqlmodel"}


def every(commands: Commands = COMMANDS) -> Iterator[list[str]]:
    """Each command as it is written."""
    for name, (_, where) in commands.items():
        yield [name]
        if not isinstance(where, str):
            yield from ([name, *rest] for rest in every(where))


def loaded(arguments: list[str]) -> set[str]:
    """The packages that a command has loaded when it ends."""
    code = (
        "import sys; from bot.__main__ import main\n"
        f"try: main({arguments})\n"
        "except SystemExit: pass\n"
        "print(*{name.partition('.')[0] for name in sys.modules}, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stderr.split())


@pytest.mark.parametrize("arguments", [["--help"], ["--version"]])
def test_what_krets_is_takes_no_heavy_library_to_say(arguments: list[str]) -> None:
    assert not loaded(arguments) & (HEAVY | {"pydantic"})


def test_a_method_is_checked_without_what_serves_people() -> None:
    assert not loaded(["methods", "list"]) & (HEAVY - {"babel", "holidays"})


def test_a_playground_loads_no_other_platform() -> None:
    theirs = {"botbuilder", "botframework", "msal", "msrest", "slack_bolt", "slack_sdk"}
    assert not loaded(["run", "--help"]) & theirs
    assert not loaded(["doctor"]) & theirs


@pytest.mark.parametrize("command", [*every()], ids=" ".join)
def test_every_command_says_what_it_takes(
    command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as done:
        main([*command, "--help"])
    assert done.value.code == 0
    assert capsys.readouterr().out.startswith(f"usage: krets {' '.join(command)} ")


def test_the_whole_help_names_every_command_with_what_it_does(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    said = " ".join(capsys.readouterr().out.split())
    for name, (does, _) in COMMANDS.items():
        assert f" {name} {does}" in said


@pytest.mark.parametrize(
    "wrong",
    [[], ["dance"], ["simulate"], ["simulate", "rain"], ["run", "away"], ["methods", "list", "x"]],
    ids=" ".join,
)
def test_a_command_that_there_is_not_is_a_wrong_command(
    wrong: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as done:
        main(wrong)
    assert done.value.code == 2
    assert "usage: krets" in capsys.readouterr().err
