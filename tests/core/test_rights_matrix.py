"""Who may what, when: every action by every role in every state, held against a table.

`rights.golden` has a line for each action and state with the roles that may; whoever is not named
gets the answer that is the same for absent, forbidden, finished and foreign, and changes nothing.
A new action without a line fails. To see what a change of the rules does to the table:
`python -m tests.core.test_rights_matrix`.
"""

import sys
from collections.abc import Callable, Iterator
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import Any, get_args

import pytest

from bot.core import action as a
from bot.core.decision import UNAVAILABLE
from bot.core.event import ButtonPressed, FormSubmitted, Identity
from bot.core.handle import handle
from tests.core.play import COORDINATOR, POOL, SPONSOR, Play, person_place, room
from tests.core.stages import (
    before,
    begun,
    gathering,
    joined,
    opened,
    signing,
    started,
    to_step,
    vote,
    voting,
    with_cases,
)

GOLDEN = Path(__file__).parent / "rights.golden"
KINDS: tuple[Any, ...] = get_args(a.Action)
#: What a coordinator may, and nobody else: see what concerns no group more than another.
COORDINATING = (a.SeeGroups, a.SeeFigures)
#: Concern no group that is there, or (`tests.core.test_mine`) nobody but whoever acts.
FREE = (a.ChooseLanguage, a.SetHours, a.OpenGroup, a.MyData, a.ExportMine, a.EraseMine)


def asked() -> Play:
    """Some have said yes, one has said no, the group has been shown."""
    play = joined(6)
    play.tap("gun", "invite.no")
    play.tap("lena", "gather.show")
    return play


def running() -> Play:
    """Anna and Bo bring questions; Hans has left, Gun is not in the room, a stranger is."""
    play = started(8)
    play.go("question", 2)
    for person in ("anna", "bo"):
        play.submit(person, a.BringCase(play.group.id, 2), case=f"The question of {person}")
    play.press("hans", a.LeaveGroup(play.group.id))
    play.fill("hans")
    play.goes("gun")
    play.comes("stranger")
    return play


def with_vote() -> Play:
    play = voting(2, "anna", "bo")
    play.press("hans", a.LeaveGroup(play.group.id))
    play.fill("hans")
    return play


def exploring() -> Play:
    """Anna's question has been chosen, and somebody is asked to be her conversation partner."""
    play = with_vote()
    for person in POOL[:7]:
        vote(play, person, "anna")
    to_step(play, "explore")
    return play


def with_owner() -> Play:
    """Anna's question has been chosen, and the meeting is in the step in which each reflects."""
    play = with_vote()
    for person in POOL[:7]:
        vote(play, person, "anna")
    to_step(play, "reflection")
    return play


def afterwards() -> Play:
    """The next working day; Anna has kept a reflection."""
    play = with_owner()
    play.submit(
        "anna", a.Reflect(play.group.id, 2), support="what I keep", take="more of it", keep=True
    )
    play.go("next_day", 2)
    return play


def closing() -> Play:
    """The last meeting closes, and the group is asked whether it meets again."""
    play = begun(10)
    to_step(play, "closing")
    play.tap("lena", "reunion.ask")
    return play


def closed() -> Play:
    play = afterwards()
    play.command(SPONSOR, "close")
    play.fill(SPONSOR)
    return play


def joining() -> Play:
    """Per may join if all members agree."""
    play = before(2)
    play.submit("lena", a.ProposeJoin(play.group.id), newcomer=("per",))
    return play


STATES: dict[str, Callable[[], Play]] = {
    "opened": opened,
    "refused": lambda: tapped(opened(), "omar", "lead.no"),
    "gathering": gathering,
    "shown": asked,
    "lost": lambda: lost(running()),
    "before": running,
    "first": lambda: begun(1),
    "first over": lambda: before(2),
    "cases": lambda: with_cases(2, "anna", "bo"),
    "titles": lambda: tapped(with_cases(2, "anna", "bo"), "lena", "titles.offer"),
    "vote": with_vote,
    "explore": exploring,
    "chosen": with_owner,
    "day after": afterwards,
    "joining": joining,
    "closing": closing,
    "closed": closed,
    "own": lambda: signing("at-risk", 2),
}


def lost(play: Play) -> Play:
    play.room_is("lost")
    return play


def tapped(play: Play, person: str, label: str) -> Play:
    play.tap(person, label)
    return play


@cache
def stage(state: str) -> Play:
    return STATES[state]()


def cast(play: Play) -> dict[str, str]:
    """Somebody of each role that there is."""
    group = play.group
    sponsor = group.sponsors[0]
    found = {"sponsor": sponsor, "outsider": "stranger", "coordinator": COORDINATOR}
    for leader in group.leaders:
        found |= {"leader" if leader.answer == "yes" else "candidate": leader.person}
    authors = {case.by for one in group.meetings for case in one.cases}
    for one in reversed(group.members):
        status = {"asked": "invited", "yes": "member", "no": "left", "left": "left"}
        role = status.get(one.status, "outsider")
        found |= {"author" if one.person in authors else role: one.person}
    asked = group.next_meeting.partner_asked if group.next_meeting else ""
    found |= {"asked": asked} if asked else {}
    if "gun" in group.outside:
        found["outside"] = "gun"
    return found


def actions(kind: Any, play: Play) -> Iterator[Any]:
    """The action about the meeting that comes or goes on, and about the one before."""
    meeting = play.group.next_meeting or play.group.meetings[-1]
    guide = meeting.guide
    for number in {meeting.number, max(meeting.number - 1, 1)}:
        values = {
            "group": play.group.id,
            "who": "per"
            if kind is a.AllowJoin
            else "stranger"
            if kind is a.TakeOut
            else ("" if kind is a.SendAgain else "omar"),
            "room": "corner",
            "what": "exercises/feet",
            "page": 1,
            "year": play.now.year - 1,
            "meeting": number,
            "from_step": guide.step if guide else 0,
            "by": 1,
            "revision": meeting.revision,
            "weeks": 1,
            "to": "2026-03-12T13:00",
            "why": "day",
            "answer": "yes",
            "yes": True,
            "pause": True,
            "sure": True,
            "held": False,
            "months": 3,
            "version": play.group.rules.version,
        }
        yield kind(**{one.name: values[one.name] for one in fields(kind) if one.name != "kind"})


def may(play: Play, person: str, kind: Any) -> bool:
    """Whether a press or a form of this kind is taken up; what is not changes nothing."""
    corner = room("corner", *play.group.led_by, *play.group.people)
    taken = False
    for action in actions(kind, play):
        for place in (person_place(person), corner):
            for answers in (None, {}):
                trial = play.copy()
                who = Identity("playground", "t1", person)
                event: Any = (
                    ButtonPressed("", who, place, action)
                    if answers is None
                    else FormSubmitted("", who, place, action, answers)
                )
                reply = trial._deed(person, event)
                if reply == UNAVAILABLE.reply:
                    assert trial.groups == play.groups
                    assert trial.shown == play.shown
                else:
                    taken = True
    return taken


def row(kind: Any, state: str) -> str:
    """Who may do this in this state."""
    play = stage(state)
    return " ".join(role for role, who in sorted(cast(play).items()) if may(play, who, kind))


def kind_of(kind: Any) -> str:
    return str(next(one.default for one in fields(kind) if one.name == "kind"))


@cache
def golden() -> dict[tuple[str, str], str]:
    """Kind and state -> roles."""
    lines = [line.split("|") for line in GOLDEN.read_text().splitlines() if line]
    return {(kind.strip(), state.strip()): roles.strip() for kind, state, roles in lines}


@pytest.mark.parametrize("state", STATES)
def test_exactly_those_of_the_table_may(state: str) -> None:
    found = {(kind_of(kind), state): row(kind, state) for kind in KINDS if kind not in FREE}
    wanted = {key: roles for key, roles in golden().items() if key[1] == state}
    assert found == wanted


def test_every_action_in_every_state_has_a_line_and_no_line_is_left_over() -> None:
    kinds = {kind_of(kind) for kind in KINDS if kind not in FREE}
    assert set(golden()) == {(kind, state) for kind in kinds for state in STATES}


@pytest.mark.parametrize("kind", [one for one in KINDS if one not in (*FREE, *COORDINATING)])
def test_what_is_gone_foreign_or_another_s_is_all_the_same(kind: Any) -> None:
    play = stage("before")
    for action in actions(kind, play):
        for person in cast(play).values():
            who, place = Identity("playground", "t1", person), person_place(person)
            for event in (
                ButtonPressed("", who, place, action),
                FormSubmitted("", who, place, action, {}),
            ):
                assert handle(None, event, play.facts(person)) == UNAVAILABLE


def test_the_table_says_what_the_promise_says() -> None:
    for (kind, state), roles in golden().items():
        who = set(roles.split())
        if (kind, state) == ("sign", "own"):
            assert who == {"coordinator", "outsider"}, "whoever has no part yet may sign up"
            continue
        assert not who & {"outsider", "left"}, kind
        opener = {"sponsor"} if state == "own" else set()  # a coordinator has opened that one
        if kind == "free":
            assert who <= {"leader", "coordinator"} | opener, (
                "who knows the calendar of a workplace"
            )
            continue
        if kind in {"groups", "figures"} or "coordinator" in who:
            assert kind in {"groups", "figures"}
            assert who == {"coordinator"} | opener
            continue
        if "sponsor" in who:
            assert kind in {"close", "replace", "hand"}, "or ask another to lead"
        if state == "closed":
            assert kind == "kept" or not who


if __name__ == "__main__":
    table = [
        f"{kind_of(kind):9}| {state:10} | {row(kind, state)}".rstrip()
        for kind in KINDS
        if kind not in FREE
        for state in STATES
    ]
    sys.stdout.write("\n".join(table) + "\n")
