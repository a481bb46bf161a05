"""`krets bench drawers`: how long it takes to open, change and seal what a whole group wrote."""

import asyncio
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import partial
from json import dumps
from pathlib import Path
from statistics import median

from bot.core.model import Group, Meeting, Member
from bot.groups import Groups, Loaded
from bot.keyring import Keyring, new_master
from bot.methods import read_methods
from bot.store import Store, Unit, migrate

#: Six hundred characters, as long as what somebody brings who has much to say.
_TEXT = "Jag vågar inte säga ifrån när någon får mer att göra än tiden räcker. " * 9
_PEOPLE = tuple(f"{number:032x}" for number in range(10))
_METHOD = "jonkoping"
_CHANGED = ("2/meeting", f"case/{_PEOPLE[0]}")


@dataclass(frozen=True, slots=True)
class Figures:
    """Medians, in milliseconds, and how much there is to open."""

    rounds: int
    drawers: int
    characters: int
    #: All drawers opened, one text changed, its drawer sealed.
    drawers_ms: float
    #: The same with the group's document, read and written in a transaction; without the commit.
    group_ms: float

    def as_json(self) -> str:
        """For programs."""
        return dumps(asdict(self))

    def as_lines(self) -> str:
        """For people."""
        return (
            f"a group of ten with {self.characters} characters in {self.drawers} drawers,"
            f" medians of {self.rounds} rounds:\n"
            f"{self.drawers_ms:.2f} ms  drawers opened, a text changed, its drawer sealed\n"
            f"{self.group_ms:.2f} ms  the same with the group's document, in a transaction"
        )


def bench_drawers(directory: Path, rounds: int, timer: Callable[[], float]) -> Figures:
    """Measure in this directory, which is empty; `timer` counts seconds."""
    keyring = Keyring(directory / "keys", [new_master().line])
    drawers = _drawers()
    keys = {name: keyring.make() for name in drawers}
    sealed = {name: keyring.seal(keys[name], name, items) for name, items in drawers.items()}
    where, item = _CHANGED

    def once() -> None:
        opened = {name: keyring.open(keys[name], name, sealed[name]) for name in drawers}
        keyring.seal(keys[where], where, opened[where] | {item: _TEXT[1:]})

    return Figures(
        rounds=rounds,
        drawers=len(drawers),
        characters=sum(len(text) for items in drawers.values() for text in items.values()),
        drawers_ms=median(_times(once, rounds, timer)),
        group_ms=median(asyncio.run(_in_store(directory, keyring, rounds, timer))),
    )


def _times(once: Callable[[], None], rounds: int, timer: Callable[[], float]) -> list[float]:
    """How many milliseconds it takes, round by round."""
    times = []
    for _ in range(rounds):
        began = timer()
        once()
        times.append((timer() - began) * 1000)
    return times


async def _in_store(
    directory: Path, keyring: Keyring, rounds: int, timer: Callable[[], float]
) -> list[float]:
    url = f"sqlite:///{directory / 'krets.db'}"
    migrate(url)
    store, groups = Store(url), Groups(keyring)
    group, text = sample_group()
    where, item = _CHANGED

    def begin(unit: Unit) -> None:
        unit.keep_method(group.method_hash, group.method_id, text)
        groups.save(unit, group, None, set())

    def once(number: int, unit: Unit) -> None:
        loaded = groups.load(unit, group.id)
        assert isinstance(loaded, Loaded), "it was saved"
        new = loaded.group.with_item(where, item, _TEXT[number % 9 :])
        groups.save(unit, new, loaded, set())

    def timed(number: int, unit: Unit) -> float:
        (took,) = _times(partial(once, number, unit), 1, timer)
        return took

    try:
        await store.run(begin)
        return [await store.run(partial(timed, number)) for number in range(1, rounds + 1)]
    finally:
        await store.close()


def sample_group() -> tuple[Group, str]:
    """A group in the middle of its second meeting, and the text of its method."""
    hash, text, method = read_methods()[_METHOD]
    at = datetime(2026, 3, 3, 13)  # noqa: DTZ001  wall-clock time in the group's zone
    group = Group(
        id="0" * 32,
        platform="playground",
        tenant="local",
        name="Eken",
        status="running",
        language="sv",
        country="SE",
        zone="Europe/Stockholm",
        place="Rum 4",
        link="",
        every=1,
        working_time=True,
        informed=True,
        sponsors=("s" * 32,),
        leaders=(),
        members=tuple(Member(one, "yes") for one in _PEOPLE),
        opened_at=at.replace(tzinfo=UTC),
        method_id=_METHOD,
        method_hash=hash,
        method=method,
        meetings=tuple(Meeting(number, at) for number in range(1, method.meetings + 1)),
        drawers=_drawers(),
    )
    return group, text


def _drawers() -> dict[str, dict[str, str]]:
    """Everybody has written everything that can be written."""
    checkin = dumps({"tap": "heavy", "level": "all", "words": _TEXT})
    reflection = dumps({"support": _TEXT, "take": _TEXT})
    votes = ",".join(_PEOPLE[:5])
    return {
        "1/carried": {f"further/{_PEOPLE[0]}": _TEXT},
        "1/mine": {f"reflect/{one}": reflection for one in _PEOPLE},
        "2/meeting": {
            f"{kind}/{one}": text
            for kind, text in (("case", _TEXT), ("checkin", checkin), ("pulse", "3,4,5"))
            for one in _PEOPLE
        },
        "2/vote": {
            "seed": "0" * 64,
            **{
                f"{kind}/{one}": text
                for kind, text in (("ballot", votes), ("today", "yes"))
                for one in _PEOPLE
            },
        },
    }
