"""Cards, forms and replies as Adaptive Cards: pure functions of what is shown to whom."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeAlias, assert_never

from pydantic_core import to_json

from adapters.teams.body import agree, body, button, element, inside, joined, link, send
from adapters.teams.dialogs import opens_dialog
from adapters.teams.elements import Action, ActionSet, AdaptiveCard, Element
from adapters.teams.inline import Pen, fallback, line, paragraph, rich
from adapters.teams.inputs import WRONG, field, meaning
from adapters.teams.shapes import Meaning
from adapters.text import DASH
from bot.core.card import (
    Button,
    Card,
    Choice,
    DateField,
    Details,
    Divider,
    Form,
    Heading,
    Items,
    Line,
    Link,
    PeopleField,
    Quote,
    T,
    Text,
    Tick,
    TimeField,
)
from bot.core.decision import FieldErrors, Home, Notice
from bot.words import View

#: What goes to the connector, or into the answer to an invoke.
Json: TypeAlias = dict[str, Any]

CARD = "application/vnd.microsoft.card.adaptive"
MESSAGE = "application/vnd.microsoft.activity.message"
#: Bytes of one card. Teams takes 28 KiB, with what is around it.
LIMIT = 27 * 1024
#: Characters of one text: the first with which all fits.
_LENGTHS = (30_000, 2000, 1000, 500, 250)
#: From so many fields on a dialog is large.
_MANY = 4
#: What is only read.
_READ = ("TextBlock", "RichTextBlock", "Container", "ColumnSet")
_NEUTRAL = T("notification")
_NAME = T("text", {"text": "Krets"})


# --- messages -----------------------------------------------------------------------------------


def message(card: Card, view: View, *, shared: bool = False) -> Json:
    """What is posted: the card, and the neutral line of notifications.

    `shared`: in a room, where times are shown on the clock of whoever reads them.
    """

    def write(pen: Pen) -> AdaptiveCard:
        return _card(body(card.elements, pen), view, card.summary)

    return _message(_fitting(write, Pen(view, shared=shared)), card.summary, view)


def home(home: Home, view: View) -> Json:
    """All that I can do now: as many cards as fit, and the last, which has the settings."""
    *first, last = home.cards

    def write(pen: Pen) -> AdaptiveCard:
        shown: list[Element] = []
        for card in (*first, last):
            part = body(card.elements, pen)
            if shown and part:
                part[0]["separator"], part[0]["spacing"] = True, "Large"
            shown += part
        return _card(shown, view, _NEUTRAL)

    pen = Pen(view, reply=True)
    shown = write(pen)
    while first and _size(shown) > LIMIT:
        first.pop()
        shown = write(pen)
    return _message(shown if first else _fitting(write, pen), _NEUTRAL, view)


def notice(notice: Notice, view: View) -> Json:
    """A sentence for one person, as a message."""
    return _message(_notice(notice, view), _NEUTRAL, view)


def way_in(form: Form, view: View) -> Json:
    """A form as a message, where no dialog can be opened: one button that opens it.

    A form that no button opens only asks whether one is sure, and is asked in the message.
    """

    def write(pen: Pen) -> AdaptiveCard:
        if opens_dialog(form.action):
            shown: list[Element] = []
            press: Action = button(Button(form.title, form.action, "primary"), pen)
        else:
            shown = [*body((Heading(form.title),), pen), *_fields(form, pen, None, {})]
            press = agree(form, form.submit or form.title, pen)
        return _card([*shown, ActionSet(type="ActionSet", actions=[press])], view, _NEUTRAL)

    return _message(_fitting(write, Pen(view, reply=True)), _NEUTRAL, view)


def _message(card: AdaptiveCard, summary: T, view: View) -> Json:
    return {"summary": fallback(summary, view), "attachments": [_attachment(card)]}


# --- answers to an invoke -----------------------------------------------------------------------


def form(
    form: Form,
    view: View,
    *,
    here: bool = False,
    typed: Mapping[str, object] | None = None,
    errors: FieldErrors | None = None,
) -> Json:
    """A dialog; with `errors` the one that was sent, as Teams sent it in `typed`.

    `here`: asked for in a room, where people are picked from those who are in it.
    """
    wrong = errors.errors if errors else {}

    def write(pen: Pen) -> AdaptiveCard:
        actions: list[Action] = [inside(one, pen) for one in form.extra]
        if form.submit is not None:
            actions.insert(0, send(form, form.submit, pen, _meanings(form)))
        return _card(_fields(form, pen, typed, wrong), view, _NEUTRAL, actions)

    read = any(isinstance(one, Quote) for one in form.fields)
    height = "large" if read or len(form.fields) >= _MANY else "medium"
    return _dialog(form.title, _fitting(write, Pen(view, here=here)), view, height)


def notice_dialog(notice: Notice, view: View) -> Json:
    """A sentence for one person, as a small dialog."""
    return _dialog(_NAME, _notice(notice, view), view, "small")


def notice_answer(notice: Notice, view: View) -> Json:
    """A sentence for one person, beside the card in which they have pressed a button."""
    return {"statusCode": 200, "type": MESSAGE, "value": fallback(notice.text, view)}


def _dialog(title: T, card: AdaptiveCard, view: View, height: str) -> Json:
    told = {"title": line(title, Pen(view)), "height": height, "width": "medium"}
    return {"task": {"type": "continue", "value": told | {"card": _attachment(card)}}}


def _fields(
    form: Form, pen: Pen, typed: Mapping[str, object] | None, wrong: Mapping[str, T]
) -> list[Element]:
    """What a form asks and shows; what is wrong with a field that it does not have comes first."""
    parts: list[list[Element] | None] = []
    strange = dict(wrong)
    for one in form.fields:
        match one:
            case Line() | Choice() | Tick() | DateField() | TimeField() | PeopleField():
                given = None if typed is None else _text(typed.get(one.name))
                parts.append(field(one, pen, given, strange.pop(one.name, None)))
            case Text() | Quote() | Items() | Details() | Divider():
                parts.append(element(one, pen))
            case Link():
                parts.append(link(one, pen))
            case _:
                assert_never(one)
    said = [paragraph(text, pen, WRONG) for text in strange.values()]
    return joined([[one for one in said if one], *parts])


def _meanings(form: Form) -> dict[str, str]:
    """What the answers stand for that are not text, by field."""
    found: dict[str, str] = {}
    for one in form.fields:
        match one:
            case Line() | Choice() | Tick() | DateField() | TimeField() | PeopleField():
                if (meant := meaning(one)) is not Meaning.TEXT:
                    found[one.name] = meant.value
            case _:
                pass
    return found


def _text(typed: object) -> str:
    """What Teams sent of one field: text, even for a tick."""
    if isinstance(typed, bool):
        return str(typed).lower()
    return typed if isinstance(typed, str) else ""


# --- cards --------------------------------------------------------------------------------------


def _card(
    shown: Sequence[Element], view: View, summary: T, actions: Sequence[Action] = ()
) -> AdaptiveCard:
    neutral = fallback(summary, view)
    card = AdaptiveCard(
        type="AdaptiveCard",
        version="1.5",
        fallbackText=neutral,
        speak=neutral,
        body=list(shown) or [rich(DASH)],
        msteams={"width": "Full"},
    )
    if actions:
        card["actions"] = list(actions)
    return card


def _notice(notice: Notice, view: View) -> AdaptiveCard:
    return _fitting(lambda pen: _card(body((Text(notice.text),), pen), view, _NEUTRAL), Pen(view))


def _attachment(card: AdaptiveCard) -> Json:
    return {"contentType": CARD, "content": card}


def _fitting(write: Callable[[Pen], AdaptiveCard], pen: Pen) -> AdaptiveCard:
    """The card with its texts as long as they can be; if even that is too much, with fewer."""
    for most in _LENGTHS:
        card = write(replace(pen, most=most))
        if _size(card) <= LIMIT:
            return card
    texts = [one for one in card["body"] if one["type"] in _READ]
    while texts and _size(card) > LIMIT:
        last = texts.pop()
        card["body"] = [one for one in card["body"] if one is not last]
    return card


def _size(card: AdaptiveCard) -> int:
    return len(to_json(card))
