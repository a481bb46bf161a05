"""People and how platforms know them."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy import bindparam, literal
from sqlmodel import Session, col, select

from bot.core.event import GroupId, Identity, PersonId
from bot.store.rows import read, table
from bot.store.tables import DepartureRow, IdentityRow, MembershipRow, PersonRow
from schedules.rule import Hours

_PEOPLE, _IDENTITIES = table(PersonRow).c, table(IdentityRow).c
_DEPARTURES, _MEMBERSHIPS = table(DepartureRow).c, table(MembershipRow).c
_KNOWN = (
    sa.select(
        _PEOPLE.id,
        _PEOPLE.name,
        _PEOPLE.language,
        _PEOPLE.zone,
        _PEOPLE.introduced,
        _PEOPLE.hours,
        sa.exists().where(
            *(_DEPARTURES[name] == bindparam(name) for name in ("platform", "tenant"))
        ),
    )
    .join_from(table(PersonRow), table(IdentityRow), _IDENTITIES.person_id == _PEOPLE.id)
    .where(*(_IDENTITIES[name] == bindparam(name) for name in ("platform", "tenant", "native")))
)
_HOURS = (
    sa.select(_PEOPLE.id, _PEOPLE.hours, _PEOPLE.zone)
    .join_from(table(MembershipRow), table(PersonRow), _MEMBERSHIPS.person_id == _PEOPLE.id)
    .where(_MEMBERSHIPS.group_id == bindparam("group"), _PEOPLE.hours != literal(""))
)
#: By person alone: with the organisation beside it, SQLite goes through all of its people.
_SHOWN = sa.select(
    _PEOPLE.id, _PEOPLE.name, _IDENTITIES.platform, _IDENTITIES.tenant, _IDENTITIES.native
).join_from(table(PersonRow), table(IdentityRow), _IDENTITIES.person_id == _PEOPLE.id, isouter=True)


@lru_cache(maxsize=64)
def _shown(many: int) -> sa.Select[tuple[str, str, str, str, str]]:
    """So many people: `person0`, `person1` and so on."""
    return _SHOWN.where(_PEOPLE.id.in_([bindparam(f"person{place}") for place in range(many)]))


class Known(NamedTuple):
    """A person, and in which language and zone Krets speaks to them; empty if nobody has told."""

    id: PersonId
    name: str
    language: str
    zone: str
    introduced: bool
    #: Their own hours, empty for none.
    hours: str
    #: Whether their organisation may have taken Krets out before.
    departed: bool


class PeopleTable:
    """Reads and writes of people."""

    def __init__(self, session: Session) -> None:
        """Work in this session."""
        self._session = session

    def find(self, person: PersonId) -> PersonRow | None:
        """The person with this id."""
        return self._session.get(PersonRow, person)

    def known(self, identity: Identity) -> Known | None:
        """The person whom a platform knows so."""
        at = {"platform": identity.platform, "tenant": identity.tenant, "native": identity.native}
        return next((Known(*row) for row in read(self._session, _KNOWN, **at)), None)

    def _row(self, identity: Identity) -> PersonRow | None:
        """The same person, to be changed."""
        known = self.known(identity)
        return None if known is None else self._session.get(PersonRow, known.id)

    def meet(
        self, identity: Identity, person: PersonId, name: str, language: str = "", zone: str = ""
    ) -> Known:
        """A new person, whom a platform knows so; `person` is an id never used before.

        Language and zone are empty until somebody has told them.
        """
        row = PersonRow(id=person, name=name, language=language, zone=zone)
        self._session.add(row)
        self._session.flush()  # before what refers to it
        self._session.add(
            IdentityRow(
                platform=identity.platform,
                tenant=identity.tenant,
                native=identity.native,
                person_id=person,
            )
        )
        return Known(person, name, language, zone, introduced=False, hours="", departed=True)

    def introduce(self, identity: Identity, name: str, language: str, zone: str) -> None:
        """What the platform tells of somebody we know; empty is what it does not tell.

        A language of their own choice stays, and so does a zone.
        """
        row = self._row(identity)
        if row is not None:
            row.name, row.introduced = name or row.name, True
            row.zone = row.zone if row.zone_chosen else zone or row.zone
            row.language = row.language if row.language_chosen else language or row.language

    def estrange(self, identity: Identity) -> None:
        """The platform knows this person no more as a colleague; it is to be asked again."""
        row = self._row(identity)
        if row is not None:
            row.introduced = False

    def prefer(self, person: PersonId, language: str) -> None:
        """Let Krets speak to this person in this language."""
        row = self._session.get(PersonRow, person)
        if row is not None:
            row.language, row.language_chosen = language, True

    def keep_hours(self, person: PersonId, hours: str, zone: str) -> None:
        """Let Krets keep to these hours of this person, in this zone."""
        row = self._session.get(PersonRow, person)
        if row is not None:
            row.hours, row.zone, row.zone_chosen = hours, zone, True

    def hours(self, group_id: GroupId) -> dict[PersonId, Hours]:
        """The own hours of those who have a part in a group, and have some."""
        rows = read(self._session, _HOURS, group=group_id)
        return {person: Hours.parse(hours, zone) for person, hours, zone in rows}

    def shown(
        self, people: Iterable[PersonId], platform: str, tenant: str
    ) -> tuple[dict[PersonId, str], dict[PersonId, str]]:
        """The names of these people, and the native ids of those whom the platform knows."""
        names: dict[PersonId, str] = {}
        natives: dict[PersonId, str] = {}
        asked = {f"person{place}": person for place, person in enumerate(people)}
        for person, name, *at, native in read(self._session, _shown(len(asked)), **asked):
            names[person] = name
            if at == [platform, tenant]:
                natives[person] = min(native, natives.get(person, native))
        return names, natives

    def names(self, people: Iterable[PersonId]) -> dict[PersonId, str]:
        """The names of these people."""
        return self.shown(people, "", "")[0]

    def natives(
        self, people: Iterable[PersonId], platform: str, tenant: str
    ) -> dict[PersonId, str]:
        """The native ids of these people, of those whom the platform knows."""
        return self.shown(people, platform, tenant)[1]

    def identity(self, person: PersonId, platform: str, tenant: str) -> Identity | None:
        """How one organisation's platform knows this person, if it does."""
        native = self.natives([person], platform, tenant).get(person)
        return None if native is None else Identity(platform, tenant, native)

    def identities(
        self, people: Iterable[PersonId], platform: str, tenant: str
    ) -> tuple[Identity, ...]:
        """How one organisation's platform knows these people; who it does not know is left out."""
        asked = list(people)
        natives = self.natives(asked, platform, tenant)
        return tuple(Identity(platform, tenant, natives[one]) for one in asked if one in natives)

    def of_tenant(self, platform: str, tenant: str) -> Sequence[tuple[Identity, PersonRow]]:
        """Everybody of one organisation, by name."""
        rows = self._session.exec(
            select(IdentityRow, PersonRow)
            .join(PersonRow, col(PersonRow.id) == col(IdentityRow.person_id))
            .where(IdentityRow.platform == platform, IdentityRow.tenant == tenant)
            .order_by(PersonRow.name, IdentityRow.native)
        )
        return [
            (Identity(known.platform, known.tenant, known.native), person)
            for known, person in rows.all()
        ]
