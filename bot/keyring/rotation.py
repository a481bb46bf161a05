"""Turning keys over to another master key, and going on without those that nothing opens."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from bot.keyring.folder import Folder, write
from bot.keyring.keyring import Keyring, make_own, masters, unwrap, wrap, wrapped_by
from bot.keyring.master import Master, Masters, read_master

#: Keys that are rewritten while nobody else may touch any: some hundredths of a second.
_BATCH = 64
#: A disk makes several files durable in the time of one.
_WRITERS = 16


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
    folder, known = keyring.folder, keyring.masters
    ids = folder.ids()
    turned = damaged = done = 0
    with ThreadPoolExecutor(_WRITERS) as writers:
        for batch in _batches(ids):
            with folder.held():
                new: list[tuple[Path, bytes]] = []
                for key_id in batch:
                    wrapped = folder.read(key_id)
                    if wrapped is None or wrapped_by(wrapped) == known.current.id:
                        continue
                    key = unwrap(known, key_id, wrapped)
                    if key is None:
                        folder.unlink(key_id)
                        damaged += 1
                    else:
                        new.append((folder.file(key_id), wrap(known.current, key_id, key)))
                list(writers.map(write, *zip(*new, strict=True)) if new else ())
                turned += len(new)
            done += len(batch)
            say(done, len(ids))
    return Rotated(len(ids), turned, damaged)


def drop_own(directory: Path, given: Sequence[str]) -> None:
    """Take the master key away that lies beside the keys; another is given, and wraps them all."""
    folder = Folder(directory)
    if given:
        with folder.held():
            folder.master.unlink(missing_ok=True)


def what_opens(directory: Path, given: Sequence[str]) -> tuple[frozenset[str], tuple[Master, ...]]:
    """The keys that some master key opens, and the master keys there are; changes nothing."""
    folder, sound = Folder(directory), [read_master(one) for one in given]
    with suppress(FileNotFoundError, ValueError):
        sound.append(read_master(folder.master.read_text()))
    if not sound:
        return frozenset(), ()
    known = Masters(sound)
    opens = {
        key_id
        for key_id in folder.ids()
        if (wrapped := folder.read(key_id)) and unwrap(known, key_id, wrapped) is not None
    }
    return frozenset(opens), tuple(sound)


def accept_loss(directory: Path, given: Sequence[str]) -> int:
    """Remove what no master key opens, so that Krets can start; how many keys that were.

    A master key of our own that is missing or damaged is made anew, unless others are given.
    """
    folder = Folder(directory)
    folder.lay_out()
    sound = False
    with suppress(FileNotFoundError, ValueError):
        sound = bool(read_master(folder.master.read_text()))
    if not sound:
        folder.master.unlink(missing_ok=True)
        if not given:
            make_own(folder)
    known = masters(folder, given)
    removed = 0
    with folder.held():
        for key_id in folder.ids():
            wrapped = folder.read(key_id)
            if wrapped is not None and unwrap(known, key_id, wrapped) is None:
                folder.unlink(key_id)
                removed += 1
    return removed


def _batches(ids: Sequence[str]) -> Iterator[list[str]]:
    """The ids, some at a time."""
    rest = iter(ids)
    while batch := list(islice(rest, _BATCH)):
        yield batch
