"""The page as HTML, from what is to be seen: templates and the page's own words."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from adapters.playground import render
from adapters.playground.inline import plain, rich
from adapters.playground.rooms import CHAT, GENERAL, Room
from adapters.playground.sample import Persona, Role
from adapters.playground.sight import Scene
from adapters.playground.travel import Panel
from adapters.text import inert
from bot.core.action import ChooseLanguage, pack
from bot.core.card import T, Value, When
from bot.words import View

HERE = Path(__file__).parent
STATIC = HERE / "static"
_LANGUAGES = (("en", "English"), ("sv", "Svenska"), ("nb", "Norsk"))
#: In the order in which the switch shows them.
_SWITCH: tuple[Role, ...] = ("sponsor", "leader", "participant")
#: Sentences that the script itself says.
_OF_SCRIPT = ("close", "discard", "fault", "lost", "only")


class _Word(Protocol):
    def __call__(self, key: str, **values: Value) -> str:
        """The page's own word for this, in the reader's language."""


@dataclass(frozen=True, slots=True)
class _Row:
    """A room in the list."""

    slug: str
    name: str
    note: str
    kind: str
    latest: int


class Pages:
    """Renders whole pages and the list of messages."""

    def __init__(self) -> None:
        """Read the templates when they are first asked for."""
        self._templates = Environment(
            loader=FileSystemLoader([HERE / "templates", STATIC]),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def welcome(self, view: View) -> str:
        """The page before there is anybody."""
        return self._fill("welcome.html", view)

    def page(self, scene: Scene, personas: tuple[Persona, ...], clock: Panel | None) -> str:
        """The page of one persona in one room."""
        word = _words(scene.view)
        rows = [_row(one, scene, word) for one in scene.rooms]
        people = [
            (role, [(one, scene.latest[f"@{one.native}"]) for one in personas if one.role == role])
            for role in _SWITCH
        ]
        return self._fill(
            "page.html",
            scene.view,
            me=scene.me,
            rooms=rows,
            room=next(row for row in rows if row.slug == scene.room.slug),
            people=people,
            messages=_messages(scene),
            clock=clock,
            languages=_LANGUAGES,
            choose_language=pack(ChooseLanguage()),
            commands=["/krets", *(f"/krets {one}" for one in word("commands").split())],
        )

    def messages(self, scene: Scene) -> str:
        """The messages of the room alone."""
        return self._fill("messages.html", scene.view, messages=_messages(scene))

    def _fill(self, template: str, view: View, **values: object) -> str:
        word = _words(view)
        return self._templates.get_template(template).render(
            lang=view.language,
            w=word,
            words=json.dumps({key: word(key) for key in _OF_SCRIPT}),
            **values,
        )


def _words(view: View) -> _Word:
    def word(key: str, **values: Value) -> str:
        return plain(T(f"page.{key}", values), view)

    return word


def _row(room: Room, scene: Scene, word: _Word) -> _Row:
    latest = scene.latest[room.conversation]
    if room.slug == CHAT:
        return _Row(room.slug, "Krets", word("chat.note"), "chat", latest)
    if room.slug == GENERAL:
        return _Row(room.slug, word("general"), word("general.note"), "general", latest)
    note = word("room.note", count=len(room.people))
    return _Row(room.slug, inert(room.name), note, "room", latest)


def _messages(scene: Scene) -> list[dict[str, object]]:
    """Each message, with the day above the first of its day."""
    shown: list[dict[str, object]] = []
    day = ""
    for one in scene.messages:
        of_message = scene.view.when(When(one.at, "date"))
        shown.append(
            {
                "ref": one.ref,
                "day": of_message if of_message != day else "",
                "time": rich(T("value", {"value": When(one.at, "time")}), scene.view),
                "summary": plain(one.card.summary, one.view),
                "card": render.card(one.card, one.view),
                "lang": one.view.language,
            }
        )
        day = of_message
    return shown
