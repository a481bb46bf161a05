"""The world of one run: platforms, circles of people, a clock that jumps, and Krets among them."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random

from adapters.simulated import Delivery, Doors, Message, Simulated
from adapters.slack.simulated import SECRET, TOKEN, SimulatedSlack
from adapters.teams.simulated import SimulatedTeams
from bot.backups import restore
from bot.keyring import new_master
from bot.messenger import Messenger
from bot.platforms.ground import Outwards
from bot.settings import Settings, read_settings
from bot.simulate.chaos.carrier import Carrier
from bot.simulate.chaos.crowd import Crowd
from bot.simulate.chaos.laws import Laws
from bot.simulate.chaos.process import Process, installed, start
from bot.simulate.chaos.record import CANARY, Mark, Record
from bot.simulate.chaos.seams import Breath, Full, Killed, Locked
from bot.simulate.chaos.standing import all_shown, look, overdue
from bot.simulate.chaos.trace import Trace
from bot.simulate.chaos.trouble import Trouble
from bot.simulate.chaos.watching import WatchedMessenger, Wire
from bot.store import LostRace, back_up

#: A Monday, some weeks before the clocks change.
BEGIN = datetime(2026, 9, 7, 6, tzinfo=UTC)
#: How often all is looked at, in steps.
_LOOK = 40
#: Whose logs are listened to, at every level.
_LOUD = ("adapters", "bot", "schedules")
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
        self.crowd = Crowd(self.dice, self.laws, self.now, self._pass)
        self.wire = Wire(self.laws, self.crowd.writers.wrote, self.crowd.noticed, asyncio.sleep)
        self.carrier = Carrier(self.trouble, self.laws, self.wire, self.now, self._doors)
        self.crowd.carrier = self.carrier
        self._fresh = Random(f"{seed} tokens")
        self._spread = Random(f"{seed} spread")
        self._jumped = timedelta()
        self._later: list[_Later] = []
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
        names = self.options.platforms
        for number in range(self.options.groups):
            platform = self.wire.platforms[names[number % len(names)]]
            shares = number >= len(names) and self.dice.random() < 0.5
            also = self.crowd.circles[number - len(names)] if shares else None
            circle = self.crowd.gather_circle(platform, number, also)
            self.wire.pools[circle.sponsor] = circle.pool
        self._hear()

    def _doors(self) -> Doors:
        assert self.process is not None, "what is killed is started again"
        return self.process.app

    def _hear(self) -> None:
        """Listen to all that is logged."""
        laws = self.laws

        class Ear(logging.Handler):
            def emit(self, record: logging.LogRecord) -> None:
                said = f"{record.getMessage()} {record.exc_info or ''}"
                if CANARY.search(said):
                    laws.leaks.append(record.name)

        self._ear = Ear(logging.DEBUG)
        for name in _LOUD:
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
        await asyncio.to_thread(restore, self._known, backup.file, self.now())
        for replaced in self.data.glob("*.replaced*"):
            replaced.unlink()
        self.laws.record = backup.record.copied()
        self.laws.restored()
        for name in self.wire.platforms:
            for message in self._messages(name):
                if isinstance(message.mark, Mark):
                    message.mark.forgotten = True
        self.carrier.lose_all()
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
            for name in _LOUD:
                logging.getLogger(name).setLevel(logging.NOTSET)
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
        if self.carrier.has_more and dice < 0.15:
            await self.carrier.bring_some(self.dice.randrange)
        elif self.crowd.is_busy and dice < 0.93:
            await self.crowd.react()
        elif dice > 0.985 or not self.crowd.is_busy:
            await self._pass_on()
            for circle in self.crowd.circles:
                if self.dice.random() < 0.4:
                    await self.crowd.whim(circle)
        else:
            await self.crowd.whim(self.dice.choice(self.crowd.circles))
        assert self.process is not None
        await self.process.idle()
        if self.steps % _LOOK == 0:
            await self._look()

    async def _look(self) -> None:
        assert self.process is not None
        await self.process.store.ask(partial(look, self.laws))

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
                await self.carrier.deliver(one.by, delivery)
        platform = self.dice.choice(self.crowd.circles).platform
        rooms = sorted(room for room in platform.rooms if room not in platform.archived)
        if rooms and trouble.strikes("archived"):
            room = self.dice.choice(rooms)
            self._mend(lambda: platform.archive(room, True), platform, hours=60)
            await self.carrier.deliver(platform, platform.archive(room, False))
        people = [one for one in sorted(platform.people) if one not in platform.gone]
        if people and trouble.strikes("dismissed"):
            person = self.dice.choice(people)
            self._mend(lambda: platform.dismiss(person, True), platform, hours=100)
            await self.carrier.deliver(platform, platform.dismiss(person, False))
        if rooms and people and trouble.strikes("went_out"):
            room = self.dice.choice(rooms)
            person = self.dice.choice(people)
            if person in platform.rooms[room]:
                await self.carrier.deliver(platform, platform.leave_room(person, room))
            else:
                await self.carrier.deliver(platform, platform.enter_room(person, room))
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

    # --- the end ------------------------------------------------------------------------------

    async def _calm_down(self) -> None:
        """No more trouble: within some hours everything is as it should be."""
        assert self.process is not None
        self.trouble.calm = True
        self.process.breath.full = False
        for one in self._later:
            delivery = one.mend()
            if delivery is not None and one.by is not None:
                await self.carrier.bring(one.by, delivery)
        await self.carrier.bring_all()
        for _ in range(24):
            await self._pass(timedelta(minutes=20))
            await self.process.settle()
        await self._look()
        for group in self.laws.record.groups.values():
            if late := overdue(self.laws, group):
                self.trace.broke("not_ended", late[0])
        await self.process.store.ask(all_shown(self.laws, self.wire.platforms))
        self.trace.note("end")
