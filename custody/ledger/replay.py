"""Recompute everything that follows from the entries of the ledger, and compare it with what is stored.

     1  entries follow each other; bytes and leaf hash agree
     2  every entry and every payload can be read strictly
     3  kept tree nodes and frontier
     4  map heads, and the kept nodes of the map
     5  signed heads: root, text, signature
     6  genesis, the log's keys, key events
     7  signatures, keys valid at their place, roles
     8  the history of each item, by the rules of custody
     9  the heads that signers saw begin this log
    10  the index lists exactly what the entries are about
    11  opened statements are those that were signed

Step 12, whether the tables beside the ledger agree, is `custody/acts/audit`: it listens to the records as
they pass. Nothing is written, nothing stops at the first finding, and memory grows with items, keys and
signed heads, not with entries.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

from django.conf import settings
from django.db import connection, transaction

from custody.ledger.history import Told
from custody.ledger.models import Entry
from custody.ledger.replay_findings import Code, Findings
from custody.ledger.replay_heads import ReplayedHeads
from custody.ledger.replay_index import ReplayedIndex
from custody.ledger.replay_map import ReplayedMap
from custody.ledger.replay_records import ItemTold, ReplayedRecords
from custody.ledger.replay_tree import ReplayedTree
from custody.proof import digests, envelope, records
from custody.proof.envelope import Envelope
from custody.proof.erasure import read_erased, read_openings
from custody.proof.errors import MalformedError
from custody.proof.keyring import Keyring
from custody.proof.policy import Policy
from custody.proof.prefix_map import Namespace, keys_of
from custody.proof.records import RecordType

# Transactions take their time from their beginning; a slow one may lie this much before a quick one after it.
CLOCK_TOLERANCE = timedelta(minutes=10)
# Is told every record that can be read, in order.
Listener = Callable[[Told], None]
MapKey: TypeAlias = tuple[str, str]
Read: TypeAlias = tuple[Envelope, "records.MapHead | records.Record"]


@dataclass(frozen=True)
class Replayed:
    """What the entries say, for whoever compares it with tables."""

    findings: Findings
    entries: int
    published: int
    items: dict[uuid.UUID, ItemTold]
    keyring: Keyring


@contextmanager
def snapshot() -> Iterator[None]:
    """See one state of the database however long the reading takes, and change nothing."""
    if connection.in_atomic_block:
        yield
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        yield


def replay(pinned: Policy | None, listen: Listener | None = None) -> Replayed:
    """Replay the whole ledger; call inside `snapshot`."""
    return Replay(pinned, listen or (lambda told: None)).run()


class Replay:
    """One pass over the entries."""

    def __init__(self, pinned: Policy | None, listen: Listener) -> None:
        self._findings = Findings()
        self._listen = listen
        self._tree = ReplayedTree(self._findings)
        self._map = ReplayedMap(self._findings)
        self._heads = ReplayedHeads(self._findings, pinned)
        self._records = ReplayedRecords(self._findings)
        self._index = ReplayedIndex(self._findings)
        self._next = 0
        self._withheld: set[int] = set()
        self._latest: datetime | None = None

    def run(self) -> Replayed:
        rows = Entry.objects.order_by("seq").values_list("seq", "leaf_hash", "data", "recorded")
        for index, leaf, data, recorded in rows.iterator(chunk_size=500):
            self._follow(index, recorded)
            self._entry(index, bytes(leaf), None if data is None else bytes(data))
        if not self._next:
            self._findings.add(Code.LOG_EMPTY, "The ledger has no entries; open the log first.")
        for index in sorted(self._withheld):
            text = "The bytes of this entry are gone, and no record orders that."
            self._findings.add(Code.WITHHELD_WITHOUT_ORDER, text, index)
        self._index.close()
        self._map.close()
        self._heads.close(self._next)
        self._tree.close(self._next)
        self._records.close()
        newest = self._heads.newest
        return Replayed(self._findings, self._next, newest, self._records.items, self._records.keyring)

    def _follow(self, index: int, recorded: datetime) -> None:
        """(1) No number is missing, and the server's clock did not go back."""
        if index != self._next:
            missing = (
                f"Entry {self._next} is"
                if index == self._next + 1
                else f"Entries {self._next} to {index - 1} are"
            )
            self._findings.add(Code.ENTRY_MISSING, f"{missing} missing.", self._next)
            self._tree.lost = True
        self._next = index + 1
        if self._latest is not None and recorded < self._latest - CLOCK_TOLERANCE:
            text = (
                "By the server's clock this entry was recorded before an earlier one, "
                f"which says {self._latest:%Y-%m-%d %H:%M} UTC."
            )
            self._findings.add(Code.CLOCK_BACKWARDS, text, index)
        self._latest = recorded if self._latest is None else max(recorded, self._latest)

    def _entry(self, index: int, stored: bytes, data: bytes | None) -> None:
        leaf = stored if data is None else digests.leaf_hash(data)
        if leaf != stored:
            text = "The bytes of the entry do not have the leaf hash beside them: one of the two was changed."
            self._findings.add(Code.LEAF_HASH, text, index)
        if index == 0:
            self._heads.genesis(leaf)
        indexed = self._index.keys(index)
        read = self._read(index, data)
        if read is None:
            self._index.check_openings(None, index)
            self._map.add([(ns, key) for ns, key in indexed if ns in set(Namespace)], index)
            self._records.unread([key for ns, key in indexed if ns == Namespace.ITEM], stored, index)
            self._tree.append(leaf, stored, index)
            return
        parsed, statement = read
        if isinstance(statement, records.MapHead):
            self._map_head(statement, parsed, index, indexed)
            self._tree.append(leaf, stored, index)
            self._heads.published(index + 1, self._tree.roots())
        else:
            self._record(
                statement, parsed, Told(index, leaf, data or b"", statement, signers(parsed)), indexed
            )
            self._tree.append(leaf, stored, index)

    def _read(self, index: int, data: bytes | None) -> Read | None:
        """(2) Read the entry strictly; None where that cannot be done."""
        if data is None:
            self._withheld.add(index)
            text = "The bytes of this entry are withheld; its place in the tree stays."
            self._findings.add(Code.WITHHELD, text, index)
            return None
        try:
            parsed = envelope.parse_entry(data)
            if parsed.payload_type == records.MAP_HEAD_PAYLOAD_TYPE:
                return parsed, records.parse_map_head(parsed.payload)
            record = records.parse(parsed.payload)
            keys_of(record, index)
            return parsed, record
        except MalformedError as error:
            self._findings.add(Code.ENTRY_MALFORMED, f"The entry cannot be read: {error}", index)
            return None

    def _map_head(self, head: records.MapHead, parsed: Envelope, index: int, indexed: list[MapKey]) -> None:
        self._check_log(head.log, index)
        self._heads.map_head(head, parsed, index, self._map.root())
        self._index.check_keys(indexed, (), index)
        self._index.check_openings(None, index)

    def _record(self, record: records.Record, parsed: Envelope, told: Told, indexed: list[MapKey]) -> None:
        index = told.index
        keys = keys_of(record, index)
        self._check_log(record.log, index)
        self._map.add(dict.fromkeys(keys), index)
        self._index.check_keys(indexed, keys, index)
        self._index.check_openings(record, index)
        self._heads.policy(record, index)
        self._heads.seen(record.seen, index)
        self._records.record(record, parsed, told.leaf, index)
        if record.type is RecordType.ERASURE:
            self._withheld -= set(read_erased(record.extra["erased"]))
            self._index.erased(read_openings(record.extra["openings"]))
        self._listen(told)

    def _check_log(self, name: str, index: int) -> None:
        if name != settings.LOG_ORIGIN:
            text = f"The entry is of another log, {name}; this installation's is {settings.LOG_ORIGIN}."
            self._findings.add(Code.ENTRY_OTHER_LOG, text, index)


def signers(parsed: Envelope) -> tuple[str, ...]:
    """Return the ids of the keys that signed."""
    return tuple(signature.keyid for signature in parsed.signatures)
