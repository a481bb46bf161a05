"""Very many groups: one that the rules have led somewhere, and others like it, renamed."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from adapters.bench.stage import database
from adapters.bench.story import MASTER, Scenery, Story, Troupe, group_id
from bot.core.due import due
from bot.core.event import Identity
from bot.core.model import Group, from_document, to_document
from bot.groups import Groups, parts
from bot.keyring import Keyring
from bot.store import Store, Unit, migrate

#: Groups that are stored in one transaction.
_BATCH = 100
_SPOKEN = ("sv", "Europe/Stockholm")


@dataclass(frozen=True, slots=True)
class Crowd:
    """A data directory with groups whose check-in is the next that comes."""

    directory: Path
    groups: int
    #: Programme time at which all of them are to check in.
    due_at: datetime
    #: Private messages and cards that will be posted for the first time then.
    messages: int
    troupes: tuple[Troupe, ...]


async def crowd(
    directory: Path, scenery: Scenery, groups: int, say: Callable[[str], None]
) -> Crowd:
    """Make one group by its rules, up to the day before its first meeting, and more like it."""
    directory.mkdir()
    migrate(database(directory))
    store = Store(database(directory))
    try:
        story = Story(store, directory / "keys", scenery)
        first = await story.to_the_day_before(name(0))
        keyring = Groups(Keyring(directory / "keys", [MASTER]))
        made = await store.run(lambda unit: _read(unit, keyring, first))
        await story.be_quiet([first])
        troupes = [scenery.troupe(name(number)) for number in range(groups)]
        for at in range(1, groups, _BATCH):
            say(f"setting up group {at} of {groups}")
            some = troupes[at : at + _BATCH]

            def add(unit: Unit, some: list[Troupe] = some, at: int = at) -> None:
                for number, troupe in enumerate(some, at):
                    _add(unit, keyring, made, troupes[0], name(number), troupe)

            await store.run(add)
        (checkin,) = (one.due_at for one in due(made.group) if one.kind == "checkin")
        # Of the first group, what the room is to show is there already.
        messages = groups * (len(troupes[0].members) + len(made.cards)) - len(made.cards)
        return Crowd(directory, groups, checkin, messages, tuple(troupes))
    finally:
        await store.close()


@dataclass(frozen=True, slots=True)
class _Made:
    group: Group
    document: str
    #: What its room is to show: name and card.
    cards: tuple[tuple[str, str], ...]


def _read(unit: Unit, groups: Groups, first: str) -> _Made:
    loaded = groups.load(unit, first)
    assert loaded is not None, "the group that was made"
    rows = [one for one in unit.posts.pending(first) if one.kind == "card"]
    cards = tuple((row.name, row.card) for row in rows if not row.person_id and row.card)
    return _Made(loaded.group, to_document(loaded.group), cards)


def _add(unit: Unit, groups: Groups, made: _Made, was: Troupe, called: str, troupe: Troupe) -> None:
    """A group that is like the first, with people of its own."""
    renamed = {made.group.id: group_id(called)}
    for before, now in zip(_people(was), _people(troupe), strict=True):
        renamed[f"p{before.native}"] = f"p{now.native}"
        unit.people.meet(now, f"p{now.native}", f"Person {now.native}", *_SPOKEN)
        unit.people.introduce(now, f"Person {now.native}", *_SPOKEN)

    def rewritten(text: str) -> str:
        for before, after in renamed.items():
            text = text.replace(f'"{before}"', f'"{after}"')
        return text

    group = from_document(rewritten(made.document), made.group.method, {})
    groups.save(unit, group, None, set())
    unit.groups.set_people(group.id, parts(group))
    unit.groups.set_room(group.id, troupe.room)
    unit.moments.set(group.id, due(group))
    for card_name, card in made.cards:
        unit.posts.want(group.id, "", card_name, rewritten(card))


def _people(troupe: Troupe) -> tuple[Identity, ...]:
    return (troupe.sponsor, *troupe.leaders, *troupe.members)


def name(number: int) -> str:
    """What a group is called."""
    return f"M{number:05}"
