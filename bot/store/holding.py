"""Who may use the data: one process at a time where it lies in files."""

import fcntl
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bot.store.databases import CannotUse, database


@contextmanager
def only_one(data_dir: Path, url: str) -> Iterator[None]:
    """Hold the data directory for this process alone, and the database if that is a file.

    The file is held where it really lies, for another directory may lead to it as well.
    """
    found = database(url)
    with ExitStack() as held:
        held.enter_context(_held(data_dir / "krets.lock", data_dir))
        if found.is_file:
            file = Path(found.name).resolve()
            # A lock on the file itself would be SQLite's, and be lost with any descriptor of it.
            held.enter_context(_held(file.with_name(f"{file.name}.lock"), file))
        yield


@contextmanager
def _held(lock: Path, what: Path) -> Iterator[None]:
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CannotUse(f"Another Krets is running on {what}; stop it first.") from None
        yield
