"""Forms as dialogs: every kind of field shows, keeps what was typed, and says what is wrong."""

from dataclasses import replace
from typing import Any, get_args

import pytest

from adapters.teams import render
from adapters.teams.shapes import ACTION, FORM
from bot.core.action import OpenGroup, pack, unpack
from bot.core.card import (
    About,
    Choice,
    DateField,
    Divider,
    Input,
    Line,
    Option,
    PeopleField,
    Quote,
    Said,
    T,
    Text,
    Tick,
    TimeField,
    When,
)
from bot.core.decision import FieldErrors
from bot.words import View
from tests.adapters.scene import NOW, value
from tests.adapters.teams.adaptive_card import card_of, faults
from tests.adapters.teams.pieces import COMING, SAID, Json, a_form, run, telling

ASA, BJORN = "0a5a0000-1111-2222-3333-444455556666", "b0000000-1111-2222-3333-444455556666"
HINT = {"isSubtle": True, "size": "Small"}
WRONG = {"color": "Attention", "weight": "Bolder"}
CHOICES = {"type": "Input.ChoiceSet", "wrap": True}
FIELDS: dict[type, tuple[Input, Json, str, str]] = {
    Line: (
        Line("field", value("L"), 60, several=True, optional=True, value=SAID),
        {"type": "Input.Text", "isMultiline": True, "maxLength": 60, "value": "My *own* words"},
        "",
        "typed *anew*",
    ),
    Choice: (
        Choice("field", value("L"), (Option("a", value("A")), Option("b", value("B")))),
        CHOICES
        | {
            "choices": [{"title": "A", "value": "a"}, {"title": "B", "value": "b"}],
            "isMultiSelect": False,
            "style": "expanded",
        },
        "Please choose one.",
        "b",
    ),
    Tick: (
        Tick("field", value("L"), value=True),
        {"type": "Input.Toggle", "title": "Yes", "wrap": True, "value": "true"},
        "",
        "false",
    ),
    DateField: (
        DateField("field", value("L"), "2026-03-03"),
        {"type": "Input.Date", "value": "2026-03-03"},
        "Please give a date.",
        "2026-04-04",
    ),
    TimeField: (
        TimeField("field", value("L"), "13:00"),
        {"type": "Input.Time", "value": "13:00"},
        "Please give a time, such as 13:00.",
        "14:30",
    ),
    PeopleField: (
        PeopleField("field", value("L"), 2),
        CHOICES
        | {
            "choices": [],
            "choices.data": {"type": "Data.Query", "dataset": "graph.microsoft.com/users"},
            "isMultiSelect": True,
            "style": "compact",
        },
        "Please choose one.",
        f"{ASA},{BJORN}",
    ),
}


@pytest.fixture
def told(view: View) -> View:
    return telling(view)


def body(payload: Json) -> list[Json]:
    assert faults(payload) == []
    found: list[Json] = card_of(payload)["body"]
    return found


def shown(field: Input, view: View, **more: Any) -> Json:
    """The field as an input, alone in a dialog."""
    (only,) = body(render.form(a_form(field), view, **more))
    return only


@pytest.mark.parametrize("kind", get_args(Input))
def test_every_field_shows_with_its_label_and_hint(kind: type, told: View) -> None:
    asked, expected, missing, _ = FIELDS[kind]
    required = {"isRequired": True, "errorMessage": missing} if missing else {}
    assert body(render.form(a_form(replace(asked, hint=value("A hint"))), told)) == [
        {"id": "field", "label": "L"} | expected | required,
        run("A hint", **HINT) | {"spacing": "Small"},
    ]


@pytest.mark.parametrize("kind", get_args(Input))
def test_what_is_wrong_stands_above_the_field_that_keeps_what_was_typed(
    kind: type, told: View
) -> None:
    asked, _, _, typed = FIELDS[kind]
    wrong = FieldErrors({"field": value("Not so"), "other": value("Nor this")})
    payload = render.form(a_form(asked), told, typed={"field": typed}, errors=wrong)
    strange, error, field = body(payload)
    assert strange == run("Nor this", **WRONG)
    assert error == run("Not so", **WRONG) | {"spacing": "Medium"}
    assert (field["value"], field["spacing"]) == (typed, "Small")


@pytest.mark.parametrize("kind", get_args(Input))
@pytest.mark.parametrize("typed", [{}, {"field": 7}, {"field": "\u202e,?; 99:99:99"}])
def test_whatever_was_sent_the_dialog_can_be_shown_again(
    kind: type, typed: dict[str, object], told: View
) -> None:
    field = shown(FIELDS[kind][0], told, typed=typed, errors=FieldErrors({}))
    assert field.get("value", "") in ("", "true", ",?; 99:99:99")


def test_a_tick_that_was_sent_as_a_truth_value_is_kept(view: View) -> None:
    assert shown(Tick("field", value("L")), view, typed={"field": True})["value"] == "true"


# --- dialogs ------------------------------------------------------------------------------------


def test_a_form_carries_what_it_means_and_what_its_answers_stand_for(told: View) -> None:
    several = Choice("several", value("S"), (Option("a", value("A")),), many=True)
    fields = [replace(FIELDS[kind][0], name=kind.__name__) for kind in FIELDS]
    payload = render.form(a_form(*fields, several, Divider(), Text(value("Read"))), told)
    assert faults(payload) == []
    card = card_of(payload)
    assert payload["task"]["value"]["title"] == "Title"
    assert card["body"][-1] == run("Read") | {"separator": True}
    (send,) = card["actions"]
    assert (send["type"], send["title"], send["style"]) == ("Action.Submit", "Send", "positive")
    assert unpack(send["data"][ACTION]) == OpenGroup("g1")
    assert send["data"][FORM] == {"Tick": "tick", "PeopleField": "people", "several": "many"}


def test_a_form_of_nothing_but_text_says_so(view: View) -> None:
    (send,) = card_of(render.form(a_form(Line("a", value("A"), 9)), view))["actions"]
    assert send["data"][FORM] is True


def test_another_button_of_a_dialog_takes_nothing_along(view: View) -> None:
    _, other = card_of(render.form(a_form(extra=(COMING,)), view))["actions"]
    assert other == {
        "type": "Action.Submit",
        "title": "Coming",
        "style": "positive",
        "data": {ACTION: pack(COMING.action)},
        "associatedInputs": "none",
    }


def test_a_form_for_reading_can_only_be_closed(told: View) -> None:
    payload = render.form(a_form(Quote(SAID), submit=None), told)
    assert faults(payload) == []
    assert "actions" not in card_of(payload)
    assert payload["task"]["value"]["height"] == "large"


def test_a_form_without_anything_is_still_a_dialog(view: View) -> None:
    assert body(render.form(a_form(), view)) == [run("–")]


# --- fields -------------------------------------------------------------------------------------


def test_few_or_long_options_stand_open_and_many_are_a_list(view: View) -> None:
    options = tuple(Option(str(n), value(str(n))) for n in range(20))
    long = Option("x", value("How do I say no to more work, when there is nobody else?"))

    def styles(*options: Option) -> list[str]:
        return [shown(Choice("c", value("C"), options, many), view)["style"] for many in (0, 1)]

    assert styles(*options[:3]) == ["expanded", "expanded"]
    assert styles(*options[:4]) == ["compact", "expanded"]
    assert styles(*options[:4], long) == ["expanded", "expanded"]
    assert styles(*options) == ["compact", "compact"]


def test_what_is_chosen_at_first_is_what_can_be_chosen(view: View) -> None:
    options = tuple(Option(one, value(one)) for one in "abc")
    several = Choice("c", value("C"), options, many=True, chosen=("c", "gone", "a"))
    assert shown(several, view)["value"] == "a,c"
    assert shown(several, view, typed={"c": "b,gone"})["value"] == "b"
    assert shown(replace(several, many=False), view)["value"] == "a"
    assert "value" not in shown(replace(several, chosen=("gone",)), view)


def test_a_line_keeps_what_stands_in_it(told: View) -> None:
    def field(of: Said | About | str, **more: Any) -> Json:
        return shown(Line("t", value("T"), 9, value=of, **more), told)

    assert field(SAID)["value"] == "My *own* words"
    assert field(SAID)["maxLength"] == 14, "what is there already fits"
    assert field(About("g1", "name"))["value"] == "Eken & <i>Asken</…"
    assert field("a\nb")["value"] == "a b"
    assert field("a\nb", several=True)["value"] == "a\nb"
    assert field("{{a")["value"] == "{{a", "what is sent back is what was there"
    assert "value" not in field("")
    assert field("")["maxLength"] == 9


def test_people_are_searched_for_in_the_organisation_or_in_the_room(view: View) -> None:
    field = PeopleField("who", value("W"), 1)
    everybody, here = shown(field, view), shown(field, view, here=True)
    assert everybody["choices.data"]["dataset"] == "graph.microsoft.com/users"
    assert here["choices.data"]["dataset"] == "graph.microsoft.com/users?scope=currentContext"
    assert everybody["isMultiSelect"] is False
    assert shown(field, view, typed={"who": f"{ASA},{BJORN}"})["value"] == ASA


def test_people_are_those_among_whom_one_may_choose_and_whom_teams_knows(view: View) -> None:
    view = replace(view, natives={"p1": ASA, "p2": BJORN, "p3": "29:wrong"})
    one, some = (
        shown(PeopleField("who", value("W"), limit, among=("p1", "p2", "p3", "p4")), view)
        for limit in (1, 2)
    )
    assert (one["isMultiSelect"], some["isMultiSelect"]) == (False, True)
    assert (
        one["choices"]
        == some["choices"]
        == [
            {"title": "Åsa Nyström", "value": ASA},
            {"title": "Bjørn ‹b›Haugen‹/b›", "value": BJORN},
        ]
    )


def test_a_time_in_a_dialog_is_on_the_clock_of_whoever_opened_it(view: View) -> None:
    at = Text(T("value", {"value": When(NOW, "time")}))
    assert body(render.form(a_form(at), view, here=True)) == [run("09:00")]
