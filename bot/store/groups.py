"""Groups: documents with versions, drawers, rooms, and who has a part in which."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy import bindparam, exists
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, delete, select
from sqlmodel.sql.expression import SelectOfScalar

from bot.core.event import GroupId, PersonId, Place
from bot.store.databases import LostRace
from bot.store.rows import read, table, write
from bot.store.tables import (
    AddressRow,
    DoomedKeyRow,
    GroupRow,
    MembershipRow,
    MomentRow,
    PlaygroundMessageRow,
    PlaygroundRoomRow,
    PostRow,
    RoomRow,
    SealedRow,
    TeamsReferenceRow,
)

_GROUPS, _MEMBERSHIPS = table(GroupRow).c, table(MembershipRow).c
_ROOMS, _DRAWERS = table(RoomRow).c, table(SealedRow).c

_FIND = sa.select(
    _GROUPS.platform, _GROUPS.tenant, _GROUPS.version, _GROUPS.method_hash, _GROUPS.document
).where(_GROUPS.id == bindparam("group"))
_FIND_AND_HOLD = _FIND.with_for_update()
_CHANGE = sa.update(table(GroupRow)).where(
    _GROUPS.id == bindparam("group"), _GROUPS.version == bindparam("before")
)
_HOLD = sa.select(_GROUPS.version).where(_GROUPS.id == bindparam("group")).with_for_update()
_OF_PERSON = (
    sa.select(_GROUPS.id)
    .join_from(table(GroupRow), table(MembershipRow), _MEMBERSHIPS.group_id == _GROUPS.id)
    .where(
        _MEMBERSHIPS.person_id == bindparam("person"),
        _GROUPS.platform == bindparam("platform"),
        _GROUPS.tenant == bindparam("tenant"),
    )
    .order_by(_GROUPS.id)
)
_PEOPLE = sa.select(_MEMBERSHIPS.person_id).where(_MEMBERSHIPS.group_id == bindparam("group"))
_LEAVES = sa.delete(table(MembershipRow)).where(
    _MEMBERSHIPS.group_id == bindparam("group"), _MEMBERSHIPS.person_id == bindparam("person")
)
_ROOM = sa.select(_ROOMS.platform, _ROOMS.tenant, _ROOMS.native).where(
    _ROOMS.group_id == bindparam("group")
)
_IN_ROOM = sa.select(_ROOMS.group_id).where(
    *(_ROOMS[name] == bindparam(name) for name in ("platform", "tenant", "native"))
)
_SEALED = (
    sa.select(_DRAWERS.drawer, _DRAWERS.key_id, _DRAWERS.ciphertext)
    .where(_DRAWERS.group_id == bindparam("group"))
    .order_by(_DRAWERS.drawer)
)
_SEAL_ANEW = sa.update(table(SealedRow)).where(
    _DRAWERS.group_id == bindparam("group"),
    _DRAWERS.drawer == bindparam("where"),
    _DRAWERS.key_id == bindparam("under"),
)


class Stored(NamedTuple):
    """A group as it is stored."""

    platform: str
    tenant: str
    version: int
    method_hash: str
    document: str


class Sealed(NamedTuple):
    """What lies in one drawer, closed."""

    drawer: str
    key_id: str
    ciphertext: bytes


def erase_groups(session: Session, ids: SelectOfScalar[str]) -> None:
    """Delete every row of these groups: also where their rooms are, and what was shown there."""
    rooms = session.exec(select(RoomRow).where(col(RoomRow.group_id).in_(ids))).all()
    for room in rooms:
        if room.platform == "teams":
            way = TeamsReferenceRow
            session.exec(
                delete(way).where(col(way.tenant) == room.tenant, col(way.native) == room.native)
            )
        if room.platform == "playground":
            session.exec(delete(PlaygroundRoomRow).where(col(PlaygroundRoomRow.id) == room.native))
    for of_group in (
        AddressRow,
        MembershipRow,
        MomentRow,
        PlaygroundMessageRow,
        PostRow,
        RoomRow,
        SealedRow,
    ):
        session.exec(delete(of_group).where(col(of_group.group_id).in_(ids)))
    session.exec(delete(GroupRow).where(col(GroupRow.id).in_(ids)))


class GroupTable:
    """Reads and writes of groups."""

    def __init__(self, session: Session, *, patient: bool = False) -> None:
        """Work in this session; `patient` waits for whoever changes a group before it reads it."""
        self._session = session
        self._find = _FIND_AND_HOLD if patient else _FIND

    def find(self, group_id: GroupId) -> Stored | None:
        """The stored group."""
        rows = read(self._session, self._find, group=group_id)
        return next((Stored(*row) for row in rows), None)

    def add(self, row: GroupRow) -> None:
        """Store a new group; `LostRace` if its id is taken."""
        try:
            with self._session.begin_nested():
                self._session.add(row)
        except IntegrityError:
            raise LostRace from None

    def change(
        self,
        group_id: GroupId,
        before: int,
        status: str,
        document: str,
        closed_at: datetime | None = None,
    ) -> None:
        """Store a group over this version, as the next; `LostRace` if that is not there."""
        new = {"status": status, "version": before + 1, "document": document}
        new |= {"closed_at": closed_at}
        if write(self._session, _CHANGE, group=group_id, before=before, **new) != 1:
            raise LostRace

    def hold(self, group_id: GroupId, version: int) -> None:
        """Let nobody change the group before the transaction ends; `LostRace` if somebody has."""
        if read(self._session, _HOLD, group=group_id) != [(version,)]:
            raise LostRace

    # --- who has a part -----------------------------------------------------------------------

    def of_person(self, person: PersonId, platform: str, tenant: str) -> Sequence[GroupId]:
        """The groups of one organisation in which this person has a part."""
        at = {"person": person, "platform": platform, "tenant": tenant}
        return [found for (found,) in read(self._session, _OF_PERSON, **at)]

    def of_tenant(self, platform: str, tenant: str) -> Sequence[GroupId]:
        """All groups of one organisation."""
        return self._session.exec(
            select(GroupRow.id)
            .where(GroupRow.platform == platform, GroupRow.tenant == tenant)
            .order_by(col(GroupRow.id))
        ).all()

    def rows(self, platform: str, tenant: str, *, closed: bool) -> Sequence[GroupRow]:
        """The stored groups of one organisation: those that are closed, or all others."""
        status = col(GroupRow.status)
        return self._session.exec(
            select(GroupRow)
            .where(GroupRow.platform == platform, GroupRow.tenant == tenant)
            .where(status == "closed" if closed else status != "closed")
            .order_by(col(GroupRow.id))
        ).all()

    def gathering(self, platform: str, tenant: str) -> Sequence[GroupRow]:
        """The stored groups of one organisation that have not started."""
        return self._session.exec(
            select(GroupRow)
            .where(GroupRow.platform == platform, GroupRow.tenant == tenant)
            .where(GroupRow.status == "gathering")
            .order_by(col(GroupRow.id))
        ).all()

    def closed_before(self, at: datetime) -> Sequence[GroupRow]:
        """The stored groups that were closed before this programme time, and want no moment."""
        awaits = exists().where(col(MomentRow.group_id) == col(GroupRow.id))
        return self._session.exec(
            select(GroupRow).where(col(GroupRow.closed_at) < at, ~awaits).order_by(col(GroupRow.id))
        ).all()

    def erase(self, group_id: GroupId, version: int) -> bool:
        """Delete every row of a group; False if this version is not there.

        Drawers must have been shredded before, for their keys end only so. Of two processes one
        waits here for the other, and then finds the group gone.
        """
        if write(self._session, _CHANGE, group=group_id, before=version, version=version + 1) != 1:
            return False
        erase_groups(self._session, select(GroupRow.id).where(GroupRow.id == group_id))
        return True

    def set_people(self, group_id: GroupId, people: Iterable[PersonId]) -> None:
        """Let exactly these people have a part in the group."""
        wanted = set(people)
        there = {person for (person,) in read(self._session, _PEOPLE, group=group_id)}
        for person in there - wanted:
            write(self._session, _LEAVES, group=group_id, person=person)
        for person in wanted - there:
            self._session.add(MembershipRow(person_id=person, group_id=group_id))

    # --- rooms --------------------------------------------------------------------------------

    def room(self, group_id: GroupId) -> Place | None:
        """The group's own room, if it has one."""
        for platform, tenant, native in read(self._session, _ROOM, group=group_id):
            return Place(platform, tenant, native, private=False)
        return None

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
        at = {"platform": place.platform, "tenant": place.tenant, "native": place.native}
        return next((found for (found,) in read(self._session, _IN_ROOM, **at)), "")

    def set_room(self, group_id: GroupId, place: Place) -> None:
        """Give the group this room."""
        row = self._session.get(RoomRow, group_id) or RoomRow(
            group_id=group_id, platform="", tenant="", native=""
        )
        row.platform, row.tenant, row.native = place.platform, place.tenant, place.native
        self._session.add(row)

    # --- drawers ------------------------------------------------------------------------------

    def sealed(self, group_id: GroupId) -> Sequence[Sealed]:
        """All drawers of the group, closed."""
        return [Sealed(*row) for row in read(self._session, _SEALED, group=group_id)]

    def seal(self, group_id: GroupId, drawer: str, key_id: str, ciphertext: bytes) -> None:
        """Store a drawer; the key of what lay there before, if another, is doomed."""
        at = {"group": group_id, "where": drawer, "under": key_id}
        if write(self._session, _SEAL_ANEW, **at, ciphertext=ciphertext) == 1:
            return
        self.shred(group_id, drawer)
        self._session.flush()
        self._session.add(
            SealedRow(group_id=group_id, drawer=drawer, key_id=key_id, ciphertext=ciphertext)
        )

    def shred(self, group_id: GroupId, drawer: str) -> str | None:
        """Delete a drawer's ciphertext and doom its key, whose id is returned, if there is one."""
        row = self._session.get(SealedRow, (group_id, drawer))
        if row is None:
            return None
        self._session.add(DoomedKeyRow(key_id=row.key_id))
        self._session.delete(row)
        return row.key_id

    def with_drawers(self) -> Sequence[GroupId]:
        """The groups in which something is sealed."""
        return self._session.exec(
            select(SealedRow.group_id).distinct().order_by(SealedRow.group_id)
        ).all()

    def drawers(self) -> Sequence[tuple[GroupId, str]]:
        """Every drawer: its group, and its key."""
        return self._session.exec(select(SealedRow.group_id, SealedRow.key_id)).all()

    def keys(self, some: Collection[str] | None = None) -> frozenset[str]:
        """The keys that some drawer needs, of these or of all."""
        needed = select(SealedRow.key_id)
        if some is not None:
            needed = needed.where(col(SealedRow.key_id).in_(some))
        return frozenset(self._session.exec(needed).all())

    def doomed(self) -> Sequence[str]:
        """The keys that must go."""
        return self._session.exec(select(DoomedKeyRow.key_id)).all()

    def bury(self, key_id: str) -> None:
        """Forget a key that is gone."""
        self._session.exec(delete(DoomedKeyRow).where(col(DoomedKeyRow.key_id) == key_id))
