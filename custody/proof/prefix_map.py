"""Prove how many records there are about one item, case or key, so that none can be left out (format, section 3).

The map is a binary tree over 256-bit map keys. Under each key stands how many log entries name it (`count`)
and an accumulator over their indices (`acc`). Its root is the last leaf of every published log head.

    an empty subtree             hashes to 32 zero bytes
    a subtree with one leaf      hashes to that leaf, wherever it stands
    any other subtree            hashes its two halves

PrefixMap keeps its nodes in a NodeStore, a table of (prefix, node): see there. Does not append to the log,
and keeps the newest state only: prove() answers for the root that root() gives now, so prove before adding
what comes after.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, TypeAlias

from .digests import HASH_SIZE, sha256
from .errors import InclusionError, MalformedError
from .merkle import MAX_SIZE
from .records import Record, RecordType

EMPTY = bytes(HASH_SIZE)
ACC_0 = bytes(HASH_SIZE)
KEY_BITS = 256
# One read fetches this many levels of each path. Map keys are hashes, so a path among 10^6 keys is about 20
# long, and one that needs a second read (PrefixMap._load) is rare until there are 10^9.
PROBE_BITS = 40
# Proofs that share one reading of the store: 200 paths are some 8,000 prefixes in one query.
KEYS_AT_ONCE = 200


class Namespace(StrEnum):
    ITEM = "item"
    CASE = "case"
    KEYCTL = "keyctl"  # what was done to a key
    KEYUSE = "keyuse"  # what was done to items with a key
    POLICY = "policy"  # what the log has stated about itself since genesis; its one id is POLICY_ID


POLICY_ID = "log"


@dataclass(frozen=True)
class Leaf:
    """What the map says about one key."""

    key: bytes
    count: int
    acc: bytes

    def hash(self) -> bytes:
        return mleaf(self.key, self.count, self.acc)


@dataclass(frozen=True)
class Branch:
    """The hashes of both halves of a subtree with two or more leaves."""

    left: bytes
    right: bytes

    def hash(self) -> bytes:
        return mnode(self.left, self.right)


Node: TypeAlias = Leaf | Branch


@dataclass(frozen=True)
class MapProof:
    """The siblings from the root down to where the path of a key ends, and the leaf there, if any."""

    siblings: tuple[bytes, ...]
    terminal: Leaf | None


def mapkey(ns: str, id: str) -> bytes:
    """Hash a namespace and a UUID, key id or POLICY_ID into the place in the map."""
    return sha256(b"custody-map/v1\n" + Namespace(ns).encode() + b"\n" + id.encode())


def accumulate(acc: bytes, index: int) -> bytes:
    """Add the index of one more entry."""
    return sha256(b"\x12" + acc + index.to_bytes(8, "big"))


def accumulate_all(indices: Iterable[int]) -> tuple[int, bytes]:
    """Compute (count, acc) of entries in ascending order of their indices."""
    count, acc = 0, ACC_0
    for index in indices:
        count, acc = count + 1, accumulate(acc, index)
    return count, acc


def mleaf(key: bytes, count: int, acc: bytes) -> bytes:
    return sha256(b"\x10" + key + count.to_bytes(8, "big") + acc)


def mnode(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x11" + left + right)


def keys_of(record: Record, index: int) -> list[tuple[Namespace, str]]:
    """List what a record, being entry number `index`, is about. Map heads are no records and have no keys.

    Raises MalformedError for a genesis record anywhere but first: it would bring in keys nobody enrolled.
    """
    if (record.type is RecordType.GENESIS) != (index == 0):
        raise MalformedError("The first entry of a log, and only it, is its genesis record.")
    keys = [(Namespace.ITEM, str(subject.item)) for subject in record.subjects]
    if record.case is not None:
        keys.append((Namespace.CASE, str(record.case)))
    if record.subjects:
        keys.append((Namespace.KEYUSE, record.actor))
    keys += [(Namespace.KEYCTL, keyid) for keyid in record.controls()]
    if record.type is RecordType.POLICY_UPDATE:
        keys.append((Namespace.POLICY, POLICY_ID))
    return keys


def verify_proof(key: bytes, proof: MapProof, root: bytes) -> tuple[int, bytes]:
    """Return the (count, acc) that the map of this root has for the key; (0, ACC_0) if it is proven absent.

    Raises InclusionError. The caller compares the result with accumulate_all() of the entries it was shown.
    """
    siblings, terminal = proof.siblings, proof.terminal
    if len(siblings) > KEY_BITS or any(len(one) != HASH_SIZE for one in (key, root, *siblings)):
        raise InclusionError("A map proof is too long or has a hash of the wrong length.")
    if siblings and siblings[-1] == EMPTY:
        raise InclusionError("A map proof goes deeper than its subtree.")  # one leaf is a subtree by itself
    bits = bits_of(key)
    node = EMPTY
    if terminal is not None:
        _check_leaf(terminal)
        if not bits_of(terminal.key).startswith(bits[: len(siblings)]):
            raise InclusionError("A map proof ends at a leaf that does not lie on the path of its key.")
        node = terminal.hash()
    for bit, sibling in zip(reversed(bits[: len(siblings)]), reversed(siblings), strict=True):
        node = mnode(node, sibling) if bit == "0" else mnode(sibling, node)
    if node != root:
        raise InclusionError("A map proof does not lead to the root of the map.")
    if terminal is None or terminal.key != key:
        return 0, ACC_0
    return terminal.count, terminal.acc


def bits_of(key: bytes) -> str:
    """Write a map key as its 256 binary digits; a prefix of it names a subtree."""
    return f"{int.from_bytes(key, 'big'):0{KEY_BITS}b}"


class NodeStore(Protocol):
    """Where the nodes of a map are kept, for example a table node(prefix text primary key, node bytea).

    A prefix is a string of 0 to 256 binary digits, the path from the root ("") to the node; a node is opaque
    bytes (64 for a branch, 72 for a leaf). Only subtrees that are not empty have a row, and a subtree with
    one leaf has one row: 2n rows at most for n keys, plus the few where two keys begin alike. Rows are added
    and replaced, never deleted.

    One PrefixMap.add() or update_many(), however many keys it is for, is one get_many() and one put_many():
    the paths of all keys are asked for together, changed in memory, and the changed nodes written together.
    (A second get_many() follows only where a path is longer than PROBE_BITS.) The store's caller holds the
    lock that keeps writers apart.
    """

    def get_many(self, prefixes: Collection[str]) -> Mapping[str, bytes]:
        """Return the nodes of those prefixes that have one: SELECT … WHERE prefix = ANY(…)."""

    def put_many(self, nodes: Mapping[str, bytes]) -> None:
        """Add or replace the nodes: INSERT … ON CONFLICT (prefix) DO UPDATE."""


class MemoryStore:
    """A NodeStore that lasts as long as the process: for auditors who replay a log, and for tests."""

    def __init__(self) -> None:
        self.nodes: dict[str, bytes] = {}

    def get_many(self, prefixes: Collection[str]) -> Mapping[str, bytes]:
        return {prefix: self.nodes[prefix] for prefix in prefixes if prefix in self.nodes}

    def put_many(self, nodes: Mapping[str, bytes]) -> None:
        self.nodes.update(nodes)


class PrefixMap:
    """The map over a store of nodes.

    Below the root every row is checked against the one above it. The root itself has nothing above it here:
    whoever keeps the store compares root() with the newest map head before adding.
    """

    def __init__(self, store: NodeStore | None = None) -> None:
        self._store = MemoryStore() if store is None else store

    def root(self) -> bytes:
        """Give the hash of the whole map."""
        top = self._store.get_many([""]).get("")
        return EMPTY if top is None else decode_node(top).hash()

    def get(self, key: bytes) -> tuple[int, bytes]:
        """Give (count, acc) of a key; (0, ACC_0) if the map does not have it."""
        leaf = _leaf_of(self._load([key]), key)
        return leaf.count, leaf.acc

    def add(self, entries: Iterable[tuple[bytes, int]]) -> bytes:
        """Count log entries: pairs (map key, index), in ascending order of indices. Return the new root."""
        entries = list(entries)
        nodes = self._load({key for key, _ in entries})
        leaves: dict[bytes, Leaf] = {}
        for key, index in entries:
            old = leaves.get(key) or _leaf_of(nodes, key)
            leaves[key] = Leaf(key, old.count + 1, accumulate(old.acc, index))
        return self._write(nodes, leaves.values())

    def update(self, key: bytes, count: int, acc: bytes) -> bytes:
        """Set what the map says about one key. Return the new root."""
        return self.update_many([Leaf(key, count, acc)])

    def update_many(self, leaves: Collection[Leaf]) -> bytes:
        """Set what the map says about several keys. Return the new root."""
        for leaf in leaves:
            _check_leaf(leaf)
        return self._write(self._load({leaf.key for leaf in leaves}), leaves)

    def prove(self, key: bytes) -> MapProof:
        """Prove what the map says about a key, or that it has nothing about it."""
        siblings, terminal = _walk(self._load([key]), bits_of(key))
        return MapProof(tuple(siblings), terminal)

    def prove_all(self, keys: Sequence[bytes]) -> list[MapProof]:
        """Prove many keys, reading the store a few times instead of once for each."""
        proofs = []
        for start in range(0, len(keys), KEYS_AT_ONCE):
            some = keys[start : start + KEYS_AT_ONCE]
            nodes = self._load(some)
            for key in some:
                siblings, terminal = _walk(nodes, bits_of(key))
                proofs.append(MapProof(tuple(siblings), terminal))
        return proofs

    def _load(self, keys: Collection[bytes]) -> dict[str, Node]:
        """Read the nodes on the paths of all keys."""
        paths = [bits_of(key) for key in keys]
        nodes = self._read({bits[:depth] for bits in paths for depth in range(PROBE_BITS + 1)})
        longer = [bits for bits in paths if isinstance(nodes.get(bits[:PROBE_BITS]), Branch)]
        if longer:
            rest = range(PROBE_BITS + 1, KEY_BITS + 1)
            nodes |= self._read({bits[:depth] for bits in longer for depth in rest})
        return nodes

    def _read(self, prefixes: Collection[str]) -> dict[str, Node]:
        return {prefix: decode_node(data) for prefix, data in self._store.get_many(prefixes).items()}

    def _write(self, nodes: dict[str, Node], leaves: Collection[Leaf]) -> bytes:
        """Put the leaves into the nodes that were read; write what this changed; return the root."""
        if not leaves:
            return self.root()
        changed: dict[str, Node] = {}
        for leaf in leaves:
            touched = _put(nodes, leaf)
            nodes |= touched
            changed |= touched
        self._store.put_many({prefix: encode_node(node) for prefix, node in changed.items()})
        return changed[""].hash()


def encode_node(node: Node) -> bytes:
    """Write a node for a store."""
    if isinstance(node, Branch):
        return node.left + node.right
    return node.key + node.count.to_bytes(8, "big") + node.acc


def decode_node(data: bytes) -> Node:
    """Read a node from a store; the two kinds differ in length."""
    if len(data) == 2 * HASH_SIZE:
        return Branch(data[:HASH_SIZE], data[HASH_SIZE:])
    if len(data) == 2 * HASH_SIZE + 8:
        count = int.from_bytes(data[HASH_SIZE : HASH_SIZE + 8], "big")
        return Leaf(data[:HASH_SIZE], count, data[HASH_SIZE + 8 :])
    raise MalformedError("A stored node of the map has an impossible length.")


def _leaf_of(nodes: Mapping[str, Node], key: bytes) -> Leaf:
    """Give what the map has for a key; a leaf with count 0, which is never stored, if it has nothing."""
    _, terminal = _walk(nodes, bits_of(key))
    return terminal if terminal is not None and terminal.key == key else Leaf(key, 0, ACC_0)


def _walk(nodes: Mapping[str, Node], bits: str) -> tuple[list[bytes], Leaf | None]:
    """Follow a path down to its end; return the siblings passed and the leaf there.

    Checks every hash on the way: a row that was changed or lost must not become part of a signed root.
    """
    siblings: list[bytes] = []
    node = nodes.get("")
    while isinstance(node, Branch) and len(siblings) < KEY_BITS:
        here, sibling = (node.left, node.right) if bits[len(siblings)] == "0" else (node.right, node.left)
        siblings.append(sibling)
        node = nodes.get(bits[: len(siblings)])
        if here != (EMPTY if node is None else node.hash()):
            raise MalformedError(f"The stored map is damaged below {bits[: len(siblings)]}.")
    if isinstance(node, Branch) or (node and not bits_of(node.key).startswith(bits[: len(siblings)])):
        raise MalformedError(f"The stored map is damaged at {bits[: len(siblings)]}.")
    return siblings, node


def _put(nodes: Mapping[str, Node], leaf: Leaf) -> dict[str, Node]:
    """Compute the nodes that change when a leaf is added or replaced, from the leaf up to the root."""
    bits = bits_of(leaf.key)
    siblings, resident = _walk(nodes, bits)
    changed: dict[str, Node] = {}
    if resident is not None and resident.key != leaf.key:  # both move down to where their paths part
        other = bits_of(resident.key)
        fork = next(depth for depth in range(KEY_BITS) if bits[depth] != other[depth])
        siblings += [EMPTY] * (fork - len(siblings)) + [resident.hash()]
        changed[other[: fork + 1]] = resident
    node: Node = leaf
    changed[bits[: len(siblings)]] = leaf
    for depth in reversed(range(len(siblings))):
        below, sibling = node.hash(), siblings[depth]
        node = Branch(below, sibling) if bits[depth] == "0" else Branch(sibling, below)
        changed[bits[:depth]] = node
    return changed


def _check_leaf(leaf: Leaf) -> None:
    if len(leaf.key) != HASH_SIZE or len(leaf.acc) != HASH_SIZE or not 1 <= leaf.count < MAX_SIZE:
        raise MalformedError("A leaf of the map has a hash of the wrong length or an impossible count.")
