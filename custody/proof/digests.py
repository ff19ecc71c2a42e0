"""Hash and write bytes as text: SHA-256, the two node hashes of the log, base64, key ids.

Does not build trees (merkle.py, prefix_map.py) and does not know what is hashed.
"""

import base64
import binascii
import hashlib
from functools import lru_cache

from .errors import MalformedError

HASH_SIZE = 32


def sha256(data: bytes) -> bytes:
    """Hash the bytes."""
    return hashlib.sha256(data).digest()


def leaf_hash(entry: bytes) -> bytes:
    """Hash one log entry. The 0x00 keeps a leaf from ever passing for an inner node (RFC 9162, 2.1.1)."""
    return sha256(b"\x00" + entry)


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash two neighbouring subtrees into their parent."""
    return sha256(b"\x01" + left + right)


def b64(data: bytes) -> str:
    """Write bytes as base64 with padding (RFC 4648, section 4)."""
    return binascii.b2a_base64(data, newline=False).decode("ascii")


def unb64(text: str) -> bytes:
    """Read canonical base64.

    Python's decoder accepts several spellings of the same bytes (non-zero bits after the last byte), which
    would let a changed file verify: only what b64() would write is read.
    """
    try:
        data = binascii.a2b_base64(text.encode("ascii"), strict_mode=True)
    except (UnicodeEncodeError, binascii.Error) as error:
        raise MalformedError("A value that should be base64 is not.") from error
    if b64(data) != text:
        raise MalformedError("A base64 value is not written in its canonical form.")
    return data


def b64url(data: bytes) -> str:
    """Write bytes as base64url without padding (RFC 4648, section 5)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def unb64url(text: str) -> bytes:
    """Read canonical base64url without padding. Raises MalformedError."""
    try:
        data = base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (UnicodeEncodeError, binascii.Error) as error:
        raise MalformedError("A value that should be base64url is not.") from error
    if b64url(data) != text:
        raise MalformedError("A base64url value is not written in its canonical form.")
    return data


def unb64_hash(text: str) -> bytes:
    """Read canonical base64 of exactly one SHA-256 hash."""
    data = unb64(text)
    if len(data) != HASH_SIZE:
        raise MalformedError(f"A hash has {len(data)} bytes instead of {HASH_SIZE}.")
    return data


def keyid(spki_der: bytes) -> str:
    """Name a public key: base64url without padding of the SHA-256 of its SubjectPublicKeyInfo."""
    return b64url(sha256(spki_der))


@lru_cache(maxsize=256)
def check_keyid(text: str) -> None:
    """Raise MalformedError unless the text is what keyid() would write for some key."""
    try:
        digest = base64.urlsafe_b64decode(text + "=")
    except ValueError as error:
        raise MalformedError("A key id is not base64url.") from error
    if len(digest) != HASH_SIZE or b64url(digest) != text:
        raise MalformedError("A key id is not the base64url form of one hash.")
