"""Bringing what people do to Krets, as platforms do on a bad day."""

from collections.abc import Callable
from datetime import datetime, timedelta

from adapters.simulated import Delivery, Doors, Screen, Simulated
from bot.simulate.chaos.laws import Laws
from bot.simulate.chaos.seams import Killed
from bot.simulate.chaos.trace import Broken
from bot.simulate.chaos.trouble import Trouble
from bot.simulate.chaos.watching import Wire

#: For how long a platform brings something again, and how much of it at the most.
_DELIVERED, _MOST = timedelta(hours=6), 30


class Carrier:
    """Brings it once, twice, late, not at all, or in somebody else's name."""

    def __init__(
        self,
        trouble: Trouble,
        laws: Laws,
        wire: Wire,
        now: Callable[[], datetime],
        doors: Callable[[], Doors],
    ) -> None:
        """Bring it to these doors, which are others after each start."""
        self._trouble = trouble
        self._trace = trouble.trace
        self._laws = laws
        self._wire = wire
        self._now = now
        self._doors = doors
        #: What will come (again), and since when it is on its way.
        self._bag: list[tuple[Simulated, Delivery, datetime]] = []

    @property
    def has_more(self) -> bool:
        """Whether something is on its way."""
        return bool(self._bag)

    def lose_all(self) -> None:
        """Nothing is on its way any more."""
        self._bag.clear()

    async def bring_some(self, which: Callable[[int], int]) -> None:
        """Something that is on its way, unless the platform has given it up."""
        platform, delivery, since = self._bag.pop(which(len(self._bag)))
        if self._is_fresh(since):
            await self.bring(platform, delivery)

    async def bring_all(self) -> None:
        """All that is on its way, but for what the platform has given up."""
        on_its_way = list(self._bag)
        self.lose_all()
        for platform, delivery, since in on_its_way:
            if self._is_fresh(since):
                await self.bring(platform, delivery)

    def _is_fresh(self, since: datetime) -> bool:
        return abs(self._now() - since) < _DELIVERED

    async def deliver(self, platform: Simulated, delivery: Delivery) -> Screen | None:
        """Bring it as a platform brings things on a bad day."""
        trouble, at = self._trouble, int(self._now().timestamp())
        if delivery.insists:
            if trouble.strikes("dropped"):
                return None
            if trouble.strikes("late"):
                self._keep(platform, delivery)
                return None
        if trouble.strikes("forged"):
            forged = await platform.bring(self._doors(), delivery, at, forged=True)
            if forged.status not in (401, 403):
                self._trace.broke("forged_taken", platform.name, forged.status)
        screen = await self.bring(platform, delivery)
        if trouble.strikes("twice"):
            await self.bring(platform, delivery)
        if trouble.strikes("again_later"):
            self._keep(platform, delivery)
        return screen

    async def bring(self, platform: Simulated, delivery: Delivery) -> Screen:
        """Bring it once; what is answered must be true, and is looked through."""
        self._laws.forget_undone()
        at = int(self._now().timestamp())
        try:
            screen = await platform.bring(self._doors(), delivery, at)
        except Killed:
            if delivery.insists:
                self._keep(platform, delivery)
            raise
        except Broken:
            raise
        except Exception as error:  # aiohttp answers 500 then
            screen = Screen(500, "nothing")
            self._trace.note("failed", type(error).__name__)
        self._trace.note(
            platform.name,
            delivery.what,
            platform.people.get(delivery.who, "-"),
            screen.status,
            screen.kind,
        )
        self._trace.reach("screens", f"{platform.name}:{delivery.what}:{screen.kind}")
        if screen.status == 200 and platform.name == "slack":
            self._laws.acknowledged(platform.name, self._laws.undone())
        if screen.status != 200 and delivery.insists:
            self._keep(platform, delivery)
        if screen.text:
            window = screen.window is not None or screen.kind == "errors"
            self._wire.look(platform.name, (delivery.who,), screen.text, window=window)
        return screen

    def _keep(self, platform: Simulated, delivery: Delivery) -> None:
        if len(self._bag) < _MOST:
            self._bag.append((platform, delivery, self._now()))
