"""A database of the keys alone, for a Krets of several processes: PostgreSQL.

A statement is durable once it is answered. What is deleted there lies in free pages and in the
server's log until those are used again, still wrapped by a master key.
"""

import errno
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from threading import Lock
from typing import Any, LiteralString, TypeAlias
from urllib.parse import urlsplit

import psycopg

from bot.keyring.folder import is_key_id
from bot.keyring.master import ID, NoMasterKey

Connection: TypeAlias = psycopg.Connection[tuple[Any, ...]]

_CONNECTION: Mapping[str, Any] = {
    "connect_timeout": 3,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
    "options": "-c synchronous_commit=on -c statement_timeout=30s -c lock_timeout=5s",
}
_TABLE = """CREATE TABLE drawer_keys (
    id text PRIMARY KEY,
    wrapped bytea NOT NULL,
    made_at timestamptz NOT NULL DEFAULT now()
)"""
#: How long a key may be there before its first ciphertext; a unit of work takes seconds.
_UNDER_WAY = "1 hour"
#: How many keys of each master key are tried at a start.
_SAMPLES = 8


class KeysAway(ConnectionError):
    """The database of the keys cannot be reached now; nothing is known to be lost."""

    def __init__(self, name: str) -> None:
        """Say which."""
        super().__init__(errno.EHOSTUNREACH, "its database cannot be reached", f"keys in {name}")


class KeyTable:
    """Keys by their ids in one table, each still wrapped; from any thread."""

    def __init__(self, url: str) -> None:
        """Say where the database is; it is reached when it is needed."""
        self._url = url.replace("postgresql+psycopg:", "postgresql:", 1)
        self._lock = Lock()  # guards what is idle
        self._idle: list[Connection] = []

    @property
    def name(self) -> str:
        """The database and its host, never its password.

        >>> KeyTable("postgresql+psycopg://anna:secret@db.example/keys").name
        'keys on db.example'
        """
        parts = urlsplit(self._url)
        return f"{parts.path.removeprefix('/')} on {parts.hostname or 'this machine'}"

    def lay_out(self) -> None:
        """Make the table; `NoMasterKey` if this is the database of everything else."""
        with self._connected(fresh=True) as connection, connection.transaction():
            connection.execute("SELECT pg_advisory_xact_lock(7502742)")
            looked = "SELECT to_regclass('groups'), to_regclass('drawer_keys')"
            ((groups, keys),) = _said(connection, looked, ())
            if groups is not None:
                raise NoMasterKey(
                    "KRETS_KEYRING_URL must name another database than KRETS_DATABASE_URL: one"
                    " backup of both would keep what has been destroyed."
                )
            if keys is None:
                connection.execute(_TABLE)

    def close(self) -> None:
        """Close all connections that are not in use."""
        with self._lock:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    # --- keys ---------------------------------------------------------------------------------

    def ids(self) -> list[str]:
        """All keys that are there."""
        return [key_id for (key_id,) in self._say("SELECT id FROM drawer_keys ORDER BY id")]

    def spare(self) -> list[str]:
        """The keys that were made a while ago: those of units under way are younger."""
        made = "SELECT id FROM drawer_keys WHERE made_at < now() - %s::interval"
        return [key_id for (key_id,) in self._say(made, _UNDER_WAY)]

    def has(self, key_id: str) -> bool:
        """Whether this key is there."""
        return is_key_id(key_id) and self.read(key_id) is not None

    def read(self, key_id: str) -> bytes | None:
        """A key, wrapped; None if it is gone."""
        found = self._say("SELECT wrapped FROM drawer_keys WHERE id = %s", key_id)
        return bytes(found[0][0]) if found else None

    def samples(self) -> list[tuple[str, bytes]]:
        """Some keys of each master key."""
        found = self._say(
            "SELECT id, wrapped FROM (SELECT id, wrapped, row_number() OVER"
            " (PARTITION BY substring(wrapped from 2 for %s)) AS place FROM drawer_keys) AS keys"
            " WHERE place <= %s",
            ID,
            _SAMPLES,
        )
        return [(key_id, bytes(wrapped)) for key_id, wrapped in found]

    def write(self, key_id: str, wrapped: bytes) -> None:
        """Keep a new key."""
        self._say(
            "INSERT INTO drawer_keys (id, wrapped) VALUES (%s, %s) ON CONFLICT DO NOTHING",
            key_id,
            wrapped,
        )

    def end(self, key_ids: Collection[str]) -> None:
        """Delete these keys."""
        self._say("DELETE FROM drawer_keys WHERE id = ANY(%s)", list(key_ids))

    def rewrite(self, key_ids: Collection[str], new: Callable[[str, bytes], bytes | None]) -> None:
        """Hold these rows meanwhile; one that is deleted by then is not there to be changed."""
        with self._connected(fresh=True) as connection, connection.transaction():
            found = connection.execute(
                "SELECT id, wrapped FROM drawer_keys WHERE id = ANY(%s) ORDER BY id FOR UPDATE",
                (list(key_ids),),
            ).fetchall()
            for key_id, wrapped in found:
                after = new(key_id, bytes(wrapped))
                if after is None:
                    connection.execute("DELETE FROM drawer_keys WHERE id = %s", (key_id,))
                elif after != bytes(wrapped):
                    connection.execute(
                        "UPDATE drawer_keys SET wrapped = %s WHERE id = %s", (after, key_id)
                    )

    # --- the master key of our own ------------------------------------------------------------

    def own(self) -> str | None:
        """None lies here: a database is no place for what opens it."""
        return None

    def keep_own(self, line: str) -> None:
        """Refuse: whoever uses a database has to give a master key."""
        raise NoMasterKey("KRETS_KEYRING_URL needs KRETS_MASTER_KEYS; see krets keys new.")

    def drop_own(self) -> None:
        """There is none."""

    # --- connections --------------------------------------------------------------------------

    def _say(self, sql: LiteralString, *given: object) -> list[tuple[Any, ...]]:
        """What a statement answers that may be said twice: an idle connection may have died."""
        try:
            with self._connected() as connection:
                return _said(connection, sql, given)
        except KeysAway:
            with self._connected(fresh=True) as connection:
                return _said(connection, sql, given)

    @contextmanager
    def _connected(self, *, fresh: bool = False) -> Iterator[Connection]:
        """A connection for some statements, kept for later if nothing goes wrong."""
        try:
            connection = self._take(fresh=fresh)
            try:
                yield connection
            except BaseException:
                connection.close()
                raise
        except psycopg.OperationalError:
            self.close()  # those that are idle have gone with it
            raise KeysAway(self.name) from None
        with self._lock:
            self._idle.append(connection)

    def _take(self, *, fresh: bool) -> Connection:
        with self._lock:
            if self._idle and not fresh:
                return self._idle.pop()
        return psycopg.connect(self._url, autocommit=True, **_CONNECTION)


def _said(
    connection: Connection, sql: LiteralString, given: tuple[object, ...]
) -> list[tuple[Any, ...]]:
    try:
        cursor = connection.execute(sql, given)
    except psycopg.errors.UndefinedTable:  # nothing was laid out here yet
        return []
    return cursor.fetchall() if cursor.description else []
