"""What is done at a start before anything else: what is to be gone is gone, then people are told.

Nothing has been sent by then, and nobody has been let in.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial
from itertools import islice
from logging import getLogger

from bot.core.due import ENDING
from bot.core.event import DrawersLost
from bot.groups import Groups, NotTold
from bot.keyring import Keyring
from bot.keys import needed_keys
from bot.parking import passed_over
from bot.shredding import bury
from bot.store import Store, Unit
from schedules.engine import Due

log = getLogger(__name__)

#: How many keys are looked for at once.
_SOME = 1_000


async def recover(
    *,
    store: Store,
    keyring: Keyring,
    groups: Groups,
    now: Callable[[], datetime],
    moment: Callable[[Due], Awaitable[None]],
    lost: Callable[[DrawersLost], Awaitable[None]],
) -> None:
    """Destroy what a crash has spared and whatever has ended since; then tell what is lost.

    `moment` lets one moment come; `lost` tells those who lead.
    """
    await sweep(store, keyring)
    await store.run(Unit.wipe)
    await _end(store, now, moment)
    for event in await store.run(partial(_lost, groups)):
        with passed_over(event.group):
            await lost(event)


async def sweep(store: Store, keyring: Keyring) -> None:
    """Destroy the keys that are doomed, and those that nobody needs."""
    await store.run(partial(bury, keyring))
    spare = iter(keyring.shelf.spare())
    while some := list(islice(spare, _SOME)):
        needed = await store.run(partial(needed_keys, some))
        keyring.shelf.end([key_id for key_id in some if key_id not in needed])


async def _end(
    store: Store, now: Callable[[], datetime], moment: Callable[[Due], Awaitable[None]]
) -> None:
    """Let every overdue moment come that ends something, and those that follow from it.

    One that fails stops no other; the clock will try it again, and its group is silent until then.
    """
    tried: set[Due] = set()
    while True:
        rows = await store.run(lambda unit: unit.moments.due(now(), ENDING))
        new = [Due(row.group_id, row.meeting, row.kind, row.who) for row in rows]
        new = [one for one in new if one not in tried]
        if not new:
            return
        for one in new:
            tried.add(one)
            try:
                await moment(one)
            except Exception as error:
                which = {"what": one.kind, "error": type(error).__name__}
                log.error("%(what)s of a meeting failed: %(error)s", which)


def _lost(groups: Groups, unit: Unit) -> list[DrawersLost]:
    """What those who lead do not know of yet."""
    found = []
    for group_id in unit.groups.with_drawers():
        with passed_over(group_id):
            try:
                groups.whole(unit, group_id)
            except NotTold as error:
                found.append(error.event)
    return found
