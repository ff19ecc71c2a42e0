"""Small secrets, sealed one by one: names, addresses and other identifiers of victims.

    sealed    = 0x01 || nonce (12 random) || AES-256-GCM(victim's key, nonce, padded, AAD) || tag (16)
    padded    = uint32 length || JSON, UTF-8 || zeros up to a multiple of 64 bytes
    AAD       = UTF-8 of "sealed/v1|<victim uuid>|<field>"

Every victim has a random key, kept wrapped (AES-KWP under the identity key) as a file outside the database:
destroying that file makes all that was sealed for the victim unreadable, in backups of the database too. The
key folder is another than that of the case keys. Who may reveal a secret, and searching, are not here.
"""

import json
import re
import secrets
import struct
from collections.abc import Mapping
from pathlib import Path
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from .vault.errors import KeyMissingError
from .vault.key_files import KeyFiles
from .vault.keys import KEY, unwrap_key, wrap_key

VERSION = b"\x01"
NONCE = 12
TAG = 16
BLOCK = 64  # a length tells in which block a name ends, and nearly all names end in the first
MAX_TEXT = 64 * 1024  # an identifier, not a document: those belong in the vault
IDENTITY = "identity"
_FIELD = re.compile(r"[A-Za-z0-9_.:-]{1,128}")


class SealedError(Exception):
    """A small secret that could not be sealed or opened; a missing or destroyed key is a KeyFileError."""


class SealedRefusedError(SealedError):
    """The value cannot be sealed."""


class SealedDamagedError(SealedError):
    """The sealed bytes were altered, or belong to another victim or field."""

    def __init__(self, victim: UUID, field: str, reason: str) -> None:
        super().__init__(f"The sealed {field} of victim {victim} cannot be opened: {reason}.")
        self.victim = victim
        self.field = field
        self.reason = reason


class SealedKeys:
    """The identity key and the victims' wrapped keys, in one folder."""

    def __init__(self, folder: Path) -> None:
        self._identity = KeyFiles(folder)
        self._victims = KeyFiles(folder / "victims")

    def ensure(self, victim: UUID) -> None:
        """Give the victim a key unless there is one; durable when this returns.

        Raises KeyDestroyedError, and KeyMissingError when other victims' keys lost their identity key.
        """
        try:
            identity = self._identity.read(IDENTITY)
        except KeyMissingError:
            if any(self._victims.names()):
                raise
            self._identity.create(IDENTITY, secrets.token_bytes(KEY))
            identity = self._identity.read(IDENTITY)
        self._victims.create(str(victim), wrap_key(IDENTITY, identity, secrets.token_bytes(KEY)))

    def destroy(self, victim: UUID) -> None:
        """Make everything sealed for the victim unreadable for ever, and keep the victim from a new key."""
        self._victims.destroy(str(victim))

    def victim_key(self, victim: UUID) -> bytes:
        """Return the victim's key. Raises KeyMissingError, KeyDestroyedError, KeyRefusedError."""
        wrapped = self._victims.read(str(victim))
        return unwrap_key(str(victim), self._identity.read(IDENTITY), wrapped)


def seal(plaintext: str | Mapping[str, object], *, keyring: SealedKeys, victim: UUID, field: str) -> bytes:
    """Seal a text or a small record for one field of a victim who has a key (`SealedKeys.ensure`).

    Raises SealedRefusedError, KeyMissingError, KeyDestroyedError, KeyRefusedError.
    """
    padded = _padded(plaintext)
    nonce = secrets.token_bytes(NONCE)
    sealed = AESGCM(keyring.victim_key(victim)).encrypt(nonce, padded, _associated(victim, field))
    return VERSION + nonce + sealed


def unseal(sealed: bytes, *, keyring: SealedKeys, victim: UUID, field: str) -> str | dict[str, object]:
    """Open what was sealed for this field of this victim.

    Raises SealedDamagedError, KeyMissingError, KeyDestroyedError, KeyRefusedError.
    """
    associated = _associated(victim, field)
    body = sealed[len(VERSION) + NONCE :]
    if sealed[: len(VERSION)] != VERSION or len(body) < BLOCK + TAG or (len(body) - TAG) % BLOCK:
        raise SealedDamagedError(victim, field, "it is not in the format of a sealed value")
    nonce = sealed[len(VERSION) : len(VERSION) + NONCE]
    try:
        padded = AESGCM(keyring.victim_key(victim)).decrypt(nonce, body, associated)
    except InvalidTag as error:
        raise SealedDamagedError(victim, field, "it was altered or belongs elsewhere") from error
    (length,) = struct.unpack(">I", padded[:4])
    value: str | dict[str, object] = json.loads(padded[4 : 4 + length])
    return value


def _padded(plaintext: str | Mapping[str, object]) -> bytes:
    value = plaintext if isinstance(plaintext, str) else dict(plaintext)
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode("utf-8")
    except (TypeError, ValueError) as error:  # an object that is not JSON; half of a surrogate pair
        raise SealedRefusedError("The value cannot be written as JSON in UTF-8.") from error
    if len(text) > MAX_TEXT:
        raise SealedRefusedError(f"The value takes {len(text)} bytes; {MAX_TEXT} are allowed.")
    content = struct.pack(">I", len(text)) + text
    return content + bytes(-len(content) % BLOCK)


def _associated(victim: UUID, field: str) -> bytes:
    if not _FIELD.fullmatch(field):
        raise ValueError(f"{field!r} cannot name a field")
    return f"sealed/v1|{victim}|{field}".encode("ascii")
