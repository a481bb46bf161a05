"""Where Krets is installed: one row for each organisation, and states that are used once."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.store import Store
from bot.store import installations as table
from bot.store.tables import InstallationRow

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
MINUTES = timedelta(minutes=1)


def a_row(token: bytes = b"sealed", tenant: str = "T1") -> InstallationRow:
    return InstallationRow(
        platform="p",
        tenant=tenant,
        team=tenant,
        enterprise="",
        bot_user="U1",
        token=token,
        scopes="a,b",
        installed_at=NOW,
    )


async def find(store: Store, tenant: str = "T1") -> InstallationRow | None:
    return await store.run(lambda unit: unit.installations.find("p", tenant))


async def test_what_is_removed_keeps_no_token_and_comes_back_when_installed(store: Store) -> None:
    await store.run(lambda unit: unit.installations.put(a_row()))
    await store.run(lambda unit: unit.installations.put(a_row(tenant="T2")))
    await store.run(lambda unit: unit.installations.remove("p", "T1", NOW + MINUTES))
    await store.run(lambda unit: unit.installations.remove("p", "T3", NOW))
    removed, other = await find(store), await find(store, "T2")
    assert removed is not None
    assert other is not None
    assert (removed.token, removed.removed_at) == (b"", NOW + MINUTES)
    assert (other.token, other.removed_at) == (b"sealed", None)
    await store.run(lambda unit: unit.installations.put(a_row(b"new")))
    again = await find(store)
    assert again is not None
    assert (again.token, again.removed_at) == (b"new", None)
    assert await find(store, "T3") is None


async def test_a_token_that_was_wiped_is_not_in_the_file_any_more(sqlite_url: str) -> None:
    store = Store(sqlite_url)
    await store.run(lambda unit: unit.installations.put(a_row(b"canary-sealed")))
    await store.run(lambda unit: unit.installations.remove("p", "T1", NOW))
    await store.close()
    assert b"canary-sealed" not in Path(sqlite_url.removeprefix("sqlite:///")).read_bytes()


async def test_of_many_at_once_one_uses_a_state_up(store: Store) -> None:
    await store.run(lambda unit: unit.installations.begin(b"state", NOW))
    takes = [
        store.run(lambda unit: unit.installations.take(b"state", NOW - MINUTES)) for _ in range(20)
    ]
    assert sorted(await asyncio.gather(*takes)) == 19 * [False] + [True]


async def test_a_state_is_of_no_use_once_it_is_too_old(store: Store) -> None:
    await store.run(lambda unit: unit.installations.begin(b"old", NOW))
    await store.run(lambda unit: unit.installations.begin(b"new", NOW + MINUTES))
    assert not await store.run(lambda unit: unit.installations.take(b"old", NOW))
    assert await store.run(lambda unit: unit.installations.take(b"new", NOW))
    assert not await store.run(lambda unit: unit.installations.take(b"unknown", NOW))


async def test_those_who_begin_and_never_finish_fill_no_disk(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table, "MOST", 3)
    for n in range(6):
        at = NOW + n * MINUTES
        await store.run(lambda unit, n=n, at=at: unit.installations.begin(b"%d" % n, at))
    left = [
        n
        for n in range(6)
        if await store.run(lambda unit, n=n: unit.installations.take(b"%d" % n, NOW - MINUTES))
    ]
    assert left == [3, 4, 5]
