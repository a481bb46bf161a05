"""The schema's version, and bringing a database to ours."""

from enum import StrEnum
from pathlib import Path
from sqlite3 import DatabaseError

from sqlalchemy import Connection, inspect
from sqlalchemy.exc import DBAPIError

from bot.store.databases import CannotUse, CannotWrite, Database, database

_MIGRATIONS = Path(__file__).parents[1] / "migrations" / "versions"


class SchemaState(StrEnum):
    """How a database's schema stands to ours."""

    EMPTY = "empty"
    OLDER = "older"
    CURRENT = "current"
    NEWER = "newer"
    BROKEN = "broken"
    AWAY = "away"


def schema_state(url: str) -> SchemaState:
    """How the schema of the database stands to ours.

    A damaged or foreign one is `BROKEN`; one that does not let us in or write, or is not there,
    `AWAY`.
    """
    found = database(url)
    if not found.is_there():
        return SchemaState.EMPTY
    try:
        engine = found.open()
    except CannotWrite:
        return SchemaState.AWAY
    except CannotUse:
        return SchemaState.BROKEN if found.is_file else SchemaState.AWAY
    try:
        with engine.connect() as connection:
            return _state(found, connection)
    except (DBAPIError, DatabaseError) as error:
        return SchemaState.AWAY if found.takes_nothing(error) else SchemaState.BROKEN
    finally:
        engine.dispose()


def migrate(url: str) -> None:
    """Bring an empty or older database to our schema, in one transaction; else `CannotUse`."""
    found = database(url)
    found.prepare()
    match schema_state(url):
        case SchemaState.NEWER:
            raise CannotUse(
                f"The database {found.name} was written by a newer Krets; update this one."
            )
        case SchemaState.BROKEN:
            raise CannotUse(
                f"The database {found.name} is damaged, or not a database of Krets;"
                " restore a backup."
            )
        case SchemaState.CURRENT:
            return
        case SchemaState.EMPTY | SchemaState.OLDER | SchemaState.AWAY:
            from bot.store.migrating import upgrade  # noqa: PLC0415  # takes long to load

            engine = found.open(migrating=True)  # says why it is away
            try:
                with engine.begin() as connection:
                    found.begin_migrating(connection)
                    upgrade(connection)
                    found.end_migrating(connection)
            except DBAPIError as error:
                if not found.takes_nothing(error):
                    raise
                raise CannotWrite(found.name) from None
            finally:
                engine.dispose()


def _state(found: Database, connection: Connection) -> SchemaState:
    if not found.is_whole(connection):
        return SchemaState.BROKEN
    tables = inspect(connection).get_table_names()
    if "alembic_version" not in tables:
        return SchemaState.BROKEN if tables else SchemaState.EMPTY
    revision = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    if revision is None:
        return SchemaState.BROKEN
    known = revisions()
    if revision == known[-1]:
        return SchemaState.CURRENT
    return SchemaState.OLDER if revision in known else SchemaState.NEWER


def revisions() -> list[str]:
    """The numbers of our migrations, oldest first."""
    return sorted(file.name.partition("_")[0] for file in _MIGRATIONS.glob("*.py"))
