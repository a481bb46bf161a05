"""The stage in Slack: one workspace, with a private channel for each group."""

from functools import partial

from adapters.bench.story import Scenery, Troupe
from adapters.slack import render
from adapters.slack.bench.web_api import MEMBERS, ROOM, TEAM, people
from bot.core.event import Identity, Place


def _troupe(group: str, count: int = MEMBERS) -> Troupe:
    sponsor, (first, second), members = people(group, count)
    room = Place("slack", TEAM, ROOM + group, private=False)
    return Troupe(_who(sponsor), (_who(first), _who(second)), tuple(map(_who, members)), room)


def _who(native: str) -> Identity:
    return Identity("slack", TEAM, native)


def _ref(channel: str, number: int) -> str:
    return f"{channel}:1700000000.{number:06}"


SLACK = Scenery(_troupe, render.form, _ref)

TEN = 10
#: The same with so many members in each group.
TENS = Scenery(partial(_troupe, count=TEN), render.form, _ref)
