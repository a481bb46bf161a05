"""Whoever was asked something reads the group as it is now, however long they take to answer."""

from dataclasses import replace

from bot.core.card import Card
from bot.core.decision import Decision
from bot.core.effect import Person, Put
from bot.core.leading import lead_card
from bot.core.model import Group
from bot.core.newcomers import newcomer_card
from bot.core.rights import asked_to_join


def asked_truly(decision: Decision, before: Group | None) -> Decision:
    """With each question edited that stands before somebody and says what no longer holds."""
    group = decision.group
    if before is None or group is None:
        return decision
    was, now = _questions(before), _questions(group)
    edited = [
        Put(Person(person), name, card)
        for (person, name), card in now.items()
        if was.get((person, name), card) != card
    ]
    return replace(decision, effects=(*decision.effects, *edited)) if edited else decision


def _questions(group: Group) -> dict[tuple[str, str], Card]:
    """What the people of a group that goes on have been asked and not answered."""
    if group.status != "running":
        return {}
    found = {
        (one.person, "lead"): lead_card(group, one.person)
        for one in group.leaders
        if one.answer == "asked"
    }
    joining = group.joining
    if joining is not None and joining.agreed and asked_to_join(group, joining.person):
        found[joining.person, "invite"] = newcomer_card(group)
    return found
