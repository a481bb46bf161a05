"""How long a group that is closed is kept; of what remains of it nothing names anybody."""

from datetime import datetime, timedelta

from bot.core.figures import count_of, ended_in
from bot.core.model import Group
from bot.groups import Groups
from bot.keyring import Keyring
from bot.parking import passed_over
from bot.shredding import shred_all
from bot.store import Unit

#: How long, in programme time: no deadline of a text is later.
RETAINED = timedelta(days=90)


def retire(unit: Unit, groups: Groups, keyring: Keyring, now: datetime) -> bool:
    """Delete the groups that were closed so long ago; whether there were any.

    One that still awaits something, as a reunion, is kept until that is over. What they count
    for in the figures of their year is kept.
    """
    retired = False
    for row in unit.groups.closed_before(now - RETAINED):
        with passed_over(row.id):
            group = groups.bare(unit, row.id)
            if group is not None:
                retired |= _retire(unit, keyring, group, row.version)
    if retired:
        unit.wipe()
    return retired


def _retire(unit: Unit, keyring: Keyring, group: Group, version: int) -> bool:
    """Delete a group in this version; False if that is no longer there."""
    year, count = ended_in(group), count_of(group)  # whatever can fail by the group comes first
    shred_all(unit, keyring, group.id)
    if not unit.groups.erase(group.id, version):
        return False
    if year is not None:
        unit.figures.count(group.platform, group.tenant, year, group.method_id, count)
    return True
