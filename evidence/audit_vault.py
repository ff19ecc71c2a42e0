"""Reads stored objects again and says match, mismatch or unreadable; lists files that no row accounts for.

What an object should be is the caller's to say: a row and the ledger's statement. Nothing is changed, and
unreadable is never called tampering.
"""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import dataclass
from uuid import UUID

from evidence import store
from evidence.items import FixityOutcome, StoredObject
from evidence.vault.errors import Damage, ObjectDamagedError, VaultError
from evidence.vault.hashing import rehash
from evidence.vault.local import Orphan, OrphanKind

# Damaged places that one sentence lists.
MAX_PLACES = 5


@dataclass(frozen=True)
class Expected:
    """One object as it should be; `claim` is the ledger's digest, "" where it is not opened."""

    what: str
    stored: StoredObject
    size: int | None
    sha256: str
    claim: str = ""
    # Why the ledger's statement cannot be relied upon; empty if it can.
    objection: str = ""


@dataclass(frozen=True)
class Checked:
    """One object as it was found."""

    what: str
    object_id: UUID
    outcome: FixityOutcome
    details: tuple[str, ...] = ()
    compared_with_ledger: bool = True


def check(expected: Expected) -> Checked:
    """Read one object whole: there, long enough, authentic, its digest that of row and ledger."""
    stored = expected.stored
    if not _are_extents(stored.extents):
        return _found(expected, FixityOutcome.MISMATCH, "The list of its extents in the database is not one.")
    try:
        digest = rehash(store.read(stored), ("sha256",)).hexdigests()["sha256"]
    except ObjectDamagedError as error:
        return _found(expected, FixityOutcome.MISMATCH, *_damage(stored, error))
    except (VaultError, OSError) as error:
        return _found(expected, FixityOutcome.UNREADABLE, str(error))
    wrong = list(_differences(expected, digest))
    return _found(expected, FixityOutcome.MISMATCH if wrong else FixityOutcome.MATCH, *wrong)


def _found(expected: Expected, outcome: FixityOutcome, *details: str) -> Checked:
    return Checked(expected.what, expected.stored.uuid, outcome, details, bool(expected.claim))


def _differences(expected: Expected, digest: str) -> Iterator[str]:
    stored = expected.stored
    if expected.objection:
        yield expected.objection
    if expected.size is not None and stored.size != expected.size:
        yield f"It holds {stored.size} bytes, its row says {expected.size}."
    if digest != expected.sha256:
        yield f"Its SHA-256 is {digest}, its row says {expected.sha256}."
    if expected.claim and digest != expected.claim:
        yield f"Its SHA-256 is {digest}, the ledger says {expected.claim}."
    if not stored.sealed:
        yield "Its row does not say that it is sealed."


def _damage(stored: StoredObject, first: ObjectDamagedError) -> Iterator[str]:
    """Say every damaged place, not only the first that reading came upon."""
    try:
        store.vault().check_object(stored.uuid, stored.extents, store.data_key(stored))
    except ObjectDamagedError as error:
        places = [_place(damage) for damage in error.damages[:MAX_PLACES]]
        more = len(error.damages) - len(places)
        if places:
            yield f"Altered: {'; '.join(places)}{f'; and {more} more places' if more else ''}."
            return
    except VaultError as error:
        yield str(error)
    yield str(first)


def _place(damage: Damage) -> str:
    return f"bytes {damage.start} to {damage.stop} (extent {damage.extent}, segment {damage.first_segment})"


def _are_extents(value: object) -> bool:
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(one, int) and not isinstance(one, bool) and one >= 0 for one in value)
    )


def leftovers(objects: Container[UUID], staged: Container[UUID]) -> Iterator[Orphan]:
    """List files of the vault that no row accounts for: objects, staged bytes, strangers."""
    for orphan in store.vault().orphans(known=frozenset()):
        known = staged if orphan.kind is OrphanKind.STAGING else objects
        if orphan.object_id is None or orphan.object_id not in known:
            yield orphan
