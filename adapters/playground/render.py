"""Cards, forms and replies as HTML: pure functions of what is shown and who looks at it."""

from typing import assert_never

from markupsafe import Markup

from adapters.playground.fields import Pick, field
from adapters.playground.inline import plain, rich
from adapters.text import inert
from bot.core.action import pack
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
from bot.core.decision import FieldErrors, Greeting, Home, Nothing, Notice, OpenForm, Reply
from bot.words import View

_NOTHING = Markup("")


def card(card: Card, view: View, level: int = 2) -> Markup:
    """What one message shows; its headings are of this level."""
    return _NOTHING.join(element(one, view, level) for one in card.elements)


def element(element: Element, view: View, level: int = 2) -> Markup:
    """One element of a card, or of a form."""
    match element:
        case Heading(text):
            return Markup('<h{0} class="title">{1}</h{0}>').format(level, rich(text, view))
        case Text(text, quiet):
            shown = Markup('<p class="quiet">{}</p>') if quiet else Markup("<p>{}</p>")
            return shown.format(rich(text, view))
        case Quote():
            return _quote(element, view)
        case Items():
            return _items(element, view)
        case Details(rows):
            return Markup('<dl class="details">{}</dl>').format(
                _NOTHING.join(
                    Markup("<div><dt>{}</dt><dd>{}</dd></div>").format(
                        rich(term, view), rich(value, view)
                    )
                    for term, value in rows
                )
            )
        case Buttons(buttons):
            return Markup('<div class="buttons">{}</div>').format(
                _NOTHING.join(button(one, view) for one in buttons)
            )
        case Divider():
            return Markup("<hr>")
        case _:
            assert_never(element)


def button(button: Button, view: View) -> Markup:
    """A button; what a press means travels in it."""
    return Markup('<button type="button" class="button {}" data-action="{}">{}</button>').format(
        button.style, pack(button.action), rich(button.label, view)
    )


def form(form: Form, view: View, everybody: tuple[Pick, ...]) -> Markup:
    """What stands in a dialog; `everybody` can be picked where a field names nobody."""
    shown = []
    for one in form.fields:
        match one:
            case Line() | Choice() | Tick() | DateField() | TimeField() | PeopleField():
                shown.append(field(one, view, everybody))
            case Text() | Quote() | Items() | Details() | Divider():
                shown.append(element(one, view))
            case Link():
                shown.append(_link(one, view))
            case _:
                assert_never(one)
    submit = Markup("")
    if form.submit is not None:
        submit = Markup('<button class="button primary">{}</button>').format(
            rich(form.submit, view)
        )
    close = form.cancel or T("page.cancel" if form.submit is not None else "page.close")
    return Markup(
        '<form class="form" method="dialog" novalidate data-action="{action}">'
        '<header class="dialog-head"><h2 id="dialog-title" tabindex="-1">{title}</h2></header>'
        '<div class="dialog-body"><p class="fault" role="alert" hidden></p>{fields}{extra}</div>'
        '<footer class="dialog-foot"><button type="button" class="button plain" data-close>'
        "{close}</button>{submit}</footer></form>"
    ).format(
        action=pack(form.action),
        title=rich(form.title, view),
        fields=_NOTHING.join(shown),
        extra=element(Buttons(form.extra), view) if form.extra else "",
        close=plain(close, view),
        submit=submit,
    )


def home(home: Home, view: View) -> Markup:
    """The dialog with all that I can do now."""
    cards = Markup('<section class="card">{}</section>')
    return Markup(
        '<div class="form"><header class="dialog-head">'
        '<h2 id="dialog-title" tabindex="-1">{title}</h2></header>'
        '<div class="dialog-body home"><p class="fault" role="alert" hidden></p>{cards}</div>'
        '<footer class="dialog-foot">'
        '<button type="button" class="button plain" data-close>{close}</button></footer></div>'
    ).format(
        title=plain(T("page.home"), view),
        cards=_NOTHING.join(cards.format(card(one, view, level=3)) for one in home.cards),
        close=plain(T("page.close"), view),
    )


def reply(reply: Reply, view: View, everybody: tuple[Pick, ...]) -> dict[str, object]:
    """The immediate answer, for the script of the page."""
    match reply:
        case Nothing():
            return {"kind": "nothing"}
        case Notice(text):
            return {"kind": "notice", "html": str(rich(text, view))}
        case OpenForm(opened):
            return {"kind": "form", "html": str(form(opened, view, everybody))}
        case FieldErrors(errors):
            return {
                "kind": "errors",
                "errors": {name: plain(text, view) for name, text in errors.items()},
            }
        case Home():
            return {"kind": "home", "html": str(home(reply, view))}
        case Greeting(greeting):
            return {"kind": "home", "html": str(home(Home((greeting,)), view))}
        case _:
            assert_never(reply)


def _link(link: Link, view: View) -> Markup:
    """A label, and the whole address below it, to open or to copy."""
    address = view.address(link.to)
    return Markup(
        '<p class="address">{label}<br><a href="{to}" target="_blank">{to}</a></p>'
    ).format(label=rich(link.label, view), to=address)


def _quote(quote: Quote, view: View) -> Markup:
    said = inert(view.said(quote.said))
    if not said:
        return _NOTHING
    who = _NOTHING
    if quote.who is not None:
        named = rich(T("value", {"value": quote.who}), view)
        who = Markup("<figcaption>{}</figcaption>").format(named)
    return Markup('<figure class="quote">{}<blockquote><bdi>{}</bdi></blockquote></figure>').format(
        who, said
    )


def _items(items: Items, view: View) -> Markup:
    rows = _NOTHING.join(
        Markup("<li{}>{}</li>").format(
            Markup(' aria-current="step"') if index == items.current else "", rich(row, view)
        )
        for index, row in enumerate(items.rows)
    )
    shown = Markup("<ol{}>{}</ol>") if items.numbered else Markup("<ul{}>{}</ul>")
    steps = Markup(' class="steps"') if items.current >= 0 else ""
    return shown.format(steps, rows)
