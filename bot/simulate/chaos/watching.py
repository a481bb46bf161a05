"""Looking on at the ways out: what the board says, and what goes over the wire."""

import json
import re
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from datetime import datetime, timedelta

from adapters.simulated import Call, Fault, Json, Simulated
from bot.core.card import Card
from bot.core.event import GroupId, Identity, Place
from bot.core.model import Group
from bot.messenger import (
    Address,
    Look,
    Messenger,
    Profile,
    Refused,
    TryLater,
    Unreachable,
)
from bot.simulate.chaos.laws import Laws
from bot.simulate.chaos.record import CANARY, Mark, Post
from bot.simulate.chaos.seams import Breath
from bot.words import View

#: What the board is about to say, in the task in which it says it.
_SAYING: ContextVar[tuple[Post, Card] | None] = ContextVar("saying", default=None)
#: The forms in which a sponsor picks people.
_ABOUT_LEADERS = re.compile(r'kind\\*":\\*"(open|replace)')
#: How long nothing is asked with a token that is not taken.
_REVOKED = timedelta(minutes=59)
#: Longer than any of the clients waits.
_SLOW = 40.0


class WatchedMessenger:
    """A messenger as the board has it; each word is looked at before it is said."""

    def __init__(self, inner: Messenger, laws: Laws) -> None:
        """Look on at this one."""
        self._inner = inner
        self._laws = laws

    @property
    def makes_rooms(self) -> bool:
        """Whether Krets makes rooms here."""
        return self._inner.makes_rooms

    async def post(self, to: Address, card: Card, view: View) -> str:
        """A new message."""
        post = self._meant(to, card, view)
        self._laws.may_post(post)
        if to.native not in self._laws.strangers:
            self._laws.overtakes(post)
        saying = _SAYING.set((post, card))
        try:
            ref = await self._inner.post(to, card, view)
        except TryLater:
            self._laws.tried(post, "later")
            raise
        except (Refused, Unreachable):
            self._laws.tried(post, "refused")
            raise
        except BaseException:
            self._laws.tried(post, "unknown")
            raise
        finally:
            _SAYING.reset(saying)
        self._laws.tried(post, "shown")
        return ref

    async def edit(self, to: Address, ref: str, card: Card, view: View) -> None:
        """A message that shows something else."""
        post = self._meant(to, card, view)
        saying = _SAYING.set((post, card))
        try:
            await self._inner.edit(to, ref, card, view)
        finally:
            _SAYING.reset(saying)
        self._laws.tried(post, "shown")

    async def remove(self, to: Address, ref: str) -> None:
        """A message that goes."""
        await self._inner.remove(to, ref)
        self._laws.removed(ref)

    async def open_room(self, group_id: GroupId, name: str, people: tuple[Identity, ...]) -> Place:
        """A new room."""
        self._laws.may_speak(group_id)
        return await self._inner.open_room(group_id, name, people)

    async def let_in(self, place: Place, person: Identity) -> None:
        """Somebody who comes in."""
        await self._inner.let_in(place, person)

    async def let_out(self, place: Place, person: Identity) -> None:
        """Somebody who goes out."""
        await self._inner.let_out(place, person)

    async def profile(self, identity: Identity) -> Profile:
        """Of a stranger nobody waits for the first message."""
        try:
            return await self._inner.profile(identity)
        except (Refused, Unreachable):
            self._laws.strangers.add(identity.native)
            raise

    async def roster(self, place: Place) -> tuple[Identity, ...]:
        """Who is in a room."""
        return await self._inner.roster(place)

    async def look(self, place: Place) -> Look:
        """How a room is."""
        return await self._inner.look(place)

    def _meant(self, to: Address, card: Card, view: View) -> Post:
        group = next(iter(view.groups))
        known = self._laws.persons
        known.update({(to.platform, native): person for person, native in view.natives.items()})
        person = known.get((to.platform, to.native), "?") if isinstance(to, Identity) else ""
        self._laws.may_speak(group)
        post = self._laws.post_of(group, person, card)
        if post is None:
            self._laws.trace.broke("said_unwanted", "room" if not person else "person")
            raise AssertionError("the run has ended")
        return post


class Wire:
    """What is between Krets and the platforms: faults, and eyes on all that goes by."""

    def __init__(
        self,
        laws: Laws,
        wrote: dict[str, tuple[str, str]],
        noticed: Callable[[Simulated, str, str, bool], None],
        sleep: Callable[[float], Awaitable[None]],
    ) -> None:
        """`noticed` is told of messages that have come or changed."""
        self.laws = laws
        self.platforms: dict[str, Simulated] = {}
        self.breath: Breath | None = None
        #: Of those who are sponsors and nothing else: of whom they must not be told.
        self.pools: dict[str, list[str]] = {}
        self._wrote = wrote
        self._noticed = noticed
        self._sleep = sleep
        self._rests: dict[tuple[str, str], datetime] = {}
        self._refused_at: dict[str, datetime] = {}

    def started(self) -> None:
        """A new process remembers nobody's request for patience."""
        self._rests.clear()
        self._refused_at.clear()

    # --- each call --------------------------------------------------------------------------

    async def before(self, call: Call) -> Fault | None:
        """Look at a call, and say what it meets."""
        breath = self._alive("before_call_out")
        trace, now = self.laws.trace, self.laws.now()
        text = json.dumps(call.body, ensure_ascii=False)
        self.look(call.platform, call.viewers, text, window=call.window)
        key = call.platform, call.pace
        if call.method != "respond":
            if self._rests.get(key, now) > now:
                trace.broke("too_early", call.platform, call.method)
            refused_at = self._refused_at.get(call.platform)
            if refused_at is not None and refused_at <= now < refused_at + _REVOKED:
                trace.broke("asked_without_token", call.method)
        fault = breath.trouble.of_call(call.method) if call.method != "auth.test" else None
        trace.note("call", call.platform, call.method, fault.status if fault else "-")
        if fault is not None and fault.after and call.method != "respond":
            self._rests[key] = now + timedelta(seconds=fault.after)
        if fault is not None and not fault.status and not fault.away and not fault.done:
            await self._slow()
        return fault

    async def after(self, call: Call, said: Json, refused: str, fault: Fault | None) -> None:
        """It is done, or refused."""
        platform = self.platforms[call.platform]
        if refused:
            self.laws.trace.note("refused", refused)
            self.laws.trace.reach("refusals", refused)
            if refused in ("token_revoked", "Unauthorized") and fault is None:
                self._refused_at[call.platform] = self.laws.now()
        elif call.method in ("chat.postMessage", "chat.update", "send", "update"):
            at = str(said.get("channel") or call.where), str(said.get("ts") or said.get("id"))
            self._mark(platform, at, call)
        self._alive("after_call_out")
        if fault is not None and not fault.status and not fault.away:
            await self._slow()

    def _mark(self, platform: Simulated, at: tuple[str, str], call: Call) -> None:
        saying = _SAYING.get()
        if saying is None:
            return
        post, card = saying
        message = platform.messages[at]
        again = self.laws.record.again[post.group, post.person]
        for other in platform.messages.values():
            mark = other.mark
            if other is message or not isinstance(mark, Mark) or other.room != message.room:
                continue
            if mark.post == post and post in self.laws.record.removed and call.posts:
                mark.forgotten = True
            known = mark.again == again and not mark.forgotten
            # Also what is forgotten is not to be said anew before somebody asks for it.
            if mark.post == post and call.posts and (known or post in self.laws.record.unsure):
                self.laws.trace.broke("said_twice", post.kind)
        if call.posts:
            self.laws.record.removed -= {post}
            self.laws.refs[at] = post
            message.mark = Mark(post, card, again)
        elif isinstance(message.mark, Mark):
            message.mark.card = card
        self._noticed(platform, *at, call.posts)

    async def _slow(self) -> None:
        """No answer for so long that nobody waits for it any more."""
        await self._sleep(_SLOW)
        self._alive("slow")

    def _alive(self, where: str) -> Breath:
        assert self.breath is not None
        self.breath.point(where)
        return self.breath

    # --- what is in them ----------------------------------------------------------------------

    def look(self, platform: str, viewers: tuple[str, ...], text: str, *, window: bool) -> None:
        """No private text but in the windows of those who may read it."""
        record, trace = self.laws.record, self.laws.trace
        for canary in CANARY.findall(text):
            author = self._wrote.get(canary, ("", ""))[1]
            lies = [one for one, items in record.items.items() if canary in str(items)]
            if not window:
                if not any(_titled(record.groups.get(one.group), one.name) for one in lies):
                    trace.broke("text_in_message", platform)
                continue
            if canary in self.laws.gone:
                trace.broke("text_returns", "window")
            for one in viewers:
                person = self.laws.persons.get((platform, one), "")
                group = record.groups.get(lies[0].group) if lies else None
                inside = group is not None and person in (*group.people, *group.led_by)
                if one != author and not inside:
                    trace.broke("text_to_outsider", platform)
        for one in viewers:
            if one in self.pools and not _ABOUT_LEADERS.search(text):
                self._sponsor(platform, one, text)

    def _sponsor(self, platform: str, sponsor: str, text: str) -> None:
        """To a sponsor nobody is named but who was asked to lead."""
        me, persons = self.laws.persons.get((platform, sponsor)), self.laws.persons
        mine = [id for id, one in self.laws.record.groups.items() if me in one.sponsors]
        saying = _SAYING.get()
        if saying is not None and saying[0].group not in mine:
            return  # they are in another group's room
        leaders = {person for id in mine for person in self.laws.record.led.get(id, ())}
        for native in self.pools[sponsor]:
            named = self.platforms[platform].people[native] in text or f"<@{native}>" in text
            if named and persons.get((platform, native)) not in leaders:
                self.laws.trace.broke("sponsor_told", "message")


def _titled(group: Group | None, drawer: str) -> bool:
    """Whether the titles of the questions may stand in the room."""
    if group is None:
        return False
    number = drawer.partition("/")[0]
    meeting = group.meeting(int(number)) if number.isdecimal() else None
    return meeting is not None and meeting.titles == "shown"
