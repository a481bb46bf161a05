"""A running programme that is seized: all that lies in its data directory, at two times."""

import json
import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.keyring import Keyring, Lost, new_master
from tests.end_to_end.site import Site
from tests.end_to_end.story import (
    LEADERS,
    PEOPLE,
    bring,
    open_group,
    press,
    to_the_vote,
    vote,
)

MASTER = new_master().line
ASA, JOHAN, KARI, FATIMA, NO, *SILENT = PEOPLE[:8]
#: What each private field was given: whatever else is told, these words are not.
WRITTEN = {
    "question": "sparvhök ett",
    "another question": "sparvhök två",
    "check-in": "sparvhök tre",
    "reflection": "sparvhök fyra",
    "taken further": "sparvhök fem",
}


@dataclass(frozen=True)
class Seized:
    """What lay in the data directory at one time."""

    data: Path

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self.data / "krets.db")) as database:
            return database.execute(sql).fetchall()

    def drawers(self) -> dict[str, tuple[str, str, bytes]]:
        """Each drawer: what it is bound to, its key's id, and its ciphertext."""
        rows = self.rows(
            "SELECT drawer, platform, tenant, id, drawer, key_id, ciphertext"
            " FROM sealed JOIN groups ON id = group_id"
        )
        return {row[0]: (json.dumps(row[1:5]), row[5], row[6]) for row in rows}

    def opened(self, keyring: Keyring) -> dict[str, dict[str, str]]:
        """What these keys open."""
        found = {}
        for drawer, (bound, key_id, ciphertext) in self.drawers().items():
            try:
                found[drawer] = keyring.open(key_id, bound, ciphertext)
            except Lost:
                continue
        return found


def seize(data: Path, to: Path) -> Seized:
    """A copy of everything, as a machine's snapshot takes it."""
    to.mkdir()
    shutil.copytree(data / "keys", to / "keys")
    with (
        closing(sqlite3.connect(data / "krets.db")) as database,
        closing(sqlite3.connect(to / "krets.db")) as copy,
    ):
        database.backup(copy)
    return Seized(to)


async def to_an_open_vote(site: Site) -> str:
    """Two questions, one check-in, one ballot; one has said no, and three nothing."""
    assert (await open_group(site, pool={"people": list(PEOPLE[:8])})).kind == "notice"
    mats = site.persona(LEADERS[0])
    for leader in LEADERS:
        await press(site.persona(leader), "yes to lead")
    for one in (ASA, JOHAN, KARI, FATIMA):
        await press(site.persona(one), "yes")
    await press(site.persona(NO), "no")
    await press(mats, "show")
    await press(mats, "start")
    (room,) = await mats.rooms()
    await site.until("finish", 1)
    await site.until("question", 2)
    await bring(site.persona(ASA), WRITTEN["question"], room)
    await bring(site.persona(JOHAN), WRITTEN["another question"], room)
    await site.until("checkin", 2)
    kari = site.persona(KARI)
    form = await press(kari, "check in")
    await kari.submit(form, tap="heavy", words=WRITTEN["check-in"], level="me")
    await site.until("begin", 2)
    await to_the_vote(mats)
    await press(mats, "open the vote")
    await vote(kari, room, WRITTEN["question"])
    return room


async def to_the_day_after(site: Site, room: str) -> None:
    """The vote closes; one keeps a reflection, and the owner writes what they take further."""
    await vote(site.persona(FATIMA), room, WRITTEN["question"])
    await press(site.persona(LEADERS[0]), "close the vote")
    await press(site.persona(LEADERS[0]), "end")
    kari, asa = site.persona(KARI), site.persona(ASA)
    await kari.submit(await press(kari, "reflect"), support=WRITTEN["reflection"], keep=True)
    await site.until("next_day", 2)
    await asa.submit(await press(asa, "further"), words=WRITTEN["taken further"])
