"""Where people and rooms are reached: taken up from each verified activity, and asked for here."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from datetime import datetime

from adapters.teams.parse import Known, bare_of, identity, is_bot, pairs_of, place_of, tenant_of
from adapters.teams.shapes import Activity
from bot.messenger import Unreachable
from bot.store import Store, Unit
from bot.store.tables import TeamsReferenceRow

#: How many ways are kept in mind, so that what is known is not written again.
_MANY = 10_000


@dataclass(frozen=True, slots=True)
class Reference:
    """The way to a person or a room; empty is what was not told. See `TeamsReferenceRow`."""

    tenant: str
    native: str
    service_url: str
    bot: str
    conversation: str = ""
    account: str = ""
    team: str = ""

    def over(self, before: "Reference") -> "Reference":
        """This way, and of the one before what this one does not tell."""
        return Reference(
            *(getattr(self, one.name) or getattr(before, one.name) for one in fields(self))
        )


class References:
    """What Teams has told of ways to people and rooms."""

    def __init__(self, store: Store, real: Callable[[], datetime]) -> None:
        """Keep it in this store; `real` is real time."""
        self._store = store
        self._real = real
        self._told: dict[tuple[str, str], Reference] = {}

    async def remember(self, activity: Activity, service_url: str) -> Known:
        """Take up what a verified activity tells; whom its bare ids mean, as far as is known."""
        told = [one for one in told_of(activity, service_url) if self._is_new(one)]
        bare = bare_of(activity)
        if not told and not bare:
            return {}
        tenant = tenant_of(activity)
        return await self._write(told, lambda unit: unit.references.natives(tenant, bare))

    async def keep(self, told: list[Reference]) -> None:
        """Take up what was told otherwise than by an activity."""
        await self._write(told, lambda unit: {})

    async def find(self, tenant: str, native: str) -> Reference:
        """The way to a person or a room; where none was told, that of the organisation.

        Raises `Unreachable` for an organisation that never told of any.
        """

        def find(unit: Unit) -> TeamsReferenceRow | None:
            return unit.references.find(tenant, native) or unit.references.newest(tenant)

        row = await self._store.run(find)
        if row is None:
            raise Unreachable("never_heard_of")
        if row.native != native:
            return Reference(tenant, native, row.service_url, row.bot)
        return Reference(
            tenant, native, row.service_url, row.bot, row.conversation, row.account, row.team
        )

    async def rooms(self, tenant: str, team: str) -> tuple[str, ...]:
        """The channels of a team of which Krets knows."""
        return tuple(await self._store.run(lambda unit: unit.references.rooms(tenant, team)))

    def _is_new(self, one: Reference) -> bool:
        before = self._told.get((one.tenant, one.native))
        return before is None or one.over(before) != before

    async def _write(self, told: list[Reference], ask: Callable[[Unit], Known]) -> Known:
        at = self._real()

        def write(unit: Unit) -> Known:
            for one in told:
                unit.references.put(
                    TeamsReferenceRow(
                        tenant=one.tenant,
                        native=one.native,
                        conversation=one.conversation,
                        service_url=one.service_url,
                        bot=one.bot,
                        account=one.account,
                        team=one.team,
                        updated_at=at,
                    )
                )
            return ask(unit)

        known = await self._store.run(write)
        if len(self._told) > _MANY:
            self._told.clear()
        for one in told:
            key = one.tenant, one.native
            self._told[key] = one.over(self._told.get(key, one))
        return known


def told_of(activity: Activity, service_url: str) -> Iterator[Reference]:
    """All the ways of which an activity tells: pure."""
    tenant, place, data = tenant_of(activity), place_of(activity), activity.channel_data
    bot = activity.recipient.id if activity.recipient else ""
    somewhere = Reference(tenant, "", service_url, bot)
    if place.private:
        sender = activity.from_
        if sender is not None and not is_bot(sender):
            who = identity(sender, tenant, {})
            here = replace(somewhere, tenant=who.tenant, native=who.native, account=sender.id)
            yield replace(here, conversation=activity.conversation.id)
    else:
        team = data.team.id if data is not None and data.team is not None else ""
        chosen = data.settings.selected_channel if data is not None and data.settings else None
        channel = data.channel if data is not None else None
        for room in dict.fromkeys([place.native, *(one.id for one in (channel, chosen) if one)]):
            yield replace(somewhere, native=room, conversation=room, team=team)
    for account, native in pairs_of(activity).items():
        yield replace(somewhere, native=native, account=account)
