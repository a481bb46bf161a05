"""Methods: one TOML file each, its texts in every language inside."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path

from pydantic import ValidationError

from bot.core.method import METHODS, Method, Step, Texts
from bot.core.model import LANGUAGES

_ID = re.compile(r"[a-z][a-z0-9-]*")
#: As many as can sit in one circle.
_MOST = 30


class BadMethod(Exception):
    """A file is not a method; the message is one sentence with its name and the reason."""


def parse(text: str) -> Method:
    """The method of a text that was checked when it was read."""
    return METHODS.validate_python(tomllib.loads(text))


def read_methods(extra: Path | None = None) -> Mapping[str, tuple[str, str, Method]]:
    """Hash, text and method by id: ours, then those of the extra directory, which win."""
    found: dict[str, tuple[str, str, Method]] = {}
    for directory in (Path(__file__).parent, *([extra] if extra else [])):
        read: dict[str, tuple[str, str, Method]] = {}
        for file in sorted(directory.glob("*.toml")):
            hash, text, method = _read(file)
            if method.id in read:
                raise BadMethod(f"{file.name}: another file has the id {method.id} already.")
            read[method.id] = hash, text, method
        found |= read
    return found


def _read(file: Path) -> tuple[str, str, Method]:
    try:
        text = file.read_text(encoding="utf-8")
        method = parse(text)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadMethod(f"{file.name}: not TOML: {error}.") from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise BadMethod(f"{file.name}: {where}: {first['msg']}.") from None
    for reason in _faults(method):
        raise BadMethod(f"{file.name}: {reason}.")
    return sha256(text.encode()).hexdigest(), text, method


def _faults(method: Method) -> Iterator[str]:
    """What a method's types cannot say."""
    fewest, most = method.size
    if not _ID.fullmatch(method.id):
        yield "id: small letters, digits and hyphens only"
    if method.meetings < 1:
        yield "meetings: at least one"
    if not 2 <= fewest <= most <= _MOST:
        yield f"size: from 2 to {_MOST}, the fewest first"
    if method.leaders < 1:
        yield "leaders: at least one"
    for name, texts in (("title", method.title), ("leader", method.leader)):
        yield from _untold(name, texts)
    for name, steps in (
        ("first", method.first),
        ("ordinary", method.ordinary),
        ("last", method.last),
    ):
        yield from _agenda_faults(name, steps, method)


def _agenda_faults(name: str, steps: tuple[Step, ...], method: Method) -> Iterator[str]:
    total = sum(step.minutes for step in steps)
    if total != method.minutes:
        yield f"{name}: its steps take {total} minutes, a meeting {method.minutes}"
    if any(step.minutes < 1 for step in steps):
        yield f"{name}: a step takes at least a minute"
    ids = [step.id for step in steps]
    for step in steps:
        if not _ID.fullmatch(step.id) or ids.count(step.id) > 1:
            yield f"{name}: the step id {step.id!r} is taken twice or no plain word"
        yield from _untold(f"{name}/{step.id}/title", step.title)
        if step.say is not None:
            yield from _untold(f"{name}/{step.id}/say", step.say)
    wanted = 1 if method.votes and name != "first" else 0
    if sum(step.does == "vote" for step in steps) != wanted:
        yield f"{name}: {wanted} step(s) must do the vote"


def _untold(where: str, texts: Texts) -> Iterator[str]:
    """Languages that are missing, empty, or not ours."""
    for language in LANGUAGES:
        if not texts.get(language, "").strip():
            yield f"{where}: no text in {language}"
    for language in texts.keys() - set(LANGUAGES):
        yield f"{where}: {language} is not a language of Krets"
