"""The page itself: live, by keyboard, on a phone, in the dark, and readable by all."""

from typing import Any
from urllib.parse import unquote

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, expect

from tests.end_to_end.browser import BrowserSite
from tests.end_to_end.story import LEADERS, PEOPLE, SPONSOR, gather, open_group

pytestmark = pytest.mark.browser


async def at(site: BrowserSite, path: str) -> Page:
    """One more tab."""
    page = await site.page.context.new_page()
    await page.goto(site.address + path)
    return page


async def faults(page: Page) -> list[Any]:
    """What axe finds wrong, shortly."""
    found = await Axe().run(page)
    return [
        (one["id"], [node["html"][:120] for node in one["nodes"]])
        for one in found.response["violations"]
    ]


async def test_another_tab_hears_of_what_happens_without_a_reload(in_browser: BrowserSite) -> None:
    mats = await at(in_browser, f"/p/{LEADERS[0]}")
    await expect(mats.locator(".message")).to_have_count(0)
    await mats.evaluate("window.stays = true")
    await open_group(in_browser)
    button = mats.get_by_role("button", name="Ja, det vill jag")
    await expect(button).to_be_visible()
    await button.click()
    await expect(mats.locator("#messages")).to_contain_text("Du leder gruppen.")
    assert await mats.evaluate("window.stays"), "the page was not loaded again"


async def test_a_hidden_tab_is_silent_and_catches_up(in_browser: BrowserSite) -> None:
    mats = await at(in_browser, f"/p/{LEADERS[0]}")
    hide = """hidden => {
        Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
        document.dispatchEvent(new Event("visibilitychange"));
    }"""
    async with mats.expect_event("requestfailed", lambda request: "/live" in request.url):
        await mats.evaluate(hide, True)
    asked: list[str] = []
    mats.on("request", lambda request: asked.append(request.url))
    await open_group(in_browser)
    await in_browser.http.travel(by="PT0S")  # answers when all that followed is shown
    assert asked == [], "a hidden tab asks for nothing"
    await expect(mats.locator(".message")).to_have_count(0)
    await mats.evaluate(hide, False)
    await expect(mats.locator(".message")).to_have_count(1)


async def test_what_was_typed_stays_when_a_field_is_wrong(in_browser: BrowserSite) -> None:
    reply = await open_group(in_browser, name="", date="2020-01-07")
    assert set(reply.errors) == {"name", "date"}
    dialog = in_browser.page.locator("#dialog")
    await expect(dialog.locator("#f-name")).to_be_focused()
    await expect(dialog.locator("#f-place")).to_have_value("Rum 4")
    await expect(dialog.locator("input[name=pool]:checked")).to_have_count(len(PEOPLE))
    await dialog.locator("#f-name").fill("Tisdagsgruppen")
    await dialog.locator("#f-date").fill("2027-01-19")
    await dialog.locator(".dialog-foot .primary").click()
    await expect(dialog).to_be_hidden()
    await expect(in_browser.page.locator("#notices")).to_contain_text("Gruppen är öppnad.")


async def test_a_vote_needs_no_mouse(in_browser: BrowserSite) -> None:
    room = await gather(in_browser.http)
    await in_browser.http.until("begin", 1)
    await in_browser.http.until("question", 2)
    page = in_browser.page
    asked: list[str] = []
    page.on("request", lambda request: asked.append(unquote(request.url)))
    await page.goto(f"{in_browser.address}/p/{PEOPLE[0]}/r/{room}")
    bring = page.get_by_role("button", name="Ta med en fråga").last
    await bring.focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("#dialog-title")).to_be_focused()
    await page.keyboard.press("Tab")
    await page.keyboard.type("Hur säger jag nej uppåt?")
    for _ in range(6):
        if await page.evaluate("document.activeElement.matches('.dialog-foot .primary')"):
            break
        await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(page.locator("#notices")).to_contain_text("Din fråga är hos Krets.")
    # And again: what I wrote stands in the form; Escape leaves it.
    await bring.focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("#f-case")).to_have_value("Hur säger jag nej uppåt?")
    await page.keyboard.press("Escape")
    await expect(page.locator("#dialog")).to_be_hidden()
    assert asked
    assert [url for url in asked if "nej" in url] == [], "nothing that was written is in a URL"


async def test_everybody_can_read_it(in_browser: BrowserSite) -> None:
    room = await gather(in_browser.http)
    await in_browser.http.until("begin", 1)
    for scheme in ("light", "dark"):
        for width in (360, 1280):
            await in_browser.page.emulate_media(color_scheme=scheme)
            await in_browser.page.set_viewport_size({"width": width, "height": 780})
            await can_be_read(in_browser, room, width)


async def can_be_read(site: BrowserSite, room: str, width: int) -> None:
    """The pages of each role and a long form have no fault and do not scroll sideways."""
    page = site.page
    for path in (f"/p/{PEOPLE[0]}/r/{room}", f"/p/{LEADERS[0]}", f"/p/{SPONSOR}"):
        await page.goto(site.address + path)
        assert await faults(page) == [], path
        wide = await page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, f"{path} scrolls sideways"
    await page.locator("#text").fill("/krets öppna")
    await page.keyboard.press("Enter")
    await expect(page.locator("#dialog")).to_be_visible()
    assert await faults(page) == [], "the form"
    assert await page.evaluate("document.documentElement.scrollWidth") <= width


async def test_the_language_is_each_persona_s_own(in_browser: BrowserSite) -> None:
    page = in_browser.page
    await page.goto(f"{in_browser.address}/p/{PEOPLE[0]}")
    await expect(page.locator("html")).to_have_attribute("lang", "sv")
    await page.locator("[data-choose=nb]").click()
    await expect(page.locator("html")).to_have_attribute("lang", "nb")
    await expect(page.get_by_role("button", name="Send", exact=True)).to_be_visible()
    await page.goto(f"{in_browser.address}/p/{PEOPLE[1]}")
    await expect(page.locator("html")).to_have_attribute("lang", "sv")
