"""The fields of a form as HTML, each with a place for what is wrong with it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, assert_never

from markupsafe import Markup

from adapters.playground.inline import plain, rich
from adapters.playground.sample import ROLES, Persona, Role
from adapters.text import inert
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
from bot.core.event import PersonId
from bot.words import View

#: So many options are shown side by side; more become a list to open.
_FEW = 4
#: From so many people on there is a filter.
_MANY = 7

_FAULT = Markup('<p class="field-fault" id="e-{name}" hidden></p>')


@dataclass(frozen=True, slots=True)
class Pick:
    """Somebody who can be picked, and as whom the rules know them."""

    persona: Persona
    person: PersonId


def field(field: Input, view: View, everybody: tuple[Pick, ...]) -> Markup:
    """One field with its label, its hint, and a place for what is wrong."""
    match field:
        case Line():
            return _line(field, view)
        case Choice():
            return _choice(field, view)
        case Tick():
            return _tick(field, view)
        case DateField():
            return _moment(field, "date", view)
        case TimeField():
            return _moment(field, "time", view)
        case PeopleField():
            return _people(field, view, everybody)
        case _:
            assert_never(field)


def _hint(field: Input, view: View) -> Markup:
    if field.hint is None:
        return Markup("")
    return Markup('<p class="hint" id="h-{}">{}</p>').format(field.name, rich(field.hint, view))


def _described(field: Input) -> Markup:
    hint = Markup("h-{} ").format(field.name) if field.hint is not None else ""
    return Markup('aria-describedby="{}e-{}"').format(hint, field.name)


def _label(field: Input, view: View, optional: bool = False) -> Markup:
    words = rich(field.label, view)
    if not optional:
        return words
    return Markup('{} <span class="optional">{}</span>').format(
        words, plain(T("page.optional"), view)
    )


def _framed(field: Input, view: View, control: Markup, optional: bool = False) -> Markup:
    """A single control under its label."""
    return Markup(
        '<div class="field" data-field="{name}" data-kind="{kind}">'
        '<label for="f-{name}">{label}</label>{hint}{control}{fault}</div>'
    ).format(
        name=field.name,
        kind=field.kind,
        label=_label(field, view, optional),
        hint=_hint(field, view),
        control=control,
        fault=_FAULT.format(name=field.name),
    )


def _grouped(field: Input, view: View, inside: Markup, optional: bool) -> Markup:
    """Several controls under one legend."""
    return Markup(
        '<fieldset class="field" data-field="{name}" data-kind="{kind}" {described}>'
        "<legend>{label}</legend>{hint}{inside}{fault}</fieldset>"
    ).format(
        name=field.name,
        kind=field.kind,
        described=_described(field),
        label=_label(field, view, optional),
        hint=_hint(field, view),
        inside=inside,
        fault=_FAULT.format(name=field.name),
    )


def _line(field: Line, view: View) -> Markup:
    value = view.prefilled(field.value)
    control = (
        # HTML drops the first line break in a text area, so one is given to drop.
        Markup('<textarea id="f-{}" rows="5" {} data-limit="{}">\n{}</textarea>')
        if field.several
        else Markup(
            '<input type="text" id="f-{}" autocomplete="off" {} data-limit="{}" value="{}">'
        )
    )
    filled = control.format(field.name, _described(field), field.limit, inert(value))
    count = Markup('<p class="count" aria-hidden="true" hidden></p>')
    return _framed(field, view, filled + count, field.optional)


def _moment(field: DateField | TimeField, type: Literal["date", "time"], view: View) -> Markup:
    control = Markup('<input type="{}" id="f-{}" {} value="{}">').format(
        type, field.name, _described(field), field.value
    )
    return _framed(field, view, control, field.optional)


def _tick(field: Tick, view: View) -> Markup:
    return Markup(
        '<div class="field tick" data-field="{name}" data-kind="tick">'
        '<label class="option"><input type="checkbox" id="f-{name}" {described}{checked}>'
        "<span>{label}</span></label>{hint}{fault}</div>"
    ).format(
        name=field.name,
        described=_described(field),
        checked=" checked" if field.value else "",
        label=rich(field.label, view),
        hint=_hint(field, view),
        fault=_FAULT.format(name=field.name),
    )


def _choice(field: Choice, view: View) -> Markup:
    if field.many or len(field.options) <= _FEW:
        options = Markup("").join(_option(field, option, view) for option in field.options)
        inside = Markup('<div class="options">{}</div>').format(options)
        return _grouped(field, view, inside, field.optional)
    empty = Markup('<option value=""></option>') if field.optional or not field.chosen else ""
    control = Markup('<select id="f-{}" {}>{}{}</select>').format(
        field.name,
        _described(field),
        empty,
        Markup("").join(
            Markup('<option value="{}"{}>{}</option>').format(
                option.value,
                Markup(" selected") if option.value in field.chosen else "",
                plain(option.label, view),
            )
            for option in field.options
        ),
    )
    return _framed(field, view, control, field.optional)


def _option(field: Choice, option: Option, view: View) -> Markup:
    return Markup(
        '<label class="option"><input type="{type}" name="{name}" value="{value}"{checked}>'
        "<span>{label}</span></label>"
    ).format(
        type="checkbox" if field.many else "radio",
        name=field.name,
        value=option.value,
        checked=Markup(" checked") if option.value in field.chosen else "",
        label=rich(option.label, view),
    )


def _people(field: PeopleField, view: View, everybody: tuple[Pick, ...]) -> Markup:
    among = [one.persona for one in everybody if not field.among or one.person in field.among]
    groups = [(role, [one for one in among if one.role == role]) for role in ROLES]
    search = Markup("")
    if len(among) >= _MANY:
        search = Markup(
            '<input type="search" class="filter" placeholder="{words}" aria-label="{words}">'
        ).format(words=plain(T("page.filter"), view))
    lists = Markup("").join(
        _pick_group(field, role, people, view) for role, people in groups if people
    )
    chosen = plain(T("page.chosen", {"count": "{count}", "most": field.limit}), view)
    count = Markup('<p class="count" data-words="{}">{}</p>').format(
        chosen, chosen.replace("{count}", "0")
    )
    inside = Markup('{}<div class="picks">{}</div>{}').format(search, lists, count)
    return _grouped(field, view, inside, field.optional)


def _pick_group(field: PeopleField, role: Role, people: Iterable[Persona], view: View) -> Markup:
    rows = [
        Markup(
            '<label class="option pick"><input type="checkbox" name="{name}" value="{value}">'
            '<span class="avatar tone-{tone}" aria-hidden="true">{initials}</span>'
            '<span class="pick-name"><b>{who}</b> <small>{title}</small></span></label>'
        ).format(
            name=field.name,
            value=one.native,
            tone=one.tone,
            initials=one.initials,
            who=one.name,
            title=one.title,
        )
        for one in people
    ]
    every = Markup("")
    if 1 < len(rows) <= field.limit:
        every = Markup('<button type="button" class="link" data-every>{}</button>').format(
            plain(T("page.every"), view)
        )
    return Markup(
        '<div class="pick-group" role="group" aria-label="{label}">'
        '<div class="pick-head"><span aria-hidden="true">{label}</span>{every}</div>{rows}</div>'
    ).format(label=plain(T(f"page.role.{role}"), view), every=every, rows=Markup("").join(rows))
