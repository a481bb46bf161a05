"""Running text as HTML: escaped, inert, people and times marked as such."""

from dataclasses import dataclass

from markupsafe import Markup, escape

from adapters.text import inert
from bot.core.card import T, When
from bot.core.event import PersonId
from bot.words import View


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
