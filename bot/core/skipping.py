"""A meeting is called off: asked once, and told in the room if anybody had been shown it."""

from dataclasses import replace

from bot.core.action import MoveMeeting, SkipMeeting
from bot.core.card import Button, Form, T, Text
from bot.core.cards import button, line, plain, starts
from bot.core.decision import UNAVAILABLE, Decision, OpenForm
from bot.core.effect import Effect, Put, Remove, Room
from bot.core.facts import Facts
from bot.core.guide import beside
from bot.core.meetings import question
from bot.core.model import Group, Meeting
from bot.core.rights import leads


def can_skip(group: Group, meeting: Meeting) -> bool:
    """Whether a meeting can be called off: the next, also while it goes on, or a later one."""
    return group.status == "running" and meeting.ended_at is None


def skip_form(group: Group, meeting: Meeting, action: SkipMeeting, facts: Facts) -> Decision:
    """Ask once before a meeting is called off."""
    if not leads(group, facts.me) or not can_skip(group, meeting):
        return UNAVAILABLE
    fields: tuple[Text, ...] = (line("skip.text", date=starts(group, meeting, "date")),)
    extra: tuple[Button, ...] = ()
    if _closes(group, meeting):
        fields = (*fields, line("skip.closing"))
    if _closes(group, meeting) and meeting in group.coming:
        extra = (button("move.other", MoveMeeting(group.id, meeting.number)),)
    form = Form(T("skip.title"), action, fields, submit=T("skip.b"), extra=extra)
    return Decision(reply=OpenForm(form))


def _closes(group: Group, meeting: Meeting) -> bool:
    """Whether the closing would be lost with it: no meeting is left that could take it over."""
    closing = any(step.does == "closing" for step in group.agenda(meeting))
    return closing and not any(one != meeting for one in group.coming)


# --- what the room reads -------------------------------------------------------------------------


def is_shown(meeting: Meeting) -> bool:
    """Whether anybody has been shown it: its card is in the room, or somebody was reminded."""
    came = {one.partition("/")[0] for one in meeting.came}
    return meeting.number == 1 or not came.isdisjoint({"announce", "remind"})


def tell_skipped(group: Group) -> tuple[Put, ...]:
    """One short notice of each that is called off: when the next is; never why, nor by whom."""
    puts: list[Put] = []
    for meeting in _skipped(group):
        day, after = starts(group, meeting, "date"), group.next_meeting
        card = plain(group, "skipped", date=day)
        if after is not None:
            card = plain(group, "skipped.next", date=day, when=starts(group, after))
        puts.append(Put(Room(group.id), f"skipped/{meeting.number}", card))
    return tuple(puts)


def met_again(group: Group) -> tuple[Group, tuple[Remove, ...]]:
    """Once the group has met, the notices before that are of no more use."""
    gone = tuple(Remove(Room(group.id), f"skipped/{one.number}") for one in _skipped(group))
    for one in _skipped(group):
        group = group.with_meeting(replace(one, came=one.came - {"skipped"}))
    return group, gone


def _skipped(group: Group) -> tuple[Meeting, ...]:
    """Those of which a notice stands in the room."""
    return tuple(one for one in group.meetings if "skipped" in one.came)


def reordered(before: Group, group: Group) -> tuple[Effect, ...]:
    """What has been said of the next meeting, if it has another agenda or theme by now."""
    meeting = group.next_meeting
    if meeting is None:
        return ()
    was, now = ((of.agenda_name(meeting), of.theme(meeting)) for of in (before, group))
    if was == now:
        return ()
    asked: tuple[Effect, ...] = ()
    if "question" in meeting.came:
        gone = Remove(Room(group.id), f"question/{meeting.number}")
        asked = question(group, meeting) or (gone,)
    return (*beside(group), *asked)
