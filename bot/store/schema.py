"""The schema's version, and bringing a database to ours."""

from enum import StrEnum
from pathlib import Path
from sqlite3 import DatabaseError

from sqlalchemy import Connection, inspect
from sqlalchemy.exc import DBAPIError

from bot.store.databases import CannotUse, Damaged, Database, Locked, database

_MIGRATIONS = Path(__file__).parents[1] / "migrations" / "versions"


class SchemaState(StrEnum):
    """How a database's schema stands to ours."""

    EMPTY = "empty"
    OLDER = "older"
    CURRENT = "current"
    NEWER = "newer"
    BROKEN = "broken"
    LOCKED = "locked"
    AWAY = "away"


class Newer(CannotUse):
    """A database of a Krets that is newer than this one."""

    def __init__(self, name: str) -> None:
        """Say so of the database of this name."""
        super().__init__(f"The database {name} was written by a newer Krets; update this one.")


def schema_state(url: str) -> SchemaState:
    """How the schema of the database stands to ours.

    A damaged or foreign one is `BROKEN`; one of which another program keeps us out, `LOCKED`; one
    that does not let us in or write, or is not there, `AWAY`.
    """
    try:
        return look(url)
    except Newer:
        return SchemaState.NEWER
    except Damaged:
        return SchemaState.BROKEN
    except Locked:
        return SchemaState.LOCKED
    except CannotUse:
        return SchemaState.AWAY


def look(url: str) -> SchemaState:
    """The same of a database that can be made ours, or is; `CannotUse` says why another cannot."""
    found = database(url)
    if not found.is_there():
        return SchemaState.EMPTY
    engine = found.open()
    try:
        with engine.connect() as connection:
            return _state(found, connection)
    except (DBAPIError, DatabaseError) as error:
        raise found.refusal(error) from None
    finally:
        engine.dispose()


def migrate(url: str) -> None:
    """Bring an empty or older database to our schema, in one transaction; else `CannotUse`."""
    found = database(url)
    found.prepare()
    if look(url) is SchemaState.CURRENT:
        return
    from bot.store.migrating import upgrade  # noqa: PLC0415  # takes long to load

    engine = found.open(migrating=True)
    try:
        with engine.begin() as connection:
            found.begin_migrating(connection)
            upgrade(connection)
            found.end_migrating(connection)
    except DBAPIError as error:
        refusal = found.refusal(error)
        if isinstance(refusal, Damaged):  # it was whole just now: a fault of ours
            raise
        raise refusal from None
    finally:
        engine.dispose()


def _state(found: Database, connection: Connection) -> SchemaState:
    if not found.is_whole(connection):
        raise Damaged(found.name)
    tables = inspect(connection).get_table_names()
    if not tables:
        return SchemaState.EMPTY
    if "alembic_version" not in tables:
        raise Damaged(found.name)
    revision = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    if revision is None:
        raise Damaged(found.name)
    known = revisions()
    if revision == known[-1]:
        return SchemaState.CURRENT
    if revision not in known:
        raise Newer(found.name)
    return SchemaState.OLDER


def revisions() -> list[str]:
    """The numbers of our migrations, oldest first."""
    return sorted(file.name.partition("_")[0] for file in _MIGRATIONS.glob("*.py"))
