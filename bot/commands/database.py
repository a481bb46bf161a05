"""The database that most commands need."""

from bot.refusal import Refusal
from bot.settings import Settings
from bot.store import SchemaState, look


def require_database(settings: Settings) -> None:
    """Refuse a database that is not as this Krets needs it."""
    if look(settings.database) is not SchemaState.CURRENT:
        raise Refusal("The database is not ready for this Krets; run: krets migrate")
    if settings.on_a_server:
        from schedules.tables import TablesState, tables_state  # noqa: PLC0415  # an extra

        match tables_state(settings.database):
            case TablesState.OLDER:
                raise Refusal("The database is not ready for this Krets; run: krets migrate")
            case TablesState.NEWER:
                raise Refusal("The database was written by a newer Krets; update this one.")
