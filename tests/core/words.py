"""The catalogues as the tests read them: key -> the forms of a sentence."""

from functools import cache
from pathlib import Path
from string import Formatter

from babel.messages.pofile import read_po

import bot

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
