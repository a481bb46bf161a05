"""Running text in Teams: what a person wrote is shown, and does nothing."""

import re
import unicodedata
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from adapters.teams.inline import Pen, fallback, heading, line, paragraph, still, tame
from bot.core.card import About, T, When, Who
from bot.words import View
from tests.adapters.scene import NOW, value
from tests.adapters.teams.pieces import run

HOSTILE = (
    "<at>Eva</at> @Eva <at id='29:1'>x</at>",
    "[Vote here](https://evil.example) ![x](http://e.vil/x.png) [a]: http://x.se",
    "https://evil.example mailto:a@b.se www.evil.example evil.example tel:112 a@b.se",
    "<https://evil.example> <b>bold</b> <script>alert(1)</script> <!-- x -->",
    "**bold** __bold__ *italic* _italic_ ~~struck~~ `code` ``` block",
    "# heading\n## heading\nheading\n===\nheading\n---\n***\n- - -\n#\n",
    "- one\n* two\n+ three\n1. four\n2) five\n-\n1.\n",
    "    code\n\tcode\n> quoted\n| a | b |\n|---|---|\n| c | d |",
    "{{DATE(2026-03-03T08:00:00Z, LONG)}} {{TIME(2026-03-03T08:00:00Z)}} {{{DATE(",
    "\\*not\\* C:\\new \\",
    "&copy; &#60;b&#62; &lt;at&gt; &amp;lt;",
    "{value} ${x} %s",
    "abc\u202egnp.exe\u2066\u200b\u00ad\ufeff\x00\x1b[31m\u2028- line\u3164",
)
#: Letters of Markdown, often beside each other.
MARKUP = st.text(alphabet="*_~`#-+=>|[]()<>!\\&;:@.1{} \t\nawE", max_size=40)
TEXTS = st.text(max_size=40) | MARKUP | st.sampled_from(HOSTILE)
#: More than Teams knows: whatever these find nothing in is text everywhere.
PARSERS = (MarkdownIt("commonmark"), MarkdownIt("js-default"))
PLAIN = {"paragraph_open", "paragraph_close", "inline", "text", "softbreak", "hardbreak"}
#: What a client makes a link of without being told.
ADDRESS = re.compile(r"\w:\S|\w@\w|\b[\w-]+\.[^\W\d_]{2}")


def markup(text: str) -> set[str]:
    """What Teams could take for more than text."""
    found: set[str] = set()
    for parser in PARSERS:
        for token in parser.parse(text):
            found |= {token.type, *(one.type for one in token.children or ())} - PLAIN
    found |= {c for c in text if c not in "\n\t" and unicodedata.category(c)[0] == "C"}
    found |= set(re.findall(r"\{\{|[<>@\\]|&(?=#?\w+;)", text))
    return found


def timed(*values: str) -> T:
    """A sentence with a time and with what people wrote, one after the other."""
    at = T("text", {"text": When(NOW, "time")})
    words = at
    for one in values:
        words = T("vote.option", {"case": one, "who": words})
    return words


@settings(derandomize=True, max_examples=400, deadline=None)
@given(text=TEXTS)
def test_a_heading_is_no_more_than_what_a_person_wrote(words_view: View, text: str) -> None:
    title = heading(value(text), Pen(words_view))
    if title is not None:
        assert markup(title["text"]) == set()
        assert not ADDRESS.search(title["text"])
        assert "\n" not in title["text"]


@settings(derandomize=True, max_examples=400, deadline=None)
@given(one=TEXTS, other=TEXTS)
def test_beside_a_time_what_a_person_wrote_is_text(words_view: View, one: str, other: str) -> None:
    shown = paragraph(timed(one, f"\n{other}"), Pen(words_view, shared=True))
    assert shown is not None
    assert shown["type"] == "TextBlock"
    token = "{{TIME(2026-03-03T08:00:00Z)}}"
    assert shown["text"].count(token) == 1
    assert markup(shown["text"].replace(token, "13.00")) == set()


@settings(derandomize=True, max_examples=400, deadline=None)
@given(text=TEXTS)
def test_elsewhere_it_is_shown_as_it_is_and_hides_nothing(words_view: View, text: str) -> None:
    shown = paragraph(value(text), Pen(words_view))
    if shown is not None:
        assert shown["type"] == "RichTextBlock"
        (only,) = shown["inlines"]
        assert set(only) == {"type", "text"}
        assert "{{" not in only["text"]
        assert not [
            c for c in only["text"] if c not in "\n\t" and unicodedata.category(c)[0] == "C"
        ]
    assert markup(fallback(value(text), words_view)) == set()


def test_the_check_finds_markup() -> None:
    harmless = {"{value} ${x} %s"}
    assert [one for one in HOSTILE if not markup(one) and one not in harmless] == []


def test_ordinary_text_stays_as_it_is() -> None:
    text = "Åsa frågar: «går det?» – ja, 100 % 👍 & mer (kl. 13.00), bl.a. till 2026-03-03"
    assert tame(text) == still(text) == text


def test_lines_stay_lines_in_a_text_block(words_view: View) -> None:
    shown = paragraph(timed("one\n- two\n3. three"), Pen(words_view, shared=True))
    assert shown is not None
    assert shown["type"] == "TextBlock"
    assert shown["text"].startswith("one\n\n‐ two\n\n3․ three")


# --- sentences ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def words_view(words: object) -> View:
    return View("en", "Europe/Oslo", {}, {}, "", words)  # type: ignore[arg-type]


def value_of(of: Who | When | About) -> T:
    return T("value", {"value": of})


@pytest.mark.parametrize(
    ("style", "expected"),
    [
        ("date", "{{DATE(2026-03-03T08:00:00Z, LONG)}}"),
        ("time", "{{TIME(2026-03-03T08:00:00Z)}}"),
        ("both", "{{DATE(2026-03-03T08:00:00Z, LONG)}} {{TIME(2026-03-03T08:00:00Z)}}"),
    ],
)
def test_in_a_room_an_instant_is_shown_on_the_clock_of_whoever_reads(
    style: str, expected: str, view: View
) -> None:
    when = value_of(When(NOW, style))  # type: ignore[arg-type]
    shown = {"type": "TextBlock", "text": expected, "wrap": True}
    assert paragraph(when, Pen(view, shared=True)) == shown
    assert paragraph(when, Pen(view)) == run(view.plain(when))
    assert fallback(when, view) == " ".join(view.plain(when).split())


def test_a_weekday_is_the_same_for_all(view: View) -> None:
    weekday = value_of(When(NOW, "day"))
    assert paragraph(weekday, Pen(view, shared=True)) == run("Tuesday")


def test_people_are_named_and_not_mentioned(view: View) -> None:
    people = value_of(Who(("p1", "p2", "p9")))
    assert paragraph(people, Pen(view)) == run("Åsa Nyström, Bjørn <b>Haugen</b> and –")
    assert fallback(people, view) == "Åsa Nyström, Bjørn ‹b›Haugen‹/b› and –"


def test_an_address_can_be_copied(view: View) -> None:
    link = replace(view.groups["g1"], link="https://meet.example/a_b*c?x=1&y=2")
    view = replace(view, groups={"g1": link})
    shown = paragraph(value_of(About("g1", "link")), Pen(view, shared=True))
    assert shown == run("https://meet.example/a_b*c?x=1&y=2")


def test_a_blank_sentence_is_none_and_a_long_one_is_cut(view: View) -> None:
    blank, long = value(" \u200b\n"), value("word " * 100)
    assert paragraph(blank, Pen(view)) is heading(blank, Pen(view)) is None
    assert line(blank, Pen(view)) == "–"
    assert paragraph(long, Pen(view, most=10)) == run("word word…")


def test_a_time_beside_a_long_text_is_never_cut_in_two(words_view: View) -> None:
    long = "word " * 20
    for most in range(70, 150):
        shown = paragraph(timed(long), Pen(words_view, shared=True, most=most))
        assert shown is not None
        assert shown["type"] == "TextBlock"
        assert markup(shown["text"].replace("{{TIME(2026-03-03T08:00:00Z)}}", "")) == set()
