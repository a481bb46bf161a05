"""Late, repeated, altered, misplaced: each has a calm answer in one's language, changing nothing.

A whole Krets beside our small Slack; the whole database is compared before and after.
"""

import json
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.core.action import CannotUnpack, unpack
from tests.core.test_actions import golden
from tests.core.words import catalogue
from tests.end_to_end.beside import RealTime
from tests.end_to_end.conftest import START
from tests.end_to_end.fake_slack import FakeSlack, in_slack
from tests.end_to_end.site import Reply
from tests.end_to_end.slack_site import Shown, SlackPersona, SlackSite
from tests.end_to_end.story import (
    LEADERS,
    PEOPLE,
    SPONSOR,
    ask_all,
    bring,
    gather,
    press,
    to_the_vote,
    vote,
)

#: One who reads Swedish, one who reads Norwegian, one who reads English.
ASA, KARI, DAVID = "asa-nystrom", "kari-nordby", "david-okafor"
LANGUAGE = {ASA: "sv", KARI: "nb", DAVID: "en", LEADERS[0]: "sv"}
#: Buttons that are always of use: what concerns me alone, and a group that is to be opened.
OF_NO_GROUP = {kind for kind, packed in golden().items() if '"group"' not in packed} | {"open"}
#: Changes that somebody may make to what a form means.
ALTERED = {
    "nothing": "",
    "no JSON": "{",
    "a list": "[]",
    "another kind": '{"kind":"dance"}',
    "an old version": '{"kind":"bring","v":0}',
    "too long": json.dumps({"kind": "rules", "group": "g" * 3000}),
    "another group": '{"group":"g0123456789abcde","meeting":2,"kind":"bring"}',
    "no meeting": '{"group":"GROUP","meeting":99,"kind":"bring"}',
    "what only a leader may": '{"group":"GROUP","meeting":2,"kind":"end"}',
    "what only a sponsor may": '{"group":"GROUP","kind":"close"}',
    "another room": '{"group":"GROUP","room":"C0ELSEWHERE","kind":"here"}',
}


class Scene:
    """A second meeting that is over, and what is still open on somebody's telephone."""

    def __init__(self, site: SlackSite) -> None:
        self.site = site
        self.room = ""
        #: What -> whose, and the form.
        self.open: dict[str, tuple[SlackPersona, Shown]] = {}

    @property
    def group(self) -> str:
        found: str = self.site.ask("SELECT id FROM groups")[0][0]
        return found

    async def leave_open(self, what: str, who: str, label: str, room: str = "krets") -> None:
        person = self.site.persona(who)
        form = await press(person, label, room)
        assert isinstance(form, Shown)
        self.open[what] = (person, form)

    @contextmanager
    def unchanged(self) -> Iterator[None]:
        before = self._dump()
        yield
        assert self._dump() == before

    def _dump(self) -> list[str]:
        database = sqlite3.connect(self.site._database)
        try:
            return list(database.iterdump())
        finally:
            database.close()


def calm(reply: Reply, who: str) -> bool:
    """Whether it is the neutral sentence, in this person's language."""
    return reply.kind == "notice" and catalogue(LANGUAGE[who])["unavailable"][0] in reply.seen.text


@pytest.fixture(scope="module")
async def scene(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    async with in_slack(tmp_path_factory.mktemp("late") / "var", START) as site:
        scene, mats = Scene(site), site.persona(LEADERS[0])
        scene.room = room = await gather(site)
        await site.until("finish", 1)
        await site.until("question", 2)
        await bring(site.persona(ASA), "en fråga", room)
        await bring(site.persona(KARI), "en annan", room)
        for who in (ASA, KARI, DAVID):
            await scene.leave_open(f"question of {who}", who, "bring", room)
        await site.until("checkin", 2)
        await scene.leave_open("check-in", KARI, "check in")
        await site.until("begin", 2)
        await to_the_vote(mats)
        await press(mats, "open the vote")
        for one in PEOPLE[:-1]:
            await vote(site.persona(one), room, "en annan")
        await scene.leave_open("vote", DAVID, "vote", room)
        await site.travel(by="PT1H")
        yield scene


@pytest.fixture(scope="module")
async def gathered(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    """A group that could start, and channels of all kinds with all but the sponsor in them."""
    async with in_slack(tmp_path_factory.mktemp("here") / "var", START) as site:
        await ask_all(site)
        assert isinstance(site.workspace, FakeSlack)
        api, users = site.workspace.api, site.workspace.users
        everybody = [user for native, user in users.items() if native != SPONSOR]
        api.add_channel("C0PUBLIC", *everybody, name="alla", private=False)
        api.add_channel("C0SHARED", *everybody, name="delad", shared=True)
        yield Scene(site)


# --- forms --------------------------------------------------------------------------------------


async def test_a_form_that_is_sent_an_hour_later_is_answered(scene: Scene) -> None:
    david, form = scene.open["vote"]
    chosen = list(form.seen.choices["cases"])[:1]
    with scene.unchanged():
        reply = await david.submit(form, cases=chosen)
    assert calm(reply, DAVID)


async def test_a_form_that_is_sent_after_the_meeting_is_answered(scene: Scene) -> None:
    await scene.site.until("finish", 2)
    for who in (ASA, KARI, DAVID):
        person, form = scene.open[f"question of {who}"]
        with scene.unchanged():
            reply = await person.submit(form, case="för sent")
        assert reply.kind == "notice"
        assert catalogue(LANGUAGE[who])["case.closed"][0] in reply.seen.text
    kari, form = scene.open["check-in"]
    with scene.unchanged():
        reply = await kari.submit(form, words="for sent", tap="heavy", level="all")
    assert reply.kind == "notice"


async def test_a_form_that_is_sent_twice_counts_once(scene: Scene) -> None:
    johan = scene.site.persona("johan-wikstrom")
    form = await press(johan, "reflect")
    sent: list[tuple[bytes, str]] = []
    deliver = scene.site.deliver

    async def kept(body: bytes, *kind: str) -> Any:
        sent.append((body, *kind))
        return await deliver(body, *kind)

    scene.site.deliver = kept
    assert (await johan.submit(form, support="stödet", keep=True)).kind == "notice"
    scene.site.deliver = deliver
    with scene.unchanged():
        got = await deliver(*sent[0])
        await scene.site.settle()
    assert (got.status, got.text) == (200, "")


@pytest.mark.parametrize("how", ALTERED)
async def test_a_form_whose_meaning_was_altered_is_answered(scene: Scene, how: str) -> None:
    for who in (ASA, KARI, DAVID):
        person, form = scene.open[f"question of {who}"]
        assert form.view is not None
        meaning = ALTERED[how].replace("GROUP", scene.group)
        altered = replace(form, view=form.view | {"private_metadata": meaning})
        with scene.unchanged():
            reply = await person.submit(altered, case="något")
        assert calm(reply, who), reply


# --- buttons ------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", sorted(set(golden()) - OF_NO_GROUP))
async def test_an_old_button_is_answered(scene: Scene, kind: str) -> None:
    """Of a group that is gone, of a meeting that never was, and of a kind that was given up."""
    packed = golden()[kind]
    given_up = packed.replace(f'"kind":"{kind}"', f'"kind":"old-{kind}"')
    with pytest.raises(CannotUnpack):
        unpack(given_up)
    old = [packed, given_up]
    if '"meeting":4' in packed:
        old.append(packed.replace("g0123456789abcde", scene.group).replace(":4", ":99"))
    for button in old:
        for who in (ASA, KARI, DAVID):
            person = scene.site.persona(who)
            dm = await scene.site.workspace.dm(person.user)
            where = {"type": "message", "channel_id": dm}
            with scene.unchanged():
                reply = await person.act(button, container=where, channel={"id": dm})
            assert calm(reply, who), (button, reply)


# --- what is not from Slack ---------------------------------------------------------------------


async def test_what_is_forged_or_stale_changes_nothing(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    site, workspace = scene.site, scene.site.workspace
    user, dm = workspace.users[ASA], await workspace.dm(workspace.users[ASA])
    action = {"type": "button", "value": f'{{"group":"{scene.group}","yes":true,"kind":"invite"}}'}
    for name, value in (
        ("_secret", "f" * 32),
        ("_secret", ""),
        ("real", RealTime(site.real.now() - timedelta(seconds=301))),
        ("real", RealTime(site.real.now() + timedelta(seconds=301))),
    ):
        with monkeypatch.context() as forged, scene.unchanged():
            forged.setattr(site, name, value)
            got = [
                (await site.command(user, "", dm))[0],
                (await site.interact(user, "block_actions", actions=[action]))[0],
                await site.event({"type": "app_home_opened", "tab": "home", "user": user}),
            ]
        assert [one.status for one in got] == [401, 401, 401]


# --- places and triggers ------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["", "här", "fråga", "öppna", "lämna", "hjälp"])
async def test_a_command_in_any_channel_is_answered_to_one_person(scene: Scene, text: str) -> None:
    assert isinstance(scene.site.workspace, FakeSlack)
    api = scene.site.workspace.api
    users = scene.site.workspace.users
    api.add_channel("C0PUBLIC", *users.values(), name="alla", private=False)
    api.add_channel("C0SHARED", *users.values(), name="delad")
    before = {id: dict(one.messages) for id, one in api.channels.items()}
    for channel in ("C0PUBLIC", "C0SHARED", "C0UNKNOWN"):
        for who in (SPONSOR, LEADERS[0], ASA, KARI, DAVID):
            with scene.unchanged():
                reply = await scene.site.persona(who).write(f"/krets {text}".strip(), channel)
            assert reply.kind in ("form", "home", "notice")
    assert {id: one.messages for id, one in api.channels.items()} == before
    assert not any(one.ephemeral for one in api.channels.values())


@pytest.mark.parametrize("where", ["C0PUBLIC", "C0SHARED", "C0UNKNOWN"])
async def test_a_group_does_not_start_in_a_channel_that_is_not_its_own(
    gathered: Scene, where: str
) -> None:
    mats = gathered.site.persona(LEADERS[0])
    form = await mats.write("/krets här", where)
    with gathered.unchanged():
        reply = await mats.submit(form, where)
    assert reply.kind == "notice"
    assert catalogue("sv")["here.unseen"][0] in reply.seen.text
    assert gathered.site.ask("SELECT status FROM groups") == [("gathering",)]


async def test_a_trigger_that_has_expired_is_answered(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert isinstance(scene.site.workspace, FakeSlack)
    api = scene.site.workspace.api
    monkeypatch.setattr(api, "trigger", lambda _: "1.2.gone")
    for who in (ASA, KARI, DAVID):
        person = scene.site.persona(who)
        with scene.unchanged():
            reply = await person.write("/krets språk")
        assert calm(reply, who)
        monkeypatch.setattr(api, "trigger", lambda _: "1.3.gone")
        with scene.unchanged():
            reply = await press(person, "leave")  # which is there whatever has been tried before
        assert calm(reply, who)
