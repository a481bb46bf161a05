"""Private addresses over HTTP: what they open, until when, and where no token stands."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import pytest
import pytest_asyncio
from icalendar import Calendar, Component
from pypdf import PdfReader

from tests.end_to_end.conftest import over_http, runs_in
from tests.end_to_end.overheard import logged
from tests.end_to_end.site import Reply, Site
from tests.end_to_end.story import LEADERS, PEOPLE, SPONSOR, gather, press

ASA, JOHAN, KARI = PEOPLE[:3]
TOKEN = re.compile(r"[0-9a-f]{32}")


@dataclass
class Ground:
    """A group that has started, where it is kept, and what has been logged."""

    site: Site
    data: Path
    log: list[str]

    async def get(self, url: str, **headers: str) -> aiohttp.ClientResponse:
        got = await self.site._session.get(url, headers=headers)
        await got.read()
        return got

    async def press(self, who: str, label: str) -> Reply:
        """Press this button of somebody's home."""
        person = self.site.persona(who)
        return await person.press_in((await person.write("/krets")).seen, label)

    async def calendar(self, who: str) -> str:
        """A new address of this person's calendar."""
        form = await self.press(who, "Kalender")
        assert not form.seen.links
        (address,) = (await self.site.persona(who).submit(form)).seen.links
        return address

    async def sheet(self, who: str) -> str:
        """A new address of the next meeting's sheet."""
        label = {LEADERS[0]: "Träffen på papper", LEADERS[1]: "Møtet på papir"}[who]
        (address,) = (await self.press(who, label)).seen.links
        return address

    def on_disk(self) -> bytes:
        return b"".join(one.read_bytes() for one in self.data.rglob("*") if one.is_file())


@asynccontextmanager
async def a_group(data: Path) -> AsyncIterator[Ground]:
    with logged() as log:
        async with over_http(runs_in(data)) as site:
            await gather(site)
            yield Ground(site, data, log)


@pytest_asyncio.fixture(scope="module")
async def ground(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Ground]:
    """One group for all that leave it as it is."""
    async with a_group(tmp_path_factory.mktemp("group") / "var") as ground:
        yield ground


def by_uid(body: bytes) -> dict[str, Component]:
    return {str(one["UID"]): one for one in Calendar.from_ical(body).walk("VEVENT")}


async def test_a_calendar_is_told_and_kept_private(ground: Ground) -> None:
    address = await ground.calendar(ASA)
    got = await ground.get(address)
    assert got.status == 200
    assert got.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert got.headers["Cache-Control"] == "private, no-cache"
    assert "noindex" in got.headers["X-Robots-Tag"]
    assert got.headers["Referrer-Policy"] == "no-referrer"
    body = await got.read()
    calendar = Calendar.from_ical(body)
    assert [one.errors for one in calendar.walk()] == [[]] * 11
    assert {str(one["SUMMARY"]) for one in calendar.walk("VEVENT")} == {"Möte"}

    again = await ground.get(address, **{"If-None-Match": got.headers["ETag"]})
    assert (again.status, await again.read()) == (304, b"")
    assert again.headers["ETag"] == got.headers["ETag"]
    assert (await ground.get(address, **{"If-None-Match": '"other"'})).status == 200
    head = await ground.site._session.head(address)
    assert (head.status, head.headers["ETag"]) == (200, got.headers["ETag"])


async def test_the_calendar_follows_what_happens(ground: Ground) -> None:
    address = await ground.calendar(ASA)
    before = await ground.get(address)
    form = await ground.press(LEADERS[0], "Namn i kalendern")
    await ground.site.persona(LEADERS[0]).submit(form, title="Samling")
    named = await ground.get(address)
    assert named.headers["ETag"] != before.headers["ETag"]
    was, now = by_uid(await before.read()), by_uid(await named.read())
    assert was.keys() == now.keys()
    assert {str(one["SUMMARY"]) for one in now.values()} == {"Samling"}
    assert all(now[uid]["SEQUENCE"] > was[uid]["SEQUENCE"] for uid in was)


async def test_a_new_address_ends_the_old_and_keeps_what_calendars_know(ground: Ground) -> None:
    old = await ground.calendar(ASA)
    before = await (await ground.get(old)).read()
    new = await ground.calendar(ASA)
    assert (await ground.get(old)).status == 404
    assert await (await ground.get(new)).read() == before
    other = await (await ground.get(await ground.calendar(JOHAN))).read()
    uids = [re.findall(rb"UID:(\w+)", body) for body in (before, other)]
    assert not set(uids[0]) & set(uids[1])


async def test_whoever_leaves_has_an_address_that_leads_nowhere(ground: Ground) -> None:
    addresses = [await ground.calendar(KARI), await ground.calendar(JOHAN)]
    form = await ground.press(KARI, "Gå ut av gruppen")
    await ground.site.persona(KARI).submit(form)
    assert [(await ground.get(one)).status for one in addresses] == [404, 200]


async def test_what_is_wrong_dead_and_of_another_kind_is_absent_alike(ground: Ground) -> None:
    dead, calendar = await ground.calendar(ASA), await ground.calendar(ASA)
    base = calendar.rpartition("/calendar/")[0]
    token = TOKEN.search(calendar)
    assert token is not None
    ways = (
        dead,
        f"{base}/calendar/{'0' * 32}.ics",
        f"{base}/calendar/nothing.ics",
        f"{base}/sheet/{token[0]}",
        f"{base}/sheet/{token[0]}.pdf",
        f"{base}/sheet/{'0' * 32}",
    )
    answers = [await ground.get(one) for one in ways]
    seen = {(one.status, await one.read(), one.headers["Cache-Control"]) for one in answers}
    assert seen == {(404, b'{"error": "Not Found"}', "no-store")}


async def test_the_sheet_is_a_page_and_a_pdf(ground: Ground) -> None:
    address = await ground.sheet(LEADERS[1])
    got = await ground.get(address)
    text = await got.text()
    assert (got.status, got.content_type) == (200, "text/html")
    assert "default-src 'none'" in got.headers["Content-Security-Policy"]
    assert (got.headers["Cache-Control"], "noindex" in got.headers["X-Robots-Tag"]) == (
        "no-store",
        True,
    )
    assert "Träff 1 av 10" in text, "the language of the room"
    link = re.search(r'href="([0-9a-f]+\.pdf)"', text)
    assert link is not None
    file = await ground.get(address.rpartition("/")[0] + "/" + link[1])
    assert (file.status, file.content_type) == (200, "application/pdf")
    (only,) = PdfReader(BytesIO(await file.read()), strict=True).pages
    assert "Spelregler" in only.extract_text()
    again = await ground.sheet(LEADERS[1])
    assert [(await ground.get(one)).status for one in (address, again)] == [404, 200]


async def test_no_token_stands_in_a_log_a_message_or_the_database(ground: Ground) -> None:
    addresses = [await ground.calendar(ASA), await ground.sheet(LEADERS[0])]
    for address in addresses:
        assert urlsplit(address).hostname == "127.0.0.1"
        assert (await ground.get(address)).status == 200
        assert (await ground.get(address + "x")).status == 404
    tokens = [TOKEN.search(address) for address in addresses]
    assert all(tokens)
    for token in tokens:
        assert token is not None
        assert not [line for line in ground.log if token[0] in line]
        assert token[0].encode() not in ground.on_disk()
    await press(ground.site.persona(ASA), "coming", next(iter(await rooms(ground))))
    for who in (ASA, LEADERS[0]):
        seen = await ground.site.persona(who).see()
        assert not [token for token in tokens if token and token[0] in repr(seen)]


async def rooms(ground: Ground) -> dict[str, str]:
    return await ground.site.persona(ASA).rooms()


@pytest.mark.parametrize("what", ["calendar", "sheet"])
async def test_a_fault_on_the_way_tells_nothing(
    ground: Ground, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = await (ground.calendar(ASA) if what == "calendar" else ground.sheet(LEADERS[0]))
    token = TOKEN.search(address)

    def fault(*_: object) -> None:
        raise RuntimeError(address)

    monkeypatch.setattr("bot.addresses.hashed", fault)
    got = await ground.get(address)
    assert (got.status, await got.json()) == (500, {"error": "Internal Server Error"})
    assert token is not None
    assert [line for line in ground.log if f"GET /{what}/{{token}}" in line]
    assert not [line for line in ground.log if token[0] in line]


async def test_a_sheet_ends_a_day_after_the_meeting_and_a_calendar_after_the_group(
    tmp_path: Path,
) -> None:
    async with a_group(tmp_path / "var") as ground:
        sheet, calendar = await ground.sheet(LEADERS[1]), await ground.calendar(ASA)
        await ground.site.until("finish", 1)
        assert (await ground.get(sheet)).status == 200
        await ground.site.until("shred", 1)
        assert (await ground.get(sheet)).status == 404
        sponsor = ground.site.persona(SPONSOR)
        await sponsor.submit(await sponsor.write("/krets stäng"))
        events = by_uid(await (await ground.get(calendar)).read()).values()
        assert [str(one["STATUS"]) for one in events] == ["CONFIRMED"] + ["CANCELLED"] * 9
        await ground.site.travel(by="P30D")
        assert (await ground.get(calendar)).status == 404
