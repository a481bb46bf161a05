"""The store: SQLModel tables, units of work and their threads; the only place that knows SQL."""

from bot.store.backup import back_up, put_back
from bot.store.databases import PASSING, REFUSALS, Away, CannotUse
from bot.store.holding import only_one
from bot.store.schema import SchemaState, look, migrate, schema_state
from bot.store.store import Store
from bot.store.unit import LostRace, Unit

__all__ = [
    "PASSING",
    "REFUSALS",
    "Away",
    "CannotUse",
    "LostRace",
    "SchemaState",
    "Store",
    "Unit",
    "back_up",
    "look",
    "migrate",
    "only_one",
    "put_back",
    "schema_state",
]
