"""How long a group that is closed is kept; of what remains of it nothing names anybody."""

from datetime import datetime, timedelta

from bot.core.figures import count_of, ended_in
from bot.groups import Groups
from bot.keyring import Keyring
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
    for group, version in groups.closed_before(unit, now - RETAINED):
        shred_all(unit, keyring, group.id)
        if unit.groups.erase(group.id, version):
            retired = True
            year = ended_in(group)
            if year is not None:
                at = (group.platform, group.tenant, year, group.method_id)
                unit.figures.count(*at, count_of(group))
    if retired:
        unit.wipe()
    return retired
