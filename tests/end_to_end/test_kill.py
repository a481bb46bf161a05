"""Killed in the middle of a week and started again: nothing twice, nothing missing."""

from collections import Counter
from pathlib import Path

import aiohttp

from bot.programme import ProgrammeTime
from bot.realtime import now
from bot.store import Store
from tests.databases import lay_out
from tests.end_to_end.conftest import START
from tests.end_to_end.process import Process, environment
from tests.end_to_end.site import Site
from tests.end_to_end.story import LEADERS, PEOPLE, bring, gather, press, to_the_end


async def messages(site: Site, room: str) -> dict[str, Counter[str]]:
    """All that is said, to everybody, line by line."""
    said = {}
    for one in (*LEADERS, *PEOPLE):
        said[one] = Counter((await site.persona(one).see()).text.splitlines())
    said[room] = Counter((await site.persona(PEOPLE[0]).see(room)).text.splitlines())
    return said


async def seen(site: Site, room: str) -> tuple[str, dict[str, Counter[str]]]:
    """What time it is, and what all have been told by then."""
    at = (await site.travel(by="PT0S"))["now"]
    return at, await messages(site, room)


async def test_a_process_killed_at_any_moment_of_a_week_goes_on(tmp_path: Path) -> None:
    data = tmp_path / "var"
    env = environment(data, KRETS_TIME_TRAVEL="true")
    url = f"sqlite:///{data / 'krets.db'}"
    lay_out(url)
    store = Store(url)
    await ProgrammeTime(now).set(store, START)
    await store.close()

    room = ""
    async with aiohttp.ClientSession() as session:
        with Process(env) as process:
            site = Site(session, process.address)
            await site.fill()
            room = await gather(site)
            await site.until("begin", 1)
            await to_the_end(site.persona(LEADERS[0]))
            await site.until("question", 2)
            await bring(site.persona(PEOPLE[0]), "en fråga som ska överleva", room)
            at, before = await seen(site, room)
            process.kill()

        for kind in ("remind", "overview", "checkin", "begin"):
            with Process(env) as process:
                site = Site(session, process.address)
                again, after = await seen(site, room)
                assert again >= at, "the travelled time has survived"
                assert after == before, "nothing twice, nothing missing"
                await site.until(kind, 2)
                at, before = await seen(site, room)
                process.kill()

        with Process(env) as process:
            site = Site(session, process.address)
            assert (await seen(site, room))[1] == before
            # Each private moment was said once to each, and what was brought is still there.
            for one in PEOPLE:
                text = (await site.persona(one).see()).text
                assert (
                    text.count("Checka in") + text.count("Sjekk inn") + text.count("Check in") == 1
                )
            form = await press(site.persona(PEOPLE[0]), "bring", room)
            assert "en fråga som ska överleva" in form.seen.text
