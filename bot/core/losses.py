"""Drawers that open no more: those who lead are told once, and the group goes on without them."""

from dataclasses import replace

from bot.core.action import ChangeRules
from bot.core.card import Card, Heading, Text
from bot.core.cards import button, line, name, plain, starts
from bot.core.decision import Decision
from bot.core.effect import Effect, Person, Put, Remove, Room
from bot.core.event import DrawersLost
from bot.core.guide import beside
from bot.core.model import Group, Meeting, Rules
from bot.core.rules import DRAWER


def drawers_lost(group: Group, event: DrawersLost) -> Decision:
    """Take down which drawers open no more; a vote whose ballots are gone can be opened again."""
    lost = set(event.drawers) - set(group.lost)
    new = replace(group, lost=event.drawers)
    effects: tuple[Effect, ...] = ()
    for meeting in group.meetings:
        kinds = {kind for kind in _KINDS if f"{meeting.number}/{kind}" in lost}
        if kinds and group.status != "closed":
            new, told = _told(new, meeting, kinds)
            effects += told
    if DRAWER in lost and group.status != "closed":
        new = replace(new, rules=Rules())
        card = plain(new, "lost.rules", button("rules.change", ChangeRules(group.id)))
        effects += tuple(Put(Person(one), "lost/rules", card) for one in group.led_by)
    return Decision(new, effects)


#: What the deadlines of a meeting are called.
_KINDS = ("vote", "reunion", "partner", "meeting", "mine", "carried")


def _told(group: Group, meeting: Meeting, kinds: set[str]) -> tuple[Group, tuple[Effect, ...]]:
    rows: list[Text] = []
    effects: tuple[Effect, ...] = ()
    if "vote" in kinds and meeting.ballot is not None and meeting.ballot.closed_at is None:
        rows.append(line("lost.vote"))
        group = group.with_meeting(replace(meeting, ballot=None))
        effects = (Remove(Room(group.id), f"vote/{meeting.number}"), *beside(group))
    if "reunion" in kinds and meeting.reunion is not None and not meeting.reunion.closed:
        rows.append(line("lost.reunion"))
        group = group.with_meeting(replace(meeting, reunion=None))
        effects = (*effects, Remove(Room(group.id), "reunion"), *beside(group))
    if len(rows) < len(kinds):
        rows.append(line("lost.text", date=starts(group, meeting, "date")))
    card = Card((Heading(name(group)), *rows))
    put = tuple(Put(Person(one), f"lost/{meeting.number}", card) for one in group.led_by)
    return group, (*effects, *put)
