"""The keyring beside the database: one belongs to the other, at a start and when keys turn over.

The database names a key that is never destroyed. A keyring without that key is another's, or is
gone: then nothing is started and nothing made in its place, before somebody has accepted the loss.
"""

import json
from collections.abc import Callable, Collection, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial

from bot.keyring import (
    Keyring,
    Lost,
    NoMasterKey,
    Place,
    Rotated,
    accept_loss,
    has_any,
    is_laid_out,
    is_sealed_by,
    rotate_keys,
    shelf,
    what_opens,
)
from bot.refusal import Refusal
from bot.store import SchemaState, Store, Unit, schema_state
from bot.store.tables import InstallationRow

#: The id of the key by which the database knows its keyring.
_WITNESS = "keyring"
#: The names of the master keys that the last start knew.
_MASTERS = "master_keys"


async def open_keyring(store: Store, place: Place, given: Sequence[str], *, real: bool) -> Keyring:
    """The keyring of this database, as a start needs it; else `NoMasterKey`.

    `real`: people on a platform trust it, so that a master key beside the keys is not enough.
    """
    require_master(given, real=real)
    expected = await store.run(lambda unit: _expected(unit, place))
    keyring = Keyring(place, given)
    if expected and not any(keyring.holds(key_id) for key_id in expected):
        keyring.close()
        raise _gone(place)
    if not await store.run(lambda unit: unit.meta(_WITNESS)):
        await _witness(store, keyring)
    return keyring


async def look_at_keyring(url: str, place: Place, given: Sequence[str], *, real: bool) -> bool:
    """Raise what a start would raise, and make nothing; False if there are no keys yet."""
    require_master(given, real=real)
    there: frozenset[str] = frozenset()
    if schema_state(url) is SchemaState.CURRENT:
        store = Store(url)
        try:
            there = await store.run(lambda unit: _expected(unit, place))
        finally:
            await store.close()
    if not is_laid_out(place):
        return False
    keyring = Keyring(place, given)
    try:
        if there and not any(keyring.holds(key_id) for key_id in there):
            raise _gone(place)
    finally:
        keyring.close()
    return True


async def start_keyring(store: Store, place: Place, given: Sequence[str], *, real: bool) -> Keyring:
    """The same for a Krets that runs from now on: a rotation beside it asks what it knows."""
    keyring = await open_keyring(store, place, given, real=real)
    names = json.dumps([one.name for one in keyring.masters])
    await store.run(lambda unit: unit.set_meta(_MASTERS, names))
    return keyring


def require_master(given: Sequence[str], *, real: bool) -> None:
    """Refuse a real platform without a master key of its operator."""
    if real and not given:
        raise NoMasterKey(
            "A platform needs KRETS_MASTER_KEYS; make a master key with krets keys new, set it,"
            " and keep a copy where no backup of the data lies."
        )


def needed_keys(some: Collection[str], unit: Unit) -> frozenset[str]:
    """Which of these keys must not be swept away."""
    return unit.groups.keys(some) | {unit.meta(_WITNESS) or ""}


def _expected(unit: Unit, place: Place) -> frozenset[str]:
    """The keys of which one at least must be there; `NoMasterKey` if there is no file of any."""
    witness = unit.meta(_WITNESS)
    expected = frozenset({witness}) if witness else unit.groups.keys()
    if expected and not has_any(place, expected):
        raise _gone(place)
    return expected


async def _witness(store: Store, keyring: Keyring) -> None:
    key_id = keyring.make()
    await store.run(lambda unit: unit.set_meta(_WITNESS, key_id))


def _gone(place: Place) -> NoMasterKey:
    return NoMasterKey(
        f"The keys in {shelf(place).name} are gone, or belong to another database; restore them,"
        " or accept that what they seal is lost: krets keys accept-loss"
    )


# --- krets keys rotate --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Turned:
    """What a rotation has done, and the master keys that nothing needs any more, by name."""

    keys: Rotated
    secrets: int
    #: Secrets that no master key opens; their platforms have to give them anew.
    lost: int
    unneeded: tuple[str, ...]


async def rotate(
    store: Store,
    place: Place,
    given: Sequence[str],
    say: Callable[[int, int], None],
    *,
    beside: bool,
) -> Turned:
    """Bring all keys and secrets under the current master key; again does no harm.

    `beside` a Krets that runs: it must know that master key, or it could open nothing any more.
    """
    with closing(await open_keyring(store, place, given, real=False)) as keyring:
        current = keyring.masters.current.name
        started = await store.run(lambda unit: unit.meta(_MASTERS))
        if beside and current not in json.loads(started or "[]"):
            raise Refusal(
                f"The Krets that runs does not know the master key {current} yet; restart it with"
                " this KRETS_MASTER_KEYS first."
            )
        keys = rotate_keys(keyring, say)
        secrets = lost = 0
        for row in await store.run(lambda unit: unit.installations.sealed()):
            if is_sealed_by(keyring.masters.current, row.token):
                continue
            try:
                token = keyring.reseal_secret(f"{row.platform}/{row.tenant}", row.token)
            except Lost:
                lost += 1
            else:
                secrets += await store.run(partial(_reseal, row, token))
        if given:  # another wraps them all
            keyring.shelf.drop_own()
        unneeded = tuple(one.name for one in keyring.masters if one.name != current)
        return Turned(keys, secrets, lost, unneeded)


def _reseal(row: InstallationRow, token: bytes, unit: Unit) -> bool:
    return unit.installations.reseal(row, token)


# --- krets keys accept-loss ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Loss:
    """What no master key opens: drawers, in how many groups, and secrets of platforms."""

    groups: int
    drawers: int
    secrets: int


async def look_at_loss(store: Store, place: Place, given: Sequence[str]) -> Loss | None:
    """What would be given up; None if nothing is lost."""
    try:
        (await open_keyring(store, place, given, real=False)).close()
    except NoMasterKey:
        opens, masters = what_opens(place, given)
    else:
        return None
    drawers, rows = await store.run(
        lambda unit: (unit.groups.drawers(), unit.installations.sealed())
    )
    lost = [group_id for group_id, key_id in drawers if key_id not in opens]
    return Loss(
        groups=len(set(lost)),
        drawers=len(lost),
        secrets=sum(not any(is_sealed_by(one, row.token) for one in masters) for row in rows),
    )


async def give_up(store: Store, place: Place, given: Sequence[str]) -> None:
    """Go on with the keys that open, and without the others.

    The next start finds the drawers that open no more and tells those who lead.
    """
    accept_loss(place, given)
    with closing(Keyring(place, given)) as keyring:
        await _witness(store, keyring)
