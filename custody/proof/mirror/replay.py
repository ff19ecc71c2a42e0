"""Recompute a log from its entries: the Merkle root, and every map root that the log has signed.

Trusts the policy and nothing else: each entry must be readable and of this log, each map head must count exactly
the entries before it and bear the log's signature. Who signed the records, and whether custody was passed on by
the rules, is the offline verifier's to judge, not a witness's. Stores nothing (archive.py), signs nothing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from .. import digests, envelope, records
from ..envelope import Envelope, verify_signatures
from ..erasure import read_erased
from ..errors import MalformedError, ProofError, SignatureError
from ..merkle import EMPTY_ROOT, Frontier
from ..policy import Policy
from ..prefix_map import PrefixMap, keys_of, mapkey
from ..records import MapHead, Record, RecordType
from ..tiles import MAX_LEVEL, TILE_HEIGHT
from .errors import RefusedError


@dataclass(frozen=True)
class Fetched:
    """One entry as a source shows it; without its bytes, which an order may have erased, its leaf hash."""

    data: bytes | None
    leaf: bytes


class Replay:
    """The log as its entries tell it, from the first one on. After a RefusedError it must not be used again."""

    def __init__(self, policy: Policy, origin: str) -> None:
        self._origin = origin
        self._genesis = policy.genesis
        self._log_keys = {key.keyid: key.spki for key in policy.log_keys(origin)}
        self._frontier = Frontier()
        self._map = PrefixMap()
        self._waiting: list[tuple[bytes, int]] = []  # counted in the map at the next map head
        # What each entry is about, by map keys: an order that erases it must say the same.
        self._about: list[tuple[bytes, ...]] = []
        self._ends_in_map_head = False
        # Hashes of full tiles, by level, as they are published; level 0 are the leaves.
        self.hashes: list[list[bytes]] = [[] for _ in range(MAX_LEVEL + 1)]
        self.erased: set[int] = set()

    @property
    def size(self) -> int:
        return self._frontier.size

    def root(self) -> bytes:
        """Give the root over all entries so far."""
        return self._frontier.root()

    def root_at(self, size: int) -> bytes:
        """Give the root that the log had at an earlier size."""
        if size == 0:
            return EMPTY_ROOT
        frontier = Frontier()
        for leaf in self.hashes[0][:size]:
            frontier.append(leaf)
        return frontier.root()

    def extend(self, fetched: Iterable[Fetched], ordered: Mapping[int, frozenset[bytes]]) -> None:
        """Take in the next entries; `ordered` is what orders() finds in them. Raises RefusedError."""
        for one in fetched:
            index = self.size
            leaf = one.leaf if one.data is None else digests.leaf_hash(one.data)
            if leaf != one.leaf:
                raise RefusedError(f"The bytes of entry {index} are not those of its leaf hash.")
            if index == 0 and self._genesis is not None and leaf != self._genesis:
                raise RefusedError(
                    "The log begins with another entry than the policy pins: it is another log."
                )
            self._ends_in_map_head = False
            if one.data is not None:
                self._take(index, one.data)
            elif index in ordered:
                self._count(index, tuple(sorted(ordered[index])))
            else:
                raise RefusedError(f"The log withholds entry {index}, and no order to erase it is shown.")
            for level, _, node in self._frontier.append(leaf):
                if level % TILE_HEIGHT == 0:
                    self.hashes[level // TILE_HEIGHT].append(node)

    def check_publishable(self) -> None:
        """Raise RefusedError unless the last entry is the map head over all before it."""
        if not self._ends_in_map_head:
            raise RefusedError(
                "The last entry of the log is not a map head, so what it holds is not all counted."
            )

    def _take(self, index: int, data: bytes) -> None:
        opened, statement = _parse(index, data)
        if statement.log != self._origin:
            raise RefusedError(f"Entry {index} is of another log, {statement.log}.")
        if isinstance(statement, MapHead):
            self._check_map_head(index, statement, opened)
            self._about.append(())
            return
        try:
            keys = keys_of(statement, index)
        except MalformedError as error:
            raise RefusedError(f"Entry {index}: {error}") from error
        if statement.type is RecordType.ERASURE:
            self._check_order(index, read_erased(statement.extra["erased"]))
        self._count(index, tuple(sorted({mapkey(ns, key) for ns, key in keys})))

    def _check_order(self, index: int, order: Mapping[int, frozenset[bytes]]) -> None:
        for erased, keys in order.items():
            if erased >= index or frozenset(self._about[erased]) != keys:
                raise RefusedError(
                    f"The order in entry {index} does not say truly what entry {erased} was about."
                )
        self.erased |= order.keys()

    def _check_map_head(self, index: int, head: MapHead, opened: Envelope) -> None:
        self._map.add(self._waiting)
        self._waiting = []
        if head.size != index:
            raise RefusedError(f"The map head in entry {index} states a size of {head.size}.")
        if head.root != self._map.root():
            raise RefusedError(
                f"The map head in entry {index} does not count the entries before it: the log has signed a map "
                "that hides, adds or moves one."
            )
        try:
            verify_signatures(opened, self._log_keys)
        except SignatureError as error:
            raise RefusedError(f"The map head in entry {index} is not signed by the log: {error}") from error
        self._ends_in_map_head = True

    def _count(self, index: int, keys: tuple[bytes, ...]) -> None:
        self._waiting += [(key, index) for key in keys]
        self._about.append(keys)


def orders(fetched: Iterable[Fetched]) -> dict[int, frozenset[bytes]]:
    """Collect, by entry, what the orders of erasure among these entries say it was about."""
    found: dict[int, frozenset[bytes]] = {}
    for one in fetched:
        if one.data is not None:
            _, statement = _parse(None, one.data)
            if isinstance(statement, Record) and statement.type is RecordType.ERASURE:
                found |= read_erased(statement.extra["erased"])
    return found


def _parse(index: int | None, data: bytes) -> tuple[Envelope, Record | MapHead]:
    try:
        opened = envelope.parse_entry(data)
        if opened.payload_type == records.MAP_HEAD_PAYLOAD_TYPE:
            return opened, records.parse_map_head(opened.payload)
        return opened, records.parse(opened.payload)
    except ProofError as error:
        where = "An entry" if index is None else f"Entry {index}"
        raise RefusedError(f"{where} cannot be read: {error}") from error
