"""With the yes of all, titles stand in the room for one meeting: as references, then not at all."""

import sqlite3
from pathlib import Path

from tests.end_to_end.site import Site
from tests.end_to_end.story import LEADERS, PEOPLE, bring, gather, press, to_the_end, to_the_vote

TITLE, REST = "hur säger jag nej uppåt", "det började i våras"
YES = ("Ja, det går bra", "Ja, det er greit", "Yes, they may")


async def test_titles_stand_in_the_room_for_one_meeting(site: Site, tmp_path: Path) -> None:
    asa, johan, mats = (site.persona(one) for one in (*PEOPLE[:2], LEADERS[0]))
    room = await gather(site)
    await site.until("question", 2)
    await bring(asa, f"{TITLE}\n{REST}", room)
    await bring(johan, "en annan fråga", room)
    await site.until("overview", 2)
    await mats.press("Be om att visa rubriker")
    for one in PEOPLE:
        person = site.persona(one)
        seen = await person.see(room)
        (label,) = set(seen.labels()) & set(YES)
        await person.press_in(seen, label, room)
    await site.until("begin", 2)
    await to_the_vote(mats)
    assert TITLE not in await johan.see(room)
    await press(mats, "open the vote")
    seen = await johan.see(room)
    assert f"{TITLE} (Åsa Nyström)" in seen
    assert REST not in seen
    with sqlite3.connect(tmp_path / "var" / "krets.db") as database:
        posts = repr(database.execute("SELECT * FROM posts").fetchall())
    database.close()
    assert "title/" in posts
    assert TITLE not in posts
    await to_the_end(mats)
    assert TITLE not in await johan.see(room)
