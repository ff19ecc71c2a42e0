"""Reads hashes of the Merkle tree out of the tables: leaves from entries, full subtrees from nodes.

Subtrees between the kept levels are computed from at most 256 rows below them.
"""

from functools import cache

from custody.ledger.models import Entry, Node
from custody.proof.digests import node_hash
from custody.proof.merkle import HashReader

# Every eighth level is kept: one node row per 256 entries, and never more than 256 rows to read.
NODE_STEP = 8
BLOCK = 1 << NODE_STEP


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
    return _folded(_whole(_row_hashes(base, index * width, width), width, base, index * width))


def block_reader() -> HashReader:
    """Return a reader for many proofs of one tree: it reads each block of kept rows once and remembers it.

    A block is remembered as it was first read, so a reader is for subtrees below one checkpoint only.
    """

    @cache
    def block(level: int, number: int) -> list[bytes]:
        return _row_hashes(level, number * BLOCK, BLOCK)

    def read(level: int, index: int) -> bytes:
        base = level - level % NODE_STEP
        if base == level and level > 0:
            rows = block(level, index // BLOCK)
            if index % BLOCK < len(rows):
                return rows[index % BLOCK]
            base = level - NODE_STEP
        width = 1 << (level - base)
        number, start = divmod(index * width, BLOCK)
        return _folded(_whole(block(base, number)[start : start + width], width, base, index * width))

    return read


def _folded(hashes: list[bytes]) -> bytes:
    while len(hashes) > 1:
        hashes = [node_hash(hashes[i], hashes[i + 1]) for i in range(0, len(hashes), 2)]
    return hashes[0]


def _whole(hashes: list[bytes], count: int, level: int, first: int) -> list[bytes]:
    if len(hashes) != count:
        raise MissingLeavesError(f"level {level}: {count} hashes wanted from {first}, {len(hashes)} there")
    return hashes


def _row_hashes(level: int, first: int, count: int) -> list[bytes]:
    """Return the hashes of these rows, as many of them as follow each other without a gap."""
    if level == 0:
        entries = Entry.objects.filter(seq__gte=first, seq__lt=first + count).order_by("seq")
        rows = [(seq, bytes(h)) for seq, h in entries.values_list("seq", "leaf_hash")]
    else:
        nodes = Node.objects.filter(level=level, idx__gte=first, idx__lt=first + count).order_by("idx")
        rows = [(idx, bytes(h)) for idx, h in nodes.values_list("idx", "hash")]
    return [found for place, (number, found) in enumerate(rows, first) if number == place]
