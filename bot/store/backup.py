"""Copies of a database on SQLite: made beside a Krets that runs, and put back in its place."""

import os
import shutil
from contextlib import closing
from pathlib import Path
from sqlite3 import DatabaseError, connect

from bot.store.databases import CannotUse, Locked, database
from bot.store.schema import SchemaState, schema_state

#: What stands beside a database that is open, or was not closed.
_BESIDE = ("", "-wal", "-shm")


def back_up(url: str, copy: Path) -> None:
    """Write a copy of the database, of one instant; nothing that was deleted is in it.

    `CannotUse` if something is there already, if what was written cannot be read, or if the
    database is a server's.
    """
    path = _file(url)
    if copy.exists():
        raise CannotUse(f"{copy} is there already; nothing was written.")
    made = copy.with_name(f".{copy.name}.part")
    _remove(made)
    made.touch(0o600)
    try:
        with closing(connect(path)) as connection:
            connection.execute("VACUUM INTO ?", (str(made),))
        if schema_state(f"sqlite:///{made}") in (SchemaState.BROKEN, SchemaState.EMPTY):
            raise CannotUse(f"The copy of {path} cannot be read; nothing is kept of it.")
        _make_lasting(made)
        made.replace(copy)
        _make_lasting(copy.parent)
    except DatabaseError:
        raise CannotUse(
            f"The database {path} cannot be copied to {copy}; is there room for it?"
        ) from None
    finally:
        _remove(made)


def put_back(copy: Path, url: str) -> Path | None:
    """Let a copy be the database; where the one has gone that was there, if one was."""
    match schema_state(f"sqlite:///{copy}") if copy.is_file() else SchemaState.EMPTY:
        case SchemaState.NEWER:
            raise CannotUse(f"{copy} was written by a newer Krets; update this one.")
        case SchemaState.LOCKED:
            raise Locked(str(copy))
        case SchemaState.EMPTY | SchemaState.BROKEN:
            raise CannotUse(f"{copy} is no backup of Krets; nothing was changed.")
    path = _file(url)
    aside = path.with_name(f"{path.name}.replaced")
    if aside.exists():
        raise CannotUse(f"{aside} is there from an earlier time; move it away or delete it first.")
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.part")
    shutil.copyfile(copy, new)
    new.chmod(0o600)
    _make_lasting(new)
    was_there = path.exists()
    for end in _BESIDE:
        old = path.with_name(path.name + end)
        if old.exists():
            old.replace(aside.with_name(aside.name + end))
    new.replace(path)
    _make_lasting(path.parent)
    return aside if was_there else None


def _file(url: str) -> Path:
    found = database(url)
    if not found.is_file:
        raise CannotUse(
            "PostgreSQL is copied with pg_dump and put back with pg_restore; afterwards run"
            " `krets restore` without a file."
        )
    return Path(found.name)


def _remove(path: Path) -> None:
    for end in _BESIDE:
        path.with_name(path.name + end).unlink(missing_ok=True)


def _make_lasting(path: Path) -> None:
    """Return when it is on the disk."""
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
