"""The addresses at which those who lead find the sheet of a meeting."""

from aiohttp import web

from adapters.paper.page import POLICY, page
from adapters.paper.pdf import pdf
from adapters.paper.sheet import Sheet, of_meeting
from adapters.web import UNGUESSABLE, UNSEEN
from bot.addresses import Addresses
from bot.words import Words


class Sheets:
    """Shows sheets; what is wrong, old or ended is as absent as what never was."""

    def __init__(self, addresses: Addresses, words: Words) -> None:
        """Look addresses up here, and speak with these words."""
        self._addresses = addresses
        self._words = words

    def mount(self, app: web.Application) -> None:
        """Add the routes to the application."""
        app.router.add_get(f"/sheet/{UNGUESSABLE}", self._page)
        app.router.add_get(f"/sheet/{UNGUESSABLE}.pdf", self._pdf)

    async def _page(self, request: web.Request) -> web.Response:
        text = page(await self._sheet(request), f"{request.match_info['token']}.pdf")
        headers = UNSEEN | {"Content-Security-Policy": POLICY}
        return web.Response(text=text, content_type="text/html", headers=headers)

    async def _pdf(self, request: web.Request) -> web.Response:
        headers = UNSEEN | {"Content-Disposition": 'inline; filename="sheet.pdf"'}
        body = pdf(await self._sheet(request))
        return web.Response(body=body, content_type="application/pdf", headers=headers)

    async def _sheet(self, request: web.Request) -> Sheet:
        opened = await self._addresses.open("sheet", request.match_info["token"])
        meeting = opened.group.meeting(opened.meeting) if opened is not None else None
        if opened is None or meeting is None:
            raise web.HTTPNotFound
        return of_meeting(opened.group, meeting, self._words)
