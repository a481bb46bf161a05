"""A stage for the shell: the real store and keyring, planted rules, a messenger that obeys."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

from sqlmodel import select

from bot.app import Bot
from bot.board import Address, Board, Profile
from bot.core.action import LeaveGroup
from bot.core.card import Card, Said, T, Text
from bot.core.decision import UNAVAILABLE, Decision
from bot.core.due import Wanted
from bot.core.effect import Person, Put, Room
from bot.core.event import Answer, ButtonPressed, Event, Fate, FormSubmitted, Identity, Place
from bot.core.facts import Defaults, Facts
from bot.core.model import Group, Leader, Member
from bot.keyring import Keyring
from bot.messenger import Look
from bot.methods import parse
from bot.store import Store, Unit
from bot.store.tables import PostRow
from bot.words import View, Words
from schedules.engine import Show, Transaction, Work
from tests.databases import lay_out

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
CANARY = "Kanariefågel åäö: det jag bar in i rummet"
ANNA = Identity("p", "t", "U1")
PRIVATE = Place("p", "t", "D1", private=True)
ROOM = Place("p", "t", "C1", private=False)

METHOD = """
id = "small"
title = { en = "Small", sv = "Liten", nb = "Liten" }
leader = { en = "leader", sv = "ledare", nb = "leder" }
meetings = 3
minutes = 60
size = [3, 8]
leaders = 1
votes = true
managers = false
[questions]
checkin = { en = "What do you bring?", sv = "Vad bär du?", nb = "Hva bærer du?" }
arriving = { en = "How are you?", sv = "Hur är det?", nb = "Hvordan er det?" }
taps.well = { en = "Well", sv = "Bra", nb = "Bra" }
taps.so = { en = "So so", sv = "Sådär", nb = "Sånn passe" }
support = { en = "How was it?", sv = "Hur var det?", nb = "Hvordan var det?" }
take = { en = "What now?", sv = "Vad nu?", nb = "Hva nå?" }
pulse.voice = { en = "Heard?", sv = "Hörd?", nb = "Hørt?" }
pulse.steps = { en = "Steps?", sv = "Steg?", nb = "Steg?" }
pulse.worth = { en = "Worth it?", sv = "Värt det?", nb = "Verdt det?" }
answers.yes = { en = "Yes", sv = "Ja", nb = "Ja" }
answers.no = { en = "No", sv = "Nej", nb = "Nei" }
[[first]]
id = "begin"
minutes = 60
title = { en = "Begin", sv = "Börja", nb = "Begynn" }
[[ordinary]]
id = "talk"
minutes = 60
does = "vote"
title = { en = "Talk", sv = "Prata", nb = "Snakk" }
[[last]]
id = "end"
minutes = 60
does = "vote"
title = { en = "End", sv = "Sluta", nb = "Slutt" }
"""
HASH = sha256(METHOD.encode()).hexdigest()
#: People sign up themselves.
OWN = METHOD.replace('"small"', '"own"').replace(
    "leaders = 1", 'leaders = 1\nopens = "coordinator"'
)
OWN_HASH = sha256(OWN.encode()).hexdigest()

CATALOGUES = {
    "en": {
        "hello": "Hello {name}",
        "card": "You wrote: {said}",
        "count": "{n} of {m}",
        "notification": "News",
    },
    "sv": {"hello": "Hej {name}", "card": "Du skrev: {said}"},
    "nb": {},
}


def write_catalogues(directory: Path, catalogues: dict[str, dict[str, str]]) -> Path:
    for language, texts in catalogues.items():
        folder = directory / language / "LC_MESSAGES"
        folder.mkdir(parents=True)
        head = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n\n'
        rest = "\n".join(f'msgid "{key}"\nmsgstr "{text}"\n' for key, text in texts.items())
        (folder / "krets.po").write_text(head + rest, encoding="utf-8")
    return directory


def a_group(id: str = "g1", **changes: object) -> Group:
    group = Group(
        id=id,
        platform="p",
        tenant="t",
        name="Eken",
        status="running",
        language="nb",
        country="SE",
        zone="Europe/Oslo",
        place="Room 1",
        link="",
        every=1,
        working_time=True,
        informed=True,
        sponsors=("spo",),
        leaders=(Leader("lea", "yes", START),),
        members=(Member("anna", "yes"), Member("bo", "asked"), Member("pool", "pool")),
        opened_at=START,
        method_id="small",
        method_hash=HASH,
        method=parse(METHOD),
    )
    return replace(group, **changes)


def a_card(text: str = "hello", group: str = "g1") -> Card:
    values = {"said": Said(group, "1/meeting", "case/1")} if text == "card" else {"name": text}
    return Card((Text(T("card" if text == "card" else "hello", values)),))


_ids = itertools.count()


def press(group: str = "g1", who: Identity = ANNA, id: str = "") -> ButtonPressed:
    return ButtonPressed(id or f"e{next(_ids)}", who, PRIVATE, LeaveGroup(group))


def submit(answers: dict[str, Answer], group: str = "g1") -> FormSubmitted:
    return FormSubmitted(f"e{next(_ids)}", ANNA, PRIVATE, LeaveGroup(group), answers)


Rule = Callable[[Group | None, Event, Facts], Decision]


def no_moments(_: Group) -> frozenset[Wanted]:
    return frozenset()


class FakeEngine:
    """Remembers what is asked for, once it is committed."""

    keeps = False

    def __init__(self) -> None:
        self.queue: list[Work] = []

    def enqueue(self, transaction: Transaction, *works: Work) -> None:
        transaction.after_commit(lambda: self.queue.extend(works))


@dataclass
class FakeMessenger:
    """Remembers what it is asked for, and fails once with each planted error."""

    calls: list[tuple[str, ...]] = field(default_factory=list)
    makes_rooms: bool = True
    errors: list[BaseException] = field(default_factory=list)
    during: Callable[[], object] | None = None
    refs: itertools.count = field(default_factory=itertools.count)
    #: In which language and zone somebody is, as far as this platform tells.
    told: tuple[str, str] = ("sv", "Europe/Oslo")
    seen: Look = field(default_factory=lambda: Look((), "ok"))

    async def _do(self, *call: str) -> None:
        self.calls.append(call)
        if self.during is not None:
            during, self.during = self.during, None
            await during()
        if self.errors:
            raise self.errors.pop(0)

    async def post(self, to: Address, card: Card, view: View) -> str:
        await self._do("post", to.native, text_of(card, view))
        return f"r{next(self.refs)}"

    async def edit(self, to: Address, ref: str, card: Card, view: View) -> None:
        await self._do("edit", to.native, ref, text_of(card, view))

    async def remove(self, to: Address, ref: str) -> None:
        await self._do("remove", to.native, ref)

    async def open_room(self, group_id: str, name: str, people: tuple[Identity, ...]) -> Place:
        await self._do("open_room", group_id, name, *(one.native for one in people))
        return ROOM

    async def let_in(self, place: Place, person: Identity) -> None:
        await self._do("let_in", place.native, person.native)

    async def let_out(self, place: Place, person: Identity) -> None:
        await self._do("let_out", place.native, person.native)

    async def profile(self, identity: Identity) -> Profile:
        await self._do("profile", identity.native)
        return Profile(f"{identity.native} told", *self.told)

    async def roster(self, place: Place) -> tuple[Identity, ...]:
        raise NotImplementedError

    async def look(self, place: Place) -> Look:
        await self._do("look", place.native)
        return self.seen


def text_of(card: Card, view: View) -> str:
    return " ".join(view.plain(one.text) for one in card.elements if isinstance(one, Text))


class Stage:
    """One process of Krets with planted rules; a second on the same directory is a new start."""

    def __init__(self, directory: Path, url: str = "") -> None:
        self.directory = directory
        self.url = url or f"sqlite:///{directory / 'krets.db'}"
        self.file = directory / "krets.db"
        lay_out(self.url)
        self.store = Store(self.url)
        self.keyring = Keyring(directory / "keys")
        self.engine = FakeEngine()
        self.messenger = FakeMessenger()
        self.rule: Rule = lambda group, event, facts: UNAVAILABLE
        self.due: Callable[[Group], frozenset[Wanted]] = no_moments
        self.programme = self.real = START
        self.expected: list[datetime] = []
        self.put_off: list[timedelta] = []
        self.fates: list[Fate] = []
        #: What telling somebody fails by.
        self.telling: BaseException | None = None
        self.coordinators: set[Identity] = set()
        self.tokens = (f"token{n}" for n in itertools.count())
        locale = directory / "locale"
        words = Words(locale if locale.exists() else write_catalogues(locale, CATALOGUES))
        self.bot = Bot(
            store=self.store,
            keyring=self.keyring,
            engine=self.engine,
            words=words,
            methods={
                "small": (HASH, METHOD, parse(METHOD)),
                "own": (OWN_HASH, OWN, parse(OWN)),
            },
            now=lambda: self.programme,
            real=lambda: self.real,
            fresh=lambda: next(self.tokens),
            expect=self.expected.append,
            defaults=Defaults(),
            help_text="Help",
            coordinators=self.coordinators,
            decide=self._decide,
            due=self._due,
        )
        self.board = Board(
            store=self.store,
            keyring=self.keyring,
            engine=self.engine,
            words=words,
            messengers={"p": self.messenger},
            now=lambda: self.programme,
            real=lambda: self.real,
            again=self.put_off.append,
            tell=self.hear,
        )

    async def hear(self, fate: Fate) -> None:
        if self.telling is not None:
            raise self.telling
        self.fates.append(fate)

    def _decide(self, group: Group | None, event: Event, facts: Facts) -> Decision:
        return self.rule(group, event, facts)  # whichever is planted by then

    def _due(self, group: Group) -> frozenset[Wanted]:
        return self.due(group)

    async def people(self) -> None:
        """Anna (Swedish) is U1, then Bo, the leader and the sponsor."""

        def meet(unit: Unit) -> None:
            names = [("anna", "sv"), ("bo", "nb"), ("lea", "en"), ("spo", "sv")]
            for number, (id, language) in enumerate(names, 1):
                identity = Identity("p", "t", f"U{number}")
                told = (id.title(), language, "Europe/Stockholm")
                unit.people.meet(identity, id, *told)
                unit.people.introduce(identity, *told)

        await self.store.run(meet)

    async def decide(self, decision: Decision | Rule, event: Event | None = None) -> object:
        """Let one event be answered with this decision."""
        self.rule = decision if callable(decision) else lambda *_: decision
        return await self.bot.handle(event or press())

    async def group(self) -> Group:
        """The group as the next rule sees it."""
        found: list[Group] = []

        def look(group: Group | None, *_: object) -> Decision:
            assert group is not None
            found.append(group)
            return Decision()

        await self.decide(look)
        return found[0]

    async def posts(self) -> dict[str, tuple[str, int, int]]:
        """Name -> state, revision, shown."""

        def read(unit: Unit) -> dict[str, tuple[str, int, int]]:
            rows = unit._session.exec(select(PostRow)).all()
            return {row.name: (row.state, row.revision, row.shown) for row in rows}

        return await self.store.run(read)

    def bytes_on_disk(self) -> bytes:
        return b"".join(file.read_bytes() for file in self.directory.glob("krets.db*"))

    def key_files(self) -> list[Path]:
        return list((self.directory / "keys").glob("*.key"))


def put(name: str, text: str = "x", person: str = "anna") -> Put:
    return Put(Person(person) if person else Room("g1"), name, a_card(text))


SHOW = Show("g1")
HOUR = timedelta(hours=1)
