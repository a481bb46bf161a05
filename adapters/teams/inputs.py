"""The fields of a form as inputs of a card; the name of a field is the id of its input."""

import re
from collections.abc import Sequence
from typing import assert_never

from adapters.teams.elements import (
    Element,
    InputChoice,
    InputChoiceSet,
    InputDate,
    InputElement,
    InputText,
    InputTime,
    InputToggle,
    Looks,
)
from adapters.teams.inline import Pen, line, paragraph, title
from adapters.teams.shapes import Meaning
from adapters.text import cut, inert, length
from bot.core.card import (
    Choice,
    DateField,
    Input,
    Line,
    PeopleField,
    T,
    Tick,
    TimeField,
    Who,
)

#: How it looks that something is wrong.
WRONG = Looks(color="Attention", weight="Bolder")
#: Somebody who can be picked: an object id of Entra.
NATIVE = re.compile(r"[0-9A-Za-z][0-9A-Za-z-]{0,63}", re.ASCII)
#: Whom Teams lets one search for: the whole organisation; or, in a room, the people there.
EVERYBODY = "graph.microsoft.com/users"
HERE = f"{EVERYBODY}?scope=currentContext"
#: So many short options stand open, and so many to tick; more become a list to open.
_FEW, _SHORT, _TICKS = 3, 40, 12
_DATE, _TIME = re.compile(r"\d{4}-\d{2}-\d{2}"), re.compile(r"\d{2}:\d{2}")
_HINT = Looks(isSubtle=True, size="Small")


def meaning(field: Input) -> Meaning:
    """What the answer of a field stands for."""
    match field:
        case Line() | DateField() | TimeField():
            return Meaning.TEXT
        case Choice():
            return Meaning.MANY if field.many else Meaning.TEXT
        case Tick():
            return Meaning.TICK
        case PeopleField():
            return Meaning.PEOPLE
        case _:
            assert_never(field)


def field(
    field: Input, pen: Pen, typed: str | None = None, wrong: T | None = None
) -> list[Element]:
    """One field with its hint; what is wrong stands above it, and what was typed in it."""
    asked = _input(field, pen, typed)
    shown: list[Element] = [asked]
    if wrong is not None and (said := paragraph(wrong, pen, WRONG)):
        said["spacing"], asked["spacing"] = "Medium", "Small"
        shown.insert(0, said)
    if field.hint is not None and (hint := paragraph(field.hint, pen, _HINT)):
        hint["spacing"] = "Small"
        shown.append(hint)
    return shown


def _input(field: Input, pen: Pen, typed: str | None) -> InputElement:
    label = line(field.label, pen)
    match field:
        case Line():
            return _required(_line(field, label, pen, typed), field.optional, "error.empty", pen)
        case Choice():
            missing = "error.vote" if field.many else "error.choose"
            return _required(_choice(field, label, pen, typed), field.optional, missing, pen)
        case Tick():
            value = typed if typed in ("true", "false") else str(field.value).lower()
            return InputToggle(
                type="Input.Toggle",
                id=field.name,
                label=label,
                title=title(T("pulse.yes"), pen),
                value=value,
                wrap=True,
            )
        case DateField():
            date = InputDate(type="Input.Date", id=field.name, label=label)
            if _DATE.fullmatch(value := field.value if typed is None else typed):
                date["value"] = value
            return _required(date, field.optional, "error.date", pen)
        case TimeField():
            time = InputTime(type="Input.Time", id=field.name, label=label)
            if _TIME.fullmatch(value := field.value if typed is None else typed):
                time["value"] = value
            return _required(time, field.optional, "error.time", pen)
        case PeopleField():
            return _required(_people(field, label, pen, typed), field.optional, "error.choose", pen)
        case _:
            assert_never(field)


def _required(shown: InputElement, optional: bool, missing: str, pen: Pen) -> InputElement:
    """The input, which Teams lets nobody leave empty unless it is optional."""
    if not optional:
        shown["isRequired"] = True
        shown["errorMessage"] = line(T(missing), pen)
    return shown


def _line(field: Line, label: str, pen: Pen, typed: str | None) -> InputText:
    value = pen.view.prefilled(field.value) if typed is None else typed
    value = inert(value) if field.several else " ".join(inert(value).split())
    value = cut(value, 2 * field.limit)  # what the rules take is no longer, as Teams may count
    shown = InputText(
        type="Input.Text",
        id=field.name,
        label=label,
        isMultiline=field.several,
        # What is there already fits, however Teams counts; the rules know the limit too.
        maxLength=max(field.limit, length(value)),
    )
    if value:
        shown["value"] = value
    return shown


def _choice(field: Choice, label: str, pen: Pen, typed: str | None) -> InputChoiceSet:
    options = [InputChoice(title=title(one.label, pen), value=one.value) for one in field.options]
    chosen = field.chosen if typed is None else tuple(typed.split(","))
    return _choices(field.name, label, options, chosen, field.many)


def _choices(
    name: str, label: str, options: Sequence[InputChoice], chosen: Sequence[str], many: bool
) -> InputChoiceSet:
    long = any(length(one["title"]) > _SHORT for one in options)
    standing = len(options) <= _TICKS and (many or long or len(options) <= _FEW)
    shown = InputChoiceSet(
        {
            "type": "Input.ChoiceSet",
            "id": name,
            "label": label,
            "choices": list(options),
            "isMultiSelect": many,
            "style": "expanded" if standing else "compact",
            "wrap": True,
        }
    )
    known = [one["value"] for one in options if one["value"] in chosen]
    if known:
        shown["value"] = ",".join(known if many else known[:1])
    return shown


def _people(field: PeopleField, label: str, pen: Pen, typed: str | None) -> InputChoiceSet:
    """A search for people; or those whom Teams knows of the ones to choose from."""
    picked = [one for one in (typed or "").split(",") if NATIVE.fullmatch(one)]
    many = field.limit > 1
    if field.among:
        options = [
            InputChoice(title=title(T("value", {"value": Who((one,))}), pen), value=native)
            for one in field.among
            if NATIVE.fullmatch(native := pen.view.natives.get(one, ""))
        ]
        return _choices(field.name, label, options, picked, many)
    shown = _choices(field.name, label, (), (), many)
    shown["style"] = "compact"
    shown["choices.data"] = {"type": "Data.Query", "dataset": HERE if pen.here else EVERYBODY}
    if picked:
        shown["value"] = ",".join(picked[: field.limit])
    return shown
