"""A drawer that opens no more is told once, and what is decided afterwards knows of it."""

from dataclasses import replace
from pathlib import Path

import pytest

from bot.core.decision import Decision
from bot.core.due import Wanted
from bot.core.effect import Shred
from bot.core.event import DrawersLost, MomentCame
from bot.core.facts import Facts
from bot.core.model import Group
from tests.shell.stage import CANARY, HOUR, START, Stage, a_group, put

LOST = DrawersLost("g1", ("1/meeting",))


def damage(stage: Stage, how: str) -> None:
    """Spoil the only key there is, or take it away."""
    (file,) = stage.key_files()
    whole = file.read_bytes()
    match how:
        case "cut":
            file.write_bytes(whole[:40])
        case "changed":
            file.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
        case "empty":
            file.write_bytes(b"")
        case "gone":
            file.unlink()


def swap(unit) -> None:
    one, other = unit.groups.sealed("g1")
    unit.groups.seal("g1", one.drawer, one.key_id, other.ciphertext)
    unit.groups.seal("g1", other.drawer, other.key_id, one.ciphertext)


class Rule:
    """Remembers what it is told, and takes down what is lost, as the real rule does."""

    def __init__(self) -> None:
        self.told: list[object] = []

    def __call__(self, group: Group | None, event: object, _: Facts) -> Decision:
        self.told.append(event)
        assert group is not None
        if isinstance(event, DrawersLost):
            return Decision(replace(group, lost=event.drawers), (put("lost", person="lea"),))
        return Decision(group.with_item("1/meeting", "case/2", "anew"))


@pytest.fixture
async def filled(stage: Stage) -> Stage:
    await stage.decide(Decision(a_group(drawers={"1/meeting": {"case/1": CANARY}})))
    return stage


@pytest.mark.parametrize("how", ["cut", "changed", "empty", "gone"])
async def test_a_damaged_key_is_told_before_anything_builds_on_the_empty_drawer(
    filled: Stage, how: str, caplog: pytest.LogCaptureFixture
) -> None:
    damage(filled, how)
    rule = Rule()
    await filled.decide(rule)
    assert rule.told[0] == LOST
    assert [type(one).__name__ for one in rule.told] == ["DrawersLost", "ButtonPressed"]
    assert "lost" in await filled.posts()
    assert caplog.text.count("cannot be opened") == 1
    assert "Kanarie" not in caplog.text
    assert (await filled.group()).drawers == {"1/meeting": {"case/2": "anew"}}


async def test_at_a_start_it_is_told_without_anybody_doing_anything(
    filled: Stage, tmp_path: Path
) -> None:
    await filled.store.close()
    damage(filled, "cut")
    for told in ([LOST], []):
        next_start = Stage(tmp_path)
        next_start.rule = rule = Rule()
        await next_start.bot.recover()
        assert rule.told == told, "once, also after another start"
        await next_start.store.close()


async def test_swapped_ciphertexts_are_both_told(stage: Stage) -> None:
    text = {"case/1": CANARY}
    await stage.decide(Decision(a_group(drawers={"1/meeting": text, "1/mine": text})))
    await stage.store.run(swap)
    stage.rule = rule = Rule()
    await stage.bot.recover()
    assert rule.told == [DrawersLost("g1", ("1/meeting", "1/mine"))]


async def test_what_is_about_to_end_is_not_told_to_be_lost(filled: Stage) -> None:
    filled.due = lambda group: (
        frozenset({Wanted(1, "shred", "", START + HOUR)}) if group.drawers else frozenset()
    )
    await filled.decide(lambda group, *_: Decision(replace(group, name="another")))
    damage(filled, "cut")
    filled.programme += 2 * HOUR
    told: list[object] = []

    def shred(group: Group | None, event: object, _: Facts) -> Decision:
        told.append(event)
        return Decision(group, (Shred("1/meeting"),))

    filled.rule = shred
    await filled.bot.recover()
    assert [type(one) for one in told] == [MomentCame]
    assert filled.key_files() == []


async def test_a_directory_that_is_not_there_for_a_while_loses_nothing(
    filled: Stage, tmp_path: Path
) -> None:
    keys = tmp_path / "keys"
    keys.rename(tmp_path / "unmounted")
    keys.mkdir()
    with pytest.raises(FileNotFoundError):
        await filled.group()
    keys.rmdir()
    (tmp_path / "unmounted").rename(keys)
    assert (await filled.group()).drawers == {"1/meeting": {"case/1": CANARY}}
