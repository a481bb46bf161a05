"""The ways to people and rooms: what each verified activity tells, and what is made of it."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.teams.parse import read
from adapters.teams.references import Reference, told_of
from adapters.teams.shapes import Account, Activity
from bot.messenger import Unreachable
from tests.adapters.teams.microsoft import SERVICE, TENANT
from tests.adapters.teams_api import BOT, Fault
from tests.adapters.teams_scene import ANNA, Outwards, person, teams_outwards, way

PAYLOADS = Path(__file__).parent / "teams" / "payloads"
ASA, BO = "6f1d2c3b-0a9e-4d8c-b7a6-5f4e3d2c1b0a", "1a2b3c4d-5e6f-4a7b-8c9d-0e1f2a3b4c5d"
ASAS = "29:1dXyHnkdBrKzpGfYqZAsa-0LmN3oPqRsTuVwXyZ"
BOS = "29:1bQwErTyUiOpAsDfGhJkBo-ZxCvBnM1234567890"
TEAM = "19:aaGeneral0fTheTeam1234567890abcdef@thread.tacv2"
CHOSEN = "19:7c9e4d2a1b3f4c5d8e6f7a8b9c0d1e2f@thread.tacv2"
CHAT = "a:1pLqfKrets0Asa-chat_9XyZ"


def payload(name: str) -> Activity:
    return read(json.loads((PAYLOADS / f"{name}.json").read_text()))


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Outwards]:
    async with teams_outwards(tmp_path) as scene:
        yield scene


def test_a_private_chat_tells_the_way_to_a_person() -> None:
    told = list(told_of(payload("install_personal"), SERVICE))
    assert told[0] == way(ASA, conversation=CHAT, account=ASAS)


def test_a_team_tells_the_ways_to_its_channels_and_people() -> None:
    told = list(told_of(payload("install_team"), SERVICE))
    assert told == [
        way(TEAM, conversation=TEAM, team=TEAM),
        way(CHOSEN, conversation=CHOSEN, team=TEAM),
        way(ASA, account=ASAS),
    ]
    assert way(BO, account=BOS) in told_of(payload("members_added_team"), SERVICE)


@pytest.mark.parametrize("file", sorted(one.stem for one in PAYLOADS.glob("*.json")))
def test_every_activity_tells_only_of_its_own_address(file: str) -> None:
    for one in told_of(payload(file), SERVICE):
        assert one.native
        assert one.service_url == SERVICE
        assert one.bot == BOT
        assert not one.native.startswith("28:")


async def test_what_was_told_before_stays_until_something_else_is_told(scene: Outwards) -> None:
    moved = "https://smba.trafficmanager.net/amer/"
    await scene.references.remember(payload("install_personal"), SERVICE)
    await scene.references.remember(payload("install_team"), moved)
    found = await scene.references.find(TENANT, ASA)
    assert found == way(ASA, conversation=CHAT, account=ASAS, service_url=moved)


async def test_the_same_is_written_once(scene: Outwards) -> None:
    activity, began = payload("install_personal"), scene.clock.now()
    await scene.references.remember(activity, SERVICE)
    scene.clock.pass_by(days=1)
    await scene.references.remember(activity, SERVICE)
    row = await scene.store.run(lambda unit: unit.references.find(TENANT, ASA))
    assert row is not None
    assert row.updated_at == began
    await scene.references.remember(activity, f"{SERVICE}new/")
    row = await scene.store.run(lambda unit: unit.references.find(TENANT, ASA))
    assert row is not None
    assert row.updated_at > began


async def test_of_a_stranger_the_way_is_that_of_the_organisation(scene: Outwards) -> None:
    assert await scene.references.find(TENANT, "stranger") == way("stranger")
    with pytest.raises(Unreachable, match="never_heard_of"):
        await scene.references.find("another", "stranger")


async def test_the_channels_of_a_team_are_known(scene: Outwards) -> None:
    await scene.references.remember(payload("install_team"), SERVICE)
    assert await scene.references.rooms(TENANT, TEAM) == (CHOSEN, TEAM)
    assert await scene.references.rooms(TENANT, "another") == ()


# --- people who are named by one id only --------------------------------------------------------


def left(*accounts: str) -> Activity:
    """They left the chat, and Teams names them by the ids that are this bot's alone."""
    members = [Account(one) for one in accounts]
    return replace(payload("members_removed_group"), members_removed=members)


async def test_somebody_once_known_is_recognised_by_either_id(scene: Outwards) -> None:
    await scene.references.remember(payload("members_added_team"), SERVICE)
    assert await scene.messenger.identify(left(BOS), SERVICE) == {BOS: BO}
    assert scene.api.calls == []


async def test_a_profile_tells_the_other_id_too(scene: Outwards) -> None:
    await scene.messenger.profile(person(ANNA))
    assert await scene.references.remember(left(f"29:{ANNA}"), SERVICE) == {f"29:{ANNA}": ANNA}


async def test_others_are_looked_up_in_the_room_and_kept(scene: Outwards) -> None:
    activity = left("29:cia", "29:dan", "29:gone")
    scene.api.add_person("cia", "Cia")
    scene.api.add_person("dan", "Dan", tenant="elsewhere")
    scene.api.add_chat(activity.conversation.id, "cia", "dan")
    assert await scene.messenger.identify(activity, SERVICE) == {"29:cia": "cia"}
    found = await scene.references.find(TENANT, "cia")
    assert found == Reference(TENANT, "cia", SERVICE, BOT, account="29:cia")
    assert len(scene.api.called("members")) == 1


async def test_a_lookup_that_fails_leaves_them_unknown(scene: Outwards) -> None:
    scene.api.fail("member", Fault(403, "X"), Fault(500), Fault(429))
    for _ in range(3):
        assert await scene.messenger.identify(left("29:cia"), SERVICE) == {}
