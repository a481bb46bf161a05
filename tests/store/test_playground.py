"""What the playground keeps."""

from datetime import UTC, datetime

from bot.store import Store

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


async def test_the_playground_never_gives_a_ref_twice(store: Store) -> None:
    refs = []
    for card in ("one", "two"):
        ref = await store.run(
            lambda unit, card=card: unit.playground.post("room/1", "g1", card, NOW)
        )
        refs.append(ref)
    await store.run(lambda unit: unit.playground.remove(refs[1]))
    third = await store.run(lambda unit: unit.playground.post("room/1", "g1", "three", NOW))
    assert third > refs[1]
    assert await store.run(lambda unit: unit.playground.edit(refs[0], "uno"))
    assert not await store.run(lambda unit: unit.playground.edit(refs[1], "dos"))
    messages = await store.run(lambda unit: unit.playground.messages("room/1"))
    assert [(one.card, one.at) for one in messages] == [("uno", NOW), ("three", NOW)]


async def test_the_playgrounds_rooms(store: Store) -> None:
    await store.run(lambda unit: unit.playground.add_room("r1", "t", "Krets", '["anna"]'))
    rooms = await store.run(lambda unit: unit.playground.rooms("t"))
    assert [(room.id, room.people) for room in rooms] == [("r1", '["anna"]')]
    assert await store.run(lambda unit: unit.playground.rooms("other")) == []
    assert await store.run(lambda unit: unit.playground.room("r2")) is None
