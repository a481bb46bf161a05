"""Groups: documents with versions, drawers, rooms, and who has a part in which."""

from collections.abc import Iterable, Sequence

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, delete, select, update

from bot.core.event import GroupId, PersonId, Place
from bot.store.tables import DoomedKeyRow, GroupRow, MembershipRow, RoomRow, SealedRow


class LostRace(Exception):
    """Somebody else has changed the group since it was read: read and decide again."""


class GroupTable:
    """Reads and writes of groups."""

    def __init__(self, session: Session) -> None:
        """Work in this session."""
        self._session = session

    def find(self, group_id: GroupId) -> GroupRow | None:
        """The stored group."""
        return self._session.get(GroupRow, group_id)

    def add(self, row: GroupRow) -> None:
        """Store a new group; `LostRace` if its id is taken."""
        try:
            with self._session.begin_nested():
                self._session.add(row)
        except IntegrityError:
            raise LostRace from None

    def change(self, row: GroupRow) -> None:
        """Store a group over the version before this one; `LostRace` if that is not there."""
        changed = self._session.exec(
            update(GroupRow)
            .where(col(GroupRow.id) == row.id, col(GroupRow.version) == row.version - 1)
            .values(status=row.status, version=row.version, document=row.document)
        )
        if changed.rowcount != 1:
            raise LostRace

    # --- who has a part -----------------------------------------------------------------------

    def of_person(self, person: PersonId, platform: str, tenant: str) -> Sequence[GroupId]:
        """The groups of one organisation in which this person has a part."""
        return self._session.exec(
            select(GroupRow.id)
            .join(MembershipRow, col(MembershipRow.group_id) == col(GroupRow.id))
            .where(
                MembershipRow.person_id == person,
                GroupRow.platform == platform,
                GroupRow.tenant == tenant,
            )
            .order_by(col(GroupRow.id))
        ).all()

    def of_tenant(self, platform: str, tenant: str) -> Sequence[GroupId]:
        """All groups of one organisation."""
        return self._session.exec(
            select(GroupRow.id)
            .where(GroupRow.platform == platform, GroupRow.tenant == tenant)
            .order_by(col(GroupRow.id))
        ).all()

    def set_people(self, group_id: GroupId, people: Iterable[PersonId]) -> None:
        """Let exactly these people have a part in the group."""
        wanted = set(people)
        rows = self._session.exec(
            select(MembershipRow).where(MembershipRow.group_id == group_id)
        ).all()
        for row in rows:
            if row.person_id not in wanted:
                self._session.delete(row)
        for person in wanted - {row.person_id for row in rows}:
            self._session.add(MembershipRow(person_id=person, group_id=group_id))

    # --- rooms --------------------------------------------------------------------------------

    def room(self, group_id: GroupId) -> Place | None:
        """The group's own room, if it has one."""
        row = self._session.get(RoomRow, group_id)
        if row is None:
            return None
        return Place(row.platform, row.tenant, row.native, private=False)

    def rooms(self, platforms: Iterable[str]) -> Sequence[Place]:
        """The rooms of all running groups on these platforms."""
        rows = self._session.exec(
            select(RoomRow)
            .join(GroupRow, col(GroupRow.id) == col(RoomRow.group_id))
            .where(GroupRow.status == "running", col(RoomRow.platform).in_(list(platforms)))
            .order_by(col(RoomRow.group_id))
        ).all()
        return [Place(row.platform, row.tenant, row.native, private=False) for row in rows]

    def in_room(self, place: Place) -> GroupId:
        """The group whose room this is; empty if it is nobody's."""
        found = self._session.exec(
            select(RoomRow.group_id).where(
                RoomRow.platform == place.platform,
                RoomRow.tenant == place.tenant,
                RoomRow.native == place.native,
            )
        ).first()
        return found or ""

    def set_room(self, group_id: GroupId, place: Place) -> None:
        """Give the group this room."""
        row = self._session.get(RoomRow, group_id) or RoomRow(
            group_id=group_id, platform="", tenant="", native=""
        )
        row.platform, row.tenant, row.native = place.platform, place.tenant, place.native
        self._session.add(row)

    # --- drawers ------------------------------------------------------------------------------

    def sealed(self, group_id: GroupId) -> Sequence[SealedRow]:
        """All drawers of the group, closed."""
        return self._session.exec(
            select(SealedRow).where(SealedRow.group_id == group_id).order_by(SealedRow.drawer)
        ).all()

    def seal(self, group_id: GroupId, drawer: str, key_id: str, ciphertext: bytes) -> None:
        """Store a drawer; the key of what lay there before, if another, is doomed."""
        row = self._session.get(SealedRow, (group_id, drawer))
        if row is None:
            row = SealedRow(group_id=group_id, drawer=drawer, key_id=key_id, ciphertext=b"")
        elif row.key_id != key_id:
            self._session.add(DoomedKeyRow(key_id=row.key_id))
        row.key_id, row.ciphertext = key_id, ciphertext
        self._session.add(row)

    def shred(self, group_id: GroupId, drawer: str) -> str | None:
        """Delete a drawer's ciphertext and doom its key, whose id is returned, if there is one."""
        row = self._session.get(SealedRow, (group_id, drawer))
        if row is None:
            return None
        self._session.add(DoomedKeyRow(key_id=row.key_id))
        self._session.delete(row)
        return row.key_id

    def keys(self) -> frozenset[str]:
        """The keys that some drawer needs."""
        return frozenset(self._session.exec(select(SealedRow.key_id)).all())

    def doomed(self) -> Sequence[str]:
        """The keys that must go."""
        return self._session.exec(select(DoomedKeyRow.key_id)).all()

    def bury(self, key_id: str) -> None:
        """Forget a key that is gone."""
        self._session.exec(delete(DoomedKeyRow).where(col(DoomedKeyRow.key_id) == key_id))
