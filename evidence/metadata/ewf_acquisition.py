"""Read what an EWF image says about itself: who acquired what, when, with which tool, and its stored digests.

Loaded only inside the sandbox. Names and notes can name anybody; they are values like those of every other
extractor and are sealed with them. Nothing here touches the data of the medium.
"""

import zlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from struct import Struct
from typing import BinaryIO
from uuid import UUID

from evidence.metadata.deflate import DeflateError, unpack
from evidence.metadata.ewf_sections import Section, Segment
from evidence.metadata.verification import Verification

# Texts of an examiner; EnCase allows some thousand characters each.
MAX_HEADER = 1024 * 1024
FIELDS = {
    "a": "description",
    "c": "case_number",
    "n": "evidence_number",
    "e": "examiner",
    "t": "notes",
    "av": "tool_version",
    "ov": "operating_system",
    "m": "time",
    "u": "system_time",
    "md": "model",
    "sn": "serial_number",
    "l": "label",
}
TIMES = ("m", "u")
MEDIA = {0: "removable disk", 1: "fixed disk", 3: "optical disc", 0x0E: "logical files", 0x10: "memory"}
LEVELS = {0: "none", 1: "fast", 2: "best"}
PHYSICAL = 0x02
# Chunk count, sectors per chunk, bytes per sector, sectors; then flags, compression level and set identifier.
VOLUME = Struct("<B3xIIIQ12xB15xB11x16s")
VOLUME_SIZE = 1052
# Chunk count, sectors per chunk, bytes per sector and sectors of the older and of the SMART form.
OLD_VOLUME = Struct("<4xIIII")
OLD_VOLUME_SIZE = 94
HASH = Struct("<16s16xI")
DIGEST = Struct("<16s20s40xI")
ERRORS_HEAD = Struct("<I512xI")
ERROR = Struct("<II")
MAX_ERRORS = 100_000
LISTED_ERRORS = 20
READ = (
    *("header", "header2", "volume", "disk", "data", "hash", "digest", "error2"),
    *("sectors", "table", "table2", "done", "next"),
)


@dataclass
class Geometry:
    """The medium as the image states it: chunks, sectors per chunk, bytes per sector, sectors."""

    chunks: int
    chunk_sectors: int
    sector_size: int
    sectors: int

    @property
    def chunk_size(self) -> int:
        return self.chunk_sectors * self.sector_size

    @property
    def media_size(self) -> int:
        return self.sectors * self.sector_size


@dataclass
class Acquisition:
    """What the sections beside the data say."""

    geometry: Geometry | None = None
    digests: dict[str, str] = field(default_factory=dict)


def read(file: BinaryIO, segment: Segment, verification: Verification) -> Acquisition:
    """Read all sections beside the data; each that is damaged is marked with its name and place."""
    acquisition = Acquisition()
    _headers(file, segment, verification)
    for section in segment.find("volume", "disk", "data"):
        _volume(_content(file, section, VOLUME_SIZE), section, acquisition, verification)
    for section in segment.find("hash", "digest"):
        _digests(_content(file, section, DIGEST.size), section, acquisition, verification)
    for section in segment.find("error2"):
        _errors(file, section, verification)
    others = sorted({section.name for section in segment.sections} - set(READ))
    if others:
        verification.not_read(f"Sections that are not read here: {', '.join(others[:20])}.")
    return acquisition


def is_smart(segment: Segment) -> bool:
    """Whether this is the older form, whose volume section is short and whose tables end without a checksum."""
    return any(one.end - one.content == OLD_VOLUME_SIZE for one in segment.find("volume"))


def _headers(file: BinaryIO, segment: Segment, verification: Verification) -> None:
    """Take the texts from the newer form where there is one; all copies are checked."""
    texts: dict[str, dict[str, str]] = {}
    for section in segment.find("header", "header2"):
        packed = _content(file, section, MAX_HEADER)
        try:
            fields = _fields(_text(unpack(packed, MAX_HEADER)))
        except DeflateError as problem:
            verification.damaged(f"The section {section.name} at byte {section.start}: {problem}.")
            continue
        verification.matched()
        if texts.setdefault(section.name, fields) != fields:
            verification.damaged(f"The copies of the section {section.name} differ.")
    found = texts.get("header2") or texts.get("header") or {}
    for key, name in FIELDS.items():
        value = found.get(key, "").strip()
        verification.put(f"acquisition.{name}", _time(value) if key in TIMES else value)
    if found.get("p", "0").strip() not in ("", "0"):
        verification.put("acquisition.password", "set; it guards the viewer only, the data are not encrypted")


def _text(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    return data.decode("utf-8", "replace")


def _fields(text: str) -> dict[str, str]:
    """The "main" category: a line of names, then a line of values, both divided by tabs."""
    lines = text.replace("\r\n", "\n").split("\n")
    if "main" not in lines or lines.index("main") + 2 >= len(lines):
        return {}
    place = lines.index("main")
    names, values = lines[place + 1].split("\t"), lines[place + 2].split("\t")
    return dict(zip(names, values, strict=False))


def _time(value: str) -> str:
    """Seconds since 1970 in the newer form; year to second of an unnamed clock in the older."""
    parts = value.split(" ")
    try:
        if len(parts) == 6:
            return datetime(*(int(part) for part in parts)).isoformat(" ") + ", local time"  # type: ignore[arg-type]
        return datetime.fromtimestamp(int(value), UTC).strftime("%Y-%m-%d %H:%M:%S UTC") if value else ""
    except (ValueError, OverflowError, OSError):
        return value


def _volume(data: bytes, section: Section, acquisition: Acquisition, verification: Verification) -> None:
    size = VOLUME_SIZE if len(data) >= VOLUME_SIZE else OLD_VOLUME_SIZE
    if not _intact(data[:size], size):
        verification.damaged(_broken(section))
        return
    verification.matched()
    if size == OLD_VOLUME_SIZE:
        geometry = Geometry(*OLD_VOLUME.unpack_from(data))
    else:
        media, chunks, per_chunk, sector, sectors, flags, level, identifier = VOLUME.unpack_from(data)
        geometry = Geometry(chunks, per_chunk, sector, sectors)
    if acquisition.geometry is not None:
        if acquisition.geometry != geometry:
            verification.damaged("The sections volume and data describe two different media.")
        return
    acquisition.geometry = geometry
    if size == VOLUME_SIZE:
        verification.put("media.type", MEDIA.get(media, f"type {media}"))
        verification.put("media.physical", "yes" if flags & PHYSICAL else "no")
        verification.put("image.compression", LEVELS.get(level, f"level {level}"))
        if any(identifier):
            verification.put("image.set_identifier", str(UUID(bytes_le=identifier)))


def _digests(data: bytes, section: Section, acquisition: Acquisition, verification: Verification) -> None:
    form = HASH if section.name == "hash" else DIGEST
    if not _intact(data[: form.size], form.size):
        verification.damaged(_broken(section))
        return
    verification.matched()
    *found, _ = form.unpack_from(data)
    for name, value in zip(("md5", "sha1"), found, strict=False):
        if any(value) and acquisition.digests.setdefault(name, value.hex()) != value.hex():
            verification.damaged(f"The sections hash and digest state two different {name.upper()} values.")


def _errors(file: BinaryIO, section: Section, verification: Verification) -> None:
    """Sectors that the acquiring tool could not read from the medium; the image holds zeros in their place."""
    data = _content(file, section, ERRORS_HEAD.size + MAX_ERRORS * ERROR.size + 4)
    if not _intact(data[: ERRORS_HEAD.size], ERRORS_HEAD.size):
        verification.damaged(_broken(section))
        return
    count = ERRORS_HEAD.unpack_from(data)[0]
    end = ERRORS_HEAD.size + count * ERROR.size
    if end > len(data):
        verification.damaged(f"The section error2 at byte {section.start} has no room for {count} entries.")
        return
    if len(data) >= end + 4 and not _intact(data[ERRORS_HEAD.size : end + 4], end + 4 - ERRORS_HEAD.size):
        verification.damaged(_broken(section))
    ranges = list(ERROR.iter_unpack(data[ERRORS_HEAD.size : end]))
    verification.put("media.read_errors", count)
    verification.put(
        "media.read_errors.first",
        ", ".join(f"sector {first} ({length})" for first, length in ranges[:LISTED_ERRORS]),
    )


def _content(file: BinaryIO, section: Section, most: int) -> bytes:
    file.seek(section.content)
    return file.read(min(most, max(section.end - section.content, 0)))


def _intact(data: bytes, size: int) -> bool:
    """Whether the last four bytes are the Adler-32 of those before."""
    return len(data) == size and zlib.adler32(data[:-4]) == int.from_bytes(data[-4:], "little")


def _broken(section: Section) -> str:
    return f"The section {section.name} at byte {section.start} does not match its checksum."
