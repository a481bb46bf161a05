"""A group's own life: it starts in a room, somebody leaves, it closes."""

from dataclasses import replace
from datetime import timedelta

from bot.core import reunion
from bot.core.action import CloseGroup, LeaveGroup, StartGroup, StartHere
from bot.core.ballot import close as close_vote
from bot.core.ballot import result_card, shown
from bot.core.card import Form, T, Who
from bot.core.cards import line, plain
from bot.core.decision import UNAVAILABLE, Decision, Notice, OpenForm, notice
from bot.core.doors import let_out, named, note
from bot.core.effect import Effect, OpenRoom, Person, Put, Remove, Room, Shred, UseRoom
from bot.core.event import PersonId, Place
from bot.core.facts import Facts
from bot.core.guide import beside
from bot.core.leading import replace_card
from bot.core.meetings import meeting_card, room_card
from bot.core.model import Group, Meeting
from bot.core.newcomers import settled
from bot.core.optin import FEWEST, by_hand, over_card, started_card
from bot.core.partner import withdrawn
from bot.core.rights import leads, opened, takes_part
from bot.core.rooms import unfit, visitors
from bot.core.skipping import met_again
from schedules.rule import wall

#: The private cards of one meeting, by the first part of their names.
OF_MEETING = (
    "remind",
    "checkin",
    "today",
    "owner",
    "partner",
    "reflect",
    "further",
    "overview",
    "move",
    "guide",
    "pulse",
    "lost",
)


# --- start --------------------------------------------------------------------------------------


def start(group: Group, _action: StartGroup, facts: Facts) -> Decision:
    """A facilitator starts the group in a new private room with those who said yes."""
    refused = _not_yet(group, facts)
    if refused is not None:
        return refused
    if not facts.makes_rooms:
        return Decision(reply=Notice(by_hand(group)))
    new = _started(group, facts)
    room = OpenRoom(new.id, (*new.led_by, *new.people))
    return Decision(new, (room, *_first_cards(group, new)), Notice(T("start.done")))


def start_here_form(group: Group, action: StartHere, facts: Facts) -> Decision:
    """Ask once before an existing room becomes the group's."""
    refused = _not_yet(group, facts)
    if refused is not None:
        return refused
    fields = (line("here.text"),)
    return Decision(reply=OpenForm(Form(T("here.title"), action, fields, submit=T("here.submit"))))


def start_here(group: Group, action: StartHere, place: Place, facts: Facts) -> Decision:
    """A facilitator starts the group in the room where they are, if no sponsor is in it."""
    refused = _not_yet(group, facts)
    if refused is not None:
        return refused
    if place.private or place.native != action.room or facts.room_of:
        return UNAVAILABLE
    if refused := unfit(group, facts):
        return refused
    new = _started(group, facts)
    new = replace(new, visitors=visitors(new, facts.here))
    effects = (UseRoom(new.id, place), *_first_cards(group, new), *note(new, facts))
    return Decision(new, effects, Notice(T("start.done")))


def _not_yet(group: Group, facts: Facts) -> Decision | None:
    if not leads(group, facts.me) or group.status != "gathering":
        return UNAVAILABLE
    if len(group.people) < FEWEST:
        return notice("start.few", low=FEWEST)
    if group.shown_at is None:
        return notice("start.unseen")
    return None


def _started(group: Group, facts: Facts) -> Group:
    """Running, without members who said no or nothing; a first date that has passed moves on."""
    first, now, weeks = group.meetings[0].at, wall(facts.now, group.zone), 0
    while first + timedelta(weeks=weeks) <= now:
        weeks += group.every
    return replace(
        group,
        status="running",
        members=tuple(one for one in group.members if one.status == "yes"),
        meetings=tuple(
            replace(meeting, at=meeting.at + timedelta(weeks=weeks)) for meeting in group.meetings
        ),
    )


def _first_cards(before: Group, group: Group) -> tuple[Effect, ...]:
    first = group.meetings[0]
    gone = [one.person for one in before.members if one.status == "asked"]
    return (
        Put(Room(group.id), "meeting/1", meeting_card(group, first)),
        *(Put(Person(one), "invite", started_card(group)) for one in group.people),
        *(Put(Person(one), "invite", over_card(group)) for one in gone),
        *(Put(Person(one), "gather", plain(group, "start.done")) for one in group.led_by),
        *(Remove(Person(one), "lead") for one in group.led_by),
    )


# --- leaving ------------------------------------------------------------------------------------


def leave_form(group: Group, action: LeaveGroup, facts: Facts) -> Decision:
    """Leaving takes one confirmation and no reason."""
    if not takes_part(group, facts.me) or group.status != "running":
        return UNAVAILABLE
    form = Form(T("leave.title"), action, (line("leave.text"),), submit=T("leave"))
    return Decision(reply=OpenForm(form))


def leave(group: Group, _action: LeaveGroup, facts: Facts) -> Decision:
    """Somebody leaves: nothing more is sent, and what they wrote is deleted."""
    me = facts.me
    if not takes_part(group, me) or group.status != "running":
        return UNAVAILABLE
    new, shown = _goes_on(group, _without(group, me), facts)
    if new.next_meeting is not None:
        new, asked = reunion.goes_on(new, new.next_meeting)
        shown = (*shown, *asked)
    new, invited = settled(new, facts)
    let: tuple[Effect, ...] = ()
    if me not in group.outside or facts.makes_rooms:
        new, let = let_out(new, me, facts)
    said = "left.by_hand" if me in new.visitors else "left"
    effects: list[Effect] = [
        *named(group, f"left/{me}", plain(new, "left.group", name=Who((me,)))),
        Put(Person(me), "invite", plain(new, said)),
        *let,
    ]
    for meeting in _so_far(group):
        effects += [Remove(Person(me), f"{kind}/{meeting.number}") for kind in OF_MEETING]
        effects += withdrawn(meeting) if _asks(meeting, me) else ()
    effects += [Remove(Person(me), "outside"), *note(new, facts)]
    if leads(group, me):
        effects += [Remove(Person(me), kind) for kind in ("gather", "lead", "room")]
        effects += [Put(Person(one), f"leader/{me}", replace_card(new, me)) for one in new.sponsors]
    return Decision(new, (*effects, *shown, *invited), Notice(T(said)))


def _goes_on(before: Group, group: Group, facts: Facts) -> tuple[Group, tuple[Effect, ...]]:
    """The meeting goes on without somebody; a vote that waited for them alone closes."""
    was, meeting = before.next_meeting, group.next_meeting
    if was is None or meeting is None:
        return group, ()
    ballot = meeting.ballot
    if ballot is not None and ballot.closed_at is None:
        if group.voted(meeting.number) < len(ballot.roll):
            return group, (*shown(group, meeting, ballot), *beside(group))
        closed = close_vote(group, meeting, ballot, facts.now)
        assert closed.group is not None
        return closed.group, (*closed.effects, *beside(closed.group))
    result = Put(Room(group.id), f"vote/{meeting.number}", result_card(group, meeting))
    return group, (*((result,) if was.owner == facts.me else ()), *beside(group))


def _asks(meeting: Meeting, me: PersonId) -> bool:
    """Whether the one who leaves is asked to be the conversation partner, or somebody for them."""
    return bool(meeting.partner_asked) and me in (meeting.owner, meeting.partner_asked)


def _so_far(group: Group) -> list[Meeting]:
    """The meetings that are over, and the next one."""
    return [one for one in group.meetings if one.ended_at or one == group.next_meeting]


def _without(group: Group, me: PersonId) -> Group:
    """The group without a person, and without what that person wrote."""
    new = replace(
        group,
        outside=tuple(one for one in group.outside if one != me),
        waiting=tuple(one for one in group.waiting if one != me),
        unreached=tuple(one for one in group.unreached if one != me),
        unsure=tuple(one for one in group.unsure if one != me),
        members=tuple(
            replace(one, status="left") if one.person == me else one for one in group.members
        ),
        leaders=tuple(
            replace(one, answer="no") if one.person == me else one for one in group.leaders
        ),
        meetings=tuple(
            replace(
                meeting,
                attendance={who: how for who, how in meeting.attendance.items() if who != me},
                cases=tuple(case for case in meeting.cases if case.by != me),
                ballot=meeting.ballot and meeting.ballot.without(me),
                owner="" if meeting.owner == me else meeting.owner,
                partner="" if me in (meeting.owner, meeting.partner) else meeting.partner,
                partner_asked="" if _asks(meeting, me) else meeting.partner_asked,
                reunion=meeting.reunion and meeting.reunion.without(me),
                lead="" if meeting.lead == me else meeting.lead,
                chosen="" if meeting.owner == me else meeting.chosen,
            )
            for meeting in group.meetings
        ),
    )
    cases = [case.id for one in group.meetings for case in one.cases if case.by == me]
    mine = {f"{kind}/{id}" for kind in ("case", "title") for id in cases}
    for drawer, items in group.drawers.items():
        written_as_owner = drawer in {
            f"{one.number}/carried" for one in group.meetings if one.owner == me
        }
        for item in items:
            if item.split("/")[-1] == me or item in mine or written_as_owner:
                new = new.with_item(drawer, item, "")
    return new


# --- closing ------------------------------------------------------------------------------------


def close_form(group: Group, action: CloseGroup, facts: Facts) -> Decision:
    """Ask once before a group ends."""
    if not opened(group, facts.me):
        return UNAVAILABLE
    form = Form(T("close.title"), action, (line("close.text"),), submit=T("close"))
    return Decision(reply=OpenForm(form))


def close(group: Group, _action: CloseGroup, facts: Facts) -> Decision:
    """The sponsor ends the group: no more meetings, one neutral line, content destroyed.

    Who said no, or nothing, is forgotten, as it is at a start.
    """
    if not opened(group, facts.me):
        return UNAVAILABLE
    kept = tuple(one for one in group.members if one.status in ("yes", "left"))
    met = tuple(replace(one, pulse={}) for one in group.meetings)
    new = replace(group, status="closed", closed_at=facts.now, members=kept, meetings=met)
    new = replace(new, joining=None, reunion_at=None)
    effects: list[Effect] = [Shred(drawer) for drawer in sorted(group.drawers)]
    if group.status == "running":
        effects += _goodbye(group)
        effects.append(Put(Room(group.id), "closed", plain(group, "closed.group")))
    effects += [Put(Person(one), "invite", plain(group, "closed.group")) for one in group.people]
    asked = [one.person for one in group.members if one.status == "asked"]
    effects += [Put(Person(one), "invite", over_card(group)) for one in asked]
    effects += [Put(Person(one), "gather", plain(group, "closed.group")) for one in group.led_by]
    return Decision(new, (*effects, *_nobody_leads(group)), Notice(T("closed")))


def _goodbye(group: Group) -> list[Effect]:
    """Take away what no longer can be answered."""
    effects: list[Effect] = [
        Remove(Room(group.id), name) for name in ("join", "rules", "closing", *reunion.CARDS)
    ]
    effects += met_again(group)[1]
    effects += [Remove(Person(one), "join") for one in group.led_by]
    for meeting in _so_far(group):
        for person in (*group.led_by, *group.people):
            effects += [Remove(Person(person), f"{kind}/{meeting.number}") for kind in OF_MEETING]
        effects += [
            Remove(Room(group.id), f"{kind}/{meeting.number}")
            for kind in ("question", "titles", "vote")
        ]
        effects.append(Remove(Room(group.id), f"moved/{meeting.number}.{meeting.revision}"))
        if meeting.ended_at is None:
            effects.append(Remove(Room(group.id), f"meeting/{meeting.number}"))
        else:
            over = replace(meeting, came=meeting.came | {"shred"})
            effects.append(room_card(group, over))
    return effects


def ended(group: Group) -> list[Effect]:
    """After the last meeting nothing is offered any more."""
    effects: list[Effect] = [
        Put(Person(one), "invite", plain(group, "home.over")) for one in group.people
    ]
    for meeting in group.meetings:
        if meeting.owner:
            effects.append(Remove(Person(meeting.owner), f"further/{meeting.number}"))
    return effects + _nobody_leads(group)


def _nobody_leads(group: Group) -> list[Effect]:
    """Nobody is asked to lead a closed group, and its sponsor is told that it is closed."""
    effects: list[Effect] = [
        Remove(Person(one), name) for one in group.led_by for name in ("room", "lost/rules")
    ]
    effects += [Remove(Person(one), "outside") for one in group.outside]
    for leader in group.leaders:
        if leader.answer == "asked":
            effects.append(Put(Person(leader.person), "lead", plain(group, "closed.group")))
        else:
            effects.append(Remove(Person(leader.person), "lead"))
        effects += [Remove(Person(one), f"leader/{leader.person}") for one in group.sponsors]
    effects += [Put(Person(one), "sponsor", plain(group, "closed")) for one in group.sponsors]
    return effects
