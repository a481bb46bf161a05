"""What belongs to a meeting is unavailable before the group has started, or before it begins."""

from typing import Any

import pytest

from bot.core import action as a
from tests.core.play import POOL, room
from tests.core.stages import before, joined

OF_MEETING: dict[type, tuple[Any, ...]] = {
    a.Attend: ("yes",),
    a.CheckIn: (),
    a.SkipCheckIn: (),
    a.ReadCheckIns: (),
    a.MoveGuide: (0, 1),
    a.AddMinutes: (0,),
    a.PauseGuide: (True,),
    a.EndMeeting: (),
    a.SkipMeeting: (),
    a.AgreeRules: (),
    a.Today: (True,),
    a.AddCase: (),
    a.OpenVote: (),
    a.CastVote: (),
    a.CloseVote: (),
    a.ChooseInRoom: (),
    a.Reflect: (),
    a.Pulse: (),
    a.TakeFurther: (),
    a.WithdrawCase: (),
    a.ReadKept: (),
}
WHEN_BEGUN = [
    one
    for one in OF_MEETING
    if one not in (a.Attend, a.CheckIn, a.SkipCheckIn, a.ReadCheckIns, a.SkipMeeting, a.AgreeRules)
]


@pytest.mark.parametrize("kind", OF_MEETING, ids=lambda kind: kind.__name__)
def test_before_the_start_there_is_no_meeting_to_answer(kind: Any) -> None:
    play = joined(8)
    was = play.group
    for person in ("anna", "lena"):
        for send in (play.press, play.submit):
            send(person, kind(play.group.id, 1, *OF_MEETING[kind]))
            assert play.told(person) == "unavailable"
    play.press("anna", a.BringCase(play.group.id, 2))
    assert play.told("anna") == "case.closed"
    assert play.group == was


@pytest.mark.parametrize("kind", WHEN_BEGUN, ids=lambda kind: kind.__name__)
def test_before_the_meeting_begins_nothing_of_it_can_be_done(kind: Any) -> None:
    play = before(2)
    was = play.group
    for person in ("anna", "lena"):
        for send in (play.press, play.submit):
            send(person, kind(play.group.id, 2, *OF_MEETING[kind]))
            assert play.told(person) == "unavailable"
    assert play.group == was


def test_here_is_for_those_who_lead() -> None:
    play = joined(8)
    play.tap("lena", "gather.show")
    play.command("anna", "here", room("corner", "lena", "omar", *POOL))
    assert play.told("anna") == "Home"
