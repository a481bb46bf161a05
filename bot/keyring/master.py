"""Master keys: what wraps the keys of drawers, and how it is written down."""

import os
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from bot.refusal import Refusal

_VERSION = "1"
#: In bytes.
ID, KEY = 8, 32


class NoMasterKey(Refusal):
    """The keyring cannot be used as it is; the message is one sentence for the operator."""


@dataclass(frozen=True, slots=True)
class Master:
    """A master key with its id, by which a key says what wraps it."""

    id: bytes
    key: bytes = field(repr=False)

    @property
    def name(self) -> str:
        """How it begins where it is written down; that is not secret.

        >>> Master(bytes(8), bytes(32)).name
        '1:AAAAAAAAAAA='
        """
        return f"{_VERSION}:{urlsafe_b64encode(self.id).decode()}"

    @property
    def line(self) -> str:
        """The whole key, as a setting or a file holds it: `1:<id>:<key>` in base64url."""
        return f"{self.name}:{urlsafe_b64encode(self.key).decode()}"


class Masters:
    """The master keys that Krets knows; the first wraps what is new, all of them open."""

    def __init__(self, known: Iterable[Master]) -> None:
        """Know these, at least one."""
        self._by_id = {master.id: master for master in known}
        self.current = next(iter(self._by_id.values()))

    def find(self, id: bytes) -> Master | None:
        """The master key with this id."""
        return self._by_id.get(id)

    def __iter__(self) -> Iterator[Master]:
        return iter(self._by_id.values())


def new_master() -> Master:
    """A master key that nobody has seen before."""
    return Master(os.urandom(ID), os.urandom(KEY))


def read_master(line: str) -> Master:
    """The master key that is written like this; a `ValueError` that says nothing of it if none is.

    >>> read_master(new_master().line).name[:2]
    '1:'
    """
    try:
        version, id, key = line.strip().split(":")
        master = Master(*(b64decode(part, b"-_", validate=True) for part in (id, key)))
    except ValueError:
        version, master = "", Master(b"", b"")
    if version != _VERSION or (len(master.id), len(master.key)) != (ID, KEY):
        raise ValueError("not a master key")
    return master
