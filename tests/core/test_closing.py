"""A group ends: by its sponsor, or by itself after the last meeting."""

from datetime import timedelta

import pytest

from bot.core.action import CheckIn, CloseGroup, Reflect, SkipMeeting
from bot.core.due import MEETING_LIVES, finish_at
from tests.core.play import POOL, SPONSOR, Play, keys
from tests.core.stages import before, begun, joined, opened, started, voting

BUTTONS_LEFT = {"language.open"}


def close(play: Play) -> Play:
    play.press(SPONSOR, CloseGroup(play.group.id))
    assert "close.text" in keys(play.form(SPONSOR))
    play.fill(SPONSOR)
    assert play.told(SPONSOR) == "closed"
    return play


def everybody(play: Play) -> tuple[str, ...]:
    return ("", SPONSOR, "lena", "omar", *POOL)


def test_before_the_start_all_who_were_asked_are_told_in_private() -> None:
    play = close(joined(4))
    for person in ("anna", "lena"):
        assert "closed.group" in play.keys(person), person
    assert "invite.over" in play.keys("ida"), "who had not answered yet"
    assert not play.chat("kim"), "who was never asked is never told"
    assert not any(play.buttons(person) for person in everybody(play))


def test_closed_before_the_start_nothing_tells_a_no_from_silence() -> None:
    play = joined(4)
    play.tap("elin", "invite.no")
    close(play)
    assert play.chat("elin") == play.chat("fia")
    assert {one.status for one in play.group.members} == {"yes"}


def test_leaders_who_have_not_answered_are_told_too() -> None:
    play = opened()
    play.tap("omar", "lead.no")
    close(play)
    assert "closed.group" in play.keys("lena", "lead")
    assert not any(play.buttons(person) for person in everybody(play))


def test_a_running_group_gets_one_neutral_line_and_nothing_to_press() -> None:
    play = close(voting())
    assert set(play.chat("")) == {"meeting/1", "closed"}
    assert not any(play.buttons(person) for person in everybody(play))
    assert not play.group.drawers
    assert not any(play.wanted.values())


def test_what_was_written_is_destroyed_whatever_its_deadline() -> None:
    play = before(2)
    play.submit("anna", Reflect(play.group.id, 1), support="kept for a week", keep=True)
    play.submit("anna", CheckIn(play.group.id, 2), words="written early on", level="all")
    close(play)
    assert not play.group.drawers
    assert set(play.chat("anna")) == {"invite"}
    assert not play.buttons("")


def test_a_closed_group_answers_nothing() -> None:
    play = close(begun(2))
    for person, action in (
        ("anna", CheckIn(play.group.id, 2)),
        ("lena", SkipMeeting(play.group.id, 2)),
        (SPONSOR, CloseGroup(play.group.id)),
        ("anna", Reflect(play.group.id, 1)),
    ):
        play.press(person, action)
        assert play.told(person) == "unavailable"
        play.submit(person, action)
        assert play.told(person) == "unavailable"
    for person in ("anna", "lena", SPONSOR):
        assert "home.none" in keys(play.home(person))


@pytest.mark.parametrize("person", ["anna", "lena", "stranger"])
def test_only_the_sponsor_closes(person: str) -> None:
    for play in (joined(4), started()):
        for send in (play.press, play.submit):
            send(person, CloseGroup(play.group.id))
            assert play.told(person) == "unavailable"


def test_a_day_after_the_last_meeting_the_group_is_closed() -> None:
    play = started()
    play.go("finish", 10)
    assert play.group.status == "running"
    assert "home.over" in keys(play.home("anna"))
    assert "home.over" in keys(play.home("lena"))
    play.go("shred", 10)
    ended = play.group.meetings[9].ended_at
    assert ended
    assert play.group.closed_at == ended + MEETING_LIVES
    assert not any(play.buttons(person) for person in everybody(play))
    assert not play.group.drawers
    assert not any(play.wanted.values())


def test_a_last_meeting_called_off_early_still_has_its_texts_destroyed() -> None:
    play = started()
    play.go("finish", 9)
    play.submit("anna", CheckIn(play.group.id, 10), words="never to be met", level="all")
    play.now += MEETING_LIVES / 2
    play.submit("lena", SkipMeeting(play.group.id, 10))
    play.go("shred", 9)
    assert play.group.status == "running"
    play.go("shred", 10)
    assert play.group.status == "closed"
    assert not play.group.drawers


def test_a_meeting_that_nobody_was_there_to_end_has_ended_when_it_was_to() -> None:
    play = begun(2)
    at = finish_at(play.group, play.group.meetings[1])
    play.now += timedelta(days=3)
    play.go("finish", 2)
    assert play.group.meetings[1].ended_at == at
    shred = next(one for one in play.wanted[play.group.id] if one.kind == "shred")
    assert shred.due_at == at + MEETING_LIVES < play.now
