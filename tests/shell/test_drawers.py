"""What people write is sealed, and ends when its drawer does."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from bot.core.decision import Decision
from bot.core.due import Wanted
from bot.core.effect import Shred
from bot.core.event import Identity
from bot.keyring import Lost
from schedules.engine import Due
from tests.shell.stage import (
    CANARY,
    HOUR,
    START,
    Stage,
    a_group,
    put,
)

OTHER = Identity("p", "other", "U1")


def sealed(unit) -> list[tuple[str, str]]:
    return [(row.drawer, row.key_id) for row in unit.groups.sealed("g1")]


async def test_what_people_write_is_nowhere_in_the_clear(stage: Stage) -> None:
    group = a_group(drawers={"1/meeting": {"case/1": CANARY}})
    await stage.decide(Decision(group, (put("a", "card"),)))
    await stage.board.show("g1")
    assert stage.messenger.calls == [("post", "U1", f"Du skrev: {CANARY}")]
    while_open = stage.bytes_on_disk()
    await stage.store.close()
    for stored in (while_open, stage.bytes_on_disk()):
        assert b"Eken" in stored
        for text in (CANARY, "Kanarief", "i rummet"):
            assert text.encode() not in stored
            assert text.encode("unicode_escape") not in stored


async def test_a_shredded_drawer_leaves_neither_ciphertext_nor_key(stage: Stage) -> None:
    text = {"case/1": CANARY}
    await stage.decide(Decision(a_group(drawers={"1/meeting": text, "1/vote": text})))
    (_, meeting), (_, vote) = await stage.store.run(sealed)
    assert len(stage.key_files()) == 2
    here: list[bool] = []
    stage.engine.enqueue = lambda unit, _: unit.after_commit(
        lambda: here.append((stage.directory / "keys" / f"{meeting}.key").exists())
    )
    shred = (Shred("1/meeting"), Shred("1/none"), put("a"))
    answer = await stage.decide(lambda group, *_: Decision(group, shred))
    assert here == [False]
    assert answer.view.groups["g1"].item("1/meeting", "case/1") == ""
    assert await stage.store.run(sealed) == [("1/vote", vote)]
    assert [file.stem for file in stage.key_files()] == [vote]
    assert await stage.store.run(lambda unit: unit.groups.doomed()) == []
    assert (await stage.group()).drawers == {"1/vote": text}


async def test_a_key_that_a_crash_spared_goes_at_the_next_start(stage: Stage) -> None:
    text = {"case/1": CANARY}
    await stage.decide(Decision(a_group(drawers={"1/meeting": text, "1/vote": text})))
    destroy, stage.keyring.destroy = stage.keyring.destroy, lambda _: 1 / 0
    with pytest.raises(ZeroDivisionError):
        await stage.decide(lambda group, *_: Decision(group, (Shred("1/meeting"),)))
    assert len(stage.key_files()) == 2
    stage.keyring.make()  # one that never came to be used
    stage.keyring.destroy = destroy
    await stage.bot.recover()
    assert len(stage.key_files()) == 1
    assert (await stage.group()).drawers == {"1/vote": text}


async def test_a_key_that_will_not_go_is_tried_again(stage: Stage) -> None:
    def stuck(_: str) -> None:
        raise OSError

    await stage.decide(Decision(a_group(drawers={"1/meeting": {"a": CANARY}})))
    destroy, stage.keyring.destroy = stage.keyring.destroy, stuck
    await stage.decide(lambda group, *_: Decision(group, (Shred("1/meeting"),)))
    assert len(stage.key_files()) == 1
    stage.keyring.destroy = destroy
    await stage.bot.recover()
    assert stage.key_files() == []


async def test_what_is_taken_out_of_a_drawer_comes_back_from_no_backup(stage: Stage) -> None:
    texts = {"case/1": CANARY, "case/2": "of somebody else"}
    await stage.decide(Decision(a_group(drawers={"1/meeting": texts, "1/vote": texts})))
    backup = stage.bytes_on_disk()
    (_, old), (_, vote) = await stage.store.run(sealed)
    before = await stage.store.run(lambda unit: unit.groups.sealed("g1")[0].ciphertext)

    await stage.decide(lambda group, *_: Decision(group.with_item("1/meeting", "case/2", "new")))
    assert await stage.store.run(sealed) == [("1/meeting", old), ("1/vote", vote)]

    await stage.decide(lambda group, *_: Decision(group.with_item("1/meeting", "case/1", "")))
    (_, new), _ = await stage.store.run(sealed)
    assert sorted(file.stem for file in stage.key_files()) == sorted([new, vote])
    assert await stage.store.run(lambda unit: unit.groups.doomed()) == []
    assert (await stage.group()).drawers["1/meeting"] == {"case/2": "new"}
    assert before in backup
    assert before not in stage.bytes_on_disk()
    with pytest.raises(Lost, match="its key is gone"):
        stage.keyring.open(old, '["p", "t", "g1", "1/meeting"]', before)


async def test_a_key_that_a_crash_spared_of_what_was_taken_out_goes_too(stage: Stage) -> None:
    await stage.decide(Decision(a_group(drawers={"1/meeting": {"case/1": CANARY, "b": "x"}})))
    ((_, old),) = await stage.store.run(sealed)
    destroy, stage.keyring.destroy = stage.keyring.destroy, lambda _: 1 / 0
    with pytest.raises(ZeroDivisionError):
        await stage.decide(lambda group, *_: Decision(group.with_item("1/meeting", "case/1", "")))
    assert old in {file.stem for file in stage.key_files()}
    stage.keyring.destroy = destroy
    await stage.bot.recover()
    assert old not in {file.stem for file in stage.key_files()}
    assert (await stage.group()).drawers == {"1/meeting": {"b": "x"}}


async def test_as_long_as_a_key_will_not_go_nothing_is_said(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    await stage.decide(Decision(a_group(drawers={"1/meeting": {"a": CANARY}})))

    def stuck(self: Path, missing_ok: bool = False) -> None:
        raise OSError

    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", stuck)
        shred = (Shred("1/meeting"), put("over"))
        await stage.decide(lambda group, *_: Decision(group, shred))
        for _ in range(2):
            await stage.board.show("g1")
            assert stage.messenger.calls == []
    await stage.board.show("g1")
    assert stage.key_files() == []
    assert stage.messenger.calls == [("post", "U1", "Hej x")]


async def test_what_has_ended_is_destroyed_before_anything_else_is_said(stage: Stage) -> None:
    stage.due = lambda group: (
        frozenset({Wanted(1, "shred", "", START + HOUR)}) if group.drawers else frozenset()
    )
    group = a_group(drawers={"1/meeting": {"a": CANARY}})
    await stage.decide(Decision(group, (put("waiting"),)))
    stage.programme += 2 * HOUR  # asleep meanwhile
    await stage.board.show("g1")
    assert stage.messenger.calls == []
    stage.rule = lambda group, *_: Decision(group, (Shred("1/meeting"),))
    await stage.bot.moment(Due("g1", 1, "shred", ""))
    await stage.board.show("g1")
    assert stage.messenger.calls == [("post", "U1", "Hej x")]


async def test_the_log_of_the_database_is_empty_after_a_drawer_has_ended(stage: Stage) -> None:
    await stage.decide(Decision(a_group(drawers={"1/meeting": {"a": CANARY}})))
    log = stage.file.with_name("krets.db-wal")
    assert log.stat().st_size > 0
    with closing(sqlite3.connect(stage.file)) as backup:
        backup.execute("BEGIN")
        backup.execute("SELECT * FROM sealed").fetchall()
        await stage.decide(lambda group, *_: Decision(group, (Shred("1/meeting"),)))
        assert log.stat().st_size > 0, "somebody still reads it"
    await stage.store.run(lambda unit: None)
    assert log.stat().st_size == 0


async def test_what_was_shredded_wakes_nobody(stage: Stage) -> None:
    stage.due = lambda group: (
        frozenset({Wanted(1, "wake", "", START + HOUR)}) if group.drawers else frozenset()
    )
    await stage.decide(Decision(a_group(drawers={"1/meeting": {"a": CANARY}})))
    assert await stage.board.next_due() is not None
    await stage.decide(lambda group, *_: Decision(group, (Shred("1/meeting"),)))
    assert await stage.board.next_due() is None


async def test_a_drawer_that_cannot_be_opened_is_empty_and_named(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    await stage.decide(
        Decision(a_group(drawers={"1/meeting": {"a": CANARY}, "1/vote": {"b": "x"}}))
    )

    def swap(unit) -> None:
        one, other = unit.groups.sealed("g1")
        unit.groups.seal("g1", one.drawer, one.key_id, other.ciphertext)
        unit.groups.seal("g1", other.drawer, other.key_id, one.ciphertext)

    await stage.store.run(swap)
    group = await stage.group()
    assert group.drawers == {"1/meeting": {}, "1/vote": {}}
    assert "1/meeting" in caplog.text
    assert "Kanarie" not in caplog.text
    await stage.decide(lambda group, *_: Decision(group.with_item("1/vote", "b", "y")))
    assert (await stage.group()).item("1/vote", "b") == "y"
    await stage.bot.recover()
    assert len(stage.key_files()) == 2
    await stage.decide(lambda group, *_: Decision(group, (Shred("1/meeting"), Shred("1/vote"))))
    assert stage.key_files() == []


async def test_an_unchanged_drawer_is_not_sealed_again(stage: Stage) -> None:
    def ciphertexts(unit) -> list[bytes]:
        return [row.ciphertext for row in unit.groups.sealed("g1")]

    await stage.decide(Decision(a_group(drawers={"1/meeting": {"a": CANARY}, "1/empty": {}})))
    before = await stage.store.run(ciphertexts)
    assert len(before) == 1
    await stage.decide(lambda group, *_: Decision(replace(group, place="Room 2")))
    assert await stage.store.run(ciphertexts) == before
    await stage.decide(lambda group, *_: Decision(group.with_item("1/meeting", "a", "")))
    assert (await stage.group()).drawers == {"1/meeting": {}}
    assert len(await stage.store.run(ciphertexts)) == 1
