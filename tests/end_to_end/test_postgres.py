"""Krets on PostgreSQL: the same story, in one process and in several."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.__main__ import make_ready
from bot.keyring import new_master
from bot.programme import ProgrammeTime
from bot.serving import now
from bot.settings import read_settings
from bot.store import Store
from tests.end_to_end.conftest import START, over_http, runs_in
from tests.end_to_end.test_vote import ten_votes
from tests.postgres import Postgres, connect


@pytest.fixture
def servers(postgres: Postgres) -> Iterator[dict[str, str]]:
    """The settings for a database and another one for the keys, both empty."""
    with postgres.database() as database, postgres.database() as keys:
        yield {
            "KRETS_DATABASE_URL": database,
            "KRETS_KEYRING_URL": keys,
            "KRETS_MASTER_KEYS": new_master().line,
        }


async def test_ten_votes_at_once_count(servers: dict[str, str], tmp_path: Path) -> None:
    settings = read_settings(servers | {"KRETS_DATA_DIR": str(tmp_path / "none")})
    make_ready(settings)
    make_ready(settings)
    store = Store(settings.database)
    await ProgrammeTime(now).set(store, START)
    await store.close()
    async with over_http(runs_in(tmp_path / "none", **servers)) as site:
        await ten_votes(site)
    assert not (tmp_path / "none").exists(), "nothing lies on this machine"
    with connect(servers["KRETS_DATABASE_URL"]) as connection:
        assert connection.execute("SELECT count(*) FROM procrastinate_jobs").fetchone() == (0,)
