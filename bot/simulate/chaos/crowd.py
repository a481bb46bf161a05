"""The crowd: what people notice, what they do about it, and what nobody has asked them for."""

from collections import deque
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from random import Random

from adapters.simulated import Button, Delivery, Screen, Simulated, Window
from bot.simulate.chaos.carrier import Carrier
from bot.simulate.chaos.laws import Laws
from bot.simulate.chaos.people import WORDS, Circle, Writers

#: What somebody notices waits at most so long to be acted on.
_ATTENTION = 80


class Crowd:
    """All circles of people, and what they have in front of them."""

    def __init__(
        self,
        dice: Random,
        laws: Laws,
        now: Callable[[], datetime],
        wait: Callable[[timedelta], Awaitable[None]],
    ) -> None:
        """Nobody is there yet; `wait` lets time pass."""
        self._dice = dice
        self._laws = laws
        self._now = now
        self._wait = wait
        self.writers = Writers(dice, lambda: now().date())
        self.circles: list[Circle] = []
        #: What somebody has noticed and not yet acted on: who, and which message.
        self._attention: deque[tuple[Simulated, str, tuple[str, str]]] = deque(maxlen=_ATTENTION)
        self._old: deque[tuple[Simulated, Button]] = deque(maxlen=200)
        self._windows: deque[tuple[Simulated, str, Window]] = deque(maxlen=50)
        #: Who has a ballot in front of them, and takes their time.
        self._undecided: deque[tuple[Simulated, str, Window]] = deque(maxlen=10)
        self.carrier: Carrier | None = None

    @property
    def is_busy(self) -> bool:
        """Whether somebody has noticed something."""
        return bool(self._attention)

    def gather_circle(self, platform: Simulated, number: int, also: Circle | None) -> Circle:
        """A new circle; somebody of another's pool is in its pool too."""
        people = [
            platform.add_person(100 * number + n, f"Nn{100 * number + n:04}n") for n in range(13)
        ]
        sponsor, leaders, pool = people[0], people[1:3], people[3:]
        if also is not None:
            pool = [*pool[:-1], also.pool[0]]
        made = Circle(platform, number, sponsor, leaders, pool)
        self.circles.append(made)
        return made

    def noticed(self, platform: Simulated, room: str, id: str, new: bool) -> None:
        """A message has come, or has changed: those who see it may act on it."""
        message = platform.messages[room, id]
        buttons = platform.buttons(message)
        if not buttons:
            return
        self._old.extend((platform, one) for one in buttons)
        there = platform.rooms.get(room)
        share = 0.7 if new else 0.05
        if there is None:
            guide = any('"guide"' in one.packed or '"start"' in one.packed for one in buttons)
            share = 0.9 if new or guide else 0.3
        for person in there or [one for one in platform.people if platform.own(one) == room]:
            if self._dice.random() < share:
                # A vote is open for minutes only.
                hurry = new and any('"cast"' in one.packed for one in buttons)
                notice = self._attention.appendleft if hurry else self._attention.append
                notice((platform, person, (room, id)))

    async def react(self) -> None:
        """Somebody acts on what they have noticed."""
        if self._undecided and self._dice.random() < 0.1:
            where, who, window = self._undecided.popleft()
            answers = self.writers.fill(self._circle_of(where, who), who, window)
            await self._deliver(where, where.send(who, window, answers))
        platform, person, at = self._attention.popleft()
        message = platform.messages.get(at)
        if message is None or person in platform.gone:
            return
        button = self.writers.choose(platform.buttons(message), platform)
        if button is None:
            return
        if '"guide"' in button.packed and not self._votes():
            await self._wait(timedelta(seconds=self._dice.randrange(5, 600)))
        await self._press(platform, person, button)
        if self._dice.random() < 0.05:
            self._attention.append((platform, person, at))

    def _votes(self) -> bool:
        """Whether a vote is open."""
        ballots = (
            one.ballot
            for group in self._laws.record.groups.values()
            for one in group.meetings
            if one.ended_at is None
        )
        return any(one is not None and one.closed_at is None for one in ballots)

    async def _press(self, platform: Simulated, person: str, button: Button) -> None:
        screen = await self._deliver(platform, platform.press(person, button))
        if self._dice.random() < 0.03:
            await self._deliver(platform, platform.press(person, button))
        await self._go_on(platform, person, screen)

    async def _go_on(
        self, platform: Simulated, person: str, screen: Screen | None, depth: int = 0
    ) -> None:
        """What somebody does with what they have got."""
        if screen is None or depth > 3:
            return
        window = screen.window
        if window is not None and window.sends and self._dice.random() < 0.95:
            self._windows.append((platform, person, window))
            if '"cast"' in window.packed and self._dice.random() < 0.2:
                self._undecided.append((platform, person, window))
                return
            circle = self._circle_of(platform, person)
            answers = self.writers.fill(circle, person, window)
            sent = await self._deliver(platform, platform.send(person, window, answers))
            if sent is not None and sent.kind == "errors":
                answers = self.writers.fill(circle, person, window)
                await self._deliver(platform, platform.send(person, window, answers))
        elif screen.buttons and self._dice.random() < 0.5:
            button = self.writers.choose(screen.buttons, platform)
            if button is not None:
                got = await self._deliver(platform, platform.press(person, button))
                await self._go_on(platform, person, got, depth + 1)

    def _circle_of(self, platform: Simulated, person: str) -> Circle:
        for one in self.circles:
            if one.platform is platform and person in one.everybody:
                return one
        raise AssertionError("everybody is of a circle")

    async def whim(self, circle: Circle) -> None:
        """Somebody of a circle does something that nobody has asked for."""
        platform = circle.platform
        if not self._is_alive(circle):
            await self._open(circle)
            return
        if await self._gather(circle):
            return
        person = self._dice.choice(circle.everybody)
        if person in platform.gone:
            return
        kind = self._dice.random()
        if self._is_gathering(circle):
            # What did not arrive is found in the home; a group that never begins is closed.
            sponsor = person == circle.sponsor and self._dice.random() < 0.3
            person = person if sponsor else self._dice.choice(circle.everybody[1:])
            word = "close" if sponsor else ""
            await self._go_on(platform, person, await self._do(platform.write(person, word)))
            return
        if kind < 0.35:
            word = self._dice.choice(WORDS)
            await self._go_on(platform, person, await self._do(platform.write(person, word)))
        elif kind < 0.45:
            await self._go_on(platform, person, await self._do(platform.visit(person)))
        elif kind < 0.5:
            await self._do(platform.chat(person))
        elif kind < 0.85:
            button = self.writers.choose(platform.see(person), platform)
            if button is not None:
                await self._press(platform, person, button)
        elif kind < 0.95 and self._old:
            other, button = self._dice.choice(self._old)
            if other is platform:  # one that was never meant for them, or is long gone
                self._laws.trace.note("forges")
                await self._press(platform, person, button)
        elif self._windows:
            other, whose, window = self._dice.choice(self._windows)
            if other is platform and '"open"' not in window.packed:
                sender = whose if self._dice.random() < 0.5 else person
                answers = self.writers.fill(circle, sender, window)
                await self._do(platform.send(sender, window, answers))

    async def _do(self, delivery: Delivery) -> Screen | None:
        """Whoever does it is of one platform."""
        platform = next(one.platform for one in self.circles if delivery.who in one.platform.people)
        return await self._deliver(platform, delivery)

    async def _deliver(self, platform: Simulated, delivery: Delivery) -> Screen | None:
        assert self.carrier is not None, "nobody acts before there are doors"
        return await self.carrier.deliver(platform, delivery)

    def _is_alive(self, circle: Circle) -> bool:
        sponsor = self._laws.persons.get((circle.platform.name, circle.sponsor), "?")
        return any(
            sponsor in group.sponsors and group.status != "closed"
            for group in self._laws.record.groups.values()
        )

    def _is_gathering(self, circle: Circle) -> bool:
        sponsor = self._laws.persons.get((circle.platform.name, circle.sponsor), "?")
        return any(
            sponsor in group.sponsors
            and group.status == "gathering"
            and self._now() - group.opened_at > timedelta(days=1)
            for group in self._laws.record.groups.values()
        )

    async def _open(self, circle: Circle) -> None:
        sponsor = circle.sponsor
        screen = await self._do(circle.platform.write(sponsor, "open"))
        if screen is not None and screen.window is None and screen.buttons:
            button = screen.buttons[0]
            screen = await self._do(circle.platform.press(sponsor, button))
        if screen is not None and screen.window is not None:
            answers = self.writers.fill(circle, sponsor, screen.window)
            await self._do(circle.platform.send(sponsor, screen.window, answers))

    async def _gather(self, circle: Circle) -> bool:
        """Leaders make a room of their own, and begin there."""
        platform, persons = circle.platform, self._laws.persons
        natives = {persons.get((platform.name, one), "?"): one for one in circle.everybody}
        for group in self._laws.record.groups.values():
            ready = group.status == "gathering" and group.shown_at and len(group.people) >= 4
            lost = group.status == "running" and group.room != "ok"
            mine = {*group.led_by, *group.people} & set(natives)
            if not (ready or lost) or not mine or not group.led_by:
                continue
            if self._dice.random() < (0.8 if platform.name == "slack" else 0.2):
                continue
            people = [natives[one] for one in (*group.led_by, *group.people) if one in natives]
            leader = natives.get(group.led_by[0])
            if leader is None:
                continue
            room, brought = platform.make_room([leader, *(one for one in people if one != leader)])
            for one in brought:
                await self._deliver(platform, one)
            screen = await self._do(platform.write(leader, "here", room))
            if screen is not None and screen.window is None and screen.buttons:
                screen = await self._do(platform.press(leader, screen.buttons[0]))
            if screen is not None and screen.window is not None and screen.window.sends:
                await self._do(platform.send(leader, screen.window, {}))
            return True
        return False
