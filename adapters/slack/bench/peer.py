"""The peer: a Bolt app that does the same vote through SQLModel's AsyncSession on aiosqlite.

The same rules, rows and sealing, the same durability, one writer at a time. It keeps no board,
words nothing and renders nothing, all of which Krets does besides.

    python -m adapters.slack.bench.peer <signing secret> <Web API> <data directory> <master key>
"""

import asyncio
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from adapters.bench import child
from adapters.slack.bench.bare import ANSWERING, bolt
from bot.core.action import CastVote, unpack
from bot.core.card import CARDS
from bot.core.effect import Put, Room
from bot.core.event import FormSubmitted, Identity, Place
from bot.core.facts import Facts
from bot.core.handle import handle
from bot.core.method import Method
from bot.core.model import from_document, to_document
from bot.keyring import Keyring
from bot.methods import read_methods
from bot.store.tables import GroupRow, IdentityRow, PostRow, SealedRow, SeenRow

_DONE = {
    "type": "modal",
    "title": {"type": "plain_text", "text": "Krets"},
    "blocks": [{"type": "section", "text": {"type": "plain_text", "text": "Your vote is in."}}],
}


class Voting:
    """One vote, one transaction."""

    def __init__(self, directory: Path, master: str) -> None:
        """Work on this data directory, which must hold a stage, with this master key."""
        self._engine = _engine(directory / "krets.db")
        self._keyring = Keyring(directory / "keys", [master])
        self._methods: dict[str, Method] = {
            hash: method for hash, _, method in read_methods().values()
        }
        self._writer = asyncio.Lock()  # else SQLite makes them wait by sleeping

    async def cast(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """Store the vote, then acknowledge."""
        async with self._writer, AsyncSession(self._engine, expire_on_commit=False) as session:
            await self._cast(session, body)
            await session.commit()
        await ack(response_action="update", view=_DONE)

    async def _cast(self, session: AsyncSession, body: dict[str, Any]) -> None:
        team, user, trigger = body["team"]["id"], body["user"]["id"], body["trigger_id"]
        key = json.dumps([team, trigger])
        if await session.get(SeenRow, key) is not None:
            return
        action = unpack(body["view"]["private_metadata"])
        assert isinstance(action, CastVote)
        drawer = f"{action.meeting}/vote"
        who = await session.get_one(IdentityRow, ("slack", team, user))
        row = await session.get_one(GroupRow, action.group)
        sealed = await session.get_one(SealedRow, (action.group, drawer))
        bound = json.dumps([row.platform, row.tenant, row.id, drawer])
        items = self._keyring.open(sealed.key_id, bound, sealed.ciphertext)
        group = from_document(row.document, self._methods[row.method_hash], {drawer: items})

        chosen = body["view"]["state"]["values"]["cases"]["many"]["selected_options"]
        actor = Identity("slack", team, user)
        ballot = tuple(one["value"] for one in chosen)
        place = Place("slack", team, user, private=True)
        opened = next(one.ballot.opened_at for one in group.meetings if one.ballot)
        facts = Facts(now=opened, fresh=trigger, me=who.person_id, platform="slack", tenant=team)
        decision = handle(
            group, FormSubmitted(trigger, actor, place, action, {"cases": ballot}), facts
        )
        assert decision.group is not None

        row.version, row.document = row.version + 1, to_document(decision.group)
        sealed.ciphertext = self._keyring.seal(sealed.key_id, bound, decision.group.drawers[drawer])
        for effect in decision.effects:
            if isinstance(effect, Put) and isinstance(effect.to, Room):
                await _want(session, row.id, effect)
        session.add(SeenRow(key=key, at=datetime.now(UTC)))  # noqa: TID251


async def _want(session: AsyncSession, group_id: str, put: Put) -> None:
    """Let the room show this card."""
    found = await session.exec(
        select(PostRow).where(
            col(PostRow.group_id) == group_id,
            col(PostRow.person_id) == "",
            col(PostRow.name) == put.name,
        )
    )
    post, card = found.one(), CARDS.dump_json(put.card).decode()
    if post.card != card:
        post.card, post.revision, post.state = card, post.revision + 1, "pending"


def _engine(file: Path) -> AsyncEngine:
    """As durable as Krets' own."""
    engine = create_async_engine(f"sqlite+aiosqlite:///{file}", hide_parameters=True)

    @event.listens_for(engine.sync_engine, "connect")
    def connect(connection: Any, _: object) -> None:
        cursor = connection.cursor()
        for pragma in ("journal_mode=wal", "synchronous=2", "foreign_keys=1", "secure_delete=1"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    return engine


def application(secret: str, api: str, directory: Path, master: str) -> AsyncApp:
    """The app."""
    app = bolt(secret, api, ANSWERING)
    app.view("form")(Voting(directory, master).cast)
    return app


async def _main(secret: str, api: str, directory: str, master: str) -> None:
    await child.serve(application(secret, api, Path(directory), master).web_app())


if __name__ == "__main__":
    asyncio.run(_main(*sys.argv[1:5]))
