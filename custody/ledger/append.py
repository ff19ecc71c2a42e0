"""Append one entry to the ledger, last in the caller's transaction, under the lock of the head row.

It checks form, not rules: `custody/acts` has decided before, by `custody.proof.chain`, that the
record may be. Lock order everywhere: item row first, then the head of the ledger.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection

from custody.ledger.models import Entry, Head, Node, Opening, Subject
from custody.ledger.tree import NODE_STEP
from custody.proof import digests, envelope, records
from custody.proof.merkle import Frontier
from custody.proof.prefix_map import keys_of


@dataclass(frozen=True)
class Appended:
    """Where an entry lies, and the leaf hash that its successors name."""

    index: int
    leaf: bytes
    data: bytes


class OutsideTransactionError(RuntimeError):
    """Programmer's error: append was called outside a transaction."""


def append(data: bytes, openings: Iterable[records.Opening] = ()) -> Appended:
    """Insert the entry at the end of the log; the caller's transaction makes it durable."""
    if not connection.in_atomic_block:
        raise OutsideTransactionError("ledger.append belongs in the transaction of the act it records")
    parsed = envelope.parse_entry(data)
    head = Head.objects.select_for_update().get(pk=1)
    index, leaf = head.size, digests.leaf_hash(data)
    entry = Entry.objects.create(seq=index, leaf_hash=leaf, data=data)
    if parsed.payload_type == records.RECORD_PAYLOAD_TYPE:
        record = records.parse(parsed.payload)
        keys = dict.fromkeys(keys_of(record, index))
        Subject.objects.bulk_create(Subject(entry=entry, namespace=ns, key=key) for ns, key in keys)
        Opening.objects.bulk_create(
            Opening(entry=entry, field=o.field, salt=o.salt, value=o.value) for o in openings
        )
    _grow(head, leaf)
    return Appended(index, leaf, data)


def hold() -> None:
    """Let nobody else append until the transaction ends: what the log states now stays so until we append."""
    Head.objects.select_for_update().get(pk=1)


def _grow(head: Head, leaf: bytes) -> None:
    """Move the frontier on, and keep the hash of every subtree of 256**k leaves that is now full."""
    frontier = Frontier.parse(head.size, bytes(head.frontier))
    completed = frontier.append(leaf)
    head.size, head.frontier = frontier.size, frontier.serialise()
    head.save(update_fields=["size", "frontier"])
    Node.objects.bulk_create(
        Node(level=level, idx=index, hash=node)
        for level, index, node in completed
        if level and level % NODE_STEP == 0
    )
