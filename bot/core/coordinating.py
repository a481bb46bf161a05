"""What a coordinator sees: which groups there are and how they go, and figures of past years."""

from bot.core.action import MarkFree, SeeFigures, SeeGroups
from bot.core.card import About, Button, Buttons, Card, Details, Divider, Form, Heading, T, Text
from bot.core.cards import button, four_facts, line, quiet, words
from bot.core.decision import UNAVAILABLE, Decision, OpenForm
from bot.core.facts import Facts
from bot.core.figures import Figures, closed_years

#: Groups on one page: three blocks each in Slack, which takes a hundred.
PAGE = 15


def coordinator_card(facts: Facts) -> Card:
    """The way to the list and to the figures, in the home of a coordinator."""
    year = closed_years(facts.now)[0]
    see = (button("groups.title", SeeGroups(1)), button("figures.title", SeeFigures(year)))
    return Card((Heading(T("coordinator.title")), line("coordinator.text"), Buttons(see)))


def see_groups(action: SeeGroups, facts: Facts) -> Decision:
    """One page of the list of all groups, by name."""
    if not facts.coordinates:
        return UNAVAILABLE
    ordered = sorted(facts.groups, key=lambda one: (one.name.casefold(), one.group))
    pages = max(1, -(-len(ordered) // PAGE))
    page = min(max(action.page, 1), pages)
    shown: list[Text | Details | Divider] = []
    for one in ordered[(page - 1) * PAGE : page * PAGE]:
        shown += [Text(words(About(one.group, "name"))), four_facts(one), Divider()]
    if pages > 1:
        shown.append(quiet("groups.page", page=page, pages=pages))
    turn = {"groups.back": page - 1, "groups.on": page + 1}
    extra = tuple(button(key, SeeGroups(to)) for key, to in turn.items() if 1 <= to <= pages)
    if shown:
        shown.append(quiet("groups.free"))
        listed = ordered[(page - 1) * PAGE : page * PAGE]
        free = (Button(words(About(one.group, "name")), MarkFree(one.group)) for one in listed)
        extra = (*extra, *free)
    fields = tuple(shown) or (line("groups.none"),)
    return Decision(reply=OpenForm(Form(T("groups.title"), action, fields, extra=extra)))


def see_figures(action: SeeFigures, facts: Facts) -> Decision:
    """The figures of one year that is over."""
    told, years = facts.figures, closed_years(facts.now)
    if not facts.coordinates or told is None or action.year not in years:
        return UNAVAILABLE
    shown: list[Text | Details | Divider] = [line("figures.year", year=action.year)]
    if told.whole is None:
        shown.append(line("figures.few"))
    else:
        shown += _row(T("figures.whole"), told.whole)
    for method, figures in told.methods:
        shown += _row(_title(method, facts), figures)
    if told.others is not None:
        shown += _row(T("figures.others"), told.others)
    extra = tuple(Button(words(one), SeeFigures(one)) for one in years if one != action.year)
    fields = (*shown, quiet("figures.note"))
    return Decision(reply=OpenForm(Form(T("figures.title"), action, fields, extra=extra)))


def _row(title: T, figures: Figures) -> list[Text | Details | Divider]:
    rows = (
        (T("figures.groups"), words(figures.groups)),
        (T("figures.planned"), words(figures.planned)),
        (T("facts.held"), words(figures.held)),
        (T("figures.members"), words(figures.members)),
    )
    return [Text(title), Details(rows), Divider()]


def _title(method: str, facts: Facts) -> T:
    """The method's title, or its id if it is not there any more."""
    known = facts.methods.get(method)
    return T("text", {"text": known[1].title[facts.language] if known else method})
