"""Whether a meeting took place that Krets has not seen: those who lead say so afterwards."""

from dataclasses import replace

from bot.core.action import MarkHeld
from bot.core.card import T
from bot.core.decision import UNAVAILABLE, Decision, Notice
from bot.core.effect import Effect, Person, Remove
from bot.core.facts import Facts
from bot.core.meetings import overview, room_card
from bot.core.model import Group, Meeting
from bot.core.reflections import ask as ask_reflections
from bot.core.rights import leads, may_be_marked
from bot.core.skipping import met_again, reordered


def asked(group: Group, meeting: Meeting) -> tuple[Effect, ...]:
    """Those who lead are asked in their overview, as long as it stands."""
    unseen = may_be_marked(group, meeting) and "shred" not in meeting.came
    return overview(group, meeting) if unseen else ()


def mark(group: Group, meeting: Meeting, action: MarkHeld, facts: Facts) -> Decision:
    """It took place, or it did not; and all that follows from it."""
    if not leads(group, facts.me) or not may_be_marked(group, meeting):
        return UNAVAILABLE
    done = Notice(T("held.yes" if action.held else "held.no"))
    if action.held == meeting.held:
        return Decision(reply=done)
    marked = replace(meeting.revised(facts.now), held=action.held)
    effects: tuple[Effect, ...] = ()
    if not action.held:
        marked = replace(marked, came=marked.came - {"reflect"})
        effects = tuple(Remove(Person(one), f"reflect/{meeting.number}") for one in group.people)
    elif "shred" not in meeting.came:
        marked, effects = ask_reflections(group.with_meeting(marked), marked)
    new = group.with_meeting(marked)
    if action.held:
        new, over = met_again(new)
        effects = (*effects, *over)
    effects = (*effects, room_card(new, marked), *reordered(group, new), *asked(new, marked))
    return Decision(new, effects, done)
