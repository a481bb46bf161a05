"""Words in three languages, and what stands inside them."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.core.card import About, Export, OfMethod, Said, T, When, Who
from bot.words import View, Words, negotiate
from tests.shell.stage import a_group, write_catalogues

AT = datetime(2026, 3, 3, 12, tzinfo=UTC)
CATALOGUES = {
    "en": {
        "hello": "Hello {name}",
        "only": "Only English",
        "empty": "Not empty",
        "braces": "{{{name}}}",
        "notes": "<b> & {a}, {b}",
    },
    "sv": {"hello": "Hej {name}", "empty": ""},
    "nb": {"hello": "Hei {name}"},
}
PLURAL = """
msgid "votes"
msgid_plural "votes"
msgstr[0] "{n} röst av {m}"
msgstr[1] "{n} röster av {m}"

#, fuzzy
msgid "braces"
msgstr "Gissat"
"""


@pytest.fixture
def view(tmp_path: Path) -> View:
    write_catalogues(tmp_path, CATALOGUES)
    file = tmp_path / "sv" / "LC_MESSAGES" / "krets.po"
    file.write_text(file.read_text() + PLURAL)
    return View(
        language="sv",
        zone="Europe/Stockholm",
        names={"a": "Anna", "b": "Bo", "c": "Cilla"},
        groups={"g1": a_group(link="https://x", drawers={"1/meeting": {"case/1": "Min fråga"}})},
        help_text="Ring 112",
        words=Words(tmp_path),
    )


class Html:
    def text(self, text: str) -> str:
        return text.replace("<", "&lt;")

    def words(self, words: str) -> str:
        return words.replace("&", "&amp;")

    def person(self, person: str) -> str:
        return f"<@{person}>"

    def when(self, when: When) -> str:
        return f"<time {when.at:%H}>"


@pytest.mark.parametrize("language", ["sv-SE", "SV", "sv_FI"])
def test_swedish(language: str) -> None:
    assert negotiate(language) == "sv"


def test_each_language_and_its_fallback(view: View) -> None:
    texts = {"hello": {"name": "x"}, "only": {}, "empty": {}}
    for language, expected in {
        "sv": ["Hej x", "Only English", "Not empty"],
        "nb": ["Hei x", "Only English", "Not empty"],
        "en": ["Hello x", "Only English", "Not empty"],
    }.items():
        there = replace(view, language=language)
        assert [there.plain(T(key, values)) for key, values in texts.items()] == expected


def test_a_key_that_english_lacks_is_a_fault(view: View) -> None:
    with pytest.raises(KeyError):
        view.plain(T("nothing"))
    with pytest.raises(KeyError):
        view.plain(T("hello"))


def test_one_and_many(view: View) -> None:
    said = [view.plain(T("votes", {"n": n, "m": 8})) for n in (0, 1, 2)]
    assert said == ["0 röster av 8", "1 röst av 8", "2 röster av 8"]


def test_a_guess_of_a_translator_is_not_used(view: View) -> None:
    assert view.plain(T("braces", {"name": 1})) == "{1}"


def test_lists_of_people(view: View) -> None:
    def hello(language: str, *people: str) -> str:
        return replace(view, language=language).plain(T("hello", {"name": Who(people)}))

    assert hello("sv", "a", "b", "c") == "Hej Anna, Bo och Cilla"
    assert hello("nb", "a", "b", "c") == "Hei Anna, Bo og Cilla"
    assert hello("en", "a", "b", "c") == "Hello Anna, Bo and Cilla"
    assert hello("sv", "a") == "Hej Anna"
    assert hello("sv") == "Hej "
    assert hello("sv", "nobody") == "Hej –"


def test_times(view: View) -> None:
    def when(language: str, style: str) -> str:
        return replace(view, language=language).when(When(AT, style))

    assert when("sv", "date") == "tisdag 3 mars"
    assert when("nb", "date") == "tirsdag 3. mars"
    assert when("en", "date") == "Tuesday 3 March"
    assert [when(language, "time") for language in ("en", "sv", "nb")] == [
        "13:00",
        "13.00",
        "13.00",
    ]
    assert when("en", "both") == "Tuesday 3 March at 13:00"
    assert when("sv", "both") == "tisdag 3 mars kl. 13.00"
    assert when("nb", "both") == "tirsdag 3. mars kl. 13.00"
    assert when("nb", "day") == "tirsdag"
    assert replace(view, zone="Europe/Helsinki").when(When(AT, "time")) == "14.00"


def test_what_belongs_to_a_group(view: View) -> None:
    assert view.said(Said("g1", "1/meeting", "case/1")) == "Min fråga"
    assert view.said(Said("g1", "1/vote", "case/1")) == ""
    assert view.said(Said("g2", "1/meeting", "case/1")) == ""
    about = [view.about(About("g1", what)) for what in ("name", "place", "link", "help")]
    assert about == ["Eken", "Room 1", "https://x", "Ring 112"]
    assert view.about(About("g2", "name")) == ""
    assert view.of_method(OfMethod("g1", "ordinary/talk/title")) == "Prata"
    assert view.of_method(OfMethod("g2", "title")) == ""


def test_what_stands_in_a_line_before_anybody_writes(view: View) -> None:
    values = (Said("g1", "1/meeting", "case/1"), About("g1", "name"), "2026-03-03", "")
    assert [view.prefilled(one) for one in values] == ["Min fråga", "Eken", "2026-03-03", ""]


def test_what_krets_has_on_somebody_is_told_in_parts(view: View) -> None:
    there = replace(view, names={"anna": "Anna"})
    told = json.loads(there.prefilled(Export("anna", 1)))
    assert (told["name"], told["language"], told["time_zone"]) == (
        "Anna",
        "sv",
        "Europe/Stockholm",
    )
    assert [(one["name"], one["role"]) for one in told["groups"]] == [("Eken", "member")]
    assert [there.prefilled(Export("anna", part)) for part in (-1, 0, 2)] == ["", "", ""]


def test_each_platform_writes_it_its_own_way(view: View) -> None:
    inner = T("hello", {"name": Who(("a", "b"))})
    text = T("notes", {"a": inner, "b": When(AT)})
    assert view.fill(text, Html()) == "<b> &amp; Hej <@a> och <@b>, <time 12>"
    group = view.groups["g1"].with_item("1/meeting", "case/1", "<i> {name} & %s")
    there = replace(view, groups={"g1": group})
    said = T("hello", {"name": Said("g1", "1/meeting", "case/1")})
    assert there.fill(said, Html()) == "Hej &lt;i> {name} & %s"
    assert there.plain(said) == "Hej <i> {name} & %s"
    method = T("hello", {"name": OfMethod("g1", "title")})
    assert there.fill(method, Html()) == "Hej Liten"
    assert there.plain(T("notes", {"a": About("g1", "name"), "b": "x"})) == "<b> & Eken, x"
    assert view.plain(T("hello", {"name": When(AT)})) == "Hej tisdag 3 mars kl. 13.00"
