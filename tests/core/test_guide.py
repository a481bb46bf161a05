"""The session guide."""

from datetime import timedelta

import pytest

from bot.core.action import (
    AddMinutes,
    AgreeRules,
    BringCase,
    EndMeeting,
    LeaveGroup,
    MoveGuide,
    OpenVote,
    PauseGuide,
    Reflect,
    SetGuide,
)
from bot.core.card import Items, OfMethod, Text, When
from bot.core.due import GRACE, PAUSE_GRACE
from bot.core.model import Guide
from tests.core.play import LEADERS, SPONSOR, Play, inside, keys, paths, people
from tests.core.stages import before, begun, now, to_step, vote, voting, with_cases

MINUTE = timedelta(minutes=1)
IN_THE_MEETING = [
    MoveGuide("g", 2, 0, 1),
    MoveGuide("g", 2, 0, -1),
    AddMinutes("g", 2, 0),
    PauseGuide("g", 2, True),
    EndMeeting("g", 2),
    AgreeRules("g", 2),
    OpenVote("g", 2),
]


def at(play: Play) -> Guide:
    guide = now(play).guide
    assert guide is not None
    return guide


def step(play: Play) -> str:
    found = play.group.step(now(play))
    assert found is not None
    return found.id


def until(play: Play) -> timedelta:
    """How much is left of the step, as the card shows it."""
    when = next(inside(play.chat("lena")["guide/2"], When))
    return when.at - play.now


def test_the_guide_opens_at_the_start_for_those_who_lead_only() -> None:
    play = begun(2)
    assert play.now == play.group.starts(now(play))
    assert play.chat("lena")["guide/2"] == play.chat("omar")["guide/2"]
    assert not [
        person for person in (*play.group.people, SPONSOR, "") if "guide/2" in play.chat(person)
    ]
    assert until(play) == 15 * MINUTE


def test_the_eleven_steps_come_in_their_order_with_a_break() -> None:
    play, seen = begun(2), []
    for _ in range(12):
        seen.append(step(play))
        rows = next(inside(play.chat("lena")["guide/2"], Items))
        assert rows.current == len(seen) - 1
        assert isinstance(rows.rows[rows.current].values["title"], OfMethod)
        if len(seen) < 12:
            play.now += 30 * MINUTE
            play.tap("lena", "guide.next")
    assert seen == [one.id for one in play.method.ordinary]
    numbers = [row.values.get("n") for row in rows.rows]
    assert numbers == [1, 2, 3, 4, 5, 6, None, 7, 8, 9, 10, 11]
    assert {"guide.next", "end.b"} & set(play.buttons("lena")) == {"end.b"}


def test_two_leaders_who_press_together_take_one_step() -> None:
    play = begun(2)
    button = play.buttons("lena")["guide.next"]
    for leader in ("lena", "omar"):
        play.press(leader, button)
    assert step(play) == "relax"
    assert play.told("omar") == "Nothing"


def test_back_goes_back_and_stops_at_the_first_step() -> None:
    play = begun(2)
    assert "guide.back" not in play.buttons("lena")
    play.tap("lena", "guide.next")
    play.now += 3 * MINUTE
    play.tap("omar", "guide.back")
    assert (step(play), until(play)) == ("checkin", 15 * MINUTE)
    play.press("lena", MoveGuide(play.group.id, 2, 0, -1))
    assert (play.told("lena"), at(play).step) == ("Nothing", 0)


def test_two_more_minutes_are_two_more_minutes_once_each() -> None:
    play = begun(2)
    button = play.buttons("lena")["guide.more"]
    play.press("lena", button)
    assert until(play) == 17 * MINUTE
    play.tap("lena", "guide.next")
    play.press("lena", button)
    assert (play.told("lena"), until(play)) == ("Nothing", 5 * MINUTE)


def test_a_pause_does_not_count() -> None:
    play = begun(2)
    play.now += 5 * MINUTE
    play.tap("lena", "guide.pause")
    assert "guide.paused" in play.keys("omar", "guide/2")
    assert "guide.until" not in play.keys("omar", "guide/2")
    play.press("omar", PauseGuide(play.group.id, 2, True))
    assert play.told("omar") == "Nothing"
    play.now += 20 * MINUTE
    play.tap("omar", "guide.go")
    assert until(play) == 10 * MINUTE
    play.press("lena", PauseGuide(play.group.id, 2, False))
    assert play.told("lena") == "Nothing"


def test_going_on_early_from_the_hypotheses_is_asked_about_once() -> None:
    play = begun(2)
    to_step(play, "hypotheses")
    play.tap("lena", "guide.next")
    assert step(play) == "hypotheses"
    assert {"brake", "brake.stay", "brake.go"} <= keys(play.form("lena"))
    play.fill("lena")
    assert step(play) == "review"
    play.tap("lena", "guide.back")
    play.tap("lena", "guide.next")
    assert step(play) == "review", "never twice"


def test_with_two_leaders_the_other_sees_that_one_would_go_on() -> None:
    play = begun(2)
    to_step(play, "hypotheses")
    play.tap("lena", "guide.next")
    assert "brake.other" in play.keys("omar", "guide/2")
    assert "lena" in people(play.chat("omar")["guide/2"])
    assert "brake.other" not in play.keys("lena", "guide/2")
    assert "brake.other" in keys(play.home("omar"))
    play.fill("lena")
    assert "brake.other" not in keys(play.home("lena"))
    play.tap("omar", "guide.back")
    assert "brake.other" not in play.keys("omar", "guide/2"), "gone with the step"


def test_staying_a_little_longer_is_remembered_for_both_leaders() -> None:
    play = begun(2)
    to_step(play, "hypotheses")
    play.tap("lena", "guide.next")
    play.now += 2 * MINUTE
    play.tap("omar", "guide.next")
    assert step(play) == "review"


def test_the_brake_never_asks_when_the_time_is_up_or_on_the_way_back() -> None:
    play = begun(2)
    to_step(play, "hypotheses")
    play.tap("lena", "guide.back")
    assert step(play) == "coffee"
    play.tap("lena", "guide.next")
    play.now += 20 * MINUTE
    play.tap("lena", "guide.next")
    assert step(play) == "review"


def test_the_last_owner_is_named_when_their_moment_comes() -> None:
    play = voting(2, "anna", "bo")
    vote(play, "cilla", "anna")
    play.go("begin", 3)
    to_step(play, "since")
    assert "guide.last_owner" in play.keys("lena", "guide/3")
    assert "anna" in people(play.chat("lena")["guide/3"])
    play.tap("lena", "guide.next")
    assert "anna" not in people(play.chat("lena")["guide/3"])
    play = begun(2)
    to_step(play, "since")
    assert "guide.last_owner" not in play.keys("lena", "guide/2")


def test_the_owner_is_named_after_the_vote() -> None:
    play = voting(2, "anna", "bo")
    vote(play, "cilla", "anna")
    play.go("close", 2)
    assert "vote.result" in play.keys("lena", "guide/2")
    play.tap("lena", "guide.next")
    assert "guide.owner_is" in play.keys("lena", "guide/2")


def test_at_the_break_there_is_nothing_to_say() -> None:
    play = begun(1)
    assert "guide.say" in play.keys("lena", "guide/1")
    to_step(play, "coffee")
    assert "guide.say" not in play.keys("lena", "guide/1")


def test_a_leader_ends_the_meeting() -> None:
    play = begun(2)
    play.tap("lena", "guide.next")
    play.tap("lena", "end.b")
    assert play.told("lena") == "end.done"
    assert "guide.ended" in play.keys("omar", "guide/2")
    assert not set(play.buttons("omar")) & {"guide.next", "end.b", "skip.b"} - {"skip.b"}
    assert "card.held" in play.keys("", "meeting/2")
    play.press("omar", EndMeeting(play.group.id, 2))
    assert play.told("omar") == "unavailable"


def test_a_meeting_nobody_ends_ends_by_itself_with_some_grace() -> None:
    play = begun(2)
    ends = play.group.ends(now(play))
    play.go("finish", 2)
    assert play.now == ends + GRACE
    assert play.group.meetings[1].held


def test_more_minutes_and_pauses_put_that_off() -> None:
    play = begun(2)
    ends = play.group.ends(now(play))
    play.now += 10 * MINUTE
    play.tap("lena", "guide.next")  # five minutes early
    for _ in range(5):
        play.tap("lena", "guide.more")
    assert due_at(play) == ends + 5 * MINUTE + GRACE
    play.tap("lena", "guide.pause")
    assert due_at(play) == ends + 5 * MINUTE + PAUSE_GRACE


def due_at(play: Play) -> object:
    return next(one.due_at for one in play.wanted[play.group.id] if one.kind == "finish")


def test_only_at_the_first_step_a_begun_meeting_is_called_off_from_the_guide() -> None:
    play = begun(1)
    assert "skip.b" in keys(play.chat("lena")["guide/1"])
    play.tap("lena", "guide.next")
    assert "skip.b" not in keys(play.chat("lena")["guide/1"])
    assert "end.b" in keys(play.chat("lena")["guide/1"])


@pytest.mark.parametrize("person", ["anna", SPONSOR, "stranger"])
@pytest.mark.parametrize("action", IN_THE_MEETING, ids=lambda one: one.kind)
def test_only_those_who_lead_move_the_meeting(person: str, action: object) -> None:
    play = begun(2)
    aimed = type(action)(
        **{**{f: getattr(action, f) for f in action.__slots__}, "group": play.group.id}
    )  # type: ignore[attr-defined]
    before = play.group
    play.press(person, aimed)
    assert play.told(person) == "unavailable"
    assert play.group == before


@pytest.mark.parametrize("number", [1, 3, 11])
def test_only_the_meeting_that_goes_on_is_moved(number: int) -> None:
    play = begun(2)
    for action in (MoveGuide, AddMinutes, PauseGuide, EndMeeting, OpenVote):
        more = {MoveGuide: (0, 1), AddMinutes: (0,), PauseGuide: (True,)}.get(action, ())
        play.press("lena", action(play.group.id, number, *more))  # type: ignore[operator]
        assert play.told("lena") == "unavailable"


def test_the_last_meeting_closes_with_a_question_to_the_room() -> None:
    play = begun(10)
    to_step(play, "closing")
    assert "questions/closing" in paths(play.chat("")["closing"])


def test_those_who_have_a_question_are_asked_all_at_once_and_only_once() -> None:
    play = with_cases(2)
    assert [one for one in play.group.people if "today/2" in play.chat(one)] == [
        "anna",
        "bo",
        "cilla",
    ]
    play.tap("anna", "case.today.yes")
    assert play.told("anna") == "case.today.done"
    play.tap("lena", "guide.back")
    play.tap("lena", "guide.next")
    assert "today/2" not in play.chat("anna")
    assert "today/2" in play.chat("bo")


def test_whoever_has_come_to_lead_is_not_asked_about_the_question_they_brought_before() -> None:
    play = begun(2)
    for author in ("anna", "bo"):
        play.submit(author, BringCase(play.group.id, 2), case=f"{author}?")
    play.press("omar", LeaveGroup(play.group.id))
    play.fill("omar")
    play.tap(SPONSOR, "replace.b")
    play.fill(SPONSOR, leaders=("anna",))
    play.tap("anna", "lead.yes")
    to_step(play, "vote")
    assert "today/2" in play.chat("bo")
    assert "today/2" not in play.chat("anna")


def test_the_step_of_reflection_offers_each_their_own() -> None:
    play = begun(2)
    to_step(play, "reflection")
    assert "reflect/2" in play.chat("anna")
    play.press("anna", Reflect(play.group.id, 2))
    assert play.form("anna").submit
    shown = play.chat("anna")["reflect/2"]
    play.tap("lena", "guide.back")
    play.press("lena", MoveGuide(play.group.id, 2, at(play).step, 1))
    play.go("finish", 2)
    assert play.chat("anna")["reflect/2"] == shown


# --- what the room sees -------------------------------------------------------------------------


def test_the_room_s_card_shows_the_step_and_until_when() -> None:
    play = begun(2)
    assert "card.step" in play.keys("", "meeting/2")
    for press in ("guide.next", "guide.more", "guide.back"):
        play.tap("lena", press)
        shown = [when.at for when in inside(play.chat("")["meeting/2"], When)]
        assert play.now + until(play) in shown
    play.tap("lena", "guide.pause")
    assert "card.step" not in play.keys("", "meeting/2")
    assert "guide.paused" in play.keys("", "meeting/2")
    play.tap("omar", "guide.go")
    play.tap("lena", "guide.next")
    play.tap("lena", "end.b")
    assert "card.step" not in play.keys("", "meeting/2")


def test_once_it_has_begun_nobody_is_asked_any_more_whether_they_come() -> None:
    play = before(2)
    play.go("remind", 2)
    assert "card.yes" in play.buttons("")
    assert "card.yes" in play.keys("anna", "remind/2")
    play.go("begin", 2)
    assert "card.yes" not in play.buttons("")
    assert "remind/2" not in play.chat("anna")
    assert "card.no" in keys(play.home("anna")), "the home still has it"


def test_when_it_is_over_the_overview_is_gone() -> None:
    play = begun(2)
    assert "overview/2" in play.chat("lena")
    to_step(play, "meta")
    play.tap("lena", "end.b")
    assert "overview/2" not in play.chat("lena")


def test_time_alone_edits_nothing() -> None:
    play = begun(2)
    was = dict(play.shown)
    play.go(play.now + 40 * MINUTE)
    assert play.shown == was


def test_those_who_lead_can_keep_the_step_out_of_the_room() -> None:
    play = begun(2)
    play.tap("omar", "guide.set")
    play.fill("omar", lead="lena", step=False)
    assert play.told("omar") == "noted"
    assert "card.step" not in play.keys("", "meeting/2")
    play.go("begin", 3)
    assert "card.step" not in play.keys("", "meeting/3"), "until they want it again"
    play.tap("lena", "guide.set")
    play.fill("lena", lead="lena", step=True)
    assert "card.step" in play.keys("", "meeting/3")


def test_the_step_is_for_nobody_but_the_group() -> None:
    play = begun(2)
    play.comes(SPONSOR)
    play.tap("lena", "guide.next")
    assert "card.step" not in play.keys("", "meeting/2")
    play.goes(SPONSOR)
    play.tap("lena", "guide.next")
    assert "card.step" in play.keys("", "meeting/2")


# --- who leads today ----------------------------------------------------------------------------


def leads_today(play: Play, number: int) -> set[str]:
    """Whom the guides name as leading today; both say the same."""
    found = [
        people([one for one in inside(play.chat(who)[f"guide/{number}"], Text) if lead(one)])
        for who in LEADERS
    ]
    assert found[0] == found[1]
    return found[0]


def lead(text: Text) -> bool:
    return text.text.key == "guide.lead"


def test_two_leaders_take_turns_unless_they_say_otherwise() -> None:
    play = begun(2)
    assert leads_today(play, 2) == {"omar"}
    play.go("begin", 3)
    assert leads_today(play, 3) == {"lena"}


def test_a_meeting_is_handed_over_by_either_of_them() -> None:
    play = begun(2)
    for who, to in (("omar", "lena"), ("omar", "omar"), ("lena", "lena")):
        play.tap(who, "guide.set")
        play.fill(who, lead=to, step=True)
        assert leads_today(play, 2) == {to}
    play.submit("lena", SetGuide(play.group.id, 2), lead="anna", step=True)
    assert play.errors("lena") == {"lead": "error.choose"}
    play.tap("omar", "guide.next")
    assert step(play) == "relax", "whoever leads today, both can do everything"


def test_whoever_is_left_leads_alone_and_can_do_everything() -> None:
    play = begun(2)
    play.tap("omar", "guide.set")
    play.fill("omar", lead="omar", step=True)
    play.press("omar", LeaveGroup(play.group.id))
    play.fill("omar")
    assert "guide.lead" not in play.keys("lena", "guide/2")
    play.tap("lena", "guide.set")
    assert [one.name for one in play.form("lena").fields] == ["step"]  # type: ignore[union-attr]
    play.fill("lena", step=True)
    assert play.told("lena") == "noted"
    to_step(play, "meta")
    play.tap("lena", "end.b")
    assert play.told("lena") == "end.done"


@pytest.mark.parametrize("person", ["anna", SPONSOR, "stranger"])
def test_nobody_else_sets_anything(person: str) -> None:
    play = begun(2)
    for send in (play.press, play.submit):
        send(person, SetGuide(play.group.id, 2))
        assert play.told(person) == "unavailable"
