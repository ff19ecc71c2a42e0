"""Disk images of other tools: what they say of themselves, and that every chunk and digest of them holds."""

import hashlib
import json
import re
import struct
from array import array
from functools import cache
from typing import Any

import cramjam
import pytest

from evidence.metadata import ewf_chunks, extract
from evidence.metadata.ewf_sections import Section, Segment
from evidence.metadata.extract import OTHERS, examine
from evidence.metadata.outcome import Extraction, Outcome
from tests import corpus
from tests.evidence.metadata import aff4_files, ewf_files
from tests.evidence.metadata.answers import ask

CONTENT = b"".join(hashlib.sha256(str(n).encode()).digest() * 4 for n in range(2000))
# What ewfinfo calls a field, and what we call it.
FIELDS = {
    "Case number": "acquisition.case_number",
    "Description": "acquisition.description",
    "Examiner name": "acquisition.examiner",
    "Evidence number": "acquisition.evidence_number",
    "Notes": "acquisition.notes",
    "Operating system used": "acquisition.operating_system",
    "Software version used": "acquisition.tool_version",
    "Media type": "media.type",
    "Is physical": "media.physical",
    "Bytes per sector": "media.sector_size",
    "Number of sectors": "media.sectors",
    "Set identifier": "image.set_identifier",
    "MD5": "stored.md5",
}


@cache
def expected() -> dict[str, Any]:
    lines = corpus.path("oracle/forensic.jsonl").read_text().splitlines()
    return {entry["path"]: entry for entry in map(json.loads, lines)}


@cache
def examined(name: str) -> Extraction:
    path = corpus.path(name)
    with path.open("rb") as file:
        answers = examine(file, path.stat().st_size, filename=path.name)
    return next(answer for answer in answers if answer.extractor == "disk_image")


def test_the_oracle_speaks_of_every_image_of_the_corpus() -> None:
    assert set(expected()) == {f"forensic/{path.name}" for path in corpus.files("forensic/*")}


@pytest.mark.parametrize("name", ["image.E01", "ext2.E01", "image_tsk.E01"])
def test_an_e01_is_verified_and_says_what_ewfinfo_and_ewfverify_say(name: str) -> None:
    answer, wanted = examined(f"forensic/{name}"), expected()[f"forensic/{name}"]
    values = answer.values
    assert (answer.outcome, values["verification"], answer.message) == (Outcome.FOUND, "verified", "")
    assert values["contained.computed.sha256"] == wanted["sha256_media"]
    assert values["contained.computed.md5"] == values["stored.md5"] == wanted["md5_stored"]
    assert values["chunks.sound"] == values["chunks.stated"] == values["chunks.listed"]
    told = dict(re.findall(r"^\t([^:\n]+):\t+(.*)$", wanted["ewfinfo"], re.MULTILINE))
    for theirs, ours in FIELDS.items():
        assert str(values.get(ours, "")) == told.get(theirs, ""), theirs
    assert str(values["media.size"]) in told["Media size"]


@pytest.mark.parametrize(
    ("name", "time"),
    [
        ("image.E01", "2013-12-10 11:28:38 UTC"),
        ("ext2.E01", "2021-07-22 15:33:18 UTC"),
        ("image_tsk.E01", "2019-06-10 15:11:25 UTC"),
    ],
)
def test_times_of_an_e01_are_in_utc(name: str, time: str) -> None:
    assert examined(f"forensic/{name}").values["acquisition.time"] == time


def test_the_same_medium_in_e01_and_as_raw_image_has_one_sha256() -> None:
    raw = hashlib.sha256(corpus.path("forensic/image.dd").read_bytes()).hexdigest()
    assert examined("forensic/image_tsk.E01").values["contained.computed.sha256"] == raw


def test_an_aff4_disk_image_is_verified_by_blocks_map_and_whole() -> None:
    answer = examined("forensic/Base-Linear.aff4")
    values = answer.values
    assert (answer.outcome, values["verification"], answer.message) == (Outcome.FOUND, "verified", "")
    # pyaff4 expects this SHA-1 of the stream that the map describes; the file itself does not state it.
    assert values["contained.computed.sha1"] == "7d3d27f667f95f7ec5b9d32121622c0f4b60b48d"
    assert values["stream.computed.md5"] == values["stream.stored.md5"] == "d5825dc1152a42958c8219ff11ed01a3"
    assert values["chunks.sound"] == values["chunks.stated"] == 121
    assert values["chunks.judged_by"] == "md5, sha1"
    assert values["media.size"] == 268435456
    assert values["map.bytes.data"] + values["map.bytes.repeated"] == values["media.size"]
    assert values["acquisition.case_number"] == "Case ID: 1SR Canonical"
    assert values["acquisition.examiner"] == "Administrator"
    assert values["acquisition.notes"] == "This is another appended case note"
    assert values["acquisition.notes (2)"] == "This is an appended case note"
    assert values["media.serial_number"] == "SGAT5060001234"


def test_a_logical_aff4_image_is_verified_file_by_file() -> None:
    answer = examined("forensic/dream.aff4")
    values = answer.values
    assert (answer.outcome, values["verification"], answer.message) == (Outcome.FOUND, "verified", "")
    assert values["files"] == 1
    assert values["file.001.name"] == "./test_images/AFF4-L/dream.txt"
    assert values["file.001.size"] == 8688
    assert values["file.001.computed.md5"] == "75d83773f8d431a3ca91bfb8859e486d"


@pytest.mark.parametrize(("name", "layout"), [("image.dd", "ext2"), ("iso9660.raw", "ISO 9660")])
def test_a_raw_image_has_nothing_to_verify_against_and_says_so(name: str, layout: str) -> None:
    answer = examined(f"forensic/{name}")
    size = corpus.path(f"forensic/{name}").stat().st_size
    assert answer.outcome == Outcome.FOUND
    assert answer.values["verification"] == "nothing to verify against"
    assert str(answer.values["media.layout"]).startswith(layout)
    assert answer.values["media.size"] == answer.values["media.size.by_its_tables"] == size
    assert "states no digest of itself" in answer.message


def test_the_first_part_of_a_split_raw_image_is_told_from_its_tables_and_its_name() -> None:
    whole = corpus.path("forensic/image.dd").read_bytes()
    answer = ask("disk_image", whole[:40960], filename="disk.001")
    assert answer["outcome"] == Outcome.FOUND
    assert "the medium has 102400 bytes or more, this file 40960" in answer["message"]
    assert "named as part 001 of a split image" in answer["message"]
    # A later part has neither table nor file system: only that nothing was recognised can be said.
    assert ask("disk_image", whole[40960:], filename="disk.002")["outcome"] == Outcome.NOT_APPLICABLE


def _boot(name: bytes, *fields: tuple[int, str, int]) -> bytes:
    """A boot sector or partition table with these fields, and some sectors behind it."""
    data = bytearray(64 * 512)
    data[: len(name)] = name
    data[510:512] = b"\x55\xaa"
    for place, form, value in fields:
        struct.pack_into(form, data, place, value)
    return bytes(data)


@pytest.mark.parametrize(
    ("data", "layout", "size"),
    [
        (
            _boot(b"", (446, "<B", 0x80), (450, "<B", 7), (454, "<I", 2048), (458, "<I", 100_000)),
            "MBR",
            102_048 * 512,
        ),
        (_boot(b"", (450, "<B", 0xEE), (512, "8s", b"EFI PART"), (544, "<Q", 999)), "GPT", 1000 * 512),
        (_boot(b"\xeb\x52\x90NTFS    ", (11, "<H", 512), (40, "<Q", 4096)), "NTFS", 4096 * 512),
        (_boot(b"\xeb\x76\x90EXFAT   ", (72, "<Q", 4096), (108, "<B", 9)), "exFAT", 4096 * 512),
        (
            _boot(b"\xeb\x3c\x90MSDOS5.0", (11, "<H", 512), (19, "<H", 2880), (21, "<B", 0xF8)),
            "FAT",
            2880 * 512,
        ),
        (
            _boot(b"\xeb\x58\x90MSDOS5.0", (11, "<H", 512), (21, "<B", 0xF8), (32, "<I", 99_999)),
            "FAT",
            99_999 * 512,
        ),
    ],
)
def test_a_raw_image_is_known_by_its_tables_however_it_begins(data: bytes, layout: str, size: int) -> None:
    answer = ask("disk_image", data)
    assert answer["outcome"] == Outcome.FOUND
    assert answer["values"]["media.layout"].startswith(layout)
    assert answer["values"]["media.size.by_its_tables"] == size
    assert "or is lost" in answer["message"]


@pytest.mark.parametrize("packed", [True, False])
def test_an_image_with_sha1_and_names_is_read_whole(packed: bool) -> None:
    answer = ask(
        "disk_image", ewf_files.image(CONTENT, packed=packed, e="Åsa Öberg", c="2026/7", m="1790000000")
    )
    values = answer["values"]
    assert (answer["outcome"], values["verification"], answer["message"]) == (Outcome.FOUND, "verified", "")
    assert values["contained.computed.sha256"] == hashlib.sha256(CONTENT).hexdigest()
    assert values["contained.computed.sha1"] == values["stored.sha1"] == hashlib.sha1(CONTENT).hexdigest()
    assert values["acquisition.examiner"] == "Åsa Öberg"
    assert values["acquisition.time"] == "2026-09-21 14:13:20 UTC"


def test_an_image_that_states_another_digest_of_its_content_is_damaged_though_every_chunk_is_sound() -> None:
    data = bytearray(ewf_files.image(CONTENT))
    start = data.index(b"hash\0") + 76
    data[start : start + 36] = ewf_files.checked(hashlib.md5(b"other").digest() + bytes(16))
    first = data.index(b"digest\0") + 76
    data[first : first + 80] = ewf_files.checked(
        hashlib.md5(b"other").digest() + hashlib.sha1(CONTENT).digest() + bytes(40)
    )
    answer = ask("disk_image", bytes(data))
    assert answer["outcome"] == Outcome.DAMAGED
    assert answer["values"]["chunks.sound"] == answer["values"]["chunks.stated"]
    assert "The MD5 of the contained stream is not the stored one." in answer["message"]


def test_sectors_that_the_tool_could_not_read_are_reported() -> None:
    errors = ewf_files.checked(struct.pack("<I512x", 2)) + ewf_files.checked(
        struct.pack("<IIII", 7, 1, 90, 64)
    )
    file = ewf_files.File()
    file.add(b"volume", ewf_files.volume(1, 64))
    file.add_chunks([(ewf_files.plain(bytes(ewf_files.CHUNK)), False)])
    file.add(b"error2", errors)
    values = ask("disk_image", file.end())["values"]
    assert values["media.read_errors"] == 2
    assert values["media.read_errors.first"] == "sector 7 (1), sector 90 (64)"


def test_the_first_file_of_a_set_is_verified_and_the_others_are_said_to_be_missing() -> None:
    file = ewf_files.File()
    file.add(b"volume", ewf_files.volume(4, 256))
    file.add_chunks([(ewf_files.plain(CONTENT[: ewf_files.CHUNK]), False)] * 2)
    answer = ask("disk_image", file.end(b"next"))
    assert answer["outcome"] == Outcome.FOUND
    assert answer["values"]["verification"] == "verified in part"
    assert answer["values"]["chunks.sound"] == 2
    assert "This is the first file of a set" in answer["message"]
    assert "contained.computed.sha256" not in answer["values"]


def test_a_later_file_of_a_set_is_verified_by_itself() -> None:
    file = ewf_files.File(number=2)
    file.add(b"data", ewf_files.volume(4, 256))
    damaged = bytearray(ewf_files.plain(CONTENT[: ewf_files.CHUNK]))
    damaged[100] ^= 1
    file.add_chunks([(ewf_files.plain(CONTENT[: ewf_files.CHUNK]), False), (bytes(damaged), False)])
    answer = ask("disk_image", file.end())
    assert answer["outcome"] == Outcome.DAMAGED
    assert answer["values"]["chunks.damaged.list.in_this_segment"] == "1"
    assert "This is file 2 of a set." in answer["message"]


def test_smart_images_with_their_chunks_behind_the_table_are_read() -> None:
    content = CONTENT[: ewf_files.CHUNK * 2]
    file = ewf_files.File()
    file.add(
        b"volume", ewf_files.checked(struct.pack("<IIIII", 1, 2, 64, 512, 128).ljust(85, b"\0") + b"SMART")
    )
    first = ewf_files.plain(content[: ewf_files.CHUNK])
    place = len(file.data) + 76 + 24 + 8
    head = ewf_files.table([place, place + len(first)])[:-4]
    file.add(b"table", head + first + ewf_files.plain(content[ewf_files.CHUNK :]))
    file.add(b"hash", ewf_files.checked(hashlib.md5(content).digest() + bytes(16)))
    answer = ask("disk_image", file.end())
    assert (answer["outcome"], answer["message"]) == (Outcome.FOUND, "")
    assert answer["values"]["contained.computed.sha256"] == hashlib.sha256(content).hexdigest()


def test_version_two_of_ewf_is_said_not_to_be_read() -> None:
    answer = ask("disk_image", b"EVF2\x0d\x0a\x81\x00" + bytes(1000))
    assert answer["outcome"] == Outcome.FAILED
    assert "version 2 of EWF" in answer["message"]


def _lz4(data: bytes) -> bytes:
    return bytes(cramjam.lz4.compress_block(data, store_size=False))


@pytest.mark.parametrize(
    ("method", "pack"),
    [
        ("https://www.ietf.org/rfc/rfc1950.txt", None),
        ("http://code.google.com/p/snappy/", lambda data: bytes(cramjam.snappy.compress_raw(data))),
        ("https://code.google.com/p/lz4/", _lz4),
        ("http://aff4.org/Schema#NullCompressor", lambda data: data),
    ],
)
def test_aff4_streams_of_every_packing_are_read(method: str, pack: Any) -> None:
    content = (b"0123456789abcdef" * 500 + CONTENT)[:150_000]
    parts, turtle = aff4_files.stream(content, method, *([pack] if pack else []))
    answer = ask("disk_image", aff4_files.volume(parts, turtle))
    assert (answer["outcome"], answer["values"]["verification"]) == (Outcome.FOUND, "verified"), answer
    assert answer["values"]["stream.computed.sha256"] == hashlib.sha256(content).hexdigest()


def test_an_unknown_packing_is_said_not_to_be_read() -> None:
    parts, turtle = aff4_files.stream(CONTENT[:10_000], "http://example.org/new")
    answer = ask("disk_image", aff4_files.volume(parts, turtle))
    assert answer["values"]["verification"] == "verified in part"
    assert "its compression http://example.org/new is not read here" in answer["message"]


def test_a_logical_image_of_many_streams_is_verified_whole_though_not_all_of_it_is_listed() -> None:
    parts, turtle = aff4_files.stream(CONTENT[:5000])
    for number in range(400):
        urn = f"aff4://{number:08d}-0000-0000-0000-000000000000"
        parts |= {
            name.replace(aff4_files.member(aff4_files.STREAM), aff4_files.member(urn)): data
            for name, data in parts.items()
            if aff4_files.member(aff4_files.STREAM) in name
        }
        turtle += (
            turtle.split(" .\n")[0].replace(aff4_files.STREAM, urn)
            + f' ; aff4:originalFileName "f{number}" .\n'
        )
    name = aff4_files.member("aff4://00000399-0000-0000-0000-000000000000", "/00000000")
    parts[name] = bytes(len(parts[name]))
    answer = ask("disk_image", aff4_files.volume(parts, turtle))
    assert answer["outcome"] == Outcome.DAMAGED
    assert answer["values"]["verification"] == "damaged"
    assert "Chunk 0 of the file f399 (counted from 0) is damaged" in answer["message"]
    assert "further values are not shown" in answer["message"]
    assert examined_form(answer)


def examined_form(answer: dict[str, Any]) -> bool:
    """Whether the parent would take the answer over."""
    extractor = next(one for one in OTHERS if one.name == "disk_image")
    return extract._checked(extractor, answer).outcome == answer["outcome"]


def test_ranges_in_other_volumes_and_unreadable_ones_are_counted_and_no_digest_is_made_up() -> None:
    parts, turtle = aff4_files.stream(CONTENT[:8192])
    entries = [(0, 8192, 0, 0), (8192, 512, 0, 1), (8704, 1024, 0, 2)]
    targets = [
        aff4_files.STREAM,
        aff4_files.SCHEMA + "UnreadableData",
        "aff4://44444444-4444-4444-4444-444444444444",
    ]
    more, words = aff4_files.mapped(entries, targets, 9728)
    answer = ask("disk_image", aff4_files.volume(parts | more, turtle + words))
    assert answer["outcome"] == Outcome.FOUND
    assert "512 bytes are unreadable, 1024 bytes are elsewhere" in answer["message"]
    assert "contained.computed.sha256" not in answer["values"]


def test_offsets_beyond_two_gigabytes_are_followed_as_encase_writes_them() -> None:
    """Past 2 GiB the bit that meant "packed" belongs to the offset, and chunks are plain."""
    step, limit = 0x4000_0000, 0x8000_0000
    starts = [100, step, 2 * step - 50, 2 * step + 50, 3 * step]
    entries = array("I", [starts[0] | limit, starts[1], *starts[2:]])
    segment = Segment("EWF-E01", 1, [Section("sectors", 0, 4 * step)], "done")
    places = list(ewf_chunks._decoded(ewf_chunks._Table(0, entries), segment))
    assert [place.start for place in places] == starts
    assert [place.end for place in places] == [*starts[1:], 4 * step]
    assert [place.packed for place in places] == [True, False, False, False, False]
