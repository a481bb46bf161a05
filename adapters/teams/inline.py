"""Running text as Teams takes it.

Most of it stands in rich text blocks, which Teams shows as they are. It looks for Markdown in text
blocks, where alone headings can stand, and times that each reader is to see on a clock of their
own; and beside the boxes and rings of a choice. What would become markup there is replaced by a
sign that looks alike. Backslashes would not do: Teams on a phone shows some of them.
"""

import re
from dataclasses import dataclass
from datetime import UTC
from functools import lru_cache
from typing import TypeAlias, cast

from adapters.teams.elements import Looks, RichTextBlock, TextBlock, TextRun
from adapters.text import DASH, cut, inert, length
from bot.core.card import T, Value, When
from bot.core.event import PersonId
from bot.words import View

#: Emphasis, code, links, tags, escapes, tables, mentions, headings.
_ALIKE = str.maketrans(
    {
        "*": "∗",
        "_": "ˍ",
        "~": "∼",
        "`": "ˋ",
        "[": "［",
        "]": "］",
        "<": "‹",
        ">": "›",
        "\\": "∖",
        "|": "∣",
        "@": "＠",
        "#": "＃",
    }
)
#: What would begin a date that Teams is to write, wherever it stands.
_DATE = re.compile(r"\{(?=\{)")
#: What makes an address of its own accord, and what stands for another character.
_COLON = re.compile(r":(?!\s)")
_DOT = re.compile(r"(?<=\w)\.(?=[^\W\d_]{2})")
_ENTITY = re.compile(r"&(?=＃?\w+;)")
#: At the beginning of a line: an indent, a list, a line across, a heading underlined.
_INDENT = re.compile(r"^[^\S\n]+", re.MULTILINE)
_NUMBER = re.compile(r"^(\d{1,9})([.)])(?!\S)", re.MULTILINE)
_MARK = re.compile(r"^[-+=]", re.MULTILINE)
_LEADING = {".": "․", ")": "）", "-": "‐", "+": "＋", "=": "꞊"}
#: How Teams is told to show an instant.
_TOKENS = {
    "date": "{{{{DATE({0}, LONG)}}}}",
    "time": "{{{{TIME({0})}}}}",
    "both": "{{{{DATE({0}, LONG)}}}} {{{{TIME({0})}}}}",
}

Paragraph: TypeAlias = TextBlock | RichTextBlock


@dataclass(frozen=True, slots=True)
class Pen:
    """Who reads, whether others read the same, and how long one text may be.

    `here` says that people are to be picked from those of the room, `reply` that this only answers
    somebody.
    """

    view: View
    shared: bool = False
    here: bool = False
    reply: bool = False
    most: int = 30_000


def still(text: str) -> str:
    """What a person wrote, inert, as bare text that nobody takes for a date to write.

    >>> still("{{DATE(2026-03-03T08:00:00Z)}} *well*")
    '｛{DATE(2026-03-03T08:00:00Z)}} *well*'
    """
    return _DATE.sub("｛", inert(text))


def tame(text: str) -> str:
    """What a person wrote, as it can stand inside a line of Markdown and do nothing.

    >>> tame("<at>Eva</at> *look* at [this](http://x.se) or evil.example &copy;")
    '‹at›Eva‹/at› ∗look∗ at ［this］(http∶//x․se) or evil․example ＆copy;'
    """
    text = _DOT.sub("․", _COLON.sub("∶", still(text))).translate(_ALIKE)
    return _ENTITY.sub("＆", text)


def spelled(words: str) -> str:
    """Our own words, with the name by which Krets hears a command everywhere in Teams.

    >>> spelled("Write /krets here.")
    'Write @Krets here.'
    """
    return words.replace("/krets", "@Krets")


@dataclass(frozen=True, slots=True)
class _Bare:
    """How the parts of a sentence look where nothing is marked up."""

    view: View

    def text(self, text: str) -> str:
        """What a person wrote."""
        return text

    def words(self, words: str) -> str:
        """Our own words."""
        return spelled(words)

    def person(self, person: PersonId) -> str:
        """A person by name."""
        return self.view.person(person)

    def when(self, when: When) -> str:
        """An instant on the reader's clock."""
        return self.view.when(when)


@dataclass(frozen=True, slots=True)
class Markdown:
    """How the parts of a sentence look in Markdown; with `tokens`, times on each reader's clock."""

    view: View
    tokens: bool = False

    def text(self, text: str) -> str:
        """What a person wrote."""
        return tame(text)

    def words(self, words: str) -> str:
        """Our own words."""
        return spelled(words.translate(_ALIKE))

    def person(self, person: PersonId) -> str:
        """A person by name: a mention would notify them."""
        return tame(self.view.person(person))

    def when(self, when: When) -> str:
        """An instant that Teams shows on the clock of whoever reads it; a weekday in our words."""
        if when.style == "day" or not self.tokens:
            return self.words(self.view.when(when))
        return _TOKENS[when.style].format(f"{when.at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}")


def plain(text: T, pen: Pen) -> str:
    """The words as bare text."""
    if not text.values:
        return cut(_own(pen.view.words.template(pen.view.language, text)), pen.most)
    return cut(still(pen.view.fill(text, _Bare(pen.view))).strip(), pen.most)


@lru_cache(maxsize=1_000)
def _own(template: str) -> str:
    """A sentence of the catalogue in which nothing is to stand, as bare text; kept."""
    return still(spelled(template.format())).strip()


def line(text: T, pen: Pen) -> str:
    """The words as bare text of one line; a dash for none."""
    return one_line(plain(text, pen))


def one_line(text: str) -> str:
    """Bare text in one line; a dash for none."""
    return " ".join(text.split()) or DASH


def fallback(text: T, view: View) -> str:
    """The words for a notification, where people stand by name and nothing is marked up."""
    return _led(" ".join(view.fill(text, Markdown(view)).split()))


def timed(value: Value) -> bool:
    """Whether an instant stands in it that others see on another clock."""
    match value:
        case T():
            return any(timed(one) for one in value.values.values())
        case When():
            return value.style != "day"
        case _:
            return False


def title(text: T, pen: Pen) -> str:
    """The words as Markdown of one line, as beside a box to tick; a dash for none."""
    return " ".join(_marked(text, pen).split()) or DASH


def heading(text: T, pen: Pen) -> TextBlock | None:
    """A title, which screen readers can go to; none if it is blank."""
    if not plain(text, pen):
        return None
    words = title(text, pen)
    return TextBlock(
        type="TextBlock", text=words, wrap=True, style="heading", size="Large", weight="Bolder"
    )


def paragraph(text: T, pen: Pen, looks: Looks | None = None, before: str = "") -> Paragraph | None:
    """The words with what stands before them; none if they are blank."""
    if not pen.shared or not timed(text):
        words = plain(text, pen)
        return rich(f"{before}{words}", looks) if words else None
    words = _marked(text, pen, before).replace("\n", "\n\n")
    block = TextBlock(type="TextBlock", text=words, wrap=True)
    # For mypy looks could hold more keys than they name; they are made in this package alone.
    return cast(TextBlock, block | (looks or {}))


def rich(text: str, looks: Looks | None = None) -> RichTextBlock:
    """Bare text as a paragraph."""
    return RichTextBlock(
        type="RichTextBlock", inlines=[TextRun(type="TextRun", text=text, **(looks or {}))]
    )


def _marked(text: T, pen: Pen, before: str = "") -> str:
    """The words as Markdown in which no line begins anything."""
    words = pen.view.fill(text, Markdown(pen.view, pen.shared)).strip()
    if length(words) > pen.most:  # what is cut must not be the way to write a time
        words = pen.view.fill(text, Markdown(pen.view)).strip()
    return _led(f"{before}{cut(words, pen.most)}") if words else ""


def _led(text: str) -> str:
    """The text without what Markdown reads at the beginning of a line."""
    text = _NUMBER.sub(lambda found: f"{found[1]}{_LEADING[found[2]]}", _INDENT.sub("", text))
    return _MARK.sub(lambda found: _LEADING[found[0]], text)
