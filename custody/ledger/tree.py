"""Reads hashes of the Merkle tree out of the tables: leaves from entries, full subtrees from nodes.

Every eighth level is kept; subtrees between are computed from a block of at most 256 hashes below them. A block
is one query with one row as its answer (ADR 22), and a proof in a log of a million entries needs five of them.
"""

from functools import lru_cache

from django.db import connection

from custody.proof.digests import HASH_SIZE, node_hash
from custody.proof.merkle import HashReader

# One node row per 256 entries, and never more than 256 hashes to read.
NODE_STEP = 8
BLOCK = 1 << NODE_STEP
# What a reader remembers, 8 KiB each: enough for the proofs of a bundle, whose entries come in order.
REMEMBERED_BLOCKS = 64

_LEAVES = """
SELECT count(*), max(seq), string_agg(leaf_hash, ''::bytea ORDER BY seq) FROM ledger_entry
WHERE seq >= %s AND seq < %s
"""
_NODES = """
SELECT count(*), max(idx), string_agg(hash, ''::bytea ORDER BY idx) FROM ledger_node
WHERE idx >= %s AND idx < %s AND level = %s
"""


class MissingLeavesError(LookupError):
    """The tables lack rows that the tree needs: the ledger was cut or never that long."""


def block_reader() -> HashReader:
    """Return a reader for the proofs of one tree: it reads each block of kept hashes once and remembers it.

    A block is remembered as it was first read, so a reader is for subtrees below one checkpoint only. It gives the
    hash of the perfect subtree of 2**level leaves number `index`; raises MissingLeavesError where a row is missing.
    """
    block = lru_cache(maxsize=REMEMBERED_BLOCKS)(_block)

    def read(level: int, index: int) -> bytes:
        base = level - level % NODE_STEP
        if base == level and level > 0:
            number, place = divmod(index, BLOCK)
            found = block(level, number)[place * HASH_SIZE : (place + 1) * HASH_SIZE]
            if found:
                return found
            base = level - NODE_STEP
        width = 1 << (level - base)
        number, place = divmod(index * width, BLOCK)
        hashes = block(base, number)[place * HASH_SIZE : (place + width) * HASH_SIZE]
        if len(hashes) != width * HASH_SIZE:
            there = len(hashes) // HASH_SIZE
            raise MissingLeavesError(
                f"level {base}: {width} hashes wanted from {index * width}, {there} there"
            )
        return _folded(hashes)

    return read


def _block(level: int, number: int) -> bytes:
    """Return the hashes of one block one after another: as many as there are, and no gap among them."""
    first = number * BLOCK
    with connection.cursor() as cursor:
        if level == 0:
            cursor.execute(_LEAVES, [first, first + BLOCK])
        else:
            cursor.execute(_NODES, [first, first + BLOCK, level])
        [(count, last, hashes)] = cursor.fetchall()
    if count == 0:
        return b""
    if last - first + 1 != count or len(hashes) != count * HASH_SIZE:
        raise MissingLeavesError(f"level {level}: a gap or a damaged hash among {count} hashes from {first}")
    return bytes(hashes)


def _folded(hashes: bytes) -> bytes:
    level = [hashes[place : place + HASH_SIZE] for place in range(0, len(hashes), HASH_SIZE)]
    while len(level) > 1:
        level = [node_hash(level[i], level[i + 1]) for i in range(0, len(level), 2)]
    return level[0]


def row_hashes(level: int, first: int, count: int) -> list[bytes]:
    """Return neighbouring hashes of one block of a level that is kept. Raises MissingLeavesError."""
    number, place = divmod(first, BLOCK)
    hashes = _block(level, number)[place * HASH_SIZE : (place + count) * HASH_SIZE]
    if place + count > BLOCK or len(hashes) != count * HASH_SIZE:
        raise MissingLeavesError(f"level {level}: {count} hashes wanted from {first}")
    return [hashes[at : at + HASH_SIZE] for at in range(0, len(hashes), HASH_SIZE)]
