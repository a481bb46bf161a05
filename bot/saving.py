"""Saving: all that follows from a decision, in the transaction in which it was made."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import assert_never

from bot.core.action import Action, OfPerson
from bot.core.card import CARDS, Buttons
from bot.core.decision import Decision
from bot.core.due import Wanted
from bot.core.effect import (
    Effect,
    Grant,
    KeepHours,
    LetIn,
    LetOut,
    OpenRoom,
    Prefer,
    Put,
    Remove,
    Room,
    ShowAgain,
    Shred,
    To,
    UseRoom,
)
from bot.core.event import ButtonPressed, GroupId, PersonId
from bot.core.method import Method
from bot.core.model import Group
from bot.groups import Groups, Loaded, parts, without
from bot.keyring import Keyring
from bot.shredding import shred
from bot.store import Unit
from schedules.engine import Engine, Show


@dataclass(frozen=True, slots=True)
class Saved:
    """The group as it is from now on, the moments newly set, and whether a key has ended."""

    group: Group | None
    wanted: frozenset[Wanted]
    shredded: bool


class Saving:
    """Turns decisions into rows, and into calls for after the commit."""

    def __init__(
        self,
        groups: Groups,
        keyring: Keyring,
        engine: Engine,
        methods: Mapping[str, tuple[str, str, Method]],
        due: Callable[[Group], frozenset[Wanted]],
        expect: Callable[[datetime], None],
    ) -> None:
        """Save with these parts; see `bot.app.Bot`."""
        self._groups = groups
        self._keyring = keyring
        self._engine = engine
        self._methods = methods
        self._due = due
        self._expect = expect

    def save(
        self,
        unit: Unit,
        decision: Decision,
        before: Loaded | None,
        *,
        woken: bool = False,
        said_before: bool = False,
    ) -> Saved:
        """Save all that a decision says about the group that was loaded, or about a new one.

        `woken`: by a moment, which stands until the moments of the group are set anew.
        `said_before`: perhaps all of it was said already, and none of it is known here.
        """
        group = decision.group or (before.group if before else None)
        ended = {effect.drawer for effect in decision.effects if isinstance(effect, Shred)}
        wanted: frozenset[Wanted] = frozenset()
        used: frozenset[str] = frozenset()
        written: dict[int, str] = {}
        if decision.group is not None:
            if before is None:
                hash, text, _ = self._methods[decision.group.method_id]
                unit.keep_method(hash, decision.group.method_id, text)
            used = self._groups.save(unit, decision.group, before, ended)
            for key_id in used:  # `seal` has doomed them
                unit.after_commit(partial(self._keyring.destroy, key_id))
            if used:
                unit.wipe()
            people = parts(decision.group)
            if before is None or people != parts(before.group):
                unit.groups.set_people(decision.group.id, people)
                inside = {*decision.group.led_by, *decision.group.people}
                unit.addresses.keep(decision.group.id, inside)
        elif before is not None:
            unit.groups.hold(before.group.id, before.version)  # what follows was decided on that
        if group is not None:
            group = without(group, ended)
            for drawer in sorted(ended):
                shred(unit, self._keyring, group.id, drawer)
            # What people write in their drawers, which is most of what happens, changes no time.
            if woken or ended or before is None or before.differs_from(group):
                wanted = self._due(group)
                unit.moments.set(group.id, wanted)
                if wanted:
                    unit.after_commit(partial(self._expect, min(one.due_at for one in wanted)))
        changed = [
            self._want(unit, group.id if group else "", effect, written, perhaps_shown=said_before)
            for effect in decision.effects
        ]
        if group and (any(changed) or ended):
            self._engine.enqueue(unit, Show(group.id))
        return Saved(group, wanted, bool(ended or used))

    def _want(
        self,
        unit: Unit,
        group_id: GroupId,
        effect: Effect,
        written: dict[int, str],
        *,
        perhaps_shown: bool,
    ) -> bool:
        """Whether there is something else to be shown now; `written` are cards by their place."""
        want = partial(unit.posts.want, group_id, perhaps_shown=perhaps_shown)
        match effect:
            case Put():
                same = id(effect.card)  # all who lead get one and the same
                card = written.get(same) or CARDS.dump_json(effect.card).decode()
                written[same] = card
                return want(_conversation(effect.to), effect.name, card)
            case Remove():
                return want(_conversation(effect.to), effect.name, None)
            case ShowAgain():
                unit.posts.again(group_id, _conversation(effect.to))
            case OpenRoom():
                return want("", "room", json.dumps(effect.people), "room")
            case LetIn() | LetOut():
                kind = "in" if isinstance(effect, LetIn) else "out"
                name = f"member/{effect.person}"
                return want("", name, json.dumps([effect.person]), kind)
            case UseRoom():
                if unit.groups.room(group_id) not in (None, replace(effect.place, people=())):
                    unit.posts.move_out(group_id)
                unit.groups.set_room(group_id, effect.place)
            case Prefer():
                unit.people.prefer(effect.person, effect.language)
                return False
            case KeepHours():
                unit.people.keep_hours(effect.person, effect.hours, effect.zone)
                return False
            case Grant():
                unit.addresses.grant(effect)
                return False
            case Shred():
                return False  # done with the group
            case _:
                assert_never(effect)
        return True

    def adopt(self, unit: Unit, person: PersonId, event: ButtonPressed) -> bool:
        """Whether a press proves that a message was shown of which nobody knew."""
        if isinstance(event.action, OfPerson) or unit.posts.known(event.message):
            return False
        for row in unit.posts.uncertain(event.action.group, person):
            if row.kind == "card" and row.card is not None and _offers(row.card, event.action):
                row.ref, row.state, row.reason = event.message, "pending", ""  # an edit harms none
                self._engine.enqueue(unit, Show(event.action.group))
                return True
        return False


def _conversation(to: To) -> PersonId:
    """How `posts` names a conversation: empty for the group's room."""
    return "" if isinstance(to, Room) else to.id


def _offers(card: str, action: Action) -> bool:
    """Whether a stored card has a button that means this."""
    rows = (one for one in CARDS.validate_json(card).elements if isinstance(one, Buttons))
    return any(button.action == action for row in rows for button in row.buttons)
