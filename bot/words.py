"""Words: keys and values become a person's own language."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from string import Formatter
from typing import Protocol, assert_never
from zoneinfo import ZoneInfo

from babel.dates import format_date
from babel.lists import format_list
from babel.messages.pofile import read_po

from bot.core.card import About, Address, Export, OfMethod, Said, T, Value, When, Who
from bot.core.event import GroupId, PersonId
from bot.core.model import LANGUAGES, Group
from bot.core.rules import our_rules, own_rules
from bot.core.written import document, parts

_LOCALE = Path(__file__).parent / "locale"
#: English as it is written on this side of the sea: 24 hours, the day before the month.
_LOCALES = {"en": "en_GB", "sv": "sv", "nb": "nb"}
_DATES = {"en": "EEEE d MMMM", "sv": "EEEE d MMMM", "nb": "EEEE d. MMMM"}
#: *klockan 13.00*, as the language councils of Sweden and Norway write it.
_TIMES = {"en": "%H:%M", "sv": "%H.%M", "nb": "%H.%M"}
_AT = {"en": "at", "sv": "kl.", "nb": "kl."}
_NEAREST = {"sv": "sv", "nb": "nb", "no": "nb", "nn": "nb", "da": "nb"}


def negotiate(wanted: str) -> str:
    """The language Krets speaks that is nearest to the one a platform tells.

    >>> [negotiate(code) for code in ("sv-SE", "no", "nn_NO", "da-DK", "fi", "")]
    ['sv', 'nb', 'nb', 'nb', 'en', 'en']
    """
    return _NEAREST.get(wanted.replace("_", "-").partition("-")[0].lower(), "en")


def clock(at: time, language: str) -> str:
    """A time of day.

    >>> clock(time(9), "sv"), clock(time(13, 5), "en")
    ('09.00', '13:05')
    """
    return f"{at:{_TIMES[language]}}"


class Inline(Protocol):
    """How a platform writes what stands inside a sentence."""

    def text(self, text: str) -> str:
        """What a person wrote, or a code: shown as it is, whatever characters it holds."""

    def words(self, words: str) -> str:
        """Words of our own."""

    def person(self, person: PersonId) -> str:
        """A person."""

    def when(self, when: When) -> str:
        """An instant."""


class Words:
    """The catalogues, read once. English is complete by definition, the others fall back to it."""

    def __init__(self, directory: Path = _LOCALE) -> None:
        """Read `<language>/LC_MESSAGES/krets.po` for each language."""
        self._catalogues = {
            language: _read((directory / language / "LC_MESSAGES/krets.po").read_bytes(), language)
            for language in LANGUAGES
        }

    def template(self, language: str, text: T) -> str:
        """The sentence with its placeholders; a key that English lacks is a `KeyError`."""
        forms = self._catalogues[language].get(text.key) or self._catalogues["en"][text.key]
        # All our languages have one form for exactly one, and one for the rest.
        return forms[0] if text.values.get("n") == 1 else forms[-1]


@lru_cache(maxsize=16)
def _read(text: bytes, language: str) -> Mapping[str, tuple[str, ...]]:
    """Key -> its forms; what is not translated, or only guessed, is left out."""
    catalogue = read_po(BytesIO(text), locale=language)
    found: dict[str, tuple[str, ...]] = {}
    for message in catalogue:
        said = message.string or ""
        forms = (said,) if isinstance(said, str) else tuple(said)
        key = message.id if isinstance(message.id, str) else message.id[0]
        if key and all(forms) and not message.fuzzy:
            found[key] = forms
    return found


@lru_cache(maxsize=2_000)
def _parts(template: str) -> tuple[tuple[str, str | None], ...]:
    """Words and the name of what stands after them, if anything does."""
    return tuple((words, name) for words, name, _, _ in Formatter().parse(template))


@lru_cache(maxsize=500)
def _date(day: date, language: str) -> str:
    return format_date(day, _DATES[language], locale=_LOCALES[language])


@dataclass(frozen=True, slots=True)
class View:
    """What one reader sees: in which language and zone, with which names, groups and words."""

    language: str
    zone: str
    names: Mapping[PersonId, str]
    groups: Mapping[GroupId, Group]
    help_text: str
    words: Words
    #: How the reader's platform knows people: for platforms that write a person as a mention.
    natives: Mapping[PersonId, str] = field(default_factory=dict)
    #: What groups are called of which the reader sees nothing else but facts.
    listed: Mapping[GroupId, str] = field(default_factory=dict)
    #: Where people reach Krets from outside; empty if nowhere.
    base_url: str = ""

    def fill(self, text: T, inline: Inline) -> str:
        """The sentence, with what stands inside it written as the platform writes it."""
        parts: list[str] = []
        for words, name in _parts(self.words.template(self.language, text)):
            if words:
                parts.append(inline.words(words))
            if name is not None:
                parts.append(self._value(text.values[name], inline))
        return "".join(parts)

    def plain(self, text: T) -> str:
        """The sentence as plain text."""
        return self.fill(text, _Plain(self))

    def said(self, said: Said) -> str:
        """What somebody wrote; empty once it is destroyed."""
        group = self.groups.get(said.group)
        return group.item(said.drawer, said.item) if group else ""

    def about(self, about: About) -> str:
        """What the group or its meetings are called, its place or link; or whom to turn to."""
        if about.what == "help":
            return self.help_text or self.plain(T("help.default"))
        group = self.groups.get(about.group)
        if group is None:
            return self.listed.get(about.group, "") if about.what == "name" else ""
        match about.what:
            case "name":
                return group.name
            case "place":
                return group.place
            case "link":
                return group.link
            case "title":
                return group.title
            case "rules":
                rows = self._rules(group)
                return "\n".join(rows[about.row - 1 : about.row] if about.row else rows)
            case _:
                assert_never(about.what)

    def _rules(self, group: Group) -> list[str]:
        """The group's own rules, or ours in its language."""
        own = own_rules(group)
        ours = replace(self, language=group.language)
        return own or [ours.plain(text) for text in our_rules(group)]

    def address(self, address: Address) -> str:
        """A private address in full."""
        return self.base_url + address.path

    def export(self, export: Export) -> str:
        """One part of what a person wrote and Krets has on them; empty if there are fewer."""
        me, name = export.person, self.person(export.person)
        found = parts(document(self.groups.values(), me, name, self.language, self.zone))
        return found[export.part - 1] if 1 <= export.part <= len(found) else ""

    def prefilled(self, value: Said | About | Export | str) -> str:
        """What stands in a line before anybody writes in it."""
        match value:
            case Said():
                return self.said(value)
            case About():
                return self.about(value)
            case Export():
                return self.export(value)
            case str():
                return value
            case _:
                assert_never(value)

    def of_method(self, of: OfMethod) -> str:
        """A text of the group's own method."""
        group = self.groups.get(of.group)
        return group.method.text(of.path, self.language) if group else ""

    def person(self, person: PersonId) -> str:
        """The person's name; a dash for somebody unknown."""
        return self.names.get(person, "–")

    def when(self, when: When) -> str:
        """The instant on the reader's own clock and calendar."""
        at = when.at.astimezone(ZoneInfo(self.zone))
        match when.style:
            case "date":
                return self._date(at)
            case "time":
                return self._time(at)
            case "both":
                return f"{self._date(at)} {_AT[self.language]} {self._time(at)}"
            case "day":
                return format_date(at, "EEEE", locale=_LOCALES[self.language])
            case _:
                assert_never(when.style)

    def _date(self, at: datetime) -> str:
        return _date(at.date(), self.language)

    def _time(self, at: datetime) -> str:
        return clock(at.time(), self.language)

    def _value(self, value: Value, inline: Inline) -> str:
        match value:
            case int() | str():
                return inline.text(str(value))
            case T():
                return self.fill(value, inline)
            case Said():
                return inline.text(self.said(value))
            case About():
                return inline.text(self.about(value))
            case OfMethod():
                return inline.words(self.of_method(value))
            case Who():
                people = [inline.person(person) for person in value.people]
                return format_list(people, locale=_LOCALES[self.language])
            case When():
                return inline.when(value)
            case _:
                assert_never(value)


@dataclass(frozen=True, slots=True)
class _Plain:
    """Plain text, where nothing needs an escape."""

    view: View

    def text(self, text: str) -> str:
        """What a person wrote."""
        return text

    def words(self, words: str) -> str:
        """Words of our own."""
        return words

    def person(self, person: PersonId) -> str:
        """A person's name."""
        return self.view.person(person)

    def when(self, when: When) -> str:
        """An instant on the reader's clock."""
        return self.view.when(when)
