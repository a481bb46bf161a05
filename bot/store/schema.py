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

from bot.store.engine import CannotUse, named, open_engine

_MIGRATIONS = Path(__file__).parents[1] / "migrations"


class SchemaState(StrEnum):
    """How a database's schema stands to ours."""

    EMPTY = "empty"
    OLDER = "older"
    CURRENT = "current"
    NEWER = "newer"
    BROKEN = "broken"


def schema_state(url: str) -> SchemaState:
    """How the schema of the database stands to ours; a damaged or foreign one is `BROKEN`."""
    if not Path(named(url)).exists():  # to look at it would make it
        return SchemaState.EMPTY
    try:
        engine = open_engine(url)
    except CannotUse:
        return SchemaState.BROKEN
    try:
        with engine.connect() as connection:
            return _state(connection)
    except (DBAPIError, DatabaseError):
        return SchemaState.BROKEN
    finally:
        engine.dispose()


def migrate(url: str) -> None:
    """Bring an empty or older database to our schema, in one transaction; else `CannotUse`."""
    path = named(url)
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    match schema_state(url):
        case SchemaState.NEWER:
            raise CannotUse(f"The database {path} was written by a newer Krets; update this one.")
        case SchemaState.BROKEN:
            raise CannotUse(
                f"The database {path} is damaged, or not a database of Krets; restore a backup."
            )
        case SchemaState.CURRENT:
            return
        case SchemaState.EMPTY | SchemaState.OLDER:
            engine = open_engine(url, migrating=True)
            try:
                with engine.begin() as connection:
                    config = _config()
                    config.attributes["connection"] = connection
                    command.upgrade(config, "head")
                    if connection.exec_driver_sql("PRAGMA foreign_key_check").first():
                        raise CannotUse(f"The database {path} has rows that belong to nothing.")
            finally:
                engine.dispose()


def _state(connection: Connection) -> SchemaState:
    if connection.exec_driver_sql("PRAGMA quick_check(1)").scalar_one() != "ok":
        return SchemaState.BROKEN
    found = MigrationContext.configure(connection).get_current_revision()
    if found is None:
        return SchemaState.BROKEN if inspect(connection).get_table_names() else SchemaState.EMPTY
    scripts = ScriptDirectory.from_config(_config())
    if found == scripts.get_current_head():
        return SchemaState.CURRENT
    known = {script.revision for script in scripts.walk_revisions()}
    return SchemaState.OLDER if found in known else SchemaState.NEWER


def _config() -> Config:
    config = Config()
    # ConfigParser reads a per cent sign as the beginning of a reference.
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
