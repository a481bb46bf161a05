"""Slack as a messenger: one workspace, by its bot token."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from adapters.slack import render
from adapters.slack.client import PATIENCE, Caller, UnknownOutcome
from adapters.slack.parse import PLATFORM
from bot.core.card import Card
from bot.core.event import GroupId, Identity, Place
from bot.messenger import Address, Profile, Refused, TryLater, Unreachable
from bot.words import View, negotiate
from schedules.rule import is_zone

#: Characters of a channel's name, with room for what makes it another one.
_LONGEST = 80 - 8
#: How long to wait before people are invited again who may be there already.
_AGAIN = timedelta(seconds=10)
#: People of one page of a roster.
_PAGE = 200


@dataclass(frozen=True, slots=True)
class Self:
    """Who Krets is in this workspace."""

    user: str
    team: str
    enterprise: str

    @property
    def tenant(self) -> str:
        """The organisation, as identities name it."""
        return self.enterprise or self.team


class SlackMessenger:
    """Posts, edits and opens rooms; a message's ref is its channel and time stamp."""

    def __init__(self, call: Caller, zone: str) -> None:
        """Ask Slack by this caller; `zone` is for people of whom Slack tells none."""
        self._call = call
        self._zone = zone
        self._self: Self | None = None
        #: Rooms that were made, and whose people may still be missing.
        self._made: dict[GroupId, str] = {}

    async def myself(self, patience: timedelta = PATIENCE) -> Self:
        """Who Krets is here; asked until it is known."""
        if self._self is None:
            said = await self._call("auth.test", patience=patience)
            self._self = Self(said["user_id"], said["team_id"], said.get("enterprise_id") or "")
        return self._self

    async def post(self, to: Address, card: Card, view: View) -> str:
        """A new message; its ref."""
        message = {"channel": to.native, "unfurl_links": False, "unfurl_media": False}
        message |= render.message(card, view)
        posted = await self._call("chat.postMessage", message, pace=to.native)
        return f"{posted['channel']}:{posted['ts']}"

    async def edit(self, to: Address, ref: str, card: Card, view: View) -> None:
        """Let a message show this card from now on."""
        await self._call("chat.update", _message(ref) | render.message(card, view))

    async def remove(self, to: Address, ref: str) -> None:
        """Take a message away; one that is gone is removed."""
        try:
            await self._call("chat.delete", _message(ref))
        except Refused as error:
            if error.why != "message_not_found":
                raise

    async def open_room(self, group_id: GroupId, name: str, people: tuple[Identity, ...]) -> Place:
        """A private channel for these people; a room without them is not opened anew."""
        if group_id not in self._made:
            self._made[group_id] = await self._create(group_id, name)
        channel = self._made[group_id]
        if people:
            users = ",".join(one.native for one in people)
            invited = {"channel": channel, "users": users, "force": True}
            try:
                await self._call("conversations.invite", invited)
            except Refused as error:
                if error.why != "already_in_channel":
                    raise
            except UnknownOutcome:
                raise TryLater(_AGAIN) from None  # inviting once more does no harm
        del self._made[group_id]
        tenant = people[0].tenant if people else (await self.myself()).tenant
        return Place(PLATFORM, tenant, channel, private=False, people=people)

    async def _create(self, group_id: GroupId, name: str) -> str:
        """A new private channel; its id."""
        names = channel_names(name, group_id)
        for last, one in names:
            try:
                created = await self._call(
                    "conversations.create", {"name": one, "is_private": True}
                )
            except Refused as error:
                if last or not error.why.startswith(("name_taken", "invalid_name")):
                    raise
                continue
            return str(created["channel"]["id"])
        raise AssertionError("one of the names is the last")

    async def let_in(self, place: Place, person: Identity) -> None:
        """Bring a person into a room; once more does no harm."""
        try:
            await self._call(
                "conversations.invite", {"channel": place.native, "users": person.native}
            )
        except Refused as error:
            if error.why != "already_in_channel":
                raise

    async def let_out(self, place: Place, person: Identity) -> None:
        """Take a person out of a room; once more does no harm."""
        try:
            await self._call("conversations.kick", {"channel": place.native, "user": person.native})
        except Unreachable as error:
            if error.why != "not_in_channel":
                raise

    async def profile(self, identity: Identity) -> Profile:
        """A member's name, language and zone; whoever is no member is refused."""
        asked = {"user": identity.native, "include_locale": True}
        user = (await self._call("users.info", asked))["user"]
        if why := _no_member(user, await self.myself()):
            raise Refused(why)
        said = user.get("profile") or {}
        names = (said.get("display_name"), said.get("real_name"), user.get("name"))
        zone = user.get("tz") or ""
        return Profile(
            name=next((name for name in names if name), identity.native),
            language=negotiate(user.get("locale") or ""),
            zone=zone if is_zone(zone) else self._zone,
        )

    async def roster(self, place: Place) -> tuple[Identity, ...]:
        """Who is in a room, Krets itself left out."""
        if place.private:
            return place.people
        mine, found, cursor = (await self.myself()).user, [], ""
        while True:
            asked: dict[str, Any] = {"channel": place.native, "limit": _PAGE}
            page = await self._call(
                "conversations.members", asked | ({"cursor": cursor} if cursor else {})
            )
            found += [user for user in page["members"] if user != mine]
            cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return tuple(Identity(PLATFORM, place.tenant, user) for user in found)


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
