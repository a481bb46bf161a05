"""Teams as a messenger: every person by their own chat, every room by its conversation."""

import asyncio
from dataclasses import replace
from typing import Any

from adapters.answers import UnknownOutcome
from adapters.teams import render
from adapters.teams.answers import Gone
from adapters.teams.connector import Connector, Conversation
from adapters.teams.parse import MARK, PLATFORM, Known, bare_of, place_of, ref
from adapters.teams.references import Reference, References
from adapters.teams.shapes import Activity
from bot.core.card import Card
from bot.core.event import GroupId, Identity, Place
from bot.messenger import Address, Look, Profile, Refused, TryLater, Unreachable
from bot.words import View

#: Characters of a name.
_LONGEST = 255
#: Seconds that an event may wait for who is meant in it.
_PATIENCE = 5.0


class TeamsMessenger:
    """Posts and edits; a message's ref is its conversation and its id there.

    Bots make no rooms in Teams and let nobody into them: people do, and then bring Krets along.
    """

    makes_rooms = False

    def __init__(self, connector: Connector, references: References) -> None:
        """Call by this connector, on the ways that are known."""
        self._connector = connector
        self._references = references

    # --- messages -----------------------------------------------------------------------------

    async def post(self, to: Address, card: Card, view: View) -> str:
        """A new message, in a channel the first of a new thread; its ref."""
        if isinstance(to, Identity):
            way = await self.chat(to)
            alert = {"channelData": {"notification": {"alert": True}}}
            chat = _at(way, way.conversation)
            message = await self._connector.send(chat, _activity(card, view) | alert)
            return ref(chat.id, message)
        way = await self._references.find(to.tenant, to.native)
        room, activity = _at(way, to.native), _activity(card, view, shared=True)
        if not way.team:
            return ref(room.id, await self._connector.send(room, activity))
        thread, message = await self._connector.create(
            room, _begin(way, {"channel": {"id": to.native}}, isGroup=True, activity=activity)
        )
        return ref(thread, message or thread.rpartition("=")[2])

    async def edit(self, to: Address, ref: str, card: Card, view: View) -> None:
        """Let a message show this card from now on."""
        there, message = await self._message(to, ref)
        activity = _activity(card, view, shared=isinstance(to, Place))
        await self._connector.update(there, message, activity)

    async def remove(self, to: Address, ref: str) -> None:
        """Take a message away; one that is gone is removed."""
        there, message = await self._message(to, ref)
        try:
            await self._connector.delete(there, message)
        except Gone:
            return

    # --- rooms --------------------------------------------------------------------------------

    async def open_room(self, group_id: GroupId, name: str, people: tuple[Identity, ...]) -> Place:
        """Refused: people make a chat, and write there that it is the group's."""
        raise Refused("rooms_are_made_by_people")

    async def let_in(self, place: Place, person: Identity) -> None:
        """Refused: people let each other in."""
        raise Refused("people_let_each_other_in")

    async def let_out(self, place: Place, person: Identity) -> None:
        """Refused: people let each other out."""
        raise Refused("people_let_each_other_out")

    async def roster(self, place: Place) -> tuple[Identity, ...]:
        """Who is in a room, bots left out."""
        return place.people if place.private else (await self._room(place)).people

    async def look(self, place: Place) -> Look:
        """How a room is, and who is in it; of one that is lost nobody is known."""
        try:
            return await self._room(place)
        except Unreachable:
            return Look((), "lost")

    async def _room(self, place: Place) -> Look:
        """A chat is shared with whoever is in it from elsewhere, a channel as Teams says."""
        way = await self._references.find(place.tenant, place.native)
        at, shared = _at(way, place.native), False
        if way.team:
            team = _at(way, way.team)
            listed = {str(one.get("id")): one for one in await self._connector.channels(team)}
            kind = listed[place.native].get("type") if place.native in listed else None
            if place.native not in listed:
                raise Gone("no_channel")
            shared = kind == "shared"
            # Only the team has the people of a channel that is open to all of it.
            at = at if kind in ("private", "shared") else team
        members = [one for one in await self._connector.members(at) if not _is_bot(one)]
        people = tuple(_identity(one, place.tenant) for one in members)
        shared = shared or any(one.tenant != place.tenant for one in people)
        return Look(people, "shared" if shared else "ok")

    # --- people -------------------------------------------------------------------------------

    async def profile(self, identity: Identity) -> Profile:
        """A member's name; whoever is no member is refused. Language and zone come otherwise."""
        way = await self.chat(identity)
        # Microsoft's own client for trying knows people by that id alone.
        known = way.account or identity.native
        member = await self._connector.member(_at(way, way.conversation), known)
        if why := _no_member(member, identity.tenant):
            raise Refused(why)
        # Teams may tell of this person by that id alone, when they leave a room.
        await self._references.keep([replace(way, account=str(member.get("id")))])
        return Profile(str(member.get("name") or "").strip()[:_LONGEST], "", "")

    async def identify(self, activity: Activity, service_url: str) -> Known:
        """Take up the ways of which a verified activity tells; whom its bare ids mean.

        Who is not known yet is looked up in the room; who is not there stays unknown.
        """
        known = await self._references.remember(activity, service_url)
        missing = [one for one in bare_of(activity) if one not in known]
        if not missing:
            return known
        place, bot = place_of(activity), activity.recipient.id if activity.recipient else ""
        room = Conversation(place.tenant, service_url, activity.conversation.id)
        try:
            async with asyncio.timeout(_PATIENCE):
                if len(missing) == 1:
                    members = [await self._connector.member(room, missing[0])]
                else:
                    members = await self._connector.members(room)
        except (TryLater, Unreachable, Refused, UnknownOutcome, TimeoutError):
            return known
        found = {str(one.get("id")): _identity(one, place.tenant) for one in members}
        pairs = {
            account: who.native
            for account, who in found.items()
            if account in missing and who.tenant == place.tenant and who.native != account
        }
        await self._references.keep(
            [
                Reference(place.tenant, native, service_url, bot, account=account)
                for account, native in pairs.items()
            ]
        )
        return {**known, **pairs}

    # --- ways ---------------------------------------------------------------------------------

    async def chat(self, who: Identity) -> Reference:
        """The way to a person's own chat with Krets, which is begun if there was none."""
        way = await self._references.find(who.tenant, who.native)
        if not way.conversation:
            wanted = _begin(way, {}, isGroup=False, members=[{"id": who.native}])
            id, _ = await self._connector.create(_at(way, who.native), wanted)
            way = replace(way, conversation=id)
            await self._references.keep([way])
        return way

    async def _message(self, to: Address, ref: str) -> tuple[Conversation, str]:
        """Where a message is, and its id; a ref without its conversation is of this address."""
        way = await self._references.find(to.tenant, to.native)
        conversation, _, message = ref.rpartition(MARK)
        return _at(way, conversation or way.conversation or to.native), message


def _at(way: Reference, id: str) -> Conversation:
    return Conversation(way.tenant, way.service_url, id)


def _activity(card: Card, view: View, *, shared: bool = False) -> dict[str, Any]:
    shown = render.message(card, view, shared=shared)
    return {"type": "message", "importance": "normal"} | shown


def _begin(way: Reference, channel_data: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The parameters of a new conversation."""
    data = {"tenant": {"id": way.tenant}} | channel_data
    return {"bot": {"id": way.bot}, "tenantId": way.tenant, "channelData": data} | more


def _identity(member: dict[str, Any], tenant: str) -> Identity:
    """Somebody of a roster, of their own organisation where that is told."""
    native = str(member.get("aadObjectId") or member.get("objectId") or "").lower()
    home = str(member.get("tenantId") or tenant).lower()
    return Identity(PLATFORM, home, native or str(member.get("id")))


def _is_bot(member: dict[str, Any]) -> bool:
    return str(member.get("id")).startswith("28:")


def _no_member(member: dict[str, Any], tenant: str) -> str:
    """Why somebody is no member of this organisation; empty for a member.

    >>> _no_member({"id": "29:a", "aadObjectId": "a", "userRole": "guest"}, "t")
    'guest'
    """
    if _is_bot(member):
        return "bot"
    role = str(member.get("userRole") or "user").lower()
    if role == "guest" or "#ext#" in str(member.get("userPrincipalName") or "").lower():
        return "guest"
    who = _identity(member, tenant)
    stranger = role != "user" or who.tenant != tenant or who.native == str(member.get("id"))
    return "external" if stranger else ""
