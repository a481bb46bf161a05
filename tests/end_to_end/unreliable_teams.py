"""A Teams on a bad day, and people who bear with it.

One call in five is refused for now, or is done and its answer lost; all that people do reaches
Krets twice, the second time at once or after what others have done since.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from random import Random
from typing import Any

from aiohttp import web

from bot.core.model import LANGUAGES
from tests.adapters.teams_api import Fault
from tests.adapters.teams_people import Got
from tests.end_to_end.fake_teams import FakeTeams, Serve
from tests.end_to_end.site import CHAT, Reply, Seen
from tests.end_to_end.teams_screen import Json, Screen, told
from tests.end_to_end.teams_site import ROOM, TeamsPersona, TeamsSite, is_kept

#: The share of calls that meet a fault, which ones, and how long Teams then asks to be spared.
SHARE, FAULTS, REST = 0.2, ("429", "502", "504", "lost"), (1, 2, 5)
#: After how many seconds people try again.
BREAK = 60

#: What is said of a button that is of no use any more.
UNAVAILABLE = tuple(told(language, "unavailable") for language in LANGUAGES)


class UnreliableTeams(FakeTeams):
    """Faults come by call, conversation and count, so they come alike in every run."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self.seed = seed
        #: Real time, once there is a site.
        self.real: list[Any] = []
        self.met: Counter[str] = Counter()
        #: Calls that came although Teams had asked to be spared in that conversation.
        self.too_early: list[str] = []
        self._rests: dict[str, datetime] = {}
        self._count: Counter[tuple[str, str]] = Counter()

    def _serving(self, name: str, does: Callable[[web.Request, Json], Awaitable[object]]) -> Serve:
        serve = super()._serving(name, does)

        async def unreliable(request: web.Request) -> web.StreamResponse:
            await request.read()
            where, now = request.match_info.get("id", ""), self.real[0].now()
            if now < self._rests.get(where, now):
                self.too_early.append(name)
            kind = self._fault(name, where)
            self.met[kind] += 1
            if kind == "429":
                rest = self._dice(name, where, "rest").choice(REST)
                self._rests[where] = now + timedelta(seconds=rest)
                self.fail(name, Fault(429, headers={"Retry-After": str(rest)}))
            elif kind == "lost":
                self.fail(name, Fault(cut=True, done=True))
            elif kind != "none":
                self.fail(name, Fault(int(kind)))
            answer = await serve(request)
            self.refused.clear()  # it was to be
            return answer

        return unreliable

    def _fault(self, name: str, where: str) -> str:
        self._count[name, where] += 1
        dice = self._dice(name, where, "fault")
        return dice.choice(FAULTS) if dice.random() < SHARE else "none"

    def _dice(self, name: str, where: str, what: str) -> Random:
        return Random(f"{self.seed} {what} {name} {where} {self._count[name, where]}")


class PatientTeamsSite(TeamsSite):
    """Brings everything twice."""

    def __init__(self, *parts: Any) -> None:
        super().__init__(*parts)
        assert isinstance(self.api, UnreliableTeams)
        self.api.real.append(self.real)
        self._dice = Random(self.api.seed)
        #: What will come once more.
        self._again: list[Json] = []
        self.twice = 0

    def persona(self, native: str) -> "PatientTeamsPersona":
        return PatientTeamsPersona(self, native)

    async def start_here(self, leader: TeamsPersona) -> None:
        """Try again as long as Teams does not tell who is there."""
        for _ in range(10):
            form = await leader.write("här", ROOM)
            if form.kind == "form":
                await leader.submit(form, ROOM)
            if self.has_room():
                return  # perhaps by what came a second time
            self.real.pass_by(BREAK)

    async def deliver(self, activity: Json) -> Got:
        """Bring it now, in some order with what comes again; what is not empty is its answer."""
        wave = [activity]
        while self._again and self._dice.random() < 0.6:
            wave.append(self._again.pop(self._dice.randrange(len(self._again))))
        if self._dice.random() < 0.5:
            wave.append(activity)
        else:
            self._again.append(activity)
        self._dice.shuffle(wave)
        given = await asyncio.gather(*(super(PatientTeamsSite, self).deliver(one) for one in wave))
        assert {got.status for got in given} == {200}
        self.twice += len(wave) - 1
        mine = [got for one, got in zip(wave, given, strict=True) if one is activity]
        return max(mine, key=lambda got: len(got.text))

    async def deliver_the_rest(self) -> None:
        """Bring what has not yet come twice."""
        self._dice.shuffle(self._again)
        for one in self._again:
            assert (await super().deliver(one)).status == 200
        self.twice += len(self._again)
        self._again.clear()
        await self.settle()

    def uncertain(self, native: str, room: str) -> bool:
        """Whether Krets does not know what stands in this conversation."""
        return bool(
            self.ask(
                "SELECT 1 FROM posts LEFT JOIN identities USING (person_id)"
                " WHERE state = 'uncertain' AND coalesce(native, '') = ?",
                native if room == CHAT else "",
            )
        )


class PatientTeamsPersona(TeamsPersona):
    """Somebody who tries again, and who asks for the home where they do not find something."""

    _site: PatientTeamsSite

    def looks_at(self, message: Json) -> bool:
        return is_kept(message)

    async def see(self, room: str = CHAT) -> Seen:
        seen = await super().see(room)
        if not self._site.uncertain(self.native, room):
            return seen
        home = (await self.write("hem")).seen
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
            reply = await self.press_at(seen.at[n])
            if not any(words in reply.seen for words in UNAVAILABLE):
                break
        return reply

    async def write(self, text: str, room: str = CHAT) -> Reply:
        """Write it again, some time later, as long as nothing is answered."""
        for _ in range(10):
            reply = await super().write(text, room)
            if reply.kind != "nothing":
                return reply
            self._site.real.pass_by(BREAK)
        raise AssertionError(f"{self.native} never got an answer to {text!r}")
