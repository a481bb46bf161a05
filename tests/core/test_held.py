"""A meeting that Krets has not seen is marked afterwards, by those who lead."""

import pytest

from bot.core import action as a
from bot.core.calendar import entries
from bot.core.figures import facts_of
from tests.core.play import SPONSOR, Play, keys
from tests.core.stages import before, begun, started, to_step


def mark(play: Play, meeting: int, held: bool, person: str = "lena") -> str:
    play.press(person, a.MarkHeld(play.group.id, meeting, held))
    return play.told(person)


def test_a_meeting_that_passed_unnoticed_is_asked_about_in_private() -> None:
    play = before(2)
    for person in ("lena", "omar"):
        assert "held.noted.yes" in keys(play.home(person))
        assert "held.noted.yes" in play.keys(person, "overview/1")
    for person in ("anna", SPONSOR):
        assert "held.noted.yes" not in keys(play.home(person)) | play.keys(person)


def test_it_did_not_take_place_and_everything_follows() -> None:
    play = before(2)
    assert "reflect/1" in play.chat("anna")
    assert mark(play, 1, held=False) == "held.no"
    assert not play.group.meetings[0].held
    assert "reflect/1" not in play.chat("anna")
    assert "reflect.open" not in keys(play.home("anna"))
    assert "card.skipped" in play.keys("", "meeting/1")
    assert "held.b.yes" in play.keys("omar", "overview/1")
    assert facts_of(play.group, play.now).held == 0
    assert next(entries(play.group)).called_off


def test_it_took_place_after_all() -> None:
    play = started()
    play.press("lena", a.SkipMeeting(play.group.id, 1))
    play.fill("lena")
    play.go(play.group.starts(play.group.meetings[0]))
    assert "held.noted.no" in keys(play.home("lena"))
    assert mark(play, 1, held=True) == "held.yes"
    assert play.group.meetings[0].held
    assert "card.held" in play.keys("", "meeting/1")
    first = next(entries(play.group))
    assert (first.called_off, first.revision) == (False, 2)


def test_on_the_same_day_everybody_may_then_reflect() -> None:
    play = before(2)
    mark(play, 1, held=False)
    mark(play, 1, held=True)
    assert "reflect/1" in play.chat("anna")


def test_days_later_it_counts_and_nobody_is_asked_anything() -> None:
    play = before(2)
    mark(play, 1, held=False)
    play.go("shred", 1)
    assert "overview/1" not in play.chat("lena")
    mark(play, 1, held=True)
    assert play.group.meetings[0].held
    assert "reflect/1" not in play.chat("anna")
    assert "overview/1" not in play.chat("lena")
    assert facts_of(play.group, play.now).held == 1


def test_saying_the_same_again_changes_nothing() -> None:
    play = before(2)
    was = play.group
    assert mark(play, 1, held=True) == "held.yes"
    assert play.group == was


@pytest.mark.parametrize("person", ["anna", SPONSOR, "stranger"])
def test_nobody_else_marks(person: str) -> None:
    play = before(2)
    assert mark(play, 1, held=False, person=person) == "unavailable"


def test_only_the_latest_one_can_be_marked() -> None:
    play = before(3)
    assert mark(play, 1, held=False) == "unavailable"
    assert mark(play, 3, held=False) == "unavailable"
    assert mark(play, 2, held=False) == "held.no"


def test_one_that_was_led_with_the_guide_is_known() -> None:
    play = begun(1)
    to_step(play, "round")
    play.tap("lena", "end.b")
    assert mark(play, 1, held=False) == "unavailable"
    assert "held.noted.yes" not in keys(play.home("lena"))
    assert "held.noted.yes" not in play.keys("lena")
