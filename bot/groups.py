"""Groups as the rules see them: a document, its method and its opened drawers, put together."""

import json
import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from bot.core.event import DrawersLost, GroupId, PersonId
from bot.core.method import Method
from bot.core.model import Group, from_document, to_document
from bot.keyring import Keyring, Lost
from bot.methods import parse
from bot.store import Unit
from bot.store.tables import GroupRow

log = logging.getLogger(__name__)

#: Documents that are not decoded anew as long as they stay the same.
_KEPT = 200
#: Drawers whose place is not written anew: those of the same groups.
_BOUND = 20 * _KEPT


@dataclass(frozen=True, slots=True)
class Loaded:
    """A group, how it is stored, its version, and the keys of the drawers that opened."""

    group: Group
    version: int
    document: str
    keys: Mapping[str, str]
    #: The drawers that did not.
    lost: tuple[str, ...] = ()

    def differs_from(self, group: Group) -> bool:
        """Whether the group is another one than this, beside what lies in its drawers."""
        drawers = self.group.drawers
        return drawers.keys() != group.drawers.keys() or self.group != replace(
            group, drawers=drawers
        )


class NotTold(Exception):
    """Drawers of a group open no more, and those who lead do not know it yet."""

    def __init__(self, event: DrawersLost) -> None:
        """Say what is to be told first."""
        super().__init__()
        self.event = event


class Groups:
    """Loads and saves groups."""

    def __init__(self, keyring: Keyring) -> None:
        """Open and seal with these keys."""
        self._keyring = keyring
        self._told: set[tuple[GroupId, str]] = set()
        self._methods: dict[str, Method] = {}
        # By the whole document: what a transaction leaves that then fails can never be mistaken.
        self._read = lru_cache(maxsize=_KEPT)(self._decoded)

    def load(self, unit: Unit, group_id: GroupId) -> Loaded | None:
        """The group with all its drawers; one that cannot be opened is empty."""
        row = unit.groups.find(group_id)
        if row is None:
            return None
        drawers: dict[str, dict[str, str]] = {}
        keys: dict[str, str] = {}
        lost: list[str] = []
        for sealed in unit.groups.sealed(group_id):
            bound = _bound(row.platform, row.tenant, group_id, sealed.drawer)
            try:
                drawers[sealed.drawer] = self._keyring.open(sealed.key_id, bound, sealed.ciphertext)
                keys[sealed.drawer] = sealed.key_id
            except Lost:
                lost.append(sealed.drawer)
                drawers[sealed.drawer] = {}
        self._method(unit, row.method_hash)
        group = self._read(row.document, row.method_hash)
        group = replace(group, drawers=drawers, hours=unit.people.hours(group_id))
        return Loaded(group, row.version, row.document, keys, tuple(lost))

    def whole(self, unit: Unit, group_id: GroupId) -> Loaded | None:
        """The same; raises `NotTold`, once for each drawer that opens no more without being known.

        What is decided then must not build on an empty drawer before those who lead are told.
        """
        loaded = self.load(unit, group_id)
        new = [one for one in loaded.lost if self._is_new(loaded.group, one)] if loaded else []
        if loaded is None or not new:
            return loaded
        for drawer in new:
            which = {"group": group_id, "drawer": drawer}
            log.error("a drawer cannot be opened: %(group)s %(drawer)s", which)
            self._told.add((group_id, drawer))
        raise NotTold(DrawersLost(group_id, loaded.lost))

    def _is_new(self, group: Group, drawer: str) -> bool:
        return drawer not in group.lost and (group.id, drawer) not in self._told

    def bare(self, unit: Unit, group_id: GroupId) -> Group | None:
        """The group without what people wrote: no drawer is opened."""
        row = unit.groups.find(group_id)
        if row is None:
            return None
        return from_document(row.document, self._method(unit, row.method_hash), {})

    def without_drawers(
        self, unit: Unit, platform: str, tenant: str, *, closed: bool
    ) -> Iterator[Group]:
        """The groups of one organisation, closed or not, and nothing of what people wrote."""
        for row in unit.groups.rows(platform, tenant, closed=closed):
            yield from_document(row.document, self._method(unit, row.method_hash), {})

    def gathering(self, unit: Unit, platform: str, tenant: str) -> Iterator[Group]:
        """The groups of one organisation that have not started, and nothing of what they wrote."""
        for row in unit.groups.gathering(platform, tenant):
            yield from_document(row.document, self._method(unit, row.method_hash), {})

    def save(
        self, unit: Unit, group: Group, before: Loaded | None, shredded: set[str]
    ) -> frozenset[str]:
        """Store the group over what was loaded; `LostRace` if that is no longer there.

        A drawer from which something was taken out gets a new key, so that no backup brings it
        back; the keys that are of no use from now on are returned.
        """
        if before is not None:
            document = to_document(group) if before.differs_from(group) else before.document
            unit.groups.change(group.id, before.version, group.status, document, group.closed_at)
        else:
            unit.groups.add(
                GroupRow(
                    id=group.id,
                    platform=group.platform,
                    tenant=group.tenant,
                    status=group.status,
                    version=1,
                    method_hash=group.method_hash,
                    document=to_document(group),
                    closed_at=group.closed_at,
                )
            )
        known = before.group.drawers if before else {}
        used: set[str] = set()
        for drawer, items in group.drawers.items():
            was = known.get(drawer, {})
            if drawer not in shredded and items != was:
                key_id = before.keys.get(drawer, "") if before else ""
                if key_id and not was.keys() <= items.keys():
                    used.add(key_id)
                    key_id = ""
                key_id = key_id or self._keyring.make()
                bound = _bound(group.platform, group.tenant, group.id, drawer)
                unit.groups.seal(group.id, drawer, key_id, self._keyring.seal(key_id, bound, items))
        return frozenset(used)

    def _decoded(self, document: str, hash: str) -> Group:
        """A document as it is without its drawers, for which no memory is a place to stay."""
        return from_document(document, self._methods[hash], {})

    def _method(self, unit: Unit, hash: str) -> Method:
        """The method with this hash, which never changes."""
        if hash not in self._methods:
            text = unit.method_text(hash)
            assert text is not None, "a group's method is kept in the transaction that makes it"
            self._methods[hash] = parse(text)
        return self._methods[hash]


def everybody(group: Group) -> set[PersonId]:
    """All people whose names a card of the group may show."""
    return {
        *group.sponsors,
        *(leader.person for leader in group.leaders),
        *(member.person for member in group.members),
    }


def parts(group: Group) -> set[PersonId]:
    """The people who have a part in the group, or are asked to have one."""
    return {
        *group.sponsors,
        *(leader.person for leader in group.leaders if leader.answer in ("asked", "yes")),
        *(member.person for member in group.members if member.status in ("asked", "yes")),
    }


def without(group: Group, drawers: set[str]) -> Group:
    """The group without these drawers."""
    kept = {name: items for name, items in group.drawers.items() if name not in drawers}
    return replace(group, drawers=kept)


@lru_cache(maxsize=_BOUND)
def _bound(platform: str, tenant: str, group_id: GroupId, drawer: str) -> str:
    """What a drawer's ciphertext belongs to, without ambiguity.

    >>> _bound("slack", "T1", "g1", "4/vote")
    '["slack", "T1", "g1", "4/vote"]'
    """
    return json.dumps([platform, tenant, group_id, drawer])
