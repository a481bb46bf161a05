"""What comes to pass without anybody asking: in rooms, to messages, to people, to organisations."""

import asyncio
import sqlite3
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.app import KEPT
from bot.board import Refused, TryLater, Unreachable
from bot.core.action import LeaveGroup
from bot.core.card import Button, Buttons, Card, T, Text
from bot.core.decision import UNAVAILABLE, Decision
from bot.core.effect import OpenRoom, Person, Put, Room, ShowAgain, UseRoom
from bot.core.event import (
    ButtonPressed,
    CouldNotReach,
    Event,
    Happening,
    Identity,
    MemberChanged,
    NotSure,
    Place,
    RoomChanged,
    RoomSeen,
)
from bot.core.facts import Facts
from bot.core.model import Group
from bot.looking import Lookout
from bot.messenger import Look
from tests.shell.stage import ANNA, CANARY, PRIVATE, ROOM, Stage, a_group, put, submit
from tests.shell.test_board import begin, go_on, said

BO = Identity("p", "t", "U2")
CORNER = Place("p", "t", "C2", private=False)


def came(id: str = "e1", who: Identity = BO) -> MemberChanged:
    return MemberChanged(id, who, ROOM, came=True)


async def hears(
    stage: Stage, event: Happening | CouldNotReach | NotSure, *effects: object
) -> list[tuple[Event, Facts]]:
    """Let this happen; what the rules were asked."""
    asked: list[tuple[Event, Facts]] = []

    def rule(group: Group | None, event: Event, facts: Facts) -> Decision:
        asked.append((event, facts))
        return Decision(group, effects) if effects else Decision()  # type: ignore[arg-type]

    stage.rule = rule
    await stage.bot.happened(event)
    return asked


# --- what the rules are told --------------------------------------------------------------------


async def test_what_happens_in_a_group_s_room_comes_to_its_rules(stage: Stage) -> None:
    await begin(stage, UseRoom("g1", ROOM))
    [(event, facts)] = await hears(stage, came())
    assert (event, facts.me) == (came(), "bo")
    look = RoomSeen("e2", replace(ROOM, people=(ANNA, BO)), "ok")
    [(_, facts)] = await hears(stage, look)
    assert facts.here == ("anna", "bo")
    [(_, facts)] = await hears(stage, CouldNotReach("g1", "anna"))
    assert (facts.platform, facts.tenant, facts.me) == ("p", "t", "")


async def test_what_happens_elsewhere_concerns_nobody(stage: Stage) -> None:
    await begin(stage, UseRoom("g1", ROOM))
    for where in (CORNER, replace(ROOM, tenant="other")):
        assert await hears(stage, RoomChanged("e1", where, "lost")) == []
    assert await hears(stage, CouldNotReach("none", "anna")) == []


async def test_what_has_changed_something_is_heard_once(stage: Stage) -> None:
    await begin(stage, UseRoom("g1", ROOM))
    assert len(await hears(stage, came())) == 1
    assert len(await hears(stage, came(), put("a"))) == 1, "what changed nothing may come again"
    assert await hears(stage, came(), put("a")) == []
    await stage.board.show("g1")
    assert said(stage) == [("post", "U1", "Hej x")]


async def test_whoever_is_deactivated_is_told_of_in_each_of_their_groups(stage: Stage) -> None:
    await begin(stage)
    await stage.decide(Decision(a_group("g2")))
    heard: list[Event] = []

    def rule(_: Group | None, event: Event, __: Facts) -> Decision:
        heard.append(event)
        return Decision()

    stage.rule = rule
    await stage.bot.gone(ANNA)
    await stage.bot.gone(Identity("p", "t", "U999"))
    assert heard == [CouldNotReach("g1", "anna"), CouldNotReach("g2", "anna")]


# --- what the board tells -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "told"),
    [(Unreachable("user_disabled"), [CouldNotReach("g1", "anna")]), (Refused("too_long"), [])],
)
async def test_a_person_who_cannot_be_reached_is_told_and_a_fault_of_ours_is_not(
    stage: Stage, error: Exception, told: list[CouldNotReach]
) -> None:
    stage.messenger.errors = [error]
    await begin(stage, put("a"))
    assert stage.fates == told


async def test_whom_the_platform_calls_no_member_cannot_be_reached(stage: Stage) -> None:
    person = await stage.bot.person(Identity("p", "t", "U77"))
    stage.messenger.errors = [Refused("guest")]
    await begin(stage, put("a", person=person))
    assert stage.fates == [CouldNotReach("g1", person)]


@pytest.mark.parametrize("error", [Refused("restricted_action"), Refused("name_taken")])
async def test_a_room_that_may_not_be_made_is_told(stage: Stage, error: Exception) -> None:
    stage.messenger.errors = [error]
    await begin(stage, OpenRoom("g1", ("anna",)), put("hello", person=""))
    assert stage.fates == [CouldNotReach("g1", "")]
    await go_on(stage, ShowAgain(Room("g1")))
    assert [one[0] for one in said(stage)] == ["open_room", "open_room", "post"]


async def test_what_is_uncertain_is_told_once_and_anew_when_it_is_so_again(stage: Stage) -> None:
    stage.messenger.errors = [RuntimeError(CANARY)]
    await begin(stage, put("a"))
    await stage.board.judge()
    assert stage.fates == [NotSure("g1", "anna")]
    stage.messenger.errors = [RuntimeError(CANARY)]
    await go_on(stage, ShowAgain(Person("anna")))
    assert stage.fates == [NotSure("g1", "anna")] * 2


# --- again, and elsewhere -----------------------------------------------------------------------


async def test_what_is_shown_again_is_posted_once_more_there_and_nowhere_else(
    stage: Stage,
) -> None:
    stage.messenger.errors = [RuntimeError(), Unreachable("blocked"), RuntimeError()]
    await begin(stage, put("a"), put("b"), put("a", person="bo"))
    said(stage)
    await go_on(stage, ShowAgain(Person("anna")))
    assert said(stage) == [("post", "U1", "Hej x")] * 2
    states = {state for state, _, _ in (await stage.posts()).values()}
    assert states == {"shown", "uncertain"}


async def test_a_press_from_a_message_that_perhaps_arrived_proves_it(stage: Stage) -> None:
    card = Card(
        (
            Text(T("hello", {"name": "x"})),
            Buttons((Button(T("hello", {"name": "b"}), LeaveGroup("g1")),)),
        )
    )
    stage.messenger.errors = [RuntimeError()]
    await begin(stage, Put(Person("anna"), "a", card), put("b"))
    said(stage)
    await stage.decide(UNAVAILABLE, ButtonPressed("e1", BO, PRIVATE, LeaveGroup("g1"), "m1"))
    assert (await stage.posts())["a"] == ("uncertain", 1, 0), "somebody else's message"
    await stage.decide(UNAVAILABLE, ButtonPressed("e2", ANNA, PRIVATE, LeaveGroup("g1"), "m1"))
    await stage.board.show("g1")
    assert said(stage) == [("edit", "U1", "m1", "Hej x")]
    assert (await stage.posts())["a"] == ("shown", 1, 1)


async def test_a_message_without_that_button_proves_nothing(stage: Stage) -> None:
    stage.messenger.errors = [RuntimeError()]
    await begin(stage, put("a"))
    await stage.decide(UNAVAILABLE, ButtonPressed("e1", ANNA, PRIVATE, LeaveGroup("g1"), "m1"))
    assert (await stage.posts())["a"] == ("uncertain", 1, 0)


async def test_in_another_room_all_is_posted_anew_and_the_old_one_is_left_alone(
    stage: Stage,
) -> None:
    await begin(stage, UseRoom("g1", ROOM), put("a", person=""), put("old", person=""), put("b"))
    said(stage)
    await go_on(stage, UseRoom("g1", CORNER), put("a", person=""))
    assert said(stage) == [("post", "C2", "Hello x")]
    await go_on(stage, UseRoom("g1", CORNER), put("a", "new", person=""))
    assert said(stage) == [("edit", "C2", "r3", "Hello new")]


# --- an organisation takes Krets out ------------------------------------------------------------


async def test_what_an_organisation_s_groups_wrote_is_destroyed_when_krets_is_taken_out(
    stage: Stage,
) -> None:
    def write(group: Group | None, event: Event, _: Facts) -> Decision:
        assert group is not None
        return Decision(group.with_item("1/meeting", "case/1", CANARY))

    await begin(stage)
    await stage.decide(write, submit({}))
    assert len(stage.key_files()) == 1
    await stage.bot.forget("p", "other")
    assert len(stage.key_files()) == 1
    await stage.bot.forget("p", "t")
    assert stage.key_files() == []
    assert dict((await stage.group()).drawers) == {}


def rows(stage: Stage) -> dict[str, int]:
    """How many rows each table has, of those with any."""
    with sqlite3.connect(stage.file) as base:
        names = [
            name for (name,) in base.execute("select name from sqlite_master where type='table'")
        ]
        found = {name: base.execute(f"select count(*) from {name}").fetchone()[0] for name in names}
    base.close()
    return {name: count for name, count in found.items() if count}


async def test_thirty_days_later_nothing_of_it_is_left(stage: Stage) -> None:
    await begin(stage, UseRoom("g1", ROOM), put("a"))
    other = Identity("p", "other", "U1")
    await stage.bot.person(other)
    await stage.bot.forget("p", "t")
    stage.real += KEPT
    await stage.bot.prune()
    assert rows(stage)["groups"] == 1
    stage.real += timedelta(seconds=1)
    await stage.bot.prune()
    left = rows(stage)
    assert set(left) == {"alembic_version", "identities", "methods", "people"}
    assert (left["identities"], left["people"]) == (1, 1), "of the other organisation"


async def test_an_organisation_that_comes_back_goes_on(stage: Stage) -> None:
    await begin(stage)
    await stage.bot.forget("p", "t")
    await stage.group()
    stage.real += 2 * KEPT
    await stage.bot.prune()
    assert rows(stage)["groups"] == 1


async def test_whoever_is_a_colleague_no_more_is_asked_about_again(stage: Stage) -> None:
    assert await stage.bot.knows(ANNA)
    await stage.bot.gone(ANNA)
    assert not await stage.bot.knows(ANNA)


# --- the daily look -----------------------------------------------------------------------------


async def looked(stage: Stage, stop: asyncio.Event | None = None) -> list[Happening]:
    seen: list[Happening] = []

    async def happened(event: Happening) -> None:
        seen.append(event)

    lookout = Lookout(
        store=stage.store,
        messengers={"p": stage.messenger},
        happened=happened,
        fresh=lambda: "look",
        stop=stop or asyncio.Event(),
    )
    await lookout.round()
    return seen


async def test_every_room_of_a_running_group_is_looked_at(stage: Stage) -> None:
    await begin(stage, UseRoom("g1", ROOM))
    await stage.decide(
        lambda *_: Decision(a_group("g2", status="closed"), (UseRoom("g2", CORNER),))
    )
    stage.messenger.seen = Look((ANNA, BO), "shared")
    assert await looked(stage) == [RoomSeen("look", replace(ROOM, people=(ANNA, BO)), "shared")]
    assert said(stage) == [("look", "C1")]


async def test_a_room_that_cannot_be_reached_is_lost(stage: Stage) -> None:
    await begin(stage, UseRoom("g1", ROOM))
    stage.messenger.errors = [Unreachable("channel_not_found")]
    assert await looked(stage) == [RoomSeen("look", ROOM, "lost")]


@pytest.mark.parametrize(
    "error", [TryLater(timedelta(hours=1)), Refused("x"), RuntimeError(CANARY)]
)
async def test_what_is_not_told_changes_nothing(
    stage: Stage, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    await begin(stage, UseRoom("g1", ROOM))
    stage.messenger.errors = [error]
    assert await looked(stage) == []
    assert CANARY not in caplog.text


async def test_a_platform_that_asks_for_a_little_patience_gets_it(stage: Stage) -> None:
    await begin(stage, UseRoom("g1", ROOM))
    stage.messenger.errors = [TryLater(timedelta(0))]
    assert len(await looked(stage)) == 1


async def test_a_stop_ends_the_round(stage: Stage) -> None:
    await begin(stage, UseRoom("g1", ROOM))
    stop = asyncio.Event()

    async def then_stop() -> None:
        stop.set()

    stage.messenger.during, stage.messenger.errors = then_stop, [TryLater(timedelta(minutes=1))]
    assert await looked(stage, stop) == []
