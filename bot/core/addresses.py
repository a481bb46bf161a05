"""Private addresses: what one person may open in a browser or a calendar, by a token alone.

A token is shown once, in a form. What is kept is its hash; what it opens is asked anew each time.
"""

import hashlib
from datetime import datetime, timedelta
from typing import Literal, TypeAlias

from bot.core.card import Address
from bot.core.effect import Grant
from bot.core.event import PersonId
from bot.core.facts import Facts
from bot.core.model import Group, Meeting
from bot.core.rights import leads, takes_part
from schedules.rule import instant

#: What an address opens.
Opens: TypeAlias = Literal["calendar", "sheet"]

#: How long a closed group's calendar still tells what has been called off.
CLOSED_TOLD = timedelta(days=30)
#: How long after a meeting's end by plan its sheet can be opened.
SHEET_LIVES = timedelta(hours=24)


def hashed(token: str) -> str:
    """How a token is kept: who reads the database cannot use it.

    >>> hashed("token")[:12]
    '3c469e9d6c58'
    """
    return hashlib.sha256(token.encode()).hexdigest()


def granted(group: Group, opens: Opens, meeting: int, facts: Facts) -> tuple[Grant, Address]:
    """A new address for me, in the place of the one I had; its token is made of what is fresh."""
    token = facts.fresh
    seed = hashed(f"seed of {token}")
    grant = Grant(group.id, facts.me, opens, meeting, hashed(token), seed)
    path = f"/calendar/{token}.ics" if opens == "calendar" else f"/sheet/{token}"
    return grant, Address(path)


def opens_calendar(group: Group, person: PersonId, now: datetime) -> bool:
    """Whether a calendar is told to this person: in the group, and a while after it has closed."""
    if not takes_part(group, person):
        return False
    if group.status == "closed":
        last = [group.closed_at] if group.closed_at else []
        last += [instant(group.reunion_at, group.zone)] if group.reunion_at else []
        return any(now < one + CLOSED_TOLD for one in last)
    return group.status == "running"


def opens_sheet(group: Group, person: PersonId, meeting: Meeting | None, now: datetime) -> bool:
    """Whether a meeting's sheet is shown to this person: whoever leads, until a day after it."""
    return (
        leads(group, person)
        and group.status == "running"
        and meeting is not None
        and now < group.ends(meeting) + SHEET_LIVES
    )
