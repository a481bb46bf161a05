"""A Slack on a bad day, and people who bear with it.

One call in five is refused, fails, or is done and its answer lost; all that people do reaches
Krets twice, the second time at once or after what others have done since.
"""

import asyncio
from collections import Counter
from datetime import datetime, timedelta
from random import Random
from typing import Any

from aiohttp import web

from bot.core.model import LANGUAGES
from tests.adapters.slack_api import Fault, Json, SlackApi
from tests.adapters.slack_scene import FORM, Got
from tests.core.words import catalogue
from tests.end_to_end.fake_slack import FakeSlack
from tests.end_to_end.site import CHAT, Reply, Seen
from tests.end_to_end.slack_screen import Screen
from tests.end_to_end.slack_site import SlackPersona, SlackSite

#: The share of calls that meet a fault, and how long Slack then asks to be spared, in seconds.
SHARE, REST = 0.2, (1, 2, 5)
#: A channel of which nobody knows whether it was made cannot be made again: only refused.
REFUSED_ONLY = frozenset[str]()

#: What is said of a button that is of no use any more.
UNAVAILABLE = tuple(catalogue(language)["unavailable"][0] for language in LANGUAGES)


class UnreliableSlack(SlackApi):
    """Faults come by method, conversation and count, so they come alike in every run."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self.seed = seed
        #: Real time, once there is a site.
        self.real: list[Any] = []
        self.met: Counter[str] = Counter()
        #: Calls that came although Slack had asked to be spared.
        self.too_early: list[str] = []
        #: What is asked for by several requests at once may cross with Slack's answer to the
        #: first of them; the board asks for one thing after the other.
        self.wave = 0
        #: How many views did not open, as far as anybody sees.
        self.unopened = 0
        self._rests: dict[str, tuple[datetime, int]] = {}
        self._count: Counter[tuple[str, str]] = Counter()

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        await request.read()
        arguments = await self._arguments(request)
        until, asked_in = self._rests.get(method, (self.real[0].now(), 0))
        if self.real[0].now() < until and (asked_in != self.wave or method.startswith("chat.")):
            self.too_early.append(method)
        kind = self._fault(method, arguments)
        self.met[kind] += 1
        if kind in ("429", "500"):
            self.unopened += method.startswith("views.")
        if kind == "429":
            rest = self._dice(method, arguments, "rest").choice(REST)
            self._rests[method] = self.real[0].now() + timedelta(seconds=rest), self.wave
            self.fail(method, Fault(429, headers={"Retry-After": str(rest)}))
        elif kind == "500":
            self.fail(method, Fault(500))
        answer = await super()._serve(request)
        if kind == "lost":
            assert request.transport is not None
            request.transport.abort()
        return answer

    def trigger(self, user: str) -> str:
        """A trigger does not outlive what is done next; in Slack it lives three seconds."""
        self.triggers.clear()
        return super().trigger(user)

    @property
    def rests(self) -> bool:
        """Whether Slack has asked to be spared views for now."""
        now = self.real[0].now()
        return any(at > now for one, (at, _) in self._rests.items() if one.startswith("views."))

    async def _arguments(self, request: web.Request) -> Json:
        if request.content_type == "application/json":
            found: Json = await request.json()
            return found
        return dict(request.query) | dict(await request.post())

    def _fault(self, method: str, arguments: Json) -> str:
        self._count[method, self._about(arguments)] += 1
        dice = self._dice(method, arguments, "fault")
        if dice.random() >= SHARE:
            return "none"
        return "429" if method in REFUSED_ONLY else dice.choice(("429", "500", "lost"))

    def _dice(self, method: str, arguments: Json, what: str) -> Random:
        about = self._about(arguments)
        return Random(f"{self.seed} {what} {method} {about} {self._count[method, about]}")

    def _about(self, arguments: Json) -> str:
        """The conversation or the person that a call is about."""
        if "trigger_id" in arguments:
            return self.triggers.get(arguments["trigger_id"], "")
        about = str(arguments.get("channel") or arguments.get("user") or "")
        return "room" if about.startswith("C") else about


class PatientSite(SlackSite):
    """Brings everything twice."""

    def __init__(self, *parts: Any) -> None:
        super().__init__(*parts)
        assert isinstance(self.workspace, FakeSlack)
        assert isinstance(self.workspace.api, UnreliableSlack)
        self.api = self.workspace.api
        self.api.real.append(self.real)
        self._dice = Random(self.api.seed)
        #: What will come once more.
        self._again: list[tuple[bytes, str]] = []
        self.twice = 0

    def persona(self, native: str) -> "PatientPersona":
        return PatientPersona(self, native)

    async def deliver(self, body: bytes, kind: str = FORM) -> Got:
        """Bring it now, in some order with what comes again; what is not empty is its answer."""
        wave = [(body, kind)]
        while self._again and self._dice.random() < 0.6:
            wave.append(self._again.pop(self._dice.randrange(len(self._again))))
        if self._dice.random() < 0.5:
            wave.append((body, kind))
        else:
            self._again.append((body, kind))
        self._dice.shuffle(wave)
        self.api.wave += 1
        given = await asyncio.gather(*(super(PatientSite, self).deliver(*one) for one in wave))
        assert {got.status for got in given} == {200}
        self.twice += len(wave) - 1
        mine = [got for one, got in zip(wave, given, strict=True) if one[0] is body]
        return max(mine, key=lambda got: len(got.text))

    async def deliver_the_rest(self) -> None:
        """Bring what has not yet come twice."""
        self._dice.shuffle(self._again)
        for one in self._again:
            self.api.wave += 1
            assert (await super().deliver(*one)).status == 200
        self.twice += len(self._again)
        self._again.clear()
        await self.settle()

    def uncertain(self, user: str, room: str) -> bool:
        """Whether Krets does not know what stands in this conversation."""
        return bool(
            self.ask(
                "SELECT 1 FROM posts LEFT JOIN identities USING (person_id)"
                " WHERE state = 'uncertain' AND coalesce(native, '') = ?",
                user if room == CHAT else "",
            )
        )


class PatientPersona(SlackPersona):
    """Somebody who presses again, and who asks `/krets` for what they do not find."""

    _site: PatientSite

    async def see(self, room: str = CHAT) -> Seen:
        seen = await super().see(room)
        if not self._site.uncertain(self.user, room):
            return seen
        home = (await self.write("/krets", room)).seen
        assert isinstance(home, Screen)
        assert isinstance(seen, Screen)
        # What the conversation offers comes last: where it offers anything, that is pressed.
        seen.text = f"{home.text}\n{seen.text}"
        seen.buttons, seen.at = home.buttons + seen.buttons, home.at + seen.at
        return seen

    async def press_in(self, seen: Seen, label: str, room: str = CHAT) -> Reply:
        """Press the last such button; if it is of no use any more, the one before."""
        assert isinstance(seen, Screen)
        found = [n for n, (one, _) in enumerate(seen.buttons) if one == label]
        assert found, f"{self.native} sees no {label!r} but {seen.labels()}"
        for n in reversed(found):
            reply = await self._press(seen.buttons[n][1], seen.at[n])
            if not any(words in reply.seen for words in UNAVAILABLE):
                break
        return reply

    async def _press(self, packed: str, where: Json) -> Reply:
        while True:
            before = self._site.api.unopened
            reply = await self.act(packed, **where)
            if self._opened(reply, before):
                return reply

    async def write(self, text: str, room: str = CHAT) -> Reply:
        while True:
            before = self._site.api.unopened
            reply = await super().write(text, room)
            if self._opened(reply, before):
                return reply

    def _opened(self, reply: Reply, before: int) -> bool:
        """Whether what came back is all that there is to come; else some time passes."""
        api = self._site.api
        if reply.kind in ("form", "home") or (api.unopened == before and not api.rests):
            return True
        self._site.real.pass_by(max(REST))
        return False
