"""The product's index: each event, and the rule that answers it.

Event -> handle(group, event, facts) -> Decision(group, effects, reply)
"""

from dataclasses import replace
from typing import assert_never

from bot.core import (
    action as a,
)
from bot.core import (
    aloud,
    ballot,
    calendar,
    cases,
    checkins,
    coordinating,
    freedays,
    handing,
    held,
    home,
    hours,
    joining,
    leading,
    life,
    losses,
    meetings,
    mine,
    newcomers,
    opening,
    optin,
    owner,
    paper,
    partner,
    planning,
    proposals,
    reflections,
    replanning,
    reunion,
    rooms,
    rules,
    session,
    skipping,
)
from bot.core.answers import Answers
from bot.core.asked import asked_truly
from bot.core.commands import obey
from bot.core.decision import UNAVAILABLE, Decision, notice
from bot.core.due import LAPSE, awake, concerned, made_up
from bot.core.effect import Effect, Person, Put, Remove, Room, Shred
from bot.core.event import (
    ButtonPressed,
    CommandGiven,
    CouldNotReach,
    DrawersLost,
    Event,
    FormSubmitted,
    HomeOpened,
    Installed,
    MemberChanged,
    MomentCame,
    NotSure,
    PersonId,
    Place,
    RoomChanged,
    RoomSeen,
    TextWritten,
)
from bot.core.facts import Facts
from bot.core.model import Group, Meeting
from bot.core.rights import takes_part, undisturbed


def handle(group: Group | None, event: Event, facts: Facts) -> Decision:
    """What follows from an event; the same for the same three, always."""
    return asked_truly(_decided(group, event, facts), group)


def _decided(group: Group | None, event: Event, facts: Facts) -> Decision:
    match event:
        case CommandGiven():
            return obey(event, facts)
        case HomeOpened():
            return home.home(facts)
        case TextWritten():
            return notice("free_text")
        case Installed():
            return home.home(facts) if event.place.private else rooms.greet(facts)
        case ButtonPressed():
            decision = _act(group, event.action, None, event.place, facts)
            return rooms.heard(decision, group, facts)
        case FormSubmitted():
            decision = _act(group, event.action, event.answers, event.place, facts)
            return rooms.heard(decision, group, facts)
    if group is None:
        return Decision()
    match event:
        case MemberChanged():
            return rooms.member_changed(group, event.came, facts)
        case RoomChanged():
            return rooms.room_changed(group, event.how, facts)
        case RoomSeen():
            return rooms.room_seen(group, event.how, facts)
        case CouldNotReach():
            return rooms.could_not_reach(group, event, facts)
        case NotSure():
            return rooms.not_sure(group, event, facts)
        case DrawersLost():
            return losses.drawers_lost(group, event)
        case MomentCame():
            return _moment(group, event, facts)
    assert_never(event)


def _act(
    group: Group | None, action: a.Action, answers: Answers | None, place: Place, facts: Facts
) -> Decision:
    """A button (`answers` is None) opens a form or acts; a form acts."""
    if answers is not None and isinstance(action, a.READ):
        return UNAVAILABLE  # what is only read has nothing to send: this form is none of ours
    if isinstance(action, a.OfPerson):
        return _of_person(action, answers, facts)
    if isinstance(action, a.OpenGroup):
        if answers is None:
            return opening.open_again(group, action, facts)
        return opening.open_group(group, action, answers, facts)
    if group is None or group.status == "closed":
        if group is not None and isinstance(action, a.ReadKept):
            return _in_meeting(group, action, answers, facts)
        return UNAVAILABLE
    match action:
        case a.AnswerLead():
            return handing.answer_lead(group, action, facts)
        case a.ReplaceLeader():
            if answers is None:
                return leading.replace_form(group, action, facts)
            return leading.replace_leader(group, action, answers, facts)
        case a.AnswerInvite():
            return optin.answer_invite(group, action, facts)
        case a.SignUp():
            return joining.sign_up(group, action, facts)
        case a.AskMore():
            return optin.ask_more(group, action, facts)
        case a.ShowGroup():
            return optin.show_group(group, action, facts)
        case a.StartGroup():
            return life.start(group, action, facts)
        case a.StartHere() if group.status == "running":
            if answers is None:
                return rooms.move_form(group, action, facts)
            return rooms.move(group, action, place, facts)
        case a.StartHere():
            if answers is None:
                return life.start_here_form(group, action, facts)
            return life.start_here(group, action, place, facts)
        case a.ComeBack():
            return rooms.come_back(group, action, facts)
        case a.TakeOut():
            return rooms.take_out(group, action, facts)
        case a.SendAgain():
            return rooms.send_again(group, action, facts)
        case a.CloseGroup():
            if answers is None:
                return life.close_form(group, action, facts)
            return life.close(group, action, facts)
        case a.LeaveGroup():
            if answers is None:
                return life.leave_form(group, action, facts)
            return life.leave(group, action, facts)
        case a.TellManager():
            return optin.tell_manager(group, action, facts)
        case a.GetCalendar() | a.NameCalendar():
            return _calendar(group, action, answers, facts)
        case a.ReadRules() | a.ChangeRules():
            return _rules(group, action, answers, facts)
        case (
            a.PlanGroup()
            | a.AddMeeting()
            | a.ChangePlan()
            | a.PauseGroup()
            | a.MarkFree()
            | a.HandOver()
            | a.ProposeJoin()
            | a.AllowJoin()
            | a.AcceptJoin()
        ):
            return _life_happens(group, action, answers, facts)
        case a.ReadAloud():
            return aloud.read(group, action, facts)
    return _in_meeting(group, action, answers, facts)


def _life_happens(
    group: Group, action: a.OfLife, answers: Answers | None, facts: Facts
) -> Decision:
    match action:
        case a.PlanGroup():
            if answers is None:
                return planning.choose_form(group, action, facts)
            return planning.choose(group, action, answers, facts)
        case a.AddMeeting():
            if answers is None:
                return planning.add_form(group, action, facts)
            return planning.add(group, action, answers, facts)
        case a.ChangePlan():
            if answers is None:
                return replanning.change_form(group, action, facts)
            return replanning.change(group, action, answers, facts)
        case a.PauseGroup():
            if answers is None:
                return replanning.rest_form(group, action, facts)
            return replanning.rest(group, action, answers, facts)
        case a.MarkFree():
            if answers is None:
                return freedays.form(group, action, facts)
            return freedays.mark(group, action, answers, facts)
        case a.ProposeJoin():
            if answers is None:
                return newcomers.propose_form(group, action, facts)
            return newcomers.propose(group, action, answers, facts)
        case a.AllowJoin():
            return newcomers.allow(group, action, facts)
        case a.AcceptJoin():
            return newcomers.accept(group, action, facts)
        case a.HandOver():
            if answers is None:
                return handing.hand_over_form(group, action, facts)
            return handing.hand_over(group, action, answers, facts)
    assert_never(action)


def _of_person(action: a.OfPerson, answers: Answers | None, facts: Facts) -> Decision:
    """What concerns whoever acts, and no group more than another."""
    match action:
        case a.ChooseLanguage():
            if answers is None:
                return home.language_form(facts)
            return home.choose_language(answers, facts)
        case a.SetHours():
            if answers is None:
                return hours.hours_form(facts)
            return hours.set_hours(answers, facts)
        case a.MyData():
            return mine.show(action, facts) if answers is None else mine.erase_form(facts)
        case a.ExportMine():
            return mine.export(action, facts) if answers is None else Decision()
        case a.EraseMine():
            return mine.erase_form(facts) if answers is None else mine.erase(facts)
        case a.SeeGroups():
            return coordinating.see_groups(action, facts)
        case a.SeeFigures():
            return coordinating.see_figures(action, facts)
    assert_never(action)


def _calendar(
    group: Group, action: a.GetCalendar | a.NameCalendar, answers: Answers | None, facts: Facts
) -> Decision:
    match action:
        case a.GetCalendar():
            if answers is None:
                return calendar.form(group, action, facts)
            return calendar.get(group, action, facts)
        case a.NameCalendar():
            if answers is None:
                return calendar.name_form(group, action, facts)
            return calendar.name(group, action, answers, facts)
        case _:
            assert_never(action)


def _in_meeting(
    group: Group, action: a.OfMeeting, answers: Answers | None, facts: Facts
) -> Decision:
    meeting = group.meeting(action.meeting)
    if meeting is None:
        return UNAVAILABLE
    if isinstance(action, a.PRIVATE) and not undisturbed(group) and takes_part(group, facts.me):
        return notice("room.rests")
    match action:
        case a.Attend():
            return meetings.attend(group, meeting, action, facts)
        case a.CheckIn():
            if answers is None:
                return checkins.form(group, meeting, action, facts)
            return checkins.check_in(group, meeting, action, answers, facts)
        case a.SkipCheckIn():
            return checkins.skip(group, meeting, action, facts)
        case a.ReadCheckIns():
            return checkins.read(group, meeting, action, facts)
        case a.BringCase():
            if answers is None:
                return cases.form(group, meeting, action, facts)
            return cases.bring(group, meeting, action, answers, facts)
        case a.WithdrawCase():
            return cases.withdraw(group, meeting, action, facts)
        case a.AddCase():
            if answers is None:
                return cases.add_form(group, meeting, action, facts)
            return cases.add(group, meeting, action, answers, facts)
        case a.MoveGuide():
            return session.move(group, meeting, action, facts)
        case a.AddMinutes():
            return session.add_minutes(group, meeting, action, facts)
        case a.PauseGuide():
            return session.pause(group, meeting, action, facts)
        case a.SetGuide():
            if answers is None:
                return session.set_form(group, meeting, action, facts)
            return session.set_up(group, meeting, action, answers, facts)
        case a.EndMeeting():
            return session.end(group, meeting, facts)
        case a.SkipMeeting():
            if answers is None:
                return skipping.skip_form(group, meeting, action, facts)
            return session.skip(group, meeting, facts)
        case a.MoveMeeting() | a.AcceptMove() | a.Postpone() | a.KeepMeeting():
            return _move(group, meeting, action, answers, facts)
        case a.MarkHeld():
            return held.mark(group, meeting, action, facts)
        case a.GetSheet():
            return paper.get(group, meeting, action, facts)
        case a.AgreeRules():
            return rules.agree(group, action, facts)
        case a.Today():
            return ballot.today(group, meeting, action, facts)
        case a.OpenVote():
            return ballot.open_vote(group, meeting, action, facts)
        case a.CastVote():
            if answers is None:
                return ballot.cast_form(group, meeting, action, facts)
            return ballot.cast(group, meeting, action, answers, facts)
        case a.CloseVote():
            return ballot.close_by_hand(group, meeting, action, facts)
        case a.ChooseInRoom():
            if answers is None:
                return ballot.choose_form(group, meeting, action, facts)
            return ballot.choose(group, meeting, action, answers, facts)
        case a.HideOwner():
            return owner.hide(group, meeting, action, facts)
        case a.ChoosePartner() | a.ProposePartner() | a.AnswerPartner() | a.NotePartner():
            return _partner(group, meeting, action, answers, facts)
        case a.OfferTitles():
            return cases.offer_titles(group, meeting, action, facts)
        case a.AllowTitles():
            return cases.allow_titles(group, meeting, action, facts)
        case a.AskReunion() | a.VoteReunion() | a.CloseReunion():
            return _reunion(group, meeting, action, facts)
        case a.Reflect():
            if answers is None:
                return reflections.form(group, meeting, action, facts)
            return reflections.reflect(group, meeting, action, answers, facts)
        case a.ReadKept():
            return reflections.read_kept(group, meeting, action, facts)
        case a.Pulse():
            if answers is None:
                return reflections.pulse_form(group, meeting, action, facts)
            return reflections.pulse(group, meeting, action, answers, facts)
        case a.TakeFurther():
            if answers is None:
                return reflections.further_form(group, meeting, action, facts)
            return reflections.take_further(group, meeting, action, answers, facts)
    assert_never(action)


def _move(
    group: Group,
    meeting: Meeting,
    action: a.MoveMeeting | a.AcceptMove | a.Postpone | a.KeepMeeting,
    answers: Answers | None,
    facts: Facts,
) -> Decision:
    match action:
        case a.MoveMeeting():
            if answers is None:
                return planning.move_form(group, meeting, action, facts)
            return planning.move(group, meeting, action, answers, facts)
        case a.AcceptMove():
            return planning.accept(group, meeting, action, facts)
        case a.Postpone():
            return planning.postpone(group, meeting, action, facts)
        case a.KeepMeeting():
            return planning.keep(group, meeting, action, facts)
    assert_never(action)


def _rules(
    group: Group, action: a.ReadRules | a.ChangeRules, answers: Answers | None, facts: Facts
) -> Decision:
    match action:
        case a.ReadRules():
            return rules.read(group, action, facts)
        case a.ChangeRules():
            if answers is None:
                return rules.change_form(group, action, facts)
            return rules.change(group, action, answers, facts)
        case _:
            assert_never(action)


def _partner(
    group: Group,
    meeting: Meeting,
    action: a.ChoosePartner | a.ProposePartner | a.AnswerPartner | a.NotePartner,
    answers: Answers | None,
    facts: Facts,
) -> Decision:
    match action:
        case a.ChoosePartner():
            if answers is None:
                return partner.choose_form(group, meeting, action, facts)
            return partner.choose(group, meeting, action, answers, facts)
        case a.ProposePartner():
            return partner.propose(group, meeting, action, facts)
        case a.AnswerPartner():
            return partner.answer(group, meeting, action, facts)
        case a.NotePartner():
            if answers is None:
                return partner.note_form(group, meeting, action, facts)
            return partner.note(group, meeting, action, answers, facts)
        case _:
            assert_never(action)


def _reunion(
    group: Group,
    meeting: Meeting,
    action: a.AskReunion | a.VoteReunion | a.CloseReunion,
    facts: Facts,
) -> Decision:
    match action:
        case a.AskReunion():
            return reunion.ask(group, meeting, action, facts)
        case a.VoteReunion():
            return reunion.vote(group, meeting, action, facts)
        case a.CloseReunion():
            return reunion.close(group, meeting, action, facts)
        case _:
            assert_never(action)


# --- moments ------------------------------------------------------------------------------------


def _moment(group: Group, event: MomentCame, facts: Facts) -> Decision:
    """A moment has come. What is too late to be of use passes in silence."""
    if event.kind == "joining":
        return newcomers.answered(group)
    if event.kind == "newcomer":
        return Decision(*newcomers.over(group))
    if event.kind == "lapse":
        return _lapse(group, event.who, facts)
    if event.kind == "reunion":
        return reunion.soon(group, facts)
    if event.kind == "reunited":
        return reunion.been(group)
    meeting = group.meeting(event.meeting)
    assert meeting is not None, "a moment of no meeting is wanted by no state"
    came = replace(meeting, came=meeting.came | {_came(event)})
    group = group.with_meeting(came)
    own = group.hours.get(event.who)
    if own is not None and not own.include(facts.now):
        return Decision(group)
    match event.kind:
        case "begin":
            late = facts.now >= group.ends(came)
            return Decision(group) if late else session.begin(group, came)
        case "finish":
            return session.finish(group, came, event.due_at, held=True)
        case "close":
            assert came.ballot is not None
            return replace(
                ballot.close(group, came, came.ballot, facts.now), reply=Decision().reply
            )
        case "shred":
            return _shred(group, came, facts)
        case "forget":
            gone = _taken(group, came, "reflect", "lost")
            return Decision(group, (Shred(f"{came.number}/mine"), *gone))
        case "pulse":
            waits = any(not came.told("pulse", one) for one in group.led_by)
            told = group if waits else group.with_meeting(replace(came, pulse={}))
            return Decision(told, reflections.pulse_shown(group, came, (event.who,)))
        case "release":
            gone = _taken(group, came, "further", "lost")
            return Decision(group, (Shred(f"{came.number}/carried"), *gone))
    return Decision(group, _prompts(group, came, event, facts))


def _came(event: MomentCame) -> str:
    """What a meeting remembers of a moment, so that it comes once."""
    return f"{event.kind}/{event.who}" if event.who else event.kind


def _lapse(group: Group, person: PersonId, facts: Facts) -> Decision:
    """What somebody was asked a week ago, to lead or to join or both, is asked no more."""
    before = facts.now - LAPSE
    lapsed = Decision(group)
    for leader in group.leaders:
        if leader.person == person and leader.answer == "asked" and leader.asked_at <= before:
            lapsed = leading.lapse_lead(group, person)
    for one in group.members:
        asked = one.person == person and one.status == "asked"
        if asked and one.asked_at is not None and one.asked_at <= before:
            more = optin.lapse_invite(lapsed.group or group, person, facts)
            lapsed = replace(more, effects=(*lapsed.effects, *more.effects))
    return lapsed


def _prompts(
    group: Group, meeting: Meeting, moment: MomentCame, facts: Facts
) -> tuple[Effect, ...]:
    """What is said around a meeting; before it only until it starts."""
    kind = moment.kind
    if kind == "next_day":
        following = group.following(meeting)
        assert following is not None, "nothing is asked after the last meeting"
        late = facts.now >= group.starts(following)
        late = late or made_up(group, moment, meeting.owner, facts.now)
        return () if late else reflections.next_day(group, meeting)
    if facts.now >= group.starts(meeting) and kind != "announce":
        return ()
    if kind in ("question", "checkin") and not undisturbed(group):
        return ()
    match kind:
        case "announce":
            return meetings.announce(group, meeting)
        case "question":
            return meetings.question(group, meeting)
        case "remind":
            those = concerned(group, meeting, moment, group.people)
            asked = [one for one in those if not made_up(group, moment, one, facts.now)]
            return meetings.remind(group, meeting, asked)
        case "overview":
            led_by = concerned(group, meeting, moment, group.led_by)
            return meetings.overview_for(group, meeting, *led_by)
        case "propose":
            return proposals.propose(group, meeting, moment.who, facts.now)
        case "checkin":
            return checkins.ask(group, meeting, concerned(group, meeting, moment, group.people))
    raise AssertionError(f"no rule for the moment {kind}")


def _shred(group: Group, meeting: Meeting, facts: Facts) -> Decision:
    """A day after the meeting its texts are destroyed; after the last one the group is closed."""
    number, before = meeting.number, group.previous(meeting)
    gone: list[Effect] = [Shred(f"{number}/meeting"), Remove(Room(group.id), f"vote/{number}")]
    gone += _taken(group, meeting, "overview", "guide", "lost")
    calm = reflections.kept_card(group, meeting)
    gone += [
        Put(Person(one), f"reflect/{number}", calm)
        if reflections.kept(group, meeting, one)
        else Remove(Person(one), f"reflect/{number}")
        for one in group.people
    ]
    if meeting.held and before is not None:
        gone += _taken(group, before, "further")
    group, shown = _counted(group, meeting, facts)
    if all("shred" in one.came for one in group.meetings):
        group, unanswered = newcomers.over(group)
        group = replace(group, status="closed", closed_at=facts.now)
        gone += [*unanswered, *life.ended(group)]
        group, over = reunion.forgotten(group)
        group = replace(group, status="closed", closed_at=facts.now)
        gone += [Shred(rules.DRAWER), *over, *life.ended(group)]
        gone += [Remove(Room(group.id), name) for name in ("closing", "rules")]
    return Decision(group, (*gone, *shown, meetings.room_card(group, meeting)))


def _counted(group: Group, meeting: Meeting, facts: Facts) -> tuple[Group, tuple[Effect, ...]]:
    """The three questions, counted once: told to those who lead now, or at their next hour.

    While the group rests nobody is told.
    """
    counts = reflections.counted(group, meeting)
    if not counts:
        return group, ()
    now = [
        one
        for one in group.led_by
        if awake(group, facts.now) == facts.now
        and (one not in group.hours or group.hours[one].include(facts.now))
    ]
    told = meeting.came | {f"pulse/{one}" for one in now}
    counted = replace(meeting, pulse=counts, came=told)
    kept = counted if len(now) < len(group.led_by) else replace(counted, pulse={})
    return group.with_meeting(kept), reflections.pulse_shown(group, counted, now)


def _taken(group: Group, meeting: Meeting, *kinds: str) -> tuple[Effect, ...]:
    """These private cards of a meeting are of no more use to anybody."""
    return tuple(
        Remove(Person(one), f"{kind}/{meeting.number}")
        for one in (*group.led_by, *group.people)
        for kind in kinds
    )
