"""Reads the ledger back: the chain of an item, its state by the rules, and who a key belongs to.

Everything is told from the entries themselves, never from the tables beside them.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from custody.errors import ConflictError
from custody.ledger.models import Entry, Opening, Subject
from custody.proof import chain, digests, envelope, records
from custody.proof.chain import Actor, ItemState

# Stands for the leaf hash of a record that is judged before it is signed.
PENDING_LEAF = b"\xff" * 32


@dataclass(frozen=True)
class ItemHead:
    """The newest entry of an item: its number in the chain and its leaf hash (zeros before the first)."""

    seq: int
    leaf: bytes


@dataclass(frozen=True)
class Told:
    """One entry as read back: where it lies, its leaf, its record and the signatures."""

    index: int
    leaf: bytes
    data: bytes
    record: records.Record
    signers: tuple[str, ...]


def read(index: int) -> Told:
    """Return the record at this index."""
    return _told(Entry.objects.get(pk=index))


def exists(index: int) -> bool:
    """Tell whether the log has a record (not a map head) at this index."""
    return Subject.objects.filter(entry=index).exists() or index == 0


def of_key(namespace: str, key: str) -> Iterator[Told]:
    """Return the records of one item, case or key in the order of the log."""
    entries = Entry.objects.filter(subject__namespace=namespace, subject__key=key).order_by("seq")
    return (_told(entry) for entry in entries.iterator(chunk_size=500))


def of_item(item: uuid.UUID, index: int) -> Told | None:
    """Return the record at this index if it is about the item."""
    entry = Entry.objects.filter(pk=index, subject__namespace="item", subject__key=str(item)).first()
    return _told(entry) if entry else None


def _told(entry: Entry) -> Told:
    if entry.data is None:
        raise ConflictError(
            f"Entry {entry.seq} was erased by order; what rests on it cannot be continued.", code="erased"
        )
    data = bytes(entry.data)
    parsed = envelope.parse_entry(data)
    return Told(
        index=entry.seq,
        leaf=bytes(entry.leaf_hash),
        data=data,
        record=records.parse(parsed.payload),
        signers=tuple(s.keyid for s in parsed.signatures),
    )


def heads(items: Iterable[uuid.UUID]) -> dict[uuid.UUID, ItemHead]:
    """Return the newest entry of each item; an item the log does not know yet starts from zeros."""
    found = {}
    for item in items:
        newest = (
            Entry.objects.filter(subject__namespace="item", subject__key=str(item)).order_by("-seq").first()
        )
        if newest is None:
            found[item] = ItemHead(0, bytes(32))
            continue
        told = _told(newest)
        seq = next(s.seq for s in told.record.subjects if s.item == item)
        found[item] = ItemHead(seq, told.leaf)
    return found


def item_state(item: uuid.UUID) -> ItemState | None:
    """Replay the item's chain by the rules of custody; None before its first record."""
    state: ItemState | None = None
    for told in of_key("item", str(item)):
        state = chain.step(state, told.record, told.leaf, actor(told.record.actor))
    return state


def actor(keyid: str) -> Actor:
    """Return who signs with this key, as registered in the ledger. Raises ConflictError if unknown."""
    found = _registered(keyid)
    if found is None:
        raise ConflictError("This signing key is not in the ledger.", code="key_unknown")
    return found


@lru_cache(maxsize=4096)
def _known(keyid: str) -> Actor:
    for told in of_key("keyctl", keyid):
        for key in told.record.enrols():
            if key.keyid == keyid:
                return Actor(keyid, key.person, key.roles)
    raise LookupError(keyid)


def _registered(keyid: str) -> Actor | None:
    # Only what was found is remembered: a registration never changes, its absence does.
    try:
        return _known(keyid)
    except LookupError:
        return None


def forget() -> None:
    """Drop what is remembered of keys (tests roll the ledger back)."""
    _known.cache_clear()


def openings(indices: Iterable[int]) -> dict[int, dict[str, records.Opening]]:
    """Return the openings that still exist, by entry and field."""
    found: dict[int, dict[str, records.Opening]] = {}
    for row in Opening.objects.filter(entry__in=list(indices)):
        opening = records.Opening(field=row.field, salt=bytes(row.salt), value=row.value)
        found.setdefault(row.entry_id, {})[row.field] = opening
    return found


def verified_openings(told: Told, rows: dict[str, records.Opening]) -> dict[str, object]:
    """Return the values whose commitments stand in the record; a row that does not match is an error."""
    values: dict[str, object] = {}
    for name, opening in rows.items():
        if told.record.claims.get(name) != opening.commitment():
            raise ConflictError(f"The stored text of entry {told.index} is not what was signed ({name}).")
        values[name] = opening.value
    return values


def leaf_of(index: int) -> bytes:
    """Return the leaf hash of one entry."""
    return bytes(Entry.objects.values_list("leaf_hash", flat=True).get(pk=index))


def recomputed_leaf(told: Told) -> bytes:
    """Return the leaf hash of the stored bytes, for comparison with the stored one."""
    return digests.leaf_hash(told.data)
