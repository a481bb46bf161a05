"""Budgets: what several processes have spent of a platform's patience. On PostgreSQL alone."""

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, delete

from bot.store.rows import table
from bot.store.tables import BudgetRow


class BudgetTable:
    """Reads and writes of budgets, in real time."""

    def __init__(self, session: Session) -> None:
        """Work in this session."""
        self._session = session

    def hold(self, keys: Iterable[str]) -> list[BudgetRow]:
        """The rows of these keys, made if need be, which nobody else has meanwhile."""
        # In one order, lest two who hold several wait for each other.
        wanted = sorted(set(keys))
        new = insert(table(BudgetRow)).values([{"key": key} for key in wanted])
        self._session.execute(
            new.on_conflict_do_update(index_elements=["key"], set_={"key": new.excluded.key})
        )
        held = sa.select(BudgetRow).where(col(BudgetRow.key).in_(wanted))
        return list(self._session.execute(held).scalars())

    def forget(self, before: datetime) -> None:
        """Forget what had rested by then: who was written to when is nobody's business."""
        rested = sa.func.greatest(BudgetRow.full_at, BudgetRow.last_at, BudgetRow.rests_at)
        self._session.exec(delete(BudgetRow).where(sa.or_(rested < before, rested.is_(None))))
