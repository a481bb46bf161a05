"""All that can hold a person's words: none of them become more than words."""

from dataclasses import replace
from typing import Any

from hypothesis import given, settings

from adapters.teams import render
from adapters.teams.inline import still
from adapters.text import inert
from bot.core.action import OpenGroup
from bot.core.card import (
    About,
    Button,
    Buttons,
    Card,
    Choice,
    Details,
    Element,
    Heading,
    Items,
    Line,
    Option,
    PeopleField,
    Quote,
    T,
    Text,
    Tick,
    When,
    Who,
)
from bot.core.decision import FieldErrors, Home, Notice
from bot.words import View, Words
from tests.adapters.scene import NOW, a_group
from tests.adapters.teams.adaptive_card import card_of, faults, things
from tests.adapters.teams.pieces import SAID, a_form
from tests.adapters.teams.test_inline import TEXTS, markup

Json = dict[str, Any]
TOKEN = "{{TIME(2026-03-03T08:00:00Z)}}"


def everywhere(text: str, view: View) -> list[Json]:
    """All that can hold a person's text, holding this one."""
    told = replace(
        view,
        groups={"g1": replace(a_group(**{"case/1": text}), name=text, place=text, link=text)},
        names={"p1": text, "p2": "y"},
        natives={"p1": "a5a", "p2": "b5b"},
        help_text=text,
    )
    both, at = Who(("p1", "p2")), When(NOW, "time")
    values = (text, SAID, About("g1", "name"), About("g1", "link"), About("", "help"), both)
    words = tuple(T("value", {"value": one}) for one in values)
    timed = tuple(T("vote.option", {"case": one, "who": at}) for one in (text, SAID, both))
    texts = (*words, *timed)
    elements: tuple[Element, ...] = (
        *(Heading(one) for one in texts),
        *(Text(one) for one in texts),
        *(Text(one, quiet=True) for one in texts),
        Items(texts),
        Items(texts, numbered=True, current=1),
        Details(tuple((one, one) for one in texts)),
        Quote(SAID, both),
        Buttons((Button(words[1], OpenGroup("g1")),)),
    )
    form = a_form(
        Line("a", words[0], 9, value=SAID, hint=words[1]),
        Line("b", words[0], 9, several=True, value=text),
        Choice("c", words[1], (Option("1", words[2]), Option("2", timed[0])), many=True),
        Tick("d", words[3], hint=words[3]),
        PeopleField("e", words[4], 2, among=("p1", "p2")),
        Quote(SAID),
        submit=words[1],
    )
    wrong, typed = FieldErrors({"a": words[0], "z": words[1]}), {"a": text, "c": text, "e": text}
    card, notice = Card(elements, words[1]), Notice(timed[0])
    return [
        render.message(card, told),
        render.message(card, told, shared=True),
        render.home(Home((card,)), told),
        render.form(form, told),
        render.form(form, told, typed=typed, errors=wrong),
        render.way_in(form, told),
        render.notice(notice, told),
        render.notice_dialog(notice, told),
    ]


def frame(payloads: list[Json]) -> list[object]:
    """What there is in a card beside words: its things and what they carry."""
    return [
        (one["type"], one.get("id"), one.get("data"), one.get("url"), one.get("msteams"))
        for payload in payloads
        for one in things(card_of(payload))
    ]


@settings(derandomize=True, max_examples=40, deadline=None)
@given(text=TEXTS)
def test_what_a_person_wrote_is_text_and_nothing_else(words: Words, text: str) -> None:
    view = View("sv", "Europe/Oslo", {}, {}, "", words)
    wild = everywhere(f"x{text}y", view)
    assert [one for payload in wild for one in faults(payload)] == []
    assert frame(wild) == frame(everywhere("x", view))
    for one in (thing for payload in wild for thing in things(card_of(payload))):
        for key in ("title", "label", "errorMessage", "speak", "fallbackText", "text"):
            assert one.get(key, "") == inert(one.get(key, ""))
        for choice in one.get("choices", ()):
            assert markup(choice["title"]) == set()
        if one["type"] == "TextBlock":
            assert markup(one["text"].replace(TOKEN, "13.00")) == set()
        elif one["type"] != "AdaptiveCard":
            plain = [one.get(key, "") for key in ("title", "label", "text")]
            assert plain == [still(told) for told in plain]
    for payload in wild:
        assert markup(payload.get("summary", "")) == set()
