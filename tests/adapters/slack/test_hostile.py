"""All that can hold a person's words: none of them become more than words."""

from dataclasses import replace
from typing import Any

from hypothesis import given, settings

from adapters.slack import render
from adapters.slack.inline import still
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
    Quote,
    T,
    Text,
    Tick,
    Who,
)
from bot.core.decision import Home, Notice
from bot.words import View, Words
from tests.adapters.scene import a_group
from tests.adapters.slack.limits import faults
from tests.adapters.slack.pieces import SAID, a_form
from tests.adapters.slack.test_inline import TEXTS
from tests.adapters.slack.test_inline import faults as markup


def everywhere(text: str, view: View) -> list[dict[str, Any]]:
    """All that can hold a person's text, holding this one."""
    told = replace(
        view,
        groups={"g1": replace(a_group(**{"case/1": text}), name=text, place=text, link=text)},
        names={"p1": text, "p2": "y"},
        natives={"p2": "U0KNOWN"},
        help_text=text,
    )
    both = Who(("p1", "p2"))
    values = (text, SAID, About("g1", "name"), About("g1", "link"), About("", "help"), both)
    words = tuple(T("value", {"value": one}) for one in values)
    mixed = tuple(T("vote.option", {"case": SAID, "who": who}) for who in (both, Who(("p1",))))
    elements: tuple[Element, ...] = (
        *(Heading(one) for one in words),
        *(Text(one) for one in (*words, *mixed)),
        *(Text(one, quiet=True) for one in (*words, *mixed)),
        Items(words),
        Items(words[:2], current=1),
        Details(tuple((one, one) for one in words)),
        Quote(SAID, both),
        Buttons((Button(words[1], OpenGroup("g1")),)),
    )
    form = a_form(
        Line("a", words[0], 9, value=SAID, hint=words[1]),
        Line("b", words[0], 9, several=True, value=text),
        Choice("c", words[1], (Option("1", words[2]), Option("2", mixed[0])), many=True),
        Choice("d", words[1], (Option("1", words[2]),), optional=True),
        Tick("e", words[3], hint=words[3]),
        submit=words[1],
    )
    parts = [Card(elements[at : at + 12], words[1]) for at in range(0, len(elements), 12)]
    return [
        *(render.message(one, told) for one in parts),
        render.home(Home(tuple(parts)), told),
        render.form(form, told),
        render.notice(Notice(mixed[0]), told),
        render.notice_view(Notice(mixed[0]), told),
    ]


def objects(thing: Any) -> list[dict[str, Any]]:
    """The text objects that stand in something."""
    if isinstance(thing, list):
        return [found for one in thing for found in objects(one)]
    if not isinstance(thing, dict):
        return []
    if thing.get("type") in ("plain_text", "mrkdwn"):
        return [thing]
    return [found for one in thing.values() for found in objects(one)]


@settings(derandomize=True, max_examples=250, deadline=None)
@given(text=TEXTS)
def test_what_a_person_wrote_is_text_and_nothing_else(words: Words, text: str) -> None:
    view = View("sv", "Europe/Oslo", {}, {}, "", words)
    text = f"x{text}y".replace("\n", " ").replace("\u2028", " ")
    tame, wild = everywhere("x", view), everywhere(text, view)
    assert [one for payload in wild for one in faults(payload)] == []
    assert [payload.get("private_metadata") for payload in wild] == [
        payload.get("private_metadata") for payload in tame
    ]
    found, expected = objects(wild), objects(tame)
    for one in found:
        assert one.get("verbatim") is True or one["emoji"] is False
        assert inert(one["text"]) == one["text"]
        assert one["type"] == "mrkdwn" or still(one["text"]) == one["text"]
        if one["type"] == "mrkdwn":
            ours = one["text"].replace("<@U0KNOWN>", "")
            if ours.startswith("*") or "\n*→ " in ours:  # a term, or the row that is meant
                ours = "".join(ours.split("*", maxsplit=1))
                ours = "".join(ours.rsplit("*", maxsplit=1))
            assert markup(ours) == []
    mentions = [one["text"].count("<@U0KNOWN>") for one in found if one["type"] == "mrkdwn"]
    assert mentions == [
        one["text"].count("<@U0KNOWN>") for one in expected if one["type"] == "mrkdwn"
    ]
    for payload in wild:
        assert markup(payload.get("text", "")) == []
