"""What people type is made inert before it is kept; answers of the wrong kind are not given."""

import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.core import answers
from bot.core.event import Picked
from bot.core.text import fault, inert

SETTINGS = settings(derandomize=True, deadline=None, max_examples=200)
anything = st.text(st.characters(), max_size=60)
nasty = st.text(
    alphabet="ab \n\r\t\x00\x1b\u200b\u200d\u202e\u2066\u0301e\ufeff\u2028\xa0", max_size=30
)


@SETTINGS
@given(st.one_of(anything, nasty), st.booleans())
@example("e\u200b\u0301", False)
@example("a\rb", True)
def test_inert_text_stays_as_it_is(text: str, several: bool) -> None:
    once = inert(text, several)
    assert inert(once, several) == once


@SETTINGS
@given(st.one_of(anything, nasty), st.booleans())
def test_inert_text_holds_nothing_that_steers_a_screen(text: str, several: bool) -> None:
    kept = inert(text, several)
    for character in kept:
        assert character == "\n" or unicodedata.category(character)[0] != "C"
    assert unicodedata.is_normalized("NFC", kept)
    assert kept == kept.strip()
    assert several or "\n" not in kept


@SETTINGS
@given(st.text(alphabet="abc åäö ÅÄÖ <b>&😀", max_size=40))
def test_ordinary_letters_are_kept(text: str) -> None:
    assert inert(text).replace(" ", "") == text.replace(" ", "")


def test_paragraphs_are_kept_where_there_may_be_several() -> None:
    assert inert(" one \r\n\r\n two\rthree\t! ", several=True) == "one\n\ntwo\nthree !"
    assert inert("one\r\ntwo") == "one two"


@pytest.mark.parametrize(
    "text", ["\u202e", "\u2066\u2069", "\u200b\u200c", "\x00\x07\x1b", "\ufeff"]
)
def test_characters_that_hide_or_turn_are_gone(text: str) -> None:
    assert inert(f"a{text}b") == "ab"


def test_a_text_of_a_hundred_thousand_characters_is_too_long_and_nothing_worse() -> None:
    assert fault(inert("å\u0301" * 50_000, several=True), 2000) is not None
    assert fault("x" * 60, 60) is None
    assert fault("", 60, optional=True) is None


@pytest.mark.parametrize("answer", [True, (), ("a",), "", None, 3, ("a", 1)])
def test_answers_of_another_kind_are_not_given(answer: object) -> None:
    given_ = {"field": answer}
    assert answers.text(given_, "field") == ""  # type: ignore[arg-type]
    assert answers.text(given_, "absent") == ""  # type: ignore[arg-type]
    assert answers.ticked(given_, "field") is (answer is True)  # type: ignore[arg-type]
    assert set(answers.people(given_, "field")) <= {"a"}  # type: ignore[arg-type]
    assert answers.chosen(given_, "field", ("b",)) == ()  # type: ignore[arg-type]


def test_people_are_each_picked_once() -> None:
    assert answers.people({"who": Picked(("b", "a", "b"))}, "who") == ("b", "a")
    assert answers.people({"who": "b"}, "who") == ()
    assert answers.people({"who": ("b",)}, "who") == (), "an id that came as text picks nobody"


def test_one_is_chosen_only_if_it_is_one() -> None:
    allowed = ("a", "b", "a")
    assert answers.chosen_one({"x": "a"}, "x", allowed) == "a"
    assert answers.chosen_one({"x": ("b",)}, "x", allowed) == "b"
    assert answers.chosen_one({"x": ("a", "b")}, "x", allowed) == ""
    assert answers.chosen_one({}, "x", allowed) == ""
