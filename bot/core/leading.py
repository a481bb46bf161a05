"""Those who are asked to lead: yes, no, and somebody else instead."""

from dataclasses import replace
from typing import Literal

from bot.core.action import AnswerLead, ReplaceLeader
from bot.core.answers import Answers, people
from bot.core.card import Buttons, Card, Form, Heading, OfMethod, PeopleField, T, Text, Who
from bot.core.cards import button, line, name, plain, primary, quiet, rhythm, starts
from bot.core.decision import (
    UNAVAILABLE,
    Decision,
    FieldErrors,
    Nothing,
    Notice,
    OpenForm,
    notice,
)
from bot.core.doors import let_in, note
from bot.core.effect import Effect, Person, Put, Remove
from bot.core.event import PersonId
from bot.core.facts import Facts
from bot.core.guide import beside
from bot.core.model import Group, Leader
from bot.core.optin import ask_people
from bot.core.rights import asked_to_lead, leads, opened


def answer_lead(group: Group, action: AnswerLead, facts: Facts) -> Decision:
    """Somebody asked to lead says yes or no; until the start they may change their mind."""
    if not asked_to_lead(group, facts.me):
        return UNAVAILABLE
    already = leads(group, facts.me)
    if already and group.status == "running":
        return UNAVAILABLE  # from now on one leaves, and is let out of the room
    if not action.yes:
        return _no(group, facts.me, "lead.no.done")
    return notice("lead.yes.done") if already else _yes(group, facts)


def _yes(group: Group, facts: Facts) -> Decision:
    """One more leads, and is no member; the people are asked once all leaders said yes."""
    new = _with_answer(group, facts.me, "yes")
    new = replace(new, members=tuple(one for one in new.members if one.person != facts.me))
    if new.status == "running":
        mine = Put(Person(facts.me), "lead", plain(new, "lead.joined"))
        new, let = let_in(new, facts.me, facts)
        effects = (mine, *let, *note(new, facts), *beside(new))
        return Decision(new, effects, Notice(T("lead.joined")))
    change = button("invite.change", AnswerLead(group.id, False))
    done = "lead.yes.own" if new.method.own_sign_up else "lead.yes.done"
    mine = Put(Person(facts.me), "lead", plain(new, done, change))
    asked: tuple[Effect, ...] = ()
    if len(new.led_by) == new.method.leaders:
        new, asked = ask_people(new, facts)
    return Decision(new, (mine, *asked), Notice(T(done)))


def _no(group: Group, person: PersonId, said: str) -> Decision:
    """One fewer leads. The sponsor is told, and those who lead if it was to be instead of one."""
    new = _with_answer(group, person, "no")
    cannot = plain(new, "hand.no", who=Who((person,)))
    goes_on = _instead_of(new, person) in new.led_by
    of_sponsors = cannot if goes_on else replace_card(new, person)
    told = [Put(Person(one), f"leader/{person}", of_sponsors) for one in new.sponsors]
    if _instead_of(new, person):
        told += [Put(Person(one), f"leader/{person}", cannot) for one in new.led_by]
    mine = (Put(Person(person), "lead", plain(new, said)), Remove(Person(person), "gather"))
    return Decision(new, (*mine, *told), Notice(T(said)))


def _instead_of(group: Group, person: PersonId) -> PersonId:
    """Who would lead no longer with this person's yes; empty if nobody was to be replaced."""
    return next((one.instead_of for one in group.leaders if one.person == person), "")


def _with_answer(group: Group, person: PersonId, answer: Literal["yes", "no"]) -> Group:
    return replace(
        group,
        leaders=tuple(
            replace(one, answer=answer) if one.person == person else one for one in group.leaders
        ),
    )


def replace_form(group: Group, action: ReplaceLeader, facts: Facts) -> Decision:
    """The sponsor chooses somebody else to lead."""
    if not _replaceable(group, action, facts):
        return UNAVAILABLE
    field = PeopleField("leaders", T("replace.label"), 1)
    return Decision(
        reply=OpenForm(Form(T("replace.title"), action, (field,), submit=T("replace.submit")))
    )


def replace_leader(group: Group, action: ReplaceLeader, answers: Answers, facts: Facts) -> Decision:
    """Somebody else is asked to lead."""
    if not _replaceable(group, action, facts):
        return UNAVAILABLE
    chosen = people(answers, "leaders")
    # Whom the sponsor knows to have a part. Whether somebody is a member they cannot find out here.
    involved = {*group.sponsors, *(one.person for one in group.leaders)}
    if len(chosen) != 1:
        return Decision(reply=FieldErrors({"leaders": T("error.leaders", {"n": 1})}))
    if chosen[0] in involved:
        return Decision(reply=FieldErrors({"leaders": T("error.leader.involved")}))
    kept = tuple(one for one in group.leaders if one.person != action.who)
    new = replace(group, leaders=(*kept, Leader(chosen[0], "asked", facts.now)))
    effects = (
        Put(Person(chosen[0]), "lead", lead_card(new, chosen[0])),
        Put(
            Person(facts.me),
            f"leader/{action.who}",
            plain(new, "replace.asked", who=Who(chosen)),
        ),
    )
    return Decision(new, effects, Notice(T("replace.done")))


def _replaceable(group: Group, action: ReplaceLeader, facts: Facts) -> bool:
    gone = any(one.person == action.who and one.answer == "no" for one in group.leaders)
    return gone and opened(group, facts.me)


def lapse_lead(group: Group, person: PersonId) -> Decision:
    """Seven days without an answer are a no."""
    said = "lead.lapsed.instead" if _instead_of(group, person) else "lead.lapsed"
    return replace(_no(group, person, said), reply=Nothing())


def lead_card(group: Group, person: PersonId) -> Card:
    """The question to somebody whether they would lead, and who is told of a no."""
    return Card(
        (
            Heading(name(group)),
            _what_is_asked(group),
            quiet(
                "lead.as",
                method=OfMethod(group.id, "title"),
                title=OfMethod(group.id, "leader"),
            ),
            quiet("lead.note.instead" if _instead_of(group, person) else "lead.note"),
            Buttons(
                (
                    primary("lead.yes", AnswerLead(group.id, True)),
                    button("lead.no", AnswerLead(group.id, False)),
                )
            ),
        )
    )


def _what_is_asked(group: Group) -> Text:
    """How often the group meets, and from when; of one that has begun, what is still to come."""
    if group.status == "gathering":
        first = starts(group, group.meetings[0], "date")
        return line("lead", count=len(group.meetings), when=rhythm(group), date=first)
    if not group.coming:
        return line("lead.ending")
    following = starts(group, group.coming[0], "date")
    if len(group.coming) == 1:
        return line("lead.once", date=following)
    return line("lead.running", count=len(group.coming), when=rhythm(group), date=following)


def replace_card(group: Group, person: PersonId) -> Card:
    """A facilitator's no, told to the sponsor."""
    return plain(
        group,
        "replace",
        primary("replace.b", ReplaceLeader(group.id, person)),
        who=Who((person,)),
    )
