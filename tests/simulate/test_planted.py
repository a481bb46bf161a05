"""The simulator can see: faults are planted into the product, and each is found within its budget.

They are put in here, by replacing functions; the product has no switches for them.
"""

import json
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy

import adapters.slack.client
import adapters.slack.gate
import bot.core.ballot
import bot.core.due
from adapters.slack.budget import Budget as SlackBudget
from adapters.slack.routes import SlackPlatform
from adapters.teams.budget import Budget as TeamsBudget
from bot.app import Answer, Bot
from bot.board import Board
from bot.core import cases, checkins, meetings, optin
from bot.core.card import Card, T, Text, Who
from bot.core.decision import Nothing
from bot.core.due import Wanted
from bot.core.effect import Person, Put, Room
from bot.core.model import Group
from bot.keyring import Keyring
from bot.sending import Done, Edit, Unknown
from bot.simulate.chaos.run import run
from bot.simulate.chaos.world import Options
from bot.store import LostRace, Unit
from bot.store.moments import MomentTable
from bot.store.posts import PostTable

#: When all moments have come.
FAR = datetime(2040, 1, 1, tzinfo=UTC)
#: A function of the product.
Wrapped = Callable[..., Any]


@dataclass(frozen=True)
class Bug:
    """A fault of the product, the laws that it breaks, and the trouble in which it shows."""

    plant: Callable[[pytest.MonkeyPatch], None]
    laws: frozenset[str]
    faults: tuple[str, ...] = ("twice",)
    platform: str = "slack"
    weeks: int = 3
    trouble: float = 1.0
    #: Where it is looked for first; then in some more.
    seed: int = 1


def instead(
    patch: pytest.MonkeyPatch, owner: Any, name: str, make: Callable[[Wrapped], Wrapped]
) -> None:
    patch.setattr(owner, name, make(getattr(owner, name)))


# --- the board ----------------------------------------------------------------------------------


def sends_uncertain_posts_again(patch: pytest.MonkeyPatch) -> None:
    def make(settle: Wrapped) -> Wrapped:
        def settled(self: Any, group: str, claim: Any, outcome: Any, unit: Unit) -> str:
            state = settle(self, group, claim, outcome, unit)
            row = unit.posts.find(claim.post_id)
            if state == "uncertain" and row is not None:
                row.state = "pending"
            return str(row.state if row else state)

        return settled

    instead(patch, Board, "_settle", make)


def sends_again_after_a_crash(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("bot.store.posts._FIRST", sqlalchemy.false())


def says_again_after_a_restore(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("bot.app.may_have_come", lambda *_: False)


def takes_a_lost_edit_for_done(patch: pytest.MonkeyPatch) -> None:
    def make(settle: Wrapped) -> Wrapped:
        def settled(self: Any, group: str, claim: Any, outcome: Any, unit: Unit) -> Any:
            if isinstance(outcome, Unknown) and isinstance(claim.call, Edit):
                outcome = Done(claim.call.ref)
            return settle(self, group, claim, outcome, unit)

        return settled

    instead(patch, Board, "_settle", make)


def shows_the_latest_first(patch: pytest.MonkeyPatch) -> None:
    instead(patch, PostTable, "pending", lambda old: lambda *a: list(reversed(old(*a))))


def forgets_what_waits(patch: pytest.MonkeyPatch) -> None:
    def make(settle: Wrapped) -> Wrapped:
        def settled(self: Any, group: str, claim: Any, outcome: Any, unit: Unit) -> Any:
            state = settle(self, group, claim, outcome, unit)
            row = unit.posts.find(claim.post_id)
            if state == "pending" and row is not None:
                row.state = "sending"
            return state

        return settled

    instead(patch, Board, "_settle", make)


# --- destroying ---------------------------------------------------------------------------------


def speaks_before_it_destroys(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(MomentTable, "ending", lambda *_: False)


def keeps_keys(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Keyring, "destroy", lambda *_: None)


def never_ends_a_meeting_s_drawer(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(bot.core.due, "_of_ended", lambda _: iter(()))


def seals_nothing(patch: pytest.MonkeyPatch) -> None:
    def seal(_: Any, key: str, bound: str, items: Any) -> bytes:
        return json.dumps(dict(items)).encode()

    patch.setattr(Keyring, "seal", seal)
    patch.setattr(Keyring, "open", lambda *given: json.loads(given[-1]))


# --- once only ----------------------------------------------------------------------------------


def remembers_no_event(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Unit, "see", lambda *_: None)


def lets_moments_come_again(patch: pytest.MonkeyPatch) -> None:
    def make(set: Wrapped) -> Wrapped:
        def kept(self: MomentTable, group: str, wanted: Iterable[Any]) -> None:
            new = {(one.meeting, one.kind, one.who): one for one in wanted}
            rows = [row for row in self.due(FAR) if row.group_id == group]
            old = {
                (r.meeting, r.kind, r.who): Wanted(r.meeting, r.kind, r.who, r.due_at) for r in rows
            }
            set(self, group, (old | new).values())

        return kept

    instead(patch, MomentTable, "set", make)


def swallows_a_lost_race(patch: pytest.MonkeyPatch) -> None:
    def make(old: Wrapped) -> Wrapped:
        async def run_once(self: Any, work: Any) -> Any:
            try:
                result, _ = await self._store.run(work)
            except LostRace:
                return Answer(Nothing(), None)  # type: ignore[arg-type]
            except Exception:
                return await old(self, work)
            return result

        return run_once

    instead(patch, Bot, "_run", make)


def acknowledges_what_failed(patch: pytest.MonkeyPatch) -> None:
    def make(hand: Wrapped) -> Wrapped:
        async def handed(self: Any, kind: Any, payload: Any) -> Any:
            try:
                return await hand(self, kind, payload)
            except Exception:
                return {}

        return handed

    instead(patch, SlackPlatform, "_hand", make)


# --- platforms ----------------------------------------------------------------------------------


def ignores_slack_s_retry_after(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(SlackBudget, "rest", lambda *_: None)


def ignores_teams_retry_after(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(TeamsBudget, "rest", lambda *_: None)


def goes_on_with_a_revoked_token(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(adapters.slack.client, "REVOKED", timedelta(0))


def lets_everybody_in(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(adapters.slack.gate, "is_genuine", lambda *_: True)


# --- rules --------------------------------------------------------------------------------------


def counts_the_fewest(patch: pytest.MonkeyPatch) -> None:
    def fewest(candidates: Any, ballots: Any, *_: Any) -> str:
        counted = {one: sum(one in ballot for ballot in ballots.values()) for one in candidates}
        return min(counted, key=lambda one: counted[one], default="")

    patch.setattr(bot.core.ballot, "winner", fewest)


def takes_votes_after_the_close(patch: pytest.MonkeyPatch) -> None:
    def unclosed(_: Group, meeting: Any, facts: Any) -> Any:
        ballot = meeting.ballot
        return ballot if ballot and facts.me in ballot.roll else None

    patch.setattr(bot.core.ballot, "_open", unclosed)


def changes_the_roll(patch: pytest.MonkeyPatch) -> None:
    def make(cast: Wrapped) -> Wrapped:
        def shorter(group: Group, meeting: Any, action: Any, answers: Any, facts: Any) -> Any:
            decision = cast(group, meeting, action, answers, facts)
            new = decision.group and decision.group.meeting(meeting.number)
            if not new or new.ballot.closed_at:
                return decision
            ballot = replace(new.ballot, roll=new.ballot.roll[:-1])
            return replace(decision, group=decision.group.with_meeting(replace(new, ballot=ballot)))

        return shorter

    instead(patch, bot.core.ballot, "cast", make)


def writes_to_those_who_left(patch: pytest.MonkeyPatch) -> None:
    def people(group: Group) -> tuple[str, ...]:
        return tuple(one.person for one in group.members if one.status in ("yes", "left"))

    patch.setattr(Group, "people", property(people))


def puts_private_text_into_the_room(patch: pytest.MonkeyPatch) -> None:
    def make(bring: Wrapped) -> Wrapped:
        def told(group: Group, meeting: Any, action: Any, answers: Any, facts: Any) -> Any:
            decision = bring(group, meeting, action, answers, facts)
            card = Card((Text(T("text", {"text": str(answers.get("case"))})),))
            put = Put(Room(group.id), "told", card)
            return (
                replace(decision, effects=(*decision.effects, put)) if decision.group else decision
            )

        return told

    instead(patch, cases, "bring", make)


def logs_private_text(patch: pytest.MonkeyPatch) -> None:
    def make(check_in: Wrapped) -> Wrapped:
        def logged(group: Group, meeting: Any, action: Any, answers: Any, facts: Any) -> Any:
            logging.getLogger("bot.core").debug("answers: %s", answers)
            return check_in(group, meeting, action, answers, facts)

        return logged

    instead(patch, checkins, "check_in", make)


def tells_the_sponsor_who_is_in(patch: pytest.MonkeyPatch) -> None:
    def make(answer: Wrapped) -> Wrapped:
        def told(group: Group, action: Any, facts: Any) -> Any:
            decision = answer(group, action, facts)
            card = Card((Text(T("value", {"value": Who((facts.me,))})),))
            more = tuple(Put(Person(one), "who", card) for one in group.sponsors)
            return replace(decision, effects=(*decision.effects, *more))

        return told

    instead(patch, optin, "answer_invite", make)


def reminds_too_often(patch: pytest.MonkeyPatch) -> None:
    def make(remind: Wrapped) -> Wrapped:
        def often(group: Group, meeting: Any, *more: Any) -> Any:
            found = remind(group, meeting, *more)
            again = tuple(
                replace(one, name=f"remind{n}/{meeting.number}") for one in found for n in range(4)
            )
            return (*found, *again)

        return often

    instead(patch, meetings, "remind", make)


# --- what finds them ----------------------------------------------------------------------------

#: In how many runs a fault is looked for.
SEEDS = 6
LOST = ("timeout_done", "answer_5xx_done", "timeout")
BUGS = [
    Bug(sends_uncertain_posts_again, frozenset({"said_twice"}), LOST),
    Bug(sends_again_after_a_crash, frozenset({"said_twice"}), ("crash",), trouble=6.0),
    Bug(
        says_again_after_a_restore,
        frozenset({"said_twice"}),
        ("restored",),
        weeks=3,
        trouble=12.0,
        seed=3,
    ),
    Bug(takes_a_lost_edit_for_done, frozenset({"shows_something_else"}), ("timeout",), trouble=8.0),
    Bug(
        shows_the_latest_first,
        frozenset({"overtaken"}),
        ("answer_429", "down"),
        trouble=4.0,
        seed=2,
    ),
    Bug(forgets_what_waits, frozenset({"not_shown", "overtaken"}), ("answer_429",)),
    Bug(
        speaks_before_it_destroys,
        frozenset({"said_past_deadline"}),
        ("answer_429",),
        weeks=4,
        trouble=4.0,
        seed=4,
    ),
    Bug(keeps_keys, frozenset({"said_before_destroyed"})),
    Bug(never_ends_a_meeting_s_drawer, frozenset({"said_past_deadline", "not_ended"})),
    Bug(seals_nothing, frozenset({"text_in_the_clear"})),
    Bug(remembers_no_event, frozenset({"done_twice"}), ("twice", "again_later")),
    Bug(lets_moments_come_again, frozenset({"moment_twice", "moments_differ"})),
    Bug(swallows_a_lost_race, frozenset({"acknowledged_undone"}), ("store_race",), seed=6),
    Bug(acknowledges_what_failed, frozenset({"acknowledged_undone"}), ("store_full",), trouble=6.0),
    Bug(ignores_slack_s_retry_after, frozenset({"too_early"}), ("answer_429",)),
    Bug(ignores_teams_retry_after, frozenset({"too_early"}), ("answer_429",), "teams"),
    Bug(
        goes_on_with_a_revoked_token,
        frozenset({"asked_without_token"}),
        ("revoked",),
        trouble=20.0,
        seed=7,
    ),
    Bug(lets_everybody_in, frozenset({"forged_taken"}), ("forged",)),
    Bug(counts_the_fewest, frozenset({"vote_result"}), weeks=4, seed=3),
    Bug(takes_votes_after_the_close, frozenset({"vote_after_close"}), weeks=4, seed=9),
    Bug(changes_the_roll, frozenset({"roll_changed"}), weeks=4, seed=9),
    Bug(writes_to_those_who_left, frozenset({"said_to_outsider", "roll_changed"}), seed=10),
    Bug(puts_private_text_into_the_room, frozenset({"text_in_message", "text_in_the_clear"})),
    Bug(logs_private_text, frozenset({"text_in_logs"})),
    Bug(tells_the_sponsor_who_is_in, frozenset({"sponsor_told"})),
    Bug(reminds_too_often, frozenset({"too_many_messages"})),
]


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.plant.__name__)
def test_a_planted_fault_is_found(bug: Bug, monkeypatch: pytest.MonkeyPatch) -> None:
    bug.plant(monkeypatch)
    for seed in range(bug.seed, bug.seed + SEEDS):
        options = Options(seed, bug.weeks, 1, (bug.platform,), bug.trouble, bug.faults)
        outcome = run(options)
        if outcome.broken is not None:
            assert outcome.broken.law in bug.laws
            return
    raise AssertionError("not found within its budget")
