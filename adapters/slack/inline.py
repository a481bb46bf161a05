"""Running text as Slack takes it: plain where that says all, mrkdwn where people or times stand.

Plain text is shown as it is. In mrkdwn `& < >` are escaped and what would become markup is replaced
by a sign that looks alike; nothing invisible is put in.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from slack_sdk.models.blocks import MarkdownTextObject, PlainTextObject

from adapters.text import DASH, cut, inert, length
from bot.core.card import T, Value, When, Who
from bot.core.event import PersonId
from bot.words import View

#: How Slack writes the id of a person.
USER = re.compile(r"[UW][A-Z0-9]{1,63}")

_ESCAPED = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
#: Bold, italic, struck out, code; and what names a person or a channel, or begins an emoji.
_ALIKE = str.maketrans({"*": "∗", "_": "ˍ", "~": "∼", "`": "ˋ"})
_OURS = _ALIKE | _ESCAPED
_NAMING = str.maketrans({"@": "＠", "#": "＃"})
#: One before a space is a colon, unless the space is at the end, where it is stripped.
_COLON = re.compile(r":(?!\s+\S)")
#: What begins a mention, a date or a link. Slack reads these in mrkdwn alone, others who show its
#: blocks also in plain text.
_TOKEN = re.compile(r"<(?=[@!#]|[\w+.-]+:)")
_QUOTING = re.compile(r"^([^\S\n]*)>+", re.MULTILINE)
#: How Slack is told to show an instant.
_TOKENS = {"date": "{date_long}", "time": "{time}", "both": "{date_long} {time}"}

TextObject: TypeAlias = PlainTextObject | MarkdownTextObject


def still(text: str) -> str:
    """What a person wrote, inert, as plain text that nobody takes for a mention or a link.

    >>> still("a < b <!here>")
    'a < b ‹!here>'
    """
    return _TOKEN.sub("‹", inert(text))


def tame(text: str) -> str:
    """What a person wrote, as mrkdwn that shows it and does nothing.

    >>> tame("<!here> *look* at http://x.se")
    '‹!here&gt; ∗look∗ at http∶//x.se'
    """
    text = _QUOTING.sub(lambda found: found[0].replace(">", "›"), still(text))
    text = _COLON.sub("∶", text.translate(_ALIKE).translate(_NAMING))
    return text.translate(_ESCAPED)


def pieces(text: str, most: int) -> list[str]:
    """The whole text in pieces of at most this length, parted at white space where there is some.

    >>> pieces("one two three", 8)
    ['one two', 'three']
    """
    found = []
    while length(text) > most:
        piece = text.encode("utf-16-le")[: 2 * most].decode("utf-16-le", "ignore")
        at = max(piece.rfind("\n"), piece.rfind(" "))
        piece = piece[:at] if at > 0 and piece[:at].strip() else piece
        found.append(piece.strip())
        text = text[len(piece) :].lstrip()
    return [*found, text] if text else found


def plain(text: T, view: View) -> str:
    """The words as bare text."""
    if not text.values:
        return own(view.words.template(view.language, text))
    return still(view.plain(text)).strip()


# Of the words of the catalogue in which nothing is to stand, and of these alone, what comes of
# them is kept.


@lru_cache(maxsize=1_000)
def own(template: str) -> str:
    """A sentence of the catalogue in which nothing is to stand, as bare text."""
    return still(template.format()).strip()


@lru_cache(maxsize=1_000)
def _own_rich(template: str) -> str:
    """The same as mrkdwn."""
    return template.format().translate(_OURS).strip()


def line(text: T, view: View) -> str:
    """The words as bare text of one line; a dash for none."""
    return one_line(plain(text, view))


def one_line(text: str) -> str:
    """Bare text in one line; a dash for none."""
    return " ".join(text.split()) or DASH


def fallback(text: T, view: View) -> str:
    """The words for a notification, where people stand by name and nothing is marked up."""
    return view.fill(text, Mrkdwn(view, tokens=False)).strip()


@dataclass(frozen=True, slots=True)
class Mrkdwn:
    """How the parts of a sentence look in mrkdwn; with `tokens`, people and times as such."""

    view: View
    tokens: bool = True

    def text(self, text: str) -> str:
        """What a person wrote."""
        return tame(text)

    def words(self, words: str) -> str:
        """Our own words."""
        return words.translate(_OURS)

    def person(self, person: PersonId) -> str:
        """A person, as a mention; by name if Slack does not know them."""
        native = self.view.natives.get(person, "")
        if self.tokens and USER.fullmatch(native):
            return f"<@{native}>"
        return tame(self.view.person(person))

    def when(self, when: When) -> str:
        """An instant that Slack shows on the clock of whoever reads it; a weekday in our words."""
        shown = self.words(self.view.when(when))
        if when.style == "day" or not self.tokens:
            return shown
        return f"<!date^{int(when.at.timestamp())}^{_TOKENS[when.style]}|{shown}>"


def rich(text: T, view: View) -> str:
    """The words as mrkdwn."""
    if not text.values:
        return _own_rich(view.words.template(view.language, text))
    return view.fill(text, Mrkdwn(view)).strip()


def marked(value: Value) -> bool:
    """Whether people or times stand in it, which only mrkdwn shows as Slack does."""
    match value:
        case T():
            return any(marked(one) for one in value.values.values())
        case When():
            return value.style != "day"
        case _:
            return isinstance(value, Who)


def label(text: str, most: int) -> PlainTextObject:
    """Plain text of at most this length; Slack lets emoji codes in it alone."""
    return PlainTextObject(text=cut(text, most) or DASH, emoji=False)


def mrkdwn(text: str) -> MarkdownTextObject:
    """Mrkdwn in which Slack looks for no addresses or names of its own accord."""
    return MarkdownTextObject(text=text, verbatim=True)


def texts(text: T, view: View, most: int) -> list[TextObject]:
    """The words in as many text objects as they need; none if they are blank."""
    shown = rich(text, view) if marked(text) else ""
    if 0 < length(shown) <= most:
        return [mrkdwn(shown)]
    return [label(piece, most) for piece in pieces(plain(text, view), most)]
