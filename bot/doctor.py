"""What can be found out about an installation without changing it, and the cure for what is wrong.

The checks of a platform stand with its adapter and give the same findings.
"""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from bot.keyring import NoMasterKey, Place, shelf
from bot.keys import look_at_keyring
from bot.store import SchemaState, schema_state

#: A clock that is further off will soon refuse what a platform signs; the gates allow 300 s.
_SKEW = timedelta(seconds=60)


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
        case SchemaState.LOCKED:
            cure = "The database is locked: another program holds it; end that program."
        case SchemaState.AWAY if url.startswith("sqlite:"):
            cure = "The database cannot be written; see that its disk has room and may be written."
        case SchemaState.AWAY:
            cure = (
                "The database cannot be reached; see that PostgreSQL runs, that KRETS_DATABASE_URL"
                " names it, and that its user and password are right."
            )
        case SchemaState.BROKEN:
            cure = (
                "The database cannot be opened, or is not a database of Krets; see that it may be"
                " read and written, or restore a backup."
            )
    return Finding("database", cure)


def of_keyring(url: str, place: Place, given: Sequence[str], *, real: bool) -> Finding:
    """The keys, as a start would read them; nothing is made that is not there."""
    try:
        if not asyncio.run(look_at_keyring(url, place, given, real=real)):
            return Finding("keyring", note="it is made at the first start")
    except NoMasterKey as error:
        return Finding("keyring", str(error))
    except OSError as error:
        why = (error.strerror or "it fails").lower()
        if isinstance(place, str):
            return Finding(
                "keyring",
                f"The database of the keys, {shelf(place).name}, cannot be reached; see that"
                " PostgreSQL runs there, and that KRETS_KEYRING_URL names it.",
            )
        return Finding(
            "keyring",
            f"The keys in {place} cannot be read ({why}); give the directory and all in it to"
            " the user that runs Krets.",
        )
    return Finding("keyring")


def of_clock(date: str, now: datetime) -> Finding:
    """This machine's clock against the time that a platform gave to its answer.

    >>> of_clock("Wed, 21 Oct 2026 07:28:00 GMT", datetime(2026, 10, 21, 7, 30, tzinfo=UTC)).cure
    'The clock of this machine is 120 s fast; let it be set by a time server.'
    """
    try:
        theirs = parsedate_to_datetime(date)
    except ValueError:
        return Finding("clock", note="nobody told the time")
    skew = now - (theirs if theirs.tzinfo else theirs.replace(tzinfo=UTC))
    if abs(skew) <= _SKEW:
        return Finding("clock")
    how = "fast" if skew > timedelta(0) else "slow"
    seconds = round(abs(skew).total_seconds())
    return Finding(
        "clock",
        f"The clock of this machine is {seconds} s {how}; let it be set by a time server.",
    )


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
