"""Whatever people do and whenever it comes, the laws of `tests.core.laws` hold."""

from collections import Counter
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core import action as a
from bot.core.event import MomentCame
from bot.core.handle import handle
from tests.core.fuzz import EVERYBODY, KINDS, POOL, Fuzz, act, answers, anything
from tests.core.play import LEADERS, SPONSOR, Play
from tests.core.stages import now, started, to_step


def grown(random: Random, members: int) -> Fuzz:
    """A group that got as far as its room, unless something came between."""
    play = Fuzz()
    for leader in LEADERS:
        play.tap(leader, "lead.yes")
    for person in POOL[:members]:
        play.tap(person, "invite.yes")
    if random.random() < 0.9:
        play.tap("lena", "gather.show")
        play.press("omar", a.StartGroup(play.group.id))
        if play.group.status == "running":
            far = random.random()
            if far < 0.2:
                play.go("begin", 3)
            elif far < 0.85:
                play.go("shred", 1)
    return play


@settings(derandomize=True, deadline=None, max_examples=40)
@given(st.integers(0, 2**32))
def test_any_story_keeps_the_laws(seed: int) -> None:
    random = Random(seed)
    play = Fuzz() if seed % 5 == 0 else grown(random, random.randint(3, 6))
    for _ in range(120):
        act(play, random)
    while any(play.wanted.values()):
        play.next()
    once = Counter((one.meeting, one.kind, one.who) for one in play.came if one.kind != "lapse")
    assert all(count == 1 for count in once.values()), once.most_common(1)
    if play.group.status == "closed":
        assert not play.group.drawers
        left = {person: play.buttons(person) for person in ("", *EVERYBODY)}
        assert not any(left.values()), left


@settings(derandomize=True, deadline=None, max_examples=6)
@given(st.integers(0, 2**32))
def test_any_action_by_anybody_in_any_state_is_answered(seed: int) -> None:
    random = Random(seed)
    play = grown(random, 6)
    while any(play.wanted.values()):
        for kind in KINDS:
            for person in (SPONSOR, "lena", "anna", "stranger"):
                action = anything(play, random, kind)
                if isinstance(action, a.CloseGroup | a.LeaveGroup) and random.random() < 0.9:
                    play.press(person, action)
                    continue
                play.press(person, action)
                play.submit(person, action, **answers(play, random))
        for _ in range(3):
            if any(play.wanted.values()):
                play.next()


def test_the_stories_reach_what_they_should() -> None:
    reached: Counter[str] = Counter()
    for seed in range(66):
        random = Random(seed)
        play = grown(random, 6)
        if seed % 2 == 0 and play.group.status == "running":
            if now(play).guide is None:
                play.go("begin", 3)  # what only the last meeting has is far away
            to_step(play, "closing")
        for _ in range(120):
            act(play, random)
            reached[play.group.status] += 1
            meeting = play.group.next_meeting
            if meeting is not None:
                reached["guide"] += meeting.guide is not None
                reached["vote"] += meeting.ballot is not None and meeting.ballot.closed_at is None
                reached["owner"] += bool(meeting.owner)
                reached["asked"] += bool(meeting.partner_asked)
                reached["partner"] += bool(meeting.partner)
                reached["reunion"] += bool(meeting.reunion)
            reached["reworded"] += play.group.rules.version > 1
            reached["left"] += any(one.status == "left" for one in play.group.members)
            reached["carried"] += any("carried" in one for one in play.group.drawers)
            reached["mine"] += any("mine" in one for one in play.group.drawers)
    rare = {name: reached[name] for name in reached if reached[name] < 5}
    assert not rare, rare
    assert set(reached) >= {"gathering", "running", "closed"}


def test_a_moment_of_a_group_that_is_not_there_passes() -> None:
    play = started()
    moment = MomentCame("g0", 1, "remind", "", play.now)
    assert not handle(None, moment, play.facts("")).changes


def test_a_moment_that_no_rule_knows_is_a_fault() -> None:
    play: Play = started()
    moment = MomentCame(play.group.id, 1, "unheard of", "", play.now)
    with pytest.raises(AssertionError, match="unheard of"):
        handle(play.group, moment, play.facts(""))
