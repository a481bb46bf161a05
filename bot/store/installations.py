"""Where Krets is installed, and the installations that somebody has begun."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, delete, select, update

from bot.store.tables import InstallationRow, InstallStateRow

#: Installations that may be under way at once; whoever begins more pushes the oldest out.
MOST = 1_000


class InstallationTable:
    """Reads and writes of installations."""

    def __init__(self, session: Session) -> None:
        """Work in this session."""
        self._session = session

    def find(self, platform: str, tenant: str) -> InstallationRow | None:
        """The organisation's installation, also one that has ended."""
        return self._session.get(InstallationRow, (platform, tenant))

    def put(self, row: InstallationRow) -> None:
        """Install, in place of what stands there for this organisation."""
        self._session.merge(row)

    def remove(self, platform: str, tenant: str, at: datetime) -> None:
        """End an installation: its token is wiped; `at` is real time."""
        row = self.find(platform, tenant)
        if row is not None:
            row.token, row.removed_at = b"", at

    # --- turning keys over --------------------------------------------------------------------

    def sealed(self) -> Sequence[InstallationRow]:
        """All installations that have a token."""
        return self._session.exec(
            select(InstallationRow).where(col(InstallationRow.token) != b"")
        ).all()

    def reseal(self, row: InstallationRow, token: bytes) -> bool:
        """Put a token in place of the one that was read; False if that is not there any more."""
        changed = self._session.exec(
            update(InstallationRow)
            .where(
                col(InstallationRow.platform) == row.platform,
                col(InstallationRow.tenant) == row.tenant,
                col(InstallationRow.token) == row.token,
            )
            .values(token=token)
        )
        return changed.rowcount == 1

    # --- what is under way --------------------------------------------------------------------

    def begin(self, state: bytes, at: datetime) -> None:
        """Remember the hash of a new state, begun at this real time."""
        self._session.add(InstallStateRow(hash=state, at=at))
        self._session.flush()
        newest = select(InstallStateRow.hash).order_by(col(InstallStateRow.at).desc()).limit(MOST)
        self._session.exec(delete(InstallStateRow).where(col(InstallStateRow.hash).not_in(newest)))

    def take(self, state: bytes, since: datetime) -> bool:
        """Use a state up: True for the one who does, if it was begun after `since`."""
        self._session.exec(delete(InstallStateRow).where(col(InstallStateRow.at) <= since))
        taken = self._session.exec(
            delete(InstallStateRow).where(col(InstallStateRow.hash) == state)
        )
        return taken.rowcount == 1
