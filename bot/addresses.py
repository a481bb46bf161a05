"""Private addresses: whom a token shows what. Nothing that people wrote is opened on the way."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bot.core.addresses import Opens, hashed, opens_calendar, opens_sheet
from bot.core.model import Group
from bot.groups import Groups
from bot.store import Store, Unit


@dataclass(frozen=True, slots=True)
class Opened:
    """What an address leads to: a group, for a reader of this language, and a meeting if one."""

    group: Group
    language: str
    meeting: int
    #: Makes what a calendar knows the meetings by.
    seed: str


class Addresses:
    """Looks addresses up, in programme time."""

    def __init__(self, store: Store, groups: Groups, now: Callable[[], datetime]) -> None:
        """Look them up in this store."""
        self._store = store
        self._groups = groups
        self._now = now

    async def open(self, opens: Opens, token: str) -> Opened | None:
        """What the token opens now; None for one that is wrong, old, or another's by now."""
        return await self._store.run(lambda unit: self._open(unit, opens, token))

    def _open(self, unit: Unit, opens: Opens, token: str) -> Opened | None:
        row = unit.addresses.find(hashed(token), opens)
        group = self._groups.bare(unit, row.group_id) if row is not None else None
        if row is None or group is None:
            return None
        if opens == "calendar":
            may = opens_calendar(group, row.person_id, self._now())
        else:
            meeting = group.meeting(row.meeting)
            may = opens_sheet(group, row.person_id, meeting, self._now())
        reader = unit.people.find(row.person_id)
        if not may or reader is None:
            return None
        return Opened(group, reader.language, row.meeting, row.seed)
