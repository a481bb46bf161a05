"""Methods: one TOML file each, its texts in every language inside."""

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from bot.core.method import METHODS, Method
from bot.methods.faults import Fault, faults
from bot.refusal import Refusal


@lru_cache(maxsize=64)
def parse(text: str) -> Method:
    """The method of a text that was checked when it was read."""
    return METHODS.validate_python(tomllib.loads(text))


def check(file: Path) -> tuple[str, tuple[Fault, ...]]:
    """The text of a file, and all that is wrong with it; raises `OSError`."""
    read = file.read_bytes()
    try:
        text = read.decode()
    except UnicodeDecodeError as error:
        return "", (Fault(read[: error.start].count(b"\n") + 1, "", "not TOML: not UTF-8"),)
    return text, faults(text)


def read_methods(extra: Path | None = None) -> Mapping[str, tuple[str, str, Method]]:
    """Hash, text and method by id: ours, then those of the extra directory, which win."""
    found: dict[str, tuple[str, str, Method]] = {}
    for directory in (Path(__file__).parent, *([extra] if extra else [])):
        read: dict[str, tuple[str, str, Method]] = {}
        for file in sorted(directory.glob("*.toml")):
            hash, text, method = _read(file)
            if method.id in read:
                raise Refusal(f"{file.name}: another file has the id {method.id} already.")
            read[method.id] = hash, text, method
        found |= read
    return found


def _read(file: Path) -> tuple[str, str, Method]:
    text, wrong = check(file)
    if wrong:
        more = f" And {len(wrong) - 1} more: krets methods check {file.name}" * (len(wrong) > 1)
        raise Refusal(f"{file.name}: {wrong[0]}.{more}")
    return sha256(text.encode()).hexdigest(), text, parse(text)
