"""Slack as a messenger: each workspace by its own token."""

import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Any

from adapters.answers import UnknownOutcome
from adapters.slack import render
from adapters.slack.client import Caller, Self
from adapters.slack.happenings import profile_of
from adapters.slack.reading import PLATFORM
from adapters.slack.workspaces import Workspaces
from bot.core.card import Card
from bot.core.event import GroupId, Identity, Place
from bot.messenger import Address, Look, Profile, Refused, TryLater, Unreachable
from bot.words import View, negotiate

#: Characters of a channel's name, with room for what makes it another one.
_LONGEST = 80 - 8
#: How long to wait before people are invited again who may be there already.
_AGAIN = timedelta(seconds=10)
#: People of one page of a roster.
_PAGE = 200


class SlackMessenger:
    """Posts, edits and opens rooms; a message's ref is its channel and time stamp."""

    makes_rooms = True

    def __init__(self, workspaces: Workspaces, zone: str) -> None:
        """Write to these workspaces; `zone` is for people of whom Slack tells none."""
        self._workspaces = workspaces
        self._zone = zone
        #: Rooms that were made, and whose people may still be missing.
        self._made: dict[GroupId, str] = {}

    async def post(self, to: Address, card: Card, view: View) -> str:
        """A new message; its ref."""
        sent = {"channel": to.native, "unfurl_links": False, "unfurl_media": False}
        call = await self._workspaces.of(to.tenant)
        posted = await call(
            "chat.postMessage", lambda: sent | render.message(card, view), pace=to.native
        )
        return f"{posted['channel']}:{posted['ts']}"

    async def edit(self, to: Address, ref: str, card: Card, view: View) -> None:
        """Let a message show this card from now on."""
        call = await self._workspaces.of(to.tenant)
        await call("chat.update", lambda: _message(ref) | render.message(card, view))

    async def remove(self, to: Address, ref: str) -> None:
        """Take a message away; one that is gone is removed."""
        call = await self._workspaces.of(to.tenant)
        try:
            await call("chat.delete", _message(ref))
        except Refused as error:
            if error.why != "message_not_found":
                raise

    async def open_room(self, group_id: GroupId, name: str, people: tuple[Identity, ...]) -> Place:
        """A private channel for these people; a room without them is not opened anew."""
        if not people:
            raise Refused("nobody")
        tenant = people[0].tenant
        call = await self._workspaces.of(tenant)
        if group_id not in self._made:
            self._made[group_id] = await _create(call, group_id, name, people)
        channel = self._made[group_id]
        users = ",".join(one.native for one in people)
        try:
            await call("conversations.invite", {"channel": channel, "users": users, "force": True})
        except Refused as error:
            if error.why != "already_in_channel":
                raise
        except UnknownOutcome:
            raise TryLater(_AGAIN) from None  # inviting once more does no harm
        del self._made[group_id]
        return Place(PLATFORM, tenant, channel, private=False, people=people)

    async def let_in(self, place: Place, person: Identity) -> None:
        """Bring a person into a room; once more does no harm."""
        call = await self._workspaces.of(place.tenant)
        try:
            await call("conversations.invite", {"channel": place.native, "users": person.native})
        except Refused as error:
            if error.why != "already_in_channel":
                raise

    async def let_out(self, place: Place, person: Identity) -> None:
        """Take a person out of a room; once more does no harm."""
        call = await self._workspaces.of(place.tenant)
        try:
            await call("conversations.kick", {"channel": place.native, "user": person.native})
        except Unreachable as error:
            if error.why != "not_in_channel":
                raise

    async def profile(self, identity: Identity) -> Profile:
        """A member's name, language and zone; whoever is no member is refused."""
        call = await self._workspaces.of(identity.tenant)
        user = await _user(call, identity)
        if why := _no_member(user, await call.myself()):
            raise Refused(why)
        told = profile_of(user)
        return Profile(
            name=told.name or identity.native,
            language=told.language or negotiate(""),
            zone=told.zone or self._zone,
        )

    async def roster(self, place: Place) -> tuple[Identity, ...]:
        """Who is in a room, Krets itself left out."""
        if place.private:
            return place.people
        call = await self._workspaces.of(place.tenant)
        mine, found, cursor = (await call.myself()).user, [], ""
        while True:
            asked: dict[str, Any] = {"channel": place.native, "limit": _PAGE}
            page = await call(
                "conversations.members", asked | ({"cursor": cursor} if cursor else {})
            )
            found += [user for user in page["members"] if user != mine]
            cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return tuple(Identity(PLATFORM, place.tenant, user) for user in found)

    async def look(self, place: Place) -> Look:
        """How a channel is, and who is in it; of one that is lost nobody is known."""
        call = await self._workspaces.of(place.tenant)
        try:
            channel = (await call("conversations.info", {"channel": place.native}))["channel"]
            if channel.get("is_archived") or channel.get("is_member") is False:
                return Look((), "lost")
            people = await self.roster(place)
        except Unreachable:
            return Look((), "lost")
        except Refused as error:
            if error.why != "missing_scope":
                raise
            return Look((), "shared")  # it has become a public channel, into which we cannot see
        shared = channel.get("is_ext_shared") or channel.get("is_pending_ext_shared")
        return Look(people, "shared" if shared or not channel.get("is_private") else "ok")


async def _create(call: Caller, group_id: GroupId, name: str, people: Iterable[Identity]) -> str:
    """A new private channel; its id."""
    more = {} if (await call.myself()).team else {"team_id": await _team(call, people)}
    for last, one in channel_names(name, group_id):
        try:
            created = await call("conversations.create", {"name": one, "is_private": True} | more)
        except Refused as error:
            if last or not error.why.startswith(("name_taken", "invalid_name")):
                raise
            continue
        except UnknownOutcome:
            raise TryLater(_AGAIN) from None  # a second one does no harm: nobody sees the first
        return str(created["channel"]["id"])
    raise AssertionError("one of the names is the last")


async def _team(call: Caller, people: Iterable[Identity]) -> str:
    """The workspace of an organisation in which most of these people are."""
    found: Counter[str] = Counter()
    for one in people:
        with suppress(Unreachable):
            user = await _user(call, one)
            teams = (user.get("enterprise_user") or {}).get("teams") or [user.get("team_id")]
            found.update(team for team in teams if team)
    if not found:
        raise Refused("no_workspace")
    return min(found, key=lambda team: (-found[team], team))


async def _user(call: Caller, who: Identity) -> dict[str, Any]:
    asked = {"user": who.native, "include_locale": True}
    user: dict[str, Any] = (await call("users.info", asked))["user"]
    return user


def channel_names(name: str, group_id: GroupId) -> Iterator[tuple[bool, str]]:
    """The names to try for a group's channel, and of each whether it is the last.

    >>> [one for _, one in channel_names("Tisdagsgruppen: Öst!", "c0ffee00")]
    ['tisdagsgruppen-öst', 'tisdagsgruppen-öst-2', 'tisdagsgruppen-ost-3', 'krets-c0ffee']
    """
    first = _channel(unicodedata.normalize("NFC", name))
    plain = _channel("".join(one for one in unicodedata.normalize("NFKD", name) if one.isascii()))
    yield False, first
    yield False, f"{first}-2"
    yield False, f"{plain}-3"
    yield True, f"krets-{_channel(group_id)[:6]}"


def _channel(name: str) -> str:
    kept = "".join(one if one.isalnum() else "-" for one in name.lower())
    return "-".join(part for part in kept.split("-") if part)[:_LONGEST].strip("-") or "krets"


def _message(ref: str) -> dict[str, Any]:
    """The channel and time stamp of a message."""
    channel, _, ts = ref.partition(":")
    return {"channel": channel, "ts": ts}


def _no_member(user: dict[str, Any], me: Self) -> str:
    """Why somebody is no member of this workspace; empty for a member."""
    if user.get("is_bot") or user.get("id") == "USLACKBOT":
        return "bot"
    if user.get("is_restricted") or user.get("is_ultra_restricted"):
        return "guest"
    enterprise = (user.get("enterprise_user") or {}).get("enterprise_id") or ""
    at_home = (user.get("team_id") or me.team) == me.team or (
        me.enterprise and enterprise == me.enterprise
    )
    if user.get("is_stranger") or not at_home:
        return "external"
    return "deactivated" if user.get("deleted") else ""
