"""What comes to pass in rooms and chats, as Teams tells it: pure."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from adapters.teams.parse import (
    PLATFORM,
    Known,
    event_id,
    identity,
    is_bot,
    place_of,
    tenant_of,
)
from adapters.teams.shapes import Account, Activity
from bot.core.event import Identity, MemberChanged, Place, RoomChanged, RoomState

_NOBODY: Known = {}
#: What becomes of a room. Of a channel that is shared no more only a look at it tells with whom it
#: still is; names are nothing to us.
_STATES: dict[str, RoomState] = {
    "channelDeleted": "lost",
    "channelRestored": "ok",
    "channelShared": "shared",
    "teamArchived": "lost",
    "teamDeleted": "lost",
    "teamHardDeleted": "lost",
    "teamRestored": "ok",
    "teamUnarchived": "ok",
}


@dataclass(frozen=True, slots=True)
class Told:
    """What came to pass in a room; with a `team`, in every room of that team in the same way."""

    happening: MemberChanged | RoomChanged
    team: str = ""

    def at(self, room: str) -> MemberChanged | RoomChanged:
        """The same for one room of the team, as an event of its own."""
        place = replace(self.happening.place, native=room)
        return replace(self.happening, id=f"{self.happening.id}:{room}", place=place)


@dataclass(frozen=True, slots=True)
class Uninstalled:
    """Somebody took Krets out of their own chat: it cannot write there until they bring it back."""

    id: str
    who: Identity


def told_of(activity: Activity, known: Known = _NOBODY) -> tuple[Told | Uninstalled, ...]:
    """All that the activity tells of rooms and chats; raises `BadPayload`."""
    match activity.type, activity.action:
        case "installationUpdate", "remove":
            return _removed(activity, known)
        case "conversationUpdate", _ if activity.conversation.conversation_type != "personal":
            return tuple(_updated(activity, known))
        case _:
            return ()


def _removed(activity: Activity, known: Known) -> tuple[Told | Uninstalled, ...]:
    id, place = event_id(activity), place_of(activity)
    if not place.private:
        return (Told(RoomChanged(id, place, "lost"), _team(activity)),)
    if activity.from_ is None or is_bot(activity.from_):
        return ()
    return (Uninstalled(id, identity(activity.from_, place.tenant, known)),)


def _updated(activity: Activity, known: Known) -> Iterator[Told]:
    id, place, team = event_id(activity), _place(activity), _team(activity)
    state = _STATES.get(_event_type(activity))
    if state is not None:
        yield Told(RoomChanged(id, place, state), team)
    for came, members in ((True, activity.members_added), (False, activity.members_removed)):
        for one in members or ():
            if _is_ours(one, activity):
                state = "ok" if came else "lost"
                yield Told(RoomChanged(f"{id}:{one.id}", place, state), team)
            elif not is_bot(one):
                who = identity(one, place.tenant, known)
                yield Told(MemberChanged(f"{id}:{one.id}", who, place, came), team)


def _place(activity: Activity) -> Place:
    """The room; of an event that concerns one channel, that channel."""
    data = activity.channel_data
    if data is not None and data.channel is not None:
        return Place(PLATFORM, tenant_of(activity), data.channel.id, private=False)
    return place_of(activity)


def _team(activity: Activity) -> str:
    """The team, if all of it is concerned."""
    team = activity.channel_data.team if activity.channel_data else None
    return team.id if team is not None and not _event_type(activity).startswith("channel") else ""


def _event_type(activity: Activity) -> str:
    return (activity.channel_data.event_type if activity.channel_data else "") or ""


def _is_ours(account: Account, activity: Activity) -> bool:
    return activity.recipient is not None and account.id == activity.recipient.id
