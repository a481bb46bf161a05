"""One event, one transaction: what is saved, what is answered, and what is not."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.action import ChooseLanguage
from bot.core.card import Form, PeopleField, T
from bot.core.decision import Decision, Nothing, Notice, OpenForm
from bot.core.effect import LetOut, OpenRoom, Person, Prefer, Remove, UseRoom
from bot.core.event import ButtonPressed, CommandGiven, HomeOpened, Identity, Picked, Place
from bot.core.facts import Facts
from bot.core.model import Group
from bot.store import LostRace
from tests.shell.stage import (
    ANNA,
    CANARY,
    PRIVATE,
    ROOM,
    SHOW,
    Stage,
    a_group,
    press,
    put,
    submit,
)

OTHER = Identity("p", "other", "U1")


# --- saving and answering -----------------------------------------------------------------------


async def test_a_group_is_saved_and_found_again(stage: Stage) -> None:
    group = a_group(drawers={"1/meeting": {"case/1": CANARY}})
    await stage.decide(Decision(group, (put("a"),), Notice(T("hello", {"name": "x"}))))
    assert await stage.group() == group
    assert stage.engine.queue == [SHOW]


async def test_the_answer_can_be_rendered_for_the_one_who_acted(stage: Stage) -> None:
    answer = await stage.decide(Decision(a_group(), reply=Notice(T("hello"))))
    assert answer.reply == Notice(T("hello"))
    assert answer.view.language == "sv"
    assert answer.view.groups.keys() == {"g1"}
    assert answer.view.names == {"anna": "Anna", "bo": "Bo", "lea": "Lea", "spo": "Spo"}
    assert answer.view.help_text == "Help"


async def test_a_decision_that_changes_nothing_may_be_made_again(stage: Stage) -> None:
    event = press()
    for _ in range(2):
        answer = await stage.decide(Decision(reply=Notice(T("hello"))), event)
        assert answer.reply == Notice(T("hello"))
    assert stage.engine.queue == []


async def test_a_card_that_stays_as_it_is_asks_for_no_work(stage: Stage) -> None:
    group = a_group()
    await stage.decide(Decision(group, (put("a"),)))
    await stage.decide(Decision(replace(group, place="Rum 5"), (put("a"),)))
    assert stage.engine.queue == [SHOW]
    await stage.decide(Decision(effects=(Remove(Person("anna"), "never shown"),)))
    assert stage.engine.queue == [SHOW]


async def test_the_same_event_changes_once(stage: Stage) -> None:
    event = press()
    decision = Decision(a_group(), (put("a"),), Notice(T("hello")))
    first, second = await stage.decide(decision, event), await stage.decide(decision, event)
    assert first.reply == Notice(T("hello"))
    assert second.reply == Nothing()
    assert (await stage.posts())["a"] == ("pending", 1, 0)
    stage.real += timedelta(days=3)
    await stage.bot.prune()
    await stage.decide(lambda group, *_: Decision(group, (), Notice(T("hello"))), event)
    elsewhere = press(who=OTHER, id=event.id)
    answer = await stage.decide(Decision(reply=Notice(T("hello"))), elsewhere)
    assert answer.reply == Notice(T("hello"))


async def test_twenty_at_once_all_count(stage: Stage) -> None:
    await stage.decide(Decision(a_group()))

    def vote(group: Group, event: ButtonPressed, facts: Facts) -> Decision:
        return Decision(group.with_item("1/vote", f"ballot/{event.id}", CANARY))

    stage.rule = vote
    await asyncio.gather(*(stage.bot.handle(press()) for _ in range(20)))
    assert len((await stage.group()).items("1/vote", "ballot/")) == 20


async def test_a_lost_race_is_decided_again(stage: Stage) -> None:
    await stage.decide(Decision(a_group()))
    lost = 3

    def rule(group: Group, *_: object) -> Decision:
        nonlocal lost
        lost -= 1
        if lost >= 0:
            raise LostRace
        return Decision(replace(group, place="Room 2"))

    await stage.decide(rule)
    assert (await stage.group()).place == "Room 2"
    lost = 99
    with pytest.raises(LostRace):
        await stage.decide(rule)


async def test_what_concerns_several_groups_is_saved_in_all_of_them_or_in_none(
    stage: Stage,
) -> None:
    for id in ("g1", "g2"):
        await stage.decide(Decision(a_group(id, drawers={"1/meeting": {"a": CANARY}})))

    def erase(_: object, __: object, facts: Facts) -> Decision:
        parts = (Decision(one.with_item("1/meeting", "a", "")) for one in facts.mine)
        return Decision(reply=Notice(T("hello", {"name": "x"})), parts=tuple(parts))

    async def left() -> list[str]:
        found: list[str] = []

        def look(_: object, __: object, facts: Facts) -> Decision:
            found.extend(one.id for one in facts.mine if one.item("1/meeting", "a"))
            return Decision()

        await stage.decide(look, HomeOpened("look", ANNA, PRIVATE))
        return found

    event = ButtonPressed("twins", ANNA, PRIVATE, ChooseLanguage())
    made, make = [stage.keyring.make()], stage.keyring.make
    stage.keyring.make = made.pop
    with pytest.raises(IndexError):
        await stage.decide(erase, event)
    assert await left() == ["g1", "g2"]
    stage.keyring.make = make
    answer = await stage.decide(erase, event)
    assert [one.item("1/meeting", "a") for one in answer.view.groups.values()] == ["", ""]
    assert await left() == []
    again = await stage.decide(erase, event)
    assert again.reply == Nothing(), "once only"


async def test_a_failing_rule_leaves_nothing(stage: Stage) -> None:
    def rule(*_: object) -> Decision:
        raise ValueError

    await stage.decide(Decision(a_group()))
    event = press()
    with pytest.raises(ValueError, match=r"^$"):
        await stage.decide(rule, event)
    answer = await stage.decide(Decision(reply=Notice(T("hello"))), event)
    assert answer.reply == Notice(T("hello"))


# --- what a rule is told ------------------------------------------------------------------------


async def test_a_group_of_another_organisation_is_not_there(stage: Stage) -> None:
    await stage.decide(Decision(a_group(sponsors=("anna",))))
    seen: list[object] = []

    def rule(group: Group | None, _: object, facts: Facts) -> Decision:
        seen.append((group, facts.mine))
        return Decision(a_group(tenant="other", name="Taken over"))

    answer = await stage.decide(rule, press(who=OTHER))
    assert seen == [(None, ())]
    assert answer.reply == Notice(T("unavailable"))
    assert (await stage.group()).name == "Eken"


async def test_my_groups_are_told_where_no_group_is_named(stage: Stage) -> None:
    for id, changes in {
        "g1": {},
        "g2": {"members": (), "sponsors": ("anna",)},
        "g3": {"members": ()},
    }.items():
        await stage.decide(Decision(a_group(id, **changes)))
    seen: list[tuple[str, ...]] = []

    def rule(group: Group | None, _: object, facts: Facts) -> Decision:
        assert group is None
        seen.append(tuple(one.id for one in facts.mine))
        return Decision()

    await stage.decide(rule, CommandGiven("c1", ANNA, PRIVATE, ""))
    await stage.decide(rule, HomeOpened("c2", ANNA, PRIVATE))
    await stage.decide(rule, ButtonPressed("c3", ANNA, PRIVATE, ChooseLanguage()))
    assert seen == [("g1", "g2")] * 3


async def test_those_who_left_or_said_no_have_no_part(stage: Stage) -> None:
    await stage.decide(Decision(a_group()))

    def leave(group: Group, *_: object) -> Decision:
        return Decision(
            replace(group, members=tuple(replace(one, status="left") for one in group.members))
        )

    await stage.decide(leave)
    assert await stage.store.run(lambda unit: unit.groups.of_person("anna", "p", "t")) == []
    assert await stage.store.run(lambda unit: unit.groups.of_person("lea", "p", "t")) == ["g1"]


async def test_people_in_a_form_and_in_a_room_become_people(stage: Stage) -> None:
    await stage.decide(Decision(a_group(), (UseRoom("g1", ROOM),)))
    stranger = Identity("p", "t", "U99")
    seen: list[object] = []

    def rule(_: object, event: object, facts: Facts) -> Decision:
        seen.append((event.answers, facts.here, facts.room_of, facts.me, facts.language))
        return Decision(reply=Notice(T("hello")))

    event = submit({"who": (ANNA, stranger), "text": "x", "some": ("a",), "none": ()})
    place = replace(ROOM, people=(ANNA, Identity("p", "t", "U2")))
    answer = await stage.decide(rule, replace(event, place=place))
    new = await stage.bot.person(stranger)
    answers = {"who": Picked(("anna", new)), "text": "x", "some": ("a",), "none": ()}
    assert seen == [(answers, ("anna", "bo"), "g1", "anna", "sv")]
    assert answer.view.names[new] == "U99"
    assert (stranger, new, "U99", "") in await stage.bot.people("p", "t")


async def test_a_form_that_asks_for_anybody_knows_everybodys_name(stage: Stage) -> None:
    form = Form(T("hello"), ChooseLanguage(), (PeopleField("who", T("hello"), 3),))
    answer = await stage.decide(Decision(reply=OpenForm(form)), press("none"))
    assert answer.view.names.keys() == {"anna", "bo", "lea", "spo"}
    among = Form(T("hello"), ChooseLanguage(), (PeopleField("who", T("hello"), 3, ("bo",)),))
    answer = await stage.decide(Decision(reply=OpenForm(among)), press("none"))
    assert answer.view.names.keys() == {"anna"}


async def test_a_chosen_language_is_used_from_then_on(stage: Stage) -> None:
    event = ButtonPressed("c1", ANNA, PRIVATE, ChooseLanguage())
    answer = await stage.decide(Decision(effects=(Prefer("anna", "nb"),)), event)
    assert answer.view.language == "nb"
    assert stage.engine.queue == []


# --- posts --------------------------------------------------------------------------------------


async def test_an_equal_card_is_no_new_revision(stage: Stage) -> None:
    await stage.decide(Decision(a_group(), (put("a"), Remove(Person("anna"), "never"))))
    await stage.decide(lambda group, *_: Decision(group, (put("a"),)))
    assert await stage.posts() == {"a": ("pending", 1, 0)}
    await stage.decide(lambda group, *_: Decision(group, (put("a", "y"),)))
    assert await stage.posts() == {"a": ("pending", 2, 0)}


async def test_rooms_are_rows_of_their_own(stage: Stage) -> None:
    effects = (OpenRoom("g1", ("anna",)), LetOut("g1", "anna"))
    await stage.decide(Decision(a_group(), effects))
    assert (await stage.posts()).keys() == {"room", "member/anna"}
    place = Place("p", "t", "C9", private=False)
    await stage.decide(lambda group, *_: Decision(group, (UseRoom("g1", place),)))
    assert await stage.store.run(lambda unit: unit.groups.room("g1")) == place
