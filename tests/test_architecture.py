"""The import contracts hold, and each of them would see a violation."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

#: Contract -> a file and the import that breaks it, and only it.
PLANTED = {
    "Each room knows only the rooms below it": ("bot/words.py", "import bot.store"),
    "The rules know no input or output, no clock, no randomness, no platform": (
        "bot/core/ballot.py",
        "import random",
    ),
    "Time knows nothing of the bot": ("schedules/rule.py", "import bot.settings"),
    "SQL only in the store, and where keys and jobs lie": ("bot/app.py", "import sqlalchemy"),
    "APScheduler only in the clock": ("schedules/inline.py", "import apscheduler"),
    "Cryptography only in the keyring": ("bot/app.py", "import cryptography"),
    "Calendars and PDF each in one file": ("adapters/paper/page.py", "import reportlab"),
    "The web only in the adapters and the composition root": ("bot/app.py", "import aiohttp"),
    "Slack's libraries only in its adapter": ("bot/serving.py", "import slack_sdk"),
    "Microsoft's libraries only in Teams' adapter, each in one file": (
        "adapters/teams/parse.py",
        "import botbuilder.core",
    ),
    "Platforms do not know each other": ("adapters/web.py", "import adapters.slack.gate"),
}


def lint(root: Path) -> subprocess.CompletedProcess[str]:
    """Run the linter on a tree, as `make check` does."""
    command = [Path(sys.executable).with_name("lint-imports"), "--no-cache"]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the code that can be spoiled."""
    copy = tmp_path_factory.mktemp("tree")
    ignored = shutil.ignore_patterns("__pycache__")
    for room in ("bot", "adapters", "schedules"):
        shutil.copytree(ROOT / room, copy / room, ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", copy)
    return copy


def test_all_contracts_hold(tree: Path) -> None:
    done = lint(tree)
    assert done.returncode == 0, done.stdout
    kept = done.stdout.count(" KEPT")
    assert kept == (ROOT / "pyproject.toml").read_text().count("[[tool.importlinter.contracts]]")


@pytest.mark.parametrize("contract", PLANTED)
def test_a_planted_violation_breaks_its_contract(tree: Path, contract: str) -> None:
    name, planted = PLANTED[contract]
    file = tree / name
    clean = file.read_text()
    try:
        file.write_text(f"{clean}\n{planted}\n")
        done = lint(tree)
    finally:
        file.write_text(clean)
    assert done.returncode == 1
    assert f"{contract} BROKEN" in done.stdout


def test_every_contract_has_a_planted_violation() -> None:
    text = (ROOT / "pyproject.toml").read_text()
    names = [line[8:-1] for line in text.splitlines() if line.startswith('name = "')][1:]
    assert set(names) == set(PLANTED)
