"""Reads hashes of the Merkle tree out of the tables: leaves from entries, full subtrees from nodes.

Subtrees between the kept levels are computed from at most 256 rows below them.
"""

from custody.ledger.models import Entry, Node
from custody.proof.digests import node_hash

# Every eighth level is kept: one node row per 256 entries, and never more than 256 rows to read.
NODE_STEP = 8


class MissingLeavesError(LookupError):
    """The tables lack rows that the tree needs: the ledger was cut or never that long."""


def reader(level: int, index: int) -> bytes:
    """Return the hash of the perfect subtree of 2**level leaves number `index`.

    Raises MissingLeavesError where a row is missing.
    """
    base = level - level % NODE_STEP
    if base == level and level > 0:
        row = Node.objects.filter(level=level, idx=index).values_list("hash", flat=True).first()
        if row is not None:
            return bytes(row)
        base = level - NODE_STEP
    width = 1 << (level - base)
    hashes = row_hashes(base, index * width, width)
    while len(hashes) > 1:
        hashes = [node_hash(hashes[i], hashes[i + 1]) for i in range(0, len(hashes), 2)]
    return hashes[0]


def row_hashes(level: int, first: int, count: int) -> list[bytes]:
    """Return neighbouring hashes of a level that is kept. Raises MissingLeavesError."""
    if level == 0:
        rows = Entry.objects.filter(seq__gte=first, seq__lt=first + count).order_by("seq")
        hashes = [bytes(h) for h in rows.values_list("leaf_hash", flat=True)]
    else:
        nodes = Node.objects.filter(level=level, idx__gte=first, idx__lt=first + count).order_by("idx")
        hashes = [bytes(h) for h in nodes.values_list("hash", flat=True)]
    if len(hashes) != count:
        raise MissingLeavesError(f"level {level}: {count} hashes wanted from {first}, {len(hashes)} there")
    return hashes
