"""The catalogues: complete in each language, used to the last key, in the voice of Krets."""

import ast
import re
from functools import cache
from pathlib import Path
from string import Formatter

import pytest

import bot
from bot.core.model import LANGUAGES
from tests.core.play import shipped
from tests.core.words import catalogue, lix, placeholders, texts_of

HOUSE = Path(bot.__file__).parent.parent
#: What builds a sentence: name of the function -> where its key stands.
SAYS = {
    "T": 0,
    "line": 0,
    "quiet": 0,
    "button": 0,
    "primary": 0,
    "danger": 0,
    "notice": 0,
    "plain": 1,
    "asked": 2,
}
BANNED = re.compile(
    r"anonym|secret|hemlig|hemmelig|nobody can see|ingen kan se|end-to-end|ende-til-ende"
    r"|totalsträck|nominer|nominat"
    # Whoever has both the database and the keys could: what Krets shows, and to whom, can be said.
    r"|(nobody|no one) (else )?(sees|reads|knows|can (see|read|know))"
    r"|only (you|i) (know|see|read|can)|ingen (annan |annen |andre )?(ser|läser|leser|vet|kan läsa"
    r"|kan lese|kan veta|kan vite)|\b(bara|bare) (du|jag|jeg) (vet|ser|läser|leser|kan)"
    r"|\b(vet|ser) (bara|bare) (du|jag|jeg)",
    re.IGNORECASE,
)
#: WORDS.md, *words not used*: by language, for they mean something else in another.
NOT_USED = {
    "en": re.compile(r"\bcandidate|\bfollow-up|\bresponse rate", re.IGNORECASE),
    "sv": re.compile(
        r"\bärende|\bkandidat|\bresultat|\buppföljning|\bsvarsfrekvens|\bbeställare|\bsamling",
        re.IGNORECASE,
    ),
    "nb": re.compile(
        r"\bsak(en|er|ene|seier\w*)?\b|\boppfølging|\bkartlegg|\bkandidat|\bresultat|\bspilleregl",
        re.IGNORECASE,
    ),
}
SHIPPED = sorted(file.stem for file in (HOUSE / "bot" / "methods").glob("*.toml"))
#: LIX: up to 40 reads easily. It says little of fewer words.
HARDEST = 40
ENOUGH = 12


@cache
def nodes() -> tuple[ast.AST, ...]:
    files = [*HOUSE.glob("bot/**/*.py"), *HOUSE.glob("adapters/**/*.py")]
    return tuple(node for file in files for node in ast.walk(ast.parse(file.read_text())))


def said() -> list[ast.expr]:
    """What stands as the key wherever a sentence is built, both ways of a condition."""
    found = []
    for node in nodes():
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            continue
        at = SAYS.get(node.func.id)
        if at is None or len(node.args) <= at:
            continue
        key = node.args[at]
        found += [key.body, key.orelse] if isinstance(key, ast.IfExp) else [key]
    return found


def families() -> list[re.Pattern[str]]:
    """Keys that are put together: `T(f"level.{level}")`."""
    patterns = []
    for key in said():
        if isinstance(key, ast.JoinedStr):
            parts = [
                re.escape(str(part.value)) if isinstance(part, ast.Constant) else r"\w+"
                for part in key.values
            ]
            patterns.append(re.compile("".join(parts)))
    return patterns


def test_every_key_that_is_said_is_in_the_catalogue() -> None:
    keys = {key.value for key in said() if isinstance(key, ast.Constant)}
    assert len(keys) > 150
    assert keys <= set(catalogue("en"))


def test_every_family_of_keys_is_in_the_catalogue() -> None:
    assert len(families()) > 8
    for family in families():
        assert [key for key in catalogue("en") if family.fullmatch(key)], family.pattern


def test_no_key_of_the_catalogue_is_unused() -> None:
    literals = {
        node.value
        for node in nodes()
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    unused = [
        key
        for key in catalogue("en")
        if key not in literals
        and not key.startswith("page.")
        and not any(family.fullmatch(key) for family in families())
    ]
    assert unused == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_says_everything_with_the_same_values(language: str) -> None:
    assert list(catalogue(language)) == list(catalogue("en"))
    for key, forms in catalogue(language).items():
        assert all(form.strip() == form != "" for form in forms), key
        assert len(forms) == len(catalogue("en")[key]), key
        assert placeholders(language, key) == placeholders("en", key), key
        for form in forms:
            told = frozenset(name for _, name, _, _ in Formatter().parse(form) if name)
            assert told | {"n"} >= placeholders(language, key), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_titles_fit_where_the_tightest_platform_shows_them(language: str) -> None:
    for key, forms in catalogue(language).items():
        if key.endswith(".title"):
            for form in forms:
                assert len(re.sub(r"\{\w+\}", "10", form)) <= 24, (key, form)


@pytest.mark.parametrize("language", LANGUAGES)
def test_labels_of_buttons_fit_too(language: str) -> None:
    labels = {
        key.value
        for node in nodes()
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        if node.func.id in ("button", "primary", "danger")
        for key in node.args[:1]
        if isinstance(key, ast.Constant)
    }
    submits = {
        word.value.args[0].value
        for node in nodes()
        if isinstance(node, ast.Call)
        for word in node.keywords
        if word.arg in ("submit", "cancel") and isinstance(word.value, ast.Call)
        if isinstance(word.value.args[0], ast.Constant)
    }
    assert len(labels) > 30
    assert len(submits) > 10
    for key in labels | submits:
        if not key.startswith("page."):
            assert len(catalogue(language)[key][0]) <= 24, (key, catalogue(language)[key])


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_invitation_is_at_most_ninety_words(language: str) -> None:
    filled = catalogue(language)["invite"][0].format(
        leaders="Lena Lindström och Omar Berg Olsen",
        count=10,
        when="varannan tisdag kl. 13.00",
        date="tisdag 3 mars",
    )
    assert len(filled.split()) <= 90, len(filled.split())


def told(language: str) -> list[tuple[str, str]]:
    """Everything that Krets and the methods that come with it say, each with where it stands."""
    said = [(key, form) for key, forms in catalogue(language).items() for form in forms]
    for id in SHIPPED:
        said += [(f"{id}/{path}", texts.get(language, "")) for path, texts in texts_of(shipped(id))]
    return [(where, text) for where, text in said if text]


@pytest.mark.parametrize("language", LANGUAGES)
def test_krets_does_not_shout_and_promises_only_what_it_can_keep(language: str) -> None:
    assert len(told(language)) > 800
    for where, text in told(language):
        assert "!" not in text, where
        assert not BANNED.search(text), where
        assert "  " not in text, where
        assert text == text.strip(), where


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_word_of_registers_and_contests_is_used(language: str) -> None:
    """WORDS.md: what means case handling, a contest or an employer's duty to those who read."""
    for where, text in told(language):
        assert not NOT_USED[language].search(text), (where, text)


def test_swedish_is_easy_to_read() -> None:
    hard = [
        (lix(text), where, text)
        for where, text in told("sv")
        if len(text.split()) >= ENOUGH and lix(text) > HARDEST
    ]
    assert not hard, sorted(hard)
    assert lix(" ".join(f"{text.rstrip('.')}." for _, text in told("sv"))) <= HARDEST


@pytest.mark.parametrize("id", SHIPPED)
def test_a_method_says_everything_in_every_language(id: str) -> None:
    for where, texts in texts_of(shipped(id)):
        assert set(texts) in (set(), set(LANGUAGES)), where
        if texts.get("en", "").endswith("?"):
            assert all(text.endswith("?") for text in texts.values()), where
