"""Organisations that have taken Krets out: remembered for a while, then erased."""

import json
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import bindparam
from sqlmodel import Session, col, delete, select

from bot.store.groups import erase_groups
from bot.store.rows import table, write
from bot.store.tables import (
    DepartureRow,
    EndedRow,
    FiguresRow,
    GroupRow,
    IdentityRow,
    InstallationRow,
    PersonRow,
    SeenRow,
    TeamsReferenceRow,
)

_DEPARTURES = table(DepartureRow).c
_STAY = sa.delete(table(DepartureRow)).where(
    _DEPARTURES.platform == bindparam("from_platform"),
    _DEPARTURES.tenant == bindparam("from_tenant"),
)


class DepartureTable:
    """Reads and writes of departures; times are real time."""

    def __init__(self, session: Session) -> None:
        """Work in this session."""
        self._session = session

    def depart(self, platform: str, tenant: str, at: datetime) -> None:
        """This organisation has taken Krets out; what was there first stands."""
        if self._session.get(DepartureRow, (platform, tenant)) is None:
            self._session.add(DepartureRow(platform=platform, tenant=tenant, at=at))

    def stay(self, platform: str, tenant: str) -> None:
        """This organisation has Krets, whatever it did before."""
        write(self._session, _STAY, from_platform=platform, from_tenant=tenant)

    def before(self, at: datetime) -> Sequence[tuple[str, str]]:
        """Who has taken Krets out before this time: platform and tenant."""
        return self._session.exec(
            select(DepartureRow.platform, DepartureRow.tenant).where(col(DepartureRow.at) < at)
        ).all()

    def erase(self, platform: str, tenant: str) -> None:
        """Delete every row of an organisation, and people whom no other one knows.

        Drawers must have been shredded before, for their keys end only so.
        """
        session = self._session
        groups = select(GroupRow.id).where(GroupRow.platform == platform, GroupRow.tenant == tenant)
        erase_groups(session, groups)
        mine = (IdentityRow.platform == platform, IdentityRow.tenant == tenant)
        people = session.exec(select(IdentityRow.person_id).where(*mine)).all()
        for kept in (IdentityRow, InstallationRow, DepartureRow, FiguresRow, EndedRow):
            session.exec(
                delete(kept).where(col(kept.platform) == platform, col(kept.tenant) == tenant)
            )
        if platform == "teams":
            session.exec(delete(TeamsReferenceRow).where(col(TeamsReferenceRow.tenant) == tenant))
        seen = json.dumps([platform, tenant])[:-1]
        session.exec(delete(SeenRow).where(col(SeenRow.key).startswith(seen, autoescape=True)))
        elsewhere = select(IdentityRow.person_id)
        session.exec(
            delete(PersonRow).where(
                col(PersonRow.id).in_(people), col(PersonRow.id).not_in(elsewhere)
            )
        )
