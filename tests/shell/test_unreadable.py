"""A group whose document cannot be read is passed over, and no other group waits for it."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.core.decision import Decision
from bot.core.effect import UseRoom
from bot.core.event import DrawersLost, Event, Happening, NotSure, RoomSeen
from bot.core.facts import Facts
from bot.core.model import Group
from bot.looking import Lookout
from bot.parking import StoreFailed, passed_over
from bot.retention import RETAINED
from tests.shell.stage import CANARY, ROOM, START, Stage, a_group, put

LOG = "a group is passed over: g1 BadDocument"


async def spoil(stage: Stage) -> None:
    """Nothing that a group stored is in the document of g1."""

    def spoil(unit) -> None:
        connection = unit._session.connection()
        connection.exec_driver_sql("UPDATE groups SET document = '{}' WHERE id = 'g1'")

    await stage.store.run(spoil)


async def begin(stage: Stage, **changes: object) -> None:
    for group_id in ("g1", "g2"):
        room = replace(ROOM, native=f"C-{group_id}")
        new = a_group(group_id, drawers={"1/meeting": {"case/1": CANARY}}, **changes)
        await stage.decide(Decision(new, (UseRoom(group_id, room), put("a"))))


async def test_at_a_start_others_are_told_what_is_lost(
    stage: Stage, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    await begin(stage)
    await spoil(stage)
    for file in stage.key_files():
        file.write_bytes(b"")
    await stage.store.close()
    again, told = Stage(tmp_path), []

    def rule(group: Group | None, event: Event, _: Facts) -> Decision:
        told.append(event)
        return Decision(group)

    again.rule = rule
    await again.bot.recover()
    assert told == [DrawersLost("g2", ("1/meeting",))]
    assert caplog.messages.count(LOG) == 1
    assert "Kanarie" not in caplog.text
    await again.store.close()


async def test_at_a_start_one_that_cannot_be_told_what_is_lost_stops_no_other(
    stage: Stage, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    await begin(stage)
    for file in stage.key_files():
        file.write_bytes(b"")
    await stage.store.close()
    again, told = Stage(tmp_path), []

    def rule(group: Group | None, event: Event, _: Facts) -> Decision:
        assert group is not None
        if group.id == "g1":
            raise KeyError(CANARY)
        told.append(event)
        return Decision(group)

    again.rule = rule
    await again.bot.recover()
    assert told == [DrawersLost("g2", ("1/meeting",))]
    assert caplog.messages.count("a group is passed over: g1 KeyError") == 1
    assert "Kanarie" not in caplog.text
    await again.store.close()


@pytest.mark.parametrize("judged", ["recover", "judge"])
async def test_others_are_told_of_what_nobody_is_sure(
    stage: Stage, judged: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    await begin(stage)

    def doubt(unit) -> None:
        connection = unit._session.connection()
        connection.exec_driver_sql("UPDATE posts SET state = 'uncertain'")

    await stage.store.run(doubt)
    told: list[object] = []

    async def tell(fate: object) -> None:
        if fate == NotSure("g1", "anna"):
            raise KeyError(CANARY)
        told.append(fate)

    monkeypatch.setattr(stage.board, "_tell", tell)
    await getattr(stage.board, judged)()
    assert told == [NotSure("g2", "anna")]
    assert "a group is passed over: g1 KeyError" in caplog.messages


async def test_others_are_deleted_when_their_time_has_come(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    await begin(stage, status="closed", closed_at=START)
    await spoil(stage)
    stage.programme = START + RETAINED + timedelta(seconds=1)
    await stage.bot.prune()

    def left(unit) -> list[object]:
        found = unit._session.connection().exec_driver_sql("SELECT id FROM groups")
        return found.scalars().all()

    assert await stage.store.run(left) == ["g1"]
    assert caplog.messages.count(LOG) == 1


async def test_others_are_as_their_rooms_are(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    await begin(stage)
    seen: list[Happening] = []

    async def happened(event: Happening) -> None:
        assert isinstance(event, RoomSeen)
        if event.place.native == "C-g1":
            raise KeyError(CANARY)
        seen.append(event)

    lookout = Lookout(
        store=stage.store,
        messengers={"p": stage.messenger},
        happened=happened,
        fresh=lambda: "look",
        stop=asyncio.Event(),
    )
    await lookout.round()
    assert [one.place.native for one in seen] == ["C-g2"]
    assert "what was seen in a room was not taken in: KeyError" in caplog.messages
    assert "Kanarie" not in caplog.text


def test_what_the_store_fails_by_is_no_fault_of_a_group() -> None:
    with pytest.raises(StoreFailed), passed_over("g1"):
        raise StoreFailed
