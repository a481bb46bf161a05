"""The catalogues: complete in each language, used to the last key, in the voice of Krets."""

import ast
import re
from functools import cache
from pathlib import Path
from string import Formatter

import pytest

import bot
from bot.core.model import LANGUAGES
from tests.core.play import jonkoping
from tests.core.words import catalogue, placeholders

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
}
BANNED = re.compile(
    r"anonym|secret|hemlig|hemmelig|nobody can see|ingen kan se|end-to-end|ende-til-ende"
    r"|totalsträck|nominer|nominat",
    re.IGNORECASE,
)


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
        if word.arg == "submit" and isinstance(word.value, ast.Call)
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


@pytest.mark.parametrize("language", LANGUAGES)
def test_krets_does_not_shout_and_promises_only_what_it_can_keep(language: str) -> None:
    method = jonkoping()
    steps = (*method.first, *method.ordinary, *method.last)
    told = [form for forms in catalogue(language).values() for form in forms]
    told += [step.title[language] for step in steps]
    told += [step.say[language] for step in steps if step.say]
    for text in told:
        assert "!" not in text, text
        assert not BANNED.search(text), text
        assert "  " not in text, text
