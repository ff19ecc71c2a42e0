"""Open an AFF4 volume: a zip with a description in Turtle; check every member's checksum and its two headers.

Loaded only inside the sandbox. Members are found by their names, in the spellings that AFF4 writers use.
"""

import zipfile
import zlib
from collections.abc import Iterator
from struct import Struct
from typing import BinaryIO
from urllib.parse import unquote

from evidence.metadata.turtle import Graph, Term, TurtleError, parse
from evidence.metadata.verification import Verification
from evidence.metadata.zip_list import DamagedZipError, read_member

DESCRIPTION = "information.turtle"
VERSION = "version.txt"
CONTAINER = "container.description"
SCHEMA = "http://aff4.org/Schema#"
# A logical image of a hundred thousand files takes some ten MiB.
MAX_DESCRIPTION = 64 * 1024 * 1024
MAX_SMALL = 64 * 1024
STEP = 1024 * 1024
# Zip local header (APPNOTE 4.3.7).
LOCAL = Struct("<4sHHHHHIIIHH")
LOCAL_MARK = b"PK\x03\x04"
SIZES_FOLLOW = 0x8
ELSEWHERE = 0xFFFFFFFF


class Volume:
    """The members of one AFF4 zip by name, and what its description states."""

    def __init__(self, file: BinaryIO, archive: zipfile.ZipFile, name: str, graph: Graph) -> None:
        self.name = name
        self.graph = graph
        self._file = file
        self._archive = archive
        self._members = {_plain(info.filename): info for info in archive.infolist()}

    def has(self, urn: str) -> bool:
        return self._key(urn) in self._members

    def small(self, urn: str, most: int) -> bytes:
        """One member whole. Raises DamagedZipError, KeyError where there is none."""
        return read_member(self._archive, self._members[self._key(urn)].filename, most)

    def size(self, urn: str) -> int:
        return self._members[self._key(urn)].file_size

    def pieces(self, urn: str) -> "Pieces":
        return Pieces(self._archive, self._members[self._key(urn)])

    def at(self, urn: str, place: int, count: int) -> bytes:
        """Bytes out of the middle of a member that is stored as it is. Raises DamagedZipError."""
        info = self._members[self._key(urn)]
        if info.compress_type != zipfile.ZIP_STORED:
            raise DamagedZipError("a part of the data is packed twice, which is not read")
        if place < 0 or place + count > info.file_size:
            raise DamagedZipError("it lies outside of its part of the file")
        self._file.seek(_data_start(self._file, info) + place)
        return self._file.read(count)

    def values(self, subject: str, predicate: str) -> list[Term]:
        return self.graph.get(subject, {}).get(SCHEMA + predicate, [])

    def text(self, subject: str, predicate: str) -> str:
        return next((term.text for term in self.values(subject, predicate)), "")

    def number(self, subject: str, predicate: str) -> int:
        """A whole number that cannot be negative; -1 where there is none."""
        text = self.text(subject, predicate)
        return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else -1

    def _key(self, urn: str) -> str:
        return _plain(urn.removeprefix(self.name))


class Pieces:
    """A member unpacked piece by piece, its CRC-32 checked at its end."""

    def __init__(self, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> None:
        self._archive = archive
        self._info = info

    def __iter__(self) -> Iterator[bytes]:
        try:
            with self._archive.open(self._info) as member:
                while piece := member.read(STEP):
                    yield piece
        except RuntimeError as problem:
            raise DamagedZipError("it is encrypted or packed in an unknown way") from problem
        except (
            zipfile.BadZipFile,
            zlib.error,
            EOFError,
            OSError,
            ValueError,
            NotImplementedError,
        ) as problem:
            raise DamagedZipError("it cannot be unpacked or does not match its checksum") from problem


def is_volume(archive: zipfile.ZipFile) -> bool:
    """Whether the zip has one of the two parts that make it an AFF4 volume."""
    return not {DESCRIPTION, CONTAINER}.isdisjoint(archive.namelist())


def open_volume(file: BinaryIO, archive: zipfile.ZipFile, verification: Verification) -> Volume:
    """Check every part and read the description. Raises DamagedZipError, TurtleError."""
    names = set(archive.namelist())
    _check_members(file, archive, verification)
    if VERSION in names:
        _version(read_member(archive, VERSION, MAX_SMALL).decode("utf-8", "replace"), verification)
    if DESCRIPTION not in names or CONTAINER not in names:
        raise TurtleError(f"the part {DESCRIPTION if CONTAINER in names else CONTAINER} is missing")
    name = read_member(archive, CONTAINER, MAX_SMALL).decode("utf-8", "replace").strip("\0\r\n ")
    comment = archive.comment.decode("utf-8", "replace").strip("\0")
    if comment and comment != name:
        verification.damaged("The name of the volume in its description and at the end of the file differ.")
    graph = parse(read_member(archive, DESCRIPTION, MAX_DESCRIPTION).decode("utf-8", "replace"))
    return Volume(file, archive, name, graph)


def _version(text: str, verification: Verification) -> None:
    lines = dict(line.partition("=")[::2] for line in text.splitlines() if "=" in line)
    major, minor = lines.get("major", "?"), lines.get("minor", "?")
    verification.put("image.format", f"AFF4 {major}.{minor}")
    verification.put("acquisition.tool_version", lines.get("tool", ""))


def _check_members(file: BinaryIO, archive: zipfile.ZipFile, verification: Verification) -> None:
    """Read every member to its checksum; compare its own header with the directory."""
    seen: set[str] = set()
    for info in archive.infolist():
        verification.clock.check()
        if _plain(info.filename) in seen:
            verification.damaged(f"Two parts of the file have the name {info.filename}.")
        seen.add(_plain(info.filename))
        if not _headers_agree(file, info):
            verification.damaged(f"The header of {info.filename} and the directory contradict each other.")
        try:
            for _ in Pieces(archive, info):
                verification.clock.check()
        except DamagedZipError as problem:
            verification.damaged(f"The part {info.filename}: {problem}.")
        else:
            verification.matched()


def _headers_agree(file: BinaryIO, info: zipfile.ZipInfo) -> bool:
    raw = _local_header(file, info)
    if len(raw) < LOCAL.size:
        return False
    mark, version, flags, method, time, date, crc, packed, size, name_size, _ = LOCAL.unpack(raw)
    year, month, day, hour, minute, second = info.date_time
    if (date, time) != ((year - 1980) << 9 | month << 5 | day, hour << 11 | minute << 5 | second // 2):
        return False
    if (mark, version, flags, method) != (
        LOCAL_MARK,
        info.extract_version,
        info.flag_bits,
        info.compress_type,
    ):
        return False
    if file.read(name_size) != info.orig_filename.encode("utf-8" if flags & 0x800 else "cp437", "replace"):
        return False
    # Where the sizes follow the data, zero may stand here; ones where a longer field holds them.
    unknown = (0,) if flags & SIZES_FOLLOW else ()
    return (
        crc in (info.CRC, *unknown)
        and packed in (info.compress_size, ELSEWHERE, *unknown)
        and size in (info.file_size, ELSEWHERE, *unknown)
    )


def _local_header(file: BinaryIO, info: zipfile.ZipInfo) -> bytes:
    """The header before a member; nothing where the directory leads before the beginning of the file."""
    if info.header_offset < 0:
        return b""
    file.seek(info.header_offset)
    return file.read(LOCAL.size)


def _data_start(file: BinaryIO, info: zipfile.ZipInfo) -> int:
    raw = _local_header(file, info)
    if len(raw) < LOCAL.size:
        raise DamagedZipError("a part of the file has no header")
    name_size, extra_size = LOCAL.unpack(raw)[9:]
    return info.header_offset + LOCAL.size + int(name_size) + int(extra_size)


def _plain(name: str) -> str:
    """One spelling of a name: without percent signs and leading slashes."""
    return unquote(name).lstrip("/")
