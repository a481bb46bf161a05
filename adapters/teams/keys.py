"""The keys that Microsoft signs with: fetched beside requests, kept while they can be trusted."""

import asyncio
import json
import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from aiohttp import ClientSession, ClientTimeout

from adapters.teams.gate import BadRequest, SigningKey, signing_keys

log = logging.getLogger(__name__)

#: Microsoft's OpenID metadata for bots.
METADATA = "https://login.botframework.com/v1/.well-known/openidconfiguration"
#: The keys are fetched anew after the first, and not used any more after the second.
_FRESH, _GOOD = timedelta(hours=12), timedelta(days=5)
#: Between two tries to fetch them, whatever asks for it.
_PAUSE = timedelta(minutes=1)
#: Seconds that a request waits for a key, and that fetching takes at most.
_PATIENCE, _TIMEOUT = 1.0, 5.0
#: Bytes of a document.
_LARGEST = 1024 * 1024


class SigningKeys:
    """Microsoft's keys by their ids.

    Whoever asks for a known key never waits; whoever asks for another waits a moment for the one
    fetch that is under way, if there is one.
    """

    def __init__(
        self, session: ClientSession, real: Callable[[], datetime], metadata: str = METADATA
    ) -> None:
        """Fetch with this session; `real` is real time."""
        self._session = session
        self._real = real
        self._metadata = metadata
        self._kept: Mapping[str, SigningKey] = {}
        self._fetched: datetime | None = None
        self._tried: datetime | None = None
        self._fetch: asyncio.Task[None] | None = None

    async def get(self, kid: str) -> SigningKey | None:
        """The key with this id, or None if Microsoft lists none."""
        key = self._held().get(kid)
        if key is None or self._older(self._fetched, _FRESH):
            self._begin()
        if key is None and self._fetch is not None:
            with suppress(TimeoutError):
                async with asyncio.timeout(_PATIENCE):
                    await asyncio.shield(self._fetch)
            key = self._held().get(kid)
        return key

    @property
    def ready(self) -> bool:
        """Whether there are keys to check with."""
        return bool(self._held())

    async def close(self) -> None:
        """Give up fetching."""
        if self._fetch is not None:
            self._fetch.cancel()
            await asyncio.wait([self._fetch])

    # --- fetching -----------------------------------------------------------------------------

    def _held(self) -> Mapping[str, SigningKey]:
        return {} if self._older(self._fetched, _GOOD) else self._kept

    def _older(self, then: datetime | None, age: timedelta) -> bool:
        """Whether it is so long ago; a clock that was set back counts as long ago too."""
        return then is None or abs(self._real() - then) >= age

    def _begin(self) -> None:
        """Fetch beside the requests, if nobody does or has just tried."""
        if self._fetch is None and self._older(self._tried, _PAUSE):
            self._tried = self._real()
            self._fetch = asyncio.create_task(self._refresh())
            self._fetch.add_done_callback(self._end)

    def _end(self, _: "asyncio.Task[None]") -> None:
        self._fetch = None

    async def _refresh(self) -> None:
        """Fetch the keys; what cannot be fetched or used leaves those that are there."""
        try:
            async with asyncio.timeout(_TIMEOUT):
                metadata = await self._document(self._metadata)
                keys = signing_keys(await self._document(self._address(metadata)))
        except Exception as error:  # whatever it is, requests go on with what there is
            log.warning("the signing keys could not be fetched: %s", type(error).__name__)
            return
        if not keys:
            log.warning("the signing keys could not be used")
            return
        self._kept, self._fetched = keys, self._real()

    async def _document(self, url: str) -> object:
        timeout = ClientTimeout(total=_TIMEOUT)
        async with self._session.get(
            url, timeout=timeout, allow_redirects=False, raise_for_status=True
        ) as got:
            if got.status != 200:
                raise BadRequest("not a document")
            body = bytearray()
            async for piece in got.content.iter_any():
                body += piece
                if len(body) > _LARGEST:
                    raise BadRequest("too large")
        return json.loads(body)

    def _address(self, metadata: object) -> str:
        """Where the keys are: at a safe address, or where that was told."""
        url = metadata.get("jwks_uri") if isinstance(metadata, dict) else None
        if not isinstance(url, str):
            raise BadRequest("no address of keys")
        parts, ours = urlsplit(url), urlsplit(self._metadata)
        if parts.scheme != "https" and (parts.scheme, parts.netloc) != (ours.scheme, ours.netloc):
            raise BadRequest("not a safe address of keys")
        return url
