"""Attacks on the reader of disk images: loops, impossible counts, bombs. It ends in bounded time with clear words."""

import random
import struct
import time
import zipfile
import zlib
from typing import Any

import pytest

from evidence.metadata.outcome import Outcome
from tests.evidence.metadata import aff4_files, ewf_files
from tests.evidence.metadata.answers import ask
from tests.evidence.metadata.ewf_files import CHUNK, File, plain, table, volume
from tests.evidence.metadata.test_disk_image import CONTENT

# Some hundredths of a second on an idle machine; the machine may be busy with other things.
LONGEST_SECONDS = 20


def told(data: bytes, **arguments: Any) -> dict[str, Any]:
    """The answer, which must come in time, mark the damage, and be an answer of our own."""
    begin = time.monotonic()
    answer = ask("disk_image", data, **arguments)
    assert time.monotonic() - begin < LONGEST_SECONDS
    assert answer["outcome"] == Outcome.DAMAGED, answer
    return answer


def with_table(raw: bytes) -> bytes:
    file = File()
    file.add(b"volume", volume(1, 64))
    file.add(b"sectors", plain(bytes(CHUNK)))
    file.add(b"table", raw)
    return file.end()


def test_a_section_that_points_to_itself_or_back_ends_the_reading() -> None:
    for following in (0, 13, 14, 89):
        file = File()
        file.add(b"volume", volume(1, 64))
        file.add(b"sectors", bytes(100), following=following)
        assert "points back" in told(file.end())["message"]


def test_a_section_beyond_the_end_of_the_file_is_not_followed() -> None:
    for following in (1 << 40, (1 << 64) - 1):
        file = File()
        file.add(b"volume", volume(1, 64), following=following)
        assert "beyond the end of the file" in told(file.end())["message"]


def test_a_hundred_thousand_empty_sections_are_followed_to_their_end() -> None:
    file = File()
    for _ in range(100_000):
        file.add(b"sectors")
    told(file.end())


@pytest.mark.parametrize("count", [2, 1 << 20, (1 << 32) - 1])
def test_a_table_that_announces_more_than_it_has_room_for_is_not_believed(count: int) -> None:
    assert f"announces {count} chunks" in told(with_table(table([165], count=count)))["message"]


def test_offsets_outside_of_the_file_are_not_read() -> None:
    for offset, base in ((0x7FFFFFF0, 0), (165, 1 << 40), (165, (1 << 64) - 200)):
        assert "Chunk 0 " in told(with_table(table([offset], base=base)))["message"]


def test_a_million_chunks_that_are_all_the_same_bytes_are_not_unpacked_a_million_times() -> None:
    bomb = zlib.compress(bytes(CHUNK))
    file = File()
    file.add(b"volume", volume(1_000_000, 64_000_000))
    place = file.add(b"sectors", bomb)
    file.add(b"table", table([place | 0x8000_0000] * 1_000_000))
    answer = told(file.end())
    assert answer["values"]["chunks.sound"] <= 1


def test_a_chunk_that_unpacks_to_more_than_it_may_is_cut_short() -> None:
    bomb = zlib.compress(bytes(60_000_000))
    file = File()
    file.add(b"volume", volume(1, 64))
    file.add_chunks([(bomb, True)])
    assert f"unpacks to more than {CHUNK} bytes" in told(file.end())["message"]


@pytest.mark.parametrize(
    ("per_chunk", "sector", "sectors"),
    [(0, 512, 64), (64, 0, 64), ((1 << 32) - 1, (1 << 32) - 1, 64), (64, 512, (1 << 64) - 1)],
)
def test_an_impossible_medium_is_not_believed(per_chunk: int, sector: int, sectors: int) -> None:
    file = File()
    file.add(b"volume", volume(1, sectors, per_chunk=per_chunk, sector=sector))
    file.add_chunks([(plain(bytes(CHUNK)), False)])
    told(file.end())


def test_a_header_that_is_a_bomb_is_not_unpacked() -> None:
    file = File()
    file.add(b"header2", zlib.compress(bytes(100_000_000)))
    file.add(b"volume", volume(1, 64))
    assert "unpacks to more than" in told(file.end())["message"]


def test_texts_of_an_image_cannot_hide_or_turn_what_a_page_shows() -> None:
    values = ask("disk_image", ewf_files.image(CONTENT, e="\u202egnp.exe\x1b[2J", t="x" * 100_000))["values"]
    assert values["acquisition.examiner"] == "⟨U+202E⟩gnp.exe⟨U+001B⟩[2J"
    assert len(values["acquisition.notes"]) < 3000


def test_random_bytes_behind_a_true_beginning_end_in_words() -> None:
    choice = random.Random(11)
    for _ in range(10):
        told(ewf_files.E01 + b"\1\1\0\0\0" + choice.randbytes(20_000))


def test_a_map_of_a_few_bytes_that_claims_an_exabyte_ends_with_its_time() -> None:
    parts, turtle = aff4_files.stream(CONTENT[:8192])
    more, words = aff4_files.mapped([(0, 8192, 0, 0)], [aff4_files.STREAM], 1 << 60)
    begin = time.monotonic()
    answer = ask("disk_image", aff4_files.volume(parts | more, turtle + words), seconds=2)
    assert time.monotonic() - begin < LONGEST_SECONDS
    assert "the time of 2 s for a file of this size has passed" in answer["message"]
    assert answer["values"]["verification"] == "verified in part"
    assert "contained.computed.sha256" not in answer["values"]


@pytest.mark.parametrize(
    ("entries", "words"),
    [
        ([(0, 4096, 0, 0), (100, 4096, 0, 0)], "two ranges overlap"),
        ([(0, 4096, 0, 9)], "target 9, which is not listed"),
        ([(0, 1 << 62, 0, 0)], "behind its size"),
        ([(0, 8192, 1 << 62, 0)], "behind the end of its stream"),
    ],
)
def test_a_map_that_contradicts_itself_is_marked(
    entries: list[tuple[int, int, int, int]], words: str
) -> None:
    parts, turtle = aff4_files.stream(CONTENT[:8192])
    more, description = aff4_files.mapped(entries, [aff4_files.STREAM], 8192)
    assert words in told(aff4_files.volume(parts | more, turtle + description))["message"]


def test_a_zip_bomb_in_a_volume_is_read_in_pieces_and_ends_with_its_time() -> None:
    turtle = f"<{aff4_files.VOLUME}/bomb> a aff4:zip_segment ; aff4:size 1 .\n"
    data = aff4_files.volume({"bomb": bytes(200_000_000)}, turtle, pack=zipfile.ZIP_DEFLATED)
    assert len(data) < 300_000
    assert "The file" in told(data)["message"]
    begin = time.monotonic()
    assert "has passed" in ask("disk_image", data, seconds=0.01)["message"]
    assert time.monotonic() - begin < LONGEST_SECONDS


def test_a_snappy_chunk_that_claims_four_gigabytes_is_not_given_them() -> None:
    parts, turtle = aff4_files.stream(
        CONTENT[:4096], "http://code.google.com/p/snappy/", lambda data: b"\xff\xff\xff\xff\x0f" + data[:100]
    )
    assert (
        "Chunk 0 (counted from 0) is damaged: its packed bytes cannot be read."
        in told(aff4_files.volume(parts, turtle))["message"]
    )


@pytest.mark.parametrize(
    "turtle",
    [
        "_:b a aff4:Map .",
        "<x> a (1 2 3) .",
        "<x> a",
        '<x> a "unclosed',
        "undeclared:x a aff4:Map .",
        "@base <x> .",
        '"literal" a aff4:Map .',
        "<x> a aff4:Map . " * 10 + "[",
        "\\" * 100_000,
        '"""' + '"\\' * 50_000,
    ],
)
def test_a_description_that_is_not_read_is_said_to_be_so(turtle: str) -> None:
    assert "The description of the image cannot be read" in told(aff4_files.volume({}, turtle))["message"]


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("chunkSize", "0"),
        ("chunkSize", str(1 << 40)),
        ("chunksInSegment", "0"),
        ("chunksInSegment", str(1 << 40)),
        ("size", '"-5"'),
        ("size", '"' + "9" * 5000 + '"'),
    ],
)
def test_a_stream_with_impossible_numbers_is_not_read(word: str, value: str) -> None:
    turtle = {"chunkSize": "4096", "chunksInSegment": "8", "size": "8192", word: value}
    fields = " ; ".join(f"aff4:{name} {number}" for name, number in turtle.items())
    begin = time.monotonic()
    answer = ask(
        "disk_image", aff4_files.volume({}, f"<{aff4_files.STREAM}> a aff4:ImageStream ; {fields} .\n")
    )
    assert time.monotonic() - begin < LONGEST_SECONDS
    assert "its sizes are missing or impossible" in answer["message"]


def test_a_stream_that_claims_more_chunks_than_the_file_holds_names_them_and_ends() -> None:
    parts, turtle = aff4_files.stream(CONTENT[:8192])
    turtle = turtle.replace('"8192"', f'"{1 << 50}"')
    begin = time.monotonic()
    answer = ask("disk_image", aff4_files.volume(parts, turtle), seconds=2)
    assert time.monotonic() - begin < LONGEST_SECONDS
    assert answer["outcome"] == Outcome.DAMAGED
    assert "Chunk 2 (counted from 0) is damaged" in answer["message"]


def test_a_raw_image_whose_tables_claim_anything_is_only_described() -> None:
    sector = bytearray(512)
    sector[446:462] = struct.pack("<B3xB3xII", 0x80, 7, 0xFFFFFFFF, 0xFFFFFFFF)
    sector[510:] = b"\x55\xaa"
    answer = ask("disk_image", bytes(sector))
    assert answer["outcome"] == Outcome.FOUND
    assert answer["values"]["verification"] == "nothing to verify against"
    assert "this file 512" in answer["message"]
