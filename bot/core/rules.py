"""The group's ground rules: ours to begin with, then as the group words them; read at any time.

Each wording is a version, and a facilitator marks for each that the group has agreed.
"""

from dataclasses import replace

from bot.core.action import AgreeRules, ChangeRules, ReadRules
from bot.core.answers import Answers, text
from bot.core.card import About, Button, Form, Items, Line, T, When
from bot.core.cards import button, plain, quiet
from bot.core.decision import UNAVAILABLE, Decision, FieldErrors, Notice, OpenForm, notice
from bot.core.effect import Effect, Person, Put, Remove, Room
from bot.core.facts import Facts
from bot.core.guide import beside
from bot.core.model import Group, Rules
from bot.core.rights import leads, takes_part
from bot.core.text import TEXT_LIMIT, fault

#: How many ground rules the catalogue holds.
RULES = 7
DRAWER = "rules"


def our_rules(group: Group) -> tuple[T, ...]:
    """The rules to begin with; where nobody votes, phones are away all the time."""
    ours = (T(f"rules.{n}") for n in range(1, RULES + 1))
    votes = group.method.votes
    return tuple(one if votes or one.key != "rules.6" else T("rules.6.plain") for one in ours)


def own_rules(group: Group) -> list[str]:
    """The rules as the group has worded them, one a row; none as long as they are ours."""
    return [row for row in group.item(DRAWER, "text").split("\n") if row]


def read(group: Group, action: ReadRules, facts: Facts) -> Decision:
    """The ground rules in the group's language, and whether it has agreed on them."""
    if not takes_part(group, facts.me):
        return UNAVAILABLE
    count = len(own_rules(group)) or RULES
    rows = tuple(T("value", {"value": About(group.id, "rules", n)}) for n in range(1, count + 1))
    version, agreed_at = group.rules.version, group.rules.agreed_at
    state = (
        quiet("rules.open", version=version)
        if agreed_at is None
        else quiet("rules.since", version=version, date=When(agreed_at, "date"))
    )
    fields = (Items(rows, numbered=True), state)
    extra = _leading(group) if leads(group, facts.me) else ()
    return Decision(reply=OpenForm(Form(T("rules.title"), action, fields, extra=extra)))


def _leading(group: Group) -> tuple[Button, ...]:
    """What those who lead can do about the rules."""
    if group.status != "running":
        return ()
    change = button("rules.change", ChangeRules(group.id))
    meeting = group.next_meeting
    if meeting is None or group.rules.agreed_at is not None:
        return (change,)
    agree = AgreeRules(group.id, meeting.number, group.rules.version)
    return (change, button("rules.agree", agree))


def change_form(group: Group, action: ChangeRules, facts: Facts) -> Decision:
    """The rules as they are, to be reworded as the group would like them."""
    if not leads(group, facts.me) or group.status != "running":
        return UNAVAILABLE
    field = Line(
        "rules",
        T("rules.label"),
        TEXT_LIMIT,
        several=True,
        hint=T("rules.hint"),
        value=About(group.id, "rules"),
    )
    form = Form(T("rules.title"), action, (quiet("rules.shown"), field), submit=T("save"))
    return Decision(reply=OpenForm(form))


def change(group: Group, action: ChangeRules, answers: Answers, facts: Facts) -> Decision:
    """Another version; after the first meeting the room is told that there is one."""
    if not leads(group, facts.me) or group.status != "running":
        return UNAVAILABLE
    words = text(answers, "rules", several=True)
    wrong = fault(words, TEXT_LIMIT)
    if wrong is not None:
        return Decision(reply=FieldErrors({"rules": wrong}))
    if words == group.item(DRAWER, "text"):
        return notice("rules.same")
    new = group.with_item(DRAWER, "text", words)
    new = replace(new, rules=Rules(group.rules.version + 1))
    told: tuple[Effect, ...] = ()
    if any(one.held for one in group.meetings):
        card = plain(new, "rules.changed", button("rules.read", ReadRules(group.id)))
        told = (Put(Room(group.id), "rules", card),)
    told = (*told, *(Remove(Person(one), "lost/rules") for one in group.led_by))
    return Decision(new, (*told, *beside(new)), Notice(T("rules.saved")))


def agree(group: Group, action: AgreeRules, facts: Facts) -> Decision:
    """A facilitator marks that the group has agreed on the version they have before them."""
    rules = group.rules
    if not leads(group, facts.me) or group.status != "running":
        return UNAVAILABLE
    if action.version != rules.version or rules.agreed_at is not None:
        return UNAVAILABLE
    new = replace(group, rules=replace(rules, agreed_at=facts.now))
    return Decision(new, (Remove(Room(group.id), "rules"), *beside(new)), Notice(T("rules.agreed")))
