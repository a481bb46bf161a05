"""`krets simulate programme`: whole lives of groups, for each method that comes with Krets."""

import json
from dataclasses import replace
from datetime import date, timedelta

import pytest

from bot.__main__ import main
from bot.commands.programme import simulate
from bot.core.due import Wanted
from bot.core.effect import Person
from bot.core.hours import LIMITS, UNASKED
from bot.methods import read_methods
from bot.simulate.checks import violations
from bot.simulate.programme import Programme, Setting
from bot.simulate.world import Shown, World

METHODS = {id: method for id, (_, _, method) in read_methods().items()}
#: Over Christmas and both changes of the clocks, where the method has enough meetings.
SETTING = Setting(date(2026, 9, 29), 0, seed=3)


def setting(id: str, country: str = "SE") -> Setting:
    people, every = METHODS[id].size[0] + 1, 3 if METHODS[id].meetings > 9 else 4
    return replace(SETTING, people=people, every=every, country=country)


@pytest.mark.parametrize(("id", "country"), [*((id, "SE") for id in METHODS), ("reflecting", "NO")])
def test_a_whole_life_says_everything_once_and_at_the_right_time(id: str, country: str) -> None:
    world, wrong = simulate(METHODS[id], setting(id, country))
    assert not wrong
    group = world.group
    told = [one for one in world.history if one.anew and isinstance(one.cause, Wanted)]
    private = {one.name.partition("/")[0] for one in told if isinstance(one.to, Person)}
    assert private <= {name for names in UNASKED.values() for name in names}
    assert group.status == "closed"
    assert not any(group.drawers.values())
    assert len(group.meetings) == METHODS[id].meetings + 1
    assert "leader-4" in group.led_by
    assert "leader-1" not in group.led_by
    assert group.rests_until is not None
    if METHODS[id].meetings > 5:
        first, last = group.meetings[0].at.date(), group.meetings[-1].at.date()
        assert first < date(2026, 10, 25) < date(2027, 3, 28) < last, "both changes of the clocks"
        assert sum(not one.held for one in group.meetings) == 1
        assert ("newcomer" in group.people) == (not METHODS[id].own_sign_up)
        assert [one.status for one in group.members].count("left") == 1
        assert not any(one.at.date() in group.free_days for one in group.meetings if one.held)
        assert any(one.kind == "propose" for one in world.came), "a move is proposed"
        assert any(one.who == "member-1" for one in world.came), "at an hour of their own"


def test_the_limits_follow_from_what_is_said_unasked() -> None:
    for role, names in UNASKED.items():
        note = role == "leader"
        assert len(set(names)) + note == LIMITS[role], role


def test_a_calendar_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["simulate", "programme", "helsingborg", "--from", "2026-09-29"]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("helsingborg: 9 meetings, ")
    assert "Tuesday 29 September 2026" in printed
    assert "the room" in printed
    assert "Nobody joins late" not in printed
    assert printed.endswith("Nothing twice, nothing at a wrong time.\n")


def test_the_calendar_says_that_nobody_joins_late_where_people_sign_up(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["simulate", "programme", "at-risk", "--from", "2026-09-29"]) == 0
    printed = capsys.readouterr().out
    assert "somebody has left" in printed
    assert "whether somebody may join" not in printed
    assert "Nobody joins late: people sign up for this method before it starts." in printed


def test_the_same_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    call = ["simulate", "programme", "guide-training", "--from", "2026-09-29", "--json"]
    assert main(call) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["method"] == "guide-training"
    assert told["violations"] == []
    assert set(told["messages"][0]) == {"day", "time", "to", "what"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere", "--from", "2026-09-29"], "There is no method nowhere"),
        (["jonkoping", "--from", "2026-09-29", "--people", "30"], "is for 8 to 10 people"),
    ],
)
def test_what_cannot_be_played_is_one_sentence(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["simulate", "programme", *arguments]) == 1
    assert said in capsys.readouterr().err


@pytest.fixture(scope="module")
def played() -> tuple[World, Programme]:
    programme = Programme(METHODS["guide-training"], setting("guide-training"))
    return programme.play(), programme


def spoiled(played: tuple[World, Programme], **changes: object) -> tuple[str, ...]:
    """What is found when the world's past is another."""
    world, programme = played
    was = {name: getattr(world, name) for name in changes}
    vars(world).update(changes)
    found = violations(world, programme.started_at, programme.rested)
    vars(world).update(was)
    return found


def test_every_kind_of_violation_is_found(played: tuple[World, Programme]) -> None:
    world, programme = played
    moment = next(one for one in world.came if one.kind == "remind" and not one.who)
    begin = next(one for one in world.came if one.kind == "begin")
    late = replace(moment, meeting=9, due_at=moment.due_at + timedelta(hours=1))
    moved = replace(begin, due_at=begin.due_at + timedelta(hours=1))
    assert spoiled(played, came=(*world.came, moment))
    assert any("came at" in one for one in spoiled(played, came=(*world.came, late)))
    others = tuple(one for one in world.came if one != begin)
    assert any("began at" in one for one in spoiled(played, came=(*others, moved)))
    card = world.history[0].card
    noon = begin.due_at - timedelta(days=1)
    cause = Wanted(1, "remind", "member-1", noon)
    at_noon = Shown(noon, Person("member-1"), "x/1", card, anew=True, cause=cause)
    assert any("was told x/1" in one for one in spoiled(played, history=(*world.history, at_noon)))
    many = tuple(replace(at_noon, to=Person("member-4"), name=f"x/{n}") for n in range(4))
    assert any("got" in one for one in spoiled(played, history=(*world.history, *many)))
    assert programme.rested is not None
    since = programme.rested[0] + timedelta(days=2)
    resting = Shown(since, Person("member-4"), "x/1", card, anew=True, cause=cause)
    found = spoiled(played, history=(*world.history, resting))
    assert any("at rest" in one for one in found)
    twice = (*world.history, at_noon, at_noon)
    assert any("was posted 2 times" in one for one in spoiled(played, history=twice))
