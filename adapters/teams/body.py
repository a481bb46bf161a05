"""What a card shows, element by element, and what can be pressed in it."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, assert_never

from adapters.teams.dialogs import opens_dialog
from adapters.teams.elements import (
    Action,
    ActionSet,
    Column,
    ColumnSet,
    Container,
    Execute,
    Looks,
    Style,
    Submit,
    TextBlock,
)
from adapters.teams.elements import Element as Shown
from adapters.teams.inline import Pen, heading, line, one_line, paragraph, plain, rich, still
from adapters.teams.shapes import ACTION, FORM, REPLY
from adapters.text import DASH, cut, length
from bot.core.action import Action as Press
from bot.core.action import pack
from bot.core.card import (
    Button,
    Buttons,
    Details,
    Divider,
    Element,
    Form,
    Heading,
    Items,
    Link,
    Quote,
    T,
    Text,
)

#: What a press of a button is called.
VERB = "press"
#: Buttons of one element that are seen; the others are behind three dots.
SEEN = 6
#: Characters that fit side by side on buttons, and those that the rest of a button is worth.
_WIDE, _AROUND = 46, 4
#: The shares of a term and its value.
_TERM, _VALUE = 2, 5
_QUIET, _BOLD = Looks(isSubtle=True, size="Small"), Looks(weight="Bolder")
_STYLES: dict[str, Style] = {"plain": "default", "primary": "positive", "danger": "destructive"}


# --- elements -----------------------------------------------------------------------------------


def body(elements: Iterable[Element], pen: Pen) -> list[Shown]:
    """The elements one below the other."""
    return joined(element(one, pen) for one in elements)


def joined(parts: Iterable[list[Shown] | None]) -> list[Shown]:
    """The parts one below the other; None, a divider, is a line above the next."""
    shown: list[Shown] = []
    divided = False
    for part in parts:
        if part and divided:
            part[0]["separator"] = True
        divided = bool(shown) and (part is None or (divided and not part))
        shown += part or []
    return shown


def element(element: Element, pen: Pen) -> list[Shown] | None:
    """One element; None for a divider."""
    match element:
        case Divider():
            return None
        case Heading(text):
            title = heading(text, pen)
            return [title] if title else []
        case Text(text, quiet):
            said = paragraph(text, pen, _QUIET if quiet else None)
            return [said] if said else []
        case Quote():
            return _quote(element, pen)
        case Items():
            return _items(element, pen)
        case Details(rows):
            return [_row(term, value, pen) for term, value in rows]
        case Buttons(buttons):
            return _rows(buttons, pen)
        case _:
            assert_never(element)


def _quote(quote: Quote, pen: Pen) -> list[Shown]:
    """What a person wrote, on a ground of its own."""
    said = cut(still(pen.view.said(quote.said)).strip(), pen.most)
    if not said:
        return []
    shown: list[Shown] = [rich(said)]
    if quote.who and (who := paragraph(T("value", {"value": quote.who}), pen, _QUIET)):
        shown.insert(0, who)
    return [Container(type="Container", style="emphasis", items=shown)]


def link(link: Link, pen: Pen) -> list[Shown]:
    """A label, and the whole address below it, to open or to copy."""
    address = pen.view.address(link.to)
    label = paragraph(link.label, pen, _BOLD) or rich(DASH)
    return [label, TextBlock(type="TextBlock", text=f"[{address}]({address})", wrap=True)]


def _items(items: Items, pen: Pen) -> list[Shown]:
    """A list, a row each; the row that is meant now is bold behind an arrow."""
    shown: list[Shown] = []
    for index, row in enumerate(items.rows):
        meant = index == items.current
        before = f"{index + 1}. " if items.numbered else "" if items.current >= 0 else "• "
        before = f"→ {before}" if meant else before
        words = paragraph(row, pen, _BOLD if meant else None, before) or rich(f"{before}{DASH}")
        if shown:
            words["spacing"] = "Small"
        shown.append(words)
    return shown


def _row(term: T, value: T, pen: Pen) -> ColumnSet:
    """A term and its value, side by side."""
    cells = (paragraph(term, pen, _BOLD), _TERM), (paragraph(value, pen), _VALUE)
    columns = [
        Column(type="Column", width=width, items=[words or rich(DASH)]) for words, width in cells
    ]
    return ColumnSet(type="ColumnSet", columns=columns, spacing="Small")


# --- what can be pressed ------------------------------------------------------------------------


def _rows(buttons: Sequence[Button], pen: Pen) -> list[Shown]:
    """The buttons that are seen, in rows that fit; then one for the others, behind three dots."""
    rows: list[list[Action]] = [[]]
    used = 0
    for one in buttons[:SEEN]:
        shown = button(one, pen)
        wide = _AROUND + length(shown["title"])
        if rows[-1] and used + wide > _WIDE:
            rows.append([])
            used = 0
        rows[-1].append(shown)
        used += wide
    hidden = [_hidden(button(one, pen)) for one in buttons[SEEN:]]
    rows += [hidden[at : at + SEEN] for at in range(0, len(hidden), SEEN)]
    return [_row_of(row, first=row is rows[0]) for row in rows]


def _row_of(actions: list[Action], first: bool) -> ActionSet:
    row = ActionSet(type="ActionSet", actions=actions)
    if not first:
        row["spacing"] = "Small"
    return row


def _hidden(action: Action) -> Action:
    """The same behind three dots."""
    return action | {"mode": "secondary"}


def button(button: Button, pen: Pen) -> Action:
    """A button in a message; what a press means travels in it."""
    if button.label.values:
        return _button(line(button.label, pen), button.style, button.action, pen.reply)
    words = plain(button.label, pen)
    return _known_button(words, button.style, button.action, pen.reply)


@lru_cache(maxsize=5_000)
def _known_button(words: str, style: str, action: Press, reply: bool) -> Action:
    """A button that says words of the catalogue alone, kept: made of nothing but these."""
    return _button(one_line(words), style, action, reply)


def _button(title: str, style: str, action: Press, reply: bool) -> Action:
    """What a button in a message carries; a reply is no message of the board."""
    data: dict[str, Any] = {ACTION: pack(action)}
    if reply:
        data[REPLY] = True
    if opens_dialog(action):
        return _submit(title, data | {"msteams": {"type": "task/fetch"}}, style)
    return _execute(title, data, style)


def inside(button: Button, pen: Pen) -> Submit:
    """A button in a dialog; it takes nothing along of what was typed there."""
    shown = _submit(line(button.label, pen), {ACTION: pack(button.action)}, button.style)
    shown["associatedInputs"] = "none"
    return shown


def send(form: Form, words: T, pen: Pen, meanings: dict[str, str]) -> Submit:
    """The button that sends a form, from the dialog in which it is filled in."""
    data = {ACTION: pack(form.action), FORM: meanings or True}
    return _submit(line(words, pen), data, "primary")


def agree(form: Form, words: T, pen: Pen) -> Execute:
    """The button that sends a form in which there is nothing to fill in, from a message."""
    return _execute(line(words, pen), {ACTION: pack(form.action), FORM: True}, "primary")


def _submit(title: str, data: dict[str, Any], style: str) -> Submit:
    return Submit(type="Action.Submit", title=title, data=data, style=_STYLES[style])


def _execute(title: str, data: dict[str, Any], style: str) -> Execute:
    return Execute(
        type="Action.Execute",
        title=title,
        verb=VERB,
        data=data,
        style=_STYLES[style],
        fallback=_submit(title, data, style),
    )
