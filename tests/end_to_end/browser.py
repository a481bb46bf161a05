"""Krets as people use it in a browser: the same words as `site`, with clicks and keys."""

import json
import os
import shutil
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest
from playwright.async_api import Browser, Page, Response, async_playwright

from tests.end_to_end.site import CHAT, Reply, Seen, Site, read

_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """Chromium, where it is found; its absence is a failure only where it is required."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        if os.environ.get("KRETS_BROWSER") == "required":
            pytest.fail("Chromium is required here and was not found.")
        pytest.skip("Chromium was not found.")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=found, args=_ARGUMENTS)
        yield browser
        await browser.close()


class BrowserSite:
    """A running Krets in one tab of a browser."""

    #: Whether Krets makes the group's room here, or people do.
    makes_rooms = True

    def __init__(self, page: Page, site: Site) -> None:
        self.page = page
        self.http = site
        self.address = site.address

    def persona(self, native: str) -> "BrowserPersona":
        """Somebody of the sample organisation."""
        return BrowserPersona(self, native)

    async def fill(self) -> None:
        """Press *Fill with a sample organisation*."""
        await self.page.goto(self.address)
        await self.page.locator("[data-sample]").click()
        await self.page.wait_for_url("**/p/*")

    async def travel(self, **where: object) -> dict[str, Any]:
        """Move programme time with the clock panel."""
        await self.leave_dialog()
        button = self.page.locator(f"[data-clock='{json.dumps(where)}']:not([aria-busy=true])")
        async with self.page.expect_response("**/dev/clock") as got:
            await button.click()
        answer: dict[str, Any] = await (await got.value).json()
        return answer

    async def leave_dialog(self) -> None:
        """Close the dialog, if one is open."""
        if await self.page.locator("#dialog").is_visible():
            await self.page.locator("#dialog [data-close]").click()

    async def make_room(self, leader: "BrowserPersona", people: Sequence[str]) -> None:
        """Krets has made it."""

    async def until(self, kind: str, meeting: int) -> None:
        """Go from moment to moment until this one has come."""
        for _ in range(200):
            came = (await self.travel(next=True))["ran"]
            if any(one["kind"] == kind and one["meeting"] == meeting for one in came):
                return
        raise AssertionError(f"{kind} of meeting {meeting} never came")


class BrowserPersona:
    """One person at their own page, with mouse and keyboard."""

    def __init__(self, site: BrowserSite, native: str) -> None:
        self._site = site
        self._page = site.page
        self.native = native

    async def see(self, room: str = CHAT) -> Seen:
        """What a conversation shows to this person."""
        await self._go(room)
        return read(await self._page.locator("#messages").inner_html())

    async def rooms(self) -> dict[str, str]:
        """The rooms in the sidebar: slug -> name."""
        await self._go(CHAT)
        links = await self._page.locator("#rooms a").all()
        found = {}
        for link in links:
            slug = (await link.get_attribute("href") or "").rpartition("/")[2]
            if slug.startswith("room-"):
                found[slug] = await link.locator(".row-name").inner_text()
        return found

    async def may_see(self, room: str) -> bool:
        """Whether the room exists for this person."""
        await self._go(CHAT)
        listed = await self._page.locator(f"#rooms a[href$='/{room}']").count() == 1
        path = f"{self._site.address}/p/{self.native}/r/{room}"
        answer = await self._page.request.get(path, headers={"Accept": "text/html"})
        assert listed == (answer.status == 200)
        return listed

    async def write(self, text: str, room: str = CHAT) -> Reply:
        """Write into the message box."""
        await self._go(room)
        await self._page.locator("#text").fill(text)
        async with self._page.expect_response("**/say") as got:
            await self._page.keyboard.press("Enter")
        return await self._reply(await got.value)

    async def press(self, label: str, room: str = CHAT) -> Reply:
        """Press the newest button with this label."""
        return await self.press_in(await self.see(room), label, room)

    async def press_in(self, seen: Seen, label: str, room: str = CHAT) -> Reply:
        """Press the last button with this label."""
        assert label in seen.labels()
        button = self._page.locator("#messages").get_by_role("button", name=label, exact=True).last
        async with self._page.expect_response("**/press") as got:
            await button.click()
        return await self._reply(await got.value)

    async def submit(self, form: Reply, room: str = CHAT, **answers: object) -> Reply:
        """Fill the open dialog and send it."""
        dialog = self._page.locator("#dialog")
        for name, answer in answers.items():
            await self._fill(name, answer)
        async with self._page.expect_response("**/submit") as got:
            await dialog.locator(".dialog-foot .primary").click()
        return await self._reply(await got.value)

    async def _fill(self, name: str, answer: object) -> None:
        field = self._page.locator(f"#dialog [data-field='{name}']")
        kind = await field.get_attribute("data-kind")
        match answer:
            case bool():
                await field.locator("input").set_checked(answer)
            case {"people": people}:
                for native in people:
                    await field.locator(f"input[value='{native}']").check()
            case list():
                for value in answer:
                    await field.locator(f"input[value='{value}']").check()
            case str() if kind == "choice":
                if await field.locator("select").count():
                    await field.locator("select").select_option(answer)
                else:
                    await field.locator(f"input[value='{answer}']").check()
            case str():
                await field.locator("input, textarea").fill(answer)
            case _:
                raise AssertionError(f"no way to fill {name} with {answer!r}")

    async def _go(self, room: str) -> None:
        """To this person's room, with everything shown that has followed so far."""
        page, path = self._page, f"/p/{self.native}/r/{room}"
        await self._site.http.travel(by="PT0S")  # answers when all that followed is shown
        await page.bring_to_front()  # a tab behind another one is slow
        await self._site.leave_dialog()
        if page.url.endswith(path):
            await page.reload()
        else:
            await page.goto(self._site.address + path)

    async def _reply(self, response: Response) -> Reply:
        """What came back, as the page shows it."""
        answer = await response.json()
        kind = answer["kind"]
        dialog = self._page.locator("#dialog")
        if kind in ("form", "home"):
            await dialog.locator("#dialog-title").wait_for()
            return Reply(kind, read(await dialog.inner_html()), {})
        if kind == "errors":
            await dialog.locator(".field-fault:not([hidden])").first.wait_for()
            return Reply(kind, Seen(), answer["errors"])
        await dialog.wait_for(state="hidden")
        if kind == "notice":
            notice = self._page.locator("#notices .notice").last
            await notice.wait_for()
            return Reply(kind, read(await notice.inner_html()), {})
        return Reply(kind, Seen(), {})
