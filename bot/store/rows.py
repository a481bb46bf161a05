"""Rows read and written without the ORM, where many people wait at once.

A statement is made once, with names where its values go: to make one takes longer than to run it.
"""

from typing import Any

from sqlalchemy import Connection, CursorResult, Executable, Table
from sqlmodel import Session, SQLModel


def table(model: type[SQLModel]) -> Table:
    """The table of a model."""
    found: Table = SQLModel.metadata.tables[str(model.__tablename__)]
    return found


def run(
    session: Session, statement: Executable, **values: object
) -> CursorResult[*tuple[Any, ...]]:
    """Run a statement in the unit's transaction, after what the ORM has still to write."""
    session.flush()
    assert isinstance(session.bind, Connection), "the store has begun a transaction"
    return session.bind.execute(statement, values)
