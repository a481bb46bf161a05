"""Pictures of the main cards and forms in Teams, to be looked at: one sheet for each language."""

import json
from pathlib import Path

from bot.core.model import LANGUAGES
from tests.agents_playground.cards import main_ones
from tests.end_to_end.browser import chromium

_STYLE = """
body {{ margin: 16px; background: {page}; columns: 4; column-gap: 16px; }}
figure {{ break-inside: avoid; margin: 0 0 16px; background: {card}; border: 1px solid {line};
    border-radius: 8px; overflow: hidden; }}
header {{ font: 600 16px "DejaVu Sans", sans-serif; padding: 16px 16px 0; color: {text}; }}
.ac-adaptiveCard {{ padding: 12px 16px !important; }}
.ac-pushButton {{ font: 600 14px "DejaVu Sans", sans-serif; padding: 5px 12px; color: {text};
    background: {card}; border: 1px solid {line}; border-radius: 4px; }}
.ac-pushButton.style-positive {{ background: {accent}; color: white; border: 0; }}
.ac-pushButton.style-destructive {{ background: {card}; color: {attention}; }}
.ac-input {{ background: {emphasis}; color: {text}; border: 1px solid {line}; padding: 5px 8px; }}
"""


async def draw(folder: Path, to: Path) -> None:
    """Draw them with what npm has installed in this folder; in the last language dark too."""
    looks = json.loads((Path(__file__).parent / "look.json").read_text())
    sheets = [(language, "light") for language in LANGUAGES] + [(LANGUAGES[-1], "dark")]
    to.mkdir(parents=True, exist_ok=True)
    async with chromium() as browser:
        for language, name in sheets:
            look = looks[name]
            page = await browser.new_page(
                viewport={"width": 1900, "height": 900}, timezone_id="Europe/Stockholm"
            )
            await page.route("http*://**", lambda route: route.abort())
            await page.set_content(f"<!doctype html><html lang={language}><body>")
            library = folder / "node_modules" / "adaptivecards" / "dist"
            await page.add_style_tag(path=library / "adaptivecards.css")
            await page.add_style_tag(content=_STYLE.format(**look))
            await page.add_script_tag(path=library / "adaptivecards.min.js")
            await page.add_script_tag(path=Path(__file__).parent / "draw.js")
            await page.evaluate("([shown, look]) => draw(shown, look)", [main_ones(language), look])
            dark = "-dark" if name == "dark" else ""
            await page.screenshot(path=to / f"teams-{language}{dark}.png", full_page=True)
            await page.close()
