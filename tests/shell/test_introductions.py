"""Whoever is written to for the first time is asked about at their platform before."""

from datetime import timedelta

from bot.board import TryLater
from bot.core.decision import Decision
from bot.core.effect import Prefer
from bot.core.event import Identity
from bot.messenger import Profile
from tests.shell.stage import Stage, put
from tests.shell.test_board import begin, go_on, said


async def test_whom_the_platform_has_not_told_of_is_asked_about_before_the_first_word(
    stage: Stage,
) -> None:
    new = Identity("p", "t", "U77")
    person = await stage.bot.person(new)
    assert not await stage.bot.knows(new)
    await begin(stage, put("a", person=person), put("b", person=person))
    assert said(stage) == [("profile", "U77"), ("post", "U77", "Hej x"), ("post", "U77", "Hej x")]
    assert await stage.bot.knows(new)
    assert (new, person, "U77 told", "sv") in await stage.bot.people("p", "t")


async def test_a_language_of_ones_own_choice_stays_when_one_is_introduced(stage: Stage) -> None:
    new = Identity("p", "t", "U77")
    person = await stage.bot.person(new)
    await stage.decide(Decision(effects=(Prefer(person, "en"),)))
    await begin(stage, put("a", person=person))
    assert said(stage) == [("profile", "U77"), ("post", "U77", "Hello x")]


async def test_until_somebody_tells_their_language_a_group_speaks_its_own_to_them(
    stage: Stage,
) -> None:
    new = Identity("p", "t", "U77")
    person, stage.messenger.told = await stage.bot.person(new), ("", "")
    await begin(stage, put("a", person=person), language="sv")
    assert said(stage) == [("profile", "U77"), ("post", "U77", "Hej x")]
    await stage.bot.introduce(new, Profile("", "en", "Europe/Stockholm"))
    await go_on(stage, put("b", person=person))
    assert said(stage)[-1] == ("post", "U77", "Hello x")


async def test_a_profile_that_will_not_come_holds_back_only_its_own_message(stage: Stage) -> None:
    person = await stage.bot.person(Identity("p", "t", "U77"))
    stage.messenger.errors = [TryLater(timedelta(minutes=1))]
    await begin(stage, put("a", person=person), put("b"))
    assert said(stage) == [("profile", "U77"), ("post", "U1", "Hej x")]
    assert (await stage.posts())["a"][0] == "pending"
    stage.real += timedelta(minutes=1)
    await stage.board.show("g1")
    assert said(stage)[-1] == ("post", "U77", "Hej x")
