"""Time travel for trying: what it can do, and what the clock panel shows of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from markupsafe import Markup

from adapters.playground.inline import plain, rich
from bot.core.card import T, When
from bot.programme import Ran
from bot.words import View

#: The moments that have a name of their own on the page.
_NAMED = frozenset(
    {"announce", "question", "remind", "overview", "checkin", "begin", "close", "finish"}
    | {"next_day", "shred", "forget", "release", "lapse"}
)


class TimeTravel(Protocol):
    """Moves programme time forward, through every due moment in order."""

    async def now(self) -> datetime:
        """The programme time."""

    async def next_due(self) -> Ran | None:
        """The moment that comes next."""

    async def go(self, to: datetime) -> list[Ran]:
        """Go there; what came on the way, all of it done."""

    async def go_next(self) -> list[Ran]:
        """Go to the next moment; what came then."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A moment as the panel shows it."""

    what: str
    when: Markup


@dataclass(frozen=True, slots=True)
class Panel:
    """What the clock panel shows; `ran` is None before the first journey."""

    now: Markup
    due: Shown | None
    ran: tuple[Shown, ...] | None


def panel(now: datetime, due: Ran | None, ran: list[Ran] | None, view: View) -> Panel:
    """The clock panel in this reader's language and zone."""
    return Panel(
        _when(now, view),
        _shown(due, view) if due else None,
        None if ran is None else tuple(_shown(one, view) for one in ran),
    )


def as_json(moment: Ran) -> dict[str, object]:
    """A moment for whoever travels by program.

    >>> as_json(Ran("begin", "g1", 2, datetime.fromisoformat("2026-03-10T12:00:00+00:00")))
    {'kind': 'begin', 'group': 'g1', 'meeting': 2, 'at': '2026-03-10T12:00:00+00:00'}
    """
    return {
        "kind": moment.kind,
        "group": moment.group,
        "meeting": moment.meeting,
        "at": moment.at.isoformat(),
    }


def _shown(moment: Ran, view: View) -> Shown:
    named = moment.kind in _NAMED
    what = plain(T(f"page.moment.{moment.kind}"), view) if named else moment.kind
    if moment.meeting:
        what = f"{plain(T('page.meeting', {'number': moment.meeting}), view)} · {what}"
    return Shown(what, _when(moment.at, view))


def _when(at: datetime, view: View) -> Markup:
    return rich(T("value", {"value": When(at)}), view)
