"""Read the EXIF of a picture: every tag, camera, times, thumbnail and GPS, with exifread.

Loaded only inside the sandbox. It does not decode the picture, it does not read XMP, IPTC or C2PA (it names
them), and it does not judge whether the values are true: anyone can write EXIF.
"""

import hashlib
import logging
import struct
from collections.abc import Mapping
from typing import Any, BinaryIO

import exifread
from exifread.core.ifd_tag import IfdTag

from evidence.metadata.exif_block import Container, DamagedContainerError, UnknownContainerError, find
from evidence.metadata.gps import GpsFields, Rational, read_gps
from evidence.metadata.table import Table, failed, not_applicable

# What libmagic calls the formats that exif_block.py reads.
CONTENT_TYPES = [
    "image/jpeg",
    "image/tiff",
    "image/png",
    "image/webp",
    "image/heic",
    "image/heif",
    "image/heic-sequence",
    "image/heif-",
    "sequence",
    "image/avif",
    "image/jxl",
    "image/x-fuji-raf",
    "image/x-canon-cr2",
    "image/x-nikon-nef",
    "image/x-sony-arw",
    "image/x-adobe-dng",
    "image/x-olympus-orf",
    "image/x-panasonic-rw2",
]
RATIONAL_TYPES = (5, 10)
THUMBNAILS = {"JPEGThumbnail": "JPEG", "TIFFThumbnail": "TIFF"}
# A GPS field has three fractions at most.
MAX_RATIONALS = 8


class Complaints(logging.Handler):
    """Count what exifread logs instead of raising."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.count = 0

    def emit(self, record: logging.LogRecord) -> None:
        self.count += 1


def read(file: BinaryIO, arguments: dict[str, Any], output: BinaryIO) -> dict[str, Any]:
    """Answer with the EXIF table of the first block, and name what is not shown."""
    try:
        container = find(file)
    except UnknownContainerError as problem:
        if arguments["content_type"] in CONTENT_TYPES:
            return failed(f"The picture is damaged or of an unknown variant: {problem}.")
        return not_applicable(
            "EXIF is read from JPEG, TIFF, PNG, WebP, HEIF, JPEG XL and some raw formats only."
        )
    except DamagedContainerError as problem:
        return failed(f"The picture is damaged: {problem}.")
    table = Table()
    if container.damage:
        table.remark(f"The picture is damaged: {container.damage}.")
    if container.also:
        table.remark(f"The file also holds {', '.join(container.also)}, which is not read here.")
    if not container.blocks:
        return table.answer(empty=f"The {container.kind} file holds no EXIF.")
    if len(container.blocks) > 1:
        table.remark(f"The file holds {len(container.blocks)} EXIF blocks; only the first is shown.")
    complaints = Complaints()
    logger = logging.getLogger("exifread")
    logger.handlers = [complaints]
    tags = _tags(container, table)
    if not tags:
        return failed("The EXIF block is damaged: it holds no tag that can be read.")
    _fill(table, container, tags)
    if complaints.count:
        table.remark(
            f"{complaints.count} parts of the EXIF block are damaged and were read as far as possible."
        )
    return table.answer(empty="The EXIF block is empty.")


def _tags(container: Container, table: Table) -> Mapping[str, Any]:
    """All tags; without the maker's own notes where those break the reader."""
    block = container.blocks[0]
    try:
        return exifread.process_file(block, details=True)
    except Exception:  # noqa: BLE001 - exifread raises anything on a damaged maker note; the rest may be sound
        table.remark("The maker's own notes are damaged and were not read.")
        return exifread.process_file(block, details=False, extract_thumbnail=False)


def _fill(table: Table, container: Container, tags: Mapping[str, Any]) -> None:
    table.put("container", container.kind)
    for name, tag in (
        ("camera.make", "Image Make"),
        ("camera.model", "Image Model"),
        ("camera.serial", "EXIF BodySerialNumber"),
        ("software", "Image Software"),
    ):
        if tag in tags:
            table.put(name, _text(tags[tag]))
    _times(table, tags)
    _thumbnail(table, tags)
    gps = read_gps(_gps_fields(container.blocks[0], tags))
    table.put_all("", gps.values)
    for warning in gps.warnings:
        table.remark(warning)
    for name, tag in tags.items():
        if isinstance(tag, IfdTag):
            table.put(f"exif.{name}", _text(tag))


def _times(table: Table, tags: Mapping[str, Any]) -> None:
    """The camera's clock as it wrote it: EXIF has no zone unless an offset stands beside it."""
    for name, tag, suffix in (
        ("time.taken", "EXIF DateTimeOriginal", "Original"),
        ("time.digitized", "EXIF DateTimeDigitized", "Digitized"),
        ("time.changed", "Image DateTime", ""),
    ):
        if tag not in tags:
            continue
        zone = tags.get(f"EXIF OffsetTime{suffix}")
        table.put(name, _text(tags[tag]))
        table.put(f"{name}.zone", _text(zone) if zone else "not recorded")


def _thumbnail(table: Table, tags: Mapping[str, Any]) -> None:
    """A thumbnail may show what was cut out of the picture later, so its digest is kept."""
    for key, kind in THUMBNAILS.items():
        data = tags.get(key)
        if isinstance(data, bytes) and data:
            table.put("thumbnail", f"present, {kind}")
            table.put("thumbnail.bytes", len(data))
            table.put("thumbnail.sha256", hashlib.sha256(data).hexdigest())
            return
    table.put("thumbnail", "none")


def _gps_fields(block: BinaryIO, tags: Mapping[str, Any]) -> GpsFields:
    def fractions(name: str) -> tuple[Rational, ...] | None:
        tag = tags.get(f"GPS {name}")
        return _rationals(block, tag) if tag is not None else None

    def text(name: str) -> str | None:
        tag = tags.get(f"GPS {name}")
        return _text(tag) if tag is not None else None

    reference = tags.get("GPS GPSAltitudeRef")
    known = reference is not None and bool(reference.values) and isinstance(reference.values[0], int)
    return GpsFields(
        latitude=fractions("GPSLatitude"),
        latitude_ref=text("GPSLatitudeRef"),
        longitude=fractions("GPSLongitude"),
        longitude_ref=text("GPSLongitudeRef"),
        altitude=fractions("GPSAltitude"),
        altitude_ref=reference.values[0] if reference is not None and known else None,
        datum=text("GPSMapDatum"),
        date_stamp=text("GPSDate"),
        time_stamp=fractions("GPSTimeStamp"),
    )


def _rationals(block: BinaryIO, tag: IfdTag) -> tuple[Rational, ...]:
    """Read the fractions from the block itself: exifread reduces them, and a report shows them as written."""
    if int(tag.field_type) not in RATIONAL_TYPES:
        return ()
    count = min(tag.field_length // 8, MAX_RATIONALS)
    block.seek(0)
    order = "<" if block.read(1) == b"I" else ">"
    pair = struct.Struct(order + ("ii" if int(tag.field_type) == 10 else "II"))
    block.seek(tag.field_offset)
    data = block.read(count * 8)
    return tuple((top, bottom) for top, bottom in pair.iter_unpack(data[: len(data) // 8 * 8]))


def _text(tag: IfdTag) -> str:
    """A tag as text: exifread's words where the standard has words, the values themselves where not."""
    values = tag.values
    if isinstance(values, bytes):
        return values.decode("latin-1").strip("\0 ")
    if isinstance(values, str):
        return values.strip("\0 ") if not tag.prefer_printable else str(tag.printable).strip("\0 ")
    if not values and tag.field_length:
        return f"{tag.field_length} bytes, not shown"
    if tag.tag == 0x927C:
        return f"{tag.field_length} bytes of the maker's own notes"
    if tag.prefer_printable and not _is_table_offset(tag):
        return str(tag.printable).strip("\0 ")
    return " ".join(str(value[0]) if isinstance(value, tuple) else str(value) for value in values)


def _is_table_offset(tag: IfdTag) -> bool:
    """Pointers to other tables print as nothing in exifread; their number is shown."""
    return tag.tag in (0x8769, 0x8825, 0xA005)
