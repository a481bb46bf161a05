"""Asking people one by one."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.action import AnswerInvite, AskMore, ShowGroup, StartGroup, TellManager
from bot.core.card import Details, Items, When
from bot.core.due import LAPSE
from tests.core.play import NOW, POOL, SPONSOR, inside, keys, people
from tests.core.stages import before, gathering, joined, opened, started


def waiting(play: object) -> int:
    details = next(inside(play.chat("lena")["gather"], Details))  # type: ignore[attr-defined]
    return int(details.rows[1][1].values["value"])


def test_a_yes_and_a_no_are_answered_in_private() -> None:
    play = gathering()
    play.tap("anna", "invite.yes")
    assert play.told("anna") == "invite.yes.done"
    assert set(play.buttons("anna")) == {"invite.tell", "invite.change"}
    play.tap("bo", "invite.no")
    assert play.told("bo") == "invite.no.done"
    assert not play.buttons("bo")
    assert not people(play.chat("anna")) - set(play.group.led_by)


def test_those_who_lead_see_who_is_in_and_not_who_said_no() -> None:
    play = gathering()
    assert "nobody.yet" in play.keys("lena", "gather")
    play.tap("anna", "invite.yes")
    play.tap("bo", "invite.no")
    for leader in ("lena", "omar"):
        assert people(play.chat(leader)["gather"]) == {"anna"}
    assert waiting(play) == 8


def test_the_sponsor_learns_nothing_from_the_answers() -> None:
    play = gathering()
    before = play.chat(SPONSOR)
    for person in POOL[:4]:
        play.tap(person, "invite.yes")
    play.tap("fia", "invite.no")
    assert play.chat(SPONSOR) == before
    assert not people(play.home(SPONSOR))


def test_until_the_start_one_may_change_ones_mind() -> None:
    play = joined(2)
    play.tap("anna", "invite.change")
    assert play.group.people == ("bo",)
    play.press("anna", AnswerInvite(play.group.id, True))
    assert play.told("anna") == "unavailable", "a no is a no"


def test_a_second_yes_changes_nothing() -> None:
    play = joined(2)
    play.tap("lena", "gather.show")
    play.tap("anna", "invite.yes")
    assert play.told("anna") == "invite.stay"
    assert play.group.people == ("anna", "bo")


def test_silence_for_a_week_is_a_no() -> None:
    play = joined(8)
    play.go(NOW + LAPSE)
    assert [one.status for one in play.group.members] == ["yes"] * 8 + ["no"] * 2 + ["pool"] * 2
    assert "invite.over" in play.keys("ida")
    assert waiting(play) == 0
    play.press("ida", AnswerInvite(play.group.id, True))
    assert play.told("ida") == "unavailable"


def test_a_no_silence_and_a_group_that_was_full_leave_the_same_card() -> None:
    play = joined(8)
    play.tap("ida", "invite.no")
    said_no = play.chat("ida")["invite"]
    play.tap("lena", "gather.show")
    play.tap("lena", "gather.start")
    assert play.chat("ida") == {"invite": said_no}
    assert play.chat("jan") == {"invite": said_no}, "never answered, and the group has started"
    silent = joined(8)
    silent.go(NOW + LAPSE)
    assert silent.chat("ida")["invite"] == silent.chat("jan")["invite"]
    assert keys(silent.chat("ida")) == keys(said_no)


def test_more_are_asked_only_while_there_are_places_and_people() -> None:
    play = gathering()
    assert "gather.more" not in play.buttons("lena")
    play.press("lena", AskMore(play.group.id))
    assert play.told("lena") == "gather.full"
    play.tap("anna", "invite.no")
    play.tap("lena", "gather.more")
    assert play.told("lena") == "gather.asked"
    assert "invite.yes" in play.buttons("kim")
    assert "invite.yes" not in play.buttons("liv")
    play.tap("bo", "invite.no")
    play.tap("cilla", "invite.no")
    play.tap("omar", "gather.more")
    assert "gather.more" not in play.buttons("lena"), "nobody is left to ask"
    play.press("lena", AskMore(play.group.id))
    assert play.told("lena") == "gather.full"


def test_those_who_said_yes_see_who_is_in_before_the_start() -> None:
    play = joined(3)
    play.tap("lena", "gather.show")
    everybody = {"anna", "bo", "cilla", "lena", "omar"}
    assert people(play.chat("anna")["invite"]) == everybody
    assert not people(play.chat("dag")["invite"]) - {"lena", "omar"}, "dag has not answered"
    play.tap("cilla", "invite.no")
    assert people(play.chat("anna")["invite"]) == everybody - {"cilla"}


def test_whoever_comes_later_is_seen_by_those_who_were_shown_the_group() -> None:
    play = joined(3)
    play.tap("lena", "gather.show")
    play.tap("dag", "invite.yes")
    for person in ("anna", "dag"):
        assert "dag" in people(play.chat(person)["invite"])


def test_a_group_of_nobody_is_not_shown() -> None:
    play = gathering()
    assert "gather.show" not in play.buttons("lena")
    play.press("lena", ShowGroup(play.group.id))
    assert play.told("lena") == "gather.nobody"


def test_what_one_can_send_to_ones_own_manager_holds_times_only() -> None:
    play = joined(2)
    play.tap("anna", "invite.tell")
    form = play.form("anna")
    assert form.submit is None
    assert "for_my_manager" in keys(form)
    assert not people(form)
    for person in ("stranger", "dag", SPONSOR):
        play.press(person, TellManager(play.group.id))
        assert play.told(person) == "unavailable"


@pytest.mark.parametrize("days", [timedelta(days=2), timedelta(weeks=1), timedelta(hours=1)])
def test_it_names_the_dates_that_are_left_once_one_of_them_is_moved(days: timedelta) -> None:
    play = before(2)
    second = play.group.meetings[1]
    moved = play.group.with_meeting(replace(second, at=second.at + days))
    play.groups[moved.id] = moved
    play.press("anna", TellManager(moved.id))
    form = play.form("anna")
    assert "for_my_manager" not in keys(form)
    assert "for_my_manager.dates" in keys(form)
    (rows,) = inside(form, Items)
    told = [when.at for row in rows.rows for when in inside(row, When)]
    assert told == [moved.starts(one) for one in moved.meetings[1:]]


def test_it_is_one_sentence_as_long_as_the_rhythm_holds() -> None:
    play = before(2)
    play.press("anna", TellManager(play.group.id))
    assert "for_my_manager" in keys(play.form("anna"))
    over = play.group
    for meeting in over.meetings:
        over = over.with_meeting(replace(meeting, ended_at=meeting.ended_at or play.now))
    play.groups[over.id] = over
    play.press("anna", TellManager(over.id))
    assert "for_my_manager" in keys(play.form("anna"))


@pytest.mark.parametrize("person", ["anna", SPONSOR, "stranger"])
def test_only_those_who_lead_ask_show_and_start(person: str) -> None:
    play = joined(8)
    for action in (AskMore, ShowGroup, StartGroup):
        play.press(person, action(play.group.id))
        assert play.told(person) == "unavailable"


def test_nobody_answers_who_was_not_asked() -> None:
    play = opened()
    for person in ("anna", "lena", SPONSOR, "stranger"):
        play.press(person, AnswerInvite(play.group.id, True))
        assert play.told(person) == "unavailable"
    play = started()
    for person in ("anna", "kim"):
        play.press(person, AnswerInvite(play.group.id, False))
        assert play.told(person) == "unavailable"
    for leader in (ShowGroup, AskMore, StartGroup):
        play.press("lena", leader(play.group.id))
        assert play.told("lena") == "unavailable"
