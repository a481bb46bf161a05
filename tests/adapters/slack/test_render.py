"""Cards and replies as blocks and views: every kind shows, whole where Slack has room."""

import json
from typing import Any, get_args

import pytest

from adapters.slack import render
from bot.core.action import pack
from bot.core.card import (
    About,
    Buttons,
    Card,
    Details,
    Divider,
    Element,
    Heading,
    Items,
    Quote,
    T,
    Text,
    When,
    Who,
)
from bot.core.decision import FieldErrors, Home, Notice
from bot.words import View
from tests.adapters.scene import NOW, value
from tests.adapters.slack.limits import faults
from tests.adapters.slack.pieces import COMING, SAID, TOKEN, a_form, mrkdwn, plain

ELEMENTS: dict[type, tuple[Element, list[dict[str, Any]]]] = {
    Heading: (Heading(value("Meeting")), [{"type": "header", "text": plain("Meeting")}]),
    Text: (
        Text(T("text", {"text": T("value", {"value": When(NOW, "time")})}), quiet=True),
        [{"type": "context", "elements": [mrkdwn(TOKEN)]}],
    ),
    Quote: (
        Quote(SAID, Who(("p1",))),
        [
            {"type": "context", "elements": [mrkdwn("<@U0ASA>")]},
            {"type": "section", "text": plain("My *own* words")},
        ],
    ),
    Items: (
        Items((value("One"), value("Two")), numbered=True),
        [{"type": "section", "text": plain("1. One\n2. Two")}],
    ),
    Details: (
        Details(((value("Where"), value("Room_1")),)),
        [{"type": "section", "fields": [mrkdwn("*Where*"), plain("Room_1")]}],
    ),
    Buttons: (
        Buttons((COMING,)),
        [
            {
                "type": "actions",
                "elements": [
                    {
                        "type": "button",
                        "text": plain("Coming"),
                        "action_id": "a1",
                        "value": pack(COMING.action),
                        "style": "primary",
                    }
                ],
            }
        ],
    ),
    Divider: (Divider(), [{"type": "divider"}]),
}


# --- every kind ---------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", get_args(Element))
def test_every_element_shows(kind: type, told: View) -> None:
    element, expected = ELEMENTS[kind]
    assert render.blocks(Card((element,)), told) == expected
    assert faults(render.message(Card((element,)), told)) == []


def test_every_element_that_a_form_shows_is_in_it(told: View) -> None:
    kinds = (Text, Quote, Items, Details, Divider)
    view = render.form(a_form(*(ELEMENTS[kind][0] for kind in kinds)), told)
    assert view["blocks"] == [block for kind in kinds for block in ELEMENTS[kind][1]]


# --- cards --------------------------------------------------------------------------------------


def test_a_message_has_its_neutral_summary_for_notifications(view: View) -> None:
    said = render.message(Card((Heading(value("Private")),)), view)
    assert said["text"] == "There is something for you in Krets."
    named = Card((), T("value", {"value": About("g1", "name")}))
    assert render.message(named, view)["text"] == "Eken &amp; &lt;i&gt;Asken&lt;/i&gt;"


def test_the_row_that_is_meant_is_bold_behind_an_arrow(view: View) -> None:
    (block,) = render.blocks(Card((Items((value("a*b"), value("c")), current=0),)), view)
    assert block["text"] == mrkdwn("*→ a∗b*\nc")
    (block,) = render.blocks(Card((Items((value("a*b"), value("c"))),)), view)
    assert block["text"] == plain("• a*b\n• c")


def test_what_was_destroyed_is_blank(view: View) -> None:
    blank = T("value", {"value": SAID})
    assert render.blocks(Card((Heading(blank), Text(blank), Quote(SAID))), view) == []
    (row,) = render.blocks(Card((Details(((value("Said"), blank),)),)), view)
    assert row["fields"][1] == plain("–")
    assert render.form(a_form(Quote(SAID)), view)["blocks"] == [
        {"type": "section", "text": plain("–")}
    ]


def test_long_things_are_parted_and_nothing_of_them_is_lost(view: View) -> None:
    long = value("ord " * 2000)
    card = Card(
        (
            Text(long),
            Text(long, quiet=True),
            Items(tuple(value(f"row {n} " + "x" * 90) for n in range(100))),
            Details(tuple((value(str(n)), value("v")) for n in range(12))),
            Buttons((COMING,) * 30),
        )
    )
    message = render.message(card, view)
    assert faults(message) == []
    assert json.dumps(message).count("ord") == 4000
    assert all(f"row {n} " in json.dumps(message) for n in range(100))
    assert json.dumps(message).count("g1") == 30


def test_nothing_of_a_long_row_is_lost_and_no_sign_of_it_is_cut_in_two(view: View) -> None:
    rows = ((value("R&D " * 600), value("<3 " * 1500)), (value("R&D"), value("<3")))
    message = render.message(Card((Details(rows),)), view)
    assert faults(message) == []
    cells = [cell for block in message["blocks"] for cell in block["fields"]]
    left, right = cells[::2], cells[1::2]
    assert " ".join(cell["text"] for cell in left[:-1]).split() == [*["R&D"] * 600, "–"]
    assert " ".join(cell["text"] for cell in right[:-1]).split() == ["<3"] * 1500
    assert {cell["type"] for cell in left[:-1]} == {"plain_text"}
    assert (left[-1], right[-1]) == (mrkdwn("*R&amp;D*"), plain("<3"))


def test_a_message_has_no_more_blocks_than_slack_takes(view: View) -> None:
    assert len(render.blocks(Card((Divider(),) * 60), view)) == 50


# --- replies ------------------------------------------------------------------------------------


def test_a_notice_is_a_message_or_a_small_window(view: View) -> None:
    notice = Notice(T("value", {"value": When(NOW, "time")}))
    message, window = render.notice(notice, view), render.notice_view(notice, view)
    assert message["text"] == "09:00"
    assert message["blocks"] == window["blocks"] == [{"type": "section", "text": mrkdwn(TOKEN)}]
    assert (window["title"], window["close"]) == (plain("Krets"), plain("Close"))
    assert faults(message) == faults(window) == []


def test_home_is_a_window_or_the_tab_with_the_same_cards(view: View) -> None:
    home = Home((Card((Heading(value("One")), Buttons((COMING,)))), Card((Buttons((COMING,)),))))
    window, tab = render.home(home, view), render.app_home(home, view)
    assert window["blocks"] == tab["blocks"]
    assert [one["type"] for one in tab["blocks"]] == ["header", "actions", "divider", "actions"]
    assert [one["elements"][0]["action_id"] for one in tab["blocks"][1::2]] == ["a1", "a2"]
    assert (tab["type"], window["title"]) == ("home", plain("What you can do now"))
    assert faults(window) == faults(tab) == []


def test_of_too_many_cards_whole_ones_are_left_out_but_never_the_last(view: View) -> None:
    cards = tuple(Card((Text(value(f"{n}")),) * 20) for n in range(6))
    tab = render.app_home(Home((*cards, Card((Heading(value("Settings")),)))), view)
    assert faults(tab) == []
    assert len(tab["blocks"]) == 4 * 21 + 1
    assert tab["blocks"][-1]["text"] == plain("Settings")


def test_errors_stand_at_their_field_and_others_at_the_first(view: View) -> None:
    errors = FieldErrors({"b": value("Wrong"), "gone": value("Lost"), "away": value("Lost")})
    assert render.errors(errors, view, ("a", "b")) == {
        "response_action": "errors",
        "errors": {"b": "Wrong", "a": "Lost"},
    }
    window = render.errors(errors, view, ())
    assert window["response_action"] == "update"
    assert window["view"]["blocks"] == [{"type": "section", "text": plain("Wrong")}]
