"""The documents tell the truth of today: what they name exists."""

import re
from pathlib import Path

import pytest

from bot.settings import Settings

ROOT = Path(__file__).parents[1]
TESTS = {
    name
    for file in (ROOT / "tests").rglob("test_*.py")
    for name in re.findall(r"def (test_\w+)", file.read_text())
}


def test_every_row_of_the_threats_names_tests_that_exist() -> None:
    rows = [
        row for row in (ROOT / "docs/threats.md").read_text().splitlines() if row.startswith("| ")
    ]
    assert len(rows) > 10
    for row in rows[1:]:
        named = re.findall(r"`(test_\w+)`", row)
        assert named, row
        assert set(named) <= TESTS, set(named) - TESTS


@pytest.mark.parametrize("name", ["README.md", "docs/notes.md", "docs/threats.md", "CHANGELOG.md"])
def test_every_link_leads_somewhere(name: str) -> None:
    file = ROOT / name
    links = re.findall(r"\]\(([^)#]+)\)", file.read_text())
    for link in links:
        assert (file.parent / link).exists(), link


def test_the_readme_names_every_setting() -> None:
    text = (ROOT / "README.md").read_text()
    assert [name for name in Settings.model_fields if f"KRETS_{name.upper()}`" not in text] == []
