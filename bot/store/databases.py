"""The two databases there are, and all in which they differ."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from sqlite3 import DatabaseError
from typing import Any, Protocol

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import (
    DBAPIError,
    IntegrityError,
    InterfaceError,
    OperationalError,
    SQLAlchemyError,
)
from sqlalchemy.orm.exc import StaleDataError

from bot.refusal import Refusal

#: In milliseconds.
BUSY_TIMEOUT = 5000


class CannotUse(Refusal):
    """The data cannot be used as it lies there; the message is one sentence for the operator."""


class CannotWrite(CannotUse):
    """It is there and whole as far as is known, but nothing can be written."""

    def __init__(self, name: str) -> None:
        """Say so of the database of this name."""
        super().__init__(
            f"The database {name} cannot be written: its disk is full, or Krets may not write"
            " there. Nothing is lost; make room, or let it write."
        )


class Locked(CannotUse):
    """It is there and whole as far as is known, but somebody else keeps us out."""

    def __init__(self, name: str) -> None:
        """Say so of the database of this name."""
        super().__init__(
            f"The database {name} is locked: another program holds it. Nothing is lost; end that"
            " program, and start again."
        )


class Damaged(CannotUse):
    """It cannot be read as a database of ours, now or later."""

    def __init__(self, name: str) -> None:
        """Say so of the database of this name."""
        super().__init__(
            f"The database {name} is damaged, or not a database of Krets; restore a backup."
        )


class LostRace(Exception):
    """Somebody else has changed the group since it was read: read and decide again."""


class Away(ConnectionError):
    """The database cannot be reached now; nothing of the unit is known to be stored."""

    def __init__(self, name: str) -> None:
        """Say so of the database of this name."""
        super().__init__(_unreachable(name))


def _unreachable(name: str) -> str:
    return (
        f"The database {name} cannot be reached; see that PostgreSQL runs there, and that"
        " KRETS_DATABASE_URL names it."
    )


#: What passes by itself, or once an operator has made room: no fault of the unit.
PASSING = (OperationalError, InterfaceError, LostRace)
#: What the database itself says, of whatever kind.
REFUSALS = (SQLAlchemyError, LostRace, Away)


class Database(Protocol):
    """One database, as the store needs it."""

    #: How many units may be under way at the same time.
    threads: int
    #: How many waiting units share one commit.
    batch: int
    #: In seconds, between attempts to reach a database that is away.
    pauses: Sequence[float]
    #: Whether it is a file of ours, and not a server's.
    is_file: bool

    @property
    def name(self) -> str:
        """How it may be named to an operator: never with a password."""

    def open(self, *, migrating: bool = False) -> Engine:
        """Open it and make sure that every setting took effect; else `CannotUse`."""

    def is_there(self) -> bool:
        """Whether there is something to be opened; nothing is made."""

    def prepare(self) -> None:
        """Make what must be there before it can be opened for the first time."""

    def is_whole(self, connection: Connection) -> bool:
        """Whether it says of itself that it is not damaged."""

    def begin_migrating(self, connection: Connection) -> None:
        """Let nobody else migrate until the transaction has ended."""

    def end_migrating(self, connection: Connection) -> None:
        """Make sure that rows still belong together; else `CannotUse`."""

    def wipe(self, engine: Engine) -> bool:
        """Leave nothing of what is deleted in its files; False if that must be tried again."""

    def refusal(self, error: Exception) -> CannotUse:
        """What this error means to an operator who wants to start."""

    def lost_race(self, error: Exception) -> bool:
        """Whether somebody else was faster, so that the unit should be run again."""

    def is_away(self, error: Exception, connection: Connection) -> bool:
        """Whether the database has gone, rather than refused."""

    def without_values(self, error: Exception) -> Exception:
        """The same error, without what stands in a row; an id would be enough to tell."""


def database(url: str) -> Database:
    """The database at this address."""
    return SQLite(url) if url.startswith("sqlite:") else PostgreSQL(url)


# --- SQLite -------------------------------------------------------------------------------------

#: synchronous 2 is FULL.
_PRAGMAS: Mapping[str, int | str] = {
    "busy_timeout": BUSY_TIMEOUT,
    "journal_mode": "wal",
    "foreign_keys": 1,
    "synchronous": 2,
    "secure_delete": 1,
}
#: How SQLite's names begin for a disk that is full, fails, or may only be read.
_UNWRITABLE = ("SQLITE_FULL", "SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_IOERR", "SQLITE_PERM")
#: For one that another connection keeps us out of, after `BUSY_TIMEOUT`.
_LOCKED = ("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_PROTOCOL")
#: For one that is no database, or has other tables than ours.
_DAMAGED = ("SQLITE_CORRUPT", "SQLITE_NOTADB", "SQLITE_FORMAT", "SQLITE_ERROR")


class SQLite:
    """One file and one writer: units wait in line, and those that wait share a commit."""

    threads, batch, is_file = 1, 16, True
    pauses: Sequence[float] = ()

    def __init__(self, url: str) -> None:
        """Say where the file is, which need not be there."""
        self._url = url

    @property
    def name(self) -> str:
        """The file.

        >>> SQLite("sqlite:///var/krets.db").name
        'var/krets.db'
        """
        return make_url(self._url).database or "in memory"

    def open(self, *, migrating: bool = False) -> Engine:
        """Open it; while migrating without foreign keys: tables are altered by copying them."""
        wanted = {**_PRAGMAS, **({"foreign_keys": 0} if migrating else {})}
        # Parameters hold documents and ciphertexts: they belong in no error message.
        engine = create_engine(self._url, hide_parameters=True)

        @event.listens_for(engine, "connect")
        def connect(connection: Any, _: object) -> None:
            connection.isolation_level = None  # BEGIN is ours, see below
            cursor = connection.cursor()
            for name, value in wanted.items():
                cursor.execute(f"PRAGMA {name}={value}")
            cursor.close()

        @event.listens_for(engine, "begin")
        def begin(connection: Any) -> None:
            # A transaction that has read before it writes loses updates or its patience otherwise.
            connection.exec_driver_sql("BEGIN IMMEDIATE")

        try:
            with engine.connect() as connection:
                for name, value in wanted.items():
                    found = connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
                    if found != value:
                        raise CannotUse(f"The database does not take the setting {name}={value}.")
        except (DBAPIError, DatabaseError) as error:
            engine.dispose()
            raise self.refusal(error) from None
        except CannotUse:
            engine.dispose()
            raise
        return engine

    def is_there(self) -> bool:
        """Whether the file is there; to open it would make it."""
        return Path(self.name).exists()

    def prepare(self) -> None:
        """Make the directory."""
        Path(self.name).parent.mkdir(parents=True, exist_ok=True)

    def is_whole(self, connection: Connection) -> bool:
        """Look through the file."""
        return bool(connection.exec_driver_sql("PRAGMA quick_check(1)").scalar_one() == "ok")

    def begin_migrating(self, connection: Connection) -> None:
        """Only one can write anyway."""

    def end_migrating(self, connection: Connection) -> None:
        """Look for rows that belong to nothing: nobody has looked meanwhile."""
        if connection.exec_driver_sql("PRAGMA foreign_key_check").first():
            raise CannotUse(f"The database {self.name} has rows that belong to nothing.")

    def wipe(self, engine: Engine) -> bool:
        """Write all that is committed into the file's own pages, and cut its log to nothing.

        As long as somebody else reads, as for a backup, that has to wait for a later commit.
        """
        connection = engine.raw_connection()
        try:
            cursor = connection.cursor()
            cursor.execute("PRAGMA busy_timeout=0")
            (busy, *_) = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT}")
            return not busy
        finally:
            connection.close()

    def refusal(self, error: Exception) -> CannotUse:
        """By SQLite's name for what is wrong; what Python cannot read has none."""
        named = getattr(getattr(error, "orig", error), "sqlite_errorname", "")
        if named.startswith(_UNWRITABLE):
            return CannotWrite(self.name)
        if named.startswith(_LOCKED):
            return Locked(self.name)
        if not named or named.startswith(_DAMAGED):
            return Damaged(self.name)
        return CannotUse(f"The database {self.name} cannot be used now: {named}.")

    def lost_race(self, error: Exception) -> bool:
        """With one writer there are no races."""
        return False

    def is_away(self, error: Exception, connection: Connection) -> bool:
        """A file that cannot be read has not gone anywhere."""
        return False

    def without_values(self, error: Exception) -> Exception:
        """SQLite names columns alone."""
        return error


# --- PostgreSQL ---------------------------------------------------------------------------------

#: What a session must run with. A lock or statement that takes longer is a fault of ours.
_SETTINGS: Mapping[str, str] = {
    "synchronous_commit": "on",
    "timezone": "UTC",
    "lock_timeout": "5s",
    "statement_timeout": "30s",
    "idle_in_transaction_session_timeout": "30s",
}
#: A network that swallows everything is noticed within these seconds.
_NETWORK = {
    "connect_timeout": 3,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}
#: serialization_failure, deadlock_detected, lock_not_available.
_RACES = ("40001", "40P01", "55P03")
#: disk_full, read_only_sql_transaction.
_FULL = ("53100", "25006")
#: Connection exceptions, too many connections, a server that shuts down, starts or only reads.
_GONE = ("08", "53300", "57P01", "57P02", "57P03", "25006")

#: lock_not_available, query_canceled because it took too long, deadlock_detected.
_LOCKED_OUT = ("55P03", "57014", "40P01")
#: insufficient_privilege.
_NOT_ALLOWED = ("42501",)
#: data_corrupted, index_corrupted, and tables that are others than ours.
_NOT_OURS = ("XX001", "XX002", "42")
#: A wrong user or password, a database that does not exist.
_NOT_LET_IN = ("28", "3D")


class PostgreSQL:
    """A server with several writers: each unit is a transaction of its own, races are run again.

    What is deleted there lies in free pages and in the server's log until those are used again. It
    is sealed, and its key is in another database.
    """

    threads, batch, is_file = 8, 1, False
    pauses: Sequence[float] = (0.05, 0.1, 0.25, 0.5, 1.0)

    def __init__(self, url: str) -> None:
        """Say where the server is."""
        self._url = url

    @property
    def name(self) -> str:
        """The database and its host.

        >>> PostgreSQL("postgresql+psycopg://anna:secret@db.example:5433/krets").name
        'krets on db.example'
        """
        url = make_url(self._url)
        host = url.host or url.query.get("host")
        return f"{url.database} on {host or 'this machine'}"

    def open(self, *, migrating: bool = False) -> Engine:
        """Connect once, so that a start says what is wrong."""
        settings = dict(_SETTINGS)
        if migrating:
            settings |= {"lock_timeout": "60s", "statement_timeout": "0"}
        try:
            engine = create_engine(
                self._url,
                hide_parameters=True,
                paramstyle="format",
                pool_size=self.threads,
                max_overflow=0,
                connect_args={
                    **_NETWORK,
                    "options": " ".join(f"-c {name}={value}" for name, value in settings.items()),
                },
            )
        except ModuleNotFoundError:
            raise CannotUse(
                "For PostgreSQL, Krets is installed with: pip install 'krets[postgres]'"
            ) from None
        try:
            with engine.connect() as connection:
                for name, value in settings.items():
                    found = connection.exec_driver_sql(f"SHOW {name}").scalar_one()
                    if found != value and not (migrating and name == "lock_timeout"):
                        raise CannotUse(f"The database does not take the setting {name}={value}.")
        except DBAPIError as error:
            engine.dispose()
            raise self.refusal(error) from None
        except CannotUse:
            engine.dispose()
            raise
        return engine

    def _why(self, error: Exception) -> str:
        """Why nobody answers, or answers with a refusal; the server's words may name a user."""
        told = str(getattr(error, "orig", error))
        if "does not exist" in told:
            return (
                f"The database {self.name} does not exist, or its user does not; create it first."
            )
        if "authentication" in told or "password" in told:
            return f"The database {self.name} does not take this user and password."
        return _unreachable(self.name)

    def is_there(self) -> bool:
        """Opening makes nothing."""
        return True

    def prepare(self) -> None:
        """The database itself is made by whoever runs the server."""

    def is_whole(self, connection: Connection) -> bool:
        """The server looks after its files."""
        return True

    def begin_migrating(self, connection: Connection) -> None:
        """Two releases at once come one after the other; the number is ours alone."""
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7502741)")

    def end_migrating(self, connection: Connection) -> None:
        """Foreign keys are enforced at any time."""

    def wipe(self, engine: Engine) -> bool:
        """The server's files are not ours to write."""
        return True

    def refusal(self, error: Exception) -> CannotUse:
        """By PostgreSQL's code for what is wrong; a server that has gone gives none."""
        state = _state(error) if isinstance(error, DBAPIError) else ""
        if state in _FULL:
            return CannotWrite(self.name)
        if state in _LOCKED_OUT:
            return Locked(self.name)
        if state in _NOT_ALLOWED:
            return CannotUse(
                f"The database {self.name} does not let its user do what Krets needs; make that"
                " user its owner."
            )
        if state.startswith(_NOT_OURS):
            return Damaged(self.name)
        if not state or state.startswith((*_GONE, *_NOT_LET_IN)):
            return CannotUse(self._why(error))
        return CannotUse(f"The database {self.name} cannot be used now: PostgreSQL says {state}.")

    def lost_race(self, error: Exception) -> bool:
        """A key that was there already, a row that was not, a deadlock."""
        if isinstance(error, IntegrityError | StaleDataError | LostRace):
            return True
        return isinstance(error, DBAPIError) and _state(error) in _RACES

    def is_away(self, error: Exception, connection: Connection) -> bool:
        """A server that is shut down, starts, or cannot be reached."""
        driver: Any = None if connection.invalidated else connection.connection.driver_connection
        if driver is None or driver.closed:
            return True
        return isinstance(error, DBAPIError) and _state(error).startswith(_GONE)

    def without_values(self, error: Exception) -> Exception:
        """The server quotes what was refused, so only its code is kept."""
        if not isinstance(error, DBAPIError):
            return error
        return type(error)(None, None, DatabaseError(_state(error)), hide_parameters=True)


def _state(error: DBAPIError) -> str:
    """PostgreSQL's code for what is wrong; empty if it has not said."""
    return getattr(error.orig, "sqlstate", None) or ""
