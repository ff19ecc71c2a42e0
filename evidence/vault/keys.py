"""The keys of the vault: one data key per object, wrapped under one key per case.

Wrapping is AES key wrap with padding (RFC 5649, SP 800-38F KWP). Case keys are files outside the database, so
that a copy of the database, its log or its backups opens nothing; wrapped data keys live in the database, so
that a copy of the key folder opens nothing either. Who may read a case is not decided here.
"""

import secrets
from pathlib import Path
from uuid import UUID

from cryptography.hazmat.primitives.keywrap import (
    InvalidUnwrap,
    aes_key_unwrap_with_padding,
    aes_key_wrap_with_padding,
)

from .errors import KeyRefusedError
from .key_files import KeyFiles

KEY = 32


def new_data_key() -> bytes:
    """Draw a key for one object."""
    return secrets.token_bytes(KEY)


def wrap_key(name: str, wrapping_key: bytes, key: bytes) -> bytes:
    """Wrap a 32-byte key (AES-KWP; 40 bytes). Raises KeyRefusedError naming the wrapping key."""
    if len(key) != KEY:
        raise ValueError(f"a key to wrap has {KEY} bytes")
    if len(wrapping_key) != KEY:
        raise KeyRefusedError(name, f"its file does not hold {KEY} bytes")
    return aes_key_wrap_with_padding(wrapping_key, key)


def unwrap_key(name: str, wrapping_key: bytes, wrapped: bytes) -> bytes:
    """Unwrap a 32-byte key. Raises KeyRefusedError naming the wrapping key."""
    if len(wrapping_key) != KEY:
        raise KeyRefusedError(name, f"its file does not hold {KEY} bytes")
    try:
        key = aes_key_unwrap_with_padding(wrapping_key, wrapped)
    except InvalidUnwrap as error:
        raise KeyRefusedError(name, "it does not open the wrapped key") from error
    if len(key) != KEY:
        raise KeyRefusedError(name, f"the wrapped key does not hold {KEY} bytes")
    return key


class CaseKeys:
    """The case keys of one folder."""

    def __init__(self, folder: Path) -> None:
        self._files = KeyFiles(folder)

    def ensure(self, case: UUID) -> None:
        """Give the case a key unless it has one; durable when this returns. Raises KeyDestroyedError."""
        self._files.create(str(case), secrets.token_bytes(KEY))

    def wrap(self, case: UUID, data_key: bytes) -> bytes:
        """Wrap an object's data key under the case's key, which `ensure` must have made."""
        return wrap_key(str(case), self._files.read(str(case)), data_key)

    def unwrap(self, case: UUID, wrapped: bytes) -> bytes:
        """Return the data key. Raises KeyMissingError, KeyDestroyedError, KeyRefusedError."""
        return unwrap_key(str(case), self._files.read(str(case)), wrapped)

    def destroy(self, case: UUID) -> None:
        """Make everything of the case unreadable for ever, and keep the case from getting a new key."""
        self._files.destroy(str(case))

    def cases(self) -> list[UUID]:
        """List the cases that have a key."""
        return [UUID(name) for name in self._files.names()]
