"""Every card of a whole programme in each language, and what Microsoft's library says of them."""

import asyncio
import json
from collections.abc import Iterable
from pathlib import Path

from adapters.teams import render
from bot.core.card import Card, Heading, Text
from bot.core.decision import Home, Notice, OpenForm
from bot.core.model import LANGUAGES
from bot.words import Words
from tests.adapters.programme import programme
from tests.adapters.teams.adaptive_card import card_of, faults
from tests.adapters.teams.test_programme import payloads, reader
from tests.agents_playground.client import Json


def all_cards() -> Iterable[Json]:
    """All that a programme shows, in every way in which it is shown, in every language."""
    words = Words()
    for language in LANGUAGES:
        for shown in programme():
            for payload in payloads(shown, reader(words, language, shown)):
                yield card_of(payload)


def main_ones(language: str) -> list[Json]:
    """Of each kind of card and form the fullest; with its title, if it is a dialog."""
    words, found = Words(), dict[str, Json]()
    for shown in programme():
        view = reader(words, language, shown)
        match shown.what:
            case Card(elements):
                said = [one.text.key for one in elements if isinstance(one, Heading | Text)]
                kind, payload = f"card {said[:2]}", render.message(shown.what, view)
            case OpenForm(form):
                kind, payload = f"form {form.action.kind}", render.form(form, view)
            case Home():
                kind, payload = "home", render.home(shown.what, view)
            case Notice(text):
                kind, payload = f"notice {text.key[:4]}", render.notice(shown.what, view)
            case _:
                continue
        assert faults(payload) == []
        before = found.get(kind)
        if before is None or len(card_of(payload)["body"]) > len(card_of(before)["body"]):
            found[kind] = payload
    return [
        {"card": card_of(one), "title": one["task"]["value"]["title"] if "task" in one else ""}
        for one in found.values()
    ]


async def check(folder: Path, cards: Iterable[Json]) -> int:
    """Let Microsoft's library read them, each once; how many there were."""
    once = {json.dumps(one, sort_keys=True): one for one in cards}
    (folder / "cards.json").write_text(json.dumps(list(once.values())))
    checked = await asyncio.create_subprocess_exec(
        "node", "check.cjs", "cards.json", cwd=folder, stdout=asyncio.subprocess.PIPE
    )
    said, _ = await checked.communicate()
    assert checked.returncode == 0, said.decode()[:4000]
    return len(once)
