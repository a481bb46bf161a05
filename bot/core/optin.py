"""Asking people one by one, in private; a yes, a no, and silence, which is no."""

import itertools
from dataclasses import replace
from datetime import timedelta
from typing import Literal

from bot.core.action import (
    AnswerInvite,
    AskMore,
    LeaveGroup,
    ShowGroup,
    StartGroup,
    TellManager,
)
from bot.core.card import Buttons, Card, Details, Form, Heading, Items, T, Text, Value, Who
from bot.core.cards import button, leaders, line, name, plain, primary, quiet, rhythm, starts, words
from bot.core.decision import UNAVAILABLE, Decision, Notice, OpenForm, notice
from bot.core.effect import Effect, Person, Put
from bot.core.event import PersonId
from bot.core.facts import Facts
from bot.core.model import Group
from bot.core.rights import asked_to_join, leads, takes_part

#: Fewest people with whom a group starts.
FEWEST = 4


def ask_people(group: Group, facts: Facts) -> tuple[Group, tuple[Effect, ...]]:
    """As many of the pool as there are places are asked, each in private."""
    free = group.method.size[1] - sum(one.status in ("asked", "yes") for one in group.members)
    asked = [one.person for one in group.members if one.status == "pool"][: max(free, 0)]
    new = replace(
        group,
        members=tuple(
            replace(one, status="asked", asked_at=facts.now) if one.person in asked else one
            for one in group.members
        ),
    )
    invited = tuple(Put(Person(person), "invite", invite_card(new)) for person in asked)
    return new, (*invited, *gather(new, facts))


def ask_more(group: Group, _action: AskMore, facts: Facts) -> Decision:
    """A facilitator fills up from the pool."""
    if not leads(group, facts.me) or group.status != "gathering":
        return UNAVAILABLE
    new, effects = ask_people(group, facts)
    if new == group:
        return notice("gather.full")
    return Decision(new, effects, Notice(T("gather.asked")))


def answer_invite(group: Group, action: AnswerInvite, facts: Facts) -> Decision:
    """Somebody asked to join says yes or no; until the start they may change their mind."""
    if not asked_to_join(group, facts.me) or group.status != "gathering":
        return UNAVAILABLE
    if facts.me in group.people and action.yes:
        return notice("invite.stay")
    new = _with_status(group, facts.me, "yes" if action.yes else "no")
    if not action.yes:
        card = over_card(new)
    else:
        card = joined_card(new) if new.shown_at is None else members_card(new)
    done = Notice(T("invite.yes.done" if action.yes else "invite.no.done"))
    return Decision(new, (Put(Person(facts.me), "invite", card), *told(new, facts.me, facts)), done)


def lapse_invite(group: Group, person: PersonId, facts: Facts) -> Decision:
    """Seven days without an answer are a no."""
    new = _with_status(group, person, "no")
    gone = Put(Person(person), "invite", over_card(new))
    return Decision(new, (gone, *told(new, person, facts)))


def told(group: Group, answered: PersonId, facts: Facts) -> tuple[Effect, ...]:
    """Those who lead see who is in, and once the group has been shown the others do too."""
    others = [one for one in group.people if one != answered and group.shown_at is not None]
    card = members_card(group)
    return (*(Put(Person(one), "invite", card) for one in others), *gather(group, facts))


def _with_status(group: Group, person: PersonId, status: Literal["yes", "no"]) -> Group:
    """The group with an answer; of somebody who signed up and thinks better of it nothing stays."""
    if status == "no" and group.method.own_sign_up:
        return replace(group, members=tuple(one for one in group.members if one.person != person))
    return replace(
        group,
        members=tuple(
            replace(one, status=status) if one.person == person else one for one in group.members
        ),
    )


def show_group(group: Group, _action: ShowGroup, facts: Facts) -> Decision:
    """Those who said yes see who is in it, and are still free to say no."""
    if not leads(group, facts.me) or group.status != "gathering":
        return UNAVAILABLE
    if not group.people:
        return notice("gather.nobody")
    new = replace(group, shown_at=facts.now)
    shown = tuple(Put(Person(one), "invite", members_card(new)) for one in new.people)
    return Decision(new, (*shown, *gather(new, facts)), Notice(T("gather.shown")))


def tell_manager(group: Group, _action: TellManager, facts: Facts) -> Decision:
    """The line about times that a participant can send to their own manager."""
    if not takes_part(group, facts.me):
        return UNAVAILABLE
    fields = (line("tell.hint"), *_times(group))
    return Decision(reply=OpenForm(Form(T("tell.title"), TellManager(group.id), fields)))


def _times(group: Group) -> tuple[Text | Items, ...]:
    """The rhythm in one sentence; once it does not hold any more, the dates that are left."""
    first, left = group.meetings[0], [one for one in group.meetings if one.ended_at is None]
    weeks = timedelta(weeks=group.every)
    apart = (later.at - one.at == weeks for one, later in itertools.pairwise(left))
    usual = (one.at.weekday() == first.at.weekday() for one in left)
    at_the_hour = (one.at.time() == first.at.time() for one in left)
    if left and not (all(apart) and all(usual) and all(at_the_hour)):
        rows = tuple(words(starts(group, one)) for one in left)
        own = group.method.own_sign_up
        return line("for_my_manager.dates.own" if own else "for_my_manager.dates"), Items(rows)
    said: dict[str, Value] = {
        "when": rhythm(group),
        "from": starts(group, first, "date"),
        "to": starts(group, group.meetings[-1], "date"),
    }
    own = group.method.own_sign_up
    return (Text(T("for_my_manager.own" if own else "for_my_manager", said)),)


def invite_card(group: Group) -> Card:
    """The question to somebody whether they would like to join; at most 90 words."""
    return Card(
        (
            Heading(name(group)),
            line(
                "invite",
                leaders=leaders(group),
                count=len(group.meetings),
                when=rhythm(group),
                date=starts(group, group.meetings[0], "date"),
            ),
            Buttons(
                (
                    primary("invite.yes", AnswerInvite(group.id, True)),
                    button("invite.no", AnswerInvite(group.id, False)),
                )
            ),
        )
    )


def joined_card(group: Group) -> Card:
    """After a yes, before the start."""
    return plain(
        group,
        "invite.yes.done",
        button("invite.tell", TellManager(group.id)),
        button("invite.change", AnswerInvite(group.id, False)),
    )


def over_card(group: Group) -> Card:
    """To whoever was asked and is not in it: the same after a no, after silence, and at the start.

    What a message shows stays on record, so it must not tell which it was.
    """
    return plain(group, "invite.over")


def members_card(group: Group) -> Card:
    """Who is in it, and whether one would still like to be."""
    return Card(
        (
            Heading(name(group)),
            line("invite.members"),
            line("members.leaders", who=leaders(group)),
            line("members.people", who=Who(group.people)),
            quiet("invite.line"),
            quiet("invite.line.then"),
            Buttons(
                (
                    primary("invite.yes", AnswerInvite(group.id, True)),
                    button("invite.no", AnswerInvite(group.id, False)),
                )
            ),
        )
    )


def started_card(group: Group) -> Card:
    """A member's card once the group has started."""
    return plain(
        group,
        "started",
        button("invite.tell", TellManager(group.id)),
        button("leave", LeaveGroup(group.id)),
        date=starts(group, group.coming[0] if group.coming else group.meetings[-1]),
    )


def gather(group: Group, facts: Facts) -> tuple[Put, ...]:
    """The facilitators' card while people are being asked."""
    card = gather_card(group, facts)
    return tuple(Put(Person(one), "gather", card) for one in group.led_by)


def gather_card(group: Group, facts: Facts) -> Card:
    """Who is in, how many have not answered, and what can be done; who said no is not shown."""
    waiting = sum(one.status == "asked" for one in group.members)
    free = group.method.size[1] - waiting - len(group.people)
    pool = sum(one.status == "pool" for one in group.members)
    who = Who(group.people) if group.people else T("nobody.yet")
    buttons = [button("gather.show", ShowGroup(group.id))] if group.people else []
    if free > 0 and pool:
        buttons.append(button("gather.more", AskMore(group.id)))
    note = quiet("gather.note", low=FEWEST)
    if group.shown_at is not None and len(group.people) >= FEWEST:
        if facts.makes_rooms:
            buttons.insert(0, primary("gather.start", StartGroup(group.id)))
        else:
            note = Text(by_hand(group))
    own = group.method.own_sign_up
    rows = (
        (T("gather.in"), words(who)),
        *(() if own else ((T("gather.waiting"), words(waiting)),)),
        (T("gather.first"), words(starts(group, group.meetings[0]))),
    )
    pressed = (Buttons(tuple(buttons)),) if buttons else ()
    return Card(
        (
            Heading(name(group)),
            line("gather.own" if own else "gather"),
            Details(rows),
            note,
            *pressed,
        )
    )


def by_hand(group: Group) -> T:
    """How those who lead make the room, where Krets cannot."""
    return T("start.by_hand", {"who": Who((*group.led_by, *group.people))})
