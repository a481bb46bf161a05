"""The playground's routes: a persona's pages, what is done on them, and the clock."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Protocol

from aiohttp import web
from aiohttp_sse import EventSourceResponse

from adapters.playground import parse, render
from adapters.playground.fields import Pick
from adapters.playground.guard import guarded
from adapters.playground.live import AROUND, Live
from adapters.playground.page import STATIC, Pages
from adapters.playground.rooms import CHAT, identity, rooms_of
from adapters.playground.sample import BY_NATIVE, fill
from adapters.playground.sight import Scene, Sight
from adapters.playground.travel import Panel, TimeTravel, as_json, panel
from bot.app import Answer
from bot.core.card import T
from bot.core.decision import Notice
from bot.core.event import Deed
from bot.programme import Ran
from bot.store import Store, Unit
from bot.words import View, negotiate

_FILES = frozenset(file.name for file in STATIC.iterdir())


class Answers(Protocol):
    """What the playground asks of the bot."""

    async def handle(self, event: Deed) -> Answer:
        """Decide what follows from what a person did, save it, and only then answer."""


class Playground:
    """The platform in the browser. Without `travel` there is no clock panel and no `/dev/clock`."""

    def __init__(
        self,
        *,
        bot: Answers,
        store: Store,
        sight: Sight,
        live: Live,
        fresh: Callable[[], str],
        travel: TimeTravel | None = None,
    ) -> None:
        """Show what is in this store, and hand what is done to this bot."""
        self._bot = bot
        self._store = store
        self._sight = sight
        self._live = live
        self._fresh = fresh
        self._travel = travel
        self._pages = Pages()
        self._ran: list[Ran] | None = None
        self._travelling = asyncio.Lock()

    def mount(self, app: web.Application) -> None:
        """Add the routes to the application, and end the open pages when it shuts down."""
        app.router.add_get("/", guarded(self._start))
        app.router.add_get("/static/{name}", guarded(self._static))
        app.router.add_post("/dev/sample", guarded(self._sample))
        app.router.add_get("/p/{who}", guarded(self._page))
        app.router.add_get("/p/{who}/r/{room}", guarded(self._page))
        app.router.add_get("/p/{who}/r/{room}/messages", guarded(self._messages))
        app.router.add_get("/p/{who}/live", guarded(self._listen))
        app.router.add_post("/p/{who}/say", guarded(self._say))
        app.router.add_post("/p/{who}/press", guarded(self._press))
        app.router.add_post("/p/{who}/submit", guarded(self._submit))
        app.router.add_post("/p/{who}/home", guarded(self._home))
        if self._travel is not None:
            app.router.add_get("/dev/clock", guarded(self._clock))
            app.router.add_post("/dev/clock", guarded(self._go))

        async def close(_: web.Application) -> None:
            self._live.close()

        app.on_shutdown.append(close)

    # --- pages --------------------------------------------------------------------------------

    async def _start(self, request: web.Request) -> web.StreamResponse:
        personas = await self._store.run(self._sight.personas)
        if personas:
            raise web.HTTPFound(f"/p/{personas[0].native}")
        first = request.headers.get("Accept-Language", "").split(",")[0].split(";")[0]
        view = self._sight.stranger(negotiate(first.strip()))
        return _html(self._pages.welcome(view))

    async def _static(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"]
        if name not in _FILES:
            raise web.HTTPNotFound
        return web.FileResponse(STATIC / name, headers={"Cache-Control": "no-cache"})

    async def _sample(self, _: web.Request) -> web.StreamResponse:
        await self._store.run(lambda unit: fill(unit, self._fresh))
        return web.json_response({"to": "/"})

    async def _page(self, request: web.Request) -> web.StreamResponse:
        scene = await self._scene(request)
        personas = await self._store.run(self._sight.personas)
        return _html(self._pages.page(scene, personas, await self._panel(scene.view)))

    async def _messages(self, request: web.Request) -> web.StreamResponse:
        return _html(self._pages.messages(await self._scene(request)))

    async def _scene(self, request: web.Request) -> Scene:
        """What there is to see; what is absent and what is not theirs look the same."""
        who, room = request.match_info["who"], request.match_info.get("room", CHAT)
        scene = await self._store.run(lambda unit: self._sight.scene(unit, who, room))
        if scene is None:
            raise web.HTTPNotFound
        return scene

    async def _panel(self, view: View) -> Panel | None:
        if self._travel is None:
            return None
        now, due = await self._travel.now(), await self._travel.next_due()
        return panel(now, due, self._ran, view)

    # --- what is done -------------------------------------------------------------------------

    async def _say(self, request: web.Request) -> web.StreamResponse:
        return await self._answer(request, parse.written)

    async def _press(self, request: web.Request) -> web.StreamResponse:
        return await self._answer(request, parse.pressed)

    async def _submit(self, request: web.Request) -> web.StreamResponse:
        return await self._answer(request, parse.submitted)

    async def _home(self, request: web.Request) -> web.StreamResponse:
        return await self._answer(request, parse.opened)

    async def _answer(
        self, request: web.Request, read: Callable[[bytes, parse.Sender], Deed | None]
    ) -> web.StreamResponse:
        who, body = request.match_info["who"], await request.read()
        found = await self._store.run(lambda unit: self._sender(unit, who))
        if found is None:
            raise web.HTTPNotFound
        sender, view, picks = found
        try:
            event = read(body, sender)
        except parse.BadRequest as error:
            return _refused(error)
        except parse.Absent:
            raise web.HTTPNotFound from None
        if event is None:
            answer = Answer(Notice(T("unavailable")), view)
        else:
            answer = await self._bot.handle(event)
        view = answer.view
        if not view.base_url:  # whoever is here is on this very machine
            view = replace(view, base_url=str(request.url.origin()))
        return web.json_response(render.reply(answer.reply, view, picks))

    def _sender(self, unit: Unit, who: str) -> tuple[parse.Sender, View, tuple[Pick, ...]] | None:
        picks = self._sight.picks(unit)
        known = {pick.persona.native for pick in picks}
        if who not in known:
            return None
        places = {room.slug: room.place for room in rooms_of(unit, who)}
        view = self._sight.view(unit, BY_NATIVE[who])
        return parse.Sender(identity(who), places, known), view, picks

    # --- live ---------------------------------------------------------------------------------

    async def _listen(self, request: web.Request) -> web.StreamResponse:
        """Tell by name which of the persona's rooms changed; of all else only that it did."""
        await self._scene(request)
        who = request.match_info["who"]
        stream = EventSourceResponse()
        with self._live.listen() as ear, suppress(ConnectionResetError):
            await stream.prepare(request)
            async with stream:
                gone = asyncio.create_task(stream.wait())
                gone.add_done_callback(lambda _: ear.close())
                while changed := await ear.changes():
                    rooms = await self._store.run(lambda unit: rooms_of(unit, who))
                    slugs = {room.conversation: room.slug for room in rooms}
                    for told in {slugs.get(one, AROUND) for one in changed}:
                        await stream.send(told)
        return stream

    # --- the clock ----------------------------------------------------------------------------

    async def _clock(self, _: web.Request) -> web.StreamResponse:
        return await self._told([])

    async def _go(self, request: web.Request) -> web.StreamResponse:
        assert self._travel is not None
        body = await request.read()
        async with self._travelling:
            try:
                to = parse.travelled(body, await self._travel.now())
            except parse.BadRequest as error:
                return _refused(error)
            ran = await (self._travel.go_next() if to is None else self._travel.go(to))
            self._ran = ran
        self._live.tell(AROUND)
        return await self._told(ran)

    async def _told(self, ran: list[Ran]) -> web.StreamResponse:
        assert self._travel is not None
        due = await self._travel.next_due()
        return web.json_response(
            {
                "now": (await self._travel.now()).isoformat(),
                "next_due": as_json(due) if due else None,
                "ran": [as_json(one) for one in ran],
            }
        )


def _html(text: str) -> web.Response:
    return web.Response(text=text, content_type="text/html")


def _refused(error: parse.BadRequest) -> web.Response:
    return web.json_response({"error": str(error)}, status=400)
