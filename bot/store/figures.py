"""The figures of past years: computed once, and from then on only read."""

from sqlmodel import Session

from bot.store.tables import FiguresRow


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
