"""Who speaks for Krets in which workspace: in that of the environment, or in all with a token."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

import aiohttp

from adapters.answers import UnknownOutcome
from adapters.ledger import StoredLedger
from adapters.slack.budget import Budget
from adapters.slack.client import REVOKED, Caller, Self, client
from adapters.slack.reading import PLATFORM
from bot.keyring import Keyring, Lost
from bot.messenger import Refused, TryLater, Unreachable
from bot.store import Store, Unit
from bot.store.tables import InstallationRow

log = logging.getLogger(__name__)

#: How long Slack may take to say who Krets is: a request waits for it, and for more after it.
_PATIENCE = timedelta(seconds=0.5)


class NotInstalled(TryLater):
    """Krets has no token for this workspace; there is no use in looking again soon."""

    def __init__(self) -> None:
        """Say when to look again."""
        super().__init__(REVOKED)


class Workspaces(Protocol):
    """The workspaces in which Krets is installed, by tenant: organisation or else workspace."""

    async def of(self, tenant: str) -> Caller:
        """Who asks Slack there; `NotInstalled` if nobody can."""

    async def leave(self, tenant: str, team: str, at: int) -> bool:
        """Slack says that Krets was taken out there at this second; False if that is not so now."""


class OneWorkspace:
    """The workspace whose token stands in the environment."""

    def __init__(self, call: Caller) -> None:
        """Ask Slack by this caller, and first of all which workspace it is."""
        self._call = call
        self._me: Self | None = None
        self._left = False
        self._asking = False

    async def of(self, tenant: str) -> Caller:
        """Who asks Slack there; as long as Slack does not say where that is, it may be there."""
        if self._me is None and not self._left and not self._asking:
            self._asking = True
            try:
                self._me = await self._call.myself(_PATIENCE)
            except (Refused, TryLater, Unreachable, UnknownOutcome):
                return self._call
            finally:
                self._asking = False
        if self._left or (self._me is not None and self._me.tenant != tenant):
            raise NotInstalled
        return self._call

    async def leave(self, tenant: str, team: str, at: int) -> bool:
        """Use the token no more; a new one comes with a new start."""
        if self._me is not None and (self._me.tenant != tenant or self._me.team not in ("", team)):
            return False
        self._left = True
        return True


@dataclass(frozen=True, slots=True)
class Installation:
    """What Slack gives when Krets is installed."""

    me: Self
    token: str = field(repr=False)
    scopes: str


class Elsewhere(Exception):
    """Another workspace of the same organisation has Krets, or all of the organisation."""


class ManyWorkspaces:
    """All workspaces that have installed Krets, with their tokens sealed in the store."""

    def __init__(
        self,
        *,
        store: Store,
        keyring: Keyring,
        session: aiohttp.ClientSession,
        url: str,
        real: Callable[[], datetime],
        beside_others: bool = False,
    ) -> None:
        """Call all of them at this address in this session; `real` is real time.

        `beside_others`: other processes call them too, and install and remove.
        """
        self._beside_others = beside_others
        self._store = store
        self._keyring = keyring
        self._session = session
        self._url = url
        self._real = real
        self._callers: dict[str, Caller] = {}
        #: The tokens they ask with, as they are stored.
        self._sealed: dict[str, bytes] = {}
        #: Who looks an installation up does not overtake who changes it.
        self._changing = asyncio.Lock()

    async def of(self, tenant: str) -> Caller:
        """Who asks Slack there; looked up once, or beside others each time."""
        known = self._callers.get(tenant)
        if known is not None and not self._beside_others:
            return known
        async with self._changing:
            row = await self._store.run(lambda unit: unit.installations.find(PLATFORM, tenant))
            if row is None or row.removed_at is not None:
                raise NotInstalled
            if known is None or self._sealed[tenant] != row.token:
                self._callers[tenant], self._sealed[tenant] = self._caller(row), row.token
            return self._callers[tenant]

    def _caller(self, row: InstallationRow) -> Caller:
        try:
            token = self._keyring.open_secret(_bound(row.tenant), row.token)
        except Lost as error:
            which = {"tenant": row.tenant, "error": type(error).__name__}
            log.error("the token of %(tenant)s cannot be opened: %(error)s", which)
            raise NotInstalled from None
        me = Self(row.bot_user, row.team, row.enterprise)
        ledger = StoredLedger(self._store, f"slack {row.tenant}") if self._beside_others else None
        return Caller(client(token, self._url, self._session), Budget(self._real), me, ledger)

    async def install(self, one: Installation) -> None:
        """Keep a token, in place of the former one; nothing else about the organisation changes.

        Raises `Elsewhere` where the organisation has Krets already, but not in this very workspace.
        """
        tenant = one.me.tenant
        row = InstallationRow(
            platform=PLATFORM,
            tenant=tenant,
            team=one.me.team,
            enterprise=one.me.enterprise,
            bot_user=one.me.user,
            token=self._keyring.seal_secret(_bound(tenant), one.token),
            scopes=one.scopes,
            installed_at=self._real(),
        )

        def put(unit: Unit) -> None:
            before = unit.installations.find(PLATFORM, tenant)
            if (
                before is not None
                and before.removed_at is None
                and row.team not in ("", before.team)
            ):
                raise Elsewhere
            unit.installations.put(row)

        async with self._changing:
            await self._store.run(put)
            self._callers.pop(tenant, None)

    async def leave(self, tenant: str, team: str, at: int) -> bool:
        """Wipe the token, unless another installation has come since, or it was elsewhere."""

        def remove(unit: Unit) -> bool:
            row = unit.installations.find(PLATFORM, tenant)
            if row is None or row.removed_at is not None:
                return True
            # Slack may tell the same again minutes later.
            if at < int(row.installed_at.timestamp()) or row.team not in ("", team):
                return False
            unit.installations.remove(PLATFORM, tenant, self._real())
            return True

        async with self._changing:
            gone = await self._store.run(remove)
            if gone:
                self._callers.pop(tenant, None)
        return gone


def _bound(tenant: str) -> str:
    """What a token is sealed for."""
    return f"{PLATFORM}/{tenant}"
