"""Those who lead change the plan: one meeting is moved or added, or taken out of its place.

The moments of a meeting follow its time. What has been said about the old time is edited; one
short notice says the new one, and who comes is asked anew.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Literal

from bot.core.action import (
    AcceptMove,
    AddMeeting,
    Attend,
    ChangePlan,
    HandOver,
    KeepMeeting,
    MarkFree,
    MoveMeeting,
    PauseGroup,
    PlanGroup,
    Postpone,
    ProposeJoin,
    SkipMeeting,
)
from bot.core.answers import Answers, chosen_one
from bot.core.card import (
    Button,
    Buttons,
    Card,
    Choice,
    Details,
    Form,
    Heading,
    Option,
    T,
)
from bot.core.cards import button, danger, line, plain, primary, starts, words
from bot.core.decision import UNAVAILABLE, Decision, FieldErrors, Notice, OpenForm, notice
from bot.core.effect import Effect, Person, Put, Remove, Room
from bot.core.facts import Facts
from bot.core.guide import beside
from bot.core.meetings import question, remind_card
from bot.core.model import Group, Meeting
from bot.core.plan import day_off, fault, moved, read_when, shifted, when_fields
from bot.core.proposals import answered, is_off
from bot.core.rights import is_next, leads, takes_cases
from bot.core.skipping import tell_skipped

#: The most meetings a group has.
MOST = 60


def can_move(group: Group, meeting: Meeting, facts: Facts) -> bool:
    """Whether I may give this meeting another time: it has not begun, and I lead."""
    return group.status == "running" and meeting in group.coming and leads(group, facts.me)


def plan_card(group: Group) -> Card:
    """The meetings to come, and what can be changed of them."""
    rows = tuple((T("data.meeting", {"n": one.number}), _when(group, one)) for one in group.coming)
    id = group.id
    buttons = [
        button("plan.b", PlanGroup(id)),
        button("add.meeting", AddMeeting(id)),
        button("replan.b", ChangePlan(id)),
        button("rest.b", PauseGroup(id)),
        button("free.title", MarkFree(id)),
        button("hand.b", HandOver(id)),
    ]
    if not group.method.own_sign_up:
        buttons.append(button("newcomer.b", ProposeJoin(id)))
    details = (Details(rows),) if rows else ()
    if not rows:
        buttons = [button("add.meeting", AddMeeting(id)), button("hand.b", HandOver(id))]
    return Card((Heading(T("plan.coming")), *details, Buttons(tuple(buttons))))


def _when(group: Group, meeting: Meeting) -> T:
    """When a meeting is, and what speaks against the day."""
    when = starts(group, meeting)
    off = day_off(group, meeting.at.date()) if is_off(group, meeting) else None
    return words(when) if off is None else T("plan.off", {"when": when, "why": off})


# --- what follows -------------------------------------------------------------------------------


def told(
    before: Group, group: Group, number: int, key: str, *buttons: Button
) -> tuple[Effect, ...]:
    """One short notice in the room, and what has been said of the next meeting edited."""
    meeting = group.meeting(number)
    assert meeting is not None
    card = plain(group, key, *buttons, n=number, when=starts(group, meeting))
    return (*noticed(group, meeting, card), *edited(before, group))


def noticed(group: Group, meeting: Meeting, card: Card) -> tuple[Effect, ...]:
    """The notice on a meeting's newest time, instead of an older one."""
    room, revision = Room(group.id), meeting.revision
    older = (Remove(room, f"moved/{meeting.number}.{revision - 1}"),) if revision > 1 else ()
    return (*older, Put(room, f"moved/{meeting.number}.{revision}", card))


def edited(before: Group, group: Group) -> tuple[Effect, ...]:
    """What has been said of the next meeting, as it is to be read now; nothing is said anew."""
    was, meeting = before.next_meeting, group.next_meeting
    if was is None or meeting is None:
        return ()
    effects: list[Effect] = [*beside(group)]
    if was.at != meeting.at:
        effects += (*answered(group, meeting), *tell_skipped(group))
        if "question" in meeting.came and takes_cases(group, meeting):
            effects += question(group, meeting)
        card = remind_card(group, meeting)
        effects += [
            Put(Person(one), f"remind/{meeting.number}", card)
            for one in group.people
            if meeting.told("remind", one) and one not in was.attendance
        ]
    return tuple(effects)


def _moved(group: Group, meeting: Meeting, at: datetime, facts: Facts) -> Decision:
    kept: frozenset[Literal["day", "few"]] = frozenset({"day"})  # if it is off, it was chosen so
    new = group.with_meeting(replace(moved(meeting, at, facts.now), kept=kept))
    effects = told(group, new, meeting.number, "moved", *_asked(new, meeting))
    return Decision(new, effects, Notice(T("moved.done")))


def _asked(group: Group, meeting: Meeting) -> tuple[Button, ...]:
    """*I'm coming* and the rest, for the next meeting only."""
    if not is_next(group, group.meeting(meeting.number) or meeting):
        return ()
    yes, no, late = (Attend(group.id, meeting.number, how) for how in ("yes", "no", "late"))
    return (primary("card.yes", yes), button("card.no", no), button("card.late", late))


# --- one meeting --------------------------------------------------------------------------------


def choose_form(group: Group, action: PlanGroup, facts: Facts) -> Decision:
    """Which of the coming meetings is to be at another time?"""
    if group.status != "running" or not leads(group, facts.me):
        return UNAVAILABLE
    options = tuple(
        Option(str(one.number), T("plan.row", {"n": one.number, "when": starts(group, one)}))
        for one in group.coming
    )
    if not options:
        return notice("home.over")
    field = Choice("meeting", T("plan.which"), options, chosen=(options[0].value,))
    return Decision(reply=OpenForm(Form(T("plan.title"), action, (field,), submit=T("plan.go"))))


def choose(group: Group, action: PlanGroup, answers: Answers, facts: Facts) -> Decision:
    """Its form follows."""
    allowed = tuple(str(one.number) for one in group.coming)
    number = chosen_one(answers, "meeting", allowed)
    meeting = group.meeting(int(number or 0))
    if meeting is None:
        return choose_form(group, action, facts)
    return move_form(group, meeting, MoveMeeting(group.id, meeting.number), facts)


def move_form(group: Group, meeting: Meeting, action: MoveMeeting, facts: Facts) -> Decision:
    """The free times nearest to the one it has, and any other."""
    if not can_move(group, meeting, facts):
        return UNAVAILABLE
    said = line("plan.row", n=meeting.number, when=starts(group, meeting))
    fields = (said, *when_fields(group, meeting.number, meeting.at, facts, but=meeting.at.date()))
    skip = danger("move.skip", SkipMeeting(group.id, meeting.number))
    form = Form(T("plan.title"), action, fields, submit=T("plan.move"), extra=(skip,))
    return Decision(reply=OpenForm(form))


def move(
    group: Group, meeting: Meeting, action: MoveMeeting, answers: Answers, facts: Facts
) -> Decision:
    """The meeting is moved, or the form says what speaks against it and what is free."""
    if not can_move(group, meeting, facts):
        return UNAVAILABLE
    at, errors = read_when(group, meeting.number, answers, meeting.at, facts)
    if at is None:
        return Decision(reply=FieldErrors(errors))
    if at == meeting.at:
        return notice("moved.same")
    return _moved(group, meeting, at, facts)


def accept(group: Group, meeting: Meeting, action: AcceptMove, facts: Facts) -> Decision:
    """A proposal is taken up, if the meeting stands as it stood and the time is still free."""
    try:
        at = datetime.fromisoformat(action.to).replace(tzinfo=None)
    except ValueError:
        return UNAVAILABLE
    if not can_move(group, meeting, facts) or meeting.revision != action.revision:
        return UNAVAILABLE
    if fault(group, meeting.number, at, facts.now) is not None:
        return move_form(group, meeting, MoveMeeting(group.id, meeting.number), facts)
    return _moved(group, meeting, at, facts)


def postpone(group: Group, meeting: Meeting, action: Postpone, facts: Facts) -> Decision:
    """This meeting and all later ones are put off by some weeks."""
    if not can_move(group, meeting, facts) or meeting.revision != action.revision:
        return UNAVAILABLE
    if not 1 <= action.weeks <= MOST:
        return UNAVAILABLE
    new = shifted(group, meeting.number, action.weeks, facts.now)
    asked = _asked(new, meeting)
    effects = told(group, new, meeting.number, "moved.all", *asked)
    return Decision(new, effects, Notice(T("moved.done")))


def keep(group: Group, meeting: Meeting, action: KeepMeeting, facts: Facts) -> Decision:
    """The time stays, and it is asked no more."""
    if not can_move(group, meeting, facts) or meeting.revision != action.revision:
        return UNAVAILABLE
    new = group.with_meeting(replace(meeting, kept=meeting.kept | {action.why}))
    seen = beside(new) if is_next(new, new.meeting(meeting.number) or meeting) else ()
    return Decision(new, (*answered(new, meeting), *seen), Notice(T("move.kept")))


def add_form(group: Group, action: AddMeeting, facts: Facts) -> Decision:
    """One more meeting: when?"""
    if group.status != "running" or not leads(group, facts.me):
        return UNAVAILABLE
    if len(group.meetings) >= MOST:
        return notice("plan.most")
    number = len(group.meetings) + 1
    fields = when_fields(group, number, _after_last(group), facts)
    return Decision(reply=OpenForm(Form(T("add.meeting"), action, fields, submit=T("plan.add"))))


def add(group: Group, action: AddMeeting, answers: Answers, facts: Facts) -> Decision:
    """A meeting is added after the last."""
    if group.status != "running" or not leads(group, facts.me) or len(group.meetings) >= MOST:
        return UNAVAILABLE
    number = len(group.meetings) + 1
    at, errors = read_when(group, number, answers, _after_last(group), facts)
    if at is None:
        return Decision(reply=FieldErrors(errors))
    new = replace(group, meetings=(*group.meetings, Meeting(number, at).revised(facts.now)))
    return Decision(new, told(group, new, number, "added"), Notice(T("added.done")))


def _after_last(group: Group) -> datetime:
    """A rhythm after the last meeting."""
    return group.meetings[-1].at + timedelta(weeks=group.every)
