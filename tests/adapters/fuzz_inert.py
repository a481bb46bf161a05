"""Hostile texts on every renderer: what is seen is the text, and nothing of it does anything.

`python -m tests.adapters.fuzz_inert 100000 --seed 7` tries so many; the same seed is the same
texts. Each is put wherever a person's text can stand, and read as the platform would read it: the
page by an HTML parser, Slack's mrkdwn by its own signs, Teams' text blocks by a Markdown parser.
"""

import argparse
import itertools
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from html import unescape
from html.parser import HTMLParser
from typing import Any

from adapters.playground import render as page
from adapters.slack import render as slack
from adapters.teams import render as teams
from bot.core.action import OpenGroup
from bot.core.card import (
    Button,
    Buttons,
    Card,
    Choice,
    Details,
    Form,
    Heading,
    Items,
    Line,
    Option,
    Quote,
    Said,
    T,
    Text,
    Tick,
    When,
    Who,
)
from bot.core.decision import Notice
from bot.words import View, Words
from tests.adapters.hostile import LONG, bare, hides, texts
from tests.adapters.scene import NOW, a_group, value
from tests.adapters.slack.test_inline import faults
from tests.adapters.teams.adaptive_card import card_of, things
from tests.adapters.teams.test_inline import PARSERS, markup

SAID = Said("g1", "1/meeting", "case/1")
#: What stands for the text where it is known to be harmless.
HARMLESS = "QZQ"
#: From how many letters on a text is parted; the fewest that one may be cut to.
PARTED, SHORTEST = 600, 10

# --- everywhere ---------------------------------------------------------------------------------


def everything(text: str, view: View) -> tuple[View, Card, Form]:
    """A view, a card and a form, with this wherever a person's text can stand."""
    view = replace(
        view,
        groups={"g1": replace(a_group(**{"case/1": text}), name=text, place=text)},
        names={"p1": text, "p2": "y"},
        natives={"p2": "U0KNOWN"},
        help_text=text,
    )
    written, said = value(text), T("value", {"value": SAID})
    person = T("value", {"value": Who(("p1",))})
    beside = T("vote.option", {"case": SAID, "who": Who(("p1", "p2"))})
    timed = T("vote.option", {"case": text, "who": T("value", {"value": When(NOW, "time")})})
    card = Card(
        (
            *(Heading(one) for one in (written, said)),
            *(Text(one) for one in (written, said, person, beside, timed)),
            Text(beside, quiet=True),
            Items((said, written)),
            Details(((T("case.label"), written), (T("data.name"), person))),
            Quote(SAID, Who(("p1",))),
            Buttons((Button(written, OpenGroup("g1")),)),
        ),
        said,
    )
    form = Form(
        value("Title"),
        OpenGroup("g1"),
        (
            Line("a", written, 3000, several=True, value=SAID, hint=written),
            Choice("b", written, (Option("1", said), Option("2", beside)), many=True),
            Tick("c", written),
            Text(said),
        ),
        submit=value("Send"),
    )
    return view, card, form


@dataclass
class Read:
    """What a reader of one platform finds: texts, what stands around them, and what they did."""

    texts: list[str]
    frame: list[object]
    wrong: list[object]


class _Html(HTMLParser):
    """What an HTML parser finds."""

    def __init__(self) -> None:
        super().__init__()
        self.read = Read([""], [], [])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        ours = [(name, "" if name == "value" else given) for name, given in attrs]
        self.read.frame.append((tag, *ours))
        self.read.texts.extend(given or "" for name, given in attrs if name == "value")
        self.read.texts.append("")

    def handle_endtag(self, tag: str) -> None:
        self.read.frame.append(tag)
        self.read.texts.append("")

    def handle_data(self, data: str) -> None:
        self.read.texts[-1] += data

    def handle_comment(self, data: str) -> None:
        self.read.wrong.append(("comment", data))

    def handle_decl(self, decl: str) -> None:
        self.read.wrong.append(("declaration", decl))

    def unknown_decl(self, data: str) -> None:
        self.read.wrong.append(("declaration", data))


def in_the_page(text: str, view: View) -> Read:
    """As a browser reads it."""
    view, card, form = everything(text, view)
    parser = _Html()
    for html in (page.card(card, view), page.form(form, view, ())):
        parser.feed(str(html))
    parser.close()
    return parser.read


def in_slack(text: str, view: View) -> Read:
    """As Slack reads it: plain text as it is, and mrkdwn with our own mention in it."""
    view, card, form = everything(text, view)
    read = Read([], [], [])
    message = slack.message(card, view)
    notice = slack.notice_view(Notice(T("value", {"value": SAID})), view)
    for one in _objects([message["blocks"], slack.form(form, view), notice]):
        shown = one["text"]
        if one["type"] == "mrkdwn":
            ours = shown.replace("<@U0KNOWN>", "").replace(_clock(view), "")
            read.wrong += faults(f"{ours}\n")
            read.wrong += [] if one.get("verbatim") is True else ["Slack looks for addresses"]
            read.frame.append((shown.count("<@U0KNOWN>"), shown.count("<!date")))
            shown = unescape(shown)
        elif one["type"] == "plain_text":
            read.wrong += re.findall(r"<(?:[@!#]|[\w+.-]+:)", shown)
            read.wrong += [] if one.get("emoji") is False else ["Slack looks for emoji"]
        read.texts.append(shown)
    read.wrong += faults(f"{message['text']}\n")
    read.texts.append(unescape(message["text"]))
    return read


def in_teams(text: str, view: View) -> Read:
    """As Teams reads it: Markdown in text blocks, the rest as it is, but for dates to write."""
    view, card, form = everything(text, view)
    read = Read([], [], [])
    for payload in (teams.message(card, view, shared=True), teams.form(form, view)):
        for one in things(card_of(payload)):
            read.frame.append((one["type"], one.get("id"), one.get("data"), one.get("url")))
            for key in ("title", "label", "fallbackText", "speak", "text", "value"):
                shown = one.get(key, "")
                if key != "value":  # what is written into a field is there to be changed
                    read.frame.append(shown.count("{{"))
                if one["type"] == "TextBlock" and key == "text":
                    read.wrong += markup(shown.replace(_TOKEN, "13.00"))
                    shown = _markdown(shown)
                read.texts.append(shown)
            for choice in one.get("choices", ()):
                read.wrong += markup(choice["title"])
                read.texts.append(_markdown(choice["title"]))
        read.wrong += markup(payload.get("summary", ""))
        read.texts.append(payload.get("summary", ""))
    return read


_TOKEN = "{{TIME(2026-03-03T08:00:00Z)}}"


def _clock(view: View) -> str:
    """How Slack is told of the time in the card."""
    at = view.when(When(NOW, "time"))
    return f"<!date^{int(NOW.timestamp())}^{{time}}|{at}>"


def _markdown(text: str) -> str:
    """What is seen of Markdown."""
    tokens = (one for block in PARSERS[0].parse(text) for one in block.children or ())
    return "".join("\n" if "break" in one.type else one.content for one in tokens)


def _objects(thing: Any) -> Iterator[dict[str, Any]]:
    """The text objects in something of Slack's, and what stands in a field before one writes."""
    if isinstance(thing, list):
        for one in thing:
            yield from _objects(one)
    elif isinstance(thing, dict):
        if thing.get("type") in ("plain_text", "mrkdwn"):
            yield thing
            return
        if "initial_value" in thing:
            yield {"type": "input", "text": thing["initial_value"]}
        for one in thing.values():
            yield from _objects(one)


READERS: dict[str, Callable[[str, View], Read]] = {
    "page": in_the_page,
    "Slack": in_slack,
    "Teams": in_teams,
}


class Inert:
    """Tries texts on every renderer."""

    def __init__(self) -> None:
        """Read everything once with a harmless text in it."""
        self.view = View("sv", "Europe/Oslo", {}, {}, "", Words())
        self.tame = {name: read(HARMLESS, self.view) for name, read in READERS.items()}

    def faults(self, text: str) -> list[tuple[str, object]]:
        """Where the text is more than text, or something else is seen than what was written."""
        return [(name, fault) for name in READERS for fault in self._faults(name, text)]

    def _faults(self, name: str, text: str) -> Iterator[object]:
        tame, wild = self.tame[name], READERS[name](text, self.view)
        yield from (Counter(map(repr, wild.wrong)) - Counter(map(repr, tame.wrong))).elements()
        yield from (c for c in sorted(set().union(*wild.texts)) if hides(c))
        whole, text = text, bare(text)
        if not text:
            return  # nothing is left of it, and what would hold it is not there
        seen = set(map(bare, wild.texts))
        if len(whole) >= PARTED:
            if not any(text[:LONG] in shown for shown in seen):
                yield "it is not seen"
            return
        if wild.frame != tame.frame:
            yield "something stands around it"
        expected = {bare(template).replace(HARMLESS, text) for template in tame.texts}
        for shown in seen - expected:
            cut = shown.endswith("…") and len(shown) >= SHORTEST
            if not cut or not any(one.startswith(shown[:-1]) for one in expected):
                yield ("seen", shown)
        for one in expected - seen:
            if not any(shown.endswith("…") and one.startswith(shown[:-1]) for shown in seen):
                yield ("not seen", one)


def main() -> int:
    """Try so many texts and say what was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.adapters.fuzz_inert")
    parser.add_argument("number", type=int)
    parser.add_argument("--seed", type=int, default=7)
    given = parser.parse_args()
    inert, found, say = Inert(), 0, sys.stdout.write
    for number, text in enumerate(itertools.islice(texts(given.seed), given.number)):
        if faults := inert.faults(text):
            found += 1
            if found <= 5:
                say(f"{number}: {text[:300]!r}: {faults[:3]!r}"[:1500] + "\n")
    tried = f"{given.number} texts from seed {given.seed}"
    say(f"{tried} on {', '.join(READERS)}: {found} not inert\n")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
