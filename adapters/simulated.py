"""What simulated platforms share: calls that never leave this process, and what people see of them.

A simulated platform stands where the network begins: the session in which the real clients ask.
It takes what the real one takes, refuses what that refuses, and lets somebody else decide which
calls fail.
"""

import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, TypeAlias

import aiohttp
from aiohttp import web
from multidict import CIMultiDict

Json: TypeAlias = dict[str, Any]

# --- the way out --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Call:
    """One call as it comes in at the platform."""

    platform: str
    method: str
    #: What rests when the platform asks for patience: a method of Slack, a conversation of Teams.
    pace: str
    #: The conversation or the person that is meant, empty where it is neither.
    where: str
    body: Json
    #: Who sees what is in it, and whether in a window that belongs to them alone.
    viewers: tuple[str, ...] = ()
    window: bool = False
    #: Whether it brings something to somebody's eyes, or takes it away.
    shows: bool = False
    #: Whether it makes a message that was not there.
    posts: bool = False


@dataclass(frozen=True, slots=True)
class Fault:
    """What a call meets: a status, or no answer at all (0); `done`: it has its effect all the same.

    `after`: how many seconds the platform asks to be spared; `away`: it never left this machine.
    """

    status: int = 0
    done: bool = False
    after: int = 0
    away: bool = False


class Between(Protocol):
    """What is between Krets and a platform; either may raise what ends the process."""

    async def before(self, call: Call) -> Fault | None:
        """What this call meets."""

    async def after(self, call: Call, said: Json, refused: str, fault: Fault | None) -> None:
        """The platform has done what was asked, or (a code) refused it, and is about to answer."""


class No(Exception):
    """The platform refuses; its code, and (where that says it) its status."""

    def __init__(self, code: str, status: int = 200) -> None:
        """Refuse with these."""
        super().__init__(code)
        self.code, self.status = code, status


@dataclass
class Got:
    """An answer, as far as the clients read it."""

    status: int
    said: Json | str
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def content_type(self) -> str:
        """JSON, or bare text as something in between may answer."""
        return "text/plain" if isinstance(self.said, str) else "application/json"

    @property
    def content(self) -> "Got":
        """The body as a stream."""
        return self

    async def json(self) -> Json | str:
        """The body as JSON."""
        return self.said

    async def text(self) -> str:
        """The body as text."""
        return self.said if isinstance(self.said, str) else json.dumps(self.said)

    async def iter_any(self) -> AsyncIterator[bytes]:
        """The body in one piece."""
        yield (await self.text()).encode()


async def answered(
    between: Between, call: Call, does: Callable[[], Json], no: Callable[[No], Got]
) -> Got:
    """Let a call meet what it meets, do it, and answer; or raise what aiohttp raises."""
    fault = await between.before(call)
    if fault is not None and not fault.done:
        return _faulty(fault)
    refused, said = "", dict[str, Any]()
    try:
        said = does()
        got = Got(200, said)
    except No as error:
        got, refused = no(error), error.code
    await between.after(call, said, refused, fault)
    return got if fault is None else _faulty(fault)


def _faulty(fault: Fault) -> Got:
    if fault.away:
        raise aiohttp.ConnectionTimeoutError
    if not fault.status:
        raise aiohttp.ServerDisconnectedError
    headers = {"Retry-After": str(fault.after)} if fault.after else {}
    return Got(fault.status, "busy", headers)


class Session:
    """Stands where the clients have aiohttp's session."""

    closed = False

    def __init__(self, ask: Callable[[str, str, Json], Any]) -> None:
        """Ask the platform: verb, address and body in, an awaitable answer out."""
        self._ask = ask

    @asynccontextmanager
    async def request(self, verb: str, url: object, **given: Any) -> AsyncIterator[Got]:
        """One request."""
        body = given.get("json") or given.get("params") or {}
        if (data := given.get("data")) is not None:
            body = json.loads(data)
        yield await self._ask(verb, str(url), dict(body))


# --- the way in ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Delivery:
    """Something that a platform brings, as often as it likes: what it is, and its body."""

    #: A code without any text.
    what: str
    who: str
    body: Json
    #: Whether the platform brings it again by itself when it is not taken.
    insists: bool = False


@dataclass
class Incoming:
    """A request, as much of it as the routes read."""

    content_type: str
    body: bytes
    headers: CIMultiDict[str]
    remote: str = "127.0.0.1"

    async def read(self) -> bytes:
        """The body."""
        return self.body


#: What platforms open their doors in.
Doors = web.Application


async def handed(app: Doors, path: str, request: Incoming) -> tuple[int, str]:
    """What the route answers: status and body."""
    (route,) = (one for one in app.router.routes() if one.method == "POST" and _path(one) == path)
    try:
        response = await route.handler(request)  # type: ignore[arg-type]
    except web.HTTPException as error:
        return error.status, ""
    assert isinstance(response, web.Response), "both routes answer at once"
    return response.status, response.text or ""


def _path(route: web.AbstractRoute) -> str:
    return route.resource.canonical if route.resource else ""


# --- what people see ----------------------------------------------------------------------------


@dataclass
class Message:
    """A message that is there."""

    room: str
    id: str
    body: Json
    #: Whatever the simulator knows of it.
    mark: object = None


@dataclass(frozen=True, slots=True)
class Button:
    """A button that somebody has in front of them, and where it stands."""

    packed: str
    room: str = ""
    message: str = ""
    #: Teams: whether its app asks for a dialog. Slack: the window in which it stands.
    asks: bool = False
    window: str = ""


@dataclass(frozen=True, slots=True)
class Blank:
    """A field of a form: what it takes, and what stands in it."""

    name: str
    kind: Literal["text", "one", "many", "tick", "date", "time", "people"]
    options: tuple[str, ...] = ()
    most: int = 0
    optional: bool = False
    value: str = ""


@dataclass(frozen=True, slots=True)
class Window:
    """A form in front of somebody; its fields are empty if it is only read."""

    raw: Json
    blanks: tuple[Blank, ...]
    sends: bool
    packed: str


@dataclass(frozen=True, slots=True)
class Screen:
    """What somebody has in front of them after they did something."""

    status: int
    #: nothing, notice, window or errors.
    kind: str
    window: Window | None = None
    buttons: tuple[Button, ...] = ()
    #: All of it, to be looked through.
    text: str = ""


class Simulated(Protocol):
    """A platform with people in it, for whoever plays them."""

    name: str
    people: dict[str, str]
    rooms: dict[str, list[str]]
    messages: dict[tuple[str, str], Message]
    archived: set[str]
    gone: set[str]
    revoked: bool

    def add_person(self, number: int, name: str) -> str:
        """Somebody new; how the platform calls them."""

    def own(self, person: str) -> str:
        """The conversation of Krets and this person."""

    def see(self, person: str) -> list[Button]:
        """All buttons of messages that somebody has in front of them."""

    def buttons(self, message: Message) -> list[Button]:
        """The buttons of one message."""

    def write(self, person: str, text: str, room: str = "") -> Delivery:
        """Somebody writes a command."""

    def chat(self, person: str) -> Delivery:
        """Somebody writes to Krets as if to a person."""

    def visit(self, person: str) -> Delivery:
        """Somebody opens the place where Krets shows what waits for them."""

    def press(self, person: str, button: Button) -> Delivery:
        """Somebody presses a button."""

    def send(self, person: str, window: Window, answers: Mapping[str, object]) -> Delivery:
        """Somebody sends a form."""

    def make_room(self, people: list[str]) -> tuple[str, list[Delivery]]:
        """People make a room, and bring Krets into it."""

    def leave_room(self, person: str, room: str) -> Delivery:
        """Somebody goes out of a room."""

    def enter_room(self, person: str, room: str) -> Delivery:
        """Somebody comes into a room."""

    def archive(self, room: str, back: bool) -> Delivery:
        """A room is no more to be used; or is again."""

    def dismiss(self, person: str, back: bool) -> Delivery:
        """Somebody's account ends, or they take Krets out of their chat; or the reverse."""

    async def bring(
        self, app: web.Application, delivery: Delivery, at: int, forged: bool = False
    ) -> Screen:
        """Bring it, at this second; what whoever did it sees then. `forged`: by somebody else."""
