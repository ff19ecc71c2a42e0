"""Prove and verify that a hash is in the log, and that one log begins another (RFC 9162, section 2.1).

Works on leaf hashes. Where the hashes are kept is not known here: proofs are made through a HashReader, a
function (level, index) -> hash of the perfect subtree over the leaves [index * 2^level, (index + 1) *
2^level). It is asked only for subtrees that lie wholly inside the tree. Verification needs no reader.
"""

from collections.abc import Callable, Sequence
from typing import TypeAlias

from .digests import HASH_SIZE, node_hash, sha256
from .errors import ConsistencyError, InclusionError, MalformedError

HashReader: TypeAlias = Callable[[int, int], bytes]
# (level, index, hash) of a perfect subtree that has just become complete
Node: TypeAlias = tuple[int, int, bytes]

EMPTY_ROOT = sha256(b"")
# Sizes are written as unsigned 64 bit numbers elsewhere; no proof can be longer than this.
MAX_SIZE = 2**63


class Frontier:
    """The right edge of a growing tree: the roots of the perfect subtrees it falls into, largest first."""

    def __init__(self, size: int = 0, peaks: Sequence[bytes] = ()) -> None:
        if not 0 <= size < MAX_SIZE or len(peaks) != size.bit_count():
            raise MalformedError("A frontier does not have one hash for each bit of its size.")
        if any(len(peak) != HASH_SIZE for peak in peaks):
            raise MalformedError("A hash of a frontier has the wrong length.")
        self.size = size
        self._peaks = list(peaks)

    @classmethod
    def parse(cls, size: int, data: bytes) -> "Frontier":
        """Read what serialise() wrote; the size is kept beside it."""
        return cls(size, [data[start : start + HASH_SIZE] for start in range(0, len(data), HASH_SIZE)])

    def serialise(self) -> bytes:
        """Write the hashes one after another: at most 32 bytes for each binary digit of the size."""
        return b"".join(self._peaks)

    def append(self, leaf: bytes) -> list[Node]:
        """Add a leaf hash; return the subtrees this completes, the leaf itself first."""
        if len(leaf) != HASH_SIZE:
            raise MalformedError("A leaf hash has the wrong length.")
        completed = [(0, self.size, leaf)]
        index, node = self.size, leaf
        while index & 1:  # this node is a right child, so its left sibling is the last peak
            node = node_hash(self._peaks.pop(), node)
            index >>= 1
            completed.append((len(completed), index, node))
        self._peaks.append(node)
        self.size += 1
        return completed

    def root(self) -> bytes:
        """Give the root of the whole tree."""
        if not self._peaks:
            return EMPTY_ROOT
        node = self._peaks[-1]
        for peak in reversed(self._peaks[:-1]):
            node = node_hash(peak, node)
        return node


def root(leaves: Sequence[bytes]) -> bytes:
    """Compute the root over leaf hashes held in memory."""
    frontier = Frontier()
    for leaf in leaves:
        frontier.append(leaf)
    return frontier.root()


def reader_of(leaves: Sequence[bytes]) -> HashReader:
    """Make a HashReader over leaf hashes held in memory."""
    nodes: dict[tuple[int, int], bytes] = {}
    frontier = Frontier()
    for leaf in leaves:
        for level, index, node in frontier.append(leaf):
            nodes[level, index] = node
    return lambda level, index: nodes[level, index]


def root_at(size: int, read: HashReader) -> bytes:
    """Compute the root that the log had at this size."""
    _check_size(size)
    return _range_root(0, size, read) if size else EMPTY_ROOT


def inclusion_proof(index: int, size: int, read: HashReader) -> list[bytes]:
    """Give the siblings on the way from leaf `index` up to the root of the first `size` leaves."""
    _check_size(size)
    if not 0 <= index < size:
        raise ValueError(f"leaf {index} is not in a tree of {size} leaves")
    start, end = 0, size
    siblings = []
    while end - start > 1:
        middle = start + left_size(end - start)
        if index < middle:
            siblings.append(_range_root(middle, end, read))
            end = middle
        else:
            siblings.append(_range_root(start, middle, read))
            start = middle
    return siblings[::-1]


def consistency_proof(old: int, new: int, read: HashReader) -> list[bytes]:
    """Give the hashes that show the first `old` leaves are a prefix of the first `new` leaves."""
    _check_size(new)
    if not 0 < old <= new:
        raise ValueError(f"no consistency proof leads from size {old} to size {new}")
    start, end = 0, new
    hashes = []
    while end != old:
        middle = start + left_size(end - start)
        if old <= middle:
            hashes.append(_range_root(middle, end, read))
            end = middle
        else:
            hashes.append(_range_root(start, middle, read))
            start = middle
    if (
        start
    ):  # otherwise [0, old) is a subtree of its own and its hash is the old root, which the verifier has
        hashes.append(_range_root(start, end, read))
    return hashes[::-1]


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Return if the leaf hash is number `index` of the `size` leaves under the root (RFC 9162, 2.1.3.2)."""
    if not _all_hashes(leaf, root, *proof):
        raise InclusionError("A hash of an inclusion proof has the wrong length.")
    if not 0 <= index < size < MAX_SIZE:
        raise InclusionError(f"Entry {index} cannot be in a log of {size} entries.")
    node, place, last = leaf, index, size - 1
    for sibling in proof:
        if last == 0:
            raise InclusionError("An inclusion proof is too long.")
        if place & 1 or place == last:
            node = node_hash(sibling, node)
            while not place & 1 and place:  # on the right edge, levels without a sibling are skipped
                place, last = place >> 1, last >> 1
        else:
            node = node_hash(node, sibling)
        place, last = place >> 1, last >> 1
    if last:
        raise InclusionError("An inclusion proof is too short.")
    if node != root:
        raise InclusionError(f"Entry {index} is not the one the log has at this place.")


def verify_consistency(old: int, old_root: bytes, new: int, new_root: bytes, proof: Sequence[bytes]) -> None:
    """Return if the log of size `old` is a prefix of the one of size `new` (RFC 9162, 2.1.4.2).

    From size 0 everything would be consistent, so such a proof says nothing and is an error.
    """
    if not _all_hashes(old_root, new_root, *proof):
        raise ConsistencyError("A hash of a consistency proof has the wrong length.")
    if not 0 < old <= new < MAX_SIZE:
        raise ConsistencyError(f"No consistency proof leads from size {old} to size {new}.")
    if old == new:
        if proof or old_root != new_root:
            raise ConsistencyError(
                "Two logs of the same size have different roots, or a proof where none is due."
            )
        return
    path = list(proof) if old & (old - 1) else [old_root, *proof]  # a power of two is its own first node
    if not path:
        raise ConsistencyError("A consistency proof is empty.")
    old_node, new_node = _climb(old, new, path)
    if old_node != old_root:
        raise ConsistencyError(f"The log that was seen at size {old} is not the beginning of this one.")
    if new_node != new_root:
        raise ConsistencyError("A consistency proof does not lead to the root of the log.")


def _climb(old: int, new: int, path: Sequence[bytes]) -> tuple[bytes, bytes]:
    """Walk a consistency proof upwards; return the roots it implies for both sizes."""
    place, last = old - 1, new - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    old_node = new_node = path[0]
    for node in path[1:]:
        if last == 0:
            raise ConsistencyError("A consistency proof is too long.")
        if place & 1 or place == last:
            old_node, new_node = node_hash(node, old_node), node_hash(node, new_node)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            new_node = node_hash(new_node, node)
        place, last = place >> 1, last >> 1
    if last:
        raise ConsistencyError("A consistency proof is too short.")
    return old_node, new_node


def _range_root(start: int, end: int, read: HashReader) -> bytes:
    """Compute the hash of the subtree over leaves [start, end)."""
    width = end - start
    if width & (width - 1) == 0:
        level = width.bit_length() - 1
        return read(level, start >> level)
    middle = start + left_size(width)
    return node_hash(_range_root(start, middle, read), _range_root(middle, end, read))


def left_size(width: int) -> int:
    """Give the largest power of two below the width: how many leaves RFC 9162 puts into the left subtree."""
    return 1 << ((width - 1).bit_length() - 1)


def _check_size(size: int) -> None:
    if not 0 <= size < MAX_SIZE:
        raise ValueError(f"{size} is not the size of a log")


def _all_hashes(*hashes: bytes) -> bool:
    return all(len(one) == HASH_SIZE for one in hashes)
