"""Build small pictures with chosen EXIF, right or wrong in one place each. Used by the tests of image.py."""

import struct
from dataclasses import dataclass, field

ASCII, SHORT, LONG, RATIONAL, BYTE = 2, 3, 4, 5, 1
SIZES = {ASCII: 1, SHORT: 2, LONG: 4, RATIONAL: 8, BYTE: 1}

GPS_POINTER, EXIF_POINTER = 0x8825, 0x8769
THUMBNAIL = b"\xff\xd8\xff\xd9"


@dataclass(frozen=True)
class Entry:
    """One tag: number, type and raw values."""

    tag: int
    kind: int
    data: bytes


@dataclass(frozen=True)
class Exif:
    """The tables of one block; pointers between them are set when it is written."""

    main: tuple[Entry, ...] = ()
    detail: tuple[Entry, ...] = ()
    gps: tuple[Entry, ...] = ()
    thumbnail: bytes = field(default=b"")


def text(tag: int, value: str) -> Entry:
    return Entry(tag, ASCII, value.encode() + b"\0")


def fractions(tag: int, *pairs: tuple[int, int]) -> Entry:
    return Entry(tag, RATIONAL, b"".join(struct.pack(">II", *pair) for pair in pairs))


def tiff(exif: Exif) -> bytes:
    """Write the block, big-endian: header, main table, then the tables it points to."""
    main = list(exif.main)
    for pointer, table in ((EXIF_POINTER, exif.detail), (GPS_POINTER, exif.gps)):
        if table:
            main.append(Entry(pointer, LONG, bytes(4)))
    main.sort(key=lambda entry: entry.tag)
    start_of_rest = 8 + _size(main)
    places = {EXIF_POINTER: start_of_rest, GPS_POINTER: start_of_rest + _size(exif.detail)}
    after = places[GPS_POINTER] + _size(exif.gps)
    main = [
        Entry(entry.tag, LONG, struct.pack(">I", places[entry.tag])) if entry.tag in places else entry
        for entry in main
    ]
    out = b"MM\0*" + struct.pack(">I", 8)
    out += _table(main, 8, after if exif.thumbnail else 0)
    out += _table(exif.detail, places[EXIF_POINTER], 0) + _table(exif.gps, places[GPS_POINTER], 0)
    if exif.thumbnail:
        second = [Entry(0x0201, LONG, bytes(4)), Entry(0x0202, LONG, struct.pack(">I", len(exif.thumbnail)))]
        second[0] = Entry(0x0201, LONG, struct.pack(">I", after + _size(second)))
        out += _table(second, after, 0) + exif.thumbnail
    return out


def jpeg(*segments: tuple[int, bytes]) -> bytes:
    body = b"".join(struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data for marker, data in segments)
    return b"\xff\xd8" + body + b"\xff\xda\x00\x02\x11\x22\xff\xd9"


def app1(exif: Exif) -> tuple[int, bytes]:
    return 0xE1, b"Exif\0\0" + tiff(exif)


def _size(table: tuple[Entry, ...] | list[Entry]) -> int:
    if not table:
        return 0
    return 6 + 12 * len(table) + sum(len(entry.data) for entry in table if len(entry.data) > 4)


def _table(table: tuple[Entry, ...] | list[Entry], place: int, following: int) -> bytes:
    if not table:
        return b""
    values = place + 6 + 12 * len(table)
    head, rest = struct.pack(">H", len(table)), b""
    for entry in table:
        head += struct.pack(">HHI", entry.tag, entry.kind, len(entry.data) // SIZES[entry.kind])
        if len(entry.data) > 4:
            head += struct.pack(">I", values + len(rest))
            rest += entry.data
        else:
            head += entry.data.ljust(4, b"\0")
    return head + struct.pack(">I", following) + rest
