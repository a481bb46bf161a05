"""What somebody typed to Krets, as far as it is looked at: the words of a command, or none."""

import html
import re
import unicodedata
from collections.abc import Sequence

from adapters.teams.shapes import Mention
from bot.core.commands import MEANING

#: The command's name, which may be left out where only Krets listens.
NAMES = ("krets", "/krets", "@krets")
#: Words for the home, which is a place of its own elsewhere.
HOME = ("home", "hem", "hjem")
#: Characters that are looked at; a command is shorter.
_LONGEST = 4_000

_AT = re.compile(r"<at\b[^<>]*>", re.IGNORECASE)
#: What stands before the name of somebody who is mentioned, and never before one of `NAMES`.
_MENTIONED = "＠"
_TAG = re.compile(r"<[^<>]*>")


def without_mention(text: str, mentions: Sequence[Mention], bot: str) -> str:
    """The text without the one place where it names this bot; others may be called the same.

    Mentions, each with its words, come in the order in which they stand in the text.

    >>> from adapters.teams.shapes import Account
    >>> both = [Mention(Account(one), "<at>Krets</at>") for one in ("29:asa", "28:bot")]
    >>> without_mention("<at>Krets</at> asks <at>Krets</at> Krets", both, "28:bot")
    '<at>Krets</at> asks  Krets'
    """
    at = 0
    for mention in mentions:
        found = text.find(mention.text, at)
        if found < 0:
            continue
        at = found + len(mention.text)
        if mention.mentioned.id == bot:
            return text[:found] + text[at:]
    return text


def command(text: str) -> str | None:
    """The words after `krets`, or a word that is a command by itself; None for all other text.

    >>> [command(text) for text in ("/krets Öppna nu", "fr&aring;ga", "<p>hem</p>", "/help", "")]
    ['Öppna nu', 'fråga', '', 'help', '']
    >>> command("@Krets här"), command("open doors help me think")
    ('här', None)
    >>> command("<at>Krets</at>, of accounts, open") is None
    True
    """
    words = _plain(text).split()
    named = bool(words) and words[0].casefold() in NAMES
    words = words[1:] if named else words
    if len(words) == 1:
        word = words[0].removeprefix("/").rstrip(".!") or words[0]
        if word.casefold() in HOME:
            return ""
        if word.casefold() in MEANING:
            return word
    return " ".join(words) if named or not words else None


def _plain(text: str) -> str:
    """The text without markup and without what cannot be seen; a name in it keeps its sign."""
    bare = _TAG.sub(" ", _AT.sub(_MENTIONED, text[:_LONGEST]))
    whole = unicodedata.normalize("NFC", html.unescape(bare))
    return "".join(c for c in whole if unicodedata.category(c) != "Cf")
