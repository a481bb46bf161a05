"""`krets methods`: what is wrong with a file, which there are, and one of them as a page."""

import argparse
import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime, time, timedelta
from pathlib import Path
from textwrap import wrap
from typing import Any

from bot.commands.environment import read_environment
from bot.core.card import T, Value
from bot.core.method import AGENDAS, AgendaName, Method, Moment, Passage, Step, Texts
from bot.core.model import LANGUAGES
from bot.methods import check, read_methods
from bot.refusal import Refusal
from bot.words import Words, clock

#: Columns of a page, if the terminal has as many.
_WIDTH = 88
_INDENT = " " * 4


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What can be done."""
    deeds = parser.add_subparsers(dest="deed", required=True, metavar="DEED")
    checks = deeds.add_parser("check", help="say the line and the reason of every fault")
    checks.add_argument("file", type=Path, help="a TOML file")
    checks.set_defaults(run=_check)
    lists = deeds.add_parser("list", help="the methods that there are")
    lists.set_defaults(run=_list)
    shows = deeds.add_parser("show", help="print a method as a page")
    shows.set_defaults(run=_show)
    shows.add_argument("name", help="its id, from krets methods list")
    for one in (lists, shows):
        one.add_argument("--language", choices=LANGUAGES, help="en by default, or KRETS_LANGUAGE")
    shows.add_argument("--start", type=time.fromisoformat, help="when a meeting starts: 13:00")
    for one in (checks, lists, shows):
        one.add_argument("--json", action="store_true", help="for programs")


def _check(chosen: argparse.Namespace) -> int:
    said, right = check_file(chosen.file, chosen.json)
    print(said)
    return 0 if right else 1


def _list(chosen: argparse.Namespace) -> int:
    settings = read_environment()
    language = chosen.language or settings.language
    print(list_methods(settings.methods_dir, language, chosen.json))
    return 0


def _show(chosen: argparse.Namespace) -> int:
    settings = read_environment()
    language = chosen.language or settings.language
    print(show_method(settings.methods_dir, chosen.name, language, chosen.start, chosen.json))
    return 0


# --- krets methods check ------------------------------------------------------------------------


def check_file(file: Path, as_json: bool) -> tuple[str, bool]:
    """What is to be said of a file, and whether it is right."""
    _, faults = check(file)
    if as_json:
        found = {"file": str(file), "ok": not faults, "faults": [asdict(one) for one in faults]}
        return json.dumps(found, ensure_ascii=False, indent=2), not faults
    lines = [
        f"{file}:{one.line}: {one.where}{': ' * bool(one.where)}{one.reason}" for one in faults
    ]
    return "\n".join(lines) or f"{file}: nothing is wrong", not faults


# --- krets methods list -------------------------------------------------------------------------


def list_methods(directory: Path | None, language: str, as_json: bool) -> str:
    """The methods that there are, one a line."""
    methods = [method for _, _, method in read_methods(directory).values()]
    if as_json:
        found = [
            {
                "id": one.id,
                "title": one.text("title", language),
                "meetings": list(one.lengths),
                "minutes": one.minutes,
                "opens": one.opens,
            }
            for one in methods
        ]
        return json.dumps(found, ensure_ascii=False, indent=2)
    rows = [(one.id, _size(one), one.opens, one.text("title", language)) for one in methods]
    return "\n".join(_aligned(rows))


# --- krets methods show -------------------------------------------------------------------------


def show_method(
    directory: Path | None, name: str, language: str, start: time | None, as_json: bool
) -> str:
    """One method as a page in a language, each step with its time of day."""
    methods = read_methods(directory)
    if name not in methods:
        raise Refusal(f"No method is called {name}; there are: {', '.join(methods)}.")
    page = _Page(methods[name][2], language, start, Words())
    return page.as_json() if as_json else "\n".join(page.lines())


class _Page:
    """A method as a page."""

    def __init__(self, method: Method, language: str, start: time | None, words: Words) -> None:
        self._method = method
        self._language = language
        self._start = start or method.at
        self._words = words
        self._width = min(_WIDTH, shutil.get_terminal_size((_WIDTH, 24)).columns)

    def lines(self) -> Iterator[str]:
        """The page, line by line."""
        method = self._method
        title = self._text(method.title)
        yield from (title, "=" * len(title), "")
        yield from _aligned([*self._facts()])
        for name in self._agendas():
            yield from self._headed(self._when(name))
            yield from self._agenda(name)
        if method.exercises:
            yield from self._headed(self._say(T("method.exercises")))
            yield from self._passages(method.exercises)
        if method.themes:
            yield from self._headed(self._say(T("method.themes")))
            yield from self._passages(method.themes)
        yield from self._headed(self._say(T("method.questions")))
        yield from (f"- {one}" for one in self._questions().values())
        yield from self._headed(self._say(T("method.moments")))
        yield from _aligned([*self._moments()])

    def as_json(self) -> str:
        """The same for programs."""
        method = self._method
        found = {
            "id": method.id,
            "title": self._text(method.title),
            "facts": dict(self._facts()),
            "agendas": {name: [*self._steps(name)] for name in self._agendas()},
            "exercises": self._read_aloud(method.exercises),
            "themes": self._read_aloud(method.themes),
            "questions": self._questions(),
            "moments": dict(self._moments()),
        }
        return json.dumps(found, ensure_ascii=False, indent=2)

    # --- parts ------------------------------------------------------------------------------------

    def _facts(self) -> Iterator[tuple[str, str]]:
        method = self._method
        titles = [self._text(one) for one in (method.leader, method.leader_many) if one]
        yield self._say(T("method.meetings")), _size(method)
        yield self._say(T("open.every")), self._say(T(f"open.every.{method.weeks}"))
        yield self._say(T("method.members")), _span(*method.size)
        yield self._say(T("card.leaders")), f"{method.leaders}, {titles[method.leaders > 1 and -1]}"
        yield self._say(T("method.opened")), self._say(T(f"method.opened.{method.opens}"))
        yield self._say(T("method.vote")), self._say(T("facts.yes" if method.votes else "facts.no"))

    def _agendas(self) -> Iterator[AgendaName]:
        return (name for name in AGENDAS if getattr(self._method, name))

    def _when(self, name: AgendaName) -> str:
        """For which meetings an agenda is: *Meeting 1*, *Meetings 2 to 9*."""
        most = self._method.meetings
        numbers = [n for n in range(1, most + 1) if self._method.agenda_name(n, most) == name]
        if len(numbers) == 1 and self._method.fewest_meetings and name == "last":
            return self._say(T("method.last"))
        if len(numbers) == 1:
            return self._say(T("method.one", {"first": numbers[0]}))
        return self._say(T("method.several", {"first": numbers[0], "last": numbers[-1]}))

    def _steps(self, name: AgendaName) -> Iterator[dict[str, Any]]:
        at, number = datetime.combine(date.min, self._start), 0
        steps: tuple[Step, ...] = getattr(self._method, name)
        for step in steps:
            number += step.numbered
            until = at + timedelta(minutes=step.minutes)
            yield {
                "number": number if step.numbered else None,
                "from": clock(at.time(), self._language),
                "until": clock(until.time(), self._language),
                "minutes": step.minutes,
                "title": self._text(step.title),
                "who": self._say(T(f"method.who.{step.who}")),
                "say": self._text(step.say) if step.say else "",
            }
            at = until

    def _agenda(self, name: AgendaName) -> Iterator[str]:
        steps = [*self._steps(name)]
        rows = [
            (
                str(one["number"] or "-"),
                f"{one['from']}–{one['until']}",
                f"{one['minutes']:3} min",
                one["title"],
                one["who"],
            )
            for one in steps
        ]
        for line, one in zip(_aligned(rows), steps, strict=True):
            yield line
            yield from self._wrapped(one["say"])

    def _passages(self, passages: tuple[Passage, ...]) -> Iterator[str]:
        for number, one in enumerate(passages, start=1):
            yield f"{number}. {self._text(one.title)}"
            yield from self._wrapped(self._text(one.say))

    def _read_aloud(self, passages: tuple[Passage, ...]) -> list[dict[str, str]]:
        return [{"title": self._text(one.title), "say": self._text(one.say)} for one in passages]

    def _questions(self) -> Mapping[str, str]:
        """What is asked, with the answers that can be tapped behind it, by its path."""
        asked = self._method.questions
        none: Mapping[str, Texts] = {}
        found = {
            "checkin": (asked.checkin, none),
            "arriving": (asked.arriving, asked.taps),
            "support": (asked.support, none),
            "take": (asked.take, none),
            **{f"pulse/{id}": (texts, asked.answers) for id, texts in asked.pulse.items()},
            "closing": (asked.closing, none),
        }
        return {name: self._tapped(*one) for name, one in found.items() if one[0]}

    def _tapped(self, asked: Texts | None, answers: Mapping[str, Texts]) -> str:
        taps = " / ".join(self._text(one) for one in answers.values())
        return f"{self._text(asked or {})}{f' ({taps})' if taps else ''}"

    def _moments(self) -> Iterator[tuple[str, str]]:
        moments = self._method.moments
        for name in ("announce", "question", "remind", "overview", "checkin", "next_day"):
            if name in ("question", "next_day") and not self._method.votes:
                continue
            moment: Moment | time = getattr(moments, name)
            at = moment if isinstance(moment, time) else moment.at
            days = 0 if isinstance(moment, time) else moment.days
            side = "after" if name in ("announce", "next_day") else "before"
            values: dict[str, Value] = {"time": clock(at, self._language)}
            when = (
                T(f"method.day.{side}", {"n": days, **values}) if days else T("method.day", values)
            )
            yield self._say(T(f"method.moment.{name}")), self._say(when)

    # --- words ------------------------------------------------------------------------------------

    def _text(self, texts: Texts) -> str:
        return texts.get(self._language, "")

    def _say(self, text: T) -> str:
        return self._words.template(self._language, text).format(**text.values)

    def _headed(self, title: str) -> Iterator[str]:
        yield from ("", title, "-" * len(title))

    def _wrapped(self, text: str) -> Iterator[str]:
        yield from wrap(text, self._width, initial_indent=_INDENT, subsequent_indent=_INDENT)


def _size(method: Method) -> str:
    """*10 × 180 min*, *8–10 × 90 min*."""
    return f"{_span(method.lengths[0], method.lengths[-1])} × {method.minutes} min"


def _span(low: int, high: int) -> str:
    """One number or the first and the last.

    >>> _span(8, 10), _span(10, 10)
    ('8–10', '10')
    """
    return str(low) if low == high else f"{low}–{high}"


def _aligned(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    """The rows with their columns under each other.

    >>> [*_aligned([("a", "bcd"), ("efg", "h")])]
    ['a    bcd', 'efg  h']
    """
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield "  ".join(cells).rstrip()
