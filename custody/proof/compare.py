"""Compare two proofs of the same log: is the smaller log the beginning of the larger, or are they a fork?

Inclusion proofs carry hashes of whole subtrees, so two bundles often say enough about each other without help
from the log. Where they do not, that is said; nothing is guessed. Both heads must have been verified before.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import TypeAlias

from .bundle import SeenPart
from .checkpoint import Checkpoint
from .digests import node_hash
from .errors import ConsistencyError
from .merkle import EMPTY_ROOT, left_size, verify_consistency
from .reading import Reading

# The leaves [start, end) and the hash of the subtree over them, as RFC 9162 splits a log of the given size.
Spans: TypeAlias = Mapping[tuple[int, int], bytes]


class Relation(Enum):
    CONSISTENT = auto()
    FORK = auto()
    UNKNOWN = auto()


@dataclass(frozen=True)
class Proven:
    """A bundle that has passed steps 1 to 3."""

    reading: Reading
    checkpoint: Checkpoint


def relation(one: Proven, other: Proven) -> Relation:
    """Tell how two logs of the same name are related, from what both bundles prove."""
    small, large = sorted((one, other), key=lambda proven: proven.checkpoint.size)
    head = small.checkpoint
    if head.size == large.checkpoint.size:
        return Relation.CONSISTENT if head.root == large.checkpoint.root else Relation.FORK
    small_spans, large_spans = _spans(small), _spans(large)
    if any(large_spans.get(span, node) != node for span, node in small_spans.items()):
        return Relation.FORK
    roots = {
        seen.root for seen in large.reading.parts.seen if seen.size == head.size and _is_proven(seen, large)
    }
    computed = _root(0, head.size, large_spans) if head.size else EMPTY_ROOT
    roots |= {computed} if computed else set()
    if not roots:
        return Relation.UNKNOWN
    return Relation.CONSISTENT if roots == {head.root} else Relation.FORK


def _is_proven(seen: SeenPart, by: Proven) -> bool:
    """Tell whether a seen head is a beginning of the log; what is only stated could hide a fork, or feign one."""
    try:
        verify_consistency(seen.size, seen.root, by.checkpoint.size, by.checkpoint.root, seen.proof)
    except ConsistencyError:
        return False
    return True


def _spans(proven: Proven) -> Spans:
    """Collect the hash of every subtree that the bundle's inclusion proofs determine."""
    found: dict[tuple[int, int], bytes] = {}
    for entry in proven.reading.entries:
        steps = _path(entry.index, proven.checkpoint.size)
        start, end, node = entry.index, entry.index + 1, entry.leaf
        found[start, end] = node
        for (left, right), sibling in zip(reversed(steps), entry.proof, strict=True):
            found[left, right] = sibling
            node = node_hash(sibling, node) if left < start else node_hash(node, sibling)
            start, end = min(left, start), max(right, end)
            found[start, end] = node
    return found


def _path(index: int, size: int) -> Sequence[tuple[int, int]]:
    """List the siblings of a leaf from the root down, as spans of leaves."""
    start, end = 0, size
    siblings = []
    while end - start > 1:
        middle = start + left_size(end - start)
        if index < middle:
            siblings.append((middle, end))
            end = middle
        else:
            siblings.append((start, middle))
            start = middle
    return siblings


def _root(start: int, end: int, spans: Spans) -> bytes | None:
    """Compute the hash over [start, end) from known subtrees; None if one is missing."""
    known = spans.get((start, end))
    if known is not None or end - start == 1:
        return known
    middle = start + left_size(end - start)
    # The right part first: in the log of that size it is the smaller one, and the one that is rarely known.
    right = _root(middle, end, spans)
    left = _root(start, middle, spans) if right is not None else None
    return node_hash(left, right) if left is not None and right is not None else None
