"""A programme as a calendar: day by day, who is told what, in the group's wall clock."""

import json
from collections.abc import Iterator
from itertools import groupby

from bot.core.effect import Person
from bot.simulate.world import Shown, World
from schedules.rule import wall

#: What a card is, by the first part of its name.
CARDS = {
    "checkin": "a moment for yourself",
    "closed": "the group has ended",
    "closing": "the closing",
    "further": "what to take further",
    "gather": "who is in",
    "guide": "the guide",
    "invite": "the invitation",
    "join": "whether somebody may join",
    "joined": "somebody has joined",
    "lead": "whether to lead",
    "left": "somebody has left",
    "meeting": "the meeting's card",
    "move": "a move is proposed",
    "moved": "the plan has changed",
    "overview": "who comes",
    "owner": "your question is chosen",
    "partner": "whether to be conversation partner",
    "pulse": "the three questions, counted",
    "question": "bring a question",
    "reflect": "your own reflection",
    "remind": "are you coming?",
    "skipped": "the meeting is called off",
    "sponsor": "the group is open",
    "today": "today or not today",
    "vote": "the vote",
}


def as_lines(world: World, wrong: tuple[str, ...]) -> str:
    """The days on which something was posted, then what should not have been."""
    lines = [f"{world.method.id}: {len(world.group.meetings)} meetings, {_summary(world)}"]
    for day, rows in groupby(_rows(world), key=lambda row: row["day"]):
        lines += ["", day]
        for (hour, what), told in groupby(rows, key=lambda row: (row["time"], row["what"])):
            lines.append(f"  {hour}  {what}: {', '.join(row['to'] for row in told)}")
    if world.method.own_sign_up:
        lines += ["", "Nobody joins late: people sign up for this method before it starts."]
    lines += ["", *wrong] if wrong else ["", "Nothing twice, nothing at a wrong time."]
    return "\n".join(lines)


def as_json(world: World, wrong: tuple[str, ...]) -> str:
    """The same for programs."""
    said = {"method": world.method.id, "messages": list(_rows(world)), "violations": wrong}
    return json.dumps(said, indent=1)


def _summary(world: World) -> str:
    held = sum(one.held for one in world.group.meetings)
    messages = sum(one.anew for one in world.history)
    return f"{held} held, {messages} messages"


def _rows(world: World) -> Iterator[dict[str, str]]:
    for one in sorted((one for one in world.history if one.anew), key=_order):
        at = wall(one.at, world.group.zone)
        kind, _, rest = one.name.partition("/")
        number = f" ({rest})" if rest else ""
        yield {
            "day": f"{at:%A %d %B %Y}",
            "time": f"{at:%H:%M}",
            "to": _to(one),
            "what": f"{CARDS.get(kind, kind)}{number}",
        }


def _order(one: Shown) -> tuple[str, str, str]:
    return one.at.isoformat(), one.name, _to(one)


def _to(one: Shown) -> str:
    return one.to.id if isinstance(one.to, Person) else "the room"
