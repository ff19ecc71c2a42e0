"""Put together the stream that an AFF4 map describes: ranges of image streams, and runs of one repeated byte.

Loaded only inside the sandbox. A map is some tens of bytes a range, so what it claims costs nothing to claim:
reading ends with the clock. Ranges in other volumes, or that the acquiring tool could not read, are counted.
"""

import re
from collections.abc import Callable, Iterator
from struct import Struct

from evidence.metadata.aff4_stream import ChunkError, ImageStream
from evidence.metadata.aff4_volume import SCHEMA, Volume
from evidence.metadata.verification import Verification

# Place in the map, length, place in the target, number of the target.
ENTRY = Struct("<QQQI")
MAX_ENTRIES = 1_000_000
MAX_TARGETS = 16 * 1024 * 1024
STEP = 1024 * 1024
SYMBOL = re.compile(re.escape(SCHEMA) + "SymbolicStream([0-9A-Fa-f]{2})")
UNKNOWN = {SCHEMA + "UnknownData": "unknown", SCHEMA + "UnreadableData": "unreadable"}


class MapError(ValueError):
    """The map contradicts itself; the words say how."""


class NotHereError(ValueError):
    """Part of the stream cannot be given, without any damage: it lies elsewhere or was never read."""


class Map:
    """The ranges of one map in order, gaps filled. Raises MapError, DamagedZipError, KeyError."""

    def __init__(self, volume: Volume, urn: str, streams: Callable[[str], ImageStream | None]) -> None:
        self.size = volume.number(urn, "size")
        if self.size < 0:
            raise MapError("its size is not stated")
        self._streams = streams
        raw = volume.small(f"{urn}/map", MAX_ENTRIES * ENTRY.size)
        if len(raw) % ENTRY.size:
            raise MapError("it ends within an entry")
        self.targets = volume.small(f"{urn}/idx", MAX_TARGETS).decode("utf-8", "replace").splitlines()
        self._gap = volume.text(urn, "mapGapDefaultStream") or SCHEMA + "Zero"
        self._entries = sorted(ENTRY.iter_unpack(raw))

    def ranges(self) -> Iterator[tuple[int, int, str]]:
        """Length, place in the target and target of each range, without gaps. Raises MapError."""
        place = 0
        for start, length, there, number in self._entries:
            if start < place:
                raise MapError(f"two ranges overlap at byte {start}")
            if start > place:
                yield start - place, place, self._gap
            if number >= len(self.targets):
                raise MapError(f"a range at byte {start} leads to target {number}, which is not listed")
            yield length, there, self.targets[number]
            place = start + length
        if place > self.size:
            raise MapError(f"its ranges end at byte {place}, behind its size of {self.size}")
        if place < self.size:
            yield self.size - place, place, self._gap

    def survey(self, verification: Verification, prefix: str) -> None:
        """Count what is not data. Raises MapError, and NotHereError where not all of it can be put together."""
        counts = dict.fromkeys(("data", "repeated", "unknown", "unreadable", "elsewhere"), 0)
        for length, _, target in self.ranges():
            counts[self._kind(target)] += length
        for kind, count in counts.items():
            if count or kind == "data":
                verification.put(f"{prefix}map.bytes.{kind}", count)
        missing = [kind for kind in ("unknown", "unreadable", "elsewhere") if counts[kind]]
        if missing:
            words = ", ".join(f"{counts[kind]} bytes are {kind}" for kind in missing)
            raise NotHereError(f"not all of it is here: {words}")

    def pieces(self, verification: Verification) -> Iterator[bytes | memoryview]:
        """The whole stream. Raises ChunkError, MapError, OutOfTimeError."""
        for length, there, target in self.ranges():
            byte = _repeated(target)
            if byte is None:
                stream = self._streams(target)
                if stream is None:
                    raise ChunkError("a stream that the map needs cannot be read")
                for piece in stream.read(there, there + length):
                    verification.clock.check()
                    yield piece
            else:
                yield from _run(byte, length, verification)

    def _kind(self, target: str) -> str:
        if target in UNKNOWN:
            return UNKNOWN[target]
        if _repeated(target) is not None:
            return "repeated"
        return "data" if self._streams(target) is not None else "elsewhere"


def _repeated(target: str) -> bytes | None:
    if target == SCHEMA + "Zero":
        return b"\0"
    found = SYMBOL.fullmatch(target)
    return bytes.fromhex(found[1]) if found else None


def _run(byte: bytes, length: int, verification: Verification) -> Iterator[memoryview]:
    block = memoryview(byte * min(length, STEP))
    while length > 0:
        verification.clock.check()
        yield block[: min(length, STEP)]
        length -= STEP
