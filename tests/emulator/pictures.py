"""Pictures of the main cards and forms in Slack, to be looked at: one sheet for each language."""

import asyncio
import json
from pathlib import Path

from adapters.slack import render
from bot.core.card import Card, Heading, Text
from bot.core.decision import Home, OpenForm
from bot.core.model import LANGUAGES
from bot.words import Words
from tests.adapters.programme import NAMES, NATIVES, programme, reader
from tests.end_to_end.browser import chromium
from tests.end_to_end.slack_screen import Json

_STYLE = """
body { margin: 16px; background: #eee; font-family: sans-serif; columns: 4; column-gap: 16px; }
figure { break-inside: avoid; margin: 0 0 16px; background: white; padding: 8px; }
header { font-weight: bold; padding: 8px 16px; border-bottom: 1px solid #ccc; }
footer { padding: 8px 16px; border-top: 1px solid #ccc; text-align: right; }
footer span { border: 1px solid #ccc; border-radius: 4px; padding: 4px 12px; margin-left: 8px; }
"""


def main_ones(language: str) -> list[Json]:
    """Of each kind of card and form the fullest that a whole programme shows."""
    words, found = Words(), dict[str, Json]()
    for shown in programme():
        view = reader(words, language, shown.groups)
        match shown.what:
            case Card(elements):
                said = [one.text.key for one in elements if isinstance(one, Heading | Text)]
                kind, payload = f"card {said[:2]}", render.message(shown.what, view)
            case OpenForm(form):
                kind, payload = f"form {form.action.kind}", render.form(form, view)
            case Home():
                kind, payload = "home", render.home(shown.what, view)
            case _:
                continue
        if kind not in found or len(payload["blocks"]) > len(found[kind]["blocks"]):
            found[kind] = payload
    return [_drawable(one) for one in found.values()]


def _drawable(payload: Json) -> Json:
    """What is drawn of a payload; what draws it takes *verbatim* for *as it stands*."""
    frame = {key: payload[key]["text"] for key in ("title", "submit", "close") if key in payload}
    blocks = json.loads(json.dumps(payload["blocks"]).replace(', "verbatim": true', ""))
    return {"blocks": blocks, **frame}


async def draw(folder: Path, node: str, to: Path) -> None:
    """Draw them with what npm has installed in this folder."""
    bundled = await asyncio.create_subprocess_exec(
        *(node, "node_modules/esbuild/bin/esbuild", "draw.mjs", "--bundle", "--log-level=error"),
        *('--define:process.env.NODE_ENV="production"', "--outfile=drawn.js"),
        cwd=folder,
    )
    assert await bundled.wait() == 0
    names = {native: NAMES[person] for person, native in NATIVES.items()}
    to.mkdir(parents=True, exist_ok=True)
    async with chromium() as browser:
        for language in LANGUAGES:
            page = await browser.new_page(
                viewport={"width": 1800, "height": 900}, timezone_id="Europe/Stockholm"
            )
            await page.route("http*://**", lambda route: route.abort())
            await page.set_content(f"<!doctype html><html lang={language}><body>")
            await page.add_style_tag(
                path=folder / "node_modules/slack-blocks-to-jsx/dist/style.css"
            )
            await page.add_style_tag(content=_STYLE)
            await page.add_script_tag(path=folder / "drawn.js")
            shown = [one | {"names": names} for one in main_ones(language)]
            await page.evaluate("shown => window.draw(shown)", shown)
            await page.screenshot(path=to / f"slack-{language}.png", full_page=True)
            await page.close()
