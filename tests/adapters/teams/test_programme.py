"""A whole programme in Teams: all of it fits, in every language, and what is sent comes back."""

from collections.abc import Iterator
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import pytest

from adapters.teams import render
from adapters.teams.dialogs import opens_dialog
from adapters.teams.parse import deed_of, read
from adapters.teams.shapes import ACTION, FORM
from bot.core.action import unpack
from bot.core.card import Button, Card, Choice, PeopleField, T, Tick
from bot.core.decision import FieldErrors, Home, Notice, OpenForm
from bot.core.event import ButtonPressed, FormSubmitted
from bot.core.model import LANGUAGES
from bot.words import View, Words
from tests.adapters.programme import HELP, NAMES, Shown, programme
from tests.adapters.teams.adaptive_card import card_of, faults, things
from tests.adapters.teams.conftest import activity
from tests.core.play import inside

Json = dict[str, Any]

NATIVES = {one: str(uuid5(NAMESPACE_URL, one)) for one in NAMES if one != "gun"}


def reader(words: Words, language: str, shown: Shown) -> View:
    """Somebody who looks, to whom one of the people is unknown in Teams."""
    zone = "Europe/Stockholm"
    return View(language, zone, NAMES, shown.groups, HELP, words, natives=NATIVES)


def payloads(shown: Shown, view: View) -> Iterator[Json]:
    """All the ways in which this is shown."""
    match shown.what:
        case Card():
            yield render.message(shown.what, view)
            yield render.message(shown.what, view, shared=True)
        case OpenForm(form):
            wrong = {one.name: T("error.empty") for one in form.fields if hasattr(one, "name")}
            yield render.form(form, view)
            yield render.form(form, view, here=True, typed={}, errors=FieldErrors(wrong))
            yield render.way_in(form, view)
        case Home():
            yield render.home(shown.what, view)
        case Notice():
            yield render.notice(shown.what, view)
            yield render.notice_dialog(shown.what, view)


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_that_a_programme_shows_fits_into_teams(words: Words, language: str) -> None:
    for shown in programme():
        for payload in payloads(shown, reader(words, language, shown)):
            assert faults(payload) == [], payload
            texts = [one for one in things(card_of(payload)) if one["type"] != "TextRun"]
            assert not [one for one in texts if "…" in one.get("title", "")]


def test_every_button_carries_its_action_in_the_order_of_the_card(words: Words) -> None:
    for shown in programme():
        if not isinstance(shown.what, Card):
            continue
        card = card_of(render.message(shown.what, reader(words, "nb", shown)))
        row = [one for block in card["body"] for one in block.get("actions", ())]
        buttons = list(inside(shown.what, Button))
        assert [unpack(one["data"][ACTION]) for one in row] == [one.action for one in buttons]
        assert ["msteams" in one["data"] for one in row] == [
            opens_dialog(one.action) for one in buttons
        ]


def test_every_form_comes_back_as_the_form_that_it_is(words: Words) -> None:
    for shown in programme():
        if not isinstance(shown.what, OpenForm) or shown.what.form.submit is None:
            continue
        form = shown.what.form
        card = card_of(render.form(form, reader(words, "sv", shown)))
        event = deed_of(read(sent(card)))
        assert isinstance(event, FormSubmitted)
        assert event.action == form.action
        for field in form.fields:
            if isinstance(field, Choice):
                chosen = field.chosen if field.many else next(iter(field.chosen), "")
                assert event.answers.get(field.name, "") == chosen
            if isinstance(field, Tick):
                assert event.answers[field.name] is field.value
            if isinstance(field, PeopleField):
                assert event.answers[field.name] == ()


def test_every_way_in_leads_to_its_form(words: Words) -> None:
    for shown in programme():
        if isinstance(shown.what, OpenForm):
            form = shown.what.form
            (row,) = card_of(render.way_in(form, reader(words, "en", shown)))["body"]
            data = row["actions"][0]["data"]
            event = deed_of(read(activity(type="invoke", name="task/fetch", value={"data": data})))
            assert isinstance(event, ButtonPressed)
            assert event.action == form.action


def sent(card: Json) -> Json:
    """The form as Teams sends it when nobody has changed anything."""
    (send, *_) = card["actions"]
    assert FORM in send["data"]
    typed = {one["id"]: one["value"] for one in things(card) if "id" in one and "value" in one}
    return activity(type="invoke", name="task/submit", value={"data": send["data"] | typed})
