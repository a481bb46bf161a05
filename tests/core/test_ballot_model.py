"""The ballot against a simple model, for every interleaving of what people may do."""

import hashlib
from collections.abc import Mapping

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.action import CastVote, CloseVote, LeaveGroup, Today, WithdrawCase
from bot.core.ballot import winner
from bot.core.turns import lots
from tests.core.play import POOL, Play
from tests.core.stages import voting

SETTINGS = settings(derandomize=True, deadline=None, max_examples=80)
AUTHORS = POOL[:4]
people = st.sampled_from(POOL[:8])
authors = st.sampled_from(AUTHORS)


def best(
    candidates: list[str],
    ballots: Mapping[str, frozenset[str]],
    waited: Mapping[str, int],
    order: list[str],
) -> str:
    """The plain reading of the rule: strike out candidates until one is left."""
    left = [one for one in order if one in candidates]
    for measure in (
        lambda one: -sum(one in ballot for ballot in ballots.values()),
        lambda one: waited[one],
    ):
        least = min((measure(one) for one in left), default=0)
        left = [one for one in left if measure(one) == least]
    return left[0] if left and any(left[0] in ballot for ballot in ballots.values()) else ""


@SETTINGS
@given(
    st.sets(st.sampled_from("abcde")),
    st.dictionaries(st.sampled_from("pqrst"), st.frozensets(st.sampled_from("abcde"))),
    st.fixed_dictionaries({one: st.integers(0, 2) for one in "abcde"}),
    st.permutations("abcde"),
)
def test_the_winner_is_what_the_rule_says(
    candidates: set[str],
    ballots: dict[str, frozenset[str]],
    waited: dict[str, int],
    order: list[str],
) -> None:
    found = winner(tuple(sorted(candidates)), ballots, waited, tuple(order))
    assert found == best(sorted(candidates), ballots, waited, order)
    assert found in candidates | {""}


@SETTINGS
@given(st.text(max_size=20), st.sets(st.text("abcdef", min_size=1), max_size=6))
def test_lots_are_an_order_of_all_that_only_the_seed_decides(seed: str, cases: set[str]) -> None:
    drawn = lots(seed, tuple(cases))
    assert sorted(drawn) == sorted(cases)
    assert drawn == lots(seed, tuple(sorted(cases)))


def test_each_lot_is_first_now_and_then() -> None:
    first = {lots(str(seed), ("a", "b", "c"))[0] for seed in range(50)}
    assert first == {"a", "b", "c"}


steps = st.one_of(
    st.tuples(st.just("cast"), people, st.sets(authors, min_size=1)),
    st.tuples(st.just("cast"), people, st.sets(authors, min_size=1)),
    st.tuples(st.just("withdraw"), authors),
    st.tuples(st.just("leave"), people),
    st.tuples(st.just("today"), authors, st.booleans()),
    st.tuples(st.just("close")),
)


class Model:
    """Who is on the roll, what each has ticked, and which questions still stand."""

    def __init__(self) -> None:
        self.roll = set(POOL[:8])
        self.ballots: dict[str, frozenset[str]] = {}
        self.standing = set(AUTHORS)
        self.later: set[str] = set()
        self.open = True

    def over(self) -> bool:
        return self.ballots.keys() >= self.roll


def play_step(play: Play, model: Model, step: tuple, ids: dict[str, str]) -> None:  # type: ignore[type-arg]
    group = play.group.id
    match step:
        case ("cast", person, chosen):
            play.submit(
                person, CastVote(group, 2), cases=tuple(ids[author] for author in sorted(chosen))
            )
            if model.open and person in model.roll:
                model.ballots[person] = frozenset(chosen)
                model.open = not model.over()
        case ("withdraw", author):
            play.press(author, WithdrawCase(group, 2))
            if model.open:
                model.standing.discard(author)
        case ("leave", person):
            play.submit(person, LeaveGroup(group))
            if model.open:
                model.roll.discard(person)
                model.ballots.pop(person, None)
                model.standing.discard(person)
                model.later.discard(person)
                model.open = not model.over()
        case ("today", author, yes):
            play.press(author, Today(group, 2, yes))
            if model.open and author in model.standing:
                (model.later.discard if yes else model.later.add)(author)
        case ("close",):
            play.press("lena", CloseVote(group, 2))
            if 2 * len(model.ballots) >= len(model.roll):
                model.open = False


@SETTINGS
@given(st.lists(steps, max_size=25))
def test_every_interleaving_ends_as_the_model_says(story: list[tuple]) -> None:  # type: ignore[type-arg]
    play, model = voting(2, *AUTHORS), Model()
    ids = {case.by: case.id for case in play.group.meetings[1].cases}
    seed = play.group.item("2/vote", "seed")
    left_after: set[str] = set()
    for step in story:
        if step[0] == "leave" and not model.open:
            left_after.add(step[1])
        play_step(play, model, step, ids)
        ballot = play.group.meetings[1].ballot
        assert ballot is not None
        assert (ballot.closed_at is None) == model.open
        if model.open:
            assert play.group.voted(2) == len(model.ballots)
            assert set(ballot.roll) == model.roll
        else:
            assert "2/vote" not in play.group.drawers or not play.group.items("2/vote", "ballot/")
    if model.open:
        play.go("close", 2)
    order = sorted(
        AUTHORS, key=lambda author: hashlib.sha256(f"{seed}/{ids[author]}".encode()).hexdigest()
    )
    nobody = dict.fromkeys(AUTHORS, 0)
    chosen = best(sorted(model.standing - model.later), model.ballots, nobody, order)
    assert play.group.meetings[1].owner == ("" if chosen in left_after else chosen)
