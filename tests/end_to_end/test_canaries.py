"""What people write stands in no post, no log, no URL, and nowhere in the clear on the disk."""

import sqlite3
from pathlib import Path

import aiohttp
import pytest

from bot.programme import ProgrammeTime
from bot.realtime import now
from bot.store import Store
from tests.databases import lay_out
from tests.end_to_end.conftest import START
from tests.end_to_end.overheard import overheard
from tests.end_to_end.process import Process, environment
from tests.end_to_end.site import Site
from tests.end_to_end.story import LEADERS, PEOPLE, bring, gather, press, to_the_vote, vote

#: One for each private field.
CANARIES = {
    "case": "kanariefågel ett",
    "another case": "kanariefågel två",
    "check-in": "kanariefågel tre",
    "support": "kanariefågel fyra",
    "take": "kanariefågel fem",
    "further": "kanariefågel sex",
    "free text": "kanariefågel sju",
    "command": "kanariefågel åtta",
}


@pytest.mark.parametrize("style", ["text", "json"])
async def test_no_word_of_a_person_stands_where_it_should_not(tmp_path: Path, style: str) -> None:
    data = tmp_path / "var"
    env = environment(
        data, KRETS_TIME_TRAVEL="true", KRETS_LOG_LEVEL="debug", KRETS_LOG_FORMAT=style
    )
    url = f"sqlite:///{data / 'krets.db'}"
    lay_out(url)
    store = Store(url)
    await ProgrammeTime(now).set(store, START)
    await store.close()
    with Process(env) as process:
        async with aiohttp.ClientSession() as session:
            site = Site(session, process.address)
            await site.fill()
            await write_everything(site)
        alive = on_disk(data)
        async with aiohttp.ClientSession() as session:
            # What the rules refuse and what nobody understands is no less private.
            path = f"{process.address}/p/{PEOPLE[0]}/submit"
            async with session.post(path, data=str(CANARIES)) as got:
                assert got.status >= 400
                assert "kanarie" not in await got.text()
        code, out, log = process.stop()
    assert (code, out) == (0, "")
    assert "kanarie" not in log
    assert "kanarie" not in alive, "sealed while it lives"
    with sqlite3.connect(data / "krets.db") as database:
        posts = database.execute("SELECT * FROM posts").fetchall()
        moments = database.execute("SELECT * FROM moments").fetchall()
    database.close()
    assert posts
    assert "kanarie" not in repr(posts) + repr(moments)


async def write_everything(site: Site) -> None:
    """Every private field is filled, on the way to the meeting after the one with the vote."""
    await write_in(site, await gather(site))


async def write_in(site: Site, room: str, free: str = "") -> None:
    """The same in this room; `free` stands before what is no command, where only those come."""
    asa, johan, mats = (site.persona(one) for one in (*PEOPLE[:2], LEADERS[0]))
    await site.until("finish", 1)
    await site.until("question", 2)
    await bring(asa, CANARIES["case"], room)
    await bring(johan, CANARIES["another case"], room)
    await asa.write(free + CANARIES["free text"])
    await asa.write("/krets " + CANARIES["command"])
    await site.until("checkin", 2)
    form = await press(asa, "check in")
    await asa.submit(form, tap="heavy", words=CANARIES["check-in"], level="all")
    await site.until("begin", 2)
    await to_the_vote(mats)
    await press(mats, "open the vote")
    for one in PEOPLE:
        await vote(site.persona(one), room, CANARIES["case"])
    await press(mats, "end")
    form = await press(johan, "reflect")
    answers = {"support": CANARIES["support"], "take": CANARIES["take"], "keep": True}
    assert (await johan.submit(form, **answers)).kind == "notice"
    kept = await johan.press("Läs min reflektion")
    assert CANARIES["take"] in kept.seen
    await site.until("next_day", 2)
    form = await press(asa, "further")
    assert (await asa.submit(form, words=CANARIES["further"])).kind == "notice"


@pytest.mark.parametrize("platform", ["slack", "teams"])
async def test_on_a_platform_words_stand_in_forms_and_nowhere_else(
    platform: str, tmp_path: Path
) -> None:
    async with overheard(platform, tmp_path / "var") as heard:
        site = heard.site
        await write_in(site, await heard.gather(), free="/krets " if platform == "slack" else "")
        asa = site.persona(PEOPLE[0])
        mine = await asa.write("/krets mina uppgifter")
        copied = await asa.press_in(mine.seen, "Som JSON")
        assert CANARIES["further"] in mine.seen, "in a form it stands"
        assert copied.kind == "form"
        assert await heard.nonsense(str(CANARIES)) >= 400
        assert heard.answers
        assert heard.found("kanarie") == []
        sealed = dict(site.ask("SELECT drawer, ciphertext FROM sealed"))
        assert {"2/meeting", "2/mine", "2/carried"} <= set(sealed)
        keys = {key for (key,) in site.ask("SELECT key_id FROM sealed")}
        await site.until("release", 2)
        assert site.ask("SELECT * FROM sealed") == []
        assert heard.found("kanarie") == []
        files = [one.stem for one in (tmp_path / "var" / "keys").iterdir()]
        assert keys.isdisjoint(files)
        disk = b"".join(file.read_bytes() for file in (tmp_path / "var").glob("krets.db*"))
        for drawer, ciphertext in sealed.items():
            pieces = [ciphertext[at : at + 24] for at in (13, 60, 140, 220)]
            assert not [one for one in pieces if one in disk], drawer


def on_disk(data: Path) -> str:
    """All that lies in the data directory, as a thief would read it."""
    files = sorted(file for file in data.rglob("*") if file.is_file())
    assert len(files) > 3, "the database, its log, and keys"
    return b"".join(file.read_bytes() for file in files).decode("utf-8", "replace")
