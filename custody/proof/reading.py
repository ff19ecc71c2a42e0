"""Step 1: read a bundle, its entries and their payloads strictly; nothing is proven here.

What comes out is typed and closed: every entry is a record, a map head, or withheld by order. Later steps
work on these values only and never on the bytes again.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

from . import bundle, digests, envelope, records
from .bundle import BundleParts, EntryPart, WithheldPart
from .envelope import Envelope
from .erasure import read_erased
from .errors import MalformedError
from .findings import Audit, FindingCode
from .prefix_map import Namespace, keys_of
from .records import MapHead, Record, RecordType

MapId: TypeAlias = tuple[Namespace, str]


@dataclass(frozen=True)
class RecordEntry:
    index: int
    leaf: bytes
    proof: tuple[bytes, ...]
    envelope: Envelope
    record: Record
    about: tuple[MapId, ...]  # the map keys it counts under


@dataclass(frozen=True)
class MapHeadEntry:
    index: int
    leaf: bytes
    proof: tuple[bytes, ...]
    envelope: Envelope
    head: MapHead


@dataclass(frozen=True)
class WithheldEntry:
    index: int
    leaf: bytes
    proof: tuple[bytes, ...]
    order: int  # index of the erasure record


LogEntry: TypeAlias = RecordEntry | MapHeadEntry | WithheldEntry


@dataclass(frozen=True)
class Reading:
    """A bundle that has passed step 1."""

    parts: BundleParts
    entries: tuple[LogEntry, ...]

    @cached_property
    def records(self) -> tuple[RecordEntry, ...]:
        return tuple(entry for entry in self.entries if isinstance(entry, RecordEntry))

    @cached_property
    def map_heads(self) -> tuple[MapHeadEntry, ...]:
        return tuple(entry for entry in self.entries if isinstance(entry, MapHeadEntry))

    @cached_property
    def withheld(self) -> tuple[WithheldEntry, ...]:
        return tuple(entry for entry in self.entries if isinstance(entry, WithheldEntry))

    @cached_property
    def at(self) -> dict[int, LogEntry]:
        """The entries by index."""
        return {entry.index: entry for entry in self.entries}

    @cached_property
    def about(self) -> dict[MapId, tuple[RecordEntry, ...]]:
        """The records by what they are about, in the order of the bundle."""
        found: dict[MapId, list[RecordEntry]] = {}
        for entry in self.records:
            for map_id in entry.about:
                found.setdefault(map_id, []).append(entry)
        return {map_id: tuple(entries) for map_id, entries in found.items()}

    @cached_property
    def ordered(self) -> dict[int, frozenset[bytes]]:
        """The withheld entries that an order names, by index, with the map keys it says they were about."""
        orders: dict[int, dict[int, frozenset[bytes]]] = {}
        found = {}
        for entry in self.withheld:
            by = self.at.get(entry.order)
            if not isinstance(by, RecordEntry) or by.record.type is not RecordType.ERASURE:
                continue
            if by.index not in orders:
                orders[by.index] = read_erased(by.record.extra["erased"])
            if by.index > entry.index and entry.index in orders[by.index]:
                found[entry.index] = orders[by.index][entry.index]
        return found

    @cached_property
    def erased_about(self) -> dict[bytes, list[int]]:
        """The withheld entries by the map keys that their orders say they were about."""
        found: dict[bytes, list[int]] = {}
        for index, keys in self.ordered.items():
            for key in keys:
                found.setdefault(key, []).append(index)
        return found


def read(data: bytes, audit: Audit) -> Reading | None:
    """Read the bundle; None if it, or any entry of it, is not in the format."""
    try:
        parts = bundle.parse(data)
    except MalformedError as error:
        audit.add(FindingCode.BUNDLE_MALFORMED, str(error))
        return None
    entries = []
    for part in parts.entries:
        try:
            entries.append(_entry(part))
        except MalformedError as error:
            audit.add(FindingCode.ENTRY_MALFORMED, str(error), index=part.index)
    if audit.failed(1):
        return None
    audit.passed(1, f"Bundle and entries ({len(entries)}) are written in the one form the format allows.")
    return Reading(parts, tuple(entries))


def _entry(part: EntryPart | WithheldPart) -> LogEntry:
    if isinstance(part, WithheldPart):
        return WithheldEntry(part.index, part.leaf, part.proof, part.order)
    opened = envelope.parse_entry(part.entry)
    leaf = digests.leaf_hash(part.entry)
    if opened.payload_type == records.MAP_HEAD_PAYLOAD_TYPE:
        head = records.parse_map_head(opened.payload)
        return MapHeadEntry(part.index, leaf, part.proof, opened, head)
    record = records.parse(opened.payload)
    about = tuple(keys_of(record, part.index))
    return RecordEntry(part.index, leaf, part.proof, opened, record, about)
