"""How things stand: rows, files and conversations, held against the record."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from adapters.simulated import Simulated
from bot.core.due import due
from bot.core.event import GroupId
from bot.core.model import Group, from_document
from bot.simulate.chaos.laws import Laws, has_ended, kind_of
from bot.simulate.chaos.record import CANARY, Mark, Post, place_of
from bot.store import Unit


def _is_of(document: str, group: Group) -> bool:
    """Whether this is stored of a group; sets are written in any order."""
    return from_document(document, group.method, group.drawers) == replace(group, hours={})


def look(laws: Laws, unit: Unit) -> None:
    """The rows are as the record has them."""
    record, trace = laws.record, laws.trace
    moments: dict[GroupId, set[tuple[object, ...]]] = {one: set() for one in record.groups}
    for row in unit.moments.due(datetime.max.replace(tzinfo=laws.now().tzinfo)):
        moments.setdefault(row.group_id, set()).add((row.meeting, row.kind, row.who, row.due_at))
    for id, group in record.groups.items():
        found = unit.groups.find(id)
        if found is None or not _is_of(found.document, group):
            trace.broke("not_as_decided", "group")
        wanted = {(one.meeting, one.kind, one.who, one.due_at) for one in due(group)}
        if moments[id] != wanted:
            trace.broke("moments_differ", len(moments[id]), len(wanted))
        sealed = {one.drawer: one.key_id for one in unit.groups.sealed(id)}
        known = {one.name: key for one, key in record.keys.items() if one.group == id}
        if sealed != known:
            trace.broke("drawers_differ", len(sealed), len(known))
    for text in laws.gone:
        for key_id in laws.live:
            if text in laws.texts[key_id] and key_id not in laws.doomed:
                trace.broke("text_outlives", "key")
    look_at_files(laws)


def all_shown(laws: Laws, platforms: Mapping[str, Simulated]) -> Callable[[Unit], None]:
    """Whether, after a calm, every conversation shows what it should."""

    def look(unit: Unit) -> None:
        for id, group in laws.record.groups.items():
            room = unit.groups.room(id)
            messages = platforms[group.platform].messages
            for row in unit.posts.of_group(id):
                laws.trace.reach("posts", row.state)
                where = row.name.partition("/")[0], row.state
                if row.state == "sending" or (
                    row.state == "pending" and (row.person_id or room is not None)
                ):
                    laws.trace.broke("not_shown", *where)
                post = Post(id, row.person_id, row.name)
                if row.state == "uncertain" and row.kind == "card" and post in laws.record.waiting:
                    laws.trace.broke("uncertain_for_nothing", *where)
                if row.state != "shown" or row.kind != "card" or row.card is None:
                    continue
                message = messages.get(place_of(row.ref or ""))
                if message is None or not isinstance(message.mark, Mark):
                    continue
                if not message.mark.forgotten and message.mark.card != laws.record.wanted[post]:
                    laws.trace.broke("shows_something_else", *where)

    return look


def look_at_files(laws: Laws) -> None:
    """No private text lies in the clear, and no key that has ended is there."""
    for file in sorted(laws.data.glob("krets.db*")):
        if CANARY.search(file.read_bytes().decode("latin-1")):
            laws.trace.broke("text_in_the_clear", file.suffix)
    if laws.leaks:
        laws.trace.broke("text_in_logs", laws.leaks[0])


def overdue(laws: Laws, group: Group) -> list[str]:
    """What should have ended by now, and has not."""
    late = laws.now() - timedelta(minutes=1)
    kept = [
        drawer
        for drawer, key in laws.record.keys.items()
        if drawer.group == group.id and key in laws.live and has_ended(group, drawer, late)
    ]
    return [kind_of(one) for one in kept]
