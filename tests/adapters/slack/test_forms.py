"""Forms as modals: every kind of field shows, with what stands in it."""

from dataclasses import replace
from typing import Any, get_args

import pytest

from adapters.slack import render
from adapters.slack.inputs import field
from bot.core.action import OpenGroup, pack, unpack
from bot.core.card import (
    About,
    Choice,
    DateField,
    Form,
    Input,
    Line,
    Option,
    PeopleField,
    Said,
    Text,
    Tick,
    TimeField,
)
from bot.words import View
from tests.adapters.scene import value
from tests.adapters.slack.limits import faults
from tests.adapters.slack.pieces import COMING, SAID, a_form, plain

A = {"text": plain("A"), "value": "a"}
YES = {"text": plain("Yes"), "value": "yes"}
FIELDS: dict[type, tuple[Input, dict[str, Any], bool]] = {
    Line: (
        Line("field", value("L"), 60, several=True, optional=True, value=SAID),
        {
            "type": "plain_text_input",
            "action_id": "text",
            "multiline": True,
            "max_length": 60,
            "initial_value": "My *own* words",
        },
        True,
    ),
    Choice: (
        Choice("field", value("L"), (Option("a", value("A")),), chosen=("a",)),
        {"type": "radio_buttons", "action_id": "one", "options": [A], "initial_option": A},
        False,
    ),
    Tick: (
        Tick("field", value("L"), value=True),
        {"type": "checkboxes", "action_id": "tick", "options": [YES], "initial_options": [YES]},
        True,
    ),
    DateField: (
        DateField("field", value("L"), "2026-03-03"),
        {"type": "datepicker", "action_id": "date", "initial_date": "2026-03-03"},
        False,
    ),
    TimeField: (
        TimeField("field", value("L"), "13:00"),
        {"type": "timepicker", "action_id": "time", "initial_time": "13:00"},
        False,
    ),
    PeopleField: (
        PeopleField("field", value("L"), 2),
        {"type": "multi_users_select", "action_id": "people", "max_selected_items": 2},
        False,
    ),
}


def shown(field_: Input, view: View) -> list[dict[str, Any]]:
    return [block.to_dict() for block in field(field_, view)]


@pytest.mark.parametrize("kind", get_args(Input))
def test_every_field_shows_with_its_label_and_hint(kind: type, told: View) -> None:
    asked, element, optional = FIELDS[kind]
    assert shown(replace(asked, hint=value("A hint")), told) == [
        {
            "type": "input",
            "block_id": "field",
            "label": plain("L"),
            "hint": plain("A hint"),
            "element": element,
            "optional": optional,
        }
    ]
    assert faults(render.form(a_form(asked), told)) == []


# --- forms --------------------------------------------------------------------------------------


def test_a_form_carries_what_it_means(view: View) -> None:
    form = render.form(a_form(FIELDS[Line][0], extra=(COMING,)), view)
    assert (form["type"], form["callback_id"]) == ("modal", "form")
    assert unpack(form["private_metadata"]) == OpenGroup("g1")
    assert (form["title"], form["submit"]) == (plain("Title"), plain("Send"))
    assert form["close"] == plain("Cancel")
    assert form["blocks"][-1]["elements"][0]["value"] == pack(COMING.action)


def test_a_form_says_what_it_is_called_not_to_send_it(view: View) -> None:
    form = render.form(a_form(Text(value("Read")), cancel=value("Stay a while")), view)
    assert form["close"] == plain("Stay a while")


def test_what_can_be_done_stands_below_however_much_there_is_to_read(view: View) -> None:
    fields = tuple(Text(value(f"Line {n}")) for n in range(120))
    shown = Form(value("Title"), OpenGroup("g1"), fields, extra=(COMING,))
    form = render.form(shown, view)
    assert len(form["blocks"]) == 100
    assert form["blocks"][-1]["elements"][0]["value"] == pack(COMING.action)


def test_a_form_for_reading_can_only_be_closed(view: View) -> None:
    form = render.form(a_form(Text(value("Read")), submit=None), view)
    assert "submit" not in form
    assert form["close"] == plain("Close")


def test_what_is_too_long_for_the_frame_is_cut(view: View) -> None:
    long = value("Mycket långa ord, långa som året")
    form = render.form(Form(long, OpenGroup("g1"), (), submit=long), view)
    assert form["title"]["text"] == form["submit"]["text"] == "Mycket långa ord, långa…"
    assert faults(form) == []


def test_few_options_stand_open_and_many_are_a_list(view: View) -> None:
    options = tuple(Option(str(n), value(str(n))) for n in range(101))

    def kinds(count: int) -> list[str]:
        both = [Choice("c", value("C"), options[:count], many=many) for many in (False, True)]
        assert not [fault for one in both for fault in faults(render.form(a_form(one), view))]
        return [shown(one, view)[-1]["element"]["type"] for one in both]

    assert kinds(10) == ["radio_buttons", "checkboxes"]
    assert kinds(11) == kinds(101) == ["static_select", "multi_static_select"]
    several = Choice("c", value("C"), options[:3], many=True, chosen=("0", "2", "gone"))
    assert [one["value"] for one in shown(several, view)[0]["element"]["initial_options"]] == [
        "0",
        "2",
    ]


def test_a_question_that_is_cut_beside_its_box_stands_in_full_above(view: View) -> None:
    long = "Hur säger jag ifrån " * 10
    options = (Option("1", value(long)), Option("2", value("Kort")), Option("3", value("a\nb")))
    above, lines, boxes = shown(Choice("cases", value("C"), options, many=True), view)
    assert above == {"type": "section", "text": plain(long.strip())}
    assert lines == {"type": "section", "text": plain("a\nb")}
    labels = [one["text"]["text"] for one in boxes["element"]["options"]]
    assert labels[1:] == ["Kort", "a b"]
    assert labels[0].endswith("…")
    assert len(labels[0]) <= 75


def test_a_line_keeps_what_stands_in_it(told: View) -> None:
    def element(of: Said | About | str, **more: Any) -> dict[str, Any]:
        found: dict[str, Any] = shown(Line("t", value("T"), 9, value=of, **more), told)[0]
        return dict(found["element"])

    assert element(SAID)["initial_value"] == "My *own* words"
    assert element(SAID)["max_length"] == 14, "what is there already fits"
    assert element(About("g1", "name"))["initial_value"] == "Eken & <i>Asken</i>"
    assert element("a\nb")["initial_value"] == "a b"
    assert element("a\nb", several=True)["initial_value"] == "a\nb"
    assert "initial_value" not in element("")
    assert element("")["max_length"] == 9
    assert len(element("x" * 5000)["initial_value"]) == 3000


def test_people_are_those_among_whom_one_may_choose_and_whom_slack_knows(view: View) -> None:
    view = replace(view, natives={"p1": "U0ASA", "p2": "W0BJORN", "p3": "wrong"})
    one, some = (
        shown(PeopleField("who", value("W"), limit, among=("p1", "p2", "p3", "p4")), view)[0][
            "element"
        ]
        for limit in (1, 2)
    )
    assert one["type"] == "static_select"
    assert (some["type"], some["max_selected_items"]) == ("multi_static_select", 2)
    assert [(o["value"], o["text"]["text"]) for o in one["options"]] == [
        ("U0ASA", "Åsa Nyström"),
        ("W0BJORN", "Bjørn <b>Haugen</b>"),
    ]
    assert one["options"] == some["options"]
    assert one["action_id"] == some["action_id"] == "people"
