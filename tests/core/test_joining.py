"""Own sign-up: a coordinator opens, people find the group themselves, and nobody else sees who."""

from dataclasses import replace
from typing import Any

import pytest

from bot.core.action import AnswerInvite, AskMore, OpenGroup, SignUp
from bot.core.card import Buttons, Card, Choice, Details, When, Who
from bot.core.decision import FieldErrors, Home, OpenForm
from bot.core.event import CommandGiven, Identity
from bot.core.facts import Facts
from bot.core.figures import OpenSignUp, sign_up_of
from bot.core.handle import handle
from bot.core.joining import SHOWN
from bot.core.model import Group
from bot.core.opening import open_form, open_group
from tests.core.play import (
    COORDINATOR,
    LEADERS,
    OPENER,
    OPENING,
    POOL,
    SPONSOR,
    Play,
    inside,
    jonkoping,
    keys,
    people,
    person_place,
    shipped,
)
from tests.core.stages import signing


def found(play: Play, person: str) -> tuple[Card, ...]:
    """What `/krets join` shows."""
    reply = play.command(person, "join")
    assert isinstance(reply, Home)
    return reply.cards


def offered(play: Play, person: str) -> set[str]:
    """The groups that it offers."""
    buttons = [one for row in inside(found(play, person), Buttons) for one in row.buttons]
    return {one.action.group for one in buttons}


def asked_with(opener: str, method: str = "at-risk", **changes: Any) -> Play:
    play = Play(shipped(method))
    leaders = LEADERS[: play.method.leaders]
    play.command(opener, "open")
    usual = {"name": "", "method": method, "leaders": leaders, "pool": (), "every": "usual"}
    play.fill(opener, **{**OPENING, **usual, **changes})
    return play


# --- opening ------------------------------------------------------------------------------------


def methods_offered(facts: Facts) -> list[str]:
    reply = open_form(facts).reply
    assert isinstance(reply, OpenForm)
    choices = [one for one in inside(reply.form.fields, Choice) if one.name == "method"]
    return [option.value for option in choices[0].options]


def test_a_sponsor_is_not_offered_such_a_method_and_cannot_open_it() -> None:
    both = {id: ("hash", shipped(id)) for id in ("at-risk", "jonkoping")}
    facts = replace(Play().facts(SPONSOR), methods=both)
    assert methods_offered(facts) == ["jonkoping"]
    assert methods_offered(replace(facts, coordinates=True)) == ["at-risk", "jonkoping"]
    forged = {**OPENING, "method": "at-risk"}
    reply = open_group(None, OpenGroup("g" + "0" * 15), forged, facts).reply
    assert isinstance(reply, FieldErrors)
    assert "method" in reply.errors


def test_the_group_has_the_neutral_name_of_its_method_unless_it_has_another() -> None:
    assert signing().group.name == "Samtalsgrupp"
    assert asked_with(OPENER, name="Torsdagsgruppen").group.name == "Torsdagsgruppen"
    assert asked_with(OPENER, name="Frisksportarna").group.name == "Frisksportarna"


@pytest.mark.parametrize("name", ["Stressgruppen", "Vi med UTMATTNING", "sjukskrivna", "(Risk)"])
def test_a_name_that_tells_is_refused(name: str) -> None:
    play = asked_with(OPENER, name=name)
    assert play.errors(OPENER) == {"name": "error.name.telling"}


def test_nobody_is_asked_and_a_pool_is_refused() -> None:
    assert asked_with(OPENER, pool=POOL).errors(OPENER) == {"pool": "error.pool.own"}
    play = signing()
    assert {to.id for to, _ in play.shown} == {*LEADERS, OPENER}
    assert "open.done.own" in play.keys(OPENER)
    assert "gather.own" in play.keys("lena")
    assert "gather.waiting" not in play.keys("lena")
    assert not people(play.chat(OPENER)["sponsor"])


def test_a_coordinator_can_open_any_other_group_as_a_sponsor_does() -> None:
    play = asked_with(OPENER, "jonkoping", name="", pool=())
    assert play.errors(OPENER) == {"name": "error.empty", "pool": "error.pool"}


# --- finding it ---------------------------------------------------------------------------------


@pytest.mark.parametrize("word", ["join", "anmäl", "anmal", "meld", "ANMÄL mig"])
def test_anybody_finds_what_it_is_called_when_it_is_and_who_leads(word: str) -> None:
    play = signing("at-risk", 3)
    reply = play.command("stranger", word)
    assert isinstance(reply, Home)
    (card,) = reply.cards
    assert people(card) == set(LEADERS)
    assert list(inside(card, When))
    assert not list(inside(card, Details)), "no numbers"
    assert {"join", "join.shown", "rhythm.1", "weekdays.2"} <= keys(card)


def test_it_is_found_when_all_who_lead_have_said_yes_and_until_it_starts() -> None:
    play = asked_with(OPENER)
    assert offered(play, "stranger") == set()
    play.tap("lena", "lead.yes")
    assert play.told("lena") == "lead.yes.own"
    assert offered(play, "stranger") == set()
    play.tap("omar", "lead.yes")
    assert offered(play, "stranger") == {play.group.id}
    for person in POOL[:4]:
        play.press(person, SignUp(play.group.id))
    play.tap("lena", "gather.show")
    play.tap("lena", "gather.start")
    assert offered(play, "stranger") == set()
    assert "join.none" in keys(found(play, "stranger"))


def test_it_is_found_until_it_is_full() -> None:
    play = signing("at-risk", 8)
    assert offered(play, "stranger") == set()
    play.press("stranger", SignUp(play.group.id))
    assert play.told("stranger") == "unavailable"
    play.press("anna", AnswerInvite(play.group.id, False))
    assert offered(play, "stranger") == {play.group.id}


@pytest.mark.parametrize("person", [OPENER, *LEADERS, "anna"])
def test_whoever_has_a_part_already_is_not_offered_another(person: str) -> None:
    play = signing("at-risk", 1)
    assert offered(play, person) == set()
    play.press(person, SignUp(play.group.id))
    assert play.told(person) == "unavailable"


def test_no_other_group_is_listed() -> None:
    play = signing()
    other = replace(play.group, id="other", method=jonkoping())
    play.groups["other"] = other
    assert offered(play, "stranger") == {play.group.id}
    for person in ("stranger", "anna"):
        play.press(person, SignUp("other"))
        assert play.told(person) == "unavailable"


def test_they_come_in_the_order_in_which_they_begin() -> None:
    play = signing()
    later = replace(play.group, id="a-later", meetings=play.group.meetings[1:])
    play.groups["a-later"] = later
    wanted = (listed(later), listed(play.group))
    facts = replace(play.facts("stranger"), sign_ups=wanted)
    who = Identity("playground", "t1", "stranger")
    reply = handle(None, CommandGiven("", who, person_place("stranger"), "join"), facts).reply
    assert isinstance(reply, Home)
    rows = [next(inside(card, Buttons)) for card in reply.cards]
    assert [row.buttons[0].action.group for row in rows] == [play.group.id, "a-later"]


def test_only_as_many_are_listed_as_a_message_holds() -> None:
    play = signing()
    for n in range(SHOWN):
        play.groups[f"g{n}"] = replace(play.group, id=f"g{n}")
    cards = found(play, "stranger")
    assert len(list(inside(cards, SignUp))) == SHOWN
    assert "join.more" in keys(cards[-1])


def listed(group: Group) -> OpenSignUp:
    found = sign_up_of(group, "stranger")
    assert found is not None
    return found


# --- being in -----------------------------------------------------------------------------------


def test_a_yes_is_a_yes_at_once_and_those_who_lead_see_it() -> None:
    play = signing()
    play.press("anna", SignUp(play.group.id))
    assert play.told("anna") == "join.done"
    assert play.group.people == ("anna",)
    assert set(play.buttons("anna")) == {"invite.tell", "invite.change"}
    assert "anna" in people(play.chat("lena")["gather"])


def test_nobody_else_sees_who_is_in_not_even_the_coordinator() -> None:
    play = signing("at-risk", 5)
    for person in (OPENER, COORDINATOR, SPONSOR, "stranger"):
        seen = [*play.chat(person).values(), *play.home(person), *found(play, person)]
        assert not people(seen) & set(POOL), person
        assert not [who for who in inside(seen, Who) if set(who.people) & set(POOL)]
    assert "facts.first" in keys(play.home(OPENER)), "the coordinator has the four facts"
    for person in (SPONSOR, "stranger"):
        assert "facts.first" not in keys(play.home(person))


def test_before_the_start_the_members_see_each_other_once_it_is_shown() -> None:
    play = signing("at-risk", 4)
    assert not people(play.chat("anna")) & set(POOL)
    play.tap("lena", "gather.show")
    assert people(play.chat("anna")) >= set(POOL[:4])
    play.press("elin", SignUp(play.group.id))
    assert "elin" in people(play.chat("anna"))


def test_of_whoever_thinks_better_of_it_nothing_stays() -> None:
    play = signing("at-risk", 2)
    play.tap("anna", "invite.change")
    assert play.told("anna") == "invite.no.done"
    assert [one.person for one in play.group.members] == ["bo"]
    assert "anna" not in people(play.chat("lena"))
    play.press("anna", SignUp(play.group.id))
    assert play.group.people == ("bo", "anna")


def test_those_who_lead_have_nobody_to_ask() -> None:
    play = signing("at-risk", 4)
    assert "gather.more" not in play.buttons("lena")
    play.press("lena", AskMore(play.group.id))
    assert play.told("lena") == "gather.full"


def test_the_line_for_my_manager_tells_times_only() -> None:
    play = signing("at-risk", 1)
    play.tap("anna", "invite.tell")
    told = keys(play.form("anna"))
    assert "for_my_manager.own" in told
    assert "for_my_manager" not in told


@pytest.mark.parametrize("id", ["at-risk", "guide-training", "guide-support"])
def test_a_group_of_each_such_method_starts_and_meets(id: str) -> None:
    play = signing(id, 6)
    play.tap("lena", "gather.show")
    play.tap("lena", "gather.start")
    assert play.told("lena") == "start.done"
    play.go("shred", len(play.group.meetings))
    assert play.group.status == "closed"
    assert all(meeting.held for meeting in play.group.meetings)
