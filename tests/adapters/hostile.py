"""Hostile texts without end, and what of them is to be seen."""

import random
import re
import unicodedata
from collections.abc import Iterator
from functools import cache

#: Letters of a long text.
LONG = 60

# --- texts --------------------------------------------------------------------------------------

FRAGMENTS = (
    # Mentions.
    *("<!channel>", "<!here|here>", "<@U0EVA>", "<@U0KNOWN>", "<#C0ROOM>", "<!subteam^S1>"),
    *("@channel", "@here", "@Eva", "#general", "<at>Eva</at>", "<at id='29:1'>x</at>"),
    # Links, with names, without, and with other signs for those of a scheme.
    *("<https://evil.example|Vote here>", "https://evil.example/?a=b&c=d", "www.evil.example"),
    *("evil.example", "mailto:a@b.se", "tel:112", "a@b.se", "[Vote](https://evil.example)"),
    *("[a]: http://x.se", "[a][b]", "<https://evil.example>", "javascript:alert(1)"),
    *("ｈttps://evil.example", "http\uff1a//evil.example", "hțțps://evil.example"),
    *("java\tscript:alert(1)", "JaVaScRiPt:x", "data:text/html,<b>", "msteams:/l/chat", "//x.se"),
    # Images, emoji, markup.
    *("![x](http://e.vil/x.png)", "<img src=x onerror=alert(1)>", ":tada:", ":+1:", "(smile)"),
    *("<script>alert(1)</script>", "</bdi></p><b>", '"><svg/onload=x>', "' onclick='x", "<!-- x"),
    *("-->", "]]>", "</textarea>", "</dialog>", "<br/>", "&lt;b&gt;", "&#60;b&#62;", "&amp;lt;"),
    *("&copy;", "&NewLine;", "*bold*", "**bold**", "_it_", "__b__", "~s~", "~~s~~", "`c`", "```"),
    *("> quoted", ">>> all", "&gt; again", "# heading", "heading\n===", "heading\n---", "- one"),
    *("* two", "+ three", "1. four", "2) five", "***", "| a | b |\n|---|---|", "    code", "\tx"),
    *("\\*", "\\", "\\\n", "<!date^1^{date}|x>", "{{DATE(2026-03-03T08:00:00Z, LONG)}}", "{{{"),
    *("{{TIME(2026-03-03T08:00:00Z)}}", "{value}", "${x}", "%s", "{{ 7 * 7 }}", "{% raw %}"),
    # Characters of the text itself.
    *("plain words", "Åsa frågar", "går det?", "👍", "❤\ufe0f", "1\ufe0f\u20e3", "e\u0301", "n"),
)
#: Control, bidi, zero width, fillers, selectors, tags, private use, half a pair, none at all.
HIDDEN = (
    "\x00\x07\x08\x0b\x0c\x1b\x7f\x85\u061c\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d"
    "\u202e\u2060\u2061\u2064\u2066\u2067\u2068\u2069\u206a\u206f\ufeff\u00ad\u034f\u115f\u1160"
    "\u17b4\u17b5\u180b\u180e\u180f\u2800\u3164\uffa0\ufe00\ufe0e\ufe0f\ufff9\ufffb\ue000\ud800"
    "\udfff\uffff\U000e0001\U000e0041\U000e007f\U000e0100\U000e01ef\U0010fffd\U0001d173\U0001bca0"
)
BETWEEN = ("", "", "", " ", "\n", "\n\n", "\r\n", "\r", "\t", "\u2028", "\u2029", "\u00a0", ",")
SIGNS = "*_~`#-+=>|[]()<>!\\&;:@.1{}/\"' \t\na"


def texts(seed: int) -> Iterator[str]:
    """Hostile texts without end; the same seed gives the same.

    >>> next(texts(7)) == next(texts(7))
    True
    """
    chance = random.Random(seed)
    while True:
        parts: list[str] = []
        for _ in range(chance.randint(1, 6)):
            parts += (_part(chance), chance.choice(BETWEEN))
        text = "".join(parts)
        if chance.random() < 0.3:  # what is hidden parts what would be seen
            for _ in range(chance.randint(1, 4)):
                at = chance.randint(0, len(text))
                text = text[:at] + chance.choice(HIDDEN) + text[at:]
        if chance.random() < 0.02:
            text = (text or "x") * (chance.randint(LONG, 6000) // max(len(text), 1) + 1)
        yield text


def _part(chance: random.Random) -> str:
    kind = chance.random()
    if kind < 0.7:
        return chance.choice(FRAGMENTS)
    if kind < 0.85:
        return "".join(chance.choices(SIGNS, k=chance.randint(1, 12)))
    if kind < 0.95:
        return "".join(chance.choices(HIDDEN, k=chance.randint(1, 4)))
    return "".join(chr(chance.randrange(0x110000)) for _ in range(chance.randint(1, 4)))


# --- what is to be seen -------------------------------------------------------------------------

#: What Unicode says is ignored where it is shown, though it is no control, and what is blank
#: without being a space.
_IGNORED = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0"
    "\U000e0000-\U000e0fff]"
)
#: Signs that stand for others because they look alike.
_ALIKE = dict(zip("∗ˍ∼ˋ＠＃∶‹›［］∖∣＆｛․）‐＋꞊", "*_~`@#:<>[]\\|&{.)-+=", strict=True))


@cache
def hides(c: str) -> bool:
    """Whether a character steers or hides: control, bidi, zero width, private use."""
    control = unicodedata.category(c)[0] == "C" and c not in "\n\t"
    return control or _IGNORED.match(c) is not None


class _Bare(dict[int, str]):
    """What is left of each character for a reader who compares."""

    def __missing__(self, code: int) -> str:
        c = chr(code)
        self[code] = "" if hides(c) or c.isspace() else _ALIKE.get(c, c)
        return self[code]


_BARE = _Bare()


def bare(text: str) -> str:
    """The letters that a reader compares: no space, no matter which of two signs that look alike.

    >>> bare("∗look∗ at x\\u200b․se") == bare("*look* at x.se")
    True
    """
    return text.translate(_BARE)
