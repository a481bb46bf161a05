"""The owner of today's question: one private card, which is edited in silence as the steps change.

It comes with the result of the vote, when phones are out. Whoever does not want it takes it away;
the home has the same at any time.
"""

from dataclasses import replace

from bot.core.action import ChoosePartner, HideOwner, ProposePartner
from bot.core.card import Buttons, Card, Element, Heading, T, When, Who
from bot.core.cards import button, line, name, quiet
from bot.core.decision import UNAVAILABLE, Decision, Notice
from bot.core.effect import Effect, Person, Put, Remove
from bot.core.facts import Facts
from bot.core.model import Group, Meeting
from bot.core.pace import joins, listening, turn_at
from bot.core.rights import going_on


def shown(group: Group, meeting: Meeting) -> tuple[Put, ...]:
    """The owner's card is to look like this, unless they have taken it away."""
    if not owns_now(meeting, meeting.owner) or meeting.owner_hidden:
        return ()
    return (Put(Person(meeting.owner), f"owner/{meeting.number}", owner_card(group, meeting)),)


def gone(meeting: Meeting) -> tuple[Effect, ...]:
    """There is nothing to show the owner any more."""
    return (Remove(Person(meeting.owner), f"owner/{meeting.number}"),) if meeting.owner else ()


def owns_now(meeting: Meeting, me: str) -> bool:
    """Whether the meeting is going on and it is my question that it has taken up."""
    return bool(me) and meeting.owner == me and going_on(meeting)


def needs_partner(group: Group, meeting: Meeting) -> bool:
    """Whether the step with a conversation partner is to come or has come, and there is none."""
    at = meeting.guide
    if at is None or not going_on(meeting) or not meeting.owner or meeting.partner:
        return False
    return any(step.who == "partners" for step in group.agenda(meeting)[at.step :])


def owner_card(group: Group, meeting: Meeting) -> Card:
    """What the owner may know and do now: just listen, or choose whom to talk with, or what."""
    at, number = meeting.guide, meeting.number
    assert at is not None, "a question is taken up while the meeting goes on"
    rows: list[Element] = [Heading(name(group))]
    if listening(group, meeting):
        rows.append(line("guide.owner", time=When(turn_at(group, meeting, at), "time")))
    elif joins(group, meeting):
        rows.append(line("owner.joins", time=When(turn_at(group, meeting, at), "time")))
        rows.append(line("guide.choose"))
    else:
        rows.append(line("owner"))
    buttons = []
    if needs_partner(group, meeting):
        rows.append(line("partner.asking" if meeting.partner_asked else "partner.who"))
        buttons.append(button("partner.choose", ChoosePartner(group.id, number)))
        if not meeting.partner_asked:
            buttons.append(button("partner.propose", ProposePartner(group.id, number)))
    elif meeting.partner:
        rows.append(quiet("partner.is", who=Who((meeting.partner,))))
    if not meeting.owner_hidden:
        buttons.append(button("owner.hide", HideOwner(group.id, number)))
    if buttons:
        rows.append(Buttons(tuple(buttons)))
    return Card(tuple(rows))


def hide(group: Group, meeting: Meeting, _action: HideOwner, facts: Facts) -> Decision:
    """The owner would rather have nothing on their phone; the home still has it."""
    if not owns_now(meeting, facts.me) or meeting.owner_hidden:
        return UNAVAILABLE
    new = group.with_meeting(replace(meeting, owner_hidden=True))
    return Decision(new, gone(meeting), Notice(T("owner.hide.done")))
