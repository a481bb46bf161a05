"""Where stories begin: each stage is played once and handed out as a copy."""

from collections.abc import Callable
from functools import cache, wraps
from typing import Any

from bot.core.action import BringCase, MoveGuide, SignUp
from bot.core.model import Meeting
from tests.core.play import LEADERS, OPENER, OPENING, POOL, SPONSOR, Play, shipped


def copied(stage: Callable[..., Play]) -> Callable[..., Play]:
    played = cache(stage)

    @wraps(stage)
    def fresh(*args: Any) -> Play:
        return played(*args).copy()

    return fresh


@copied
def opened(id: str = "jonkoping") -> Play:
    """A group has been opened, its leaders are asked."""
    play = Play(shipped(id))
    play.command(SPONSOR, "open")
    leaders = LEADERS[: play.method.leaders]
    play.fill(SPONSOR, **{**OPENING, "method": play.method.id, "leaders": leaders})
    assert play.told(SPONSOR) == "open.done"
    return play


@copied
def signing(id: str = "at-risk", signed: int = 0) -> Play:
    """A coordinator has opened a group for own sign-up, those who lead have said yes."""
    play = Play(shipped(id))
    leaders = LEADERS[: play.method.leaders]
    play.command(OPENER, "open")
    changes = {"name": "", "method": id, "leaders": leaders, "pool": (), "every": "usual"}
    play.fill(OPENER, **{**OPENING, **changes})
    for leader in leaders:
        play.tap(leader, "lead.yes")
    for person in POOL[:signed]:
        play.press(person, SignUp(play.group.id))
    return play


@copied
def gathering(id: str = "jonkoping") -> Play:
    """The leaders have said yes, ten of twelve people are asked."""
    play = opened(id)
    for leader in LEADERS[: play.method.leaders]:
        play.tap(leader, "lead.yes")
    return play


@copied
def joined(count: int = 8, id: str = "jonkoping") -> Play:
    """The first ones have said yes."""
    play = gathering(id)
    for person in POOL[:count]:
        play.tap(person, "invite.yes")
    return play


@copied
def started(count: int = 8, id: str = "jonkoping") -> Play:
    """The group has a room."""
    play = joined(count, id)
    play.tap("lena", "gather.show")
    play.tap("lena", "gather.start")
    assert play.told("lena") == "start.done"
    return play


@copied
def before(meeting: int) -> Play:
    """The meeting before has ended by itself, nobody has said anything."""
    play = started()
    if meeting > 1:
        play.go("finish", meeting - 1)
    return play


@copied
def begun(meeting: int) -> Play:
    """The meeting has begun, the guide is at its first step."""
    play = before(meeting)
    play.go("begin", meeting)
    return play


@copied
def with_cases(meeting: int = 2, *authors: str) -> Play:
    """The meeting is in the step of the vote; some have brought a question, three by default."""
    play = before(meeting)
    for author in authors or POOL[:3]:
        play.submit(author, BringCase(play.group.id, meeting), case=f"The question of {author}")
    play.go("begin", meeting)
    to_step(play, "vote")
    return play


@copied
def voting(meeting: int = 2, *authors: str) -> Play:
    """The vote is open."""
    play = with_cases(meeting, *authors)
    play.tap("lena", "vote.open")
    assert play.told("lena") == "vote.opened"
    return play


def to_step(play: Play, id: str) -> None:
    """A leader presses next until the meeting is in this step; the brake is not asked twice."""
    for _ in play.group.agenda(now(play)):
        step = play.group.step(now(play))
        assert step is not None
        if step.id == id:
            return
        guide = now(play).guide
        assert guide is not None
        play.press("lena", MoveGuide(play.group.id, now(play).number, guide.step, 1, sure=True))
    raise AssertionError(id)


def now(play: Play) -> Meeting:
    """The meeting that goes on or comes next."""
    meeting = play.group.next_meeting
    assert meeting is not None
    return meeting


def case_id(play: Play, author: str) -> str:
    case = now(play).case_of(author)
    assert case is not None
    return case.id


def vote(play: Play, person: str, *authors: str) -> None:
    """A person opens the ballot in the room and ticks the questions of these."""
    play.tap(person, "vote.b")
    play.fill(person, cases=tuple(case_id(play, author) for author in authors))


@copied
def closed_by_sponsor(held: int) -> Play:
    """The sponsor has closed the group, after so many meetings."""
    play = before(held + 1)
    play.command(SPONSOR, "close")
    play.fill(SPONSOR)
    return play
