"""Rows read and written without the ORM, where many people wait at once.

A statement is made once, with names where its values go, written as SQL once, and then given to the
database's own driver: SQLAlchemy's way from a statement to rows takes several times as long as
SQLite's answer.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import starmap
from typing import Any, TypeAlias

from sqlalchemy import ClauseElement, Connection, Dialect, Select, Table
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeEngine
from sqlmodel import Session, SQLModel

#: Makes of a value what the driver takes, or the other way round.
_Convert: TypeAlias = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class _Written:
    """A statement as SQL, what its places hold, and which columns of its rows are converted."""

    sql: str
    #: For each place: the name of its value, what stands there without one, how to convert it.
    places: tuple[tuple[str, Any, _Convert], ...]
    columns: tuple[tuple[int, _Convert], ...]


def table(model: type[SQLModel]) -> Table:
    """The table of a model."""
    found: Table = SQLModel.metadata.tables[str(model.__tablename__)]
    return found


def read(session: Session, statement: Select[Any], **values: object) -> list[tuple[Any, ...]]:
    """The rows that a statement finds in the unit's transaction."""
    written, cursor = _run(session, statement, values)
    found: list[tuple[Any, ...]] = cursor.fetchall()
    return list(starmap(_converted(written.columns), found)) if written.columns else found


def write(session: Session, statement: ClauseElement, **values: object) -> int:
    """Change rows in the unit's transaction; how many were there to be changed."""
    _, cursor = _run(session, statement, values)
    changed: int = cursor.rowcount
    return changed


def tell(connection: Connection, sql: str) -> None:
    """Give the driver a word about the transaction itself."""
    _execute(connection, sql, ())


def _run(
    session: Session, statement: ClauseElement, values: dict[str, object]
) -> tuple[_Written, Any]:
    """Run a statement after what the ORM has still to write."""
    session.flush()
    connection = session.bind
    assert isinstance(connection, Connection), "the store has begun a transaction"
    written = _written(statement, tuple(values), connection.dialect)
    given = [convert(values.get(name, usual)) for name, usual, convert in written.places]
    return written, _execute(connection, written.sql, given)


def _execute(connection: Connection, sql: str, given: Sequence[object]) -> Any:
    """The driver's cursor; its errors are SQLAlchemy's, and hold no values."""
    cursor = connection.connection.cursor()
    try:
        cursor.execute(sql, given)
    except connection.dialect.loaded_dbapi.Error as error:
        base = connection.dialect.loaded_dbapi.Error
        raise DBAPIError.instance(sql, None, error, base, hide_parameters=True) from None
    return cursor


@lru_cache(maxsize=256)
def _written(statement: ClauseElement, names: tuple[str, ...], dialect: Dialect) -> _Written:
    compiled = statement.compile(dialect=dialect, column_keys=names)
    assert isinstance(compiled, SQLCompiler), "a statement that reads or writes rows"
    usual = compiled.params
    places = (
        (name, usual[name], _to_driver(compiled.binds[name].type, dialect))
        for name in compiled.positiontup or ()
    )
    columns = statement.selected_columns if isinstance(statement, Select) else ()
    processors = (
        (place, column.type.dialect_impl(dialect).result_processor(dialect, None))
        for place, column in enumerate(columns)
    )
    return _Written(
        compiled.string,
        tuple(places),
        tuple((place, convert) for place, convert in processors if convert is not None),
    )


def _to_driver(kind: TypeEngine[Any], dialect: Dialect) -> _Convert:
    return kind.dialect_impl(dialect).bind_processor(dialect) or _same


def _same(value: object) -> object:
    return value


def _converted(columns: Iterable[tuple[int, _Convert]]) -> Callable[..., tuple[Any, ...]]:
    def convert(*row: object) -> tuple[Any, ...]:
        new = list(row)
        for place, one in columns:
            new[place] = one(new[place])
        return tuple(new)

    return convert
