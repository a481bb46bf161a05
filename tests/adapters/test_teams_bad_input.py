"""Late, repeated, altered, misplaced: each has a calm answer in one's language, changing nothing.

A whole Krets beside our small Teams; the whole database is compared before and after.
"""

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from adapters.teams.dialogs import opens_dialog
from adapters.teams.shapes import ACTION
from bot.core.action import CannotUnpack, unpack
from tests.adapters.teams_people import filled, mention
from tests.core.test_actions import golden
from tests.core.words import catalogue
from tests.end_to_end.conftest import START
from tests.end_to_end.fake_teams import in_teams
from tests.end_to_end.site import Reply
from tests.end_to_end.story import (
    LEADERS,
    PEOPLE,
    SPONSOR,
    ask_all,
    bring,
    open_group,
    press,
    to_the_vote,
    vote,
)
from tests.end_to_end.teams_screen import told
from tests.end_to_end.teams_site import ROOM, Shown, TeamsPersona, TeamsSite

Json = dict[str, Any]
#: One who reads Swedish, one who reads Norwegian, one who reads English, and one of no group.
ASA, KARI, DAVID, PER = "asa-nystrom", "kari-nordby", "david-okafor", "per-lindqvist"
READERS = (ASA, KARI, DAVID)
LANGUAGE = {ASA: "sv", KARI: "nb", DAVID: "en", LEADERS[0]: "sv", PER: "sv", SPONSOR: "sv"}
#: Buttons that are always of use: what concerns me alone, and a group that is to be opened.
OF_NO_GROUP = {kind for kind, packed in golden().items() if '"group"' not in packed} | {"open"}
#: Changes that somebody may make to what a form means.
ALTERED = {
    "nothing": "",
    "no JSON": "{",
    "another kind": '{"kind":"dance"}',
    "an old version": '{"kind":"bring","v":0}',
    "too long": json.dumps({"kind": "rules", "group": "g" * 3000}),
    "another group": '{"group":"g0123456789abcde","meeting":2,"kind":"bring"}',
    "no meeting": '{"group":"GROUP","meeting":99,"kind":"bring"}',
    "what only a leader may": '{"group":"GROUP","meeting":2,"kind":"end"}',
    "what only a sponsor may": '{"group":"GROUP","kind":"close"}',
    "another room": '{"group":"GROUP","room":"19:elsewhere@thread.v2","kind":"here"}',
}


class Scene:
    """A vote that is over, and what is still open on somebody's telephone."""

    def __init__(self, site: TeamsSite) -> None:
        self.site = site
        #: What -> whose, and the dialog.
        self.open: dict[str, tuple[TeamsPersona, Shown]] = {}

    @property
    def group(self) -> str:
        found: str = self.site.ask("SELECT id FROM groups")[0][0]
        return found

    async def leave_open(self, what: str, who: str, label: str) -> None:
        person = self.site.persona(who)
        form = await press(person, label, ROOM)
        assert isinstance(form, Shown)
        self.open[what] = (person, form)

    @contextmanager
    def unchanged(self) -> Iterator[None]:
        before, messages = self.site.dump(), self.site.api.messages(ROOM)
        yield
        assert self.site.dump() == before
        assert self.site.api.messages(ROOM) == messages

    async def sent(self, who: str, activity: Json) -> Reply:
        return await self.site.persona(who).act(activity, ROOM)


def calm(reply: Reply, who: str) -> bool:
    """Whether it is the neutral sentence, in this person's language."""
    return reply.kind == "notice" and told(LANGUAGE[who], "unavailable") in reply.seen.text


@pytest.fixture(scope="module")
async def scene(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    async with in_teams(tmp_path_factory.mktemp("late") / "var", START) as site:
        scene, mats = Scene(site), site.persona(LEADERS[0])
        site.people.locale = "sv-SE"
        there = [one for one in (*LEADERS, *PEOPLE) if one != PER]
        await site.make_room(await ask_all(site, no=PER), there)
        await site.until("finish", 1)
        await site.until("question", 2)
        await bring(site.persona(ASA), "en fråga", ROOM)
        await bring(site.persona(KARI), "en annan", ROOM)
        for who in READERS:
            await scene.leave_open(f"question of {who}", who, "bring")
        await site.until("begin", 2)
        await to_the_vote(mats)
        await press(mats, "open the vote")
        for one in PEOPLE:
            if one not in (DAVID, PER):
                await vote(site.persona(one), ROOM, "en annan")
        await scene.leave_open("vote", DAVID, "vote")
        await press(mats, "close the vote")
        yield scene


# --- dialogs ------------------------------------------------------------------------------------


async def test_a_vote_that_is_sent_after_the_close_is_answered(scene: Scene) -> None:
    david, form = scene.open["vote"]
    with scene.unchanged():
        reply = await david.submit(form, cases=list(form.seen.choices["cases"])[:1])
    assert calm(reply, DAVID)


async def test_a_question_that_is_sent_after_the_close_is_answered(scene: Scene) -> None:
    for who in READERS:
        person, form = scene.open[f"question of {who}"]
        with scene.unchanged():
            reply = await person.submit(form, case="för sent")
        assert reply.kind == "notice"
        assert catalogue(LANGUAGE[who])["case.closed"][0] in reply.seen.text


@pytest.mark.parametrize("how", ALTERED)
async def test_a_dialog_whose_meaning_was_altered_is_answered(scene: Scene, how: str) -> None:
    for who in READERS:
        person, form = scene.open[f"question of {who}"]
        assert form.dialog is not None
        data = filled(form.dialog, {"case": "något"})
        data[ACTION] = ALTERED[how].replace("GROUP", scene.group)
        asked = scene.site.people.asked(who, "task/submit", data, ROOM)
        with scene.unchanged():
            reply = await person.act(asked, ROOM)
        assert calm(reply, who), reply


# --- buttons ------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", sorted(set(golden()) - OF_NO_GROUP))
async def test_an_old_button_is_answered(scene: Scene, kind: str) -> None:
    """Of a group that is gone, of a meeting that never was, and of a kind that was given up."""
    packed = golden()[kind]
    given_up = packed.replace(f'"kind":"{kind}"', f'"kind":"old-{kind}"')
    with pytest.raises(CannotUnpack):
        unpack(given_up)
    old = [(packed, ASA), (given_up, KARI)]
    if '"meeting":4' in packed:
        never = packed.replace("g0123456789abcde", scene.group).replace(":4", ":99")
        old.append((never, DAVID))
    with scene.unchanged():
        for button, who in old:
            data = {ACTION: button, "msteams": {"type": "task/fetch"}}
            activity = scene.site.people.pressed(who, {ACTION: button}, ROOM)
            if opens_dialog(unpack(packed)):
                activity = scene.site.people.asked(who, "task/fetch", data, ROOM)
            reply = await scene.sent(who, activity)
            assert calm(reply, who), (button, reply)


@pytest.mark.parametrize("who", [PER, SPONSOR])
async def test_a_press_of_somebody_who_is_not_in_the_group_is_answered(
    scene: Scene, who: str
) -> None:
    packed = f'{{"group":"{scene.group}","meeting":2,"answer":"late","kind":"attend"}}'
    ballot = f'{{"group":"{scene.group}","meeting":2,"kind":"cast"}}'
    people = scene.site.people
    with scene.unchanged():
        assert calm(await scene.sent(who, people.pressed(who, {ACTION: packed}, ROOM)), who)
        asked = people.asked(who, "task/fetch", {ACTION: ballot}, ROOM)
        assert calm(await scene.sent(who, asked), who)


async def test_a_press_that_comes_twice_counts_once(scene: Scene) -> None:
    packed = f'{{"group":"{scene.group}","meeting":2,"pause":true,"kind":"pause"}}'
    sent = scene.site.people.pressed(LEADERS[0], {ACTION: packed}, ROOM)
    await scene.sent(LEADERS[0], sent)
    with scene.unchanged():
        again = await scene.sent(LEADERS[0], sent)
    assert (again.kind, again.seen.text) == ("notice", "Klart.")


# --- messages -----------------------------------------------------------------------------------


@pytest.mark.parametrize("missing", ["channelData", "text", "from", "conversation", "recipient"])
async def test_an_activity_without_a_part_changes_nothing(scene: Scene, missing: str) -> None:
    for where in ("", ROOM):
        sent = scene.site.people.written(ASA, "hej", where)
        del sent[missing]
        with scene.unchanged():
            got = await scene.site.people.post(sent)
            await scene.site.settle()
        assert got.status == (400 if missing == "conversation" else 200)


async def test_a_mention_of_somebody_named_like_krets_changes_nothing(scene: Scene) -> None:
    alike = scene.site.people.by(ASA, ROOM) | {"type": "message"}
    alike |= {"text": "<at>Krets</at> öppna", "entities": [mention(f"29:{KARI}")]}
    before = len(scene.site.people.own(ASA))
    with scene.unchanged():
        assert (await scene.site.people.post(alike)).status == 200
    assert len(scene.site.people.own(ASA)) == before


async def test_a_second_installation_changes_nothing(scene: Scene) -> None:
    installed = {"type": "installationUpdate", "action": "add"}
    with scene.unchanged():
        assert (await scene.site.persona(ASA).act(installed, ROOM)).kind == "nothing"
        home = await scene.site.persona(ASA).act(installed)
    assert home.kind == "home"
    assert "Språk" in home.seen.labels()


@pytest.mark.parametrize("text", ["", "här", "fråga", "öppna"])
async def test_a_command_in_any_room_is_answered_to_one_person(scene: Scene, text: str) -> None:
    scene.site.api.add_chat("19:all@thread.v2", *LANGUAGE)
    for where in (ROOM, "19:all@thread.v2"):
        for who in (SPONSOR, LEADERS[0], DAVID):
            # The way to a room is taken up with the first word from it.
            await scene.site.persona(who).write("/krets hjälp", where)
            with scene.unchanged():
                reply = await scene.site.persona(who).write(f"/krets {text}".strip(), where)
            assert reply.kind in ("form", "home", "notice")
    assert scene.site.api.messages("19:all@thread.v2") == []


async def test_a_form_with_faults_comes_back_with_all_that_was_typed(scene: Scene) -> None:
    with scene.unchanged():
        reply = await open_group(scene.site, place="Rum 4", date="2020-01-01", link="http://x")
    assert reply.kind == "errors"
    assert catalogue("sv")["error.past"][0] in reply.seen.text
    assert catalogue("sv")["error.link"][0] in reply.seen.text
    assert "Rum 4" in reply.seen.text
