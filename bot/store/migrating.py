"""Bringing a schema to ours with Alembic, which takes long to load and is seldom needed."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

MIGRATIONS = Path(__file__).parents[1] / "migrations"


def upgrade(connection: Connection, to: str = "head") -> None:
    """Run the migrations that the database has not seen, in the connection's transaction."""
    config = configuration()
    config.attributes["connection"] = connection
    command.upgrade(config, to)


def configuration() -> Config:
    """Where the migrations are."""
    config = Config()
    # ConfigParser reads a per cent sign as the beginning of a reference.
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
