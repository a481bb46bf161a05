"""Handing over: somebody else leads instead of one who is ill, or cannot go on.

Until the other has said yes, nothing changes.
"""

from dataclasses import replace

from bot.core.action import AnswerLead, HandOver
from bot.core.answers import Answers, chosen_one, people
from bot.core.card import Choice, Form, Option, PeopleField, T, Who
from bot.core.cards import line, plain, words
from bot.core.decision import UNAVAILABLE, Decision, FieldErrors, Notice, OpenForm
from bot.core.doors import let_out, note
from bot.core.effect import Effect, Person, Put, Remove, Room
from bot.core.event import PersonId
from bot.core.facts import Facts
from bot.core.leading import answer_lead as answer
from bot.core.leading import lead_card
from bot.core.model import Group, Leader
from bot.core.rights import leads, opened

#: The private cards of those who lead, by the first part of their names.
OF_LEADERS = ("overview", "move", "guide", "pulse", "lost")


def _replaceable(group: Group) -> tuple[PersonId, ...]:
    """Those who lead and instead of whom nobody has been asked."""
    asked = {one.instead_of for one in group.leaders if one.answer == "asked"}
    return tuple(one for one in group.led_by if one not in asked)


def _may(group: Group, facts: Facts) -> bool:
    runs = group.status == "running" and bool(_replaceable(group))
    return runs and (leads(group, facts.me) or opened(group, facts.me))


def hand_over_form(group: Group, action: HandOver, facts: Facts) -> Decision:
    """Who leads no longer, and who is asked instead?"""
    if not _may(group, facts):
        return UNAVAILABLE
    leaders = _replaceable(group)
    mine = facts.me if facts.me in leaders else leaders[0]
    fields = (
        line("hand.text"),
        Choice(
            "who",
            T("hand.who"),
            tuple(Option(one, words(Who((one,)))) for one in leaders),
            chosen=(mine,),
        ),
        PeopleField("leaders", T("replace.label"), 1),
    )
    form = Form(T("hand.title"), action, fields, submit=T("replace.submit"))
    return Decision(reply=OpenForm(form))


def hand_over(group: Group, action: HandOver, answers: Answers, facts: Facts) -> Decision:
    """Somebody else is asked to lead."""
    if not _may(group, facts):
        return UNAVAILABLE
    who = chosen_one(answers, "who", _replaceable(group))
    chosen = people(answers, "leaders")
    involved = {*group.sponsors, *(one.person for one in group.leaders if one.answer != "no")}
    errors = {
        "who": None if who else T("error.choose"),
        "leaders": None if len(chosen) == 1 else T("error.leaders", {"n": 1}),
    }
    if set(chosen) & involved:
        errors["leaders"] = T("error.leader.involved")
    wrong = {field: error for field, error in errors.items() if error is not None}
    if wrong:
        return Decision(reply=FieldErrors(wrong))
    kept = tuple(one for one in group.leaders if one.person != chosen[0])
    new = replace(group, leaders=(*kept, Leader(chosen[0], "asked", facts.now, instead_of=who)))
    asked = Put(Person(chosen[0]), "lead", lead_card(new, chosen[0]))
    return Decision(new, (asked,), Notice(T("replace.done")))


def answer_lead(group: Group, action: AnswerLead, facts: Facts) -> Decision:
    """Somebody asked to lead says yes or no; with a yes, whom they replace leads no longer."""
    decision = answer(group, action, facts)
    new = decision.group
    mine = [one for one in group.leaders if one.person == facts.me and one.instead_of]
    if new is None or not action.yes or not mine or not leads(new, mine[0].instead_of):
        return decision
    old = mine[0].instead_of
    new = _without(new, old)
    room = Put(Room(new.id), f"lead/{facts.me}", plain(new, "hand.told", who=Who((facts.me,))))
    new, let = let_out(new, old, facts)
    gone: list[Effect] = [Put(Person(old), "lead", plain(new, "hand.over")), *let]
    gone += [Remove(Person(old), name) for name in ("gather", "room", "outside")]
    for meeting in group.meetings:
        gone += [Remove(Person(old), f"{kind}/{meeting.number}") for kind in OF_LEADERS]
    return replace(decision, group=new, effects=(*decision.effects, *gone, room, *note(new, facts)))


def _without(group: Group, old: PersonId) -> Group:
    """The group in which this person leads no longer."""
    return replace(
        group,
        leaders=tuple(
            replace(one, answer="no") if one.person == old else one for one in group.leaders
        ),
        outside=tuple(one for one in group.outside if one != old),
        unreached=tuple(one for one in group.unreached if one != old),
        unsure=tuple(one for one in group.unsure if one != old),
    )
