"""The evidence store: objects in the vault with their rows and keys, and the keys of sealed identities.

Bytes first, then the row: an object without a row is an orphan and harmless, a row without bytes is not.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from django.conf import settings

from evidence.cases import Case
from evidence.items import StoredObject
from evidence.sealed import SealedKeys
from evidence.vault.hashing import Digests
from evidence.vault.keys import CaseKeys, new_data_key
from evidence.vault.local import LocalVault
from evidence.vault.pipeline import CHECKPOINT


@cache
def vault() -> LocalVault:
    """Return the vault of this installation."""
    return LocalVault(Path(settings.VAULT_DIR))


@cache
def case_keys() -> CaseKeys:
    """Return the case keys, which lie outside the database."""
    return CaseKeys(Path(settings.KEYS_DIR) / "cases")


@cache
def sealed_keys() -> SealedKeys:
    """Return the key of the sealed identities, apart from every other."""
    return SealedKeys(Path(settings.KEYS_DIR) / "identities")


def forget() -> None:
    """Drop the folders opened so far (tests change them)."""
    vault.cache_clear()
    case_keys.cache_clear()
    sealed_keys.cache_clear()


def new_object(case: Case) -> StoredObject:
    """Make the row of an object to come, with its own key wrapped under the case's."""
    case_keys().ensure(case.uuid)
    return StoredObject.objects.create(case=case, wrapped_key=case_keys().wrap(case.uuid, new_data_key()))


def data_key(stored: StoredObject) -> bytes:
    """Unwrap the object's key. Raises KeyDestroyedError when it was destroyed on purpose."""
    return case_keys().unwrap(stored.case_id, bytes(stored.wrapped_key))


def read(stored: StoredObject, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
    """Yield authenticated plain bytes [start, stop) of a sealed object."""
    return vault().read(stored.uuid, stored.extents, data_key(stored), start, stop)


def save(case: Case, data: bytes) -> tuple[StoredObject, str]:
    """Store what we made ourselves as a sealed object; return its row, not yet saved, and its SHA-256.

    The caller saves the row in the transaction that records the object.
    """
    case_keys().ensure(case.uuid)
    key = new_data_key()
    stored = StoredObject(
        uuid=uuid.uuid4(), case=case, wrapped_key=case_keys().wrap(case.uuid, key), sealed=True
    )
    digests = Digests(("sha256",))
    digests.update(data)
    with vault().stage(stored.uuid) as staging:
        for start in range(0, len(data), CHECKPOINT) or [0]:
            staging.append_extent(key).write(data[start : start + CHECKPOINT])
            staging.keep_extent()
        extents = staging.extents
    vault().seal(stored.uuid, extents)
    stored.extents = list(extents)
    return stored, digests.hexdigests()["sha256"]
