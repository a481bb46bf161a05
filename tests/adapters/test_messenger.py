"""The playground as a messenger."""

from dataclasses import replace

import pytest

from adapters.playground.rooms import GENERAL, Room, identity
from bot.core.card import Card, Said, T, Text, When
from bot.core.event import Place
from bot.groups import Groups
from bot.keyring import Keyring
from bot.messenger import Profile, Refused
from bot.methods import parse
from bot.store import Unit
from bot.words import View
from tests.adapters.scene import NOW, Scene, a_card, a_group
from tests.shell.stage import HASH, METHOD

ASA, KARI = identity("asa-nystrom"), identity("kari-nordby")


@pytest.fixture
async def filled(scene: Scene) -> Scene:
    await scene.fill()
    return scene


async def test_a_message_is_posted_edited_and_removed(filled: Scene, view: View) -> None:
    messenger = filled.messenger
    ref = await messenger.post(ASA, a_card("First"), view)
    await messenger.edit(ASA, ref, a_card("Second"), view)
    shown = await filled.text("/p/asa-nystrom")
    assert "Second" in shown
    assert "First" not in shown
    await messenger.remove(ASA, ref)
    await messenger.remove(ASA, ref)
    assert "Second" not in await filled.text("/p/asa-nystrom")
    with pytest.raises(Refused):
        await messenger.edit(ASA, ref, a_card("Third"), view)


async def test_a_card_is_kept_without_language_and_read_in_the_readers(
    filled: Scene, view: View
) -> None:
    card = Card((Text(T("value", {"value": When(NOW, "date")})),))
    await filled.messenger.post(ASA, card, view)
    assert "tisdag 3 mars</time></p>" in await filled.text("/p/asa-nystrom/r/krets/messages")
    rows = await filled.store.run(lambda unit: unit.playground.messages("@asa-nystrom"))
    assert "tisdag" not in rows[0].card
    await filled.store.run(
        lambda unit: unit.people.prefer(unit.people.known(ASA).id, "en")  # type: ignore[union-attr]
    )
    assert "Tuesday 3 March</time></p>" in await filled.text("/p/asa-nystrom/r/krets/messages")


async def test_a_room_speaks_its_groups_language_and_what_ended_is_blank(
    filled: Scene, view: View
) -> None:
    said = Said("g1", "1/meeting", "case/1")
    group = replace(a_group(**{"case/1": "My own words"}), method_hash=HASH, method=parse(METHOD))
    groups = Groups(Keyring(filled.directory / "keys"))

    def plant(unit: Unit) -> None:
        unit.keep_method(HASH, "small", METHOD)
        groups.save(unit, group, None, set())

    await filled.store.run(plant)
    when = Text(T("value", {"value": When(NOW, "date")}))
    card = Card((when, Text(T("value", {"value": said}))))
    room = await filled.messenger.open_room("g1", "Eken", (ASA,))
    for to in (room, ASA):
        await filled.messenger.post(to, card, view)
    shown = await filled.text("/p/asa-nystrom/r/room-g1/messages")
    assert "tirsdag 3. mars</time></p>" in shown
    assert "My own words" in shown
    chat = await filled.text("/p/asa-nystrom/r/krets/messages")
    assert "tisdag 3 mars</time></p>" in chat
    await filled.store.run(lambda unit: unit.groups.shred("g1", "1/meeting"))
    assert "My own words" not in await filled.text("/p/asa-nystrom/r/room-g1/messages")


async def test_a_room_is_opened_once_and_people_can_leave_it(filled: Scene) -> None:
    messenger = filled.messenger
    place = await messenger.open_room("g1", "Eken", (ASA, KARI))
    assert place == await messenger.open_room("g1", "Eken", (ASA, KARI))
    assert place == Place("playground", "local", "room-g1", False, (ASA, KARI))
    assert await messenger.roster(place) == (ASA, KARI)
    await messenger.let_out(place, KARI)
    await messenger.let_out(place, KARI)
    assert await messenger.roster(place) == (ASA,)
    assert (await filled.get("/p/kari-nordby/r/room-g1")).status == 404


async def test_a_chat_has_one_person_and_an_absent_room_none(filled: Scene) -> None:
    messenger = filled.messenger
    chat = Room("krets", "", ("asa-nystrom",)).place
    assert await messenger.roster(chat) == (ASA,)
    everybody = Place("playground", "local", GENERAL, False)
    assert len(await messenger.roster(everybody)) == 13
    nowhere = Place("playground", "local", "room-g2", False)
    with pytest.raises(Refused):
        await messenger.roster(nowhere)
    await messenger.let_out(nowhere, ASA)


async def test_a_persona_has_a_profile(filled: Scene) -> None:
    assert await filled.messenger.profile(KARI) == Profile("Kari Nordby", "nb", "Europe/Oslo")
    with pytest.raises(Refused):
        await filled.messenger.profile(identity("nobody"))
