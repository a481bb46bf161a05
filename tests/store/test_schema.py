"""The schema's versions, and who may use the data."""

import re
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from threading import Event

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlmodel import SQLModel

from bot.store import CannotUse, SchemaState, look, migrate, only_one, schema_state
from bot.store.databases import _PRAGMAS, SQLite, database
from bot.store.migrating import configuration, upgrade
from bot.store.schema import revisions


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "100%" / "krets.db"


@pytest.fixture
def url(file: Path) -> str:
    return f"sqlite:///{file}"


def test_an_empty_database_becomes_current(url: str, file: Path) -> None:
    assert schema_state(url) is SchemaState.EMPTY
    assert not file.exists()
    migrate(url)
    assert schema_state(url) is SchemaState.CURRENT
    migrate(url)


def test_the_migrations_make_what_the_models_say(url: str) -> None:
    migrate(url)
    engine = database(url).open()
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, SQLModel.metadata) == []
    engine.dispose()


def test_migrations_are_one_line_and_numbered_by_their_files() -> None:
    scripts = ScriptDirectory.from_config(configuration())
    assert [one.revision for one in scripts.walk_revisions()] == revisions()[::-1]
    assert scripts.get_heads() == revisions()[-1:]


def test_an_older_database_becomes_current_and_keeps_what_is_in_it(url: str, file: Path) -> None:
    file.parent.mkdir()
    engine = database(url).open(migrating=True)
    with engine.begin() as connection:
        upgrade(connection, "0001")
        connection.exec_driver_sql("INSERT INTO meta VALUES ('kept', 'yes')")
    engine.dispose()
    assert schema_state(url) is SchemaState.OLDER
    migrate(url)
    assert schema_state(url) is SchemaState.CURRENT
    with closing(sqlite3.connect(file)) as kept:
        assert kept.execute("SELECT value FROM meta").fetchall() == [("yes",)]


def test_a_newer_schema_is_left_alone(url: str, file: Path) -> None:
    migrate(url)
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    before = file.read_bytes()
    assert schema_state(url) is SchemaState.NEWER
    with pytest.raises(CannotUse, match=r"written by a newer Krets; update this one\.$"):
        migrate(url)
    assert file.read_bytes() == before


def test_a_broken_file_is_left_alone(url: str, file: Path) -> None:
    file.parent.mkdir()
    file.write_bytes(b"This is no database. " * 500)
    assert schema_state(url) is SchemaState.BROKEN
    with pytest.raises(CannotUse, match=r"is damaged, or not a database of Krets"):
        migrate(url)
    assert file.read_bytes() == b"This is no database. " * 500


def test_a_damaged_page_is_noticed(url: str, file: Path) -> None:
    migrate(url)
    content = bytearray(file.read_bytes())
    content[5000:20000] = b"\xff" * 15000
    file.write_bytes(content)
    assert schema_state(url) is SchemaState.BROKEN


def test_somebody_elses_database_is_left_alone(url: str, file: Path) -> None:
    file.parent.mkdir()
    with sqlite3.connect(file) as connection:
        connection.execute("CREATE TABLE theirs (id)")
    connection.close()
    assert schema_state(url) is SchemaState.BROKEN
    with pytest.raises(CannotUse):
        migrate(url)


def test_a_locked_database_is_said_to_be_locked_once_its_patience_is_over(
    url: str, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(_PRAGMAS, "busy_timeout", 50)
    migrate(url)
    with closing(sqlite3.connect(file, isolation_level=None)) as theirs:
        for how in ("IMMEDIATE", "EXCLUSIVE"):
            theirs.execute(f"BEGIN {how}")
            assert schema_state(url) is SchemaState.LOCKED
            for attempt in (lambda: look(url), lambda: migrate(url)):
                with pytest.raises(CannotUse, match="is locked: another program holds it"):
                    attempt()
            theirs.execute("ROLLBACK")
    assert schema_state(url) is SchemaState.CURRENT


def test_a_lock_that_passes_in_time_is_waited_for(
    url: str, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    migrate(url)
    theirs = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    theirs.execute("BEGIN IMMEDIATE")
    begins, whole = Event(), SQLite.is_there

    def is_there(self: SQLite) -> bool:
        begins.set()
        return whole(self)

    monkeypatch.setattr(SQLite, "is_there", is_there)
    with ThreadPoolExecutor() as threads:
        state = threads.submit(schema_state, url)
        begins.wait()
        theirs.execute("ROLLBACK")
        assert state.result() is SchemaState.CURRENT
    theirs.close()


@pytest.mark.parametrize(
    ("name", "state"),
    [
        ("SQLITE_BUSY_RECOVERY", SchemaState.LOCKED),
        ("SQLITE_CORRUPT_INDEX", SchemaState.BROKEN),
        ("SQLITE_IOERR_READ", SchemaState.AWAY),
        ("SQLITE_NOMEM", SchemaState.AWAY),
        ("", SchemaState.BROKEN),
    ],
)
def test_only_what_is_damaged_is_called_so(
    url: str, monkeypatch: pytest.MonkeyPatch, name: str, state: SchemaState
) -> None:
    migrate(url)

    def fails(*_: object) -> bool:
        error = sqlite3.OperationalError()
        error.sqlite_errorname = name
        raise error

    monkeypatch.setattr(SQLite, "is_whole", fails)
    assert schema_state(url) is state


def test_a_second_process_is_refused(tmp_path: Path, url: str) -> None:
    asks = f"""
from pathlib import Path
from bot.store import CannotUse, only_one
try:
    with only_one(Path({str(tmp_path)!r}), {url!r}):
        print("mine")
except CannotUse as error:
    print(error)
"""

    def other() -> str:
        done = subprocess.run(
            [sys.executable, "-c", asks], capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    with only_one(tmp_path, url):
        assert other() == f"Another Krets is running on {tmp_path}; stop it first."
        with pytest.raises(CannotUse), only_one(tmp_path, url):
            pass
    assert other() == "mine"


def test_one_file_is_held_from_whichever_directory_it_is_named(
    tmp_path: Path, url: str, file: Path
) -> None:
    migrate(url)
    (tmp_path / "link.db").symlink_to(file)
    (tmp_path / "directory").symlink_to(file.parent)
    first, second = tmp_path / "first", tmp_path / "second"
    for name in (file, tmp_path / "link.db", tmp_path / "directory" / "krets.db"):
        other = f"sqlite:///{name}"
        told = pytest.raises(CannotUse, match=rf"running on {re.escape(str(file))}; stop it first")
        with only_one(first, url), told, only_one(second, other):
            pass
        with only_one(first, url), only_one(second, f"sqlite:///{tmp_path / 'another.db'}"):
            pass
        with only_one(second, other):
            pass


def test_on_a_server_only_the_directory_is_held(tmp_path: Path) -> None:
    server = "postgresql+psycopg://db/krets"
    with only_one(tmp_path / "one", server), only_one(tmp_path / "other", server):
        pass
    told = pytest.raises(CannotUse, match="Another Krets")
    with only_one(tmp_path / "one", server), told, only_one(tmp_path / "one", server):
        pass
