"""On which line of a TOML file a key stands; the parser of the standard library does not tell."""

import re
from collections.abc import Mapping
from typing import TypeAlias

#: A key within a file, as `tomllib` and pydantic lead to it: `("first", 0, "minutes")`.
Path: TypeAlias = tuple[str | int, ...]

_HEADER = re.compile(r"\s*(\[\[?)([^\[\]]+)\]")
_KEY = re.compile(r"""\s*((?:[\w.\- ]|"[^"]*"|'[^']*')+?)\s*=""")
_NAME = re.compile(r"""[\w-]+|"[^"]*"|'[^']*'""")


def lines_of(text: str) -> Mapping[Path, int]:
    """Where each table and each key begins, from 1; what stands on one line shares it.

    >>> found = lines_of("id = 'x'\\n[[first]]\\nid = 'a'\\n[[first]]\\n[first.say]\\nen = 'Hi'")
    >>> found["first", 0, "id"], found["first", 1], found["first", 1, "say", "en"]
    (3, 4, 6)
    """
    found: dict[Path, int] = {}
    counts: dict[Path, int] = {}
    table: Path = ()
    until = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if until:  # within a text of several lines
            until = "" if until in line else until
            continue
        if header := _HEADER.match(line):
            table = _located(header[2], counts, new=header[1] == "[[")
            _note(table, number, found)
        elif key := _KEY.match(line):
            _note((*table, *_names(key[1])), number, found)
            quotes = (one for one in ('"""', "'''") if line.count(one) % 2)
            until = next(quotes, "")
    return found


def _note(path: Path, line: int, found: dict[Path, int]) -> None:
    """A key stands there, and so does what it is in, unless that has begun before."""
    for end in range(1, len(path) + 1):
        found.setdefault(path[:end], line)


def line_of(path: Path, lines: Mapping[Path, int]) -> int:
    """Where a key stands, or else what it belongs to; 1 if that is the whole file.

    >>> line_of(("size", 0), {("size",): 7}), line_of(("meetings",), {("size",): 7})
    (7, 1)
    """
    for end in range(len(path), 0, -1):
        if path[:end] in lines:
            return lines[path[:end]]
    return 1


def _names(dotted: str) -> list[str]:
    return [name.strip("\"'") for name in _NAME.findall(dotted)]


def _located(dotted: str, counts: dict[Path, int], *, new: bool) -> Path:
    """The table that a header opens: among several of one name the last, or another one."""
    path: Path = ()
    *outer, last = _names(dotted)
    for name in outer:
        path = (*path, name)
        path = (*path, counts[path] - 1) if path in counts else path
    path = (*path, last)
    if not new:
        return path
    counts[path] = counts.get(path, 0) + 1
    return (*path, counts[path] - 1)
