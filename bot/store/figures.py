"""The figures of past years: computed once, and from then on only read.

Of groups that are deleted, what they count for is kept.
"""

from sqlmodel import Session, col, select

from bot.core.figures import Count
from bot.store.tables import EndedRow, FiguresRow


class FiguresTable:
    """Reads and writes of figures."""

    def __init__(self, session: Session) -> None:
        """Work in this session."""
        self._session = session

    def find(self, platform: str, tenant: str, year: int) -> str | None:
        """The figures of an organisation's year, if they have been computed."""
        row = self._session.get(FiguresRow, (platform, tenant, year))
        return None if row is None else row.document

    def keep(self, platform: str, tenant: str, year: int, document: str) -> None:
        """Keep the figures of a year for good."""
        self._session.add(
            FiguresRow(platform=platform, tenant=tenant, year=year, document=document)
        )

    def count(self, platform: str, tenant: str, year: int, method: str, count: Count) -> None:
        """Keep what groups count for that are deleted with this."""
        at = (platform, tenant, year, method)
        row = self._session.get(EndedRow, at, with_for_update=True)
        whole = count if row is None else count + _count(row)
        self._session.merge(
            EndedRow(
                platform=platform,
                tenant=tenant,
                year=year,
                method=method,
                groups=whole.groups,
                planned=whole.planned,
                held=whole.held,
                members=whole.members,
                most=whole.most,
            )
        )

    def counts(self, platform: str, tenant: str, year: int) -> list[tuple[str, Count]]:
        """What the deleted groups of an organisation's year count for, method by method."""
        rows = self._session.exec(
            select(EndedRow)
            .where(EndedRow.platform == platform, EndedRow.tenant == tenant, EndedRow.year == year)
            .order_by(col(EndedRow.method))
        )
        return [(row.method, _count(row)) for row in rows]


def _count(row: EndedRow) -> Count:
    return Count(row.groups, row.planned, row.held, row.members, row.most)
