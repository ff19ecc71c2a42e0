"""Build EWF files byte by byte, so that a test can put a lie into any field of them."""

import hashlib
import struct
import zlib
from collections.abc import Sequence

SECTORS = 64
CHUNK = SECTORS * 512
E01 = b"EVF\x09\x0d\x0a\xff\x00"


def checked(data: bytes) -> bytes:
    return data + struct.pack("<I", zlib.adler32(data))


def descriptor(name: bytes, following: int, size: int) -> bytes:
    return checked(struct.pack("<16sQQ40x", name, following, size))


def volume(chunks: int, sectors: int, *, per_chunk: int = SECTORS, sector: int = 512) -> bytes:
    head = struct.pack("<B3xIIIQ", 1, chunks, per_chunk, sector, sectors)
    return checked(head.ljust(1048, b"\0"))


def header(**fields: str) -> bytes:
    names = {
        "c": "",
        "n": "",
        "a": "",
        "e": "",
        "t": "",
        "av": "7",
        "ov": "Linux",
        "m": "0",
        "u": "0",
        "p": "0",
    }
    values = {**names, **fields}
    text = "1\nmain\n" + "\t".join(values) + "\n" + "\t".join(values.values()) + "\n\n"
    return zlib.compress(text.encode("utf-16"))


def table(offsets: Sequence[int], *, base: int = 0, count: int | None = None) -> bytes:
    head = checked(struct.pack("<I4xQ4x", len(offsets) if count is None else count, base))
    entries = b"".join(struct.pack("<I", offset) for offset in offsets)
    return head + checked(entries)


def plain(content: bytes) -> bytes:
    return checked(content)


class File:
    """One file of an image, section by section."""

    def __init__(self, number: int = 1) -> None:
        self.data = bytearray(E01 + struct.pack("<BHH", 1, number, 0))

    def add(self, name: bytes, content: bytes = b"", *, following: int | None = None) -> int:
        """Add a section and give the place of its content."""
        start = len(self.data)
        end = start + 76 + len(content)
        self.data += descriptor(name, end if following is None else following, 76 + len(content)) + content
        return start + 76

    def add_chunks(self, chunks: Sequence[tuple[bytes, bool]], *, copy: bool = True) -> None:
        """Add chunks (stored bytes, packed or not) with their table."""
        place = self.add(b"sectors", b"".join(data for data, _ in chunks))
        offsets = []
        for data, packed in chunks:
            offsets.append(place | (0x8000_0000 if packed else 0))
            place += len(data)
        self.add(b"table", table(offsets))
        if copy:
            self.add(b"table2", table(offsets))

    def end(self, name: bytes = b"done") -> bytes:
        start = len(self.data)
        self.data += descriptor(name, start, 76)
        return bytes(self.data)


def image(content: bytes, *, packed: bool = True, **fields: str) -> bytes:
    """A whole image of one file over content, whose size is a multiple of 512 bytes."""
    pieces = [content[place : place + CHUNK] for place in range(0, len(content), CHUNK)]
    file = File()
    file.add(b"header2", header(**fields))
    file.add(b"volume", volume(len(pieces), len(content) // 512))
    file.add_chunks([(zlib.compress(one) if packed else plain(one), packed) for one in pieces])
    file.add(b"digest", digest(content))
    file.add(b"hash", checked(hashlib.md5(content).digest() + bytes(16)))
    return file.end()


def digest(content: bytes) -> bytes:
    return checked(hashlib.md5(content).digest() + hashlib.sha1(content).digest() + bytes(40))
