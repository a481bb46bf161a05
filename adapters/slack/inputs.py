"""The fields of a form as Slack's input blocks; the name of a field is the id of its block.

What an answer means is told by the element's kind and its `action_id`: see `Meaning`.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import assert_never

from slack_sdk.models.blocks import (
    Block,
    CheckboxesElement,
    DatePickerElement,
    InputBlock,
    InputInteractiveElement,
    PlainTextInputElement,
    RadioButtonsElement,
    SectionBlock,
    StaticMultiSelectElement,
    StaticSelectElement,
    TimePickerElement,
    UserMultiSelectElement,
)
from slack_sdk.models.blocks import Option as SlackOption

from adapters.slack.inline import USER, label, line, pieces, plain, still
from adapters.text import inert, length
from bot.core.card import (
    Choice,
    DateField,
    Input,
    Line,
    Option,
    PeopleField,
    T,
    Tick,
    TimeField,
)
from bot.words import View

#: The `callback_id` of a form.
FORM = "form"
#: Characters, as Slack documents them.
SECTION, LABEL, OPTION, VALUE = 3000, 2000, 75, 3000
#: So many options can stand side by side; more become a list to open, of so many.
FEW, MANY = 10, 100


class Meaning(StrEnum):
    """The `action_id` of an element: what its answer stands for."""

    TEXT = "text"
    ONE = "one"
    MANY = "many"
    TICK = "tick"
    DATE = "date"
    TIME = "time"
    PEOPLE = "people"


def field(field: Input, view: View) -> list[Block]:
    """One field; what does not fit beside a box is shown in full above."""
    match field:
        case Line():
            return [_input(field, _line(field, view), view, field.optional)]
        case Choice():
            options = [_option(one, view) for one in field.options[:MANY]]
            chosen = [one for one in options if one.value in field.chosen]
            element = _choice(field, options, chosen)
            return [*_in_full(field, view), _input(field, element, view, field.optional)]
        case Tick():
            yes = SlackOption(value="yes", text=label(line(T("pulse.yes"), view), OPTION))
            ticked = [yes] if field.value else None
            element = CheckboxesElement(
                action_id=Meaning.TICK, options=[yes], initial_options=ticked
            )
            return [_input(field, element, view, optional=True)]
        case DateField():
            date = DatePickerElement(action_id=Meaning.DATE, initial_date=field.value or None)
            return [_input(field, date, view, field.optional)]
        case TimeField():
            time = TimePickerElement(action_id=Meaning.TIME, initial_time=field.value or None)
            return [_input(field, time, view, field.optional)]
        case PeopleField():
            return [_input(field, _people(field, view), view, field.optional)]
        case _:
            assert_never(field)


def _input(
    field: Input, element: InputInteractiveElement, view: View, optional: bool = False
) -> InputBlock:
    hint = None if field.hint is None else label(line(field.hint, view), LABEL)
    words = label(line(field.label, view), LABEL)
    return InputBlock(
        block_id=field.name, label=words, element=element, hint=hint, optional=optional
    )


def _line(field: Line, view: View) -> PlainTextInputElement:
    value = view.prefilled(field.value)
    value = inert(value) if field.several else " ".join(inert(value).split())
    value = next(iter(pieces(value, VALUE)), "")
    return PlainTextInputElement(
        action_id=Meaning.TEXT,
        multiline=field.several,
        # What is there already fits, however Slack counts; the rules know the limit too.
        max_length=min(max(field.limit, length(value)), VALUE),
        initial_value=value or None,
    )


def _option(option: Option, view: View) -> SlackOption:
    return SlackOption(value=option.value, text=label(line(option.label, view), OPTION))


def _in_full(field: Choice, view: View) -> list[Block]:
    """The options that are cut, or that have lines, as they were written."""
    found: list[Block] = []
    for option in field.options:
        words = plain(option.label, view)
        if length(words) > OPTION or "\n" in words:
            found += [SectionBlock(text=label(piece, SECTION)) for piece in pieces(words, SECTION)]
    return found


def _choice(
    field: Choice, options: Sequence[SlackOption], chosen: Sequence[SlackOption]
) -> InputInteractiveElement:
    few = len(options) <= FEW
    if field.many:
        several = CheckboxesElement if few else StaticMultiSelectElement
        return several(action_id=Meaning.MANY, options=options, initial_options=chosen or None)
    one = RadioButtonsElement if few else StaticSelectElement
    return one(action_id=Meaning.ONE, options=options, initial_option=chosen[0] if chosen else None)


def _people(field: PeopleField, view: View) -> InputInteractiveElement:
    """Everybody of the workspace; or those whom Slack knows of the ones to choose from."""
    if not field.among:
        return UserMultiSelectElement(action_id=Meaning.PEOPLE, max_selected_items=field.limit)
    options = [
        SlackOption(value=native, text=label(" ".join(still(view.person(person)).split()), OPTION))
        for person in field.among
        if USER.fullmatch(native := view.natives.get(person, ""))
    ][:MANY]
    if field.limit == 1:
        return StaticSelectElement(action_id=Meaning.PEOPLE, options=options)
    return StaticMultiSelectElement(
        action_id=Meaning.PEOPLE, options=options, max_selected_items=field.limit
    )
