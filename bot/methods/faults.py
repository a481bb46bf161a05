"""What is wrong with a file that is to be a method: every fault, with its line and its reason."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import time
from functools import lru_cache
from typing import Any

from pydantic import ValidationError

from bot.core.method import AGENDAS, METHODS
from bot.core.model import LANGUAGES
from bot.core.text import NAME_LIMIT, TEXT_LIMIT
from bot.methods.lines import Path, line_of, lines_of

#: As many as can sit in one circle.
MOST_MEMBERS = 30
#: Weekly for more than a year.
MOST_MEETINGS = 60
MOST_LEADERS = 4
#: Exercises and themes are titles of windows, exercises also buttons: Slack takes 24 characters.
TITLE_LIMIT = 24
#: A method is an option in a form: Slack takes 75 characters.
OPTION_LIMIT = 75
#: Buttons in one row that can be told apart.
MOST_EXERCISES = 5

_ID = re.compile(r"[a-z][a-z0-9-]*")
#: What is asked in words, and what has several texts: fewest, most, and how long each may be.
_ASKED = ("checkin", "arriving", "support", "take")
_TAPPED = {
    "taps": (2, 6, OPTION_LIMIT),
    "pulse": (3, 3, TEXT_LIMIT),
    "answers": (2, 5, OPTION_LIMIT),
}
_CLOCK = re.compile(r"\d{2}:\d{2}(:00)?")
_AT = re.compile(r" ?\(at (?:line (\d+), column \d+|end of document)\)")
_OWN_WORDS = {
    "missing": "is missing",
    "unexpected_keyword_argument": "is not a key that Krets knows",
}


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One thing that is wrong: on which line, in what, and why."""

    line: int
    where: str
    reason: str

    def __str__(self) -> str:
        """The fault as it is said on a line of its own."""
        return f"line {self.line}: {self.where}{': ' * bool(self.where)}{self.reason}"


@lru_cache(maxsize=64)
def faults(text: str) -> tuple[Fault, ...]:
    """All that is wrong with the text of a method, by line; none if it is right."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        at = _AT.search(str(error))
        line = int(at[1]) if at and at[1] else max(len(text.splitlines()), 1)
        return (Fault(line, "", f"not TOML: {_AT.sub('', str(error))}"),)
    lines = lines_of(text)
    found = (*_of_types(raw), *_of_sense(raw))
    return tuple(
        sorted({Fault(line_of(path, lines), _named(path, raw), why) for path, why in found})
    )


def _named(path: Path, raw: Any) -> str:
    """A path as people say it: with the ids of what is in a list, or its number from 1.

    >>> _named(("first", 1, "minutes"), {"first": [{}, {"id": "checkin"}]})
    'first/checkin/minutes'
    """
    names = []
    for part in path:
        try:
            raw = raw[part]
        except (KeyError, IndexError, TypeError):
            raw = None
        id = raw.get("id") if isinstance(raw, dict) else None
        numbered = str(part + 1) if isinstance(part, int) else part
        names.append(id if isinstance(part, int) and isinstance(id, str) else numbered)
    return "/".join(names)


def _of_types(raw: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
    """What the method's types say."""
    try:
        METHODS.validate_python(raw)
    except ValidationError as error:
        for one in error.errors(include_url=False):
            yield one["loc"], _OWN_WORDS.get(one["type"], one["msg"])


# --- what types cannot say ----------------------------------------------------------------------
# Each looks at the file itself and passes over what has the wrong type: all is said at once.


def _of_sense(raw: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
    if isinstance(raw.get("id"), str) and not _ID.fullmatch(raw["id"]):
        yield ("id",), "small letters, digits and hyphens only"
    yield from _of_numbers(raw)
    yield from _of_avoided(raw)
    for path, limit in (("title", OPTION_LIMIT), ("leader", 0), ("leader_many", 0)):
        yield from _of_texts((path,), raw.get(path), limit)
    yield from _of_texts(("neutral",), raw.get("neutral"), NAME_LIMIT)
    yield from _of_questions(raw)
    for agenda in AGENDAS:
        yield from _of_agenda(agenda, raw)
    for name in ("exercises", "themes"):
        yield from _of_passages(name, raw)
    yield from _of_missing(raw)


def _of_numbers(raw: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
    meetings = _number(raw, "meetings")
    for name, most in (
        ("meetings", MOST_MEETINGS),
        ("fewest_meetings", meetings or MOST_MEETINGS),
        ("minutes", 24 * 60),
        ("leaders", MOST_LEADERS),
        ("weeks", 4),
    ):
        number = _number(raw, name)
        if number is not None and not 1 <= number <= most:
            yield (name,), f"from 1 to {most}"
    size = raw.get("size")
    pair = size if isinstance(size, list) and [type(one) for one in size] == [int, int] else None
    if pair and not 2 <= pair[0] <= pair[1] <= MOST_MEMBERS:
        yield ("size",), f"from 2 to {MOST_MEMBERS}, the fewest first"
    yield from _of_time(("at",), raw.get("at"))
    moments = raw.get("moments")
    for name, moment in moments.items() if isinstance(moments, dict) else ():
        at, inside = (moment.get("at"), ("at",)) if isinstance(moment, dict) else (moment, ())
        yield from _of_time(("moments", name, *inside), at)
        days = _number(moment, "days") if isinstance(moment, dict) else None
        if days is not None and not 1 <= days <= MOST_MEMBERS:
            yield ("moments", name, "days"), f"from 1 to {MOST_MEMBERS}"


def _of_time(path: Path, at: Any) -> Iterator[tuple[Path, str]]:
    """A time of day is wall-clock time, by the minute."""
    if isinstance(at, str | time) and not _CLOCK.fullmatch(str(at)):
        yield path, "hours and minutes, such as 13:00:00"


def _of_avoided(raw: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
    avoid = raw.get("avoid")
    for index, word in enumerate(avoid if isinstance(avoid, list) else ()):
        if isinstance(word, str) and (not word.strip() or word != word.casefold()):
            yield ("avoid", index), "a word, or the beginning of one, in small letters"


def _of_questions(raw: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
    """Each question has its words here, and so has each answer that can be tapped."""
    found = raw.get("questions", {})
    if not isinstance(found, dict):
        return
    steps = (step for agenda in AGENDAS for step in _list(raw, agenda))
    closes = any(step.get("does") == "closing" for step in steps)
    for name in (*_ASKED, *_TAPPED, *(("closing",) if closes else ())):
        if name not in found:
            yield ("questions", name), "is missing"
    for name in (*_ASKED, "closing"):
        yield from _of_texts(("questions", name), found.get(name), TEXT_LIMIT)
    for name, (fewest, most, limit) in _TAPPED.items():
        texts = found.get(name)
        if not isinstance(texts, dict):
            continue
        if not fewest <= len(texts) <= most:
            yield ("questions", name), f"from {fewest} to {most}" if fewest < most else f"{most}"
        for id, said in texts.items():
            if not _ID.fullmatch(id):
                yield ("questions", name, id), "small letters, digits and hyphens only"
            yield from _of_texts(("questions", name, id), said, limit)


def _of_agenda(name: str, raw: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
    steps = _list(raw, name)
    minutes = [_number(step, "minutes") for step in steps]
    wanted, known = _number(raw, "minutes"), [one for one in minutes if one is not None]
    if steps and len(known) == len(steps) and wanted is not None and sum(known) != wanted:
        yield (name,), f"its steps take {sum(known)} minutes, a meeting {wanted}"
    for index, step in enumerate(steps):
        took = minutes[index]
        if took is not None and took < 1:
            yield (name, index, "minutes"), "at least one"
        without = _number(step, "without_owner") or 0
        if took is not None and not 0 <= without < max(took, 1):
            yield (name, index, "without_owner"), "fewer minutes than the step has"
        yield from _of_texts((name, index, "title"), step.get("title"), 0)
        yield from _of_texts((name, index, "say"), step.get("say"), TEXT_LIMIT)
        for does, stock in (("exercise", "exercises"), ("theme", "themes")):
            if step.get("does") == does and not _list(raw, stock):
                yield (name, index, "does"), f"there are no {stock} to read aloud"
    yield from _of_ids(name, steps)
    votes = [index for index, step in enumerate(steps) if step.get("does") == "vote"]
    if steps and isinstance(raw.get("votes"), bool):
        most = 1 if raw["votes"] and name != "first" else 0
        if len(votes) < most:
            yield (name,), "one step must do the vote"
        for index in votes[most:]:
            yield (name, index, "does"), "one vote is enough" if most else "no vote here"


def _of_passages(name: str, raw: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
    passages, meetings = _list(raw, name), _number(raw, "meetings")
    most = MOST_EXERCISES if name == "exercises" else meetings
    if most is not None and len(passages) > most:
        yield (name, most), f"at most {most} {name}"
    for index, passage in enumerate(passages):
        yield from _of_texts((name, index, "title"), passage.get("title"), TITLE_LIMIT)
        yield from _of_texts((name, index, "say"), passage.get("say"), TEXT_LIMIT)
    yield from _of_ids(name, passages)


def _of_ids(name: str, parts: list[dict[str, Any]]) -> Iterator[tuple[Path, str]]:
    ids = [part.get("id") for part in parts]
    for index, id in enumerate(ids):
        if isinstance(id, str) and not _ID.fullmatch(id):
            yield (name, index, "id"), "small letters, digits and hyphens only"
        if isinstance(id, str) and id in ids[:index]:
            yield (name, index, "id"), f"{id} is taken"


def _of_missing(raw: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
    """Every meeting needs steps."""
    meetings, own = _number(raw, "meetings"), sum(name in raw for name in ("first", "last"))
    if meetings is not None and meetings > own and not _list(raw, "ordinary"):
        yield ("ordinary",), "has no steps"


def _of_texts(path: Path, texts: Any, limit: int) -> Iterator[tuple[Path, str]]:
    """Languages that are missing, empty, or not ours; and texts that do not fit."""
    if not isinstance(texts, dict):
        return
    for language in LANGUAGES:
        text = texts.get(language, "")
        if isinstance(text, str) and not text.strip():
            yield path, f"no text in {language}"
        if isinstance(text, str) and 0 < limit < len(text):
            yield (*path, language), f"{len(text)} characters, at most {limit}"
    for language in texts.keys() - set(LANGUAGES):
        yield (*path, language), f"{language} is not a language of Krets"


def _number(raw: Mapping[str, Any], name: str) -> int | None:
    number = raw.get(name)
    return number if isinstance(number, int) and not isinstance(number, bool) else None


def _list(raw: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """The tables of a list; none if it is something else."""
    found = raw.get(name)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
