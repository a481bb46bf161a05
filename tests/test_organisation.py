"""The texts for the organisation, and what a compromise surrenders, are true of the code."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from bot.app import KEPT, REMEMBERED
from bot.core import figures, reflections
from bot.core.ballot import OPEN_FOR
from bot.core.due import CARRIED_LIVES, LAPSE, MEETING_LIVES, MINE_LIVES
from bot.core.model import LANGUAGES
from bot.retention import RETAINED
from tests.core.test_words import BANNED
from tests.test_documents import TESTS

DOCS = Path(__file__).parents[1] / "docs"
FOLDER = DOCS / "organisation"
TEXTS = (
    "README",
    "participants",
    "processing",
    "assessment",
    "agreement",
    "recording",
    "records",
)
EVERY = [(language, name) for language in LANGUAGES for name in TEXTS]

#: Lengths of time as they are written, longest word first.
UNITS = {
    "minutes": timedelta(minutes=1),
    "hours": timedelta(hours=1),
    "days": timedelta(days=1),
    "weeks": timedelta(weeks=1),
}
WORDS = {
    "minutes": "minuter|minutter|minutes?",
    "hours": "timmar|timer|hours?",
    "days": "dagar|dager|days?",
    "weeks": "veckor|uker|weeks?",
    "months": "månad|måned|months?",
    "years": "år|years?",
}
#: What somebody writes ends at these times: every text must say all of them.
ENDS = {MEETING_LIVES, MINE_LIVES, CARRIED_LIVES, KEPT, RETAINED}
#: Any other length of time in the texts; the last is the notice of a breach (article 33).
OTHER = {LAPSE, REMEMBERED, OPEN_FOR, timedelta(hours=72)}
#: An answer to a person (article 12), and how far back figures go.
LONGER = {("1", "months"), (str(figures.YEARS), "years")}
COUNTED = re.compile(
    r"(\d+) (?:svar|svarar|svarer|answers?|grupper|groups|personer|people|personar)\b"
)
#: Words that WORDS.md keeps out of a language.
UNUSED = {
    "en": r"\bsecret\b",
    "sv": r"ärende|\bkandidat|\bresultat|uppföljning|svarsfrekvens",
    "nb": r"\bsak(en|er|s)?\b|sakseier|oppfølging|kartlegging",
}


def read(language: str, name: str) -> str:
    return (FOLDER / language / f"{name}.md").read_text()


def times(text: str) -> set[timedelta | tuple[str, str]]:
    """Every length of time that a text names in digits."""
    found: set[timedelta | tuple[str, str]] = set()
    for unit, words in WORDS.items():
        for number in re.findall(rf"(\d+)\s(?:{words})\b", text):
            found.add(UNITS[unit] * int(number) if unit in UNITS else (number, unit))
    return found


# --- true of the code ---------------------------------------------------------------------------


@pytest.mark.parametrize(("language", "name"), EVERY)
def test_every_length_of_time_is_one_of_the_code_or_of_the_law(language: str, name: str) -> None:
    assert times(read(language, name)) <= ENDS | OTHER | LONGER


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["participants", "processing", "records"])
def test_every_end_of_what_people_write_is_told(language: str, name: str) -> None:
    assert times(read(language, name)) >= ENDS


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_record_tells_all_other_times_too(language: str) -> None:
    assert times(read(language, "processing")) == ENDS | OTHER | {(str(figures.YEARS), "years")}


@pytest.mark.parametrize(("language", "name"), EVERY)
def test_every_count_is_the_fewest_that_is_shown(language: str, name: str) -> None:
    assert figures.FEWEST == reflections.FEWEST
    assert set(COUNTED.findall(read(language, name))) <= {str(figures.FEWEST)}


def test_what_no_compromise_surrenders_is_shown_by_tests_that_exist() -> None:
    lines = (DOCS / "surrender.md").read_text().splitlines()
    rows = [row for row, above in zip(lines[1:], lines, strict=False) if above.startswith("|")]
    rows = [row for row in rows if row.startswith("| ") and "|---" not in row]
    assert len(rows) > 20
    for row in rows:
        named = re.findall(r"`(test_\w+)`", row)
        assert named, row
        assert set(named) <= TESTS, set(named) - TESTS


# --- the same in each language ------------------------------------------------------------------


@pytest.mark.parametrize("name", TEXTS)
def test_every_language_has_the_same_parts(name: str) -> None:
    assert parts(read("sv", name)) == parts(read("en", name))
    assert parts(read("nb", name)) == parts(read("en", name))


def parts(text: str) -> list[str]:
    """What a text is made of, without its words: headings, rows, points, links, and fields."""
    found = []
    for line in text.splitlines():
        kind = re.match(r"#+ |\| |- |\d+\. |> ", line)
        found += [re.sub(r"\d+", "1", kind[0])] if kind else []
    found += re.findall(r"\]\(([^)]+)\)", text)
    return [*found, f"{len(re.findall(FIELD, text))} fields"]


#: Something that the organisation fills in.
FIELD = r"\*\*\[(?:fyll i|fyll ut|fill in)[^\]]*\]\*\*"


@pytest.mark.parametrize(("language", "name"), EVERY)
def test_fields_are_written_in_the_language_of_their_text(language: str, name: str) -> None:
    opening = {"sv": "fyll i", "nb": "fyll ut", "en": "fill in"}[language]
    found = re.findall(r"\[(fyll i|fyll ut|fill in)", read(language, name))
    assert set(found) == {opening}
    assert len(found) == len(re.findall(FIELD, read(language, name)))


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_lies_beside_the_texts(language: str) -> None:
    assert {file.stem for file in (FOLDER / language).iterdir()} == set(TEXTS)


# --- the voice ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("language", "name"), EVERY)
def test_no_text_shouts_or_promises_what_cannot_be_kept(language: str, name: str) -> None:
    text = read(language, name)
    assert "!" not in text
    assert not BANNED.search(text), BANNED.search(text)
    unused = re.search(UNUSED[language], text, re.IGNORECASE)
    assert unused is None, unused


def test_the_text_for_participants_is_easy_to_read() -> None:
    assert lix(read("sv", "participants")) <= 40


def lix(text: str) -> float:
    """The Swedish measure of how hard running text is to read; 40 is an ordinary newspaper.

    Words in a sentence, and the share of words longer than six letters; rows and headings are left
    out, for they have no sentences.
    """
    running = re.sub(r"^(?:\||#).*$", "", text, flags=re.MULTILINE)
    running = re.sub(r"\]\([^)]*\)|\*\*\[.*?\]\*\*|[*`>\[\]]", " ", running, flags=re.DOTALL)
    words = re.findall(r"[^\W\d_]+", running)
    sentences = re.findall(r"[.:?](?=\s|$)", running)
    long = [word for word in words if len(word) > 6]
    return len(words) / len(sentences) + 100 * len(long) / len(words)


# --- links --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "file",
    [DOCS / "surrender.md", *sorted(FOLDER.rglob("*.md"))],
    ids=lambda file: str(file.relative_to(DOCS)),
)
def test_every_link_leads_somewhere(file: Path) -> None:
    for link in re.findall(r"\]\(([^)]+)\)", file.read_text()):
        path, _, anchor = link.partition("#")
        target = (file.parent / path).resolve()
        assert target.is_relative_to(DOCS.parent), link
        assert target.exists(), link
        headings = re.findall(r"^#+ (.*)$", target.read_text(), re.MULTILINE) if anchor else []
        named = [re.sub(r"[^\w -]", "", one).lower().replace(" ", "-") for one in headings]
        assert not anchor or anchor in named, link
