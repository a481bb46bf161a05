"""Text before any platform writes it: inert, measured, cut."""

import unicodedata

#: What stands where words have become blank, but something must stand.
DASH = "–"

#: Blank, though no category says so: the joiner of marks, the fillers of Hangul, an empty pattern,
#: and the selectors of variants, in a row of which any text can be hidden.
_BLANK = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0"
).union(map(chr, (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))))
_BREAKS = {"\u2028": "\n", "\u2029": "\n", "\r\n": "\n"}


def inert(text: str) -> str:
    """The text without characters that steer or hide: control, bidi, zero width, private use.

    >>> inert("invoice\\u202efdp.exe\\u200b\\x07")
    'invoicefdp.exe'
    """
    if text.isprintable() and _BLANK.isdisjoint(text):  # nearly always, and quickly said
        return text
    for old, new in _BREAKS.items():
        text = text.replace(old, new)
    return "".join(
        c for c in text if c in "\n\t" or (unicodedata.category(c)[0] != "C" and c not in _BLANK)
    )


def length(text: str) -> int:
    """How long a platform may find a text that counts as UTF-16 does, the strictest of ways.

    >>> length("å👍")
    3
    """
    return len(text.encode("utf-16-le")) // 2


def cut(text: str, most: int) -> str:
    """The text, with an ellipsis for what is over this length.

    >>> cut("Vad vill du ha hjälp med?", 10)
    'Vad vill…'
    """
    if 2 * len(text) <= most or length(text) <= most:
        return text
    kept = text.encode("utf-16-le")[: 2 * (most - 1)].decode("utf-16-le", "ignore")
    return f"{kept.rstrip()}…"
