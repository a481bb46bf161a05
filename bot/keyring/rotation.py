"""Turning keys over to another master key, and going on without those that nothing opens."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from itertools import islice

from bot.keyring.keyring import Keyring, Place, masters, shelf, unwrap, wrap, wrapped_by
from bot.keyring.master import Master, Masters, new_master, read_master

#: Keys that are rewritten while nobody else may touch any: some hundredths of a second.
_BATCH = 64


@dataclass(frozen=True, slots=True)
class Rotated:
    """How many keys there were, how many were turned over, and how many opened no more."""

    keys: int
    turned: int
    damaged: int


def rotate_keys(keyring: Keyring, say: Callable[[int, int], None]) -> Rotated:
    """Wrap every key by the current master key; `say` is told how many of how many are done.

    Cut short at any point, each key is wrapped by the one or by the other; the next run goes on
    from there. A key that its own master key does not open is lost already, and removed.
    """
    known, ids = keyring.masters, keyring.shelf.ids()
    turned = damaged = done = 0

    def turn(key_id: str, wrapped: bytes) -> bytes | None:
        nonlocal turned, damaged
        if wrapped_by(wrapped) == known.current.id:
            return wrapped
        key = unwrap(known, key_id, wrapped)
        if key is None:
            damaged += 1
            return None
        turned += 1
        return wrap(known.current, key_id, key)

    for batch in _batches(ids):
        keyring.shelf.rewrite(batch, turn)
        done += len(batch)
        say(done, len(ids))
    return Rotated(len(ids), turned, damaged)


def what_opens(place: Place, given: Sequence[str]) -> tuple[frozenset[str], tuple[Master, ...]]:
    """The keys that some master key opens, and the master keys there are; changes nothing."""
    sound = [read_master(one) for one in given]
    with closing(shelf(place)) as found:
        with suppress(ValueError):
            own = found.own()
            sound += [] if own is None else [read_master(own)]
        if not sound:
            return frozenset(), ()
        known = Masters(sound)
        opens = {
            key_id
            for key_id in found.ids()
            if (wrapped := found.read(key_id)) and unwrap(known, key_id, wrapped) is not None
        }
    return frozenset(opens), tuple(sound)


def accept_loss(place: Place, given: Sequence[str]) -> int:
    """Remove what no master key opens, so that Krets can start; how many keys that were.

    A master key of our own that is missing or damaged is made anew, unless others are given.
    """
    found = shelf(place)
    found.lay_out()
    sound = False
    with suppress(ValueError):
        own = found.own()
        sound = own is not None and bool(read_master(own))
    if not sound:
        found.drop_own()
        if not given:
            found.keep_own(new_master().line)
    known = masters(found, given)
    removed = 0

    def keep(key_id: str, wrapped: bytes) -> bytes | None:
        nonlocal removed
        if unwrap(known, key_id, wrapped) is not None:
            return wrapped
        removed += 1
        return None

    for batch in _batches(found.ids()):
        found.rewrite(batch, keep)
    found.close()
    return removed


def _batches(ids: Sequence[str]) -> Iterator[list[str]]:
    """The ids, some at a time."""
    rest = iter(ids)
    while batch := list(islice(rest, _BATCH)):
        yield batch
