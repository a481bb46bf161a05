"""Posts: what each conversation should show, and what it shows."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import bindparam, exists, func
from sqlmodel import Session, and_, col, or_, select, update

from bot.core.event import GroupId
from bot.store.rows import read, table, write
from bot.store.tables import GroupRow, PostRow, RoomRow

_POSTS = table(PostRow).c
_WANTED = (
    sa.select(
        _POSTS.id, _POSTS.kind, _POSTS.card, _POSTS.state, _POSTS.revision, _POSTS.ref.is_(None)
    )
    .where(
        _POSTS.group_id == bindparam("group"),
        _POSTS.person_id == bindparam("person"),
        _POSTS.name == bindparam("called"),
    )
    .with_for_update()
)
_WISH = sa.update(table(PostRow)).where(_POSTS.id == bindparam("post"))
#: The states in which something else is shown than should be.
BEHIND = ("pending", "sending", "uncertain", "failed")
#: How a reason begins that is a fault of ours; the type of an exception follows.
FAULT = "fault/"
#: The reason of what is uncertain once those who lead have been told.
TOLD = "told"
#: As if it had never been tried.
_PENDING = {"state": "pending", "reason": "", "tries": 0, "next_try_at": None}
_WAITING = (
    select(PostRow)
    .where(col(PostRow.group_id) == bindparam("group"))
    # Not by the index of the states: that leads through what waits in all groups.
    .where(col(PostRow.state).concat("") == "pending")
    .order_by(col(PostRow.kind) != "room", col(PostRow.id))
    .with_for_update()
)
_ROOM = (
    select(PostRow)
    .where(col(PostRow.group_id) == bindparam("group"), col(PostRow.person_id) == "")
    .with_for_update()
)
_WAITS = sa.select(_POSTS.id, _POSTS.ref, _POSTS.card, _POSTS.next_try_at).where(
    _POSTS.group_id == bindparam("group"), _POSTS.state.concat("") == "pending"
)
_NEXT_TRY = (
    sa.select(_POSTS.next_try_at)
    .where(_POSTS.state == "pending", _POSTS.next_try_at > bindparam("now"))
    .order_by(_POSTS.next_try_at)
    .limit(1)
)
#: A message or a room: what is there twice if it is asked for twice.
_SHOWN_TWICE = ("card", "room")
_FIRST = and_(col(PostRow.ref).is_(None), col(PostRow.kind).in_(_SHOWN_TWICE))


class PostTable:
    """Reads and writes of posts."""

    def __init__(self, session: Session) -> None:
        """Work in this session."""
        self._session = session

    def want(
        self,
        group_id: GroupId,
        person_id: str,
        name: str,
        card: str | None,
        kind: str = "card",
        *,
        perhaps_shown: bool = False,
    ) -> bool:
        """Let this be seen there under this name; None for nothing. Whether that is a change.

        `perhaps_shown`: a message that is not known here may be there, so that none is posted.
        """
        at = {"group": group_id, "person": person_id, "called": name}
        found = read(self._session, _WANTED, **at)
        unsure = perhaps_shown and card is not None and kind in _SHOWN_TWICE
        if not found:
            if card is not None:
                new_row = PostRow(
                    group_id=group_id, person_id=person_id, name=name, kind=kind, card=card
                )
                new_row.state = "uncertain" if unsure else "pending"
                self._session.add(new_row)
            return card is not None
        ((post_id, was_kind, was_card, state, revision, first),) = found
        if (was_kind, was_card) == (kind, card):
            return False
        new = {"kind": kind, "card": card, "revision": revision + 1}
        if state in ("shown", "failed"):
            new |= _PENDING | ({"state": "uncertain"} if unsure and first else {})
        write(self._session, _WISH, post=post_id, **new)
        row = self._session.identity_map.get(self._session.identity_key(PostRow, post_id))
        if row is not None:
            self._session.expire(row)
        return True

    def again(self, group_id: GroupId, person_id: str) -> None:
        """Let what failed there, or is uncertain, be tried once more; empty is the room itself."""
        rows = self._session.exec(
            select(PostRow)
            .where(
                PostRow.group_id == group_id,
                PostRow.person_id == person_id,
                col(PostRow.state).in_(("failed", "uncertain")),
            )
            .with_for_update()
        )
        for row in rows:
            row.state, row.reason, row.tries, row.next_try_at = "pending", "", 0, None

    def move_out(self, group_id: GroupId) -> None:
        """Leave what the group's room shows where it is: it has another room from now on."""
        for row in self._session.execute(_ROOM, {"group": group_id}).scalars():
            row.card, row.ref, row.state = None, None, "shown"
            row.revision += 1
            row.reason, row.tries, row.next_try_at = "", 0, None

    def uncertain(self, group_id: GroupId, person_id: str) -> Sequence[PostRow]:
        """What was perhaps shown there, in the order of asking."""
        return self._session.exec(
            select(PostRow)
            .where(
                PostRow.group_id == group_id,
                PostRow.person_id == person_id,
                PostRow.state == "uncertain",
            )
            .order_by(col(PostRow.id))
            .with_for_update()
        ).all()

    def known(self, ref: str) -> bool:
        """Whether some post is shown in this message."""
        return self._session.exec(select(PostRow.id).where(PostRow.ref == ref)).first() is not None

    def find(self, post_id: int) -> PostRow | None:
        """The post with this id, which nobody else changes before the transaction ends."""
        return self._session.get(PostRow, post_id, with_for_update=True)

    def pending(self, group_id: GroupId) -> Sequence[PostRow]:
        """What waits to be shown for a group: its room first, then in the order of asking."""
        return self._session.execute(_WAITING, {"group": group_id}).scalars().all()

    def behind(self) -> Sequence[PostRow]:
        """What does not show yet what it should, in the order of asking."""
        return self._session.exec(
            select(PostRow).where(PostRow.state != "shown").order_by(col(PostRow.id))
        ).all()

    def states(self) -> Mapping[str, int]:
        """How many do not show yet what they should, by state."""
        found = self._session.exec(
            select(PostRow.state, func.count())
            .where(PostRow.state != "shown")
            .group_by(_POSTS.state)
        ).all()
        return dict.fromkeys(BEHIND, 0) | dict(found)

    def mistrust(self) -> None:
        """Take no first post for unsaid: it may have been made since this was written down."""
        waits = and_(col(PostRow.card).is_not(None), col(PostRow.state) == "pending")
        unsure = {"state": "uncertain", "reason": ""}
        self._session.exec(update(PostRow).where(waits, _FIRST).values(**unsure))

    def waits(self, group_id: GroupId) -> Sequence[tuple[int, str | None, datetime | None]]:
        """The same, only to look: id, what an edit is to show, and when it is to be tried."""
        return [
            (post_id, None if ref is None else card, at)
            for post_id, ref, card, at in read(self._session, _WAITS, group=group_id)
        ]

    def of_group(self, group_id: GroupId) -> Sequence[PostRow]:
        """All that a group's conversations should show, in the order of asking."""
        return self._session.exec(
            select(PostRow).where(PostRow.group_id == group_id).order_by(col(PostRow.id))
        ).all()

    def waiting(self, real: datetime, platforms: Iterable[str]) -> Sequence[GroupId]:
        """The groups for which something can be shown at this real time on these platforms."""
        sendable = or_(
            col(PostRow.person_id) != "",
            col(PostRow.kind) == "room",
            exists().where(col(RoomRow.group_id) == col(PostRow.group_id)),
        )
        ready = or_(col(PostRow.next_try_at).is_(None), col(PostRow.next_try_at) <= real)
        return self._session.exec(
            select(PostRow.group_id)
            .join(GroupRow, col(GroupRow.id) == col(PostRow.group_id))
            .where(and_(col(PostRow.state) == "pending", sendable, ready))
            .where(col(GroupRow.platform).in_(list(platforms)))
            .distinct()
            .order_by(PostRow.group_id)
        ).all()

    def next_try(self, real: datetime) -> datetime | None:
        """When the first is to be tried that was put off until after this real time."""
        return next((at for (at,) in read(self._session, _NEXT_TRY, now=real)), None)

    def abandoned(self, before: datetime | None = None) -> Sequence[GroupId]:
        """Judge what was being sent by somebody who is gone: all, or what was claimed before then.

        A first post is uncertain, the rest is done again; the groups of the latter.
        """
        left = [col(PostRow.state) == "sending"]
        left += [] if before is None else [col(PostRow.claimed_at) < before]
        unsure = {"state": "uncertain", "reason": "", "claimed_at": None}
        self._session.exec(update(PostRow).where(*left, _FIRST).values(**unsure))
        again = self._session.execute(
            update(PostRow)
            .where(*left)
            .values(state="pending", claimed_at=None)
            .returning(col(PostRow.group_id))
        )
        return sorted(set(again.scalars()))

    def fail(self, row: PostRow, fault: str, tries: int, again_at: datetime) -> None:
        """Take down that this cannot be shown by a fault of ours; so often, and it is parked."""
        row.tries, row.reason = row.tries + 1, FAULT + fault
        parked = row.tries >= tries
        row.state, row.next_try_at = ("failed", None) if parked else ("pending", again_at)

    def parked(self) -> Sequence[PostRow]:
        """What failed so often by a fault of ours that it was parked, in the order of asking."""
        return self._session.exec(
            select(PostRow)
            .where(PostRow.state == "failed", col(PostRow.reason).startswith(FAULT))
            .order_by(col(PostRow.id))
        ).all()

    def let_go(self, tries: int, real: datetime) -> int:
        """Let what is parked be tried once more, at this real time; how many."""
        parked = self.parked()
        for row in parked:
            row.state, row.tries, row.next_try_at = "pending", tries - 1, real
        return len(parked)

    def put_off(self, group_id: GroupId, until: datetime) -> None:
        """Let what waits for a group wait until then, in real time."""
        for row in self.pending(group_id):
            row.next_try_at = max(until, row.next_try_at or until)

    def put_off_until(self, real: datetime) -> Sequence[GroupId]:
        """Let what was put off until now be shown at once; the groups. On PostgreSQL alone."""
        put_off = (
            sa.select(_POSTS.id)
            .where(_POSTS.next_try_at <= real, _POSTS.state == "pending")
            .with_for_update(skip_locked=True)
            .cte("put_off")
        )
        groups = self._session.execute(
            sa.update(table(PostRow))
            .where(_POSTS.id == put_off.c.id)
            .values(next_try_at=None)
            .returning(_POSTS.group_id)
        )
        return sorted(set(groups.scalars()))

    def first_try(self) -> datetime | None:
        """When the first of what was put off is to be tried, in real time."""
        return self._session.exec(
            select(PostRow.next_try_at)
            .where(PostRow.state == "pending", col(PostRow.next_try_at).is_not(None))
            .order_by(col(PostRow.next_try_at))
            .limit(1)
        ).first()

    def untold(self) -> Sequence[tuple[GroupId, str]]:
        """The conversations, group and person or empty, of whose uncertain posts nobody knows."""
        return self._session.exec(
            select(PostRow.group_id, PostRow.person_id)
            .where(PostRow.state == "uncertain", PostRow.reason != TOLD)
            .distinct()
            .order_by(PostRow.group_id, PostRow.person_id)
        ).all()

    def tell(self, group_id: GroupId, person_id: str) -> None:
        """Take down that those who lead know of what is uncertain there."""
        for row in self.uncertain(group_id, person_id):
            row.reason = TOLD
