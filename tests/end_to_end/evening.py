"""One meeting from beginning to end, as four people have it on their phones; `make evening`.

For each language a sheet with every step, to be looked at, and a smaller picture of the moments
that say most, which the README shows.
"""

import asyncio
import base64
import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

from playwright.async_api import Browser, Page

from bot.core.model import LANGUAGES
from tests.core.play import shipped
from tests.end_to_end.browser import chromium
from tests.end_to_end.conftest import over_http, runs_in
from tests.end_to_end.site import Persona, Site
from tests.end_to_end.story import LEADERS, PEOPLE, SAID, bring, gather, press, to_the_end, vote

MATS, INGRID = LEADERS
ASA, JOHAN, KARI = PEOPLE[:3]
#: Whose phones are seen: both leaders, the owner of the question, another participant.
SEEN = (MATS, INGRID, ASA, JOHAN)
QUESTIONS = {
    "en": ("How do I say no upwards without slowing us down?", "What do I let go of this spring?"),
    "sv": ("Hur säger jag nej uppåt utan att bli bromsen?", "Vad ska jag släppa i vår?"),
    "nb": ("Hvordan sier jeg nei oppover uten å bremse?", "Hva skal jeg gi slipp på i vår?"),
}
#: What the group is called, and where it meets.
CALLED = {
    "en": ("The Tuesday group", "Room 4"),
    "sv": ("Tisdagsgruppen", "Rum 4"),
    "nb": ("Tirsdagsgruppen", "Rom 4"),
}
#: What a row shows that is no step of the method's.
MOMENTS = {
    "en": {
        "begin": "The meeting begins",
        "today": "Today, or not today?",
        "vote": "The vote",
        "result": "What was chosen",
        "partner": "Somebody is asked to be partner",
        "early": "Next, pressed early",
        "end": "The meeting has ended",
        "day after": "The next working day",
    },
    "sv": {
        "begin": "Träffen börjar",
        "today": "I dag, eller inte i dag?",
        "vote": "Omröstningen",
        "result": "Det som valdes",
        "partner": "Någon tillfrågas som samtalspartner",
        "early": "Nästa, tryckt i förtid",
        "end": "Träffen är slut",
        "day after": "Nästa arbetsdag",
    },
    "nb": {
        "begin": "Møtet begynner",
        "today": "I dag, eller ikke i dag?",
        "vote": "Avstemningen",
        "result": "Det som ble valgt",
        "partner": "Noen blir spurt om å være samtalepartner",
        "early": "Neste, trykket for tidlig",
        "end": "Møtet er over",
        "day after": "Neste arbeidsdag",
    },
}
PHONE = {"width": 390, "height": 844}
#: How many rows fit a sheet that can still be looked at.
ROWS = 3
#: What the small picture shows, and how wide each phone is in it.
TOLD = ("vote", "result", "hypotheses", "early")
SMALL = 240
_STYLE = """
body { margin: 12px; background: #e8e6e1; font: 600 15px "DejaVu Sans", sans-serif; color: #333; }
section { display: grid; grid-template-columns: repeat(4, max-content); gap: 12px; }
h2 { grid-column: 1 / -1; font-size: 15px; margin: 8px 0 0; }
img { border-radius: 12px; border: 1px solid #bbb; display: block; }
"""

Shoot = Callable[[str], Awaitable[None]]
Row = tuple[str, list[bytes]]


async def speak(site: Site, language: str) -> None:
    """Let those whose phones are seen read this language."""
    for native in SEEN:
        persona = site.persona(native)
        await persona.submit(await persona.write("/krets language"), language=language)


async def evening(site: Site, room: str, question: str, shoot: Shoot) -> None:
    """The second meeting, told from its first step to the day after."""
    mats, asa, johan = (site.persona(one) for one in (MATS, ASA, JOHAN))
    await site.until("begin", 2)
    await shoot("begin")
    for step, minutes in (("relax", 15), ("since", 5), ("today", 10)):
        await on(site, mats, minutes)
        await shoot(step)
    await press(asa, "today")
    await press(mats, "open the vote")
    await shoot("vote")
    for one in PEOPLE[:8]:
        await vote(site.persona(one), room, question)
    await press(mats, "close the vote")
    await shoot("result")
    form = await press(asa, "choose partner")
    (chosen,) = [
        id for id, label in form.seen.choices["partners"].items() if label.startswith("Johan")
    ]
    await asa.submit(form, partners=[chosen])
    await on(site, mats, 0)
    await shoot("partner")
    await press(johan, "gladly")
    await shoot("explore")
    for step, minutes in (("picture", 25), ("coffee", 10), ("hypotheses", 15)):
        await on(site, mats, minutes)
        await shoot(step)
    await site.travel(by="PT12M")
    await shoot("early")
    await on(site, mats, 0)
    await shoot("review")
    for step, minutes in (("solutions", 10), ("reflection", 25), ("meta", 10)):
        await on(site, mats, minutes)
        await shoot(step)
    await press(mats, "end")
    await shoot("end")
    await site.until("next_day", 2)
    await shoot("day after")


async def on(site: Site, leader: Persona, minutes: int) -> None:
    """After so many minutes the leader goes on to the next step."""
    await site.travel(by=f"PT{minutes}M")
    await press(leader, "next")


async def taken(browser: Browser, data: Path, language: str) -> list[Row]:
    """The pictures of a whole evening in one language."""
    rows: list[Row] = []
    async with over_http(runs_in(data)) as site:
        await speak(site, language)
        name, place = CALLED[language]
        room = await gather(site, name=name, place=place, language=language)
        await site.until("begin", 1)
        await to_the_end(site.persona(MATS))
        await site.until("question", 2)
        for native, question in zip((ASA, KARI), QUESTIONS[language], strict=True):
            await bring(site.persona(native), question, room)
        context = await browser.new_context(timezone_id="Europe/Stockholm", viewport=PHONE)
        page = await context.new_page()

        async def shoot(name: str) -> None:
            shots = []
            for native in SEEN:
                at_table = native == JOHAN and name not in ("partner", "reflection")
                voting = native == ASA and name in ("vote",)
                where = f"/r/{room}" if at_table or voting else ""
                pressed = SAID["next"] if native == MATS and name == "early" else ()
                shots.append(await shot(page, f"{site.address}/p/{native}{where}", pressed))
            rows.append((name, shots))

        await evening(site, room, QUESTIONS[language][0], shoot)
        await context.close()
    return rows


async def shot(page: Page, address: str, pressed: tuple[str, ...]) -> bytes:
    """What a phone shows at this address, at its newest message, or after a press there."""
    await page.goto(address)
    await page.locator("#messages").wait_for()
    for label in pressed:
        button = page.locator("#messages").get_by_role("button", name=label, exact=True)
        if await button.count():
            await button.last.click()
            await page.locator("#dialog").wait_for()
    return await page.screenshot()


def titled(name: str, language: str) -> str:
    """What a row is called: as its step, or as what happens in it."""
    step = shipped("jonkoping").text(f"ordinary/{name}/title", language)
    return MOMENTS[language].get(name, step)


async def compose(browser: Browser, rows: list[Row], to: Path, width: int, language: str) -> None:
    """Lay pictures side by side on one sheet, each row with its title."""
    page = await browser.new_page(viewport={"width": 4 * (width + 14) + 24, "height": 600})
    shown = "".join(
        f"<h2>{titled(name, language)}</h2>"
        + "".join(
            f'<img width="{width}" src="data:image/png;base64,{base64.b64encode(one).decode()}">'
            for one in shots
        )
        for name, shots in rows
    )
    await page.set_content(f"<style>{_STYLE}</style><section>{shown}</section>")
    await page.screenshot(path=to, full_page=True, type="jpeg", quality=75)
    await page.close()


async def draw(folder: Path, told: Path) -> None:
    """All languages, each with its own Krets."""
    async with chromium() as browser:
        for language in LANGUAGES:
            with tempfile.TemporaryDirectory() as data:
                rows = await taken(browser, Path(data), language)
            for start in range(0, len(rows), ROWS):
                part = folder / f"evening-{language}-{start // ROWS + 1}.jpg"
                await compose(browser, rows[start : start + ROWS], part, PHONE["width"], language)
            some = [row for row in rows if row[0] in TOLD]
            await compose(browser, some, told / f"evening-{language}.jpg", SMALL, language)


if __name__ == "__main__":
    asyncio.run(draw(Path(sys.argv[1]), Path(sys.argv[2])))
