"""The store: SQLModel tables, units of work and a writer thread; the only place that knows SQL."""

from bot.store.engine import CannotUse, only_one
from bot.store.schema import SchemaState, migrate, schema_state
from bot.store.store import Store
from bot.store.unit import LostRace, Unit

__all__ = [
    "CannotUse",
    "LostRace",
    "SchemaState",
    "Store",
    "Unit",
    "migrate",
    "only_one",
    "schema_state",
]
