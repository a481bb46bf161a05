"""Fair and gentle turns: property tests of who goes first when votes are equal."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.model import Group, Member
from bot.core.turns import last_owned, median
from tests.core.play import POOL, SPONSOR, Play
from tests.core.stages import now, started, vote, with_cases

SETTINGS = settings(derandomize=True, deadline=None, max_examples=100)
MEETINGS = 10
FOUNDERS = POOL[:6]
#: The owner of each meeting so far; empty where nothing was chosen.
histories = st.lists(st.sampled_from(["", *FOUNDERS]), max_size=MEETINGS - 1)


def lived(history: list[str], members: tuple[Member, ...] = ()) -> Group:
    """A group in which these people owned the questions, in this order."""
    play = started(6)
    meetings = tuple(
        replace(one, owner=owner, held=True)
        for one, owner in zip(play.group.meetings, history, strict=False)
    )
    rest = play.group.meetings[len(history) :]
    return replace(play.group, members=(*play.group.members, *members), meetings=(*meetings, *rest))


@SETTINGS
@given(st.lists(st.integers(0, 9), min_size=1, max_size=12))
def test_the_median_is_somebody_s_place_with_at_most_half_on_either_side(turns: list[int]) -> None:
    middle = median(turns)
    assert middle in turns
    assert 2 * sum(one < middle for one in turns) <= len(turns)
    assert 2 * sum(one > middle for one in turns) < len(turns)


@SETTINGS
@given(histories)
def test_whoever_was_there_from_the_beginning_waits_since_their_last_turn(
    history: list[str],
) -> None:
    group = lived(history)
    for person in FOUNDERS:
        own = [number for number, owner in enumerate(history, 1) if owner == person]
        assert last_owned(group, person) == max(own, default=0)


@SETTINGS
@given(histories, st.integers(2, MEETINGS))
def test_a_newcomer_starts_in_the_middle_and_before_nobody_who_waited_longer(
    history: list[str], since: int
) -> None:
    group = lived(history, (Member("nils", "yes", since=since),))
    there = [
        max((n for n, owner in enumerate(history[: since - 1], 1) if owner == one), default=0)
        for one in FOUNDERS
    ]
    start = last_owned(group, "nils")
    assert start == median(there)
    assert start < since
    longer = sum(one < start for one in there)
    assert 2 * longer <= len(there)
    assert not any(one > start for one in there) or start <= max(there)


@SETTINGS
@given(histories, st.integers(2, MEETINGS), st.integers(2, MEETINGS))
def test_what_happens_after_somebody_came_moves_their_start_no_more(
    history: list[str], since: int, later: int
) -> None:
    newcomer = Member("nils", "yes", since=since)
    short = lived(history[: since - 1], (newcomer,))
    assert last_owned(lived(history, (newcomer,)), "nils") == last_owned(short, "nils")
    other = Member("olle", "yes", since=max(since, later))
    both = lived(history, (newcomer, other))
    assert last_owned(both, "nils") == last_owned(short, "nils")


@SETTINGS
@given(histories, st.integers(2, MEETINGS))
def test_a_newcomer_who_has_had_a_turn_waits_since_then_like_anybody(
    history: list[str], since: int
) -> None:
    owners = [*history, "nils"]
    group = lived(owners, (Member("nils", "yes", since=min(since, len(owners))),))
    assert last_owned(group, "nils") == len(owners)


@SETTINGS
@given(histories)
def test_somebody_who_owned_a_question_goes_behind_all_others(history: list[str]) -> None:
    group = lived([*history, "anna"])
    waits = {person: last_owned(group, person) for person in FOUNDERS}
    assert max(waits, key=lambda person: waits[person]) == "anna"


def with_history(play: Play, owners: list[str], **since: int) -> Play:
    """The same play, with other owners before and with some who came later."""
    group = play.group
    meetings = tuple(
        replace(one, owner=owners[one.number - 1]) if one.number <= len(owners) else one
        for one in group.meetings
    )
    members = tuple(replace(one, since=since.get(one.person, 1)) for one in group.members)
    play.groups[group.id] = replace(group, meetings=meetings, members=members)
    return play


def test_with_equal_votes_a_newcomer_goes_behind_whoever_has_waited_from_the_start() -> None:
    play = with_cases(7, "hans", "gun", "anna")
    with_history(play, ["", "anna", "bo", "cilla", "dag", "elin"], hans=7)
    play.tap("lena", "vote.open")
    vote(play, "dag", "hans", "gun", "anna")
    play.go("close", 7)
    assert now(play).owner == "gun"


def test_and_before_whoever_has_just_had_a_turn() -> None:
    play = with_cases(7, "hans", "elin")
    with_history(play, ["", "anna", "bo", "cilla", "dag", "elin"], hans=7)
    play.tap("lena", "vote.open")
    vote(play, "dag", "hans", "elin")
    play.go("close", 7)
    assert now(play).owner == "hans"


def test_whose_turns_have_been_is_told_to_nobody_before_the_close() -> None:
    """Two groups in which others have had their turns look the same to everybody."""
    one, other = with_cases(4, "gun", "hans"), with_cases(4, "gun", "hans")
    with_history(one, ["", "anna", ""])
    with_history(other, ["", "hans", ""], gun=3)
    for play in (one, other):
        play.tap("lena", "vote.open")
        vote(play, "dag", "gun", "hans")
    assert one.shown == other.shown
    for person in (*POOL, "lena", "omar", SPONSOR):
        assert one.home(person) == other.home(person)
    for person in POOL[:8]:
        for play in (one, other):
            play.tap(person, "vote.b")
        assert one.form(person) == other.form(person)
