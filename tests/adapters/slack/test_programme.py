"""A whole programme in Slack: all of it fits, in every language, and what is sent comes back."""

from collections.abc import Iterator
from typing import Any

import pytest

from adapters.slack import render
from adapters.slack.inputs import FORM
from adapters.slack.parse import parse
from bot.core.action import unpack
from bot.core.card import Button, Card, Choice, Line, PeopleField, Quote, Tick
from bot.core.decision import FieldErrors, Home, Notice, OpenForm
from bot.core.event import FormSubmitted
from bot.core.model import LANGUAGES
from bot.words import View, Words
from tests.adapters.programme import NATIVES, Shown, programme, reader
from tests.adapters.slack.limits import faults
from tests.core.play import inside


def payloads(shown: Shown, view: View) -> Iterator[dict[str, Any]]:
    """All the ways in which this is shown."""
    match shown.what:
        case Card():
            yield render.message(shown.what, view)
        case OpenForm(form):
            yield render.form(form, view)
        case Home():
            yield render.home(shown.what, view)
            yield render.app_home(shown.what, view)
        case Notice():
            yield render.notice(shown.what, view)
            yield render.notice_view(shown.what, view)
        case FieldErrors():
            yield render.errors(shown.what, view, ())["view"]


def test_a_programme_shows_everything_there_is() -> None:
    seen = [one.what for one in programme()]
    for kind, least in ((Card, 300), (OpenForm, 100), (Home, 100), (Notice, 20), (FieldErrors, 1)):
        assert sum(isinstance(one, kind) for one in seen) >= least, kind
    forms = [one.form for one in seen if isinstance(one, OpenForm)]
    assert len({one.action.kind for one in forms}) >= 15
    fields = {type(field) for one in forms for field in one.fields}
    assert fields >= {Line, Choice, Tick, PeopleField, Quote}


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_that_a_programme_shows_fits_into_slack(words: Words, language: str) -> None:
    for shown in programme():
        for payload in payloads(shown, reader(words, language, shown.groups)):
            assert faults(payload) == [], payload


@pytest.mark.parametrize("language", LANGUAGES)
def test_titles_and_buttons_are_whole(words: Words, language: str) -> None:
    for shown in programme():
        for payload in payloads(shown, reader(words, language, shown.groups)):
            frame = [payload[key] for key in ("title", "submit", "close") if key in payload]
            buttons = [
                one["text"]
                for block in payload["blocks"]
                for one in block.get("elements", ())
                if one["type"] == "button"
            ]
            assert not [one for one in [*frame, *buttons] if "…" in one["text"]]


def test_every_button_carries_its_action_in_the_order_of_the_card(words: Words) -> None:
    for shown in programme():
        if not isinstance(shown.what, Card):
            continue
        rendered = render.blocks(shown.what, reader(words, "nb", shown.groups))
        rows = [one["elements"] for one in rendered if one["type"] == "actions"]
        buttons = [one for row in rows for one in row]
        assert [unpack(one["value"]) for one in buttons] == [
            one.action for one in inside(shown.what, Button)
        ]
        assert [one["action_id"] for one in buttons] == [f"a{n + 1}" for n in range(len(buttons))]


def test_every_form_comes_back_as_the_form_that_it_is(words: Words) -> None:
    for shown in programme():
        if not isinstance(shown.what, OpenForm) or shown.what.form.submit is None:
            continue
        form = shown.what.form
        event = parse(sent(render.form(form, reader(words, "sv", shown.groups))), "interaction")
        assert isinstance(event, FormSubmitted)
        assert event.action == form.action
        asked = [one.name for one in form.fields if hasattr(one, "name")]
        assert list(event.answers) == asked
        for field in form.fields:
            if isinstance(field, Choice) and not field.many:
                assert event.answers[field.name] == next(iter(field.chosen), "")
            if isinstance(field, Tick):
                assert event.answers[field.name] is field.value


def sent(view: dict[str, Any]) -> dict[str, Any]:
    """The form as Slack sends it when nobody has changed anything."""
    assert view["callback_id"] == FORM
    values = {}
    for block in view["blocks"]:
        if block["type"] != "input":
            continue
        element = block["element"]
        told = {
            "value": element.get("initial_value"),
            "selected_option": element.get("initial_option"),
            "selected_options": element.get("initial_options", []),
            "selected_date": element.get("initial_date"),
            "selected_time": element.get("initial_time"),
            "selected_users": element.get("initial_users", []),
        }
        kinds = {
            "plain_text_input": "value",
            "radio_buttons": "selected_option",
            "static_select": "selected_option",
            "checkboxes": "selected_options",
            "multi_static_select": "selected_options",
            "datepicker": "selected_date",
            "timepicker": "selected_time",
            "multi_users_select": "selected_users",
        }
        kind = kinds[element["type"]]
        value = {"type": element["type"], kind: told[kind]}
        values[block["block_id"]] = {element["action_id"]: value}
    return {
        "type": "view_submission",
        "trigger_id": "1.2.3",
        "team": {"id": "T0KRETS01"},
        "user": {"id": NATIVES["anna"]},
        "view": view | {"state": {"values": values}},
    }
