"""What the playground keeps: its rooms and the messages in its conversations."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from bot.store.tables import PlaygroundMessageRow, PlaygroundRoomRow


class PlaygroundTables:
    """Reads and writes of the playground."""

    def __init__(self, session: Session) -> None:
        """Work in this session."""
        self._session = session

    def room(self, room_id: str) -> PlaygroundRoomRow | None:
        """The room with this id."""
        return self._session.get(PlaygroundRoomRow, room_id)

    def rooms(self, tenant: str) -> Sequence[PlaygroundRoomRow]:
        """The rooms of one organisation, by name."""
        return self._session.exec(
            select(PlaygroundRoomRow)
            .where(PlaygroundRoomRow.tenant == tenant)
            .order_by(PlaygroundRoomRow.name, PlaygroundRoomRow.id)
        ).all()

    def add_room(self, room_id: str, tenant: str, name: str, people: str) -> None:
        """A new room; `people` is a JSON list of native ids."""
        self._session.add(PlaygroundRoomRow(id=room_id, tenant=tenant, name=name, people=people))

    def post(self, conversation: str, group_id: str, card: str, at: datetime) -> int:
        """A new message at the end of a conversation; its ref."""
        row = PlaygroundMessageRow(conversation=conversation, group_id=group_id, card=card, at=at)
        self._session.add(row)
        self._session.flush()
        assert row.ref is not None, "the flush has numbered it"
        return row.ref

    def edit(self, ref: int, card: str) -> bool:
        """Let a message show this card; False if it is gone."""
        row = self._session.get(PlaygroundMessageRow, ref)
        if row is None:
            return False
        row.card = card
        return True

    def remove(self, ref: int) -> None:
        """Remove a message, if it is there."""
        row = self._session.get(PlaygroundMessageRow, ref)
        if row is not None:
            self._session.delete(row)

    def message(self, ref: int) -> PlaygroundMessageRow | None:
        """The message with this ref."""
        return self._session.get(PlaygroundMessageRow, ref)

    def messages(self, conversation: str) -> Sequence[PlaygroundMessageRow]:
        """The messages of a conversation, the oldest first."""
        return self._session.exec(
            select(PlaygroundMessageRow)
            .where(PlaygroundMessageRow.conversation == conversation)
            .order_by(col(PlaygroundMessageRow.ref))
        ).all()
