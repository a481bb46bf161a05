"""Groups as the rules see them: a document, its method and its opened drawers, put together."""

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace

from bot.core.event import GroupId, PersonId
from bot.core.method import Method
from bot.core.model import Group, from_document, to_document
from bot.keyring import Keyring, Lost
from bot.methods import parse
from bot.store import Unit
from bot.store.tables import GroupRow

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Loaded:
    """A group as it is stored, with its version and the keys of the drawers that opened."""

    group: Group
    version: int
    keys: Mapping[str, str]


class Groups:
    """Loads and saves groups."""

    def __init__(self, keyring: Keyring) -> None:
        """Open and seal with these keys."""
        self._keyring = keyring
        self._methods: dict[str, Method] = {}

    def load(self, unit: Unit, group_id: GroupId) -> Loaded | None:
        """The group with all its drawers; one that cannot be opened is empty, and logged."""
        row = unit.groups.find(group_id)
        if row is None:
            return None
        drawers: dict[str, dict[str, str]] = {}
        keys: dict[str, str] = {}
        for sealed in unit.groups.sealed(group_id):
            bound = _bound(row.platform, row.tenant, group_id, sealed.drawer)
            try:
                drawers[sealed.drawer] = self._keyring.open(sealed.key_id, bound, sealed.ciphertext)
                keys[sealed.drawer] = sealed.key_id
            except Lost as lost:
                log.error("%s", lost)
                drawers[sealed.drawer] = {}
        method = self._method(unit, row.method_hash)
        return Loaded(from_document(row.document, method, drawers), row.version, keys)

    def save(self, unit: Unit, group: Group, before: Loaded | None, shredded: set[str]) -> None:
        """Store the group over what was loaded; `LostRace` if that is no longer there."""
        row = GroupRow(
            id=group.id,
            platform=group.platform,
            tenant=group.tenant,
            status=group.status,
            version=before.version + 1 if before else 1,
            method_hash=group.method_hash,
            document=to_document(group),
        )
        if before is None:
            unit.groups.add(row)
        else:
            unit.groups.change(row)
        known = before.group.drawers if before else {}
        for drawer, items in group.drawers.items():
            if drawer not in shredded and items != known.get(drawer, {}):
                key_id = before.keys.get(drawer) if before else None
                key_id = key_id or self._keyring.make()
                bound = _bound(group.platform, group.tenant, group.id, drawer)
                unit.groups.seal(group.id, drawer, key_id, self._keyring.seal(key_id, bound, items))

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


def _bound(platform: str, tenant: str, group_id: GroupId, drawer: str) -> str:
    """What a drawer's ciphertext belongs to, without ambiguity.

    >>> _bound("slack", "T1", "g1", "4/vote")
    '["slack", "T1", "g1", "4/vote"]'
    """
    return json.dumps([platform, tenant, group_id, drawer])
