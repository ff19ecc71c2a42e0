"""Append entries to the ledger, last in the caller's transaction, under the lock of the head row.

It checks form, not rules: `custody/acts` has decided before, by `custody.proof.chain`, that the
record may be. Lock order everywhere: item row first, then the head of the ledger.

One statement writes entries, index, openings, nodes and head together (ADR 22); the database's guards judge
every row of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.db import connection
from psycopg.types.json import Jsonb

from custody.ledger.cursor import server_cursor
from custody.ledger.models import Head
from custody.ledger.tree import NODE_STEP
from custody.proof import digests, envelope, records
from custody.proof.merkle import Frontier
from custody.proof.prefix_map import keys_of

# What one call may hold the head's lock for: about a tenth of a second, in which nobody else can act.
MAX_BATCH = 1_000

_LOCK = "SELECT size, frontier FROM ledger_head WHERE id = 1 FOR UPDATE"
_WRITE = """
WITH entry AS (
  INSERT INTO ledger_entry (seq, leaf_hash, data)
  SELECT * FROM unnest(%b::bigint[], %b::bytea[], %b::bytea[])
), subject AS (
  INSERT INTO ledger_subject (entry_id, namespace, key)
  SELECT * FROM unnest(%b::bigint[], %b::text[], %b::text[])
), opening AS (
  INSERT INTO ledger_opening (entry_id, field, salt, value)
  SELECT * FROM unnest(%b::bigint[], %b::text[], %b::bytea[], %b::jsonb[])
), node AS (
  INSERT INTO ledger_node (level, idx, hash)
  SELECT * FROM unnest(%b::smallint[], %b::bigint[], %b::bytea[])
)
UPDATE ledger_head SET size = %b, frontier = %b WHERE id = 1
"""


@dataclass(frozen=True)
class Appended:
    """Where an entry lies, and the leaf hash that its successors name."""

    index: int
    leaf: bytes
    data: bytes


@dataclass(frozen=True)
class Addition:
    """An entry's bytes, and the openings of its claims that are kept beside the log."""

    data: bytes
    openings: tuple[records.Opening, ...] = ()


class OutsideTransactionError(RuntimeError):
    """Programmer's error: append was called outside a transaction."""


def append(data: bytes, openings: Iterable[records.Opening] = ()) -> Appended:
    """Insert the entry at the end of the log; the caller's transaction makes it durable."""
    return append_many([Addition(data, tuple(openings))])[0]


def append_many(additions: Sequence[Addition]) -> list[Appended]:
    """Insert entries in this order at the end of the log: all of them or, with an exception, none.

    Raises MalformedError for bytes that are no entry.
    """
    if not connection.in_atomic_block:
        raise OutsideTransactionError("ledger.append belongs in the transaction of the act it records")
    if not 0 < len(additions) <= MAX_BATCH:
        raise ValueError(f"{len(additions)} entries at once; 1 to {MAX_BATCH} are possible")
    parsed = [_record(addition.data) for addition in additions]
    with server_cursor() as cursor:
        [(size, frontier)] = cursor.execute(_LOCK)
        rows = _Rows(Frontier.parse(size, frontier))
        appended = [rows.add(addition, record) for addition, record in zip(additions, parsed, strict=True)]
        cursor.execute(_WRITE, rows.values())
    return appended


def hold() -> None:
    """Let nobody else append until the transaction ends: what the log states now stays so until we append."""
    Head.objects.select_for_update().get(pk=1)


def _record(data: bytes) -> records.Record | None:
    """Read an entry strictly; None for a map head, which is about nothing."""
    entry = envelope.parse_entry(data)
    return records.parse(entry.payload) if entry.payload_type == records.RECORD_PAYLOAD_TYPE else None


@dataclass
class _Rows:
    """The rows that entries become, table by table, and the frontier behind the last of them."""

    frontier: Frontier
    entries: list[tuple[int, bytes, bytes]] = field(default_factory=list)
    subjects: list[tuple[int, str, str]] = field(default_factory=list)
    openings: list[tuple[int, str, bytes, Jsonb]] = field(default_factory=list)
    nodes: list[tuple[int, int, bytes]] = field(default_factory=list)

    def add(self, addition: Addition, record: records.Record | None) -> Appended:
        index, leaf = self.frontier.size, digests.leaf_hash(addition.data)
        self.entries.append((index, leaf, addition.data))
        if record is not None:
            keys = dict.fromkeys(keys_of(record, index))
            self.subjects += ((index, str(namespace), key) for namespace, key in keys)
            self.openings += ((index, o.field, o.salt, Jsonb(o.value)) for o in addition.openings)
        # Of the subtrees that are now full, those of 256**k leaves are kept.
        self.nodes += (node for node in self.frontier.append(leaf) if node[0] and node[0] % NODE_STEP == 0)
        return Appended(index, leaf, addition.data)

    def values(self) -> list[object]:
        """Return the parameters of the statement: each table column by column, then the head."""
        tables = ((self.entries, 3), (self.subjects, 3), (self.openings, 4), (self.nodes, 3))
        columns = [list(column) for rows, width in tables for column in _columns(rows, width)]
        return [*columns, self.frontier.size, self.frontier.serialise()]


def _columns(rows: Sequence[tuple[object, ...]], width: int) -> Iterable[Sequence[object]]:
    return zip(*rows, strict=True) if rows else [()] * width
