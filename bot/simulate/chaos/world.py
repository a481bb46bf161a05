"""The world of one run: platforms, circles of people, a clock that jumps, and Krets among them."""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from adapters.simulated import Button, Delivery, Message, Screen, Simulated, Window
from adapters.slack.simulated import SECRET, TOKEN, SimulatedSlack
from adapters.teams.simulated import SimulatedTeams
from bot.backup_commands import restore
from bot.keyring import new_master
from bot.messenger import Messenger
from bot.platforms import Outwards
from bot.settings import Settings, read_settings
from bot.simulate.chaos.laws import Laws
from bot.simulate.chaos.people import WORDS, Circle, Writers
from bot.simulate.chaos.process import Breath, Full, Killed, Locked, Process, installed, start
from bot.simulate.chaos.record import CANARY, Mark, Record
from bot.simulate.chaos.trace import Broken, Trace
from bot.simulate.chaos.trouble import Trouble
from bot.simulate.chaos.watching import WatchedMessenger, Wire
from bot.store import LostRace, back_up

#: A Monday, some weeks before the clocks change.
BEGIN = datetime(2026, 9, 7, 6, tzinfo=UTC)
#: What somebody notices waits at most so long to be acted on.
_ATTENTION = 80
#: How often all is looked at, in steps.
_LOOK = 40
#: For how long a platform brings something again.
_DELIVERED = timedelta(hours=6)
#: What a start may fail with; whoever runs Krets starts it again.
_FAILED = (Locked, Full, LostRace, OSError)


@dataclass(frozen=True, slots=True)
class Options:
    """What is to be played."""

    seed: int
    weeks: int
    groups: int = 2
    platforms: tuple[str, ...] = ("slack", "teams")
    #: How much of the trouble comes; 0 is a good day.
    trouble: float = 1.0
    #: Only these faults, each as often as it ever comes; none of them: what the seed draws.
    faults: tuple[str, ...] = ()


@dataclass
class Backup:
    """Last night's copy of the database, and what was known then."""

    file: Path
    record: Record


@dataclass
class _Later:
    """What is mended again after a while."""

    at: datetime
    mend: Callable[[], Delivery | None]
    by: Simulated | None = None


@dataclass
class World:
    """One run."""

    options: Options
    data: Path
    trace: Trace = field(default_factory=Trace)
    steps: int = 0
    restarts: int = 0

    def __post_init__(self) -> None:
        """Draw the trouble, and let there be people."""
        seed = self.options.seed
        self.dice = Random(f"{seed} people")
        self.trouble = Trouble(
            Random(f"{seed} trouble"), self.trace, self.options.trouble, self.options.faults
        )
        self.laws = Laws(self.trace, self.now, self.data)
        self.writers = Writers(self.dice, lambda: self.now().date())
        self.wire = Wire(self.laws, self.writers.wrote, self._noticed, asyncio.sleep)
        self._fresh = Random(f"{seed} tokens")
        self._spread = Random(f"{seed} spread")
        self._jumped = timedelta()
        #: What somebody has noticed and not yet acted on: who, and which message.
        self._attention: deque[tuple[Simulated, str, tuple[str, str]]] = deque(maxlen=_ATTENTION)
        #: What will come (again), and since when it is on its way.
        self._bag: list[tuple[Simulated, Delivery, datetime]] = []
        self._later: list[_Later] = []
        self._old: deque[tuple[Simulated, Button]] = deque(maxlen=200)
        self._windows: deque[tuple[Simulated, str, Window]] = deque(maxlen=50)
        self._backup: Backup | None = None
        self._tidied = BEGIN
        self.process: Process | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        made: dict[str, Callable[[], Simulated]] = {
            "slack": lambda: SimulatedSlack(self.wire),
            "teams": lambda: SimulatedTeams(self.wire),
        }
        for name in self.options.platforms:
            self.wire.platforms[name] = made[name]()
        self.circles = [self._circle(n) for n in range(self.options.groups)]
        self._hear()

    def _circle(self, number: int) -> Circle:
        names = self.options.platforms
        platform = self.wire.platforms[names[number % len(names)]]
        people = [
            platform.add_person(100 * number + n, f"Nn{100 * number + n:04}n") for n in range(13)
        ]
        sponsor, leaders, pool = people[0], people[1:3], people[3:]
        if number >= len(names) and self.dice.random() < 0.5:
            other = self.circles[number - len(names)] if hasattr(self, "circles") else None
            pool = [*pool[:-1], other.pool[0]] if other else pool
        self.wire.pools[sponsor] = pool
        return Circle(platform, number, sponsor, leaders, pool)

    def _hear(self) -> None:
        """Listen to all that is logged."""
        laws = self.laws

        class Ear(logging.Handler):
            def emit(self, record: logging.LogRecord) -> None:
                said = f"{record.getMessage()} {record.exc_info or ''}"
                if CANARY.search(said):
                    laws.leaks.append(record.name)

        self._ear = Ear(logging.DEBUG)
        for name in ("adapters", "bot", "schedules"):
            logging.getLogger(name).setLevel(logging.DEBUG)
        logging.getLogger().addHandler(self._ear)

    # --- time ---------------------------------------------------------------------------------

    def now(self) -> datetime:
        """The time that Krets' clock shows."""
        passed = self._loop.time() if self._loop else 0.0
        return BEGIN + self._jumped + timedelta(seconds=passed)

    def fresh(self) -> str:
        """A token never used before."""
        return f"{self._fresh.getrandbits(128):032x}"

    # --- the process --------------------------------------------------------------------------

    def _settings(self) -> Settings:
        env = {"KRETS_DATA_DIR": str(self.data), "KRETS_MASTER_KEYS": self._master}
        if "slack" in self.options.platforms:
            env |= {"KRETS_SLACK_BOT_TOKEN": TOKEN, "KRETS_SLACK_SIGNING_SECRET": SECRET}
        if "teams" in self.options.platforms:
            env["KRETS_TEAMS_ANONYMOUS"] = "true"
        return read_settings(env)

    async def begin(self) -> None:
        """Install Krets, and start it."""
        self._loop = asyncio.get_running_loop()
        self._master = new_master().line
        self._known = self._settings()
        (self.data / "krets.db").write_bytes(installed().database)
        await self._start(timedelta(0))

    def _outwards(self) -> Outwards:
        slack, teams = self.wire.platforms.get("slack"), self.wire.platforms.get("teams")
        known = {"slack": slack, "microsoft": teams}
        sessions = {
            name: one.session
            for name, one in known.items()
            if isinstance(one, SimulatedSlack | SimulatedTeams)
        }
        return Outwards(**sessions, sleep=asyncio.sleep, spread=self._spread.random)

    async def _start(self, down: timedelta) -> None:
        """Start after a while, again as long as it does not come up."""
        await self._pass(down)
        full = False
        while self.process is None:
            self.wire.started()
            breath = Breath(self.trouble, full=full)
            self.wire.breath = breath
            try:
                self.process = await start(
                    installed(),
                    self._known,
                    breath,
                    self.laws,
                    self._outwards(),
                    self.now,
                    self.fresh,
                    self._watched,
                )
            except (Killed, *_FAILED) as error:
                self.trace.kills += 1
                self.trace.note("start", type(error).__name__)
                await asyncio.sleep(10)
        self.restarts += 1
        self.trace.note("started")
        await self.process.store.ask(self.laws.interrupted)
        await self.process.settle()
        await self._tidy()

    def _watched(self, _: str, inner: Messenger) -> Messenger:
        return WatchedMessenger(inner, self.laws)

    async def _kill(self) -> None:
        process, self.process = self.process, None
        self.trace.kills += 1
        if process is not None:
            await process.end()

    async def _restart(self, down: timedelta) -> None:
        await self._kill()
        while True:
            try:
                return await self._start(down)
            except Killed:
                await self._kill()
                down = timedelta(seconds=5)

    async def _tidy(self) -> None:
        """What the clock has done once a day."""
        assert self.process is not None
        self._tidied = self.now()
        try:
            await self.process.inside.tidy()
        except Exception as error:
            self.trace.note("tidy", type(error).__name__)
        await self.process.idle()
        if self.dice.random() < 0.3:
            self._back_up()

    # --- backups ------------------------------------------------------------------------------

    def _back_up(self) -> None:
        copy = self.data / "night.db"
        copy.unlink(missing_ok=True)
        back_up(self._known.database, copy)
        self._backup = Backup(copy, self.laws.record.copied())

    def _messages(self, name: str) -> list[Message]:
        return list(self.wire.platforms[name].messages.values())

    async def _restore(self) -> None:
        """The database of last night, and today's keyring."""
        backup = self._backup
        if backup is None:
            return
        self.trace.reach("states", "restored")
        await self._kill()
        await asyncio.to_thread(restore, self._known, backup.file)
        for replaced in self.data.glob("*.replaced*"):
            replaced.unlink()
        self.laws.record = backup.record.copied()
        self.laws.restored()
        for name in self.wire.platforms:
            for message in self._messages(name):
                if isinstance(message.mark, Mark):
                    message.mark.forgotten = True
        self._bag.clear()
        await self._restart(timedelta(minutes=5))

    # --- one step -----------------------------------------------------------------------------

    async def play(self, told: Callable[[float], None] = lambda _: None) -> None:
        """All weeks, then a calm in which everything must come right."""
        end = BEGIN + timedelta(weeks=self.options.weeks)
        try:
            await self._guarded(self.begin)
            while self.now() < end:
                await self._guarded(self._step)
                told((self.now() - BEGIN) / (end - BEGIN))
            await self._guarded(self._calm_down)
        finally:
            logging.getLogger().removeHandler(self._ear)
            await self._kill()

    async def _guarded(self, what: Callable[[], Awaitable[None]]) -> None:
        """Do this; if the process is killed meanwhile, it is started again."""
        try:
            await what()
        except Killed:
            self.trace.note("killed")
            await self._restart(timedelta(seconds=self.dice.choice((1, 10, 60, 600))))
        for broken in self.trace.broken:
            raise broken

    async def _step(self) -> None:
        self.steps += 1
        await self._world()
        dice = self.dice.random()
        if self._bag and dice < 0.15:
            platform, delivery, since = self._bag.pop(self.dice.randrange(len(self._bag)))
            if abs(self.now() - since) < _DELIVERED:
                await self._bring(platform, delivery)
        elif self._attention and dice < 0.93:
            await self._react()
        elif dice > 0.985 or not self._attention:
            await self._pass_on()
            if self.dice.random() < 0.3:
                await self._whim()
        else:
            await self._whim()
        assert self.process is not None
        await self.process.idle()
        if self.steps % _LOOK == 0:
            await self._look()

    async def _look(self) -> None:
        assert self.process is not None
        await self.process.store.ask(self.laws.look)

    async def _pass(self, time: timedelta) -> None:
        await asyncio.sleep(time.total_seconds())

    async def _pass_on(self) -> None:
        """To the next moment, or a little way on in a meeting."""
        assert self.process is not None
        meeting = any(
            one.guide is not None and one.ended_at is None
            for group in self.laws.record.groups.values()
            for one in group.meetings
        )
        if meeting:
            await self._pass(timedelta(seconds=self.dice.randrange(60, 900)))
        else:
            due = await self.process.store.ask(lambda unit: unit.moments.next())
            most = timedelta(hours=self.dice.choice((1, 6, 12)))
            wait = most if due is None else min(due - self.now(), most)
            await self._pass(max(wait, timedelta(seconds=30)) + timedelta(seconds=1))
        self.trace.note("at", self.now().isoformat(timespec="minutes"))
        await self.process.settle()
        if self.now() - self._tidied > timedelta(days=1):
            await self._tidy()

    # --- the world ----------------------------------------------------------------------------

    async def _world(self) -> None:
        """What goes wrong by itself, and what is mended."""
        now, trouble = self.now(), self.trouble
        for one in [one for one in self._later if one.at <= now]:
            self._later.remove(one)
            delivery = one.mend()
            if delivery is not None and one.by is not None:
                await self._deliver(one.by, delivery)
        platform = self.dice.choice(self.circles).platform
        rooms = sorted(room for room in platform.rooms if room not in platform.archived)
        if rooms and trouble.strikes("archived"):
            room = self.dice.choice(rooms)
            self._mend(lambda: platform.archive(room, True), platform, hours=60)
            await self._deliver(platform, platform.archive(room, False))
        people = [one for one in sorted(platform.people) if one not in platform.gone]
        if people and trouble.strikes("dismissed"):
            person = self.dice.choice(people)
            self._mend(lambda: platform.dismiss(person, True), platform, hours=100)
            await self._deliver(platform, platform.dismiss(person, False))
        if rooms and people and trouble.strikes("went_out"):
            room = self.dice.choice(rooms)
            person = self.dice.choice(people)
            if person in platform.rooms[room]:
                await self._deliver(platform, platform.leave_room(person, room))
            else:
                await self._deliver(platform, platform.enter_room(person, room))
        if not platform.revoked and trouble.strikes("revoked"):
            platform.revoked = True
            self._mend(lambda: setattr(platform, "revoked", False), None, hours=8)
        if trouble.strikes("clock_back"):
            self._jumped -= timedelta(seconds=self.dice.choice((2, 600, 4000, 90000)))
        if trouble.strikes("clock_forward"):
            self._jumped += timedelta(seconds=self.dice.choice((2, 600, 4000, 90000)))
        if trouble.strikes("disk_full"):
            assert self.process is not None
            self.process.breath.full = True
            self._mend(self._room_again, None, hours=2)
        if trouble.strikes("down"):
            await self._restart(timedelta(hours=self.dice.choice((1, 12, 30, 80, 200))))
        if trouble.strikes("restored"):
            await self._restore()

    def _room_again(self) -> None:
        if self.process is not None:
            self.process.breath.full = False

    def _mend(
        self, mend: Callable[[], Delivery | None], by: Simulated | None, *, hours: int
    ) -> None:
        at = self.now() + timedelta(hours=self.dice.randint(1, hours))
        self._later.append(_Later(at, mend, by))

    # --- people -------------------------------------------------------------------------------

    def _noticed(self, platform: Simulated, room: str, id: str, new: bool) -> None:
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
            if self.dice.random() < share:
                # A vote is open for minutes only.
                hurry = new and any('"cast"' in one.packed for one in buttons)
                notice = self._attention.appendleft if hurry else self._attention.append
                notice((platform, person, (room, id)))

    async def _react(self) -> None:
        platform, person, at = self._attention.popleft()
        message = platform.messages.get(at)
        if message is None or person in platform.gone:
            return
        button = self.writers.choose(platform.buttons(message), platform)
        if button is None:
            return
        if '"guide"' in button.packed and not self._votes():
            await self._pass(timedelta(seconds=self.dice.randrange(5, 600)))
        await self._press(platform, person, button)
        if self.dice.random() < 0.05:
            self._attention.append((platform, person, at))

    def _votes(self) -> bool:
        """Whether a vote is open."""
        ballots = (
            one.ballot
            for group in self.laws.record.groups.values()
            for one in group.meetings
            if one.ended_at is None
        )
        return any(one is not None and one.closed_at is None for one in ballots)

    async def _press(self, platform: Simulated, person: str, button: Button) -> None:
        screen = await self._deliver(platform, platform.press(person, button))
        if self.dice.random() < 0.03:
            await self._deliver(platform, platform.press(person, button))
        await self._go_on(platform, person, screen)

    async def _go_on(
        self, platform: Simulated, person: str, screen: Screen | None, depth: int = 0
    ) -> None:
        """What somebody does with what they have got."""
        if screen is None or depth > 3:
            return
        window = screen.window
        if window is not None and window.sends and self.dice.random() < 0.95:
            self._windows.append((platform, person, window))
            circle = self._circle_of(platform, person)
            answers = self.writers.fill(circle, person, window)
            sent = await self._deliver(platform, platform.send(person, window, answers))
            if sent is not None and sent.kind == "errors":
                answers = self.writers.fill(circle, person, window)
                await self._deliver(platform, platform.send(person, window, answers))
        elif screen.buttons and self.dice.random() < 0.5:
            button = self.writers.choose(screen.buttons, platform)
            if button is not None:
                got = await self._deliver(platform, platform.press(person, button))
                await self._go_on(platform, person, got, depth + 1)

    def _circle_of(self, platform: Simulated, person: str) -> Circle:
        for one in self.circles:
            if one.platform is platform and person in one.everybody:
                return one
        raise AssertionError("everybody is of a circle")

    async def _whim(self) -> None:
        """Something that nobody has asked for."""
        circle = self.dice.choice(self.circles)
        platform = circle.platform
        if not self._is_alive(circle):
            await self._open(circle)
            return
        if await self._gather(circle):
            return
        person = self.dice.choice(circle.everybody)
        if person in platform.gone:
            return
        kind = self.dice.random()
        if self._is_gathering(circle):
            # What did not arrive is found in the home; a group that never begins is closed.
            sponsor = person == circle.sponsor and self.dice.random() < 0.3
            person = person if sponsor else self.dice.choice(circle.everybody[1:])
            word = "close" if sponsor else ""
            await self._go_on(platform, person, await self._do(platform.write(person, word)))
            return
        if kind < 0.35:
            word = self.dice.choice(WORDS)
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
            other, button = self.dice.choice(self._old)
            if other is platform:  # one that was never meant for them, or is long gone
                self.trace.note("forges")
                await self._press(platform, person, button)
        elif self._windows:
            other, whose, window = self.dice.choice(self._windows)
            if other is platform and '"open"' not in window.packed:
                sender = whose if self.dice.random() < 0.5 else person
                answers = self.writers.fill(circle, sender, window)
                await self._do(platform.send(sender, window, answers), platform)

    async def _do(self, delivery: Delivery, platform: Simulated | None = None) -> Screen | None:
        found = platform or next(
            one for one in self.wire.platforms.values() if delivery.who in one.people
        )
        return await self._deliver(found, delivery)

    def _is_alive(self, circle: Circle) -> bool:
        sponsor = self.laws.persons.get((circle.platform.name, circle.sponsor), "?")
        return any(
            sponsor in group.sponsors and group.status != "closed"
            for group in self.laws.record.groups.values()
        )

    def _is_gathering(self, circle: Circle) -> bool:
        sponsor = self.laws.persons.get((circle.platform.name, circle.sponsor), "?")
        return any(
            sponsor in group.sponsors
            and group.status == "gathering"
            and self.now() - group.opened_at > timedelta(days=1)
            for group in self.laws.record.groups.values()
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
        platform, persons = circle.platform, self.laws.persons
        natives = {persons.get((platform.name, one), "?"): one for one in circle.everybody}
        for group in self.laws.record.groups.values():
            ready = group.status == "gathering" and group.shown_at and len(group.people) >= 4
            lost = group.status == "running" and group.room != "ok"
            mine = {*group.led_by, *group.people} & set(natives)
            if not (ready or lost) or not mine or not group.led_by:
                continue
            if self.dice.random() < (0.8 if platform.name == "slack" else 0.2):
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

    # --- deliveries ---------------------------------------------------------------------------

    async def _deliver(self, platform: Simulated, delivery: Delivery) -> Screen | None:
        """Bring it as a platform brings things on a bad day."""
        trouble, at = self.trouble, int(self.now().timestamp())
        assert self.process is not None
        if delivery.insists:
            if trouble.strikes("dropped"):
                return None
            if trouble.strikes("late"):
                self._bag.append((platform, delivery, self.now()))
                return None
        if trouble.strikes("forged"):
            forged = await platform.bring(self.process.app, delivery, at, forged=True)
            if forged.status not in (401, 403):
                self.trace.broke("forged_taken", platform.name, forged.status)
        screen = await self._bring(platform, delivery)
        if trouble.strikes("twice"):
            await self._bring(platform, delivery)
        if trouble.strikes("again_later"):
            self._bag.append((platform, delivery, self.now()))
        return screen

    async def _bring(self, platform: Simulated, delivery: Delivery) -> Screen:
        assert self.process is not None
        self.laws.forget_undone()
        at = int(self.now().timestamp())
        try:
            screen = await platform.bring(self.process.app, delivery, at)
        except Killed:
            if delivery.insists:
                self._bag.append((platform, delivery, self.now()))
            raise
        except Broken:
            raise
        except Exception as error:  # aiohttp answers 500 then
            screen = Screen(500, "nothing")
            self.trace.note("failed", type(error).__name__)
        self.trace.note(
            platform.name,
            delivery.what,
            platform.people.get(delivery.who, "-"),
            screen.status,
            screen.kind,
        )
        self.trace.reach("screens", f"{platform.name}:{delivery.what}:{screen.kind}")
        if screen.status == 200 and platform.name == "slack":
            self.laws.acknowledged(platform.name, self.laws.undone())
        if screen.status != 200 and delivery.insists and len(self._bag) < 30:
            self._bag.append((platform, delivery, self.now()))
        if screen.text:
            window = screen.window is not None or screen.kind == "errors"
            self.wire.look(platform.name, (delivery.who,), screen.text, window=window)
        return screen

    # --- the end ------------------------------------------------------------------------------

    async def _calm_down(self) -> None:
        """No more trouble: within some hours everything is as it should be."""
        assert self.process is not None
        self.trouble.calm = True
        self.process.breath.full = False
        for one in self._later:
            delivery = one.mend()
            if delivery is not None and one.by is not None:
                await self._bring(one.by, delivery)
        for platform, delivery, _ in self._bag:
            await self._bring(platform, delivery)
        self._bag.clear()
        for _ in range(24):
            await self._pass(timedelta(minutes=20))
            await self.process.settle()
        await self._look()
        for group in self.laws.record.groups.values():
            if late := self.laws.overdue(group):
                self.trace.broke("not_ended", late[0])
        await self.process.store.ask(self.laws.all_shown(self.wire.platforms))
        self.trace.note("end")
