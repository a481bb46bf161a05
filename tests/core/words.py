"""The catalogues and the methods as the tests read them, and how hard they are to read."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from string import Formatter

from babel.messages.pofile import read_po

import bot
from bot.core.method import Method

LOCALE = Path(bot.__file__).parent / "locale"


@cache
def catalogue(language: str) -> dict[str, tuple[str, ...]]:
    """Every key with its one form, or its singular and plural."""
    with (LOCALE / language / "LC_MESSAGES" / "krets.po").open("rb") as file:
        read = read_po(file, locale=language, abort_invalid=True)
    found = {}
    for message in read:
        key = message.id if isinstance(message.id, str) else message.id[0]
        forms = (message.string,) if isinstance(message.string, str) else tuple(message.string)
        if key:
            found[key] = forms
    return found


@cache
def placeholders(language: str, key: str) -> frozenset[str]:
    """What a sentence wants to be told."""
    parsed = (part for form in catalogue(language)[key] for part in Formatter().parse(form))
    return frozenset(name for _, name, _, _ in parsed if name is not None)


def lix(text: str) -> float:
    """How hard a Swedish text is to read, after Björnsson: words a sentence, and long words.

    >>> lix("Vi ses varje vecka. Ingen löser någons problem här.")
    15.6
    >>> round(lix("Den organisatoriska förankringen förutsätter tydliga retningslinjer."))
    89
    """
    words = re.findall(r"[^\W\d_]+(?:[-'][^\W\d_]+)*", text)
    if not words:
        return 0.0
    sentences = len(re.findall(r"[.:?!](?=\s|$)", text)) or 1
    long = sum(len(word) > 6 for word in words)
    return round(len(words) / sentences + 100 * long / len(words), 1)


def texts_of(method: Method) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Every text of a method with where it stands, each in all languages."""
    for name in ("title", "leader", "leader_many", "neutral"):
        yield name, getattr(method, name) or {}
    for name in ("checkin", "arriving", "support", "take", "closing"):
        yield f"questions/{name}", getattr(method.questions, name) or {}
    for name in ("taps", "pulse", "answers"):
        for id, texts in getattr(method.questions, name).items():
            yield f"questions/{name}/{id}", texts
    for name in ("first", "ordinary", "last", "exercises", "themes"):
        for part in getattr(method, name):
            yield f"{name}/{part.id}/title", part.title
            yield f"{name}/{part.id}/say", part.say or {}
