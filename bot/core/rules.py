"""The group's ground rules: read at any time, agreed on once."""

from dataclasses import replace

from bot.core.action import AgreeRules, ReadRules
from bot.core.card import Form, Items, T
from bot.core.decision import UNAVAILABLE, Decision, Notice, OpenForm
from bot.core.facts import Facts
from bot.core.guide import guide
from bot.core.model import Group, Meeting
from bot.core.rights import is_next, leads, takes_part

#: How many ground rules the catalogue holds.
RULES = 7


def read(group: Group, action: ReadRules, facts: Facts) -> Decision:
    """The group's ground rules, readable at any time."""
    if not takes_part(group, facts.me):
        return UNAVAILABLE
    rules = Items(tuple(T(f"rules.{n}") for n in range(1, RULES + 1)), numbered=True)
    return Decision(reply=OpenForm(Form(T("rules.title"), action, (rules,))))


def agree(group: Group, meeting: Meeting, action: AgreeRules, facts: Facts) -> Decision:
    """A facilitator marks that the group has agreed on its ground rules."""
    if not leads(group, facts.me) or not is_next(group, meeting) or meeting.agreed:
        return UNAVAILABLE
    agreed = replace(meeting, agreed=True)
    new = group.with_meeting(agreed)
    return Decision(new, guide(new, agreed), Notice(T("rules.agreed")))
