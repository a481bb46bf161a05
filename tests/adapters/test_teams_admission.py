"""Who may speak with Krets in Teams, and what it is told of them."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.core.action import pack
from bot.messenger import Profile
from bot.words import View
from tests.adapters.teams_api import ELSEWHERE, Fault
from tests.adapters.teams_hearing import (
    ATTEND,
    BRING,
    UNAVAILABLE,
    Hearing,
    dialog,
    executed,
    written,
)
from tests.adapters.teams_people import Got, TeamsScene, teams_scene
from tests.adapters.teams_scene import ANNA, BO, CHAT, person


@pytest.fixture
def bot(view: View) -> Hearing:
    return Hearing(view)


@pytest.fixture
async def scene(bot: Hearing, tmp_path: Path) -> AsyncIterator[TeamsScene]:
    async with teams_scene(bot, bot.view, tmp_path) as scene:
        yield scene


async def test_a_new_person_is_asked_about_once_and_tells_the_rest(
    scene: TeamsScene, bot: Hearing
) -> None:
    scene.locale = "nb-NO"
    for _ in range(3):
        assert await scene.write(ANNA, "hem") == Got(200, "")
    assert bot.known == {person(ANNA): Profile("Anna Ek", "nb", "Europe/Stockholm")}
    assert len(scene.api.called("member")) == 1
    assert len(bot.events) == 3


async def test_language_and_zone_are_taken_up_when_they_change(
    scene: TeamsScene, bot: Hearing
) -> None:
    await scene.write(ANNA, "hem")
    scene.locale, scene.zone = "sv-SE", "Europe/Helsinki"
    await scene.press(ANNA, pack(ATTEND), CHAT)
    assert bot.known[person(ANNA)] == Profile("Anna Ek", "sv", "Europe/Helsinki")


@pytest.mark.parametrize(
    "what", [{"role": "guest"}, {"role": "anonymous"}, {"tenant": ELSEWHERE}], ids=str
)
async def test_whoever_is_no_member_gets_the_neutral_notice(
    scene: TeamsScene, bot: Hearing, what: dict[str, str]
) -> None:
    scene.api.people[BO] = replace(scene.api.people[BO], **what)
    scene.locale = "sv-SE"
    for _ in range(3):
        assert executed(await scene.press(BO, pack(ATTEND), CHAT)).startswith(UNAVAILABLE)
    assert UNAVAILABLE in written(dialog(await scene.fetch(BO, pack(BRING))))
    await scene.write(BO, "open")
    assert UNAVAILABLE in written(scene.own(BO))
    assert (bot.events, bot.known) == ([], {})
    assert set(scene.sight.languages) == {"sv"}
    assert len(scene.api.called("member")) <= 1, "not asked for each try"


async def test_somebody_may_become_a_member(scene: TeamsScene, bot: Hearing) -> None:
    scene.api.people[BO].role = "guest"
    await scene.write(BO, "hem")
    scene.api.people[BO].role = "user"
    await scene.write(BO, "hem")
    assert bot.events == []
    scene.out.clock.pass_by(hours=1)
    await scene.write(BO, "hem")
    assert len(bot.events) == 1


async def test_somebody_from_elsewhere_in_a_room_is_no_member_and_is_not_written_to(
    scene: TeamsScene, bot: Hearing
) -> None:
    sent = scene.written(BO, "open", CHAT)
    sent["from"]["tenantId"] = ELSEWHERE
    assert await scene.post(sent) == Got(200, "")
    assert bot.events == []
    assert (scene.api.messages(CHAT), scene.own(BO)) == ([], [])


@pytest.mark.parametrize(
    "fault", [Fault(429), Fault(500), Fault(late=asyncio.Event())], ids=["busy", "broken", "late"]
)
async def test_if_teams_does_not_tell_in_time_the_defaults_serve(
    scene: TeamsScene, bot: Hearing, fault: Fault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.admission.PATIENCE", 0.1)
    scene.api.fail("member", fault)
    assert (await scene.press(ANNA, pack(ATTEND))).status == 200
    if fault.late is not None:
        fault.late.set()
    assert len(bot.events) == 1
    assert bot.known == {}, "whoever may be no member is not taken for one"
    monkeypatch.setattr("adapters.admission.PATIENCE", 30)
    scene.out.clock.pass_by(minutes=10)
    await scene.press(ANNA, pack(ATTEND))
    assert person(ANNA) in bot.known, "asked again the next time"
