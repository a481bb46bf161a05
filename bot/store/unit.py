"""The unit of work: what one transaction may read and write."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam
from sqlmodel import Session, col, delete

from bot.store.addresses import AddressTable
from bot.store.budgets import BudgetTable
from bot.store.databases import LostRace
from bot.store.departures import DepartureTable
from bot.store.figures import FiguresTable
from bot.store.groups import GroupTable
from bot.store.installations import InstallationTable
from bot.store.moments import MomentTable
from bot.store.people import PeopleTable
from bot.store.playground import PlaygroundTables
from bot.store.posts import PostTable
from bot.store.references import ReferenceTable
from bot.store.rows import read, table, write
from bot.store.tables import MetaRow, MethodRow, SeenRow

__all__ = ["LostRace", "Unit"]

_SEEN = sa.select(table(SeenRow).c.key).where(table(SeenRow).c.key == bindparam("event"))
_SEE = sa.insert(table(SeenRow))


def _nothing() -> None:
    """Do nothing."""


class Unit:
    """One transaction's reads and writes, by what they are about."""

    def __init__(
        self,
        session: Session,
        empty_log: Callable[[], None] = _nothing,
        *,
        patient: bool = False,
    ) -> None:
        """Work in this session, which its owner commits or rolls back; `patient`: in line."""
        self._session = session
        self._empty_log = empty_log
        self.groups = GroupTable(session, patient=patient)
        self.people = PeopleTable(session)
        self.moments = MomentTable(session)
        self.posts = PostTable(session)
        self.budgets = BudgetTable(session)
        self.addresses = AddressTable(session)
        self.departures = DepartureTable(session)
        self.figures = FiguresTable(session)
        self.installations = InstallationTable(session)
        self.references = ReferenceTable(session)
        self.playground = PlaygroundTables(session)
        self.calls: list[Callable[[], None]] = []

    @property
    def connection(self) -> Any:
        """The driver's connection, for an engine whose work is kept in the same transaction."""
        return self._session.connection().connection.driver_connection

    def after_commit(self, call: Callable[[], None]) -> None:
        """Call this in the store's thread once the transaction has committed, never if not."""
        self.calls.append(call)

    def wipe(self) -> None:
        """Leave nothing of what is deleted or overwritten in the files, once committed."""
        self.calls.append(self._empty_log)

    # --- once only ----------------------------------------------------------------------------

    def seen(self, key: str) -> bool:
        """Whether the event with this key has changed something already."""
        return bool(read(self._session, _SEEN, event=key))

    def see(self, key: str, at: datetime) -> None:
        """Remember that the event with this key has changed something, at this real time."""
        write(self._session, _SEE, key=key, at=at)

    def forget_seen(self, before: datetime) -> None:
        """Forget what was seen before this real time: no platform delivers so late again."""
        self._session.exec(delete(SeenRow).where(col(SeenRow.at) < before))

    # --- small things -------------------------------------------------------------------------

    def meta(self, key: str) -> str | None:
        """A fact about this installation."""
        row = self._session.get(MetaRow, key)
        return None if row is None else row.value

    def set_meta(self, key: str, value: str) -> None:
        """Remember a fact about this installation."""
        row = self._session.get(MetaRow, key)
        if row is None:
            self._session.add(MetaRow(key=key, value=value))
        else:
            row.value = value

    def claim(self, key: str, real: datetime, period: timedelta) -> bool:
        """Take what one process does for all in such a period; False if another has taken it."""
        row = self._session.get(MetaRow, key, with_for_update=True)
        if row is None:
            self._session.add(MetaRow(key=key, value=real.isoformat()))
        elif abs(real - datetime.fromisoformat(row.value)) < period:
            return False
        else:
            row.value = real.isoformat()
        return True

    def method_text(self, hash: str) -> str | None:
        """The text of a method that some group keeps."""
        row = self._session.get(MethodRow, hash)
        return None if row is None else row.text

    def keep_method(self, hash: str, id: str, text: str) -> None:
        """Keep the text of a method for a group that begins with it."""
        if self._session.get(MethodRow, hash) is None:
            self._session.add(MethodRow(hash=hash, id=id, text=text))
