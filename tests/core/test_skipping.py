"""The first meeting that is held and the last that stands keep what only they have."""

import pytest

from bot.core import action as a
from bot.core.method import AgendaName
from bot.core.model import from_document, to_document
from bot.core.reflections import has_pulse
from tests.core.play import Play, keys
from tests.core.stages import before, begun, now, started, to_step, with_cases


def skip(play: Play, number: int) -> None:
    play.press("lena", a.SkipMeeting(play.group.id, number))
    play.fill("lena")
    assert play.told("lena") == "skip.done"


def agendas(play: Play) -> dict[int, AgendaName]:
    """The agendas of the meetings that stand, other than the ordinary one."""
    found = {one.number: play.group.agenda_name(one) for one in play.group.standing}
    return {number: name for number, name in found.items() if name != "ordinary"}


def test_the_first_meeting_that_is_held_has_the_first_agenda() -> None:
    play = started()
    assert agendas(play) == {1: "first", 10: "last"}
    skip(play, 1)
    assert agendas(play) == {2: "first", 10: "last"}
    play.go("begin", 2)
    assert play.group.step(now(play)) == play.method.first[0]
    assert not [one for one in play.came if (one.kind, one.meeting) == ("question", 2)]
    to_step(play, "rules")
    assert "rules.agree" in play.buttons("lena")


def test_the_last_meeting_that_stands_has_the_last_agenda() -> None:
    play = before(9)
    skip(play, 10)
    assert agendas(play) == {1: "first", 9: "last"}
    play.go("begin", 9)
    to_step(play, "closing")
    assert "reunion.ask" in play.buttons("lena")


def test_a_last_meeting_that_leaves_nobody_its_closing_is_offered_another_time() -> None:
    play = before(10)
    play.press("lena", a.SkipMeeting(play.group.id, 10))
    form = play.form("lena")
    assert {"skip.closing", "move.other"} <= keys(form)
    play.press("lena", form.extra[0].action)
    assert play.form("lena").title.key == "plan.title"


def test_a_closing_that_another_meeting_takes_over_is_not_spoken_of() -> None:
    play = before(9)
    play.press("lena", a.SkipMeeting(play.group.id, 10))
    assert not {"skip.closing", "move.other"} & keys(play.form("lena"))


def test_a_last_meeting_that_has_begun_has_no_other_time() -> None:
    play = begun(10)
    play.press("lena", a.SkipMeeting(play.group.id, 10))
    assert "skip.closing" in keys(play.form("lena"))
    assert not play.form("lena").extra


def test_a_meeting_called_off_between_changes_no_agenda() -> None:
    play = before(3)
    skip(play, 5)
    assert agendas(play) == {1: "first", 10: "last"}


@pytest.mark.parametrize("number", [2, 9])
def test_a_meeting_that_has_begun_keeps_its_agenda(number: int) -> None:
    play = begun(number)
    agenda = play.group.agenda(now(play))
    skip(play, 10)
    assert play.group.agenda(now(play)) == agenda


def test_a_last_meeting_that_has_begun_goes_on_when_one_is_added() -> None:
    play = begun(10)
    to_step(play, "closing")
    play.press("lena", a.AddMeeting(play.group.id))
    play.fill("lena", to="2026-05-12T13:00")
    step = play.group.step(now(play))
    assert step is not None
    assert step.does == "closing"
    assert agendas(play) == {1: "first", 10: "last", 11: "last"}


def test_a_first_meeting_called_off_in_its_first_step_leaves_its_agenda_to_the_next() -> None:
    play = begun(1)
    skip(play, 1)
    assert agendas(play) == {2: "first", 10: "last"}


def test_the_three_questions_are_asked_after_the_first_held_and_the_last_standing() -> None:
    play = started()
    skip(play, 1)
    skip(play, 10)
    asked = [one.number for one in play.group.standing if has_pulse(play.group, one)]
    assert asked == [2, 5, 9]
    play.go("finish", 2)
    assert "pulse.open" in play.buttons("anna")
    play.go("finish", 9)
    play.press("anna", a.Pulse(play.group.id, 9))
    assert "pulse.whole" in keys(play.form("anna"))


def test_a_last_meeting_held_after_all_has_the_three_questions() -> None:
    play = before(10)
    skip(play, 10)
    play.press("lena", a.MarkHeld(play.group.id, 10, held=True))
    assert "pulse.open" in play.buttons("anna")


def test_when_the_first_did_not_take_place_after_all_nobody_is_asked_for_a_question() -> None:
    play = before(2)
    play.go("question", 2)
    play.press("lena", a.MarkHeld(play.group.id, 1, held=False))
    assert "question/2" not in play.chat("")
    assert "case.open" not in play.keys("", "meeting/2")
    play.press("lena", a.MarkHeld(play.group.id, 1, held=True))
    assert "question/2" in play.chat("")
    assert "case.open" in play.keys("", "meeting/2")


def test_other_rules_are_told_in_the_room_only_once_the_group_has_met() -> None:
    play = started()
    skip(play, 1)
    play.submit("lena", a.ChangeRules(play.group.id), rules="We listen to the end.")
    assert "rules" not in play.chat("")


def test_a_stored_meeting_that_had_begun_before_keeps_the_agenda_of_its_number() -> None:
    play = with_cases(2)
    group = play.group
    document = to_document(group).replace('"rank":[2,10]', '"rank":[0,0]')
    stored = from_document(document, group.method, group.drawers)
    assert stored != group
    assert stored.agenda(stored.meetings[1]) == group.method.ordinary
