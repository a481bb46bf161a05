"""Fair and gentle turns: who has waited longest for something. No order of them is ever shown."""

import hashlib
from collections.abc import Callable

from bot.core.event import PersonId
from bot.core.model import Group, Meeting


def median(turns: list[int]) -> int:
    """The middle one; of two middle ones the later, so that whoever was there first goes first.

    >>> median([0, 3, 0, 2]), median([4]), median([])
    (2, 4, 0)
    """
    return sorted(turns)[len(turns) // 2] if turns else 0


def last_turn(group: Group, person: PersonId, whose: Callable[[Meeting], PersonId]) -> int:
    """The number of the meeting of somebody's last turn; 0 if they have waited from the beginning.

    Whoever joined later starts at the median that those had who were there when they came.
    """
    own = [meeting.number for meeting in group.meetings if whose(meeting) == person]
    if own:
        return max(own)
    since = _since(group, person)
    if since == 1:
        return 0
    before = [meeting for meeting in group.meetings if meeting.number < since]
    return median(
        [
            max((one.number for one in before if whose(one) == other), default=0)
            for other in group.people
            if _since(group, other) < since
        ]
    )


def last_owned(group: Group, person: PersonId) -> int:
    """When somebody's question was last taken up."""
    return last_turn(group, person, lambda meeting: meeting.owner)


def _since(group: Group, person: PersonId) -> int:
    """The first meeting to which somebody was invited as a member."""
    return next((one.since for one in group.members if one.person == person), 1)


def lots(seed: str, names: tuple[str, ...]) -> tuple[str, ...]:
    """The order that a seed draws; nobody can aim at it without knowing the seed.

    >>> sorted(lots("seed", ("a", "b", "c")))
    ['a', 'b', 'c']
    """
    return tuple(sorted(names, key=lambda id: hashlib.sha256(f"{seed}/{id}".encode()).digest()))
