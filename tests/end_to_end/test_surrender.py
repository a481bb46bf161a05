"""What a compromise surrenders: a programme is seized, in parts, and read from outside.

The lists below are frozen. What is to be stored besides must be written here, and into
docs/surrender.md, before it is stored.
"""

import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from bot.__main__ import main
from bot.core.model import (
    Ballot,
    Case,
    Group,
    Guide,
    Joining,
    Leader,
    Meeting,
    Member,
    Reunion,
    Rules,
)
from bot.keyring import Keyring, NoMasterKey, new_master
from tests.core.words import catalogue
from tests.end_to_end.conftest import over_http, runs_in
from tests.end_to_end.seizure import (
    ASA,
    FATIMA,
    JOHAN,
    KARI,
    MASTER,
    NO,
    SILENT,
    WRITTEN,
    Seized,
    seize,
    to_an_open_vote,
    to_the_day_after,
)

#: All columns that can be read without keys, table by table.
READABLE = {
    "addresses": "group_id person_id opens meeting hash seed",
    "budgets": "key full_at last_at rests_at",
    "departures": "platform tenant at",
    "doomed_keys": "key_id",
    "ended": "platform tenant year method groups planned held members most",
    "figures": "platform tenant year document",
    "groups": "id platform tenant status version method_hash document closed_at",
    "identities": "platform tenant native person_id",
    "install_states": "hash at",
    "installations": "platform tenant team enterprise bot_user scopes installed_at removed_at",
    "memberships": "person_id group_id",
    "meta": "key value",
    "methods": "hash id text",
    "moments": "group_id meeting kind who due_at queued tries fault",
    "people": "id name language zone introduced language_chosen hours zone_chosen",
    "playground_messages": "ref conversation group_id card at",
    "playground_rooms": "id tenant name people",
    "posts": "id group_id person_id name kind card revision shown ref state reason tries"
    " next_try_at claimed_at",
    "rooms": "group_id platform tenant native",
    "sealed": "group_id drawer key_id",
    "seen": "key at",
    "teams_references": "tenant native conversation service_url bot account team updated_at",
}
#: The columns that keys are needed for.
SEALED = {"installations": "token", "sealed": "ciphertext"}

#: All that `groups.document` says of a group, and of what belongs to it.
DOCUMENT = {
    Group: "id platform tenant name status language country zone place link every working_time"
    " informed sponsors leaders members opened_at method_id method_hash shown_at meetings free_days"
    " closed_at joining rests_until room visitors outside waiting unreached unsure rules reunion_at"
    " reunion_told step_shown lost title",
    Joining: "person by asked_at agreed closed",
    Reunion: "roll closed",
    Rules: "version agreed_at",
    Leader: "person answer asked_at instead_of",
    Member: "person status asked_at since",
    Meeting: "number at attendance came cases titles ballot guide owner chosen partner"
    " partner_asked owner_hidden reunion lead ended_at held revision revised_at kept pulse rank",
    Case: "id by in_room",
    Ballot: "opened_at closes_at roll cases commitment draw closed_at unsealed",
    Guide: "step since extra paused_at braked braked_by",
}
#: What stands in a stored sentence: a number, or a reference that is opened when it is shown. Of
#: texts there is the beginning of the commitment of a vote, what it was of, and nothing else.
REFERENCES = {"about", "method", "said", "when", "who", "words"}
TEXTS = {"seal", "draw"}


@pytest_asyncio.fixture(scope="module")
async def seized(tmp_path_factory: pytest.TempPathFactory) -> tuple[Seized, Seized]:
    """A programme as it was while a vote was open, and on the day after."""
    home = tmp_path_factory.mktemp("seized")
    async with over_http(runs_in(home / "var", KRETS_MASTER_KEYS=MASTER)) as site:
        room = await to_an_open_vote(site)
        first = seize(home / "var", home / "voting")
        await to_the_day_after(site, room)
        return first, seize(home / "var", home / "after")


@pytest.fixture
def voting(seized: tuple[Seized, Seized]) -> Seized:
    return seized[0]


@pytest.fixture
def after(seized: tuple[Seized, Seized]) -> Seized:
    return seized[1]


# --- the database alone -------------------------------------------------------------------------


def test_every_column_that_can_be_read_is_known(after: Seized) -> None:
    tables = [name for (name,) in after.rows("SELECT name FROM sqlite_master WHERE type = 'table'")]
    found = {
        table: {row[1] for row in after.rows(f"PRAGMA table_info({table})")}
        for table in tables
        if table not in ("alembic_version", "sqlite_sequence")
    }
    assert found == {
        table: {*columns.split(), *SEALED.get(table, "").split()}
        for table, columns in READABLE.items()
    }


def test_all_that_a_stored_group_says_is_known(after: Seized) -> None:
    ((stored,),) = after.rows("SELECT document FROM groups")
    assert set(json.loads(stored)) == set(DOCUMENT[Group].split())
    for part, said in DOCUMENT.items():
        beside = {"method", "drawers", "hours"} if part is Group else set()
        assert {field.name for field in fields(part)} - beside == set(said.split()), part


def test_a_stored_card_holds_keys_numbers_and_references(seized: tuple[Seized, Seized]) -> None:
    cards = [
        json.loads(card)
        for one in seized
        for table in ("posts WHERE kind = 'card'", "playground_messages WHERE true")
        for (card,) in one.rows(f"SELECT card FROM {table} AND card IS NOT NULL")
    ]
    assert len(cards) > 50
    for sentence in sentences(cards):
        assert sentence["key"] in catalogue("en"), sentence
        for name, value in sentence["values"].items():
            if isinstance(value, dict):
                assert value["kind"] in REFERENCES, sentence
            else:
                assert isinstance(value, int) or name in TEXTS, sentence


def sentences(told: Any) -> Iterator[dict[str, Any]]:
    """Every sentence of these cards."""
    if isinstance(told, dict):
        if told.get("kind") == "words":
            yield told
        for value in told.values():
            yield from sentences(value)
    if isinstance(told, list):
        for value in told:
            yield from sentences(value)


def test_the_database_alone_tells_who_and_when_and_nothing_that_was_written(
    seized: tuple[Seized, Seized],
) -> None:
    for one in seized:
        bytes_of_it = (one.data / "krets.db").read_bytes()
        for told in ("Kari Nordby", "Tisdagsgruppen", "Rum 4", "2/meeting"):
            assert told.encode() in bytes_of_it, told
        for words in (*WRITTEN.values(), "sparvh", "ballot/", "tap/"):
            assert words.encode() not in bytes_of_it, words
            assert json.dumps(words)[1:-1].encode() not in bytes_of_it, words


def test_once_the_group_has_started_nothing_tells_a_no_from_silence(after: Seized) -> None:
    shown = dict(
        after.rows(
            "SELECT native, card FROM posts JOIN identities USING (person_id) WHERE name = 'invite'"
        )
    )
    assert {shown[one] for one in SILENT} == {shown[NO]}
    assert "invite.over" in shown[NO]
    posts: dict[str, list[object]] = {}
    for native, *row in after.rows(
        "SELECT native, name, kind, card, state, reason, tries"
        " FROM posts JOIN identities USING (person_id) ORDER BY name"
    ):
        posts.setdefault(native, []).append(row)
    assert all(posts[one] == posts[NO] for one in SILENT)
    ((stored,),) = after.rows("SELECT document FROM groups")
    assert {one["status"] for one in json.loads(stored)["members"]} == {"yes"}
    part = after.rows("SELECT native FROM memberships JOIN identities USING (person_id)")
    assert not {native for (native,) in part} & {NO, *SILENT}
    assert all("started" in shown[one] for one in (ASA, JOHAN, KARI, FATIMA))


# --- keys ---------------------------------------------------------------------------------------


def test_the_keys_alone_tell_how_many_there_are_and_nothing_else(after: Seized) -> None:
    files = {file.name: file.read_bytes() for file in (after.data / "keys").iterdir()}
    tag = files.pop("CACHEDIR.TAG")
    assert b"backups must leave this directory out" in tag
    assert len(files) == len(after.drawers()) + 1, "and one by which the keyring is known"
    assert all(re.fullmatch(r"[0-9a-f]{32}\.key", name) for name in files)
    assert len({len(content) for content in files.values()}) == 1
    named = [native for (native,) in after.rows("SELECT native FROM identities")]
    for content in (*files.values(), *(name.encode() for name in files)):
        assert not any(one.encode() in content for one in (*named, *WRITTEN.values()))


def test_keys_open_nothing_without_their_master_key(after: Seized, tmp_path: Path) -> None:
    stolen = shutil.copytree(after.data / "keys", tmp_path / "keys")
    with pytest.raises(NoMasterKey):
        Keyring(stolen)
    with pytest.raises(NoMasterKey):
        Keyring(stolen, [new_master().line])


def test_a_master_key_opens_tokens_and_no_drawer(after: Seized, tmp_path: Path) -> None:
    token = Keyring(after.data / "keys", [MASTER]).seal_secret("slack/T1", "xoxb-1")
    stolen = Keyring(tmp_path / "none", [MASTER])
    assert stolen.open_secret("slack/T1", token) == "xoxb-1"
    assert after.drawers()
    assert after.opened(stolen) == {}


def test_all_together_open_what_lives_and_nothing_that_has_ended(
    voting: Seized, after: Seized
) -> None:
    then, later = (Keyring(one.data / "keys", [MASTER]) for one in (voting, after))
    ballots = voting.opened(then)["2/vote"]
    assert [item for item in ballots if item.startswith("ballot/")], "while the vote is open"
    assert {drawer: str(items) for drawer, items in after.opened(later).items()}.keys() == {
        "2/meeting",
        "2/mine",
        "2/carried",
    }
    told = str(after.opened(later))
    assert all(words in told for words in WRITTEN.values())
    assert "ballot/" not in told
    assert "2/vote" not in voting.opened(later), "the copy of that night, with the keys of today"


# --- what an operator is shown ------------------------------------------------------------------


#: These stand apart: what serves says where it is and no more (test_canaries); `bench` and
#: `simulate` make up what they play.
APART = {"run", "web", "worker", "clock", "bench", "simulate"}
#: Every other command.
COMMANDS = [
    "doctor",
    "doctor --json",
    "sheet jonkoping -o {}/sheet.pdf",
    "manifest slack --socket-mode",
    "manifest teams --out {}/krets.zip",
    "migrate",
    "methods list",
    "methods show jonkoping",
    "keys new",
    "keys rotate",
    "keys accept-loss",
    "forget teams:nobody --yes",
    "board",
    "board --json",
    "backup {}/copy.db",
    "restore {}/copy.db",
]


@pytest.mark.usefixtures("untouched_logging")
def test_no_command_says_what_anybody_wrote(
    after: Seized,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    data = shutil.copytree(after.data, tmp_path / "var")
    monkeypatch.setenv("KRETS_DATA_DIR", str(data))
    monkeypatch.setenv("KRETS_MASTER_KEYS", MASTER)
    monkeypatch.setenv("KRETS_LOG_LEVEL", "debug")
    with pytest.raises(SystemExit):
        main(["--help"])
    known = set(re.findall(r"^    (\w+) ", capfd.readouterr().out, re.MULTILINE))
    assert known - APART == {command.split()[0] for command in COMMANDS}
    for command in COMMANDS:
        main(command.format(tmp_path).split())
    said = "".join(capfd.readouterr())
    assert "ok" in said
    for words in (*WRITTEN.values(), "sparvh", "Kari", "Tisdagsgruppen"):
        assert words not in said, words
