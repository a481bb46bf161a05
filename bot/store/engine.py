"""The database engine, set up so that what is committed stays and what is deleted is gone."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from sqlite3 import DatabaseError
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

#: In milliseconds.
BUSY_TIMEOUT = 5000
#: synchronous 2 is FULL.
_PRAGMAS: dict[str, int | str] = {
    "busy_timeout": BUSY_TIMEOUT,
    "journal_mode": "wal",
    "foreign_keys": 1,
    "synchronous": 2,
    "secure_delete": 1,
}


class CannotUse(Exception):
    """The data cannot be used as it lies there; the message is one sentence for the operator."""


def open_engine(url: str, *, migrating: bool = False) -> Engine:
    """Open the database and make sure that every setting took effect.

    While migrating, foreign keys are not enforced: SQLite's tables are altered by copying them.
    """
    wanted = _PRAGMAS | ({"foreign_keys": 0} if migrating else {})
    # Parameters hold documents and ciphertexts: they belong in no error message.
    engine = create_engine(url, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def connect(connection: Any, _: object) -> None:
        connection.isolation_level = None  # BEGIN is ours, see below
        cursor = connection.cursor()
        for name, value in wanted.items():
            cursor.execute(f"PRAGMA {name}={value}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        # A transaction that has read before it writes loses updates or its patience otherwise.
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    try:
        with engine.connect() as connection:
            for name, value in wanted.items():
                found = connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
                if found != value:
                    raise CannotUse(f"The database does not take the setting {name}={value}.")
    except (DBAPIError, DatabaseError):
        engine.dispose()
        raise CannotUse(
            f"The database {named(url)} cannot be opened, or is not a database."
        ) from None
    except CannotUse:
        engine.dispose()
        raise
    return engine


def named(url: str) -> str:
    """The database as it may be named to an operator: its file, never a password.

    >>> named("sqlite:///var/krets.db")
    'var/krets.db'
    """
    return make_url(url).database or "in memory"


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
