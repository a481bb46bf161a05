"""Whoever was asked reads the group as it is now, not as it was when they were asked."""

from bot.core import action as a
from bot.core.card import When
from tests.core.laws import inside
from tests.core.play import POOL, Play
from tests.core.stages import before

MEMBERS = POOL[:8]


def dates(play: Play, person: str, name: str) -> set[str]:
    return {f"{one.at:%m-%d}" for one in inside(play.chat(person)[name], When)}


def called_off(play: Play) -> None:
    play.submit("lena", a.SkipMeeting(play.group.id, 2))
    assert play.told("lena") == "skip.done"


def test_to_lead() -> None:
    play = before(2)
    play.submit("lena", a.HandOver(play.group.id), who="lena", leaders=("per",))
    assert "03-10" in dates(play, "per", "lead")
    called_off(play)
    assert "03-17" in dates(play, "per", "lead")
    assert "03-10" not in dates(play, "per", "lead")


def proposed() -> Play:
    play = before(2)
    play.submit("lena", a.ProposeJoin(play.group.id), newcomer=("per",))
    for one in MEMBERS:
        play.tap(one, "newcomer.yes")
    return play


def test_to_join_a_group_that_has_begun() -> None:
    play = proposed()
    assert "03-10" in dates(play, "per", "invite")
    called_off(play)
    assert "03-17" in dates(play, "per", "invite")
    assert "03-10" not in dates(play, "per", "invite")


def test_who_has_said_no_is_not_asked_again() -> None:
    play = proposed()
    play.tap("per", "invite.no")
    said = play.chat("per")["invite"]
    called_off(play)
    assert play.chat("per")["invite"] == said


def test_nothing_is_edited_that_still_holds() -> None:
    play = before(2)
    play.submit("lena", a.HandOver(play.group.id), who="lena", leaders=("per",))
    said = play.chat("per")["lead"]
    play.submit("anna", a.LeaveGroup(play.group.id))
    assert play.chat("per")["lead"] is said, "it was not put anew"
