"""Recomputes the prefix map in memory while the entries pass, and compares the kept nodes at the end.

What an entry is about comes from its bytes; only for entries whose bytes are gone or unreadable it comes from
the index, and the signed map heads say whether that is right.
"""

from __future__ import annotations

from collections.abc import Iterable

from custody.ledger.models import MapNode
from custody.ledger.replay_findings import Code, Findings
from custody.proof.prefix_map import MemoryStore, Namespace, PrefixMap, mapkey

# Keys added to the map at once; each is some forty prefixes in memory while it is added.
BATCH = 1000


class ReplayedMap:
    """The map over the entries up to the last map head; what came after waits for the next one."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._store = MemoryStore()
        self._map = PrefixMap(self._store)
        self._waiting: list[tuple[bytes, int]] = []

    def add(self, keys: Iterable[tuple[str, str]], index: int) -> None:
        """Count one entry under each of its keys."""
        self._waiting += [(mapkey(Namespace(ns), key), index) for ns, key in keys]

    def root(self) -> bytes:
        """Return the root over all entries so far: a map head stands here."""
        for start in range(0, len(self._waiting), BATCH):
            self._map.add(self._waiting[start : start + BATCH])
        self._waiting = []
        return self._map.root()

    def close(self) -> None:
        """Compare the kept nodes, which are the map as of the last map head."""
        left = dict(self._store.nodes)
        for prefix, stored in MapNode.objects.values_list("prefix", "node").iterator(chunk_size=1000):
            node = left.pop(prefix, None)
            if node != bytes(stored):
                self._differs(prefix, "is not in the map" if node is None else "is not that of the entries")
        for prefix in left:
            self._differs(prefix, "is missing")

    def _differs(self, prefix: str, what: str) -> None:
        text = f"The kept map node {prefix[:40] or '(the root)'} {what}; the next map head would be wrong."
        self._findings.add(Code.MAP_NODE_WRONG, text)
