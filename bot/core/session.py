"""Leading a meeting through its steps: next, back, more time, a pause, the end.

Whatever one who leads presses, all who lead see; two who press together do it once.
"""

from dataclasses import replace
from datetime import datetime

from bot.core import ballot, owner, partner, reunion, titles
from bot.core.action import AddMinutes, MoveGuide, PauseGuide, SetGuide
from bot.core.answers import Answers, chosen_one, ticked
from bot.core.card import Choice, Form, Input, Option, T, Tick, Who
from bot.core.cards import line
from bot.core.decision import UNAVAILABLE, Decision, FieldErrors, Nothing, Notice, OpenForm
from bot.core.effect import Effect, Person, Put, Remove, Room, Shred
from bot.core.facts import Facts
from bot.core.guide import beside, closing_card, guide, today_card
from bot.core.held import asked as asked_whether_held
from bot.core.meetings import room_card
from bot.core.model import Group, Guide, Meeting
from bot.core.pace import until
from bot.core.reflections import ask as ask_reflections
from bot.core.rights import checks_in, going_on, is_next, leads, leads_today, takes_cases
from bot.core.skipping import can_skip, is_shown, met_again, reordered, tell_skipped

#: Minutes that *2 more minutes* adds.
MORE = 2


def begin(group: Group, meeting: Meeting) -> Decision:
    """The meeting starts: the guide opens at its first step."""
    begun = replace(meeting, guide=Guide(0, group.starts(meeting)), rank=group.rank(meeting))
    shown = _shown(group.with_meeting(begun), begun)
    late = tuple(Remove(Person(one), f"remind/{meeting.number}") for one in group.people)
    return replace(shown, effects=(*late, *shown.effects))


# --- moving -------------------------------------------------------------------------------------


def move(group: Group, meeting: Meeting, action: MoveGuide, facts: Facts) -> Decision:
    """Next or back. Two leaders pressing together take one step; the brake asks once."""
    at = meeting.guide
    if not leads(group, facts.me) or not is_next(group, meeting) or at is None:
        return UNAVAILABLE
    agenda = group.agenda(meeting)
    to = at.step + action.by
    if action.from_step != at.step or not 0 <= to < len(agenda):
        return Decision(reply=Nothing())
    early = facts.now < until(group, meeting, at)
    braking = agenda[at.step].does == "brake" and action.by == 1 and early
    if braking and not action.sure and at.braked != at.step:
        asked = replace(meeting, guide=replace(at, braked=at.step, braked_by=facts.me))
        braked = group.with_meeting(asked)
        sure = replace(action, sure=True)
        return Decision(braked, guide(braked, asked), OpenForm(_brake(sure)))
    moved = replace(meeting, guide=Guide(to, facts.now, braked=at.braked))
    over: tuple[Effect, ...] = ()
    if agenda[at.step].who == "partners":
        moved, over = replace(moved, partner_asked=""), partner.withdrawn(moved)
    new = group.with_meeting(moved)
    decision = _brings(new, moved, facts) if action.by == 1 else _shown(new, moved)
    if checks_in(group, meeting):
        over = (*over, *(Remove(Person(one), f"checkin/{moved.number}") for one in group.people))
    return replace(decision, effects=(*over, *decision.effects))


def _brake(sure: MoveGuide) -> Form:
    """Solutions come later: stay a little longer, or go on."""
    ways = (line("brake"),)
    return Form(T("brake.title"), sure, ways, submit=T("brake.go"), cancel=T("brake.stay"))


def _shown(group: Group, meeting: Meeting) -> Decision:
    """Where the meeting is: for those who lead, for the owner, and in the room's card."""
    room = () if meeting.ended_at is not None else (room_card(group, meeting),)
    return Decision(group, (*room, *owner.shown(group, meeting), *guide(group, meeting)))


def _brings(group: Group, meeting: Meeting, facts: Facts) -> Decision:
    """What a step brings when it begins."""
    step = group.step(meeting)
    assert step is not None
    effects: tuple[Effect, ...] = ()
    alone = step.who == "partners" and owner.needs_partner(group, meeting)
    if alone and not meeting.partner_asked:
        group, meeting, asked = partner.ask_next(group, meeting, facts)
        effects = (asked,) if asked else ()
    if step.does == "vote" and takes_cases(group, meeting):
        effects = tuple(
            Put(Person(case.by), f"today/{meeting.number}", today_card(group, meeting))
            for case in meeting.cases
            if not case.in_room
            and case.by in group.people  # whoever leads by now has no question any more
            and not group.item(f"{meeting.number}/vote", f"today/{case.by}")
        )
    if step.does == "reflection":
        meeting, effects = ask_reflections(group, meeting)
        group = group.with_meeting(meeting)
    if step.does == "closing":
        effects = (Put(Room(group.id), "closing", closing_card(group)),)
    shown = _shown(group, meeting)
    return replace(shown, effects=(*effects, *shown.effects))


def add_minutes(group: Group, meeting: Meeting, action: AddMinutes, facts: Facts) -> Decision:
    """Two more minutes for this step."""
    at = meeting.guide
    if not leads(group, facts.me) or not is_next(group, meeting) or at is None:
        return UNAVAILABLE
    if action.from_step != at.step:
        return Decision(reply=Nothing())
    longer = replace(meeting, guide=replace(at, extra=at.extra + MORE))
    return _shown(group.with_meeting(longer), longer)


def pause(group: Group, meeting: Meeting, action: PauseGuide, facts: Facts) -> Decision:
    """Pause, or go on where the meeting was; the time in between does not count."""
    at = meeting.guide
    if not leads(group, facts.me) or not is_next(group, meeting) or at is None:
        return UNAVAILABLE
    if action.pause == (at.paused_at is not None):
        return Decision(reply=Nothing())
    if at.paused_at is None:
        at = replace(at, paused_at=facts.now)
    else:
        at = replace(at, since=at.since + (facts.now - at.paused_at), paused_at=None)
    paused = replace(meeting, guide=at)
    return _shown(group.with_meeting(paused), paused)


# --- what they agree on -------------------------------------------------------------------------


def set_form(group: Group, meeting: Meeting, action: SetGuide, facts: Facts) -> Decision:
    """Who leads today, and whether the room's card shows the step."""
    if not leads(group, facts.me) or not is_next(group, meeting):
        return UNAVAILABLE
    fields: list[Input] = []
    if len(group.led_by) > 1:
        options = tuple(Option(one, T("value", {"value": Who((one,))})) for one in group.led_by)
        today = leads_today(group, meeting)
        fields.append(Choice("lead", T("guide.set.lead"), options, chosen=(today,)))
    fields.append(Tick("step", T("guide.set.step"), group.step_shown))
    form = Form(T("guide.set.title"), action, tuple(fields), submit=T("save"))
    return Decision(reply=OpenForm(form))


def set_up(
    group: Group, meeting: Meeting, action: SetGuide, answers: Answers, facts: Facts
) -> Decision:
    """The meeting is handed over, and the step shown in the room from now on, or not."""
    if not leads(group, facts.me) or not is_next(group, meeting):
        return UNAVAILABLE
    lead = chosen_one(answers, "lead", group.led_by)
    if not lead and len(group.led_by) > 1:
        return Decision(reply=FieldErrors({"lead": T("error.choose")}))
    settled = replace(meeting, lead=lead)
    new = replace(group, step_shown=ticked(answers, "step")).with_meeting(settled)
    return Decision(new, beside(new), Notice(T("noted")))


# --- the end ------------------------------------------------------------------------------------


def end(group: Group, meeting: Meeting, facts: Facts) -> Decision:
    """A facilitator ends the meeting."""
    if not leads(group, facts.me) or not is_next(group, meeting) or not going_on(meeting):
        return UNAVAILABLE
    return replace(finish(group, meeting, facts.now, True), reply=Notice(T("end.done")))


def skip(group: Group, meeting: Meeting, facts: Facts) -> Decision:
    """A facilitator marks that the meeting does not take place."""
    if not leads(group, facts.me) or not can_skip(group, meeting):
        return UNAVAILABLE
    return replace(finish(group, meeting, facts.now, False), reply=Notice(T("skip.done")))


def finish(group: Group, meeting: Meeting, now: datetime, held: bool) -> Decision:
    """The meeting is over: an open vote ends uncounted, and everybody may reflect."""
    vote = meeting.ballot
    uncounted = vote is not None and vote.closed_at is None
    if vote is not None and vote.closed_at is None:
        vote = ballot.ended(group, meeting, vote, now)
    told = meeting if held else meeting.revised(now)
    ended = replace(told, ended_at=now, held=held, ballot=vote, partner_asked="")
    effects: tuple[Effect, ...] = ()
    if held:
        ended, effects = ask_reflections(group, replace(ended, rank=group.rank(meeting)))
    elif is_shown(meeting):
        ended = replace(ended, came=ended.came | {"skipped"})
    again: tuple[Effect, ...] = ()
    if reunion.is_open(meeting):
        group, settled, again = reunion.settle(group, meeting)
        ended = replace(ended, reunion=settled.reunion)
    new = group.with_meeting(ended)
    asked = Remove(Room(group.id), f"question/{meeting.number}")
    moved = Remove(Room(group.id), f"moved/{meeting.number}.{meeting.revision}")
    gone: list[Effect] = [asked, titles.gone(group, meeting), moved]
    shown = f"vote/{meeting.number}"
    if uncounted:
        gone.append(Put(Room(group.id), shown, ballot.uncounted_card(ended)))
    elif not ended.owner:
        gone.append(Remove(Room(group.id), shown))
    for kind in ("remind", "checkin", "today"):
        gone += [Remove(Person(one), f"{kind}/{meeting.number}") for one in group.people]
    for kind in ("move", "overview"):
        gone += [Remove(Person(one), f"{kind}/{meeting.number}") for one in group.led_by]
    gone += [*owner.gone(meeting), *partner.withdrawn(meeting), *again]
    if held:
        new, late = met_again(new)
        gone += late
    else:
        gone += (*tell_skipped(new), *reordered(group, new))
    effects = (Shred(f"{meeting.number}/vote"), *effects, room_card(new, ended), *gone)
    unseen = asked_whether_held(new, ended) if held else ()
    return Decision(new, (*effects, *guide(new, ended), *unseen))
