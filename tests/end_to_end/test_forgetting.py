"""An operator erases an organisation: everything of it goes, and nothing of another."""

import io
import json
import sqlite3
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.__main__ import main
from bot.core.event import Identity, Place
from bot.keyring import new_master
from bot.keys import start_keyring
from bot.store import Store, Unit, only_one
from bot.store.tables import (
    FiguresRow,
    GroupRow,
    InstallationRow,
    MembershipRow,
    MomentRow,
    PostRow,
    TeamsReferenceRow,
)
from tests.databases import lay_out
from tests.end_to_end.process import Terminal

AT = datetime(2026, 3, 3, tzinfo=UTC)
MASTER = new_master().line
GONE, STAYS = "tenant-that-goes", "tenant-that-stays"


def fill(unit: Unit, platform: str, tenant: str, key_id: str) -> None:
    """A row in every table that knows of organisations."""
    group, person = f"g-{tenant}", f"p-{tenant}"
    session = unit._session
    unit.people.meet(Identity(platform, tenant, f"n-{tenant}"), person, f"Name of {tenant}")
    unit.groups.add(
        GroupRow(
            id=group,
            platform=platform,
            tenant=tenant,
            status="running",
            version=1,
            method_hash="h",
            document=json.dumps({"name": f"Group of {tenant}"}),
        )
    )
    unit.groups.seal(group, "2/meeting", key_id, b"sealed")
    unit.groups.set_room(group, Place(platform, tenant, f"room-{tenant}", private=False))
    unit.see(json.dumps([platform, tenant, "event-1"]), AT)
    session.add(MembershipRow(person_id=person, group_id=group))
    session.add(MomentRow(group_id=group, meeting=2, kind="begin", who="", due_at=AT))
    session.add(PostRow(group_id=group, person_id=person, name="invite", kind="card", card="{}"))
    session.add(FiguresRow(platform=platform, tenant=tenant, year=2025, document="{}"))
    session.add(
        TeamsReferenceRow(
            tenant=tenant,
            native=f"room-{tenant}",
            conversation="c",
            service_url="https://smba.trafficmanager.net/",
            bot="28:b",
            updated_at=AT,
        )
    )
    session.add(
        InstallationRow(
            platform=platform,
            tenant=tenant,
            team="",
            enterprise="",
            bot_user="b",
            token=b"t",
            scopes="",
            installed_at=AT,
        )
    )


@pytest.fixture
async def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, untouched_logging: None) -> Path:
    """Two organisations, each with a text under a key of its own."""
    monkeypatch.setenv("KRETS_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("KRETS_MASTER_KEYS", MASTER)
    url = f"sqlite:///{tmp_path / 'krets.db'}"
    lay_out(url)
    store = Store(url)
    keyring = await start_keyring(store, tmp_path / "keys", [MASTER], real=True)
    for tenant in (GONE, STAYS):
        key_id = keyring.make()
        await store.run(lambda unit, at=tenant, key=key_id: fill(unit, "teams", at, key))  # type: ignore[misc]
    await store.close()
    return tmp_path


def rows(data: Path) -> dict[str, list[str]]:
    """Every row of the database, as text, by table."""
    with closing(sqlite3.connect(data / "krets.db")) as database:
        names = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        return {
            name: [repr(row) for row in database.execute(f"SELECT * FROM {name}")]
            for (name,) in names
        }


def knows(data: Path, tenant: str) -> set[str]:
    """The tables in which something of this organisation stands."""
    return {table for table, found in rows(data).items() if any(tenant in one for one in found)}


def keys(data: Path) -> int:
    return len(list((data / "keys").glob("*.key")))


def test_everything_of_it_goes_and_nothing_of_another(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert knows(data, GONE) == knows(data, STAYS)
    before = knows(data, STAYS)
    assert len(before) == 12
    assert keys(data) == 3, "and one by which the keyring is known"
    assert main(["forget", f"teams:{GONE}", "--yes"]) == 0
    said = capsys.readouterr()
    assert said.out == "Erased: 1 groups with 1 drawers of texts, 1 people.\n"
    assert knows(data, GONE) == set()
    assert knows(data, STAYS) == before
    assert keys(data) == 2
    assert rows(data)["doomed_keys"] == []
    for file in data.glob("krets.db*"):
        assert GONE.encode() not in file.read_bytes(), file.name


@pytest.mark.parametrize(("answer", "done"), [("yes\n", True), ("no\n", False), ("", False)])
def test_whoever_sits_there_is_asked_and_shown_how_much_it_is(
    data: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    answer: str,
    done: bool,
) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal(answer))
    assert main(["forget", f"teams:{GONE}"]) == (0 if done else 1)
    said = capsys.readouterr()
    assert "This erases 1 groups with 1 drawers of texts, 1 people" in said.err
    assert bool(knows(data, GONE)) is not done
    assert ("Nothing was done." in said.err) is not done


def test_without_a_terminal_nothing_is_done_unless_that_was_said(
    data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("yes\n"))
    assert main(["forget", f"teams:{GONE}"]) == 1
    assert "--yes" in capsys.readouterr().err
    assert knows(data, GONE)


@pytest.mark.parametrize(
    ("organisation", "why"),
    [
        ("teams:nobody-knows-it", "knows nothing of teams:nobody-knows-it"),
        ("playground:local", "slack:<workspace or organisation>"),
        ("teams:", "slack:<workspace or organisation>"),
        (f"slack:{GONE}", "knows nothing of"),
    ],
)
def test_what_is_nobody_is_said_in_a_sentence(
    data: Path, capsys: pytest.CaptureFixture[str], organisation: str, why: str
) -> None:
    assert main(["forget", organisation, "--yes"]) == 1
    assert why in capsys.readouterr().err
    assert knows(data, GONE)


def test_beside_a_krets_that_runs_nothing_is_erased(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with only_one(data, f"sqlite:///{data / 'krets.db'}"):
        assert main(["forget", f"teams:{GONE}", "--yes"]) == 1
    assert "stop it first" in capsys.readouterr().err
    assert knows(data, GONE)
