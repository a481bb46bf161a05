"""The sheet of a meeting, as a page and as PDF: every step, one page, and nothing of anybody."""

import re
from base64 import b64encode
from dataclasses import replace
from datetime import time
from hashlib import sha256
from html import unescape
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from adapters.paper.page import POLICY, page
from adapters.paper.pdf import pdf
from adapters.paper.sheet import Sheet, of_meeting, of_method
from bot.__main__ import main
from bot.core.method import Method
from bot.core.model import LANGUAGES
from bot.methods import read_methods
from bot.words import Words
from tests.core.play import LEADERS, POOL, SPONSOR, jonkoping
from tests.core.stages import before, with_cases
from tests.end_to_end.browser import chromium

WORDS = Words()
METHODS = {name: method for name, (_, _, method) in read_methods().items()}
SHEETS = [
    (method, number, language)
    for method in METHODS.values()
    for number in sorted({1, 2, method.meetings})
    for language in LANGUAGES
]


def of(method: Method, number: int, language: str) -> Sheet:
    return of_method(method, number, language, time(13), WORDS)


def printed(sheet: Sheet) -> PdfReader:
    return PdfReader(BytesIO(pdf(sheet)), strict=True)


def flat(text: str) -> str:
    return "".join(text.split())


@pytest.mark.parametrize(("method", "number", "language"), SHEETS)
def test_every_step_stands_on_one_page_in_every_language(
    method: Method, number: int, language: str
) -> None:
    sheet = of(method, number, language)
    (only,) = printed(sheet).pages
    assert [round(float(side)) for side in only.mediabox[2:]] == [595, 842], "A4"
    text, shown = flat(only.extract_text()), flat(unescape(page(sheet)))
    assert len(sheet.lines) == len(method.agenda(number, method.meetings))
    for line in sheet.lines:
        for words in (line.time, line.title, line.say, line.read):
            assert flat(words) in text, words
            assert flat(words) in shown, words
    assert f'lang="{language}"' in page(sheet)


def test_the_letters_of_our_languages_are_in_the_file() -> None:
    sheet = of(jonkoping(), 2, "sv")
    lines = (replace(sheet.lines[0], say="åäö ÅÄÖ – æøÆØ é"), *sheet.lines[1:])
    (only,) = printed(replace(sheet, lines=lines)).pages
    assert "åäö ÅÄÖ – æøÆØ é" in only.extract_text()
    fonts: Any = only["/Resources"]["/Font"]  # type: ignore[index]
    named = {str(font.get_object()["/BaseFont"]): font.get_object() for font in fonts.values()}
    embedded = {name for name in named if "/FontDescriptor" in named[name]}
    assert len(embedded) >= 2
    for name in embedded:
        assert "/FontFile2" in named[name]["/FontDescriptor"].get_object()


def test_a_method_with_much_to_say_still_makes_one_page() -> None:
    sheet = of(jonkoping(), 2, "sv")
    long = tuple(replace(line, say="Säg det här, i lugn och ro. " * 12) for line in sheet.lines * 2)
    reader = printed(replace(sheet, lines=long))
    assert len(reader.pages) == 1
    assert reader.pages[0].extract_text().count("i lugn och ro") > 12 * len(long) * 0.8
    assert 'class="tightest"' in page(replace(sheet, lines=long))


def test_markup_in_a_method_s_text_is_text() -> None:
    sheet = of(jonkoping(), 2, "sv")
    first = replace(sheet.lines[0], title="1. <b>&", say="<para>x</para> <script>&")
    odd = replace(sheet, lines=(first, *sheet.lines[1:]))
    assert "<para>x</para> <script>&" in printed(odd).pages[0].extract_text()
    assert "&lt;script&gt;" in page(odd)
    assert "<script" not in page(odd)


def test_the_same_sheet_is_the_same_file() -> None:
    assert pdf(of(jonkoping(), 2, "sv")) == pdf(of(jonkoping(), 2, "sv"))


def test_a_group_s_sheet_has_its_date_and_its_language_and_nothing_of_anybody() -> None:
    quiet, play = before(2), with_cases(2, *POOL[:4])
    group = replace(play.group, language="nb")
    sheet = of_meeting(group, group.meetings[1], WORDS)
    assert (sheet.title, sheet.when) == ("Møte 2 av 10", "tirsdag 10. mars kl. 13.00–16.00")
    text = page(sheet).partition("</style>")[2] + printed(sheet).pages[0].extract_text()
    names = [one.title() for one in (*POOL, *LEADERS, SPONSOR)]
    for word in (*names, group.name, group.place, "question"):
        assert not re.search(rf"\b{re.escape(word)}\b", text), word
    still = of_meeting(quiet.group, quiet.group.meetings[1], WORDS)
    assert still == of_meeting(play.group, play.group.meetings[1], WORDS)


def test_after_the_clocks_have_changed_the_sheet_says_the_same_time() -> None:
    group = before(2).group
    for meeting in group.meetings:
        assert "kl. 13.00–16.00" in of_meeting(group, meeting, WORDS).when


def test_the_page_s_policy_lets_nothing_in_but_its_style() -> None:
    style = page(of(jonkoping(), 2, "sv")).partition("<style>")[2].partition("</style>")[0]
    assert b64encode(sha256(style.encode()).digest()).decode() in POLICY
    assert "default-src 'none'" in POLICY
    assert "<script" not in page(of(jonkoping(), 2, "sv"))


@pytest.mark.browser
async def test_the_page_is_printed_on_one_page(tmp_path: Path) -> None:
    async with chromium() as browser:
        paper = await browser.new_page()
        for name, method in METHODS.items():
            for number in (1, 2):
                file = tmp_path / f"{name}.html"
                file.write_text(page(of(method, number, "sv")), encoding="utf-8")
                await paper.goto(file.as_uri())
                printed = await paper.pdf(prefer_css_page_size=True)
                assert len(PdfReader(BytesIO(printed)).pages) == 1, (name, number)


def test_the_command_writes_a_sheet_without_a_group(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KRETS_DATA_DIR", str(tmp_path / "var"))
    out = tmp_path / "sheet.pdf"
    asked = ("sheet", "jonkoping", "--meeting", "3", "--language", "nb", "--start", "09:30")
    assert main([*asked, "-o", str(out)]) == 0
    assert str(out) in capsys.readouterr().out
    text = PdfReader(out).pages[0].extract_text()
    assert "Møte 3 av 10" in text
    assert "kl. 09.30–12.30" in text
    assert main([*asked, "-o", str(tmp_path / "sheet.html")]) == 0
    assert "Møte 3 av 10" in (tmp_path / "sheet.html").read_text(encoding="utf-8")
    assert not (tmp_path / "var").exists()


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (("unknown",), "krets: There is no method unknown; there is "),
        (("jonkoping", "--meeting", "11"), "krets: jonkoping has the meetings 1 to 10.\n"),
        (("jonkoping", "--meeting", "0"), "krets: jonkoping has the meetings 1 to 10.\n"),
    ],
)
def test_a_sheet_that_there_is_not_is_refused_in_one_sentence(
    tmp_path: Path,
    asked: tuple[str, ...],
    said: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("KRETS_BROWSER", raising=False)  # of the tests, and no setting
    assert main(["sheet", *asked, "-o", str(tmp_path / "x.pdf")]) == 1
    assert capsys.readouterr().err.startswith(said)
    assert not (tmp_path / "x.pdf").exists()
