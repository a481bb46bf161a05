"""What has to hold after every decision, whatever the story."""

from collections.abc import Collection, Iterator
from dataclasses import fields, is_dataclass, replace
from functools import cache
from typing import Any

from pydantic import TypeAdapter

from bot.core.action import pack, unpack
from bot.core.card import (
    CARDS,
    Button,
    Buttons,
    Card,
    Choice,
    Details,
    Form,
    Items,
    Line,
    PeopleField,
    T,
    Who,
)
from bot.core.decision import Decision, FieldErrors, Home, Notice, OpenForm
from bot.core.due import Wanted, due
from bot.core.effect import Person, Put, Room
from bot.core.model import LANGUAGES, Group, from_document, to_document
from tests.core.words import catalogue, placeholders

FORMS: TypeAdapter[Form] = TypeAdapter(Form)
_checked: set[bytes] = set()
#: Field in which something private is written -> the sentence above it, by its key's beginning.
TOLD = {
    "case": ("case.shown",),
    "words": ("level", "next_day.kept"),
    "support": ("reflect.mine",),
    "take": ("reflect.mine",),
    "rules": ("rules.shown",),
}


def inside(thing: Any, kind: type) -> Iterator[Any]:
    """Everything of one kind, however deep, in the order in which it stands there."""
    waiting = [thing]
    while waiting:
        one = waiting.pop()
        if isinstance(one, kind):
            yield one
        if isinstance(one, dict):
            waiting.extend(reversed(one.values()))
        elif isinstance(one, tuple | list):
            waiting.extend(reversed(one))
        else:
            waiting.extend(getattr(one, name) for name in _names(type(one)))


@cache
def _names(kind: type) -> tuple[str, ...]:
    """The fields of a dataclass, the last one first; nothing else has any."""
    return tuple(one.name for one in reversed(fields(kind))) if is_dataclass(kind) else ()


def parts(group: Group) -> set[str]:
    """Who has a part in a group, or is asked to have one."""
    return {
        *group.sponsors,
        *(one.person for one in group.leaders if one.answer != "no"),
        *(one.person for one in group.members if one.status in ("asked", "yes")),
    }


def check_words(thing: Any) -> None:
    """Every sentence is in the catalogue and is told exactly what it wants."""
    for said in inside(thing, T):
        assert said.key in catalogue("en"), said.key
        assert set(said.values) == placeholders("en", said.key), said
    for who in inside(thing, Who):
        assert who.people, f"a sentence about nobody: {thing}"


def check_pieces(thing: Any) -> None:
    """Nothing is shown empty, and every button can be carried by the tightest platform."""
    for found in inside(thing, Buttons):
        assert found.buttons
    for found in (*inside(thing, Items), *inside(thing, Details)):
        assert found.rows, thing
    for button in inside(thing, Button):
        assert unpack(pack(button.action)) == button.action
        check_short(button.label)


def check_short(text: T) -> None:
    """A label or a title fits the tightest platform in every language."""
    for language in LANGUAGES:
        assert len(catalogue(language)[text.key][0]) <= 24, text.key


def check_card(card: Card, canaries: Collection[str]) -> None:
    """A card that is stored holds no private text, and comes back as it was."""
    dumped = CARDS.dump_json(card)
    check_canaries(dumped.decode(), canaries)
    if dumped in _checked:
        return
    _checked.add(dumped)
    assert CARDS.validate_json(dumped) == card
    check_words(card)
    check_pieces(card)


def check_canaries(text: str, canaries: Collection[str]) -> None:
    """None of what people wrote stands in a text."""
    for canary in canaries:
        assert canary not in text, f"{canary!r} in {text[:200]!r}"


def check_form(form: Form, canaries: Collection[str]) -> None:
    """A form can be rendered, and names what people wrote without holding it."""
    check_canaries(FORMS.dump_json(form).decode(), canaries)
    check_words(form)
    check_pieces(form)
    assert unpack(pack(form.action)) == form.action
    check_short(form.title)
    if form.submit is not None:
        check_short(form.submit)
    names = [one.name for one in form.fields if hasattr(one, "name")]
    assert len(names) == len(set(names))
    assert form.fields
    for choice in inside(form, Choice):
        offered = [option.value for option in choice.options]
        assert offered, choice
        assert len(offered) == len(set(offered))
        assert set(choice.chosen) <= set(offered)
    for people in inside(form, PeopleField):
        assert people.limit >= 1
    if form.submit is None:
        assert not names
    check_told(form)


def check_told(form: Form) -> None:
    """Who reads what somebody is about to write, or until when it lives, stands above it."""
    above: set[str] = set()
    for field in form.fields:
        if isinstance(field, Line) and field.name in TOLD:
            assert any(key.startswith(TOLD[field.name]) for key in above), field.name
        above |= {said.key for said in inside(field, T)}


def check_decision(before: Group | None, decision: Decision, canaries: Collection[str]) -> None:
    """What is said is sayable, and only to those whom it concerns."""
    after = decision.group or before
    for effect in decision.effects:
        if isinstance(effect, Put):
            check_card(effect.card, canaries)
            assert after is not None
            if isinstance(effect.to, Room):
                assert effect.to.group == after.id
                assert after.status != "gathering"
            if isinstance(effect.to, Person):
                assert effect.to.id in parts(after) | (parts(before) if before else set())
    match decision.reply:
        case OpenForm(form):
            check_form(form, canaries)
        case Home(cards):
            for card in cards:
                check_card(card, canaries)
        case Notice(text):
            check_words(text)
        case FieldErrors(errors):
            assert errors
            check_words(errors)


def check_group(group: Group, canaries: Collection[str]) -> frozenset[Wanted]:
    """The document comes back as it was, without private text, and no moment is wanted twice."""
    document = to_document(group)
    check_canaries(document, canaries)
    stored = from_document(document, group.method, group.drawers)
    assert replace(stored, hours=group.hours) == group
    wanted = due(group)
    assert len({(one.meeting, one.kind, one.who) for one in wanted}) == len(wanted)
    assert all(one.due_at.utcoffset() is not None for one in wanted)
    return wanted
