"""What people type, made inert before it is kept: normal form, no control or hidden characters."""

import unicodedata

from bot.core.card import T

#: Characters of one text in a form; Slack's modals take 3000.
TEXT_LIMIT = 2000
#: Characters of a group's name.
NAME_LIMIT = 60
#: Characters of a place or a link.
PLACE_LIMIT = 200


def inert(text: str, several: bool = False) -> str:
    """The text in normal form C, without control, bidi and zero-width characters, trimmed.

    >>> inert("a\\u202eb\\u200b  c\\n")
    'ab c'
    >>> inert("one\\r\\n\\r\\ntwo", several=True)
    'one\\n\\ntwo'
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(c for c in text if c in "\n\t" or unicodedata.category(c)[0] != "C")
    kept = unicodedata.normalize("NFC", kept)  # last: what was kept apart may come together now
    if several:
        return "\n".join(" ".join(line.split()) for line in kept.split("\n")).strip()
    return " ".join(kept.split())


def fault(text: str, limit: int, optional: bool = False) -> T | None:
    """What is wrong with an inert text, if anything.

    >>> fault("", 60).key
    'error.empty'
    >>> fault("x" * 61, 60).values["limit"]
    60
    """
    if not text and not optional:
        return T("error.empty")
    if len(text) > limit:
        return T("error.long", {"limit": limit})
    return None
