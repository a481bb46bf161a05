"""The doors of a group's room: who is let in and out, and what those who lead see of it.

Where Krets cannot make rooms it cannot open their doors either: people do, and are asked to.
"""

from dataclasses import replace

from bot.core.action import SendAgain, TakeOut
from bot.core.card import Buttons, Card, Element, Heading, Who
from bot.core.cards import button, line, name, quiet
from bot.core.effect import Effect, LetIn, LetOut, Person, Put, Remove, Room
from bot.core.event import PersonId
from bot.core.facts import Facts
from bot.core.model import Group
from bot.core.rights import undisturbed


def let_in(group: Group, person: PersonId, facts: Facts) -> tuple[Group, tuple[Effect, ...]]:
    """The group with this person in its room; where Krets cannot do that, they wait for it."""
    here = person in group.visitors
    new = replace(group, visitors=changed(group.visitors, person, there=False))
    if facts.makes_rooms:
        new = replace(new, outside=changed(new.outside, person, there=False))
        return new, (LetIn(group.id, person),)
    if here:
        return new, ()
    outside = changed(new.outside, person, there=True)
    return replace(new, outside=outside, waiting=changed(new.waiting, person, there=True)), ()


def let_out(group: Group, person: PersonId, facts: Facts) -> tuple[Group, tuple[Effect, ...]]:
    """The group without somebody in its room who is not of it; else they are a visitor there."""
    there = not facts.makes_rooms
    new = replace(group, visitors=changed(group.visitors, person, there=there))
    return new, () if there else (LetOut(group.id, person),)


def changed(people: tuple[PersonId, ...], person: PersonId, *, there: bool) -> tuple[PersonId, ...]:
    """These people with or without that one, in a fixed order.

    >>> changed(("anna", "cia"), "bo", there=True), changed(("anna",), "anna", there=False)
    (('anna', 'bo', 'cia'), ())
    """
    return tuple(sorted({*people, person} if there else set(people) - {person}))


def named(group: Group, key: str, card: Card) -> tuple[Put, ...]:
    """What the room is told of somebody; nothing while a sponsor would read it there."""
    return (Put(Room(group.id), key, card),) if undisturbed(group) else ()


# --- what those who lead see --------------------------------------------------------------------


def note(group: Group, facts: Facts) -> tuple[Effect, ...]:
    """Those who lead see what stands in the way, as long as something does."""
    card = note_card(group, facts)
    return tuple(
        Put(Person(one), "room", card) if card else Remove(Person(one), "room")
        for one in group.led_by
    )


def note_card(group: Group, facts: Facts) -> Card | None:
    """What stands in the way, and what can be done about it; None if nothing does."""
    rows: list[Element] = []
    again = button("room.again", SendAgain(group.id, ""))
    if group.room == "lost":
        rows += [line("room.lost"), Buttons((again,))]
    if group.room == "shared":
        rows.append(line("room.shared"))
    for person in group.visitors:
        key = "room.sponsor" if person in group.sponsors else "room.visitor"
        rows.append(line(key, who=Who((person,))))
        if facts.makes_rooms:
            rows.append(Buttons((button("room.out", TakeOut(group.id, person)),)))
    if group.visitors and not facts.makes_rooms:
        rows.append(quiet("room.out.by_hand"))
    if group.waiting:
        rows.append(line("room.in.by_hand", who=Who(group.waiting)))
    if group.room != "lost" and "" in group.unsure:
        rows += [line("room.unsure"), Buttons((again,))]
    for person in sorted({*group.unreached, *group.unsure} - {""}):
        key = "room.unreached" if person in group.unreached else "room.unsure.who"
        rows.append(line(key, who=Who((person,))))
        rows.append(Buttons((button("room.again", SendAgain(group.id, person)),)))
    return Card((Heading(name(group)), *rows)) if rows else None
