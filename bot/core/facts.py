"""What the shell knows while a rule decides. The core cannot ask, so it is told beforehand."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.core.event import GroupId, PersonId
from bot.core.figures import GroupFacts, OpenSignUp, YearFigures
from bot.core.method import Method
from bot.core.model import Group


@dataclass(frozen=True, slots=True)
class Defaults:
    """What a form proposes when nobody has said otherwise; from the settings."""

    language: str = "en"
    zone: str = "Europe/Stockholm"
    country: str = "SE"
    method: str = "jonkoping"


@dataclass(frozen=True, slots=True)
class Facts:
    """`now` is programme time, `fresh` a random token never used before, `me` who acted."""

    now: datetime
    fresh: str
    me: PersonId = ""
    #: What I am called.
    name: str = ""
    language: str = "en"
    zone: str = "Europe/Stockholm"
    #: My own hours in that zone as `schedules.rule.Hours` writes them; empty for none.
    hours: str = ""
    platform: str = ""
    tenant: str = ""
    #: Whether Krets can make rooms here, and let people in and out; else people do it by hand.
    makes_rooms: bool = True
    #: Whose conversation (empty: the room's) has just proved to hold a message nobody was sure of.
    proved: PersonId | None = None
    #: The groups I have a part in, in any role; read for commands, the home and opening a group.
    mine: tuple[Group, ...] = ()
    #: The people of the place where it happened, for a room.
    here: tuple[PersonId, ...] = ()
    #: The group whose room this place is, if any.
    room_of: GroupId = ""
    #: Whether I am a coordinator of this organisation; the settings name them.
    coordinates: bool = False
    #: All groups of the organisation as a coordinator sees them; read when one asks for them.
    groups: tuple[GroupFacts, ...] = ()
    #: The figures of the year for which a coordinator asks.
    figures: YearFigures | None = None
    #: The groups for which I may sign up; read when I ask for them.
    sign_ups: tuple[OpenSignUp, ...] = ()
    #: Methods by id, each with its hash.
    methods: Mapping[str, tuple[str, Method]] = field(default_factory=dict)
    defaults: Defaults = Defaults()
    #: Whether a private address leads to Krets from where I am.
    reached: bool = False
