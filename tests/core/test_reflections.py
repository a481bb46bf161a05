"""After the meeting: what stays mine, and three questions for those who lead."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.action import Pulse, ReadKept, Reflect
from bot.core.card import Details, OfMethod
from bot.core.due import MINE_LIVES
from bot.core.method import Questions
from tests.core.play import POOL, SPONSOR, Play, inside, keys, people
from tests.core.stages import before, started

MINE = "I was heard, for once"
TAPS = {"voice": "yes", "steps": "partly", "worth": "no"}


def reflected(keep: bool, person: str = "anna", meeting: int = 1) -> Play:
    play = before(meeting + 1)
    play.tap(person, "reflect.open")
    play.fill(person, support=MINE, take="", keep=keep)
    return play


def test_whoever_was_there_is_offered_a_reflection() -> None:
    play = started()
    play.tap("bo", "card.no")
    play.go("finish", 1)
    assert [one for one in POOL if "reflect/1" in play.chat(one)] == ["anna", *POOL[2:8]]
    assert "reflect.open" in play.buttons("")


def test_a_reflection_is_not_kept_unless_one_asks_for_it() -> None:
    play = reflected(keep=False)
    assert play.told("anna") == "reflect.done"
    assert not play.group.drawers.get("1/mine")
    assert "reflect/1" in play.chat("anna")


def test_it_is_kept_for_its_author_alone_for_seven_days() -> None:
    play = reflected(keep=True)
    ended = play.group.meetings[0].ended_at
    assert ended
    assert play.told("anna") == "reflect.kept"
    play.tap("anna", "reflect.read")
    assert play.reads("anna") == [MINE]
    for person in ("bo", "lena", SPONSOR, "stranger"):
        play.press(person, ReadKept(play.group.id, 1))
        assert play.told(person) == "unavailable"
    play.go("forget", 1)
    assert play.now == ended + MINE_LIVES
    assert "1/mine" not in play.group.drawers
    play.press("anna", ReadKept(play.group.id, 1))
    assert play.told("anna") == "unavailable"
    assert "reflect/1" not in play.chat("anna")


def test_what_is_kept_can_be_taken_back_or_written_anew() -> None:
    play = reflected(keep=True)
    play.press("anna", Reflect(play.group.id, 1))
    play.fill("anna", support=MINE, take="", keep=True)
    assert play.told("anna") == "reflect.kept", "the same again"
    play.submit("anna", Reflect(play.group.id, 1), take="something else", keep=True)
    play.tap("anna", "reflect.read")
    assert play.reads("anna") == ["something else"]
    play.submit("anna", Reflect(play.group.id, 1), support=MINE)
    assert play.told("anna") == "reflect.done"
    assert "reflect.open" in play.buttons("anna")
    play.press("anna", ReadKept(play.group.id, 1))
    assert play.told("anna") == "unavailable"


def test_a_drawer_that_was_emptied_still_ends() -> None:
    play = reflected(keep=True)
    play.submit("anna", Reflect(play.group.id, 1), support=MINE)
    play.go("forget", 1)
    assert "1/mine" not in play.group.drawers


def test_nothing_written_is_nothing_kept() -> None:
    play = before(2)
    play.submit("anna", Reflect(play.group.id, 1), support=" ", take="", keep=True)
    assert play.told("anna") == "reflect.done"
    assert "1/mine" not in play.group.drawers


def test_what_is_too_long_is_said_beside_its_own_field() -> None:
    play = before(2)
    play.submit("anna", Reflect(play.group.id, 1), support="x" * 2001, take="y" * 100_000)
    assert play.errors("anna") == {"support": "error.long", "take": "error.long"}


@pytest.mark.parametrize("person", ["lena", SPONSOR, "kim", "stranger"])
@pytest.mark.parametrize("action", [Reflect, Pulse])
def test_only_members_look_back(person: str, action: type[Reflect | Pulse]) -> None:
    play = before(2)
    play.press(person, action(play.group.id, 1))
    assert play.told(person) == "unavailable"
    play.submit(person, action(play.group.id, 1), support=MINE, keep=True, **TAPS)
    assert play.told(person) == "unavailable"


def test_one_looks_back_from_the_end_until_a_day_after() -> None:
    play = before(2)
    play.press("anna", Reflect(play.group.id, 2))
    assert play.told("anna") == "unavailable"
    play.go("shred", 1)
    play.press("anna", Reflect(play.group.id, 1))
    assert play.told("anna") == "unavailable"
    assert "reflect/1" not in play.chat("anna")
    assert "reflect.open" not in keys([play.chat(""), play.home("anna")])


def test_a_private_chat_stays_readable_over_the_months() -> None:
    play = before(5)
    play.go("checkin", 5)
    assert set(play.chat("anna")) == {"invite", "remind/5", "checkin/5"}
    assert set(play.chat("lena")) == {"gather", "overview/5"}


def test_the_questions_are_those_of_the_method() -> None:
    play = before(2)
    play.tap("anna", "reflect.open")
    paths = [one.path for one in inside(play.form("anna"), OfMethod)]
    assert paths == ["questions/support", "questions/take"]


@pytest.mark.parametrize(
    ("managers", "second"), [(True, "reflect.2.managers"), (False, "reflect.2.others")]
)
def test_a_method_without_questions_leaves_them_to_krets(managers: bool, second: str) -> None:
    play = before(2)
    silent = replace(play.method, questions=Questions(), managers=managers)
    play.groups[play.group.id] = replace(play.group, method=silent)
    play.tap("anna", "reflect.open")
    assert {"reflect.1", second} <= keys(play.form("anna"))


# --- three questions ----------------------------------------------------------------------------


def answered(count: int) -> Play:
    play = before(2)
    for person in POOL[:count]:
        play.tap(person, "pulse.open")
        play.fill(person, **TAPS)
        assert play.told(person) == "pulse.done"
    return play


def test_three_questions_are_asked_after_the_first_the_middle_and_the_last_meeting() -> None:
    play, asked = started(), []
    for number in range(1, 11):
        play.go("finish", number)
        if "pulse.open" in play.buttons("anna"):
            asked.append(number)
        else:
            play.press("anna", Pulse(play.group.id, number))
            assert play.told("anna") == "unavailable"
    assert asked == [1, 5, 10]


def test_counts_are_shown_from_five_answers_and_only_when_the_answers_are_destroyed() -> None:
    play = answered(5)
    play.tap("anna", "pulse.open")
    play.fill("anna", **{**TAPS, "voice": "no"})
    assert not [name for name in play.chat("lena") if name.startswith("pulse")]
    play.go("shred", 1)
    card = play.chat("omar")["pulse/1"]
    counts = [[row[1].values["value"] for row in one.rows] for one in inside(card, Details)]
    assert counts == [[4, 0, 1], [0, 5, 0], [0, 0, 5]]
    assert not people(card)
    assert "1/meeting" not in play.group.drawers
    assert not [one for one in play.chat("anna") if one.startswith("pulse")]


def test_four_answers_are_never_shown() -> None:
    play = answered(4)
    play.go("shred", 1)
    assert not [name for name in play.chat("lena") if name.startswith("pulse")]


def test_all_three_are_answered() -> None:
    play = before(2)
    play.tap("anna", "pulse.open")
    play.fill("anna", voice="yes", steps="perhaps")
    assert play.errors("anna") == {"steps": "error.choose", "worth": "error.choose"}


def test_a_kept_reflection_outlives_the_group() -> None:
    play = started()
    play.go("finish", 10)
    play.tap("anna", "reflect.open")
    play.fill("anna", support=MINE, keep=True)
    play.go("shred", 10)
    assert play.group.status == "closed"
    play.now += timedelta(days=3)
    play.tap("anna", "reflect.read")
    assert play.reads("anna") == [MINE]
    play.press("anna", Reflect(play.group.id, 10))
    assert play.told("anna") == "unavailable"
    play.go("forget", 10)
    assert not play.group.drawers
    assert not any(play.wanted.values())
