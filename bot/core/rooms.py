"""The group's room and the ways to its people: who is in it, and what did not arrive.

Private steps rest while a sponsor, or anybody from outside, can look on. Nothing is ever shown in
another place instead: those who lead are told, in private, and decide.
"""

from collections.abc import Collection
from dataclasses import replace

from bot.core.action import ComeBack, LeaveGroup, SendAgain, StartHere, TakeOut
from bot.core.ballot import shown as vote_shown
from bot.core.card import Buttons, Card, Element, Form, Heading, T, Who
from bot.core.cards import button, line, name, plain, primary, quiet
from bot.core.decision import UNAVAILABLE, Decision, Greeting, Notice, OpenForm, notice
from bot.core.effect import Effect, LetIn, LetOut, Person, Put, Remove, Room, ShowAgain, UseRoom
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


def member_changed(group: Group, person: PersonId, came: bool) -> Decision:
    """Somebody came into the room or went out of it."""
    mine = takes_part(group, person)
    visitors = _with(group.visitors, person, there=came and not mine)
    outside = _with(group.outside, person, there=mine and not came)
    return _now(group, replace(group, visitors=visitors, outside=outside))


def room_changed(group: Group, how: RoomState) -> Decision:
    """The room can no longer be used, or be trusted; or it is again as it should be.

    Of a room that is lost nobody knows who is in it.
    """
    new = replace(group, room=how)
    if how == "lost":
        new = replace(new, visitors=(), outside=())
    return _now(group, new)


def room_seen(group: Group, people: Collection[PersonId], how: RoomState) -> Decision:
    """The room as it is, whatever has been told of it before."""
    if how == "lost":
        return room_changed(group, how)
    ours = (*group.led_by, *group.people)
    new = replace(
        group,
        room=how,
        visitors=tuple(sorted(one for one in people if not takes_part(group, one))),
        outside=tuple(sorted(one for one in ours if one not in people)),
    )
    return _now(group, new)


def _with(people: tuple[PersonId, ...], person: PersonId, *, there: bool) -> tuple[PersonId, ...]:
    """These people with or without that one, in a fixed order.

    >>> _with(("anna", "cia"), "bo", there=True), _with(("anna",), "anna", there=False)
    (('anna', 'bo', 'cia'), ())
    """
    return tuple(sorted({*people, person} if there else set(people) - {person}))


def _now(group: Group, new: Group) -> Decision:
    """The group as it is now, and all that is to be said of the difference."""
    if group.status != "running" or new == group:
        return Decision()
    effects: list[Effect] = list(note(new))
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


def could_not_reach(group: Group, event: CouldNotReach) -> Decision:
    """Krets cannot write there. Whoever was only asked counts as having said nothing."""
    person = event.person
    if not person:
        return room_changed(group, "lost")
    if any(one.person == person and one.answer == "asked" for one in group.leaders):
        return lapse_lead(group, person)
    if any(one.person == person and one.status == "asked" for one in group.members):
        return lapse_invite(group, person)
    if not takes_part(group, person) or person in group.unreached:
        return Decision()
    new = replace(group, unreached=_with(group.unreached, person, there=True))
    return Decision(new, note(new))


def not_sure(group: Group, event: NotSure) -> Decision:
    """Nobody knows whether something was shown: it is not sent again before somebody says so."""
    concerned = not event.person or takes_part(group, event.person)
    if group.status != "running" or not concerned or event.person in group.unsure:
        return Decision()
    new = replace(group, unsure=_with(group.unsure, event.person, there=True))
    return Decision(new, note(new))


def heard(decision: Decision, group: Group | None, facts: Facts) -> Decision:
    """Whoever acts can be reached after all, and what they pressed did arrive."""
    group = decision.group or group
    if group is None:
        return decision
    new = replace(
        group,
        unreached=tuple(one for one in group.unreached if one != facts.me),
        unsure=tuple(one for one in group.unsure if one != facts.proved),
    )
    if new == group:
        return decision
    return replace(decision, group=new, effects=(*decision.effects, *note(new)))


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
        unsure=_with(group.unsure, who, there=False),
        unreached=_with(group.unreached, who, there=False),
        room=group.room if who or group.room != "lost" else "ok",
    )
    again = ShowAgain(Person(who) if who else Room(group.id))
    return Decision(new, (again, *note(new)), Notice(T("room.again.done")))


# --- what can be done ---------------------------------------------------------------------------


def take_out(group: Group, action: TakeOut, facts: Facts) -> Decision:
    """A facilitator takes somebody out of the room who is not of the group."""
    if not leads(group, facts.me) or action.who not in group.visitors:
        return UNAVAILABLE
    new = replace(group, visitors=_with(group.visitors, action.who, there=False))
    effects = (LetOut(group.id, action.who), *note(new))
    return Decision(new, effects, Notice(T("room.out.done")))


def come_back(group: Group, _action: ComeBack, facts: Facts) -> Decision:
    """Somebody of the group would like to be in its room again."""
    me = facts.me
    if not takes_part(group, me) or me not in group.outside:
        return UNAVAILABLE
    new = replace(group, outside=_with(group.outside, me, there=False))
    effects = (LetIn(group.id, me), Remove(Person(me), "outside"))
    return Decision(new, effects, Notice(T("outside.done")))


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
    new = replace(group, room="ok", outside=(), visitors=visitors(group, facts.here))
    return Decision(new, (UseRoom(new.id, place), *_anew(new), *note(new)), Notice(T("here.moved")))


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


def note(group: Group) -> tuple[Effect, ...]:
    """Those who lead see what stands in the way, as long as something does."""
    card = note_card(group)
    return tuple(
        Put(Person(one), "room", card) if card else Remove(Person(one), "room")
        for one in group.led_by
    )


def note_card(group: Group) -> Card | None:
    """What stands in the way, and what can be done about it; None if nothing does."""
    rows: list[Element] = []
    again = button("room.again", SendAgain(group.id, ""))
    if group.room == "lost":
        rows += [line("room.lost"), Buttons((again,))]
    if group.room == "shared":
        rows.append(line("room.shared"))
    for person in group.visitors:
        key = "room.sponsor" if person in group.sponsors else "room.visitor"
        out = button("room.out", TakeOut(group.id, person))
        rows += [line(key, who=Who((person,))), Buttons((out,))]
    if group.room != "lost" and "" in group.unsure:
        rows += [line("room.unsure"), Buttons((again,))]
    for person in sorted({*group.unreached, *group.unsure} - {""}):
        key = "room.unreached" if person in group.unreached else "room.unsure.who"
        rows.append(line(key, who=Who((person,))))
        rows.append(Buttons((button("room.again", SendAgain(group.id, person)),)))
    return Card((Heading(name(group)), *rows)) if rows else None


def outside_card(group: Group) -> Card:
    """To somebody of the group who is not in its room: back, or out of the group too?"""
    return plain(
        group,
        "outside",
        primary("outside.back", ComeBack(group.id)),
        button("leave", LeaveGroup(group.id)),
    )
