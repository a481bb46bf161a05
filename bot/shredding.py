"""Ending drawers: the ciphertext with the commit, the key right afterwards."""

import logging
from functools import partial

from bot.core.event import GroupId
from bot.keyring import Keyring
from bot.store import Unit

log = logging.getLogger(__name__)


def shred(unit: Unit, keyring: Keyring, group_id: GroupId, drawer: str) -> None:
    """End a drawer: its ciphertext with the commit, its key right afterwards."""
    key_id = unit.groups.shred(group_id, drawer)
    if key_id is not None:
        unit.after_commit(partial(keyring.destroy, key_id))
        unit.wipe()


def shred_all(unit: Unit, keyring: Keyring, group_id: GroupId) -> int:
    """End every drawer of a group; how many there were."""
    drawers = unit.groups.sealed(group_id)
    for sealed in drawers:
        shred(unit, keyring, group_id, sealed.drawer)
    return len(drawers)


def bury(keyring: Keyring, unit: Unit) -> None:
    """Make sure that doomed keys are gone, then forget their names."""
    for key_id in unit.groups.doomed():
        try:
            keyring.destroy(key_id)
        except OSError as error:
            log.error("A key could not be destroyed: %s", type(error).__name__)
        else:
            unit.groups.bury(key_id)
