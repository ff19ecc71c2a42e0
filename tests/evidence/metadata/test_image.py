"""EXIF is read from every container that carries it, and what is not read is named."""

import hashlib
import struct
import zlib

import pytest

from evidence.metadata.outcome import Outcome
from tests.evidence.metadata.answers import ask
from tests.evidence.metadata.exif_files import (
    BYTE,
    THUMBNAIL,
    Entry,
    Exif,
    app1,
    fractions,
    jpeg,
    text,
    tiff,
)

GPS = (
    text(1, "S"),
    fractions(2, (33, 1), (51, 1), (2504, 100)),
    text(3, "E"),
    fractions(4, (151, 1), (12, 1), (5540, 100)),
    Entry(5, BYTE, b"\x01"),
    fractions(6, (58, 10)),
    fractions(7, (10, 1), (20, 1), (30, 1)),
    text(18, "WGS-84"),
    text(29, "2024:02:29"),
)
FULL = Exif(
    main=(text(0x010F, "Acme"), text(0x0110, "Box 1"), text(0x0132, "2024:03:01 08:00:00")),
    detail=(text(0x9003, "2024:02:29 20:20:30"), text(0x9011, "+10:00"), text(0xA431, "SN-7")),
    gps=GPS,
    thumbnail=THUMBNAIL,
)


def png(*chunks: tuple[bytes, bytes]) -> bytes:
    out = b"\x89PNG\r\n\x1a\n"
    for kind, data in (*chunks, (b"IEND", b"")):
        out += struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    return out


def webp(*chunks: tuple[bytes, bytes]) -> bytes:
    body = b"WEBP" + b"".join(
        kind + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2) for kind, data in chunks
    )
    return b"RIFF" + struct.pack("<I", len(body)) + body


def box(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data) + 8) + kind + data


def heif(item: bytes, *, in_idat: bool = False) -> bytes:
    """A HEIF file with one Exif item, in the media data or in the idat box."""

    def meta(offset: int) -> bytes:
        entry = box(b"infe", bytes([2, 0, 0, 0]) + struct.pack(">HH", 1, 0) + b"Exif" + b"\0")
        names = box(b"iinf", bytes(4) + struct.pack(">H", 1) + entry)
        place = struct.pack(">HHHIHII", 1, 1 if in_idat else 0, 0, 0 if in_idat else offset, 1, 0, len(item))
        places = box(b"iloc", bytes([1, 0, 0, 0]) + bytes([0x44, 0x40]) + struct.pack(">H", 1) + place)
        return box(b"meta", bytes(4) + names + places + (box(b"idat", item) if in_idat else b""))

    begin = box(b"ftyp", b"heic" + bytes(4) + b"mif1heic")
    offset = len(begin) + len(meta(0)) + 8
    return begin + meta(offset) + box(b"mdat", b"" if in_idat else item)


def jpeg_xl(block: bytes) -> bytes:
    return (
        b"\0\0\0\x0cJXL \r\n\x87\n"
        + box(b"ftyp", b"jxl " + bytes(4) + b"jxl ")
        + box(b"Exif", bytes(4) + block)
    )


def raf(picture: bytes) -> bytes:
    return b"FUJIFILMCCD-RAW ".ljust(84, b"\0") + struct.pack(">II", 100, len(picture)) + bytes(8) + picture


ITEM = struct.pack(">I", 6) + b"Exif\0\0" + tiff(FULL)
CONTAINERS = {
    "JPEG": jpeg(app1(FULL)),
    "JPEG with other segments first": jpeg(
        (0xE0, b"JFIF\0" + bytes(9)), (0xEE, b"Adobe" + bytes(7)), app1(FULL)
    ),
    "JPEG with EXIF far behind": jpeg(*[(0xE2, bytes(60_000))] * 4, app1(FULL)),
    "TIFF": tiff(FULL),
    "PNG": png((b"IHDR", bytes(13)), (b"eXIf", tiff(FULL))),
    "WebP": webp((b"VP8X", bytes(10)), (b"EXIF", tiff(FULL))),
    "WebP with the prefix of JPEG": webp((b"VP8X", bytes(10)), (b"EXIF", b"Exif\0\0" + tiff(FULL))),
    "HEIF": heif(ITEM),
    "HEIF with the item in idat": heif(ITEM, in_idat=True),
    "HEIF without prefix": heif(bytes(4) + tiff(FULL)),
    "JPEG XL": jpeg_xl(tiff(FULL)),
    "RAF": raf(jpeg(app1(FULL))),
}


@pytest.mark.parametrize("name", CONTAINERS)
def test_the_same_exif_is_read_from_every_container(name: str) -> None:
    answer = ask("image", CONTAINERS[name])
    values = answer["values"]
    assert answer["outcome"] == Outcome.FOUND, answer["message"]
    assert values["container"] == name.split()[0] if not name.startswith("JPEG XL") else "JPEG XL"
    assert (values["camera.make"], values["camera.model"], values["camera.serial"]) == (
        "Acme",
        "Box 1",
        "SN-7",
    )
    assert (values["time.taken"], values["time.taken.zone"]) == ("2024:02:29 20:20:30", "+10:00")
    assert (values["time.changed"], values["time.changed.zone"]) == ("2024:03:01 08:00:00", "not recorded")
    assert (values["gps.latitude"], values["gps.longitude"]) == ("-33.8569556", "151.2153889")
    assert values["gps.latitude.original"] == "33/1 51/1 2504/100 S"
    assert values["gps.altitude_m"] == "-5.80"
    assert values["gps.time_utc"] == "2024-02-29T10:20:30Z"
    assert values["gps.datum"] == "WGS-84"
    assert values["thumbnail"] == "present, JPEG"
    assert values["thumbnail.bytes"] == len(THUMBNAIL)
    assert values["thumbnail.sha256"] == hashlib.sha256(THUMBNAIL).hexdigest()
    assert values["exif.GPS GPSMapDatum"] == "WGS-84"


def test_a_picture_without_exif_is_nothing() -> None:
    for name, picture in (("JPEG", jpeg()), ("PNG", png()), ("WebP", webp((b"VP8 ", b"")))):
        answer = ask("image", picture)
        assert answer["outcome"] == Outcome.NOTHING
        assert answer["message"] == f"The {name} file holds no EXIF."


def test_other_metadata_that_is_not_read_is_named() -> None:
    picture = jpeg(
        (0xE1, b"http://ns.adobe.com/xap/1.0/\0<x/>"),
        (0xED, b"Photoshop 3.0\0"),
        (0xEB, b"JP\0\1"),
        (0xE2, b"MPF\0"),
        (0xFE, b"by me"),
    )
    answer = ask("image", picture)
    assert answer["outcome"] == Outcome.NOTHING
    for name in ("XMP", "IPTC", "C2PA", "further pictures", "a comment"):
        assert name in answer["message"]


def test_a_second_exif_block_is_named() -> None:
    other = Exif(main=(text(0x010F, "Other"),))
    answer = ask("image", jpeg(app1(FULL), app1(other)))
    assert answer["values"]["camera.make"] == "Acme"
    assert "2 EXIF blocks; only the first is shown" in answer["message"]


def test_incomplete_gps_is_reported_in_words() -> None:
    answer = ask("image", jpeg(app1(Exif(main=FULL.main, gps=GPS[1:4]))))
    assert "gps.latitude" not in answer["values"]
    assert "GPS is incomplete: latitude has no N or S reference." in answer["message"]


def test_hostile_text_in_a_tag_is_made_visible_and_cut() -> None:
    exif = Exif(main=(text(0x010F, "Acme\x1b[2J\u202e"), text(0x010E, "x" * 50_000)))
    answer = ask("image", jpeg(app1(exif)))
    assert answer["values"]["camera.make"] == "Acme⟨U+001B⟩[2J⟨U+202E⟩"
    assert answer["values"]["exif.Image ImageDescription"].endswith("[cut, 50000 characters in all]")
    assert "1 long values are shown in part." in answer["message"]


def test_exif_before_the_damage_is_still_read() -> None:
    answer = ask("image", jpeg(app1(FULL))[:-8] + b"\x00\x00")
    assert answer["values"]["camera.make"] == "Acme"
    assert "The picture is damaged" in answer["message"]


@pytest.mark.parametrize(
    "picture",
    [
        b"\xff\xd8\xff",
        jpeg((0xE1, b"Exif\0\0")),
        jpeg((0xE1, b"Exif\0\0MM\0*" + b"\xff" * 40)),
        png((b"eXIf", b"no block")),
        png()[:-6],
        heif(ITEM)[:200],
        heif(b"\xff" * 40),
        jpeg_xl(b""),
        raf(b""),
    ],
)
def test_a_damaged_picture_is_a_failure_with_a_reason(picture: bytes) -> None:
    answer = ask("image", picture, "image/jpeg")
    assert answer["outcome"] == Outcome.FAILED
    assert "damaged" in answer["message"]


def test_a_table_that_points_to_itself_ends() -> None:
    block = b"MM\0*" + struct.pack(">IH", 8, 1) + struct.pack(">HHII", 0x8769, 4, 1, 8) + struct.pack(">I", 8)
    answer = ask("image", jpeg((0xE1, b"Exif\0\0" + block)))
    assert answer["outcome"] in (Outcome.FOUND, Outcome.FAILED)


def test_other_formats_are_not_applicable() -> None:
    for data in (b"GIF89a", b"BM", b"II is no TIFF", b"", b"\0\0\0\x18ftypisom"):
        assert ask("image", data)["outcome"] == Outcome.NOT_APPLICABLE


def test_what_its_type_calls_a_picture_and_is_none_is_a_failure() -> None:
    assert ask("image", b"II is no TIFF", "image/tiff")["outcome"] == Outcome.FAILED
