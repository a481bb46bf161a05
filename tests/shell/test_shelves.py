"""What every place for keys keeps: a directory, and a database of their own."""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest

from bot import keys
from bot.core.decision import Decision
from bot.keyring import (
    Keyring,
    Lost,
    NoMasterKey,
    Place,
    accept_loss,
    is_laid_out,
    new_master,
    rotate_keys,
    shelf,
)
from bot.keyring.table import KeysAway
from tests.postgres import Postgres, connect
from tests.shell.stage import CANARY, Stage, a_group
from tests.wire import wire

NEW, OLD = new_master().line, new_master().line
TEXT = {"case/1": CANARY}


@pytest.fixture(params=["directory", "table"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    if request.param == "directory":
        yield tmp_path / "others"
        return
    with request.getfixturevalue("postgres").database() as url:
        yield url


@pytest.fixture
def table(postgres: Postgres) -> Iterator[str]:
    with postgres.database() as url:
        yield url


@pytest.fixture
def opened() -> Iterator[Any]:
    """Opens keyrings, and closes them after the test."""
    with ExitStack() as stack:
        yield lambda place, *given: stack.enter_context(closing(Keyring(place, given)))


def quiet(done: int, of: int) -> None:
    assert done <= of


# --- for both -----------------------------------------------------------------------------------


def test_what_is_sealed_opens_also_after_a_restart_until_it_is_destroyed(
    place: Place, opened: Any
) -> None:
    keyring = opened(place, NEW)
    key_id = keyring.make()
    sealed = keyring.seal(key_id, "g1/vote", TEXT)
    again = opened(place, NEW)
    assert again.open(key_id, "g1/vote", sealed) == TEXT
    assert keyring.holds(key_id)
    again.destroy(key_id)
    again.destroy(key_id)
    assert not keyring.holds(key_id)
    for one in (keyring, again):
        with pytest.raises(Lost, match="its key is gone"):
            one.open(key_id, "g1/vote", sealed)


def test_there_is_nothing_before_the_first_start_and_looking_makes_nothing(place: Place) -> None:
    for _ in range(2):
        assert not is_laid_out(place)
        with closing(shelf(place)) as found:
            assert found.ids() == []
            assert not found.has("0" * 32)


def test_the_keys_of_another_master_key_stop_the_start(place: Place, opened: Any) -> None:
    opened(place, OLD).make()
    with pytest.raises(NoMasterKey, match="another master key"):
        Keyring(place, [NEW])
    opened(place, NEW, OLD)


def test_a_damaged_key_is_lost_and_does_not_stop_the_start(place: Place, opened: Any) -> None:
    keyring = opened(place, NEW)
    whole, key_id = keyring.make(), keyring.make()
    sealed = keyring.seal(key_id, "d", TEXT)
    keyring.shelf.rewrite([key_id], lambda _, wrapped: wrapped[:-1] + b"x")
    with pytest.raises(Lost, match="its key is damaged"):
        keyring.open(key_id, "d", sealed)
    assert opened(place, NEW).holds(whole)


def test_a_rotation_brings_every_key_under_the_first_and_none_back(
    place: Place, opened: Any
) -> None:
    old = opened(place, OLD)
    made = [old.make() for _ in range(70)]
    sealed = {key_id: old.seal(key_id, "d", TEXT) for key_id in made}
    gone, damaged, *kept = made
    old.shelf.rewrite([damaged], lambda _, wrapped: wrapped[:-1] + b"x")
    both = opened(place, NEW, OLD)
    ids = both.shelf.ids()
    both.destroy(gone)
    both.shelf.ids = lambda: ids  # the rotation had read them before
    done = rotate_keys(both, quiet)
    assert (done.keys, done.turned, done.damaged) == (70, 68, 1)
    new = opened(place, NEW)
    assert all(new.open(key_id, "d", sealed[key_id]) == TEXT for key_id in kept)
    assert sorted(new.shelf.ids()) == sorted(kept)
    assert rotate_keys(new, quiet).turned == 0


def test_giving_up_keeps_what_opens(place: Place, opened: Any) -> None:
    lost = opened(place, OLD).make()
    kept = opened(place, NEW, OLD).make()
    assert accept_loss(place, [NEW]) == 1
    keyring = opened(place, NEW)
    assert (keyring.holds(kept), keyring.holds(lost)) == (True, False)


async def test_a_database_knows_its_keyring(place: Place, stage: Stage, opened: Any) -> None:
    await stage.decide(Decision(a_group(drawers={"1/meeting": {"case/1": CANARY}})))
    with pytest.raises(NoMasterKey, match="are gone, or belong to another database"):
        await keys.start_keyring(stage.store, place, [NEW], real=True)
    assert not is_laid_out(place), "nothing is made in its place"
    lost = await keys.look_at_loss(stage.store, place, [NEW])
    assert lost == keys.Loss(groups=1, drawers=1, secrets=0)
    await keys.give_up(stage.store, place, [NEW])
    with closing(await keys.start_keyring(stage.store, place, [NEW], real=True)) as keyring:
        assert keyring.shelf.ids()
    assert await keys.look_at_keyring(stage.url, place, [NEW], real=True)


# --- the directory ------------------------------------------------------------------------------


def test_what_nobody_needs_is_swept_from_a_directory(tmp_path: Path, opened: Any) -> None:
    keyring = opened(tmp_path / "keys", NEW)
    known, orphan = keyring.make(), keyring.make()
    keyring.sweep({known})
    assert (keyring.holds(known), keyring.holds(orphan)) == (True, False)


# --- the database -------------------------------------------------------------------------------


def test_what_somebody_may_be_about_to_need_is_not_swept_from_a_table(
    table: str, opened: Any
) -> None:
    keyring = opened(table, NEW)
    known, orphan, young = keyring.make(), keyring.make(), keyring.make()
    with connect(table) as connection:
        connection.execute(
            "UPDATE drawer_keys SET made_at = now() - interval '2 hours' WHERE id <> %s", (young,)
        )
    keyring.sweep({known})
    assert [keyring.holds(one) for one in (known, orphan, young)] == [True, False, True]


def test_a_table_needs_a_master_key_that_lies_elsewhere(table: str) -> None:
    with pytest.raises(NoMasterKey, match="KRETS_KEYRING_URL needs KRETS_MASTER_KEYS"):
        Keyring(table)


def test_keys_and_texts_do_not_lie_in_one_database(postgres_url: str) -> None:
    with pytest.raises(NoMasterKey, match="KRETS_KEYRING_URL must name another database"):
        Keyring(postgres_url, [NEW])


def test_a_table_is_laid_out_once_by_whoever_starts_first(table: str, opened: Any) -> None:
    one, other = opened(table, NEW), opened(table, NEW)
    assert other.holds(one.make())


async def test_a_database_of_keys_that_goes_loses_nothing_and_is_taken_up_when_it_is_back(
    table: str,
) -> None:
    async with wire(table) as cord:
        keyring = await asyncio.to_thread(Keyring, cord.url, [NEW])
        key_id, other = await asyncio.to_thread(lambda: (keyring.make(), keyring.make()))
        sealed = await asyncio.to_thread(keyring.seal, key_id, "d", TEXT)
        cord.cut()
        for deed in (
            lambda: keyring.open(key_id, "d", sealed),
            keyring.make,
            lambda: keyring.destroy(other),
        ):
            with pytest.raises(KeysAway) as away:
                await asyncio.to_thread(deed)
            assert isinstance(away.value, OSError)
            assert "postgres:" not in str(away.value)
        assert not await asyncio.to_thread(keyring.all_gone)
        cord.mend()
        assert await asyncio.to_thread(keyring.all_gone), "what would not go has gone"
        assert await asyncio.to_thread(keyring.open, key_id, "d", sealed) == TEXT
        assert not await asyncio.to_thread(keyring.holds, other)
        keyring.close()
