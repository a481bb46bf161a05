"""Drawers: what people write is sealed under a key of its own, and ends when the key does.

Keys lie in a directory beside the database, not in it, so that one without the other says nothing,
and backups skip them. Each key is wrapped by a master key. A file of a key is

    1 byte format, 8 bytes id of the master key, 12 bytes nonce, 32 bytes key, 16 bytes tag

and what is sealed is 1 byte format, 12 bytes nonce, then AES-256-GCM of JSON with its tag.

What a platform gives us to keep secret lives as long as the platform lets it: it has no key of its
own, but one that is derived from the master key. Sealed, it is

    1 byte format, 8 bytes id of the master key, 12 bytes nonce, then AES-256-GCM of the text
"""

import json
import os
import re
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Collection, Mapping
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_FORMAT = b"\x01"
_NONCE = 12
_MASTER_ID = 8
#: Bytes. A length tells what was written, so it is only told in these steps.
_STEP = 256
_KEY_ID = re.compile(r"[0-9a-f]{32}")
_SUFFIX = ".key"
#: What the derived key is for: another purpose has another key.
_SECRETS = b"krets/secrets/1"
_CACHEDIR_TAG = """Signature: 8a477f597d28d172789f06886806bc55
# Keys of texts that are to end: backups must leave this directory out.
# See https://bford.info/cachedir/
"""


class Lost(Exception):
    """A drawer or secret cannot be opened, or was tampered with; the message says which."""

    def __init__(self, bound: str, why: str) -> None:
        """Say which and why, never what was in it."""
        super().__init__(f"What is sealed for {bound} cannot be opened: {why}.")


class NoMasterKey(Exception):
    """The master key is missing or unreadable; the message is one sentence for the operator."""


class Keyring:
    """Keys in `DATA_DIR/keys/`: one random 256-bit key for each drawer of each group."""

    def __init__(self, directory: Path) -> None:
        """Use this directory, made together with a master key if there is none yet."""
        self._directory = directory
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        directory.chmod(0o700)
        tag = directory / "CACHEDIR.TAG"
        if not tag.exists():
            tag.write_text(_CACHEDIR_TAG)
        self._masters = dict([self._master()])
        self._current = next(iter(self._masters))
        for file in directory.glob(f"*{_SUFFIX}"):
            wrapped = file.read_bytes()
            if wrapped[1 : 1 + _MASTER_ID] not in self._masters:
                raise NoMasterKey(f"The keys in {directory} belong to another master key.")

    def make(self) -> str:
        """A new key, on disk for good; its id."""
        key_id = secrets.token_hex(16)
        nonce = os.urandom(_NONCE)
        header = _FORMAT + self._current
        key = AESGCM.generate_key(bit_length=256)
        wrapped = AESGCM(self._masters[self._current]).encrypt(nonce, key, header + key_id.encode())
        self._write(self._file(key_id), header + nonce + wrapped)
        return key_id

    def seal(self, key_id: str, bound: str, items: Mapping[str, str]) -> bytes:
        """The items as ciphertext that opens only with this key, and only bound to this."""
        # Escaped to ASCII, for a text may hold half a surrogate pair; JSON ignores spaces after it.
        plain = json.dumps(dict(items)).encode()
        padded = plain.ljust(-(-len(plain) // _STEP) * _STEP)
        nonce = os.urandom(_NONCE)
        cipher = AESGCM(self._key(key_id, bound))
        return _FORMAT + nonce + cipher.encrypt(nonce, padded, _bind(key_id, bound))

    def open(self, key_id: str, bound: str, ciphertext: bytes) -> dict[str, str]:
        """The items that were sealed; `Lost` without the key or if anything was changed."""
        if ciphertext[:1] != _FORMAT:
            raise Lost(bound, "its format is not known")
        cipher = AESGCM(self._key(key_id, bound))
        nonce, sealed = ciphertext[1 : 1 + _NONCE], ciphertext[1 + _NONCE :]
        try:
            plain = cipher.decrypt(nonce, sealed, _bind(key_id, bound))
        except (InvalidTag, ValueError):
            raise Lost(bound, "it was tampered with, or belongs elsewhere") from None
        items: dict[str, str] = json.loads(plain)
        return items

    def destroy(self, key_id: str) -> None:
        """End a key, and with it all that it sealed; once more does no harm."""
        if _KEY_ID.fullmatch(key_id):  # a name that is none leads to somebody else's files
            self._file(key_id).unlink(missing_ok=True)
            self._sync()

    def sweep(self, known: Collection[str]) -> None:
        """End the keys that no drawer needs; only while no unit of work is under way."""
        for file in self._directory.glob(f"*{_SUFFIX}"):
            if file.stem not in known:
                file.unlink(missing_ok=True)
        for part in self._directory.glob("*.part"):  # left by a crash
            part.unlink(missing_ok=True)
        self._sync()

    # --- secrets of platforms -----------------------------------------------------------------

    def seal_secret(self, bound: str, secret: str) -> bytes:
        """A secret as ciphertext that opens only with our master key, and only bound to this."""
        header, nonce = _FORMAT + self._current, os.urandom(_NONCE)
        cipher = AESGCM(_derived(self._masters[self._current]))
        return header + nonce + cipher.encrypt(nonce, secret.encode(), header + bound.encode())

    def open_secret(self, bound: str, sealed: bytes) -> str:
        """The secret that was sealed; `Lost` without the master key or if anything was changed."""
        header, rest = sealed[: 1 + _MASTER_ID], sealed[1 + _MASTER_ID :]
        master = self._masters.get(header[1:])
        if header[:1] != _FORMAT or master is None:
            raise Lost(bound, "it has another master or format")
        cipher = AESGCM(_derived(master))
        try:
            plain = cipher.decrypt(rest[:_NONCE], rest[_NONCE:], header + bound.encode())
        except (InvalidTag, ValueError):
            raise Lost(bound, "it was tampered with, or belongs elsewhere") from None
        return plain.decode()

    # --- keys ---------------------------------------------------------------------------------

    def _key(self, key_id: str, bound: str) -> bytes:
        if not _KEY_ID.fullmatch(key_id):
            raise Lost(bound, "its key has no proper name")
        try:
            stored = self._file(key_id).read_bytes()
        except FileNotFoundError:
            raise Lost(bound, "its key is gone") from None
        header, rest = stored[: 1 + _MASTER_ID], stored[1 + _MASTER_ID :]
        master = self._masters.get(header[1:])
        if header[:1] != _FORMAT or master is None:
            raise Lost(bound, "its key has another master or format")
        try:
            return AESGCM(master).decrypt(rest[:_NONCE], rest[_NONCE:], header + key_id.encode())
        except (InvalidTag, ValueError):
            raise Lost(bound, "its key is damaged") from None

    def _master(self) -> tuple[bytes, bytes]:
        """The local master key by its id: one line `1:<id>:<key>`, as a setting could hold it."""
        file = self._directory / "master"
        if not file.exists():
            if any(self._directory.glob(f"*{_SUFFIX}")):
                raise NoMasterKey(f"The master key {file} is missing; restore it.")
            fresh = (os.urandom(_MASTER_ID), AESGCM.generate_key(bit_length=256))
            line = ":".join(["1", *(urlsafe_b64encode(part).decode() for part in fresh)])
            self._write(file, line.encode() + b"\n")
        try:
            version, name, key = file.read_text().strip().split(":")
            master = urlsafe_b64decode(name), urlsafe_b64decode(key)
        except (ValueError, NotBase64):
            raise NoMasterKey(f"The master key {file} is damaged; restore it.") from None
        if version != "1" or len(master[0]) != _MASTER_ID or len(master[1]) != 32:
            raise NoMasterKey(f"The master key {file} is damaged; restore it.")
        return master

    def _file(self, key_id: str) -> Path:
        return self._directory / f"{key_id}{_SUFFIX}"

    def _write(self, file: Path, content: bytes) -> None:
        """Write a file that is there whole, for good and for nobody else, or not at all."""
        part = file.with_suffix(".part")
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as opened:
            opened.write(content)
            opened.flush()
            os.fsync(descriptor)
        part.rename(file)
        self._sync()

    def _sync(self) -> None:
        """Make what the directory lists durable."""
        descriptor = os.open(self._directory, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _derived(master: bytes) -> bytes:
    """The key for secrets of platforms."""
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=_SECRETS).derive(master)


def _bind(key_id: str, bound: str) -> bytes:
    """The associated data: what a ciphertext belongs to."""
    return json.dumps([_FORMAT.hex(), key_id, bound]).encode()
