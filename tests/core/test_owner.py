"""The owner of a question: what they take further, and how it went."""

from datetime import timedelta

from bot.core.action import ChooseInRoom, LeaveGroup, SkipMeeting, TakeFurther
from bot.core.due import CARRIED_LIVES, MEETING_LIVES
from tests.core.play import OPENING, POOL, SPONSOR, Play, keys
from tests.core.stages import begun, now

WORDS = "talk to the union first"


def owned(meeting: int = 2, owner: str = "anna") -> Play:
    """A meeting has ended in which the room chose this person's question."""
    play = begun(meeting)
    play.submit("lena", ChooseInRoom(play.group.id, meeting), who=owner)
    play.go("finish", meeting)
    return play


def taken_further(words: str = WORDS) -> Play:
    play = owned()
    play.go("next_day", 2)
    play.tap("anna", "further.open")
    play.fill("anna", words=words)
    assert play.told("anna") == "further.done"
    return play


def skip(play: Play, number: int) -> None:
    play.submit("lena", SkipMeeting(play.group.id, number))
    assert play.told("lena") == "skip.done"


def test_the_next_working_day_the_owner_alone_is_asked() -> None:
    play = owned()
    play.go("next_day", 2)
    assert (play.now - play.group.starts(play.group.meetings[1])).days == 0
    assert [one for one in (*POOL, "lena", "") if "further/2" in play.chat(one)] == ["anna"]


def test_nobody_is_asked_when_nobody_owned_a_question_or_after_the_last_meeting() -> None:
    play = begun(2)
    play.go("finish", 3)
    assert not [one for one in play.came if one.kind == "next_day"]
    play = owned(10)
    play.go("shred", 10)
    assert not [one for one in play.came if one.kind == "next_day"]
    play.press("anna", TakeFurther(play.group.id, 10))
    assert play.told("anna") == "unavailable"


def test_nobody_else_and_nothing_before_it_is_asked() -> None:
    play = owned()
    further = TakeFurther(play.group.id, 2)
    play.press("anna", further)
    assert play.told("anna") == "unavailable"
    play.go("next_day", 2)
    for person in ("bo", "lena", SPONSOR, "stranger"):
        play.press(person, further)
        assert play.told(person) == "unavailable"
        play.submit(person, further, words="words of another")
        assert play.told(person) == "unavailable"
    assert "2/carried" not in play.group.drawers


def test_the_words_come_back_to_their_owner_before_the_next_meeting() -> None:
    play = taken_further()
    play.go("checkin", 3)
    assert "last_owner" in play.keys("anna", "checkin/3")
    assert "last_owner" not in play.keys("bo", "checkin/3")
    play.tap("anna", "checkin.open")
    assert play.reads("anna") == [WORDS]
    play.tap("bo", "checkin.open")
    assert play.reads("bo") == []
    assert "last_owner" not in keys(play.form("bo"))


def test_the_words_can_be_read_and_changed_until_then() -> None:
    play = taken_further()
    play.tap("anna", "further.again")
    assert play.reads("anna") == [WORDS]
    play.fill("anna", words="x" * 2001)
    assert play.errors("anna") == {"words": "error.long"}
    play.submit("anna", TakeFurther(play.group.id, 2), words="other words then")
    assert "further.open" in keys(play.home("anna"))
    play.go("finish", 3)
    play.press("anna", TakeFurther(play.group.id, 2))
    assert play.told("anna") == "unavailable"
    assert "further.open" not in keys(play.home("anna"))


def test_nothing_yet_is_also_an_answer() -> None:
    play = taken_further(words="")
    play.go("checkin", 3)
    play.tap("anna", "checkin.open")
    assert play.reads("anna") == []
    assert "last_owner" in keys(play.form("anna"))
    assert "last_owner.words" not in keys(play.form("anna"))


def test_the_words_are_gone_a_day_after_the_next_meeting() -> None:
    play = taken_further()
    play.go("finish", 3)
    assert play.group.item("2/carried", "words") == WORDS
    play.go("release", 2)
    ended = play.group.meetings[2].ended_at
    assert ended
    assert play.now == ended + MEETING_LIVES
    assert "2/carried" not in play.group.drawers
    play.go("shred", 3)
    assert "further/2" not in play.chat("anna")


def test_a_card_that_nobody_answered_goes_too() -> None:
    play = owned()
    play.go("shred", 3)
    assert "further/2" not in play.chat("anna")


def test_a_meeting_that_is_called_off_does_not_lose_them() -> None:
    play = taken_further()
    skip(play, 3)
    play.go("checkin", 4)
    assert play.group.item("2/carried", "words") == WORDS
    assert "last_owner" in play.keys("anna", "checkin/4")
    play.tap("anna", "checkin.open")
    assert play.reads("anna") == [WORDS]
    play.go("release", 2)
    ended = play.group.meetings[3].ended_at
    assert ended
    assert play.now == ended + MEETING_LIVES


def test_they_are_carried_for_six_weeks_at_most() -> None:
    play = taken_further()
    ended = play.group.meetings[1].ended_at
    assert ended
    for number in range(3, 10):
        skip(play, number)
    play.go("release", 2)
    assert play.now == ended + CARRIED_LIVES
    assert "further/2" not in play.chat("anna")
    play.press("anna", TakeFurther(play.group.id, 2))
    assert play.told("anna") == "unavailable"


def test_without_a_meeting_to_carry_them_to_they_end_at_once() -> None:
    play = owned(9)
    play.go("next_day", 9)
    play.submit("anna", TakeFurther(play.group.id, 9), words=WORDS)
    skip(play, 10)
    play.go(play.now + timedelta(days=1))
    assert "9/carried" not in play.group.drawers


def test_too_late_the_question_is_not_asked() -> None:
    play = owned()
    play.now = play.group.starts(now(play))  # the machine slept for a week
    play.go("next_day", 2)
    assert "further/2" not in play.chat("anna")


def test_after_leaving_nothing_is_asked_or_carried() -> None:
    play = taken_further()
    play.press("anna", LeaveGroup(play.group.id))
    play.fill("anna")
    assert not play.group.drawers["2/carried"]
    assert set(play.chat("anna")) == {"invite"}
    play.go("checkin", 3)
    assert not [one for one in play.group.people if "last_owner" in play.keys(one, "checkin/3")]
    play.go("release", 2)
    assert "2/carried" not in play.group.drawers


def test_meetings_far_apart_carry_them_too() -> None:
    play = Play()
    play.command(SPONSOR, "open")
    play.fill(SPONSOR, **{**OPENING, "every": "4"})
    for leader in ("lena", "omar"):
        play.tap(leader, "lead.yes")
    for person in POOL[:4]:
        play.tap(person, "invite.yes")
    play.tap("lena", "gather.show")
    play.tap("lena", "gather.start")
    play.go("begin", 2)
    play.submit("lena", ChooseInRoom(play.group.id, 2), who="anna")
    play.go("next_day", 2)
    play.submit("anna", TakeFurther(play.group.id, 2), words=WORDS)
    play.go("begin", 3)
    assert play.group.item("2/carried", "words") == WORDS
