"""Who may use the data: one process at a time where it lies in a directory."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.store.databases import CannotUse


@contextmanager
def only_one(data_dir: Path) -> Iterator[None]:
    """Hold the data directory for this process alone."""
    data_dir.mkdir(parents=True, exist_ok=True)
    with (data_dir / "krets.lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CannotUse(f"Another Krets is running on {data_dir}; stop it first.") from None
        yield
