"""Starting: one clear line, or one sentence and exit code 1 with nothing damaged."""

import socket
import sqlite3
from contextlib import closing
from pathlib import Path

import aiohttp
import pytest

from bot.keyring import Keyring
from bot.store.databases import _PRAGMAS
from tests.databases import lay_out
from tests.end_to_end.process import Process, environment, krets, within


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data directory with a database in it."""
    where = tmp_path / "var"
    lay_out(f"sqlite:///{where / 'krets.db'}")
    return where


def refused(data: Path, *arguments: str, **settings: str) -> str:
    """The one sentence with which a command ends."""
    done = within(*(arguments or ("run",)), env=environment(data, **settings))
    assert done.returncode == 1, done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    (sentence,) = done.stderr.splitlines()
    return sentence


async def test_it_starts_with_one_line_and_is_healthy(tmp_path: Path) -> None:
    env = environment(tmp_path / "var")
    assert krets("migrate", env=env).returncode == 0
    with Process(env) as process:
        assert process.first_line.startswith("Krets is running at http://127.0.0.1:")
        async with aiohttp.ClientSession(process.address) as session:
            for path in ("/healthz", "/readyz"):
                async with session.get(path) as got:
                    assert got.status == 200
            async with session.get("/dev/clock") as got:
                assert got.status == 404, "without time travel there is no clock to move"
        assert process.stop() == (0, "", "")


def test_migrating_twice_is_migrating_once(data: Path) -> None:
    before = (data / "krets.db").read_bytes()
    done = within("migrate", env=environment(data))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (data / "krets.db").read_bytes() == before


def test_without_a_database_it_says_what_to_do(tmp_path: Path) -> None:
    assert refused(tmp_path / "new").endswith("run: krets migrate")


@pytest.mark.parametrize("command", ["run", "migrate"])
def test_a_broken_database_is_left_alone(data: Path, command: str) -> None:
    (data / "krets.db").write_bytes(b"this was a database once" * 500)
    before = (data / "krets.db").read_bytes()
    assert "krets.db" in refused(data, command)
    assert (data / "krets.db").read_bytes() == before


@pytest.mark.parametrize("command", ["run", "migrate"])
def test_a_locked_database_is_not_called_damaged(
    data: Path, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(_PRAGMAS, "busy_timeout", 50)
    with closing(sqlite3.connect(data / "krets.db", isolation_level=None)) as theirs:
        theirs.execute("BEGIN IMMEDIATE")
        assert refused(data, command).endswith(
            "krets.db is locked: another program holds it. Nothing is lost; end that program, and"
            " start again."
        )


@pytest.mark.parametrize("command", ["run", "migrate"])
def test_a_newer_schema_is_left_alone(data: Path, command: str) -> None:
    with sqlite3.connect(data / "krets.db") as database:
        database.execute("UPDATE alembic_version SET version_num = 'from_the_future'")
    database.close()
    assert "newer" in refused(data, command)
    with sqlite3.connect(data / "krets.db") as database:
        assert database.execute("SELECT * FROM alembic_version").fetchone() == ("from_the_future",)
    database.close()


def test_a_port_in_use(data: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        sentence = refused(data, KRETS_PORT=port)
    assert port in sentence
    assert "KRETS_PORT" in sentence


def test_a_second_process_on_the_same_data(data: Path) -> None:
    with Process(environment(data)) as first:
        assert "Another Krets" in refused(data)
        assert "Another Krets" in refused(data, "migrate")
        assert first.stop()[0] == 0


def test_a_second_process_on_the_same_database_from_another_directory(
    data: Path, tmp_path: Path
) -> None:
    other, file = tmp_path / "other", data / "krets.db"
    there = {"KRETS_DATABASE_URL": f"sqlite:///{tmp_path / 'other' / '..' / 'var' / 'krets.db'}"}
    other.mkdir()
    with Process(environment(data)) as first:
        for command in ("run", "migrate", "restore"):
            told = refused(other, command, **there)
            assert told == f"krets: Another Krets is running on {file.resolve()}; stop it first."
        assert first.stop()[0] == 0


def test_a_key_that_is_not_ours(data: Path) -> None:
    Keyring(data / "keys").make()
    (data / "keys" / "master").write_bytes(b"x" * 40)
    assert "key" in refused(data)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("KRETS_PORT", "99999"),
        ("KRETS_LANGUAGE", "fi"),
        ("KRETS_TIME_ZONE", "Mars/Olympus"),
        ("KRETS_COUNTRY", "XX"),
        ("KRETS_DATABASE_URL", "mysql://root:secret@db/krets"),
        ("KRETS_METHODS_DIR", "/nowhere/at/all"),
        ("KRETS_LOG_LEVEL", "loud"),
        ("KRETS_TIME_TRAVEL", "perhaps"),
    ],
)
def test_a_wrong_setting_is_named(data: Path, name: str, value: str) -> None:
    sentence = refused(data, **{name: value})
    assert name in sentence
    assert value not in sentence


def test_a_broken_method_is_named(data: Path, tmp_path: Path) -> None:
    folder = tmp_path / "methods"
    folder.mkdir()
    (folder / "ours.toml").write_text('id = "ours"\nmeetings = 0\n')
    assert "ours.toml" in refused(data, KRETS_METHODS_DIR=str(folder))


def test_an_unknown_command_and_a_version() -> None:
    env = environment(Path("var"))
    assert krets("dance", env=env).returncode == 2
    assert krets("--version", env=env).stdout.startswith("krets 0.")
