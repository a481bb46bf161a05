"""People who behave and misbehave: what they press, and what they write."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from adapters.simulated import Blank, Button, Simulated, Window

#: How much somebody likes to press what means this; what is not named here, a little.
_LIKES = {
    "lead": 10.0,
    "invite": 10.0,
    "show": 6.0,
    "start": 8.0,
    "attend": 5.0,
    "checkin": 5.0,
    "bring": 15.0,
    "guide": 10.0,
    "agree": 3.0,
    "vote": 8.0,
    "cast": 12.0,
    "count": 2.0,
    "reflect": 5.0,
    "pulse": 4.0,
    "further": 4.0,
    "replace": 4.0,
    "titles": 4.0,
    "again": 3.0,
    "back": 3.0,
    "erase": 0.15,
    "withdraw": 0.2,
    "end": 0.4,
    "cancel": 0.05,
    "leave": 0.05,
    "close": 0.02,
    "language": 0.3,
    "choose": 0.7,
}
#: Fields for what all of the group may see: what it is called, where it meets, and its rules.
PUBLIC = frozenset({"name", "place", "link", "title", "rules"})
#: How much less a no is liked, a step back, or a pause.
_LESS = {"yes": 0.06, "by": 0.07, "pause": 0.3}
#: Words that are commands, and one that is none.
WORDS = ("", "question", "checkin", "mine", "language", "leave", "groups", "figures", "blah")


@dataclass
class Circle:
    """Those of whom one group after the other is made: a sponsor, leaders, and a pool."""

    platform: Simulated
    number: int
    sponsor: str
    leaders: list[str]
    pool: list[str]

    @property
    def everybody(self) -> list[str]:
        """All of them."""
        return [self.sponsor, *self.leaders, *self.pool]


@dataclass
class Writers:
    """Fills in forms; each private text is marked so that it is found wherever it turns up."""

    dice: Random
    today: Callable[[], date]
    #: Text -> who wrote it.
    wrote: dict[str, tuple[str, str]] = field(default_factory=dict)

    def fill(self, circle: Circle, who: str, window: Window) -> dict[str, object]:
        """An answer for each field."""
        return {one.name: self._answer(circle, who, window, one) for one in window.blanks}

    def _answer(self, circle: Circle, who: str, window: Window, blank: Blank) -> object:
        dice, opens = self.dice, '"open"' in window.packed
        match blank.kind:
            case "text" if opens or blank.name in PUBLIC:
                return "" if blank.optional else f"Group {circle.number}"
            case "text":
                if blank.optional and dice.random() < 0.3:
                    return ""
                text = f"kanin{len(self.wrote):06}x"
                self.wrote[text] = circle.platform.name, who
                return text
            case "people" if opens:
                return circle.leaders if blank.name == "leaders" else circle.pool
            case "people" if blank.options:
                return [dice.choice(blank.options)]
            case "people":
                return [dice.choice(circle.pool)]
            case "one" if opens and blank.name in ("method", "every"):
                return "1" if "1" in blank.options else _known(blank.options)
            case "one":
                return dice.choice(blank.options)
            case "many":
                return dice.sample(blank.options, dice.randint(1, len(blank.options)))
            case "tick":
                return dice.random() < 0.8
            case "date":
                ahead = dice.randint(3, 9) if dice.random() < 0.97 else -1
                return (self.today() + timedelta(days=ahead)).isoformat()
            case "time":
                return dice.choice(("09:00", "13:00", "15:30"))

    def choose(self, buttons: Sequence[Button], platform: Simulated) -> Button | None:
        """The button somebody would press now."""
        if not buttons:
            return None
        likes = [_like(one, platform) for one in buttons]
        return self.dice.choices(buttons, likes)[0] if any(likes) else None


def _known(methods: Sequence[str]) -> str:
    return "jonkoping" if "jonkoping" in methods else methods[0]


def _like(button: Button, platform: Simulated) -> float:
    action = json.loads(button.packed)
    like = _LIKES.get(action["kind"], 1.0)
    if action["kind"] == "start" and platform.name == "teams":
        like = 0.1  # there people make rooms themselves
    for name, less in _LESS.items():
        if action.get(name) in (False, -1) or (name == "pause" and action.get(name)):
            like *= less
    return like
