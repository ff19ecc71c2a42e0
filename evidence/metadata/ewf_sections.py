"""Follow the sections of an EWF file (E01, L01, S01) from its header to its end.

Loaded only inside the sandbox. Every descriptor is checked against its own checksum, and no pointer is followed
backwards or out of the file, so a loop ends here. Written after the published description of the Expert Witness
Compression Format; version 2 (Ex01) is another format and is not read.
"""

import zlib
from bisect import bisect_right
from dataclasses import dataclass
from struct import Struct
from typing import BinaryIO

from evidence.metadata.verification import Verification

SIGNATURES = {b"EVF\x09\x0d\x0a\xff\x00": "EWF-E01", b"LVF\x09\x0d\x0a\xff\x00": "EWF-L01"}
# Signature, 1, segment number, 0.
FILE_HEADER = Struct("<8sBHH")
# Type, next section, size, padding, Adler-32 of what comes before.
DESCRIPTOR = Struct("<16sQQ40sI")
CHECKED = DESCRIPTOR.size - 4
LAST = ("done", "next")
# A terabyte in chunks of 32 KiB has some ten thousand sections.
MAX_SECTIONS = 200_000


@dataclass(frozen=True)
class Section:
    """One section: its type, where its descriptor begins, where its content begins and where it ends (bytes)."""

    name: str
    start: int
    end: int

    @property
    def content(self) -> int:
        return self.start + DESCRIPTOR.size


@dataclass(frozen=True)
class Segment:
    """One file of an image: format, number in its set, sections in order, and how it ends."""

    format: str
    number: int
    sections: list[Section]
    # "done": the last of the set; "next": others follow; "": it breaks off.
    ending: str

    def find(self, *names: str) -> list[Section]:
        return [section for section in self.sections if section.name in names]

    def end_of_region(self, place: int) -> int:
        """The end of the section that holds this byte, or the byte itself where none does."""
        found = bisect_right(self.sections, place, key=lambda section: section.start) - 1
        return max(self.sections[found].end, place) if found >= 0 else place


def is_ewf(file: BinaryIO) -> bool:
    """Whether the file begins like one, or has a valid first section behind a damaged beginning."""
    file.seek(0)
    head = file.read(FILE_HEADER.size + DESCRIPTOR.size)
    return head[:8] in SIGNATURES or _descriptor(head[FILE_HEADER.size :]) is not None


def follow(file: BinaryIO, size: int, verification: Verification) -> Segment:
    """Read header and all descriptors; what contradicts itself is marked as damage."""
    file.seek(0)
    head = file.read(FILE_HEADER.size)
    signature, one, number, zero = FILE_HEADER.unpack(head.ljust(FILE_HEADER.size, b"\0"))
    if signature not in SIGNATURES or one != 1 or zero != 0:
        verification.damaged("The file's first 13 bytes are not those of an EWF file.")
    sections, ending = _chain(file, size, verification)
    return Segment(SIGNATURES.get(signature, "EWF"), number, sections, ending)


def _chain(file: BinaryIO, size: int, verification: Verification) -> tuple[list[Section], str]:
    sections: list[Section] = []
    place = FILE_HEADER.size
    while len(sections) < MAX_SECTIONS:
        verification.clock.check()
        if place + DESCRIPTOR.size > size:
            verification.damaged(
                f"The file ends at byte {size}, before the section that belongs at byte {place}."
            )
            return sections, ""
        file.seek(place)
        raw = file.read(DESCRIPTOR.size)
        name, following, length = _fields(raw)
        intact = _descriptor(raw) is not None
        if not intact:
            verification.damaged(f"The section descriptor at byte {place} does not match its checksum.")
        if (intact and name in LAST) or (not intact and place + DESCRIPTOR.size == size):
            _check_end(place, size, verification)
            return [*sections, Section(name, place, size)], name if intact else ""
        end = following if intact else _best_end(file, size, place, (following, length + place))
        if end <= place or end > size:
            where = "back" if end <= place else f"to byte {end}, beyond the end of the file at byte {size}"
            verification.damaged(f"The section {shown(name)} at byte {place} points {where}.")
            end = size
        sections.append(Section(name, place, end))
        if end == size:
            verification.not_read(f"What follows the section {shown(name)} at byte {place} was not found.")
            return sections, ""
        place = end
    verification.damaged(f"The file has more than {MAX_SECTIONS} sections; the rest was not followed.")
    return sections, ""


def _best_end(file: BinaryIO, size: int, place: int, candidates: tuple[int, int]) -> int:
    """Of the two ways in which a damaged descriptor tells the next section, the one that leads to a valid one."""
    for candidate in candidates:
        if place < candidate <= size - DESCRIPTOR.size:
            file.seek(candidate)
            if _descriptor(file.read(DESCRIPTOR.size)) is not None:
                return candidate
    return 0


def _check_end(place: int, size: int, verification: Verification) -> None:
    rest = size - place - DESCRIPTOR.size
    if rest:
        verification.damaged(f"{rest} bytes follow the last section; they belong to nothing.")


def _descriptor(raw: bytes) -> bytes | None:
    """The descriptor if it is whole and matches its checksum."""
    if len(raw) < DESCRIPTOR.size or not raw[0]:
        return None
    checksum: int = DESCRIPTOR.unpack(raw)[4]
    return raw if zlib.adler32(raw[:CHECKED]) == checksum else None


def _fields(raw: bytes) -> tuple[str, int, int]:
    kind, following, length, _, _ = DESCRIPTOR.unpack(raw)
    return kind.split(b"\0")[0].decode("ascii", "replace"), following, length


def shown(name: str) -> str:
    return name if name.isascii() and name.isprintable() and name else "of unreadable type"
