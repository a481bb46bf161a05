"""The group's room and the ways to its people: who is in it, and what did not arrive.

Private steps rest while a sponsor, or anybody from outside, can look on. Nothing is ever shown in
another place instead: those who lead are told, in private, and decide.
"""

from collections.abc import Collection
from dataclasses import replace

from bot.core.action import ComeBack, LeaveGroup, SendAgain, StartHere, TakeOut
from bot.core.ballot import shown as vote_shown
from bot.core.card import Card, Form, Heading, T
from bot.core.cards import button, line, plain, primary, quiet
from bot.core.decision import UNAVAILABLE, Decision, Greeting, Notice, OpenForm, notice
from bot.core.doors import changed, let_in, let_out, note
from bot.core.effect import Effect, Person, Put, Remove, Room, ShowAgain, UseRoom
from bot.core.event import CouldNotReach, NotSure, PersonId, Place, RoomState
from bot.core.facts import Facts
from bot.core.guide import beside
from bot.core.leading import lapse_lead
from bot.core.meetings import question
from bot.core.model import Group
from bot.core.optin import lapse_invite
from bot.core.rights import leads, takes_part
from bot.core.titles import ask as ask_titles


def greet(facts: Facts) -> Decision:
    """Krets was brought into a room: it says once what it does there, unless it knows the room."""
    if facts.room_of:
        return Decision()
    card = Card((Heading(T("hello")), line("hello.text"), quiet("hello.here")))
    return Decision(reply=Greeting(card), once=True)


# --- what came to pass in the room --------------------------------------------------------------


def member_changed(group: Group, came: bool, facts: Facts) -> Decision:
    """Somebody came into the room or went out of it."""
    person, mine = facts.me, takes_part(group, facts.me)
    visitors = changed(group.visitors, person, there=came and not mine)
    outside = changed(group.outside, person, there=mine and not came)
    return _now(group, replace(group, visitors=visitors, outside=outside), facts)


def room_changed(group: Group, how: RoomState, facts: Facts) -> Decision:
    """The room can no longer be used, or be trusted; or it is again as it should be.

    Of a room that is lost nobody knows who is in it.
    """
    new = replace(group, room=how)
    if how == "lost":
        new = replace(new, visitors=(), outside=())
    return _now(group, new, facts)


def room_seen(group: Group, how: RoomState, facts: Facts) -> Decision:
    """The room as it is, whatever has been told of it before."""
    if how == "lost":
        return room_changed(group, how, facts)
    people, ours = facts.here, (*group.led_by, *group.people)
    new = replace(
        group,
        room=how,
        visitors=tuple(sorted(one for one in people if not takes_part(group, one))),
        outside=tuple(sorted(one for one in ours if one not in people)),
    )
    return _now(group, new, facts)


def _now(group: Group, new: Group, facts: Facts) -> Decision:
    """The group as it is now, and all that is to be said of the difference."""
    if group.status != "running" or new == group:
        return Decision()
    new = replace(new, waiting=tuple(one for one in new.waiting if one in new.outside))
    effects: list[Effect] = list(note(new, facts))
    meeting = new.next_meeting
    if meeting is not None and meeting.titles == "shown":
        effects += beside(new)
    for person in new.outside:
        if person not in group.outside:
            effects.append(Put(Person(person), "outside", outside_card(new)))
    for person in group.outside:
        if person not in new.outside:
            effects.append(Remove(Person(person), "outside"))
    if group.room == "lost" and new.room != "lost":
        effects.append(ShowAgain(Room(new.id)))
    return Decision(new, tuple(effects))


# --- what did not arrive ------------------------------------------------------------------------


def could_not_reach(group: Group, event: CouldNotReach, facts: Facts) -> Decision:
    """Krets cannot write there. Whoever was only asked counts as having said nothing."""
    person = event.person
    if not person:
        return room_changed(group, "lost", facts)
    if any(one.person == person and one.answer == "asked" for one in group.leaders):
        return lapse_lead(group, person)
    if group.joining is not None and group.joining.person == person:
        return Decision()  # like silence
    if any(one.person == person and one.status == "asked" for one in group.members):
        return lapse_invite(group, person, facts)
    if not takes_part(group, person) or person in group.unreached or group.status == "closed":
        return Decision()
    new = replace(group, unreached=changed(group.unreached, person, there=True))
    return Decision(new, note(new, facts))


def not_sure(group: Group, event: NotSure, facts: Facts) -> Decision:
    """Nobody knows whether something was shown: it is not sent again before somebody says so."""
    concerned = not event.person or takes_part(group, event.person)
    if group.status != "running" or not concerned or event.person in group.unsure:
        return Decision()
    new = replace(group, unsure=changed(group.unsure, event.person, there=True))
    return Decision(new, note(new, facts))


def heard(decision: Decision, group: Group | None, facts: Facts) -> Decision:
    """Whoever acts can be reached after all, and what they pressed did arrive."""
    group = decision.group or group
    if group is None or group.status == "closed":
        return decision
    new = replace(
        group,
        unreached=tuple(one for one in group.unreached if one != facts.me),
        unsure=tuple(one for one in group.unsure if one != facts.proved),
    )
    if new == group:
        return decision
    return replace(decision, group=new, effects=(*decision.effects, *note(new, facts)))


def send_again(group: Group, action: SendAgain, facts: Facts) -> Decision:
    """A facilitator lets it be posted once more."""
    if not leads(group, facts.me) or group.status != "running":
        return UNAVAILABLE
    who = action.who
    there = who in (*group.unsure, *group.unreached) or (not who and group.room == "lost")
    if not there:
        return UNAVAILABLE
    new = replace(
        group,
        unsure=changed(group.unsure, who, there=False),
        unreached=changed(group.unreached, who, there=False),
        room=group.room if who or group.room != "lost" else "ok",
    )
    again = ShowAgain(Person(who) if who else Room(group.id))
    return Decision(new, (again, *note(new, facts)), Notice(T("room.again.done")))


# --- what can be done ---------------------------------------------------------------------------


def take_out(group: Group, action: TakeOut, facts: Facts) -> Decision:
    """A facilitator takes somebody out of the room who is not of the group."""
    if not leads(group, facts.me) or action.who not in group.visitors:
        return UNAVAILABLE
    if not facts.makes_rooms:
        return notice("room.out.by_hand")
    new, effects = let_out(group, action.who, facts)
    return Decision(new, (*effects, *note(new, facts)), Notice(T("room.out.done")))


def come_back(group: Group, _action: ComeBack, facts: Facts) -> Decision:
    """Somebody of the group would like to be in its room again."""
    me = facts.me
    if not takes_part(group, me) or me not in group.outside:
        return UNAVAILABLE
    new, effects = let_in(group, me, facts)
    if me in new.outside:
        return Decision(new, note(new, facts), Notice(T("outside.by_hand")))
    return Decision(new, (*effects, Remove(Person(me), "outside")), Notice(T("outside.done")))


def move_form(group: Group, action: StartHere, facts: Facts) -> Decision:
    """Ask once before another room becomes the group's, in place of one that cannot be used."""
    if not may_move(group, facts.me):
        return UNAVAILABLE
    form = Form(T("here.title"), action, (line("here.move"),), submit=T("here.submit"))
    return Decision(reply=OpenForm(form))


def move(group: Group, action: StartHere, place: Place, facts: Facts) -> Decision:
    """The group goes on in the room where its facilitator is, if no sponsor is in it."""
    if not may_move(group, facts.me):
        return UNAVAILABLE
    if place.private or place.native != action.room or facts.room_of:
        return UNAVAILABLE
    if refused := unfit(group, facts):
        return refused
    new = replace(group, room="ok", outside=(), waiting=(), visitors=visitors(group, facts.here))
    effects = (UseRoom(new.id, place), *_anew(new), *note(new, facts))
    return Decision(new, effects, Notice(T("here.moved")))


def may_move(group: Group, me: PersonId) -> bool:
    """Whether I may give a group another room: I lead it, and the one it has is of no use."""
    return group.status == "running" and group.room != "ok" and leads(group, me)


def unfit(group: Group, facts: Facts) -> Decision | None:
    """Why a room cannot be the group's: a sponsor is in it, or somebody of the group is not."""
    if not facts.here:
        return notice("here.unseen")
    if set(group.sponsors) & set(facts.here):
        return notice("here.sponsor")
    if not {*group.led_by, *group.people} <= set(facts.here):
        return notice("here.missing")
    return None


def visitors(group: Group, here: Collection[PersonId]) -> tuple[PersonId, ...]:
    """Who is here without being of the group."""
    return tuple(sorted({one for one in here if not takes_part(group, one)}))


def _anew(group: Group) -> tuple[Effect, ...]:
    """What the room shows of the meeting that comes, or is going on."""
    meeting = group.next_meeting
    if meeting is None:
        return ()
    effects: tuple[Effect, ...] = beside(group)
    if "question" in meeting.came:
        effects = (*effects, *question(group, meeting))
    effects = (*effects, *ask_titles(group, meeting))
    if meeting.ballot is not None and meeting.ballot.closed_at is None:
        return (*effects, *vote_shown(group, meeting, meeting.ballot))
    return effects


# --- cards --------------------------------------------------------------------------------------


def outside_card(group: Group) -> Card:
    """To somebody of the group who is not in its room: back, or out of the group too?"""
    return plain(
        group,
        "outside",
        primary("outside.back", ComeBack(group.id)),
        button("leave", LeaveGroup(group.id)),
    )
