"""Krets as people use it, over HTTP: a real server, and personas who see, write and press."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser
from typing import Any
from uuid import uuid4

import aiohttp

CHAT = "krets"
_BLOCKS = {"p", "li", "h2", "h3", "h4", "dt", "dd", "div", "article", "label", "legend", "option"}


@dataclass
class Seen:
    """What a page or a part of one holds: its text, its buttons, its form's action and choices."""

    text: str = ""
    buttons: list[tuple[str, str]] = field(default_factory=list)
    action: str = ""
    #: Name of a field -> value -> its label.
    choices: dict[str, dict[str, str]] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)

    def __contains__(self, words: str) -> bool:
        return words in self.text

    def labels(self) -> list[str]:
        """The labels of all buttons, in order."""
        return [label for label, _ in self.buttons]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen = Seen()
        self._said: list[str] = []
        self._button: tuple[str, int] | None = None
        self._input: tuple[str, str] | None = None
        self._link: tuple[str, int] | None = None
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag in _BLOCKS:
            self._said.append("\n")
        if tag == "button" and "data-action" in given:
            self._button = (given["data-action"], len(self._said))
        if tag == "form" and "data-action" in given:
            self.seen.action = given["data-action"]
        if tag == "input" and given.get("type") in ("checkbox", "radio"):
            self._input = (given.get("name", ""), given.get("value", ""))
        if tag == "select":
            self._select = given.get("id", "").removeprefix("f-")
        if tag == "option":
            self._input = (self._select, given.get("value", ""))
        if tag == "a":
            self._link = (given.get("href", ""), len(self._said))

    def handle_endtag(self, tag: str) -> None:
        if tag == "button" and self._button is not None:
            action, start = self._button
            label = " ".join("".join(self._said[start:]).split())
            self.seen.buttons.append((label, action))
            self._button = None
        if tag == "a" and self._link is not None:
            href, start = self._link
            self.seen.links[href] = " ".join("".join(self._said[start:]).split())
            self._link = None

    def handle_data(self, data: str) -> None:
        self._said.append(data)
        if self._input is not None and data.strip():
            name, value = self._input
            self.seen.choices.setdefault(name, {})[value] = data.strip()
            self._input = None

    def close(self) -> None:
        super().close()
        lines = (" ".join(line.split()) for line in "".join(self._said).split("\n"))
        self.seen.text = "\n".join(line for line in lines if line)


def read(html: str) -> Seen:
    """What a reader finds in this."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.seen


@dataclass
class Reply:
    """What came back at once: its kind, and what it shows."""

    kind: str
    seen: Seen
    errors: dict[str, str]


class Site:
    """A running Krets."""

    #: Whether Krets makes the group's room here, or people do.
    makes_rooms = True

    def __init__(self, session: aiohttp.ClientSession, address: str) -> None:
        self._session = session
        self.address = address

    def persona(self, native: str) -> "Persona":
        """Somebody of the sample organisation."""
        return Persona(self, native)

    async def get(self, path: str) -> tuple[int, str]:
        async with self._session.get(self.address + path, headers={"Accept": "text/html"}) as got:
            return got.status, await got.text()

    async def post(self, path: str, body: object, **headers: str) -> tuple[int, Any]:
        given = {"Origin": self.address, "Content-Type": "application/json"} | headers
        data = json.dumps(body)
        async with self._session.post(self.address + path, data=data, headers=given) as got:
            return got.status, await got.json()

    async def fill(self) -> None:
        """Press *Fill with a sample organisation*."""
        status, _ = await self.post("/dev/sample", {})
        assert status == 200

    async def travel(self, **where: object) -> dict[str, Any]:
        """Move programme time: `to=`, `by=` or `next=True`."""
        status, answer = await self.post("/dev/clock", where)
        assert status == 200, answer
        found: dict[str, Any] = answer
        return found

    async def make_room(self, leader: "Persona", people: Sequence[str]) -> None:
        """Krets has made the group's room, and let these people in."""

    async def until(self, kind: str, meeting: int) -> None:
        """Go from moment to moment until this one has come."""
        for _ in range(200):
            came = (await self.travel(next=True))["ran"]
            if any(one["kind"] == kind and one["meeting"] == meeting for one in came):
                return
        raise AssertionError(f"{kind} of meeting {meeting} never came")


class Persona:
    """One person at their own page."""

    def __init__(self, site: Site, native: str) -> None:
        self._site = site
        self.native = native

    async def see(self, room: str = CHAT) -> Seen:
        """What a conversation shows to this person."""
        status, html = await self._site.get(f"/p/{self.native}/r/{room}/messages")
        assert status == 200, f"{self.native} does not see {room}"
        return read(html)

    async def rooms(self) -> dict[str, str]:
        """The rooms in the sidebar: slug -> name."""
        _, html = await self._site.get(f"/p/{self.native}")
        own = re.compile(rf"/p/{self.native}/r/(room-[^/]+)$")
        found = {}
        for href, label in read(html).links.items():
            match = own.search(unescape(href))
            if match:
                found[match[1]] = label
        return found

    async def may_see(self, room: str) -> bool:
        """Whether the room exists for this person."""
        status, _ = await self._site.get(f"/p/{self.native}/r/{room}/messages")
        assert status in (200, 404)
        return status == 200

    async def write(self, text: str, room: str = CHAT) -> Reply:
        """Write into the message box."""
        return await self._post("say", {"room": room, "text": text})

    async def press(self, label: str, room: str = CHAT) -> Reply:
        """Press the newest button with this label."""
        seen = await self.see(room)
        return await self.press_in(seen, label, room)

    async def press_in(self, seen: Seen, label: str, room: str = CHAT) -> Reply:
        """Press the last button with this label in what was seen earlier."""
        actions = [action for found, action in seen.buttons if found == label]
        assert actions, f"{self.native} sees no {label!r} but {seen.labels()}"
        return await self._post("press", {"room": room, "action": actions[-1]})

    async def submit(self, form: Reply, room: str = CHAT, **answers: object) -> Reply:
        """Send the form that came back."""
        assert form.kind == "form", form
        body = {"room": room, "action": form.seen.action, "answers": answers}
        return await self._post("submit", body)

    async def _post(self, what: str, body: dict[str, object]) -> Reply:
        body = {**body, "id": str(uuid4())}
        status, answer = await self._site.post(f"/p/{self.native}/{what}", body)
        assert status == 200, answer
        await self._site.travel(by="PT0S")  # answers when all that followed is shown
        return Reply(answer["kind"], read(answer.get("html", "")), answer.get("errors", {}))
