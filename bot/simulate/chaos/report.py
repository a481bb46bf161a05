"""What a run, or many of them, have come to: a table for people, JSON for programs."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, get_args

from bot.core import action, decision, effect
from bot.simulate.chaos.run import Outcome

#: Kind of state -> how many there are, where that is known.
_ALL = {
    "actions": sum(len(get_args(one)) for one in (action.OfPerson, action.OfGroup))
    + len(get_args(action.OfMeeting)),
    "effects": len(get_args(effect.Effect)),
    "replies": len(get_args(decision.Reply)),
}


@dataclass
class Report:
    """The sum of some runs."""

    outcomes: list[Outcome] = field(default_factory=list)

    def add(self, outcome: Outcome) -> None:
        """One run more."""
        self.outcomes.append(outcome)

    @property
    def broken(self) -> list[Outcome]:
        """The runs in which a law did not hold."""
        return [one for one in self.outcomes if one.broken is not None]

    def figures(self) -> dict[str, Any]:
        """All of it."""
        traces = [one.world.trace for one in self.outcomes]
        faults = sum((one.faults for one in traces), Counter[str]())
        reached: dict[str, set[str]] = {}
        for trace in traces:
            for kind, states in trace.reached.items():
                reached.setdefault(kind, set()).update(states)
        options = [one.options for one in self.outcomes]
        return {
            "seeds": [one.seed for one in options],
            "weeks": sum(one.weeks for one in options),
            "group_weeks": sum(one.weeks * one.groups for one in options),
            "steps": sum(one.world.steps for one in self.outcomes),
            "events": sum(one.events for one in traces),
            "starts": sum(one.world.restarts for one in self.outcomes),
            "faults": dict(sorted(faults.items())),
            "reached": {kind: sorted(states) for kind, states in sorted(reached.items())},
            "of_all": _ALL,
            "violations": [
                {"seed": one.options.seed, "law": one.broken.law, "again": again(one)}
                for one in self.outcomes
                if one.broken is not None
            ],
            "hashes": [one.hash for one in self.outcomes],
        }

    def as_json(self) -> str:
        """For programs."""
        return json.dumps(self.figures(), indent=2)

    def as_lines(self) -> str:
        """For people."""
        found = self.figures()
        seeds = found["seeds"]
        rows = [
            ("seeds", f"{seeds[0]} to {seeds[-1]}" if len(seeds) > 1 else str(seeds[0])),
            *((name.replace("_", "-"), f"{found[name]}") for name in _COUNTS),
            ("faults", str(sum(found["faults"].values()))),
            *((f"  {kind}", str(n)) for kind, n in found["faults"].items()),
            ("states reached", ""),
            *((f"  {kind}", _of(kind, states)) for kind, states in found["reached"].items()),
            ("violations", str(len(found["violations"]))),
        ]
        wide = max(len(name) for name, _ in rows)
        lines = [f"{name.ljust(wide)}  {value}".rstrip() for name, value in rows]
        for one in self.broken:
            lines += ["", f"{one.broken}", *one.world.trace.last, "", again(one)]
        return "\n".join(lines)


_COUNTS = ("weeks", "group_weeks", "steps", "events", "starts")


def _of(kind: str, states: Sequence[str]) -> str:
    return f"{len(states)} of {_ALL[kind]}" if kind in _ALL else str(len(states))


def again(outcome: Outcome) -> str:
    """The command that plays the same once more."""
    one = outcome.options
    platform = one.platforms[0] if len(one.platforms) == 1 else "both"
    return (
        f"krets simulate chaos --seed {one.seed} --weeks {one.weeks} --groups {one.groups}"
        f" --platform {platform}"
    )
