"""The conversation partner: the owner chooses, or one is proposed; each may say no in private.

One person is asked at a time. Only a yes is told; who would rather not lies in the drawer
`partner`, which ends as soon as it is of no more use.
"""

from dataclasses import replace

from bot.core.action import AnswerPartner, ChoosePartner, NotePartner, ProposePartner
from bot.core.answers import Answers, chosen, chosen_one
from bot.core.card import Buttons, Card, Choice, Form, Heading, Option, T, Who
from bot.core.cards import button, line, name, primary, quiet
from bot.core.cases import present
from bot.core.decision import UNAVAILABLE, Decision, FieldErrors, Notice, OpenForm
from bot.core.effect import Effect, Person, Put, Remove, Shred
from bot.core.event import PersonId
from bot.core.facts import Facts
from bot.core.guide import guide
from bot.core.model import Group, Meeting
from bot.core.owner import needs_partner, owns_now
from bot.core.owner import shown as owner_shown
from bot.core.rights import going_on, leads
from bot.core.turns import last_turn, lots


def candidates(group: Group, meeting: Meeting) -> tuple[PersonId, ...]:
    """Who could be the partner: whoever is there, is not the owner, and has not said no."""
    no = group.items(_drawer(meeting), "no/")
    return tuple(one for one in present(group, meeting) if one != meeting.owner and one not in no)


def ask_next(group: Group, meeting: Meeting, facts: Facts) -> tuple[Group, Meeting, Put | None]:
    """Ask whom the owner would like, else whoever has been partner longest ago; then by lot."""
    wished = group.items(_drawer(meeting), "wish/")
    found = candidates(group, meeting)
    drawn = lots(facts.fresh, found)

    def turn(one: PersonId) -> tuple[bool, int, int]:
        last = last_turn(group, one, lambda other: other.partner)
        return one not in wished, last, drawn.index(one)

    who = min(found, key=turn, default="")
    asking = replace(meeting, partner_asked=who)
    new = group.with_meeting(asking)
    if not who:
        return new, asking, None
    return new, asking, Put(Person(who), f"partner/{meeting.number}", ask_card(new, asking))


def _asked(group: Group, meeting: Meeting, facts: Facts) -> Decision:
    """The next is asked, and the others see that somebody is, or that there is nobody more."""
    new, asking, put = ask_next(group, meeting, facts)
    effects = ((put,) if put else ()) + _shown(new, asking)
    return Decision(new, effects, Notice(T("partner.asking" if put else "partner.nobody")))


def withdrawn(meeting: Meeting) -> tuple[Effect, ...]:
    """Nobody is asked any more, and what was answered is destroyed."""
    return (Shred(_drawer(meeting)), *_card_gone(meeting))


def _card_gone(meeting: Meeting) -> tuple[Effect, ...]:
    asked = meeting.partner_asked
    return (Remove(Person(asked), f"partner/{meeting.number}"),) if asked else ()


def _drawer(meeting: Meeting) -> str:
    return f"{meeting.number}/partner"


def _shown(group: Group, meeting: Meeting) -> tuple[Effect, ...]:
    return (*owner_shown(group, meeting), *guide(group, meeting))


# --- the owner ----------------------------------------------------------------------------------


def choose_form(group: Group, meeting: Meeting, action: ChoosePartner, facts: Facts) -> Decision:
    """Whom the owner would like to talk with: several, so that a no is not seen."""
    if not owns_now(meeting, facts.me) or not needs_partner(group, meeting):
        return UNAVAILABLE
    there = [one for one in present(group, meeting) if one != facts.me]
    if not there:
        return UNAVAILABLE
    options = tuple(Option(one, T("value", {"value": Who((one,))})) for one in there)
    fields = (Choice("partners", T("partner.label"), options, many=True), quiet("partner.several"))
    return Decision(
        reply=OpenForm(Form(T("partner.title"), action, fields, submit=T("partner.ask")))
    )


def choose(
    group: Group, meeting: Meeting, action: ChoosePartner, answers: Answers, facts: Facts
) -> Decision:
    """They are asked, one at a time; the owner learns who it becomes."""
    if not owns_now(meeting, facts.me) or not needs_partner(group, meeting):
        return UNAVAILABLE
    there = tuple(one for one in present(group, meeting) if one != facts.me)
    wished = chosen(answers, "partners", there)
    if not wished:
        return Decision(reply=FieldErrors({"partners": T("error.vote")}))
    new = group
    for one in there:
        new = new.with_item(_drawer(meeting), f"wish/{one}", "yes" if one in wished else "")
    if meeting.partner_asked in wished:
        return Decision(new, reply=Notice(T("partner.asking")))
    decision = _asked(new, meeting, facts)
    return replace(decision, effects=(*_card_gone(meeting), *decision.effects))


def propose(group: Group, meeting: Meeting, _action: ProposePartner, facts: Facts) -> Decision:
    """The owner lets Krets ask somebody."""
    if not owns_now(meeting, facts.me) or not needs_partner(group, meeting):
        return UNAVAILABLE
    if meeting.partner_asked:
        return Decision(reply=Notice(T("partner.asking")))
    return _asked(group, meeting, facts)


# --- whoever is asked ---------------------------------------------------------------------------


def answer(group: Group, meeting: Meeting, action: AnswerPartner, facts: Facts) -> Decision:
    """A yes is told; a no is not, and the next is asked."""
    me = facts.me
    if meeting.partner_asked != me or not me or not going_on(meeting):
        return UNAVAILABLE
    if action.yes:
        decision = _found(group, meeting, me)
        return replace(decision, reply=Notice(T("partner.yes.done")))
    new = group.with_item(_drawer(meeting), f"no/{me}", "yes")
    decision = _asked(new, meeting, facts)
    effects = (*_card_gone(meeting), *decision.effects)
    return Decision(decision.group, effects, Notice(T("partner.no.done")))


def _found(group: Group, meeting: Meeting, person: PersonId) -> Decision:
    settled = replace(meeting, partner=person, partner_asked="")
    new = group.with_meeting(settled)
    return Decision(new, (*withdrawn(meeting), *_shown(new, settled)))


def ask_card(group: Group, meeting: Meeting) -> Card:
    """The question to one person, who may say no without anybody being told."""
    return Card(
        (
            Heading(name(group)),
            line("partner", who=Who((meeting.owner,))),
            quiet("partner.free"),
            Buttons(
                (
                    primary("partner.yes", AnswerPartner(group.id, meeting.number, True)),
                    button("partner.no", AnswerPartner(group.id, meeting.number, False)),
                )
            ),
        )
    )


# --- those who lead -----------------------------------------------------------------------------


def note_form(group: Group, meeting: Meeting, action: NotePartner, facts: Facts) -> Decision:
    """A facilitator notes who the room has found."""
    there = _noted(group, meeting, facts)
    if not there:
        return UNAVAILABLE
    options = tuple(Option(one, T("value", {"value": Who((one,))})) for one in there)
    field = Choice("who", T("partner.note.label"), options)
    return Decision(reply=OpenForm(Form(T("partner.title"), action, (field,), submit=T("save"))))


def note(
    group: Group, meeting: Meeting, action: NotePartner, answers: Answers, facts: Facts
) -> Decision:
    """What the room agreed on holds; nobody is asked any more."""
    there = _noted(group, meeting, facts)
    if not there:
        return UNAVAILABLE
    person = chosen_one(answers, "who", there)
    if not person:
        return Decision(reply=FieldErrors({"who": T("error.choose")}))
    return replace(_found(group, meeting, person), reply=Notice(T("noted")))


def _noted(group: Group, meeting: Meeting, facts: Facts) -> tuple[PersonId, ...]:
    """Whom a facilitator can note; nobody unless a question has been taken up."""
    if not leads(group, facts.me) or not going_on(meeting) or not meeting.owner:
        return ()
    return tuple(one for one in present(group, meeting) if one != meeting.owner)
