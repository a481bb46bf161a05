"""After the close nothing tells who voted for what: two votes that differ in that alone are equal.

Clock, tokens and the order of all that people do are the same in both, so whatever differs after
the close could only come from the ballots.
"""

import itertools
import re
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from unittest.mock import patch

import pytest

from tests.end_to_end.overheard import overheard
from tests.end_to_end.story import LEADERS, PEOPLE, bring, press, to_the_vote, vote

FIRST, SECOND = "den första", "den andra"
BOTH = (FIRST, SECOND)
#: What ten people vote for, in their order; the second wins both times, by one vote and by four.
ONE = [(FIRST,), (FIRST,), (SECOND,), BOTH, (SECOND,), (SECOND,), (FIRST,), (SECOND,), BOTH, BOTH]
OTHER = [(SECOND,), BOTH, (FIRST,), (SECOND,), (SECOND,), BOTH, (SECOND,), (FIRST,), BOTH, BOTH]
#: What may differ: keys and what is sealed with them are random.
RANDOM = {("sealed", "key_id"), ("sealed", "ciphertext"), ("meta", "value")}
NOW = datetime(2026, 12, 1, 9, tzinfo=UTC)


@dataclass
class Left:
    """What is to be seen after the close, by whoever runs Krets or the platform."""

    rows: dict[str, list[tuple[object, ...]]]
    told: list[str]
    log: list[str]
    disk: bytes
    #: What was sealed while the vote was open.
    sealed: bytes


async def voted(platform: str, data: Path, ballots: list[tuple[str, ...]]) -> Left:
    """A vote with these ballots, one of them given anew, and what it has left."""
    tokens = itertools.count(1)
    with (
        patch("bot.serving.fresh", lambda: sha256(b"%d" % next(tokens)).hexdigest()[:32]),
        patch("tests.end_to_end.fake_slack.now", lambda: NOW),
        patch("tests.end_to_end.fake_teams.now", lambda: NOW),
    ):
        async with overheard(platform, data) as heard:
            site, room = heard.site, await heard.gather()
            asa, johan, mats = (site.persona(one) for one in (*PEOPLE[:2], LEADERS[0]))
            await site.until("finish", 1)
            await site.until("question", 2)
            await bring(asa, FIRST, room)
            await bring(johan, SECOND, room)
            await site.until("begin", 2)
            await to_the_vote(mats)
            await press(mats, "open the vote")
            people = [site.persona(one) for one in PEOPLE]
            for person, choice in zip(people[:-1], ballots, strict=False):
                await vote(person, room, *choice)
            await vote(people[0], room, *ballots[-1])
            ((sealed,),) = site.ask("SELECT ciphertext FROM sealed WHERE drawer = '2/vote'")
            await vote(people[-1], room, *ballots[-1])
            assert "Johan Wikström som har frågan" in (await johan.see(room)).text
            disk = b"".join(file.read_bytes() for file in sorted(data.glob("krets.db*")))
            told = [re.sub(r"127\.0\.0\.1:\d+", "krets", one) for one in heard.told()]
            return Left(rows(data / "krets.db"), told, heard.log, disk, sealed)


def rows(file: Path) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table in the order in which it lies there, with its number."""
    found = {}
    with closing(sqlite3.connect(file)) as database:
        tables = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        for (table,) in tables:
            columns = [row[1] for row in database.execute(f"PRAGMA table_info({table})")]
            shown = [
                f"length({one})" if (table, one) in RANDOM else one for one in ("rowid", *columns)
            ]
            order = f"SELECT {', '.join(shown)} FROM {table} ORDER BY rowid"
            found[table] = [
                tuple(
                    re.sub(r"127\.0\.0\.1:\d+", "krets", one) if isinstance(one, str) else one
                    for one in row
                )
                for row in database.execute(order)
            ]
    return found


@pytest.mark.parametrize("platform", ["slack", "teams"])
async def test_after_the_close_nothing_tells_two_votes_apart(platform: str, tmp_path: Path) -> None:
    one = await voted(platform, tmp_path / "one", ONE)
    other = await voted(platform, tmp_path / "other", OTHER)
    assert one.sealed != other.sealed
    assert one.rows.keys() == other.rows.keys()
    for table, found in one.rows.items():
        assert found == other.rows[table], table
    assert one.told == other.told, "messages, their order and their time stamps"
    for left in (one, other):
        pieces = [left.sealed[at : at + 24] for at in range(13, len(left.sealed) - 24, 24)]
        assert not [piece for piece in pieces if piece in left.disk]
        assert b"ballot/" not in left.disk
        assert not [line for line in left.log if FIRST in line or SECOND in line]
    assert len(one.disk) == len(other.disk)
