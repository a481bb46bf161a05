"""The laws: what holds at every decision and every word, whatever goes wrong."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.core.card import CARDS, Buttons, Card
from bot.core.decision import Decision
from bot.core.due import MEETING_LIVES, MINE_LIVES, destroyed_at
from bot.core.effect import (
    Person,
    Put,
    Remove,
    Room,
    ShowAgain,
    Shred,
    UseRoom,
)
from bot.core.event import (
    ButtonPressed,
    CommandGiven,
    Event,
    FormSubmitted,
    GroupId,
    HomeOpened,
    Installed,
    MemberChanged,
    MomentCame,
    PersonId,
    RoomChanged,
    RoomSeen,
    TextWritten,
)
from bot.core.facts import Facts
from bot.core.model import Group
from bot.groups import without
from bot.reading import aim
from bot.simulate.chaos.record import CANARY, Drawer, Post, Record, canaries, place_of
from bot.simulate.chaos.trace import Trace
from bot.simulate.chaos.voting import Made, follow
from bot.store import Unit

#: How late a word may be that was on its way already.
_ON_ITS_WAY = timedelta(seconds=10)
#: Weeks are counted from a Monday.
_MONDAY = datetime(1970, 1, 5, tzinfo=UTC)
#: Unasked messages between two meetings, by how somebody takes part.
_MOST = {"member": 3, "owner": 4, "leader": 5}
#: Under these names people are told how it ended for them.
_FAREWELLS = frozenset({"invite", "lead", "gather", "sponsor"})
_IDENTIFIED = (ButtonPressed, CommandGiven, FormSubmitted, HomeOpened, Installed, TextWritten)


class Laws:
    """Keeps the record, and ends the run where a law is broken."""

    def __init__(self, trace: Trace, now: Callable[[], datetime], data: Path) -> None:
        """Look on from the beginning."""
        self.trace = trace
        self.now = now
        self.data = data
        self.record = Record()
        self._made: list[Made] = []
        self._sealed: list[tuple[str, Drawer, Mapping[str, str]]] = []
        #: Key -> all texts that it has ever sealed; the keys that are there; and those that go.
        self.texts: dict[str, set[str]] = {}
        self.live: set[str] = set()
        self.doomed: set[str] = set()
        #: The texts of which nothing may be left.
        self.gone: set[str] = set()
        #: Event -> whether what was decided about it last was to be saved.
        self._undone: dict[tuple[str, str], bool] = {}
        self.leaks: list[str] = []
        #: Which messages are there, or were, by conversation and message.
        self.refs: dict[tuple[str, str], Post] = {}
        self.in_flight = 0
        #: Of whom a platform did not tell: what waits for them may have failed for that.
        self.strangers: set[str] = set()
        #: Platform and native id -> person, of all who have done something.
        self.persons: dict[tuple[str, str], PersonId] = {}
        self._unasked: dict[tuple[GroupId, PersonId, int], set[Post]] = {}
        #: When an old backup came back last.
        self._restored_at: datetime | None = None

    # --- what a unit of work does -------------------------------------------------------------

    def begun(self) -> None:
        """Forget what was not committed."""
        self._made.clear()
        self._sealed.clear()

    def decided(self, before: Group | None, event: Event, facts: Facts, decision: Decision) -> None:
        """Rules have decided."""
        self._made.append(Made(before, event, facts, decision))
        if isinstance(event, _IDENTIFIED):
            self.persons[event.actor.platform, event.actor.native] = facts.me
            self._reached(event, decision)
        if (key := _key(event)) is not None:
            self._undone[key] = decision.changes

    def _reached(self, event: Event, decision: Decision) -> None:
        reply = type(decision.reply).__name__
        if isinstance(event, ButtonPressed | FormSubmitted):
            self.trace.reach("actions", event.action.kind)
            self.trace.reach("decisions", f"{event.action.kind}:{reply}")
        self.trace.reach("replies", reply)

    def sealed(self, key_id: str, bound: str, items: Mapping[str, str]) -> None:
        """Something was sealed."""
        _, _, group, name = json.loads(bound)
        self._sealed.append((key_id, Drawer(group, name), dict(items)))

    def committed(self) -> None:
        """All of it holds from now on."""
        try:
            for key_id, drawer, items in self._sealed:
                self._seal(key_id, drawer, items)
            for made in self._made:
                self._prove(made)
                if made.decision.changes or isinstance(made.event, MomentCame):
                    self._hold(made)
        finally:
            self.begun()

    def _prove(self, made: Made) -> None:
        """Whoever pressed a button has proved that it is there: nobody was sure of its message."""
        event, person = made.event, made.facts.proved
        if person is None or not isinstance(event, ButtonPressed):
            return
        for post in sorted(self.record.unsure, key=self.record.order.__getitem__):
            card = self.record.wanted[post]
            if (post.group, post.person) != (aim(event), person) or card is None:
                continue
            rows = (row for row in card.elements if isinstance(row, Buttons))
            if any(one.action == event.action for row in rows for one in row.buttons):
                self.record.unsure -= {post}
                self.record.shown |= {post}
                self.refs[place_of(event.message)] = post
                return

    def destroyed(self, key_id: str) -> None:
        """A key is gone for good."""
        self.live.discard(key_id)
        self.doomed.discard(key_id)

    def _seal(self, key_id: str, drawer: Drawer, items: Mapping[str, str]) -> None:
        texts = canaries(items)
        if texts & self.gone:
            self.trace.broke("text_returns", "sealed", kind_of(drawer))
        before = self.record.items.get(drawer, {})
        kept = canaries({key: text for key, text in before.items() if key in items})
        self.gone |= canaries(before) - texts - kept
        old = self.record.keys.get(drawer)
        if old not in (None, key_id) and old in self.live:
            self.doomed.add(old)
        self.record.keys[drawer], self.record.items[drawer] = key_id, items
        self.live.add(key_id)
        self.texts.setdefault(key_id, set()).update(texts)

    def _shred(self, drawer: Drawer) -> None:
        key_id = self.record.keys.pop(drawer, None)
        if key_id in self.live:
            self.doomed.add(key_id)
        elsewhere = {
            text
            for other, items in self.record.items.items()
            if other != drawer
            for text in canaries(items)
        }
        self.gone |= canaries(self.record.items.pop(drawer, {})) - elsewhere

    # --- what is decided ----------------------------------------------------------------------

    def _hold(self, made: Made) -> None:
        record, event, trace = self.record, made.event, self.trace
        key = _key(event)
        if key is not None:
            if key in record.done:
                trace.broke("done_twice", type(event).__name__)
            record.done |= {key}
            self._undone[key] = False
        if isinstance(event, MomentCame):
            came = (event.group, event.meeting, event.kind, event.who, event.due_at)
            if came in record.moments:
                trace.broke("moment_twice", event.kind)
            record.moments |= {came}
            trace.reach("moments", event.kind)
        for part in (made.decision, *made.decision.parts):
            self._part(made, part)

    def _part(self, made: Made, part: Decision) -> None:
        group = part.group or made.before
        if group is None:
            return
        before = self.record.groups.get(group.id)
        ended = {one.drawer for one in part.effects if isinstance(one, Shred)}
        for name in sorted(ended):
            self._shred(Drawer(group.id, name))
        follow(self.record, self.trace, made, before, group)
        if part.group is not None:
            self.record.groups[group.id] = without(part.group, ended)
            led = self.record.led.get(group.id, frozenset())
            self.record.led[group.id] = led | {one.person for one in group.leaders}
        moment = made.event.due_at if isinstance(made.event, MomentCame) else None
        for effect in part.effects:
            self.trace.reach("effects", type(effect).__name__)
            match effect:
                case Put(to, name, card):
                    self._want(Post(group.id, _whose(to), name), card, moment)
                    if isinstance(to, Person):
                        self._told_sponsor(group, to.id, card)
                case Remove(to, name):
                    post = Post(group.id, _whose(to), name)
                    if post in self.record.wanted:
                        self.record.wanted[post] = None
                        self.record.waiting -= {post}
                case ShowAgain(to):
                    self._again(group.id, _whose(to))
                case UseRoom():
                    here = {one for one in self.record.wanted if one.group == group.id}
                    here = {one for one in here if not one.person}
                    self.record.waiting -= here
                    self.record.shown -= here
                    self.record.unsure -= here
                    self.record.failed -= here

    def _want(self, post: Post, card: Card, moment: datetime | None) -> None:
        self.trace.reach("cards", post.kind)
        # What was refused is not tried again before it is to say something else.
        refused = post in self.record.failed and self.record.wanted.get(post) == card
        self.record.wanted[post] = card
        self.record.order.setdefault(post, len(self.record.order))
        # What a moment wants that came before the backup was back perhaps came before, too.
        again = moment is not None and self._restored_at is not None and moment <= self._restored_at
        if not refused and post not in self.record.shown | self.record.unsure | self.record.waiting:
            self.record.unsure |= {post} if again else set()
            self.record.waiting |= set() if again else {post}
        if moment is not None:
            self.record.unasked |= {post}

    def _told_sponsor(self, group: Group, person: PersonId, card: Card) -> None:
        if person not in group.sponsors or person in (*group.led_by, *group.people):
            return
        named = _named(CARDS.dump_python(card))
        members = {one.person for one in group.members} - {one.person for one in group.leaders}
        if named & members or CANARY.search(CARDS.dump_json(card).decode()):
            self.trace.broke("sponsor_told", "card")

    # --- what is said -------------------------------------------------------------------------

    def post_of(self, group: GroupId, person: PersonId, card: Card) -> Post | None:
        """Which wish a card fulfils; None if nobody wants it to be seen there."""
        found = [
            post
            for post, one in self.record.wanted.items()
            if (post.group, post.person) == (group, person) and one == card
        ]
        waits = [post for post in found if post in self.record.waiting]
        return next(iter(waits or found), None)

    def may_speak(self, group_id: GroupId) -> None:
        """Nothing is said before what has ended is destroyed."""
        if self.doomed:
            self.trace.broke("said_before_destroyed", len(self.doomed))
        group, now = self.record.groups.get(group_id), self.now() - _ON_ITS_WAY
        if group is None:
            return
        for drawer, key_id in self.record.keys.items():
            if drawer.group == group_id and key_id in self.live and has_ended(group, drawer, now):
                self.trace.broke("said_past_deadline", kind_of(drawer))

    def may_post(self, post: Post) -> None:
        """A new message only to those who have a part, and not too many unasked."""
        group = self.record.groups[post.group]
        if post.person:
            parts = {
                *group.sponsors,
                *(one.person for one in group.leaders if one.answer in ("asked", "yes")),
                *(one.person for one in group.members if one.status in ("asked", "yes")),
            }
            # The last counts come to those who led as the group closes.
            closed = group.status == "closed" and post.kind != "pulse"
            outside = post.person not in parts or closed
            # Of whoever leads no more, the sponsor is told.
            if outside and post.kind not in (*_FAREWELLS, "leader"):
                self.trace.broke("said_to_outsider", post.kind)
        elif group.status == "closed" and post.kind in ("question", "vote", "titles"):
            self.trace.broke("said_in_closed_group", post.kind)
        if post.person and post in self.record.unasked:
            self._count_unasked(group, post)

    def _count_unasked(self, group: Group, post: Post) -> None:
        over = sum(one.ended_at is not None for one in group.meetings)
        if group.status == "gathering":  # it takes weeks to gather, and each has its own
            over = -(self.now() - _MONDAY).days // 7
        at = (post.group, post.person, over)
        self._unasked.setdefault(at, set()).add(post)
        # Who has been the owner may be so no more: what they wrote is gone, say.
        owner = any(one.owner == post.person for one in group.meetings) or any(
            one.kind == "further" for one in self._unasked[at]
        )
        how = "leader" if post.person in group.led_by else "owner" if owner else "member"
        if len(self._unasked[at]) > _MOST[how]:
            self.trace.broke("too_many_messages", how, post.kind)

    def overtakes(self, post: Post) -> None:
        """First messages of a conversation come in the order of asking."""
        order = self.record.order
        for other in sorted(self.record.waiting):
            same = (other.group, other.person) == (post.group, post.person)
            if same and order[other] < order[post] and post not in self.record.shown:
                self.trace.broke("overtaken", other.kind, post.kind)

    def interrupted(self, unit: Unit) -> None:
        """What a killed process had on its way is uncertain: at most one message for each kill."""
        for id in self.record.groups:
            for row in unit.posts.of_group(id):
                post = Post(id, row.person_id, row.name)
                if row.state == "uncertain" and post in self.record.waiting:
                    self.record.waiting -= {post}
                    self.record.unsure |= {post}
                    self.in_flight += 1
        if self.in_flight > self.trace.kills:
            self.trace.broke("uncertain_for_nothing", self.in_flight, self.trace.kills)

    def tried(self, post: Post, outcome: str) -> None:
        """What has become of a first message; only what surely is not there waits on."""
        self.trace.reach("outcomes", outcome)
        if outcome != "later":
            self.record.waiting -= {post}
        if outcome == "shown":
            self.record.shown |= {post}
            self.record.unsure -= {post}
            self.record.failed -= {post}
        elif outcome != "later" and post not in self.record.shown:
            self.record.unsure |= {post} if outcome == "unknown" else set()
            self.record.failed |= {post} if outcome == "refused" else set()

    def _again(self, group: GroupId, person: PersonId) -> None:
        """What did not come, or perhaps did, is asked for once more."""
        record = self.record
        record.again[group, person] += 1
        there = {one for one in record.unsure | record.failed if one.group == group}
        there = {one for one in there if one.person == person}
        record.waiting |= {one for one in there if record.wanted[one] is not None}
        record.unsure -= there
        record.failed -= there
        record.unasked -= there

    def removed(self, ref: str) -> None:
        """A message is there no more; what perhaps came besides, nobody knows any more.

        Krets knew of it, also if nobody had been sure: whoever pressed its button has proved it.
        """
        post = self.refs.pop(place_of(ref), None)
        if post is not None:
            self.record.shown -= {post}
            self.record.unsure -= {post}
            self.record.removed |= {post}

    # --- how things stand ---------------------------------------------------------------------

    def acknowledged(self, platform: str, event_ids: list[tuple[str, str]]) -> None:
        """What was answered for good is done."""
        for key in event_ids:
            if self._undone.get(key):
                self.trace.broke("acknowledged_undone", platform)

    def undone(self) -> list[tuple[str, str]]:
        """The events about which something was decided and not saved."""
        return [key for key, changes in self._undone.items() if changes]

    def forget_undone(self) -> None:
        """Nobody was told that it was done."""
        self._undone.clear()

    def restored(self) -> None:
        """The record is that of an old backup: what was made since then nobody knows any more."""
        self._undone.clear()
        self._restored_at = self.now()
        # What was not sent that night may have been sent since: it is not trusted.
        self.record.unsure |= self.record.waiting
        self.record.waiting = frozenset()
        for drawer in self.record.items:
            if self.record.keys.get(drawer) not in self.live:
                self.record.items[drawer] = {}
        for (group, number), votes in self.record.votes.items():
            if self.record.keys.get(Drawer(group, f"{number}/vote")) not in self.live:
                votes.ballots.clear()
        self.trace.note("restored")


def has_ended(group: Group, drawer: Drawer, now: datetime) -> bool:
    """Whether the deadline of a drawer has passed."""
    number, _, kind = drawer.name.partition("/")
    meeting = group.meeting(int(number)) if number.isdecimal() else None
    if meeting is None:
        return group.status == "closed"  # it lives as long as the group
    if kind == "vote":
        ballot = meeting.ballot
        # After a vote without a winner there may be another *today or not*, until the end.
        late = ballot is not None and ballot.closed_at is None and now >= ballot.closes_at
        return late or meeting.ended_at is not None
    if meeting.ended_at is None:
        return False
    if kind == "meeting":
        return now >= meeting.ended_at + MEETING_LIVES
    if kind == "mine":
        return now >= meeting.ended_at + MINE_LIVES
    return now >= destroyed_at(group, meeting, "carried")


def kind_of(drawer: Drawer) -> str:
    """The last part of its name: what its deadline is."""
    return drawer.name.partition("/")[2]


def _key(event: Event) -> tuple[str, str] | None:
    if isinstance(event, _IDENTIFIED):
        return event.actor.platform, event.id
    if isinstance(event, MemberChanged | RoomChanged | RoomSeen):
        return event.place.platform, event.id
    return None


def _whose(to: Person | Room) -> PersonId:
    return to.id if isinstance(to, Person) else ""


def _named(value: object) -> set[str]:
    """The people who stand in a card."""
    if isinstance(value, dict):
        own = set(value["people"]) if value.get("kind") == "who" else set()
        return own.union(*map(_named, value.values()))
    if isinstance(value, list | tuple):
        return set[str]().union(*map(_named, value))
    return set()
