"""The keyring and the database belong together: what a start takes, and what keys turn over."""

import asyncio
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot import keys
from bot.core.decision import Decision
from bot.core.event import DrawersLost
from bot.doctor import of_keyring
from bot.keyring import Keyring, NoMasterKey, is_sealed_by, new_master, read_master
from bot.refusal import Refusal
from bot.store import Store
from bot.store.tables import InstallationRow
from tests.databases import lay_out
from tests.shell.stage import CANARY, Stage, a_group

NEW, OLD = new_master(), new_master()


def say(done: int, of: int) -> None:
    assert done <= of


@pytest.fixture
def directory(stage: Stage) -> Path:
    return stage.directory / "keys"


async def start(stage: Stage, *given: str, real: bool = False) -> Keyring:
    return await keys.start_keyring(stage.store, stage.directory / "keys", given, real=real)


async def fill(stage: Stage) -> None:
    await stage.decide(Decision(a_group(drawers={"1/meeting": {"case/1": CANARY}})))


async def refused(stage: Stage, *given: str, real: bool = False) -> str:
    before = sorted(stage.directory.rglob("*"))
    with pytest.raises(NoMasterKey) as error:
        await start(stage, *given, real=real)
    assert sorted(stage.directory.rglob("*")) == before, "nothing is made in its place"
    sentence = str(error.value)
    assert "\n" not in sentence
    assert not any(one.line in sentence for one in (NEW, OLD))
    return sentence


# --- starting -----------------------------------------------------------------------------------


async def test_a_real_platform_needs_a_master_key_of_its_operator(stage: Stage) -> None:
    assert "krets keys new" in await refused(stage, real=True)
    await start(stage, NEW.line, real=True)


async def test_a_keyring_that_is_gone_stops_the_start(stage: Stage, directory: Path) -> None:
    await start(stage)
    shutil.rmtree(directory)
    assert "accept-loss" in await refused(stage)
    assert "accept-loss" in await refused(stage, NEW.line)
    assert not directory.exists()


async def test_so_does_one_that_is_gone_from_before_it_had_a_name(
    stage: Stage, directory: Path
) -> None:
    await fill(stage)
    shutil.rmtree(directory)
    assert "are gone" in await refused(stage)


async def test_so_does_the_keyring_of_another_database(
    stage: Stage, directory: Path, tmp_path: Path
) -> None:
    await start(stage)
    shutil.rmtree(directory)
    Keyring(directory).make()
    assert "another database" in await refused(stage)


async def test_so_do_a_wrong_and_a_missing_master_key(stage: Stage, directory: Path) -> None:
    (directory / "master").unlink()
    await start(stage, OLD.line)
    assert "another master key" in await refused(stage, NEW.line)
    assert "is missing" in await refused(stage)
    right, wrong = OLD.line, f"{OLD.name}:{NEW.line.rpartition(':')[2]}"
    assert "another master key" in await refused(stage, wrong)
    await start(stage, right)


async def test_so_does_one_that_was_rotated_away(stage: Stage, directory: Path) -> None:
    (directory / "master").unlink()
    await start(stage, OLD.line)
    await start(stage, NEW.line, OLD.line)
    await keys.rotate(stage.store, directory, (NEW.line, OLD.line), say, beside=False)
    assert "another master key" in await refused(stage, OLD.line)
    await start(stage, NEW.line)


async def test_a_keyring_from_before_it_had_a_name_is_taken_up(
    stage: Stage, directory: Path
) -> None:
    await fill(stage)
    await start(stage)
    assert len(stage.key_files()) == 2
    await stage.bot.recover()
    assert len(stage.key_files()) == 2, "the key that the database knows it by is not swept away"
    await start(stage)
    assert len(stage.key_files()) == 2


# --- turning over -------------------------------------------------------------------------------


async def install(stage: Stage, keyring: Keyring) -> None:
    row = InstallationRow(
        platform="slack",
        tenant="T1",
        team="T1",
        enterprise="",
        bot_user="U1",
        token=keyring.seal_secret("slack/T1", "xoxb-canary"),
        scopes="",
        installed_at=datetime(2026, 3, 2, tzinfo=UTC),
    )
    await stage.store.run(lambda unit: unit.installations.put(row))


async def token(stage: Stage) -> bytes:
    return await stage.store.run(lambda unit: unit.installations.find("slack", "T1").token)


async def test_keys_and_secrets_turn_over_beside_a_krets_that_runs(
    stage: Stage, directory: Path
) -> None:
    await fill(stage)
    given = (NEW.line, OLD.line)
    await install(stage, await start(stage, OLD.line))
    with pytest.raises(Refusal, match="restart it"):
        await keys.rotate(stage.store, directory, given, say, beside=True)
    stage.keyring._masters = (await start(stage, *given)).masters
    turned = await keys.rotate(stage.store, directory, given, say, beside=True)
    assert (turned.keys.turned, turned.keys.damaged, turned.secrets, turned.lost) == (2, 0, 1, 0)
    assert len(turned.unneeded) == 2, "the old one, and the one that lay beside the keys"
    assert OLD.name in turned.unneeded
    assert not (directory / "master").exists()
    assert (await stage.group()).drawers == {"1/meeting": {"case/1": CANARY}}
    keyring = await start(stage, NEW.line)
    assert keyring.open_secret("slack/T1", await token(stage)) == "xoxb-canary"
    again = await keys.rotate(stage.store, directory, given, say, beside=True)
    assert (again.keys.turned, again.secrets) == (0, 0)


async def test_a_secret_that_nothing_opens_is_told(stage: Stage, directory: Path) -> None:
    await start(stage, NEW.line)
    await install(stage, Keyring(stage.directory / "others", [OLD.line]))
    before = await token(stage)
    turned = await keys.rotate(stage.store, directory, (NEW.line,), say, beside=False)
    assert (turned.secrets, turned.lost) == (0, 1)
    assert await token(stage) == before


async def test_a_token_that_came_meanwhile_is_not_written_over(stage: Stage) -> None:
    keyring = await start(stage, NEW.line)
    await install(stage, keyring)
    (row,) = await stage.store.run(lambda unit: unit.installations.sealed())
    await install(stage, keyring)
    assert not await stage.store.run(lambda unit: unit.installations.reseal(row, b"old"))
    assert is_sealed_by(read_master(NEW.line), await token(stage))


# --- accepting a loss ---------------------------------------------------------------------------


async def test_a_loss_is_accepted_and_then_told(stage: Stage, directory: Path) -> None:
    await start(stage)
    await fill(stage)
    await install(stage, Keyring(stage.directory / "others", [OLD.line]))
    shutil.rmtree(directory)
    loss = await keys.look_at_loss(stage.store, directory, (NEW.line,))
    assert loss == keys.Loss(groups=1, drawers=1, secrets=1)
    assert await keys.look_at_loss(stage.store, directory, ()) == loss, "nor without a master key"
    await keys.give_up(stage.store, directory, (NEW.line,))
    stage.keyring._masters = (await start(stage, NEW.line)).masters
    told: list[object] = []

    def rule(group: object, event: object, _: object) -> Decision:
        told.append(event)
        return Decision()

    stage.rule = rule
    await stage.bot.recover()
    (event,) = told
    assert event == DrawersLost("g1", ("1/meeting",))
    assert (await stage.group()).drawers == {"1/meeting": {}}


async def test_nothing_is_given_up_that_opens(stage: Stage, directory: Path) -> None:
    await start(stage)
    await fill(stage)
    files = {file: file.read_bytes() for file in directory.iterdir()}
    assert await keys.look_at_loss(stage.store, directory, ()) is None
    assert {file: file.read_bytes() for file in directory.iterdir()} == files


# --- the doctor ---------------------------------------------------------------------------------


def test_the_doctor_says_what_a_start_would_say_and_makes_nothing(tmp_path: Path) -> None:
    url, directory = f"sqlite:///{tmp_path / 'krets.db'}", tmp_path / "keys"

    def cure(*given: str, real: bool = False) -> str:
        before = sorted(tmp_path.rglob("*"))
        found = of_keyring(url, directory, given, real=real)
        assert sorted(tmp_path.rglob("*")) == before
        return found.cure or found.note

    async def begin() -> None:
        store = Store(url)
        await keys.start_keyring(store, directory, (OLD.line,), real=True)
        await store.close()

    assert "first start" in cure()
    assert "krets keys new" in cure(real=True)
    lay_out(url)
    assert "first start" in cure(NEW.line, real=True)
    asyncio.run(begin())
    assert cure(OLD.line, real=True) == ""
    assert "another master key" in cure(NEW.line, real=True)
    shutil.rmtree(directory)
    assert "are gone" in cure(OLD.line, real=True)
