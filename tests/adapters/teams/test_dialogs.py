"""Which buttons open a dialog: what the table says is what the rules do."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import fields, replace
from functools import cache
from typing import Any, get_args

import pytest

from adapters.teams.dialogs import opens_dialog
from bot.core import action as a
from bot.core.decision import OpenForm
from bot.core.event import ButtonPressed, Identity
from bot.core.figures import YearFigures
from bot.core.handle import handle
from tests.core import stages
from tests.core.play import COORDINATOR, LEADERS, POOL, SPONSOR, Play, person_place
from tests.core.test_story import Seen, after_the_meeting, before_the_meeting, the_meeting

KINDS: tuple[Any, ...] = get_args(a.Action)
#: Opened by the command alone; its button comes of the dialog's own way in.
OPENED_BY_COMMAND = {"open"}
#: Ask once whether one is sure, and act otherwise.
ASKS_ONCE = {"guide", "accept"}


def situations() -> Iterator[Play]:
    """What there is to press at the turns of a programme."""
    yield stages.opened()
    refused = stages.opened()
    refused.tap(LEADERS[0], "lead.no")
    yield refused
    yield stages.gathering()
    complete = stages.joined()
    complete.tap(LEADERS[0], "gather.show")
    yield complete
    voting = stages.with_cases()
    yield voting
    voting.tap("lena", "vote.open")
    yield voting
    owned = voting.copy()
    owned.submit("lena", a.ChooseInRoom(owned.group.id, 2), who="anna")
    yield owned
    braking = stages.begun(2)
    stages.to_step(braking, "hypotheses")
    yield braking
    play, seen = stages.started(), Seen()
    for number in (1, 2, 3):
        before_the_meeting(play, number, seen)
        yield play
        the_meeting(play, number, seen)
        yield play
        after_the_meeting(play, number, seen)
        yield play


def every(kind: Any, play: Play) -> Iterator[a.Action]:
    """Actions of this kind about the group and the meetings around now."""
    upcoming = play.group.next_meeting
    number = upcoming.number if upcoming else 10
    step = upcoming.guide.step if upcoming and upcoming.guide else 0
    found: dict[a.Action, None] = {}
    for meeting in (number, number - 1, number + 1):
        for flag in (True, False):
            values = {
                "group": play.group.id,
                "meeting": meeting,
                "from_step": step,
                "by": 1 if flag else -1,
                "answer": "yes",
                "yes": flag,
                "pause": flag,
                "sure": False,
                "months": 3,
                "version": 1,
                "what": "exercises/feet",
                "held": flag,
                "revision": upcoming.revision if upcoming else 0,
                "to": "2026-03-12T13:00",
                "weeks": 1,
                "why": "",
                "who": LEADERS[0],
                "room": "corner",
                "part": 1,
                "page": 1,
                "year": 2025,
            }
            names = [one.name for one in fields(kind) if one.name != "kind"]
            found[kind(**{name: values[name] for name in names})] = None
    yield from found


@cache
def answered() -> dict[str, set[bool]]:
    """Kind of button -> whether it was answered by a form, by anybody at any time."""
    found = defaultdict(set)
    for play in situations():
        for person in (SPONSOR, COORDINATOR, *LEADERS, *POOL[:8]):
            told = replace(play.facts(person), figures=YearFigures(2025), mine=())
            at = person_place(person)
            for kind in KINDS:
                for action in every(kind, play):
                    group = None if isinstance(action, a.OfPerson) else play.group
                    event = ButtonPressed("", Identity("playground", "t1", person), at, action)
                    facts = told if group else replace(told, mine=(play.group,))
                    reply = handle(group, event, facts).reply
                    found[action.kind].add(isinstance(reply, OpenForm))
    return dict(found)


@pytest.mark.parametrize("kind", KINDS)
def test_a_button_opens_a_dialog_if_the_rules_answer_it_by_a_form(kind: Any) -> None:
    example = next(every(kind, stages.opened()))
    forms = answered()[example.kind]
    if example.kind in OPENED_BY_COMMAND:
        assert opens_dialog(example)
    elif example.kind in ASKS_ONCE:
        assert not opens_dialog(example)
        assert forms == {True, False}
    else:
        assert opens_dialog(example) == (True in forms)
