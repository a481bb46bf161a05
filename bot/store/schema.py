"""The schema's version, and bringing a database to ours."""

from enum import StrEnum
from pathlib import Path
from sqlite3 import DatabaseError

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect
from sqlalchemy.exc import DBAPIError

from bot.store.databases import CannotUse, Database, database

_MIGRATIONS = Path(__file__).parents[1] / "migrations"


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

    A damaged or foreign one is `BROKEN`; one that does not let us in, or is not there, `AWAY`.
    """
    found = database(url)
    if not found.is_there():
        return SchemaState.EMPTY
    try:
        engine = found.open()
    except CannotUse:
        return SchemaState.BROKEN if found.is_file else SchemaState.AWAY
    try:
        with engine.connect() as connection:
            return _state(found, connection)
    except (DBAPIError, DatabaseError):
        return SchemaState.BROKEN
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
            engine = found.open(migrating=True)  # says why it is away
            try:
                with engine.begin() as connection:
                    found.begin_migrating(connection)
                    config = _config()
                    config.attributes["connection"] = connection
                    command.upgrade(config, "head")
                    found.end_migrating(connection)
            finally:
                engine.dispose()


def _state(found: Database, connection: Connection) -> SchemaState:
    if not found.is_whole(connection):
        return SchemaState.BROKEN
    revision = MigrationContext.configure(connection).get_current_revision()
    if revision is None:
        return SchemaState.BROKEN if inspect(connection).get_table_names() else SchemaState.EMPTY
    scripts = ScriptDirectory.from_config(_config())
    if revision == scripts.get_current_head():
        return SchemaState.CURRENT
    known = {script.revision for script in scripts.walk_revisions()}
    return SchemaState.OLDER if revision in known else SchemaState.NEWER


def _config() -> Config:
    config = Config()
    # ConfigParser reads a per cent sign as the beginning of a reference.
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
