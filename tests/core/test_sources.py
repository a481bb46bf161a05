"""The methods that come with Krets, held against a table written from the sources.

`sources.txt` has a line for each thing a source says of a method, and for each number that is ours:
what, its value, and the source with its words. The table was written from the sources, not from
the files.
"""

import re
from datetime import time
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from bot import methods
from bot.core.method import AGENDAS, Method
from tests.core.play import shipped

TABLE = Path(__file__).parent / "sources.txt"
FILES = Path(methods.__file__).parent
SHIPPED = sorted(file.stem for file in FILES.glob("*.toml"))
#: What a source may have said of any method.
NUMBERS = (
    "meetings",
    "fewest_meetings",
    "minutes",
    "weeks",
    "size",
    "leaders",
    "votes",
    "managers",
    "opens",
    "at",
)
SOURCE = re.compile(r"(\[[0-4]\]|METHOD \d:|ours)")


class Row(NamedTuple):
    """One thing that a source says of a method."""

    method: str
    what: str
    value: str
    source: str


def table() -> list[Row]:
    lines = TABLE.read_text(encoding="utf-8").splitlines()
    return [
        Row(*(cell.strip() for cell in line.split("|")))
        for line in lines
        if line.strip() and not line.startswith("#")
    ]


def written(value: Any) -> str:
    """A value as it stands in the table."""
    match value:
        case bool():
            return "yes" if value else "no"
        case time():
            return f"{value:%H:%M}"
        case tuple():
            return " ".join(map(str, value))
    return str(value)


def found(method: Method, what: str) -> str:
    """What the method says of something; a text is its title and its words, in Swedish."""
    where, _, of = what.partition(" ")
    if where in AGENDAS and of == "numbered":
        numbers, counted = [], 0
        for step in getattr(method, where):
            counted += step.numbered
            numbers.append(str(counted) if step.numbered else "-")
        return " ".join(numbers)
    if where in (*AGENDAS, "exercises", "themes"):
        return written(tuple(getattr(one, of or "id") for one in getattr(method, where)))
    if of:
        agenda, _, id = where.partition("/")
        step = next(one for one in getattr(method, agenda) if one.id == id)
        return written(getattr(step, of))
    if where in NUMBERS:
        return written(getattr(method, where))
    if "/" in where and not where.startswith("questions"):
        return " ".join(method.text(f"{where}/{part}", "sv") for part in ("title", "say"))
    return method.text(where, "sv")


@pytest.mark.parametrize("row", table(), ids=lambda row: f"{row.method}-{row.what}")
def test_a_method_says_what_its_source_says(row: Row) -> None:
    said = found(shipped(row.method), row.what)
    if row.value.startswith("~"):
        assert row.value.removeprefix("~").strip() in said
    else:
        assert said == row.value


def test_every_line_names_its_source() -> None:
    for row in table():
        assert SOURCE.match(row.source), row
        assert row.source == "ours" or len(row.source) > len("[0] "), row


@pytest.mark.parametrize("name", SHIPPED)
def test_every_number_and_every_agenda_has_its_line(name: str) -> None:
    method, held = shipped(name), {row.what for row in table() if row.method == name}
    wanted = {*NUMBERS, "exercises", "themes"}
    for agenda in AGENDAS:
        steps = getattr(method, agenda)
        wanted |= {agenda, f"{agenda} minutes"} if steps else set()
        wanted |= {f"{agenda}/{step.id} who" for step in steps if step.who != "all"}
    assert wanted <= held, wanted - held


@pytest.mark.parametrize("name", SHIPPED)
def test_the_file_tells_the_same_source_beside_each_number(name: str) -> None:
    told = dict(
        re.findall(
            r"^(\w+) = .*# (\[[0-4]\]|METHOD|ours)", (FILES / f"{name}.toml").read_text(), re.M
        )
    )
    for row in table():
        if row.method == name and row.what in NUMBERS and row.what in told:
            assert row.source.startswith(told[row.what]), (row, told[row.what])
    assert set(NUMBERS) - {"fewest_meetings"} <= set(told)


def test_the_steps_sum_to_the_length() -> None:
    for name in SHIPPED:
        method = shipped(name)
        for agenda in AGENDAS:
            steps = getattr(method, agenda)
            assert not steps or sum(step.minutes for step in steps) == method.minutes


def test_the_table_is_of_the_sources() -> None:
    """As many lines of each source as have been found in it; none is dropped unseen."""
    counted = [sum(row.source.startswith(f"[{n}]") for row in table()) for n in range(5)]
    assert counted[0] >= 18
    assert counted[1] >= 17
    assert counted[3] >= 40
    assert {row.method for row in table()} == set(SHIPPED)
