"""The client's page in Chromium, as somebody uses it with mouse and keyboard."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Locator, Page

from tests.agents_playground.client import BOT, GROUP_NAME, Client
from tests.end_to_end.browser import chromium

#: What a conversation is called in the list.
PERSONAL = "Personal Chat"


class ChatPage:
    """One conversation at a time."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self._where = PERSONAL

    async def open(self, where: str) -> None:
        """Go to a conversation; at the first time the client tells Krets that it is there."""
        await self.page.get_by_role("treeitem", name=where).first.click()
        self._where = where

    async def say(self, text: str, *, mention: bool = False) -> None:
        """Write and send; in a channel it begins a thread."""
        channel = self._where not in (PERSONAL, GROUP_NAME)
        boxes = self.page.locator("div[role=textbox]")
        await (boxes.first if channel else boxes.last).click()
        if mention:
            await self.page.keyboard.type("@")
            await self.page.locator(".fui-MenuItem", has_text=BOT["name"]).first.click()
            text = f" {text}"
        await self.page.keyboard.type(text)
        send = "Post" if channel else "Send Message"
        await self.page.get_by_role("button", name=send, exact=True).first.click()

    def button(self, label: str) -> Locator:
        """The newest button with this label."""
        return self.page.get_by_role("button", name=label, exact=True).last

    async def shows(self, text: str) -> None:
        """Wait until this is to be read."""
        await self.page.get_by_text(text).last.wait_for()

    async def mock(self, what: str) -> None:
        """Let the client tell Krets of something, by its own menu."""
        await self.page.get_by_role("button", name="Mock an Activity").click()
        await self.page.locator("[role=menuitem]").get_by_text(what, exact=True).click()
        await self.page.get_by_role("dialog").get_by_role("button", name="Send activity").click()


@asynccontextmanager
async def chat_page(client: Client) -> AsyncIterator[ChatPage]:
    """The page, which asks for nothing outside of this machine."""
    async with chromium() as browser:
        page = await browser.new_page(viewport={"width": 1400, "height": 1000})
        page.set_default_timeout(15_000)
        await page.route(
            "**/*",
            lambda route: route.abort() if _leads_out(route.request.url) else route.continue_(),
        )
        await page.goto(client.address)
        await page.locator("div[role=textbox]").last.wait_for()
        yield ChatPage(page)
        await page.close()


def _leads_out(url: str) -> bool:
    """Whether this is at an address on some other machine.

    >>> _leads_out("https://res-1.cdn.office.net/a.woff"), _leads_out("http://127.0.0.1:5000/")
    (True, False)
    """
    return url.startswith("http") and not url.startswith(("http://127.0.0.1", "http://localhost"))
