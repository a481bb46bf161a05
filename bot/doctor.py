"""What can be found out about an installation without changing it, and the cure for what is wrong.

The checks of a platform stand with its adapter and give the same findings.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.keyring import Keyring, NoMasterKey
from bot.store import SchemaState, schema_state


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: what was looked at, the cure if it is not well, and else what is worth knowing."""

    check: str
    cure: str = ""
    note: str = ""

    @property
    def ok(self) -> bool:
        """Whether nothing needs to be done."""
        return not self.cure


def of_settings(unknown: Sequence[str], wrong: str = "") -> Finding:
    """The settings: the wrong one, or the sentences about those that are none of ours."""
    return Finding("settings", wrong or " ".join(unknown))


def of_database(url: str) -> Finding:
    """The database and its schema."""
    try:
        state = schema_state(url)
    except OSError:  # a directory on the way to it is closed to us
        state = SchemaState.BROKEN
    match state:
        case SchemaState.CURRENT:
            cure = ""
        case SchemaState.EMPTY | SchemaState.OLDER:
            cure = "The database is not ready for this Krets; run: krets migrate"
        case SchemaState.NEWER:
            cure = "The database was written by a newer Krets; update this one."
        case SchemaState.BROKEN:
            cure = (
                "The database cannot be opened, or is not a database of Krets; see that it may be"
                " read and written, or restore a backup."
            )
    return Finding("database", cure)


def of_keyring(directory: Path) -> Finding:
    """The keys, as a start would read them; nothing is made that is not there."""
    try:
        if not any(directory.glob("*.key")) and not (directory / "master").exists():
            return Finding("keyring", note="it is made at the first start")
        Keyring(directory)
    except NoMasterKey as error:
        return Finding("keyring", str(error))
    except OSError as error:
        why = (error.strerror or "it fails").lower()
        return Finding(
            "keyring",
            f"The keys in {directory} cannot be read ({why}); give the directory and all in it to"
            " the user that runs Krets.",
        )
    return Finding("keyring")


def as_lines(findings: Sequence[Finding]) -> str:
    """A line for each finding.

    >>> print(as_lines([Finding("database"), Finding("clock", "Set the clock.")]))
    ok    database
    cure  clock: Set the clock.
    """
    return "\n".join(
        f"ok    {one.check}{f' ({one.note})' if one.note else ''}"
        if one.ok
        else f"cure  {one.check}: {one.cure}"
        for one in findings
    )


def as_json(findings: Sequence[Finding]) -> str:
    """The same for a program.

    >>> as_json([Finding("database")])
    '{"ok": true, "checks": [{"check": "database", "ok": true, "cure": "", "note": ""}]}'
    """
    checks = [
        {"check": one.check, "ok": one.ok, "cure": one.cure, "note": one.note} for one in findings
    ]
    found = {"ok": all(one.ok for one in findings), "checks": checks}
    return json.dumps(found, ensure_ascii=False)
