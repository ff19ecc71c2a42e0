"""Find the EXIF block inside a picture: JPEG, TIFF and TIFF-based raw, PNG, WebP, HEIF, JPEG XL, RAF.

It walks the container only and hands the block on as it is; what the block says is read by image.py. It names
other metadata it passes on the way (XMP, IPTC, C2PA, a second picture) so that nobody takes it for absent.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import BinaryIO

TIFF_MARKS = {
    b"II*\0": "TIFF",
    b"MM\0*": "TIFF",
    b"IIRO": "ORF",
    b"IIRS": "ORF",
    b"MMOR": "ORF",
    b"IIU\0": "RW2",
}
PICTURE_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"avif", b"avis")
JPEG_XL = b"\0\0\0\x0cJXL \r\n\x87\n"
PNG = b"\x89PNG\r\n\x1a\n"
# Real files have some dozens of segments, chunks, boxes or items; more only costs time.
MAX_PARTS = 20_000
# An APP1 segment holds 64 KiB; phones put up to some hundred KiB in a HEIC item.
MAX_BLOCK = 32 * 1024 * 1024


class UnknownContainerError(ValueError):
    """Not one of the picture formats this file reads."""


class DamagedContainerError(ValueError):
    """A picture whose structure cannot be followed."""


@dataclass(frozen=True)
class Container:
    """A picture's format, its EXIF blocks (each a TIFF structure) and the names of other metadata seen."""

    kind: str
    blocks: tuple[BinaryIO, ...]
    also: tuple[str, ...] = ()
    damage: str = ""


def find(file: BinaryIO) -> Container:
    """Return what the picture holds. Raises UnknownContainerError or DamagedContainerError."""
    file.seek(0)
    head = file.read(24)
    try:
        if head[:3] == b"\xff\xd8\xff":
            return _jpeg(file, "JPEG", 0)
        if head[:8] == PNG:
            return _png(file)
        if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
            return _webp(file)
        if head[4:8] == b"ftyp" and head[8:12] in PICTURE_BRANDS:
            return _heif(file)
        if head[:12] == JPEG_XL:
            return _jpeg_xl(file)
        if head[:15] == b"FUJIFILMCCD-RAW":
            file.seek(84)
            return _jpeg(file, "RAF", struct.unpack(">I", file.read(4))[0])
        if head[:4] in TIFF_MARKS:
            return Container(TIFF_MARKS[head[:4]], (file,))
    except (struct.error, IndexError, OverflowError) as problem:
        raise DamagedContainerError("its structure ends too early") from problem
    raise UnknownContainerError("it does not begin like a picture format that this reads")


def _jpeg(file: BinaryIO, kind: str, start: int) -> Container:
    """Walk the segments up to the picture data."""
    blocks: list[BinaryIO] = []
    also: list[str] = []
    position = start + 2
    for _ in range(MAX_PARTS):
        file.seek(position)
        marker = file.read(2)
        while marker == b"\xff\xff":
            # Fill bytes before a marker are allowed (ITU-T T.81, B.1.1.2).
            position += 1
            marker = b"\xff" + file.read(1)
        if len(marker) < 2:
            return _stopped(kind, blocks, also, "its segments end before the picture data")
        if marker[0] != 0xFF:
            return _stopped(kind, blocks, also, f"no segment begins at byte {position}")
        if marker[1] in (0xDA, 0xD9):
            return _container(kind, blocks, also)
        size = file.read(2)
        if len(size) < 2:
            return _stopped(kind, blocks, also, "its segments end before the picture data")
        length = int.from_bytes(size, "big")
        data = file.read(max(length - 2, 0))
        if marker[1] == 0xE1 and data[:4] == b"Exif":
            blocks.append(BytesIO(data[6:]))
        also += _named_segment(marker[1], data)
        position += 2 + max(length, 2)
    return _stopped(kind, blocks, also, f"it has more than {MAX_PARTS} segments")


def _container(kind: str, blocks: list[BinaryIO], also: list[str], damage: str = "") -> Container:
    return Container(kind, tuple(blocks), tuple(dict.fromkeys(also)), damage)


def _stopped(kind: str, blocks: list[BinaryIO], also: list[str], damage: str) -> Container:
    """A damaged picture still gives the EXIF that stood before the damage."""
    if not blocks:
        raise DamagedContainerError(damage)
    return _container(kind, blocks, also, damage)


def _named_segment(marker: int, data: bytes) -> list[str]:
    if marker == 0xE1 and data.startswith((b"http://ns.adobe.com/xap/", b"http://ns.adobe.com/xmp/")):
        return ["XMP"]
    if marker == 0xED and data.startswith(b"Photoshop 3.0"):
        return ["IPTC or Photoshop data"]
    if marker == 0xEB and data[:2] == b"JP":
        return ["C2PA or other JUMBF data"]
    if marker == 0xE2 and data[:4] == b"MPF\0":
        return ["further pictures (MPF)"]
    return ["a comment"] if marker == 0xFE else []


def _png(file: BinaryIO) -> Container:
    blocks: list[BinaryIO] = []
    also: list[str] = []
    position = 8
    for _ in range(MAX_PARTS):
        file.seek(position)
        head = file.read(8)
        if len(head) < 8:
            return _stopped("PNG", blocks, also, "its chunks end before IEND")
        length, kind = struct.unpack(">I4s", head)
        if kind == b"IEND":
            return _container("PNG", blocks, also)
        if kind == b"eXIf":
            blocks.append(_block(file.read(min(length, MAX_BLOCK))))
        if kind in (b"tEXt", b"zTXt", b"iTXt"):
            also.append("text chunks")
        if kind == b"caBX":
            also.append("C2PA or other JUMBF data")
        position += 12 + length
    return _stopped("PNG", blocks, also, f"it has more than {MAX_PARTS} chunks")


def _webp(file: BinaryIO) -> Container:
    blocks: list[BinaryIO] = []
    also: list[str] = []
    position = 12
    for _ in range(MAX_PARTS):
        file.seek(position)
        head = file.read(8)
        if len(head) < 8:
            return _container("WebP", blocks, also)
        kind, length = struct.unpack("<4sI", head)
        if kind == b"EXIF":
            blocks.append(_block(file.read(min(length, MAX_BLOCK))))
        if kind == b"XMP ":
            also.append("XMP")
        position += 8 + length + (length & 1)
    raise DamagedContainerError(f"it has more than {MAX_PARTS} chunks")


def _jpeg_xl(file: BinaryIO) -> Container:
    blocks: list[BinaryIO] = []
    also: list[str] = []
    for kind, start, end in _boxes(file, 0, _end(file)):
        if kind == b"Exif":
            blocks.append(_offset_block(_slice(file, start, end)))
        if kind in (b"xml ", b"jumb"):
            also.append("XMP" if kind == b"xml " else "C2PA or other JUMBF data")
        if kind == b"brob":
            also.append("compressed metadata")
    return _container("JPEG XL", blocks, also)


def _heif(file: BinaryIO) -> Container:
    """Read the item list of ISO/IEC 14496-12, 8.11: iinf names the items, iloc says where they lie."""
    end = _end(file)
    meta = next((part for part in _boxes(file, 0, end) if part[0] == b"meta"), None)
    if meta is None:
        return Container("HEIF", ())
    boxes = {kind: (start, stop) for kind, start, stop in _boxes(file, meta[1] + 4, meta[2])}
    items = _items(file, *boxes[b"iinf"]) if b"iinf" in boxes else {}
    also = ("XMP",) if b"mime" in items.values() else ()
    wanted = [number for number, kind in items.items() if kind == b"Exif"]
    if not wanted:
        return Container("HEIF", (), also)
    if b"iloc" not in boxes:
        raise DamagedContainerError("it names an EXIF item and does not say where it lies")
    places = _places(_slice(file, *boxes[b"iloc"]))
    blocks = []
    for number in wanted:
        method, extents = places.get(number, (0, []))
        first, last = boxes.get(b"idat", (0, 0)) if method == 1 else (0, end)
        if method > 1 or not extents or any(first + at + size > last for at, size in extents):
            raise DamagedContainerError("it names an EXIF item whose place is not in the file")
        data = b"".join(_slice(file, first + at, first + at + size) for at, size in extents)
        blocks.append(_offset_block(data))
    return Container("HEIF", tuple(blocks), also)


def _items(file: BinaryIO, start: int, end: int) -> dict[int, bytes]:
    """Item numbers and types from the iinf box."""
    file.seek(start)
    version = file.read(1)[0]
    first = start + (6 if version == 0 else 8)
    items = {}
    for kind, inner, stop in _boxes(file, first, end):
        data = _slice(file, inner, min(stop, inner + 16))
        if kind == b"infe" and data[0] >= 2:
            wide = data[0] >= 3
            number = struct.unpack_from(">I" if wide else ">H", data, 4)[0]
            items[number] = data[10:14] if wide else data[8:12]
    return items


def _places(data: bytes) -> dict[int, tuple[int, list[tuple[int, int]]]]:
    """Item numbers, construction methods and extents (offset, length) from the iloc box."""
    version = data[0]
    offset_size, length_size = data[4] >> 4, data[4] & 15
    base_size, index_size = data[5] >> 4, data[5] & 15 if version in (1, 2) else 0
    wide = 4 if version == 2 else 2
    position = 6

    def number(size: int) -> int:
        nonlocal position
        if position + size > len(data):
            raise DamagedContainerError("its table of item places ends too early")
        position += size
        return int.from_bytes(data[position - size : position], "big")

    places: dict[int, tuple[int, list[tuple[int, int]]]] = {}
    for _ in range(number(wide)):
        item = number(wide)
        method = number(2) & 15 if version in (1, 2) else 0
        number(2)
        base = number(base_size)
        extents = []
        for _ in range(number(2)):
            number(index_size)
            extents.append((base + number(offset_size), number(length_size)))
        places[item] = (method, extents)
    return places


def _boxes(file: BinaryIO, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Yield kind, first byte of content and end of each box."""
    for _ in range(MAX_PARTS):
        if start + 8 > end:
            return
        file.seek(start)
        size, kind = struct.unpack(">I4s", file.read(8))
        content = start + 8
        if size == 1:
            size = struct.unpack(">Q", file.read(8))[0]
            content += 8
        stop = end if size == 0 else start + size
        if stop < content or stop > end:
            raise DamagedContainerError(f"the box at byte {start} does not fit")
        yield kind, content, stop
        start = stop
    raise DamagedContainerError(f"it has more than {MAX_PARTS} boxes")


def _offset_block(data: bytes) -> BinaryIO:
    """A HEIF or JPEG XL item begins with the distance to the TIFF header."""
    distance = struct.unpack_from(">I", data)[0]
    return _block(data[4 + distance :])


def _block(data: bytes) -> BinaryIO:
    """Some writers keep the JPEG prefix in other containers."""
    data = data.removeprefix(b"Exif\0\0")
    if data[:4] not in TIFF_MARKS:
        raise DamagedContainerError("its EXIF block does not begin like one")
    return BytesIO(data)


def _slice(file: BinaryIO, start: int, end: int) -> bytes:
    if end - start > MAX_BLOCK:
        raise DamagedContainerError("a part of it is too large to be metadata")
    file.seek(start)
    return file.read(max(end - start, 0))


def _end(file: BinaryIO) -> int:
    return file.seek(0, 2)
