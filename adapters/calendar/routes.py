"""The address at which a calendar looks for its meetings."""

from hashlib import sha256

from aiohttp import ETag, web

from adapters.calendar.ical import ical
from adapters.web import UNGUESSABLE, UNSEEN
from bot.addresses import Addresses
from bot.words import Words

#: It may be kept by the one calendar alone, and must be asked for again each time.
_HEADERS = UNSEEN | {
    "Cache-Control": "private, no-cache",
    "Content-Disposition": 'attachment; filename="calendar.ics"',
}


class Calendars:
    """Answers calendars; what is wrong, old or ended is as absent as what never was."""

    def __init__(self, addresses: Addresses, words: Words) -> None:
        """Look addresses up here, and speak with these words."""
        self._addresses = addresses
        self._words = words

    def mount(self, app: web.Application) -> None:
        """Add the route to the application."""
        app.router.add_get(f"/calendar/{UNGUESSABLE}.ics", self._show)

    async def _show(self, request: web.Request) -> web.Response:
        opened = await self._addresses.open("calendar", request.match_info["token"])
        if opened is None:
            raise web.HTTPNotFound
        body = ical(opened.group, opened.seed, opened.language, self._words)
        etag = sha256(body).hexdigest()[:32]
        known = {one.value for one in request.if_none_match or ()}
        if etag in known or "*" in known:
            response = web.Response(status=304, headers=UNSEEN | _HEADERS)
        else:
            response = web.Response(
                body=body, content_type="text/calendar", charset="utf-8", headers=_HEADERS
            )
        response.etag = ETag(etag)
        return response
