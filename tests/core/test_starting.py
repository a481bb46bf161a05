"""A group starts, in a room of its own or in one that is there."""

from datetime import UTC, datetime

from bot.core.action import StartGroup, StartHere
from bot.core.card import When
from tests.core.play import POOL, SPONSOR, Play, inside, person_place, room
from tests.core.stages import gathering, joined, started

CIRCLE = ("lena", "omar", *POOL[:8])


def shown_to_all(count: int = 8) -> Play:
    play = joined(count)
    play.tap("lena", "gather.show")
    return play


def starts(play: Play, number: int) -> str:
    return f"{play.group.meetings[number - 1].at:%Y-%m-%d %H:%M}"


def test_the_group_gets_a_room_with_those_who_are_in() -> None:
    play = started()
    place = play.rooms[play.group.id]
    assert {one.native for one in place.people} == set(CIRCLE)
    assert set(play.chat("")) == {"meeting/1"}
    assert play.group.status == "running"


def test_those_who_said_no_or_nothing_are_forgotten() -> None:
    play = joined(8)
    play.tap("ida", "invite.no")
    play.tap("lena", "gather.show")
    play.tap("lena", "gather.start")
    assert play.group.people == POOL[:8]
    assert {one.person for one in play.group.members} == set(POOL[:8])
    assert "invite.over" in play.keys("jan"), "silence is no, and the buttons are gone"
    assert not play.buttons("jan")
    assert not play.chat("kim")


def test_cards_of_the_time_before_are_calm_after_the_start() -> None:
    play = started()
    assert set(play.buttons("anna")) == {"invite.tell", "leave"}
    assert not play.buttons("lena")
    assert set(play.chat("lena")) == {"gather"}


def test_it_takes_four_people_who_have_seen_each_other() -> None:
    play = joined(3)
    start = StartGroup(play.group.id)
    play.press("lena", start)
    assert play.told("lena") == "start.few"
    play.tap("lena", "gather.show")
    assert "gather.start" not in play.buttons("lena")
    play = joined(4)
    assert "gather.start" not in play.buttons("lena")
    play.press("lena", start)
    assert play.told("lena") == "start.unseen"
    play.tap("lena", "gather.show")
    play.tap("anna", "invite.no")
    play.press("lena", start)
    assert play.told("lena") == "start.few"
    assert play.group.status == "gathering"


def test_a_first_date_that_has_passed_moves_on_by_whole_rounds() -> None:
    play = shown_to_all()
    play.now = datetime(2026, 3, 24, 13, tzinfo=UTC)  # an hour after what would be the fourth
    play.tap("lena", "gather.start")
    assert starts(play, 1) == "2026-03-31 13:00"
    assert starts(play, 10) == "2026-06-02 13:00"
    when = next(inside(play.chat("")["meeting/1"], When))
    assert when.at == datetime(2026, 3, 31, 11, tzinfo=UTC), "13:00 stays 13:00 in summer time"


def test_a_first_date_that_has_not_passed_stays() -> None:
    play = shown_to_all()
    play.now = datetime(2026, 3, 3, 11, 59, tzinfo=UTC)
    play.tap("lena", "gather.start")
    assert starts(play, 1) == "2026-03-03 13:00"
    play = shown_to_all()
    play.now = datetime(2026, 3, 3, 12, tzinfo=UTC)
    play.tap("lena", "gather.start")
    assert starts(play, 1) == "2026-03-10 13:00"


def test_a_room_that_is_there_becomes_the_groups() -> None:
    play, place = shown_to_all(), room("corner", *CIRCLE)
    play.command("lena", "här", place)
    play.fill("lena", place)
    assert play.told("lena") == "start.done"
    assert play.rooms[play.group.id] == place
    assert set(play.chat("")) == {"meeting/1"}


def test_a_room_with_the_sponsor_in_it_is_refused() -> None:
    play, place = shown_to_all(), room("corner", *CIRCLE, SPONSOR)
    play.command("lena", "here", place)
    play.fill("lena", place)
    assert play.told("lena") == "here.sponsor"
    assert not play.rooms


def test_a_room_without_everybody_is_refused() -> None:
    for missing in ("anna", "omar"):
        play = shown_to_all()
        place = room("corner", *(one for one in CIRCLE if one != missing))
        play.command("lena", "here", place)
        play.fill("lena", place)
        assert play.told("lena") == "here.missing"
    assert play.group.status == "gathering"


def test_a_form_counts_only_in_the_room_where_it_was_opened() -> None:
    play, place = shown_to_all(), room("corner", *CIRCLE)
    action = StartHere(play.group.id, "corner")
    for where in (room("another", *CIRCLE), person_place("lena")):
        play.submit("lena", action, where)
        assert play.told("lena") == "unavailable"
    for person in ("anna", SPONSOR, "stranger"):
        play.press(person, action, place)
        assert play.told(person) == "unavailable"
        play.submit(person, action, place)
        assert play.told(person) == "unavailable"
    play.press("lena", action, place)
    assert play.form("lena").action == action


def test_the_room_of_another_group_is_refused() -> None:
    play = started()
    other = shown_to_all()
    other.rooms["g0"] = play.rooms[play.group.id]
    place = other.rooms["g0"]
    other.submit("lena", StartHere(other.group.id, place.native), place)
    assert other.told("lena") == "unavailable"


def test_here_in_private_or_too_early_opens_nothing() -> None:
    play = shown_to_all()
    play.command("lena", "here")
    assert play.told("lena") == "Home"
    play = gathering()
    play.press("lena", StartHere(play.group.id, "corner"), room("corner", *CIRCLE))
    assert play.told("lena") == "start.few"
