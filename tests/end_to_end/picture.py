"""Pictures of a group's life, to be looked at; `make picture` takes them."""

import asyncio
import sys
import tempfile
from pathlib import Path

from playwright.async_api import Page

from tests.end_to_end.conftest import in_chromium, runs_in
from tests.end_to_end.story import (
    LEADERS,
    PEOPLE,
    SPONSOR,
    bring,
    gather,
    open_group,
    press,
    to_the_end,
    to_the_vote,
    vote,
)

ASA, JOHAN, KARI, FATIMA = PEOPLE[:4]
DAVID = PEOPLE[8]


async def draw(folder: Path, data: Path) -> None:
    """Live to the vote of the second meeting, and take pictures on the way."""
    async with in_chromium(runs_in(data)) as site:
        page = site.page
        await page.set_viewport_size({"width": 1280, "height": 800})

        async def shoot(name: str, path: str = "") -> None:
            await site.http.travel(by="PT0S")
            if path:
                await page.goto(site.address + path)
            await page.screenshot(path=folder / f"{name}.png")

        await open_group(site, name="", date="2020-01-07")
        await shoot("open-wrong")
        await site.leave_dialog()
        room = await gather(site)
        mats = site.persona(LEADERS[0])
        await shoot("invited-nb", f"/p/{KARI}")
        await site.until("begin", 1)
        await shoot("first-meeting", f"/p/{LEADERS[0]}")
        await to_the_end(mats)
        await site.until("question", 2)
        await bring(
            site.persona(ASA), "Hur säger jag nej uppåt utan att bli den som bromsar?", room
        )
        await bring(site.persona(KARI), "Hvordan gir jeg slipp på det jeg ikke rekker?", room)
        await press(site.persona(FATIMA), "coming", room)
        await site.until("overview", 2)
        await shoot("overview", f"/p/{LEADERS[0]}")
        await site.until("checkin", 2)
        await press(site.persona(JOHAN), "check in")
        await shoot("checkin")
        await site.until("begin", 2)
        await to_the_vote(mats)
        await press(mats, "open the vote")
        for one in PEOPLE[4:8]:
            await vote(site.persona(one), room, "bromsar")
        await shoot("playground", f"/p/{ASA}/r/{room}")
        await press(site.persona(ASA), "vote", room)
        await shoot("ballot")
        await shoot("guide-nb", f"/p/{LEADERS[1]}")
        await site.persona(SPONSOR).write("/krets")
        await shoot("sponsor")
        await site.persona(DAVID).write("/krets")
        await shoot("home-en")
        await phone(page, site.address, room, folder)


async def phone(page: Page, address: str, room: str, folder: Path) -> None:
    """The same on a phone, in the dark."""
    await page.set_viewport_size({"width": 360, "height": 740})
    await page.emulate_media(color_scheme="dark")
    for name, path in (("phone-room", f"/p/{ASA}/r/{room}"), ("phone-guide", f"/p/{LEADERS[0]}")):
        await page.goto(address + path)
        await page.screenshot(path=folder / f"{name}.png")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as data:
        asyncio.run(draw(Path(sys.argv[1]), Path(data)))
