"""A moment for yourself before the meeting."""

import pytest

from bot.core.action import CheckIn, ReadCheckIns, SkipCheckIn
from bot.core.card import Choice
from bot.core.checkins import LEVELS
from tests.core.play import POOL, SPONSOR, Play, keys, people
from tests.core.stages import before, now

WORDS = "tired after the budget round"


def checked_in(level: str = "me", person: str = "anna", words: str = WORDS) -> Play:
    play = before(2)
    play.go("checkin", 2)
    play.tap(person, "checkin.open")
    play.fill(person, words=words, tap="heavy", level=level)
    assert play.told(person) == "checkin.done"
    return play


def shared_with(play: Play, person: str) -> list[str]:
    play.press(person, ReadCheckIns(play.group.id, 2))
    return play.reads(person)


def test_the_morning_offers_a_moment_to_each_who_comes() -> None:
    play = before(2)
    play.go("announce", 2)
    play.tap("anna", "card.no")
    play.go("checkin", 2)
    assert [one for one in POOL if "checkin/2" in play.chat(one)] == list(POOL[1:8])
    assert "checkin/2" not in play.chat("lena")


def test_whoever_has_checked_in_already_is_not_asked() -> None:
    play = before(2)
    play.press("anna", CheckIn(play.group.id, 2))
    play.fill("anna", words=WORDS, level="me")
    card = play.chat("anna")["checkin/2"]
    play.go("checkin", 2)
    assert play.chat("anna")["checkin/2"] == card


def test_the_moment_is_offered_until_the_first_step_is_over() -> None:
    play = before(2)
    play.go("begin", 2)
    assert "checkin.open" in play.keys("", "meeting/2")
    assert "checkin.open" in keys(play.home("anna"))
    assert "checkin/2" in play.chat("anna")
    play.tap("lena", "guide.next")
    assert "checkin.open" not in play.keys("", "meeting/2") | keys(play.home("anna"))
    assert not [one for one in POOL if "checkin/2" in play.chat(one)]
    play.tap("lena", "guide.back")
    assert "checkin.open" in play.keys("", "meeting/2"), "the leader went on too early"


def test_what_was_being_written_when_the_first_step_ended_is_still_taken() -> None:
    play = before(2)
    play.go("begin", 2)
    play.tap("anna", "checkin.open")
    play.tap("lena", "guide.next")
    play.fill("anna", words=WORDS, level="all")
    assert play.told("anna") == "checkin.done"
    assert shared_with(play, "bo") == [WORDS]


@pytest.mark.parametrize(
    ("level", "readers"),
    [("me", set()), ("leaders", {"lena", "omar"}), ("all", {"lena", "omar", "anna", "bo"})],
)
def test_a_check_in_is_read_by_those_whom_its_level_names(level: str, readers: set[str]) -> None:
    play = checked_in(level)
    for person in ("lena", "omar", "anna", "bo"):
        assert shared_with(play, person) == ([WORDS] if person in readers else []), person
        shared = "checkin.of" in keys(play.form(person))
        assert shared == (person in readers)
        assert ("checkin.none" in keys(play.form(person))) == (not shared)


@pytest.mark.parametrize("person", [SPONSOR, "kim", "stranger"])
def test_outside_the_group_nobody_reads_or_writes(person: str) -> None:
    play = checked_in("all")
    for action in (ReadCheckIns, CheckIn, SkipCheckIn):
        play.press(person, action(play.group.id, 2))
        assert play.told(person) == "unavailable"
    play.submit(person, CheckIn(play.group.id, 2), words="intruding words", level="all")
    assert play.told(person) == "unavailable"


def test_the_level_is_fixed_at_the_first_answer() -> None:
    play = checked_in("me")
    play.tap("anna", "checkin.again")
    assert play.reads("anna") == [WORDS]
    assert "level.is.me" in keys(play.form("anna"))
    assert "level" not in {one.name for one in play.form("anna").fields if hasattr(one, "name")}
    play.fill("anna", words="other words now", tap="here", level="all")
    assert play.told("anna") == "checkin.done"
    assert shared_with(play, "bo") == []
    play.tap("anna", "checkin.again")
    assert play.reads("anna") == ["other words now"]


@pytest.mark.parametrize("level", LEVELS)
def test_no_later_answer_moves_the_level(level: str) -> None:
    play = checked_in(level)
    action = CheckIn(play.group.id, 2)
    for other in (*LEVELS, "", "everybody"):
        words = f"words, said to be for {other or 'nobody'}"
        play.submit("anna", action, words=words, tap="full", level=other)
        assert play.told("anna") == "checkin.done"
        assert shared_with(play, "bo") == ([words] if level == "all" else [])
        assert shared_with(play, "lena") == ([words] if level != "me" else [])
        play.press("anna", action)
        assert f"level.is.{level}" in keys(play.form("anna"))


def test_a_first_answer_without_words_fixes_the_level_and_a_skip_does_not() -> None:
    play = before(2)
    action = CheckIn(play.group.id, 2)
    play.press("anna", SkipCheckIn(play.group.id, 2))
    play.submit("anna", action, words="", level="leaders")
    play.submit("anna", action, words="only now words", level="all")
    assert shared_with(play, "bo") == []
    assert shared_with(play, "lena") == ["only now words"]


def test_the_next_meeting_has_a_level_of_its_own() -> None:
    play = checked_in("all")
    play.go("finish", 2)
    play.press("anna", CheckIn(play.group.id, 3))
    assert "level" in {one.name for one in play.form("anna").fields if hasattr(one, "name")}


def test_the_level_is_only_me_unless_one_says_otherwise() -> None:
    play = before(2)
    play.go("checkin", 2)
    play.tap("anna", "checkin.open")
    level = next(
        one for one in play.form("anna").fields if isinstance(one, Choice) and one.name == "level"
    )
    assert level.chosen == ("me",)


def test_what_is_wrong_is_said_beside_its_own_field() -> None:
    play = before(2)
    play.press("anna", CheckIn(play.group.id, 2))
    action = play.form("anna").action
    play.submit("anna", action, words="x" * 100_000, level="me")
    assert play.errors("anna") == {"words": "error.long"}
    play.submit("anna", action, words=WORDS, level="everybody")
    assert play.errors("anna") == {"level": "error.choose"}
    play.submit("anna", action, level="me", tap="unknown")
    assert play.told("anna") == "checkin.done", "nothing has to be written"


def test_a_check_in_without_words_or_taps_shares_nothing() -> None:
    play = checked_in("all", words="")
    play.press("bo", CheckIn(play.group.id, 2))
    play.fill("bo", level="all", words="only bo's words")
    assert shared_with(play, "cilla") == ["only bo's words"]
    assert people(play.form("cilla")) == {"anna", "bo"}, "anna's tap alone"


def test_skip_is_a_full_answer() -> None:
    play = before(2)
    play.go("checkin", 2)
    play.tap("anna", "checkin.skip")
    assert play.told("anna") == "checkin.skipped"
    assert "checkin.skipped" in play.keys("anna", "checkin/2")
    assert "checkin.done" not in play.keys("anna", "checkin/2")
    assert not play.group.drawers.get("2/meeting")
    play.tap("anna", "checkin.open")
    play.fill("anna", words=WORDS, level="me")
    assert play.told("anna") == "checkin.done", "one may think again"


def test_only_the_next_meeting_is_checked_into() -> None:
    play = before(2)
    for number in (1, 3):
        play.press("anna", CheckIn(play.group.id, number))
        assert play.told("anna") == "unavailable"
        play.submit("anna", CheckIn(play.group.id, number), level="all")
        assert play.told("anna") == "unavailable"
    play.press("lena", CheckIn(play.group.id, 2))
    assert play.told("lena") == "unavailable", "the leaders do not check in"


def test_the_card_goes_with_the_meeting_and_the_words_a_day_later() -> None:
    play = checked_in("all")
    play.go("begin", 2)
    assert shared_with(play, "bo") == [WORDS], "it can be read in the room"
    play.go("finish", 2)
    assert "checkin/2" not in play.chat("anna")
    play.press("bo", ReadCheckIns(play.group.id, 2))
    assert play.told("bo") == "unavailable"
    play.go("shred", 2)
    assert "2/meeting" not in play.group.drawers


def test_a_check_in_is_no_reason_for_a_reminder() -> None:
    play = before(2)
    play.go("checkin", 2)
    kinds = {name.split("/")[0] for person in POOL for name in play.chat(person)}
    assert "remind" in kinds
    assert now(play).came >= {"remind", "checkin"}
    assert [one.kind for one in play.came if one.meeting == 2].count("checkin") == 1
