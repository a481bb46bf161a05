"""Cards and notices in Teams: every kind shows, fits, and carries what a press means."""

from dataclasses import replace
from typing import get_args

import pytest

from adapters.teams import render
from adapters.teams.shapes import ACTION, FORM, REPLY
from bot.core.action import Attend, CheckIn, MoveGuide, OpenGroup, pack
from bot.core.card import (
    Button,
    Buttons,
    Card,
    Details,
    Divider,
    Element,
    Form,
    Heading,
    Items,
    Quote,
    T,
    Text,
    When,
    Who,
)
from bot.core.decision import Home, Notice
from bot.words import View
from tests.adapters.scene import NOW, value
from tests.adapters.teams.adaptive_card import LIMIT, card_of, faults, things
from tests.adapters.teams.pieces import COMING, SAID, Json, a_form, run, telling

QUIET, BOLD = {"isSubtle": True, "size": "Small"}, {"weight": "Bolder"}
EXECUTE = {
    "type": "Action.Execute",
    "title": "Coming",
    "verb": "press",
    "style": "positive",
    "data": {"krets": pack(COMING.action)},
    "fallback": {
        "type": "Action.Submit",
        "title": "Coming",
        "style": "positive",
        "data": {"krets": pack(COMING.action)},
    },
}
ELEMENTS: dict[type, tuple[Element, list[Json]]] = {
    Heading: (
        Heading(value("Meeting 4")),
        [
            {
                "type": "TextBlock",
                "text": "Meeting 4",
                "wrap": True,
                "style": "heading",
                "size": "Large",
                "weight": "Bolder",
            }
        ],
    ),
    Text: (Text(value("Hello"), quiet=True), [run("Hello", **QUIET)]),
    Quote: (
        Quote(SAID, Who(("p1",))),
        [
            {
                "type": "Container",
                "style": "emphasis",
                "items": [run("Åsa Nyström", **QUIET), run("My *own* words")],
            }
        ],
    ),
    Items: (
        Items((value("One"), value("Two")), True, 1),
        [run("1. One"), run("→ 2. Two", **BOLD) | {"spacing": "Small"}],
    ),
    Details: (
        Details(((value("Where"), value("Here")),)),
        [
            {
                "type": "ColumnSet",
                "spacing": "Small",
                "columns": [
                    {"type": "Column", "width": 2, "items": [run("Where", **BOLD)]},
                    {"type": "Column", "width": 5, "items": [run("Here")]},
                ],
            }
        ],
    ),
    Buttons: (Buttons((COMING,)), [{"type": "ActionSet", "actions": [EXECUTE]}]),
    Divider: (Divider(), [run("–")]),
}


@pytest.fixture
def told(view: View) -> View:
    return telling(view)


def body(card: Card, view: View, shared: bool = False) -> list[Json]:
    payload = render.message(card, view, shared=shared)
    assert faults(payload) == []
    found: list[Json] = card_of(payload)["body"]
    return found


@pytest.mark.parametrize("kind", get_args(Element))
def test_every_element_shows(kind: type, told: View) -> None:
    element, expected = ELEMENTS[kind]
    assert body(Card((element,)), told) == expected


# --- messages -----------------------------------------------------------------------------------


def test_a_message_has_a_neutral_line_for_notifications(view: View) -> None:
    payload = render.message(Card((Heading(value("Secret")),), T("notification")), view)
    assert payload["summary"] == "There is something for you in Krets."
    card = card_of(payload)
    assert card["fallbackText"] == card["speak"] == payload["summary"]


def test_a_divider_is_a_line_above_what_follows(view: View) -> None:
    said = Text(value("Hello"))
    shown = body(Card((Divider(), said, Divider(), Divider(), Text(value(" ")), said)), view)
    assert shown == [run("Hello"), run("Hello") | {"separator": True}]


def test_a_list_that_is_not_numbered_has_points(view: View) -> None:
    rows = (value("One"), value(" "), value("Three"))
    texts = [one["inlines"][0]["text"] for one in body(Card((Items(rows),)), view)]
    assert texts == ["• One", "• –", "• Three"]
    texts = [one["inlines"][0]["text"] for one in body(Card((Items(rows, current=0),)), view)]
    assert texts == ["→ One", "–", "Three"]


def test_times_of_a_room_stand_in_every_element_as_each_reads_them(view: View) -> None:
    at = T("value", {"value": When(NOW, "time")})
    card = Card((Heading(at), Text(at), Items((at, at), numbered=True), Details(((at, at),))))
    shared = [one["text"] for one in things(body(card, view, shared=True)) if "text" in one]
    token = "{{TIME(2026-03-03T08:00:00Z)}}"
    assert shared == [token, token, f"1․ {token}", f"2․ {token}", token, token]
    own = [one["text"] for one in things(body(card, view)) if "text" in one]
    assert own == ["09:00", "09:00", "1. 09:00", "2. 09:00", "09:00", "09:00"]


def test_what_was_destroyed_is_blank(view: View) -> None:
    gone = T("value", {"value": SAID})
    card = Card((Heading(gone), Text(gone), Quote(SAID), Details(((value("Said"), gone),))))
    (row,) = body(card, view)
    assert row["columns"][1]["items"] == [run("–")]


# --- buttons ------------------------------------------------------------------------------------


def actions(card: Card, view: View) -> list[list[Json]]:
    return [one["actions"] for one in body(card, view)]


def test_a_button_that_opens_a_form_asks_for_a_dialog(view: View) -> None:
    ((press,),) = actions(
        Card((Buttons((Button(value("Check in"), CheckIn("g1", 4), "danger"),)),)), view
    )
    assert press == {
        "type": "Action.Submit",
        "title": "Check in",
        "style": "destructive",
        "data": {"krets": pack(CheckIn("g1", 4)), "msteams": {"type": "task/fetch"}},
    }


def test_buttons_stand_in_rows_that_fit(view: View) -> None:
    short, long = replace(COMING, label=value("Yes")), replace(COMING, label=value("x" * 24))

    def rows(*buttons: Button) -> list[int]:
        return [len(row) for row in actions(Card((Buttons(buttons),)), view)]

    assert rows(*[short] * 6) == [6]
    assert rows(*[long] * 3) == [1, 1, 1]
    assert rows(short, long, short, short) == [3, 1]


def test_more_than_six_buttons_stand_behind_three_dots(view: View) -> None:
    many = tuple(replace(COMING, action=Attend("g1", number, "yes")) for number in range(14))
    seen = [one for row in actions(Card((Buttons(many),)), view) for one in row]
    assert ["mode" in one for one in seen] == [False] * 6 + [True] * 8
    assert [one["data"]["krets"] for one in seen] == [pack(one.action) for one in many]


# --- what is large ------------------------------------------------------------------------------


def test_long_texts_are_cut_so_that_all_of_them_fit(view: View) -> None:
    told = telling(view, "å" * 2000)
    form = a_form(*[Quote(SAID)] * 12)
    payload = render.form(form, told)
    assert faults(payload) == []
    quotes = [one for one in card_of(payload)["body"] if one["type"] == "Container"]
    assert [len(one["items"][0]["inlines"][0]["text"]) for one in quotes] == [1000] * 12


def test_a_card_is_never_too_large_and_keeps_its_buttons(view: View) -> None:
    text = Text(value("👍" * 2000))
    payload = render.message(Card((*[text] * 60, Buttons((COMING,)))), view)
    assert faults(payload) == []
    assert card_of(payload)["body"][-1]["type"] == "ActionSet"


def test_a_home_that_is_too_large_loses_cards_but_never_the_last(view: View) -> None:
    wide = Card((Text(value("👍" * 1000)),))
    settings = Card((Heading(value("Settings")),))
    payload = render.home(Home((*[wide] * 20, settings)), view)
    assert faults(payload) == []
    shown = card_of(payload)["body"]
    assert 2 <= len(shown) < 20
    assert shown[-1] == ELEMENTS[Heading][1][0] | {
        "text": "Settings",
        "separator": True,
        "spacing": "Large",
    }
    assert len(str(payload)) < LIMIT


# --- replies ------------------------------------------------------------------------------------


def test_a_notice_is_a_message_a_dialog_or_an_answer(view: View) -> None:
    notice = Notice(value("Kept *for* you"))
    message, dialog = render.notice(notice, view), render.notice_dialog(notice, view)
    assert faults(message) == faults(dialog) == []
    assert card_of(message)["body"] == card_of(dialog)["body"] == [run("Kept *for* you")]
    assert message["summary"] == "There is something for you in Krets."
    assert dialog["task"]["value"]["title"] == "Krets"
    assert render.notice_answer(notice, view) == {
        "statusCode": 200,
        "type": "application/vnd.microsoft.activity.message",
        "value": "Kept ∗for∗ you",
    }


def test_the_way_in_to_a_form_is_a_button(told: View) -> None:
    form = a_form(Quote(SAID))
    payload = render.way_in(form, told)
    assert faults(payload) == []
    ((press,),) = [one["actions"] for one in card_of(payload)["body"]]
    carried = {ACTION: pack(OpenGroup("g1")), "msteams": {"type": "task/fetch"}}
    assert press["data"] == carried | {REPLY: True}
    assert press["title"] == "Title"
    assert "own" not in str(payload)


def test_a_form_that_only_asks_whether_one_is_sure_is_asked_in_a_message(view: View) -> None:
    sure = MoveGuide("g1", 4, 3, 1, sure=True)
    form = Form(value("Already?"), sure, (Text(value("Stay a little?")),), submit=value("Go"))
    payload = render.way_in(form, view)
    assert faults(payload) == []
    title, text, row = card_of(payload)["body"]
    assert (title["text"], text) == ("Already?", run("Stay a little?"))
    assert row["actions"][0]["data"] == {ACTION: pack(sure), FORM: True}
    assert row["actions"][0]["title"] == "Go"
