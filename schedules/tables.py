"""The tables of Procrastinate: made at first, brought to its version later."""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from importlib import resources
from typing import Any

import psycopg

#: Which of its migrations have been applied; those in the schema count as such.
_APPLIED = "CREATE TABLE IF NOT EXISTS engine_migrations (name text PRIMARY KEY)"

#: Connection exceptions, too many connections, a server that shuts down or starts.
_GONE = ("08", "53300", "57P")


class TablesState(StrEnum):
    """How the tables stand to the Procrastinate that is installed."""

    OLDER = "older"
    CURRENT = "current"
    NEWER = "newer"


def plain(url: str) -> str:
    """A database's address as its driver takes it.

    >>> plain("postgresql+psycopg://anna@db/krets")
    'postgresql://anna@db/krets'
    """
    return url.replace("postgresql+psycopg:", "postgresql:", 1)


def tables_state(url: str) -> TablesState:
    """How the tables stand; nothing is made."""
    with _connected(url) as connection:
        if _is_there(connection, "engine_migrations"):
            return _state(_applied(connection))
    return TablesState.OLDER


def migrate(url: str) -> None:
    """Make the tables, or apply the migrations they lack, each in a transaction of its own.

    Procrastinate has some for before and some for after its code is replaced, and applies neither;
    here both come in the order of their names, while no worker runs.
    """
    with _connected(url) as connection:
        connection.execute("SELECT pg_advisory_lock(7502743)")  # until the connection ends
        connection.execute(_APPLIED)
        if not _is_there(connection, "procrastinate_jobs"):
            with connection.transaction():
                _run(connection, _read("schema.sql"))
                for name in names():
                    _mark(connection, name)
        applied = _applied(connection)
        if _state(applied) is TablesState.OLDER:
            for name in names():
                if name not in applied:
                    with connection.transaction():
                        _run(connection, _read("migrations", name))
                        _mark(connection, name)


@contextmanager
def _connected(url: str) -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
    """A connection; `ConnectionError` if the server goes away, whose words may name a user."""
    try:
        with psycopg.connect(plain(url), autocommit=True) as connection:
            yield connection
    except psycopg.OperationalError as error:
        if error.sqlstate is not None and not error.sqlstate.startswith(_GONE):
            raise
        raise ConnectionError(
            "The database cannot be reached; see that PostgreSQL runs, and that"
            " KRETS_DATABASE_URL names it."
        ) from None


def names() -> list[str]:
    """The migrations of the Procrastinate that is installed, in their order."""
    files = resources.files("procrastinate.sql").joinpath("migrations").iterdir()
    return sorted(file.name for file in files if file.name.endswith(".sql"))


def _state(applied: set[str]) -> TablesState:
    known = set(names())
    if applied - known:
        return TablesState.NEWER
    return TablesState.CURRENT if applied == known else TablesState.OLDER


def _applied(connection: psycopg.Connection[tuple[Any, ...]]) -> set[str]:
    return {name for (name,) in connection.execute("SELECT name FROM engine_migrations")}


def _is_there(connection: psycopg.Connection[tuple[Any, ...]], table: str) -> bool:
    found = connection.execute("SELECT to_regclass(%s)", (table,)).fetchone()
    return found is not None and found[0] is not None


def _mark(connection: psycopg.Connection[tuple[Any, ...]], name: str) -> None:
    connection.execute("INSERT INTO engine_migrations VALUES (%s)", (name,))


def _run(connection: psycopg.Connection[tuple[Any, ...]], sql: str) -> None:
    connection.execute(sql.encode())


def _read(*path: str) -> str:
    return resources.files("procrastinate.sql").joinpath(*path).read_text("utf-8")
