"""Verify every chunk of an EWF segment against its own checksum, and give out what they hold, in order.

Loaded only inside the sandbox. The tables say where chunks begin; each chunk ends where the next begins, or
with its section. A chunk is a zlib stream or plain bytes with an Adler-32 behind them.
"""

import sys
import zlib
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from struct import Struct
from typing import BinaryIO, NamedTuple

from evidence.metadata.deflate import DeflateError, unpack
from evidence.metadata.ewf_acquisition import Geometry, is_smart
from evidence.metadata.ewf_sections import Section, Segment
from evidence.metadata.verification import Runs, Verification, shortened

# Entry count, base offset, Adler-32 of the first twenty bytes.
TABLE = Struct("<I4xQ4xI")
PACKED = 0x8000_0000
# Tools write up to 65,534 entries a table.
MAX_ENTRIES = 4_000_000
# EWF allows 32,768 sectors of 512 bytes; more would only serve to fill memory.
MAX_CHUNK = 64 * 1024 * 1024
CHECKSUM = 4
# A packed chunk is hardly longer than a plain one.
SLACK = 64 * 1024
TOLD = 3


class Place(NamedTuple):
    """Where one chunk lies: first byte, byte behind its last, packed or plain."""

    start: int
    end: int
    packed: bool


@dataclass
class Tally:
    """How the chunks of a segment fared."""

    damaged: Runs
    listed: int = 0
    read: int = 0
    octets: int = 0
    # Every chunk could be unpacked, and none contradicts its checksum.
    whole: bool = True


class ChunkError(ValueError):
    """A chunk that cannot be read; the words say why."""


def verify(
    file: BinaryIO, segment: Segment, geometry: Geometry | None, verification: Verification, tally: Tally
) -> Iterator[bytes]:
    """Yield the content of each chunk that can be read; count and mark the others in the tally."""
    if geometry is not None and not 0 < geometry.chunk_size <= MAX_CHUNK:
        verification.damaged(f"A chunk of {geometry.chunk_size} bytes is not possible; no chunk was read.")
        tally.whole = False
        return
    last_end = 0
    for place in _places(file, segment, verification):
        verification.clock.check()
        number = tally.listed
        tally.listed += 1
        try:
            if place.start < last_end:
                raise ChunkError("it lies where the chunk before it lies")
            last_end = place.end
            content = _content(file, place, _expected(number, segment, geometry))
        except (ChunkError, DeflateError) as problem:
            tally.whole = False
            _mark(number, problem, verification, tally)
            continue
        tally.read += 1
        tally.octets += len(content)
        verification.matched()
        yield content


def report(segment: Segment, geometry: Geometry | None, verification: Verification, tally: Tally) -> None:
    """Put the counts, and say what is missing."""
    of_whole = "" if segment.number == 1 else ".in_this_segment"
    verification.put(f"chunks.listed{of_whole}", tally.listed)
    verification.put(f"chunks.sound{of_whole}", tally.read)
    if tally.damaged.count:
        verification.put(f"chunks.damaged{of_whole}", tally.damaged.count)
        verification.put(f"chunks.damaged.first{of_whole}", tally.damaged.first)
        verification.put(f"chunks.damaged.list{of_whole}", shortened(tally.damaged.words()))
    if tally.damaged.count > TOLD:
        verification.table.remark(
            f"{tally.damaged.count} chunks are damaged; the first is chunk {tally.damaged.first}, counted from 0."
        )
    if geometry is None or segment.number != 1:
        return
    missing = geometry.chunks - tally.listed
    if missing > 0 and segment.ending != "next":
        verification.damaged(
            f"{missing} of {geometry.chunks} chunks are missing: the image lists chunks 0 to {tally.listed - 1}."
            if tally.listed
            else f"All {geometry.chunks} chunks are missing: no table lists them."
        )
        tally.whole = False
    if missing < 0:
        verification.damaged(f"The tables list {-missing} chunks more than the medium has.")
        tally.whole = False


def _mark(number: int, problem: Exception, verification: Verification, tally: Tally) -> None:
    tally.damaged.add(number)
    if tally.damaged.count <= TOLD:
        verification.damaged(f"Chunk {number} (counted from 0) is damaged: {problem}.")
    else:
        verification.count_damage()


def _expected(number: int, segment: Segment, geometry: Geometry | None) -> int | None:
    """The size of a chunk; None where this segment does not tell which chunk of the medium it is."""
    if geometry is None or segment.number != 1:
        return None
    return min(geometry.chunk_size, max(geometry.media_size - number * geometry.chunk_size, 0))


def _content(file: BinaryIO, place: Place, expected: int | None) -> bytes:
    most = MAX_CHUNK if expected is None else expected
    length = place.end - place.start
    if length <= 0:
        raise ChunkError("it lies outside of the file or behind the chunk that follows it")
    if length > most + SLACK:
        raise ChunkError(f"it takes {length} bytes, more than a chunk can")
    file.seek(place.start)
    data = file.read(length)
    if len(data) != length:
        raise ChunkError("the file ends within it")
    content = unpack(data, most) if place.packed else _plain(data)
    if expected is not None and len(content) != expected:
        raise ChunkError(f"it holds {len(content)} bytes instead of {expected}")
    return content


def _plain(data: bytes) -> bytes:
    content = data[:-CHECKSUM]
    if zlib.adler32(content) != int.from_bytes(data[-CHECKSUM:], "little"):
        raise ChunkError("it does not match its checksum")
    return content


def _places(file: BinaryIO, segment: Segment, verification: Verification) -> Iterator[Place]:
    """The chunks of all tables, in order; each table has a copy that stands in where it is damaged."""
    for table, copy in _pairs(segment):
        entries = _entries(file, table, segment, verification) if table else None
        second = _entries(file, copy, segment, verification) if copy else None
        if entries and second and (entries.base, entries.offsets) != (second.base, second.offsets):
            verification.damaged(f"The table at byte {table.start if table else 0} and its copy differ.")
        best = entries or second
        if best is not None:
            yield from _decoded(best, segment)


def _pairs(segment: Segment) -> Iterator[tuple[Section | None, Section | None]]:
    """A table and the copy that directly follows it; either can be lost."""
    tables: list[tuple[Section | None, Section | None]] = []
    for section in segment.find("table", "table2", "sectors"):
        if section.name == "table2" and tables and tables[-1][0] is not None and tables[-1][1] is None:
            tables[-1] = (tables[-1][0], section)
        elif section.name == "table2":
            tables.append((None, section))
        elif section.name == "table":
            tables.append((section, None))
    return iter(tables)


class _Table(NamedTuple):
    base: int
    offsets: "array[int]"


def _entries(file: BinaryIO, section: Section, segment: Segment, verification: Verification) -> _Table | None:
    """Read one table; None where it is damaged, which is marked."""
    footer = 0 if is_smart(segment) else CHECKSUM
    where = f"The {section.name} at byte {section.start}"
    room = section.end - section.content
    file.seek(section.content)
    head = file.read(min(TABLE.size, max(room, 0)))
    if len(head) < TABLE.size or zlib.adler32(head[:-4]) != TABLE.unpack(head)[2]:
        verification.damaged(f"{where} does not match its checksum.")
        return None
    count, base, _ = TABLE.unpack(head)
    if count > MAX_ENTRIES or TABLE.size + 4 * count + footer > room:
        verification.damaged(f"{where} announces {count} chunks and has no room for so many.")
        return None
    raw = file.read(4 * count)
    offsets = array("I")
    offsets.frombytes(raw)
    if sys.byteorder == "big":
        offsets.byteswap()
    if footer and zlib.adler32(raw) != int.from_bytes(file.read(footer), "little"):
        verification.damaged(f"{where} does not match the checksum of its entries.")
        return None
    return _Table(base, offsets)


def _decoded(table: _Table, segment: Segment) -> Iterator[Place]:
    """Turn entries into places. Beyond 2 GiB EnCase 6.7 and later use the bit of "packed" for the offset."""
    beyond = False
    for entry, following in zip_longest(table.offsets, table.offsets[1:]):
        offset = entry if beyond else entry & ~PACKED
        start = table.base + offset
        if following is None:
            end = segment.end_of_region(start)
        else:
            end = table.base + (following if beyond else following & ~PACKED)
            if end < start:
                end = table.base + following
        packed = not beyond and bool(entry & PACKED)
        if not beyond and offset + (end - start) > ~PACKED & 0xFFFF_FFFF:
            beyond = True
        yield Place(start, end, packed)
