"""People and how platforms know them."""

from collections.abc import Iterable, Sequence

from sqlmodel import Session, col, select

from bot.core.event import Identity, PersonId
from bot.store.tables import IdentityRow, PersonRow


class PeopleTable:
    """Reads and writes of people."""

    def __init__(self, session: Session) -> None:
        """Work in this session."""
        self._session = session

    def find(self, person: PersonId) -> PersonRow | None:
        """The person with this id."""
        return self._session.get(PersonRow, person)

    def known(self, identity: Identity) -> PersonRow | None:
        """The person whom a platform knows so."""
        row = self._session.get(IdentityRow, (identity.platform, identity.tenant, identity.native))
        return None if row is None else self._session.get(PersonRow, row.person_id)

    def meet(
        self, identity: Identity, person: PersonId, name: str, language: str, zone: str
    ) -> PersonRow:
        """A new person, whom a platform knows so; `person` is an id never used before."""
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
        return row

    def introduce(self, identity: Identity, name: str, language: str, zone: str) -> None:
        """What the platform tells of somebody we know; empty is what it does not tell.

        A language of their own choice stays.
        """
        row = self.known(identity)
        if row is not None:
            row.name, row.zone, row.introduced = name or row.name, zone or row.zone, True
            row.language = row.language if row.language_chosen else language or row.language

    def estrange(self, identity: Identity) -> None:
        """The platform knows this person no more as a colleague; it is to be asked again."""
        row = self.known(identity)
        if row is not None:
            row.introduced = False

    def prefer(self, person: PersonId, language: str) -> None:
        """Let Krets speak to this person in this language."""
        row = self._session.get(PersonRow, person)
        if row is not None:
            row.language, row.language_chosen = language, True

    def names(self, people: Iterable[PersonId]) -> dict[PersonId, str]:
        """The names of these people."""
        rows = self._session.exec(
            select(PersonRow.id, PersonRow.name).where(col(PersonRow.id).in_(set(people)))
        )
        return dict(rows.all())

    def identity(self, person: PersonId, platform: str, tenant: str) -> Identity | None:
        """How one organisation's platform knows this person, if it does."""
        native = self._session.exec(
            select(IdentityRow.native)
            .where(
                IdentityRow.person_id == person,
                IdentityRow.platform == platform,
                IdentityRow.tenant == tenant,
            )
            .order_by(IdentityRow.native)
        ).first()
        return None if native is None else Identity(platform, tenant, native)

    def natives(
        self, people: Iterable[PersonId], platform: str, tenant: str
    ) -> dict[PersonId, str]:
        """The native ids of these people, of those whom the platform knows."""
        rows = self._session.exec(
            select(IdentityRow.person_id, IdentityRow.native)
            .where(
                col(IdentityRow.person_id).in_(set(people)),
                IdentityRow.platform == platform,
                IdentityRow.tenant == tenant,
            )
            .order_by(col(IdentityRow.native).desc())
        )
        return dict(rows.all())

    def identities(
        self, people: Iterable[PersonId], platform: str, tenant: str
    ) -> tuple[Identity, ...]:
        """How one organisation's platform knows these people; who it does not know is left out."""
        found = (self.identity(person, platform, tenant) for person in people)
        return tuple(identity for identity in found if identity is not None)

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
