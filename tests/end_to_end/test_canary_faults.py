"""An exception at each call in turn, while people write: no word of theirs comes out by it.

`make test` lets every seventh call fail; each of them, on both platforms, with

    KRETS_EVERY=1 python -m pytest tests/end_to_end/test_canary_faults.py
"""

import inspect
import os
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from adapters.slack import render as slack
from adapters.slack.messenger import SlackMessenger
from adapters.teams import render as teams
from adapters.teams.messenger import TeamsMessenger
from bot.groups import Groups
from bot.keyring import Keyring
from bot.saving import Saving
from bot.store.groups import GroupTable
from bot.store.moments import MomentTable
from bot.store.people import PeopleTable
from bot.store.posts import PostTable
from bot.store.unit import Unit
from bot.words import View
from tests.end_to_end.overheard import overheard
from tests.end_to_end.site import Reply
from tests.end_to_end.story import LEADERS, PEOPLE, press, to_the_vote
from tests.end_to_end.test_canaries import CANARIES

EVERY = int(os.environ.get("KRETS_EVERY", "7"))
#: What the store, the keyring, the messengers, the renderers and the words are asked for.
CALLED = (
    *(Unit, GroupTable, PeopleTable, PostTable, MomentTable, Saving, Groups),
    *(Keyring, SlackMessenger, TeamsMessenger, slack, teams),
)
#: Of the words those that a person wrote, and whole sentences: each part of one is far too many.
SPOKEN = ("said", "plain", "prefilled")


class Planted(RuntimeError):
    """The fault that is planted."""


class Calls:
    """Counts calls, and lets one of them fail."""

    def __init__(self) -> None:
        """Let none fail yet."""
        self.made = 0
        self.fails = 0

    def counted(self, real: Callable[..., Any]) -> Callable[..., Any]:
        """The same function, which may fail."""

        def called(*args: Any, **more: Any) -> Any:
            self.made += 1
            if self.made == self.fails:
                raise Planted
            return real(*args, **more)

        return called

    async def each(self, do: Callable[[], Awaitable[Reply]]) -> Reply:
        """Do something again and again, each time with another call failing; at last without."""
        fails = 1
        while True:
            self.made, self.fails = 0, fails
            with suppress(AssertionError):  # what a person sees of it may be nothing at all
                await do()
            if self.made < fails:
                self.fails = 0
                return await do()
            fails += EVERY


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Iterator[Calls]:
    """All of them, counted."""
    calls = Calls()
    for owner in CALLED:
        for name, real in vars(owner).items():
            ours = inspect.isfunction(real) and real.__module__ == getattr(
                owner, "__module__", owner.__name__
            )
            if ours and not name.startswith("_"):
                monkeypatch.setattr(owner, name, calls.counted(real))
    for name in SPOKEN:
        monkeypatch.setattr(View, name, calls.counted(getattr(View, name)))
    return calls


@pytest.mark.parametrize("platform", ["slack", "teams"] if EVERY == 1 else ["slack"])
async def test_a_fault_at_any_call_tells_no_word(
    platform: str, calls: Calls, tmp_path: Path
) -> None:
    async with overheard(platform, tmp_path / "var") as heard:
        site, room = heard.site, await heard.gather()
        asa, johan, mats = (site.persona(one) for one in (*PEOPLE[:2], LEADERS[0]))
        await site.until("finish", 1)
        await site.until("question", 2)
        for person, which in ((asa, "case"), (johan, "another case")):
            form = await press(person, "bring", room)
            brought = {"case": CANARIES[which]}
            await calls.each(lambda f=form, p=person, b=brought: p.submit(f, room, **b))
        await site.until("checkin", 2)
        form = await press(asa, "check in")
        feels = {"tap": "heavy", "words": CANARIES["check-in"], "level": "all"}
        await calls.each(lambda: asa.submit(form, **feels))
        await site.until("begin", 2)
        await to_the_vote(mats)
        await press(mats, "open the vote")
        ballot = await calls.each(lambda: press(asa, "vote", room))
        chosen = list(ballot.seen.choices["cases"])[:1]
        await calls.each(lambda: asa.submit(ballot, room, cases=chosen))
        # What changes each time, so that each time something is shown anew.
        await calls.each(lambda: mats.press("2 min till"))
        await press(mats, "end")
        reflect = await press(johan, "reflect")
        felt = {"support": CANARIES["support"], "take": CANARIES["take"], "keep": True}
        await calls.each(lambda: johan.submit(reflect, **felt))
        mine = await calls.each(lambda: johan.write("/krets mina uppgifter"))
        assert CANARIES["take"] in mine.seen, "it all came to pass in the end"
        assert any("Planted" in line for line in heard.log)
        assert heard.found("kanarie") == []
