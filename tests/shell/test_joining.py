"""What the shell reads for whoever asks for groups to sign up for; never a drawer."""

from datetime import datetime

import pytest

from bot.core.action import SignUp
from bot.core.decision import Decision, Home, Notice
from bot.core.event import ButtonPressed, CommandGiven, Identity
from bot.core.facts import Facts
from bot.core.figures import OpenSignUp
from bot.core.handle import handle
from bot.core.model import Group, Meeting, Member
from bot.methods import parse
from tests.shell.stage import ANNA, CANARY, OWN, OWN_HASH, PRIVATE, START, Stage, a_group

#: Somebody of the organisation who has no part in anything.
EVA = Identity("p", "t", "U7")


def open_group(id: str = "g1", **changes: object) -> Group:
    meetings = (Meeting(1, datetime(2026, 3, 10, 13)), Meeting(2, datetime(2026, 3, 17, 13)))  # noqa: DTZ001 - wall clock
    own = {"method_id": "own", "method_hash": OWN_HASH, "method": parse(OWN), "meetings": meetings}
    members = (Member("bo", "yes"),)
    return a_group(id, **{"status": "gathering", "members": members, **own, **changes})


async def facts_of(stage: Stage, who: Identity, word: str = "join") -> Facts:
    found: list[Facts] = []

    def look(group: Group | None, event: object, facts: Facts) -> Decision:
        found.append(facts)
        return Decision()

    await stage.decide(look, CommandGiven("look", who, PRIVATE, word))
    return found[0]


async def test_what_may_be_known_is_told_and_no_group(stage: Stage) -> None:
    await stage.decide(Decision(open_group()))
    facts = await facts_of(stage, EVA)
    assert facts.mine == ()
    assert facts.sign_ups == (
        OpenSignUp("g1", "Eken", ("lea",), open_group().starts(open_group().meetings[0]), 2, 1, 2),
    )


@pytest.mark.parametrize("word", ["", "open", "help", "groups", "question"])
async def test_nothing_is_read_for_any_other_word(stage: Stage, word: str) -> None:
    await stage.decide(Decision(open_group()))
    assert (await facts_of(stage, EVA, word)).sign_ups == ()


async def test_nothing_is_told_of_groups_that_have_started_or_of_other_organisations(
    stage: Stage,
) -> None:
    await stage.decide(Decision(open_group("g1", status="running")))
    await stage.decide(Decision(open_group("g2", status="closed", closed_at=START)))
    await stage.decide(Decision(open_group("g3", members=(Member("p1", "yes"),))))
    assert [one.group for one in (await facts_of(stage, EVA)).sign_ups] == ["g3"]
    for elsewhere in (Identity("p", "other", "U7"), Identity("q", "t", "U7")):
        assert (await facts_of(stage, elsewhere)).sign_ups == ()


async def test_no_drawer_is_opened(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    await stage.decide(Decision(open_group(drawers={"1/meeting": {"case/1": CANARY}})))

    def opened(*_: object) -> None:
        raise AssertionError("a drawer was opened")

    monkeypatch.setattr(stage.keyring, "open", opened)
    assert len((await facts_of(stage, EVA)).sign_ups) == 1


async def test_the_answer_names_those_who_lead_and_nobody_else(stage: Stage) -> None:
    await stage.decide(Decision(open_group()))
    answer = await stage.decide(handle, CommandGiven("c", EVA, PRIVATE, "anmäl"))
    assert isinstance(answer.reply, Home)
    assert answer.view.groups == {}
    assert answer.view.listed == {"g1": "Eken"}
    assert set(answer.view.names.values()) == {"Lea", "U7"}


async def test_whoever_signs_up_has_a_part_and_reaches_the_group_from_then_on(stage: Stage) -> None:
    await stage.decide(Decision(open_group()))
    answer = await stage.decide(handle, ButtonPressed("s", ANNA, PRIVATE, SignUp("g1")))
    assert isinstance(answer.reply, Notice)
    assert answer.reply.text.key == "join.done"
    facts = await facts_of(stage, ANNA)
    assert [one.people for one in facts.mine] == [("bo", "anna")]
    assert facts.sign_ups == ()
