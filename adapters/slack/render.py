"""Cards, forms and replies as Slack's blocks and views: pure functions of what is shown to whom."""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any, assert_never

from slack_sdk.models.blocks import (
    ActionsBlock,
    ButtonElement,
    ContextBlock,
    DividerBlock,
    HeaderBlock,
    SectionBlock,
)
from slack_sdk.models.views import View as SlackView

from adapters.slack.inline import (
    TextObject,
    fallback,
    label,
    line,
    marked,
    mrkdwn,
    one_line,
    own,
    pieces,
    plain,
    rich,
    still,
    texts,
)
from adapters.slack.inputs import FORM, SECTION, field
from adapters.slack.models import Json, as_json
from adapters.text import DASH, length
from bot.core.action import Action, pack
from bot.core.card import (
    Button,
    Buttons,
    Card,
    Choice,
    DateField,
    Details,
    Divider,
    Element,
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

#: Blocks of a message, and of a modal or the App Home tab.
OF_MESSAGE, OF_VIEW = 50, 100
#: Characters of the words around a modal, and of others.
_FRAME, _HEADER, _BUTTON, _CELL, _CONTEXT = 24, 150, 75, 2000, 2000
#: Cells of one section, and buttons of one row.
_CELLS, _ROW = 10, 25
_ACTIONS: Json = {"elements": [], "type": ActionsBlock.type}
_STYLES = {"plain": None, "primary": "primary", "danger": "danger"}


# --- messages -----------------------------------------------------------------------------------


def message(card: Card, view: View) -> Json:
    """What is posted: the blocks, and the neutral line of notifications and screen readers."""
    return {"text": fallback(card.summary, view), "blocks": blocks(card, view)}


def blocks(card: Card, view: View) -> list[Json]:
    """What one message shows."""
    return _card(card, view, itertools.count(1))[:OF_MESSAGE]


def notice(notice: Notice, view: View) -> Json:
    """A sentence for one person, as a message that only they see."""
    shown = _sections(texts(notice.text, view, SECTION))
    return {"text": fallback(notice.text, view), "blocks": shown[:OF_MESSAGE]}


# --- views --------------------------------------------------------------------------------------


def form(form: Form, view: View) -> Json:
    """A modal; what it means travels in `private_metadata`."""
    shown: list[Json] = []
    ids = itertools.count(1)
    for one in form.fields:
        match one:
            case Line() | Choice() | Tick() | DateField() | TimeField() | PeopleField():
                shown += as_json(field(one, view))
            case Text() | Quote() | Items() | Details() | Divider():
                shown += element(one, view, ids)
            case Link(label=words, to=to):
                linked = f"*{rich(words, view)}*\n<{view.address(to)}>"
                shown += _sections([mrkdwn(linked)])
            case _:
                assert_never(one)
    extra = element(Buttons(form.extra), view, ids) if form.extra else []
    shown = [*shown[: OF_VIEW - len(extra)], *extra]  # what can be done is never what is cut
    close = form.cancel or T("page.cancel" if form.submit else "page.close")
    modal = _modal(form.title, shown, view, close)
    modal |= {"callback_id": FORM, "private_metadata": pack(form.action)}
    if form.submit is not None:
        modal["submit"] = label(line(form.submit, view), _FRAME).to_dict()
    return modal


def home(home: Home, view: View) -> Json:
    """All that I can do now, as a modal."""
    return _modal(T("page.home"), _cards(home, view, OF_VIEW), view, T("page.close"))


def home_message(home: Home, view: View) -> Json:
    """All that I can do now, as a message that only I see."""
    shown = _cards(home, view, OF_MESSAGE)
    return {"text": fallback(T("page.home"), view), "blocks": shown}


def app_home(home: Home, view: View) -> Json:
    """All that I can do now, as the App Home tab."""
    return _view(SlackView(type="home"), _cards(home, view, OF_VIEW))


def notice_view(notice: Notice, view: View) -> Json:
    """A sentence for one person, as a small modal."""
    shown = _sections(texts(notice.text, view, SECTION))
    return _modal(T("text", {"text": "Krets"}), shown, view, T("page.close"))


def errors(errors: FieldErrors, view: View, inputs: Sequence[str]) -> Json:
    """The answer to a form that leaves it open; `inputs` are the names of its fields, in order.

    What is wrong with a field that the form does not have stands at its first one; with no field
    at all the form becomes a notice.
    """
    if not inputs:
        first = next(iter(errors.errors.values()))
        return {"response_action": "update", "view": notice_view(Notice(first), view)}
    told: dict[str, list[str]] = {}
    for name, text in errors.errors.items():
        told.setdefault(name if name in inputs else inputs[0], []).append(plain(text, view))
    return {
        "response_action": "errors",
        "errors": {name: " ".join(dict.fromkeys(words)) for name, words in told.items()},
    }


def _modal(title: T, shown: Sequence[Json], view: View, close: T) -> Json:
    shown = shown or _sections([label(DASH, SECTION)])
    modal = SlackView(
        type="modal",
        title=label(line(title, view), _FRAME),
        close=label(line(close, view), _FRAME),
    )
    return _view(modal, shown[:OF_VIEW])


def _view(frame: SlackView, shown: Sequence[Json]) -> Json:
    frame.blocks = shown  # type: ignore[assignment]  # the model would make models of them again
    found: Json = as_json(frame)
    return found


def _cards(home: Home, view: View, most: int) -> list[Json]:
    """The cards with lines between them: as many as fit, and the last, which has the settings."""
    ids = itertools.count(1)
    *first, last = [_card(one, view, ids) for one in home.cards]
    shown: list[Json] = []
    for one in first:
        if len(shown) + len(one) + 1 + len(last) <= most:
            shown += [*one, as_json(DividerBlock())]
    return [*shown, *last][:most]


# --- elements -----------------------------------------------------------------------------------


def _card(card: Card, view: View, ids: Iterator[int]) -> list[Json]:
    return [block for one in card.elements for block in element(one, view, ids)]


def element(element: Element, view: View, ids: Iterator[int]) -> list[Json]:
    """One element of a card, or of a form; `ids` number the buttons of the whole."""
    match element:
        case Heading(text):
            title = " ".join(plain(text, view).split())
            return [as_json(HeaderBlock(text=label(title, _HEADER)))] if title else []
        case Text(text, quiet):
            if quiet:
                return _quiet(texts(text, view, _CONTEXT))
            return _sections(texts(text, view, SECTION))
        case Quote():
            return _quote(element, view)
        case Items():
            return _items(element, view)
        case Details(rows):
            cells = [cell for term, value in rows for cell in _row(term, value, view)]
            return [as_json(SectionBlock(fields=some)) for some in _batches(cells, _CELLS)]
        case Buttons(buttons):
            row = [button(one, view, next(ids)) for one in buttons]
            return [_ACTIONS | {"elements": some} for some in _batches(row, _ROW)]
        case Divider():
            return [as_json(DividerBlock())]
        case _:
            assert_never(element)


def button(button: Button, view: View, id: int) -> Json:
    """A button; what a press means travels in it."""
    if button.label.values:
        made = _button(line(button.label, view), button.style, button.action)
    else:
        template = view.words.template(view.language, button.label)
        made = _known_button(template, button.style, button.action)
    return made | {"action_id": f"a{id}"}


def _button(words: str, style: str, action: Action) -> Json:
    made = ButtonElement(
        action_id="a", text=label(words, _BUTTON), value=pack(action), style=_STYLES[style]
    )
    found: Json = as_json(made)
    return found


@lru_cache(maxsize=5_000)
def _known_button(template: str, style: str, action: Action) -> Json:
    """A button that says words of the catalogue alone, kept: made of nothing but these."""
    return _button(one_line(own(template)), style, action)


def _sections(shown: Sequence[TextObject]) -> list[Json]:
    return [as_json(SectionBlock(text=one)) for one in shown]


def _quiet(shown: Sequence[TextObject]) -> list[Json]:
    return [as_json(ContextBlock(elements=[one])) for one in shown]


def _quote(quote: Quote, view: View) -> list[Json]:
    said = still(view.said(quote.said)).strip()
    if not said:
        return []
    who: list[Json] = []
    if quote.who is not None:
        who = _quiet(texts(T("value", {"value": quote.who}), view, _CONTEXT))
    return [*who, *_sections([label(one, SECTION) for one in pieces(said, SECTION)])]


def _row(term: T, value: T, view: View) -> Iterator[TextObject]:
    """A term and its value, side by side; what does not fit goes on in the next row."""
    blank = label(DASH, _CELL)
    shown = texts(value, view, _CELL) or [blank]
    return itertools.chain(*itertools.zip_longest(_term(term, view), shown, fillvalue=blank))


def _term(term: T, view: View) -> list[TextObject]:
    """Bold; or plain and whole, for what is escaped already must not be cut."""
    shown = rich(term, view) or DASH
    if length(shown) <= _CELL - 2:
        return [mrkdwn(f"*{shown}*")]
    return [label(piece, _CELL) for piece in pieces(plain(term, view), _CELL)]


def _items(items: Items, view: View) -> list[Json]:
    """A list, one line a row; the row that is meant now is bold behind an arrow."""
    rich_rows = items.current >= 0 or any(marked(row) for row in items.rows)
    lines = []
    for index, row in enumerate(items.rows):
        words = " ".join((rich(row, view) if rich_rows else plain(row, view)).split()) or DASH
        if items.numbered:
            words = f"{index + 1}. {words}"
        elif items.current < 0:
            words = f"• {words}"
        lines.append(f"*→ {words}*" if index == items.current else words)
    make = mrkdwn if rich_rows else _plain_section
    return _sections([make(some) for some in _joined(lines)])


def _plain_section(text: str) -> TextObject:
    return label(text, SECTION)


def _joined(lines: Iterable[str]) -> Iterator[str]:
    """The lines in as few sections as hold them."""
    text = ""
    for one in lines:
        if text and length(text) + 1 + length(one) > SECTION:
            yield text
            text = ""
        text = f"{text}\n{one}" if text else one
    if text:
        yield text


def _batches(things: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    for at in range(0, len(things), size):
        yield things[at : at + size]
