"""Running text as HTML: escaped, inert, people and times marked as such."""

import unicodedata
from dataclasses import dataclass

from markupsafe import Markup, escape

from bot.core.card import T, When
from bot.core.event import PersonId
from bot.words import View

#: Blank, though no category says so: the joiner of marks, the fillers of Hangul, an empty pattern.
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
_BREAKS = {"\u2028": "\n", "\u2029": "\n", "\r\n": "\n"}


def inert(text: str) -> str:
    """The text without characters that steer or hide: control, bidi, zero width, private use.

    >>> inert("invoice\\u202efdp.exe\\u200b\\x07")
    'invoicefdp.exe'
    """
    for old, new in _BREAKS.items():
        text = text.replace(old, new)
    return "".join(
        c for c in text if c in "\n\t" or (unicodedata.category(c)[0] != "C" and c not in _BLANK)
    )


def plain(text: T, view: View) -> str:
    """The words as bare text, for an attribute or a label."""
    return inert(view.plain(text))


@dataclass(frozen=True, slots=True)
class Html:
    """How the parts of a sentence look in HTML."""

    view: View

    def text(self, text: str) -> str:
        """What a person wrote: escaped, and kept from turning the direction of the rest."""
        return Markup("<bdi>{}</bdi>").format(inert(text))

    def words(self, text: str) -> str:
        """Our own words."""
        return str(escape(text))

    def person(self, person: PersonId) -> str:
        """A person, by name."""
        name = inert(self.view.person(person))
        return Markup('<b class="person"><bdi>{}</bdi></b>').format(name)

    def when(self, when: When) -> str:
        """An instant, readable for people and machines."""
        shown = Markup('<time datetime="{}">{}</time>')
        return shown.format(when.at.isoformat(timespec="minutes"), self.view.when(when))


def rich(text: T, view: View) -> Markup:
    """The words as HTML; every part of them is escaped by `Html`."""
    return Markup(view.fill(text, Html(view)))  # noqa: S704
