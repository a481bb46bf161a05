"""The directory of the keys: files that are there whole and for good, or not at all."""

import fcntl
import os
import re
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from bot.keyring.master import ID

FORMAT = b"\x01"
NONCE = 12
#: Bytes of a key's file: format, id of the master key, nonce, key, tag.
WHOLE = 1 + ID + NONCE + 32 + 16
_KEY_ID = re.compile(r"[0-9a-f]{32}")
#: A disk makes several files durable in the time of one.
_WRITERS = 16
_SUFFIX = ".key"
_PART = ".part"
_CACHEDIR_TAG = """Signature: 8a477f597d28d172789f06886806bc55
# Keys of texts that are to end: backups must leave this directory out.
# See https://bford.info/cachedir/
"""


class Folder:
    """Keys by their ids, each still wrapped, and the master key of our own if there is one."""

    def __init__(self, directory: Path) -> None:
        """Look into this directory, which need not be there yet."""
        self.directory = directory
        self._tag = directory / "CACHEDIR.TAG"
        self._master = directory / "master"

    @property
    def name(self) -> str:
        """The directory."""
        return str(self.directory)

    def lay_out(self) -> None:
        """Make the directory, for nobody else, if it is not there."""
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.directory.chmod(0o700)
        if not self._tag.exists():
            self._tag.write_text(_CACHEDIR_TAG)

    def close(self) -> None:
        """There is nothing to let go of."""

    # --- keys ---------------------------------------------------------------------------------

    def ids(self) -> list[str]:
        """All keys that are there."""
        return [file.stem for file in self.directory.glob(f"*{_SUFFIX}")]

    def spare(self) -> list[str]:
        """All keys, as long as no unit is under way; what a crash has left half written goes."""
        with self.held():
            for part in self.directory.glob(f"*{_PART}"):
                part.unlink(missing_ok=True)
        return self.ids()

    def has(self, key_id: str) -> bool:
        """Whether this key is there."""
        return is_key_id(key_id) and self.file(key_id).exists()

    def read(self, key_id: str) -> bytes | None:
        """A key, wrapped; None if it is gone. Raises `OSError` if the whole directory is."""
        try:
            # Each drawer is opened for each event, so there is no path and no buffer made for it.
            descriptor = os.open(f"{self.directory}/{key_id}{_SUFFIX}", os.O_RDONLY)
        except FileNotFoundError:
            if not self._tag.exists():  # not unmounted, say: then nothing is lost
                raise
            return None
        try:
            return os.read(descriptor, WHOLE + 1)
        finally:
            os.close(descriptor)

    def samples(self) -> Iterator[tuple[str, bytes]]:
        """All keys, one after the other."""
        for key_id in self.ids():
            wrapped = self.read(key_id)
            if wrapped is not None:
                yield key_id, wrapped

    def write(self, key_id: str, wrapped: bytes) -> None:
        """Keep a new key."""
        _write(self.file(key_id), wrapped)
        with self.held():
            pass

    def end(self, key_ids: Collection[str]) -> None:
        """End keys, and what a rotation that was cut short has left of them."""
        with self.held():
            for key_id in key_ids:
                self._unlink(key_id)

    def rewrite(self, key_ids: Collection[str], new: Callable[[str, bytes], bytes | None]) -> None:
        """Write the new files side by side, and each in the place of its old one."""
        with self.held(), ThreadPoolExecutor(_WRITERS) as writers:
            written = []
            for key_id in key_ids:
                before = self.read(key_id)
                after = None if before is None else new(key_id, before)
                if after is None:
                    self._unlink(key_id)
                elif after != before:
                    written.append(writers.submit(_write, self.file(key_id), after))
            for one in written:
                one.result()

    def _unlink(self, key_id: str) -> None:
        self.file(key_id).unlink(missing_ok=True)
        self.file(key_id).with_suffix(_PART).unlink(missing_ok=True)

    # --- the master key of our own ------------------------------------------------------------

    def own(self) -> str | None:
        """What stands in the file of the master key."""
        try:
            return self._master.read_text()
        except FileNotFoundError:
            return None

    def keep_own(self, line: str) -> None:
        """Write the file of the master key."""
        _write(self._master, f"{line}\n".encode())
        with self.held():
            pass

    def drop_own(self) -> None:
        """Remove the file of the master key."""
        with self.held():
            self._master.unlink(missing_ok=True)

    # --- files --------------------------------------------------------------------------------

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the keys for this thread alone, in any process; what has changed is then durable.

        A rotation beside a running Krets must not bring back a key that is being destroyed.
        """
        descriptor = os.open(self.directory, os.O_RDONLY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def file(self, key_id: str) -> Path:
        """Where a key lies."""
        return self.directory / f"{key_id}{_SUFFIX}"


def is_key_id(name: str) -> bool:
    """Whether this names a key; any other name could lead to somebody else's files.

    >>> is_key_id("0" * 32), is_key_id("../master")
    (True, False)
    """
    return _KEY_ID.fullmatch(name) is not None


def _write(file: Path, content: bytes) -> None:
    """Write a file that is there whole and for nobody else, or not at all."""
    part = file.with_suffix(_PART)
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as opened:
        opened.write(content)
        opened.flush()
        os.fsync(descriptor)
    part.rename(file)
