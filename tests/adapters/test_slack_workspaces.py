"""Several workspaces beside each other: each with its own token, and none disturbs another."""

import asyncio
import logging
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.slack.workspaces import NotInstalled, OneWorkspace
from bot.core.action import BringCase, pack
from bot.core.card import Button, Buttons, Card, Form, Heading, T
from bot.core.decision import Greeting, Home, Nothing, Notice, OpenForm
from bot.core.event import (
    ButtonPressed,
    HomeOpened,
    Identity,
    Installed,
    MemberChanged,
    Place,
    RoomChanged,
)
from bot.keyring import Keyring
from bot.messenger import Look, Profile, Refused, TryLater
from bot.words import View, Words
from tests.adapters.scene import a_card
from tests.adapters.slack_api import BOT, TEAM, Fault
from tests.adapters.slack_installed import FIRST, OTHER, SECOND, Installable, installable
from tests.adapters.slack_scene import ANNA, BO, ROOM, SlackScene, person, room, slack_scene
from tests.contract.platform import Recording

BRING = BringCase("g1", 4)
FORM = OpenForm(Form(T("case.title"), BRING, ()))
HOME = Home((Card((Heading(T("text", {"text": "mine"})), Buttons((Button(T("save"), BRING),)))),))
THERE = Identity("slack", OTHER, ANNA)


@pytest.fixture
async def krets(tmp_path: Path, words: Words) -> AsyncIterator[Installable]:
    """Krets in two workspaces."""
    async with installable(tmp_path, words) as krets:
        for team, token in ((TEAM, FIRST), (OTHER, SECOND)):
            await krets.install(team, token)
        krets.tokens()
        yield krets


@pytest.fixture
async def one(view: View) -> AsyncIterator[SlackScene]:
    """Krets in the workspace of the environment."""
    async with slack_scene(Recording(view), view) as scene:
        yield scene


# --- the right token, and no more calls than needed ---------------------------------------------


async def test_each_workspace_is_answered_with_its_own_token(krets: Installable) -> None:
    krets.bot.reply = FORM
    for team, token in ((TEAM, FIRST), (OTHER, SECOND), (TEAM, FIRST)):
        assert (await krets.command(team)).status == 200
        assert set(krets.tokens()) == {token}
    assert {deed.actor.tenant for deed in krets.bot.deeds} == {TEAM, OTHER}
    messenger = krets.slack.messenger
    await messenger.post(person(ANNA), a_card("x"), krets.bot.view)
    await messenger.post(THERE, a_card("x"), krets.bot.view)
    assert krets.tokens() == [FIRST, SECOND]


async def test_an_event_costs_no_call_that_is_not_its_answer(krets: Installable) -> None:
    krets.bot.known = {person(ANNA): Profile("Anna", "sv", "Europe/Stockholm")}
    for _ in range(10):
        await krets.command(TEAM)
        await krets.event(
            TEAM, "message", channel_type="im", channel="D0ANNA", user=ANNA, text="x", ts="1.1"
        )
        await krets.event(TEAM, "member_joined_channel", user=BO, channel=ROOM)
    assert len(krets.bot.deeds) == 20
    assert len(krets.bot.happenings) == 10
    assert krets.slack.api.calls == [], "not even auth.test"


async def test_the_token_of_the_environment_is_asked_once_where_it_is(one: SlackScene) -> None:
    for _ in range(3):
        assert (await one.command(ANNA, "")).status == 200
    assert len(one.api.called("auth.test")) == 1


async def test_the_token_of_the_environment_is_for_no_other_workspace(
    one: SlackScene, view: View
) -> None:
    await one.messenger.post(person(ANNA), a_card("x"), view)
    with pytest.raises(NotInstalled):
        await one.messenger.post(THERE, a_card("x"), view)
    got = await one.command(ANNA, "", team_id=OTHER)
    assert "Krets is not installed in this workspace." in got.text
    assert len(one.api.called("chat.postMessage")) == 1


@pytest.mark.parametrize("fault", [Fault(500), Fault(429), Fault(code="internal_error")])
async def test_until_slack_says_where_the_token_is_it_may_be_here(
    one: SlackScene, view: View, fault: Fault
) -> None:
    one.api.fail("auth.test", fault)
    await one.messenger.post(person(ANNA), a_card("x"), view)
    one.clock.pass_by(60)
    await one.messenger.post(person(ANNA), a_card("x"), view)
    assert len(one.api.called("auth.test")) == 2


async def test_many_at_once_ask_once(one: SlackScene, view: View) -> None:
    posts = [one.messenger.post(person(user), a_card("x"), view) for user in (ANNA, BO)]
    await asyncio.gather(*posts)
    assert len(one.api.called("auth.test")) == 1


# --- where Krets is not -------------------------------------------------------------------------


async def test_where_krets_is_not_installed_it_says_so_and_calls_nobody(
    krets: Installable,
) -> None:
    stranger = "T0STRANGER"
    before = krets.rows()
    got = await krets.command(stranger)
    assert (got.status, got.body["response_type"]) == (200, "ephemeral")
    assert "Krets är inte installerat i den här arbetsytan." in got.body["text"]
    pressed = krets.slack.pressed(ANNA, pack(BRING)) | {"team": {"id": stranger}}
    altered = krets.slack.pressed(ANNA, "of no version") | {"team": {"id": stranger}}
    for payload in (pressed, altered):
        got = await krets.slack.interact(payload)
        assert (got.status, got.text) == (200, "")
    for kind, more in (
        ("app_home_opened", {"tab": "home", "user": ANNA, "channel": "D0ANNA"}),
        ("member_joined_channel", {"user": BO, "channel": ROOM}),
        ("user_change", {"user": {"id": BO, "deleted": True}}),
    ):
        got = await krets.event(stranger, kind, **more)
        assert (got.status, got.text) == (200, "")
    assert (krets.slack.api.calls, krets.slack.said()) == ([], [])
    assert (krets.bot.deeds, krets.bot.happenings, krets.bot.departed) == ([], [], [])
    assert krets.rows() == before


async def test_the_board_looks_again_in_an_hour_and_others_are_written_to(
    krets: Installable,
) -> None:
    nowhere = Identity("slack", "T0STRANGER", ANNA)
    with pytest.raises(TryLater) as later:
        await krets.slack.messenger.post(nowhere, a_card("x"), krets.bot.view)
    assert later.value.after == timedelta(hours=1)
    await krets.slack.messenger.post(person(ANNA), a_card("x"), krets.bot.view)
    assert krets.tokens() == [FIRST]


async def test_a_dead_token_is_tried_once_an_hour_and_others_are_not_disturbed(
    krets: Installable,
) -> None:
    krets.slack.api.revoked.add(FIRST)
    messenger, view = krets.slack.messenger, krets.bot.view
    for _ in range(24 * 6):
        for user in (ANNA, BO):
            with pytest.raises(TryLater) as later:
                await messenger.post(person(user), a_card("x"), view)
            assert timedelta(0) < later.value.after <= timedelta(hours=1)
            with pytest.raises(TryLater):
                await messenger.profile(person(user))
        await messenger.post(THERE, a_card("x"), view)
        krets.slack.clock.pass_by(600)
    tokens = krets.tokens()
    assert tokens.count(FIRST) <= 24
    assert tokens.count(SECOND) == 24 * 6


async def test_a_new_installation_brings_a_dead_workspace_back_at_once(krets: Installable) -> None:
    krets.slack.api.revoked.add(FIRST)
    with pytest.raises(TryLater):
        await krets.slack.messenger.post(person(ANNA), a_card("x"), krets.bot.view)
    await krets.install(TEAM, "xoxb-third")
    await krets.slack.messenger.post(person(ANNA), a_card("x"), krets.bot.view)


async def test_a_token_that_does_not_open_is_no_installation(
    krets: Installable, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    krets.workspaces._callers.clear()
    krets.workspaces._keyring = Keyring(tmp_path / "others")
    with pytest.raises(NotInstalled):
        await krets.workspaces.of(TEAM)
    assert "the token of T0KRETS cannot be opened: Lost" in caplog.text


# --- taken out ----------------------------------------------------------------------------------


async def test_a_workspace_that_takes_krets_out_is_forgotten_and_no_other(
    krets: Installable,
) -> None:
    got = await krets.event(TEAM, "app_uninstalled")
    assert (got.status, got.text) == (200, "")
    assert krets.bot.forgotten == [("slack", TEAM)]
    row = await krets.store.run(lambda unit: unit.installations.find("slack", TEAM))
    assert row is not None
    assert (row.token, row.removed_at) == (b"", krets.slack.clock.now())
    assert "inte installerat" in (await krets.command(TEAM)).body["text"]
    with pytest.raises(NotInstalled):
        await krets.slack.messenger.post(person(ANNA), a_card("x"), krets.bot.view)
    assert krets.slack.api.calls == []
    await krets.command(OTHER)
    assert krets.bot.deeds[-1].actor.tenant == OTHER


async def test_a_token_that_is_revoked_is_wiped_and_nothing_else(krets: Installable) -> None:
    await krets.event(TEAM, "tokens_revoked", tokens={"oauth": [], "bot": [BOT]})
    assert krets.bot.forgotten == []
    with pytest.raises(NotInstalled):
        await krets.workspaces.of(TEAM)
    await krets.event(TEAM, "app_uninstalled")
    assert krets.bot.forgotten == [("slack", TEAM)], "whichever of the two comes first"


async def test_tokens_of_people_are_none_of_ours(krets: Installable) -> None:
    await krets.event(TEAM, "tokens_revoked", tokens={"oauth": [ANNA]})
    await krets.workspaces.of(TEAM)


async def test_what_slack_tells_late_does_not_undo_a_new_installation(krets: Installable) -> None:
    told = int(krets.slack.clock.now().timestamp()) + 1
    krets.slack.clock.pass_by(60)
    await krets.install(TEAM, "xoxb-third")
    ours = [{"enterprise_id": None, "team_id": TEAM, "is_bot": True}]
    got = await krets.slack.event(
        {"type": "app_uninstalled"}, team_id=TEAM, authorizations=ours, event_time=told
    )
    assert got.status == 200
    assert krets.bot.forgotten == []
    await krets.workspaces.of(TEAM)


async def test_a_workspace_of_an_organisation_that_never_had_krets_takes_nothing_out(
    krets: Installable,
) -> None:
    grid = {"id": "E0GRID"}
    await krets.install("T0ONE", "xoxb-grid", enterprise=grid)
    ours = [{"enterprise_id": "E0GRID", "team_id": "T0TWO", "is_bot": True}]
    event = {"type": "app_uninstalled"}
    await krets.slack.event(event, team_id="T0TWO", enterprise_id="E0GRID", authorizations=ours)
    assert krets.bot.forgotten == []
    await krets.workspaces.of("E0GRID")
    await krets.slack.event(event, team_id="T0ONE", enterprise_id="E0GRID", authorizations=ours)
    assert krets.bot.forgotten == [("slack", "E0GRID")]


async def test_what_could_not_be_forgotten_comes_again(
    krets: Installable, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(platform: str, tenant: str) -> None:
        raise OSError

    with monkeypatch.context() as failing:
        failing.setattr(krets.bot, "forget", fail)
        assert (await krets.event(TEAM, "app_uninstalled")).status == 500
    assert (await krets.event(TEAM, "app_uninstalled")).status == 200
    assert krets.bot.forgotten == [("slack", TEAM)]


async def test_the_token_of_the_environment_is_used_no_more_once_it_is_taken_out(
    one: SlackScene,
) -> None:
    workspaces = OneWorkspace(one.call)
    await workspaces.of(TEAM)
    assert not await workspaces.leave(OTHER, OTHER, 0)
    await workspaces.of(TEAM)
    assert await workspaces.leave(TEAM, TEAM, 0)
    with pytest.raises(NotInstalled):
        await workspaces.of(TEAM)


# --- a whole organisation -----------------------------------------------------------------------


async def test_a_room_of_an_organisation_is_made_where_most_of_its_people_are(
    krets: Installable,
) -> None:
    grid = {"id": "E0GRID"}
    await krets.install(TEAM, "xoxb-grid", team=None, enterprise=grid, is_enterprise_install=True)
    api = krets.slack.api
    for user, teams in ((ANNA, ["T1", "T2"]), (BO, ["T2"])):
        api.users[user]["enterprise_user"] = {"enterprise_id": "E0GRID", "teams": teams}
    people = tuple(Identity("slack", "E0GRID", user) for user in (ANNA, "U0GONE", BO))
    place = await krets.slack.messenger.open_room("g1", "Eken", people)
    (made,) = api.called("conversations.create")
    assert made["team_id"] == "T2"
    assert place.tenant == "E0GRID"
    assert (await krets.slack.messenger.profile(people[0])).name == "Anna Ek"
    with pytest.raises(Refused, match="no_workspace"):
        await krets.slack.messenger.open_room("g2", "Eken", people[1:2])
    await krets.slack.messenger.open_room("g3", "Asken", (person(ANNA),))
    assert "team_id" not in api.called("conversations.create")[-1]


async def test_a_room_for_nobody_is_not_made(krets: Installable) -> None:
    with pytest.raises(Refused, match="nobody"):
        await krets.slack.messenger.open_room("g1", "Eken", ())


# --- rooms and people ---------------------------------------------------------------------------


async def test_a_look_at_a_room_tells_who_is_in_and_whether_it_is_private(
    one: SlackScene,
) -> None:
    in_it = (person(ANNA), person(BO))
    assert await one.messenger.look(room()) == Look(in_it, "ok")
    channel = one.api.channels[ROOM]
    channel.shared = True
    assert await one.messenger.look(room()) == Look(in_it, "shared")
    channel.shared, channel.private = False, False
    assert await one.messenger.look(room()) == Look(in_it, "shared")
    channel.private, channel.archived = True, True
    assert await one.messenger.look(room()) == Look((), "lost")
    channel.archived = False
    channel.members.remove(BOT)
    assert await one.messenger.look(room()) == Look((), "lost")
    one.api.fail("conversations.info", Fault(500))
    with pytest.raises(Exception, match=r"conversations\.info"):
        await one.messenger.look(room())


async def test_what_comes_to_pass_in_a_room_reaches_the_bot(krets: Installable) -> None:
    await krets.event(TEAM, "member_left_channel", user=BO, channel=ROOM)
    await krets.event(TEAM, "group_archive", channel=ROOM)
    left, archived = krets.bot.happenings
    where = Place("slack", TEAM, ROOM, private=False)
    assert isinstance(left, MemberChanged)
    assert (left.who, left.place, left.came) == (person(BO), where, False)
    assert isinstance(archived, RoomChanged)
    assert (archived.place, archived.how) == (where, "lost")


async def test_who_came_into_a_room_is_seen_there_at_once(krets: Installable) -> None:
    krets.slack.api.channels[ROOM].members.remove(BO)
    await krets.command(TEAM, channel_id=ROOM)
    assert krets.bot.deeds[-1].place.people == (person(ANNA),)
    krets.slack.api.channels[ROOM].members.append(BO)
    await krets.event(TEAM, "member_joined_channel", user=BO, channel=ROOM)
    await krets.command(TEAM, channel_id=ROOM)
    assert set(krets.bot.deeds[-1].place.people) == {person(ANNA), person(BO)}


async def test_a_room_into_which_krets_is_brought_is_greeted(krets: Installable) -> None:
    krets.bot.reply = Greeting(a_card("hello"))
    await krets.event(TEAM, "member_joined_channel", user=BOT, inviter=ANNA, channel=ROOM)
    (deed,) = krets.bot.deeds
    assert isinstance(deed, Installed)
    (greeting,) = krets.slack.api.channels[ROOM].messages.values()
    assert "hello" in str(greeting["blocks"])


async def test_a_profile_that_changes_is_taken_up_of_those_whom_krets_knows(
    krets: Installable,
) -> None:
    krets.bot.known = {person(ANNA): Profile("Anna", "sv", "Europe/Stockholm")}
    for user in (ANNA, BO):
        profile = {"display_name": "New", "real_name": "New"}
        await krets.event(
            TEAM,
            "user_change",
            user={"id": user, "profile": profile, "locale": "nb-NO", "tz": "Europe/Oslo"},
        )
    assert krets.bot.known == {person(ANNA): Profile("New", "nb", "Europe/Oslo")}


async def test_who_is_deactivated_is_gone_at_once(krets: Installable) -> None:
    await krets.event(TEAM, "user_change", user={"id": BO, "deleted": True})
    assert krets.bot.departed == [person(BO)]


async def test_a_guest_who_becomes_a_member_may_speak_at_once(krets: Installable) -> None:
    krets.slack.api.users[BO]["is_restricted"] = True
    await krets.command(TEAM, BO)
    assert krets.bot.deeds == []
    krets.slack.api.users[BO]["is_restricted"] = False
    await krets.event(TEAM, "user_change", user={"id": BO})
    await krets.command(TEAM, BO)
    assert len(krets.bot.deeds) == 1


# --- the App Home tab ---------------------------------------------------------------------------


async def a_home(krets: Installable) -> dict[str, object]:
    krets.bot.reply = HOME
    await krets.event(TEAM, "app_home_opened", tab="home", user=ANNA, channel="D0ANNA")
    home: dict[str, object] = krets.slack.api.homes[ANNA]
    krets.bot.deeds.clear()
    krets.tokens()
    return home


async def test_a_press_in_the_home_is_seen_there_at_once(krets: Installable) -> None:
    home = await a_home(krets)
    got = await krets.slack.interact(krets.slack.pressed(ANNA, pack(BRING), view=home))
    assert got.status == 200
    pressed, opened = krets.bot.deeds
    assert isinstance(pressed, ButtonPressed)
    assert isinstance(opened, HomeOpened)
    assert opened.id == f"{pressed.id}:home"
    assert krets.slack.api.homes[ANNA]["id"] != home["id"], "published again"


@pytest.mark.parametrize("reply", [FORM, Nothing(), Notice(T("vote.in"))])
async def test_the_home_stays_where_there_is_no_newer_one(
    krets: Installable, reply: OpenForm | Nothing | Notice
) -> None:
    home = await a_home(krets)
    krets.bot.reply = reply
    await krets.slack.interact(krets.slack.pressed(ANNA, pack(BRING), view=home))
    assert krets.slack.api.called("views.publish") == []


async def test_a_home_that_cannot_be_renewed_spoils_no_press(
    krets: Installable, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    home = await a_home(krets)
    handle = krets.bot.handle

    async def only_the_press(event: object) -> object:
        if isinstance(event, HomeOpened):
            raise OSError("canary")
        return await handle(event)  # type: ignore[arg-type]

    krets.slack.api.fail("views.publish", Fault(500))
    with caplog.at_level(logging.INFO):
        got = await krets.slack.interact(krets.slack.pressed(ANNA, pack(BRING), view=home))
        assert got.status == 200
        monkeypatch.setattr(krets.bot, "handle", only_the_press)
        got = await krets.slack.interact(krets.slack.pressed(ANNA, pack(BRING), view=home))
    assert got.status == 200
    assert "a home was not renewed: UnknownOutcome" in caplog.text
    assert "a home was not renewed: OSError" in caplog.text
    assert "canary" not in caplog.text
