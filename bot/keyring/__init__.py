"""Drawers: what people write is sealed under a key of its own, and ends when the key does.

Keys lie in a directory beside the database, not in it, so that one without the other says nothing,
and backups skip them. Each key is wrapped by a master key. A file of a key is

    1 byte format, 8 bytes id of the master key, 12 bytes nonce, 32 bytes key, 16 bytes tag

and what is sealed is 1 byte format, 12 bytes nonce, then AES-256-GCM of JSON with its tag.

What a platform gives us to keep secret lives as long as the platform lets it: it has no key of its
own, but one that is derived from the master key. Sealed, it is

    1 byte format, 8 bytes id of the master key, 12 bytes nonce, then AES-256-GCM of the text
"""

from bot.keyring.keyring import (
    Keyring,
    Lost,
    Place,
    has_any,
    is_laid_out,
    is_sealed_by,
    shelf,
)
from bot.keyring.master import Master, NoMasterKey, new_master, read_master
from bot.keyring.rotation import Rotated, accept_loss, rotate_keys, what_opens

__all__ = [
    "Keyring",
    "Lost",
    "Master",
    "NoMasterKey",
    "Place",
    "Rotated",
    "accept_loss",
    "has_any",
    "is_laid_out",
    "is_sealed_by",
    "new_master",
    "read_master",
    "rotate_keys",
    "shelf",
    "what_opens",
]
