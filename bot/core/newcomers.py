"""Joining late: those who lead propose somebody, and all members have to say yes.

The question stands in the room for a week, and each answers by a press that nobody is shown. The
one who is proposed has some days more. Whatever was said, those who lead read *not this time* at
the same hour: nothing tells a no from silence, nor a member's from the newcomer's.
"""

from dataclasses import replace

from bot.core.action import AcceptJoin, AllowJoin, ProposeJoin
from bot.core.answers import Answers, people
from bot.core.card import Buttons, Card, Form, Heading, PeopleField, T, When, Who
from bot.core.cards import button, leaders, line, name, plain, primary, quiet, rhythm, starts
from bot.core.decision import UNAVAILABLE, Decision, FieldErrors, Notice, OpenForm, notice
from bot.core.doors import let_in, named, note
from bot.core.due import JOIN_DRAWER, LAPSE, NEWCOMER_DECIDES
from bot.core.effect import Effect, Person, Put, Remove, Room, Shred
from bot.core.facts import Facts
from bot.core.guide import beside
from bot.core.model import Group, Joining, Member
from bot.core.optin import over_card, started_card
from bot.core.rights import asked_to_join, belongs, leads, may_propose, undisturbed

# --- those who lead -----------------------------------------------------------------------------


def _not_now(group: Group) -> Decision | None:
    if group.joining is not None:
        return notice("newcomer.one")
    if len(group.people) >= group.method.size[1]:
        return notice("gather.full")
    if not undisturbed(group):
        return notice("room.rests")
    return None


def propose_form(group: Group, action: ProposeJoin, facts: Facts) -> Decision:
    """Who is to be asked, once all have said yes?"""
    if not may_propose(group, facts.me):
        return UNAVAILABLE
    if refused := _not_now(group):
        return refused
    fields = (
        line("newcomer.text", count=(LAPSE + NEWCOMER_DECIDES).days),
        PeopleField("newcomer", T("newcomer.whom"), 1),
    )
    form = Form(T("newcomer.title"), action, fields, submit=T("newcomer.propose"))
    return Decision(reply=OpenForm(form))


def propose(group: Group, action: ProposeJoin, answers: Answers, facts: Facts) -> Decision:
    """The members are asked; the one who is proposed knows nothing of it yet."""
    if not may_propose(group, facts.me):
        return UNAVAILABLE
    if refused := _not_now(group):
        return refused
    chosen = people(answers, "newcomer")
    involved = {*group.sponsors, *(one.person for one in group.leaders if one.answer != "no")}
    if len(chosen) != 1 or chosen[0] in {*involved, *group.people}:
        return Decision(reply=FieldErrors({"newcomer": T("error.newcomer")}))
    others = tuple(one for one in group.members if one.person != chosen[0])
    new = replace(
        group,
        members=(*others, Member(chosen[0], "pool")),
        joining=Joining(chosen[0], facts.me, facts.now),
    )
    until = When(facts.now + LAPSE + NEWCOMER_DECIDES)
    mine = plain(new, "newcomer.asked", who=Who(chosen), until=until)
    shown = (Put(Room(group.id), "join", join_card(new)), Put(Person(facts.me), "join", mine))
    return Decision(new, shown, Notice(T("newcomer.proposed")))


# --- the members --------------------------------------------------------------------------------


def may_allow(group: Group, facts: Facts) -> bool:
    """Whether I may say yes or no, as a member: for a week, whatever the others have said."""
    joining = group.joining
    asked = joining is not None and not joining.closed and facts.now < joining.asked_at + LAPSE
    return asked and belongs(group, facts.me)


def allow(group: Group, action: AllowJoin, facts: Facts) -> Decision:
    """A member says yes or no, and may think again until all have said yes."""
    joining = group.joining
    if joining is None or joining.person != action.who or not may_allow(group, facts):
        return UNAVAILABLE
    if not undisturbed(group):
        return notice("room.rests")
    said = Notice(T("newcomer.answered"))
    if joining.agreed:
        return Decision(reply=said)
    new = group.with_item(JOIN_DRAWER, f"join/{facts.me}", "yes" if action.yes else "no")
    new, effects = settled(new, facts)
    return Decision(new, effects, said)


def settled(group: Group, facts: Facts) -> tuple[Group, tuple[Effect, ...]]:
    """Once every member has said yes, the one who is proposed is asked.

    The answers stay until the week is over: their early end would tell the members of it.
    """
    joining = group.joining
    if joining is None or joining.agreed or joining.closed or not group.people:
        return group, ()
    if any(group.item(JOIN_DRAWER, f"join/{one}") != "yes" for one in group.people):
        return group, ()
    new = replace(
        group,
        joining=replace(joining, agreed=True),
        members=tuple(
            replace(one, status="asked", asked_at=facts.now)
            if one.person == joining.person
            else one
            for one in group.members
        ),
    )
    return new, (Put(Person(joining.person), "invite", newcomer_card(new)),)


def answered(group: Group) -> Decision:
    """The week has passed: nobody is asked in the room any more, and the answers are destroyed."""
    joining = group.joining
    assert joining is not None, "else this moment is not wanted"
    new = replace(group, joining=replace(joining, closed=True))
    return Decision(new, (Shred(JOIN_DRAWER), Remove(Room(group.id), "join")))


# --- the one who is proposed --------------------------------------------------------------------


def accept(group: Group, action: AcceptJoin, facts: Facts) -> Decision:
    """The newcomer is in from the next meeting on, or says no, which nobody is told."""
    joining, meeting = group.joining, group.coming[0] if group.coming else None
    if joining is None or not asked_to_join(group, facts.me) or belongs(group, facts.me):
        return UNAVAILABLE
    others = tuple(one for one in group.members if one.person != facts.me)
    if not action.yes:
        gone = Put(Person(facts.me), "invite", over_card(group))
        said = Notice(T("invite.no.done"))
        return Decision(replace(group, members=others), (gone,), said)
    if meeting is None:
        return UNAVAILABLE
    member = Member(facts.me, "yes", since=meeting.number)
    new = replace(group, members=(*others, member), joining=None)
    new, opened = let_in(new, facts.me, facts)
    told = plain(new, "newcomer.told", who=Who((facts.me,)))
    effects = (
        Shred(JOIN_DRAWER),
        *opened,
        Put(Person(facts.me), "invite", started_card(new)),
        Remove(Room(group.id), "join"),
        *named(new, f"joined/{facts.me}", told),
        *_result(new, joining, told),
        *beside(new),
        *note(new, facts),
    )
    return Decision(new, effects, Notice(T("invite.yes.done")))


def over(group: Group) -> tuple[Group, tuple[Effect, ...]]:
    """Nobody has come in, or the group ends: not this time, and nothing is left of the answers."""
    joining = group.joining
    if joining is None:
        return group, ()
    others = tuple(one for one in group.members if one.person != joining.person)
    asked = asked_to_join(group, joining.person)
    new = replace(group, members=others, joining=None)
    told = plain(new, "newcomer.not", who=Who((joining.person,)))
    effects: tuple[Effect, ...] = (
        Shred(JOIN_DRAWER),
        Remove(Room(group.id), "join"),
        *_result(new, joining, told),
    )
    if asked:
        effects = (*effects, Put(Person(joining.person), "invite", over_card(new)))
    return new, effects


def _result(group: Group, joining: Joining, card: Card) -> tuple[Put, ...]:
    """What the one who has proposed reads, if they still lead."""
    return (Put(Person(joining.by), "join", card),) if leads(group, joining.by) else ()


# --- cards --------------------------------------------------------------------------------------


def join_card(group: Group) -> Card:
    """The question to all members, in the room."""
    joining = group.joining
    assert joining is not None
    yes, no = (AllowJoin(group.id, joining.person, yes) for yes in (True, False))
    until = When(joining.asked_at + LAPSE)
    return Card(
        (
            Heading(T("newcomer.title")),
            line("newcomer.ask", who=Who((joining.person,)), until=until),
            quiet("newcomer.kept"),
            Buttons((primary("newcomer.yes", yes), button("newcomer.no", no))),
        )
    )


def newcomer_card(group: Group) -> Card:
    """The invitation, with who is in the group, for there is no look at it afterwards."""
    joining = group.joining
    assert joining is not None
    return Card(
        (
            Heading(name(group)),
            line(
                "newcomer.invite",
                leaders=leaders(group),
                count=len(group.coming),
                when=rhythm(group),
                date=starts(group, group.coming[0], "date") if group.coming else T("nobody.yet"),
                until=When(joining.asked_at + LAPSE + NEWCOMER_DECIDES),
            ),
            line("members.people", who=Who(group.people)),
            quiet("invite.line"),
            quiet("invite.line.then"),
            Buttons(
                (
                    primary("invite.yes", AcceptJoin(group.id, True)),
                    button("invite.no", AcceptJoin(group.id, False)),
                )
            ),
        )
    )
