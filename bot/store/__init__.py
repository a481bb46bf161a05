"""The store: SQLModel tables, units of work and their threads; the only place that knows SQL."""

from bot.store.databases import Away, CannotUse
from bot.store.holding import only_one
from bot.store.schema import SchemaState, migrate, schema_state
from bot.store.store import Store
from bot.store.unit import LostRace, Unit

__all__ = [
    "Away",
    "CannotUse",
    "LostRace",
    "SchemaState",
    "Store",
    "Unit",
    "migrate",
    "only_one",
    "schema_state",
]
