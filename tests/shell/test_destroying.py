"""A drawer whose deadline has come is destroyed before anything is said, wherever it is cut short.

Every call that leaves a trace outside the process is a place to be cut short: what changes the
database, what writes or removes a file, and what asks the platform. The disk is copied before each
of them, which is what a power cut would leave; and each of them is let fail once.
"""

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from bot.core.decision import Decision
from bot.core.due import Wanted
from bot.core.effect import Shred
from bot.core.event import Event
from bot.core.facts import Facts
from bot.core.model import Group
from schedules.engine import Due
from tests.shell.stage import CANARY, HOUR, START, FakeMessenger, Stage, a_group, put

SHRED = Due("g1", 1, "shred", "")
READS = ("SELECT", "SAVEPOINT", "RELEASE")


class Witness(FakeMessenger):
    """Takes down what is left of the drawer whenever anything is said."""

    def __init__(self, left: Callable[[], list[str]]) -> None:
        super().__init__()
        self.left = left
        self.too_early: list[str] = []

    async def _do(self, *call: str) -> None:
        self.too_early += self.left()
        await super()._do(*call)


def due(group: Group) -> frozenset[Wanted]:
    if not group.drawers:
        return frozenset()
    return frozenset({Wanted(1, "shred", "", START + HOUR)})


def rule(group: Group | None, event: Event, facts: Facts) -> Decision:
    return Decision(group, (Shred("1/meeting"), put("over", "over")))


class Scene(Stage):
    """A start two hours after the deadline of a drawer."""

    def __init__(self, directory: Path, ciphertext: bytes, strict: bool = True) -> None:
        super().__init__(directory)
        self.strict = strict
        self.rule, self.due = rule, due
        self.programme = self.real = START + 2 * HOUR
        self.ciphertext = ciphertext
        self.messenger = self.witness = Witness(self.left)
        self.board._messengers = {"p": self.witness}

    def left(self) -> list[str]:
        """What is left of the drawer; without its key the ciphertext is nothing."""
        keys = [file.name for file in self.key_files()]
        disk = self.bytes_on_disk()
        text = any(piece in disk for piece in pieces(self.ciphertext))
        return keys + ["ciphertext"] * (text and (bool(keys) or self.strict))

    async def start(self) -> None:
        """What a start does before anything is said, and then whatever waits to be said."""
        await self.bot.recover()
        await self.board.recover()
        assert self.left() == []
        assert self.witness.calls == []
        await self.board.show("g1")
        assert self.witness.too_early == []


def pieces(ciphertext: bytes) -> list[bytes]:
    """Parts of a ciphertext, for a page of the database may not hold it in one."""
    return [ciphertext[at : at + 24] for at in range(13, len(ciphertext) - 24, 24)]


@pytest.fixture
async def prepared(tmp_path: Path) -> tuple[Path, bytes]:
    """A data directory with one drawer and a post that waits, and what the drawer looks like."""
    directory = tmp_path / "prepared"
    directory.mkdir()
    stage = Stage(directory)
    await stage.people()
    stage.due = due
    text = {f"case/{one}": f"{CANARY} {one}" for one in range(20)}
    group = a_group(drawers={"1/meeting": text})
    await stage.decide(Decision(group, (put("waiting", "waiting"),)))
    (row,) = await stage.store.run(lambda unit: unit.groups.sealed("g1"))
    await stage.store.close()
    return directory, row.ciphertext


@contextmanager
def watched(stage: Stage, monkeypatch: pytest.MonkeyPatch, call: Callable[[str], None]) -> Iterator:
    """`call` is told of every call that leaves a trace, before it is made."""

    def before(name: str, real: Any) -> Any:
        def made(*args: Any, **more: Any) -> Any:
            call(name)
            return real(*args, **more)

        return made

    def statement(connection: object, cursor: object, text: str, *_: object) -> None:
        if not text.startswith(READS):
            call("statement")

    event.listen(stage.store._engine, "before_cursor_execute", statement)
    event.listen(stage.store._engine, "commit", lambda _: call("commit"))
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", before("fsync", os.fsync))
        patch.setattr(Path, "unlink", before("unlink", Path.unlink))
        real = stage.store._engine.raw_connection
        patch.setattr(stage.store._engine, "raw_connection", before("checkpoint", real))
        patch.setattr(stage.messenger, "_do", before("say", stage.messenger._do))
        yield


async def live(stage: Scene) -> None:
    """The deadline comes, and what there is to say is said; the clock looks again."""
    for _ in range(3):
        with suppress(Exception):
            await stage.bot.moment(SHRED)
        with suppress(Exception):
            await stage.board.show("g1")
        stage.real += HOUR


async def test_after_a_crash_at_any_call_it_is_gone_before_anything_is_said(
    prepared: tuple[Path, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    directory, ciphertext = prepared
    stage = Scene(shutil.copytree(directory, tmp_path / "alive"), ciphertext)
    crashes: dict[str, tuple[Path, int]] = {}
    names: list[str] = []

    def copy(name: str) -> None:
        names.append(name)
        files = sorted(one for one in stage.directory.rglob("*") if one.is_file())
        disk = [(str(one), one.read_bytes()) for one in files if one.suffix != ".db-shm"]
        said = len(stage.witness.calls)
        key = sha256(repr((disk, said)).encode()).hexdigest()
        if key not in crashes:  # else the same was left by an earlier call
            crashes[key] = shutil.copytree(stage.directory, tmp_path / key), said

    with watched(stage, monkeypatch, copy):
        await live(stage)
    assert set(names) == {"statement", "commit", "unlink", "fsync", "checkpoint", "say"}
    assert stage.witness.too_early == []
    await stage.store.close()
    for left, said in crashes.values():
        # Somebody else has the database open too, so that SQLite itself does not empty its log.
        with closing(sqlite3.connect(left / "krets.db")) as other:
            other.execute("SELECT * FROM meta").fetchall()
            after = Scene(left, ciphertext)
            if said:
                assert after.left() == []
            await after.start()
            await after.store.close()


async def test_when_a_call_fails_nothing_is_said_before_it_is_gone(
    prepared: tuple[Path, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    directory, ciphertext = prepared
    number = 0
    while True:
        number += 1
        copied = shutil.copytree(directory, tmp_path / str(number))
        stage = Scene(copied, ciphertext, strict=False)
        made = 0

        def fail(name: str, at: int = number) -> None:
            nonlocal made
            made += 1
            if made == at:
                if name in ("statement", "commit"):
                    raise OperationalError("", {}, sqlite3.OperationalError())
                raise OSError

        with watched(stage, monkeypatch, fail):
            await live(stage)
        assert stage.witness.too_early == []
        assert stage.witness.calls
        await stage.store.close()
        stage.strict = True
        if stage.left():
            after = Scene(copied, ciphertext)
            await after.start()
            await after.store.close()
        if made < number:
            assert not stage.left()
            return
