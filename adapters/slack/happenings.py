"""What comes to pass in a workspace without anybody doing something with Krets: pure.

Renamed channels and everything else that changes nothing for Krets is None.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from adapters.slack import shapes
from adapters.slack.reading import PLATFORM, BadPayload, read
from bot.core.event import (
    Happening,
    Identity,
    Installed,
    MemberChanged,
    Place,
    RoomChanged,
    RoomState,
)
from bot.messenger import Profile
from bot.words import negotiate
from schedules.rule import is_zone


@dataclass(frozen=True, slots=True)
class PersonChanged:
    """Slack tells a profile anew (empty is what it does not tell), or knows no colleague there."""

    id: str
    who: Identity
    profile: Profile
    gone: bool


@dataclass(frozen=True, slots=True)
class Uninstalled:
    """A workspace has taken Krets out, or (not `whole`) has only revoked its token."""

    id: str
    tenant: str
    whole: bool


Told: TypeAlias = Installed | Happening | PersonChanged | Uninstalled

_ROOMS: Mapping[str, RoomState] = {
    "channel_shared": "shared",
    "channel_unshared": "ok",
    "group_archive": "lost",
    "group_deleted": "lost",
    "group_left": "lost",
    "group_unarchive": "ok",
}


def happening(envelope: shapes.Envelope) -> Told | None:
    """What an event tells of rooms, people and the workspace; None if nothing that matters."""
    event, tenant = envelope.event, tenant_of(envelope)
    if not tenant:
        raise BadPayload("The payload names no workspace.")
    id = f"{envelope.team_id or tenant}:{envelope.event_id}"
    kind = event.get("type")
    match kind:
        case "member_joined_channel" | "member_left_channel":
            return _member(id, tenant, envelope, came=kind == "member_joined_channel")
        case "user_change":
            return _person(id, tenant, event)
        case "app_uninstalled":
            return Uninstalled(id, tenant, whole=True)
        case "tokens_revoked":
            bots = read(shapes.TOKENS, event).tokens.bot
            return Uninstalled(id, tenant, whole=False) if bots else None
        case str() if kind in _ROOMS:
            where = Place(PLATFORM, tenant, read(shapes.OF_CHANNEL, event).channel, private=False)
            still = kind == "channel_unshared" and event.get("is_ext_shared") is True
            return RoomChanged(id, where, "shared" if still else _ROOMS[kind])
        case _:
            return None


def tenant_of(envelope: shapes.Envelope) -> str:
    """The organisation, or else the workspace, for which an event is meant.

    An event of a shared channel comes in another workspace's name; the authorization is ours.
    """
    for ours in envelope.authorizations or ():
        return ours.enterprise_id or ours.team_id or ""
    return envelope.enterprise_id or envelope.team_id or ""


def profile_of(user: Mapping[str, Any]) -> Profile:
    """What Slack tells of a person; empty is what it does not.

    >>> profile_of({"id": "U1", "name": "bo", "profile": {}, "locale": "nb-NO"})
    Profile(name='bo', language='nb', zone='')
    """
    said = user.get("profile")
    said = said if isinstance(said, dict) else {}
    names = (said.get("display_name"), said.get("real_name"), user.get("name"))
    zone, locale = user.get("tz"), user.get("locale")
    return Profile(
        name=next((name for name in names if name and isinstance(name, str)), ""),
        language=negotiate(locale) if locale and isinstance(locale, str) else "",
        zone=zone if isinstance(zone, str) and is_zone(zone) else "",
    )


def _member(
    id: str, tenant: str, envelope: shapes.Envelope, *, came: bool
) -> Installed | MemberChanged | RoomChanged | None:
    """Somebody came or went; if it was Krets itself, it was brought or taken out."""
    changed = read(shapes.MEMBER, envelope.event)
    place = Place(PLATFORM, tenant, changed.channel, private=False)
    if any(changed.user == ours.user_id for ours in envelope.authorizations or ()):
        if not came:
            return RoomChanged(id, place, "lost")
        by = changed.inviter
        return Installed(id, Identity(PLATFORM, tenant, by), place) if by else None
    return MemberChanged(id, Identity(PLATFORM, tenant, changed.user), place, came)


def _person(id: str, tenant: str, event: Mapping[str, Any]) -> PersonChanged:
    user = event.get("user")
    user = user if isinstance(user, dict) else {}
    who = Identity(PLATFORM, tenant, read(shapes.USER, user).id)
    return PersonChanged(id, who, profile_of(user), gone=_gone(user))


def _gone(user: Mapping[str, Any]) -> bool:
    """Whether somebody was deactivated, or made a guest."""
    return any(user.get(one) is True for one in ("deleted", "is_restricted", "is_ultra_restricted"))
