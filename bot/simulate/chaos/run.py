"""One run, from its seed to its figures."""

import asyncio
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from bot.simulate.chaos.trace import Broken
from bot.simulate.chaos.virtual import VirtualLoop
from bot.simulate.chaos.world import Options, World


@dataclass(frozen=True)
class Outcome:
    """What has become of one run."""

    options: Options
    world: World
    broken: Broken | None

    @property
    def hash(self) -> str:
        """The hash of its trace."""
        return self.world.trace.hash


def run(options: Options, told: Callable[[float], None] = lambda _: None) -> Outcome:
    """Play one run in a temporary folder."""
    with tempfile.TemporaryDirectory(prefix="krets-chaos-") as folder:
        world, broken = World(options, Path(folder)), None
        with asyncio.Runner(loop_factory=VirtualLoop) as runner:
            runner.get_loop().set_exception_handler(lambda *_: None)
            try:
                runner.run(world.play(told))
            except Broken as error:
                broken = world.trace.broken[0] if world.trace.broken else error
        return Outcome(options, world, broken)


def parts(options: Options, weeks: int = 12) -> list[Options]:
    """A long run in shorter ones, each with its own seed: each seed knows other faults."""
    found = []
    left, seed = options.weeks, options.seed
    while left > 0:
        found.append(replace(options, seed=seed, weeks=min(weeks, left)))
        left, seed = left - weeks, seed + 1
    return found
