"""Every night is backed up without the keys; after its deadline no night's copy opens any more."""

import json
import sqlite3
from collections import defaultdict
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from bot.keyring import Keyring, Lost
from tests.end_to_end.conftest import Running
from tests.end_to_end.site import Site
from tests.end_to_end.test_canaries import CANARIES, write_everything


class Drawer(NamedTuple):
    """What lies in one drawer of a backup."""

    bound: str
    key_id: str
    ciphertext: bytes


class Nights:
    """Copies of the database as it was, whenever something in a drawer had changed."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self._files: list[Path] = []
        self._last: object = None

    def backup(self) -> None:
        with closing(sqlite3.connect(self._data / "krets.db")) as database:
            sealed = database.execute("SELECT * FROM sealed").fetchall()
            if sealed != self._last:
                self._last = sealed
                file = self._data.parent / f"night {len(self._files)}.db"
                with closing(sqlite3.connect(file)) as copy:
                    database.backup(copy)
                self._files.append(file)

    def drawers(self) -> dict[str, list[Drawer]]:
        """What each drawer held, night by night."""
        found: dict[str, list[Drawer]] = defaultdict(list)
        for file in self._files:
            with closing(sqlite3.connect(file)) as copy:
                for drawer, *bound, key_id, ciphertext in copy.execute(
                    "SELECT drawer, platform, tenant, id, drawer, key_id, ciphertext"
                    " FROM sealed JOIN groups ON id = group_id"
                ):
                    found[drawer].append(Drawer(json.dumps(bound), key_id, ciphertext))
        return found


class Watched(Site):
    """A running Krets that is backed up after everything that is done."""

    nights: Nights

    async def post(self, path: str, body: object, **headers: str) -> tuple[int, Any]:
        done = await super().post(path, body, **headers)
        self.nights.backup()
        return done


def opened(data: Path, drawers: list[Drawer]) -> str:
    """All that today's keys open of these."""
    keyring, texts = Keyring(data / "keys"), []
    for one in drawers:
        try:
            texts.append(str(keyring.open(one.key_id, one.bound, one.ciphertext)))
        except Lost:
            texts.append("")
    return "".join(texts)


def traces(data: Path, drawers: list[Drawer]) -> list[bytes]:
    """What of these ciphertexts is left in the database, its log and its free pages."""
    disk = b"".join(file.read_bytes() for file in data.glob("krets.db*"))
    pieces = {one.ciphertext[at : at + 24] for one in drawers for at in (1, 40, 120, 220)}
    return [piece for piece in pieces if piece in disk]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "var"


async def test_no_backup_of_an_earlier_night_opens_after_the_deadline(
    running: Running, data: Path
) -> None:
    async with running() as plain:
        site = Watched(plain._session, plain.address)
        site.nights = Nights(data)
        await site.fill()
        await write_everything(site)
        gone = {"2/vote"}
        alive = {
            "2/meeting": CANARIES["case"],
            "2/mine": CANARIES["take"],
            "2/carried": CANARIES["further"],
        }
        for kind, ended in (("shred", "meeting"), ("forget", "mine"), ("release", "carried")):
            nights = site.nights.drawers()
            assert set(nights) >= {*gone, *alive}
            for drawer in gone:
                assert nights[drawer]
                assert opened(data, nights[drawer]) == ""
                assert traces(data, nights[drawer]) == []
            for drawer, text in alive.items():
                assert text in opened(data, nights[drawer]), drawer
                assert traces(data, nights[drawer]) != []
            await site.until(kind, 2)
            gone.add(f"2/{ended}")
            del alive[f"2/{ended}"]
        for drawer in gone:
            assert opened(data, site.nights.drawers()[drawer]) == ""
            assert traces(data, site.nights.drawers()[drawer]) == []
