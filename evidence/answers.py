"""Seals what extractors read under a key of the item itself, and opens it for those who may see the item.

sealed = nonce (12 random) || AES-256-GCM(key, nonce, JSON, AAD) || tag (16)
key    = HKDF-SHA256(the item's data key, info "metadata/v1"), so destroying the item's key destroys this too
AAD    = "metadata/v1|<item uuid>|<extractor>"
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from evidence import store
from evidence.items import Item, Metadata

LABEL = "metadata/v1"
NONCE = 12


@dataclass(frozen=True)
class Answer:
    """What one extractor read, and its message for people."""

    values: dict[str, Any]
    message: str


def seal(item: Item, extractor: str, answer: Answer) -> bytes:
    """Encrypt an extractor's answer about the item."""
    nonce = secrets.token_bytes(NONCE)
    plain = json.dumps({"values": answer.values, "message": answer.message}).encode()
    return nonce + _cipher(item).encrypt(nonce, plain, _associated(item, extractor))


def unseal(row: Metadata) -> Answer:
    """Open an extractor's answer. Raises InvalidTag where the row was altered, a KeyFileError without its key."""
    sealed = bytes(row.sealed)
    plain = _cipher(row.item).decrypt(sealed[:NONCE], sealed[NONCE:], _associated(row.item, row.extractor))
    opened = json.loads(plain)
    return Answer(opened["values"], opened["message"])


def _cipher(item: Item) -> AESGCM:
    kdf = HKDF(algorithm=SHA256(), length=32, salt=None, info=LABEL.encode())
    return AESGCM(kdf.derive(store.data_key(item.stored)))


def _associated(item: Item, extractor: str) -> bytes:
    return f"{LABEL}|{item.uuid}|{extractor}".encode()
