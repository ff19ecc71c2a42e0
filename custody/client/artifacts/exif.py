"""Write the EXIF block of a photograph: camera, time, place and an embedded thumbnail.

Pillow writes the main directories but no thumbnail directory, and the thumbnail is the very thing a
redactor must not forget; so this file lays out the TIFF structure itself. It writes only; reading belongs
to the server.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

_ASCII, _SHORT, _LONG, _RATIONAL, _BYTE, _UNDEFINED = 2, 3, 4, 5, 1, 7

Value = tuple[int, int, bytes]  # TIFF type, count, encoded bytes


@dataclass(frozen=True)
class Shot:
    """What the camera notes about one photograph."""

    make: str
    model: str
    software: str
    taken: datetime
    latitude: float
    longitude: float
    exposure: tuple[int, int]
    iso: int
    artist: str = ""


def _text(value: str) -> Value:
    raw = value.encode("utf-8") + b"\0"
    return (_ASCII, len(raw), raw)


def _short(value: int) -> Value:
    return (_SHORT, 1, struct.pack(">H", value))


def _long(value: int) -> Value:
    return (_LONG, 1, struct.pack(">I", value))


def _rationals(values: Sequence[tuple[int, int]]) -> Value:
    return (_RATIONAL, len(values), b"".join(struct.pack(">II", *pair) for pair in values))


def _degrees(value: float) -> Value:
    seconds = round(abs(value) * 3600 * 100)
    whole, rest = divmod(seconds, 360000)
    minutes, hundredths = divmod(rest, 6000)
    return _rationals([(whole, 1), (minutes, 1), (hundredths, 100)])


def _directory(entries: dict[int, Value], *, at: int, following: int) -> bytes:
    """Lay out one image file directory that begins at offset `at` and names the directory after it."""
    data_at = at + 2 + 12 * len(entries) + 4
    table, data = b"", b""
    for tag in sorted(entries):
        kind, count, raw = entries[tag]
        if len(raw) <= 4:
            field = raw.ljust(4, b"\0")
        else:
            field = struct.pack(">I", data_at + len(data))
            data += raw + b"\0" * (len(raw) % 2)
        table += struct.pack(">HHI", tag, kind, count) + field
    return struct.pack(">H", len(entries)) + table + struct.pack(">I", following) + data


def _main_entries(shot: Shot, *, exif_at: int, gps_at: int) -> dict[int, Value]:
    entries = {
        0x010F: _text(shot.make),
        0x0110: _text(shot.model),
        0x0112: _short(1),
        0x011A: _rationals([(72, 1)]),
        0x011B: _rationals([(72, 1)]),
        0x0128: _short(2),
        0x0131: _text(shot.software),
        0x0132: _text(shot.taken.strftime("%Y:%m:%d %H:%M:%S")),
        0x8769: _long(exif_at),
        0x8825: _long(gps_at),
    }
    if shot.artist:
        entries[0x013B] = _text(shot.artist)
    return entries


def _exif_entries(shot: Shot, size: tuple[int, int]) -> dict[int, Value]:
    stamp = _text(shot.taken.strftime("%Y:%m:%d %H:%M:%S"))
    offset = _text(shot.taken.strftime("%z")[:3] + ":" + shot.taken.strftime("%z")[3:])
    return {
        0x829A: _rationals([shot.exposure]),
        0x829D: _rationals([(18, 10)]),
        0x8827: _short(shot.iso),
        0x9000: (_UNDEFINED, 4, b"0232"),
        0x9003: stamp,
        0x9004: stamp,
        0x9010: offset,
        0x9011: offset,
        0x920A: _rationals([(435, 100)]),
        0xA002: _long(size[0]),
        0xA003: _long(size[1]),
    }


def _gps_entries(shot: Shot) -> dict[int, Value]:
    taken = shot.taken
    return {
        0: (_BYTE, 4, b"\x02\x03\x00\x00"),
        1: _text("N" if shot.latitude >= 0 else "S"),
        2: _degrees(shot.latitude),
        3: _text("E" if shot.longitude >= 0 else "W"),
        4: _degrees(shot.longitude),
        7: _rationals([(taken.hour, 1), (taken.minute, 1), (taken.second, 1)]),
        29: _text(taken.strftime("%Y:%m:%d")),
    }


def block(shot: Shot, *, size: tuple[int, int], thumbnail: bytes) -> bytes:
    """Give the whole APP1 content: `Exif`, the four directories, the thumbnail."""

    def size_of(entries: dict[int, Value]) -> int:
        return len(_directory(entries, at=0, following=0))

    exif, gps = _exif_entries(shot, size), _gps_entries(shot)
    exif_at = 8 + size_of(_main_entries(shot, exif_at=0, gps_at=0))
    gps_at = exif_at + size_of(exif)
    second_at = gps_at + size_of(gps)

    def second(thumbnail_at: int) -> dict[int, Value]:
        return {0x0103: _short(6), 0x0201: _long(thumbnail_at), 0x0202: _long(len(thumbnail))}

    main = _main_entries(shot, exif_at=exif_at, gps_at=gps_at)
    return b"".join(
        (
            b"Exif\0\0MM\0\x2a\0\0\0\x08",
            _directory(main, at=8, following=second_at),
            _directory(exif, at=exif_at, following=0),
            _directory(gps, at=gps_at, following=0),
            _directory(second(second_at + size_of(second(0))), at=second_at, following=0),
            thumbnail,
        )
    )
