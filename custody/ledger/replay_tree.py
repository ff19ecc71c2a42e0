"""Recomputes the hash tree while the entries pass: kept nodes, the frontier, the root of every signed head.

Where an entry's bytes and the leaf hash beside them disagree, both trees are followed from there on, so that
the signed heads say which of the two was changed. Signatures are checked in replay_heads.py.
"""

from __future__ import annotations

from custody.ledger.models import Head, Node
from custody.ledger.replay_findings import Code, Findings
from custody.ledger.tree import NODE_STEP
from custody.proof.errors import MalformedError
from custody.proof.merkle import Frontier


class ReplayedTree:
    """The tree over the entries so far, by their bytes and, once they differ, by the stored leaf hashes."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._trees = [Frontier()]
        # One row per 256 entries: small enough to hold, and it shows what is left over at the end.
        rows = Node.objects.values_list("level", "idx", "hash")
        self._nodes = {(level, index): bytes(node) for level, index, node in rows.iterator(chunk_size=1000)}
        # After a gap no tree can be told any more.
        self.lost = False

    @property
    def size(self) -> int:
        return self._trees[0].size

    def append(self, from_bytes: bytes, stored: bytes, index: int) -> None:
        """Add one leaf."""
        if self.lost:
            return
        if from_bytes != stored and len(self._trees) == 1 and len(stored) == len(from_bytes):
            self._trees.append(Frontier.parse(self.size, self._trees[0].serialise()))
        leaves = (from_bytes, stored)
        completed = [tree.append(leaf) for tree, leaf in zip(self._trees, leaves, strict=False)]
        for place, nodes in enumerate(zip(*completed, strict=True)):
            level = nodes[0][0]
            if place and level % NODE_STEP == 0:
                self._check_node(level, nodes[0][1], {node for _, _, node in nodes}, index)

    def roots(self) -> frozenset[bytes]:
        """Return the root so far: two where bytes and leaf hashes parted, none after a gap."""
        return frozenset() if self.lost else frozenset(tree.root() for tree in self._trees)

    def close(self, count: int) -> None:
        """Compare the head row and what is left of the nodes with the whole."""
        for (level, index), _ in sorted(self._nodes.items()):
            sentence = f"The kept hash of level {level}, number {index}, belongs to no full part of the tree."
            if not self.lost:
                self._findings.add(Code.NODE_EXTRA, sentence)
        head = Head.objects.filter(pk=1).first()
        if head is None:
            self._findings.add(Code.HEAD_SIZE, "The row that counts the entries is missing.")
            return
        if head.size != count:
            text = f"The head of the ledger counts {head.size} entries, but {count} are there."
            self._findings.add(Code.HEAD_SIZE, text, min(head.size, count))
        self._check_frontier(head)

    def _check_frontier(self, head: Head) -> None:
        if self.lost or head.size != self.size:
            return
        try:
            stored = Frontier.parse(head.size, bytes(head.frontier)).serialise()
        except MalformedError as error:
            self._findings.add(Code.HEAD_FRONTIER, f"The head of the ledger cannot be read: {error}")
            return
        if stored not in {tree.serialise() for tree in self._trees}:
            text = "The stored right edge of the tree is not that of the entries: appends would go wrong."
            self._findings.add(Code.HEAD_FRONTIER, text, head.size - 1)

    def _check_node(self, level: int, number: int, expected: set[bytes], index: int) -> None:
        stored = self._nodes.pop((level, number), None)
        first = number << level
        if stored is None:
            text = f"The kept hash over entries {first} to {index} is missing."
            self._findings.add(Code.NODE_MISSING, text, index)
        elif stored not in expected:
            text = f"The kept hash over entries {first} to {index} is not theirs."
            self._findings.add(Code.NODE_WRONG, text, index)
