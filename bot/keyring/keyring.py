"""The keyring: makes keys, seals and opens with them, and destroys them."""

import json
import logging
import os
import secrets
from collections.abc import Collection, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TypeAlias

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from bot.keyring.folder import FORMAT, NONCE, WHOLE, Folder, is_key_id
from bot.keyring.master import ID, Master, Masters, NoMasterKey, new_master, read_master
from bot.keyring.shelf import Shelf

log = logging.getLogger(__name__)

#: Bytes. A length tells what was written, so it is only told in these steps.
_STEP = 256
#: What the derived key is for: another purpose has another key.
_SECRETS = b"krets/secrets/1"
_GIVE_UP = "or accept that what they seal is lost: krets keys accept-loss"


#: Where keys lie: a directory, or the address of a database.
Place: TypeAlias = Path | str


class Lost(Exception):
    """A drawer or secret cannot be opened, or was tampered with; the message says which."""

    def __init__(self, bound: str, why: str) -> None:
        """Say which and why, never what was in it."""
        super().__init__(f"What is sealed for {bound} cannot be opened: {why}.")


class Keyring:
    """One random 256-bit key for each drawer of each group."""

    def __init__(self, place: Place, given: Sequence[str] = ()) -> None:
        """Use the keys in this place, made if need be, and the master keys that are given.

        The first of those wraps what is new. If none is given, one lies beside the keys, and is
        made if there are no keys yet. `NoMasterKey` if a key there needs another master key.
        """
        self._stuck: set[str] = set()
        with ExitStack() as stack:
            self._shelf = shelf(place)
            stack.callback(self._shelf.close)
            self._shelf.lay_out()
            self._masters = masters(self._shelf, given)
            prove(self._shelf, self._masters)
            stack.pop_all()

    def close(self) -> None:
        """Let go of the keys."""
        self._shelf.close()

    def make(self) -> str:
        """A new key, on disk for good; its id."""
        key_id = secrets.token_hex(16)
        key = AESGCM.generate_key(bit_length=256)
        self._shelf.write(key_id, wrap(self._masters.current, key_id, key))
        return key_id

    def seal(self, key_id: str, bound: str, items: Mapping[str, str]) -> bytes:
        """The items as ciphertext that opens only with this key, and only bound to this."""
        # Escaped to ASCII, for a text may hold half a surrogate pair; JSON ignores spaces after it.
        plain = json.dumps(dict(items)).encode()
        padded = plain.ljust(-(-len(plain) // _STEP) * _STEP)
        nonce = os.urandom(NONCE)
        cipher = AESGCM(self._key(key_id, bound))
        return FORMAT + nonce + cipher.encrypt(nonce, padded, _bind(key_id, bound))

    def open(self, key_id: str, bound: str, ciphertext: bytes) -> dict[str, str]:
        """The items that were sealed; `Lost` without the key or if anything was changed."""
        if ciphertext[:1] != FORMAT:
            raise Lost(bound, "its format is not known")
        cipher = AESGCM(self._key(key_id, bound))
        nonce, sealed = ciphertext[1 : 1 + NONCE], ciphertext[1 + NONCE :]
        try:
            plain = cipher.decrypt(nonce, sealed, _bind(key_id, bound))
        except (InvalidTag, ValueError):
            raise Lost(bound, "it was tampered with, or belongs elsewhere") from None
        items: dict[str, str] = json.loads(plain)
        return items

    def holds(self, key_id: str) -> bool:
        """Whether this key is there and opens."""
        wrapped = self._shelf.read(key_id) if is_key_id(key_id) else None
        return wrapped is not None and unwrap(self._masters, key_id, wrapped) is not None

    # --- destroying ---------------------------------------------------------------------------

    def destroy(self, key_id: str) -> None:
        """End a key, and with it all that it sealed; once more does no harm."""
        if is_key_id(key_id):
            self._stuck.add(key_id)
            self._shelf.end([key_id])
            self._stuck.discard(key_id)

    def all_gone(self) -> bool:
        """Whether all that was to be destroyed is; what would not go is tried once more."""
        for key_id in tuple(self._stuck):
            try:
                self.destroy(key_id)
            except OSError as error:
                log.error("A key could not be destroyed: %s", type(error).__name__)
        return not self._stuck

    def sweep(self, known: Collection[str]) -> None:
        """End the keys that nobody needs; beside a directory only while no unit is under way."""
        self._shelf.end([key_id for key_id in self._shelf.spare() if key_id not in known])

    # --- secrets of platforms -----------------------------------------------------------------

    def seal_secret(self, bound: str, secret: str) -> bytes:
        """A secret as ciphertext that opens only with our master key, and only bound to this."""
        header, nonce = FORMAT + self._masters.current.id, os.urandom(NONCE)
        cipher = AESGCM(_derived(self._masters.current))
        return header + nonce + cipher.encrypt(nonce, secret.encode(), header + bound.encode())

    def open_secret(self, bound: str, sealed: bytes) -> str:
        """The secret that was sealed; `Lost` without the master key or if anything was changed."""
        header, rest = sealed[: 1 + ID], sealed[1 + ID :]
        master = self._masters.find(header[1:])
        if header[:1] != FORMAT or master is None:
            raise Lost(bound, "it has another master or format")
        cipher = AESGCM(_derived(master))
        try:
            plain = cipher.decrypt(rest[:NONCE], rest[NONCE:], header + bound.encode())
        except (InvalidTag, ValueError):
            raise Lost(bound, "it was tampered with, or belongs elsewhere") from None
        return plain.decode()

    def reseal_secret(self, bound: str, sealed: bytes) -> bytes:
        """The same secret under the current master key."""
        return self.seal_secret(bound, self.open_secret(bound, sealed))

    # --- keys ---------------------------------------------------------------------------------

    @property
    def masters(self) -> Masters:
        """The master keys that are known."""
        return self._masters

    @property
    def shelf(self) -> Shelf:
        """Where the keys lie."""
        return self._shelf

    def _key(self, key_id: str, bound: str) -> bytes:
        if not is_key_id(key_id):
            raise Lost(bound, "its key has no proper name")
        wrapped = self._shelf.read(key_id)
        if wrapped is None:
            raise Lost(bound, "its key is gone")
        key = unwrap(self._masters, key_id, wrapped)
        if key is None:
            raise Lost(bound, "its key is damaged")
        return key


# --- wrapping -----------------------------------------------------------------------------------


def wrap(master: Master, key_id: str, key: bytes) -> bytes:
    """A key as it lies in its file."""
    header, nonce = FORMAT + master.id, os.urandom(NONCE)
    return header + nonce + AESGCM(master.key).encrypt(nonce, key, header + key_id.encode())


def unwrap(masters: Masters, key_id: str, wrapped: bytes) -> bytes | None:
    """The key of a file; None if no master key opens it."""
    header, rest = wrapped[: 1 + ID], wrapped[1 + ID :]
    master = masters.find(header[1:])
    if header[:1] != FORMAT or master is None:
        return None
    try:
        return AESGCM(master.key).decrypt(rest[:NONCE], rest[NONCE:], header + key_id.encode())
    except (InvalidTag, ValueError):
        return None


def is_sealed_by(master: Master, secret: bytes) -> bool:
    """Whether a sealed secret names this master key."""
    return secret[1 : 1 + ID] == master.id


def wrapped_by(wrapped: bytes | None) -> bytes | None:
    """The id of the master key that a whole file names; None for one that is damaged or gone."""
    whole = wrapped is not None and len(wrapped) == WHOLE and wrapped[:1] == FORMAT
    return wrapped[1 : 1 + ID] if wrapped is not None and whole else None


# --- master keys --------------------------------------------------------------------------------


def masters(shelf: Shelf, given: Sequence[str]) -> Masters:
    """The master keys that are given, and the one beside the keys after them if it is there."""
    try:
        own = shelf.own()
        if own is None:
            if given:
                return Masters(map(read_master, given))
            if shelf.ids():
                raise NoMasterKey(
                    "The master key is missing; set KRETS_MASTER_KEYS as before, or restore"
                    f" {shelf.name}/master, {_GIVE_UP}"
                )
            own = new_master().line
            shelf.keep_own(own)
        return Masters([*map(read_master, given), read_master(own)])
    except ValueError:
        raise NoMasterKey(
            f"The master key {shelf.name}/master is damaged; restore it, {_GIVE_UP}"
        ) from None


def prove(shelf: Shelf, masters: Masters) -> None:
    """Make sure that the master keys are those of the keys: `NoMasterKey` if one is missing or not.

    A damaged key says nothing against its master key, as long as another key opens.
    """
    opens: dict[bytes, bool] = {}
    for key_id, wrapped in shelf.samples():
        by = wrapped_by(wrapped)
        if by is not None and not opens.get(by):
            opens[by] = unwrap(masters, key_id, wrapped) is not None
    if not all(opens.values()):
        raise NoMasterKey(
            f"The keys in {shelf.name} belong to another master key; put it into"
            f" KRETS_MASTER_KEYS after the first, {_GIVE_UP}"
        )


# --- places -------------------------------------------------------------------------------------


def shelf(place: Place) -> Shelf:
    """The keys in this place."""
    if isinstance(place, Path):
        return Folder(place)
    from bot.keyring.table import KeyTable  # noqa: PLC0415  # its driver is an extra

    return KeyTable(place)


def has_any(place: Place, key_ids: Collection[str]) -> bool:
    """Whether one of these keys is there; nothing is made."""
    found = shelf(place)
    try:
        return any(found.has(key_id) for key_id in key_ids)
    finally:
        found.close()


def is_laid_out(place: Place) -> bool:
    """Whether there are keys, or a master key beside where they would be; nothing is made."""
    found = shelf(place)
    try:
        return bool(found.ids()) or found.own() is not None
    except ValueError:
        return True
    finally:
        found.close()


def _derived(master: Master) -> bytes:
    """The key for secrets of platforms."""
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=_SECRETS).derive(master.key)


def _bind(key_id: str, bound: str) -> bytes:
    """The associated data: what a ciphertext belongs to."""
    return json.dumps([FORMAT.hex(), key_id, bound]).encode()
